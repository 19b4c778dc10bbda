package fault_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/fault"
)

func TestKindIsFoundThroughWrapping(t *testing.T) {
	cause := errors.New("no route to host")
	err := fmt.Errorf("start process: %w", fault.Wrap(cause, fault.Unavailable, "store.away", "the store is away"))
	require.Equal(t, fault.Unavailable, fault.KindOf(err))
	require.True(t, fault.Is(err, fault.Unavailable))
	require.ErrorIs(t, err, cause)
}

func TestAnUnknownErrorIsInternal(t *testing.T) {
	require.Equal(t, fault.Internal, fault.KindOf(errors.New("x")))
	require.Nil(t, fault.As(errors.New("x")))
	require.False(t, fault.Is(nil, fault.Internal))
}

func TestIssuesDoNotLeakIntoTheOriginal(t *testing.T) {
	base := fault.New(fault.Invalid, "graph.invalid", "the graph has errors")
	with := base.WithIssues(fault.Issue{Code: "graph.duplicate_node", Node: "a", Message: "two nodes are named a"})
	require.Empty(t, base.Issues)
	require.Len(t, with.Issues, 1)
}
