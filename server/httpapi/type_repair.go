package httpapi

import (
	"context"
	"time"
)

// Repair is what the API needs of the part that mends running and ended processes. Plans change nothing.
type Repair interface {
	PlanRestart(ctx context.Context, process, node, scope string) (RestartPlan, error)
	// RestartFrom returns the id of the process that goes on: the same, or a new one when it has ended.
	RestartFrom(ctx context.Context, command RestartFrom) (string, error)
	PlanMigration(ctx context.Context, process string, version int) (MigrationPlan, error)
	// Migrate answers conflict with an issue for each node that has no place in the other version.
	Migrate(ctx context.Context, command ProcessCommand, version int) error
	// RestartEntry lets an entry of a list begin anew; RestartFailed all that failed, of the list that the task is.
	RestartEntry(ctx context.Context, command TaskCommand) error
	RestartFailed(ctx context.Context, command TaskCommand) (int, error)
	// Fire lets a time that a task waits for come now; no node: its only one.
	Fire(ctx context.Context, command TaskCommand, node string) error
	// SendTo gives a message to one process; no key: the one that it waits under.
	SendTo(ctx context.Context, command ProcessCommand, message SendMessage) (string, error)
}

// RestartFrom restarts a process from a node.
type RestartFrom struct {
	ProcessCommand
	Node  string
	Scope string // empty: the only live scope that has the node
}

// NodeTotal is a number of tasks or runs of a node.
type NodeTotal struct {
	Node  string `json:"node"`
	Count int    `json:"count"`
}

// RestartPlan is what a restart from a node would do.
type RestartPlan struct {
	Allowed    bool        `json:"allowed"`
	Code       string      `json:"code,omitempty" doc:"Why it would be refused: a stable code"`
	Message    string      `json:"message,omitempty" doc:"Why it would be refused"`
	NewProcess bool        `json:"new_process" doc:"The process has ended: a new one, linked with it, would begin at the node with the outputs that came before"`
	Scope      string      `json:"scope,omitempty" doc:"Where the token would stand"`
	Cancelled  []NodeTotal `json:"cancelled" doc:"Open tasks that would be cancelled"`
	Hidden     []NodeTotal `json:"hidden" doc:"Runs that would count no more: what they gave is not read any more. They come again if the process comes there again"`
	Kept       []string    `json:"kept" doc:"Nodes that were reached and would stay as they are"`
	Ahead      []string    `json:"ahead" doc:"Nodes that the process could come to from there"`
}

// MigrationPlan is what letting a process go on in another version would do.
type MigrationPlan struct {
	Allowed  bool             `json:"allowed"`
	Code     string           `json:"code,omitempty" doc:"Why it would be refused: a stable code"`
	Message  string           `json:"message,omitempty" doc:"Why it would be refused"`
	Issues   []MigrationIssue `json:"issues" doc:"What has no place in the other version"`
	Warnings []MigrationIssue `json:"warnings" doc:"What does not hinder it"`
	From     int              `json:"from"`
	To       int              `json:"to"`
	Open     []NodeTotal      `json:"open" doc:"Open tasks: they go on where they are"`
}

// MigrationIssue says why something of a process has no place in another version.
type MigrationIssue struct {
	Code    string `json:"code" example:"migrate.node_missing"`
	Node    string `json:"node,omitempty" doc:"Where it is in the present version"`
	Message string `json:"message"`

	Params map[string]any `json:"params,omitempty" doc:"What a translated message needs; what tells cases of one code apart"`
}

// TaskWait is something that a task waits for besides people and workers.
type TaskWait struct {
	Kind   string     `json:"kind" enum:"message,timer"`
	Node   string     `json:"node" doc:"The event that waits"`
	Title  string     `json:"title"`
	Border bool       `json:"border,omitempty" doc:"It happens on the task's border, while the task goes on with what it does"`
	Name   string     `json:"name,omitempty" doc:"Of the message"`
	Key    string     `json:"key,omitempty" doc:"Correlation key of the message"`
	Until  *time.Time `json:"until,omitempty" doc:"When the time comes"`
}
