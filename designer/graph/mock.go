package graph

import "encoding/json"

// Mock is what a step of a test run gives instead of doing what it does. Exactly one member is present.
type Mock struct {
	// Answer stands for a worker's answer: the input of the service task is built and kept, its result mapping is applied.
	Answer json.RawMessage `json:"answer,omitempty"`
	// Output is the output of an activity, a timer or a message event. Nothing of the step is evaluated; a list is not gone through.
	Output json.RawMessage `json:"output,omitempty"`
	// Error is the business error with which an activity fails.
	Error *MockError `json:"error,omitempty"`
}

// MockError is a business error.
type MockError struct {
	Code    string `json:"code"`
	Message string `json:"message,omitempty"`
}

// Fits tells whether steps of a kind may have the mock.
func (m *Mock) Fits(kind Kind) bool {
	set := 0
	for _, is := range []bool{m.Answer != nil, m.Output != nil, m.Error != nil} {
		if is {
			set++
		}
	}
	switch {
	case set != 1:
		return false
	case m.Answer != nil:
		return kind == KindServiceTask
	case m.Error != nil:
		return kind.Activity() && m.Error.Code != ""
	default:
		return kind.Activity() || kind == KindTimerEvent || kind == KindMessageEvent
	}
}
