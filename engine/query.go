package engine

import (
	"context"
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/engine/flow"
	"github.com/taskurotta/taskurotta-go/engine/pgstore"
	"github.com/taskurotta/taskurotta-go/fault"
)

// Process returns one process.
func (e *Engine) Process(ctx context.Context, id string) (ProcessView, error) {
	if uuid.Validate(id) != nil {
		return ProcessView{}, errUnknownProcess()
	}
	d, err := e.store.Process(ctx, id)
	if err != nil {
		return ProcessView{}, e.missing(ctx, id, err)
	}
	counts, err := e.store.NodeCounts(ctx, id)
	if err != nil {
		return ProcessView{}, storeFault(err, errUnknownProcess())
	}
	passed, err := e.store.Passed(ctx, id)
	if err != nil {
		return ProcessView{}, storeFault(err, errUnknownProcess())
	}
	v := ProcessView{ProcessSummary: summaryOf(&d.ProcessRow), Input: d.Input, Output: d.Output, Seq: d.Seq, SuspendedBy: d.SuspendedBy,
		SuspendReason: d.SuspendReason, Counts: map[string]int{}, Nodes: map[string]NodeView{}, TakenEdges: []string{}}
	v.RestartedAs = d.RestartedAs
	t, err := e.store.Trigger(ctx, id)
	switch {
	case err == nil && t.Kind != "":
		v.Trigger = &Trigger{Kind: TriggerKind(t.Kind), Node: t.Node, Ref: t.Ref, Name: t.Name, At: t.At}
	case err != nil && !errors.Is(err, pgstore.ErrNotFound):
		return ProcessView{}, storeFault(err, errUnknownProcess())
	}
	if d.ParentID != "" {
		above, err := e.store.Ancestors(ctx, id)
		if err != nil {
			return ProcessView{}, storeFault(err, errUnknownProcess())
		}
		for i := range above {
			v.Ancestors = append(v.Ancestors, summaryOf(&above[i]))
		}
	}
	addCounts(&v, counts, sinceRestarts(passed, e.parents(ctx, &d.ProcessRow)))
	if err := e.addUndone(ctx, &v, &d.ProcessRow); err != nil {
		return ProcessView{}, err
	}
	v.Actions = processActions(&d.ProcessRow)
	if v.Whys, err = e.processWhys(ctx, &d.ProcessRow); err != nil {
		return ProcessView{}, storeFault(err, errUnknownProcess())
	}
	v.EndsBy = e.endsBy(ctx, &d.ProcessRow)
	if flow.ProcessState(d.State) == flow.ProcessCancelling {
		total, left, err := e.store.Closing(ctx, id)
		if err != nil {
			return ProcessView{}, storeFault(err, errUnknownProcess())
		}
		if total > 0 {
			v.Closing = &ClosingView{Total: total, Left: left}
		}
	}
	return v, nil
}

// endsBy is when a process that runs has to have ended; nil: whenever it does.
func (e *Engine) endsBy(ctx context.Context, p *pgstore.ProcessRow) *time.Time {
	if flow.ProcessState(p.State) != flow.ProcessRunning || p.StartedAt == nil {
		return nil
	}
	c, err := e.graphs.get(ctx, p.Definition, p.Version)
	if err != nil {
		return nil // the version is gone or away
	}
	by := c.graph.EndsBy(*p.StartedAt).UTC()
	if by.IsZero() {
		return nil
	}
	return &by
}

func addCounts(v *ProcessView, counts []pgstore.NodeCount, passed []pgstore.Passed) {
	for _, c := range counts {
		v.Counts[c.State] += c.Count
		n := v.Nodes[c.Node]
		if n.States == nil {
			n.States = map[string]int{}
		}
		n.States[c.State] += c.Count
		if c.LastRun >= n.LastRun {
			n.LastRun, n.Last = c.LastRun, c.State
		}
		v.Nodes[c.Node] = n
	}
	for _, p := range passed {
		switch p.Kind {
		case "edge":
			v.TakenEdges = append(v.TakenEdges, p.Edge)
			continue
		case "carried":
			v.Carried = append(v.Carried, p.Node)
			continue
		case "restarted":
			continue
		}
		n, known := v.Nodes[p.Node]
		if !known || p.LastRun > n.LastRun {
			if n.States == nil {
				n.States = map[string]int{}
			}
			n.States[string(flow.TaskCompleted)] += p.Count
			n.LastRun, n.Last = p.LastRun, string(flow.TaskCompleted)
			v.Nodes[p.Node] = n
		}
	}
	slices.Sort(v.TakenEdges)
	v.TakenEdges = slices.Compact(v.TakenEdges)
	slices.Sort(v.Carried)
}

