package pgstore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
)

// Retention is for how many days the ended processes of a definition are kept.
type Retention struct {
	Definition     string
	Days           int
	Reason, Author string
	ChangedAt      time.Time
}

// Retentions lists the definitions that have one of their own, by key.
func (s *Store) Retentions(ctx context.Context) ([]Retention, error) {
	rows, err := s.db.Query(ctx, `SELECT definition_key, days, reason, author, changed_at FROM retention ORDER BY definition_key`)
	out, err := rowsOf(rows, err, func(r pgx.Rows) (x Retention, err error) {
		return x, r.Scan(&x.Definition, &x.Days, &x.Reason, &x.Author, &x.ChangedAt)
	})
	if err != nil {
		return nil, fmt.Errorf("read retentions: %w", err)
	}
	return out, nil
}

// SetRetention keeps a definition's own retention; 0 days remove it.
func (s *Store) SetRetention(ctx context.Context, r Retention) error {
	statement, args := `DELETE FROM retention WHERE definition_key = $1`, []any{r.Definition}
	if r.Days > 0 {
		statement, args = `
INSERT INTO retention (definition_key, days, reason, author) VALUES ($1, $2, $3, $4)
ON CONFLICT (definition_key) DO UPDATE SET days = excluded.days, reason = excluded.reason, author = excluded.author, changed_at = now()`,
			[]any{r.Definition, r.Days, r.Reason, r.Author}
	}
	if _, err := s.db.Exec(ctx, statement, args...); err != nil {
		return fmt.Errorf("set the retention of %s: %w", r.Definition, err)
	}
	return nil
}

// RetentionPass is what a pass did.
type RetentionPass struct {
	Began, Ended time.Time
	Processes    int64
	Days         int64
	Error        string
}

// NoteRetention keeps what the last pass did, which ends now.
func (s *Store) NoteRetention(ctx context.Context, p RetentionPass) error {
	const statement = `
INSERT INTO retention_run (began_at, ended_at, processes, days, error) VALUES ($1, clock_timestamp(), $2, $3, $4)
ON CONFLICT (only_one) DO UPDATE SET began_at = excluded.began_at, ended_at = excluded.ended_at, processes = excluded.processes, days = excluded.days, error = excluded.error`
	if _, err := s.db.Exec(ctx, statement, p.Began, p.Processes, p.Days, p.Error); err != nil {
		return fmt.Errorf("note a pass of the retention: %w", err)
	}
	return nil
}

// LastRetention reads what the last pass did; ErrNotFound when there was none.
func (s *Store) LastRetention(ctx context.Context) (p RetentionPass, err error) {
	const statement = `SELECT began_at, ended_at, processes, days, error FROM retention_run`
	if err := s.db.QueryRow(ctx, statement).Scan(&p.Began, &p.Ended, &p.Processes, &p.Days, &p.Error); err != nil {
		return p, fmt.Errorf("read the last pass of the retention: %w", notFound(err))
	}
	return p, nil
}

// idBefore is the least UUIDv7 of a time: what was created before it has a lesser id.
const idBefore = `(lpad(to_hex((extract(epoch FROM %s) * 1000)::bigint), 12, '0') || '00000000000000000000')::uuid`

// CountExpired counts up to limit processes of a definition that ended more than so many days ago. An id begins with the time of
// the start: what began later need not be looked at.
func (s *Store) CountExpired(ctx context.Context, definition string, days, limit int) (n int, err error) {
	whose := `definition_key = $1`
	if definition == "" { // of all without a retention of their own
		whose = `$1 = '' AND NOT EXISTS (SELECT 1 FROM retention r WHERE r.definition_key = process.definition_key)`
	}
	statement := `
SELECT count(*) FROM (SELECT 1 FROM process WHERE ` + whose + ` AND id < ` + fmt.Sprintf(idBefore, `now() - make_interval(days => $2)`) + `
    AND ended_at < now() - make_interval(days => $2) LIMIT $3) AS x`
	if err := s.db.QueryRow(ctx, statement, definition, days, limit).Scan(&n); err != nil {
		return 0, fmt.Errorf("count what is over its retention of %s: %w", definition, err)
	}
	return n, nil
}

// A Day is one whose partitions exist and which is over for good: no process of it can begin any more.
type Day struct {
	Name  string    // YYYYMMDD
	Start time.Time // UTC
}

// DayOf is the day of a process, by its id.
func DayOf(process string) Day {
	name := dayOf(process)
	start, _ := time.Parse(dayLayout, name)
	return Day{Name: name, Start: start}
}

