package app

import "github.com/taskurotta/taskurotta-go/fault"

// refuseInput answers what breaks an input schema.
func refuseInput(issues []fault.Issue) error {
	if len(issues) == 0 {
		return nil
	}
	return fault.New(fault.Invalid, "input.invalid", "The input does not fit the process's input schema.").WithIssues(issues...)
}
