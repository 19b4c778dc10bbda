package httpapi

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestCheckJSON(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, raw string
		ok        bool
	}{
		{"an object", `{"a":{"a":1},"b":[{"a":1},{"a":2}]}`, true},
		{"a scalar", ` 12 `, true},
		{"a key twice", `{"a":1,"b":2,"a":3}`, false},
		{"a key twice through an escape", `{"a":1,"\u0061":2}`, false},
		{"a key twice below an array", `[[{"a":1,"a":1}]]`, false},
		{"as deep as allowed", strings.Repeat("[", maxDepth) + strings.Repeat("]", maxDepth), true},
		{"deeper than allowed", strings.Repeat("[", maxDepth+1) + strings.Repeat("]", maxDepth+1), false},
		{"nothing", ``, false},
		{"half of it", `{"a":`, false},
		{"two values", `{} {}`, false},
		{"a comma too many", `{"a":1,}`, false},
	}
	for _, test := range tests {
		if err := CheckJSON([]byte(test.raw)); (err == nil) != test.ok {
			t.Errorf("%s: %v", test.name, err)
		}
	}
}

func FuzzCheckJSON(f *testing.F) {
	for _, seed := range []string{`{}`, `{"a":1,"a":2}`, `[1,2,{"x":null}]`, `{"a":`, `"\ud800"`, `1e999`, strings.Repeat("[", 200)} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if err := CheckJSON(raw); err != nil {
			return
		}
		if !json.Valid(raw) {
			t.Errorf("accepted what is no JSON: %q", raw)
		}
		var object map[string]json.RawMessage
		if json.Unmarshal(raw, &object) == nil && object != nil {
			decoder := json.NewDecoder(strings.NewReader(string(raw)))
			_, _ = decoder.Token()
			keys := 0
			for decoder.More() {
				_, _ = decoder.Token()
				var skipped json.RawMessage
				_ = decoder.Decode(&skipped)
				keys++
			}
			if keys != len(object) {
				t.Errorf("accepted a key twice: %q", raw)
			}
		}
	})
}
