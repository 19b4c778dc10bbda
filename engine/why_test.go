package engine_test

import (
	"context"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/engine"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// TestEveryReasonToWaitHasWordsInBothLanguages reads the codes and their parameters from the source, and holds the texts of the web app
// against them: none is missing, and none asks for a parameter that there is not.
func TestEveryReasonToWaitHasWordsInBothLanguages(t *testing.T) {
	t.Parallel()
	params := map[string]string{} // code → the comment that names its parameters
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
		require.NoError(t, err)
		ast.Inspect(parsed, func(n ast.Node) bool {
			value, ok := n.(*ast.ValueSpec)
			if !ok || len(value.Values) != 1 || !strings.HasPrefix(value.Names[0].Name, "Why") {
				return true
			}
			if literal, ok := value.Values[0].(*ast.BasicLit); ok && literal.Kind == token.STRING {
				code, err := strconv.Unquote(literal.Value)
				require.NoError(t, err)
				params[code] = value.Comment.Text()
			}
			return true
		})
	}
	require.Greater(t, len(params), 25)
	named := regexp.MustCompile(`\{\{(\w+)\}\}`)
	for _, language := range []string{"en", "ru"} {
		raw, err := os.ReadFile("../frontend/src/shared/i18n/" + language + "/process.json")
		require.NoError(t, err)
		var catalog struct {
			Why map[string]string `json:"why"`
		}
		require.NoError(t, json.Unmarshal(raw, &catalog))
		for code, comment := range params {
			found := false
			for key, text := range catalog.Why {
				if key != code && !strings.HasPrefix(key, code+"_") {
					continue
				}
				if key != code { // the text of another code that begins alike
					other := false
					for longer := range params {
						other = other || longer != code && strings.HasPrefix(longer, code) && strings.HasPrefix(key, longer)
					}
					if other {
						continue
					}
				}
				found = true
				for _, m := range named.FindAllStringSubmatch(text, -1) {
					require.True(t, m[1] == "count" || regexp.MustCompile(`\b`+m[1]+`\b`).MatchString(comment), "%s: %s asks for %s; there is: %s", language, key, m[1], comment)
				}
			}
			require.True(t, found, "%s: no text says %s", language, code)
		}
	}
}

// forked is two branches beside each other that a join waits for.
func forked(kind graph.Kind) *graph.Document {
	step := func(id, title string, input string) graph.Node {
		return graph.Node{ID: id, Kind: graph.KindServiceTask, Title: title, Service: &graph.ServiceTask{Type: "test.step@1", Retry: &graph.RetryPolicy{MaxAttempts: 3, InitialMS: 3_600_000},
			Input: map[string]graph.Value{"text": obj(input)}}}
	}
	return &graph.Document{Schema: graph.SchemaVersion, Nodes: []graph.Node{
		{ID: "start", Kind: graph.KindStartEvent, Title: "Start", Start: &graph.StartEvent{}},
		{ID: "fork", Kind: kind, Title: "Fork"},
		step("left", "Ask the owner", `"good"`), step("right", "Ask the bank", `"bad"`), step("third", "Ask the notary", `"bad"`),
		{ID: "join", Kind: kind, Title: "All answers"},
		{ID: "end", Kind: graph.KindEndEvent, Title: "End", End: &graph.EndEvent{Kind: graph.EndNone}},
	}, Edges: []graph.Edge{
		{ID: "e1", From: "start", To: "fork"}, {ID: "e2", From: "fork", To: "left"}, {ID: "e3", From: "fork", To: "right"}, {ID: "e4", From: "fork", To: "third"},
		{ID: "e5", From: "left", To: "join"}, {ID: "e6", From: "right", To: "join"}, {ID: "e7", From: "third", To: "join"}, {ID: "e8", From: "join", To: "end"},
	}}
}

