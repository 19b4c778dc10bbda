package pgstore

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// Pause says that nothing of its subject starts. Kind is "type", "pool" or "definition".
type Pause struct {
	Kind, Name     string
	Reason, Author string
	At             time.Time
}

// Pauses returns all of them, by kind and name.
func (s *Store) Pauses(ctx context.Context) ([]Pause, error) {
	rows, err := s.db.Query(ctx, `SELECT kind, name, reason, author, at FROM pause ORDER BY kind, name`)
	out, err := rowsOf(rows, err, func(r pgx.Rows) (p Pause, err error) {
		return p, r.Scan(&p.Kind, &p.Name, &p.Reason, &p.Author, &p.At)
	})
	if err != nil {
		return nil, fmt.Errorf("read pauses: %w", err)
	}
	return out, nil
}

// Pause keeps a pause; one that is there already gets the new reason and author, its time stays.
func (s *Store) Pause(ctx context.Context, p Pause) error {
	const statement = `
INSERT INTO pause (kind, name, reason, author) VALUES ($1, $2, $3, $4)
ON CONFLICT (kind, name) DO UPDATE SET reason = excluded.reason, author = excluded.author`
	if _, err := s.db.Exec(ctx, statement, p.Kind, p.Name, p.Reason, p.Author); err != nil {
		return fmt.Errorf("pause %s %s: %w", p.Kind, p.Name, err)
	}
	return nil
}

// Unpause removes a pause; it reports whether there was one.
func (s *Store) Unpause(ctx context.Context, kind, name string) (bool, error) {
	tag, err := s.db.Exec(ctx, `DELETE FROM pause WHERE kind = $1 AND name = $2`, kind, name)
	if err != nil {
		return false, fmt.Errorf("end the pause of %s %s: %w", kind, name, err)
	}
	return tag.RowsAffected() > 0, nil
}

const windowOfPause = `
SELECT d.process_id::text, d.task_id::text, d.epoch, d.pool, d.node_type, d.lane, d.attempt_ms, d.published_at, d.started_at, 0::float8, 0::float8
FROM dispatch d
WHERE d.started_at IS NULL AND CASE $1
    WHEN 'type' THEN d.node_type = $2
    WHEN 'pool' THEN d.pool = $2
    ELSE EXISTS (SELECT 1 FROM process p WHERE p.id = d.process_id AND p.definition_key = $2) END`

// WindowOfPause returns the messages of a paused subject whose start nobody reported.
func (s *Store) WindowOfPause(ctx context.Context, kind, name string) ([]InWindow, error) {
	rows, err := s.db.Query(ctx, windowOfPause, kind, name)
	out, err := rowsOf(rows, err, scanWindow)
	if err != nil {
		return nil, fmt.Errorf("read the window of %s %s: %w", kind, name, err)
	}
	return out, nil
}

// notNil makes a list that PostgreSQL compares with: a NULL list compares with nothing.
func notNil(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
