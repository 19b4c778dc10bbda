package history_test

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/engine/history"
	"github.com/taskurotta/taskurotta-go/engine/recount"
	"github.com/taskurotta/taskurotta-go/server/devstack/stacktest"
)

func TestWhatIsWrittenIsInOrder(t *testing.T) {
	db, err := pgxpool.New(t.Context(), stacktest.Postgres(t))
	require.NoError(t, err)
	defer db.Close()
	from := time.Date(2026, 1, 31, 23, 0, 0, 0, time.UTC)
	require.NoError(t, history.Write(t.Context(), db, history.Spec{Definition: "old", Count: 120, From: from, Every: time.Minute, CustomID: "o-", First: 7, FailedOne: 10}))
	findings, err := recount.CheckAtRest(t.Context(), db)
	require.NoError(t, err)
	require.Empty(t, findings)
	for query, want := range map[string]int{
		`SELECT count(*) FROM process WHERE custom_id LIKE 'o-000___'`:                                       120,
		`SELECT count(*) FROM process WHERE state = 'failed' AND error_code = 'LATE'`:                        12,
		`SELECT count(*) FROM task_20260131`:                                                                 180,
		`SELECT count(*) FROM task_20260201`:                                                                 180,
		`SELECT count(*) FROM process WHERE id >= day_floor('2026-02-01') AND created_at >= '2026-02-01Z'`:   60,
		`SELECT count(*) FROM output WHERE process_id = (SELECT id FROM process WHERE custom_id='o-000007')`: 3,
	} {
		var n int
		require.NoError(t, db.QueryRow(t.Context(), query).Scan(&n))
		require.Equal(t, want, n, query)
	}
}
