package validate_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/designer/codec"
	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/designer/validate"
	"github.com/taskurotta/taskurotta-go/fault"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// calling is a document without an issue that calls another: start → ask (the definition "check") → after → end.
const calling = `{"schema":1,"nodes":[
{"id":"start","kind":"start_event","title":"Start","start":{"input_schema":{"type":"object","properties":{"files":{"type":"array"},"key":{"type":"string"}},"required":["files","key"]}}},
{"id":"ask","kind":"call_activity","title":"Ask","multi":{"items":"=input.files","collect":"=result.verdict"},"call":{"definition":"check","input":{"file":"=item","depth":3},"custom_id":"{{input.key}}/{{index}}"}},
{"id":"bad","kind":"boundary_event","title":"Bad","boundary":{"on":"ask","kind":"error","codes":["BAD"]}},
{"id":"again","kind":"call_activity","title":"Again","call":{"definition":"check","version":2,"input":{"file":1},"on_failure":"continue"}},
{"id":"after","kind":"script_task","title":"After","script":{"output":{"all":"=tasks.ask.total","state":"=tasks.again.state"}}},
{"id":"end","kind":"end_event","title":"End","end":{"kind":"none"}}],
"edges":[{"id":"e1","from":"start","to":"ask"},{"id":"e2","from":"ask","to":"again"},{"id":"e3","from":"again","to":"after"},{"id":"e4","from":"after","to":"end"},{"id":"e5","from":"bad","to":"end"}]}`

const called = `{"schema":1,"nodes":[
{"id":"start","kind":"start_event","title":"Start","start":{"input_schema":{"type":"object","additionalProperties":false,"properties":{"file":{},"depth":{"type":"integer"}},"required":["file"]}}},
{"id":"part","kind":"sub_process","title":"Part"},
{"id":"begin","kind":"start_event","title":"","parent":"part"},{"id":"done","kind":"end_event","title":"","parent":"part","end":{"kind":"none","output":{"inner":1}}},
{"id":"end","kind":"end_event","title":"End","end":{"kind":"none","output":{"verdict":"good"}}}],
"edges":[{"id":"e0","from":"begin","to":"done"},{"id":"e1","from":"start","to":"part"},{"id":"e2","from":"part","to":"end"}]}`

// callRules is one case or more per code: an edit of the calling document, and the issues it must give.
var callRules = []rule{
	{"nothing wrong", nil, nil},
	{"no definition", []string{`"definition":"check","input"`, `"definition":"","input"`}, []string{"call.no_definition /nodes/1/call/definition"}},
	{"an unknown definition", []string{`"definition":"check","input"`, `"definition":"chekc","input"`}, []string{"call.unknown_definition /nodes/1/call/definition"}},
	{"what can't be a key", []string{`"definition":"check","input"`, `"definition":"No Key","input"`}, []string{"call.unknown_definition /nodes/1/call/definition"}},
	{"an unknown version", []string{`"version":2`, `"version":3`}, []string{"call.unknown_version /nodes/3/call/version"}},
	{"no version at all", []string{`"version":2`, `"version":-1`}, []string{"call.unknown_version /nodes/3/call/version"}},
	{"a definition that nobody has published", []string{`"definition":"check","input"`, `"definition":"draft","input"`}, []string{"call.not_published /nodes/1/call/definition"}},
	{"an unknown policy", []string{`"on_failure":"continue"`, `"on_failure":"hope"`}, []string{"call.on_failure /nodes/3/call/on_failure", "expr.type /nodes/4/script/output/state"}},
	{"a field that is missing", []string{`"file":"=item",`, ``}, []string{"service.input_missing /nodes/1/call/input/file"}},
	{"a field that is not there", []string{`"file":"=item",`, `"file":"=item","fiel":1,`}, []string{"service.input_unknown /nodes/1/call/input/fiel"}},
	{"a literal that does not fit", []string{`"depth":3`, `"depth":"deep"`}, []string{"service.input_value /nodes/1/call/input/depth"}},
	{"an expression that can't be read", []string{`"file":"=item",`, `"file":"=item +",`}, []string{"expr.syntax /nodes/1/call/input/file"}},
	{"a custom id that can't be read", []string{`{{index}}`, `{{index`}, []string{"expr.syntax /nodes/1/call/custom_id"}},
	{"a value that the ends do not give", []string{`"=result.verdict"`, `"=result.inner"`}, []string{"expr.type /nodes/1/multi/collect"}},
}

// checked is the check that knows what is called.
func checked(t *testing.T) func(*graph.Document, map[string]wire.Descriptor) []fault.Issue {
	return func(doc *graph.Document, types map[string]wire.Descriptor) []fault.Issue {
		return validate.DocumentWith(doc, types, validate.Known{Calls: targets(t)})
	}
}

func targets(t *testing.T) map[validate.Call]*validate.Target {
	t.Helper()
	doc, broken := codec.Decode([]byte(called))
	require.Empty(t, broken)
	return map[validate.Call]*validate.Target{
		{Definition: "check"}:             {Known: true, Published: true, Document: doc},
		{Definition: "check", Version: 2}: {Known: true, Published: true, Document: doc},
		{Definition: "check", Version: 3}: {Known: true},
		{Definition: "draft"}:             {Known: true},
	}
}

func TestCallsAreListedOnce(t *testing.T) {
	doc := &graph.Document{Nodes: []graph.Node{{Call: &graph.CallActivity{Definition: "a"}}, {Call: &graph.CallActivity{Definition: "No Key"}},
		{Call: &graph.CallActivity{Definition: "a", Version: 2}}, {}, {Call: &graph.CallActivity{Definition: "a"}}}}
	require.Equal(t, []validate.Call{{Definition: "a"}, {Definition: "a", Version: 2}}, validate.CallsOf(doc))
}
