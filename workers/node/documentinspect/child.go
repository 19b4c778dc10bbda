package documentinspect

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"time"

	"github.com/taskurotta/taskurotta-go/workers/confine"
	"github.com/taskurotta/taskurotta-go/workers/sdk"
)

// childVariable marks the process that parses. Its value is the extension of the file's name, after a dot.
const childVariable = "TASKUROTTA_INSPECT_CHILD"

// The child's limits.
const (
	childTime   = 20 * time.Second
	childMemory = 512 << 20 // bytes of Go's heap; the address space may grow by twice that
	childOutput = 64 << 10  // bytes of the verdict
)

// verdict is what the child says.
type verdict struct {
	MediaType string    `json:"media_type"`
	Types     []string  `json:"types"` // the type and what it is a kind of
	Pages     int       `json:"pages"`
	Encrypted bool      `json:"encrypted"`
	XMLRoot   string    `json:"xml_root"`
	Problems  []Problem `json:"problems"`
}

// RunChild parses and exits when this process was started as the child; otherwise it returns at once. Every program that
// hosts the node calls it first in main.
func RunChild() {
	extension, isChild := strings.CutPrefix(os.Getenv(childVariable), ".")
	if !isChild {
		prepared.Store(true)
		return
	}
	limitResources()
	debug.SetMemoryLimit(childMemory)
	found, err := look(os.Stdin, extension)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if err := json.NewEncoder(os.Stdout).Encode(found); err != nil {
		os.Exit(1)
	}
	os.Exit(0)
}

// prepared says that this program called RunChild: started again, it will be the child and not the program once more.
var prepared atomic.Bool

// program is what starts as the child; empty: this program again.
var program string

// ParseWith lets another program that calls RunChild first in main be the child, instead of this one. Tests with the race detector
// take the product's own binary, which starts several times as quick. Call it before the first file is inspected.
func ParseWith(path string) { program = path }

// children bounds how many parse at once: each may use a core and much memory, whatever the worker's slots.
var children = make(chan struct{}, max(2, runtime.NumCPU()))

// parse starts this program again as the child and returns its verdict. A child that passes a limit or crashes is a
// verdict too: the file is to blame.
func parse(ctx context.Context, path, extension string) (verdict, error) {
	if !prepared.Load() {
		return verdict{}, sdk.Permanent(errors.New("the program that hosts document.inspect does not call documentinspect.RunChild first in main"))
	}
	select {
	case children <- struct{}{}:
		defer func() { <-children }()
	case <-ctx.Done():
		return verdict{}, context.Cause(ctx)
	}
	child := program
	if child == "" {
		var err error
		if child, err = os.Executable(); err != nil {
			return verdict{}, err
		}
	}
	file, err := os.Open(path)
	if err != nil {
		return verdict{}, err
	}
	defer file.Close()
	bounded, cancel := context.WithTimeout(ctx, childTime)
	defer cancel()
	cmd := exec.CommandContext(bounded, child)
	cmd.Env = []string{childVariable + "=." + extension, "TMPDIR=" + os.TempDir(), "GOMAXPROCS=1", "GOTRACEBACK=none",
		"GORACE=atexit_sleep_ms=0"} // a build with the race detector would wait for a second at each exit
	cmd.Dir = os.TempDir()
	cmd.Stdin = file
	stdout, stderr := &confine.Capped{Left: childOutput}, &confine.Capped{Left: 4 << 10}
	cmd.Stdout, cmd.Stderr = stdout, stderr
	cmd.WaitDelay = time.Second
	confine.Isolate(cmd)
	// The child ends with the thread that started it, so the thread must outlive it.
	runtime.LockOSThread()
	err = cmd.Run()
	runtime.UnlockOSThread()
	if ctx.Err() != nil {
		return verdict{}, context.Cause(ctx)
	}
	var exit *exec.ExitError
	switch {
	case bounded.Err() != nil:
		return unreadable(path, "file.limits", "reading the file took too long")
	case errors.As(err, &exit):
		return unreadable(path, "file.limits", "reading the file took more memory or time than allowed")
	case err != nil:
		return verdict{}, fmt.Errorf("start the parser: %w", err)
	}
	var found verdict
	if err := json.Unmarshal(stdout.Bytes(), &found); err != nil {
		return unreadable(path, "file.limits", "the parser gave no verdict")
	}
	return found, nil
}

// unreadable is the verdict on a file that the child did not survive: its type by the first bytes, and the problem.
func unreadable(path, code, message string) (verdict, error) {
	file, err := os.Open(path)
	if err != nil {
		return verdict{}, err
	}
	defer file.Close()
	media, types, err := typeOf(file)
	if err != nil {
		return verdict{}, err
	}
	return verdict{MediaType: media, Types: types, Problems: []Problem{{Code: code, Message: message, Severity: "error"}}}, nil
}
