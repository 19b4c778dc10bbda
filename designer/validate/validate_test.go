package validate_test

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/designer/codec"
	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/designer/validate"
	"github.com/taskurotta/taskurotta-go/fault"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

var types = map[string]wire.Descriptor{
	"check@1": {
		Name: "check", Major: 1,
		InputSchema:  json.RawMessage(`{"type":"object","properties":{"text":{"type":"string","maxLength":5},"count":{"type":"integer"},"deep":{"type":"object","properties":{"x":{"type":"boolean"},"tags":{"type":"array","maxItems":3,"items":{"enum":["old","new"]}},"days":{"type":"object","additionalProperties":{"type":"integer","minimum":1,"maximum":31}},"mail":{"type":"string","pattern":"@"}}}},"required":["text"],"additionalProperties":false}`),
		OutputSchema: json.RawMessage(`{"type":"object","properties":{"valid":{"type":"boolean"},"reason":{"type":"string"}},"required":["valid"],"additionalProperties":false}`),
	},
	"referred@1": {
		Name: "referred", Major: 1,
		InputSchema:  json.RawMessage(`{"$ref":"#/$defs/In","$defs":{"In":{"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false}}}`),
		OutputSchema: json.RawMessage(`{}`),
	},
}

// sound is a document without an issue: start → split → (a, b) → join → decide → good or bad.
const sound = `{"schema":1,"nodes":[
{"id":"start","kind":"start_event","title":"Start","start":{"input_schema":{"type":"object","properties":{"name":{"type":"string"},"n":{"type":"integer"}},"required":["name"],"additionalProperties":false},"search_keys":["name"]}},
{"id":"split","kind":"parallel_gateway","title":""},
{"id":"a","kind":"service_task","title":"A","service":{"type":"check@1","input":{"text":"=input.name","count":3}}},
{"id":"b","kind":"script_task","title":"B","script":{"output":{"x":"=1 + 1"}}},
{"id":"join","kind":"parallel_gateway","title":""},
{"id":"decide","kind":"exclusive_gateway","title":"?"},
{"id":"good","kind":"end_event","title":"Good","end":{"kind":"none","output":{"x":"=tasks.b.x"}}},
{"id":"bad","kind":"end_event","title":"Bad","end":{"kind":"error","code":"BAD","message":"{{input.name}} is not valid"}}],
"edges":[
{"id":"e1","from":"start","to":"split"},{"id":"e2","from":"split","to":"a"},{"id":"e3","from":"split","to":"b"},
{"id":"e4","from":"a","to":"join"},{"id":"e5","from":"b","to":"join"},{"id":"e6","from":"join","to":"decide"},
{"id":"e7","from":"decide","to":"good","condition":"=tasks.a.valid && tasks.b.x == 2"},{"id":"e8","from":"decide","to":"bad","default":true}]}`

// rule is an edit of a document that has no issue, and the issues it must give.
type rule struct {
	name string
	edit []string // old, new, old, new …
	want []string // code path
}

