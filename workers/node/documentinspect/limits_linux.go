package documentinspect

import (
	"fmt"
	"os"
	"syscall"
)

// limitResources binds the child by the kernel, before it reads a byte.
func limitResources() {
	set := func(resource int, value uint64) {
		_ = syscall.Setrlimit(resource, &syscall.Rlimit{Cur: value, Max: value}) // a lower limit that holds already is as good
	}
	// The address space counts, and Go's runtime has reserved much of it already: what comes on top is limited.
	set(syscall.RLIMIT_AS, reserved()+2*childMemory)
	set(syscall.RLIMIT_CPU, uint64(childTime.Seconds()))
	set(syscall.RLIMIT_FSIZE, 0)
	set(syscall.RLIMIT_CORE, 0)
}

// reserved returns the bytes of address space that this process has; 1 GiB when the kernel does not say.
func reserved() uint64 {
	var pages uint64
	file, err := os.Open("/proc/self/statm")
	if err != nil {
		return 1 << 30
	}
	defer file.Close()
	if _, err := fmt.Fscan(file, &pages); err != nil {
		return 1 << 30
	}
	return pages * uint64(os.Getpagesize())
}
