package migrations_test

import (
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/migrations"
	"github.com/taskurotta/taskurotta-go/server/devstack/stacktest"
)

func TestUpDownUp(t *testing.T) {
	url := stacktest.EmptyPostgres(t)
	ctx := t.Context()
	first, err := migrations.Up(ctx, url)
	require.NoError(t, err)
	require.Positive(t, first)
	require.NoError(t, migrations.Down(ctx, url))

	db, err := pgx.Connect(ctx, url)
	require.NoError(t, err)
	defer func() { _ = db.Close(ctx) }()
	var left int
	require.NoError(t, db.QueryRow(ctx, `SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND c.relname NOT LIKE 'goose%'`).Scan(&left))
	require.Zero(t, left, "down must leave no table")

	again, err := migrations.Up(ctx, url)
	require.NoError(t, err)
	require.Equal(t, first, again)
	pending, err := migrations.Pending(ctx, url)
	require.NoError(t, err)
	require.Zero(t, pending)
}

func TestServersThatStartAtOnceMigrateOnce(t *testing.T) {
	url := stacktest.EmptyPostgres(t)
	results := make(chan int, 2)
	for range 2 {
		go func() {
			applied, err := migrations.Up(t.Context(), url)
			if err != nil {
				t.Error(err)
			}
			results <- applied
		}()
	}
	first, second := <-results, <-results
	require.Positive(t, first+second)
	require.Zero(t, first*second, "one server applies all files")
}
