package pgstore

import (
	"encoding/json"
	"fmt"
	"strconv"
	"unicode/utf8"

	"github.com/taskurotta/taskurotta-go/engine/flow"
)

// A row of the history holds the JSON of flow.Change, by hand: it was a third of what a commit cost this program. A change of a
// task, a node or an edge leaves its scope out when that is the root; earlier releases wrote it.

// inScope tells whether changes of a kind have a scope always.
func inScope(kind string) bool { return kind == "task" || kind == "node" || kind == "edge" }

// appendChanges appends what is stored of the changes of a process.
func appendChanges(b []byte, process string, changes []flow.Change) []byte {
	b = append(b, '[')
	for i := range changes {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendChange(b, process, &changes[i])
	}
	return append(b, ']')
}

func appendChange(b []byte, process string, c *flow.Change) []byte {
	b = appendQuoted(append(b, `{"kind":`...), c.Kind)
	b = appendText(b, `,"task":`, c.Task)
	b = appendText(b, `,"node":`, c.Node)
	b = appendNumber(b, `,"run":`, int64(c.Run))
	if !inScope(c.Kind) {
		b = appendText(b, `,"scope":`, c.Scope)
	} else if c.Scope != process {
		b = appendQuoted(append(b, `,"scope":`...), c.Scope)
	}
	b = appendText(b, `,"state":`, c.State)
	b = appendNumber(b, `,"attempt":`, int64(c.Attempt))
	b = appendNumber(b, `,"epoch":`, c.Epoch)
	b = appendText(b, `,"edge":`, c.Edge)
	b = appendNumber(b, `,"percent":`, int64(c.Percent))
	b = appendText(b, `,"text":`, c.Text)
	b = appendText(b, `,"code":`, c.Code)
	b = appendText(b, `,"worker":`, c.Worker)
	b = appendText(b, `,"actor":`, c.Actor)
	if len(c.Detail) > 0 {
		b = append(append(b, `,"detail":`...), encode(c.Detail)...)
	}
	return append(b, '}')
}

// readChanges reads what is stored of the changes of a process.
func readChanges(process string, body []byte) ([]flow.Change, error) {
	var stored []struct {
		flow.Change
		Scope *string `json:"scope"`
	}
	if err := json.Unmarshal(body, &stored); err != nil {
		return nil, fmt.Errorf("decode the history of process %s: %w", process, err)
	}
	changes := make([]flow.Change, len(stored))
	for i := range stored {
		c := &changes[i]
		*c = stored[i].Change
		switch {
		case stored[i].Scope != nil:
			c.Scope = *stored[i].Scope
		case inScope(c.Kind):
			c.Scope = process
		}
	}
	return changes, nil
}

func appendNumber(b []byte, name string, n int64) []byte {
	if n == 0 {
		return b
	}
	return strconv.AppendInt(append(b, name...), n, 10)
}

func appendText(b []byte, name, s string) []byte {
	if s == "" {
		return b
	}
	return appendQuoted(append(b, name...), s)
}

// appendQuoted appends a JSON string; one that needs escapes takes the long way.
func appendQuoted(b []byte, s string) []byte {
	ascii := true
	for i := range len(s) {
		c := s[i]
		if c < ' ' || c == '"' || c == '\\' {
			return append(b, encode(s)...)
		}
		ascii = ascii && c < utf8.RuneSelf
	}
	if !ascii && !utf8.ValidString(s) {
		return append(b, encode(s)...)
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}
