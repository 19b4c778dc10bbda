package cli

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/taskurotta/taskurotta-go/server/config"
	"github.com/taskurotta/taskurotta-go/server/httpapi"
)

// incidentQuery is what narrows open incidents, as the API takes it.
func (s *session) incidentQuery(w config.IncidentWhich) (url.Values, error) {
	query := url.Values{}
	for name, value := range map[string]string{"definition": w.Definition, "node_id": w.Node, "code": w.Code, "group": w.Group, "text": w.Text} {
		set(query, name, value)
	}
	for name, value := range map[string]string{"opened_from": w.OpenedFrom, "opened_to": w.OpenedTo} {
		at, err := s.moment("--"+map[string]string{"opened_from": "opened-from", "opened_to": "opened-to"}[name], value, -1)
		if err != nil {
			return nil, err
		}
		if at != nil {
			set(query, name, at.Format(time.RFC3339Nano))
		}
	}
	return query, nil
}

func (s *session) incidents(ctx context.Context, c config.IncidentList) error {
	query, err := s.incidentQuery(c.IncidentWhich)
	if err != nil {
		return err
	}
	found, err := s.list(ctx, "/incidents", query, c.Page, 200)
	if err != nil {
		return err
	}
	return showList(s, found, []string{"OPENED", "CUSTOM ID", "PROCESS", "DEFINITION", "NODE", "TASK", "GROUP", "ERROR"}, func(i httpapi.Incident) []cell {
		opened := i.OpenedAt
		return []cell{plain(s.when(&opened)), plain(i.CustomID), plain(i.ProcessID), plain(fmt.Sprintf("%s v%d", i.Definition, i.Version)),
			plain(i.NodeID), plain(i.TaskID), plain(i.Group), plain(fault(i.Code, i.Message))}
	})
}

func (s *session) incidentGroups(ctx context.Context, c config.IncidentList) error {
	query, err := s.incidentQuery(c.IncidentWhich)
	if err != nil {
		return err
	}
	found, err := s.list(ctx, "/incident-groups", query, c.Page, 200)
	if err != nil {
		return err
	}
	return showList(s, found, []string{"COUNT", "DEFINITION", "NODE", "FIRST", "LAST", "GROUP", "NEWEST", "ERROR"}, func(g httpapi.IncidentGroup) []cell {
		first, last, newest := g.FirstOpenedAt, g.LastOpenedAt, ""
		if len(g.Samples) > 0 {
			newest = g.Samples[0].CustomID
		}
		return []cell{plain(strconv.FormatInt(g.Count, 10)), plain(g.Definition), plain(g.NodeID), plain(s.when(&first)), plain(s.when(&last)), plain(g.Group),
			plain(newest), plain(fault(g.Code, g.Shape))}
	})
}

// incidentJob prepares a job for the incidents that match, and runs it when there is a reason.
func (s *session) incidentJob(ctx context.Context, operation string, w config.IncidentWhich, c config.IncidentJob, options httpapi.BulkOptions) error {
	if w == (config.IncidentWhich{}) && !c.Everything {
		return usage("Say which incidents, or --everything.")
	}
	from, err := s.moment("--opened-from", w.OpenedFrom, -1)
	if err != nil {
		return err
	}
	to, err := s.moment("--opened-to", w.OpenedTo, -1)
	if err != nil {
		return err
	}
	filter := httpapi.BulkFilter{Definition: w.Definition, NodeID: w.Node, ErrorCode: w.Code, ErrorGroup: w.Group, ErrorText: w.Text, OpenedFrom: from, OpenedTo: to}
	if filter.ErrorGroup == "" && filter.NodeID == "" && filter.ErrorText == "" && from == nil && to == nil {
		begin := time.Unix(0, 0).UTC()
		filter.OpenedFrom = &begin // whatever has an incident, and nothing else
	}
	return s.newBulk(ctx, operation, filter, options, c.Why)
}

func (s *session) retryIncidents(ctx context.Context, c config.IncidentRetry) error {
	change, err := s.object("--change", c.Change)
	if err != nil {
		return err
	}
	return s.incidentJob(ctx, "retry", c.IncidentWhich, c.IncidentJob, httpapi.BulkOptions{Patch: httpapi.Object(change)})
}

func (s *session) skipIncidents(ctx context.Context, c config.IncidentSkip) error {
	value, err := s.object("--value", c.Value)
	if err != nil {
		return err
	}
	return s.incidentJob(ctx, "skip", c.IncidentWhich, c.IncidentJob, httpapi.BulkOptions{Output: httpapi.Object(value)})
}

func (s *session) cancelIncidents(ctx context.Context, c config.IncidentCancel) error {
	return s.incidentJob(ctx, "cancel", c.IncidentWhich, c.IncidentJob, httpapi.BulkOptions{})
}