// parents answers which sub-process a node of the process's version lies in.
func (e *Engine) parents(ctx context.Context, p *pgstore.ProcessRow) func(string) string {
	c, err := e.graphs.get(ctx, p.Definition, p.Version)
	return func(node string) string {
		if err != nil {
			return ""
		}
		if n := c.node(node); n != nil {
			return n.Parent
		}
		return ""
	}
}

func summaryOf(p *pgstore.ProcessRow) ProcessSummary {
	header := flow.Process{State: flow.ProcessState(p.State), Suspended: p.SuspendedAt != nil, OpenIncidents: p.OpenIncidents}
	return ProcessSummary{
		ID: p.ID, CustomID: p.CustomID, Definition: p.Definition, Version: p.Version, State: header.Shown(), Priority: p.Priority,
		CreatedAt: p.CreatedAt, CreatedBy: p.CreatedBy, StartedAt: p.StartedAt, EndedAt: p.EndedAt, ScheduledAt: p.ScheduledAt,
		OpenIncidents: p.OpenIncidents, ErrorCode: p.ErrorCode, ErrorMessage: p.ErrorMessage, RestartedFrom: p.RestartedFrom, Test: p.Test,
		ParentID: p.ParentID, ParentTaskID: p.ParentTask, RootID: p.RootID, IncidentsBelow: p.IncidentsBelow,
	}
}

func processActions(p *pgstore.ProcessRow) ProcessActions {
	a := ProcessActions{Cancel: Action{Allowed: true}, Restart: Action{Allowed: true}, RestartFrom: Action{Allowed: true}, Suspend: Action{Allowed: true},
		Resume: Action{Reason: flow.RefusedNotSuspended}}
	if flow.ProcessState(p.State) == flow.ProcessScheduled {
		a.RestartFrom = Action{Reason: flow.RefusedNotBegun}
	}
	if p.SuspendedAt != nil {
		a.Suspend, a.Resume = Action{Reason: flow.RefusedSuspended}, Action{Allowed: true}
	}
	if p.SuspendedByCaller {
		a.Suspend, a.Resume = Action{Allowed: true}, Action{Reason: flow.RefusedByCaller}
	}
	switch state := flow.ProcessState(p.State); {
	case state.Terminal():
		ended := Action{Reason: flow.RefusedProcessEnded}
		a.Cancel, a.Suspend, a.Resume = ended, ended, ended
	case state == flow.ProcessCancelling:
		a.Cancel = Action{Reason: flow.RefusedCancelling}
	}
	return a
}

const (
	defaultLimit = 50
	mostRows     = 200
	defaultTasks = 100
	mostTasks    = 500
)

func limitOf(asked, standard, most int) int {
	if asked <= 0 {
		return standard
	}
	return min(asked, most)
}

var errCursor = fault.New(fault.Invalid, "list.cursor_invalid", "the cursor is not one of this list")

