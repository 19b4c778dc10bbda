// Package httprequest is the node http.request: one HTTP call, to addresses that the worker's policy allows.
//
// It imports the sdk and outbound, and no other package of the product.
package httprequest

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/taskurotta/taskurotta-go/workers/outbound"
	"github.com/taskurotta/taskurotta-go/workers/sdk"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// Codes of the node's errors besides HTTP_400 to HTTP_499, the business errors of a refused request.
const (
	CodeURL         = "HTTP_URL_INVALID"       // permanent
	CodeRequest     = "HTTP_REQUEST_INVALID"   // permanent: headers or body
	CodeRefused     = "HTTP_ADDRESS_REFUSED"   // permanent: the worker's policy does not allow the address
	CodeRedirect    = "HTTP_REDIRECT_REFUSED"  // permanent
	CodeUnreachable = "HTTP_UNREACHABLE"       // retried
	CodeTimeout     = "HTTP_TIMEOUT"           // retried
	CodeServer      = "HTTP_SERVER_ERROR"      // retried: 5xx, 408, 425, 429
	CodeAnswer      = "HTTP_ANSWER_UNEXPECTED" // permanent: an answer of another form than asked for, or too large
)

// Header is a header of a request.
type Header struct {
	Name  string `json:"name" title:"Name" title_ru:"Имя" jsonschema:"maxLength=100"`
	Value string `json:"value" title:"Value" title_ru:"Значение" jsonschema:"maxLength=8000"`
}

// SecretHeader is a header whose value is a secret, after a fixed beginning.
type SecretHeader struct {
	Name   string `json:"name" title:"Name" title_ru:"Имя" jsonschema:"maxLength=100" doc:"E.g. Authorization" doc_ru:"Например, Authorization"`
	Prefix string `json:"prefix,omitempty" title:"Before the secret" title_ru:"Перед секретом" jsonschema:"maxLength=100" doc:"E.g. \"Bearer \"" doc_ru:"Например, \"Bearer \""`
	Secret string `json:"secret" title:"Secret" title_ru:"Секрет" jsonschema:"pattern=^secret://" doc:"secret://name" doc_ru:"secret://имя"`
}

// Basic is a user with a password.
type Basic struct {
	User   string `json:"user" title:"User" title_ru:"Пользователь"`
	Secret string `json:"secret" title:"Password" title_ru:"Пароль" jsonschema:"pattern=^secret://" doc:"secret://name" doc_ru:"secret://имя"`
}

