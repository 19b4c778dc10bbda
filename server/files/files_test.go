package files_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/fault"
	"github.com/taskurotta/taskurotta-go/server/devstack/stacktest"
	"github.com/taskurotta/taskurotta-go/server/files"
)

type fixture struct {
	*files.Store
	pool   *pgxpool.Pool
	folder string
	spool  string
}

func open(t *testing.T) fixture {
	t.Helper()
	pool, err := pgxpool.New(t.Context(), stacktest.Postgres(t))
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	folder, spool := filepath.Join(t.TempDir(), "blobs"), t.TempDir()
	address := url.URL{Scheme: "file", Path: folder}
	store, err := files.Open(t.Context(), files.Config{DB: pool, URL: address.String(), Limit: 1000, Spool: spool})
	require.NoError(t, err)
	t.Cleanup(store.Close)
	return fixture{store, pool, folder, spool}
}

func (f fixture) save(t *testing.T, owner files.Owner, name, content string) files.Meta {
	t.Helper()
	meta, err := f.Save(t.Context(), owner, name, strings.NewReader(content))
	require.NoError(t, err)
	return meta
}

func (f fixture) grant(t *testing.T, process string, named ...files.Named) {
	t.Helper()
	batch := &pgx.Batch{}
	files.Grant(queue{batch}, process, named...)
	require.NoError(t, f.pool.SendBatch(t.Context(), batch).Close())
}

type queue struct{ batch *pgx.Batch }

func (q queue) Queue(sql string, args ...any) { q.batch.Queue(sql, args...) }

func stored(t *testing.T, folder string) int {
	t.Helper()
	count := 0
	require.NoError(t, filepath.WalkDir(folder, func(_ string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			count++
		}
		return err
	}))
	return count
}

func TestTheSameContentIsStoredOnce(t *testing.T) {
	t.Parallel()
	store := open(t)
	first := store.save(t, files.Owner{User: "anna"}, "a.txt", "the same")
	second := store.save(t, files.Owner{User: "boris"}, "b.txt", "the same")
	require.Equal(t, first.SHA256, second.SHA256)
	require.Equal(t, 1, stored(t, store.folder))
	require.Zero(t, stored(t, store.spool), "nothing is left of uploads under way")

	for user, name := range map[string]string{"anna": "a.txt", "boris": "b.txt"} {
		content, err := store.Open(t.Context(), files.Reader{User: user}, first.SHA256)
		require.NoError(t, err)
		raw, err := io.ReadAll(content.Body)
		require.NoError(t, errors.Join(err, content.Body.Close()))
		require.Equal(t, "the same", string(raw))
		require.Equal(t, name, content.Name)
		require.EqualValues(t, 8, content.Size)
	}
}

func TestTypeFollowsFromContent(t *testing.T) {
	t.Parallel()
	store := open(t)
	for name, test := range map[string]struct{ content, want string }{
		"page.txt": {"<!DOCTYPE html><html><script>x</script></html>", "text/html; charset=utf-8"},
		"page.pdf": {"%PDF-1.7\n", "application/pdf"},
		"none":     {"", "text/plain"},
	} {
		require.Equal(t, test.want, store.save(t, files.Owner{User: "anna"}, name, test.content).MediaType, name)
	}
}

func TestWhatDoesNotArriveWholeIsNotKept(t *testing.T) {
	t.Parallel()
	store := open(t)
	_, err := store.Save(t.Context(), files.Owner{User: "anna"}, "big", strings.NewReader(strings.Repeat("x", 1001)))
	require.Equal(t, fault.TooLarge, fault.KindOf(err))
	broken := errors.New("the line is cut")
	_, err = store.Save(t.Context(), files.Owner{User: "anna"}, "cut", io.MultiReader(strings.NewReader("half"), iotest.ErrReader(broken)))
	require.ErrorIs(t, err, broken)
	require.Zero(t, stored(t, store.folder)+stored(t, store.spool))
}

func TestAFileIsReadableByItsOwnerItsProcessAndWorkers(t *testing.T) {
	t.Parallel()
	store := open(t)
	process, other := uuid.NewString(), uuid.NewString()
	meta := store.save(t, files.Owner{User: "anna"}, "a.txt", "secret")
	store.grant(t, process, files.Named{SHA256: meta.SHA256, Name: "application.txt"})
	for name, test := range map[string]struct {
		reader files.Reader
		sha    string
		known  string
	}{
		"owner":                     {files.Reader{User: "anna"}, meta.SHA256, "a.txt"},
		"through the process":       {files.Reader{User: "boris", Process: process}, meta.SHA256, "application.txt"},
		"worker":                    {files.Reader{User: "worker", Worker: true}, meta.SHA256, ""},
		"somebody else":             {files.Reader{User: "boris"}, meta.SHA256, "-"},
		"through another process":   {files.Reader{User: "boris", Process: other}, meta.SHA256, "-"},
		"owner through another one": {files.Reader{User: "anna", Process: other}, meta.SHA256, "-"},
		"no such file":              {files.Reader{User: "anna"}, strings.Repeat("0", 64), "-"},
		"no digest":                 {files.Reader{User: "anna"}, "../../etc/passwd", "-"},
	} {
		content, err := store.Open(t.Context(), test.reader, test.sha)
		if test.known == "-" {
			require.Equal(t, fault.NotFound, fault.KindOf(err), name)
			continue
		}
		require.NoError(t, err, name)
		require.NoError(t, content.Body.Close())
		require.Equal(t, test.known, content.Name, name)
	}
}

