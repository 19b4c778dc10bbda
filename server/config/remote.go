package config

import (
	"os"
	"time"
)

// The commands here talk to a running server over its HTTP API; server/cli runs them.

// Remote is how a command reaches a running server, and how it answers.
type Remote struct {
	Server string `env:"TASKUROTTA_URL" default:"http://127.0.0.1:8420" help:"The running server." placeholder:"URL"`
	Token  string `env:"TASKUROTTA_TOKEN" help:"API token that the command acts with. Others on this machine can see flags: prefer the variable." placeholder:"SECRET"`
	Output string `short:"o" enum:"table,json" default:"table" help:"table for people, json for machines: what the API answered, as one document."`
}

// Page bounds a list.
type Page struct {
	Limit int  `default:"50" help:"Most rows."`
	All   bool `help:"Every row, however many."`
}

// Subject is the process that a command is about.
type Subject struct {
	Process string `arg:"" help:"Id of the process, or its customId. Of several processes with the customId, reading takes the newest live one; a change is refused."`
}

// Reason is why a person changes something.
type Reason struct {
	Reason string `required:"" help:"Why, for the audit."`
}

// Process works with processes.
type Process struct {
	Start    ProcessStart    `cmd:"" help:"Start a process."`
	Search   ProcessSearch   `cmd:"" help:"Search processes, newest first; filters are combined with AND."`
	Show     ProcessShow     `cmd:"" help:"Show a process with its input and output."`
	Tree     ProcessTree     `cmd:"" help:"Show the tasks of a process, and why those that wait do."`
	Children ProcessChildren `cmd:"" help:"List the processes that a process has called, oldest first."`
	Events   ProcessEvents   `cmd:"" help:"Show the history of a process, oldest first."`
	Retry    ProcessRetry    `cmd:"" help:"Retry a task, with its input or a corrected one."`
	Skip     ProcessSkip     `cmd:"" help:"Skip a task with a value in place of its output."`
	Cancel   ProcessControl  `cmd:"" help:"Cancel a process."`
	Suspend  ProcessControl  `cmd:"" help:"Suspend a process and all that it called: running tasks may end, nothing new starts."`
	Resume   ProcessControl  `cmd:"" help:"Resume a suspended process."`
	Restart  ProcessRestart  `cmd:"" help:"Start a new process like this one, linked to it."`

	RestartFrom ProcessRestartFrom `cmd:"" help:"Restart a process from a node; an ended one as a new process, linked to it."`
	Migrate     ProcessMigrate     `cmd:"" help:"Let a live process go on in another version of its definition."`
	Entry       ProcessEntry       `cmd:"" help:"Let an entry of a list begin anew, or all that failed."`
	Fire        ProcessFire        `cmd:"" help:"Let a time that a task waits for come now."`
	Message     ProcessMessage     `cmd:"" help:"Send a message to one process that waits for it."`

	Priority ProcessPriority `cmd:"" help:"Change the priority of a live process."`
	Delete   ProcessControl  `cmd:"" help:"Delete a process with all its traces; a live one is cancelled first. A tombstone stays."`
}

// ProcessStart starts a process.
type ProcessStart struct {
	Remote
	Definition     string        `arg:"" help:"Key of the definition."`
	Version        int           `help:"Version to run; default: the latest." placeholder:"N"`
	CustomID       string        `help:"Business key; may repeat." placeholder:"KEY"`
	Input          string        `help:"JSON object; @file reads it from a file, - from the standard input." placeholder:"JSON"`
	File           []string      `sep:"none" help:"Upload the file and put it into this field of the input; may repeat." placeholder:"FIELD=PATH"`
	Priority       int           `default:"0" help:"1 (urgent) to 5; 0 means the default, 3."`
	StartAt        string        `help:"Not before this time: RFC 3339, a date, or a time from now such as 15m, 2h, 7d." placeholder:"TIME"`
	IdempotencyKey string        `help:"The same key with the same request answers the first process instead of starting another." placeholder:"KEY"`
	Wait           bool          `help:"Wait until the process ends; an incident ends the wait too. The exit code tells whether it completed."`
	Timeout        time.Duration `default:"0s" help:"Longest wait, e.g. 90s or 2h; 0 means without end."`
}

