package chaos_test

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/taskurotta/taskurotta-go/server/devstack"
	"github.com/taskurotta/taskurotta-go/server/devstack/stacktest"
)

// Faults of the machine: they need root, and a tool each. Where either is missing the fault is skipped and says so.

func needsRoot(t *testing.T, what string) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip(what + " needs root")
	}
}

// ip runs the ip command.
func ip(t *testing.T, arguments string) error {
	t.Helper()
	//nolint:gosec // fixed arguments
	out, err := exec.CommandContext(t.Context(), "ip", strings.Fields(arguments)...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("ip %s: %w: %s", arguments, err, out)
	}
	return nil
}

var namespaces atomic.Int64

// namespace is a network of its own for a worker, and a cable to this machine that can be pulled.
type namespace struct {
	name, cable string
	here        string // address of this machine at the cable's end
}

func needsNamespaces(t *testing.T) {
	t.Helper()
	needsRoot(t, "a network namespace")
	if _, err := exec.LookPath("ip"); err != nil {
		t.Skip("the command ip is missing: install iproute2")
	}
	name := fmt.Sprintf("tkprobe%d", os.Getpid())
	if err := ip(t, "netns add "+name); err != nil {
		t.Skipf("this machine lets nobody make a network namespace: %v", err)
	}
	_ = ip(t, "netns del "+name)
}

func newNamespace(t *testing.T) *namespace {
	t.Helper()
	n := int(namespaces.Add(1))
	part := os.Getpid()*4 + n
	net3, net4 := part>>6&255, part&63*4
	ns := &namespace{name: fmt.Sprintf("tk%d-%d", os.Getpid(), n), cable: fmt.Sprintf("tk%dc%d", os.Getpid()%100000, n), here: fmt.Sprintf("10.213.%d.%d", net3, net4+1)}
	t.Cleanup(func() {
		_ = exec.Command("ip", "link", "del", ns.cable).Run() //nolint:gosec // a name made here
		_ = exec.Command("ip", "netns", "del", ns.name).Run() //nolint:gosec // a name made here
	})
	for _, step := range []string{
		"netns add " + ns.name,
		"link add " + ns.cable + " type veth peer name eth0 netns " + ns.name,
		"addr add " + ns.here + "/30 dev " + ns.cable,
		"link set " + ns.cable + " up",
		fmt.Sprintf("-n %s addr add 10.213.%d.%d/30 dev eth0", ns.name, net3, net4+2),
		"-n " + ns.name + " link set eth0 up",
	} {
		if err := ip(t, step); err != nil {
			t.Fatal(err)
		}
	}
	return ns
}

// pull cuts the cable: nothing comes through, and nobody is told.
func (ns *namespace) pull(t *testing.T, cut bool) {
	t.Helper()
	if err := ip(t, "link set "+ns.cable+map[bool]string{true: " down", false: " up"}[cut]); err != nil {
		t.Error(err)
	}
}

// startBehindACable starts a worker in a network of its own.
func (f *faulty) startBehindACable(i int) {
	f.t.Helper()
	f.cable = newNamespace(f.t)
	through := newLine(f.t, net.JoinHostPort(f.cable.here, "0"), f.redisAddress(), asItIs)
	log := fmt.Sprintf("worker-%d.log", i+1)
	f.workers = append(f.workers, f.run(log, "ip", f.through(through), "netns", "exec", f.cable.name, f.worker, "-work", f.work.String(), "-slots", strconv.Itoa(f.slots)))
}

// clockLibrary lets a program's clock be set while it runs.
func clockLibrary() string {
	for _, pattern := range []string{"/usr/lib/*/faketime/libfaketime.so.1", "/usr/lib/faketime/libfaketime.so.1", "/usr/local/lib/faketime/libfaketime.so.1"} {
		if found, _ := filepath.Glob(pattern); len(found) > 0 {
			return found[0]
		}
	}
	return ""
}

func needsClock(t *testing.T) {
	t.Helper()
	if clockLibrary() == "" {
		t.Skip("another clock needs libfaketime: install the package libfaketime")
	}
}

// clock is a file that says how far PostgreSQL's clock is off.
type clock struct{ file string }

// newClock is a right clock.
func newClock(t *testing.T) *clock {
	t.Helper()
	c := &clock{filepath.Join(stacktest.Folder(t), "clock")}
	c.set(t, 0)
	return c
}

func (c *clock) set(t *testing.T, off time.Duration) {
	t.Helper()
	next := c.file + ".next"
	err := errors.Join(os.WriteFile(next, fmt.Appendf(nil, "%+d\n", int(off.Seconds())), 0o644), os.Rename(next, c.file)) //nolint:gosec // PostgreSQL's user reads it
	if err != nil {
		t.Fatal(err)
	}
}

