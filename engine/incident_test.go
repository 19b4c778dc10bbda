package engine_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/engine"
	"github.com/taskurotta/taskurotta-go/fault"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// TestIncidentsAreGroupedByWhatTheirErrorsHaveInCommon opens incidents whose messages differ in ids and numbers, at two steps.
func TestIncidentsAreGroupedByWhatTheirErrorsHaveInCommon(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.versions.publish("deeds", chain(1, func(_ int, n *graph.Node) {
		n.Title = "Read the deed"
		n.Service.Input = map[string]graph.Value{"id": obj(`"=process.custom_id"`)}
	}))
	in.versions.publish("other", chain(1))
	in.worker("w1", "test", 4, func(_ context.Context, task *wire.Task) *wire.Report {
		e := &wire.Error{Class: wire.ErrorBusiness, Code: "PAGE_MISSING", Message: fmt.Sprintf(`page %d of %s is missing (%s)`, len(task.Task), task.Input, task.Task)}
		switch string(task.Input) {
		case `{"id":"U-1"}`:
			e.Code = "UNREADABLE"
		case `{"id":"U-2"}`:
			e.Message = "the deed is 100% wet"
		}
		return &wire.Report{Kind: wire.ReportFailed, Error: e}
	})
	e := in.engine()
	start := func(definition, custom string) {
		id := in.start(e, engine.StartCommand{DefinitionKey: definition, CustomID: custom})
		in.waitState(e, id, "incident", 20*time.Second)
	}
	for i := range 7 {
		start("deeds", fmt.Sprintf("P-%d", i))
	}
	start("other", "O-1")
	start("deeds", "U-1")
	start("deeds", "U-2")

	all, err := e.IncidentGroups(t.Context(), engine.IncidentFilter{})
	require.NoError(t, err)
	require.EqualValues(t, 10, all.Incidents)
	require.EqualValues(t, 4, all.Count)
	require.Len(t, all.Groups, 4)
	require.Empty(t, all.NextCursor)
	large := all.Groups[0]
	require.EqualValues(t, 7, large.Count)
	require.Equal(t, []string{"deeds", "step_1", "Read the deed", "PAGE_MISSING"}, []string{large.Definition, large.NodeID, large.NodeTitle, large.Code})
	require.Equal(t, `page # of {"…":"…"} is missing (#)`, large.Shape)
	require.Len(t, large.Samples, 5)
	require.Equal(t, "P-6", large.Samples[0].CustomID, "the newest first")
	require.Equal(t, "P-2", large.Samples[4].CustomID)
	require.True(t, large.First.Before(large.Last))
	require.Len(t, large.Trend, 24)
	require.EqualValues(t, 7, large.Trend[23])

	one := func(f engine.IncidentMatch) []string {
		t.Helper()
		found, err := e.IncidentGroups(t.Context(), engine.IncidentFilter{IncidentMatch: f})
		require.NoError(t, err)
		rows, _, err := e.Incidents(t.Context(), engine.IncidentFilter{IncidentMatch: f})
		require.NoError(t, err)
		require.Len(t, rows, int(found.Incidents), "the list and the groups agree")
		var ids []string
		for _, row := range rows {
			ids = append(ids, row.CustomID)
		}
		return ids
	}
	hour := time.Now().Add(-time.Hour)
	require.Equal(t, []string{"O-1"}, one(engine.IncidentMatch{Definition: "other"}))
	require.Equal(t, []string{"U-1"}, one(engine.IncidentMatch{Definition: "deeds", Code: "UNREADABLE"}))
	require.Equal(t, []string{"U-2"}, one(engine.IncidentMatch{Text: "100% WET"}), "a text is no pattern")
	require.Empty(t, one(engine.IncidentMatch{Text: "100%wet"}))
	require.Equal(t, []string{"U-1"}, one(engine.IncidentMatch{Text: "unread"}), "a code is found too")
	require.Len(t, one(engine.IncidentMatch{Group: large.Group, Definition: "deeds", NodeID: "step_1"}), 7)
	require.Empty(t, one(engine.IncidentMatch{NodeID: "step_2"}))
	require.Empty(t, one(engine.IncidentMatch{OpenedTo: &hour}))
	require.Len(t, one(engine.IncidentMatch{OpenedFrom: &hour}), 10)

	var seen []string
	f := engine.IncidentFilter{Limit: 1}
	for range 4 {
		page, err := e.IncidentGroups(t.Context(), f)
		require.NoError(t, err)
		require.Len(t, page.Groups, 1)
		require.EqualValues(t, 10, page.Incidents, "the numbers are of all pages")
		require.EqualValues(t, 4, page.Count)
		seen = append(seen, page.Groups[0].Definition+page.Groups[0].Group)
		f.Cursor = page.NextCursor
	}
	require.Empty(t, f.Cursor)
	var want []string
	for _, g := range all.Groups {
		want = append(want, g.Definition+g.Group)
	}
	require.Equal(t, want, seen)
	_, err = e.IncidentGroups(t.Context(), engine.IncidentFilter{Cursor: "bm90IG9uZQ"})
	wantFault(t, err, fault.Invalid, "")
	none, err := e.IncidentGroups(t.Context(), engine.IncidentFilter{IncidentMatch: engine.IncidentMatch{Definition: "nothing"}})
	require.NoError(t, err)
	require.Zero(t, none.Incidents)
	require.Empty(t, none.Groups)
}