// ProcessSearch searches processes.
type ProcessSearch struct {
	Remote
	Page
	CustomID    string   `help:"Exactly this customId." placeholder:"KEY"`
	Prefix      string   `help:"CustomIds that begin so." placeholder:"TEXT"`
	Definition  string   `help:"Key of the definition."`
	Version     int      `help:"Version of the definition." placeholder:"N"`
	State       []string `enum:"scheduled,running,suspended,incident,cancelling,completed,failed,cancelled" help:"Any of these states; may repeat: scheduled, running, suspended, incident, cancelling, completed, failed, cancelled." placeholder:"STATE"`
	ErrorCode   string   `help:"Code of its error." placeholder:"CODE"`
	StartedFrom string   `help:"Started then or later: RFC 3339, a date, or how long ago: 15m, 2h, 7d." placeholder:"TIME"`
	StartedTo   string   `help:"Started before then: RFC 3339, a date, or how long ago." placeholder:"TIME"`
	Outermost   bool     `help:"Leave out what was called by another process."`
}

// ProcessChildren lists what a process has called.
type ProcessChildren struct {
	Remote
	Page
	Subject
}

// ProcessShow shows a process.
type ProcessShow struct {
	Remote
	Subject
}

// ProcessTree shows a process's tasks.
type ProcessTree struct {
	Remote
	Subject
}

// ProcessEvents shows a process's history.
type ProcessEvents struct {
	Remote
	Page
	Subject
	After int64 `default:"0" help:"Only events with a greater sequence."`
}

// ProcessRetry retries a task.
type ProcessRetry struct {
	Remote
	Subject
	Reason
	Task  string `help:"Id of the task, or its node when one incident is there; default: the process's only incident." placeholder:"TASK"`
	Input string `help:"Corrected input: a JSON object, @file or -; default: the input it had." placeholder:"JSON"`
}

// ProcessSkip skips a task.
type ProcessSkip struct {
	Remote
	Subject
	Reason
	Task  string `help:"Id of the task, or its node when one incident is there; default: the process's only incident." placeholder:"TASK"`
	Value string `help:"What the task would have answered: a JSON object, @file or -; default: {}." placeholder:"JSON"`
}

// ProcessControl is a change that needs nothing but a reason.
type ProcessControl struct {
	Remote
	Subject
	Reason
}

// ProcessRestart starts a process anew.
type ProcessRestart struct {
	Remote
	Subject
	Reason
	Input    string  `help:"Other input: a JSON object, @file or -; default: the input it had." placeholder:"JSON"`
	CustomID *string `help:"Other customId; default: the one it had." placeholder:"KEY"`
}

// ProcessPriority changes a priority.
type ProcessPriority struct {
	Remote
	Subject
	Reason
	To int `required:"" help:"1 (urgent) to 5." placeholder:"N"`
}

// WorkerPause pauses a subject, or ends its pause.
type WorkerPause struct {
	Remote
	Reason
	Kind string `arg:"" enum:"type,pool,definition" help:"type, pool or definition."`
	Name string `arg:"" help:"Of the node type (name@major), the pool or the definition (its key)."`
}

// WorkerPauses lists pauses.
type WorkerPauses struct {
	Remote
}

// WorkerDrain drains workers.
type WorkerDrain struct {
	Remote
	Reason
	Worker string        `arg:"" optional:"" help:"Id of the worker, as worker list shows it."`
	Pool   string        `help:"All workers of a pool." placeholder:"POOL" xor:"subject"`
	Host   string        `help:"All workers on a host." placeholder:"HOST" xor:"subject"`
	Within time.Duration `help:"What still runs then is handed back and runs elsewhere; without, it may take its time." placeholder:"DURATION"`
	Stay   bool          `help:"The processes stay when they have nothing left to do; else they end with status 0."`
}

// WorkerUndrain takes drains back.
type WorkerUndrain struct {
	Remote
	Reason
	Worker string `arg:"" optional:"" help:"Id of the worker, as worker list shows it."`
	Pool   string `help:"All workers of a pool." placeholder:"POOL" xor:"subject"`
	Host   string `help:"All workers on a host." placeholder:"HOST" xor:"subject"`
}

// WorkerLimit limits a node type.
type WorkerLimit struct {
	Remote
	Reason
	Type   string        `arg:"" help:"Node type, name@major."`
	Most   int           `help:"Most tasks at once with the workers." placeholder:"N"`
	Starts int           `help:"Most starts within --per." placeholder:"N"`
	Per    time.Duration `default:"1s" help:"The time that --starts is for."`
	Key    string        `help:"Expression over the task's input, e.g. input.region: each of its values has the limit for itself." placeholder:"EXPRESSION"`
}

