//go:build race

package flow_test

// cases is a tenth under the race detector, which makes each ten times slower; Advance starts no goroutine.
const cases = 1_000
