package stacktest_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/server/devstack/stacktest"
)

func tables(t *testing.T, url string) int {
	t.Helper()
	db, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	defer func() { _ = db.Close(context.Background()) }()
	var n int
	require.NoError(t, db.QueryRow(t.Context(), `SELECT count(*) FROM pg_tables WHERE schemaname = 'public'`).Scan(&n))
	_, err = db.Exec(t.Context(), `CREATE TABLE only_here ()`)
	require.NoError(t, err)
	return n
}

func TestEachTestHasADatabaseOfItsOwn(t *testing.T) {
	first, second := stacktest.Postgres(t), stacktest.Postgres(t)
	require.NotEqual(t, first, second)
	migrated := tables(t, first)
	require.Greater(t, migrated, 5)
	require.Equal(t, migrated, tables(t, second), "what one test makes, another does not see")
	require.Zero(t, tables(t, stacktest.EmptyPostgres(t)))
}

func TestEachTestHasAnInstallationOfItsOwn(t *testing.T) {
	url, first := stacktest.Redis(t)
	again, second := stacktest.Redis(t)
	require.Equal(t, url, again)
	require.NotEqual(t, first, second)
}

func TestAnOutageKeepsTheAddressAndLosesTheData(t *testing.T) {
	servers := stacktest.OwnRedis(t)
	url := servers.RedisURL()
	options, err := redis.ParseURL(url)
	require.NoError(t, err)
	options.MaxRetries = -1
	client := redis.NewClient(options)
	defer client.Close()
	require.NoError(t, client.Set(t.Context(), "k", "v", 0).Err())
	servers.Stop()
	require.Error(t, client.Ping(t.Context()).Err())
	require.NoError(t, servers.Start(t.Context()))
	require.Equal(t, url, servers.RedisURL())
	require.ErrorIs(t, client.Get(t.Context(), "k").Err(), redis.Nil)
}
