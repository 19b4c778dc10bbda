package httpapi

import (
	"context"
	"net/http"
)

type nodeTypesOutput struct {
	Body struct {
		Items []NodeType `json:"items"`
	} `nameHint:"NodeTypeList"`
}

func (a *API) registerCatalog() {
	add(a, operation{id: "listNodeTypes", method: http.MethodGet, path: "/node-types", tag: "catalog", permission: PermDefinitionRead,
		summary: "List the node types", doc: "Everything that workers ever announced; live tells what a worker serves now."}, a.listNodeTypes)
}

func (a *API) listNodeTypes(ctx context.Context, _ *struct{}) (*nodeTypesOutput, error) {
	types, err := a.config.Catalog.NodeTypes(ctx)
	if err != nil {
		return nil, err
	}
	out := &nodeTypesOutput{}
	out.Body.Items = list(types)
	return out, nil
}