// rules is one case or more per code.
var rules = []rule{
	{"nothing wrong", nil, nil},
	{"no start", []string{`"start_event"`, `"script_task"`, `"start":{"input_schema":{"type":"object","properties":{"name":{"type":"string"},"n":{"type":"integer"}},"required":["name"],"additionalProperties":false},"search_keys":["name"]}`, `"script":{"output":{}}`},
		[]string{"graph.no_start /nodes"}},
	{"two starts", []string{`{"id":"split"`, `{"id":"start2","kind":"start_event","title":"S"},{"id":"split"`, `{"id":"e1",`, `{"id":"e0","from":"start2","to":"decide"},{"id":"e1",`}, []string{"graph.several_starts /nodes/1"}},
	{"no end", []string{`"kind":"end_event","title":"Good","end":{"kind":"none","output"`, `"kind":"script_task","title":"Good","script":{"output"`, `"kind":"end_event","title":"Bad","end":{"kind":"error","code":"BAD","message":"{{input.name}} is not valid"}`, `"kind":"script_task","title":"Bad","script":{"output":{}}`},
		[]string{"graph.no_end /nodes"}},
	{"unreachable", []string{`{"id":"split"`, `{"id":"lost","kind":"script_task","title":"L","script":{"output":{}}},{"id":"split"`, `{"id":"e1",`, `{"id":"e0","from":"lost","to":"good"},{"id":"e1",`}, []string{"graph.unreachable /nodes/1"}},
	{"a dead end", []string{`{"id":"split"`, `{"id":"trap","kind":"script_task","title":"L","script":{"output":{}}},{"id":"split"`, `{"id":"e1",`, `{"id":"e0","from":"split","to":"trap"},{"id":"e1",`}, []string{"graph.dead_end /nodes/1"}},
	{"a bad id", []string{`"id":"good"`, `"id":"Good-1"`, `"to":"good"`, `"to":"Good-1"`}, []string{"graph.node_id /nodes/6/id"}},
	{"a node twice", []string{`"id":"b",`, `"id":"a",`, `"from":"b"`, `"from":"a"`, `"to":"b"`, `"to":"a"`, `tasks.b.x == 2`, `true`, `tasks.b.x`, `1`}, []string{"graph.duplicate_node /nodes/3/id"}},
	{"an edge twice", []string{`"id":"e8"`, `"id":"e7"`}, []string{"graph.duplicate_edge /edges/7/id"}},
	{"an edge without id", []string{`"id":"e8"`, `"id":""`}, []string{"graph.edge_id /edges/7/id"}},
	{"an edge to nowhere", []string{`{"id":"e1",`, `{"id":"e0","from":"split","to":"nobody"},{"id":"e1",`}, []string{"graph.edge_unknown_node /edges/0/to"}},
	{"an edge into the start", []string{`{"id":"e1",`, `{"id":"e0","from":"split","to":"start"},{"id":"e1",`}, []string{"graph.edge_into_start /edges/0/to"}},
	{"an edge out of an end", []string{`{"id":"e1",`, `{"id":"e0","from":"good","to":"a"},{"id":"e1",`}, []string{"graph.edge_out_of_end /edges/0/from"}},
	{"an unknown kind", []string{`"kind":"parallel_gateway","title":""},
{"id":"a"`, `"kind":"magic","title":"x"},
{"id":"a"`}, []string{"node.kind /nodes/1/kind"}},
	{"a member of another kind", []string{`"script":{"output":{"x":"=1 + 1"}}`, `"script":{"output":{"x":"=1 + 1"}},"end":{"kind":"none"}`}, []string{"node.member /nodes/3/end"}},
	{"no member", []string{`,"script":{"output":{"x":"=1 + 1"}}`, ``, `tasks.b.x == 2`, `true`, `tasks.b.x`, `1`}, []string{"node.member /nodes/3/script"}},
	{"an event that undoes nothing", []string{`"kind":"parallel_gateway","title":""},
{"id":"a"`, `"kind":"compensation_event","title":"undo"},
{"id":"a"`}, []string{"undo.nothing /nodes/1"}},
	{"a plan", []string{`"service":{"type":"check@1"`, `"service":{"plan":true,"type":"check@1"`}, nil},
	{"a frame with a long title", []string{`"edges":[`, `"layout":{"frames":[{"id":"f","title":"` + strings.Repeat("я", 201) + `","nodes":["a"]}]},"edges":[`},
		[]string{"node.text_length /layout/frames/0/title"}},
	{"a long title", []string{`"title":"Bad"`, `"title":"` + strings.Repeat("я", 201) + `"`}, []string{"node.text_length /nodes/7/title"}},
	{"no title", []string{`"title":"Bad"`, `"title":""`}, []string{"node.no_title /nodes/7/title"}},
	{"no condition", []string{`,"condition":"=tasks.a.valid && tasks.b.x == 2"`, ``}, []string{"gateway.no_condition /edges/6/condition"}},
	{"two defaults", []string{`"condition":"=tasks.a.valid && tasks.b.x == 2"`, `"default":true`}, []string{"gateway.several_defaults /edges/7/default"}},
	{"no default", []string{`"default":true`, `"condition":"=input.n > 1"`}, []string{"gateway.no_default /nodes/5"}},
	{"a default with a condition", []string{`"default":true`, `"default":true,"condition":"=nonsense("`}, []string{"gateway.default_condition /edges/7/condition"}},
	{"a condition elsewhere", []string{`"to":"split"`, `"to":"split","condition":"=true"`}, []string{"gateway.condition_misplaced /edges/0/condition"}},
	{"a default elsewhere", []string{`"to":"split"`, `"to":"split","default":true`}, []string{"gateway.condition_misplaced /edges/0/default"}},
	{"a condition that is no expression", []string{`"condition":"=tasks`, `"condition":"tasks`}, []string{"gateway.condition_form /edges/6/condition"}},
	{"a join behind a decision", []string{`{"id":"split","kind":"parallel_gateway","title":""}`, `{"id":"split","kind":"exclusive_gateway","title":""}`, `"to":"a"`, `"to":"a","default":true`, `"to":"b"`, `"to":"b","condition":"=true"`}, []string{"sound.never /nodes/4"}},
	{"a join that a choice may leave", []string{`{"id":"a","kind":"service_task","title":"A","service":{"type":"check@1","input":{"text":"=input.name","count":3}}}`, `{"id":"a","kind":"exclusive_gateway","title":"A"}`, `{"id":"e4","from":"a","to":"join"}`, `{"id":"e4","from":"a","to":"join","condition":"=true"},{"id":"e44","from":"a","to":"good","default":true}`, `tasks.a.valid`, `true`},
		[]string{"sound.stuck /nodes/4"}},
	{"a bad input schema", []string{`"name":{"type":"string"}`, `"name":{"type":"words"}`}, []string{"start.input_schema /nodes/0/start/input_schema/properties/name/type", "start.search_key /nodes/0/start/search_keys/0"}},
	{"a remote input schema", []string{`"name":{"type":"string"}`, `"name":{"$ref":"file:///etc/passwd"}`}, []string{"start.input_schema /nodes/0/start/input_schema/properties/name/$ref", "start.search_key /nodes/0/start/search_keys/0"}},
	{"an input that is a list", []string{`"input_schema":{"type":"object"`, `"input_schema":{"type":"array"`}, []string{"start.input_object /nodes/0/start/input_schema/type"}},
	{"a search key that is not there", []string{`"search_keys":["name"]`, `"search_keys":["naem_"]`}, []string{"start.search_key /nodes/0/start/search_keys/0"}},
	{"a search key twice", []string{`"search_keys":["name"]`, `"search_keys":["name","name"]`}, []string{"start.search_key /nodes/0/start/search_keys/1"}},
	{"an unknown end", []string{`"kind":"none"`, `"kind":"explode"`}, []string{"end.kind /nodes/6/end/kind"}},
	{"an error end without a code", []string{`"code":"BAD",`, ``}, []string{"end.no_code /nodes/7/end/code"}},
	{"a code with blanks", []string{`"code":"BAD"`, `"code":"so bad"`}, []string{"end.code /nodes/7/end/code"}},
	{"no node type", []string{`check@1`, ``}, []string{"service.no_type /nodes/2/service/type"}},
	{"an unknown node type", []string{`check@1`, `check@2`}, []string{"service.unknown_type /nodes/2/service/type"}},
	{"a missing field", []string{`"text":"=input.name",`, ``}, []string{"service.input_missing /nodes/2/service/input/text"}},
	{"an unknown field", []string{`"count":3`, `"cuont":3`}, []string{"service.input_unknown /nodes/2/service/input/cuont"}},
	{"a field of a schema by reference", []string{`check@1`, `referred@1`, `"text":"=input.name","count":3`, `"b":1`, `tasks.a.valid`, `true`},
		[]string{"service.input_missing /nodes/2/service/input/a", "service.input_unknown /nodes/2/service/input/b"}},
	{"a literal of a wrong type", []string{`"count":3`, `"count":"3"`}, []string{"service.input_value /nodes/2/service/input/count"}},
	{"a literal that is too long", []string{`"text":"=input.name"`, `"text":"a long one"`}, []string{"service.input_value /nodes/2/service/input/text"}},
	{"a literal inside", []string{`"count":3`, `"deep":{"x":1}`}, []string{"service.input_value /nodes/2/service/input/deep/x"}},
	{"a list where a number is wanted", []string{`"count":3`, `"count":["a","b"]`}, []string{"service.input_value /nodes/2/service/input/count"}},
	{"a list of expressions where a number is wanted", []string{`"count":3`, `"count":["=input.n"]`}, []string{"service.input_value /nodes/2/service/input/count"}},
	{"a template where a number is wanted", []string{`"count":3`, `"count":"{{input.n}}"`}, []string{"service.input_value /nodes/2/service/input/count"}},
	{"an expression where a number is wanted", []string{`"count":3`, `"count":"=input.n"`}, nil},
	{"a value that is not listed", []string{`"count":3`, `"deep":{"tags":["old","odd"]}`}, []string{"service.input_value /nodes/2/service/input/deep/tags/1"}},
	{"literals beside expressions", []string{`"count":3`, `"deep":{"x":"=input.n > 1","tags":["=input.name","odd"],"days":{"a/b":32,"c":"=input.n"},"mail":"nobody"}`},
		[]string{"service.input_value /nodes/2/service/input/deep/days/a~1b", "service.input_value /nodes/2/service/input/deep/mail", "service.input_value /nodes/2/service/input/deep/tags/1"}},
	{"too many entries", []string{`"count":3`, `"deep":{"tags":["=input.name","old","new","old"]}`}, []string{"service.input_value /nodes/2/service/input/deep/tags"}},
	{"an escaped literal inside", []string{`"count":3`, `"deep":{"mail":"==a@b"}`}, nil},
	{"an escaped literal", []string{`"=input.name"`, `"==x"`}, nil},
	{"too many attempts", []string{`"count":3}`, `"count":3},"retry":{"max_attempts":101}`}, []string{"service.retry /nodes/2/service/retry/max_attempts"}},
	{"all of a retry policy", []string{`"count":3}`, `"count":3},"retry":{"max_attempts":-1,"backoff":"quick","initial_ms":-1,"factor":0.5,"cap_ms":-1,"jitter":2,"total_ms":-1,"retry_codes":[""],"dont_retry_codes":["a b"]}`},
		[]string{"service.retry /nodes/2/service/retry/max_attempts", "service.retry /nodes/2/service/retry/initial_ms", "service.retry /nodes/2/service/retry/cap_ms", "service.retry /nodes/2/service/retry/total_ms",
			"service.retry /nodes/2/service/retry/jitter", "service.retry /nodes/2/service/retry/factor", "service.retry /nodes/2/service/retry/backoff", "service.retry /nodes/2/service/retry/retry_codes", "service.retry /nodes/2/service/retry/dont_retry_codes"}},
	{"timeouts", []string{`"count":3}`, `"count":3},"timeouts":{"queue_ms":-1,"attempt_ms":-1,"total_ms":-1,"heartbeat_ms":5}`},
		[]string{"service.timeouts /nodes/2/service/timeouts/queue_ms", "service.timeouts /nodes/2/service/timeouts/attempt_ms", "service.timeouts /nodes/2/service/timeouts/total_ms", "service.timeouts /nodes/2/service/timeouts/heartbeat_ms"}},
	{"a field without a name", []string{`{"x":"=1 + 1"}`, `{"x":"=1 + 1","":1}`}, []string{"value.name /nodes/3/script/output/"}},
	{"too many fields", []string{`{"x":"=1 + 1"}`, `{"x":2` + manyFields(200) + `}`}, []string{"value.too_many /nodes/3/script/output"}},
	{"broken syntax", []string{`"=1 + 1"`, `"=1 +"`}, []string{"expr.syntax /nodes/3/script/output/x"}},
	{"broken syntax inside", []string{`"=1 + 1"`, `[{"y/z":"=1 +"}]`}, []string{"expr.syntax /nodes/3/script/output/x/0/y~1z"}},
	{"broken syntax in a template", []string{`{{input.name}}`, `{{input.}}`}, []string{"expr.syntax /nodes/7/end/message"}},
	{"broken syntax in a condition", []string{`"condition":"=tasks.a.valid`, `"condition":"=tasks.a.valid &&`}, []string{"expr.syntax /edges/6/condition"}},
	{"an unknown input field", []string{`"=input.name"`, `"=input.naem_"`}, []string{"expr.type /nodes/2/service/input/text"}},
	{"an unknown output field", []string{`tasks.a.valid`, `tasks.a.vaild`}, []string{"expr.type /edges/6/condition"}},
	{"an unknown field of a script", []string{`"=tasks.b.x"`, `"=tasks.b.y"`}, []string{"expr.type /nodes/6/end/output/x"}},
	{"a field that the result mapping hides", []string{`"count":3}`, `"count":3},"result":{"ok":"=result.valid"}`}, []string{"expr.type /edges/6/condition"}},
	{"an unknown field of a result", []string{`"count":3}`, `"count":3},"result":{"valid":"=result.vaild"}`}, []string{"expr.type /nodes/2/service/result/valid"}},
	{"a large expression", []string{`"=1 + 1"`, `"=1` + strings.Repeat("+1", 1000) + `"`}, []string{"expr.limit /nodes/3/script/output/x"}},
	{"an unknown step", []string{`tasks.a.valid`, `tasks.c.valid`}, []string{"expr.unknown_task /edges/6/condition"}},
	{"a step without an output", []string{`tasks.a.valid`, `tasks.split.valid`}, []string{"expr.unknown_task /edges/6/condition"}},
	{"the result outside its mapping", []string{`"=1 + 1"`, `"=result"`}, []string{"expr.scope /nodes/3/script/output/x"}},
	{"an item without a loop", []string{`"=1 + 1"`, `"=item.x"`}, []string{"expr.scope /nodes/3/script/output/x"}},
	{"a step that comes later", []string{`"=input.name"`, `"=tasks.b.x"`}, []string{"expr.not_before /nodes/2/service/input/text"}},
	{"a step's own output", []string{`"=1 + 1"`, `"=tasks.b?.x ?? 1"`}, []string{"expr.not_before /nodes/3/script/output/x"}},
	{"a step's own output on a cycle", []string{`"=1 + 1"`, `"=tasks.b?.x ?? 1"`, `{"id":"e1",`, `{"id":"e0","from":"decide","to":"b","condition":"=input.n > 3"},{"id":"e1",`}, []string{"sound.stuck /nodes/4"}},
}