// Parents tells which of the processes have called others that are left.
func (s *Store) Parents(ctx context.Context, ids []string) ([]string, error) {
	rows, err := s.db.Query(ctx, `SELECT id::text FROM unnest($1::uuid[]) AS u(id) WHERE EXISTS (SELECT 1 FROM process p WHERE p.root_id = u.id) ORDER BY 1`, ids)
	out, err := rowsOf(rows, err, func(r pgx.Rows) (id string, err error) { return id, r.Scan(&id) })
	if err != nil {
		return nil, fmt.Errorf("look which of %d processes have called others: %w", len(ids), err)
	}
	return out, nil
}

// OldDays lists the days with partitions that ended at least a day ago, oldest first.
func (s *Store) OldDays(ctx context.Context) ([]Day, error) {
	// Days are compared as texts: PostgreSQL may look at the names of other relations first, which are no dates.
	const statement = `
SELECT DISTINCT right(c.relname, 8) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
WHERE i.inhparent = ANY($1::text[]::regclass[]) AND right(c.relname, 8) < to_char(now() AT TIME ZONE 'UTC' - interval '1 day', 'YYYYMMDD') ORDER BY 1`
	rows, err := s.db.Query(ctx, statement, partitioned)
	out, err := rowsOf(rows, err, func(r pgx.Rows) (d Day, err error) {
		if err = r.Scan(&d.Name); err == nil {
			d.Start, err = time.Parse(dayLayout, d.Name)
		}
		return d, err
	})
	if err != nil {
		return nil, fmt.Errorf("list days: %w", err)
	}
	return out, nil
}

// partitioned are the tables with a partition for each day, the one with the locks first: without it no commit begins.
var partitioned = []string{"scope", "task", "attempt", "event", "output", "process_data"}

// unpartitioned are the other tables with rows of a process that has ended.
var unpartitioned = slices.DeleteFunc(append(slices.Clone(tracesOf), "idempotency_key"), func(table string) bool { return slices.Contains(partitioned, table) })

// expires is when a process p with its definition's retention r is over it; null while it lives.
const expires = `p.ended_at + make_interval(days => COALESCE(r.days, $1))`

// keeps tells whether a day holds a process that lives, or is kept beyond a time, or belongs to a tree of which another one does.
// The first statement answers for nearly every day that is to stay, after a few rows.
const (
	keepsOwn = `
SELECT EXISTS (SELECT 1 FROM process p LEFT JOIN retention r ON r.definition_key = p.definition_key
    WHERE p.id >= day_floor($2::date) AND p.id < day_floor($2::date + 1) AND (p.ended_at IS NULL OR ` + expires + ` > $3::timestamptz))`
	keepsTree = `
SELECT EXISTS (SELECT 1 FROM (SELECT DISTINCT root_id FROM process WHERE id >= day_floor($2::date) AND id < day_floor($2::date + 1) AND root_id IS NOT NULL
        UNION SELECT DISTINCT c.root_id FROM process c WHERE c.root_id >= day_floor($2::date) AND c.root_id < day_floor($2::date + 1)) AS tree
    WHERE EXISTS (SELECT 1 FROM process p LEFT JOIN retention r ON r.definition_key = p.definition_key
        WHERE p.id = tree.root_id AND (p.ended_at IS NULL OR ` + expires + ` > $3::timestamptz))
       OR EXISTS (SELECT 1 FROM process p LEFT JOIN retention r ON r.definition_key = p.definition_key
        WHERE p.root_id = tree.root_id AND (p.ended_at IS NULL OR ` + expires + ` > $3::timestamptz)))`
)

// Keeps tells whether a day holds anything that lives or is kept beyond a time. days is the default retention.
func (s *Store) Keeps(ctx context.Context, day Day, days int, beyond time.Time) (keeps bool, err error) {
	for _, statement := range []string{keepsOwn, keepsTree} {
		if err := s.db.QueryRow(ctx, statement, days, day.Start.Format(time.DateOnly), beyond).Scan(&keeps); err != nil || keeps {
			if err != nil {
				return false, fmt.Errorf("look what day %s keeps: %w", day.Name, err)
			}
			return true, nil
		}
	}
	return false, nil
}

