package wire_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/taskurotta/taskurotta-go/workers/wire"
)

var tasks = map[string]wire.Task{
	"least":  {},
	"common": {V: 1, Process: "01a21821-4a30-7763-95cd-bf1bfe974b39", Task: "be9cbdc5-7c85-8ee0-aa41-556e985eba7c", Epoch: 3, Attempt: 2, NodeType: "demo.noop@1", CustomID: "order-1", Node: "n1", Input: json.RawMessage(`{"a":[1,-2.5e3,{"b":null}],"c":"\u00e9\n"}`)},
	"full":   {V: 1, Process: "p", Task: "t", Epoch: -1, Attempt: 1, NodeType: "n", CustomID: `Заявление "7" <&>`, Node: "d", InputRef: "p/t/1", InputRev: 1, AttemptMS: 1500, HeartbeatMS: 10, Trace: "00-ab-cd-01"},
	"broken": {CustomID: "a\xffb", Node: "line\nbreak\x00\u2028"},
}

var reports = map[string]wire.Report{
	"least":     {},
	"completed": {V: 1, Kind: wire.ReportCompleted, Process: "01a21821-4a30-7763-95cd-bf1bfe974b39", Task: "be9cbdc5-7c85-8ee0-aa41-556e985eba7c", Epoch: 1, Attempt: 1, Worker: "host-1-abcdef", Pool: "default", NodeType: "demo.noop@1", Output: json.RawMessage(`{"document":"x"}`), RunMicros: 12},
	"planned":   {V: 1, Kind: wire.ReportCompleted, Task: "be9cbdc5-7c85-8ee0-aa41-556e985eba7c", Epoch: 1, Plan: json.RawMessage(`{"tasks":[{"name":"a","type":"demo.step@1"}]}`), RunMicros: 3},
	"failed":    {V: 1, Kind: wire.ReportFailed, Error: &wire.Error{Class: wire.ErrorBusiness, Code: "NO", Message: "n\"o", Stack: "at\n x", RetryAfterMS: 5}, Log: "one\ntwo\n"},
	"progress":  {V: 1, Kind: wire.ReportProgress, Progress: &wire.Progress{Percent: 40, Text: "цепочка"}, Log: "проверка"},
}

// What is written by hand is what encoding/json reads, and the other way round.
func TestTasksAreReadAsTheyWereWritten(t *testing.T) {
	t.Parallel()
	for name, task := range tasks {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			own := task.AppendJSON(nil)
			theirs, err := json.Marshal(&task)
			if err != nil {
				t.Fatal(err)
			}
			for _, written := range [][]byte{own, theirs} {
				same(t, written, wire.DecodeTask)
			}
			if got, want := decoded[wire.Task](t, own), decoded[wire.Task](t, theirs); !reflect.DeepEqual(got, want) {
				t.Errorf("wrote %s, want %s", own, theirs)
			}
		})
	}
}

func TestReportsAreReadAsTheyWereWritten(t *testing.T) {
	t.Parallel()
	for name, report := range reports {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			own := report.AppendJSON(nil)
			theirs, err := json.Marshal(&report)
			if err != nil {
				t.Fatal(err)
			}
			for _, written := range [][]byte{own, theirs} {
				same(t, written, wire.DecodeReport)
			}
			if got, want := decoded[wire.Report](t, own), decoded[wire.Report](t, theirs); !reflect.DeepEqual(got, want) {
				t.Errorf("wrote %s, want %s", own, theirs)
			}
		})
	}
}

func decoded[T any](t *testing.T, data []byte) T {
	t.Helper()
	var v T
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatalf("%s: %v", data, err)
	}
	return v
}

// same checks that decode and encoding/json make the same of data.
func same[T any](t *testing.T, data []byte, decode func([]byte) (T, error)) {
	t.Helper()
	var want T
	wantErr := json.Unmarshal(data, &want)
	got, err := decode(bytes.Clone(data))
	switch {
	case (err == nil) != (wantErr == nil):
		t.Errorf("%s: %v, encoding/json says %v", data, err, wantErr)
	case err == nil && !reflect.DeepEqual(got, want):
		t.Errorf("%s: %+v, encoding/json reads %+v", data, got, want)
	}
}

// odd are messages of other releases and of nobody.
var odd = []string{
	``, ` `, `{`, `{}`, ` { } `, `{}x`, `null`, `[]`, `"v"`, `{"v":1}{"v":2}`, `{"v":1,}`, `{,"v":1}`, `{"v" : 1 , "p" : "x" }`, `{"v":1 "p":"x"}`,
	`{"v":01}`, `{"v":-0}`, `{"v":-}`, `{"v":1.0}`, `{"v":1e3}`, `{"v":"1"}`, `{"v":null}`, `{"v":9223372036854775808}`, `{"v":--1}`,
	`{"V":2}`, `{"v":1,"v":2}`, `{"v":1,"V":2}`, `{"new":{"a":[1]},"v":1}`, `{"zz":1}`, `{"":1}`,
	`{"p":"\u0061\n"}`, `{"p":"\ud800"}`, `{"p":"\x"}`, `{"p":null}`, `{"p":3}`, "{\"p\":\"a\nb\"}", "{\"p\":\"\xff\"}", `{"\u0070":"x"}`, `{"p":"x`,
	`{"i":null}`, `{"i": {"a" : [ ] , "b":[1 , 2]} }`, `{"i":{"a":}}`, `{"i":{"a":1,}}`, `{"i":[1,]}`, `{"i":[}`, `{"i":{1:2}}`, `{"i":tru}`, `{"i":+1}`, `{"i":.5}`,
	`{"i":1.}`, `{"i":1e}`, `{"i":1E+2}`, `{"i":-01}`, `{"i":"\uD83D\uDE00"}`, `{"i":"\u12G4"}`, `{"i":"\u12`, "{\"i\":\"\x01\"}", `{"i":}`,
	`{"o":{"x":1}}`, `{"x":null}`, `{"x":{"class":"business","code":"A"}}`, `{"x":{"class":1}}`, `{"g":{"percent":3}}`, `{"g":[]}`, `{"l":"a\nb"}`, `{"k":"other"}`,
	`{"i":` + strings.Repeat("[", 300) + strings.Repeat("]", 300) + `}`,
}

func TestOddMessagesAreReadAsEncodingJSONReadsThem(t *testing.T) {
	t.Parallel()
	for _, data := range odd {
		same(t, []byte(data), wire.DecodeTask)
		same(t, []byte(data), wire.DecodeReport)
	}
}

func FuzzDecode(f *testing.F) {
	for _, data := range odd {
		f.Add([]byte(data))
	}
	for _, task := range tasks {
		f.Add(task.AppendJSON(nil))
	}
	for _, report := range reports {
		f.Add(report.AppendJSON(nil))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		same(t, data, wire.DecodeTask)
		same(t, data, wire.DecodeReport)
	})
}

func BenchmarkReport(b *testing.B) {
	report := reports["completed"]
	report.Output = json.RawMessage(`{"document":"` + strings.Repeat("x", 187) + `"}`)
	data := report.AppendJSON(nil)
	b.Run("encode", func(b *testing.B) {
		b.ReportAllocs()
		buffer := make([]byte, 0, 1024)
		for b.Loop() {
			buffer = report.AppendJSON(buffer[:0])
		}
	})
	b.Run("decode", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := wire.DecodeReport(data); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("decode by encoding/json", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var r wire.Report
			if err := json.Unmarshal(data, &r); err != nil {
				b.Fatal(err)
			}
		}
	})
}