// TestWhatDoesNotMoveSaysWhy brings processes into every state in which they wait, and reads the line that says so.
func TestWhatDoesNotMoveSaysWhy(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.versions.publish("fork", forked(graph.KindParallelGateway))
	in.versions.publish("region", chain(1, func(_ int, n *graph.Node) {
		n.Service.Input = map[string]graph.Value{"text": obj(`"slow"`), "region": obj(`"=input.region"`)}
	}))
	in.versions.publish("broken", chain(1, func(_ int, n *graph.Node) {
		n.Title, n.Service.Input = "Pay the fee", map[string]graph.Value{"text": obj(`"broken"`)}
	}))
	slow := make(chan struct{})
	in.worker("w1", "test", 8, func(ctx context.Context, task *wire.Task) *wire.Report {
		switch input := string(task.Input); {
		case strings.Contains(input, "good"):
			return echo(ctx, task)
		case strings.Contains(input, "slow"):
			<-slow
			return echo(ctx, task)
		case strings.Contains(input, "broken"):
			return &wire.Report{Kind: wire.ReportFailed, Error: &wire.Error{Class: wire.ErrorBusiness, Code: "NO_FEE", Message: "no fee"}}
		}
		return &wire.Report{Kind: wire.ReportFailed, Error: &wire.Error{Class: wire.ErrorRetryable, Code: "AWAY", Message: "nobody answers"}}
	})
	defer close(slow)
	e := in.engine()
	process := func(id string) []string {
		v, err := e.Process(t.Context(), id)
		require.NoError(t, err)
		var out []string
		for _, why := range v.Whys {
			out = append(out, why.Code+": "+why.TextEN)
		}
		return out
	}
	task := func(id, node string) string {
		tasks, _, err := e.Tasks(t.Context(), id, engine.TaskFilter{})
		require.NoError(t, err)
		for _, task := range tasks {
			if task.NodeID == node && task.Why != nil {
				return task.Why.Code + ": " + task.Why.TextEN
			}
		}
		return ""
	}
	says := func(what string, read func() string, pattern string) {
		t.Helper()
		eventually(t, 20*time.Second, what, func() bool { return regexp.MustCompile(pattern).MatchString(read()) })
	}
	const at = `\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ`

	later := in.start(e, engine.StartCommand{DefinitionKey: "fork", StartAt: ptr(time.Now().Add(time.Hour))})
	says("a start that is to come", func() string { return strings.Join(process(later), "|") }, `^scheduled_until: starts at `+at+`$`)

	fork := in.start(e, engine.StartCommand{DefinitionKey: "fork"})
	says("a join", func() string { return strings.Join(process(fork), "|") }, `^join: All answers has 1 of 3 branches, and waits for Ask the bank, Ask the notary$`)
	says("a retry", func() string { return task(fork, "right") }, `^retrying_until: waits for attempt 2 of 3 until `+at+`$`)
	require.NoError(t, e.Suspend(t.Context(), engine.OpCommand{Actor: "anna", ProcessID: fork, Reason: "the bank is closed"}))
	says("a suspension", func() string { return strings.Join(process(fork), "|") }, `^hold_suspended: the process is suspended by anna since `+at+`: the bank is closed\|join: `)

	broken := in.start(e, engine.StartCommand{DefinitionKey: "broken"})
	says("an incident", func() string { return task(broken, "step_1") }, `^incident: failed for good \(NO_FEE\); retry or skip it$`)
	says("what it holds", func() string { return strings.Join(process(broken), "|") }, `^hold_incident: the process is held by an incident at Pay the fee$`)

	require.NoError(t, e.SetLimit(t.Context(), engine.LimitCommand{NodeType: "test.step@1", Key: "input.region", Most: 2, Actor: "anna", Reason: "the region is slow"}))
	var held []string
	for range 3 {
		held = append(held, in.start(e, engine.StartCommand{DefinitionKey: "region", Input: obj(`{"region":"north"}`)}))
	}
	says("a limit", func() string { return task(held[0], "step_1") + task(held[1], "step_1") + task(held[2], "step_1") },
		`held_by_limit: held by the limit of test.step@1: at most 2 at once for each input.region \(this one: north\); 2 of 2 are with the workers$`)
	require.NoError(t, e.RemoveLimit(t.Context(), "test.step@1"))

	require.NoError(t, e.Pause(t.Context(), engine.PauseCommand{Kind: engine.PauseType, Name: "test.step@1", Actor: "boris", Reason: "it lies"}))
	paused := in.start(e, engine.StartCommand{DefinitionKey: "region", Input: obj(`{"region":"south"}`)})
	says("a pause", func() string { return task(paused, "step_1") }, `^paused_type: test.step@1 is paused by boris since `+at+`: it lies$`)
}
