package pgstore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// MessageStart is a process that a message is to start.
type MessageStart struct {
	Message, Name, Correlation, SenderID, SentBy string
	Definition, Node                             string
	Version                                      int
	Payload, Files                               json.RawMessage
	SentAt                                       time.Time
	Process                                      string // the id that it may get
}

// startClaim is how long a server has to start what a message starts, before another one does.
const startClaim = 15 * time.Second

const startColumns = `id::text, name, correlation, sender_id, sent_by, COALESCE(start_key, ''), COALESCE(start_node, ''), COALESCE(start_version, 0), payload, files, sent_at,
       COALESCE(process_id::text, '')`

func (m *MessageStart) into() []any {
	return []any{&m.Message, &m.Name, &m.Correlation, &m.SenderID, &m.SentBy, &m.Definition, &m.Node, &m.Version, &m.Payload, &m.Files, &m.SentAt, &m.Process}
}

func startOf(r pgx.Row) (m MessageStart, err error) { return m, r.Scan(m.into()...) }

// toStart lets a message that nobody takes start the definition that begins with it, if there is one. The caller holds lock_message, so
// that no subscription takes it meanwhile.
func toStart(ctx context.Context, tx pgx.Tx, name, process string, out *MessageState) error {
	const begins = `SELECT definition_key, node_id, version FROM definition_start WHERE kind = 'message' AND message = $1 ORDER BY definition_key LIMIT 10`
	type beginning struct {
		key, node string
		version   int
	}
	rows, err := tx.Query(ctx, begins, name)
	found, err := rowsOf(rows, err, func(r pgx.Rows) (b beginning, err error) { return b, r.Scan(&b.key, &b.node, &b.version) })
	switch {
	case err != nil:
		return fmt.Errorf("find what the message starts: %w", err)
	case len(found) == 0:
		return nil
	case len(found) > 1:
		for _, b := range found {
			out.Rivals = append(out.Rivals, b.key)
		}
		return errRivals
	}
	start, err := claimStart(ctx, tx, out.ID, process, found[0].key, found[0].node, found[0].version)
	out.Start = &start
	return err
}

func claimStart(ctx context.Context, tx pgx.Tx, message, process, key, node string, version int) (MessageStart, error) {
	const claim = `
UPDATE message SET process_id = $2, start_key = $3, start_node = $4, start_version = $5, try_at = clock_timestamp() + $6 * interval '1 millisecond'
WHERE id = $1 AND process_id IS NULL AND taken_at IS NULL
RETURNING ` + startColumns
	start, err := startOf(tx.QueryRow(ctx, claim, message, process, key, node, version, startClaim.Milliseconds()))
	if err != nil {
		return start, fmt.Errorf("let message %s start %s: %w", message, key, notFound(err))
	}
	return start, nil
}

// MarkStarted notes that a message has started its process ($1 the message, $2 the process). It belongs into the commit that starts it.
const MarkStarted = `UPDATE message SET process_id = $2, taken_at = clock_timestamp(), payload = 'null', files = '[]', refused_by = '', refusal = '' WHERE id = $1 AND taken_at IS NULL`

// MessageStarted notes that a message has started a process which somebody else committed.
func (s *Store) MessageStarted(ctx context.Context, message, process string) error {
	if _, err := s.db.Exec(ctx, MarkStarted, message, process); err != nil {
		return fmt.Errorf("note the process of message %s: %w", message, err)
	}
	return nil
}

// ForgetRefused forgets a message whose start was refused and whose sender is told so; the same id may be sent again.
func (s *Store) ForgetRefused(ctx context.Context, message string) error {
	if _, err := s.db.Exec(ctx, `DELETE FROM message WHERE id = $1 AND start_key IS NOT NULL AND taken_at IS NULL`, message); err != nil {
		return fmt.Errorf("forget the refused message %s: %w", message, err)
	}
	return nil
}