// olderRules are of an engine that can't run everything that can be drawn.
var olderRules = []rule{
	{"a plan, which the engine can't run", []string{`"service":{"type":"check@1"`, `"service":{"plan":true,"type":"check@1"`}, []string{"node.not_run /nodes/2/service/plan"}},
}

func manyFields(n int) string {
	var fields strings.Builder
	for i := range n {
		fmt.Fprintf(&fields, `,"f%d":1`, i)
	}
	return fields.String()
}

func issuesOf(t *testing.T, raw string) []fault.Issue {
	t.Helper()
	doc, broken := codec.Decode([]byte(raw))
	require.Empty(t, broken)
	return validate.Document(doc, types)
}

func summary(issues []fault.Issue) []string {
	var all []string
	for _, issue := range issues {
		all = append(all, issue.Code+" "+issue.Path)
	}
	return all
}

func TestRules(t *testing.T) {
	try(t, sound, rules, validate.Document)
	try(t, wide, wideRules, func(doc *graph.Document, types map[string]wire.Descriptor) []fault.Issue {
		return validate.DocumentWith(doc, types, validate.Known{Calendars: map[string]bool{"default": true, "registry": true}})
	})
	try(t, begun, begunRules, validate.DocumentOfAll)
	try(t, sound, olderRules, validate.DocumentWithoutPlans)
	try(t, calling, callRules, checked(t))
	try(t, undoing, undoRules, validate.Document)
}

