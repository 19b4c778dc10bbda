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
	if c.Within < 0 {
		return usage("--within cannot be negative.")
	}
	body := map[string]any{"reason": c.Reason.Reason, "stay": c.Stay}
	if c.Within > 0 {
		body["within_s"] = c.Within.Seconds()
	}
	return s.tellWorkers(ctx, "/workers/drain", c.Worker, c.Pool, c.Host, body)
}

// undrain takes such orders back.
func (s *session) undrain(ctx context.Context, c config.WorkerUndrain) error {
	return s.tellWorkers(ctx, "/workers/undrain", c.Worker, c.Pool, c.Host, map[string]any{"reason": c.Reason.Reason})
}

// tellWorkers gives an order to one worker, or to all of a pool or a host, and shows what became of it.
func (s *session) tellWorkers(ctx context.Context, path, worker, pool, host string, body map[string]any) error {
	subjects := 0
	for field, name := range map[string]string{"worker": worker, "pool": pool, "host": host} {
		if name != "" {
			subjects++
			body[field] = name
		}
	}
	if subjects != 1 {
		return usage("Name one of a worker, --pool and --host.")
	}
	raw, err := s.send(ctx, http.MethodPost, path, body, nil)
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
			list.add(plain(d.Worker), plain(d.Pool), plain(d.Host), plain(strconv.Itoa(d.Busy)), drainOutcome(d.Outcome))
		}
		return list.write(s)
	})
}

func drainOutcome(outcome string) cell {
	switch outcome {
	case "already_draining":
		return plain("drains already")
	case "too_old":
		return cell{text: "its release does not know the order: stop the process with SIGTERM", tone: tones["incident"]}
	case "taken_back":
		return plain("takes tasks again")
	case "not_drained":
		return plain("is not drained")
	case "leaving":
		return plain("is leaving already")
	}
	return plain(outcome)
}
