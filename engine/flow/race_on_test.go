//go:build race

package flow_test

// cases are few under the race detector, which makes each ten times slower; Advance starts no goroutine. See the Makefile's test-flow.
const cases = 300