// WorkerUnlimit removes a limit.
type WorkerUnlimit struct {
	Remote
	Reason
	Type string `arg:"" help:"Node type, name@major."`
}

// WorkerLimits lists limits.
type WorkerLimits struct {
	Remote
}

// WorkerList lists pools and workers.
type WorkerList struct {
	Remote
}

// Incident works with incidents.
type Incident struct {
	List   IncidentList   `cmd:"" help:"List the open incidents, newest first."`
	Groups IncidentList   `cmd:"" help:"Group the open incidents by definition, step and error, the largest group first."`
	Retry  IncidentRetry  `cmd:"" help:"Retry the incidents that match, in a bulk job: show what would happen; with --reason do it."`
	Skip   IncidentSkip   `cmd:"" help:"Skip the incidents that match with a value, in a bulk job: show what would happen; with --reason do it."`
	Cancel IncidentCancel `cmd:"" help:"Cancel the processes of the incidents that match, in a bulk job: show what would happen; with --reason do it."`
}

// Retention is for how long ended processes are kept.
type Retention struct {
	List    RetentionList    `cmd:"" help:"List the default and the definitions that have a retention of their own, and what the last pass removed."`
	Preview RetentionPreview `cmd:"" help:"Count the ended processes that a retention would remove now."`
	Set     RetentionSet     `cmd:"" help:"Change for how long ended processes are kept."`
}

// RetentionList lists retentions.
type RetentionList struct {
	Remote
}

// RetentionPreview counts what a retention would remove.
type RetentionPreview struct {
	Remote
	Definition string `help:"Key of the definition. Default: all without a retention of their own."`
	Days       int    `required:"" help:"For how many days." placeholder:"N"`
}

// RetentionSet changes a retention.
type RetentionSet struct {
	Remote
	Reason
	Definition string `help:"Key of the definition."`
	Default    bool   `help:"Of all definitions without a retention of their own."`
	Days       int    `required:"" help:"For how many days; 0: as long as the default." placeholder:"N"`
}

// IncidentWhich narrows open incidents.
type IncidentWhich struct {
	Definition string `help:"Key of the definition."`
	Node       string `help:"Node of the definition." placeholder:"NODE"`
	Code       string `help:"Code of the error."`
	Group      string `help:"Group of similar errors, as 'incident groups' names it." placeholder:"GROUP"`
	Text       string `help:"Found in the code or the message." placeholder:"TEXT"`
	OpenedFrom string `help:"Opened then or later: RFC 3339, a date, or how long ago: 15m, 2h, 7d." placeholder:"TIME"`
	OpenedTo   string `help:"Opened before then: RFC 3339, a date, or how long ago." placeholder:"TIME"`
}

// IncidentList lists incidents.
type IncidentList struct {
	Remote
	Page
	IncidentWhich
}

// IncidentJob is what all operations on incidents take.
type IncidentJob struct {
	Everything bool   `help:"Every incident: needed when there is no filter."`
	Why        string `name:"reason" help:"Do it at once, for this reason. Without it nothing happens yet." placeholder:"TEXT"`
}

// IncidentRetry retries incidents.
type IncidentRetry struct {
	Remote
	IncidentWhich
	IncidentJob
	Change string `help:"Changes the input of each task before: a JSON object, @file or -. Its members replace those of the same name, null removes one." placeholder:"JSON"`
}

// IncidentSkip skips incidents.
type IncidentSkip struct {
	Remote
	IncidentWhich
	IncidentJob
	Value string `help:"What the tasks would have answered, a JSON object, @file or -; default: {}." placeholder:"JSON"`
}

// IncidentCancel cancels the processes of incidents.
type IncidentCancel struct {
	Remote
	IncidentWhich
	IncidentJob
}

// Task does what people are asked for.
type Task struct {
	List     TaskList     `cmd:"" help:"List the tasks that you may do, oldest first."`
	Show     TaskShow     `cmd:"" help:"Show a task with what its form shows and asks."`
	Claim    TaskShow     `cmd:"" help:"Claim a task, so that nobody else does it too."`
	Release  TaskShow     `cmd:"" help:"Give a claimed task back."`
	Complete TaskComplete `cmd:"" help:"Complete a task with an answer."`
}

