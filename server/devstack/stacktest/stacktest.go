// Package stacktest gives tests a real PostgreSQL and a real Redis: one pair per test process, started on first need, with a
// fresh database, cloned from a migrated template, and a fresh key prefix for each test.
//
// The servers end with the test process. Their folder, one per test package, is used again by its next run.
package stacktest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/taskurotta/taskurotta-go/migrations"
	"github.com/taskurotta/taskurotta-go/server/devstack"
)

var (
	once     sync.Once
	shared   *devstack.Stack
	failed   error
	template string
	sequence atomic.Int64
)

func stack(t testing.TB) *devstack.Stack {
	t.Helper()
	once.Do(func() { shared, template, failed = start() })
	if failed != nil {
		t.Fatalf("start the test servers: %v", failed)
	}
	return shared
}

// start finds a folder that no other test process uses.
func start() (*devstack.Stack, string, error) {
	program, err := os.Getwd()
	if err != nil {
		return nil, "", err
	}
	sum := sha256.Sum256([]byte(program))
	base := filepath.Join(os.TempDir(), fmt.Sprintf("taskurotta-test-%d", os.Getuid()))
	var servers *devstack.Stack
	for i := range 8 {
		servers = devstack.New(devstack.Config{Dir: filepath.Join(base, fmt.Sprintf("%s-%d", hex.EncodeToString(sum[:4]), i)), Unsafe: true})
		if err = servers.Start(context.Background()); !errors.Is(err, devstack.ErrLocked) {
			break
		}
	}
	if err != nil {
		return nil, "", err
	}
	name, err := migrated(servers.AdminURL())
	return servers, name, err
}

// migrated makes the template database of the present migrations and drops what earlier runs left.
func migrated(admin string) (string, error) {
	ctx := context.Background()
	hash := sha256.New()
	err := fs.WalkDir(migrations.FS, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		raw, err := migrations.FS.ReadFile(path)
		hash.Write(raw)
		return err
	})
	if err != nil {
		return "", err
	}
	name := "template_" + hex.EncodeToString(hash.Sum(nil)[:6])
	db, err := pgx.Connect(ctx, admin)
	if err != nil {
		return "", err
	}
	defer func() { _ = db.Close(ctx) }()
	rows, err := db.Query(ctx, `SELECT datname FROM pg_database WHERE datname LIKE 'template\__%' OR datname LIKE 'test\_%'`)
	if err != nil {
		return "", err
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return "", err
	}
	for _, stale := range names {
		if stale == name || stale == "template0" || stale == "template1" {
			if stale == name {
				return name, nil
			}
			continue
		}
		if _, err := db.Exec(ctx, "DROP DATABASE "+pgx.Identifier{stale}.Sanitize()+" WITH (FORCE)"); err != nil {
			return "", err
		}
	}
	building := name + "_new"
	if _, err := db.Exec(ctx, "CREATE DATABASE "+pgx.Identifier{building}.Sanitize()); err != nil {
		return "", err
	}
	if _, err := migrations.Up(ctx, withDatabase(admin, building)); err != nil {
		return "", err
	}
	_, err = db.Exec(ctx, fmt.Sprintf("ALTER DATABASE %s RENAME TO %s", pgx.Identifier{building}.Sanitize(), pgx.Identifier{name}.Sanitize()))
	return name, err
}

func withDatabase(address, name string) string {
	u, err := url.Parse(address)
	if err != nil {
		panic(err) // made by devstack
	}
	u.Path = "/" + name
	return u.String()
}

// Postgres returns the URL of a fresh migrated database, dropped at the test's end.
func Postgres(t testing.TB) string {
	t.Helper()
	servers := stack(t)
	return database(t, servers, " TEMPLATE "+template)
}

// EmptyPostgres returns the URL of a fresh database without any table.
func EmptyPostgres(t testing.TB) string {
	t.Helper()
	return database(t, stack(t), "")
}

var creating sync.Mutex // PostgreSQL refuses two clones of one template at once

func database(t testing.TB, servers *devstack.Stack, from string) string {
	t.Helper()
	name := fmt.Sprintf("test_%d_%d", os.Getpid(), sequence.Add(1))
	admin := func(statement string) error {
		ctx := context.Background()
		db, err := pgx.Connect(ctx, servers.AdminURL())
		if err != nil {
			return err
		}
		defer func() { _ = db.Close(ctx) }()
		_, err = db.Exec(ctx, statement)
		return err
	}
	creating.Lock()
	err := admin("CREATE DATABASE " + name + from)
	creating.Unlock()
	if err != nil {
		t.Fatalf("create a test database: %v", err)
	}
	t.Cleanup(func() {
		if err := admin("DROP DATABASE " + name + " WITH (FORCE)"); err != nil {
			t.Errorf("drop the test database: %v", err)
		}
	})
	return withDatabase(servers.AdminURL(), name)
}

// Redis returns the URL of the shared Redis and an installation id that no other test uses.
func Redis(t testing.TB) (address, installation string) {
	t.Helper()
	servers := stack(t)
	name := strings.ToLower(strings.NewReplacer("/", "-", ".", "-", ":", "-").Replace(t.Name()))
	if len(name) > 24 {
		name = name[:24]
	}
	return servers.RedisURL(), fmt.Sprintf("t%d-%d-%s", os.Getpid(), sequence.Add(1), name)
}

// Own starts a PostgreSQL and a Redis for one test alone, which may kill or empty them.
func Own(t testing.TB) *devstack.Stack {
	t.Helper()
	servers := devstack.New(devstack.Config{Dir: Folder(t), Unsafe: true})
	if err := servers.Start(context.Background()); err != nil {
		t.Fatalf("start servers of its own: %v", err)
	}
	t.Cleanup(servers.Stop)
	return servers
}

// Folder is a new folder that other users can reach, PostgreSQL's among them; it is removed at the test's end.
func Folder(t testing.TB) string {
	t.Helper()
	folder, err := os.MkdirTemp("", "taskurotta-own-")
	if err == nil {
		err = os.Chmod(folder, 0o755) //nolint:gosec // what is in it are tests' data
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(folder); err != nil {
			t.Errorf("remove the test's folder: %v", err)
		}
	})
	return folder
}

// OwnRedis starts a Redis for one test alone. Stop and Start again stand for an outage: the address stays, the data is lost.
func OwnRedis(t testing.TB) *devstack.Stack {
	t.Helper()
	servers := devstack.New(devstack.Config{Dir: t.TempDir(), NoPostgres: true})
	if err := servers.Start(context.Background()); err != nil {
		t.Fatalf("start a Redis of its own: %v", err)
	}
	t.Cleanup(servers.Stop)
	return servers
}
