package documentinspect

import (
	"os/exec"
	"syscall"
)

// limitResources binds the child by the kernel, before it reads a byte.
func limitResources() {
	set := func(resource int, value uint64) {
		_ = syscall.Setrlimit(resource, &syscall.Rlimit{Cur: value, Max: value}) // a lower limit that holds already is as good
	}
	set(syscall.RLIMIT_AS, 3*childMemory)
	set(syscall.RLIMIT_CPU, uint64(childTime.Seconds()))
	set(syscall.RLIMIT_FSIZE, 0)
	set(syscall.RLIMIT_CORE, 0)
}

// isolate puts the child into a process group of its own that ends with us.
func isolate(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
