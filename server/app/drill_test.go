package app_test

import (
	"context"
	"net/http"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/server/demo/paper"
	"github.com/taskurotta/taskurotta-go/server/demo/registry"
)

// TestRegistrationsBalance starts many registrations on a bus with faults while people work: all end, and for each fee that was kept
// there is an entry. TASKUROTTA_REGISTRATIONS says how many; `make drill` takes 1,000.
func TestRegistrationsBalance(t *testing.T) {
	t.Parallel()
	size := 10
	if wanted := os.Getenv("TASKUROTTA_REGISTRATIONS"); wanted != "" {
		var err error
		size, err = strconv.Atoi(wanted)
		require.NoError(t, err)
	}
	o := openOffice(t, registry.Faults{
		DelayMax: 2 * time.Second, Refuse: 0.05, FailEntry: 0.05, FailExtract: 0.05, Unpaid: 0.03, PaidLate: 0.1,
		Duplicate: 0.1, Early: 0.1, LostAck: 0.05, OutageEvery: 10 * time.Second, OutageFor: time.Second,
	})
	began := time.Now()
	ids, deadline := make([]string, size), began.Add(2*time.Minute+time.Duration(size)*time.Second)
	var next atomic.Int64
	var desks sync.WaitGroup
	for range 4 {
		desks.Go(func() {
			for i := next.Add(1); i <= int64(size); i = next.Add(1) {
				flaw := paper.None
				if i%10 == 0 {
					flaw = paper.Flaws[i/10%int64(len(paper.Flaws))]
				}
				ids[i-1] = o.apply(t, "rights-registration", o.pick(t, flaw, func(paper.Application) bool { return true }))
			}
		})
	}
	closed, closing := context.WithCancel(t.Context())
	defer closing()
	var people sync.WaitGroup
	people.Go(func() { o.people(closed, t) })
	desks.Wait()
	started := time.Since(began)

	results := map[string]int{}
	for _, id := range ids {
		require.Eventually(t, func() bool {
			var e ended
			o.get(t, "/api/v1/processes/"+id, &e)
			if e.State == "completed" {
				results[e.Output["result"].(string)]++
			}
			require.NotEqual(t, "failed", e.State, id)
			return e.State == "completed"
		}, time.Until(deadline), 100*time.Millisecond, "%s does not end", id)
	}
	took := time.Since(began)
	closing()
	people.Wait()
	require.Empty(t, o.processes(t, "state=incident"))
	// What undoes is done when it is acknowledged; nothing else is under way.
	books, err := o.dev.Registry.Books(t.Context())
	require.NoError(t, err)
	t.Logf("%d registrations started in %.1f s and ended after %.1f s: %v; %d entries stand, %d were withdrawn, %d fees, %d refunds",
		size, started.Seconds(), took.Seconds(), results, books.Entries, books.Withdrawn, books.Fees, books.Refunds)
	require.Empty(t, books.Unbalanced)
	require.Equal(t, results["registered"], books.Entries)
	require.Equal(t, books.Entries, books.Fees-books.Refunds)
	require.Equal(t, results["refused"], books.Refunds)
	require.Positive(t, results["registered"])
}

// people do what they are asked, and let terms of payment pass, until the office closes.
func (o *office) people(closed context.Context, t *testing.T) {
	t.Helper()
	work := time.NewTicker(200 * time.Millisecond)
	defer work.Stop()
	late := 0
	for {
		select {
		case <-closed.Done():
			return
		case <-work.C:
		}
		var list struct {
			Items []struct {
				ProcessID string `json:"process_id"`
				TaskID    string `json:"task_id"`
				CustomID  string `json:"custom_id"`
				NodeID    string `json:"node_id"`
			}
		}
		o.get(t, "/api/v1/user-tasks?limit=200", &list)
		for _, one := range list.Items {
			output := decide("accept")
			if one.NodeID == "examine" {
				output = decide("approve")
				if one.TaskID[0] == '0' { // one of sixteen
					output = decide("refuse")
				}
			}
			// Somebody may have been quicker: the next look tells.
			o.send(t, http.MethodPost, "/api/v1/user-tasks/"+one.ProcessID+"/"+one.TaskID+"/complete", map[string]any{"output": output}, nil, nil)
		}
		if late++; late%10 != 0 {
			continue
		}
		for _, p := range o.processes(t, "state=running&definition=rights-registration") {
			if !o.faults.NeverPaid(p.CustomID) {
				continue
			}
			var tasks struct {
				Items []struct {
					ID     string
					NodeID string `json:"node_id"`
					State  string
				}
			}
			o.get(t, "/api/v1/processes/"+p.ID+"/tasks?limit=200", &tasks)
			for _, one := range tasks.Items {
				if one.NodeID == "fee_wait" && one.State == "waiting" {
					o.send(t, http.MethodPost, "/api/v1/processes/"+p.ID+"/tasks/"+one.ID+"/fire", map[string]any{"node": "fee_late", "reason": "drill"}, nil, nil)
				}
			}
		}
	}
}
