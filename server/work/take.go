package work

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/taskurotta/taskurotta-go/fault"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// Task is a task for a worker.
type Task struct {
	Lease       string
	Task        wire.Task
	Input       json.RawMessage
	Idempotency string
}

// Poll asks for tasks.
type Poll struct {
	Pool, Worker string
	Most         int
	Wait         time.Duration
	Holds        []string // leases of tasks that run meanwhile
}

// drainedWait is how long the poll of a drained worker lasts.
const drainedWait = time.Second

// Take returns tasks as soon as there are some, or none after a while; and the leases that count no more. The poll itself says that the
// worker lives, and what it holds. A drained worker gets nothing: it hears so at once, and when it asks again, after a second.
func (s *Service) Take(ctx context.Context, p Poll) (tasks []Task, gone []string, err error) {
	if err := named(p.Pool, p.Worker); err != nil {
		return nil, nil, err
	}
	leases, err := readLeases(p.Holds)
	if err != nil {
		return nil, nil, err
	}
	news, leave := s.wakes.wait(p.Pool)
	defer leave()
	wait, drained := p.Wait, s.Drained(p.Pool, p.Worker)
	if drained { // it was told so before: its next call is not to come on the heels of this one
		news, wait = nil, min(wait, drainedWait)
	}
	until := time.NewTimer(wait)
	defer until.Stop()
	tick := time.NewTicker(Heartbeat)
	defer tick.Stop()
	beaten := false
	var beat wire.Beat
	for {
		if !beaten {
			if gone, leases, err = s.sort(ctx, p.Pool, leases); err != nil {
				return nil, nil, err
			}
			if beat, err = s.beat(ctx, p.Pool, p.Worker, leases); err != nil {
				return nil, nil, err
			}
			if len(gone) > 0 { // it should stop what it does before it does more
				return []Task{}, gone, nil
			}
			beaten = true
		}
		switch {
		case drained: // until the time is up
		case s.Drained(p.Pool, p.Worker):
			return []Task{}, gone, nil
		default:
			if tasks, err = s.fill(ctx, p, &beat); err != nil || len(tasks) > 0 {
				return tasks, gone, err
			}
		}
		select {
		case <-news:
		case <-tick.C:
			beaten = false
		case <-until.C:
			return []Task{}, gone, nil
		case <-s.wakes.ended:
			return []Task{}, gone, nil
		case <-ctx.Done():
			return []Task{}, gone, nil
		}
	}
}

// fill takes what there is, and hands back at once what must not run.
func (s *Service) fill(ctx context.Context, p Poll, beat *wire.Beat) ([]Task, error) {
	if beat.Waiting || beat.Draining {
		return nil, fault.New(fault.Conflict, "work.refused", "The catalog refuses every node type of this worker.")
	}
	var tasks []Task
	var live []lease
	var started []wire.Report
	for len(tasks) < p.Most {
		taken, err := s.config.Engine.TakeWork(ctx, p.Pool)
		if err != nil || taken == nil {
			if err != nil && len(tasks) == 0 {
				return nil, err
			}
			break
		}
		t := taken.Task
		l := lease{t.Process, t.Task, t.Epoch, t.Attempt, taken.Lane, t.NodeType}
		if !s.may(ctx, p.Pool, t.NodeType, beat) {
			if err := s.handBack(ctx, p.Pool, p.Worker, l); err != nil {
				s.config.Log.Warn("hand back a task that must not run", "task_id", t.Task, "error", err)
			}
			break // not again at once, or the two of us play ball with it
		}
		input := t.Input
		if t.InputRef != "" {
			if input, err = s.config.Engine.WorkInput(ctx, t.InputRef); err != nil {
				s.config.Log.Warn("read the input of a task", "task_id", t.Task, "error", err)
				_ = s.handBack(ctx, p.Pool, p.Worker, l)
				break
			}
		}
		if len(input) == 0 {
			input = json.RawMessage(`{}`)
		}
		tasks = append(tasks, Task{Lease: l.text(), Task: t, Input: input, Idempotency: fmt.Sprintf("%s.%d", t.Task, t.InputRev)})
		live = append(live, l)
		started = append(started, l.report(wire.ReportStarted, p.Pool, id(p.Pool, p.Worker)))
	}
	if len(tasks) == 0 {
		return nil, nil
	}
	if _, err := s.beat(ctx, p.Pool, p.Worker, live); err != nil {
		s.config.Log.Warn("note what a worker has taken", "worker_id", id(p.Pool, p.Worker), "error", err)
	}
	if err := s.config.Engine.TellWork(ctx, started); err != nil {
		s.config.Log.Warn("tell that tasks have begun", "worker_id", id(p.Pool, p.Worker), "error", err)
	}
	return tasks, nil
}

// may tells whether a worker may run a task: it has announced and the catalog has accepted its type, and nobody paused it.
func (s *Service) may(ctx context.Context, pool, nodeType string, beat *wire.Beat) bool {
	if typeOf(beat, nodeType) == nil {
		return false
	}
	paused, err := s.config.Redis.HMGet(ctx, s.config.Keys.Paused(), "type:"+nodeType, "pool:"+pool).Result()
	if err != nil || slices.ContainsFunc(paused, func(reason any) bool { return reason != nil }) {
		return false
	}
	raw, err := s.config.Redis.HGet(ctx, s.config.Keys.Verdicts(), beat.Worker).Bytes()
	var refusals []wire.Refusal
	if err != nil || json.Unmarshal(raw, &refusals) != nil {
		return false
	}
	return !slices.ContainsFunc(refusals, func(r wire.Refusal) bool { return r.Type == nodeType })
}

func typeOf(beat *wire.Beat, nodeType string) *wire.Descriptor {
	for i := range beat.Types {
		if fmt.Sprintf("%s@%d", beat.Types[i].Name, beat.Types[i].Major) == nodeType {
			return &beat.Types[i]
		}
	}
	return nil
}

func (s *Service) handBack(ctx context.Context, pool, worker string, l lease) error {
	return s.config.Engine.ReportWork(ctx, l.report(wire.ReportHandback, pool, id(pool, worker)), l.lane)
}