// KeepRefused lets a message wait on whose start was refused while its sender is not there to be told. The version is not asked
// again, or after a while only, and whoever subscribed meanwhile gets it.
func (s *Store) KeepRefused(ctx context.Context, m MessageStart, reason string, again time.Duration) error {
	err := pgx.BeginFunc(ctx, s.db, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `SELECT lock_message($1, $2)`, m.Name, m.Correlation); err != nil {
			return err
		}
		by := fmt.Sprintf("%s@%d", m.Definition, m.Version)
		if again > 0 {
			by = ""
		}
		const release = `
UPDATE message SET process_id = NULL, start_key = NULL, start_node = NULL, start_version = NULL, refused_by = $2, refusal = $3,
       try_at = clock_timestamp() + $4 * interval '1 millisecond'
WHERE id = $1 AND start_key IS NOT NULL AND taken_at IS NULL`
		tag, err := tx.Exec(ctx, release, m.Message, by, reason, again.Milliseconds())
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
		_, err = tx.Exec(ctx, `SELECT offer_message($1)`, m.Message)
		return err
	})
	if err != nil {
		return fmt.Errorf("keep the refused message %s: %w", m.Message, err)
	}
	return nil
}

// early finds messages that wait and that the latest version of one definition would be started by.
const early = `
SELECT m.id::text, m.name, m.correlation, d.definition_key, d.node_id, d.version
FROM definition_start d
JOIN message m ON m.name = d.message AND m.process_id IS NULL AND m.taken_at IS NULL
WHERE d.kind = 'message' AND m.expires_at > clock_timestamp() AND m.try_at < clock_timestamp()
  AND m.refused_by <> d.definition_key || '@' || d.version
  AND NOT EXISTS (SELECT 1 FROM definition_start o WHERE o.kind = 'message' AND o.message = d.message AND o.definition_key <> d.definition_key)
ORDER BY m.sent_at, m.id LIMIT $1`

// EarlyStarts claims messages that came before there was a definition for them to start; process gives ids to the processes.
func (s *Store) EarlyStarts(ctx context.Context, limit int, process func() (string, error)) (out []MessageStart, err error) {
	type candidate struct {
		message, name, correlation, key, node string
		version                               int
	}
	rows, err := s.db.Query(ctx, early, limit)
	found, err := rowsOf(rows, err, func(r pgx.Rows) (c candidate, err error) {
		return c, r.Scan(&c.message, &c.name, &c.correlation, &c.key, &c.node, &c.version)
	})
	if err != nil {
		return nil, fmt.Errorf("find early messages: %w", err)
	}
	for _, c := range found {
		id, err := process()
		if err != nil {
			return out, err
		}
		var start MessageStart
		err = pgx.BeginFunc(ctx, s.db, func(tx pgx.Tx) (err error) {
			if _, err = tx.Exec(ctx, `SELECT lock_message($1, $2)`, c.name, c.correlation); err != nil {
				return err
			}
			start, err = claimStart(ctx, tx, c.message, id, c.key, c.node, c.version)
			return err
		})
		switch {
		case errors.Is(err, ErrNotFound): // somebody else took it
		case err != nil:
			return out, err
		default:
			out = append(out, start)
		}
	}
	return out, nil
}

// LateStarts takes over messages whose process a server was to start and did not.
func (s *Store) LateStarts(ctx context.Context, limit int) ([]MessageStart, error) {
	const statement = `
UPDATE message SET try_at = clock_timestamp() + $2 * interval '1 millisecond'
WHERE id IN (SELECT id FROM message WHERE start_key IS NOT NULL AND taken_at IS NULL AND try_at < clock_timestamp() ORDER BY try_at LIMIT $1 FOR UPDATE SKIP LOCKED)
RETURNING ` + startColumns
	rows, err := s.db.Query(ctx, statement, limit, startClaim.Milliseconds())
	out, err := rowsOf(rows, err, func(r pgx.Rows) (MessageStart, error) { return startOf(r) })
	if err != nil {
		return nil, fmt.Errorf("take over messages that start processes: %w", err)
	}
	return out, nil
}
