// Package pgstore keeps what webhooks need in PostgreSQL. It reads definition_start of the designer; its statements are hand-written.
package pgstore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/taskurotta/taskurotta-go/server/secret"
	"github.com/taskurotta/taskurotta-go/server/webhook"
)

// Store is the store of webhooks.
type Store struct{ db *pgxpool.Pool }

var _ webhook.Store = (*Store)(nil)

// New returns a store over db.
func New(db *pgxpool.Pool) *Store { return &Store{db: db} }

// Start reads a webhook start of the latest version.
func (s *Store) Start(ctx context.Context, definition, node string) (start webhook.Start, err error) {
	var event []byte
	const statement = `SELECT version, title, start FROM definition_start WHERE definition_key = $1 AND node_id = $2 AND kind = 'webhook'`
	err = s.db.QueryRow(ctx, statement, definition, node).Scan(&start.Version, &start.Title, &event)
	if errors.Is(err, pgx.ErrNoRows) {
		return start, webhook.ErrNotFound
	}
	if err == nil {
		err = json.Unmarshal(event, &start.Event)
	}
	if err != nil {
		return start, fmt.Errorf("read the start %s of %s: %w", node, definition, err)
	}
	return start, nil
}

// Path reads a stored path.
func (s *Store) Path(ctx context.Context, definition, node string) (p webhook.Path, err error) {
	const statement = `SELECT key_id, sealed, made_at, made_by FROM webhook_path WHERE definition_key = $1 AND node_id = $2`
	return read(s.db.QueryRow(ctx, statement, definition, node), definition, node)
}

func read(row pgx.Row, definition, node string) (p webhook.Path, err error) {
	err = row.Scan(&p.Sealed.KeyID, &p.Sealed.Box, &p.MadeAt, &p.MadeBy)
	if errors.Is(err, pgx.ErrNoRows) {
		return p, webhook.ErrNotFound
	}
	if err != nil {
		return p, fmt.Errorf("read the webhook %s of %s: %w", node, definition, err)
	}
	p.MadeAt = p.MadeAt.UTC()
	return p, nil
}

// PutPath stores a path.
func (s *Store) PutPath(ctx context.Context, definition, node, by string, sealed secret.Sealed, replace bool) (webhook.Path, error) {
	const statement = `
INSERT INTO webhook_path AS w (definition_key, node_id, key_id, sealed, made_at, made_by) VALUES ($1, $2, $3, $4, clock_timestamp(), $5)
ON CONFLICT (definition_key, node_id) DO UPDATE
SET key_id = CASE WHEN $6 THEN excluded.key_id ELSE w.key_id END, sealed = CASE WHEN $6 THEN excluded.sealed ELSE w.sealed END,
    made_at = CASE WHEN $6 THEN excluded.made_at ELSE w.made_at END, made_by = CASE WHEN $6 THEN excluded.made_by ELSE w.made_by END
RETURNING key_id, sealed, made_at, made_by`
	return read(s.db.QueryRow(ctx, statement, definition, node, sealed.KeyID, sealed.Box, by, replace), definition, node)
}

// See remembers a signature.
func (s *Store) See(ctx context.Context, digest []byte, delivery string, keep time.Duration) (first string, err error) {
	const statement = `
INSERT INTO webhook_seen AS w (digest, delivery, expires_at) VALUES ($1, $2, clock_timestamp() + $3 * interval '1 millisecond')
ON CONFLICT (digest) DO UPDATE SET delivery = w.delivery
RETURNING delivery`
	if err := s.db.QueryRow(ctx, statement, digest, delivery, keep.Milliseconds()).Scan(&first); err != nil {
		return "", fmt.Errorf("remember a signature: %w", err)
	}
	return first, nil
}

// Forget drops signatures that need not be remembered any more.
func (s *Store) Forget(ctx context.Context) error {
	const statement = `DELETE FROM webhook_seen WHERE digest IN (SELECT digest FROM webhook_seen WHERE expires_at < clock_timestamp() LIMIT 10000)`
	if _, err := s.db.Exec(ctx, statement); err != nil {
		return fmt.Errorf("forget signatures: %w", err)
	}
	return nil
}
