package cli

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/taskurotta/taskurotta-go/server/config"
	"github.com/taskurotta/taskurotta-go/server/httpapi"
)

func (s *session) workers(ctx context.Context, _ config.WorkerList) error {
	raw, err := s.get(ctx, "/workers", nil)
	if err != nil {
		return err
	}
	return s.answer(raw, func() error {
		answer, err := decoded[struct{ Pools []httpapi.Pool }](raw)
		if err != nil {
			return err
		}
		pools := table{head: []string{"POOL", "WORKERS", "BUSY", "QUEUED", "RUNNING", "BACKLOG", "OLDEST", "STATE"}}
		workers := table{head: []string{"WORKER", "POOL", "HOST", "VERSION", "BUSY", "STARTED", "SEEN", "STATE"}}
		for _, p := range answer.Pools {
			oldest := ""
			if p.OldestAgeMS > 0 {
				oldest = lasted(time.Duration(p.OldestAgeMS) * time.Millisecond)
			}
			pools.add(plain(p.Pool), plain(strconv.Itoa(len(p.Workers))), plain(fmt.Sprintf("%d/%d", p.Busy, p.Slots)), plain(strconv.Itoa(p.Queued)),
				plain(strconv.Itoa(p.Running)), plain(strconv.Itoa(p.Backlog)), plain(oldest), s.poolState(p))
			for _, w := range p.Workers {
				started, seen := w.StartedAt, w.SeenAt
				workers.add(plain(w.ID), plain(p.Pool), plain(fmt.Sprintf("%s:%d", w.Host, w.PID)), plain(w.Version), plain(fmt.Sprintf("%d/%d", w.Busy, w.Slots)),
					plain(s.when(&started)), plain(s.when(&seen)), workerState(w))
			}
		}
		if err := pools.write(s); err != nil || len(workers.rows) == 0 {
			return err
		}
		fmt.Fprintln(s.Out)
		return workers.write(s)
	})
}

// poolState says what is not as it should be in a pool.
func (s *session) poolState(p httpapi.Pool) cell {
	var parts []string
	if p.Paused != nil {
		parts = append(parts, "paused by "+p.Paused.Author+": "+p.Paused.Reason)
	}
	for _, t := range p.Types {
		if t.Paused != nil {
			parts = append(parts, t.Type+" paused by "+t.Paused.Author+": "+t.Paused.Reason)
		}
	}
	tone := tones["suspended"]
	if p.NoWorkerSince != nil {
		parts, tone = append(parts, "no worker since "+s.when(p.NoWorkerSince)), tones["incident"]
	}
	if len(parts) == 0 {
		return plain("ok")
	}
	return cell{text: strings.Join(parts, "; "), tone: tone}
}

func workerState(w httpapi.Worker) cell {
	var parts []string
	if w.Draining {
		parts = append(parts, drainState(w))
	}
	for _, r := range w.Refusals {
		parts = append(parts, "refused "+r.Type+": "+r.Reason)
	}
	switch {
	case len(w.Refusals) > 0:
		return cell{text: strings.Join(parts, "; "), tone: tones["incident"]}
	case w.Draining:
		return cell{text: strings.Join(parts, "; "), tone: tones["suspended"]}
	}
	return plain("ok")
}

// drainState says that a worker takes no more tasks, and who wanted it.
func drainState(w httpapi.Worker) string {
	if w.Drain == nil {
		return "stopping"
	}
	state := "draining"
	if w.Busy == 0 {
		state = "drained"
	}
	return state + " by " + w.Drain.Author + ": " + w.Drain.Reason
}
