package httpapi

import (
	"context"
	"net/http"
)

type planMigrationInput struct {
	ProcessPath
	Version int `query:"version" required:"true" minimum:"1" doc:"Version to go on in"`
}

type migrationPlanOutput struct{ Body MigrationPlan }

type migrateInput struct {
	ProcessPath
	Body struct {
		Version int    `json:"version" minimum:"1" doc:"Version to go on in"`
		Reason  string `json:"reason" minLength:"1" maxLength:"2000" doc:"Why, for the audit"`
	} `nameHint:"MigrateProcess"`
}

func (a *API) registerMigrate() {
	add(a, operation{id: "planMigration", method: http.MethodGet, path: "/processes/{id}/migrate", tag: "processes", permission: PermProcessRead,
		summary: "Look whether a process can go on in another version", doc: "Nothing changes."}, a.planMigration)
	add(a, operation{id: "migrateProcess", method: http.MethodPost, path: "/processes/{id}/migrate", tag: "processes", permission: PermProcessOperate,
		status: http.StatusNoContent, audit: "process.migrate", summary: "Let a live process go on in another version of its definition",
		doc: "Tasks, waits and tokens stay where they are, by the ids of the nodes; what runs goes on running. All is checked first: a refusal has an issue for each node that has no place in the other version."}, a.migrate)
}

func (a *API) planMigration(ctx context.Context, in *planMigrationInput) (*migrationPlanOutput, error) {
	plan, err := a.config.Engine.PlanMigration(ctx, in.ID, in.Version)
	if err != nil {
		return nil, err
	}
	return &migrationPlanOutput{Body: plan}, nil
}

func (a *API) migrate(ctx context.Context, in *migrateInput) (*struct{}, error) {
	command := ProcessCommand{Actor: caller(ctx).Login, ProcessID: in.ID, Reason: in.Body.Reason}
	if err := a.config.Engine.Migrate(ctx, command, in.Body.Version); err != nil {
		return nil, err
	}
	audited(ctx, "process", in.ID, in.Body.Reason, map[string]any{"version": in.Body.Version})
	return nil, nil
}
