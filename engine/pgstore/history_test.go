package pgstore

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/taskurotta/taskurotta-go/engine/flow"
)

const historyOf = "01a21821-4a30-7763-95cd-bf1bfe974b39"

var histories = map[string][]flow.Change{
	"empty": {},
	"a task in the root scope": {
		{Kind: "task", Task: "be9cbdc5-7c85-8ee0-aa41-556e985eba7c", Node: "n1", Run: 2, Scope: historyOf, State: "completed", Attempt: 3, Epoch: 1 << 40, Worker: "w"},
		{Kind: "edge", Node: "n1", Scope: historyOf, Edge: "n1_n2"},
		{Kind: "node", Node: "end", Run: 1, Scope: historyOf, State: "completed"},
		{Kind: "process", State: "completed", Actor: "ann"},
	},
	"inner scopes and none": {
		{Kind: "task", Task: "t", Scope: "be9cbdc5-7c85-8ee0-aa41-556e985eba7c"},
		{Kind: "task", Task: "t"},
		{Kind: "operation", Node: "n1", Code: "skip", Text: "said \"no\"\n<&>", Actor: "Анна"},
		{Kind: "ignored", Node: "n1", Scope: historyOf, Code: "late"},
		{Kind: "restarted", Node: "n1", Scope: historyOf, Detail: json.RawMessage(`{"n1":{"from":1}}`)},
	},
	"odd text": {{Kind: "progress", Percent: 40, Text: "a\x01\\\u2028é"}},
}

func TestAHistoryIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	for name, changes := range histories {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			written := appendChanges(nil, historyOf, changes)
			if got, err := readChanges(historyOf, written); err != nil || !reflect.DeepEqual(got, changes) {
				t.Errorf("%s is read as %+v, %v", written, got, err)
			}
		})
	}
}

// Releases before wrote every scope.
func TestAHistoryOfAnEarlierReleaseIsRead(t *testing.T) {
	t.Parallel()
	changes := histories["a task in the root scope"]
	written, err := json.Marshal(changes)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := readChanges(historyOf, written); err != nil || !reflect.DeepEqual(got, changes) {
		t.Errorf("%s is read as %+v, %v", written, got, err)
	}
}

func TestABrokenHistoryIsNoOutageOfTheDatabase(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`[{"kind":`, `[{"kind":1}]`, `{}`} {
		if _, err := readChanges(historyOf, []byte(body)); err == nil || FaultOf(err) != FaultData {
			t.Errorf("%s: %v", body, err)
		}
	}
}