// Search lists processes that satisfy every member of the filter, newest first, and the cursor of the next page.
func (e *Engine) Search(ctx context.Context, f Filter) ([]ProcessSummary, string, error) {
	s := pgstore.Search{CustomID: f.CustomID, Prefix: f.CustomIDPrefix, CustomIDs: f.CustomIDs, IDs: f.IDs, Definition: f.Definition, Version: f.Version,
		States: f.States, StartedFrom: f.StartedFrom, StartedTo: f.StartedTo, ErrorCode: f.ErrorCode, Worker: f.Worker, Keys: f.SearchKey, Tests: f.Tests, Outermost: f.Outermost, BeforeID: f.Cursor}
	limit := limitOf(f.Limit, defaultLimit, mostRows)
	s.Limit = limit + 1
	if f.Cursor != "" && uuid.Validate(f.Cursor) != nil {
		return nil, "", errCursor
	}
	for _, state := range f.States {
		if !pgstore.KnownState(state) {
			return nil, "", fault.Newf(fault.Invalid, "list.state_unknown", "there is no state %q", state)
		}
	}
	for _, id := range f.IDs {
		if uuid.Validate(id) != nil {
			return nil, "", errUnknownProcess()
		}
	}
	if strings.ContainsRune(f.CustomID+f.CustomIDPrefix+f.Definition+f.ErrorCode+f.Worker, 0) {
		return []ProcessSummary{}, "", nil
	}
	rows, err := e.store.Search(ctx, s)
	if err != nil {
		return nil, "", storeFault(err, errUnknownProcess())
	}
	next := ""
	if len(rows) > limit {
		rows = rows[:limit]
		next = rows[limit-1].ID
	}
	out := make([]ProcessSummary, len(rows))
	ids := make([]string, len(rows))
	for i := range rows {
		out[i], ids[i] = summaryOf(&rows[i]), rows[i].ID
	}
	again, err := e.store.RestartedAs(ctx, ids)
	if err != nil {
		return nil, "", storeFault(err, errUnknownProcess())
	}
	for i := range out {
		out[i].RestartedAs = again[out[i].ID]
	}
	return out, next, nil
}

// Tasks lists a process's tasks in the order of their creation, and the cursor of the next page.
func (e *Engine) Tasks(ctx context.Context, process string, f TaskFilter) ([]TaskSummary, string, error) {
	if uuid.Validate(process) != nil {
		return nil, "", errUnknownProcess()
	}
	limit := limitOf(f.Limit, defaultTasks, mostTasks)
	page := pgstore.TaskPage{States: f.States, IDs: f.IDs, Limit: limit + 1}
	if f.ParentScope != "" {
		if uuid.Validate(f.ParentScope) != nil {
			return nil, "", fault.New(fault.NotFound, "scope.unknown", "there is no such scope")
		}
		page.Scope = f.ParentScope
	}
	for _, id := range f.IDs {
		if uuid.Validate(id) != nil {
			return nil, "", errUnknownTask()
		}
	}
	if f.Cursor != "" {
		at, id, err := readCursor(f.Cursor)
		if err != nil {
			return nil, "", err
		}
		page.AfterAt, page.AfterID = &at, id
	}
	header, err := e.store.Process(ctx, process)
	if err != nil {
		return nil, "", storeFault(err, errUnknownProcess())
	}
	rows, err := e.store.Tasks(ctx, process, page)
	if err != nil {
		return nil, "", storeFault(err, errUnknownProcess())
	}
	next := ""
	if len(rows) > limit {
		rows = rows[:limit]
		next = writeCursor(rows[limit-1].CreatedAt, rows[limit-1].ID)
	}
	why := e.whys(ctx, &header.ProcessRow, rows)
	out := make([]TaskSummary, len(rows))
	for i := range rows {
		out[i] = e.taskSummary(ctx, &header.ProcessRow, &rows[i], why)
	}
	return out, next, nil
}

func writeCursor(at time.Time, id string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(at.UTC().Format(time.RFC3339Nano) + "/" + id))
}

func readCursor(cursor string) (time.Time, string, error) {
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return time.Time{}, "", errCursor
	}
	stamp, id, _ := strings.Cut(string(raw), "/")
	at, err := time.Parse(time.RFC3339Nano, stamp)
	if err != nil || uuid.Validate(id) != nil {
		return time.Time{}, "", errCursor
	}
	return at, id, nil
}

