package worker

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/taskurotta/taskurotta-go/workers/sdk"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// shortestHidden is the length of a value that is hidden: shorter ones are found in too much that is none.
const shortestHidden = 6

const hidden = "•••"

// hide remembers a value that a handler was given: until the attempt ends it must not leave the worker in a log, a message or an output.
func (r *run) hide(value string) {
	if len(value) < shortestHidden {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.secrets = append(r.secrets, value)
	if escaped, err := json.Marshal(value); err == nil && string(escaped[1:len(escaped)-1]) != value {
		r.secrets = append(r.secrets, string(escaped[1:len(escaped)-1]))
	}
}

// redacted is a text without the values of secrets. The caller holds mu.
func (r *run) redacted(text string) string {
	for _, value := range r.secrets {
		text = strings.ReplaceAll(text, value, hidden)
	}
	return text
}

// checkSecrets refuses an output that holds the value of a secret: outputs are process data, which people read.
func (r *run) checkSecrets(output []byte) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, value := range r.secrets {
		if bytes.Contains(output, []byte(value)) {
			return &sdk.Error{Class: wire.ErrorPermanent, Code: sdk.CodeSecretShown, Message: "the output holds the value of a secret"}
		}
	}
	return nil
}
