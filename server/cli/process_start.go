package cli

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/taskurotta/taskurotta-go/server/config"
	"github.com/taskurotta/taskurotta-go/server/httpapi"
)

type startBody struct {
	Definition string          `json:"definition"`
	Version    int             `json:"version,omitempty"`
	CustomID   string          `json:"custom_id,omitempty"`
	Input      json.RawMessage `json:"input,omitempty"`
	Priority   int             `json:"priority,omitempty"`
	StartAt    *time.Time      `json:"start_at,omitempty"`
}

func (s *session) start(ctx context.Context, c config.ProcessStart) error {
	input, err := s.object("--input", c.Input)
	if err != nil {
		return err
	}
	startAt, err := s.moment("--start-at", c.StartAt, 1)
	if err != nil {
		return err
	}
	if c.Timeout < 0 || c.Timeout > 0 && !c.Wait {
		return usage("--timeout goes with --wait, and is not negative.")
	}
	files, err := attachments(c.File, input)
	if err != nil {
		return err
	}
	defer closeAll(files)
	if input, err = s.uploaded(ctx, input, files); err != nil {
		return err
	}
	header := map[string]string{}
	if c.IdempotencyKey != "" {
		header["Idempotency-Key"] = c.IdempotencyKey
	}
	raw, err := s.send(ctx, http.MethodPost, "/processes", startBody{
		Definition: c.Definition, Version: c.Version, CustomID: c.CustomID, Input: input, Priority: c.Priority, StartAt: startAt,
	}, header)
	if err != nil {
		return err
	}
	started, err := decoded[httpapi.StartedProcess](raw)
	if err != nil {
		return err
	}
	if !s.json || !c.Wait {
		err := s.answer(raw, func() error {
			word := "started"
			if started.Existing {
				word = "had been started before:"
			}
			s.say("%s %s", word, started.ID)
			return nil
		})
		if err != nil {
			return err
		}
	}
	if !c.Wait {
		return nil
	}
	return s.wait(ctx, started.ID, c.Timeout)
}

// outage is how long a wait bears with a server that is away: a restart behind a balancer is no reason to give up.
const outage = time.Minute

// wait looks until the process ends or an incident holds it, writes it, and fails unless it completed.
func (s *session) wait(ctx context.Context, id string, timeout time.Duration) error {
	began, answered := s.Now(), s.Now()
	pause := 50 * time.Millisecond
	for {
		raw, err := s.get(ctx, "/processes/"+id, nil)
		switch {
		case err == nil:
			answered = s.Now()
			process, err := decoded[httpapi.Process](raw)
			if err != nil {
				return err
			}
			if over(process.State) {
				return s.ended(raw, process)
			}
			if timeout > 0 && s.Now().Sub(began) >= timeout {
				if err := s.answer(raw, func() error { return nil }); err != nil {
					return err
				}
				return failed(NotCompleted, "cli.timeout", "The process %s is %s after %s.", id, process.State, timeout)
			}
		case ExitOf(err) != Unavailable || s.Now().Sub(answered) >= outage:
			return err
		case timeout > 0 && s.Now().Sub(began) >= timeout:
			return failed(NotCompleted, "cli.timeout", "The process %s was not seen to end within %s: %v", id, timeout, err)
		}
		if timeout > 0 {
			pause = min(pause, max(time.Millisecond, timeout-s.Now().Sub(began)))
		}
		next := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			next.Stop()
			return failed(Failure, "cli.interrupted", "Interrupted; the process %s goes on.", id)
		case <-next.C:
		}
		pause = min(2*time.Second, pause*3/2)
	}
}

// over reports whether a wait is over: waiting for somebody to mend an incident is not for scripts.
func over(state string) bool {
	return state == "completed" || state == "failed" || state == "cancelled" || state == "incident"
}

func (s *session) ended(raw json.RawMessage, process httpapi.Process) error {
	err := s.answer(raw, func() error {
		s.say("%s after %s", process.State, s.took(process.StartedAt, process.EndedAt))
		return nil
	})
	if err != nil || process.State == "completed" {
		return err
	}
	e := failed(NotCompleted, "cli.not_completed", "The process %s is %s.", process.ID, process.State)
	if process.ErrorCode != "" {
		e.Message = "The process " + process.ID + " is " + process.State + ": " + process.ErrorCode + " " + process.ErrorMessage
	}
	return e
}
