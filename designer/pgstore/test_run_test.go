package pgstore_test

import (
	"encoding/json"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/designer"
)

// Tests that nobody runs are forgotten after a week, and their numbers with them: they are not given to another.
func TestOldTestsAreForgotten(t *testing.T) {
	t.Parallel()
	store, db := open(t)
	ctx := t.Context()
	create(t, store, "check")
	create(t, store, "other")
	keep := func(key, sum string) int {
		test, err := store.KeepTest(ctx, designer.Test{Version: designer.Version{Key: key, Document: json.RawMessage(`{}`), Checksum: sum, PublishedBy: "ann"}})
		require.NoError(t, err)
		return test.Number
	}
	for n, sum := range []string{"run", "asked again", "forgotten", "other's"} {
		require.Equal(t, -1-n, keep("check", sum))
	}
	require.Equal(t, -1, keep("other", "run"))
	_, err := db.Exec(ctx, `UPDATE definition_test SET created_at = now() - interval '8 days'`)
	require.NoError(t, err)
	for key, version := range map[string]int{"check": -1, "other": -4} {
		_, err = db.Exec(ctx, `INSERT INTO process (id, definition_key, version, test, state, created_at, started_at) VALUES ($1, $2, $3, true, 'running', now(), now())`,
			uuid.Must(uuid.NewV7()), key, version)
		require.NoError(t, err)
	}
	require.Equal(t, -2, keep("check", "asked again"))
	require.Equal(t, -5, keep("check", "new"))
	require.Equal(t, -6, keep("check", "forgotten"), "a number is never given twice")
	for number, there := range map[int]bool{-1: true, -2: true, -3: false, -4: false, -5: true} {
		_, err := store.Test(ctx, "check", number)
		require.Equal(t, there, err == nil, number)
	}
	_, err = store.Test(ctx, "other", -1)
	require.NoError(t, err, "another definition's tests wait for its own turn")
}