func (e *Engine) taskSummary(ctx context.Context, p *pgstore.ProcessRow, t *pgstore.TaskRow, why *whyContext) TaskSummary {
	s := TaskSummary{ID: t.ID, NodeID: t.Node, Title: t.Node, NodeType: t.NodeType, ScopeID: t.Scope, Run: t.Run, State: t.State, Epoch: t.Epoch, Attempt: t.Attempt, Hidden: t.Hidden,
		CreatedAt: t.CreatedAt, ReadyAt: t.ReadyAt, StartedAt: t.StartedAt, EndedAt: t.Ended, QueuedMS: t.QueuedMS, RunMS: millis(t.RunUS), Worker: t.Worker, Error: t.Error}
	if t.Percent != nil {
		s.Progress = &Progress{Percent: *t.Percent}
		if t.ProgressText != nil {
			s.Progress.Text = *t.ProgressText
		}
	}
	if c, err := e.graphs.get(ctx, p.Definition, p.Version); err == nil {
		if n := c.graph.Node(t.Node); n != nil {
			s.Title, s.Kind, s.MaxAttempts = n.Title, string(n.Kind), n.Retry.MaxAttempts
		}
	}
	if name, planned := flow.PlanName(t.Node); planned {
		s.Title, s.Kind = name, string(graph.KindServiceTask)
		if task := why.planTask(t); task != nil {
			s.MaxAttempts = flow.PlanAttempts(task)
			if task.Title != "" {
				s.Title = task.Title
			}
		}
	}
	s.Why, s.Child, s.Undoes = why.of(ctx, t), why.childOf(t.ID), why.undoes[t.ID]
	return s
}

func millis(us *int64) *float64 {
	if us == nil {
		return nil
	}
	ms := float64(*us) / 1000
	return &ms
}

// Task returns one task with its attempts.
func (e *Engine) Task(ctx context.Context, process, task string) (TaskView, error) {
	if uuid.Validate(process) != nil {
		return TaskView{}, errUnknownProcess()
	}
	if uuid.Validate(task) != nil {
		return TaskView{}, errUnknownTask()
	}
	header, err := e.store.Process(ctx, process)
	if err != nil {
		return TaskView{}, storeFault(err, errUnknownProcess())
	}
	row, output, err := e.store.Task(ctx, process, task)
	if err != nil {
		return TaskView{}, storeFault(err, errUnknownTask())
	}
	attempts, err := e.store.Attempts(ctx, process, task)
	if err != nil {
		return TaskView{}, storeFault(err, errUnknownTask())
	}
	v := TaskView{TaskSummary: e.taskSummary(ctx, &header.ProcessRow, &row, e.whys(ctx, &header.ProcessRow, []pgstore.TaskRow{row})), Input: row.Input, Output: output, Attempts: []AttemptView{}}
	own := false
	for _, a := range attempts {
		own = own || a.Epoch == row.Epoch || a.Outcome == "completed" // of a task that planned, the epoch has moved on
		v.Attempts = append(v.Attempts, AttemptView{Attempt: a.Attempt, Epoch: a.Epoch, Worker: a.Worker, Outcome: a.Outcome, QueuedAt: a.QueuedAt,
			StartedAt: a.StartedAt, EndedAt: a.EndedAt, RunMS: millis(a.RunUS), Error: a.Error, Log: a.Log, Input: a.Input})
	}
	if !own && row.State == string(flow.TaskCompleted) && row.Worker != "" {
		// The task's row carries a first try that just succeeded.
		v.Attempts = append(v.Attempts, AttemptView{Attempt: max(row.Attempt, 1), Epoch: row.Epoch, Worker: row.Worker, Outcome: "completed", QueuedAt: row.ReadyAt,
			StartedAt: row.StartedAt, EndedAt: row.Ended, RunMS: millis(row.RunUS)})
	}
	v.Actions = taskActions(&header.ProcessRow, &row)
	if v.Kind == string(graph.KindCallActivity) && !flow.ProcessState(header.State).Terminal() {
		allowCall(&v.Actions, flow.TaskState(row.State), v.Child)
	}
	if !flow.ProcessState(header.State).Terminal() {
		if err := e.entryActions(ctx, &v.Actions, &row); err != nil {
			return TaskView{}, err
		}
		if v.Waits, err = e.waitsOf(ctx, &header.ProcessRow, task); err != nil {
			return TaskView{}, err
		}
	}
	return v, nil
}

