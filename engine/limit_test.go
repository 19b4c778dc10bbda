package engine_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/engine"
	"github.com/taskurotta/taskurotta-go/fault"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// perRegion counts how many tasks run at once by region, and when each started.
type perRegion struct {
	mu      sync.Mutex
	now     map[string]int
	most    map[string]int
	started []time.Time
	work    time.Duration
}

func (p *perRegion) handle(ctx context.Context, task *wire.Task) *wire.Report {
	region := strings.SplitN(task.CustomID, "-", 2)[0]
	p.mu.Lock()
	p.now[region]++
	p.most[region] = max(p.most[region], p.now[region])
	p.started = append(p.started, time.Now())
	p.mu.Unlock()
	timer := time.NewTimer(p.work)
	<-timer.C
	p.mu.Lock()
	p.now[region]--
	p.mu.Unlock()
	return echo(ctx, task)
}

// regional is a chain whose steps pass the region on.
func regional(steps int) *graph.Document {
	return chain(steps, func(_ int, n *graph.Node) { n.Service.Input = map[string]graph.Value{"region": obj(`"=input.region"`)} })
}

func TestALimitOfFiveIsNeverSix(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.versions.publish("chain", regional(3))
	regions := &perRegion{now: map[string]int{}, most: map[string]int{}, work: 150 * time.Millisecond}
	in.worker("w1", "test", 64, regions.handle)
	in.worker("w2", "test", 64, regions.handle)
	e, other := in.engine(), in.engine()
	limit := engine.LimitCommand{NodeType: "test.step@1", Key: "=input.region", Most: 5, Actor: "anna", Reason: "the region's register is slow"}
	if err := e.SetLimit(t.Context(), limit); err != nil {
		t.Fatal(err)
	}
	eventually(t, 5*time.Second, "both servers know the limit", func() bool { return e.Limited("test.step@1") && other.Limited("test.step@1") })
	var ids []string
	for i := range 120 {
		on := []*engine.Engine{e, other}[i%2]
		region := fmt.Sprint(77 + i%3)
		ids = append(ids, in.start(on, engine.StartCommand{DefinitionKey: "chain", CustomID: region + "-" + fmt.Sprint(i), Input: obj(`{"region":"` + region + `"}`)}))
	}
	eventually(t, 10*time.Second, "one waits for the limit and says so", func() bool {
		task := in.onlyTask(e, ids[119], "step_1")
		if task.Why != nil && task.Why.Code == engine.WhyHeldByLimit {
			return task.Why.Params["most"] == 5 && task.Why.Params["key"] == "input.region"
		}
		return task.State == "completed"
	})
	for _, id := range ids {
		in.waitState(e, id, "completed", 60*time.Second)
	}
	for region, most := range regions.most {
		if most != 5 {
			t.Errorf("region %s had up to %d at once", region, most)
		}
	}
	if len(regions.started) != 360 {
		t.Errorf("%d runs", len(regions.started))
	}
	in.checkInvariants(t)
}

func TestStartsInATimeAreLimited(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.versions.publish("chain", regional(1))
	regions := &perRegion{now: map[string]int{}, most: map[string]int{}}
	in.worker("w1", "test", 64, regions.handle)
	e := in.engine()
	if err := e.SetLimit(t.Context(), engine.LimitCommand{NodeType: "test.step@1", Starts: 20, Actor: "anna", Reason: "x"}); err != nil {
		t.Fatal(err)
	}
	var ids []string
	for range 60 {
		ids = append(ids, in.start(e, engine.StartCommand{DefinitionKey: "chain", CustomID: "77"}))
	}
	for _, id := range ids {
		in.waitState(e, id, "completed", 30*time.Second)
	}
	starts := regions.started
	for i := range starts {
		n := 0
		for _, at := range starts[i:] {
			if at.Sub(starts[i]) < 900*time.Millisecond { // the way to the worker may shorten a distance
				n++
			}
		}
		if n > 24 {
			t.Fatalf("%d starts within a second", n)
		}
	}
	if took := starts[len(starts)-1].Sub(starts[0]); took > 15*time.Second {
		t.Errorf("60 starts took %s", took)
	}
	in.checkInvariants(t)
}