// DefinitionsOf lists the definitions with processes of a day. It leaps from key to key in the index.
func (s *Store) DefinitionsOf(ctx context.Context, day Day) ([]string, error) {
	const statement = `
WITH RECURSIVE key AS (
    (SELECT definition_key AS k FROM process ORDER BY definition_key LIMIT 1)
    UNION ALL
    SELECT (SELECT p.definition_key FROM process p WHERE p.definition_key > key.k ORDER BY p.definition_key LIMIT 1) FROM key WHERE key.k IS NOT NULL
) SELECT k FROM key WHERE k IS NOT NULL
  AND EXISTS (SELECT 1 FROM process p WHERE p.definition_key = k AND p.id >= day_floor($1::date) AND p.id < day_floor($1::date + 1))`
	rows, err := s.db.Query(ctx, statement, day.Start.Format(time.DateOnly))
	out, err := rowsOf(rows, err, func(r pgx.Rows) (k string, err error) { return k, r.Scan(&k) })
	if err != nil {
		return nil, fmt.Errorf("list the definitions of day %s: %w", day.Name, err)
	}
	return out, nil
}

// Expired lists processes of a definition and a day that are over their retention with their whole tree: outermost ones, and those
// whose outermost one is gone. after is the last id that was looked at before.
func (s *Store) Expired(ctx context.Context, day Day, definition string, days int, after string, limit int) ([]string, error) {
	const statement = `
SELECT p.id::text FROM process p LEFT JOIN retention r ON r.definition_key = p.definition_key
WHERE p.definition_key = $3 AND p.id >= day_floor($2::date) AND p.id < day_floor($2::date + 1) AND p.id > $4::uuid
  AND ` + expires + ` < now()
  AND (p.root_id IS NULL OR NOT EXISTS (SELECT 1 FROM process x WHERE x.id = p.root_id))
  AND NOT EXISTS (SELECT 1 FROM process c LEFT JOIN retention rc ON rc.definition_key = c.definition_key
      WHERE c.root_id = p.id AND (c.ended_at IS NULL OR c.ended_at + make_interval(days => COALESCE(rc.days, $1)) >= now()))
ORDER BY p.id LIMIT $5`
	if after == "" {
		after = "00000000-0000-0000-0000-000000000000"
	}
	rows, err := s.db.Query(ctx, statement, days, day.Start.Format(time.DateOnly), definition, after, limit)
	out, err := rowsOf(rows, err, func(r pgx.Rows) (id string, err error) { return id, r.Scan(&id) })
	if err != nil {
		return nil, fmt.Errorf("list what is over its retention of %s: %w", definition, err)
	}
	return out, nil
}

// AnyOf lists some processes of a day.
func (s *Store) AnyOf(ctx context.Context, day Day, limit int) ([]string, error) {
	rows, err := s.db.Query(ctx, `SELECT id::text FROM process WHERE id >= day_floor($1::date) AND id < day_floor($1::date + 1) ORDER BY id LIMIT $2`,
		day.Start.Format(time.DateOnly), limit)
	out, err := rowsOf(rows, err, func(r pgx.Rows) (id string, err error) { return id, r.Scan(&id) })
	if err != nil {
		return nil, fmt.Errorf("list processes of day %s: %w", day.Name, err)
	}
	return out, nil
}

// Removed counts what a transaction removed of one definition.
type Removed struct {
	Definition string
	N          int
	IDs        []string // all of them, in order
}

// ErrFenced says that another engine leads now.
var ErrFenced = errors.New("another engine leads")

// Leader is who may remove: the statements do nothing when somebody else leads.
type Leader struct {
	Name, Owner string
	Fence       int64
}

// removeProcesses deletes the rows of ended processes and counts them; a live one, or one that somebody else is about to remove, is
// left.
const removeProcesses = `
WITH gone AS (
    DELETE FROM process WHERE id IN (
        SELECT id FROM process WHERE id = ANY($1::uuid[]) AND ended_at IS NOT NULL ORDER BY id FOR UPDATE SKIP LOCKED)
    RETURNING id, definition_key, version, state
), counted AS (
    INSERT INTO counter_delta (name, definition_key, version, n)
    SELECT c.name, definition_key, version, sum(c.n) FROM gone CROSS JOIN LATERAL (VALUES ('started', -1), (state, -1), ('removed_' || state, 1)) AS c (name, n)
    GROUP BY 1, 2, 3
)
SELECT id::text, definition_key FROM gone ORDER BY definition_key, id`

