package engine_test

import (
	"testing"
	"time"

	"github.com/taskurotta/taskurotta-go/engine"
)

func TestChainRunsFromStartToEnd(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.versions.publish("chain", chain(10))
	in.worker("w1", "test", 16, echo)
	e := in.engine()
	id := in.start(e, engine.StartCommand{DefinitionKey: "chain", CustomID: "c-1", Input: obj(`{"kind":"sale"}`), Actor: "ann"})
	in.waitState(e, id, "completed", 20*time.Second)
	v, err := e.Process(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if v.Counts["completed"] != 10 || len(v.TakenEdges) != 11 {
		t.Errorf("counts %v, edges %v", v.Counts, v.TakenEdges)
	}
	tasks, _, err := e.Tasks(t.Context(), id, engine.TaskFilter{})
	if err != nil || len(tasks) != 10 {
		t.Fatalf("tasks %d, %v", len(tasks), err)
	}
	task, err := e.Task(t.Context(), id, tasks[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	if len(task.Attempts) != 1 || task.Attempts[0].Worker != "w1" || task.Attempts[0].Outcome != "completed" || len(task.Output) == 0 {
		t.Errorf("task %+v", task)
	}
	eventually(t, 5*time.Second, "the window is empty", func() bool {
		return in.count(`SELECT count(*) FROM dispatch`)+in.count(`SELECT count(*) FROM process_live`) == 0
	})
}
