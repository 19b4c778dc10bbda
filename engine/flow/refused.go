package flow

import "strconv"

// Refused says that an operation is not possible in the present state; nothing has changed. Code is stable and meant for
// clients.
type Refused struct {
	Code    string
	Message string
}

// Codes of Refused.
const (
	RefusedProcessEnded  = "flow.process_ended"
	RefusedTaskUnknown   = "flow.task_unknown"
	RefusedNotRetryable  = "flow.not_retryable"
	RefusedNotSkippable  = "flow.not_skippable"
	RefusedInputFixed    = "flow.input_fixed"
	RefusedNoInput       = "flow.no_input"
	RefusedBorder        = "flow.border" // the events on its border can't be evaluated
	RefusedSkipNeedsEdge = "flow.skip_needs_edge"
	RefusedBadValue      = "flow.bad_value"
	RefusedSuspended     = "flow.already_suspended"
	RefusedNotWaiting    = "flow.not_waiting"
	RefusedNotSuspended  = "flow.not_suspended"
	RefusedByCaller      = "flow.suspended_by_caller" // it goes on with the process that called it
	RefusedCancelling    = "flow.cancelling"
	RefusedNotBegun      = "flow.not_begun"
	RefusedSameVersion   = "flow.same_version"
	RefusedNotEntry      = "flow.not_entry" // it is no entry of a list that is under way
	RefusedReplaced      = "flow.replaced"  // another run has taken its place

	RefusedRestartNode     = "flow.restart_node"     // no token can stand before this node
	RefusedRestartInside   = "flow.restart_inside"   // the sub-process around it is not under way
	RefusedRestartWhich    = "flow.restart_which"    // the sub-process around it is under way more than once
	RefusedRestartMulti    = "flow.restart_multi"    // it lies inside a list
	RefusedRestartParallel = "flow.restart_parallel" // it lies in a parallel block
)

// Error returns the code and the message.
func (e *Refused) Error() string { return e.Code + ": " + e.Message }

func refuse(code, message string) error { return &Refused{Code: code, Message: message} }

// NeedTasks says that the event ends open tasks which are not in State.Tasks. The caller loads them and calls Advance again on
// a fresh state. It does not happen to a caller that loads what Graph.ReadsFor names.
type NeedTasks struct{ IDs []string }

// Error says how many tasks are missing.
func (e *NeedTasks) Error() string {
	return "flow: " + strconv.Itoa(len(e.IDs)) + " open tasks of the scope are not loaded"
}
