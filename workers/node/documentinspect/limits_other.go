//go:build !linux

package documentinspect

// limitResources does nothing here: time, output and Go's heap are limited all the same.
func limitResources() {}