// TaskList lists user tasks.
type TaskList struct {
	Remote
	Page
	Mine       bool   `help:"Only those that you have claimed."`
	Definition string `help:"Key of the definition."`
	CustomID   string `help:"Beginning of the process's customId." placeholder:"PREFIX"`
}

// UserTask is the task that a command is about.
type UserTask struct {
	Task string `arg:"" help:"Id of the task or of its process, or the process's customId, when it is the only task there that you may do."`
}

// TaskShow is a command about one user task.
type TaskShow struct {
	Remote
	UserTask
}

// TaskComplete completes a user task.
type TaskComplete struct {
	Remote
	UserTask
	Answer string   `help:"What the form asks: a JSON object, @file or -; default: {}." placeholder:"JSON"`
	File   []string `sep:"none" help:"Upload the file and put it into this field of the answer; may repeat." placeholder:"FIELD=PATH"`
}

// Message works with messages.
type Message struct {
	Send   MessageSend   `cmd:"" help:"Send a message to the process that waits for it, start one, or keep it for who will wait."`
	List   MessageList   `cmd:"" help:"List the messages that are kept, newest first."`
	Show   MessageShow   `cmd:"" help:"Show a message that is kept, with its payload."`
	Delete MessageDelete `cmd:"" help:"Delete a message that nobody has taken; the same one may be sent again then."`
}

// MessageList lists messages.
type MessageList struct {
	Remote
	Page
	State string `enum:",waiting,refused,under_way,taken" default:"" help:"waiting, refused, under_way or taken; default: all that nobody has taken." placeholder:"STATE"`
	Name  string `help:"Only those of this name."`
	Key   string `help:"Only those with this correlation key." placeholder:"KEY"`
}

// MessageShow is a command about one message.
type MessageShow struct {
	Remote
	ID string `arg:"" help:"Id of the message, as the list shows it."`
}

// MessageDelete deletes a message.
type MessageDelete struct {
	Remote
	Reason
	ID string `arg:"" help:"Id of the message, as the list shows it."`
}

// MessageSend sends a message.
type MessageSend struct {
	Remote
	Name    string        `arg:"" help:"Of the message that processes wait for or start by."`
	Key     string        `help:"Correlation key: what the waiting process computed for its own." placeholder:"KEY"`
	ID      string        `help:"The sender's id of the message: the same one sent again changes nothing." placeholder:"ID"`
	Payload string        `help:"What the waiting step gives as its output: a JSON object, @file or -; default: {}." placeholder:"JSON"`
	File    []string      `sep:"none" help:"Upload the file and put it into this field of the payload; may repeat." placeholder:"FIELD=PATH"`
	Keep    time.Duration `default:"24h" help:"How long it waits for somebody to take it; 0: it does not wait."`
}

// Definition works with definitions.
type Definition struct {
	List    DefinitionList    `cmd:"" help:"List the definitions."`
	Export  DefinitionExport  `cmd:"" help:"Print a definition's document as JSON with its keys in order, the same for the same document."`
	Import  DefinitionImport  `cmd:"" help:"Make a document the draft of a definition; a new key makes a new definition."`
	Publish DefinitionPublish `cmd:"" help:"Publish the draft as the next version."`
	Diff    DefinitionDiff    `cmd:"" help:"Compare two documents: versions, drafts, files."`
}

// DefinitionList lists definitions.
type DefinitionList struct {
	Remote
	Page
	Query string `help:"Part of the key or the title." placeholder:"TEXT"`
}

// DefinitionExport prints a document.
type DefinitionExport struct {
	Remote
	Key     string `arg:"" help:"Key of the definition."`
	Version int    `xor:"source" help:"Version to print; default: the one that starts run." placeholder:"N"`
	Draft   bool   `xor:"source" help:"Print the draft."`
}

// DefinitionImport saves a document as a draft.
type DefinitionImport struct {
	Remote
	File  string `arg:"" help:"File with the document; - reads the standard input."`
	Key   string `required:"" help:"Key of the definition."`
	Title string `help:"Title; default: the key for a new definition, else as it is." placeholder:"TEXT"`
}

// DefinitionPublish publishes a draft.
type DefinitionPublish struct {
	Remote
	Key  string `arg:"" help:"Key of the definition."`
	Note string `required:"" help:"What changed, for people." placeholder:"TEXT"`
}

