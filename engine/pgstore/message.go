package pgstore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// NewMessage is a message that comes from outside or from a process.
type NewMessage struct {
	ID          string // ours
	Name        string
	Correlation string
	SenderID    string // the sender's id: the same one is known for as long as the message is kept
	Payload     json.RawMessage
	Files       any // that the payload names, as JSON
	SentBy      string
	Keep        time.Duration // how long it waits for somebody to take it
}

// MessageState is what became of a message.
type MessageState struct {
	ID        string
	Process   string // who takes it; empty: it waits
	Known     bool   // the sender sent it before
	ExpiresAt time.Time
	Started   string        // the definition that it has started; empty: none
	Start     *MessageStart // it is to start a process
	Rivals    []string      // definitions that it would start, of which none may: it was not stored
}

// errRivals ends the transaction of a message that several definitions would be started by.
var errRivals = errors.New("several definitions start by this message")

// SendMessage stores a message and gives it to whoever waits for it longest, in one transaction. When nobody does, the message is to
// start the definition whose latest version begins with it: Start says what, as it does of a known message that is not started yet.
// process is the id that such a process gets.
func (s *Store) SendMessage(ctx context.Context, m NewMessage, process string) (out MessageState, err error) {
	err = pgx.BeginFunc(ctx, s.db, func(tx pgx.Tx) error {
		out = MessageState{}
		if _, err := tx.Exec(ctx, `SELECT lock_message($1, $2)`, m.Name, m.Correlation); err != nil {
			return fmt.Errorf("lock the message: %w", err)
		}
		const insert = `
INSERT INTO message (id, name, correlation, sender_id, payload, files, sent_by, sent_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $8, $6, clock_timestamp(), clock_timestamp() + $7 * interval '1 millisecond') ON CONFLICT (name, sender_id) DO NOTHING
RETURNING expires_at`
		err := tx.QueryRow(ctx, insert, m.ID, m.Name, m.Correlation, m.SenderID, string(m.Payload), m.SentBy, m.Keep.Milliseconds(), m.Files).Scan(&out.ExpiresAt)
		switch {
		case errors.Is(err, pgx.ErrNoRows):
			return known(ctx, tx, m, process, &out)
		case err != nil:
			return fmt.Errorf("store the message: %w", err)
		}
		out.ID = m.ID
		if err := tx.QueryRow(ctx, `SELECT COALESCE(offer_message($1)::text, '')`, m.ID).Scan(&out.Process); err != nil || out.Process != "" {
			return err
		}
		return toStart(ctx, tx, m.Name, process, &out)
	})
	if err != nil && !errors.Is(err, errRivals) {
		return out, fmt.Errorf("send message %q: %w", m.Name, err)
	}
	return out, nil
}

// known finds out what became of a message that was sent before.
func known(ctx context.Context, tx pgx.Tx, m NewMessage, process string, out *MessageState) error {
	out.Known = true
	start, taken := MessageStart{}, false
	// One statement: between two of them the message may be taken.
	const read = `
UPDATE message SET repeats = repeats + 1, repeated_at = clock_timestamp() WHERE name = $1 AND sender_id = $2
RETURNING ` + startColumns + `, expires_at, taken_at IS NOT NULL`
	if err := tx.QueryRow(ctx, read, m.Name, m.SenderID).Scan(append(start.into(), &out.ExpiresAt, &taken)...); err != nil {
		return err
	}
	out.ID, out.Process = start.Message, start.Process
	switch {
	case start.Definition != "" && taken:
		out.Started = start.Definition
	case start.Definition != "":
		out.Start = &start
	case out.Process == "":
		err := toStart(ctx, tx, m.Name, process, out)
		if errors.Is(err, errRivals) {
			out.Rivals, err = nil, nil // it is kept already
		}
		return err
	}
	return nil
}

// DropMessage forgets a message that nobody took, for a sender who does not want it to wait; it tells whether it did.
func (s *Store) DropMessage(ctx context.Context, id string) (bool, error) {
	tag, err := s.db.Exec(ctx, `DELETE FROM message WHERE id = $1 AND process_id IS NULL AND taken_at IS NULL`, id)
	if err != nil {
		return false, fmt.Errorf("drop message %s: %w", id, err)
	}
	return tag.RowsAffected() > 0, nil
}

// ExpireMessages forgets messages whose time is over, at most limit of them; one on its way to a process stays.
func (s *Store) ExpireMessages(ctx context.Context, limit int) (int, error) {
	const statement = `
DELETE FROM message WHERE id IN (
    SELECT id FROM message WHERE expires_at < clock_timestamp() AND (process_id IS NULL OR taken_at IS NOT NULL) ORDER BY expires_at LIMIT $1)`
	tag, err := s.db.Exec(ctx, statement, limit)
	if err != nil {
		return 0, fmt.Errorf("forget expired messages: %w", err)
	}
	return int(tag.RowsAffected()), nil
}

