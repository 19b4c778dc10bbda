package httpapi

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/taskurotta/taskurotta-go/fault"
)

type createBulkInput struct {
	Body struct {
		Operation string      `json:"operation" enum:"retry,skip,cancel,suspend,resume,restart,restart_from,migrate,message,fire,delete,set_priority"`
		Filter    *BulkFilter `json:"filter,omitempty" doc:"Either this; {} means every process"`
		IDs       []string    `json:"ids,omitempty" maxItems:"10000" doc:"Or these processes"`
		Reason    string      `json:"reason,omitempty" maxLength:"1900" doc:"Why; may also come with the start"`
		Options   BulkOptions `json:"options,omitempty"`
		DryRun    *bool       `json:"dry_run,omitempty" doc:"false starts the job at once"`
	} `nameHint:"CreateBulkJob"`
}

// BulkJobPath names a job.
type BulkJobPath struct {
	ID string `path:"id" format:"uuid"`
}

type runBulkInput struct {
	BulkJobPath
	Body struct {
		Reason  string       `json:"reason,omitempty" maxLength:"1900" doc:"Why; required when the draft has none"`
		Options *BulkOptions `json:"options,omitempty" doc:"Instead of the draft's"`
	} `nameHint:"RunBulkJob"`
}

type bulkJobOutput struct{ Body BulkJob }

type bulkJobsInput struct {
	Paging
	State []string `query:"state" maxItems:"5" enum:"draft,running,aborting,aborted,finished" doc:"Any of these; absent: all but drafts"`
}

type bulkJobsOutput struct {
	Body struct {
		Items      []BulkJob `json:"items"`
		NextCursor string    `json:"next_cursor,omitempty"`
	} `nameHint:"BulkJobList"`
}

type bulkItemsInput struct {
	BulkJobPath
	Paging
	State []string `query:"state" maxItems:"4" enum:"pending,done,refused,failed" doc:"Any of these"`
}

type bulkItemsOutput struct {
	Body struct {
		Items      []BulkItem `json:"items"`
		NextCursor string     `json:"next_cursor,omitempty"`
	} `nameHint:"BulkItemList"`
}

func (a *API) registerBulk() {
	add(a, operation{id: "createBulkJob", method: http.MethodPost, path: "/bulk-jobs", tag: "bulk", permission: PermProcessOperate,
		status: http.StatusCreated, audit: "bulk.create", maxBody: 2 << 20, timeout: 2 * time.Minute, summary: "Prepare an operation on many processes",
		doc: "Takes a snapshot of what matches and judges each item: a dry run. Nothing changes before the job is started. restart_from and migrate are judged by where each process is, and take at most 20,000. delete also needs process.delete."}, a.createBulkJob)
	add(a, operation{id: "listBulkJobs", method: http.MethodGet, path: "/bulk-jobs", tag: "bulk", permission: PermProcessRead,
		summary: "List bulk jobs, newest first"}, a.listBulkJobs)
	add(a, operation{id: "getBulkJob", method: http.MethodGet, path: "/bulk-jobs/{id}", tag: "bulk", permission: PermProcessRead,
		summary: "Read a bulk job with its progress"}, a.getBulkJob)
	add(a, operation{id: "listBulkItems", method: http.MethodGet, path: "/bulk-jobs/{id}/items", tag: "bulk", permission: PermProcessRead,
		summary: "List what became of each item"}, a.listBulkItems)
	add(a, operation{id: "runBulkJob", method: http.MethodPost, path: "/bulk-jobs/{id}/run", tag: "bulk", permission: PermProcessOperate,
		audit: "bulk.run", maxBody: 512 << 10, summary: "Start a prepared job",
		doc: "Exactly the items of the snapshot that the dry run did not refuse are done, each at most once; one that has changed meanwhile is refused with the reason."}, a.runBulkJob)
	add(a, operation{id: "abortBulkJob", method: http.MethodPost, path: "/bulk-jobs/{id}/abort", tag: "bulk", permission: PermProcessOperate,
		audit: "bulk.abort", summary: "Abort a running job", doc: "Within a second nothing more of it happens; what is done stays done."}, a.abortBulkJob)
}

