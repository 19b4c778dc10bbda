package engine_test

import (
	"context"
	"testing"
	"time"

	"github.com/taskurotta/taskurotta-go/engine/recount"
)

// checkInvariants recounts everything: counters equal the rows, what is live has a token, what has ended has left nothing, and
// no activation was accepted twice.
func (in *installation) checkInvariants(t testing.TB) {
	t.Helper()
	findings, err := recount.Check(t.Context(), in.db)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range findings {
		t.Error(f)
	}
}

// allEnded waits until no process is live.
func (in *installation) allEnded(within time.Duration) {
	in.t.Helper()
	left := 0
	defer func() {
		if in.t.Failed() {
			rows, err := in.db.Query(context.Background(), `SELECT state, count(*) FROM task GROUP BY 1`)
			if err == nil {
				for rows.Next() {
					var state string
					var n int
					if rows.Scan(&state, &n) == nil {
						in.t.Log(state, n)
					}
				}
			}
			in.t.Logf("%d processes are live, %d messages, %d in the backlog", left, in.count(`SELECT count(*) FROM dispatch`), in.count(`SELECT count(*) FROM backlog`))
		}
	}()
	eventually(in.t, within, "every process ended", func() bool {
		left = in.count(`SELECT count(*) FROM process_live`)
		return left == 0
	})
}