func (c *clock) config(config *devstack.Config) {
	config.Environ = []string{"LD_PRELOAD=" + clockLibrary(), "FAKETIME_TIMESTAMP_FILE=" + c.file, "FAKETIME_CACHE_DURATION=1", "FAKETIME_DONT_FAKE_MONOTONIC=1"}
}

// withJumpingClock builds the product with a time.Now that jumps as DRILL_CLOCK says: after how long by how much, again and
// again. Its monotonic clock goes on, as a machine's does.
func withJumpingClock(t *testing.T) string {
	t.Helper()
	root, err := exec.CommandContext(t.Context(), "go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	original := filepath.Join(strings.TrimSpace(string(root)), "src", "time", "time.go")
	source, err := os.ReadFile(original)
	if err != nil {
		t.Fatal(err)
	}
	const place = "	sec, nsec, mono := runtimeNow()\n	if mono == 0 {"
	if strings.Count(string(source), place) != 1 {
		t.Skip("this release of Go reads its clock in another way")
	}
	changed := strings.Replace(string(source), place, "	sec, nsec, mono := runtimeNow()\n	sec += drillJump(mono - startNano)\n	if mono == 0 {", 1)
	folder := stacktest.Folder(t)
	write := func(name, content string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	overlay := write("overlay.json", fmt.Sprintf(`{"Replace": {%q: %q, %q: %q}}`, original, write("time.go", changed),
		filepath.Join(filepath.Dir(original), "drill_clock.go"), write("drill_clock.go", drillClock)))
	return built(t, "taskurotta-clock", command, "-overlay", overlay)
}

// drillClock is added to the package time.
const drillClock = `package time

import "syscall"

var drillJumps = drillRead()

type drillStep struct{ after, by int64 }

// drillRead reads pairs such as 30s,240h: whole seconds or hours.
func drillRead() (steps []drillStep) {
	text, _ := syscall.Getenv("DRILL_CLOCK")
	var numbers []int64
	n, sign := int64(0), int64(1)
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '-':
			sign = -1
		case c >= '0' && c <= '9':
			n = 10*n + int64(c-'0')
		case c == 'h':
			n *= 3600
		}
		if text[i] == ',' || i == len(text)-1 {
			numbers = append(numbers, sign*n)
			n, sign = 0, 1
		}
	}
	for i := 0; i+1 < len(numbers); i += 2 {
		steps = append(steps, drillStep{numbers[i], numbers[i+1]})
	}
	return steps
}

func drillJump(mono int64) (off int64) {
	for _, step := range drillJumps {
		if mono > step.after*1e9 {
			off += step.by
		}
	}
	return off
}
`

// expand changes the schema as the next release's migrations may: they add, and take nothing away.
func expand(p *product) {
	p.t.Helper()
	for _, table := range []string{"process", "process_data", "scope", "task", "attempt", "event", "output", "backlog", "dispatch", "timer", "incident", "inbox", "audit", "definition"} {
		if _, err := p.db.Exec(p.t.Context(), `ALTER TABLE `+table+` ADD COLUMN of_the_next_release text NOT NULL DEFAULT ''`); err != nil {
			p.t.Fatal(err)
		}
	}
}

// disk is a small one.
type disk struct {
	folder string
	filler string
}

func needsDisk(t *testing.T) {
	t.Helper()
	needsRoot(t, "a small disk")
	d := t.TempDir()
	if err := syscall.Mount("tmpfs", d, "tmpfs", 0, "size=1m"); err != nil {
		t.Skipf("this machine lets nobody mount a small disk: %v", err)
	}
	_ = syscall.Unmount(d, syscall.MNT_DETACH)
}

func newDisk(t *testing.T, megabytes int) *disk {
	t.Helper()
	d := &disk{folder: filepath.Join(stacktest.Folder(t), "disk")}
	d.filler = filepath.Join(d.folder, "filler")
	if err := os.Mkdir(d.folder, 0o755); err != nil { //nolint:gosec // PostgreSQL's user reaches through it
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", d.folder, "tmpfs", 0, fmt.Sprintf("size=%dm,mode=0755", megabytes)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(d.folder, syscall.MNT_DETACH) })
	return d
}

// fill leaves no byte free.
func (d *disk) fill(t *testing.T) {
	t.Helper()
	file, err := os.Create(d.filler)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for part := make([]byte, 64<<10); len(part) > 0; {
		if n, err := file.Write(part); n < len(part) || err != nil {
			part = part[:len(part)/2]
		}
	}
}

func (d *disk) free(t *testing.T) {
	t.Helper()
	if err := os.Remove(d.filler); err != nil {
		t.Fatal(err)
	}
}
