package httpapi

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/fault"
	"github.com/taskurotta/taskurotta-go/workers/bus"
)

// busRequest is a call with a message as a bus sends it.
func busRequest(t *testing.T, message bus.Message, format bus.Format, files ...string) request {
	t.Helper()
	var attachments []bus.Attachment
	for _, name := range files {
		attachments = append(attachments, bus.Attachment{Name: name, MediaType: "text/plain", Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("of " + name)), nil }})
	}
	encoded, err := message.Encode(format, attachments...)
	require.NoError(t, err)
	var body bytes.Buffer
	require.NoError(t, encoded.Write(&body))
	headers := map[string]string{"Content-Type": encoded.ContentType}
	for name, value := range encoded.Header {
		headers[name] = value
	}
	return request{method: "POST", path: "/api/v1/bus", token: "all", reader: &body, headers: headers}
}

func answerOfRights() bus.Message {
	return bus.Message{
		ID: "urn:uuid:2", RelatesTo: "urn:uuid:1", Action: "urn:registry:rights:answer", From: "гкр", Key: "2026-1",
		Payload: []byte(`<r:answer xmlns:r="urn:r"><r:owner>Иванов</r:owner><r:share>1/2</r:share></r:answer>`),
	}
}

func TestBusMessagesBecomeMessages(t *testing.T) {
	t.Parallel()
	for _, format := range []bus.Format{bus.SOAP, bus.Plain} {
		t.Run(string(format), func(t *testing.T) {
			h := serve(t)
			got := h.do(busRequest(t, answerOfRights(), format, "a.txt", "б.txt"))
			require.Equal(t, http.StatusAccepted, got.status, got.body)
			require.Nil(t, bus.FaultIn(got.headers.Get("Content-Type"), []byte(got.body)))
			require.Contains(t, got.body, `known="false" outcome="stored"`)
			require.Len(t, h.fake.sent, 1)
			sent := h.fake.sent[0]
			require.Equal(t, "urn:registry:rights:answer", sent.Name)
			require.Equal(t, "2026-1", sent.Key)
			require.Equal(t, busKeep, sent.Keep)
			require.Len(t, sent.Files, 3)
			var payload struct {
				Body        map[string]any
				Root        string
				RelatesTo   string `json:"relates_to"`
				Attachments []FileRef
				Document    FileRef
			}
			require.NoError(t, json.Unmarshal(sent.Payload, &payload))
			require.Equal(t, "Иванов", payload.Body["owner"])
			require.Equal(t, "answer", payload.Root)
			require.Equal(t, "urn:uuid:1", payload.RelatesTo)
			require.Len(t, payload.Attachments, 2)
			require.Equal(t, "б.txt", payload.Attachments[1].Name)
			require.Equal(t, "message.xml", payload.Document.Name)
		})
	}
}

func TestTheSameBusMessageHasTheSameID(t *testing.T) {
	t.Parallel()
	h := serve(t)
	other, longer := answerOfRights(), answerOfRights()
	other.From = "другой"
	longer.ID = strings.Repeat("x", 900)
	for _, message := range []bus.Message{answerOfRights(), answerOfRights(), other, longer} {
		require.Equal(t, http.StatusAccepted, h.do(busRequest(t, message, bus.SOAP)).status)
	}
	ids := make([]string, len(h.fake.sent))
	for i, sent := range h.fake.sent {
		ids[i] = sent.ID
		require.LessOrEqual(t, len(sent.ID), 200)
	}
	require.Equal(t, ids[0], ids[1])
	require.NotEqual(t, ids[0], ids[2], "ids are unique for their sender only")
}

func TestWithoutAKeyTheRelationIsTheKey(t *testing.T) {
	t.Parallel()
	h := serve(t)
	message := answerOfRights()
	message.Key = ""
	require.Equal(t, http.StatusAccepted, h.do(busRequest(t, message, bus.SOAP)).status)
	require.Equal(t, "urn:uuid:1", h.fake.sent[0].Key)
}

func TestBusMessagesAreRefusedAsFaults(t *testing.T) {
	t.Parallel()
	for _, format := range []bus.Format{bus.SOAP, bus.Plain} {
		h := serve(t)
		refused := func(r request, status int, code bus.Code) {
			t.Helper()
			got := h.do(r)
			require.Equal(t, status, got.status, got.body)
			found := bus.FaultIn(got.headers.Get("Content-Type"), []byte(got.body))
			require.NotNil(t, found, got.body)
			require.Equal(t, code, found.Code, got.body)
		}
		broken := busRequest(t, answerOfRights(), format)
		broken.reader = strings.NewReader("<a>")
		refused(broken, http.StatusBadRequest, bus.Sender)
		h.fake.sendErr = fault.New(fault.Unavailable, "store.away", "the database is away")
		refused(busRequest(t, answerOfRights(), format), http.StatusServiceUnavailable, bus.Receiver)
		h.fake.sendErr = fault.New(fault.Invalid, "message.name_invalid", "no")
		refused(busRequest(t, answerOfRights(), format), http.StatusBadRequest, bus.Sender)
		require.Empty(t, h.fake.sent)
	}
}

func TestBusesShowATokenTheirWay(t *testing.T) {
	t.Parallel()
	h := serve(t)
	basic := busRequest(t, answerOfRights(), bus.SOAP)
	basic.token = ""
	basic.headers["Authorization"] = "Basic " + base64.StdEncoding.EncodeToString([]byte("bus:all"))
	require.Equal(t, http.StatusAccepted, h.do(basic).status)

	nobody := busRequest(t, answerOfRights(), bus.SOAP)
	nobody.token = ""
	h.expect(nobody, http.StatusUnauthorized, "session.required")
	reader := busRequest(t, answerOfRights(), bus.SOAP)
	reader.token = "only:process.read"
	h.expect(reader, http.StatusForbidden, "access.denied")
	// Elsewhere a browser's stored password must not sign anybody in.
	h.expect(request{path: "/api/v1/processes", headers: map[string]string{"Authorization": basic.headers["Authorization"]}}, http.StatusUnauthorized, "token.malformed")
	require.Len(t, h.fake.sent, 1)
}
