package engine

import (
	"bytes"
	"encoding/json"

	"github.com/taskurotta/taskurotta-go/designer/strictjson"
	"github.com/taskurotta/taskurotta-go/fault"
)

// checkInput answers what is wrong with an input, nil when nothing is. The input must be a JSON object of a bounded size, and
// satisfy the version's JSON Schema if there is one. Issues point below /input.
func (c *compiled) checkInput(input json.RawMessage, most int) error {
	if len(input) > most {
		return fault.Newf(fault.TooLarge, "process.input_too_large", "the input is larger than %d bytes", most)
	}
	if issue := objectIssue(input, "/input"); issue != nil {
		return fault.New(fault.Invalid, "process.input_invalid", "the input is not a JSON object that can be kept").WithIssues(*issue)
	}
	if c.check == nil {
		return nil
	}
	issues := c.check.Check(input)
	if len(issues) == 0 {
		return nil
	}
	for i := range issues {
		issues[i].Path = "/input" + issues[i].Path
	}
	return fault.New(fault.Invalid, "process.input_invalid", "the input does not satisfy the schema of the start").WithIssues(issues...)
}

// objectIssue answers what keeps a value from being a JSON object that PostgreSQL stores and expressions read; nil when
// nothing does. root is the JSON pointer of the value. Sizes are the caller's affair.
func objectIssue(value json.RawMessage, root string) *fault.Issue {
	issue := strictjson.Check(value, strictjson.Limits{Bytes: len(value)})
	if issue == nil && bytes.TrimSpace(value)[0] != '{' {
		issue = &fault.Issue{Code: "json.not_object", Message: "this is not a JSON object"}
	}
	if issue != nil {
		issue.Path = root + issue.Path
	}
	return issue
}
