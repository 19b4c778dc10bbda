package main

import (
	"os"
	"runtime/debug"
)

// A busy server has some 50 MB live: collecting it less often is worth a tenth of the throughput.
const (
	gcPercent   = 400
	memoryLimit = 1 << 30
)

// tuneMemory lets the heap grow further before it is collected, up to a soft limit. GOGC and GOMEMLIMIT win.
func tuneMemory() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
}