// Input of the node. At most one of JSON, Text, XML, Form and File is the body.
type Input struct {
	Method  string            `json:"method,omitempty" title:"Method" title_ru:"Метод" jsonschema:"enum=GET,enum=HEAD,enum=POST,enum=PUT,enum=PATCH,enum=DELETE,default=GET"`
	URL     string            `json:"url" title:"URL" title_ru:"Адрес" jsonschema:"minLength=1,maxLength=8000"`
	Query   map[string]string `json:"query,omitempty" title:"Query" title_ru:"Параметры" doc:"Added to the URL, encoded." doc_ru:"Добавляются к адресу, с кодированием."`
	Headers []Header          `json:"headers,omitempty" title:"Headers" title_ru:"Заголовки" jsonschema:"maxItems=50"`
	Secrets []SecretHeader    `json:"secret_headers,omitempty" title:"Secret headers" title_ru:"Секретные заголовки" jsonschema:"maxItems=10"`
	Basic   *Basic            `json:"basic,omitempty" title:"User and password" title_ru:"Пользователь и пароль"`

	JSON        json.RawMessage   `json:"json,omitempty" title:"Body: JSON" title_ru:"Тело: JSON"`
	Text        string            `json:"text,omitempty" title:"Body: text" title_ru:"Тело: текст"`
	XML         string            `json:"xml,omitempty" title:"Body: XML" title_ru:"Тело: XML"`
	Form        map[string]string `json:"form,omitempty" title:"Body: form" title_ru:"Тело: форма"`
	File        *sdk.File         `json:"file,omitempty" title:"Body: file" title_ru:"Тело: файл"`
	ContentType string            `json:"content_type,omitempty" title:"Type of the body" title_ru:"Тип тела" jsonschema:"maxLength=200" doc:"Default: by the kind of body." doc_ru:"По умолчанию: по виду тела."`

	Answer      string `json:"answer,omitempty" title:"Answer as" title_ru:"Ответ как" jsonschema:"enum=auto,enum=json,enum=text,enum=file,enum=none,default=auto" doc:"auto: by its type; what is large becomes a file." doc_ru:"auto: по его типу; большой становится файлом."`
	Accept      []int  `json:"accept_status,omitempty" title:"Also a success" title_ru:"Тоже успех" jsonschema:"maxItems=50" doc:"Statuses besides 2xx that are no error, e.g. 404." doc_ru:"Коды помимо 2xx, которые не ошибка, например 404."`
	TimeoutMS   int64  `json:"timeout_ms,omitempty" title:"Time limit, ms" title_ru:"Предел времени, мс" jsonschema:"minimum=1,maximum=600000,default=30000"`
	Redirects   *int   `json:"redirects,omitempty" title:"Redirects" title_ru:"Перенаправлений" jsonschema:"minimum=0,maximum=10,default=5"`
	NoRepeatKey bool   `json:"no_idempotency_key,omitempty" title:"No Idempotency-Key" title_ru:"Без Idempotency-Key" doc:"Requests that change something carry an Idempotency-Key, equal for all attempts of a task. Leave it out." doc_ru:"Запросы, которые что-то меняют, несут Idempotency-Key, одинаковый для всех попыток задачи. Не добавлять его."`
}

// Output of the node.
type Output struct {
	Status      int               `json:"status" title:"Status" title_ru:"Код"`
	Headers     map[string]string `json:"headers" title:"Headers" title_ru:"Заголовки" doc:"Names in lower case." doc_ru:"Имена строчными."`
	ContentType string            `json:"content_type,omitempty" title:"Type" title_ru:"Тип"`
	JSON        json.RawMessage   `json:"json,omitempty" title:"JSON" title_ru:"JSON"`
	Text        string            `json:"text,omitempty" title:"Text" title_ru:"Текст"`
	File        *sdk.File         `json:"file,omitempty" title:"File" title_ru:"Файл"`
	DurationMS  int64             `json:"duration_ms" title:"Duration, ms" title_ru:"Длительность, мс"`
}

// Config of the node. Zero values mean the defaults.
type Config struct {
	Policy  outbound.Policy // the zero policy: public addresses only
	Largest int64           // bytes of an answer; default 100 MiB
}

// caller makes the calls of one worker, over connections that it keeps.
type caller struct {
	transport http.RoundTripper
	largest   int64
}

// Node returns http.request@1. A policy that can't be read is an error.
func Node(config Config) (sdk.Node, error) {
	guard, err := outbound.New(config.Policy)
	if err != nil {
		return sdk.Node{}, err
	}
	c := &caller{largest: config.Largest}
	if c.largest <= 0 {
		c.largest = 100 << 20
	}
	c.transport = &http.Transport{
		DialContext: guard.DialContext, Proxy: nil, TLSHandshakeTimeout: 10 * time.Second, MaxResponseHeaderBytes: 64 << 10,
		MaxIdleConnsPerHost: 16, IdleConnTimeout: time.Minute, TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12}, ForceAttemptHTTP2: true,
	}
	options := []sdk.Option{
		sdk.Title("HTTP request", "HTTP-запрос"),
		sdk.Doc("Calls an address by HTTP. `4xx` is the business error `HTTP_404` and so on; `5xx`, `408`, `425`, `429` and lost connections are retried, not before a `Retry-After`. Only public addresses are called unless the worker allows more.",
			"Вызывает адрес по HTTP. `4xx` — бизнес-ошибка `HTTP_404` и так далее; `5xx`, `408`, `425`, `429` и потеря связи повторяются, не раньше `Retry-After`. Вызываются только публичные адреса, если обработчик не разрешает больше."),
		sdk.Category("Communication", "Связь"), sdk.Icon("world-www"), sdk.SideEffects(),
	}
	for _, status := range []int{400, 401, 403, 404, 405, 406, 409, 410, 412, 413, 415, 422} {
		text := fmt.Sprintf("%d %s", status, http.StatusText(status))
		options = append(options, sdk.Answers(codeOf(status), text, text))
	}
	return sdk.Define("http.request", 1, c.call, options...), nil
}