func try(t *testing.T, document string, rules []rule, check func(*graph.Document, map[string]wire.Descriptor) []fault.Issue) {
	t.Helper()
	for _, rule := range rules {
		t.Run(rule.name, func(t *testing.T) {
			raw := document
			for i := 0; i < len(rule.edit); i += 2 {
				require.Contains(t, raw, rule.edit[i])
				raw = strings.ReplaceAll(raw, rule.edit[i], rule.edit[i+1])
			}
			doc, broken := codec.Decode([]byte(raw))
			require.Empty(t, broken)
			issues := check(doc, types)
			require.Equal(t, rule.want, summary(issues), "%+v", issues)
			for _, issue := range issues {
				require.NotEmpty(t, issue.Message)
				index := slices.IndexFunc(validate.Rules, func(r validate.Rule) bool { return string(r.Code) == issue.Code })
				require.GreaterOrEqual(t, index, 0)
				require.Equal(t, string(validate.Rules[index].Severity), issue.Severity)
				for _, name := range validate.Rules[index].Params {
					require.Contains(t, issue.Params, name, issue.Code)
				}
				if strings.HasPrefix(issue.Path, "/nodes/") {
					require.NotEmpty(t, issue.Node)
				}
			}
		})
	}
}

func TestEveryRuleHasACase(t *testing.T) {
	elsewhere := map[validate.Code]bool{validate.TooManyIssues: true, validate.TooManyValues: true, validate.SoundUnbounded: true, validate.SoundEndless: true, validate.SoundUnproven: true} // those of control flow: designer/sound
	var shown strings.Builder
	for _, rule := range slices.Concat(rules, olderRules, wideRules, begunRules, callRules, undoRules) {
		shown.WriteString(strings.Join(rule.want, " ") + " ")
	}
	seen := map[validate.Code]bool{}
	for _, rule := range validate.Rules {
		require.NotEmpty(t, rule.Doc)
		require.False(t, seen[rule.Code], rule.Code)
		seen[rule.Code] = true
		if !elsewhere[rule.Code] {
			require.Contains(t, shown.String(), string(rule.Code)+" ")
		}
	}
}

