package wire

import (
	"encoding/json"
	"strconv"
	"unicode/utf8"
)

// Tasks and reports are written and read by hand: with encoding/json they were a tenth of what a short task costs. The JSON is
// the same; what the quick way does not know, encoding/json reads.

// AppendJSON appends the task as JSON to b. Input must be JSON already, which is not checked again.
func (t *Task) AppendJSON(b []byte) []byte {
	b = appendInt(append(b, `{"v":`...), int64(t.V))
	b = appendString(append(b, `,"p":`...), t.Process)
	b = appendString(append(b, `,"t":`...), t.Task)
	b = appendInt(append(b, `,"e":`...), t.Epoch)
	b = appendInt(append(b, `,"a":`...), int64(t.Attempt))
	b = appendString(append(b, `,"n":`...), t.NodeType)
	b = optionalString(b, `,"c":`, t.CustomID)
	b = optionalString(b, `,"d":`, t.Node)
	if len(t.Input) > 0 {
		b = append(append(b, `,"i":`...), t.Input...)
	}
	b = optionalString(b, `,"r":`, t.InputRef)
	b = optionalInt(b, `,"v2":`, int64(t.InputRev))
	b = optionalInt(b, `,"to":`, t.AttemptMS)
	b = optionalInt(b, `,"hb":`, t.HeartbeatMS)
	b = optionalString(b, `,"tr":`, t.Trace)
	return append(b, '}')
}

// AppendJSON appends the report as JSON to b. Output must be JSON already, which is not checked again.
func (r *Report) AppendJSON(b []byte) []byte {
	b = appendInt(append(b, `{"v":`...), int64(r.V))
	b = appendString(append(b, `,"k":`...), string(r.Kind))
	b = appendString(append(b, `,"p":`...), r.Process)
	b = appendString(append(b, `,"t":`...), r.Task)
	b = appendInt(append(b, `,"e":`...), r.Epoch)
	b = appendInt(append(b, `,"a":`...), int64(r.Attempt))
	b = appendString(append(b, `,"w":`...), r.Worker)
	b = appendString(append(b, `,"q":`...), r.Pool)
	b = appendString(append(b, `,"n":`...), r.NodeType)
	if len(r.Output) > 0 {
		b = append(append(b, `,"o":`...), r.Output...)
	}
	if len(r.Plan) > 0 {
		b = append(append(b, `,"pl":`...), r.Plan...)
	}
	if r.Error != nil {
		b = appendAny(append(b, `,"x":`...), r.Error)
	}
	if r.Progress != nil {
		b = appendAny(append(b, `,"g":`...), r.Progress)
	}
	b = optionalString(b, `,"l":`, r.Log)
	b = optionalInt(b, `,"rm":`, r.RunMicros)
	return append(b, '}')
}

func appendInt(b []byte, n int64) []byte { return strconv.AppendInt(b, n, 10) }

func optionalInt(b []byte, name string, n int64) []byte {
	if n == 0 {
		return b
	}
	return appendInt(append(b, name...), n)
}

func optionalString(b []byte, name, s string) []byte {
	if s == "" {
		return b
	}
	return appendString(append(b, name...), s)
}

// appendString quotes a string; one that needs escapes takes the long way.
func appendString(b []byte, s string) []byte {
	ascii := true
	for i := range len(s) {
		c := s[i]
		if c < ' ' || c == '"' || c == '\\' {
			return appendAny(b, s)
		}
		ascii = ascii && c < utf8.RuneSelf
	}
	if !ascii && !utf8.ValidString(s) {
		return appendAny(b, s)
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}

// appendAny appends what cannot fail to marshal: strings and structs of strings and numbers.
func appendAny(b []byte, v any) []byte {
	raw, err := json.Marshal(v)
	if err != nil {
		return append(b, "null"...)
	}
	return append(b, raw...)
}
