package httpapi

import (
	"context"
	"net/http"
	"time"
)

// Retention says for how many days the ended processes of a definition are kept.
type Retention struct {
	Definition      string     `json:"definition,omitempty" doc:"Absent: the default, for definitions without a retention of their own"`
	DefinitionTitle string     `json:"definition_title,omitempty"`
	Days            int        `json:"days"`
	Own             bool       `json:"own" doc:"Somebody has set it"`
	Default         int        `json:"default" doc:"What holds when nobody has: of the default, the server's configuration"`
	Reason          string     `json:"reason,omitempty"`
	Author          string     `json:"author,omitempty" doc:"Login of who set it"`
	At              *time.Time `json:"at,omitempty"`
}

// Retentions are the default and those of definitions.
type Retentions struct {
	Default      Retention      `json:"default"`
	Items        []Retention    `json:"items" doc:"Definitions with a retention of their own"`
	LastPass     *RetentionPass `json:"last_pass,omitempty"`
	EverySeconds float64        `json:"every_seconds" doc:"Between passes"`
}

// RetentionPass is what the last pass of the retention did.
type RetentionPass struct {
	BeganAt   time.Time `json:"began_at"`
	EndedAt   time.Time `json:"ended_at"`
	Processes int64     `json:"processes" doc:"Removed"`
	Days      int64     `json:"days" doc:"Days whose history was dropped as a whole"`
	Error     string    `json:"error,omitempty" doc:"What broke it off"`
}

// SetRetention changes a retention; Days 0 removes it, the empty Definition means the default.
type SetRetention struct {
	Actor      string
	Definition string
	Days       int
	Reason     string
}

type retentionsOutput struct{ Body Retentions }

type retentionPreviewInput struct {
	Definition string `query:"definition" maxLength:"63" doc:"Absent: all without a retention of their own"`
	Days       int    `query:"days" minimum:"1" maximum:"36500" required:"true"`
}

type retentionPreviewOutput struct {
	Body struct {
		Processes int  `json:"processes" doc:"Ended processes that are over such a retention now; those that others of their tree keep are counted too"`
		More      bool `json:"more" doc:"There are more than were counted"`
	} `nameHint:"RetentionPreview"`
}

type setRetentionInput struct {
	Body struct {
		Definition string `json:"definition,omitempty" maxLength:"63" doc:"Absent: the default"`
		Days       int    `json:"days" minimum:"0" maximum:"36500" doc:"0: as long as the default; of the default, as long as the server's configuration says"`
		Reason     string `json:"reason" minLength:"1" maxLength:"2000" doc:"Why, for the audit"`
	} `nameHint:"SetRetention"`
}

func (a *API) registerRetention() {
	add(a, operation{id: "listRetentions", method: http.MethodGet, path: "/retention", tag: "retention", permission: PermProcessRead,
		summary: "Say for how long ended processes are kept, and what the last pass removed"}, a.listRetentions)
	add(a, operation{id: "previewRetention", method: http.MethodGet, path: "/retention/preview", tag: "retention", permission: PermProcessRead,
		summary: "Count what would be removed now"}, a.previewRetention)
	add(a, operation{id: "setRetention", method: http.MethodPost, path: "/retention", tag: "retention", permission: PermUserManage, status: http.StatusNoContent,
		audit: "retention.set", summary: "Change for how long ended processes are kept",
		doc: "What is over the new time is removed by the next pass, with all its traces, and no tombstone stays."}, a.setRetention)
}

func (a *API) listRetentions(ctx context.Context, _ *struct{}) (*retentionsOutput, error) {
	all, err := a.config.Engine.Retentions(ctx)
	if err != nil {
		return nil, err
	}
	all.Items = list(all.Items)
	return &retentionsOutput{Body: all}, nil
}

func (a *API) previewRetention(ctx context.Context, in *retentionPreviewInput) (*retentionPreviewOutput, error) {
	n, more, err := a.config.Engine.PreviewRetention(ctx, in.Definition, in.Days)
	if err != nil {
		return nil, err
	}
	out := &retentionPreviewOutput{}
	out.Body.Processes, out.Body.More = n, more
	return out, nil
}

func (a *API) setRetention(ctx context.Context, in *setRetentionInput) (*struct{}, error) {
	body := &in.Body
	if err := a.config.Engine.SetRetention(ctx, SetRetention{Actor: caller(ctx).Login, Definition: body.Definition, Days: body.Days, Reason: body.Reason}); err != nil {
		return nil, err
	}
	audited(ctx, "definition", body.Definition, body.Reason, map[string]any{"days": body.Days})
	return nil, nil
}
