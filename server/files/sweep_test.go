package files_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/server/files"
)

// age makes contents look as if nobody had touched them, and chosen ones as if they had been chosen, for so long.
func (f fixture) age(t *testing.T, by time.Duration) {
	t.Helper()
	_, err := f.pool.Exec(t.Context(), `UPDATE file SET used_at = used_at - $1::interval, doomed_at = doomed_at - $1::interval`, by)
	require.NoError(t, err)
}

func (f fixture) sweeper(texts ...string) *files.Sweeper {
	return files.NewSweeper(f.Store, files.SweepConfig{Texts: texts})
}

// sweep is a pass an hour after the one before.
func (f fixture) sweep(t *testing.T, s *files.Sweeper) {
	t.Helper()
	f.age(t, time.Hour)
	require.NoError(t, s.Sweep(t.Context()))
}

func (f fixture) has(t *testing.T, sha string) bool {
	t.Helper()
	var row bool
	require.NoError(t, f.pool.QueryRow(t.Context(), `SELECT EXISTS (SELECT FROM file WHERE sha256 = $1)`, sha).Scan(&row))
	_, err := os.Stat(filepath.Join(f.folder, "sha256", sha[:2], sha))
	require.Equal(t, row, err == nil, "row and content of %s go together", sha)
	return row
}

func TestContentsThatNothingNamesAreRemoved(t *testing.T) {
	t.Parallel()
	store := open(t)
	process := uuid.Must(uuid.NewV7()).String()
	unused := store.save(t, files.Owner{User: "anna"}, "unused.txt", "never used")
	used := store.save(t, files.Owner{User: "anna"}, "used.txt", "used")
	made := store.save(t, files.Owner{Process: process}, "made.txt", "made by a task")
	kept := store.save(t, files.Owner{User: "anna"}, "kept.txt", "a message names it")
	store.grant(t, process, files.Named{SHA256: used.SHA256, Name: "used.txt"})
	s := store.sweeper(`SELECT '{"$file":"sha256:` + kept.SHA256 + `"}'`)

	store.sweep(t, s)
	store.sweep(t, s)
	require.True(t, store.has(t, unused.SHA256), "within the grace")
	store.age(t, 24*time.Hour)
	store.sweep(t, s) // chooses
	require.True(t, store.has(t, unused.SHA256), "chosen, and not removed at once")
	_, err := store.Check(t.Context(), "anna", "", []files.Named{{SHA256: unused.SHA256}})
	require.Error(t, err, "no start names it any more")
	store.sweep(t, s) // removes
	for sha, want := range map[string]bool{unused.SHA256: false, used.SHA256: true, made.SHA256: true, kept.SHA256: true} {
		require.Equal(t, want, store.has(t, sha), sha)
	}
	contents, bytes := s.Removed()
	require.EqualValues(t, 1, contents)
	require.EqualValues(t, len("never used"), bytes)

	batch := &pgx.Batch{}
	files.Revoke(queue{batch}, process) // the process is deleted
	require.NoError(t, store.pool.SendBatch(t.Context(), batch).Close())
	store.sweep(t, s)
	store.sweep(t, s)
	require.False(t, store.has(t, used.SHA256))
	require.False(t, store.has(t, made.SHA256))
	require.True(t, store.has(t, kept.SHA256))
	require.Equal(t, 1, stored(t, store.folder))
}

// TestWhoeverComesInTimeKeepsAContent comes between the two steps.
func TestWhoeverComesInTimeKeepsAContent(t *testing.T) {
	t.Parallel()
	for name, come := range map[string]func(*testing.T, fixture, files.Meta){
		"uploaded again": func(t *testing.T, store fixture, _ files.Meta) {
			store.save(t, files.Owner{User: "boris"}, "again.txt", "x")
		},
		"granted by a commit that asked before": func(t *testing.T, store fixture, m files.Meta) {
			store.grant(t, uuid.Must(uuid.NewV7()).String(), files.Named{SHA256: m.SHA256, Name: "late.txt"})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store := open(t)
			s := store.sweeper()
			meta := store.save(t, files.Owner{User: "anna"}, "x.txt", "x")
			store.age(t, 25*time.Hour)
			store.sweep(t, s)
			come(t, store, meta)
			store.sweep(t, s)
			store.sweep(t, s)
			require.True(t, store.has(t, meta.SHA256))
		})
	}
	t.Run("asked for by a start", func(t *testing.T) {
		t.Parallel()
		store := open(t)
		s := store.sweeper()
		meta := store.save(t, files.Owner{User: "anna"}, "x.txt", "x")
		store.age(t, 25*time.Hour)
		_, err := store.Check(t.Context(), "anna", "", []files.Named{{SHA256: meta.SHA256}})
		require.NoError(t, err)
		store.sweep(t, s) // the commit has not come yet
		store.sweep(t, s)
		require.True(t, store.has(t, meta.SHA256))
	})
}

