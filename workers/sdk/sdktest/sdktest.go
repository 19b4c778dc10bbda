// Package sdktest runs a node in a unit test, without queues, engine or server.
package sdktest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"testing"

	"github.com/taskurotta/taskurotta-go/workers/sdk"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// Host keeps files in memory and records what the handler reports.
type Host struct {
	mu       sync.Mutex
	files    map[string][]byte
	Lines    []string
	Percents []int
	Beats    int
	Run      sdk.Info
	Secrets  map[string]string // by name, without secret://
}

// AddFile stores content and returns the file that an input names.
func (h *Host) AddFile(name, mediaType string, content []byte) sdk.File {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.files == nil {
		h.files = map[string][]byte{}
	}
	sum := sha256.Sum256(content)
	ref := "sha256:" + hex.EncodeToString(sum[:])
	h.files[ref] = content
	return sdk.File{Ref: ref, Name: name, Size: int64(len(content)), MediaType: mediaType}
}

// Swap lets Open answer a file with another's content, as a damaged store would.
func (h *Host) Swap(file, with sdk.File) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.files[file.Ref] = h.files[with.Ref]
}

// Progress records the percentage.
func (h *Host) Progress(percent int, _ string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.Percents = append(h.Percents, percent)
}

// Log records the line.
func (h *Host) Log(line string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.Lines = append(h.Lines, line)
}

// Heartbeat counts.
func (h *Host) Heartbeat() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.Beats++
}

// Info returns Run.
func (h *Host) Info() sdk.Info { return h.Run }

// Open returns a file that AddFile or Save stored.
func (h *Host) Open(_ context.Context, file sdk.File) (io.ReadCloser, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	content, found := h.files[file.Ref]
	if !found {
		return nil, errors.New("no such file: " + file.Ref)
	}
	return io.NopCloser(bytes.NewReader(content)), nil
}

// Save stores content.
func (h *Host) Save(_ context.Context, name, mediaType string, content io.Reader) (sdk.File, error) {
	raw, err := io.ReadAll(content)
	if err != nil {
		return sdk.File{}, err
	}
	return h.AddFile(name, mediaType, raw), nil
}

// Secret returns a value of Secrets; a name that is not there is the error that the server's answer makes.
func (h *Host) Secret(_ context.Context, name string) (string, error) {
	value, found := h.Secrets[name]
	if !found {
		return "", sdk.Permanent(sdk.Failure(sdk.CodeSecret, errors.New("no such secret: "+name)))
	}
	return value, nil
}

// Call runs a node with an input and decodes its output into O.
func Call[O any](t testing.TB, node sdk.Node, host *Host, input any) (O, error) {
	t.Helper()
	var output O
	raw, err := json.Marshal(input)
	if err != nil {
		t.Fatalf("encode the input: %v", err)
	}
	answer, err := node.Run(sdk.WithHost(t.Context(), host), raw)
	if err != nil {
		return output, err
	}
	if err := json.Unmarshal(answer, &output); err != nil {
		return output, fmt.Errorf("decode the output %s: %w", answer, err)
	}
	return output, nil
}

// CallForPlan runs a node with an input and decodes the plan that it answers with. An output is an error.
func CallForPlan(t testing.TB, node sdk.Node, host *Host, input any) (wire.Plan, error) {
	t.Helper()
	raw, err := json.Marshal(input)
	if err != nil {
		t.Fatalf("encode the input: %v", err)
	}
	answer, err := node.Run(sdk.WithHost(t.Context(), host), raw)
	if err == nil {
		return wire.Plan{}, fmt.Errorf("the node answered with an output: %s", answer)
	}
	encoded, is := sdk.PlanOf(err)
	if !is {
		return wire.Plan{}, err
	}
	var plan wire.Plan
	if err := json.Unmarshal(encoded, &plan); err != nil {
		return wire.Plan{}, fmt.Errorf("decode the plan %s: %w", encoded, err)
	}
	return plan, nil
}
