package validate

import (
	"encoding/json"
	"fmt"
	"regexp"

	"github.com/taskurotta/taskurotta-go/designer/graph"
)

// Call names what a call activity calls. Version 0 is the latest.
type Call struct {
	Definition string
	Version    int
}

// Target is what is known of a called definition.
type Target struct {
	Known     bool            // there is such a definition
	Published bool            // it has that version, or any when the latest is called
	Document  *graph.Document // of the version; nil when there is none
}

// CallsOf lists what a document calls, each once.
func CallsOf(doc *graph.Document) []Call {
	var calls []Call
	seen := map[Call]bool{}
	for i := range doc.Nodes {
		n := &doc.Nodes[i]
		if n.Call == nil || !validDefinition.MatchString(n.Call.Definition) {
			continue
		}
		if c := (Call{n.Call.Definition, n.Call.Version}); !seen[c] {
			seen[c] = true
			calls = append(calls, c)
		}
	}
	return calls
}

var validDefinition = regexp.MustCompile(`^[a-z][a-z0-9-]{0,62}$`)

const maxVersion = 1_000_000

func (c *checker) call(node int, call *graph.CallActivity, at place) {
	given := c.mapping(node, call.Input, at.at("input"), false)
	c.text(node, call.CustomID, at.at("custom_id"))
	switch call.OnFailure {
	case "", graph.CallIncident, graph.CallContinue:
	default:
		c.add(CallFailure, at.at("on_failure"), "the policy "+clip(string(call.OnFailure))+" is not known", "policy", clip(string(call.OnFailure)))
	}
	if call.Version < 0 || call.Version > maxVersion {
		c.add(CallVersion, at.at("version"), fmt.Sprintf("a version is a number from 1 to %d", maxVersion), "definition", clip(call.Definition), "version", call.Version)
		return
	}
	if call.Definition == "" {
		c.add(CallMissing, at.at("definition"), "no definition is chosen")
		return
	}
	target := c.known.Calls[Call{call.Definition, call.Version}]
	switch {
	case c.known.Calls == nil:
		return
	case target == nil || !target.Known:
		c.add(CallUnknown, at.at("definition"), "there is no definition "+clip(call.Definition), "definition", clip(call.Definition))
	case !target.Published && call.Version > 0:
		c.add(CallVersion, at.at("version"), fmt.Sprintf("%s has no version %d", call.Definition, call.Version), "definition", call.Definition, "version", call.Version)
	case !target.Published:
		c.add(CallUnpublished, at.at("definition"), call.Definition+" has no published version yet: until it has, the call stops with an incident", "definition", call.Definition)
	}
	if schema := target.input(); len(schema) > 0 {
		c.fits(schema, call.Input, given, at.at("input"))
	}
}

func (t *Target) input() json.RawMessage {
	if t == nil || t.Document == nil {
		return nil
	}
	if at := t.Document.InputStart(); at >= 0 && t.Document.Nodes[at].Start != nil {
		return t.Document.Nodes[at].Start.InputSchema
	}
	return nil
}

// given is the schema of what a call gives; an empty one is anything.
func (c *checker) given(call *graph.CallActivity) json.RawMessage {
	target := c.known.Calls[Call{call.Definition, call.Version}]
	if target == nil || target.Document == nil || call.OnFailure == graph.CallContinue {
		return nil
	}
	return endsOf(target.Document, "")
}
