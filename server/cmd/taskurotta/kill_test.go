package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/taskurotta/taskurotta-go/workers/wire"
)

const (
	processes = 300
	steps     = 10
)

// inTheMiddle starts 300 processes of ten steps and strikes when a third of the steps are done; then all must end, each step
// accepted exactly once.
func inTheMiddle(t *testing.T, strike func(in *installation, server *running)) {
	in := newInstallation(t)
	server := in.serve()
	in.run("worker")
	in.publish("chain", steps, `{"sleep_ms":10}`)
	var group sync.WaitGroup
	var next atomic.Int64
	for range 16 {
		group.Go(func() {
			for i := next.Add(1); i <= processes; i = next.Add(1) {
				if _, err := in.start("chain", fmt.Sprintf("c-%d", i)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	in.eventually(time.Minute, "a third of the steps is done", func() bool {
		return in.count(`SELECT count(*) FROM task WHERE state = 'completed'`) >= processes*steps/3
	})
	strike(in, server)
	ended := in.count(`SELECT count(*) FROM process WHERE state = 'completed'`)
	if ended == processes {
		t.Fatal("the strike came too late to prove anything")
	}
	group.Wait()
	in.eventually(2*time.Minute, "all processes ended", func() bool {
		return in.count(`SELECT count(*) FROM process WHERE state = 'completed'`) == processes
	})
	for what, query := range map[string]string{
		"processes":                      `SELECT count(*) - 300 FROM process`,
		"activations":                    `SELECT count(*) - 3000 FROM task`,
		"activations that did not end":   `SELECT count(*) FROM task WHERE state <> 'completed'`,
		"outputs":                        `SELECT count(*) - 3000 FROM output`,
		"activations of a step again":    `SELECT count(*) FROM task WHERE run <> 1`,
		"acceptances":                    `SELECT count(*) - 3000 FROM event, json_array_elements(body) c WHERE c->>'kind' = 'task' AND c->>'state' = 'completed'`,
		"messages in the window":         `SELECT count(*) FROM dispatch`,
		"tasks in the backlog":           `SELECT count(*) FROM backlog`,
		"processes that still seem live": `SELECT count(*) FROM process_live`,
		"results that were set aside":    `SELECT count(*) FROM dead_result`,
	} {
		if n := in.count(query); n != 0 {
			t.Errorf("%s: %+d", what, n)
		}
	}
}

func TestKilledServerLosesNothing(t *testing.T) {
	t.Parallel()
	inTheMiddle(t, func(in *installation, server *running) {
		server.kill()
		in.serve()
	})
}

func TestFlushedRedisLosesNothing(t *testing.T) {
	t.Parallel()
	inTheMiddle(t, func(in *installation, _ *running) {
		if err := in.redis.FlushAll(in.t.Context()).Err(); err != nil {
			in.t.Fatal(err)
		}
	})
}

// elsewhere is how long a task of a killed worker may take to run on another.
const elsewhere = 15 * time.Second

// workers are the beats of the workers that Redis knows.
func (in *installation) workers() []wire.Beat {
	in.t.Helper()
	all, err := in.redis.HGetAll(in.t.Context(), in.keys.Workers()).Result()
	if err != nil {
		in.t.Fatal(err)
	}
	beats := make([]wire.Beat, 0, len(all))
	for _, text := range all {
		var b wire.Beat
		if err := json.Unmarshal([]byte(text), &b); err != nil {
			in.t.Fatal(err)
		}
		beats = append(beats, b)
	}
	return beats
}

// runsOnAnother waits until the task that a killed worker had runs elsewhere and the process ends.
func (in *installation) runsOnAnother(killed int, process string) {
	in.t.Helper()
	at := time.Now()
	in.eventually(elsewhere, "the task runs on another worker", func() bool {
		return in.count(`SELECT count(*) FROM task WHERE process_id = $1 AND state = 'running' AND worker <> '' AND worker NOT LIKE '%-' || $2::text || '-%'`, process, strconv.Itoa(killed)) == 1
	})
	in.t.Logf("ran elsewhere after %s", time.Since(at).Round(10*time.Millisecond))
	in.eventually(time.Minute, "the process ended", func() bool {
		return in.count(`SELECT count(*) FROM process WHERE id = $1 AND state = 'completed'`, process) == 1
	})
	if n := in.count(`SELECT count(*) FROM event, json_array_elements(body) c WHERE c->>'kind' = 'task' AND c->>'state' = 'completed'`); n != 1 {
		in.t.Errorf("accepted %d times", n)
	}
}

func TestTaskOfAKilledWorkerRunsElsewhere(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.serve()
	first := in.run("worker")
	in.publish("nap", 1, `{"sleep_ms":3000}`)
	process, err := in.start("nap", "n")
	if err != nil {
		t.Fatal(err)
	}
	in.eventually(time.Minute, "the task runs", func() bool { return in.count(`SELECT count(*) FROM task WHERE state = 'running'`) == 1 })
	second := in.run("worker")
	in.eventually(time.Minute, "the second worker beats", func() bool { return len(in.workers()) == 2 })
	first.kill()
	in.runsOnAnother(first.Process.Pid, process)

	// The process of a worker that an operator drains ends by itself, and well.
	status, answer, err := in.call(http.MethodPost, "/api/v1/workers/drain", `{"pool":"default","reason":"a new release"}`, nil)
	if err != nil || status != http.StatusOK {
		t.Fatalf("drain: %d %s %v", status, answer, err)
	}
	ended := make(chan struct{})
	go func() { second.wait(); close(ended) }()
	select {
	case <-ended:
	case <-time.After(time.Minute):
		t.Fatal("it does not end")
	}
	if code := second.ProcessState.ExitCode(); code != 0 {
		t.Errorf("it ends with status %d", code)
	}
	if left := in.workers(); len(left) != 0 {
		t.Errorf("it has left %+v", left)
	}
}

func TestTaskTakenByAWorkerThatNeverToldOfItRunsElsewhere(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.serve()
	first := in.run("worker")
	in.publish("nap", 1, `{"sleep_ms":3000}`)
	var seq int64
	in.eventually(time.Minute, "a beat has just been", func() bool {
		beats := in.workers()
		fresh := len(beats) == 1 && seq != 0 && beats[0].Seq != seq
		if len(beats) == 1 {
			seq = beats[0].Seq
		}
		return fresh
	})
	process, err := in.start("nap", "n")
	if err != nil {
		t.Fatal(err)
	}
	active := "asynq:{" + in.keys.Queue("default", wire.LaneNormal) + "}:active"
	in.eventually(time.Minute, "the task is taken", func() bool { return in.redis.LLen(t.Context(), active).Val() == 1 })
	first.kill()
	if beats := in.workers(); len(beats) != 1 || slices.ContainsFunc(beats, func(b wire.Beat) bool { return len(b.Holds) > 0 }) {
		t.Fatalf("the worker told of the task before it was killed: %+v", beats)
	}
	in.run("worker")
	in.runsOnAnother(first.Process.Pid, process)
}
