package pgstore

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Root is the locked row of a process's root scope: what Lock returns.
type Root struct {
	Process string
	Seq     int64
	Ended   bool
	State   []byte
	At      pgtype.TID // where the row is, good until the commit
}

// Key is an idempotency key that a start claims.
type Key struct {
	Definition string
	Key        string
	Process    string
	BodyHash   []byte
}

// Tx is one commit of the hot path. It holds the locks of the processes that it was begun with.
type Tx struct {
	conn *pgxpool.Conn
	Now  time.Time // PostgreSQL's time of the transaction
	done bool
}

// lockRoots locks in the order of the ids given, which are sorted, so that two batches never wait for each other in a circle. A locking statement returns the
// newest version of the rows that it locks, hence the state of the root comes with the lock; everything else is read by later
// statements, whose snapshots are taken after the lock was got.
const lockRoots = `
SELECT s.process_id::text, s.seq, s.ended, s.state, s.at
FROM unnest($1::uuid[]) AS u(process_id)
CROSS JOIN LATERAL (
    SELECT x.*, x.ctid AS at FROM scope_{day} x WHERE x.process_id = u.process_id AND x.id = u.process_id FOR NO KEY UPDATE) AS s`

// claimKeys inserts the idempotency keys in key order; a key that somebody else holds is not returned.
const claimKeys = `
INSERT INTO idempotency_key (definition_key, key, process_id, body_hash)
SELECT d, k, p, h FROM unnest($1::text[], $2::text[], $3::uuid[], $4::bytea[]) AS u(d, k, p, h) ORDER BY d, k
ON CONFLICT DO NOTHING
RETURNING definition_key, key`

// lockInbox takes the rows of the inbox that a commit is about: who has them is the only one to act on them. They are locked after the
// processes, in the order of their ids, so that nobody waits in a circle.
const lockInbox = `SELECT id FROM inbox WHERE id = ANY($1::bigint[]) ORDER BY id FOR UPDATE`

// Begun is what Begin found: the locked processes, the idempotency keys that are new, the rows of the inbox that still are.
type Begun struct {
	Roots   []Root
	Claimed map[[2]string]bool
	Inbox   map[int64]bool
}

// Begin starts a transaction in one round trip: it claims the idempotency keys of the starts in the batch, locks the processes and
// takes the rows of the inbox. ids must be distinct; unknown ones are missing in the answer.
func (s *Store) Begin(ctx context.Context, ids []string, keys []Key, inbox []int64) (*Tx, *Begun, error) {
	conn, err := s.hot.Acquire(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("begin a commit: %w", err)
	}
	tx, begun := &Tx{conn: conn}, &Begun{}
	batch := &pgx.Batch{}
	batch.Queue("BEGIN")
	batch.Queue("SELECT now()").QueryRow(func(row pgx.Row) error { return row.Scan(&tx.Now) })
	if len(keys) > 0 {
		begun.Claimed = make(map[[2]string]bool, len(keys))
		queueClaim(batch, keys, begun.Claimed)
	}
	slices.Sort(ids)
	for _, g := range byDay(ids, itself) {
		if !s.hasDay(ctx, g.day) {
			continue
		}
		batch.Queue(on(lockRoots, g.day), uuids(g.rows)).Query(func(rows pgx.Rows) error {
			for rows.Next() {
				var r Root
				if err := rows.Scan(&r.Process, &r.Seq, &r.Ended, &r.State, &r.At); err != nil {
					return err
				}
				begun.Roots = append(begun.Roots, r)
			}
			return rows.Err()
		})
	}
	if len(inbox) > 0 {
		begun.Inbox = make(map[int64]bool, len(inbox))
		batch.Queue(lockInbox, inbox).Query(func(rows pgx.Rows) error {
			for rows.Next() {
				var id int64
				if err := rows.Scan(&id); err != nil {
					return err
				}
				begun.Inbox[id] = true
			}
			return rows.Err()
		})
	}
	if err := conn.SendBatch(ctx, batch).Close(); err != nil {
		tx.Rollback()
		return nil, nil, fmt.Errorf("lock %d processes: %w", len(ids), err)
	}
	return tx, begun, nil
}

// Exists tells whether there is a process.
func (tx *Tx) Exists(ctx context.Context, process string) (found bool, err error) {
	if err := tx.conn.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM process WHERE id = $1)`, process).Scan(&found); err != nil {
		return false, fmt.Errorf("look for process %s: %w", process, err)
	}
	return found, nil
}

func queueClaim(batch *pgx.Batch, keys []Key, claimed map[[2]string]bool) {
	defs, names, procs, hashes := make([]string, len(keys)), make([]string, len(keys)), make([]string, len(keys)), make([][]byte, len(keys))
	for i, k := range keys {
		defs[i], names[i], procs[i], hashes[i] = k.Definition, k.Key, k.Process, k.BodyHash
	}
	batch.Queue(claimKeys, defs, names, uuids(procs), hashes).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			var d, k string
			if err := rows.Scan(&d, &k); err != nil {
				return err
			}
			claimed[[2]string{d, k}] = true
		}
		return rows.Err()
	})
}

// HeldKeys returns who holds the given idempotency keys.
func (tx *Tx) HeldKeys(ctx context.Context, keys []Key) (map[[2]string]Key, error) {
	const statement = `
SELECT i.definition_key, i.key, i.process_id::text, i.body_hash
FROM unnest($1::text[], $2::text[]) AS u(d, k)
CROSS JOIN LATERAL (SELECT * FROM idempotency_key x WHERE x.definition_key = u.d AND x.key = u.k OFFSET 0) AS i`
	defs, names := make([]string, len(keys)), make([]string, len(keys))
	for i, k := range keys {
		defs[i], names[i] = k.Definition, k.Key
	}
	rows, err := tx.conn.Query(ctx, statement, defs, names)
	held, err := rowsOf(rows, err, func(r pgx.Rows) (k Key, err error) {
		return k, r.Scan(&k.Definition, &k.Key, &k.Process, &k.BodyHash)
	})
	if err != nil {
		return nil, fmt.Errorf("read %d idempotency keys: %w", len(keys), err)
	}
	out := make(map[[2]string]Key, len(held))
	for _, k := range held {
		out[[2]string{k.Definition, k.Key}] = k
	}
	return out, nil
}

// Rollback gives the transaction up; it is a no-op after the commit. A connection that does not answer is closed.
func (tx *Tx) Rollback() {
	if tx.done {
		return
	}
	tx.done = true
	// Detached and bounded: the caller's context may be the reason for giving up, and the locks must go.
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	if tx.conn.Conn().IsClosed() {
		tx.conn.Release()
		return
	}
	if _, err := tx.conn.Exec(ctx, "ROLLBACK"); err != nil {
		_ = tx.conn.Conn().Close(ctx)
	}
	tx.conn.Release()
}
