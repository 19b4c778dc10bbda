package engine

import (
	"github.com/taskurotta/taskurotta-go/engine/flow"
	"github.com/taskurotta/taskurotta-go/engine/pgstore"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// entry is one thing that a committer commits: a report of a worker, a command, a start, a timer, a row of the inbox or a loss.
// Everything but a start is an event of one process.
type entry struct {
	process string
	event   flow.Event

	report *wire.Report   // of a result stream
	stream streamPosition // where it stands there
	timer  *pgstore.DueTimer
	inbox  int64 // id of the inbox row
	start  *startPlan
	// refusal is said to the caller of a child process that cannot begin; there is no event then.
	refusal *flow.Letter
	files   []FileGrant // that a command's input names
	also    func(tx Tx, process string)

	migrate *compiled // the version that the process goes on in

	reply chan<- reply // of commands and starts; has room for the one answer
	tries int          // commits that failed because of this entry alone
	done  func()       // told when the entry is out of the committer's hands, committed or not
}

// streamPosition is an entry of a shard's stream; shard -1 means none.
type streamPosition struct {
	shard int
	id    string
}

// reply answers a command or a start.
type reply struct {
	id       string
	existing bool
	err      error
}

func (e *entry) answer(r reply) {
	if e.reply != nil {
		e.reply <- r
		e.reply = nil
	}
}

func (e *entry) finish() {
	if e.done != nil {
		e.done()
		e.done = nil
	}
}

// outcomeOf is what an attempt ended as, by the event that ended it; empty when the event ends no attempt.
func outcomeOf(ev *flow.Event) string {
	switch ev.Kind {
	case flow.EventCompleted:
		return "completed"
	case flow.EventFailed:
		if ev.Error != nil && ev.Error.Class == wire.ErrorTimeout {
			return "timeout"
		}
		return "failed"
	case flow.EventTimeout:
		return "timeout"
	case flow.EventLost:
		return "lost"
	case flow.EventHandback:
		return "handed_back"
	case flow.EventWithdrawn:
		return "withdrawn"
	default:
		return ""
	}
}
