package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/taskurotta/taskurotta-go/server/config"
	"github.com/taskurotta/taskurotta-go/server/httpapi"
)

const (
	// answerWithin is longer than the server's own limit of a request: its answer says more than a timeout here.
	answerWithin = 60 * time.Second
	// maxAnswer is more than any answer of the API: a graph has at most 4 MiB.
	maxAnswer = 64 << 20
)

// client calls the API of one server.
type client struct {
	server string
	token  string
	http   *http.Client
}

func newClient(remote config.Remote) (*client, error) {
	server, err := url.Parse(remote.Server)
	if err != nil || server.Host == "" || server.Scheme != "http" && server.Scheme != "https" {
		return nil, usage("--server must be like http://127.0.0.1:8420.")
	}
	if server.User != nil || server.RawQuery != "" || server.Fragment != "" {
		return nil, usage("--server must have neither a user nor a query; the token goes into --token.")
	}
	transport, plain := http.DefaultTransport.(*http.Transport)
	if plain {
		transport = transport.Clone()
	} else {
		transport = &http.Transport{}
	}
	transport.ResponseHeaderTimeout = answerWithin // uploads may take longer: it counts from their end
	return &client{
		server: strings.TrimRight(server.String(), "/"), token: remote.Token,
		http: &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse // the API redirects nowhere: following would hide a wrong --server
		}},
	}, nil
}

// request is one call; Body is JSON unless Content says otherwise.
type request struct {
	method  string
	path    string // below /api/v1
	query   url.Values
	header  map[string]string
	body    io.Reader
	length  int64
	content string
}

func (c *client) get(ctx context.Context, path string, query url.Values) (json.RawMessage, error) {
	return c.call(ctx, request{method: http.MethodGet, path: path, query: query})
}

func (c *client) send(ctx context.Context, method, path string, body any, header map[string]string) (json.RawMessage, error) {
	raw, err := json.Marshal(body)
	if err != nil {
		return nil, usage("The request is no JSON: %v", err)
	}
	return c.call(ctx, request{method: method, path: path, header: header, body: bytes.NewReader(raw), length: int64(len(raw))})
}

// call returns the answer's JSON, nil when it has no body.
func (c *client) call(ctx context.Context, r request) (json.RawMessage, error) {
	address := c.server + "/api/v1" + r.path
	if len(r.query) > 0 {
		address += "?" + r.query.Encode()
	}
	out, err := http.NewRequestWithContext(ctx, r.method, address, r.body)
	if err != nil {
		return nil, usage("The request cannot be made: %v", err)
	}
	if r.body != nil {
		out.ContentLength = r.length
		out.Header.Set("Content-Type", r.content)
		if r.content == "" {
			out.Header.Set("Content-Type", "application/json")
		}
	}
	if c.token != "" {
		out.Header.Set("Authorization", "Bearer "+c.token)
	}
	for name, value := range r.header {
		out.Header.Set(name, value)
	}
	response, err := c.http.Do(out)
	if err != nil {
		var outer *url.Error // says the method and the whole address: what failed is enough
		if errors.As(err, &outer) {
			err = outer.Err
		}
		return nil, away(ctx, c.server, err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	if err != nil {
		return nil, away(ctx, c.server, err)
	}
	return c.read(response, answer)
}

func (c *client) read(response *http.Response, answer []byte) (json.RawMessage, error) {
	media, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type"))
	if response.StatusCode < 300 && len(answer) == 0 {
		return nil, nil
	}
	if response.StatusCode < 300 && media == "application/json" && len(answer) <= maxAnswer && json.Valid(answer) {
		return answer, nil
	}
	var problem httpapi.Problem
	if response.StatusCode >= 400 && json.Unmarshal(answer, &problem) == nil && problem.Code != "" {
		return nil, refusalOf(response.StatusCode, &problem)
	}
	return nil, failed(exitOf(response.StatusCode), "cli.answer", "%s answered %s, not as a Taskurotta server does.", c.server, response.Status)
}
