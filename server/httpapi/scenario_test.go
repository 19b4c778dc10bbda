package httpapi

import (
	"net/http"
	"strings"
	"testing"
)

func TestScenarios(t *testing.T) {
	t.Parallel()
	const start = "/api/v1/processes"
	own := map[string]string{}
	tests := []struct {
		name   string
		send   request
		status int
		code   string
		issue  Issue  // expected among the problem's issues, by code and path
		absent string // must not be in the answer
	}{
		{name: "an unknown field is refused", send: request{method: "POST", path: start, token: "all", body: `{"definition":"check","input":{},"colour":"red"}`},
			status: 422, code: "request.invalid", issue: Issue{Code: "request.unknown_field", Path: "/colour"}},
		{name: "a field in other case is refused", send: request{method: "POST", path: start, token: "all", body: `{"definition":"check","Definition":"other"}`},
			status: 422, code: "request.invalid", issue: Issue{Code: "request.unknown_field", Path: "/Definition"}},
		{name: "a key twice is refused", send: request{method: "POST", path: start, token: "all", body: `{"definition":"check","definition":"other"}`},
			status: 400, code: "request.malformed", issue: Issue{Code: "request.duplicate_key"}},
		{name: "a key twice deep in the input is refused", send: request{method: "POST", path: start, token: "all", body: `{"definition":"check","input":{"a":[{"b":1,"b":2}]}}`},
			status: 400, code: "request.malformed", issue: Issue{Code: "request.duplicate_key"}},
		{name: "nesting without end is refused", send: request{method: "POST", path: start, token: "all", body: `{"definition":"check","input":{"a":` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + `}}`},
			status: 400, code: "request.malformed"},
		{name: "a broken body is refused without being echoed", send: request{method: "POST", path: start, token: "all", body: `{"definition":"sEcrEt`},
			status: 400, code: "request.malformed", absent: "sEcrEt"},
		{name: "a rejected value is not echoed", send: request{method: "POST", path: start, token: "all", body: `{"definition":"check","priority":"sEcrEt"}`},
			status: 422, code: "request.invalid", issue: Issue{Code: "request.invalid", Path: "/priority"}, absent: "sEcrEt"},
		{name: "10 MB of JSON are too large", send: request{method: "POST", path: start, token: "all", body: `{"definition":"check","input":{"a":"` + strings.Repeat("x", 10<<20) + `"}}`},
			status: 413, code: "request.too_large"},
		{name: "10 MB of document are too large", send: request{method: "PUT", path: "/api/v1/definitions/check/draft", token: "all", headers: map[string]string{"If-Match": `"7"`}, body: strings.Repeat(" ", 10<<20)},
			status: 413, code: "request.too_large"},
		{name: "a form is no JSON", send: request{method: "POST", path: start, token: "all", body: `a=b`, headers: map[string]string{"Content-Type": "application/x-www-form-urlencoded"}},
			status: 415, code: "request.media_type"},
		{name: "an unknown query parameter is refused", send: request{path: start + "?costum_id=1", token: "all"},
			status: 422, code: "request.invalid", issue: Issue{Code: "request.unknown_parameter", Path: "query.costum_id"}},
		{name: "an unknown state is refused", send: request{path: start + "?state=running,broken", token: "all"}, status: 422, code: "request.invalid"},
		{name: "an id that is none is refused", send: request{path: start + "/urn:uuid:" + knownProcess, token: "all"}, status: 422, code: "request.invalid"},
		{name: "a process that is not there", send: request{path: start + "/" + knownTask, token: "all"}, status: 404, code: "process.not_found"},
		{name: "a compressed body is refused", send: request{method: "POST", path: start, token: "all", body: `{"definition":"check"}`, headers: map[string]string{"Content-Encoding": "gzip"}},
			status: 415, code: "request.encoding"},
		{name: "a forged host is refused", send: request{path: start, token: "all", host: "evil.example:8080"}, status: 421, code: "request.host"},
		{name: "a forged host is refused for the app too", send: request{path: "/", host: "evil.example"}, status: 421, code: "request.host"},
		{name: "a host that only begins right is refused", send: request{path: start, token: "all", host: "localhost.evil.example"}, status: 421, code: "request.host"},
		{name: "an allowed host with another port is let in", send: request{path: start, token: "all", host: "localhost:1"}, status: 200},
		{name: "a forged origin is refused", send: request{method: "POST", path: start, session: "all", body: `{"definition":"check"}`, headers: map[string]string{"Origin": "http://evil.example"}},
			status: 403, code: "request.origin"},
		{name: "a forged origin is refused with a token too", send: request{method: "POST", path: start, token: "all", body: `{"definition":"check"}`, headers: map[string]string{"Origin": "http://evil.example"}},
			status: 403, code: "request.origin"},
		{name: "an opaque origin is refused", send: request{method: "POST", path: start, session: "all", body: `{"definition":"check"}`, headers: map[string]string{"Origin": "null"}},
			status: 403, code: "request.origin"},
		{name: "a cookie without an origin is refused", send: request{method: "POST", path: start, session: "all", body: `{"definition":"check"}`},
			status: 403, code: "request.origin"},
		{name: "signing in from elsewhere is refused", send: request{method: "POST", path: "/api/v1/session", body: `{"token":"once"}`, headers: map[string]string{"Origin": "http://evil.example"}},
			status: 403, code: "request.origin"},
		{name: "a cookie with the own origin is let in", send: request{method: "POST", path: start, session: "all", body: `{"definition":"check"}`, headers: own}, status: 201},
		{name: "a token without an origin is let in", send: request{method: "POST", path: start, token: "all", body: `{"definition":"check"}`}, status: 201},
		{name: "an unknown token is refused", send: request{path: start, token: "stolen"}, status: 401, code: "token.unknown"},
		{name: "another scheme than Bearer is refused", send: request{path: start, headers: map[string]string{"Authorization": "Basic YTpi"}}, status: 401, code: "token.malformed"},
		{name: "saving without If-Match is refused", send: request{method: "PUT", path: "/api/v1/definitions/check/draft", token: "all", body: `{}`}, status: 428, code: "draft.if_match_required"},
		{name: "saving over another's work is refused", send: request{method: "PUT", path: "/api/v1/definitions/check/draft", token: "all", body: `{}`, headers: map[string]string{"If-Match": `"6"`}},
			status: 412, code: "draft.conflict", issue: Issue{Code: "draft.conflict"}},
		{name: "an If-Match that is no revision is refused", send: request{method: "PUT", path: "/api/v1/definitions/check/draft", token: "all", body: `{}`, headers: map[string]string{"If-Match": `*`}},
			status: 412, code: "draft.if_match_malformed"},
		{name: "publishing a broken draft tells what is broken", send: request{method: "POST", path: "/api/v1/definitions/check/publish", token: "all", body: `{"note":"x"}`, headers: map[string]string{"If-Match": `"7"`}},
			status: 422, code: "definition.invalid", issue: Issue{Code: "graph.unknown_type", Path: "/nodes/1/service/type"}},
		{name: "an operation without a reason is refused", send: request{method: "POST", path: start + "/" + knownProcess + "/cancel", token: "all", body: `{}`},
			status: 422, code: "request.invalid", issue: Issue{Code: "request.missing", Path: "/reason"}},
		{name: "somebody else's file is refused", send: request{method: "POST", path: start, token: "all", body: `{"definition":"check","input":{"f":[{"$file":"sha256:` + strings.Repeat("a", 64) + `","name":"x"}]}}`},
			status: 403, code: "file.forbidden"},
		{name: "somebody else's file under a key in escapes is refused", send: request{method: "POST", path: start, token: "all", body: `{"definition":"check","input":{"f":[{"\u0024file":"sha256:` + strings.Repeat("a", 64) + `","name":"x"}]}}`},
			status: 403, code: "file.forbidden"},
		{name: "a bulk job that names a file in escapes is refused", send: request{method: "POST", path: "/api/v1/bulk-jobs", token: "all", body: `{"operation":"skip","filter":{},"options":{"output":{"\u0024file":"sha256:` + strings.Repeat("a", 64) + `"}}}`},
			status: 422, code: "bulk.files_unsupported"},
		{name: "a file that is none is refused", send: request{method: "POST", path: start, token: "all", body: `{"definition":"check","input":{"f":{"$file":"../../etc/passwd"}}}`},
			status: 422, code: "file.malformed"},
		{name: "a resource that is not there", send: request{path: "/api/v1/nothing", token: "all"}, status: 404, code: "request.not_found"},
		{name: "a verb that is not known", send: request{method: "DELETE", path: start, token: "all"}, status: 405, code: "request.method"},
		{name: "credentials of two kinds are refused", send: request{method: "POST", path: "/api/v1/session", body: `{"login":"a","password":"b","token":"c"}`}, status: 422, code: "session.credentials"},
		{name: "no live feed without a websocket", send: request{path: "/api/v1/live", token: "all"}, status: 404, code: "live.absent"},
	}
	h := serve(t)
	own["Origin"] = h.url
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			here := *h
			here.t = t
			got := here.expect(test.send, test.status, test.code)
			if test.issue.Code != "" {
				found := false
				for _, issue := range got.problem.Issues {
					found = found || (issue.Code == test.issue.Code && (test.issue.Path == "" || issue.Path == test.issue.Path))
				}
				if !found {
					t.Errorf("no issue %s at %q in %+v", test.issue.Code, test.issue.Path, got.problem.Issues)
				}
			}
			if test.absent != "" && strings.Contains(got.body, test.absent) {
				t.Errorf("the answer shows %q: %s", test.absent, got.body)
			}
		})
	}
	if after := h.do(request{path: "/healthz"}); after.status != http.StatusOK {
		t.Errorf("health answered %d afterwards", after.status)
	}
}

