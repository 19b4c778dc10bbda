// Package pgstore keeps the engine's processes in PostgreSQL with hand-written SQL: one file per concept, each statement named
// and explained where it is not plain.
//
// It knows tables, flow's values and nothing of Redis, workers or HTTP. A statement of the hot path takes whole batches as
// arrays; none runs per row.
package pgstore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Store reads and writes the engine's tables. Its hot pool is its own: connections whose planner is held to nested loops
// over indexes, so that one generic plan serves every batch size and prunes partitions while it runs.
type Store struct {
	db  *pgxpool.Pool
	hot *pgxpool.Pool

	days days
}

// Open makes a store over db; hotConns is the number of connections of the hot path (committers and feeder).
func Open(ctx context.Context, db *pgxpool.Pool, hotConns int) (*Store, error) {
	cfg := db.Config().Copy()
	cfg.MaxConns = int32(hotConns)
	cfg.MinConns = 0
	if cfg.ConnConfig.RuntimeParams == nil {
		cfg.ConnConfig.RuntimeParams = map[string]string{}
	}
	for name, value := range map[string]string{
		"plan_cache_mode":  "force_generic_plan",
		"enable_hashjoin":  "off",
		"enable_mergejoin": "off",
		"enable_seqscan":   "off",
		"enable_material":  "off",
		"enable_memoize":   "off",
		"jit":              "off",
		"application_name": "taskurotta-hot",
	} {
		cfg.ConnConfig.RuntimeParams[name] = value
	}
	cfg.AfterConnect = learnRowTypes
	hot, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("open the hot pool: %w", err)
	}
	return &Store{db: db, hot: hot}, nil
}

// Close closes the hot pool; db belongs to the caller.
func (s *Store) Close() { s.hot.Close() }

// Ping says whether PostgreSQL answers.
func (s *Store) Ping(ctx context.Context) error { return s.db.Ping(ctx) }

// Now is PostgreSQL's time.
func (s *Store) Now(ctx context.Context) (now time.Time, err error) {
	if err := s.db.QueryRow(ctx, `SELECT clock_timestamp()`).Scan(&now); err != nil {
		return now, fmt.Errorf("read the clock: %w", err)
	}
	return now, nil
}

// EnsurePartitions makes the missing day partitions from yesterday to three days ahead.
func (s *Store) EnsurePartitions(ctx context.Context) error {
	const statement = `SELECT ensure_partitions((now() AT TIME ZONE 'UTC')::date - 1, (now() AT TIME ZONE 'UTC')::date + 3)`
	if _, err := s.db.Exec(ctx, statement); err != nil {
		return fmt.Errorf("ensure partitions: %w", err)
	}
	return s.readDays(ctx)
}

// Fault sorts what a statement can fail with.
type Fault int

// The faults: a batch is retried whole when PostgreSQL is away or asks for it, halved when its data is to blame.
const (
	FaultAway     Fault = iota // PostgreSQL cannot be reached, restarts or has no room
	FaultConflict              // deadlock, serialization, or a row not as remembered: load again and retry
	FaultData                  // the data is to blame
	FaultNoDay                 // a day's partition is missing
)

// ErrConflict says that a commit lost a race and is to be done again.
var ErrConflict = errors.New("conflict")

// FaultOf tells what kind of fault err is.
func FaultOf(err error) Fault {
	var pg *pgconn.PgError
	if errors.Is(err, ErrConflict) {
		return FaultConflict
	}
	if !errors.As(err, &pg) {
		var syntax *json.SyntaxError
		var kind *json.UnmarshalTypeError
		if errors.As(err, &syntax) || errors.As(err, &kind) { // a document that is stored
			return FaultData
		}
		if strings.Contains(err.Error(), "failed to encode args") || strings.Contains(err.Error(), "unable to encode") {
			return FaultData
		}
		return FaultAway
	}
	switch class := pg.Code[:2]; {
	case pg.Code == "TK001", class == "40":
		return FaultConflict
	case pg.Code == "42P01", pg.Code == "23514" && strings.Contains(pg.Message, "no partition of relation"):
		return FaultNoDay
	case class == "22", class == "23", class == "21", class == "54":
		return FaultData
	case class == "08", class == "53", class == "57", class == "58", class == "55", class == "25":
		return FaultAway
	}
	return FaultData
}

func textOrNil(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func rowsOf[T any](rows pgx.Rows, err error, scan func(pgx.Rows) (T, error)) ([]T, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err()
}
