package bussend_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/workers/bus"
	"github.com/taskurotta/taskurotta-go/workers/node/bussend"
	"github.com/taskurotta/taskurotta-go/workers/sdk"
	"github.com/taskurotta/taskurotta-go/workers/sdk/sdktest"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// receiver is a bus that keeps what it is sent, and answers as it is told.
type receiver struct {
	mu       sync.Mutex
	messages []*bus.Received
	files    map[string]string
	tokens   []string
	answer   func(w http.ResponseWriter, received *bus.Received)
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	received, err := bus.Decode(request.Header.Get("Content-Type"), request.Header.Get, request.Body, func(name, _ string, content io.Reader) error {
		raw, err := io.ReadAll(content)
		r.files[name] = string(raw)
		return err
	})
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	r.messages, r.tokens = append(r.messages, received), append(r.tokens, request.Header.Get("Authorization"))
	if r.answer != nil {
		r.answer(w, received)
		return
	}
	write(w, http.StatusAccepted, received.Accepted(false, "stored", ""))
}

func write(w http.ResponseWriter, status int, answer bus.Answer) {
	w.Header().Set("Content-Type", answer.ContentType)
	w.WriteHeader(status)
	_, _ = w.Write(answer.Body)
}

func start(t *testing.T) (*receiver, sdk.Node) {
	t.Helper()
	r := &receiver{files: map[string]string{}}
	server := httptest.NewServer(r)
	t.Cleanup(server.Close)
	node, err := bussend.Node(bussend.Config{Buses: map[string]string{"default": server.URL}, ReplyTo: "http://here/bus"})
	require.NoError(t, err)
	return r, node
}

func requireError(t *testing.T, err error, class wire.ErrorClass, code string) {
	t.Helper()
	var own *sdk.Error
	require.True(t, errors.As(err, &own), "%v", err)
	require.Equal(t, code, own.Code, own.Message)
	require.Equal(t, class, own.Class)
}

func TestAMessageIsSentAndAcknowledged(t *testing.T) {
	for _, format := range []string{"", "soap", "xml"} {
		r, node := start(t)
		host := &sdktest.Host{Run: sdk.Info{IdempotencyKey: "task.0"}, Secrets: map[string]string{"bus": "hunter2"}}
		in := bussend.Input{
			Action: "urn:registry:rights", To: "гкр", Key: "2026-1", Format: format, Secret: "secret://bus",
			Payload: &bussend.Payload{Root: "request", Namespace: "urn:r", Elements: []bussend.Element{
				{Name: "number", Value: json.RawMessage(`"77:<01>"`)}, {Name: "count", Value: json.RawMessage(`9007199254740993`)},
			}},
			Attachments: []sdk.File{host.AddFile("a.pdf", "application/pdf", []byte("%PDF")), host.AddFile("заявление.xml", "text/xml", []byte("<a/>"))},
		}
		out, err := sdktest.Call[bussend.Output](t, node, host, in)
		require.NoError(t, err)
		require.Equal(t, bussend.Output{MessageID: "taskurotta:task.0", Status: 202}, out)
		require.Len(t, r.messages, 1)
		got := r.messages[0]
		require.Equal(t, "taskurotta:task.0", got.ID, "every attempt has the same")
		require.Equal(t, []string{"urn:registry:rights", "гкр", "2026-1", "http://here/bus", "taskurotta"}, []string{got.Action, got.To, got.Key, got.ReplyTo, got.From})
		require.Equal(t, "urn:r", got.Body.NamespaceURI())
		require.Contains(t, string(got.Payload), `<number>77:&lt;01&gt;</number><count>9007199254740993</count></request>`)
		require.Equal(t, map[string]string{"a.pdf": "%PDF", "заявление.xml": "<a/>"}, r.files)
		require.Equal(t, []string{"Bearer hunter2"}, r.tokens)
		require.NotContains(t, strings.Join(host.Lines, "\n"), "hunter2")
	}
}

