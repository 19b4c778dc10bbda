package flow

import "fmt"

// Causes of transitions that are no events of their own.
const (
	// causeToken: a token reached the task's node, in whatever call sets tokens moving.
	causeToken EventKind = "token"
	// causeScopeEnd: an error or terminate end, or the end of the scope.
	causeScopeEnd EventKind = "scope_end"
	// causeCaught: the task failed for good and a boundary event or a tolerant list took the error.
	causeCaught EventKind = "caught"
	// causeInterrupt: an interrupting boundary event happened on the task's border.
	causeInterrupt EventKind = "interrupt"
	// causeFeeder: the engine put the message into the window; Advance is not asked.
	causeFeeder EventKind = "feeder"
)

// TaskTransition is one row of the table of transitions of a task.
type TaskTransition struct {
	From TaskState // empty: the task is made
	To   TaskState
	On   []EventKind
}

// TaskTransitions is everything that a task can do; what is not here never happens. Terminal states have no row.
func TaskTransitions() []TaskTransition { return taskTransitions }

var taskTransitions = []TaskTransition{
	{"", TaskReady, []EventKind{causeToken}},
	{"", TaskCompleted, []EventKind{causeToken}}, // a script task
	{"", TaskIncident, []EventKind{causeToken}},  // an expression failed, no path, too many rounds
	{"", TaskFailed, []EventKind{causeCaught}},   // the same, caught
	{"", TaskWaiting, []EventKind{causeToken}},   // a timer, a message, a person
	{"", TaskRunning, []EventKind{causeToken}},   // a sub-process, a list, a call

	{TaskWaiting, TaskCompleted, []EventKind{EventTimer, EventMessage, EventAnswer}},
	{TaskWaiting, TaskSkipped, []EventKind{EventSkip}},
	{TaskWaiting, TaskCancelled, []EventKind{EventCancel, causeScopeEnd, causeInterrupt}},

	{TaskReady, TaskReady, []EventKind{EventHandback, EventLost, EventWithdrawn, causeToken}},
	{TaskReady, TaskQueued, []EventKind{causeFeeder}},
	{TaskReady, TaskRunning, []EventKind{EventStarted, EventProgress, EventCompleted, causeToken}}, // completed: with a plan
	{TaskReady, TaskCompleted, []EventKind{EventCompleted, causeToken}},
	{TaskReady, TaskRetrying, []EventKind{EventFailed, EventTimeout}},
	{TaskReady, TaskIncident, []EventKind{EventCompleted, EventFailed, EventLost, EventTimeout, causeToken}},
	{TaskReady, TaskWaiting, []EventKind{causeToken}}, // its wait could not be built at first
	{TaskReady, TaskFailed, []EventKind{causeCaught}},
	{TaskReady, TaskCancelled, []EventKind{EventCancel, causeScopeEnd, causeInterrupt}},

	{TaskQueued, TaskReady, []EventKind{EventHandback, EventLost, EventWithdrawn}},
	{TaskQueued, TaskRunning, []EventKind{EventStarted, EventProgress, EventCompleted}},
	{TaskQueued, TaskCompleted, []EventKind{EventCompleted}},
	{TaskQueued, TaskRetrying, []EventKind{EventFailed, EventTimeout}},
	{TaskQueued, TaskIncident, []EventKind{EventCompleted, EventFailed, EventLost, EventTimeout}},
	{TaskQueued, TaskFailed, []EventKind{causeCaught}},
	{TaskQueued, TaskCancelled, []EventKind{EventCancel, causeScopeEnd, causeInterrupt}},

	{TaskRunning, TaskReady, []EventKind{EventHandback, EventLost, EventRetry}},          // retried: a call that waits for its child process
	{TaskRunning, TaskCompleted, []EventKind{EventCompleted, EventChild, causeScopeEnd}}, // what was inside it has ended
	{TaskRunning, TaskSkipped, []EventKind{EventSkip}},                                   // a call
	{TaskRunning, TaskFailed, []EventKind{causeCaught}},
	{TaskRunning, TaskRetrying, []EventKind{EventFailed, EventTimeout}},
	{TaskRunning, TaskIncident, []EventKind{EventCompleted, EventFailed, EventLost, EventTimeout, EventChild, causeScopeEnd}}, // its plan has ended, and the result can't be used
	{TaskRunning, TaskCancelled, []EventKind{EventCancel, causeScopeEnd, causeInterrupt}},

	{TaskRetrying, TaskReady, []EventKind{EventRetryDue, EventRetry}},
	{TaskRetrying, TaskIncident, []EventKind{EventTimeout}},
	{TaskRetrying, TaskSkipped, []EventKind{EventSkip}},
	{TaskRetrying, TaskFailed, []EventKind{causeCaught}},
	{TaskRetrying, TaskCancelled, []EventKind{EventCancel, causeScopeEnd, causeInterrupt}},

	{TaskIncident, TaskReady, []EventKind{EventRetry}},
	{TaskIncident, TaskSkipped, []EventKind{EventSkip}},
	{TaskIncident, TaskFailed, []EventKind{causeCaught}},
	{TaskIncident, TaskCancelled, []EventKind{EventCancel, causeScopeEnd, causeInterrupt}},
}

// ProcessTransition is one row of the table of transitions of a process. Holds are no states: see Process.Shown.
type ProcessTransition struct{ From, To ProcessState }

// ProcessTransitions is everything that a process can do. Terminal states have no row.
func ProcessTransitions() []ProcessTransition { return processTransitions }

var processTransitions = []ProcessTransition{
	{"", ProcessRunning},
	{ProcessScheduled, ProcessRunning},
	{ProcessScheduled, ProcessCancelled},
	{ProcessRunning, ProcessCompleted},
	{ProcessRunning, ProcessFailed},
	{ProcessRunning, ProcessCancelling},
	{ProcessRunning, ProcessCancelled},
	{ProcessCancelling, ProcessCancelled},
	{ProcessCancelling, ProcessCompleted}, // very much was open when it ended: see Closing
	{ProcessCancelling, ProcessFailed},
}

type taskStep struct {
	from, to TaskState
	on       EventKind
}

var taskSteps = func() map[taskStep]bool {
	steps := map[taskStep]bool{}
	for _, row := range taskTransitions {
		for _, on := range row.On {
			steps[taskStep{row.From, row.To, on}] = true
		}
	}
	return steps
}()

func legalTask(from, to TaskState, on EventKind) bool { return taskSteps[taskStep{from, to, on}] }

func legalProcess(from, to ProcessState) bool {
	for _, row := range processTransitions {
		if row.From == from && row.To == to {
			return true
		}
	}
	return false
}

// Retryable tells whether a task in this state can be retried by hand; calls: it waits for a child process.
func Retryable(s TaskState, calls bool) bool {
	return legalTask(s, TaskReady, EventRetry) && (s != TaskRunning || calls)
}

// Skippable tells whether a task in this state can be skipped with a value; calls: it waits for a child process.
func Skippable(s TaskState, calls bool) bool {
	return legalTask(s, TaskSkipped, EventSkip) && (s != TaskRunning || calls)
}

// IllegalTransition is a fault of Advance or of its caller's data: a change of state that is in no table.
type IllegalTransition struct {
	Task string // empty: of the process
	From string
	To   string
	On   EventKind
}

// Error names the change.
func (e *IllegalTransition) Error() string {
	if e.Task == "" {
		return fmt.Sprintf("flow: the process cannot go from %q to %q on %s", e.From, e.To, e.On)
	}
	return fmt.Sprintf("flow: task %s cannot go from %q to %q on %s", e.Task, e.From, e.To, e.On)
}