func codeOf(status int) string { return "HTTP_" + strconv.Itoa(status) }

func permanent(code string, err error) error { return sdk.Permanent(sdk.Failure(code, err)) }

// errRedirect is why a redirect is not followed.
type errRedirect struct{ why string }

func (e errRedirect) Error() string { return e.why }

func (c *caller) call(ctx context.Context, in Input) (Output, error) {
	limit := 30 * time.Second
	if in.TimeoutMS > 0 {
		limit = time.Duration(in.TimeoutMS) * time.Millisecond
	}
	bounded, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	request, secrets, err := build(bounded, in)
	if err != nil {
		return Output{}, err
	}
	redirects := 5
	if in.Redirects != nil {
		redirects = *in.Redirects
	}
	client := &http.Client{Transport: c.transport, CheckRedirect: func(next *http.Request, via []*http.Request) error {
		return follow(next, via, redirects, len(secrets) > 0)
	}}
	began := time.Now()
	response, err := client.Do(request)
	if err != nil {
		return Output{}, failed(ctx, err, limit)
	}
	defer response.Body.Close()
	out, err := c.answer(bounded, in, response)
	out.DurationMS = time.Since(began).Milliseconds()
	if err != nil && bounded.Err() != nil {
		err = failed(ctx, bounded.Err(), limit)
	}
	// The query is left out: it may hold what a log must not.
	sdk.Log(ctx, "%s %s://%s%s answered %d in %d ms", request.Method, response.Request.URL.Scheme, response.Request.URL.Host,
		response.Request.URL.EscapedPath(), response.StatusCode, out.DurationMS)
	return out, hide(err, secrets)
}

// follow judges a redirect. The address is judged again when it is dialled.
func follow(next *http.Request, via []*http.Request, most int, secret bool) error {
	first := via[0].URL
	switch {
	case most == 0:
		return http.ErrUseLastResponse
	case len(via) > most:
		return errRedirect{fmt.Sprintf("there are more than %d redirects", most)}
	case next.URL.Scheme != "https" && (next.URL.Scheme != "http" || first.Scheme == "https"):
		return errRedirect{"a redirect leads away from https"}
	case next.URL.User != nil:
		return errRedirect{"a redirect names a user"}
	case secret && (next.URL.Host != first.Host || next.URL.Scheme != first.Scheme):
		return errRedirect{"a redirect would take secrets to another host: " + next.URL.Host}
	default:
		return nil
	}
}

// failed classifies why no answer came.
func failed(ctx context.Context, err error, limit time.Duration) error {
	err = outbound.Plain(err)
	var redirect errRedirect
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.As(err, &redirect):
		return permanent(CodeRedirect, err)
	case errors.Is(err, outbound.ErrRefused):
		return permanent(CodeRefused, err)
	case errors.Is(err, context.DeadlineExceeded):
		return sdk.Failure(CodeTimeout, fmt.Errorf("no answer within %s", limit))
	default:
		return sdk.Failure(CodeUnreachable, err)
	}
}

