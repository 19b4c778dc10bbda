package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// operation is one operation of the API besides its types: where it is, who may call it, what bounds it has.
type operation struct {
	id      string
	method  string
	path    string
	tag     string
	summary string
	doc     string
	status  int // of success; 0 means 200, or 204 without a body

	permission Permission // what the caller must have
	or         Permission // or this one
	signedIn   bool       // instead: any signed-in caller
	basic      bool       // a token may also come as the password of HTTP Basic authentication
	public     bool       // instead: anybody

	maxBody     int64         // bytes; 0 means defaultMaxBody
	timeout     time.Duration // 0 means Config.RequestTimeout
	readTimeout time.Duration // for the body; 0 means 10 s
	rawBody     bool          // the handler checks the body itself
	audit       string        // action to record after success
	auditLater  bool          // the answer does not wait for the record
	alternative int           // another status of success with the same body
}

const (
	defaultMaxBody  = 1 << 20
	documentMaxBody = 4 << 20
	accessKey       = "access"
)

// add registers an operation: its description follows from the types, its errors become problems, its success is audited.
func add[I, O any](a *API, op operation, handle func(context.Context, *I) (*O, error)) {
	if op.maxBody == 0 {
		op.maxBody = defaultMaxBody
	}
	if op.readTimeout == 0 {
		op.readTimeout = 10 * time.Second
	}
	described := huma.Operation{
		OperationID:                  op.id,
		Method:                       op.method,
		Path:                         op.path,
		Tags:                         []string{op.tag},
		Summary:                      op.summary,
		Description:                  op.doc,
		DefaultStatus:                op.status,
		MaxBodyBytes:                 op.maxBody,
		BodyReadTimeout:              op.readTimeout,
		SkipValidateBody:             op.rawBody,
		RejectUnknownQueryParameters: true,
		Metadata:                     map[string]any{accessKey: &op},
		Responses:                    map[string]*huma.Response{"default": a.problemResponse()},
	}
	if !op.public {
		described.Security = []map[string][]string{{"session": {}}, {"bearer": {}}}
		if op.permission != "" {
			described.Extensions = map[string]any{"x-permission": string(op.permission)}
		}
	}
	huma.Register(a.huma, described, func(ctx context.Context, in *I) (*O, error) {
		out, err := handle(ctx, in)
		if err == nil && op.audit != "" {
			err = a.record(ctx, &op)
		}
		if err != nil {
			return nil, a.refusal(ctx, err)
		}
		return out, nil
	})
	a.operations = append(a.operations, &op)
	if op.alternative != 0 {
		a.addAlternative(&op)
	}
}

func (a *API) problemResponse() *huma.Response {
	return &huma.Response{
		Description: "A problem: see its code",
		Content: map[string]*huma.MediaType{
			"application/problem+json": {Schema: a.huma.OpenAPI().Components.Schemas.Schema(problemType, true, "Problem")},
		},
	}
}

// addAlternative documents that the success body also comes with another status.
func (a *API) addAlternative(op *operation) {
	described := a.described(op)
	success := described.Responses[statusText(op.status)]
	described.Responses[statusText(op.alternative)] = &huma.Response{
		Description: http.StatusText(op.alternative), Content: success.Content, Headers: success.Headers,
	}
}

// described returns an operation's entry in the OpenAPI document.
func (a *API) described(op *operation) *huma.Operation {
	item := a.huma.OpenAPI().Paths[op.path]
	switch op.method {
	case http.MethodGet:
		return item.Get
	case http.MethodPost:
		return item.Post
	case http.MethodPut:
		return item.Put
	case http.MethodPatch:
		return item.Patch
	}
	return item.Delete
}

// refusal maps an error for the client and tells the log what the client may not know.
func (a *API) refusal(ctx context.Context, err error) *Problem {
	p := *problemOf(err)
	if p.Status == http.StatusInternalServerError && a.config.Away(err) {
		p = *newProblem(http.StatusServiceUnavailable, "", "The server cannot reach what it needs now; try again.")
		p.retryAfter = 2 * time.Second
	}
	p.RequestID = requestID(ctx)
	if p.Status >= http.StatusInternalServerError {
		logHidden(ctx, err)
	}
	return &p
}