func TestConflictOfDraftsTellsTheStoredRevision(t *testing.T) {
	t.Parallel()
	h := serve(t)
	got := h.expect(request{method: "PUT", path: "/api/v1/definitions/check/draft", token: "all", body: `{}`, headers: map[string]string{"If-Match": `"3"`}}, 412, "draft.conflict")
	if got.problem.Revision != 7 {
		t.Errorf("current_revision is %d, want 7", got.problem.Revision)
	}
	saved := h.do(request{method: "PUT", path: "/api/v1/definitions/check/draft", token: "all", body: `{}`, headers: map[string]string{"If-Match": `"7"`}})
	if saved.status != 200 || saved.headers.Get("ETag") != `"8"` {
		t.Errorf("saving answered %d, ETag %s: %s", saved.status, saved.headers.Get("ETag"), saved.body)
	}
	if draft := h.do(request{path: "/api/v1/definitions/check/draft", token: "all"}); draft.headers.Get("ETag") != `"7"` {
		t.Errorf("the draft's ETag is %s", draft.headers.Get("ETag"))
	}
}

// TestDefect_IdempotencyKeyGotLost: the key must reach the engine, and the second start answer the first id.
func TestDefect_IdempotencyKeyGotLost(t *testing.T) {
	t.Parallel()
	h := serve(t)
	start := request{method: "POST", path: "/api/v1/processes", token: "all", body: `{"definition":"check","input":{"n":1}}`, headers: map[string]string{"Idempotency-Key": "k-1"}}
	first, second := h.do(start), h.do(start)
	if first.status != http.StatusCreated || second.status != http.StatusOK {
		t.Fatalf("answered %d and %d, want 201 and 200", first.status, second.status)
	}
	if strings.Replace(first.body, `"existing":false`, `"existing":true`, 1) != second.body {
		t.Errorf("first %s second %s", first.body, second.body)
	}
	start.body = `{"definition":"check","input":{"n":2}}`
	h.expect(start, http.StatusConflict, "process.idempotency_conflict")
}

func TestNumbersKeepTheirDigits(t *testing.T) {
	t.Parallel()
	h := serve(t)
	h.do(request{method: "POST", path: "/api/v1/processes", token: "all", body: `{"definition":"check","input":{"n":9007199254740993,"d":1.10}}`})
	if got := string(h.fake.starts[0].Input); got != `{"n":9007199254740993,"d":1.10}` {
		t.Errorf("the engine got %s", got)
	}
	if got := h.do(request{path: "/api/v1/processes/" + knownProcess, token: "all"}); !strings.Contains(got.body, "9007199254740993") {
		t.Errorf("the client got %s", got.body)
	}
}
