package flow

import (
	"fmt"

	"github.com/taskurotta/taskurotta-go/designer/graph"
)

// compileNode prepares what a node does by itself.
func compileNode(src *graph.Node) (*Node, error) {
	n := &Node{ID: src.ID, Kind: src.Kind, Title: src.Title, Parent: src.Parent}
	if err := n.compileKind(src); err != nil {
		return nil, err
	}
	if src.Multi != nil {
		if !src.Kind.Activity() {
			return nil, fmt.Errorf("only an activity is repeated for a list")
		}
		var err error
		if n.multi, err = compileMulti(src.Multi); err != nil {
			return nil, fmt.Errorf("multi: %w", err)
		}
	}
	return n, nil
}

func (n *Node) compileKind(src *graph.Node) (err error) {
	switch src.Kind {
	case graph.KindStartEvent, graph.KindExclusiveGateway, graph.KindInclusiveGateway, graph.KindParallelGateway:
		n.engineRuns = true
	case graph.KindEventGateway, graph.KindSubProcess:
	case graph.KindServiceTask:
		return n.compileService(src.Service)
	case graph.KindScriptTask:
		n.engineRuns = true
		if src.Script == nil {
			return missing("script")
		}
		if n.output, err = compileMapping(src.Script.Output); err != nil {
			return fmt.Errorf("output: %w", err)
		}
	case graph.KindDecisionTask:
		n.engineRuns = true
		if src.Decision == nil {
			return missing("decision")
		}
		n.decision, err = compileDecision(src.Decision)
	case graph.KindUserTask:
		if src.User == nil {
			return missing("user")
		}
		n.user, n.input, err = compileUser(src.User)
	case graph.KindCallActivity:
		if src.Call == nil {
			return missing("call")
		}
		n.call, n.input, err = compileCall(src.Call)
	case graph.KindCompensationEvent:
		n.undoes = src.Undoes
	case graph.KindTimerEvent:
		if src.Timer == nil {
			return missing("timer")
		}
		n.timer, err = compileTimer(src.Timer)
	case graph.KindMessageEvent:
		if src.Message == nil {
			return missing("message")
		}
		n.awaited, err = compileMessage(src.Message)
	case graph.KindBoundaryEvent:
		if src.Boundary == nil {
			return missing("boundary")
		}
		return n.compileBoundary(src.Boundary)
	case graph.KindEndEvent:
		n.engineRuns = true
		n.undoes = src.Undoes
		return n.compileEnd(src.End)
	default:
		return fmt.Errorf("this release does not run %q", src.Kind)
	}
	return err
}

func missing(member string) error { return fmt.Errorf("its %s is missing", member) }

func (n *Node) compileService(src *graph.ServiceTask) (err error) {
	if src == nil {
		return missing("service")
	}
	n.NodeType, n.plans = src.Type, src.Plan
	n.Retry = withDefaults(src.Retry)
	if src.Timeouts != nil {
		n.Timeouts = *src.Timeouts
	}
	if n.Timeouts.AttemptMS <= 0 {
		n.Timeouts.AttemptMS = defaultAttemptMS
	}
	if n.input, err = compileMapping(src.Input); err != nil {
		return fmt.Errorf("input: %w", err)
	}
	if src.Result != nil {
		if n.result, err = compileMapping(src.Result); err != nil {
			return fmt.Errorf("result: %w", err)
		}
	}
	return nil
}

func (n *Node) compileEnd(end *graph.EndEvent) error {
	if end == nil {
		end = &graph.EndEvent{Kind: graph.EndNone}
	}
	var err error
	n.end = end
	switch end.Kind {
	case graph.EndNone, "", graph.EndCompensate:
	case graph.EndTerminate:
		n.endsEarly = true
	case graph.EndError:
		n.endsEarly = true
		if n.message, err = compileText(end.Message); err != nil {
			return fmt.Errorf("message: %w", err)
		}
	default:
		return fmt.Errorf("this release does not run end events of kind %q", end.Kind)
	}
	if n.output, err = compileMapping(end.Output); err != nil {
		return fmt.Errorf("output: %w", err)
	}
	return nil
}

func (n *Node) compileBoundary(src *graph.BoundaryEvent) (err error) {
	n.boundary = src
	switch src.Kind {
	case graph.BoundaryError:
		if src.KeepsRunning {
			return fmt.Errorf("an error ends its activity")
		}
	case graph.BoundaryTimer:
		if src.Timer == nil {
			return missing("timer")
		}
		n.timer, err = compileTimer(src.Timer)
	case graph.BoundaryMessage:
		if src.Message == nil {
			return missing("message")
		}
		n.awaited, err = compileMessage(src.Message)
	default:
		return fmt.Errorf("this release does not run boundary events of kind %q", src.Kind)
	}
	return err
}
