package flow_test

import (
	"encoding/json"
	"math/rand/v2"
	"strings"

	"github.com/taskurotta/taskurotta-go/designer/graph"
)

// emptyPlan can't be run.
const emptyPlan = `{"tasks":[]}`

// onePlan can be run where a worker may plan.
const onePlan = `{"tasks":[{"name":"a","type":"demo.step@1"}]}`

// planOfSome is a plan that the worker of a step answers with this time, nil: none. A step that may not plan does so rarely, and so
// does one that plans what can't be run.
func (s *step) planOfSome(r *rand.Rand) json.RawMessage {
	switch n := r.IntN(40); {
	case s.kind != graph.KindServiceTask:
		return nil
	case s.plan != nil && n < 20:
		return s.plan.raw
	case n == 39 && s.plan != nil:
		return json.RawMessage(emptyPlan)
	case n == 39 && !s.inPlan():
		return json.RawMessage(onePlan)
	default:
		return nil
	}
}

// planRefused is the code of the failure that a plan is, "" when it is run.
func planRefused(plan json.RawMessage) string {
	switch {
	case string(plan) == onePlan:
		return "PLAN_NOT_ALLOWED"
	case string(plan) == emptyPlan:
		return "PLAN_INVALID"
	default:
		return ""
	}
}

// inPlan tells whether a step is a task of a plan, which may always plan.
func (s *step) inPlan() bool { return strings.Contains(s.id, "/") }
