// Package pgstore keeps secrets in PostgreSQL. It reads the engine's tables dispatch and process and writes neither; its statements are
// hand-written.
package pgstore

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/taskurotta/taskurotta-go/server/secret"
)

// Store is the store of secrets.
type Store struct{ db *pgxpool.Pool }

var _ secret.Store = (*Store)(nil)

// New returns a store over db.
func New(db *pgxpool.Pool) *Store { return &Store{db: db} }

const columns = `name, description, definitions, node_types, pools, value_at, created_at, updated_at, updated_by, last_used_at`

func into(s *secret.Secret) []any {
	return []any{&s.Name, &s.Description, &s.Scope.Definitions, &s.Scope.NodeTypes, &s.Scope.Pools, &s.ValueAt, &s.CreatedAt, &s.UpdatedAt, &s.UpdatedBy, &s.LastUsedAt}
}

func inUTC(s secret.Secret) secret.Secret {
	s.ValueAt, s.CreatedAt, s.UpdatedAt = s.ValueAt.UTC(), s.CreatedAt.UTC(), s.UpdatedAt.UTC()
	if s.LastUsedAt != nil {
		at := s.LastUsedAt.UTC()
		s.LastUsedAt = &at
	}
	return s
}

// Secrets lists all by name.
func (s *Store) Secrets(ctx context.Context) ([]secret.Secret, error) {
	rows, err := s.db.Query(ctx, `SELECT `+columns+` FROM secret ORDER BY name`)
	if err != nil {
		return nil, fmt.Errorf("list secrets: %w", err)
	}
	all, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (one secret.Secret, err error) {
		err = r.Scan(into(&one)...)
		return inUTC(one), err
	})
	if err != nil {
		return nil, fmt.Errorf("list secrets: %w", err)
	}
	return all, nil
}

// Secret reads one.
func (s *Store) Secret(ctx context.Context, name string) (one secret.Secret, sealed secret.Sealed, err error) {
	err = s.db.QueryRow(ctx, `SELECT `+columns+`, key_id, sealed FROM secret WHERE name = $1`, name).Scan(append(into(&one), &sealed.KeyID, &sealed.Box)...)
	if errors.Is(err, pgx.ErrNoRows) {
		return one, sealed, secret.ErrNotFound
	}
	if err != nil {
		return one, sealed, fmt.Errorf("read secret %s: %w", name, err)
	}
	return inUTC(one), sealed, nil
}

// Put adds or changes one.
func (s *Store) Put(ctx context.Context, c secret.Secret, sealed *secret.Sealed) (secret.Secret, bool, error) {
	const change = `
UPDATE secret SET description = $2, definitions = $3, node_types = $4, pools = $5, updated_by = $6, updated_at = clock_timestamp() WHERE name = $1
RETURNING ` + columns + `, false`
	const put = `
INSERT INTO secret AS s (name, description, definitions, node_types, pools, updated_by, key_id, sealed, value_at, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, clock_timestamp(), clock_timestamp(), clock_timestamp())
ON CONFLICT (name) DO UPDATE SET description = excluded.description, definitions = excluded.definitions, node_types = excluded.node_types, pools = excluded.pools,
    updated_by = excluded.updated_by, key_id = excluded.key_id, sealed = excluded.sealed, value_at = excluded.value_at, updated_at = excluded.updated_at
RETURNING ` + columns + `, xmax = 0`
	statement, arguments := change, []any{c.Name, c.Description, list(c.Scope.Definitions), list(c.Scope.NodeTypes), list(c.Scope.Pools), c.UpdatedBy}
	if sealed != nil {
		statement, arguments = put, append(arguments, sealed.KeyID, sealed.Box)
	}
	var out secret.Secret
	var added bool
	err := s.db.QueryRow(ctx, statement, arguments...).Scan(append(into(&out), &added)...)
	if errors.Is(err, pgx.ErrNoRows) {
		return out, false, secret.ErrNotFound
	}
	if err != nil {
		return out, false, fmt.Errorf("keep secret %s: %w", c.Name, err)
	}
	return inUTC(out), added, nil
}

func list(items []string) []string {
	if items == nil {
		return []string{}
	}
	return items
}

// Delete removes one.
func (s *Store) Delete(ctx context.Context, name string) error {
	done, err := s.db.Exec(ctx, `DELETE FROM secret WHERE name = $1`, name)
	if err != nil {
		return fmt.Errorf("delete secret %s: %w", name, err)
	}
	if done.RowsAffected() == 0 {
		return secret.ErrNotFound
	}
	return nil
}

// Used notes a use, at most once a minute.
func (s *Store) Used(ctx context.Context, name string) error {
	_, err := s.db.Exec(ctx, `
UPDATE secret SET last_used_at = clock_timestamp() WHERE name = $1 AND (last_used_at IS NULL OR last_used_at < clock_timestamp() - interval '1 minute')`, name)
	if err != nil {
		return fmt.Errorf("note a use of secret %s: %w", name, err)
	}
	return nil
}

// Runs lists the tasks of a process that workers have.
func (s *Store) Runs(ctx context.Context, process string) ([]secret.Run, error) {
	rows, err := s.db.Query(ctx, `
SELECT DISTINCT p.definition_key, d.node_type, d.pool FROM dispatch d JOIN process p ON p.id = d.process_id WHERE d.process_id = $1`, process)
	if err != nil {
		return nil, fmt.Errorf("list what workers run of process %s: %w", process, err)
	}
	return pgx.CollectRows(rows, func(r pgx.CollectableRow) (run secret.Run, err error) {
		return run, r.Scan(&run.Definition, &run.NodeType, &run.Pool)
	})
}