// mayBulk asks for what a single operation would ask for.
func mayBulk(who Identity, operation string) error {
	if operation == "delete" && !who.May(PermProcessDelete) {
		return fault.New(fault.Forbidden, "access.denied", "Deleting processes needs the permission process.delete.").
			WithIssues(fault.Issue{Code: "access.denied", Message: "process.delete", Params: map[string]any{"permission": string(PermProcessDelete)}})
	}
	return nil
}

// checkBulk refuses files: a file is given to one process at a time.
func checkBulk(who Identity, operation string, options *BulkOptions) error {
	if options != nil {
		values := []Object{options.Output, options.Patch}
		if options.Message != nil {
			values = append(values, options.Message.Payload)
		}
		if slices.ContainsFunc(values, namesFiles) {
			return fault.New(fault.Invalid, "bulk.files_unsupported", "The value of many tasks cannot name files.")
		}
	}
	return mayBulk(who, operation)
}

func auditedBulk(ctx context.Context, job *BulkJob) {
	audited(ctx, "bulk_job", job.ID, job.Reason, map[string]any{
		"operation": job.Operation, "filter": job.Filter, "total": job.Total, "pending": job.Pending, "refused": job.Refused,
	})
}

func (a *API) createBulkJob(ctx context.Context, in *createBulkInput) (*bulkJobOutput, error) {
	who := caller(ctx)
	if err := checkBulk(who, in.Body.Operation, &in.Body.Options); err != nil {
		return nil, err
	}
	job, err := a.config.Bulk.CreateJob(ctx, CreateBulkJob{
		Actor: who.Login, Operation: in.Body.Operation, Filter: in.Body.Filter, IDs: in.Body.IDs, Reason: in.Body.Reason, Options: in.Body.Options,
	})
	if err == nil && in.Body.DryRun != nil && !*in.Body.DryRun {
		job, err = a.config.Bulk.RunJob(ctx, RunBulkJob{Actor: who.Login, ID: job.ID})
	}
	if err != nil {
		return nil, err
	}
	auditedBulk(ctx, &job)
	return &bulkJobOutput{Body: job}, nil
}

func (a *API) runBulkJob(ctx context.Context, in *runBulkInput) (*bulkJobOutput, error) {
	who := caller(ctx)
	job, err := a.config.Bulk.BulkJob(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if err := checkBulk(who, job.Operation, in.Body.Options); err != nil {
		return nil, err
	}
	job, err = a.config.Bulk.RunJob(ctx, RunBulkJob{Actor: who.Login, ID: in.ID, Reason: in.Body.Reason, Options: in.Body.Options})
	if err != nil {
		return nil, err
	}
	auditedBulk(ctx, &job)
	return &bulkJobOutput{Body: job}, nil
}

func (a *API) abortBulkJob(ctx context.Context, in *BulkJobPath) (*bulkJobOutput, error) {
	job, err := a.config.Bulk.AbortJob(ctx, in.ID, caller(ctx).Login)
	if err != nil {
		return nil, err
	}
	auditedBulk(ctx, &job)
	return &bulkJobOutput{Body: job}, nil
}

func (a *API) getBulkJob(ctx context.Context, in *BulkJobPath) (*bulkJobOutput, error) {
	job, err := a.config.Bulk.BulkJob(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &bulkJobOutput{Body: job}, nil
}

func (a *API) listBulkJobs(ctx context.Context, in *bulkJobsInput) (*bulkJobsOutput, error) {
	page, err := a.config.Bulk.BulkJobs(ctx, in.State, in.Cursor, in.Limit)
	if err != nil {
		return nil, err
	}
	out := &bulkJobsOutput{}
	out.Body.Items, out.Body.NextCursor = list(page.Items), page.NextCursor
	return out, nil
}

func (a *API) listBulkItems(ctx context.Context, in *bulkItemsInput) (*bulkItemsOutput, error) {
	page, err := a.config.Bulk.BulkItems(ctx, in.ID, in.State, in.Cursor, in.Limit)
	if err != nil {
		return nil, err
	}
	out := &bulkItemsOutput{}
	out.Body.Items, out.Body.NextCursor = list(page.Items), page.NextCursor
	return out, nil
}