// build makes the request. It returns the values of the secrets in it, so that nothing shows them.
func build(ctx context.Context, in Input) (*http.Request, []string, error) {
	address, err := url.Parse(in.URL)
	if err != nil || address.Host == "" || address.Scheme != "http" && address.Scheme != "https" {
		return nil, nil, permanent(CodeURL, errors.New("the URL does not begin with http:// or https:// and a host"))
	}
	if address.User != nil {
		return nil, nil, permanent(CodeURL, errors.New("the URL holds a user; use the field for user and password"))
	}
	if len(in.Query) > 0 {
		query := address.Query()
		for _, name := range slices.Sorted(maps.Keys(in.Query)) {
			query.Add(name, in.Query[name])
		}
		address.RawQuery = query.Encode()
	}
	method := in.Method
	if method == "" {
		method = http.MethodGet
	}
	body, size, contentType, err := bodyOf(ctx, method, in)
	if err != nil {
		return nil, nil, err
	}
	request, err := http.NewRequestWithContext(ctx, method, address.String(), body)
	if err != nil {
		return nil, nil, permanent(CodeURL, errors.New("the URL is none"))
	}
	if size >= 0 {
		request.ContentLength = size
	}
	request.Header.Set("User-Agent", "taskurotta")
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	if key := sdk.IdempotencyKey(ctx); key != "" && !in.NoRepeatKey && method != http.MethodGet && method != http.MethodHead {
		request.Header.Set("Idempotency-Key", key)
	}
	if trace := sdk.RunInfo(ctx).Trace; trace != "" {
		request.Header.Set("Traceparent", trace)
	}
	for _, header := range in.Headers {
		if err := setHeader(request, header.Name, header.Value); err != nil {
			return nil, nil, err
		}
	}
	secrets, err := addSecrets(ctx, request, in)
	return request, secrets, err
}

// reserved are the headers that the connection needs for itself.
var reserved = []string{"Host", "Content-Length", "Transfer-Encoding", "Connection", "Upgrade", "Trailer", "Te", "Expect", "Proxy-Authorization", "Proxy-Connection"}

func setHeader(request *http.Request, name, value string) error {
	canonical := http.CanonicalHeaderKey(strings.TrimSpace(name))
	if !validHeader(canonical) || strings.ContainsAny(value, "\r\n\x00") {
		return permanent(CodeRequest, fmt.Errorf("%q is no header", name))
	}
	if slices.Contains(reserved, canonical) {
		return permanent(CodeRequest, fmt.Errorf("the header %s is set by the connection", canonical))
	}
	request.Header.Set(canonical, value)
	return nil
}

func validHeader(name string) bool {
	return name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("!#$%&'*+-.^_`|~", r)
	})
}

func addSecrets(ctx context.Context, request *http.Request, in Input) ([]string, error) {
	var secrets []string
	for _, header := range in.Secrets {
		value, err := sdk.Secret(ctx, header.Secret)
		if err != nil {
			return nil, err
		}
		secrets = append(secrets, value)
		if err := setHeader(request, header.Name, header.Prefix+value); err != nil {
			return nil, err
		}
	}
	if in.Basic != nil {
		password, err := sdk.Secret(ctx, in.Basic.Secret)
		if err != nil {
			return nil, err
		}
		secrets = append(secrets, password)
		request.SetBasicAuth(in.Basic.User, password)
	}
	return secrets, nil
}

// hide takes secrets out of an error: a server may send back what it was sent.
func hide(err error, secrets []string) error {
	var own *sdk.Error
	if len(secrets) == 0 || !errors.As(err, &own) {
		return err
	}
	message := own.Message
	for _, secret := range secrets {
		if secret != "" {
			message = strings.ReplaceAll(message, secret, "•••")
		}
	}
	return &sdk.Error{Class: own.Class, Code: own.Code, Message: message, RetryAfter: own.RetryAfter}
}

func unexpected(format string, args ...any) error {
	return &sdk.Error{Class: wire.ErrorPermanent, Code: CodeAnswer, Message: fmt.Sprintf(format, args...)}
}

// drain reads a little of what is not wanted, so that the connection can be used again.
func drain(body io.Reader) { _, _ = io.CopyN(io.Discard, body, 64<<10) }
