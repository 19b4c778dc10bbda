package pgstore

import (
	"context"
	"fmt"
	"time"
)

// Trigger is what started a process, when it was neither a person nor a program.
type Trigger struct {
	Kind, Node, Ref, Name string
	At                    time.Time
}

// InsertTrigger keeps what started a process, in the commit that starts it.
const InsertTrigger = `INSERT INTO process_trigger (process_id, kind, node_id, ref, name, at) VALUES ($1, $2, $3, $4, $5, $6)`

// ReleaseKey gives an idempotency key back whose start was refused.
const ReleaseKey = `DELETE FROM idempotency_key WHERE definition_key = $1 AND key = $2 AND process_id = $3`

// Trigger reads what started a process; ErrNotFound: a person or a program did.
func (s *Store) Trigger(ctx context.Context, process string) (t Trigger, err error) {
	const statement = `SELECT kind, node_id, ref, name, at FROM process_trigger WHERE process_id = $1`
	if err := s.db.QueryRow(ctx, statement, process).Scan(&t.Kind, &t.Node, &t.Ref, &t.Name, &t.At); err != nil {
		return t, fmt.Errorf("read the trigger of process %s: %w", process, notFound(err))
	}
	return t, nil
}
