package httpapi

import (
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// The messages of /api/v1/live. They are part of the OpenAPI document so that clients generate them too; server/live speaks
// them.

// LiveRequest is what a client sends.
type LiveRequest struct {
	Type      string           `json:"type" enum:"subscribe,unsubscribe,ping,take_over,let_go"`
	ID        string           `json:"id,omitempty" doc:"The client's name for the subscription"`
	Topic     string           `json:"topic,omitempty" enum:"process,processes,workers,draft"`
	ProcessID string           `json:"process_id,omitempty" doc:"Of topic process"`
	After     map[string]int64 `json:"after,omitempty" doc:"Of topic process: process id → sequence the client has; absent asks for a snapshot"`
	IDs       []string         `json:"ids,omitempty" doc:"Of topic processes: the rows in view, at most 200"`

	Definition string `json:"definition,omitempty" doc:"Of topic draft: key of the definition"`
	Tab        string `json:"tab,omitempty" doc:"Of topic draft: the client's name for itself, 8 to 64 letters, digits and hyphens; the same after a reload"`
	Edit       bool   `json:"edit,omitempty" doc:"Of topic draft: it wants to edit, if nobody does"`
}

// LiveHello is the first message of the server.
type LiveHello struct {
	Type    string `json:"type" enum:"hello"`
	Server  string `json:"server"`
	Version string `json:"version"`
}

// LiveSnapshot is the whole state of a process at seq. More tells that the process has more tasks than the message.
type LiveSnapshot struct {
	Type    string        `json:"type" enum:"snapshot"`
	ID      string        `json:"id"`
	Seq     int64         `json:"seq"`
	Process Process       `json:"process"`
	Tasks   []TaskSummary `json:"tasks"`
	More    bool          `json:"more,omitempty"`
}

// LiveBatch is what changed since the message before, up to seq; of each task only the last state.
type LiveBatch struct {
	Type    string              `json:"type" enum:"batch"`
	ID      string              `json:"id"`
	Seq     int64               `json:"seq"`
	Process LiveProcessProgress `json:"process"`
	Tasks   []TaskSummary       `json:"tasks"`
}

// LiveProcessProgress is a process without its input.
type LiveProcessProgress struct {
	ProcessSummary
	ProcessProgress
	Actions ProcessActions `json:"actions"`
}

// LiveResync tells the client to subscribe again without after.
type LiveResync struct {
	Type string `json:"type" enum:"resync"`
	ID   string `json:"id"`
}

// LiveRows are the rows of a list that changed.
type LiveRows struct {
	Type  string           `json:"type" enum:"rows"`
	ID    string           `json:"id"`
	Items []ProcessSummary `json:"items"`
}

// LivePools are all pools, sent when something about them changed.
type LivePools struct {
	Type  string `json:"type" enum:"pools"`
	ID    string `json:"id"`
	Items []Pool `json:"items"`
}

// LiveDraft is a draft with those who have it open, sent when something about them changed. At most one of them edits; it is told by
// heir that somebody takes over, saves and answers let_go.
type LiveDraft struct {
	Type       string     `json:"type" enum:"draft"`
	ID         string     `json:"id"`
	Definition string     `json:"definition"`
	Revision   int64      `json:"revision"`
	UpdatedAt  time.Time  `json:"updated_at"`
	UpdatedBy  string     `json:"updated_by"`
	Latest     int        `json:"latest" doc:"Number of the version that starts run; 0 when none is published"`
	Seats      []LiveSeat `json:"seats"`
}

// LiveSeat is a browser tab that has a draft open.
type LiveSeat struct {
	Tab     string    `json:"tab"`
	Login   string    `json:"login"`
	Name    string    `json:"name"`
	Since   time.Time `json:"since"`
	Editing bool      `json:"editing"`
	Heir    bool      `json:"heir" doc:"Edits as soon as the one that does has let go"`
}

// LivePong answers a ping.
type LivePong struct {
	Type string `json:"type" enum:"pong"`
}

// LiveError refuses a request; the socket stays open.
type LiveError struct {
	Type    string `json:"type" enum:"error"`
	ID      string `json:"id,omitempty"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

func registerLiveTypes(r huma.Registry) {
	for _, t := range liveTypes {
		r.Schema(t, true, "")
	}
}
