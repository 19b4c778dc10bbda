package engine

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/taskurotta/taskurotta-go/engine/flow"
	"github.com/taskurotta/taskurotta-go/engine/pgstore"
	"github.com/taskurotta/taskurotta-go/fault"
)

// Person is who acts on user tasks. All: the person may act on every task, as support does.
type Person struct {
	Name   string
	Groups []string
	All    bool
}

// UserTaskFilter says which tasks to list: those that the person may do.
type UserTaskFilter struct {
	Mine           bool // claimed by the person
	Definition     string
	CustomIDPrefix string
	ProcessID      string
	Cursor         string
	Limit          int // default 50, at most 200
}

// UserTask is a task that a person is to do. Input, InputSchema and Form are of a single task only.
type UserTask struct {
	ProcessID   string          `json:"process_id"`
	TaskID      string          `json:"task_id"`
	CustomID    string          `json:"custom_id"`
	Definition  string          `json:"definition"`
	Version     int             `json:"version"`
	NodeID      string          `json:"node_id"`
	Title       string          `json:"title"`
	Doc         string          `json:"doc,omitempty"`
	Priority    int             `json:"priority"`
	Held        bool            `json:"held,omitempty"`
	Assignee    string          `json:"assignee,omitempty"`
	Groups      []string        `json:"groups,omitempty"`
	ClaimedBy   string          `json:"claimed_by,omitempty"`
	ClaimedAt   *time.Time      `json:"claimed_at,omitempty"`
	DueAt       *time.Time      `json:"due_at,omitempty"`
	EscalatedAt *time.Time      `json:"escalated_at,omitempty"`
	CreatedAt   time.Time       `json:"created_at"`
	Input       json.RawMessage `json:"input,omitempty"`
	InputSchema json.RawMessage `json:"input_schema,omitempty"` // titles of what Input shows
	Form        json.RawMessage `json:"form,omitempty"`
}

// UserTasks lists the tasks that a person may do, oldest first, and the cursor of the next page.
func (e *Engine) UserTasks(ctx context.Context, person Person, f UserTaskFilter) ([]UserTask, string, error) {
	limit := limitOf(f.Limit, defaultLimit, mostRows)
	if f.ProcessID != "" && uuid.Validate(f.ProcessID) != nil {
		return nil, "", errUnknownProcess()
	}
	s := pgstore.UserTaskFilter{For: person.Name, Groups: person.Groups, All: person.All, Mine: f.Mine, Definition: clean(f.Definition), Process: f.ProcessID, CustomID: clean(f.CustomIDPrefix), Limit: limit + 1}
	if f.Cursor != "" {
		at, id, err := readCursor(f.Cursor)
		if err != nil {
			return nil, "", err
		}
		s.AfterAt, s.AfterID = &at, id
	}
	rows, err := e.store.UserTasks(ctx, s)
	if err != nil {
		return nil, "", storeFault(err, nil)
	}
	next := ""
	if len(rows) > limit {
		rows = rows[:limit]
		next = writeCursor(rows[limit-1].CreatedAt, rows[limit-1].Task)
	}
	out := make([]UserTask, len(rows))
	for i := range rows {
		out[i] = e.userTask(ctx, &rows[i])
	}
	return out, next, nil
}

func (e *Engine) userTask(ctx context.Context, row *pgstore.UserTask) UserTask {
	t := UserTask{ProcessID: row.Process, TaskID: row.Task, CustomID: row.CustomID, Definition: row.Definition, Version: row.Version, NodeID: row.Node, Title: row.Node,
		Priority: row.Priority, Held: row.Held, Assignee: row.Assignee, Groups: row.Groups, ClaimedBy: row.ClaimedBy, ClaimedAt: row.ClaimedAt, DueAt: row.DueAt,
		EscalatedAt: row.Escalated, CreatedAt: row.CreatedAt}
	if c, err := e.graphs.get(ctx, row.Definition, row.Version); err == nil {
		if n := c.node(row.Node); n != nil && n.Title != "" {
			t.Title, t.Doc = n.Title, n.Doc
		}
	}
	return t
}

// UserTask returns one task with what its form shows.
func (e *Engine) UserTask(ctx context.Context, person Person, process, task string) (UserTask, error) {
	row, err := e.mayDo(ctx, person, process, task)
	if err != nil {
		return UserTask{}, err
	}
	t := e.userTask(ctx, &row)
	detail, _, err := e.store.Task(ctx, process, task)
	if err != nil {
		return UserTask{}, storeFault(err, errUnknownTask())
	}
	t.Input = detail.Input
	if c, err := e.graphs.get(ctx, row.Definition, row.Version); err == nil {
		if n := c.node(row.Node); n != nil && n.User != nil {
			t.Form, t.InputSchema = n.User.Form, c.shownSchema(n.User)
		}
	}
	return t, nil
}

// mayDo reads a task and checks that the person may do it; another's claim counts later.
func (e *Engine) mayDo(ctx context.Context, person Person, process, task string) (pgstore.UserTask, error) {
	if uuid.Validate(process) != nil || uuid.Validate(task) != nil {
		return pgstore.UserTask{}, errUnknownTask()
	}
	row, err := e.store.UserTask(ctx, process, task)
	if err != nil {
		return row, storeFault(err, fault.New(fault.NotFound, "usertask.unknown", "there is no such task any more, or it is not a person's"))
	}
	in := len(row.Groups) == 0 || slices.ContainsFunc(row.Groups, func(g string) bool { return slices.Contains(person.Groups, g) })
	if !person.All && row.Assignee != person.Name && row.ClaimedBy != person.Name && (row.Assignee != "" || !in) {
		return row, fault.New(fault.Forbidden, "usertask.not_yours", "the task is for others")
	}
	return row, nil
}

// Claim gives a task to a person, so that nobody else does it too.
func (e *Engine) Claim(ctx context.Context, person Person, process, task string) error {
	return e.claim(ctx, person, process, task, person.Name)
}

// Release gives a claimed task back to all who may do it.
func (e *Engine) Release(ctx context.Context, person Person, process, task string) error {
	return e.claim(ctx, person, process, task, "")
}

func (e *Engine) claim(ctx context.Context, person Person, process, task, by string) error {
	if _, err := e.mayDo(ctx, person, process, task); err != nil {
		return err
	}
	err := e.store.Claim(ctx, process, task, by, person.Name, person.All && by == "")
	switch {
	case errors.Is(err, pgstore.ErrClaimed):
		return fault.New(fault.Conflict, "usertask.claimed", "somebody else has claimed the task")
	case err != nil:
		return storeFault(err, errUnknownTask())
	}
	return nil
}

// Complete ends a user task with what its form gave. The answer must satisfy the form's schema.
func (e *Engine) Complete(ctx context.Context, person Person, cmd TaskCommand) error {
	row, err := e.mayDo(ctx, person, cmd.ProcessID, cmd.TaskID)
	if err != nil {
		return err
	}
	if row.ClaimedBy != "" && row.ClaimedBy != person.Name {
		return fault.New(fault.Conflict, "usertask.claimed", "somebody else has claimed the task")
	}
	if len(cmd.Output) == 0 {
		cmd.Output = emptyObject
	}
	if err := e.checkPayload("/output", cmd.Output); err != nil {
		return err
	}
	c, err := e.graphs.get(ctx, row.Definition, row.Version)
	if err != nil {
		return err
	}
	if err := c.checkAnswer(row.Node, cmd.Output); err != nil {
		return err
	}
	return e.operate(ctx, cmd.OpCommand, flow.Event{Kind: flow.EventAnswer, Task: cmd.TaskID, Output: cmd.Output}, cmd.Files)
}
