package app

import (
	"encoding/json"
	"fmt"

	"github.com/taskurotta/taskurotta-go/engine"
	"github.com/taskurotta/taskurotta-go/server/audit"
)

// removals records in the audit what the retention removes.
type removals struct{}

func (removals) Removed(tx engine.Tx, r engine.Removal) {
	detail, _ := json.Marshal(map[string]any{"days": r.Days, "processes": r.Processes, "first": r.First, "last": r.Last}) // plain values
	audit.Queue(tx, audit.Entry{Actor: "retention", Action: "retention.remove", SubjectKind: "definition", SubjectID: r.Definition,
		Reason: fmt.Sprintf("ended more than %d days ago", r.Days), Detail: detail})
}