// Awaited is what a task waits for, as people are told.
type Awaited struct {
	Task, Node, Name, Correlation string
}

// UserTask is a task that a person is to do.
type UserTask struct {
	Process, Task, CustomID     string
	Definition, Node            string
	Version                     int
	Priority                    int
	Held                        bool
	Assignee, ClaimedBy         string
	Groups                      []string
	ClaimedAt, DueAt, Escalated *time.Time
	CreatedAt                   time.Time
}

const userTaskColumns = `u.process_id::text, u.task_id::text, p.custom_id, u.definition_key, u.node_id, u.version, p.priority,
       p.suspended_at IS NOT NULL OR p.open_incidents > 0, u.assignee, u.claimed_by, u.groups, u.claimed_at, u.due_at, u.escalated_at, u.created_at`

func scanUserTask(r pgx.Row) (t UserTask, err error) {
	return t, r.Scan(&t.Process, &t.Task, &t.CustomID, &t.Definition, &t.Node, &t.Version, &t.Priority, &t.Held, &t.Assignee, &t.ClaimedBy, &t.Groups,
		&t.ClaimedAt, &t.DueAt, &t.Escalated, &t.CreatedAt)
}

// UserTaskFilter says which tasks to list. For is a user: tasks of nobody else that its Groups may do; nil Groups: any.
type UserTaskFilter struct {
	For        string
	Groups     []string
	All        bool // whoever may do them
	Mine       bool // claimed by For
	Definition string
	CustomID   string // how the process's begins
	Process    string
	AfterAt    *time.Time
	AfterID    string
	Limit      int
}

const listUserTasks = `SELECT ` + userTaskColumns + `
FROM user_task u JOIN process p ON p.id = u.process_id
WHERE ($1 OR ((u.assignee = '' OR u.assignee = $2) AND (u.claimed_by = '' OR u.claimed_by = $2) AND (u.assignee = $2 OR u.claimed_by = $2 OR cardinality(u.groups) = 0 OR u.groups && $3)))
  AND (NOT $4 OR u.claimed_by = $2)
  AND ($5 = '' OR u.definition_key = $5)
  AND ($6::uuid IS NULL OR u.process_id = $6)
  AND ($10 = '' OR starts_with(p.custom_id, $10))
  AND ($7::timestamptz IS NULL OR (u.created_at, u.task_id) > ($7, $8::uuid))
ORDER BY u.created_at, u.task_id LIMIT $9`

// UserTasks lists tasks that people are to do, oldest first.
func (s *Store) UserTasks(ctx context.Context, f UserTaskFilter) ([]UserTask, error) {
	if f.Groups == nil {
		f.Groups = []string{}
	}
	rows, err := s.db.Query(ctx, listUserTasks, f.All, f.For, f.Groups, f.Mine, f.Definition, textOrNil(f.Process), f.AfterAt, textOrNil(f.AfterID), f.Limit, f.CustomID)
	out, err := rowsOf(rows, err, func(r pgx.Rows) (UserTask, error) { return scanUserTask(r) })
	if err != nil {
		return nil, fmt.Errorf("list user tasks: %w", err)
	}
	return out, nil
}

// UserTask reads one task that a person is to do.
func (s *Store) UserTask(ctx context.Context, process, task string) (UserTask, error) {
	t, err := scanUserTask(s.db.QueryRow(ctx, `SELECT `+userTaskColumns+` FROM user_task u JOIN process p ON p.id = u.process_id WHERE u.process_id = $1 AND u.task_id = $2`, process, task))
	if err != nil {
		return t, fmt.Errorf("read user task %s: %w", task, notFound(err))
	}
	return t, nil
}

// ErrClaimed says that somebody else has claimed the task.
var ErrClaimed = errors.New("the task is claimed by somebody else")

// Claim gives a task to a person, or back to all with an empty name; over tells whether another's claim may be taken.
func (s *Store) Claim(ctx context.Context, process, task, by, actor string, over bool) error {
	const statement = `
UPDATE user_task SET claimed_by = $3, claimed_at = CASE WHEN $3 <> '' THEN clock_timestamp() END
WHERE process_id = $1 AND task_id = $2 AND ($5 OR claimed_by = '' OR claimed_by = $4)`
	tag, err := s.db.Exec(ctx, statement, process, task, by, actor, over)
	if err != nil {
		return fmt.Errorf("claim task %s: %w", task, err)
	}
	if tag.RowsAffected() > 0 {
		return nil
	}
	if _, err := s.UserTask(ctx, process, task); err != nil {
		return err
	}
	return ErrClaimed
}