func TestAnswersOfTheBusAreClassified(t *testing.T) {
	fault := func(f bus.Fault) func(http.ResponseWriter, *bus.Received) {
		return func(w http.ResponseWriter, received *bus.Received) { write(w, f.Status(), f.Answer(received.Format)) }
	}
	status := func(code int) func(http.ResponseWriter, *bus.Received) {
		return func(w http.ResponseWriter, _ *bus.Received) { w.WriteHeader(code) }
	}
	for name, c := range map[string]struct {
		answer func(http.ResponseWriter, *bus.Received)
		class  wire.ErrorClass
		code   string
	}{
		"taken, nothing said":    {status(200), "", ""},
		"refused":                {fault(bus.Fault{Code: bus.Sender, Reason: "no"}), wire.ErrorBusiness, bussend.CodeRefused},
		"refused with a subcode": {fault(bus.Fault{Code: bus.Sender, Subcode: "NotFound", Reason: "no"}), wire.ErrorBusiness, "BUS_REFUSED.NotFound"},
		"closed":                 {fault(bus.Fault{Code: bus.Receiver, Reason: "closed"}), wire.ErrorRetryable, bussend.CodeUnavailable},
		"down":                   {status(502), wire.ErrorRetryable, bussend.CodeUnavailable},
		"too many":               {status(429), wire.ErrorRetryable, bussend.CodeUnavailable},
		"not there":              {status(404), wire.ErrorPermanent, bussend.CodeMessage},
		"elsewhere":              {status(302), wire.ErrorRetryable, bussend.CodeUnavailable},
		"a fault that says it is 2xx": {func(w http.ResponseWriter, received *bus.Received) {
			f := bus.Fault{Code: bus.Sender, Subcode: "Closed", Reason: "no"}
			write(w, 200, f.Answer(received.Format))
		}, wire.ErrorBusiness, "BUS_REFUSED.Closed"},
	} {
		for _, format := range []string{"soap", "xml"} {
			t.Run(name+" "+format, func(t *testing.T) {
				r, node := start(t)
				r.answer = c.answer
				_, err := sdktest.Call[bussend.Output](t, node, &sdktest.Host{}, bussend.Input{Action: "a", XML: "<a/>", Format: format})
				if c.code == "" {
					require.NoError(t, err)
					return
				}
				requireError(t, err, c.class, c.code)
			})
		}
	}
	lost, err := bussend.Node(bussend.Config{Buses: map[string]string{"default": "http://127.0.0.1:1"}})
	require.NoError(t, err)
	_, err = sdktest.Call[bussend.Output](t, lost, &sdktest.Host{}, bussend.Input{Action: "a", XML: "<a/>"})
	requireError(t, err, wire.ErrorRetryable, bussend.CodeUnavailable)
}

func TestWhatCannotBeSentIsAnIncident(t *testing.T) {
	r, node := start(t)
	host := &sdktest.Host{}
	file := host.AddFile("a.xml", "text/xml", []byte("<a/>"))
	for name, c := range map[string]struct {
		in   bussend.Input
		code string
	}{
		"no payload":       {bussend.Input{Action: "a"}, bussend.CodeMessage},
		"two payloads":     {bussend.Input{Action: "a", XML: "<a/>", File: &file}, bussend.CodeMessage},
		"broken XML":       {bussend.Input{Action: "a", XML: "<a>"}, bussend.CodeMessage},
		"a wrong name":     {bussend.Input{Action: "a", Payload: &bussend.Payload{Root: "a", Elements: []bussend.Element{{Name: "b c", Value: json.RawMessage(`1`)}}}}, bussend.CodeMessage},
		"a line break":     {bussend.Input{Action: "a", XML: "<a/>", Key: "a\r\nBus-To: b", Format: "xml"}, bussend.CodeMessage},
		"an unknown bus":   {bussend.Input{Action: "a", XML: "<a/>", Bus: "other"}, bussend.CodeUnknown},
		"an unknown token": {bussend.Input{Action: "a", XML: "<a/>", Secret: "secret://none"}, sdk.CodeSecret},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := sdktest.Call[bussend.Output](t, node, host, c.in)
			requireError(t, err, wire.ErrorPermanent, c.code)
		})
	}
	require.Empty(t, r.messages)
	_, err := bussend.Node(bussend.Config{Buses: map[string]string{"default": "ftp://x"}})
	require.Error(t, err)
}

// TestAFileThatCannotBeReadIsNoMessage: half a message must not count as one.
func TestAFileThatCannotBeReadIsNoMessage(t *testing.T) {
	r, node := start(t)
	missing := sdk.File{Ref: "sha256:" + strings.Repeat("0", 64), Name: "a.pdf"}
	_, err := sdktest.Call[bussend.Output](t, node, &sdktest.Host{}, bussend.Input{Action: "a", XML: "<a/>", Attachments: []sdk.File{missing}})
	requireError(t, err, wire.ErrorRetryable, bussend.CodeUnavailable)
	require.Empty(t, r.messages)
}