// Remove removes ended processes of one day with all their traces in one transaction, the idempotency keys among them. whole leaves
// the rows of the day's partitions, which are about to go as a whole. more adds statements to the transaction.
func (s *Store) Remove(ctx context.Context, by Leader, day Day, ids []string, whole bool, more func(Queue, []Removed)) (removed []Removed, err error) {
	err = pgx.BeginFunc(ctx, s.db, func(tx pgx.Tx) error {
		var leads bool
		const lead = `SELECT EXISTS (SELECT 1 FROM leader_lease WHERE name = $1 AND owner = $2 AND fence = $3 AND expires_at > clock_timestamp() FOR SHARE)`
		if err := tx.QueryRow(ctx, lead, by.Name, by.Owner, by.Fence).Scan(&leads); err != nil {
			return fmt.Errorf("look who leads: %w", err)
		}
		if !leads {
			return ErrFenced
		}
		var all []string
		rows, err := tx.Query(ctx, removeProcesses, ids)
		removed = nil
		_, err = rowsOf(rows, err, func(r pgx.Rows) (none struct{}, err error) {
			var id, definition string
			if err := r.Scan(&id, &definition); err != nil {
				return none, err
			}
			if n := len(removed); n == 0 || removed[n-1].Definition != definition {
				removed = append(removed, Removed{Definition: definition})
			}
			last := &removed[len(removed)-1]
			last.N++
			last.IDs = append(last.IDs, id)
			all = append(all, id)
			return none, nil
		})
		if err != nil {
			return fmt.Errorf("remove %d processes: %w", len(ids), err)
		}
		if len(all) == 0 {
			return nil
		}
		batch := &pgx.Batch{}
		for _, table := range unpartitioned {
			batch.Queue(`DELETE FROM `+table+` WHERE process_id = ANY($1::uuid[])`, all)
		}
		batch.Queue(`UPDATE message SET process_id = NULL, task_id = NULL, node_id = NULL WHERE process_id = ANY($1::uuid[]) AND taken_at IS NULL`, all)
		if !whole {
			for _, table := range partitioned {
				batch.Queue(`DELETE FROM `+table+`_`+day.Name+` WHERE process_id = ANY($1::uuid[])`, all)
			}
		}
		more(func(sql string, args ...any) { batch.Queue(sql, args...) }, removed)
		if err := tx.SendBatch(ctx, batch).Close(); err != nil {
			return fmt.Errorf("remove the traces of %d processes: %w", len(all), err)
		}
		return nil
	})
	return removed, err
}

// DropDay drops the partitions of a day, of which no process may be left. Detaching concurrently waits for whoever reads them and
// lets everybody else through; one that was broken off is finished.
func (s *Store) DropDay(ctx context.Context, day Day) error {
	const waits = `SELECT inhdetachpending FROM pg_inherits WHERE inhparent = $1::text::regclass AND inhrelid = to_regclass($2)`
	for _, table := range partitioned {
		part := table + "_" + day.Name
		var pending bool
		switch err := s.db.QueryRow(ctx, waits, table, part).Scan(&pending); {
		case errors.Is(err, pgx.ErrNoRows): // detached before
		case err != nil:
			return fmt.Errorf("look for partition %s: %w", part, err)
		default:
			how := "CONCURRENTLY"
			if pending {
				how = "FINALIZE"
			}
			if _, err := s.db.Exec(ctx, `ALTER TABLE `+table+` DETACH PARTITION `+part+` `+how); err != nil {
				return fmt.Errorf("detach partition %s: %w", part, err)
			}
		}
		if _, err := s.db.Exec(ctx, `DROP TABLE IF EXISTS `+part); err != nil {
			return fmt.Errorf("drop partition %s: %w", part, err)
		}
	}
	return s.readDays(ctx)
}

// ForgetTombstones removes what is left of deleted processes, and the keys of their starts, once it is over the retention too.
func (s *Store) ForgetTombstones(ctx context.Context, days, limit int) error {
	const statement = `
WITH gone AS (
    DELETE FROM tombstone WHERE process_id IN (
        SELECT t.process_id FROM tombstone t LEFT JOIN retention r ON r.definition_key = t.definition_key
        WHERE t.deleted_at + make_interval(days => COALESCE(r.days, $1)) < now() LIMIT $2 FOR UPDATE OF t SKIP LOCKED)
    RETURNING process_id
)
DELETE FROM idempotency_key WHERE process_id IN (SELECT process_id FROM gone)`
	if _, err := s.db.Exec(ctx, statement, days, limit); err != nil {
		return fmt.Errorf("forget tombstones: %w", err)
	}
	return nil
}
