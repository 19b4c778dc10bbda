package app_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/server/demo"
	"github.com/taskurotta/taskurotta-go/server/demo/paper"
)

// newVersion publishes another version of the document check while registrations are before it, in the middle of it, or not there yet.
func (o *office) newVersion(t *testing.T) {
	t.Parallel()
	o.publish(t, "registration-pinned", registration(t, 1, false))
	o.publish(t, "registration-later", registration(t, 0, true))
	o.publish(t, "registration-later-pinned", registration(t, 1, true))

	// What each has done when the version comes, what makes it go on, and which version it is checked by.
	type one struct {
		definition string
		flaw       paper.Flaw
		version    int
		a          paper.Application
		id         string
	}
	before := map[string]*one{
		"in the middle of its check": {definition: "rights-registration", flaw: paper.Missing, version: 1},
		"the same, pinned":           {definition: "registration-pinned", flaw: paper.Missing, version: 1},
		"before its check":           {definition: "registration-later", version: 2},
		"the same, pinned to 1":      {definition: "registration-later-pinned", version: 1},
	}
	after := map[string]*one{
		"begun later":         {definition: "rights-registration", version: 2},
		"begun later, pinned": {definition: "registration-pinned", version: 1},
	}
	begin := func(all map[string]*one) {
		for _, r := range all {
			r.a = o.pick(t, r.flaw, o.usual)
			r.id = o.start(t, r.definition, r.a.Number, demo.Input("rights-registration", r.a, o.upload(t, r.a.Files)))
		}
	}
	begin(before)
	for name, r := range before {
		waits := map[bool]string{true: "clerk", false: "held"}[r.flaw == paper.Missing]
		require.Eventually(t, func() bool { return o.waits(t, r.a.Number, waits) }, patience, glance, name)
	}
	o.publishCheck(t)
	begin(after)
	for _, r := range before {
		if r.flaw == paper.None {
			o.message(t, "held.go", r.a.Number, map[string]any{})
			continue
		}
		// The package goes through the whole check once more, in the version in which it began.
		o.answer(t, r.a.Number, "clerk", decide("return"))
		whole, err := o.dev.Paper.Application(numberOf(t, r.a), paper.None)
		require.NoError(t, err)
		o.message(t, "package.corrected", r.a.Number, map[string]any{"files": o.upload(t, documentsOf(whole))})
	}
	for _, all := range []map[string]*one{before, after} {
		for name, r := range all {
			o.answer(t, r.a.Number, "examine", decide("approve"))
			e := o.ends(t, r.id)
			require.Equal(t, "registered", e.Output["result"], name)
			checks := o.processes(t, "definition=document-check&custom_id="+url.QueryEscape(r.a.Number))
			require.Len(t, checks, 1, name)
			require.Equal(t, "completed", checks[0].State, name)
			require.Equal(t, r.version, checks[0].Version, name)
			_, second := o.ends(t, checks[0].ID).Output["edition"]
			require.Equal(t, r.version == 2, second, "%s: the output is of the version", name)
			stands, gone, err := o.dev.Registry.Entries(t.Context(), r.a.Number)
			require.NoError(t, err)
			require.Equal(t, [2]int{1, 0}, [2]int{stands, gone}, name)
		}
	}
}

// waits tells whether one of an application's processes waits at a node.
func (o *office) waits(t *testing.T, customID, node string) bool {
	for _, p := range o.processes(t, "state=running&custom_id="+url.QueryEscape(customID)) {
		var list struct {
			Items []struct {
				NodeID string `json:"node_id"`
				State  string
			}
		}
		o.get(t, "/api/v1/processes/"+p.ID+"/tasks?limit=200", &list)
		for _, task := range list.Items {
			if task.NodeID == node && task.State == "waiting" {
				return true
			}
		}
	}
	return false
}

// publishCheck publishes version 2 of the document check, whose output tells it apart.
func (o *office) publishCheck(t *testing.T) {
	t.Helper()
	document := shipped(t, "document-check")
	for _, n := range document["nodes"].([]any) {
		if node := n.(map[string]any); node["kind"] == "end_event" {
			node["end"].(map[string]any)["output"].(map[string]any)["edition"] = 2
		}
	}
	var draft struct{ Revision int }
	o.get(t, "/api/v1/definitions/document-check/draft", &draft)
	quoted := func(revision int) map[string]string {
		return map[string]string{"If-Match": strconv.Quote(strconv.Itoa(revision))}
	}
	o.send(t, http.MethodPut, "/api/v1/definitions/document-check/draft", document, quoted(draft.Revision), &draft)
	var published struct{ Number int }
	o.send(t, http.MethodPost, "/api/v1/definitions/document-check/publish", map[string]any{"note": "the second"}, quoted(draft.Revision), &published)
	require.Equal(t, 2, published.Number)
}

// registration is the shipped rights registration with its document check pinned to a version, or held before it until a message comes.
func registration(t *testing.T, version int, held bool) map[string]any {
	t.Helper()
	document := shipped(t, "rights-registration")
	for _, n := range document["nodes"].([]any) {
		if node := n.(map[string]any); node["id"] == "documents" && version > 0 {
			node["call"].(map[string]any)["version"] = version
		}
	}
	if held {
		document["nodes"] = append(document["nodes"].([]any), map[string]any{
			"id": "held", "kind": "message_event", "title": "Held", "message": map[string]any{"name": "held.go", "key": "=process.custom_id"},
		})
		for _, e := range document["edges"].([]any) {
			if edge := e.(map[string]any); edge["from"] == "start" {
				edge["from"] = "held"
			}
		}
		document["edges"] = append(document["edges"].([]any), map[string]any{"id": "start_held", "from": "start", "to": "held"})
	}
	return document
}

func shipped(t *testing.T, key string) (document map[string]any) {
	t.Helper()
	for _, definition := range demo.Definitions(demo.English) {
		if definition.Key == key {
			require.NoError(t, json.Unmarshal(definition.Document, &document))
		}
	}
	require.NotNil(t, document)
	return document
}
