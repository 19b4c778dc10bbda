package httprequest_test

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/workers/node/httprequest"
	"github.com/taskurotta/taskurotta-go/workers/outbound"
	"github.com/taskurotta/taskurotta-go/workers/sdk"
	"github.com/taskurotta/taskurotta-go/workers/sdk/sdktest"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

func node(t *testing.T, policy outbound.Policy) sdk.Node {
	t.Helper()
	made, err := httprequest.Node(httprequest.Config{Policy: policy, Largest: 1 << 20})
	require.NoError(t, err)
	return made
}

func call(t *testing.T, host *sdktest.Host, in httprequest.Input) (httprequest.Output, error) {
	t.Helper()
	if host == nil {
		host = &sdktest.Host{}
	}
	return sdktest.Call[httprequest.Output](t, node(t, outbound.Policy{AllPrivate: true}), host, in)
}

func requireError(t *testing.T, err error, class wire.ErrorClass, code string) *sdk.Error {
	t.Helper()
	var own *sdk.Error
	require.True(t, errors.As(err, &own), "%v", err)
	require.Equal(t, code, own.Code, own.Message)
	require.Equal(t, class, own.Class)
	return own
}

func serve(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL
}

// echo answers with what it was asked.
func echo(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"method": r.Method, "query": r.URL.RawQuery, "body": string(body), "type": r.Header.Get("Content-Type"),
		"length": r.ContentLength, "key": r.Header.Get("Idempotency-Key"), "auth": r.Header.Get("Authorization"), "note": r.Header.Get("X-Note")})
}

func TestRequestsCarryWhatTheyAreGiven(t *testing.T) {
	address := serve(t, echo)
	host := &sdktest.Host{Run: sdk.Info{IdempotencyKey: "task.0"}, Secrets: map[string]string{"token": "hunter2"}}
	file := host.AddFile("a.pdf", "application/pdf", []byte("%PDF"))
	for name, c := range map[string]struct {
		in   httprequest.Input
		want map[string]any
	}{
		"GET":      {httprequest.Input{Query: map[string]string{"б": "1 2", "a": "&"}}, map[string]any{"method": "GET", "query": "a=%26&%D0%B1=1+2", "body": "", "key": ""}},
		"JSON":     {httprequest.Input{Method: "POST", JSON: json.RawMessage(`{"a":1}`)}, map[string]any{"method": "POST", "body": `{"a":1}`, "type": "application/json", "key": "task.0", "length": 7.0}},
		"text":     {httprequest.Input{Method: "PUT", Text: "Прошу"}, map[string]any{"body": "Прошу", "type": "text/plain; charset=utf-8"}},
		"XML":      {httprequest.Input{Method: "POST", XML: "<a/>", ContentType: "application/soap+xml"}, map[string]any{"body": "<a/>", "type": "application/soap+xml"}},
		"form":     {httprequest.Input{Method: "POST", Form: map[string]string{"a": "1 2", "b": "&"}}, map[string]any{"body": "a=1+2&b=%26", "type": "application/x-www-form-urlencoded"}},
		"file":     {httprequest.Input{Method: "PATCH", File: &file}, map[string]any{"body": "%PDF", "type": "application/pdf", "length": 4.0}},
		"headers":  {httprequest.Input{Headers: []httprequest.Header{{Name: "x-note", Value: "here"}}}, map[string]any{"note": "here"}},
		"secret":   {httprequest.Input{Secrets: []httprequest.SecretHeader{{Name: "Authorization", Prefix: "Bearer ", Secret: "secret://token"}}}, map[string]any{"auth": "Bearer hunter2"}},
		"password": {httprequest.Input{Basic: &httprequest.Basic{User: "bus", Secret: "secret://token"}}, map[string]any{"auth": "Basic YnVzOmh1bnRlcjI="}},
		"no key":   {httprequest.Input{Method: "DELETE", NoRepeatKey: true}, map[string]any{"method": "DELETE", "key": ""}},
	} {
		t.Run(name, func(t *testing.T) {
			c.in.URL = address + "/path"
			out, err := call(t, host, c.in)
			require.NoError(t, err)
			require.Equal(t, 200, out.Status)
			require.Equal(t, "application/json", out.ContentType)
			var got map[string]any
			require.NoError(t, json.Unmarshal(out.JSON, &got))
			for field, want := range c.want {
				require.Equal(t, want, got[field], field)
			}
		})
	}
	require.NotContains(t, strings.Join(host.Lines, "\n"), "hunter2")
	require.NotContains(t, strings.Join(host.Lines, "\n"), "%D0%B1", "queries are not logged")
}

