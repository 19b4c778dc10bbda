package devstack

import (
	"errors"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// child is a server process that ends when this process does, however it ends.
type child struct {
	cmd    *exec.Cmd
	exited chan struct{}
}

// startChild starts cmd; signal is what the kernel sends it when this process is gone.
func startChild(cmd *exec.Cmd, signal syscall.Signal) (*child, error) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	// An own process group: Ctrl+C in the terminal reaches us, and we stop the children in order.
	cmd.SysProcAttr.Setpgid = true
	dieWithParent(cmd.SysProcAttr, signal)
	c := &child{cmd: cmd, exited: make(chan struct{})}
	started := make(chan error, 1)
	go func() {
		// The kernel sends the death signal when the thread that forked ends, so it must live as long as the child.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait()
		}
		close(c.exited)
	}()
	return c, <-started
}

// stop sends a signal and waits; after the grace it kills.
func (c *child) stop(signal syscall.Signal, grace time.Duration) {
	_ = c.cmd.Process.Signal(signal)
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case <-c.exited:
	case <-timer.C:
		_ = c.cmd.Process.Kill()
		<-c.exited
	}
}

// stopOrphan ends the process whose pid stands in the first line of file, if it is still the named program.
func stopOrphan(file, program string, signal syscall.Signal) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return
	}
	first, _, _ := strings.Cut(string(raw), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	if err != nil || pid <= 1 || !runs(pid, program) {
		return
	}
	process, err := os.FindProcess(pid)
	if err != nil {
		return
	}
	_ = process.Signal(signal)
	poll := time.NewTicker(20 * time.Millisecond)
	defer poll.Stop()
	deadline := time.Now().Add(15 * time.Second)
	for range poll.C {
		if errors.Is(process.Signal(syscall.Signal(0)), os.ErrProcessDone) || !runs(pid, program) {
			return
		}
		if time.Now().After(deadline) {
			_ = process.Kill()
			return
		}
	}
}

// runs reports whether pid is a running process of the named program.
func runs(pid int, program string) bool {
	raw, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/cmdline")
	if err != nil {
		// No /proc here: ask ps.
		out, err := exec.Command("ps", "-o", "comm=", "-p", strconv.Itoa(pid)).Output() //nolint:noctx // a bounded question to the system
		return err == nil && strings.Contains(string(out), program)
	}
	return strings.Contains(string(raw), program)
}
