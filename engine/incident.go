package engine

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"

	"github.com/taskurotta/taskurotta-go/engine/pgstore"
	"github.com/taskurotta/taskurotta-go/fault"
)

// IncidentView is an open incident.
type IncidentView struct {
	ProcessID  string    `json:"process_id"`
	CustomID   string    `json:"custom_id"`
	Definition string    `json:"definition"`
	Version    int       `json:"version"`
	NodeID     string    `json:"node_id"`
	TaskID     string    `json:"task_id"`
	Code       string    `json:"code"`
	Message    string    `json:"message"`
	Group      string    `json:"group"`
	OpenedAt   time.Time `json:"opened_at"`
}

// IncidentMatch narrows open incidents; everything given must hold, zero values don't filter.
type IncidentMatch struct {
	Definition string
	NodeID     string
	Code       string
	Group      string // of IncidentGroupView
	Text       string // found in the code or the message, in whatever case
	OpenedFrom *time.Time
	OpenedTo   *time.Time
}

// IncidentFilter narrows a list of open incidents, newest first.
type IncidentFilter struct {
	IncidentMatch
	Limit  int
	Cursor string
}

// IncidentGroupView are the open incidents of one step of one definition whose errors are alike: they have the same code, and the same
// message but for ids, numbers, quoted texts and the like.
type IncidentGroupView struct {
	Definition string
	NodeID     string
	NodeTitle  string
	Group      string
	Code       string
	Shape      string // the message without what differs
	Message    string // of the newest one
	Version    int    // of the newest one
	Count      int64
	First      time.Time
	Last       time.Time
	Trend      []int64 // how many of them were opened in each of the last 24 hours, the present one last
	Samples    []IncidentSample
}

// IncidentSample is one of the newest incidents of a group.
type IncidentSample struct {
	ProcessID string
	TaskID    string
	CustomID  string
	OpenedAt  time.Time
}

// IncidentGroups is a page of groups, the largest first.
type IncidentGroups struct {
	Groups     []IncidentGroupView
	Incidents  int64 // that match, on all pages
	Count      int64 // of groups, on all pages
	NextCursor string
}

func (f *IncidentMatch) filter() pgstore.IncidentFilter { return pgstore.IncidentFilter(*f) }

func (f *IncidentMatch) check() error {
	if strings.ContainsRune(f.Definition+f.NodeID+f.Code+f.Group+f.Text, 0) {
		return fault.New(fault.Invalid, "list.filter_invalid", "a filter is text without NUL")
	}
	return nil
}

// Incidents lists open incidents, newest first, and the cursor of the next page.
func (e *Engine) Incidents(ctx context.Context, f IncidentFilter) ([]IncidentView, string, error) {
	if err := f.check(); err != nil {
		return nil, "", err
	}
	limit := limitOf(f.Limit, defaultLimit, mostRows)
	var before *time.Time
	task := ""
	if f.Cursor != "" {
		at, id, err := readCursor(f.Cursor)
		if err != nil {
			return nil, "", err
		}
		before, task = &at, id
	}
	rows, err := e.store.Incidents(ctx, f.filter(), before, task, limit+1)
	if err != nil {
		return nil, "", storeFault(err, errUnknownProcess())
	}
	next := ""
	if len(rows) > limit {
		rows = rows[:limit]
		next = writeCursor(rows[limit-1].OpenedAt, rows[limit-1].TaskID)
	}
	out := make([]IncidentView, len(rows))
	for i, r := range rows {
		out[i] = IncidentView{ProcessID: r.Process, CustomID: r.CustomID, Definition: r.Definition, Version: r.Version, NodeID: r.NodeID, TaskID: r.TaskID,
			Code: r.Code, Message: r.Message, Group: r.Group, OpenedAt: r.OpenedAt}
	}
	return out, next, nil
}

// IncidentGroups groups the open incidents that match.
func (e *Engine) IncidentGroups(ctx context.Context, f IncidentFilter) (IncidentGroups, error) {
	if err := f.check(); err != nil {
		return IncidentGroups{}, err
	}
	limit := limitOf(f.Limit, defaultLimit, mostRows)
	var after *pgstore.GroupCursor
	if f.Cursor != "" {
		raw, err := base64.RawURLEncoding.DecodeString(f.Cursor)
		if err != nil || json.Unmarshal(raw, &after) != nil || after == nil || strings.ContainsRune(after.Definition+after.NodeID+after.Group, 0) {
			return IncidentGroups{}, errCursor
		}
	}
	rows, incidents, all, err := e.store.IncidentGroups(ctx, f.filter(), after, limit+1)
	if err != nil {
		return IncidentGroups{}, storeFault(err, errUnknownProcess())
	}
	out := IncidentGroups{Incidents: incidents, Count: all, Groups: make([]IncidentGroupView, 0, len(rows))}
	if len(rows) > limit {
		rows = rows[:limit]
		last := &rows[limit-1]
		raw, err := json.Marshal(pgstore.GroupCursor{Count: last.Count, Definition: last.Definition, NodeID: last.NodeID, Group: last.Group})
		if err != nil {
			return IncidentGroups{}, fault.Wrap(err, fault.Internal, "engine.no_cursor", "no cursor could be made")
		}
		out.NextCursor = base64.RawURLEncoding.EncodeToString(raw)
	}
	for i := range rows {
		out.Groups = append(out.Groups, e.incidentGroup(ctx, &rows[i]))
	}
	return out, nil
}

func (e *Engine) incidentGroup(ctx context.Context, g *pgstore.IncidentGroup) IncidentGroupView {
	v := IncidentGroupView{Definition: g.Definition, NodeID: g.NodeID, NodeTitle: g.NodeID, Group: g.Group, Code: g.Code, Shape: g.Shape, Message: g.Message,
		Version: g.Version, Count: g.Count, First: g.First.UTC(), Last: g.Last.UTC(), Trend: g.Trend, Samples: make([]IncidentSample, len(g.Samples))}
	if c, err := e.graphs.get(ctx, g.Definition, g.Version); err == nil {
		v.NodeTitle = c.titleOf(g.NodeID)
	}
	for i, s := range g.Samples {
		v.Samples[i] = IncidentSample{ProcessID: s.Process, TaskID: s.TaskID, CustomID: s.CustomID, OpenedAt: s.OpenedAt.UTC()}
	}
	return v
}