func TestStatusesAreClassified(t *testing.T) {
	var status int
	var after string
	address := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		if after != "" {
			w.Header().Set("Retry-After", after)
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, "because")
	})
	for _, c := range []struct {
		status int
		after  string
		class  wire.ErrorClass
		code   string
		wait   time.Duration
	}{
		{400, "", wire.ErrorBusiness, "HTTP_400", 0},
		{404, "", wire.ErrorBusiness, "HTTP_404", 0},
		{422, "", wire.ErrorBusiness, "HTTP_422", 0},
		{408, "", wire.ErrorRetryable, httprequest.CodeServer, 0},
		{429, "7", wire.ErrorRetryable, httprequest.CodeServer, 7 * time.Second},
		{500, "", wire.ErrorRetryable, httprequest.CodeServer, 0},
		{503, "999999999", wire.ErrorRetryable, httprequest.CodeServer, 24 * time.Hour},
		{503, "-5", wire.ErrorRetryable, httprequest.CodeServer, 0},
		{503, "soon", wire.ErrorRetryable, httprequest.CodeServer, 0},
		{304, "", wire.ErrorPermanent, httprequest.CodeAnswer, 0},
	} {
		status, after = c.status, c.after
		_, err := call(t, nil, httprequest.Input{URL: address})
		own := requireError(t, err, c.class, c.code)
		require.Equal(t, c.wait, own.RetryAfter)
		if c.status != 304 {
			require.Contains(t, own.Message, "because")
		}
	}
	status, after = 503, time.Now().Add(time.Hour).UTC().Format(http.TimeFormat)
	_, err := call(t, nil, httprequest.Input{URL: address})
	require.InDelta(t, time.Hour, requireError(t, err, wire.ErrorRetryable, httprequest.CodeServer).RetryAfter, float64(time.Minute))

	status, after = 404, ""
	out, err := call(t, nil, httprequest.Input{URL: address, Accept: []int{404}})
	require.NoError(t, err)
	require.Equal(t, 404, out.Status)
	status = 204
	out, err = call(t, nil, httprequest.Input{URL: address})
	require.NoError(t, err)
	require.Equal(t, 204, out.Status)
}

func TestAnswersBecomeWhatTheyAre(t *testing.T) {
	var contentType, disposition, body string
	address := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		if disposition != "" {
			w.Header().Set("Content-Disposition", disposition)
		}
		w.Header().Set("Set-Cookie", "session=1")
		_, _ = io.WriteString(w, body)
	})
	for name, c := range map[string]struct {
		contentType, disposition, body, answer string
		text, json, file, code                 string
	}{
		"JSON":                 {contentType: "application/json", body: `{"a":[1]}`, json: `{"a":[1]}`},
		"problem":              {contentType: "application/problem+json", body: `{}`, json: `{}`},
		"text":                 {contentType: "text/plain", body: "hello", text: "hello"},
		"windows-1251":         {contentType: "text/xml; charset=windows-1251", body: "<a>\xc8</a>", text: "<a>И</a>"},
		"broken UTF-8 and NUL": {contentType: "text/plain", body: "a\xff\x00b", text: "a\uFFFD\uFFFDb"},
		"unknown encoding":     {contentType: "text/plain; charset=klingon", body: "x", code: httprequest.CodeAnswer},
		"a PDF":                {contentType: "application/pdf", disposition: `attachment; filename="../extract.pdf"`, body: "%PDF", file: "extract.pdf"},
		"a PDF without a name": {contentType: "application/pdf", body: "%PDF", file: "download"},
		"a large text":         {contentType: "text/plain", body: strings.Repeat("x", 200_000), file: "download"},
		"a large text as text": {contentType: "text/plain", body: strings.Repeat("x", 200_000), answer: "text", code: httprequest.CodeAnswer},
		"no JSON":              {contentType: "application/json", body: `{"a":`, code: httprequest.CodeAnswer},
		"text as JSON":         {contentType: "text/plain", body: `{"a":1}`, answer: "json", json: `{"a":1}`},
		"JSON as text":         {contentType: "application/json", body: `{"a":`, answer: "text", text: `{"a":`},
		"JSON as file":         {contentType: "application/json", body: `{}`, answer: "file", file: "download"},
		"not wanted":           {contentType: "application/json", body: `{`, answer: "none"},
		"empty JSON":           {contentType: "application/json"},
	} {
		t.Run(name, func(t *testing.T) {
			contentType, disposition, body = c.contentType, c.disposition, c.body
			host := &sdktest.Host{}
			out, err := call(t, host, httprequest.Input{URL: address + "/download?x=1", Answer: c.answer})
			if c.code != "" {
				_ = requireError(t, err, wire.ErrorPermanent, c.code)
				return
			}
			require.NoError(t, err)
			require.Equal(t, c.text, out.Text)
			require.Equal(t, c.json, string(out.JSON))
			require.NotContains(t, out.Headers, "set-cookie")
			if c.file == "" {
				require.Nil(t, out.File)
				return
			}
			require.Equal(t, c.file, out.File.Name)
			content, err := host.Open(t.Context(), *out.File)
			require.NoError(t, err)
			raw, err := io.ReadAll(content)
			require.NoError(t, err)
			require.Equal(t, c.body, string(raw))
		})
	}
}

