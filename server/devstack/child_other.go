//go:build !linux

package devstack

import "syscall"

// dieWithParent does nothing where the kernel offers no such thing: an orphan is stopped by the next start.
func dieWithParent(*syscall.SysProcAttr, syscall.Signal) {}
