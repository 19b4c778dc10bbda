package httpapi

import "context"

// fakeBulk knows one job, which would delete.
type fakeBulk struct{ *fake }

func (f fakeBulk) CreateJob(ctx context.Context, c CreateBulkJob) (BulkJob, error) {
	return BulkJob{ID: knownTask, Operation: c.Operation, State: "draft"}, f.called(ctx, "create bulk job")
}

func (f fakeBulk) RunJob(ctx context.Context, r RunBulkJob) (BulkJob, error) {
	return BulkJob{ID: r.ID, State: "running"}, f.called(ctx, "run bulk job")
}

func (f fakeBulk) AbortJob(ctx context.Context, id, _ string) (BulkJob, error) {
	return BulkJob{ID: id, State: "aborting"}, f.called(ctx, "abort bulk job")
}

func (f fakeBulk) BulkJob(ctx context.Context, id string) (BulkJob, error) {
	operation := "cancel"
	if id == knownTask {
		operation = "delete"
	}
	return BulkJob{ID: id, Operation: operation, State: "draft"}, f.called(ctx, "bulk job")
}

func (f fakeBulk) BulkJobs(ctx context.Context, _ []string, _ string, _ int) (Page[BulkJob], error) {
	return Page[BulkJob]{}, f.called(ctx, "bulk jobs")
}

func (f fakeBulk) BulkItems(ctx context.Context, _ string, _ []string, _ string, _ int) (Page[BulkItem], error) {
	return Page[BulkItem]{}, f.called(ctx, "bulk items")
}
