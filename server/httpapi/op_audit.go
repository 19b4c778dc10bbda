package httpapi

import (
	"context"
	"net/http"
)

type auditInput struct {
	Paging
	Actor       string `query:"actor" maxLength:"100"`
	Action      string `query:"action" maxLength:"100"`
	Subject     string `query:"subject" maxLength:"200" doc:"Id of what was changed"`
	SubjectKind string `query:"subject_kind" maxLength:"40"`
}

type processAuditInput struct {
	ProcessPath
	Paging
}

type auditOutput struct {
	Body struct {
		Items      []AuditEntry `json:"items"`
		NextCursor string       `json:"next_cursor,omitempty"`
	} `nameHint:"AuditList"`
}

func (a *API) registerAudit() {
	add(a, operation{id: "listAudit", method: http.MethodGet, path: "/audit", tag: "audit", permission: PermAuditRead,
		summary: "Read the audit, newest first"}, a.listAudit)
	add(a, operation{id: "listProcessAudit", method: http.MethodGet, path: "/processes/{id}/audit", tag: "audit", permission: PermProcessRead,
		summary: "Read what people did to a process and its tasks, newest first"}, a.listProcessAudit)
}

func (a *API) listAudit(ctx context.Context, in *auditInput) (*auditOutput, error) {
	return a.audit(ctx, AuditFilter{Actor: in.Actor, Action: in.Action, SubjectKind: in.SubjectKind, SubjectID: in.Subject, Limit: in.Limit, Cursor: in.Cursor})
}

func (a *API) listProcessAudit(ctx context.Context, in *processAuditInput) (*auditOutput, error) {
	return a.audit(ctx, AuditFilter{ProcessID: in.ID, Limit: in.Limit, Cursor: in.Cursor})
}

func (a *API) audit(ctx context.Context, filter AuditFilter) (*auditOutput, error) {
	page, err := a.config.Audit.Entries(ctx, filter)
	if err != nil {
		return nil, err
	}
	out := &auditOutput{}
	out.Body.Items, out.Body.NextCursor = list(page.Items), page.NextCursor
	return out, nil
}
