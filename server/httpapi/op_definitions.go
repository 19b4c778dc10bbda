package httpapi

import (
	"context"
	"net/http"
)

// DefinitionPath is the path parameter of everything below one definition.
type DefinitionPath struct {
	Key string `path:"key" pattern:"^[a-z][a-z0-9-]{0,62}$" doc:"Key of the definition"`
}

type listDefinitionsInput struct {
	Paging
	Query string `query:"q" maxLength:"200" doc:"Part of the key or the title"`
}

type listDefinitionsOutput struct {
	Body struct {
		Items      []DefinitionSummary `json:"items"`
		NextCursor string              `json:"next_cursor,omitempty"`
	} `nameHint:"DefinitionList"`
}

type createDefinitionInput struct {
	Body struct {
		Key      string `json:"key" pattern:"^[a-z][a-z0-9-]{0,62}$" doc:"Never changes"`
		Title    string `json:"title" minLength:"1" maxLength:"200"`
		Document Object `json:"document,omitempty" doc:"First draft; absent means a start and an end"`
	} `nameHint:"CreateDefinition"`
}

type renameDefinitionInput struct {
	DefinitionPath
	Body struct {
		Title string `json:"title" minLength:"1" maxLength:"200"`
	} `nameHint:"RenameDefinition"`
}

type definitionOutput struct {
	Body Definition
}

func (a *API) registerDefinitions() {
	add(a, operation{id: "listDefinitions", method: http.MethodGet, path: "/definitions", tag: "definitions", permission: PermDefinitionRead,
		summary: "List the definitions"}, a.listDefinitions)
	add(a, operation{id: "createDefinition", method: http.MethodPost, path: "/definitions", tag: "definitions", permission: PermDefinitionEdit,
		status: http.StatusCreated, audit: "definition.create", maxBody: documentMaxBody, summary: "Create a definition with a draft"}, a.createDefinition)
	add(a, operation{id: "getDefinition", method: http.MethodGet, path: "/definitions/{key}", tag: "definitions", permission: PermDefinitionRead,
		summary: "Read a definition"}, a.getDefinition)
	add(a, operation{id: "renameDefinition", method: http.MethodPatch, path: "/definitions/{key}", tag: "definitions", permission: PermDefinitionEdit,
		audit: "definition.rename", summary: "Change a definition's title"}, a.renameDefinition)
}

func (a *API) listDefinitions(ctx context.Context, in *listDefinitionsInput) (*listDefinitionsOutput, error) {
	page, err := a.config.Designer.Definitions(ctx, in.Query, in.Cursor, in.Limit)
	if err != nil {
		return nil, err
	}
	out := &listDefinitionsOutput{}
	out.Body.Items, out.Body.NextCursor = list(page.Items), page.NextCursor
	return out, nil
}

func (a *API) createDefinition(ctx context.Context, in *createDefinitionInput) (*definitionOutput, error) {
	definition, err := a.config.Designer.CreateDefinition(ctx, CreateDefinition{
		Actor: caller(ctx).Login, Key: in.Body.Key, Title: in.Body.Title, Document: []byte(in.Body.Document),
	})
	if err != nil {
		return nil, err
	}
	audited(ctx, "definition", definition.Key, "", map[string]any{"title": definition.Title})
	return &definitionOutput{Body: definition}, nil
}

func (a *API) getDefinition(ctx context.Context, in *struct{ DefinitionPath }) (*definitionOutput, error) {
	definition, err := a.config.Designer.Definition(ctx, in.Key)
	if err != nil {
		return nil, err
	}
	return &definitionOutput{Body: definition}, nil
}

func (a *API) renameDefinition(ctx context.Context, in *renameDefinitionInput) (*definitionOutput, error) {
	definition, err := a.config.Designer.RenameDefinition(ctx, caller(ctx).Login, in.Key, in.Body.Title)
	if err != nil {
		return nil, err
	}
	audited(ctx, "definition", definition.Key, "", map[string]any{"title": definition.Title})
	return &definitionOutput{Body: definition}, nil
}
