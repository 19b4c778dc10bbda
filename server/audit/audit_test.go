package audit_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/fault"
	"github.com/taskurotta/taskurotta-go/server/audit"
	"github.com/taskurotta/taskurotta-go/server/devstack/stacktest"
)

const process = "01980000-0000-7000-8000-000000000001"

func open(t *testing.T) (*audit.Log, *pgxpool.Pool) {
	t.Helper()
	pool, err := pgxpool.New(t.Context(), stacktest.Postgres(t))
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	return audit.New(pool), pool
}

func TestAnEntryIsNeverChanged(t *testing.T) {
	t.Parallel()
	log, pool := open(t)
	require.NoError(t, log.Record(t.Context(), audit.Entry{Actor: "anna", Action: "process.cancel", SubjectKind: "process", SubjectID: process}))
	for _, statement := range []string{"UPDATE audit SET actor = 'boris'", "DELETE FROM audit", "TRUNCATE audit"} {
		_, err := pool.Exec(t.Context(), statement)
		require.ErrorContains(t, err, "append-only", statement)
	}
}

func TestEntriesAreFoundByWhatTheyAreAbout(t *testing.T) {
	t.Parallel()
	log, _ := open(t)
	require.NoError(t, log.Record(t.Context(),
		audit.Entry{Actor: "anna", Action: "process.cancel", SubjectKind: "process", SubjectID: process, Reason: "wrong"},
		audit.Entry{Actor: "boris", Action: "task.retry", SubjectKind: "task", SubjectID: "t1", Detail: json.RawMessage(`{"process_id":"` + process + `"}`)},
		audit.Entry{Actor: "anna", Action: "user.create", SubjectKind: "user", SubjectID: "u1"},
	))
	for name, test := range map[string]struct {
		filter audit.Filter
		want   []string
	}{
		"all, newest first":     {audit.Filter{}, []string{"user.create", "task.retry", "process.cancel"}},
		"by actor":              {audit.Filter{Actor: "anna"}, []string{"user.create", "process.cancel"}},
		"by action":             {audit.Filter{Action: "task.retry"}, []string{"task.retry"}},
		"by subject":            {audit.Filter{SubjectKind: "user", SubjectID: "u1"}, []string{"user.create"}},
		"process and its tasks": {audit.Filter{ProcessID: process}, []string{"task.retry", "process.cancel"}},
		"nothing":               {audit.Filter{Actor: "clara"}, nil},
	} {
		entries, next, err := log.Entries(t.Context(), test.filter)
		require.NoError(t, err)
		require.Empty(t, next)
		var got []string
		for _, entry := range entries {
			got = append(got, entry.Action)
			require.False(t, entry.At.IsZero())
		}
		require.Equal(t, test.want, got, name)
	}
}

func TestPagesMissAndRepeatNothing(t *testing.T) {
	t.Parallel()
	log, _ := open(t)
	var batch []audit.Entry
	for i := range 7 {
		batch = append(batch, audit.Entry{Actor: "anna", Action: fmt.Sprintf("a.%d", i), SubjectKind: "x", SubjectID: "y"})
	}
	require.NoError(t, log.Record(t.Context(), batch...))
	var seen []string
	cursor := ""
	for range 4 {
		entries, next, err := log.Entries(t.Context(), audit.Filter{Limit: 2, Cursor: cursor})
		require.NoError(t, err)
		for _, entry := range entries {
			seen = append(seen, entry.Action)
		}
		cursor = next
	}
	require.Equal(t, []string{"a.6", "a.5", "a.4", "a.3", "a.2", "a.1", "a.0"}, seen)
	require.Empty(t, cursor)
	_, _, err := log.Entries(t.Context(), audit.Filter{Cursor: "x"})
	require.Equal(t, fault.Invalid, fault.KindOf(err))
}
