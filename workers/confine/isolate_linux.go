package confine

import (
	"os/exec"
	"syscall"
)

// Isolate puts a child into a process group of its own that ends with the thread that starts it; all of the group ends when
// its context does.
func Isolate(command *exec.Cmd) {
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	command.Cancel = func() error { return syscall.Kill(-command.Process.Pid, syscall.SIGKILL) }
}