// TestTheGuardHoldsOnTheWay: names, redirects and spellings lead to addresses, and those are judged.
func TestTheGuardHoldsOnTheWay(t *testing.T) {
	inside := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "the crown jewels") })
	_, port, _ := strings.Cut(strings.TrimPrefix(inside, "http://"), ":")
	outside := serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://localhost:"+port+"/", http.StatusFound)
	})
	strict := node(t, outbound.Policy{})
	for _, address := range []string{inside, "http://localhost:" + port, "http://[::ffff:127.0.0.1]:" + port, "http://169.254.169.254/latest/meta-data", "http://0.0.0.0:" + port} {
		_, err := sdktest.Call[httprequest.Output](t, strict, &sdktest.Host{}, httprequest.Input{URL: address, TimeoutMS: 5000})
		_ = requireError(t, err, wire.ErrorPermanent, httprequest.CodeRefused)
	}
	// The first host is allowed, where it leads is not.
	first := node(t, outbound.Policy{Private: []string{strings.TrimPrefix(outside, "http://")}})
	_, err := sdktest.Call[httprequest.Output](t, first, &sdktest.Host{}, httprequest.Input{URL: outside})
	_ = requireError(t, err, wire.ErrorPermanent, httprequest.CodeRefused)
	both := node(t, outbound.Policy{Private: []string{strings.TrimPrefix(outside, "http://"), "localhost:" + port}})
	out, err := sdktest.Call[httprequest.Output](t, both, &sdktest.Host{}, httprequest.Input{URL: outside, Answer: "text"})
	require.NoError(t, err)
	require.Equal(t, "the crown jewels", out.Text)
}

func TestRedirectsAreBounded(t *testing.T) {
	var target string
	hops := 0
	address := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/end" {
			_, _ = io.WriteString(w, r.Header.Get("X-Secret"))
			return
		}
		hops++
		http.Redirect(w, r, target, http.StatusFound)
	})
	host := &sdktest.Host{Secrets: map[string]string{"s": "hunter2"}}
	secret := []httprequest.SecretHeader{{Name: "X-Secret", Secret: "secret://s"}}
	target = "/end"
	out, err := call(t, host, httprequest.Input{URL: address, Secrets: secret, Answer: "text"})
	require.NoError(t, err)
	require.Equal(t, "hunter2", out.Text, "the same host may have it")
	target = "/again"
	_, err = call(t, host, httprequest.Input{URL: address})
	_ = requireError(t, err, wire.ErrorPermanent, httprequest.CodeRedirect)
	require.Equal(t, 1+6, hops)
	none := 0
	_, err = call(t, host, httprequest.Input{URL: address, Redirects: &none})
	_ = requireError(t, err, wire.ErrorPermanent, httprequest.CodeRedirect)
	target = strings.Replace(address, "127.0.0.1", "localhost", 1) + "/end"
	out, err = call(t, host, httprequest.Input{URL: address})
	require.NoError(t, err)
	require.Equal(t, 200, out.Status)
	_, err = call(t, host, httprequest.Input{URL: address, Secrets: secret})
	_ = requireError(t, err, wire.ErrorPermanent, httprequest.CodeRedirect)
	for _, leads := range []string{"ftp://127.0.0.1/", "http://user:pass@127.0.0.1/", "file:///etc/passwd"} {
		target = leads
		_, err = call(t, host, httprequest.Input{URL: address})
		_ = requireError(t, err, wire.ErrorPermanent, httprequest.CodeRedirect)
	}
}

