package validate_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/designer/validate"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

func TestTasksOfAPlan(t *testing.T) {
	t.Parallel()
	known := map[string]wire.Descriptor{
		"count@1": {InputSchema: json.RawMessage(`{"type":"object","properties":{"file":{"type":"string"},"n":{"type":"integer"}},"required":["file"],"additionalProperties":false}`),
			OutputSchema: json.RawMessage(`{"type":"object","properties":{"pages":{"type":"integer"}},"additionalProperties":false}`)},
	}
	for _, c := range []struct {
		name, tasks string
		want        []string
	}{
		{"nothing wrong", `{"name":"a","type":"count@1","input":{"file":"x","n":"=tasks.b.pages + input.n"}},{"name":"b","type":"count@1","input":{"file":"{{input.name}}"},"retry":{"max_attempts":3}}`, nil},
		{"an unknown node type", `{"name":"a","type":"sum@1"}`, []string{"a service.unknown_type"}},
		{"a missing field", `{"name":"a","type":"count@1"}`, []string{"a service.input_missing"}},
		{"an unknown field", `{"name":"a","type":"count@1","input":{"file":"x","m":1}}`, []string{"a service.input_unknown"}},
		{"a literal of another type", `{"name":"a","type":"count@1","input":{"file":5}}`, []string{"a service.input_value"}},
		{"a field that no output has", `{"name":"a","type":"count@1","input":{"file":"x","n":"=tasks.b.lines"}},{"name":"b","type":"count@1","input":{"file":"x"}}`, []string{"a expr.type"}},
		{"a step of the graph", `{"name":"a","type":"count@1","input":{"file":"=tasks.start.file"}}`, []string{"a expr.unknown_task"}},
		{"the entry of a list", `{"name":"a","type":"count@1","input":{"file":"=item"}}`, []string{"a expr.scope"}},
		{"a policy out of bounds", `{"name":"a","type":"count@1","input":{"file":"x"},"retry":{"max_attempts":101},"timeouts":{"attempt_ms":-1}}`, []string{"a service.retry", "a service.timeouts"}},
		{"a policy that can't be read", `{"name":"a","type":"count@1","input":{"file":"x"},"retry":[]}`, []string{"a node.member"}},
		{"a name that is none", `{"name":"A","type":"count@1","input":{"file":"x"}}`, []string{"A graph.node_id"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var plan wire.Plan
			require.NoError(t, json.Unmarshal([]byte(`{"tasks":[`+c.tasks+`]}`), &plan))
			var got []string
			for _, issue := range validate.Plan(&plan, known) {
				got = append(got, issue.Node+" "+issue.Code)
				require.NotEmpty(t, strings.TrimSpace(issue.Message))
			}
			require.Equal(t, c.want, got)
		})
	}
}
