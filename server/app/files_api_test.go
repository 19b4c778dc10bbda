package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/server/devstack/stacktest"
	"github.com/taskurotta/taskurotta-go/server/files"
)

// TestAContentThatAKeptMessageNamesIsKept sweeps with what this package says names contents: it fits the schema, and counts.
func TestAContentThatAKeptMessageNamesIsKept(t *testing.T) {
	t.Parallel()
	db, err := pgxpool.New(t.Context(), stacktest.Postgres(t))
	require.NoError(t, err)
	t.Cleanup(db.Close)
	folder := t.TempDir()
	store, err := files.Open(t.Context(), files.Config{DB: db, URL: "file://" + folder})
	require.NoError(t, err)
	t.Cleanup(store.Close)
	left := map[string]bool{} // content → whether it is to stay
	for _, content := range []string{"named", "not named"} {
		meta, err := store.Save(t.Context(), files.Owner{User: "anna"}, "x.txt", strings.NewReader(content))
		require.NoError(t, err)
		left[meta.SHA256] = content == "named"
		if content == "named" {
			_, err = db.Exec(t.Context(), `INSERT INTO message (id, name, correlation, sender_id, payload, files, expires_at)
				VALUES (gen_random_uuid(), 'paid', 'k', 's', '{}', jsonb_build_array(jsonb_build_object('SHA256', $1::text)), now() + interval '1 day')`, meta.SHA256)
			require.NoError(t, err)
		}
	}
	s := files.NewSweeper(store, files.SweepConfig{Texts: namesOfFiles})
	for range 3 {
		_, err = db.Exec(t.Context(), `UPDATE file SET used_at = used_at - interval '25 hours', doomed_at = doomed_at - interval '1 hour'`)
		require.NoError(t, err)
		require.NoError(t, s.Sweep(t.Context()))
	}
	require.NoError(t, s.Adopt(t.Context()))
	for sha, stays := range left {
		_, err := os.Stat(filepath.Join(folder, "sha256", sha[:2], sha))
		require.Equal(t, stays, err == nil, sha)
	}
}
