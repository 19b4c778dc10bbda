package httpapi

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"
)

const (
	auditQueue   = 4096
	auditBatch   = 500
	auditTimeout = 15 * time.Second
)

var errAuditStopped = errors.New("the audit is closed")

// auditTrail writes records in groups: whatever came while the last group was written. A change whose answer waits for its
// record costs one more commit shared by all that wait; a start, which its process row and history tell of anyway, does not
// wait.
type auditTrail struct {
	audit Audit
	log   *slog.Logger
	queue chan auditJob
	stop  chan struct{}
	done  chan struct{}

	start, end sync.Once
}

type auditJob struct {
	entry AuditEntry
	reply chan error // nil: nobody waits
}

func newAuditTrail(audit Audit, log *slog.Logger) *auditTrail {
	return &auditTrail{audit: audit, log: log, queue: make(chan auditJob, auditQueue), stop: make(chan struct{}), done: make(chan struct{})}
}

// Start begins to write.
func (t *auditTrail) Start() { t.start.Do(func() { go t.run() }) }

// Stop writes what is queued and ends.
func (t *auditTrail) Stop() {
	t.start.Do(func() { close(t.done) })
	t.end.Do(func() { close(t.stop) })
	<-t.done
}

// add queues a record; with wait it returns once the record is stored.
func (t *auditTrail) add(ctx context.Context, entry AuditEntry, wait bool) error {
	job := auditJob{entry: entry}
	if wait {
		job.reply = make(chan error, 1)
	}
	select {
	case <-t.stop:
		return errAuditStopped
	default:
	}
	select {
	case t.queue <- job:
	case <-t.stop:
		return errAuditStopped
	case <-ctx.Done():
		return ctx.Err()
	}
	if !wait {
		return nil
	}
	select {
	case err := <-job.reply:
		return err
	case <-t.done:
		return errAuditStopped
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (t *auditTrail) run() {
	defer close(t.done)
	for {
		select {
		case job := <-t.queue:
			t.write(t.collect(job))
		case <-t.stop:
			for {
				select {
				case job := <-t.queue:
					t.write(t.collect(job))
				default:
					return
				}
			}
		}
	}
}

func (t *auditTrail) collect(first auditJob) []auditJob {
	jobs := []auditJob{first}
	for len(jobs) < auditBatch {
		select {
		case job := <-t.queue:
			jobs = append(jobs, job)
		default:
			return jobs
		}
	}
	return jobs
}

// write stores a group. It has a deadline of its own: a record must survive the request that made it.
func (t *auditTrail) write(jobs []auditJob) {
	ctx, cancel := context.WithTimeout(context.Background(), auditTimeout)
	defer cancel()
	entries := make([]AuditEntry, len(jobs))
	for i, job := range jobs {
		entries[i] = job.entry
	}
	err := t.audit.Record(ctx, entries)
	for _, job := range jobs {
		if job.reply != nil {
			job.reply <- err
		}
		if err != nil { // the log is then the only place that knows of the change
			t.log.Error("audit record lost", "actor", job.entry.Actor, "action", job.entry.Action, "subject_kind", job.entry.SubjectKind,
				"subject_id", job.entry.SubjectID, "reason", job.entry.Reason, "request_id", job.entry.RequestID, "error", err)
		}
	}
}

// record stores what a handler said of its change.
func (a *API) record(ctx context.Context, op *operation) error {
	c := callOf(ctx)
	if c == nil || c.subject.kind == "" {
		return nil
	}
	return a.trail.add(ctx, AuditEntry{
		At: time.Now().UTC(), Actor: caller(ctx).Login, Action: op.audit, SubjectKind: c.subject.kind, SubjectID: c.subject.id,
		Reason: c.subject.reason, Detail: c.subject.detail, RequestID: c.id,
	}, !op.auditLater)
}

// note stores an entry that no handler's success stands for, such as a refused sign-in.
func (a *API) note(ctx context.Context, entry AuditEntry) {
	entry.At, entry.RequestID = time.Now().UTC(), requestID(ctx)
	if err := a.trail.add(ctx, entry, false); err != nil {
		logHidden(ctx, err)
	}
}