func TestWrongRequestsAreRefused(t *testing.T) {
	address := serve(t, echo)
	for name, c := range map[string]struct {
		in   httprequest.Input
		code string
	}{
		"no scheme":           {httprequest.Input{URL: "example.org"}, httprequest.CodeURL},
		"another scheme":      {httprequest.Input{URL: "file:///etc/passwd"}, httprequest.CodeURL},
		"a user in the URL":   {httprequest.Input{URL: "http://user:pass@127.0.0.1/"}, httprequest.CodeURL},
		"two bodies":          {httprequest.Input{Method: "POST", URL: address, Text: "a", XML: "<a/>"}, httprequest.CodeRequest},
		"a body with GET":     {httprequest.Input{URL: address, Text: "a"}, httprequest.CodeRequest},
		"broken XML":          {httprequest.Input{Method: "POST", URL: address, XML: "<a>"}, httprequest.CodeRequest},
		"two roots":           {httprequest.Input{Method: "POST", URL: address, XML: "<a/><b/>"}, httprequest.CodeRequest},
		"a line break":        {httprequest.Input{URL: address, Headers: []httprequest.Header{{Name: "X-A", Value: "a\r\nX-B: b"}}}, httprequest.CodeRequest},
		"a name with a break": {httprequest.Input{URL: address, Headers: []httprequest.Header{{Name: "X-A: a\r\nX-B", Value: "b"}}}, httprequest.CodeRequest},
		"the host":            {httprequest.Input{URL: address, Headers: []httprequest.Header{{Name: "host", Value: "other"}}}, httprequest.CodeRequest},
		"the length":          {httprequest.Input{URL: address, Headers: []httprequest.Header{{Name: "Content-Length", Value: "5"}}}, httprequest.CodeRequest},
		"unknown secret":      {httprequest.Input{URL: address, Secrets: []httprequest.SecretHeader{{Name: "A", Secret: "secret://none"}}}, sdk.CodeSecret},
		"no secret's name":    {httprequest.Input{URL: address, Secrets: []httprequest.SecretHeader{{Name: "A", Secret: "hunter2"}}}, sdk.CodeInputInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := call(t, nil, c.in)
			_ = requireError(t, err, wire.ErrorPermanent, c.code)
		})
	}
}

func TestWhatBreaksOffIsRetried(t *testing.T) {
	_, err := call(t, nil, httprequest.Input{URL: "http://127.0.0.1:1/"})
	_ = requireError(t, err, wire.ErrorRetryable, httprequest.CodeUnreachable)
	silent := make(chan struct{})
	address := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/half" {
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, "half")
			return
		}
		_, _ = io.WriteString(w, "begin")
		w.(http.Flusher).Flush()
		<-silent
	})
	defer close(silent)
	_, err = call(t, nil, httprequest.Input{URL: address, TimeoutMS: 100, Answer: "text"})
	_ = requireError(t, err, wire.ErrorRetryable, httprequest.CodeTimeout)
	_, err = call(t, nil, httprequest.Input{URL: address + "/half", Answer: "text"})
	_ = requireError(t, err, wire.ErrorRetryable, httprequest.CodeUnreachable)

	ctx, cancel := context.WithCancelCause(t.Context())
	stop := errors.New("the task was cancelled")
	cancel(stop)
	_, err = node(t, outbound.Policy{AllPrivate: true}).Run(sdk.WithHost(ctx, &sdktest.Host{}), json.RawMessage(fmt.Sprintf(`{"url":%q}`, address)))
	require.ErrorIs(t, err, stop)
}

// TestASecretThatComesBackIsHidden: a server may quote what it was sent.
func TestASecretThatComesBackIsHidden(t *testing.T) {
	address := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, "not with "+r.Header.Get("Authorization"))
	})
	host := &sdktest.Host{Secrets: map[string]string{"token": "hunter2"}}
	_, err := call(t, host, httprequest.Input{URL: address, Secrets: []httprequest.SecretHeader{{Name: "Authorization", Prefix: "Bearer ", Secret: "secret://token"}}})
	own := requireError(t, err, wire.ErrorBusiness, "HTTP_403")
	require.NotContains(t, own.Message, "hunter2")
	require.Contains(t, own.Message, "not with Bearer •••")
}

// TestAPackedAnswerIsMeasuredUnpacked: a bomb must not fill the worker.
func TestAPackedAnswerIsMeasuredUnpacked(t *testing.T) {
	address := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/octet-stream")
		w.Header().Set("Content-Encoding", "gzip")
		packed := gzip.NewWriter(w)
		zeros := make([]byte, 1<<20)
		for range 3 {
			if _, err := packed.Write(zeros); err != nil {
				return
			}
		}
		_ = packed.Close()
	})
	_, err := call(t, nil, httprequest.Input{URL: address})
	_ = requireError(t, err, wire.ErrorPermanent, httprequest.CodeAnswer)
}
