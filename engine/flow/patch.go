package flow

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// patched applies a JSON merge patch (RFC 7396) to a value: members replace those of the same name, objects are merged, null removes.
// What the patch does not name keeps its digits.
func patched(value, patch json.RawMessage) (json.RawMessage, error) {
	over, ok := members(patch)
	if !ok {
		return patch, nil
	}
	fields, ok := members(value)
	if !ok {
		fields = map[string]json.RawMessage{}
	}
	for name, change := range over {
		if bytes.Equal(bytes.TrimSpace(change), []byte("null")) {
			delete(fields, name)
			continue
		}
		merged, err := patched(fields[name], change)
		if err != nil {
			return nil, err
		}
		fields[name] = merged
	}
	out, err := json.Marshal(fields)
	if err != nil {
		return nil, fmt.Errorf("encode a changed input: %w", err)
	}
	return out, nil
}

// members are the members of an object; false for any other value.
func members(raw json.RawMessage) (map[string]json.RawMessage, bool) {
	var fields map[string]json.RawMessage
	if len(raw) == 0 || json.Unmarshal(raw, &fields) != nil || fields == nil {
		return nil, false
	}
	return fields, true
}
