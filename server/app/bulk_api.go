package app

import (
	"context"
	"encoding/json"
	"time"

	"github.com/taskurotta/taskurotta-go/server/bulk"
	"github.com/taskurotta/taskurotta-go/server/httpapi"
)

// bulkAPI shows operations on many processes to the API.
type bulkAPI struct{ bulk *bulk.Service }

var _ httpapi.Bulk = bulkAPI{}

func bulkFilter(f *httpapi.BulkFilter) *bulk.Filter {
	if f == nil {
		return nil
	}
	return &bulk.Filter{
		CustomID: f.CustomID, CustomIDPrefix: f.CustomIDPrefix, CustomIDs: f.CustomIDs, Definition: f.Definition, Version: f.Version, States: f.State,
		StartedFrom: f.StartedFrom, StartedTo: f.StartedTo, ErrorCode: f.ErrorCode, NodeID: f.NodeID, Worker: f.Worker, Outermost: f.Outermost,
		ErrorGroup: f.ErrorGroup, ErrorText: f.ErrorText, OpenedFrom: f.OpenedFrom, OpenedTo: f.OpenedTo,
	}
}

func apiBulkFilter(f *bulk.Filter) *httpapi.BulkFilter {
	if f == nil {
		return nil
	}
	return &httpapi.BulkFilter{
		CustomID: f.CustomID, CustomIDPrefix: f.CustomIDPrefix, CustomIDs: f.CustomIDs, Definition: f.Definition, Version: f.Version, State: f.States,
		StartedFrom: f.StartedFrom, StartedTo: f.StartedTo, ErrorCode: f.ErrorCode, NodeID: f.NodeID, Worker: f.Worker, Outermost: f.Outermost,
		ErrorGroup: f.ErrorGroup, ErrorText: f.ErrorText, OpenedFrom: f.OpenedFrom, OpenedTo: f.OpenedTo,
	}
}

func bulkOptions(o httpapi.BulkOptions) bulk.Options {
	out := bulk.Options{Output: json.RawMessage(o.Output), Patch: json.RawMessage(o.Patch), Priority: o.Priority, Node: o.Node, Version: o.Version}
	if m := o.Message; m != nil {
		out.Message = &bulk.MessageOptions{Name: m.Name, Key: m.Key, Payload: json.RawMessage(m.Payload)}
	}
	return out
}

func apiBulkOptions(o bulk.Options) httpapi.BulkOptions {
	out := httpapi.BulkOptions{Output: httpapi.Object(o.Output), Patch: httpapi.Object(o.Patch), Priority: o.Priority, Node: o.Node, Version: o.Version}
	if m := o.Message; m != nil {
		out.Message = &httpapi.BulkMessage{Name: m.Name, Key: m.Key, Payload: httpapi.Object(m.Payload)}
	}
	return out
}

func apiBulkCounts(counts []bulk.Count, skip bulk.ItemState) []httpapi.BulkCount {
	out := []httpapi.BulkCount{}
	for _, c := range counts {
		if c.State != skip {
			out = append(out, httpapi.BulkCount{State: string(c.State), Code: c.Code, Count: c.N})
		}
	}
	return out
}

func apiBulkJob(j bulk.Job) httpapi.BulkJob {
	out := httpapi.BulkJob{
		ID: j.ID, Operation: string(j.Operation), Filter: apiBulkFilter(j.Filter), Reason: j.Reason, State: string(j.State), Total: j.Total,
		Options: apiBulkOptions(j.Options),
		Pending: j.Total - j.Decided(), Done: j.Of(bulk.Done), Refused: j.Of(bulk.Refused), Failed: j.Of(bulk.Failed),
		DryRun: apiBulkCounts(j.Plan, ""), Reasons: apiBulkCounts(j.Counts, bulk.Done), Rate: j.Rate(),
		CreatedAt: j.CreatedAt.UTC(), CreatedBy: j.CreatedBy, StartedAt: utc(j.StartedAt), RunBy: j.RunBy, AbortedBy: j.AbortedBy, EndedAt: utc(j.EndedAt),
	}
	if eta := j.ETA(); eta != nil {
		ms := eta.Milliseconds()
		out.ETAMS = &ms
	}
	return out
}

func apiBulkItem(i bulk.Item) httpapi.BulkItem {
	return httpapi.BulkItem{
		Seq: i.Seq, ProcessID: i.ProcessID, TaskID: i.TaskID, CustomID: i.CustomID, NodeID: i.NodeID, State: string(i.State),
		Code: i.Code, Message: i.Message, Issues: apiIssues(i.Issues), ResultID: i.ResultID, EndedAt: utc(i.EndedAt),
	}
}

func (a bulkAPI) CreateJob(ctx context.Context, c httpapi.CreateBulkJob) (httpapi.BulkJob, error) {
	job, err := a.bulk.Create(ctx, bulk.Create{
		Actor: c.Actor, Operation: bulk.Operation(c.Operation), Filter: bulkFilter(c.Filter), IDs: c.IDs, Reason: c.Reason, Options: bulkOptions(c.Options),
	})
	return apiBulkJob(job), err
}

func (a bulkAPI) RunJob(ctx context.Context, r httpapi.RunBulkJob) (httpapi.BulkJob, error) {
	run := bulk.Run{Actor: r.Actor, ID: r.ID, Reason: r.Reason}
	if r.Options != nil {
		options := bulkOptions(*r.Options)
		run.Options = &options
	}
	job, err := a.bulk.Run(ctx, run)
	return apiBulkJob(job), err
}

func (a bulkAPI) AbortJob(ctx context.Context, id, actor string) (httpapi.BulkJob, error) {
	job, err := a.bulk.Abort(ctx, id, actor)
	return apiBulkJob(job), err
}

func (a bulkAPI) BulkJob(ctx context.Context, id string) (httpapi.BulkJob, error) {
	job, err := a.bulk.Job(ctx, id)
	return apiBulkJob(job), err
}

func (a bulkAPI) BulkJobs(ctx context.Context, states []string, cursor string, limit int) (httpapi.Page[httpapi.BulkJob], error) {
	jobs, next, err := a.bulk.Jobs(ctx, mapped(states, func(s string) bulk.State { return bulk.State(s) }), cursor, limit)
	return httpapi.Page[httpapi.BulkJob]{Items: mapped(jobs, apiBulkJob), NextCursor: next}, err
}

func (a bulkAPI) BulkItems(ctx context.Context, id string, states []string, cursor string, limit int) (httpapi.Page[httpapi.BulkItem], error) {
	items, next, err := a.bulk.Items(ctx, id, mapped(states, func(s string) bulk.ItemState { return bulk.ItemState(s) }), cursor, limit)
	return httpapi.Page[httpapi.BulkItem]{Items: mapped(items, apiBulkItem), NextCursor: next}, err
}

func utc(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	u := t.UTC()
	return &u
}
