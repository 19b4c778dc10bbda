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

// stopOrphan ends the process whose pid stands in the first line of file, if it is still a server of that folder: the number
// may belong to somebody else by now.
func stopOrphan(file, folder string, signal syscall.Signal, programs ...string) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return
	}
	first, _, _ := strings.Cut(string(raw), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	if err != nil || pid <= 1 || !serves(pid, folder, programs) {
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
		if errors.Is(process.Signal(syscall.Signal(0)), os.ErrProcessDone) || !serves(pid, folder, programs) {
			return
		}
		if time.Now().After(deadline) {
			_ = process.Kill()
			return
		}
	}
}

// serves reports whether pid runs one of the programs in the folder: PostgreSQL and Redis both work in their data folder.
func serves(pid int, folder string, programs []string) bool {
	proc := "/proc/" + strconv.Itoa(pid)
	line, err := os.ReadFile(proc + "/cmdline")
	if err == nil {
		at, err := os.Readlink(proc + "/cwd")
		if err != nil || !sameFolder(at, folder) {
			return false
		}
	} else {
		// No /proc here: ask ps, which does not tell the folder.
		line, err = exec.Command("ps", "-o", "args=", "-p", strconv.Itoa(pid)).Output() //nolint:noctx // a bounded question to the system
		if err != nil {
			return false
		}
	}
	for _, program := range programs {
		if strings.Contains(string(line), program) {
			return true
		}
	}
	return false
}

func sameFolder(a, b string) bool {
	left, errLeft := os.Stat(a)
	right, errRight := os.Stat(b)
	return errLeft == nil && errRight == nil && os.SameFile(left, right)
}
