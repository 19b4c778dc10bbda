package flow

import (
	"encoding/binary"
	"hash/fnv"
	"math"
	"strings"
	"time"

	"github.com/taskurotta/taskurotta-go/designer/graph"
)

// DefaultRetry is the policy of a service task that has none, and gives the values of the fields that a policy leaves zero:
// 5 runs, pauses of 1 s, 2 s, 4 s, 8 s, each shortened by up to a fifth, none above 5 minutes.
func DefaultRetry() graph.RetryPolicy {
	return graph.RetryPolicy{
		MaxAttempts: 5, Backoff: graph.BackoffExponential, InitialMS: 1000, Factor: 2, CapMS: 5 * 60 * 1000, Jitter: 0.2,
	}
}

// withDefaults fills in what a policy leaves zero. The default cap never shortens an initial pause that the author set.
func withDefaults(p *graph.RetryPolicy) graph.RetryPolicy {
	d := DefaultRetry()
	if p == nil {
		return d
	}
	r := *p
	if r.MaxAttempts <= 0 {
		r.MaxAttempts = d.MaxAttempts
	}
	if r.Backoff == "" {
		r.Backoff = d.Backoff
	}
	if r.InitialMS <= 0 {
		r.InitialMS = d.InitialMS
	}
	if r.Factor < 1 {
		r.Factor = d.Factor
	}
	if r.CapMS <= 0 {
		r.CapMS = max(d.CapMS, r.InitialMS)
	}
	if r.Jitter <= 0 {
		r.Jitter = d.Jitter
	}
	r.Jitter = min(r.Jitter, 1)
	return r
}

// retries tells whether a policy lets an error with this code be tried again at all.
func retries(p *graph.RetryPolicy, code string) bool {
	if inFamilies(p.DontRetryCodes, code) {
		return false
	}
	return len(p.RetryCodes) == 0 || inFamilies(p.RetryCodes, code)
}

// inFamilies tells whether one of the patterns is the code itself or a family it belongs to: "A", also written "A.", covers
// "A" and "A.B", not "AB".
func inFamilies(patterns []string, code string) bool {
	for _, p := range patterns {
		p = strings.TrimSuffix(p, ".")
		if rest, ok := strings.CutPrefix(code, p); ok && (rest == "" || rest[0] == '.') {
			return true
		}
	}
	return false
}

// maxPause keeps a pause that a worker asked for from overflowing a date.
const maxPause = 366 * 24 * time.Hour

// pause is how long to wait after run number attempt of a task before the next one.
func pause(p *graph.RetryPolicy, task string, attempt int) time.Duration {
	ms := float64(p.InitialMS)
	switch p.Backoff {
	case graph.BackoffFixed:
	case graph.BackoffLinear:
		ms *= float64(attempt)
	default:
		ms *= math.Pow(p.Factor, float64(attempt-1))
	}
	ms = min(ms, float64(p.CapMS))
	ms -= ms * p.Jitter * share(task, attempt)
	return min(time.Duration(min(ms, 1e15))*time.Millisecond, maxPause)
}

// share is a number from 0 up to 1 that looks random and follows from its arguments alone.
func share(task string, attempt int) float64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(task)) // a hash never fails
	_, _ = h.Write(binary.BigEndian.AppendUint64(nil, uint64(attempt)))
	// FNV's upper bits hardly move between short inputs that differ at the end; a multiplication spreads them.
	return float64(h.Sum64()*0x9e3779b97f4a7c15>>11) / (1 << 53)
}
