package devstack

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// nobody is the user that PostgreSQL runs as when root starts it: it refuses root.
const nobody = 65534

// postgres is a running PostgreSQL.
type postgres struct {
	child    *child
	port     int
	password string
}

func startPostgres(ctx context.Context, dir string, config Config) (*postgres, error) {
	root := filepath.Join(dir, "postgres")
	if os.Geteuid() == 0 {
		var err error
		if root, err = reachable(root); err != nil {
			return nil, err
		}
	}
	if err := os.MkdirAll(root, 0o755); err != nil {
		return nil, err
	}
	install, err := binaries(config.Binaries, root)
	if err != nil {
		return nil, err
	}
	data := filepath.Join(root, "data")
	stopOrphan(filepath.Join(data, "postmaster.pid"), data, syscall.SIGINT, "postgres")
	password, err := keptSecret(filepath.Join(dir, "postgres.password"))
	if err != nil {
		return nil, err
	}
	run := func(name string, args ...string) *exec.Cmd {
		cmd := exec.Command(filepath.Join(install, "bin", name), args...) //nolint:noctx // the server outlives the context of its start
		cmd.Dir = root
		cmd.Env = slices.Concat(os.Environ(), []string{"LD_LIBRARY_PATH=" + filepath.Join(install, "lib"), "LC_ALL=C", "TZ=UTC"}, config.Environ)
		if os.Geteuid() == 0 {
			cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
		}
		return cmd
	}
	if _, err := os.Stat(filepath.Join(data, "PG_VERSION")); err != nil {
		if err := initialise(root, data, password, run); err != nil {
			return nil, err
		}
	}
	port, err := freePort(ctx, filepath.Join(dir, "postgres.port"))
	if err != nil {
		return nil, err
	}
	log, err := os.OpenFile(filepath.Join(dir, "postgres.log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	settings := []string{
		"-D", data, "-p", strconv.Itoa(port), "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=",
		"-c", "max_connections=200", "-c", "shared_buffers=256MB", "-c", "max_wal_size=2GB",
		"-c", "random_page_cost=1.1", "-c", "jit=off", "-c", "log_min_messages=warning",
	}
	if config.Unsafe {
		settings = append(settings, "-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off", "-c", "shared_buffers=64MB")
	}
	cmd := run("postgres", settings...)
	cmd.Stdout, cmd.Stderr = log, log
	running, err := startChild(cmd, syscall.SIGINT)
	if err != nil {
		return nil, err
	}
	p := &postgres{child: running, port: port, password: password}
	if err := p.ready(ctx); err != nil {
		p.stop()
		return nil, fmt.Errorf("%w (see %s)", err, log.Name())
	}
	return p, nil
}

// initialise makes an empty cluster that asks for the password even on this machine.
func initialise(root, data, password string, run func(string, ...string) *exec.Cmd) error {
	fresh := data + ".new"
	if err := os.RemoveAll(fresh); err != nil {
		return err
	}
	secret := filepath.Join(root, "initdb.password")
	if err := os.WriteFile(secret, []byte(password), 0o600); err != nil {
		return err
	}
	defer func() { _ = os.Remove(secret) }()
	if os.Geteuid() == 0 {
		if err := errors.Join(os.Chown(root, nobody, nobody), os.Chown(secret, nobody, nobody)); err != nil {
			return err
		}
	}
	out, err := run("initdb", "-D", fresh, "-U", "postgres", "-A", "scram-sha-256", "--pwfile", secret, "-E", "UTF8",
		"--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--no-instructions").CombinedOutput()
	if err != nil {
		return fmt.Errorf("initdb: %w: %s", err, strings.TrimSpace(string(out)))
	}
	// Only a finished cluster gets its final name, so a kill in the middle leaves nothing half made.
	return os.Rename(fresh, data)
}

// ready waits until the server answers, and makes the product's database.
func (p *postgres) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 60*time.Second)
	defer cancel()
	poll := time.NewTicker(25 * time.Millisecond)
	defer poll.Stop()
	for {
		err := p.ensureDatabase(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-p.child.exited:
			return errors.New("it ended at once")
		case <-ctx.Done():
			return fmt.Errorf("it does not answer: %w", err)
		case <-poll.C:
		}
	}
}

func (p *postgres) ensureDatabase(ctx context.Context) error {
	db, err := pgx.Connect(ctx, p.databaseURL("postgres"))
	if err != nil {
		return err
	}
	defer func() { _ = db.Close(ctx) }()
	var exists bool
	if err := db.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = 'taskurotta')`).Scan(&exists); err != nil || exists {
		return err
	}
	_, err = db.Exec(ctx, `CREATE DATABASE taskurotta`)
	return err
}

func (p *postgres) databaseURL(name string) string {
	u := url.URL{Scheme: "postgres", User: url.UserPassword("postgres", p.password), Host: "127.0.0.1:" + strconv.Itoa(p.port), Path: "/" + name, RawQuery: "sslmode=disable"}
	return u.String()
}

// stop asks for a fast shutdown: open transactions are rolled back, nothing committed is lost.
func (p *postgres) stop() { p.child.stop(syscall.SIGINT, 20*time.Second) }
