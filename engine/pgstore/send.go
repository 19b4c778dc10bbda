package pgstore

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// ErrSeveral says that a process waits for a message of a name under several keys.
var ErrSeveral = errors.New("several keys")

// SendTo stores a message and gives it to one process, in one transaction. Without a correlation key it takes the one that the
// process waits under. reason goes into the history of the process; more adds statements. ErrNotFound: the process waits for no such
// message; ErrSeveral: it does so under several keys.
func (s *Store) SendTo(ctx context.Context, process string, m NewMessage, reason string, more func(Queue)) error {
	err := pgx.BeginFunc(ctx, s.db, func(tx pgx.Tx) error {
		key, err := awaitedKey(ctx, tx, process, m.Name, m.Correlation)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `SELECT lock_message($1, $2)`, m.Name, key); err != nil {
			return fmt.Errorf("lock the message: %w", err)
		}
		var task, node string
		const waiting = `
SELECT task_id::text, node_id FROM subscription WHERE process_id = $1 AND name = $2 AND correlation = $3
ORDER BY created_at, task_id, node_id LIMIT 1 FOR UPDATE`
		if err := tx.QueryRow(ctx, waiting, process, m.Name, key).Scan(&task, &node); err != nil {
			return notFound(err)
		}
		batch := &pgx.Batch{}
		batch.Queue(`
INSERT INTO message (id, name, correlation, sender_id, payload, files, sent_by, sent_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, clock_timestamp(), clock_timestamp() + $8 * interval '1 millisecond')`,
			m.ID, m.Name, key, m.SenderID, string(m.Payload), m.Files, m.SentBy, m.Keep.Milliseconds())
		batch.Queue(`SELECT give_message($1, $2, $3, $4)`, m.ID, process, task, node)
		batch.Queue(`
UPDATE inbox SET body = body::jsonb || jsonb_build_object('Actor', $3::text, 'Reason', $4::text)
WHERE process_id = $1 AND kind = 'message' AND body->>'Message' = $2`, process, m.ID, m.SentBy, reason)
		more(func(sql string, args ...any) { batch.Queue(sql, args...) })
		return tx.SendBatch(ctx, batch).Close()
	})
	if err != nil {
		return fmt.Errorf("send message %q to process %s: %w", m.Name, process, err)
	}
	return nil
}

func awaitedKey(ctx context.Context, tx pgx.Tx, process, name, key string) (string, error) {
	rows, err := tx.Query(ctx, `SELECT DISTINCT correlation FROM subscription WHERE process_id = $1 AND name = $2 AND ($3 = '' OR correlation = $3) LIMIT 2`, process, name, key)
	keys, err := rowsOf(rows, err, func(r pgx.Rows) (k string, err error) { return k, r.Scan(&k) })
	switch {
	case err != nil:
		return "", err
	case len(keys) == 0:
		return "", ErrNotFound
	case len(keys) > 1:
		return "", ErrSeveral
	}
	return keys[0], nil
}
