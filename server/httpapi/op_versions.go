package httpapi

import (
	"context"
	"net/http"
)

type publishInput struct {
	DefinitionPath
	IfMatch string `header:"If-Match" maxLength:"64" doc:"The draft's revision that was looked at, in quotes; required"`
	Body    struct {
		Note string `json:"note,omitempty" maxLength:"2000" doc:"What changed, for people"`
	} `nameHint:"PublishDraft"`
}

type versionOutput struct {
	Body Version
}

type listVersionsInput struct {
	DefinitionPath
	Paging
}

type listVersionsOutput struct {
	Body struct {
		Items      []Version `json:"items"`
		NextCursor string    `json:"next_cursor,omitempty"`
	} `nameHint:"VersionList"`
}

type getVersionInput struct {
	DefinitionPath
	Number int `path:"n" doc:"Number of the version; negative: what a test process runs"`
}

type getVersionOutput struct {
	Body VersionDetail
}

type setLatestInput struct {
	DefinitionPath
	Body struct {
		Version int    `json:"version" minimum:"1"`
		Reason  string `json:"reason,omitempty" maxLength:"1000" doc:"Why, for the audit"`
	} `nameHint:"SetLatest"`
}

func (a *API) registerVersions() {
	add(a, operation{id: "publish", method: http.MethodPost, path: "/definitions/{key}/publish", tag: "definitions", permission: PermDefinitionPublish,
		status: http.StatusCreated, audit: "definition.publish", summary: "Publish the draft as the next version",
		doc: "A draft that breaks a rule is refused with 422 and its issues. Running processes stay on their versions."}, a.publish)
	add(a, operation{id: "listVersions", method: http.MethodGet, path: "/definitions/{key}/versions", tag: "definitions", permission: PermDefinitionRead,
		summary: "List the versions, newest first"}, a.listVersions)
	add(a, operation{id: "getVersion", method: http.MethodGet, path: "/definitions/{key}/versions/{n}", tag: "definitions", permission: PermDefinitionRead,
		summary: "Read a version with its graph"}, a.getVersion)
	add(a, operation{id: "setLatest", method: http.MethodPut, path: "/definitions/{key}/latest", tag: "definitions", permission: PermDefinitionPublish,
		audit: "definition.set_latest", summary: "Choose the version that starts run"}, a.setLatest)
}

func (a *API) publish(ctx context.Context, in *publishInput) (*versionOutput, error) {
	revision, err := matched(in.IfMatch)
	if err != nil {
		return nil, err
	}
	version, err := a.config.Designer.Publish(ctx, Publish{Actor: caller(ctx).Login, Key: in.Key, Revision: revision, Note: in.Body.Note})
	if err != nil {
		return nil, err
	}
	audited(ctx, "definition", in.Key, in.Body.Note, map[string]any{"version": version.Number, "checksum": version.Checksum})
	return &versionOutput{Body: version}, nil
}

func (a *API) listVersions(ctx context.Context, in *listVersionsInput) (*listVersionsOutput, error) {
	page, err := a.config.Designer.Versions(ctx, in.Key, in.Cursor, in.Limit)
	if err != nil {
		return nil, err
	}
	out := &listVersionsOutput{}
	out.Body.Items, out.Body.NextCursor = list(page.Items), page.NextCursor
	return out, nil
}

func (a *API) getVersion(ctx context.Context, in *getVersionInput) (*getVersionOutput, error) {
	version, err := a.config.Designer.Version(ctx, in.Key, in.Number)
	if err != nil {
		return nil, err
	}
	version.NodeTypes = list(version.NodeTypes)
	return &getVersionOutput{Body: version}, nil
}

func (a *API) setLatest(ctx context.Context, in *setLatestInput) (*definitionOutput, error) {
	before, err := a.config.Designer.Definition(ctx, in.Key)
	if err != nil {
		return nil, err
	}
	definition, err := a.config.Designer.SetLatest(ctx, caller(ctx).Login, in.Key, in.Body.Version)
	if err != nil {
		return nil, err
	}
	audited(ctx, "definition", in.Key, in.Body.Reason, map[string]any{"version": in.Body.Version, "was": before.Latest})
	return &definitionOutput{Body: definition}, nil
}
