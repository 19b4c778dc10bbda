package httpapi

import (
	"context"
	"net/http"
)

type workersOutput struct {
	Body struct {
		Pools []Pool `json:"pools"`
	} `nameHint:"PoolList"`
}

func (a *API) registerOperations() {
	add(a, operation{id: "listWorkers", method: http.MethodGet, path: "/workers", tag: "workers", permission: PermWorkerRead,
		summary: "List pools, their workers and queues"}, a.listWorkers)
}

func (a *API) listWorkers(ctx context.Context, _ *struct{}) (*workersOutput, error) {
	pools, err := a.config.Engine.Pools(ctx)
	if err != nil {
		return nil, err
	}
	out := &workersOutput{}
	out.Body.Pools = list(pools)
	return out, nil
}
