package httpapi

import (
	"net/http"
	"strings"
	"testing"
)

// pathOf fills an operation's path with values that exist.
func pathOf(op *operation) string {
	return Base + strings.NewReplacer("{id}", knownProcess, "{task_id}", knownTask, "{key}", "check", "{n}", "1",
		"{sha256}", strings.Repeat("a", 64), "{ref}", "x.1").Replace(op.path)
}

// TestEveryOperationAsksForItsPermission calls every operation there is without credentials, with every permission but its
// own, and with nothing but its own.
func TestEveryOperationAsksForItsPermission(t *testing.T) {
	t.Parallel()
	h := serve(t)
	if len(h.server.api.operations) < 40 {
		t.Fatalf("only %d operations are registered", len(h.server.api.operations))
	}
	for _, op := range h.server.api.operations {
		t.Run(op.id, func(t *testing.T) {
			here := *h
			here.t = t
			send := request{method: op.method, path: pathOf(op), body: `{}`}
			if op.method == http.MethodGet {
				send.body = ""
			}
			switch {
			case op.public:
				if got := here.do(send); got.status == http.StatusForbidden {
					t.Errorf("a public operation answered %d: %s", got.status, got.body)
				}
				return
			case op.permission == "" && !op.signedIn:
				t.Fatal("the operation names no rule of access")
			}
			before := here.fake.countCalls()
			here.expect(send, http.StatusUnauthorized, "session.required")
			if op.permission != "" {
				send.token = "but:" + string(op.permission) + "," + string(op.or)
				refused := here.expect(send, http.StatusForbidden, "access.denied")
				if len(refused.problem.Issues) != 1 || refused.problem.Issues[0].Params["permission"] != string(op.permission) {
					t.Errorf("the refusal does not name %s: %+v", op.permission, refused.problem.Issues)
				}
			}
			if after := here.fake.countCalls(); after != before {
				t.Errorf("a refused request reached %d ports", after-before)
			}
			send.token = "only:" + string(op.permission)
			if got := here.do(send); got.status == http.StatusUnauthorized || got.status == http.StatusForbidden || got.status >= 500 {
				t.Errorf("with %s it answered %d: %s", op.permission, got.status, got.body)
			}
		})
	}
}

func TestOperationsHaveNamesThatAreUnique(t *testing.T) {
	t.Parallel()
	h := serve(t)
	seen := map[string]bool{}
	// What workers do with tasks is in the history of the processes.
	inHistory := map[string]bool{"announceWorker": true, "takeWork": true, "heartbeatWork": true, "completeWork": true, "failWork": true, "releaseWork": true, "leaveWork": true}
	for _, op := range h.server.api.operations {
		if seen[op.id] || op.id == "" || op.summary == "" {
			t.Errorf("operation %q %s %s is nameless, undescribed or a second one", op.id, op.method, op.path)
		}
		seen[op.id] = true
		if op.method != http.MethodGet && op.audit == "" && !inHistory[op.id] && op.id != "signIn" && op.id != "validateDocument" && op.id != "previewExpression" && op.id != "tryDecision" {
			t.Errorf("%s changes something and is not audited", op.id)
		}
	}
}

func TestSignIn(t *testing.T) {
	t.Parallel()
	h := serve(t, func(c *Config) { c.SecureCookie = true })
	got := h.do(request{method: "POST", path: "/api/v1/session", body: `{"login":"ann","password":"right"}`})
	if got.status != http.StatusOK || !strings.Contains(got.body, `"mode":"dev"`) {
		t.Fatalf("signing in answered %d: %s", got.status, got.body)
	}
	cookie := got.headers.Get("Set-Cookie")
	for _, want := range []string{SessionCookie + "=all", "HttpOnly", "Secure", "SameSite=Strict", "Path=/"} {
		if !strings.Contains(cookie, want) {
			t.Errorf("the cookie %q lacks %s", cookie, want)
		}
	}
	if me := h.do(request{path: "/api/v1/session", session: "all"}); me.status != http.StatusOK || !strings.Contains(me.body, `"login":"ann"`) {
		t.Errorf("me answered %d: %s", me.status, me.body)
	}
	out := h.do(request{method: "DELETE", path: "/api/v1/session", session: "all", headers: map[string]string{"Origin": strings.Replace(h.url, "http:", "https:", 1)}})
	if out.status != http.StatusNoContent || !strings.Contains(out.headers.Get("Set-Cookie"), "Max-Age=0") {
		t.Errorf("signing out answered %d, %q", out.status, out.headers.Get("Set-Cookie"))
	}
}

func TestGuessingPasswordsIsSlowedDown(t *testing.T) {
	t.Parallel()
	h := serve(t)
	guess := request{method: "POST", path: "/api/v1/session", body: `{"login":"ann","password":"wrong"}`}
	for range failuresPerAddress {
		h.expect(guess, http.StatusUnauthorized, "session.refused")
	}
	blocked := h.expect(guess, http.StatusTooManyRequests, "session.too_many")
	if blocked.headers.Get("Retry-After") == "" {
		t.Error("the refusal does not say when to try again")
	}
	reached := h.fake.countCalls()
	guess.body = `{"login":"ann","password":"right"}`
	h.expect(guess, http.StatusTooManyRequests, "session.too_many")
	if h.fake.countCalls() != reached {
		t.Error("a blocked attempt was checked")
	}
}
