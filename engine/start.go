package engine

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/taskurotta/taskurotta-go/engine/flow"
	"github.com/taskurotta/taskurotta-go/engine/pgstore"
	"github.com/taskurotta/taskurotta-go/fault"
)

// startPlan is a checked start, ready to be committed.
type startPlan struct {
	cmd   StartCommand
	graph *compiled
	key   pgstore.Key // Key is empty when the caller gave none
	// active is the customId that no other live process may have; nil: several may.
	active *pgstore.ActiveKey
	caller *flow.Caller // of a child process
}

func (s *startPlan) keyID() [2]string { return [2]string{s.key.Definition, s.key.Key} }

// StartProcess starts a process. When it answers, the process is stored and can be found; its first tasks are on their way.
func (e *Engine) StartProcess(ctx context.Context, cmd StartCommand) (StartResult, error) {
	plan, err := e.planStart(ctx, cmd)
	if err != nil {
		return StartResult{}, err
	}
	r, err := e.call(ctx, &entry{process: plan.key.Process, start: plan, also: cmd.Also, event: flow.Event{Kind: flow.EventStart, Actor: plan.cmd.Actor, Node: plan.cmd.Node}})
	if err != nil {
		return StartResult{}, err
	}
	return StartResult{ID: r.id, Existing: r.existing}, nil
}

// CheckStart says what would keep a start from happening, apart from another process with its customId. Nothing is started.
func (e *Engine) CheckStart(ctx context.Context, cmd StartCommand) error {
	_, err := e.planStart(ctx, cmd)
	return err
}

func (e *Engine) planStart(ctx context.Context, cmd StartCommand) (*startPlan, error) {
	if len(bytes.TrimSpace(cmd.Input)) == 0 {
		cmd.Input = emptyObject
	}
	if cmd.Priority == 0 {
		cmd.Priority = 3
	}
	if err := checkStart(&cmd); err != nil {
		return nil, err
	}
	if len(cmd.Files) > 0 && e.cfg.Files == nil {
		return nil, fault.New(fault.Invalid, "process.files_unsupported", "this server keeps no files")
	}
	asked := cmd.Version
	if cmd.Version == 0 {
		latest, err := e.latest(ctx, cmd.DefinitionKey)
		if err != nil {
			return nil, err
		}
		cmd.Version = latest
	}
	graph, err := e.graphs.get(ctx, cmd.DefinitionKey, cmd.Version)
	if err != nil {
		return nil, err
	}
	if err := graph.beginAt(&cmd, e.cfg.MaxPayload); err != nil {
		return nil, err
	}
	if err := graph.checkInput(cmd.Input, e.cfg.MaxPayload); err != nil {
		return nil, err
	}
	if cmd.ID == "" {
		id, err := e.clock.id()
		if err != nil {
			return nil, errNoID(err)
		}
		cmd.ID = id
	}
	plan := &startPlan{cmd: cmd, graph: graph, key: pgstore.Key{Definition: cmd.DefinitionKey, Key: cmd.IdempotencyKey, Process: cmd.ID}}
	switch {
	case cmd.Trigger != nil && cmd.Trigger.Once != "":
		plan.key.Definition, plan.key.Key, plan.key.BodyHash = ":"+string(cmd.Trigger.Kind), cmd.Trigger.Once, []byte{0}
	case cmd.IdempotencyKey != "":
		plan.key.BodyHash = bodyHash(&cmd, asked)
	}
	if graph.start.OneActive && cmd.CustomID != "" && cmd.Version > 0 {
		plan.active = &pgstore.ActiveKey{Definition: cmd.DefinitionKey, CustomID: cmd.CustomID, Process: cmd.ID}
	}
	return plan, nil
}

// latest is the version that starts of a definition run.
func (e *Engine) latest(ctx context.Context, key string) (int, error) {
	latest, err := e.cfg.Definitions.Latest(ctx, key)
	var known *fault.Error
	switch {
	case errors.As(err, &known):
		return 0, known
	case err != nil:
		return 0, errAway(err)
	case latest == 0:
		return 0, fault.Newf(fault.Conflict, "process.not_published", "the definition %q has no published version", key)
	}
	return latest, nil
}

func checkStart(cmd *StartCommand) error {
	switch {
	case cmd.Priority < 1 || cmd.Priority > 5:
		return errPriority()
	case len(cmd.CustomID) > mostKey || cmd.CustomID != clean(cmd.CustomID):
		return errCustomID()
	case len(cmd.IdempotencyKey) > 200 || cmd.IdempotencyKey != clean(cmd.IdempotencyKey):
		return fault.New(fault.Invalid, "process.idempotency_key_invalid", "the idempotency key is text of at most 200 bytes")
	}
	return nil
}

func errCustomID() error {
	return fault.New(fault.Invalid, "process.custom_id_invalid", "the customId is text of at most 500 bytes").
		WithIssues(fault.Issue{Code: "process.custom_id_invalid", Path: "/custom_id", Message: "at most 500 bytes of text"})
}

// bodyHash is over what the caller asked for, so that the same request finds its process even after another version became
// the latest. Spaces and the order of fields in the input don't matter.
func bodyHash(cmd *StartCommand, version int) []byte {
	input := []byte(cmd.Input)
	decoder := json.NewDecoder(bytes.NewReader(input))
	decoder.UseNumber()
	var value any
	if decoder.Decode(&value) == nil {
		if sorted, err := json.Marshal(value); err == nil {
			input = sorted
		}
	}
	at := ""
	if cmd.StartAt != nil {
		at = cmd.StartAt.UTC().Format(time.RFC3339Nano)
	}
	sum := sha256.Sum256([]byte(strings.Join([]string{cmd.DefinitionKey, strconv.Itoa(version), cmd.CustomID, string(input), strconv.Itoa(cmd.Priority), at}, "\x00")))
	return sum[:]
}
