package engine

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/taskurotta/taskurotta-go/fault"
)

// inputRef names an input that is too large for a message: process, task and revision.
func inputRef(process, task string, rev int) string {
	return process + "." + task + "." + strconv.Itoa(rev)
}

// WorkInput returns the input that a message refers to. A revision that has been replaced is gone: its attempt is stale.
func (e *Engine) WorkInput(ctx context.Context, ref string) (json.RawMessage, error) {
	gone := fault.New(fault.NotFound, "task.input_unknown", "there is no such input")
	parts := strings.Split(ref, ".")
	if len(parts) != 3 || uuid.Validate(parts[0]) != nil || uuid.Validate(parts[1]) != nil {
		return nil, gone
	}
	rev, err := strconv.Atoi(parts[2])
	if err != nil {
		return nil, gone
	}
	input, err := e.store.TaskInput(ctx, parts[0], parts[1], rev)
	if err != nil {
		return nil, storeFault(err, gone)
	}
	return input, nil
}
