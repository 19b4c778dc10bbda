package wire

import (
	"encoding/json"
	"slices"
	"strconv"
	"unicode/utf8"
)

// DecodeTask reads a task. Its input is a part of data, which must not be changed afterwards.
func DecodeTask(data []byte) (Task, error) {
	var t Task
	if t.quickly(data) {
		return t, nil
	}
	t = Task{}
	err := json.Unmarshal(data, &t)
	return t, err
}

// DecodeReport reads a report. Its output is a part of data, which must not be changed afterwards.
func DecodeReport(data []byte) (Report, error) {
	var r Report
	if r.quickly(data) {
		return r, nil
	}
	r = Report{}
	err := json.Unmarshal(data, &r)
	return r, err
}

// quickly reads a task as this release writes it; false when there is anything else in data.
func (t *Task) quickly(data []byte) bool {
	r := reader{data: data}
	if !r.open() {
		return false
	}
	for r.next() {
		switch string(r.name()) {
		case "v":
			t.V = int(r.number())
		case "p":
			t.Process = r.text()
		case "t":
			t.Task = r.text()
		case "e":
			t.Epoch = r.number()
		case "a":
			t.Attempt = int(r.number())
		case "n":
			t.NodeType = r.text()
		case "c":
			t.CustomID = r.text()
		case "d":
			t.Node = r.text()
		case "i":
			t.Input = r.value()
		case "r":
			t.InputRef = r.text()
		case "v2":
			t.InputRev = int(r.number())
		case "to":
			t.AttemptMS = r.number()
		case "hb":
			t.HeartbeatMS = r.number()
		case "tr":
			t.Trace = r.text()
		default:
			return false
		}
	}
	return r.whole()
}

// quickly reads a report as this release writes it; false when there is anything else in data.
func (r *Report) quickly(data []byte) bool {
	d := reader{data: data}
	if !d.open() {
		return false
	}
	for d.next() {
		switch string(d.name()) {
		case "v":
			r.V = int(d.number())
		case "k":
			r.Kind = ReportKind(d.text())
		case "p":
			r.Process = d.text()
		case "t":
			r.Task = d.text()
		case "e":
			r.Epoch = d.number()
		case "a":
			r.Attempt = int(d.number())
		case "w":
			r.Worker = d.text()
		case "q":
			r.Pool = d.text()
		case "n":
			r.NodeType = d.text()
		case "o":
			r.Output = d.value()
		case "pl":
			r.Plan = d.value()
		case "x":
			d.into(&r.Error)
		case "g":
			d.into(&r.Progress)
		case "l":
			r.Log = d.text()
		case "rm":
			r.RunMicros = d.number()
		default:
			return false
		}
	}
	return d.whole()
}

// reader goes through one JSON object. It gives up at whatever this release does not write: other names, fractions, null for a
// number, a name that comes twice. After it gave up, what it returns means nothing.
type reader struct {
	data   []byte
	at     int
	began  bool
	failed bool
	seen   [16]uint16 // names so far
	names  int
}

func (r *reader) space() {
	for r.at < len(r.data) {
		switch r.data[r.at] {
		case ' ', '\t', '\r', '\n':
			r.at++
		default:
			return
		}
	}
}

// take consumes a byte if it comes next.
func (r *reader) take(c byte) bool {
	r.space()
	if r.failed || r.at >= len(r.data) || r.data[r.at] != c {
		return false
	}
	r.at++
	return true
}

func (r *reader) fail() { r.failed = true }

func (r *reader) open() bool { return r.take('{') }

// next tells whether another member comes, and consumes what stands before it.
func (r *reader) next() bool {
	if r.failed || r.take('}') {
		return false
	}
	if r.began && !r.take(',') {
		r.fail()
		return false
	}
	r.began = true
	return true
}

// whole tells whether the object was read to its end and nothing follows.
func (r *reader) whole() bool {
	r.space()
	return !r.failed && r.at == len(r.data) && r.data[r.at-1] == '}'
}

// name reads a member's name of one or two letters.
func (r *reader) name() []byte {
	name, ok := r.plain()
	if !ok || len(name) == 0 || len(name) > 2 || !r.take(':') || r.names == len(r.seen) {
		r.fail()
		return nil
	}
	key := uint16(name[0])
	if len(name) == 2 {
		key |= uint16(name[1]) << 8
	}
	if slices.Contains(r.seen[:r.names], key) {
		r.fail()
		return nil
	}
	r.seen[r.names] = key
	r.names++
	return name
}

// plain reads a string without escapes; the bytes are a part of data. When it answers false it has consumed nothing.
func (r *reader) plain() ([]byte, bool) {
	r.space()
	if r.failed || r.at >= len(r.data) || r.data[r.at] != '"' {
		return nil, false
	}
	ascii := true
	for i := r.at + 1; i < len(r.data); i++ {
		switch c := r.data[i]; {
		case c == '"':
			s := r.data[r.at+1 : i]
			if !ascii && !utf8.Valid(s) {
				return nil, false
			}
			r.at = i + 1
			return s, true
		case c < ' ' || c == '\\':
			return nil, false
		case c >= utf8.RuneSelf:
			ascii = false
		}
	}
	return nil, false
}

// text reads a string.
func (r *reader) text() string {
	if plain, ok := r.plain(); ok {
		return string(plain)
	}
	return r.escaped()
}

func (r *reader) escaped() (s string) {
	r.into(&s)
	return s
}

// into leaves a value to encoding/json.
func (r *reader) into(v any) {
	if raw := r.value(); !r.failed && json.Unmarshal(raw, v) != nil {
		r.fail()
	}
}

// number reads an integer.
func (r *reader) number() int64 {
	r.space()
	start := r.at
	for r.at < len(r.data) && (r.data[r.at] == '-' || r.data[r.at] >= '0' && r.data[r.at] <= '9') {
		r.at++
	}
	digits := r.data[start:r.at]
	n, err := strconv.ParseInt(string(digits), 10, 64)
	if err != nil || len(digits) > 1 && digits[0] == '0' || len(digits) > 2 && digits[0] == '-' && digits[1] == '0' {
		r.fail()
	}
	return n
}

// value reads a value of any kind and checks that it is JSON; the bytes are a part of data.
func (r *reader) value() json.RawMessage {
	r.space()
	end, ok := skip(r.data, r.at, 0)
	if !ok {
		r.fail()
		return nil
	}
	v := r.data[r.at:end:end]
	r.at = end
	return v
}
