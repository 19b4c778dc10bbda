package httpapi

import (
	"context"
	"net/http"
	"time"
)

// Usage is the figures of a chart.
type Usage struct {
	Since  *time.Time    `json:"since,omitempty" doc:"When the oldest figure that is kept begins: a younger installation has nothing before; absent without any"`
	From   time.Time     `json:"from" doc:"Begin of the first step"`
	StepS  int           `json:"step_s" doc:"Length of a step in seconds; a longer span has longer steps"`
	Steps  int           `json:"steps" doc:"Number of steps; the last one is not over yet"`
	Series []UsageSeries `json:"series"`
}

// UsageSeries is the figures of one name.
type UsageSeries struct {
	Name    string               `json:"name" doc:"Node type (name@major), pool, or key of a definition"`
	Metrics map[string][]float64 `json:"metrics" doc:"A value for each step. Sums, of a type: completed, failed, run_ms, wait_ms; of a definition: started, completed, failed, cancelled, incidents. Peaks, of a pool: waiting, running, slots, oldest_ms. What was always 0 is absent"`
}

type usageInput struct {
	Subject string `query:"subject" required:"true" enum:"type,pool,definition"`
	Name    string `query:"name" maxLength:"200" doc:"One name only"`
	Hours   int    `query:"hours" minimum:"1" maximum:"2184" default:"24" doc:"So long until now"`
}

type usageOutput struct {
	Body Usage
}

func (a *API) registerUsage() {
	add(a, operation{id: "readUsage", method: http.MethodGet, path: "/usage", tag: "workers", permission: PermProcessRead, summary: "Read the figures of charts",
		doc: "How much was done, failed and waited over time. The figures survive restarts; they are kept by the minute for two days and by the quarter of an hour for 90 days."}, a.readUsage)
}

func (a *API) readUsage(ctx context.Context, in *usageInput) (*usageOutput, error) {
	usage, err := a.config.Engine.Usage(ctx, in.Subject, in.Name, time.Duration(in.Hours)*time.Hour)
	if err != nil {
		return nil, err
	}
	usage.Series = list(usage.Series)
	return &usageOutput{Body: usage}, nil
}