func taskActions(p *pgstore.ProcessRow, t *pgstore.TaskRow) TaskActions {
	if flow.ProcessState(p.State).Terminal() {
		ended := Action{Reason: flow.RefusedProcessEnded}
		return TaskActions{Retry: ended, EditAndRetry: ended, Skip: ended, RestartEntry: ended, RestartFailed: ended}
	}
	a := TaskActions{Retry: Action{Reason: flow.RefusedNotRetryable}, EditAndRetry: Action{Reason: flow.RefusedNotRetryable}, Skip: Action{Reason: flow.RefusedNotSkippable}}
	if flow.Retryable(flow.TaskState(t.State), false) {
		a.Retry, a.EditAndRetry = Action{Allowed: true}, Action{Allowed: true}
		if t.NodeType == "" {
			a.EditAndRetry = Action{Reason: flow.RefusedInputFixed}
		}
	}
	if flow.Skippable(flow.TaskState(t.State), false) {
		a.Skip = Action{Allowed: true}
	}
	return a
}

// Events returns a process's history after a sequence, oldest first, and the head.
func (e *Engine) Events(ctx context.Context, process string, after int64, limit int) ([]EventView, int64, error) {
	if uuid.Validate(process) != nil {
		return nil, 0, errUnknownProcess()
	}
	rows, head, err := e.store.Events(ctx, process, after, limitOf(limit, defaultTasks, 1000))
	if err != nil {
		return nil, 0, storeFault(err, errUnknownProcess())
	}
	out := make([]EventView, len(rows))
	for i, r := range rows {
		out[i] = EventView{Seq: r.Seq, At: r.At, Changes: r.Changes}
	}
	return out, head, nil
}

// Heads returns the sequence of the last event of each process that exists.
func (e *Engine) Heads(ctx context.Context, ids []string) (map[string]int64, error) {
	for _, id := range ids {
		if uuid.Validate(id) != nil {
			return nil, errUnknownProcess()
		}
	}
	out, err := e.store.Heads(ctx, ids)
	if err != nil {
		return nil, storeFault(err, errUnknownProcess())
	}
	return out, nil
}

// DefinitionCount is what runs of one version.
type DefinitionCount struct {
	Definition string
	Version    int
	Started    int64
	Live       int64
	Incidents  int64
	Completed  int64
	Failed     int64
	Cancelled  int64

	// What the retention or somebody has removed of them; the figures above are without it.
	RemovedCompleted, RemovedFailed, RemovedCancelled int64
}

// Removed is how many ended processes were removed.
func (c *DefinitionCount) Removed() int64 {
	return c.RemovedCompleted + c.RemovedFailed + c.RemovedCancelled
}

// Counts returns the counters of every published version that was ever started.
func (e *Engine) Counts(ctx context.Context) ([]DefinitionCount, error) {
	rows, err := e.store.Counters(ctx)
	if err != nil {
		return nil, storeFault(err, errUnknownProcess())
	}
	byVersion := map[versionKey]*DefinitionCount{}
	for _, r := range rows {
		if r.Version < 0 {
			continue // test runs
		}
		k := versionKey{r.Definition, r.Version}
		c := byVersion[k]
		if c == nil {
			c = &DefinitionCount{Definition: r.Definition, Version: r.Version}
			byVersion[k] = c
		}
		switch r.Name {
		case "started":
			c.Started = r.N
		case "live":
			c.Live = r.N
		case "incidents":
			c.Incidents = r.N
		case "completed":
			c.Completed = r.N
		case "failed":
			c.Failed = r.N
		case "cancelled":
			c.Cancelled = r.N
		case "removed_completed":
			c.RemovedCompleted = r.N
		case "removed_failed":
			c.RemovedFailed = r.N
		case "removed_cancelled":
			c.RemovedCancelled = r.N
		}
	}
	out := make([]DefinitionCount, 0, len(byVersion))
	for _, c := range byVersion {
		out = append(out, *c)
	}
	slices.SortFunc(out, func(a, b DefinitionCount) int {
		if d := strings.Compare(a.Definition, b.Definition); d != 0 {
			return d
		}
		return a.Version - b.Version
	})
	return out, nil
}
