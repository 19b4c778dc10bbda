package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/taskurotta/taskurotta-go/server/config"
	"github.com/taskurotta/taskurotta-go/server/httpapi"
)

// prepareBulk takes a snapshot of what matches and shows what would happen; with a reason it is done at once.
func (s *session) prepareBulk(ctx context.Context, c config.BulkPrepare) error {
	filter := httpapi.BulkFilter{
		CustomID: c.CustomID, CustomIDPrefix: c.Prefix, Definition: c.Definition, Version: c.Version, State: c.State, ErrorCode: c.ErrorCode, NodeID: c.Node, Outermost: c.Outermost,
	}
	var err error
	if filter.StartedFrom, err = s.moment("--started-from", c.StartedFrom, -1); err != nil {
		return err
	}
	if filter.StartedTo, err = s.moment("--started-to", c.StartedTo, -1); err != nil {
		return err
	}
	if !c.Everything && c.CustomID+c.Prefix+c.Definition+c.ErrorCode+c.Node+c.StartedFrom+c.StartedTo == "" && len(c.State) == 0 {
		return usage("Say which processes, or --everything.")
	}
	switch {
	case (c.Operation == "restart_from" || c.Operation == "fire") && c.Step == "":
		return usage("Say which step is meant: --step.")
	case c.Operation == "migrate" && c.ToVersion == 0:
		return usage("Say in which version the processes are to go on: --to-version.")
	case c.Operation == "message" && c.Message == "":
		return usage("Say which message is meant: --message.")
	}
	value, err := s.object("--value", c.Value)
	if err != nil {
		return err
	}
	options := httpapi.BulkOptions{Output: httpapi.Object(value), Priority: c.Priority, Node: c.Step, Version: c.ToVersion}
	if c.Message != "" {
		payload, err := s.object("--payload", c.Payload)
		if err != nil {
			return err
		}
		options.Message = &httpapi.BulkMessage{Name: c.Message, Key: c.Key, Payload: httpapi.Object(payload)}
	}
	return s.newBulk(ctx, c.Operation, filter, options, c.Why)
}

// newBulk prepares a job, and runs it when there is a reason.
func (s *session) newBulk(ctx context.Context, operation string, filter httpapi.BulkFilter, options httpapi.BulkOptions, why string) error {
	body := struct {
		Operation string              `json:"operation"`
		Filter    httpapi.BulkFilter  `json:"filter"`
		Options   httpapi.BulkOptions `json:"options"`
		Reason    string              `json:"reason,omitempty"`
		DryRun    bool                `json:"dry_run"`
	}{operation, filter, options, why, why == ""}
	raw, err := s.send(ctx, http.MethodPost, "/bulk-jobs", body, nil)
	if err != nil {
		return err
	}
	return s.bulkJob(raw)
}

func (s *session) runBulk(ctx context.Context, c config.BulkRun) error {
	raw, err := s.send(ctx, http.MethodPost, "/bulk-jobs/"+c.Job+"/run", map[string]string{"reason": c.Reason.Reason}, nil)
	if err != nil {
		return err
	}
	return s.bulkJob(raw)
}

func (s *session) abortBulk(ctx context.Context, c config.BulkShow) error {
	raw, err := s.send(ctx, http.MethodPost, "/bulk-jobs/"+c.Job+"/abort", nil, nil)
	if err != nil {
		return err
	}
	return s.bulkJob(raw)
}

func (s *session) showBulk(ctx context.Context, c config.BulkShow) error {
	raw, err := s.get(ctx, "/bulk-jobs/"+c.Job, nil)
	if err != nil {
		return err
	}
	return s.bulkJob(raw)
}

func (s *session) bulkJob(raw json.RawMessage) error {
	job, err := decoded[httpapi.BulkJob](raw)
	if err != nil {
		return err
	}
	return s.answer(raw, func() error {
		created := job.CreatedAt
		s.lines([][2]string{
			{"id", job.ID}, {"operation", job.Operation}, {"state", job.State}, {"reason", job.Reason},
			{"in all", strconv.FormatInt(job.Total, 10)}, {"to be done", strconv.FormatInt(job.Pending, 10)}, {"done", strconv.FormatInt(job.Done, 10)},
			{"refused", strconv.FormatInt(job.Refused, 10)}, {"failed", strconv.FormatInt(job.Failed, 10)},
			{"created", s.when(&created) + " " + job.CreatedBy}, {"started", s.when(job.StartedAt)}, {"ended", s.when(job.EndedAt)}, {"aborted by", job.AbortedBy},
		})
		for _, count := range job.Reasons {
			s.say("%-15s %d %s", count.State, count.Count, count.Code)
		}
		if job.State == "draft" {
			s.note("nothing has happened yet: start it with  taskurotta bulk run %s --reason …", job.ID)
		}
		return nil
	})
}

func (s *session) bulkJobs(ctx context.Context, c config.BulkList) error {
	found, err := s.list(ctx, "/bulk-jobs", url.Values{}, c.Page, 200)
	if err != nil {
		return err
	}
	return showList(s, found, []string{"ID", "OPERATION", "STATE", "DONE", "REFUSED", "FAILED", "STARTED", "BY", "REASON"}, func(j httpapi.BulkJob) []cell {
		return []cell{plain(j.ID), plain(j.Operation), plain(j.State), plain(fmt.Sprintf("%d/%d", j.Done, j.Total)), plain(strconv.FormatInt(j.Refused, 10)),
			plain(strconv.FormatInt(j.Failed, 10)), plain(s.when(j.StartedAt)), plain(j.RunBy), plain(j.Reason)}
	})
}

func (s *session) bulkItems(ctx context.Context, c config.BulkItems) error {
	query := url.Values{}
	set(query, "state", strings.Join(c.State, ","))
	found, err := s.list(ctx, "/bulk-jobs/"+c.Job+"/items", query, c.Page, 200)
	if err != nil {
		return err
	}
	return showList(s, found, []string{"CUSTOM ID", "PROCESS", "NODE", "STATE", "WHY"}, func(i httpapi.BulkItem) []cell {
		return []cell{plain(i.CustomID), plain(i.ProcessID), plain(i.NodeID), plain(i.State), plain(fault(i.Code, i.Message))}
	})
}
