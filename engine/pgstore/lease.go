package pgstore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// Membership is what one renewal found: the shards that this engine holds, by fence, and the number of live engines.
type Membership struct {
	Shards  map[int]int64
	Members int
}

// beMember says that the engine is alive and forgets engines that are long gone.
const beMember = `
INSERT INTO engine_member (id, expires_at) VALUES ($1, clock_timestamp() + $2 * interval '1 millisecond')
ON CONFLICT (id) DO UPDATE SET expires_at = excluded.expires_at`

// countMembers leaves out engines that died before the clock was put back: their time ends implausibly late.
const countMembers = `
SELECT count(*) FROM engine_member WHERE expires_at > clock_timestamp() AND expires_at <= clock_timestamp() + $1 * interval '10 milliseconds'`

const forgetMembers = `DELETE FROM engine_member WHERE expires_at < clock_timestamp() - interval '1 hour'`

const renewShards = `
UPDATE shard_lease SET expires_at = clock_timestamp() + $2 * interval '1 millisecond'
WHERE owner = $1 AND expires_at > clock_timestamp() RETURNING shard, fence`

// takeShards takes up to $3 free leases; a new owner is a new fence. A lease that ends far later than any lease lasts was given
// before the clock was put back, and its owner did not renew it since: it is free, too.
const takeShards = `
UPDATE shard_lease l SET owner = $1, fence = fence + 1, expires_at = clock_timestamp() + $2 * interval '1 millisecond'
WHERE shard IN (SELECT shard FROM shard_lease
    WHERE expires_at <= clock_timestamp() OR expires_at > clock_timestamp() + $2 * interval '10 milliseconds'
    ORDER BY shard LIMIT $3 FOR UPDATE SKIP LOCKED)
RETURNING shard, fence`

// yieldShards gives up the surplus when another engine joined.
const yieldShards = `
UPDATE shard_lease SET owner = '', expires_at = '-infinity'
WHERE shard IN (SELECT shard FROM shard_lease WHERE owner = $1 ORDER BY shard DESC LIMIT $2) AND owner = $1 RETURNING shard`

// RenewMembership renews this engine's leases and takes or yields shards until it has its share of the total.
func (s *Store) RenewMembership(ctx context.Context, id string, ttl time.Duration, total int) (Membership, error) {
	m := Membership{Shards: map[int]int64{}}
	scan := func(rows pgx.Rows, err error) error {
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var shard int
			var fence int64
			if err := rows.Scan(&shard, &fence); err != nil {
				return err
			}
			m.Shards[shard] = fence
		}
		return rows.Err()
	}
	ms := ttl.Milliseconds()
	if _, err := s.db.Exec(ctx, beMember, id, ms); err != nil {
		return m, fmt.Errorf("renew membership of %s: %w", id, err)
	}
	if err := s.db.QueryRow(ctx, countMembers, ms).Scan(&m.Members); err != nil {
		return m, fmt.Errorf("count engines: %w", err)
	}
	rows, err := s.db.Query(ctx, renewShards, id, ms)
	if err := scan(rows, err); err != nil {
		return m, fmt.Errorf("renew shards of %s: %w", id, err)
	}
	share := (total + m.Members - 1) / max(m.Members, 1)
	switch {
	case len(m.Shards) < share:
		rows, err := s.db.Query(ctx, takeShards, id, ms, share-len(m.Shards))
		if err := scan(rows, err); err != nil {
			return m, fmt.Errorf("take shards for %s: %w", id, err)
		}
	case len(m.Shards) > share:
		rows, err := s.db.Query(ctx, yieldShards, id, len(m.Shards)-share)
		gone, err := rowsOf(rows, err, func(r pgx.Rows) (shard int, err error) { return shard, r.Scan(&shard) })
		if err != nil {
			return m, fmt.Errorf("yield shards of %s: %w", id, err)
		}
		for _, shard := range gone {
			delete(m.Shards, shard)
		}
	}
	_, _ = s.db.Exec(ctx, forgetMembers)
	return m, nil
}

// Leave gives up every lease of an engine that stops.
func (s *Store) Leave(ctx context.Context, id string) error {
	for _, statement := range []string{
		`UPDATE shard_lease SET owner = '', expires_at = '-infinity' WHERE owner = $1`,
		`UPDATE leader_lease SET owner = '', expires_at = '-infinity' WHERE owner = $1`,
		`DELETE FROM engine_member WHERE id = $1`,
	} {
		if _, err := s.db.Exec(ctx, statement, id); err != nil {
			return fmt.Errorf("give up leases of %s: %w", id, err)
		}
	}
	return nil
}

const lead = `
INSERT INTO leader_lease AS l (name, owner, fence, expires_at) VALUES ($1, $2, 1, clock_timestamp() + $3 * interval '1 millisecond')
ON CONFLICT (name) DO UPDATE
SET owner = $2, fence = l.fence + CASE WHEN l.owner = $2 THEN 0 ELSE 1 END, expires_at = excluded.expires_at
WHERE l.owner = $2 OR l.expires_at <= clock_timestamp() OR l.expires_at > clock_timestamp() + $3 * interval '10 milliseconds'
RETURNING fence`

// Lead takes or renews a leader's lease; fence 0 means that another engine leads.
func (s *Store) Lead(ctx context.Context, name, id string, ttl time.Duration) (fence int64, err error) {
	err = s.db.QueryRow(ctx, lead, name, id, ttl.Milliseconds()).Scan(&fence)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("lead %s: %w", name, err)
	}
	return fence, nil
}
