package engine_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/taskurotta/taskurotta-go/engine"
	"github.com/taskurotta/taskurotta-go/fault"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// unkeepable are values that encoding/json takes for objects, but that cannot be stored or read again as they are.
var unkeepable = map[string]string{
	"nul":        `{"text":"a\u0000b"}`,
	"surrogate":  `{"text":"\ud800"}`,
	"utf8":       "{\"text\":\"\xff\"}",
	"name twice": `{"a":1,"a":2}`,
	"digits":     `{"n":1` + strings.Repeat("0", 5000) + `}`,
	"deep":       `{"d":` + strings.Repeat("[", 500) + strings.Repeat("]", 500) + `}`,
	"list":       `[1]`,
	"no JSON":    `{"a":}`,
}

func TestUnkeepableValuesAreRefusedWithTheirPlace(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.versions.publish("chain", chain(1))
	f := &failing{code: "BROKEN", class: wire.ErrorPermanent}
	in.worker("w1", "test", 4, f.handle)
	e := in.engine()
	id := in.start(e, engine.StartCommand{DefinitionKey: "chain"})
	in.waitState(e, id, "incident", 10*time.Second)
	task := in.onlyTask(e, id, "step_1")
	op := engine.OpCommand{Actor: "support", ProcessID: id, Reason: "try"}
	for name, value := range unkeepable {
		_, err := e.StartProcess(t.Context(), engine.StartCommand{DefinitionKey: "chain", Input: obj(value)})
		wantFault(t, err, fault.Invalid, "process.input_invalid")
		for _, err := range []error{
			e.Retry(t.Context(), engine.TaskCommand{OpCommand: op, TaskID: task.ID, Input: obj(value)}),
			e.Skip(t.Context(), engine.TaskCommand{OpCommand: op, TaskID: task.ID, Output: obj(value)}),
		} {
			wantFault(t, err, fault.Invalid, "task.payload_invalid")
			if f, ok := err.(*fault.Error); ok && (len(f.Issues) != 1 || f.Issues[0].Message == "") { //nolint:errorlint // wantFault looked inside
				t.Errorf("%s: issues %+v", name, f.Issues)
			}
		}
	}
	if err := e.Skip(t.Context(), engine.TaskCommand{OpCommand: op, TaskID: task.ID, Output: obj(`{"text":"fine"}`)}); err != nil {
		t.Fatal(err)
	}
	in.waitState(e, id, "completed", 10*time.Second)
	in.checkInvariants(t)
}

func TestUnkeepableOutputsOpenIncidentsAndHoldUpNobody(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.versions.publish("chain", chain(1))
	in.worker("w1", "test", 16, func(ctx context.Context, task *wire.Task) *wire.Report {
		// What is no JSON at all cannot be inside a report.
		if bad, found := unkeepable[task.CustomID]; found && task.CustomID != "no JSON" {
			return &wire.Report{Kind: wire.ReportCompleted, Output: obj(bad)}
		}
		return echo(ctx, task)
	})
	e := in.engine()
	want := map[string]string{in.start(e, engine.StartCommand{DefinitionKey: "chain", CustomID: "fine"}): "completed"}
	for name := range unkeepable {
		if name != "no JSON" {
			want[in.start(e, engine.StartCommand{DefinitionKey: "chain", CustomID: name})] = "incident"
		}
	}
	for id, state := range want {
		in.waitState(e, id, state, 20*time.Second)
		if state == "completed" {
			continue
		}
		if task := in.onlyTask(e, id, "step_1"); task.Error == nil || task.Error.Code != "OUTPUT_INVALID" || len(task.Attempts) != 1 {
			t.Errorf("%s: %+v", id, task)
		}
	}
	in.checkInvariants(t)
}

func TestInputsAreHeldToTheSchemaOfTheStart(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	doc := chain(1)
	doc.Nodes[0].Start.InputSchema = obj(`{"type":"object","required":["name"],"additionalProperties":false,"properties":{"name":{"type":"string"},"scan":{"type":"object","format":"file"}}}`)
	in.versions.publish("chain", doc)
	e := in.engine()
	for input, want := range map[string]string{
		`{}`:                     "/input/name schema.required",
		`{"name":7}`:             "/input/name schema.type",
		`{"name":"x","more":1}`:  "/input/more schema.unknown_field",
		`{"name":"x","name":1}`:  "/input/name json.duplicate_name",
		`{"name":"x","scan":{}}`: "/input/scan schema.format",
		`{"name":"\u0000"}`:      "/input/name json.text",
		`[]`:                     "/input json.not_object",
		`{`:                      "/input json.syntax",
		`{"name":1e1000000000}`:  "/input/name json.number",
		"{\"name\":\"\xff\"}":    "/input/name json.utf8",
		`{"name":"x"} {}`:        "/input json.trailing",
		strings.Repeat("[", 1e5): "/input" + strings.Repeat("/0", 64) + " json.depth",
	} {
		_, err := e.StartProcess(t.Context(), engine.StartCommand{DefinitionKey: "chain", Input: obj(input)})
		var f *fault.Error
		if !errors.As(err, &f) || f.Code != "process.input_invalid" || len(f.Issues) == 0 || f.Issues[0].Path+" "+f.Issues[0].Code != want {
			t.Errorf("%.60s: %v %+v; wanted %s", input, err, f, want)
		}
	}
}
