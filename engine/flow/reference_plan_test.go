package flow_test

// plans is that a worker answers with a plan, or with one that can't be run, which is a failure. Nobody has the task any more then.
func (m *reference) plans(a *activation, epoch int64, wrong string) {
	if m.ended() || a.epoch != epoch || a.state != "live" {
		return
	}
	a.losses = 0
	a.epoch++
	if wrong != "" {
		m.fail(a, &failure{code: wrong, technical: true})
	} else {
		a.state = "inside"
		a.plans++
		m.begin("plan", a).nth = a.plans
	}
	m.settle()
}

// nextPlanned is the first task of a plan that has not begun and waits for nothing.
func (m *reference) nextPlanned(l *level) *step {
	open := map[string]bool{}
	for _, a := range m.openIn(l) {
		open[a.node] = true
	}
	for _, s := range m.steps[l.host.node].plan.tasks {
		ready := l.reached[s.id] == 0
		for _, other := range s.after {
			ready = ready && l.reached[other] > 0 && !open[other]
		}
		if ready {
			return s
		}
	}
	return nil
}

// endPlan takes the result of a plan for the answer of the worker that planned.
func (m *reference) endPlan(l *level) {
	a := l.host
	s, value := m.steps[a.node], "null"
	if s.plan.result != "" {
		value = l.latest[s.plan.result]
	}
	m.drop(l)
	m.take(a, value)
}
