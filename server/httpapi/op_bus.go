package httpapi

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/taskurotta/taskurotta-go/workers/bus"
	"github.com/taskurotta/taskurotta-go/workers/xmldoc"
)

// busKeep is how long a message of a bus waits for somebody to take it, and is known when it is sent again.
const busKeep = 7 * 24 * time.Hour

// largestBody is the payload that comes along as values, in bytes of JSON; a larger one is there as a file only.
const largestBody = 64 << 10

type busInput struct {
	UploadStream
	headers map[string]string
}

// Resolve keeps the headers of plain messages with the body.
func (in *busInput) Resolve(ctx huma.Context) []error {
	in.headers = map[string]string{}
	for _, name := range []string{bus.HeaderID, bus.HeaderRelatesTo, bus.HeaderAction, bus.HeaderFrom, bus.HeaderTo, bus.HeaderReplyTo, bus.HeaderKey} {
		in.headers[name] = strings.Clone(ctx.Header(name))
	}
	return in.UploadStream.Resolve(ctx)
}

// busPayload is what the step that takes a message gives as its output.
type busPayload struct {
	MessageID   string    `json:"message_id"`
	Action      string    `json:"action"`
	RelatesTo   string    `json:"relates_to"`
	From        string    `json:"from"`
	ReplyTo     string    `json:"reply_to"`
	Key         string    `json:"key"`
	Root        string    `json:"root"`
	Body        any       `json:"body"`     // the payload as values; null when it is too large for that
	Document    FileRef   `json:"document"` // the payload as it came
	Attachments []FileRef `json:"attachments"`
}

func (a *API) registerBus() {
	add(a, operation{id: "takeBusMessage", method: http.MethodPost, path: "/bus", tag: "messages", permission: PermMessageSend, basic: true,
		status: http.StatusAccepted, maxBody: a.config.UploadLimit, timeout: a.config.UploadTimeout, readTimeout: a.config.UploadTimeout,
		audit: "message.send", summary: "Take a message of a bus",
		doc: "SOAP 1.2 with WS-Addressing, or XML with Bus-… headers; files as parts of multipart/related. The message's name is its action, its key the correlation key, else " +
			"the id that it relates to. It is taken as any message: by who waits for it, else by what starts with it. 202 says that it is stored; a message that was sent before changes nothing. Refusals are faults in the sender's format."}, a.takeBusMessage)
	a.describeUpload("/bus", "application/soap+xml", &huma.Schema{Type: huma.TypeString})
}

func (a *API) takeBusMessage(ctx context.Context, in *busInput) (*huma.StreamResponse, error) {
	format := bus.SOAP
	if strings.HasPrefix(in.contentType, "application/xml") || strings.HasPrefix(in.contentType, "text/xml") || strings.Contains(in.contentType, `type="application/xml"`) {
		format = bus.Plain
	}
	received, sent, err := a.acceptBusMessage(ctx, in)
	if err != nil {
		fault := a.busFault(ctx, err)
		drain(in.body)
		return busAnswer(fault.Status(), fault.Answer(format)), nil
	}
	return busAnswer(http.StatusAccepted, received.Accepted(sent.Existing, sent.Outcome, sent.ProcessID)), nil
}

func busAnswer(status int, answer bus.Answer) *huma.StreamResponse {
	return &huma.StreamResponse{Body: func(out huma.Context) {
		out.SetHeader("Content-Type", answer.ContentType)
		if status == http.StatusServiceUnavailable {
			out.SetHeader("Retry-After", "2")
		}
		out.SetStatus(status)
		_, _ = out.BodyWriter().Write(answer.Body) // into memory
	}}
}

// busFault says an error in the words of a bus. What the server can't do now is the receiver's fault, so the bus tries again.
func (a *API) busFault(ctx context.Context, err error) *bus.Fault {
	var fault *bus.Fault
	if errors.As(err, &fault) {
		return fault
	}
	p := a.refusal(ctx, err)
	if p.Status >= http.StatusInternalServerError || p.Status == http.StatusTooManyRequests {
		return &bus.Fault{Code: bus.Receiver, Reason: p.Detail}
	}
	return &bus.Fault{Code: bus.Sender, Subcode: strings.NewReplacer(".", "_").Replace(p.Code), Reason: p.Detail}
}

func (a *API) acceptBusMessage(ctx context.Context, in *busInput) (*bus.Received, SentMessage, error) {
	who := caller(ctx)
	files := []FileRef{}
	keep := func(name, mediaType string, content io.Reader) error {
		ref, err := a.save(ctx, Upload{UserID: who.UserID, Name: fileName(name), MediaType: mediaType}, content, in.body)
		files = append(files, ref)
		return err
	}
	if in.body == nil {
		return nil, SentMessage{}, &bus.Fault{Code: bus.Sender, Subcode: "Body", Reason: "there is no message"}
	}
	received, err := bus.Decode(in.contentType, func(name string) string { return in.headers[name] }, in.body, keep)
	if err != nil {
		return nil, SentMessage{}, err
	}
	document, err := a.save(ctx, Upload{UserID: who.UserID, Name: "message.xml", MediaType: "text/xml"}, strings.NewReader(string(received.Payload)), in.body)
	if err != nil {
		return nil, SentMessage{}, err
	}
	payload := busPayload{
		MessageID: received.ID, Action: received.Action, RelatesTo: received.RelatesTo, From: received.From, ReplyTo: received.ReplyTo, Key: received.Key,
		Root: received.Body.Tag, Body: xmldoc.Value(received.Body), Document: document, Attachments: files,
	}
	if body, err := json.Marshal(payload.Body); err != nil || len(body) > largestBody {
		payload.Body = nil
	}
	encoded, err := json.Marshal(payload)
	if err != nil {
		return nil, SentMessage{}, err
	}
	key := received.Key
	if key == "" {
		key = received.RelatesTo
	}
	sent, err := a.config.Engine.SendMessage(ctx, SendMessage{
		Actor: who.Login, Name: received.Action, Key: key, ID: busID(received), Payload: encoded, Keep: busKeep, Files: append(files, document),
	})
	if err != nil {
		return nil, SentMessage{}, err
	}
	if !sent.Existing {
		audited(ctx, "message", sent.ID, "", map[string]any{"name": received.Action, "key": key, "outcome": sent.Outcome, "process_id": sent.ProcessID, "definition": sent.Definition, "from": received.From})
	}
	return received, sent, nil
}

// busID is what tells that a message was sent before. Ids are unique for their sender only, and may be longer than one of ours.
func busID(received *bus.Received) string {
	sum := sha256.Sum256([]byte(received.From + "\x00" + received.ID))
	return "bus:" + hex.EncodeToString(sum[:])
}

// basicToken takes an API token out of HTTP Basic authentication, which is all that many buses can send: it is the password.
func basicToken(credentials string) (string, bool) {
	raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(credentials))
	if err != nil {
		return "", false
	}
	_, token, found := strings.Cut(string(raw), ":")
	return token, found && token != ""
}