func TestAStartNamesOnlyOwnFiles(t *testing.T) {
	t.Parallel()
	store := open(t)
	mine := store.save(t, files.Owner{User: "anna"}, "a.txt", "mine")
	theirs := store.save(t, files.Owner{User: "boris"}, "b.txt", "theirs")

	checked, err := store.Check(t.Context(), "anna", "", []files.Named{{SHA256: mine.SHA256, Name: "renamed.txt"}})
	require.NoError(t, err)
	require.Equal(t, []files.Meta{{SHA256: mine.SHA256, Name: "renamed.txt", Size: 4, MediaType: mine.MediaType}}, checked)

	_, err = store.Check(t.Context(), "anna", "", []files.Named{{SHA256: mine.SHA256}, {SHA256: theirs.SHA256}})
	require.Equal(t, fault.Forbidden, fault.KindOf(err))
	require.Equal(t, "file.not_yours", fault.As(err).Code)

	process := uuid.NewString()
	store.grant(t, process, files.Named{SHA256: theirs.SHA256, Name: "b.txt"})
	checked, err = store.Check(t.Context(), "anna", process, []files.Named{{SHA256: theirs.SHA256}})
	require.NoError(t, err, "the process has it already")
	require.Equal(t, "b.txt", checked[0].Name)
}

func TestAWorkersFileBelongsToItsProcess(t *testing.T) {
	t.Parallel()
	store := open(t)
	process, restarted := uuid.NewString(), uuid.NewString()
	meta := store.save(t, files.Owner{User: "worker", Process: process}, "report.txt", "made by a task")
	batch := &pgx.Batch{}
	files.CopyGrants(queue{batch}, process, restarted)
	require.NoError(t, store.pool.SendBatch(t.Context(), batch).Close())
	for _, through := range []string{process, restarted} {
		content, err := store.Open(t.Context(), files.Reader{User: "anna", Process: through}, meta.SHA256)
		require.NoError(t, err)
		require.NoError(t, content.Body.Close())
		require.Equal(t, "report.txt", content.Name)
	}
	_, err := store.Open(t.Context(), files.Reader{User: "worker"}, meta.SHA256)
	require.Equal(t, fault.NotFound, fault.KindOf(err), "a user who is called like the workers has no upload")
}

func TestAProcessReadsWhatItMadeItself(t *testing.T) {
	t.Parallel()
	store := open(t)
	process, content := uuid.NewString(), `["a","b"]`
	sum := sha256.Sum256([]byte(content))
	made := files.Meta{SHA256: hex.EncodeToString(sum[:]), Name: "list.json", Size: int64(len(content)), MediaType: "application/json"}
	for range 2 { // the same content a second time
		batch := &pgx.Batch{}
		require.NoError(t, store.Keep(t.Context(), queue{batch}, process, made, []byte(content)))
		require.NoError(t, store.pool.SendBatch(t.Context(), batch).Close())
	}
	opened, err := store.Open(t.Context(), files.Reader{User: "anna", Process: process}, made.SHA256)
	require.NoError(t, err)
	defer opened.Body.Close()
	read, err := io.ReadAll(opened.Body)
	require.NoError(t, err)
	require.Equal(t, content, string(read))
	_, err = store.Open(t.Context(), files.Reader{User: "anna", Process: uuid.NewString()}, made.SHA256)
	require.Equal(t, fault.NotFound, fault.KindOf(err))
}

func TestLostContentIsToldApartFromAMissingFile(t *testing.T) {
	t.Parallel()
	store := open(t)
	meta := store.save(t, files.Owner{User: "anna"}, "a.txt", "lost")
	require.NoError(t, store.Ping(t.Context()))
	require.NoError(t, os.RemoveAll(filepath.Join(store.folder, "sha256")))
	_, err := store.Open(t.Context(), files.Reader{User: "anna"}, meta.SHA256)
	require.Equal(t, fault.Internal, fault.KindOf(err))
	store.save(t, files.Owner{User: "anna"}, "a.txt", "lost")
	content, err := store.Open(t.Context(), files.Reader{User: "anna"}, meta.SHA256)
	require.NoError(t, err, "uploading it again mends it")
	require.NoError(t, content.Body.Close())
}
