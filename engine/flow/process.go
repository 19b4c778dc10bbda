package flow

// Terminal tells whether a process in this state has ended for good.
func (s ProcessState) Terminal() bool {
	return s == ProcessCompleted || s == ProcessFailed || s == ProcessCancelled
}

// Terminal tells whether a task in this state has ended for good.
func (s TaskState) Terminal() bool {
	return s == TaskCompleted || s == TaskFailed || s == TaskSkipped || s == TaskCancelled
}

// Held tells whether nothing new may start in the process: it is suspended or has an open incident. Running tasks may end.
func (p *Process) Held() bool {
	return !p.State.Terminal() && (p.Suspended || p.OpenIncidents > 0)
}

// Shown is the state that people see: a terminal state or cancelling as it is, else suspended, then incident, then scheduled or
// running.
func (p *Process) Shown() string {
	switch {
	case p.State.Terminal() || p.State == ProcessCancelling:
		return string(p.State)
	case p.Suspended:
		return "suspended"
	case p.OpenIncidents > 0:
		return "incident"
	default:
		return string(p.State)
	}
}
