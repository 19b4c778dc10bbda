package webhook

import (
	"bytes"
	"encoding/json"
	"mime"
	"net/url"
	"slices"
	"strings"

	"github.com/taskurotta/taskurotta-go/fault"
)

// value is a request's body as JSON: what it is, or the fields of a form. An empty one is {}.
func (r *Request) value() (json.RawMessage, error) {
	media, _, err := mime.ParseMediaType(r.header("Content-Type"))
	switch {
	case len(bytes.TrimSpace(r.Body)) == 0:
		return json.RawMessage(`{}`), nil
	case err == nil && (media == "application/json" || strings.HasSuffix(media, "+json")):
		if !json.Valid(r.Body) {
			return nil, fault.New(fault.Invalid, "webhook.body", "The body is not JSON.")
		}
		return r.Body, nil
	case err == nil && media == "application/x-www-form-urlencoded":
		form, err := url.ParseQuery(string(r.Body))
		if err != nil {
			return nil, fault.New(fault.Invalid, "webhook.body", "The body is not a form.")
		}
		return encode(fields(form))
	}
	return nil, errMedia
}

var errMedia = fault.New(fault.Invalid, "webhook.media_type", "The body is JSON (application/json) or a form (application/x-www-form-urlencoded).")

// fields are the values of a form or query: a text, or a list of them where a name comes more than once.
func fields(values url.Values) map[string]any {
	out := make(map[string]any, len(values))
	for name, all := range values {
		if len(all) == 1 {
			out[name] = all[0]
		} else {
			out[name] = all
		}
	}
	return out
}

func encode(value any) (json.RawMessage, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false) // it would make the body longer
	err := encoder.Encode(value)
	return bytes.TrimSpace(out.Bytes()), err
}

// kept are headers that are no credentials and that say something of the event.
func (r *Request) kept() map[string]string {
	out := map[string]string{}
	for name, value := range r.Headers {
		name = strings.ToLower(name)
		if name != "content-type" && name != "user-agent" && !strings.HasPrefix(name, "x-") && !strings.HasPrefix(name, "webhook-") {
			continue
		}
		if slices.ContainsFunc([]string{"signature", "token", "secret", "key", "auth", "cookie", "password"}, func(part string) bool { return strings.Contains(name, part) }) {
			continue
		}
		out[name] = value
	}
	return out
}

// came is what the start's Input sees as "input".
func (r *Request) came(body json.RawMessage) (json.RawMessage, error) {
	return encode(map[string]any{"body": body, "query": fields(r.Query), "headers": r.kept()})
}
