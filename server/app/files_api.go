package app

import (
	"context"
	"io"
	"strings"

	"github.com/taskurotta/taskurotta-go/server/audit"
	"github.com/taskurotta/taskurotta-go/server/files"
	"github.com/taskurotta/taskurotta-go/server/httpapi"
	"github.com/taskurotta/taskurotta-go/server/mailsink"
)

// namesOfFiles are the texts outside of processes that name contents by their digests: those are kept while they are named.
var namesOfFiles = []string{
	`SELECT files::text FROM message WHERE files <> '[]'`,
	`SELECT body::text FROM inbox`,
	`SELECT mock::text FROM pinned_step`,
	`SELECT input::text FROM schedule`,
	`SELECT options::text FROM bulk_job`,
	`SELECT draft FROM definition WHERE draft LIKE '%sha256:%'`,
	`SELECT document FROM definition_version WHERE document LIKE '%sha256:%'`,
}

// filesAPI shows the file store to the API.
type filesAPI struct{ store *files.Store }

var _ httpapi.Files = filesAPI{}

func apiFile(m files.Meta) httpapi.FileRef {
	return httpapi.FileRef{File: "sha256:" + m.SHA256, Name: m.Name, Size: m.Size, MediaType: m.MediaType}
}

func (a filesAPI) Save(ctx context.Context, u httpapi.Upload, r io.Reader) (httpapi.FileRef, error) {
	meta, err := a.store.Save(ctx, files.Owner{User: u.UserID, Process: u.ProcessID}, u.Name, r)
	return apiFile(meta), err
}

func (a filesAPI) Open(ctx context.Context, r httpapi.OpenFile) (httpapi.FileContent, error) {
	content, err := a.store.Open(ctx, files.Reader{User: r.UserID, Process: r.ProcessID, Worker: r.Worker}, r.SHA256)
	return httpapi.FileContent{Name: content.Name, MediaType: content.MediaType, Size: content.Size, Body: content.Body}, err
}

func (a filesAPI) Check(ctx context.Context, user, process string, refs []httpapi.FileRef) ([]httpapi.FileRef, error) {
	metas, err := a.store.Check(ctx, user, process, mapped(refs, func(ref httpapi.FileRef) files.Named {
		return files.Named{SHA256: strings.TrimPrefix(ref.File, "sha256:"), Name: ref.Name}
	}))
	return mapped(metas, apiFile), err
}

// auditAPI shows the record of changes to the API.
type auditAPI struct{ log *audit.Log }

var _ httpapi.Audit = auditAPI{}

func (a auditAPI) Record(ctx context.Context, entries []httpapi.AuditEntry) error {
	return a.log.Record(ctx, mapped(entries, func(e httpapi.AuditEntry) audit.Entry {
		return audit.Entry{
			At: e.At, Actor: e.Actor, Action: e.Action, SubjectKind: e.SubjectKind, SubjectID: e.SubjectID, Reason: e.Reason,
			Detail: e.Detail, RequestID: e.RequestID,
		}
	})...)
}

func (a auditAPI) Entries(ctx context.Context, f httpapi.AuditFilter) (httpapi.Page[httpapi.AuditEntry], error) {
	entries, next, err := a.log.Entries(ctx, audit.Filter(f))
	return httpapi.Page[httpapi.AuditEntry]{Items: mapped(entries, func(e audit.Entry) httpapi.AuditEntry {
		return httpapi.AuditEntry{
			ID: number(e.ID), At: e.At, Actor: e.Actor, Action: e.Action, SubjectKind: e.SubjectKind, SubjectID: e.SubjectID,
			Reason: e.Reason, Detail: e.Detail, RequestID: e.RequestID,
		}
	}), NextCursor: next}, err
}

// mailAPI shows dev's mail server to the API.
type mailAPI struct{ sink *mailsink.Sink }

var _ httpapi.Mailbox = mailAPI{}

func apiMail(m mailsink.Message) httpapi.MailSummary {
	return httpapi.MailSummary{ID: m.ID, From: m.From, To: m.To, Subject: m.Subject, At: m.At, Size: m.Size}
}

func (a mailAPI) Messages() []httpapi.MailSummary { return mapped(a.sink.List(), apiMail) }

func (a mailAPI) Message(id string) (httpapi.Mail, bool) {
	m, found := a.sink.Get(id)
	return httpapi.Mail{MailSummary: apiMail(m), Text: m.Text, HTML: m.HTML, Headers: m.Headers}, found
}