// DefinitionDiff compares two documents.
type DefinitionDiff struct {
	Remote
	Before string `arg:"" help:"KEY (the version that starts run), KEY@N, KEY@latest, KEY@draft, or a file: what has a dot or a slash in it; - reads the standard input."`
	After  string `arg:"" optional:"" help:"The other one, written likewise; default, where the first is KEY: its draft."`
}

// Completion prints a completion script.
type Completion struct {
	Shell string `arg:"" enum:"bash,zsh" help:"bash or zsh."`
}

// Via returns the Remote that a command embeds.
func (r Remote) Via() Remote { return r }

// Plain reports whether output must have no colours: NO_COLOR is set (https://no-color.org), or the terminal is dumb.
func Plain() bool { return os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" }

// Bulk runs one operation on many processes.
type Bulk struct {
	Prepare BulkPrepare `cmd:"" help:"Take a snapshot of what matches and show what an operation would do; with --reason do it."`
	Run     BulkRun     `cmd:"" help:"Start a prepared job."`
	Show    BulkShow    `cmd:"" help:"Show a job with its progress."`
	Items   BulkItems   `cmd:"" help:"List what became of each process of a job."`
	Abort   BulkShow    `cmd:"" help:"Abort a running job: what is done stays done."`
	List    BulkList    `cmd:"" help:"List jobs, newest first."`
}

// BulkPrepare prepares a job.
type BulkPrepare struct {
	Remote
	Operation   string   `arg:"" enum:"retry,skip,cancel,suspend,resume,restart,restart_from,migrate,message,fire,delete,set_priority" help:"retry, skip, cancel, suspend, resume, restart, restart_from, migrate, message, fire, delete or set_priority."`
	CustomID    string   `help:"Exactly this customId." placeholder:"KEY"`
	Prefix      string   `help:"CustomIds that begin so." placeholder:"TEXT"`
	Definition  string   `help:"Key of the definition."`
	Version     int      `help:"Version of the definition." placeholder:"N"`
	State       []string `enum:"scheduled,running,suspended,incident,cancelling,completed,failed,cancelled" help:"Any of these states; may repeat." placeholder:"STATE"`
	ErrorCode   string   `help:"Code of its error, or of an open incident." placeholder:"CODE"`
	Node        string   `help:"Node of an open incident." placeholder:"NODE"`
	StartedFrom string   `help:"Started then or later: RFC 3339, a date, or how long ago: 15m, 2h, 7d." placeholder:"TIME"`
	StartedTo   string   `help:"Started before then: RFC 3339, a date, or how long ago." placeholder:"TIME"`
	Outermost   bool     `help:"Leave out what was called by another process."`
	Everything  bool     `help:"Every process: needed when there is no filter."`
	Value       string   `help:"Of skip: what the tasks would have answered, a JSON object, @file or -; default: {}." placeholder:"JSON"`
	Priority    int      `help:"Of set_priority: 1 (urgent) to 5." placeholder:"N"`
	Step        string   `help:"Of restart_from: the node to begin at; of fire: the event whose time comes." placeholder:"NODE"`
	ToVersion   int      `help:"Of migrate: the version to go on in." placeholder:"N"`
	Message     string   `help:"Of message: its name." placeholder:"NAME"`
	Key         string   `help:"Of message: the correlation key; default: the one that each process waits under." placeholder:"KEY"`
	Payload     string   `help:"Of message: a JSON object, @file or -; default: {}." placeholder:"JSON"`
	Why         string   `name:"reason" help:"Do it at once, for this reason. Without it nothing happens yet." placeholder:"TEXT"`
}

// BulkRun starts a job.
type BulkRun struct {
	Remote
	Reason
	Job string `arg:"" help:"Id of the job."`
}

// BulkShow is a command about one job.
type BulkShow struct {
	Remote
	Job string `arg:"" help:"Id of the job."`
}

// BulkItems lists a job's items.
type BulkItems struct {
	Remote
	Page
	Job   string   `arg:"" help:"Id of the job."`
	State []string `enum:"pending,done,refused,failed" help:"Any of these; may repeat: pending, done, refused, failed." placeholder:"STATE"`
}

// BulkList lists jobs.
type BulkList struct {
	Remote
	Page
}
