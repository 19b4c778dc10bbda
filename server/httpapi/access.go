package httpapi

import (
	"context"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// operationOf returns what add said of the operation that a request called.
func operationOf(ctx huma.Context) *operation {
	op, _ := ctx.Operation().Metadata[accessKey].(*operation)
	return op
}

// deadline bounds a request: the transport neither cancels nor ends it.
func (a *API) deadline(ctx huma.Context, next func(huma.Context)) {
	timeout := a.config.RequestTimeout
	if op := operationOf(ctx); op != nil && op.timeout > 0 {
		timeout = op.timeout
	}
	bounded, cancel := context.WithTimeout(ctx.Context(), timeout)
	defer cancel()
	next(huma.WithContext(ctx, bounded))
}

// authenticate finds out who asks: a bearer token wins over the session cookie. Public operations are not asked.
func (a *API) authenticate(ctx huma.Context, next func(huma.Context)) {
	op := operationOf(ctx)
	if op == nil || op.public {
		next(ctx)
		return
	}
	authorization := ctx.Header("Authorization")
	if scheme, credentials, found := strings.Cut(authorization, " "); op.basic && found && strings.EqualFold(scheme, "Basic") {
		if token, isToken := basicToken(credentials); isToken {
			authorization = "Bearer " + token
		}
	}
	who, err := a.identify(ctx.Context(), authorization, sessionOf(ctx))
	if err != nil {
		a.refuse(ctx, err)
		return
	}
	next(huma.WithContext(ctx, withIdentity(ctx.Context(), who)))
}

func (a *API) identify(ctx context.Context, authorization, session string) (Identity, error) {
	if authorization != "" {
		scheme, token, found := strings.Cut(authorization, " ")
		if !found || !strings.EqualFold(scheme, "Bearer") || token == "" {
			return Identity{}, newProblem(http.StatusUnauthorized, "token.malformed", "Authorization must be Bearer and a token.")
		}
		return a.config.Auth.TokenIdentity(ctx, strings.Clone(token))
	}
	if session == "" {
		return Identity{}, newProblem(http.StatusUnauthorized, "session.required", "Sign in first.")
	}
	return a.config.Auth.SessionIdentity(ctx, session)
}

func sessionOf(ctx huma.Context) string {
	cookie, err := huma.ReadCookie(ctx, SessionCookie)
	if err != nil {
		return ""
	}
	return strings.Clone(cookie.Value)
}

func (op *operation) lets(who Identity) bool {
	return who.May(op.permission) || op.or != "" && who.May(op.or)
}

// permit lets in whoever has the operation's permission.
func (a *API) permit(ctx huma.Context, next func(huma.Context)) {
	op := operationOf(ctx)
	if op != nil && !op.public && !op.signedIn && !op.lets(caller(ctx.Context())) {
		p := newProblem(http.StatusForbidden, "access.denied", "You may not do this.")
		p.Issues = []Issue{{Code: "access.permission", Message: "The permission " + string(op.permission) + " is needed.", Params: map[string]any{"permission": string(op.permission)}}}
		a.refuse(ctx, p)
		return
	}
	next(ctx)
}

// refuse answers from a middleware.
func (a *API) refuse(ctx huma.Context, err error) {
	p := a.refusal(ctx.Context(), err)
	for name, values := range p.GetHeaders() {
		ctx.SetHeader(name, values[0])
	}
	if p.Status == http.StatusUnauthorized {
		ctx.SetHeader("WWW-Authenticate", "Bearer")
	}
	ctx.SetHeader("Content-Type", p.ContentType(""))
	ctx.SetStatus(p.Status)
	_ = jsonFormat.Marshal(ctx.BodyWriter(), p) // into memory
}
