package httpapi

import (
	"context"
	"encoding/json"
	"io"
	"time"
)

// Engine is what the API needs of the part that runs processes. Errors are fault.Error; others are answered as 500.
type Engine interface {
	StartProcess(ctx context.Context, command StartProcess) (StartedProcess, error)
	SearchProcesses(ctx context.Context, filter ProcessFilter) (Page[ProcessSummary], error)
	Process(ctx context.Context, id string) (Process, error)
	// Children lists the processes that one has called, oldest first.
	Children(ctx context.Context, process string, filter ChildFilter) (Page[ProcessSummary], error)
	Tasks(ctx context.Context, process string, filter TaskFilter) (Page[TaskSummary], error)
	Task(ctx context.Context, process, task string) (Task, error)
	// Events returns the events after a sequence and the process's head.
	Events(ctx context.Context, process string, after int64, limit int) ([]Event, int64, error)
	Cancel(ctx context.Context, command ProcessCommand) error
	Suspend(ctx context.Context, command ProcessCommand) error
	Resume(ctx context.Context, command ProcessCommand) error
	// Delete removes a process and leaves a tombstone.
	Delete(ctx context.Context, command ProcessCommand) error
	SetPriority(ctx context.Context, command ProcessCommand, priority int) error
	// Restart starts a linked process and returns its id.
	Restart(ctx context.Context, command RestartProcess) (string, error)
	RetryTask(ctx context.Context, command TaskCommand) error
	SkipTask(ctx context.Context, command TaskCommand) error
	Repair
	// SendMessage gives a message to the process that waits for it, or keeps it for one that will.
	SendMessage(ctx context.Context, message SendMessage) (SentMessage, error)
	// KeptMessages lists messages that are kept.
	KeptMessages(ctx context.Context, filter MessageFilter) (Page[Message], error)
	KeptMessage(ctx context.Context, id string) (Message, error)
	DeleteMessage(ctx context.Context, id string) error
	// UserTasks lists the tasks that a person may do, oldest first.
	UserTasks(ctx context.Context, person Person, filter UserTaskFilter) (Page[UserTaskSummary], error)
	UserTask(ctx context.Context, person Person, process, task string) (UserTask, error)
	ClaimUserTask(ctx context.Context, person Person, process, task string) error
	ReleaseUserTask(ctx context.Context, person Person, process, task string) error
	CompleteUserTask(ctx context.Context, person Person, command TaskCommand) error
	Incidents(ctx context.Context, filter IncidentFilter) (Page[Incident], error)
	IncidentCount(ctx context.Context) (int64, error)
	IncidentGroups(ctx context.Context, filter IncidentFilter) (IncidentGroups, error)
	Pools(ctx context.Context) ([]Pool, error)
	// Usage returns the figures of charts: of a subject's names (name "": of all) in the span until now.
	Usage(ctx context.Context, subject, name string, span time.Duration) (Usage, error)
	Limits(ctx context.Context) ([]Limit, error)
	SetLimit(ctx context.Context, command SetLimit) error
	RemoveLimit(ctx context.Context, nodeType string) error
	Pauses(ctx context.Context) ([]Pause, error)
	Pause(ctx context.Context, command PauseCommand) error
	Unpause(ctx context.Context, command PauseCommand) error
	Drain(ctx context.Context, command DrainCommand) ([]DrainedWorker, error)
	// Undrain takes orders to drain back; Stay and Within mean nothing.
	Undrain(ctx context.Context, command DrainCommand) ([]DrainedWorker, error)
	Retentions(ctx context.Context) (Retentions, error)
	// PreviewRetention counts what a retention of so many days would remove now; more says that there are more.
	PreviewRetention(ctx context.Context, definition string, days int) (n int, more bool, err error)
	SetRetention(ctx context.Context, command SetRetention) error
	// TaskInput returns the input that a message refers to instead of carrying it.
	TaskInput(ctx context.Context, ref string) (json.RawMessage, error)
}

// StartProcess starts a process of a published version.
type StartProcess struct {
	Actor          string
	Definition     string
	Version        int // 0 means the latest
	CustomID       string
	Input          json.RawMessage
	Priority       int        // 0 means the default
	StartAt        *time.Time // nil means at once
	IdempotencyKey string
	Files          []FileRef // files that the input names, checked
}

// ProcessFilter narrows a search; its members are combined with AND, zero values don't filter.
type ProcessFilter struct {
	CustomID       string
	CustomIDPrefix string
	IDs            []string
	Definition     string
	Version        int
	States         []string
	StartedFrom    *time.Time
	StartedTo      *time.Time
	ErrorCode      string
	Worker         string
	Outermost      bool   // what was called by another process is left out
	Tests          string // "": test runs are left out; only: nothing else; any: they are found too
	Limit          int
	Cursor         string
}