func TestALimitHoldsWhatWaitedBeforeAndLetsGoWhenItIsRemoved(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.versions.publish("chain", regional(1))
	e := in.engine()
	if err := e.Pause(t.Context(), engine.PauseCommand{Kind: engine.PauseType, Name: "test.step@1", Actor: "anna", Reason: "x"}); err != nil {
		t.Fatal(err)
	}
	var ids []string
	for range 30 {
		ids = append(ids, in.start(e, engine.StartCommand{DefinitionKey: "chain", CustomID: "77-", Input: obj(`{"region":7}`)}))
	}
	if err := e.SetLimit(t.Context(), engine.LimitCommand{NodeType: "test.step@1", Key: "input.region", Most: 1, Actor: "anna", Reason: "x"}); err != nil {
		t.Fatal(err)
	}
	release := make(chan struct{})
	in.worker("w1", "test", 16, func(ctx context.Context, task *wire.Task) *wire.Report {
		<-release
		return echo(ctx, task)
	})
	if err := e.Unpause(t.Context(), engine.PauseCommand{Kind: engine.PauseType, Name: "test.step@1"}); err != nil {
		t.Fatal(err)
	}
	eventually(t, 10*time.Second, "one is with the worker", func() bool { return in.count(`SELECT count(*) FROM dispatch`) == 1 })
	if n := in.count(`SELECT count(*) FROM backlog WHERE limit_key = '=7'`); n != 29 {
		t.Errorf("%d wait under their key", n)
	}
	limits, err := e.Limits(t.Context())
	if err != nil || len(limits) != 1 || limits[0].Most != 1 || limits[0].Author != "anna" {
		t.Errorf("limits %+v, %v", limits, err)
	}
	if err := e.RemoveLimit(t.Context(), "test.step@1"); err != nil {
		t.Fatal(err)
	}
	close(release)
	for _, id := range ids {
		in.waitState(e, id, "completed", 20*time.Second)
	}
	wantFault(t, e.RemoveLimit(t.Context(), "test.step@1"), fault.NotFound, "limit.unknown")
	in.checkInvariants(t)
}

func TestWhatRanBeforeALimitCountsForItsOwnKeyOnly(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.versions.publish("chain", regional(1))
	release := make(chan struct{})
	in.worker("w1", "test", 16, func(ctx context.Context, task *wire.Task) *wire.Report {
		if task.CustomID == "long" {
			<-release
		}
		return echo(ctx, task)
	})
	e := in.engine()
	long := in.start(e, engine.StartCommand{DefinitionKey: "chain", CustomID: "long", Input: obj(`{"region":7}`)})
	eventually(t, 10*time.Second, "it is with the worker", func() bool { return in.count(`SELECT count(*) FROM dispatch`) == 1 })
	if err := e.SetLimit(t.Context(), engine.LimitCommand{NodeType: "test.step@1", Key: "input.region", Most: 1, Actor: "anna", Reason: "x"}); err != nil {
		t.Fatal(err)
	}
	same := in.start(e, engine.StartCommand{DefinitionKey: "chain", Input: obj(`{"region":7}`)})
	in.waitState(e, in.start(e, engine.StartCommand{DefinitionKey: "chain", Input: obj(`{"region":8}`)}), "completed", 10*time.Second)
	if task := in.onlyTask(e, same, "step_1"); task.State != "ready" {
		t.Errorf("a second of the same region is %s", task.State)
	}
	close(release)
	in.waitState(e, long, "completed", 10*time.Second)
	in.waitState(e, same, "completed", 10*time.Second)
	in.checkInvariants(t)
}

func TestBadLimitsAreRefused(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	e := in.engine()
	for _, c := range []struct {
		cmd  engine.LimitCommand
		kind fault.Kind
		code string
	}{
		{engine.LimitCommand{NodeType: "test.step@1"}, fault.Invalid, "limit.none"},
		{engine.LimitCommand{NodeType: "test.step@1", Most: -1}, fault.Invalid, "limit.none"},
		{engine.LimitCommand{NodeType: "test.step@1", Starts: 1, Per: -time.Second}, fault.Invalid, "limit.per"},
		{engine.LimitCommand{NodeType: "test.step@1", Most: 1, Key: "input."}, fault.Invalid, "limit.key"},
		{engine.LimitCommand{NodeType: "test.step@1", Most: 1, Key: "tasks.other.x"}, fault.Invalid, "limit.key"},
		{engine.LimitCommand{NodeType: "no.such@1", Most: 1}, fault.NotFound, "limit.type"},
	} {
		wantFault(t, e.SetLimit(t.Context(), c.cmd), c.kind, c.code)
	}
}
