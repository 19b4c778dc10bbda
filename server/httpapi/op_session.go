package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/taskurotta/taskurotta-go/fault"
)

// SessionCookie is the name of the cookie that holds a session's secret.
const SessionCookie = "taskurotta_session"

type signInInput struct {
	Body struct {
		Login    string `json:"login,omitempty" maxLength:"100"`
		Password string `json:"password,omitempty" maxLength:"200"`
		Token    string `json:"token,omitempty" maxLength:"200" doc:"Instead of login and password: the one-time token that dev prints"`
	} `nameHint:"SignIn"`
}

type sessionOutput struct {
	SetCookie string `header:"Set-Cookie"`
	Body      Me
}

type meOutput struct {
	Body Me
}

type signOutInput struct {
	Session string `cookie:"taskurotta_session" hidden:"true"`
}

type signOutOutput struct {
	SetCookie string `header:"Set-Cookie"`
}

func (a *API) registerSession() {
	add(a, operation{id: "signIn", method: http.MethodPost, path: "/session", tag: "session", public: true, maxBody: 16 << 10,
		summary: "Sign in", doc: "With a login and a password, or with a one-time token. Sets the session cookie."}, a.signIn)
	add(a, operation{id: "me", method: http.MethodGet, path: "/session", tag: "session", signedIn: true,
		summary: "Who am I"}, a.me)
	add(a, operation{id: "signOut", method: http.MethodDelete, path: "/session", tag: "session", public: true, audit: "session.end",
		summary: "Sign out"}, a.signOut)
}

func (a *API) signIn(ctx context.Context, in *signInInput) (*sessionOutput, error) {
	body := in.Body
	if (body.Token == "") == (body.Login == "" && body.Password == "") {
		return nil, fault.New(fault.Invalid, "session.credentials", "Give a login and a password, or a token.")
	}
	remote := ""
	if c := callOf(ctx); c != nil {
		remote = c.remote
	}
	attempt, wait := a.signIns.begin(ctx, remote, body.Login)
	if wait > 0 {
		refused := fault.New(fault.TooMany, "session.too_many", "Too many attempts to sign in.")
		refused.RetryAfter = wait
		return nil, refused
	}
	defer attempt.dropped()
	session, err := a.config.Auth.SignIn(ctx, SignIn{Login: body.Login, Password: body.Password, Token: body.Token})
	switch {
	case fault.Is(err, fault.Unauthorized):
		attempt.failed()
		a.note(ctx, AuditEntry{Actor: body.Login, Action: "session.refused", SubjectKind: "user", SubjectID: body.Login})
		return nil, err
	case err != nil:
		return nil, err
	}
	attempt.succeeded()
	a.note(ctx, AuditEntry{Actor: session.Identity.Login, Action: "session.begin", SubjectKind: "user", SubjectID: session.Identity.UserID})
	return &sessionOutput{SetCookie: a.cookie(session.Secret, session.Expires), Body: a.meOf(session.Identity)}, nil
}

func (a *API) me(ctx context.Context, _ *struct{}) (*meOutput, error) {
	return &meOutput{Body: a.meOf(caller(ctx))}, nil
}

func (a *API) signOut(ctx context.Context, in *signOutInput) (*signOutOutput, error) {
	if in.Session != "" {
		if err := a.config.Auth.SignOut(ctx, in.Session); err != nil && !fault.Is(err, fault.Unauthorized) {
			return nil, err
		}
	}
	return &signOutOutput{SetCookie: a.cookie("", time.Unix(0, 0))}, nil
}

func (a *API) meOf(who Identity) Me {
	me := Me{
		UserID: who.UserID, Login: who.Login, Name: who.Name, Roles: list(who.Roles), Groups: list(who.Groups), Permissions: make([]string, 0, len(who.Permissions)),
		Locale: who.Locale, Version: a.config.Version, Mode: a.config.Mode,
	}
	for _, permission := range who.Permissions {
		me.Permissions = append(me.Permissions, string(permission))
	}
	return me
}

// cookie is strict: no other site's request carries it, so a link from elsewhere opens the app, whose own requests have it.
func (a *API) cookie(secret string, expires time.Time) string {
	cookie := http.Cookie{
		Name: SessionCookie, Value: secret, Path: "/", Expires: expires.UTC(), HttpOnly: true, Secure: a.config.SecureCookie,
		SameSite: http.SameSiteStrictMode,
	}
	if secret == "" {
		cookie.MaxAge = -1
	}
	return cookie.String()
}

// list makes an absent list an empty one: the API never answers null for a list.
func list[T any](items []T) []T {
	if items == nil {
		return []T{}
	}
	return items
}
