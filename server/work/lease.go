package work

import (
	"encoding/base64"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/taskurotta/taskurotta-go/engine"
	"github.com/taskurotta/taskurotta-go/fault"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// lease names one dispatch of a task, as a worker is given it. It proves nothing: what counts is whether the task is out under its epoch
// at the worker's pool.
type lease struct {
	process, task string
	epoch         int64
	attempt       int
	lane          wire.Lane
	nodeType      string
}

func (l lease) text() string {
	return base64.RawURLEncoding.EncodeToString([]byte(strings.Join([]string{
		"1", l.process, l.task, strconv.FormatInt(l.epoch, 10), strconv.Itoa(l.attempt), string(l.lane), l.nodeType}, "|")))
}

var errLease = fault.New(fault.Invalid, "work.lease_invalid", "This is no lease: send it as it was given.")

func readLease(text string) (lease, error) {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	parts := strings.Split(string(raw), "|")
	if err != nil || len(parts) != 7 || parts[0] != "1" || uuid.Validate(parts[1]) != nil || uuid.Validate(parts[2]) != nil {
		return lease{}, errLease
	}
	epoch, epochErr := strconv.ParseInt(parts[3], 10, 64)
	attempt, attemptErr := strconv.Atoi(parts[4])
	lane := wire.Lane(parts[5])
	if epochErr != nil || attemptErr != nil || lane != wire.LaneNormal && lane != wire.LaneUrgent {
		return lease{}, errLease
	}
	return lease{parts[1], parts[2], epoch, attempt, lane, parts[6]}, nil
}

func readLeases(texts []string) ([]lease, error) {
	out := make([]lease, 0, len(texts))
	for _, text := range texts {
		l, err := readLease(text)
		if err != nil {
			return nil, err
		}
		out = append(out, l)
	}
	return out, nil
}

func (l lease) ref(pool string) engine.WorkRef {
	return engine.WorkRef{Pool: pool, Lane: l.lane, Process: l.process, Task: l.task, Epoch: l.epoch}
}

func refs(pool string, leases []lease) []engine.WorkRef {
	out := make([]engine.WorkRef, len(leases))
	for i, l := range leases {
		out[i] = l.ref(pool)
	}
	return out
}

func (l lease) report(kind wire.ReportKind, pool, worker string) wire.Report {
	return wire.Report{V: wire.Version, Kind: kind, Process: l.process, Task: l.task, Epoch: l.epoch, Attempt: l.attempt, Worker: worker, Pool: pool, NodeType: l.nodeType}
}