func TestTheExampleIsSound(t *testing.T) {
	raw, err := os.ReadFile("../codec/testdata/document-check.json")
	require.NoError(t, err)
	for _, issue := range issuesOf(t, string(raw)) {
		require.Equal(t, string(validate.TypeUnknown), issue.Code, issue.Message) // the test has no such workers
	}
}

// A document at the codec's bounds, full of faults, takes seconds at most.
func TestLargeDocumentsEnd(t *testing.T) {
	for name, build := range map[string]func(*graph.Document){
		"joins behind decisions": func(doc *graph.Document) {
			for i := range 800 {
				doc.Nodes = append(doc.Nodes, graph.Node{ID: fmt.Sprint("x", i), Kind: graph.KindExclusiveGateway}, graph.Node{ID: fmt.Sprint("j", i), Kind: graph.KindParallelGateway})
				for k := range 5 {
					doc.Edges = append(doc.Edges, graph.Edge{ID: fmt.Sprint("e", i, "_", k), From: fmt.Sprint("x", i), To: fmt.Sprint("j", i)})
				}
				if i > 0 {
					doc.Edges = append(doc.Edges, graph.Edge{ID: fmt.Sprint("f", i), From: fmt.Sprint("j", i-1), To: fmt.Sprint("x", i)})
				}
			}
		},
		"a chain of references": func(doc *graph.Document) {
			for i := range 2000 {
				doc.Nodes = append(doc.Nodes, graph.Node{ID: fmt.Sprint("s", i), Kind: graph.KindScriptTask, Title: "x", Script: &graph.ScriptTask{
					Output: map[string]graph.Value{"x": json.RawMessage(fmt.Sprintf(`"=tasks.s%d.x"`, (i+1999)%2000))}}})
				doc.Edges = append(doc.Edges, graph.Edge{ID: fmt.Sprint("e", i), From: fmt.Sprint("s", i), To: fmt.Sprint("s", (i+1)%2000)})
			}
		},
		"expressions beyond count": func(doc *graph.Document) {
			for i := range 400 {
				output := map[string]graph.Value{}
				for k := range 20 {
					output[fmt.Sprint("f", k)] = json.RawMessage(`"=1"`)
				}
				doc.Nodes = append(doc.Nodes, graph.Node{ID: fmt.Sprint("s", i), Kind: graph.KindScriptTask, Title: "x", Script: &graph.ScriptTask{Output: output}})
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			doc := &graph.Document{Schema: graph.SchemaVersion}
			build(doc)
			began := time.Now()
			issues := validate.Document(doc, types)
			require.Less(t, time.Since(began), 20*time.Second)
			require.LessOrEqual(t, len(issues), validate.MaxIssues+1)
			t.Logf("%d issues in %v", len(issues), time.Since(began))
		})
	}
}

