package engine

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/taskurotta/taskurotta-go/engine/pgstore"
	"github.com/taskurotta/taskurotta-go/fault"
)

func TestErrorsOfTheStoreForAClient(t *testing.T) {
	t.Parallel()
	missing := fault.New(fault.NotFound, "process.unknown", "there is no such process")
	for _, c := range []struct {
		name      string
		err, want error
	}{
		{"no error", nil, nil},
		{"nothing there", pgstore.ErrNotFound, missing},
	} {
		if got := storeFault(c.err, missing); !errors.Is(got, c.want) || (got == nil) != (c.want == nil) {
			t.Errorf("%s: %v", c.name, got)
		}
	}
	unreadable := json.Unmarshal([]byte("x"), new(int))
	if got := fault.As(storeFault(unreadable, missing)); got == nil || got.Kind != fault.Internal || got.Code != "engine.store" {
		t.Errorf("stored data that can't be read: %v", got)
	}
}
