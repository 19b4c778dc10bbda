package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"gocloud.dev/blob"
	"gocloud.dev/gcerrors"
)

// Contents that nothing names any more are removed: uploads that no process was started with, and what processes had that were deleted
// or are over their retention.
//
// It takes two steps, some time apart. Whoever brings a content says so in its row (touch) before it looks whether the content is there,
// whoever may give a file to a process before it looks for the last time; the first step takes only rows that nobody has touched for the grace, takes the uploaders' rights to them
// away, so that no start names them from then on, and notes when. The second step, under the lock of the row, looks again whether
// anybody has come, and removes content and row. Who brings the same content at that moment waits for the lock, then stores it anew.

const (
	sweepEvery = time.Hour
	sweepPause = 15 * time.Minute // between the steps: far longer than any request or commit
	sweepMost  = 500              // contents in one statement
	adoptEvery = 24 * time.Hour
)

// SweepConfig of a Sweeper. Zero values mean the defaults.
type SweepConfig struct {
	Grace time.Duration // how long a content is kept though nothing names it; default 24 h
	Every time.Duration // between passes; default 1 h
	Pause time.Duration // between the two steps; default 15 min, at most Grace
	// Texts are queries, each of one text column: a content whose digest is in one of the texts is kept.
	Texts []string
	Log   *slog.Logger // default slog.Default()
}

// Sweeper removes contents that nothing names. Several may run.
type Sweeper struct {
	store  *Store
	config SweepConfig
	named  string // a query of the digests that the texts hold

	cancel  context.CancelFunc
	group   sync.WaitGroup
	removed atomic.Int64
	bytes   atomic.Int64
}

// NewSweeper returns a sweeper of a store, which is not started.
func NewSweeper(store *Store, config SweepConfig) *Sweeper {
	if config.Grace <= 0 {
		config.Grace = 24 * time.Hour
	}
	if config.Every <= 0 {
		config.Every = sweepEvery
	}
	if config.Pause <= 0 {
		config.Pause = min(sweepPause, config.Grace)
	}
	if config.Log == nil {
		config.Log = slog.Default()
	}
	texts := append([]string{`SELECT ''`}, config.Texts...)
	named := `SELECT found[1] FROM (` + strings.Join(texts, " UNION ALL ") + `) AS t(body), regexp_matches(t.body, '[0-9a-f]{64}', 'g') AS found`
	return &Sweeper{store: store, config: config, named: named}
}

// Removed returns how many contents this sweeper removed, and their bytes.
func (s *Sweeper) Removed() (contents, bytes int64) { return s.removed.Load(), s.bytes.Load() }

// Start begins to sweep.
func (s *Sweeper) Start(ctx context.Context) error {
	ctx, s.cancel = context.WithCancel(context.WithoutCancel(ctx))
	s.group.Go(func() { s.run(ctx) })
	return nil
}

// Stop ends that. It may be called more than once.
func (s *Sweeper) Stop() {
	if s.cancel != nil {
		s.cancel()
	}
	s.group.Wait()
}

func (s *Sweeper) run(ctx context.Context) {
	tick := time.NewTicker(s.config.Every)
	defer tick.Stop()
	var adopted time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if time.Since(adopted) > adoptEvery {
			if err := s.Adopt(ctx); err != nil && ctx.Err() == nil {
				s.config.Log.Warn("look for contents that no row tells of", "error", err)
			}
			adopted = time.Now()
		}
		if err := s.Sweep(ctx); err != nil && ctx.Err() == nil {
			s.config.Log.Warn("remove contents that nothing names", "error", err)
		}
	}
}

// Sweep is one pass: it removes what a pass before has chosen, and chooses.
func (s *Sweeper) Sweep(ctx context.Context) error {
	before, _ := s.Removed()
	if err := s.spare(ctx); err != nil {
		return err
	}
	for after := ""; ; {
		sha, err := s.remove(ctx, after)
		if err != nil {
			return err
		}
		if sha == "" {
			break
		}
		after = sha
	}
	if after, _ := s.Removed(); after > before {
		s.config.Log.Info("removed contents that nothing names", "contents", after-before)
	}
	return s.choose(ctx)
}

// spare keeps what somebody has come for since it was chosen.
func (s *Sweeper) spare(ctx context.Context) error {
	statement := `
UPDATE file f SET doomed_at = NULL, used_at = now()
WHERE f.doomed_at IS NOT NULL AND (EXISTS (SELECT FROM file_ref r WHERE r.sha256 = f.sha256) OR EXISTS (SELECT FROM upload u WHERE u.sha256 = f.sha256)
    OR f.sha256 IN (` + s.named + `))`
	if _, err := s.store.config.DB.Exec(ctx, statement); err != nil {
		return fmt.Errorf("keep chosen contents that are named again: %w", err)
	}
	return nil
}