func TestIssuesAreBounded(t *testing.T) {
	doc := &graph.Document{Schema: graph.SchemaVersion}
	for range 2000 {
		doc.Nodes = append(doc.Nodes, graph.Node{ID: "?"})
	}
	issues := validate.Document(doc, nil)
	require.Len(t, issues, validate.MaxIssues+1)
	require.Equal(t, string(validate.TooManyIssues), issues[validate.MaxIssues].Code)
}

func TestExpressionsAreCounted(t *testing.T) {
	doc := &graph.Document{Schema: graph.SchemaVersion, Nodes: []graph.Node{{ID: "a", Kind: graph.KindScriptTask, Title: "A", Script: &graph.ScriptTask{
		Output: map[string]graph.Value{"x": json.RawMessage(`[` + strings.TrimSuffix(strings.Repeat(`"=1",`, validate.MaxExpressions+1), ",") + `]`)}}}}}
	require.Contains(t, summary(validate.Document(doc, nil)), "graph.too_many_expressions /nodes/0/script/output/x")
}

func BenchmarkDocument(b *testing.B) {
	doc, broken := codec.Decode([]byte(sound))
	require.Empty(b, broken)
	for b.Loop() {
		validate.Document(doc, types)
	}
}

// The web app says every issue in both languages.
func TestEveryRuleIsTranslated(t *testing.T) {
	for _, language := range []string{"en", "ru"} {
		raw, err := os.ReadFile("../../frontend/src/shared/i18n/" + language + "/problems.json")
		require.NoError(t, err)
		var texts map[string]map[string]string
		require.NoError(t, json.Unmarshal(raw, &texts))
		for _, rule := range validate.Rules {
			group, name, _ := strings.Cut(string(rule.Code), ".")
			text := texts[group][name]
			require.NotEmpty(t, text, "%s: %s", language, rule.Code)
			for _, used := range regexp.MustCompile(`{{(\w+)}}`).FindAllStringSubmatch(text, -1) {
				require.Contains(t, rule.Params, used[1], "%s: %s", language, rule.Code)
			}
		}
	}
}