// ChildFilter narrows the list of the processes that one has called.
type ChildFilter struct {
	Task   string // of the call
	Limit  int
	Cursor string
}

// TaskFilter narrows the list of a process's tasks.
type TaskFilter struct {
	States []string
	IDs    []string
	Scope  string // tasks right below this scope
	Limit  int
	Cursor string
}

// IncidentFilter narrows the list of open incidents.
type IncidentFilter struct {
	Definition string
	NodeID     string
	Code       string
	Group      string
	Text       string
	OpenedFrom *time.Time
	OpenedTo   *time.Time
	Limit      int
	Cursor     string
}

// ProcessCommand is an operation on one process.
type ProcessCommand struct {
	Actor     string
	ProcessID string
	Reason    string
}

// SendMessage is a message to whatever process waits for its name and key.
type SendMessage struct {
	Actor   string
	Name    string
	Key     string
	ID      string // the sender's; empty: none
	Payload json.RawMessage
	Files   []FileRef     // files that Payload names, checked
	Keep    time.Duration // how long it waits; 0 means a day, negative: it does not wait
}

// Person is who acts on user tasks. All: the person may act on every task, as support does.
type Person struct {
	Login  string
	Groups []string
	All    bool
}

// UserTaskFilter narrows the list of user tasks.
type UserTaskFilter struct {
	Mine           bool // claimed by the person
	Definition     string
	CustomIDPrefix string
	ProcessID      string
	Cursor         string
	Limit          int
}

// SetLimit limits a node type; zero numbers mean no such limit.
type SetLimit struct {
	Actor    string
	NodeType string
	Key      string
	Most     int
	Starts   int
	Per      time.Duration
	Reason   string
}

// PauseCommand pauses a node type, a pool or a definition, or resumes it.
type PauseCommand struct {
	Actor  string
	Kind   string // type, pool or definition
	Name   string
	Reason string
}

// DrainCommand orders workers to take no more tasks; one of Worker, Pool and Host says which.
type DrainCommand struct {
	Actor              string
	Worker, Pool, Host string
	Stay               bool
	Within             time.Duration // 0: what runs may take its time
	Reason             string
}

// TaskCommand is an operation on one task: Input edits a retried task, Output is the value of a skipped one.
type TaskCommand struct {
	ProcessCommand
	TaskID string
	Input  json.RawMessage // nil keeps the input
	Output json.RawMessage
	Files  []FileRef // files that Input or Output name, checked
}

// RestartProcess starts a linked process like an ended or held one.
type RestartProcess struct {
	ProcessCommand
	Input    json.RawMessage // nil keeps the input
	CustomID *string         // nil keeps the customId
	Files    []FileRef
}

// Designer is what the API needs of the part that keeps definitions.
type Designer interface {
	Definitions(ctx context.Context, query, cursor string, limit int) (Page[DefinitionSummary], error)
	CreateDefinition(ctx context.Context, command CreateDefinition) (Definition, error)
	Definition(ctx context.Context, key string) (Definition, error)
	RenameDefinition(ctx context.Context, actor, key, title string) (Definition, error)
	Draft(ctx context.Context, key string) (Draft, error)
	// SaveDraft answers precondition_failed, code draft.conflict, when Revision is not the present one.
	SaveDraft(ctx context.Context, command SaveDraft) (SavedDraft, error)
	Validate(ctx context.Context, key string, document []byte) ([]Issue, error)
	// Publish answers invalid with issues when the draft breaks a rule.
	Publish(ctx context.Context, command Publish) (Version, error)
	Versions(ctx context.Context, key, cursor string, limit int) (Page[Version], error)
	Version(ctx context.Context, key string, number int) (VersionDetail, error)
	SetLatest(ctx context.Context, actor, key string, number int) (Definition, error)
	// Test starts a test process of the draft. It answers invalid with issues when the draft breaks a rule.
	Test(ctx context.Context, command TestDraft) (StartedTest, error)
	Pins(ctx context.Context, key string) ([]Pin, error)
	Pin(ctx context.Context, actor, key, node string, mock Mock) error
	Unpin(ctx context.Context, key, node string) error
	Calendars
}

// TestDraft runs the draft as a test. Step, Outputs and Item are of a step that is tried alone.
type TestDraft struct {
	Actor       string
	Key         string
	Revision    int64 // 0: the present one
	Input       json.RawMessage
	CustomID    string
	Mocks       map[string]Mock
	Real        []string // nodes that do what they do, whatever is pinned
	SideEffects bool
	Step        string
	Outputs     map[string]json.RawMessage
	Item        json.RawMessage
	Files       []FileRef // files that the input and the outputs name, checked
}

// StartedTest is a test process, the version that it runs, and the nodes that are mocked in it.
type StartedTest struct {
	ID      string
	Version int
	Mocked  []string
}

