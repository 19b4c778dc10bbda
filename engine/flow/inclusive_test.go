package flow_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/engine/flow"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

func inclusive() *draft {
	d := (&draft{}).start().kind("split", graph.KindInclusiveGateway).service("a").service("b").service("c").kind("join", graph.KindInclusiveGateway).service("after").end("done").
		flow("start", "split").flow("a", "join").flow("b", "join").flow("c", "join", "after", "done")
	return d.when("split", "a", "=input.a").when("split", "b", "=input.b").otherwise("split", "c")
}

func TestAnInclusiveGatewayTakesEveryTrueWay(t *testing.T) {
	t.Parallel()
	r := begin(t, inclusive(), `{"a":true,"b":true}`)
	require.Equal(t, []string{"a", "b"}, r.open())
	r.complete("a", `{}`)
	require.Equal(t, []string{"b"}, r.open(), "b can still arrive")
	r.complete("b", `{}`)
	require.Equal(t, []string{"after"}, r.open())
	require.Equal(t, 1, r.root().State.Runs["join"])
	r.complete("after", `{}`)
	r.state("completed")
}

func TestAnInclusiveGatewayTakesItsDefaultWhenNothingHolds(t *testing.T) {
	t.Parallel()
	r := begin(t, inclusive(), `{"a":false,"b":false}`)
	require.Equal(t, []string{"c"}, r.open())
	r.complete("c", `{}`)
	r.complete("after", `{}`)
	r.state("completed")
}

func TestAnInclusiveJoinWaitsForAHeldToken(t *testing.T) {
	t.Parallel()
	r := begin(t, inclusive(), `{"a":true,"b":true}`)
	r.fail("b", wire.ErrorBusiness, "NO")
	r.complete("a", `{}`)
	r.state("incident")
	r.operate(flow.EventSkip, "b", "")
	require.Equal(t, []string{"after"}, r.open())
}

// TestAnInclusiveJoinInALoop is the case that a count of branches gets wrong: a token that goes round again may still arrive.
func TestAnInclusiveJoinInALoop(t *testing.T) {
	t.Parallel()
	d := (&draft{}).start().parallel("fork").service("a").exclusive("again").service("b").kind("join", graph.KindInclusiveGateway).end("done").
		flow("start", "fork", "a", "again").flow("fork", "b", "join", "done").when("again", "a", "=tasks.a.more").otherwise("again", "join")
	r := begin(t, d, `{}`)
	r.complete("b", `{}`)
	r.complete("a", `{"more":true}`)
	require.Equal(t, 1, r.root().State.Joins["b-join"])
	r.complete("a", `{"more":false}`)
	r.state("completed")
	require.Equal(t, 1, r.root().State.Runs["join"])
}

// TestAnInclusiveJoinGoesOnWhenABranchEndsElsewhere: the other branch takes a way that does not lead to the join.
func TestAnInclusiveJoinGoesOnWhenABranchEndsElsewhere(t *testing.T) {
	t.Parallel()
	d := (&draft{}).start().parallel("fork").service("a").exclusive("way").service("b").kind("join", graph.KindInclusiveGateway).service("after").end("done").end("aside").
		flow("start", "fork", "a", "way").flow("fork", "b", "join", "after", "done").when("way", "aside", "=true").otherwise("way", "join")
	r := begin(t, d, `{}`)
	r.complete("b", `{}`)
	require.Equal(t, []string{"a"}, r.open())
	r.complete("a", `{}`)
	require.Equal(t, []string{"after"}, r.open())
}

// TestATokenOfABoundaryEventMayArrive: while the activity runs, its boundary event may still send a token to the join.
func TestATokenOfABoundaryEventMayArrive(t *testing.T) {
	t.Parallel()
	d := (&draft{}).start().parallel("fork").service("a").service("b").kind("join", graph.KindInclusiveGateway).service("after").end("done").end("aside").
		flow("start", "fork", "a", "aside").flow("fork", "b", "join", "after", "done").
		on("a", "edge", graph.BoundaryEvent{Kind: graph.BoundaryError}, "join")
	r := begin(t, d, `{}`)
	r.complete("b", `{}`)
	require.Equal(t, []string{"a"}, r.open())
	r.fail("a", wire.ErrorBusiness, "NO")
	require.Equal(t, []string{"after"}, r.open())
	require.Equal(t, 1, r.root().State.Runs["join"])
}

// TestTokensThatMayArriveAtAFullEdgeDoNotHold is the exception of the standard: a token that could reach an empty edge, and as
// well one that has a token already, is not waited for.
func TestTokensThatMayArriveAtAFullEdgeDoNotHold(t *testing.T) {
	t.Parallel()
	d := (&draft{}).start().parallel("fork").service("a").service("b").exclusive("way").kind("join", graph.KindInclusiveGateway).service("after").end("done").
		service("left").service("right").flow("start", "fork", "a", "left", "join").flow("fork", "b", "way").when("way", "left", "=true").otherwise("way", "right").
		flow("right", "join", "after", "done")
	r := begin(t, d, `{}`)
	r.complete("a", `{}`)
	r.complete("left", `{}`)
	require.Equal(t, []string{"after", "b"}, r.open())
}
