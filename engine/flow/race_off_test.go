//go:build !race

package flow_test

const cases = 10_000
