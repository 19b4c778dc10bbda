package devstack_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/server/devstack"
)

const folderVariable = "TASKUROTTA_DEVSTACK_TEST_FOLDER"

// TestMain can also be the process that is killed: it starts a stack and says where.
func TestMain(m *testing.M) {
	folder := os.Getenv(folderVariable)
	if folder == "" {
		os.Exit(m.Run())
	}
	stack := devstack.New(devstack.Config{Dir: folder, Unsafe: true})
	if err := stack.Start(context.Background()); err != nil {
		fmt.Println("failed:", err)
		os.Exit(1)
	}
	fmt.Println("ready", stack.DatabaseURL(), stack.RedisURL())
	select {}
}

func query(t *testing.T, url, statement string) int {
	t.Helper()
	db, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	defer func() { _ = db.Close(context.Background()) }()
	var n int
	err = db.QueryRow(t.Context(), statement).Scan(&n)
	require.NoError(t, err)
	return n
}

func run(t *testing.T, url, statement string) {
	t.Helper()
	db, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	defer func() { _ = db.Close(context.Background()) }()
	_, err = db.Exec(t.Context(), statement)
	require.NoError(t, err)
}

func start(t *testing.T, folder string) *devstack.Stack {
	t.Helper()
	stack := devstack.New(devstack.Config{Dir: folder, Unsafe: true})
	require.NoError(t, stack.Start(t.Context()))
	t.Cleanup(stack.Stop)
	return stack
}

func TestARestartKeepsDataAndPorts(t *testing.T) {
	folder := t.TempDir()
	stack := start(t, folder)
	url, cache := stack.DatabaseURL(), stack.RedisURL()
	run(t, url, `CREATE TABLE kept AS SELECT 42 AS n`)
	options, err := redis.ParseURL(cache)
	require.NoError(t, err)
	client := redis.NewClient(options)
	require.NoError(t, client.Ping(t.Context()).Err())
	require.NoError(t, client.Close())
	stack.Stop()

	again := start(t, folder)
	require.Equal(t, url, again.DatabaseURL())
	require.Equal(t, cache, again.RedisURL())
	require.Equal(t, 42, query(t, again.DatabaseURL(), `SELECT n FROM kept`))
}

func TestDataSurvivesAKilledParent(t *testing.T) {
	folder := t.TempDir()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), folderVariable+"="+folder)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	words := strings.Fields(line)
	require.Equal(t, "ready", words[0], line)
	run(t, words[1], `CREATE TABLE kept AS SELECT 42 AS n`)
	require.NoError(t, cmd.Process.Kill())
	_ = cmd.Wait()

	stack := start(t, folder)
	require.Equal(t, 42, query(t, stack.DatabaseURL(), `SELECT n FROM kept`))
}

func TestTwoInOneFolderAreTold(t *testing.T) {
	folder := t.TempDir()
	start(t, folder)
	second := devstack.New(devstack.Config{Dir: folder})
	require.ErrorIs(t, second.Start(t.Context()), devstack.ErrLocked)
}

func TestATakenPortIsReplaced(t *testing.T) {
	folder := t.TempDir()
	stack := start(t, folder)
	url := stack.DatabaseURL()
	port := url[strings.LastIndex(url, ":")+1 : strings.LastIndex(url, "/")]
	stack.Stop()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:"+port)
	require.NoError(t, err)
	defer listener.Close()
	require.NotEqual(t, url, start(t, folder).DatabaseURL())
}

func TestOurServersEndWithUs(t *testing.T) {
	folder := t.TempDir()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), folderVariable+"="+folder)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	url := strings.Fields(line)[1]
	require.NoError(t, cmd.Process.Kill())
	_ = cmd.Wait()
	require.Eventually(t, func() bool {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		db, err := pgx.Connect(ctx, url)
		if err != nil {
			return true
		}
		_ = db.Close(ctx)
		return false
	}, 20*time.Second, 50*time.Millisecond)
}
