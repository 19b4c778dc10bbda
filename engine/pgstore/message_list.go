package pgstore

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// MessageRow is a message that is kept. Payload is read of a single one only.
type MessageRow struct {
	ID, Name, Correlation, SenderID, SentBy string
	State                                   string // waiting, refused, under_way or taken
	RefusedBy, Refusal                      string // of refused: key@version, and why
	Process                                 string // of under_way and taken
	SentAt, ExpiresAt                       time.Time
	TakenAt                                 *time.Time
	Repeats                                 int // how often the same was sent again
	RepeatedAt                              *time.Time
	Payload                                 json.RawMessage
}

// messageState is what became of a message. One whose process or start is being told of it is under way.
const messageState = `CASE WHEN m.taken_at IS NOT NULL THEN 'taken' WHEN m.process_id IS NOT NULL THEN 'under_way' WHEN m.refusal <> '' THEN 'refused' ELSE 'waiting' END`

const keptColumns = `m.id::text, m.name, m.correlation, m.sender_id, m.sent_by, ` + messageState + `, m.refused_by, m.refusal, COALESCE(m.process_id::text, ''),
       m.sent_at, m.expires_at, m.taken_at, m.repeats, m.repeated_at`

func (m *MessageRow) into() []any {
	return []any{&m.ID, &m.Name, &m.Correlation, &m.SenderID, &m.SentBy, &m.State, &m.RefusedBy, &m.Refusal, &m.Process, &m.SentAt, &m.ExpiresAt, &m.TakenAt, &m.Repeats, &m.RepeatedAt}
}

// MessageFilter narrows a list of messages. Without a state it lists those that nobody has taken.
type MessageFilter struct {
	State     string
	Name, Key string
	BeforeID  string
	Limit     int
}

// Messages lists messages that are kept, newest first.
func (s *Store) Messages(ctx context.Context, f MessageFilter) ([]MessageRow, error) {
	condition := `m.taken_at IS NULL`
	if f.State == "taken" {
		condition = `m.taken_at IS NOT NULL`
	}
	statement := `
SELECT ` + keptColumns + ` FROM message m
WHERE ` + condition + ` AND (m.expires_at > clock_timestamp() OR m.process_id IS NOT NULL)
  AND ($1 = '' OR ` + messageState + ` = $1) AND ($2 = '' OR m.name = $2) AND ($3 = '' OR m.correlation = $3) AND ($4::uuid IS NULL OR m.id < $4)
ORDER BY m.id DESC LIMIT $5`
	rows, err := s.db.Query(ctx, statement, f.State, f.Name, f.Key, textOrNil(f.BeforeID), f.Limit)
	out, err := rowsOf(rows, err, func(r pgx.Rows) (m MessageRow, err error) { return m, r.Scan(m.into()...) })
	if err != nil {
		return nil, fmt.Errorf("list messages: %w", err)
	}
	return out, nil
}

// Message reads a message that is kept.
func (s *Store) Message(ctx context.Context, id string) (m MessageRow, err error) {
	if err := s.db.QueryRow(ctx, `SELECT `+keptColumns+`, m.payload FROM message m WHERE m.id = $1`, id).Scan(append(m.into(), &m.Payload)...); err != nil {
		return m, fmt.Errorf("read message %s: %w", id, notFound(err))
	}
	return m, nil
}
