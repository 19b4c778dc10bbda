package engine

import (
	"testing"

	"github.com/taskurotta/taskurotta-go/engine/pgstore"
)

func TestWindowServesUrgentThenOldProcessesAndLeavesTheFeederItsShare(t *testing.T) {
	t.Parallel()
	w := newWindow()
	of := subject{pool: "p", nodeType: "t@1", definition: "d"}
	load := func(l pgstore.WindowLoad, members int, paused *pauses) {
		if paused == nil {
			paused = &pauses{}
		}
		w.refresh(map[string]pgstore.WindowLoad{"p": l}, map[string]int{"p": 100}, members, paused)
	}
	take := func(priority int, process string) bool { return w.take(of, rank{priority, process}) }

	if w.take(subject{pool: "nobody"}, rank{1, "a"}) {
		t.Error("a pool without workers has room")
	}
	load(pgstore.WindowLoad{Window: 98}, 1, nil)
	if !take(3, "b") || !take(3, "a") || take(2, "a") {
		t.Error("without a backlog the room is for whoever comes")
	}
	w.credit("p", 1)
	if !take(3, "c") || take(3, "c") {
		t.Error("what was given back is room once")
	}
	load(pgstore.WindowLoad{Window: 50}, 5, nil)
	for range 10 {
		if !take(3, "x") {
			t.Fatal("an engine's share of 50 among 5 is 10")
		}
	}
	if take(3, "x") {
		t.Error("more than the share was given")
	}

	load(pgstore.WindowLoad{Window: 50, Priority: 3, Process: "m"}, 1, nil)
	if take(3, "n") || take(4, "a") || w.pass(of, 4, false) {
		t.Error("a younger or less urgent task went ahead of the backlog")
	}
	on := 0
	for range 2 * feederShare {
		if w.pass(of, 3, false) {
			on++
		}
	}
	if on != 2*(feederShare-1) {
		t.Errorf("%d of %d went on in their own room", on, 2*feederShare)
	}
	for range 2 * feederShare {
		if !w.pass(of, 4, true) {
			t.Fatal("a task whose worker was lost had to wait once more")
		}
	}
	ahead := 0
	for range 2 * feederShare {
		if take(3, "a") {
			ahead++
		}
	}
	if ahead != 2*(feederShare-1) {
		t.Errorf("%d older tasks of %d went ahead", ahead, 2*feederShare)
	}
	if !take(1, "z") {
		t.Error("an urgent task waited behind others")
	}

	hungry := w.hungry()["p"]
	w.stored("p", rank{2, "k"})
	w.admitted("p", 5, true, rank{}, lowestPriority, hungry)
	if take(3, "a") || take(2, "l") || !take(2, "j") {
		t.Error("what was stored during an admission was forgotten")
	}
	w.admitted("p", 1, true, rank{}, lowestPriority, w.hungry()["p"])
	if !take(5, "z") {
		t.Error("the backlog is empty and yet somebody waited")
	}

	// A full window has as much room again for urgent tasks, from commits and from the feeder, and for nobody else.
	load(pgstore.WindowLoad{Window: 199, Priority: 3, Process: "m"}, 1, nil)
	if len(w.hungry()) != 0 || take(2, "a") || !take(1, "z") || take(1, "z") {
		t.Error("a full window serves urgent tasks, twice its size at the most")
	}
	load(pgstore.WindowLoad{Window: 150, Priority: 1, Process: "m"}, 1, nil)
	if room, over := w.roomFor(of, lowestPriority), w.roomFor(of, urgent); w.hungry()["p"].head != urgent || room > 0 || over != 50 {
		t.Errorf("the feeder may add %d, and %d urgent ones", room, over)
	}
	w.admitted("p", 1, true, rank{}, urgent, w.hungry()["p"])
	if len(w.hungry()) != 0 || take(3, "a") {
		t.Error("what is not urgent still waits for room")
	}

	view := map[string]PauseView{"t@1": {}, "d": {}, "p": {}}
	for what, paused := range map[string]*pauses{"type": {types: view}, "definition": {definitions: view}, "pool": {pools: view}} {
		load(pgstore.WindowLoad{}, 1, paused)
		if take(1, "a") || w.pass(of, 1, false) {
			t.Errorf("what a paused %s holds was queued", what)
		}
	}
	load(pgstore.WindowLoad{}, 1, nil)
	w.setDown(true)
	if take(1, "a") || w.pass(of, 1, false) || len(w.hungry()) != 0 {
		t.Error("something was queued while redis is away")
	}
}
