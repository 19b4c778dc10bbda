// Package demoplan holds the node demo.plan, which answers with a plan of demo steps. It is for trying dynamic plans out.
package demoplan

import (
	"context"
	"fmt"

	"github.com/taskurotta/taskurotta-go/workers/sdk"
)

// Input of demo.plan.
type Input struct {
	Tasks   int   `json:"tasks" title:"Tasks at once" title_ru:"Задач одновременно" jsonschema:"minimum=0,maximum=100" doc:"So many demo steps run at once, then one that gathers what they gave. With 0 there is no plan." doc_ru:"Столько демо-шагов выполняется одновременно, затем ещё один собирает их результаты. При 0 плана нет."`
	SleepMS int64 `json:"sleep_ms,omitempty" title:"Sleep, ms" title_ru:"Пауза, мс" jsonschema:"minimum=0,maximum=86400000" doc:"Of each demo step." doc_ru:"У каждого демо-шага."`
	Depth   int   `json:"depth,omitempty" title:"Plans within plans" title_ru:"Вложенных планов" jsonschema:"minimum=0,maximum=7" doc:"The first task of each plan plans again, so many levels deep." doc_ru:"Первая задача каждого плана строит свой план, на столько уровней вглубь."`
	Circle  bool  `json:"circle,omitempty" title:"Break the plan" title_ru:"Сломать план" doc:"Two tasks wait for each other: the engine refuses the plan." doc_ru:"Две задачи ждут друг друга: движок такой план не примет."`
}

// Output of demo.plan, when there is no plan.
type Output struct {
	Planned bool `json:"planned" title:"Planned" title_ru:"Был план"`
}

// Node is demo.plan@1.
var Node = sdk.Define("demo.plan", 1, plan,
	sdk.Title("Demo plan", "Демо-план"),
	sdk.Doc("Answers with a plan of demo steps, which the engine runs inside of the step. The step must allow plans.",
		"Отвечает планом из демо-шагов, который движок выполняет внутри шага. В шаге нужно разрешить план."),
	sdk.Category("Demo", "Демо"), sdk.Icon("sitemap"),
)

func plan(_ context.Context, in Input) (Output, error) {
	if in.Tasks <= 0 {
		return Output{}, nil
	}
	p := sdk.Plan{Result: "gather"}
	gathered := make([]any, in.Tasks)
	for i := range in.Tasks {
		task := sdk.PlanTask{Name: fmt.Sprintf("part_%d", i+1), Type: "demo.step@1", Title: fmt.Sprintf("Part %d", i+1),
			Input: map[string]any{"sleep_ms": in.SleepMS, "output": i + 1}}
		if i == 0 && in.Depth > 0 {
			task.Type, task.Input = "demo.plan@1", map[string]any{"tasks": in.Tasks, "sleep_ms": in.SleepMS, "depth": in.Depth - 1}
		}
		if in.Circle {
			task.After = []string{"gather"}
		}
		p.Tasks = append(p.Tasks, task)
		gathered[i] = sdk.OutputOf(task.Name)
	}
	p.Tasks = append(p.Tasks, sdk.PlanTask{Name: "gather", Type: "demo.step@1", Title: "Gather", Input: map[string]any{"output": gathered}})
	return Output{}, p.Answer()
}
