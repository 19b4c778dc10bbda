package recount_test

import (
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/engine/recount"
	"github.com/taskurotta/taskurotta-go/server/devstack/stacktest"
)

func TestWhatIsWrongIsFound(t *testing.T) {
	db, err := pgxpool.New(t.Context(), stacktest.Postgres(t))
	require.NoError(t, err)
	defer db.Close()
	findings, err := recount.CheckAtRest(t.Context(), db)
	require.NoError(t, err)
	require.Empty(t, findings, "an empty installation is in order")

	for _, broken := range []string{
		`INSERT INTO process (id, definition_key, version, state, created_at) VALUES ('01900000-0000-7000-8000-000000000001', 'd', 1, 'running', now())`,
		`INSERT INTO counter_delta (name, definition_key, version, n) VALUES ('started', 'd', 1, 3)`,
	} {
		_, err := db.Exec(t.Context(), broken)
		require.NoError(t, err)
	}
	findings, err = recount.CheckAtRest(t.Context(), db)
	require.NoError(t, err)
	require.Equal(t, []recount.Finding{
		{Rule: "a process neither live nor ended", N: 1},
		{Rule: "counter started", N: 2},
		{Rule: "a process that has not ended", N: 1},
	}, findings)
	require.Equal(t, "counter started: +2", findings[1].String())
}
