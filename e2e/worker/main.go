// Command worker is a whole worker program that works badly on purpose: the drills run it. It serves drill.step@1.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/taskurotta/taskurotta-go/workers/sdk"
	"github.com/taskurotta/taskurotta-go/workers/worker"
)

// Step is what drill.step@1 is given and gives back.
type Step struct {
	N int `json:"n" title:"Number" title_ru:"Номер"`
}

// faults says how often an attempt goes wrong: one of so many, 0 is never.
type faults struct {
	broken  int           // fails and may be tried again
	ruined  int           // fails for good: an incident
	late    int           // answers after lateBy, whatever its context says
	lateBy  time.Duration //
	allFail bool          // every attempt panics
	work    time.Duration // an attempt takes up to so long
}

func main() {
	var f faults
	flag.IntVar(&f.broken, "broken", 0, "one of so many attempts fails and may be tried again")
	flag.IntVar(&f.ruined, "ruined", 0, "one of so many attempts fails for good")
	flag.IntVar(&f.late, "late", 0, "one of so many attempts answers far too late")
	flag.DurationVar(&f.lateBy, "late-by", 20*time.Second, "how late that is")
	flag.DurationVar(&f.work, "work", 0, "an attempt takes up to so long")
	flag.BoolVar(&f.allFail, "faulty", false, "every attempt fails")
	pool := flag.String("pool", "drill", "queue group to serve")
	slots := flag.Int("slots", 256, "tasks at once")
	flag.Parse()
	worker.Run(worker.Config{Pool: *pool, Slots: *slots}, sdk.Define("drill.step", 1, f.step,
		sdk.Title("Drill step", "Учебный шаг"),
		sdk.Doc("Gives back what it is given, as well as the drill lets it.", "Возвращает то, что получил, если учения это позволяют."),
		sdk.Category("Demo", "Демо"), sdk.Icon("barbell")))
}

func (f faults) step(ctx context.Context, in Step) (Step, error) {
	if f.work > 0 {
		select {
		case <-ctx.Done():
			return Step{}, context.Cause(ctx)
		case <-time.After(rand.N(f.work)): //nolint:gosec // a drill
		}
	}
	if f.allFail {
		panic(fmt.Errorf("the seal of page %d is missing", in.N))
	}
	one := func(of int) bool { return of > 0 && rand.IntN(of) == 0 } //nolint:gosec // a drill
	switch {
	case one(f.late):
		// Too late is a worker that does not hear that its time is over.
		select {
		case <-context.WithoutCancel(ctx).Done():
		case <-time.After(f.lateBy):
		}
	case one(f.ruined):
		return Step{}, sdk.Permanent(sdk.Failure("DRILL_RUINED", errors.New("broken for good, as the drill wants it")))
	case one(f.broken):
		return Step{}, sdk.Failure("DRILL_BROKEN", errors.New("broken, as the drill wants it"))
	}
	return in, nil
}