// CreateDefinition makes a definition with its first draft.
type CreateDefinition struct {
	Actor    string
	Key      string
	Title    string
	Document []byte // empty means a start and an end
}

// SaveDraft replaces a draft's document when nobody else did since Revision.
type SaveDraft struct {
	Actor    string
	Key      string
	Revision int64
	Document []byte
}

// Publish makes the draft of a revision the next version.
type Publish struct {
	Actor    string
	Key      string
	Revision int64 // 0 means the present one
	Note     string
}

// Catalog lists the node types.
type Catalog interface {
	NodeTypes(ctx context.Context) ([]NodeType, error)
}

// Expressions computes a field of a node's configuration on given data.
type Expressions interface {
	// Preview returns the value, or why there is none.
	Preview(ctx context.Context, value json.RawMessage, data ExpressionContext) (json.RawMessage, *ExpressionError)
	// TryDecision asks a decision table; JSON that is no table is invalid.
	TryDecision(ctx context.Context, decision json.RawMessage, inputs []json.RawMessage, data ExpressionContext) (TriedDecision, error)
}

// Auth knows users, sessions and tokens. Unknown, expired and disabled credentials are unauthorized.
type Auth interface {
	// SignIn checks a password, or the one-time token that `dev` prints.
	SignIn(ctx context.Context, attempt SignIn) (Session, error)
	SignOut(ctx context.Context, session string) error
	// SessionIdentity returns who a session cookie belongs to.
	SessionIdentity(ctx context.Context, session string) (Identity, error)
	// TokenIdentity returns who an API token belongs to.
	TokenIdentity(ctx context.Context, token string) (Identity, error)

	Users(ctx context.Context, cursor string, limit int) (Page[User], error)
	CreateUser(ctx context.Context, command CreateUser) (User, error)
	UpdateUser(ctx context.Context, command UpdateUser) (User, error)
	Tokens(ctx context.Context, who Identity, cursor string, limit int) (Page[Token], error)
	CreateToken(ctx context.Context, command CreateToken) (CreatedToken, error)
	DeleteToken(ctx context.Context, who Identity, id string) error
}

// SignIn is one attempt to sign in: a login and a password, or a one-time token.
type SignIn struct {
	Login    string
	Password string
	Token    string
}

// Session is a new session; Secret goes into the cookie.
type Session struct {
	Secret   string
	Expires  time.Time
	Identity Identity
}

// CreateUser adds a local account.
type CreateUser struct {
	Login    string
	Name     string
	Password string
	Roles    []string
	Groups   []string
}

// UpdateUser changes an account; nil members stay as they are.
type UpdateUser struct {
	ID       string
	Name     *string
	Password *string
	Roles    []string
	Groups   []string
	Locale   *string
	Disabled *bool
}

// CreateToken makes an API token that acts for Owner with some of its roles.
type CreateToken struct {
	Owner     Identity
	Name      string
	Roles     []string // empty means the owner's
	Pools     []string // of workers' tokens: those that it is for; empty means all
	ExpiresAt *time.Time
}

// Files keeps what people and workers upload. A file is readable by whoever uploaded it and through the processes it was
// given to.
type Files interface {
	// Save stores what r gives until its end; an error of r is returned as it is.
	Save(ctx context.Context, upload Upload, r io.Reader) (FileRef, error)
	// Open answers not_found when there is no such file or the reader may not have it.
	Open(ctx context.Context, request OpenFile) (FileContent, error)
	// Check returns what is stored about the files that refs name; one that the user neither uploaded nor may read through
	// the process is forbidden.
	Check(ctx context.Context, user, process string, refs []FileRef) ([]FileRef, error)
}

// Upload says whose a new file is.
type Upload struct {
	UserID    string // who uploads it
	ProcessID string // of a worker's file: the process whose task made it
	Name      string
	MediaType string // as declared; what is stored is decided by content
}

// OpenFile asks for a file's content. A worker reads what the process it works for may read.
type OpenFile struct {
	SHA256    string
	UserID    string
	ProcessID string // through this process
	Worker    bool
}

// FileContent is an open file; whoever gets it closes Body.
type FileContent struct {
	Name      string
	MediaType string
	Size      int64
	Body      io.ReadCloser
}

// Audit is the append-only record of changes.
type Audit interface {
	Record(ctx context.Context, entries []AuditEntry) error
	Entries(ctx context.Context, filter AuditFilter) (Page[AuditEntry], error)
}

// AuditFilter narrows the record; its members are combined with AND.
type AuditFilter struct {
	Actor       string
	Action      string
	SubjectKind string
	SubjectID   string
	ProcessID   string // entries about this process or one of its tasks
	Limit       int
	Cursor      string
}

// Mailbox is dev's mail server.
type Mailbox interface {
	Messages() []MailSummary
	Message(id string) (Mail, bool)
}
