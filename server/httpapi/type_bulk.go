package httpapi

import (
	"context"
	"time"
)

// BulkFilter names processes by what they are; its members are combined with AND.
type BulkFilter struct {
	CustomID       string     `json:"custom_id,omitempty" maxLength:"200"`
	CustomIDPrefix string     `json:"custom_id_prefix,omitempty" maxLength:"200"`
	CustomIDs      []string   `json:"custom_ids,omitempty" maxItems:"10000" doc:"Any of these"`
	Definition     string     `json:"definition,omitempty" maxLength:"63"`
	Version        int        `json:"version,omitempty" minimum:"1"`
	State          []string   `json:"state,omitempty" maxItems:"8" enum:"scheduled,running,suspended,incident,cancelling,completed,failed,cancelled" doc:"Any of these"`
	StartedFrom    *time.Time `json:"started_from,omitempty" doc:"Not before"`
	StartedTo      *time.Time `json:"started_to,omitempty" doc:"Before"`
	ErrorCode      string     `json:"error_code,omitempty" maxLength:"200" doc:"Of the process or of an open incident; retry and skip take only such incidents"`
	NodeID         string     `json:"node_id,omitempty" maxLength:"200" doc:"Of an open incident; retry and skip take only such incidents"`
	Worker         string     `json:"worker,omitempty" maxLength:"200"`
	ErrorGroup     string     `json:"error_group,omitempty" maxLength:"64" doc:"Group of an open incident, as listIncidentGroups names it; retry and skip take only such incidents"`
	ErrorText      string     `json:"error_text,omitempty" maxLength:"200" doc:"Found in the code or the message of an open incident; retry and skip take only such incidents"`
	OpenedFrom     *time.Time `json:"opened_from,omitempty" doc:"An incident was opened not before; retry and skip take only such incidents"`
	OpenedTo       *time.Time `json:"opened_to,omitempty" doc:"An incident was opened before; retry and skip take only such incidents"`
	Outermost      bool       `json:"outermost,omitempty" doc:"Leaves out what was called by another process"`
}

// BulkOptions are what some operations take.
type BulkOptions struct {
	Output   Object `json:"output,omitempty" doc:"Of skip: the value of each task"`
	Patch    Object `json:"patch,omitempty" doc:"Of retry: a JSON merge patch (RFC 7396) over the input of each task"`
	Priority int    `json:"priority,omitempty" minimum:"1" maximum:"5" doc:"Of set_priority"`
	Node     string `json:"node,omitempty" maxLength:"200" doc:"Of restart_from: the step to begin at; of fire: the event whose time comes"`
	Version  int    `json:"version,omitempty" minimum:"1" doc:"Of migrate: the version to go on in"`

	Message *BulkMessage `json:"message,omitempty" doc:"Of message: what each process gets that waits for it"`
}

// BulkMessage is a message to each of many processes.
type BulkMessage struct {
	Name    string `json:"name" minLength:"1" maxLength:"200"`
	Key     string `json:"key,omitempty" maxLength:"500" doc:"Absent: the key that each process waits under"`
	Payload Object `json:"payload,omitempty"`
}

// BulkCount is a number of items that were decided alike.
type BulkCount struct {
	State string `json:"state" enum:"pending,done,refused,failed"`
	Code  string `json:"code,omitempty" doc:"Why refused or failed"`
	Count int64  `json:"count"`
}

// BulkJob is one operation on a snapshot of processes.
type BulkJob struct {
	ID        string      `json:"id"`
	Operation string      `json:"operation" enum:"retry,skip,cancel,suspend,resume,restart,restart_from,migrate,message,fire,delete,set_priority"`
	Filter    *BulkFilter `json:"filter,omitempty" doc:"Absent: the processes were named one by one"`
	Options   BulkOptions `json:"options"`
	Reason    string      `json:"reason,omitempty"`
	State     string      `json:"state" enum:"draft,running,aborting,aborted,finished"`
	Total     int64       `json:"total" doc:"Items: tasks with an open incident for retry and skip, tasks that wait for the time for fire, else processes"`
	Pending   int64       `json:"pending"`
	Done      int64       `json:"done"`
	Refused   int64       `json:"refused"`
	Failed    int64       `json:"failed"`
	DryRun    []BulkCount `json:"dry_run" doc:"What the dry run said; pending are those that would be done"`
	Reasons   []BulkCount `json:"reasons" doc:"Refused and failed so far, by code"`
	Rate      float64     `json:"rate" doc:"Items a second"`
	ETAMS     *int64      `json:"eta_ms,omitempty" doc:"Milliseconds until the end at this rate"`
	CreatedAt time.Time   `json:"created_at"`
	CreatedBy string      `json:"created_by"`
	StartedAt *time.Time  `json:"started_at,omitempty"`
	RunBy     string      `json:"run_by,omitempty"`
	AbortedBy string      `json:"aborted_by,omitempty"`
	EndedAt   *time.Time  `json:"ended_at,omitempty"`
}

// BulkItem is one process or task of a job.
type BulkItem struct {
	Seq       int64      `json:"seq"`
	ProcessID string     `json:"process_id"`
	TaskID    string     `json:"task_id,omitempty"`
	CustomID  string     `json:"custom_id"`
	NodeID    string     `json:"node_id,omitempty"`
	State     string     `json:"state" enum:"pending,done,refused,failed"`
	Code      string     `json:"code,omitempty" doc:"Why refused or failed"`
	Message   string     `json:"message,omitempty"`
	Issues    []Issue    `json:"issues,omitempty" doc:"The first few things that stand against it"`
	ResultID  string     `json:"result_id,omitempty" doc:"The process that a restart made"`
	EndedAt   *time.Time `json:"ended_at,omitempty"`
}

// Bulk is what the API needs of the part that runs operations on many processes.
type Bulk interface {
	CreateJob(ctx context.Context, c CreateBulkJob) (BulkJob, error)
	RunJob(ctx context.Context, r RunBulkJob) (BulkJob, error)
	AbortJob(ctx context.Context, id, actor string) (BulkJob, error)
	BulkJob(ctx context.Context, id string) (BulkJob, error)
	BulkJobs(ctx context.Context, states []string, cursor string, limit int) (Page[BulkJob], error)
	BulkItems(ctx context.Context, id string, states []string, cursor string, limit int) (Page[BulkItem], error)
}

// CreateBulkJob makes a draft of the processes that a filter or a list names.
type CreateBulkJob struct {
	Actor     string
	Operation string
	Filter    *BulkFilter
	IDs       []string
	Reason    string
	Options   BulkOptions
}

// RunBulkJob starts a draft; nil and empty members keep what the draft has.
type RunBulkJob struct {
	Actor   string
	ID      string
	Reason  string
	Options *BulkOptions
}