// TestAnUploadWhileItsContentIsRemovedIsWhole holds the sweeper where the content is gone and its row not yet: an upload of the same
// content waits for it, and stores it anew.
func TestAnUploadWhileItsContentIsRemovedIsWhole(t *testing.T) {
	t.Parallel()
	store := open(t)
	s := store.sweeper()
	meta := store.save(t, files.Owner{User: "anna"}, "x.txt", "x")
	store.age(t, 25*time.Hour)
	store.sweep(t, s)
	store.age(t, time.Hour)
	_, err := store.pool.Exec(t.Context(), `
		CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_advisory_xact_lock(42); RETURN OLD; END $$;
		CREATE TRIGGER hold BEFORE DELETE ON file FOR EACH ROW EXECUTE FUNCTION hold()`)
	require.NoError(t, err)
	holder, err := store.pool.Acquire(t.Context())
	require.NoError(t, err)
	defer holder.Release()
	_, err = holder.Exec(t.Context(), `SELECT pg_advisory_lock(42)`)
	require.NoError(t, err)
	waiting := func(n int) func() bool {
		return func() bool {
			var found int
			err := holder.QueryRow(t.Context(), `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`).Scan(&found)
			return err == nil && found >= n
		}
	}
	swept, saved := make(chan error, 1), make(chan error, 1)
	go func() { swept <- s.Sweep(context.WithoutCancel(t.Context())) }()
	require.Eventually(t, waiting(1), time.Minute, 5*time.Millisecond, "the sweeper has removed the content")
	require.Zero(t, stored(t, store.folder))
	process := uuid.Must(uuid.NewV7()).String()
	go func() {
		_, err := store.Save(context.WithoutCancel(t.Context()), files.Owner{Process: process}, "again.txt", strings.NewReader("x"))
		saved <- err
	}()
	require.Eventually(t, waiting(2), time.Minute, 5*time.Millisecond, "the upload waits for the sweeper")
	_, err = holder.Exec(t.Context(), `SELECT pg_advisory_unlock(42)`)
	require.NoError(t, err)
	require.NoError(t, <-swept)
	require.NoError(t, <-saved)
	require.True(t, store.has(t, meta.SHA256))
	content, err := store.Open(t.Context(), files.Reader{Process: process}, meta.SHA256)
	require.NoError(t, err)
	require.NoError(t, content.Body.Close())
	removed, _ := s.Removed()
	require.EqualValues(t, 1, removed)
}

func TestWhatACrashHasLeftIsFoundAndRemoved(t *testing.T) {
	t.Parallel()
	store := open(t)
	s := store.sweeper()
	sha := strings.Repeat("ab", 32)
	path := filepath.Join(store.folder, "sha256", "ab", sha)
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
	require.NoError(t, os.WriteFile(path, []byte("left"), 0o600))
	require.NoError(t, s.Adopt(t.Context()))
	_, err := os.Stat(path)
	require.NoError(t, err)
	require.NoError(t, os.Chtimes(path, time.Now(), time.Now().Add(-25*time.Hour)))
	meta := store.save(t, files.Owner{Process: uuid.Must(uuid.NewV7()).String()}, "x.txt", "of a process that is no more")
	_, err = store.pool.Exec(t.Context(), `UPDATE file_ref SET created_at = created_at - interval '25 hours'`)
	require.NoError(t, err)
	require.NoError(t, s.Adopt(t.Context()))
	require.True(t, store.has(t, sha), "it has a whole time of grace")
	store.age(t, 25*time.Hour)
	store.sweep(t, s)
	store.sweep(t, s)
	require.False(t, store.has(t, sha))
	require.False(t, store.has(t, meta.SHA256))
}
