package catalog

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"github.com/taskurotta/taskurotta-go/designer/schema"
	"github.com/taskurotta/taskurotta-go/fault"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

var (
	validName = regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$`)
	validIcon = regexp.MustCompile(`^[a-z0-9-]{0,60}$`)
)

// The bounds of a descriptor.
const (
	maxName   = 100
	maxTitle  = 200
	maxDoc    = 5_000
	maxErrors = 100
)

// malformed says why a descriptor is none; empty when it is one.
func malformed(d wire.Descriptor) string {
	switch {
	case !validName.MatchString(d.Name) || len(d.Name) > maxName:
		return "its name is not made of lower-case words joined by dots"
	case d.Major < 1 || d.Major > 9999:
		return "its major is not 1 to 9999"
	case !validIcon.MatchString(d.Icon):
		return "its icon is not the name of a Tabler icon"
	case len(d.Errors) > maxErrors:
		return fmt.Sprintf("it has more than %d errors", maxErrors)
	}
	if reason := texts(d); reason != "" {
		return reason
	}
	for _, part := range []struct {
		name string
		raw  json.RawMessage
	}{{"input", d.InputSchema}, {"output", d.OutputSchema}} {
		if _, err := schema.Compile(part.raw, schema.Rules{}); err != nil {
			return fmt.Sprintf("its %s schema is not valid: %s", part.name, reasonOf(err))
		}
	}
	return ""
}

// reasonOf is what an invalid schema's author needs: where and what.
func reasonOf(err error) string {
	refused := fault.As(err)
	if refused == nil || len(refused.Issues) == 0 {
		return err.Error()
	}
	if refused.Issues[0].Path == "" {
		return refused.Issues[0].Message
	}
	return refused.Issues[0].Path + ": " + refused.Issues[0].Message
}

// texts refuses texts that are too long, or hold what PostgreSQL's jsonb does not.
func texts(d wire.Descriptor) string {
	type limited struct {
		name  string
		text  wire.Text
		bytes int
	}
	all := []limited{{"title", d.Title, maxTitle}, {"doc", d.Doc, maxDoc}, {"category", d.Category, maxTitle}}
	for _, code := range d.Errors {
		if code.Code == "" || len(code.Code) > maxName || strings.ContainsRune(code.Code, 0) {
			return "one of its errors has no proper code"
		}
		all = append(all, limited{"title of the error " + code.Code, code.Title, maxTitle})
	}
	for _, part := range all {
		for _, text := range []string{part.text.EN, part.text.RU} {
			if len(text) > part.bytes {
				return fmt.Sprintf("its %s is longer than %d bytes", part.name, part.bytes)
			}
			if strings.ContainsRune(text, 0) {
				return fmt.Sprintf("its %s holds the character U+0000", part.name)
			}
		}
	}
	return ""
}

// Hash is the SHA-256, in hexadecimal, over a descriptor without its hash, as JSON with sorted names. The catalog makes it
// itself: what a worker sends as the hash decides nothing.
func Hash(d wire.Descriptor) (string, error) {
	d.Hash = ""
	raw, err := json.Marshal(d)
	if err != nil {
		return "", err
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var members any
	if err := decoder.Decode(&members); err != nil {
		return "", err
	}
	if raw, err = json.Marshal(members); err != nil {
		return "", err
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:]), nil
}
