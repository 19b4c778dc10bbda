// Package confine runs a program over files of strangers: with limits on memory, time and output, in a process group of its own
// that ends with ours. Documents that crash or stuff a parser cost the child, not the worker.
//
// It imports the standard library only.
package confine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"time"
)

// Limits of a run. All must be set.
type Limits struct {
	Memory int64         // bytes of address space
	Time   time.Duration // on the clock, and of a processor
	Output int           // bytes kept of each output
}

// Result of a run that ended by itself.
type Result struct {
	Exit           int
	Stdout, Stderr []byte
}

// Errors of Run besides those of starting a program.
var (
	ErrLimit   = errors.New("the program passed a limit of memory or time")
	ErrMissing = errors.New("the program is not installed")
)

// Capped keeps the first bytes that are written to it and drops the rest. It hides the methods of its buffer: io.Copy would
// find ReadFrom and go past the limit.
type Capped struct {
	Left int // bytes that are still kept
	kept bytes.Buffer
}

// Write never fails.
func (c *Capped) Write(p []byte) (int, error) {
	keep := min(len(p), c.Left)
	c.Left -= keep
	_, _ = c.kept.Write(p[:keep])
	return len(p), nil
}

// Bytes returns what was kept.
func (c *Capped) Bytes() []byte { return c.kept.Bytes() }

// Run runs a program in a folder and returns how it ended. A program that a limit or a crash ended is ErrLimit; when ctx ends,
// its cause is returned.
func Run(ctx context.Context, limits Limits, folder, program string, arguments ...string) (Result, error) {
	path, err := exec.LookPath(program)
	if err != nil {
		return Result{}, fmt.Errorf("%s: %w", program, ErrMissing)
	}
	bounded, cancel := context.WithTimeout(ctx, limits.Time)
	defer cancel()
	// The shell sets the limits and becomes the program; the program and its arguments are parameters, never part of the script.
	script := fmt.Sprintf(`ulimit -c 0; ulimit -t %d; ulimit -v %d 2>/dev/null; exec "$@"`, int(limits.Time.Seconds())+1, limits.Memory>>10)
	command := exec.CommandContext(bounded, "/bin/sh", append([]string{"-c", script, "sh", path}, arguments...)...)
	command.Dir = folder
	command.Env = []string{"LC_ALL=C.UTF-8", "TMPDIR=" + folder}
	stdout, stderr := &Capped{Left: limits.Output}, &Capped{Left: limits.Output}
	command.Stdout, command.Stderr = stdout, stderr
	command.WaitDelay = time.Second
	Isolate(command)
	// The child ends with the thread that started it, so the thread must outlive it.
	runtime.LockOSThread()
	err = command.Run()
	runtime.UnlockOSThread()
	if ctx.Err() != nil {
		return Result{}, context.Cause(ctx)
	}
	var exit *exec.ExitError
	switch {
	case bounded.Err() != nil:
		return Result{}, ErrLimit
	case errors.As(err, &exit) && !exit.Exited():
		return Result{}, ErrLimit
	case errors.As(err, &exit) && exit.ExitCode() == 127: // the loader found no room for the program
		return Result{}, ErrLimit
	case err != nil && exit == nil:
		return Result{}, fmt.Errorf("run %s: %w", program, err)
	}
	return Result{Exit: command.ProcessState.ExitCode(), Stdout: stdout.Bytes(), Stderr: stderr.Bytes()}, nil
}