// choose dooms what nothing names and nobody has touched for the grace.
func (s *Sweeper) choose(ctx context.Context) error {
	statement := `
WITH named AS MATERIALIZED (` + s.named + `), chosen AS (
    SELECT f.sha256 FROM file f
    WHERE f.doomed_at IS NULL AND f.used_at < now() - $1::interval AND NOT EXISTS (SELECT FROM file_ref r WHERE r.sha256 = f.sha256)
        AND f.sha256 NOT IN (SELECT * FROM named)
    ORDER BY f.sha256 LIMIT $2 FOR UPDATE OF f SKIP LOCKED
), gone AS (DELETE FROM upload u USING chosen c WHERE u.sha256 = c.sha256)
UPDATE file f SET doomed_at = now() FROM chosen c WHERE f.sha256 = c.sha256`
	for {
		tag, err := s.store.config.DB.Exec(ctx, statement, s.config.Grace, sweepMost)
		if err != nil {
			return fmt.Errorf("choose contents that nothing names: %w", err)
		}
		if tag.RowsAffected() < sweepMost {
			return nil
		}
	}
}

// remove removes the first chosen content behind a digest; "" says that there is none. Content goes before row: a crash between leaves a
// row that is still doomed, and whoever brings the content meanwhile finds it absent.
func (s *Sweeper) remove(ctx context.Context, after string) (sha string, err error) {
	err = pgx.BeginFunc(ctx, s.store.config.DB, func(tx pgx.Tx) error {
		var size int64
		err := tx.QueryRow(ctx, `SELECT sha256, size FROM file WHERE doomed_at < now() - $1::interval AND sha256 > $2 ORDER BY sha256 LIMIT 1 FOR UPDATE SKIP LOCKED`,
			s.config.Pause, after).Scan(&sha, &size)
		if errors.Is(err, pgx.ErrNoRows) {
			sha = ""
			return nil
		}
		if err != nil {
			return err
		}
		var wanted bool // looked up once more, now that nobody can touch the row
		if err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM file_ref WHERE sha256 = $1) OR EXISTS (SELECT FROM upload WHERE sha256 = $1)`, sha).Scan(&wanted); err != nil || wanted {
			return err
		}
		if err := s.store.bucket.Delete(ctx, blobKey(sha)); err != nil && gcerrors.Code(err) != gcerrors.NotFound {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM file WHERE sha256 = $1`, sha); err != nil {
			return err
		}
		s.removed.Add(1)
		s.bytes.Add(size)
		return nil
	})
	if err != nil {
		return "", fmt.Errorf("remove content %s: %w", sha, err)
	}
	return sha, nil
}

// Adopt makes rows for contents that have none, left by a crash between content and row, and ends the rights of processes that are no
// more, left by a task that saved a file while its process was deleted: from then on they are as any other.
func (s *Sweeper) Adopt(ctx context.Context) error {
	const forsaken = `DELETE FROM file_ref r WHERE r.created_at < now() - $1::interval AND NOT EXISTS (SELECT FROM process p WHERE p.id = r.process_id)`
	if _, err := s.store.config.DB.Exec(ctx, forsaken, s.config.Grace); err != nil {
		return fmt.Errorf("end the rights of processes that are no more: %w", err)
	}
	list := s.store.bucket.List(&blob.ListOptions{Prefix: "sha256/"})
	old := time.Now().Add(-s.config.Grace)
	var digests []string
	var sizes []int64
	flush := func() error {
		const statement = `INSERT INTO file (sha256, size, media_type) SELECT d, n, 'application/octet-stream' FROM unnest($1::text[], $2::bigint[]) AS o(d, n)
			ORDER BY d ON CONFLICT (sha256) DO NOTHING`
		_, err := s.store.config.DB.Exec(ctx, statement, digests, sizes)
		digests, sizes = digests[:0], sizes[:0]
		return err
	}
	for {
		object, err := list.Next(ctx)
		if errors.Is(err, io.EOF) {
			return flush()
		}
		if err != nil {
			return fmt.Errorf("list the file store: %w", err)
		}
		sha := object.Key[strings.LastIndex(object.Key, "/")+1:]
		if object.IsDir || object.ModTime.After(old) || !digest.MatchString(sha) {
			continue
		}
		if digests, sizes = append(digests, sha), append(sizes, object.Size); len(digests) == sweepMost {
			if err := flush(); err != nil {
				return err
			}
		}
	}
}

// touch says that somebody is about to use contents, which keeps them for the grace: before it is looked whether they are there. A
// content that is being removed right now is waited for, and is gone then.
func (s *Store) touch(ctx context.Context, shas ...string) error {
	const statement = `
UPDATE file f SET used_at = now(), doomed_at = NULL
FROM (SELECT sha256 FROM file WHERE sha256 = ANY($1) AND (doomed_at IS NOT NULL OR used_at < now() - interval '1 minute') ORDER BY sha256 FOR UPDATE) AS old
WHERE f.sha256 = old.sha256`
	if _, err := s.config.DB.Exec(ctx, statement, shas); err != nil {
		return fmt.Errorf("touch %d contents: %w", len(shas), err)
	}
	return nil
}
