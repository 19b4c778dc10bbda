package cli

import (
	"context"
	"net/http"
	"strconv"

	"github.com/taskurotta/taskurotta-go/server/config"
	"github.com/taskurotta/taskurotta-go/server/httpapi"
)

// drain orders workers to take no more tasks. That one of several drains already, or is too old to know the order, is in the table; when
// none obeys, the server says so and the command ends with its code.
func (s *session) drain(ctx context.Context, c config.WorkerDrain) error {
	subjects := 0
	for _, name := range []string{c.Worker, c.Pool, c.Host} {
		if name != "" {
			subjects++
		}
	}
	if subjects != 1 {
		return usage("Name one of a worker, --pool and --host.")
	}
	if c.Within < 0 {
		return usage("--within cannot be negative.")
	}
	body := map[string]any{"reason": c.Reason.Reason, "stay": c.Stay}
	for field, name := range map[string]string{"worker": c.Worker, "pool": c.Pool, "host": c.Host} {
		if name != "" {
			body[field] = name
		}
	}
	if c.Within > 0 {
		body["within_s"] = c.Within.Seconds()
	}
	raw, err := s.send(ctx, http.MethodPost, "/workers/drain", body, nil)
	if err != nil {
		return err
	}
	return s.answer(raw, func() error {
		answer, err := decoded[struct{ Items []httpapi.DrainedWorker }](raw)
		if err != nil {
			return err
		}
		list := table{head: []string{"WORKER", "POOL", "HOST", "BUSY", "OUTCOME"}}
		for _, d := range answer.Items {
			outcome := plain("draining")
			switch d.Outcome {
			case "already_draining":
				outcome = plain("drains already")
			case "too_old":
				outcome = cell{text: "its release does not know the order: stop the process with SIGTERM", tone: tones["incident"]}
			}
			list.add(plain(d.Worker), plain(d.Pool), plain(d.Host), plain(strconv.Itoa(d.Busy)), outcome)
		}
		return list.write(s)
	})
}
