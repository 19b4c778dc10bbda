package httpapi

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/taskurotta/taskurotta-go/fault"
)

type draftOutput struct {
	ETag string `header:"ETag" doc:"The revision in quotes, for If-Match"`
	Body Draft
}

// DocumentBody is a whole graph document as the body. huma leaves it alone: the designer's codec is the stricter reader.
type DocumentBody struct {
	RawBody []byte `contentType:"application/json"`
}

type saveDraftInput struct {
	DefinitionPath
	DocumentBody
	IfMatch string `header:"If-Match" maxLength:"64" doc:"The revision that was edited, in quotes; required"`
}

type savedDraftOutput struct {
	ETag string `header:"ETag" doc:"The new revision in quotes"`
	Body SavedDraft
}

type validateInput struct {
	DefinitionPath
	DocumentBody
}

type validateOutput struct {
	Body struct {
		Issues []Issue `json:"issues"`
	} `nameHint:"ValidationResult"`
}

func (a *API) registerDraft() {
	add(a, operation{id: "getDraft", method: http.MethodGet, path: "/definitions/{key}/draft", tag: "definitions", permission: PermDefinitionRead,
		summary: "Read the draft"}, a.getDraft)
	add(a, operation{id: "saveDraft", method: http.MethodPut, path: "/definitions/{key}/draft", tag: "definitions", permission: PermDefinitionEdit,
		rawBody: true, maxBody: documentMaxBody, audit: "definition.save", summary: "Save the draft",
		doc: "Needs If-Match. When the stored revision is another one nothing is written: 412, code draft.conflict, with current_revision."}, a.saveDraft)
	add(a, operation{id: "validateDocument", method: http.MethodPost, path: "/definitions/{key}/validate", tag: "definitions", permission: PermDefinitionRead,
		rawBody: true, maxBody: documentMaxBody, summary: "Check a document without saving it"}, a.validateDocument)
	for _, path := range []string{"/definitions/{key}/draft", "/definitions/{key}/validate"} {
		a.describeDocumentBody(path)
	}
}

func (a *API) getDraft(ctx context.Context, in *struct{ DefinitionPath }) (*draftOutput, error) {
	draft, err := a.config.Designer.Draft(ctx, in.Key)
	if err != nil {
		return nil, err
	}
	draft.Issues = list(draft.Issues)
	return &draftOutput{ETag: etag(draft.Revision), Body: draft}, nil
}

func (a *API) saveDraft(ctx context.Context, in *saveDraftInput) (*savedDraftOutput, error) {
	revision, err := matched(in.IfMatch)
	if err != nil {
		return nil, err
	}
	saved, err := a.config.Designer.SaveDraft(ctx, SaveDraft{Actor: caller(ctx).Login, Key: in.Key, Revision: revision, Document: in.RawBody})
	if err != nil {
		return nil, err
	}
	saved.Issues = list(saved.Issues)
	audited(ctx, "definition", in.Key, "", map[string]any{"revision": saved.Revision})
	return &savedDraftOutput{ETag: etag(saved.Revision), Body: saved}, nil
}

func (a *API) validateDocument(ctx context.Context, in *validateInput) (*validateOutput, error) {
	issues, err := a.config.Designer.Validate(ctx, in.Key, in.RawBody)
	if err != nil {
		return nil, err
	}
	out := &validateOutput{}
	out.Body.Issues = list(issues)
	return out, nil
}

// describeDocumentBody tells the OpenAPI document what huma was not to check.
func (a *API) describeDocumentBody(path string) {
	item := a.huma.OpenAPI().Paths[path]
	described := item.Post
	if described == nil {
		described = item.Put
	}
	described.RequestBody.Content["application/json"].Schema = Document{}.Schema(a.huma.OpenAPI().Components.Schemas)
}

func etag(revision int64) string { return strconv.Quote(strconv.FormatInt(revision, 10)) }

// matched reads the revision of an If-Match header. There must be one: nothing is overwritten by accident.
func matched(header string) (int64, error) {
	if header == "" {
		return 0, newProblem(http.StatusPreconditionRequired, "draft.if_match_required", "Send If-Match with the revision that was edited.")
	}
	revision, err := strconv.ParseInt(strings.Trim(strings.TrimPrefix(header, "W/"), `"`), 10, 64)
	if err != nil || revision < 1 {
		return 0, fault.New(fault.PreconditionFailed, "draft.if_match_malformed", "If-Match is not a revision in quotes.")
	}
	return revision, nil
}
