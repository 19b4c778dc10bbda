package httpapi

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/taskurotta/taskurotta-go/fault"
)

// fake is every port at once: it answers with what a test put into it and remembers what it was told.
type fake struct {
	mu       sync.Mutex
	calls    []string
	starts   []StartProcess
	commands []TaskCommand
	sent     []SendMessage
	hooks    []WebhookRequest
	sendErr  error // what SendMessage answers
	entries  []AuditEntry
	stored   map[string][]byte
	owner    map[string]string // file → user

	fail  error                     // what every port call answers, when set
	block func(ctx context.Context) // runs in every port call, when set
}

var (
	_ Engine      = (*fake)(nil)
	_ Designer    = (*fake)(nil)
	_ Catalog     = (*fake)(nil)
	_ Expressions = (*fake)(nil)
	_ Auth        = (*fake)(nil)
	_ Files       = (*fake)(nil)
	_ Audit       = (*fake)(nil)
	_ Mailbox     = (*fake)(nil)
	_ Alerts      = fakeAlerts{}
	_ Bulk        = fakeBulk{}
)

func newFake() *fake { return &fake{stored: map[string][]byte{}, owner: map[string]string{}} }

func (f *fake) called(ctx context.Context, name string) error {
	if f.block != nil {
		f.block(ctx)
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, name)
	return f.fail
}

func (f *fake) countCalls() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.calls)
}

const (
	knownProcess = "01926d5e-7b1a-7000-8000-000000000001"
	knownTask    = "01926d5e-7b1a-7000-8000-000000000002"
)

func (f *fake) StartProcess(ctx context.Context, command StartProcess) (StartedProcess, error) {
	if err := f.called(ctx, "start"); err != nil {
		return StartedProcess{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, earlier := range f.starts {
		if command.IdempotencyKey != "" && earlier.IdempotencyKey == command.IdempotencyKey {
			if !bytes.Equal(earlier.Input, command.Input) {
				return StartedProcess{}, fault.New(fault.Conflict, "process.idempotency_conflict", "The key was used with another body.")
			}
			return StartedProcess{ID: knownProcess[:len(knownProcess)-1] + string(rune('0'+i)), Existing: true}, nil
		}
	}
	command.Input = bytes.Clone(command.Input)
	f.starts = append(f.starts, command)
	return StartedProcess{ID: knownProcess[:len(knownProcess)-1] + string(rune('0'+len(f.starts)-1))}, nil
}

func (f *fake) SearchProcesses(ctx context.Context, _ ProcessFilter) (Page[ProcessSummary], error) {
	return Page[ProcessSummary]{}, f.called(ctx, "search")
}

func (f *fake) Process(ctx context.Context, id string) (Process, error) {
	if err := f.called(ctx, "process"); err != nil {
		return Process{}, err
	}
	if id != knownProcess {
		return Process{}, fault.New(fault.NotFound, "process.not_found", "There is no such process.")
	}
	return Process{ProcessSummary: ProcessSummary{ID: id, Definition: "check", Version: 1, State: "running"}, Input: json.RawMessage(`{"big":9007199254740993}`)}, nil
}

func (f *fake) Children(ctx context.Context, _ string, _ ChildFilter) (Page[ProcessSummary], error) {
	return Page[ProcessSummary]{}, f.called(ctx, "children")
}

func (f *fake) Tasks(ctx context.Context, _ string, _ TaskFilter) (Page[TaskSummary], error) {
	return Page[TaskSummary]{}, f.called(ctx, "tasks")
}

func (f *fake) Task(ctx context.Context, _, _ string) (Task, error) {
	return Task{Input: json.RawMessage(`{}`)}, f.called(ctx, "task")
}

func (f *fake) Events(ctx context.Context, _ string, _ int64, _ int) ([]Event, int64, error) {
	return nil, 0, f.called(ctx, "events")
}

func (f *fake) Cancel(ctx context.Context, _ ProcessCommand) error { return f.called(ctx, "cancel") }
func (f *fake) Delete(ctx context.Context, _ ProcessCommand) error { return f.called(ctx, "delete") }
func (f *fake) SetPriority(ctx context.Context, _ ProcessCommand, _ int) error {
	return f.called(ctx, "set priority")
}
func (f *fake) Limits(ctx context.Context) ([]Limit, error) { return nil, f.called(ctx, "limits") }
func (f *fake) SetLimit(ctx context.Context, _ SetLimit) error {
	return f.called(ctx, "set limit")
}
func (f *fake) RemoveLimit(ctx context.Context, _ string) error { return f.called(ctx, "remove limit") }
func (f *fake) Pauses(ctx context.Context) ([]Pause, error)     { return nil, f.called(ctx, "pauses") }
func (f *fake) Pause(ctx context.Context, _ PauseCommand) error {
	return f.called(ctx, "pause")
}
func (f *fake) Drain(ctx context.Context, _ DrainCommand) ([]DrainedWorker, error) {
	return nil, f.called(ctx, "drain")
}
func (f *fake) Undrain(ctx context.Context, _ DrainCommand) ([]DrainedWorker, error) {
	return nil, f.called(ctx, "undrain")
}
func (f *fake) Unpause(ctx context.Context, _ PauseCommand) error   { return f.called(ctx, "unpause") }
func (f *fake) Suspend(ctx context.Context, _ ProcessCommand) error { return f.called(ctx, "suspend") }
func (f *fake) Resume(ctx context.Context, _ ProcessCommand) error  { return f.called(ctx, "resume") }

func (f *fake) Restart(ctx context.Context, _ RestartProcess) (string, error) {
	return knownProcess, f.called(ctx, "restart")
}

func (f *fake) RetryTask(ctx context.Context, command TaskCommand) error {
	f.mu.Lock()
	f.commands = append(f.commands, command)
	f.mu.Unlock()
	return f.called(ctx, "retry")
}

func (f *fake) SkipTask(ctx context.Context, _ TaskCommand) error { return f.called(ctx, "skip") }

func (f *fake) SendMessage(ctx context.Context, message SendMessage) (SentMessage, error) {
	f.mu.Lock()
	refused := f.sendErr
	if refused == nil {
		f.sent = append(f.sent, message)
	}
	f.mu.Unlock()
	if refused != nil {
		return SentMessage{}, refused
	}
	return SentMessage{ID: knownTask, Outcome: "stored", Existing: message.ID == "known"}, f.called(ctx, "message")
}

func (f *fake) KeptMessages(ctx context.Context, _ MessageFilter) (Page[Message], error) {
	return Page[Message]{}, f.called(ctx, "messages")
}

func (f *fake) KeptMessage(ctx context.Context, id string) (Message, error) {
	return Message{ID: id, Name: "paid", State: "waiting"}, f.called(ctx, "read message")
}

func (f *fake) DeleteMessage(ctx context.Context, _ string) error {
	return f.called(ctx, "delete message")
}

func (f *fake) UserTasks(ctx context.Context, _ Person, _ UserTaskFilter) (Page[UserTaskSummary], error) {
	return Page[UserTaskSummary]{}, f.called(ctx, "user tasks")
}

// UserTask is for the group clerks, and shows the file whose content is "shown".
func (f *fake) UserTask(ctx context.Context, person Person, _, _ string) (UserTask, error) {
	if !person.All && !slices.Contains(person.Groups, "clerks") {
		return UserTask{}, fault.New(fault.Forbidden, "usertask.not_yours", "The task is for others.")
	}
	sum := sha256.Sum256([]byte("shown"))
	input := `{"deed":{"$file":"sha256:` + hex.EncodeToString(sum[:]) + `","name":"deed.txt"}}`
	return UserTask{UserTaskSummary: UserTaskSummary{Groups: []string{"clerks"}}, Input: json.RawMessage(input)}, f.called(ctx, "user task")
}

func (f *fake) ClaimUserTask(ctx context.Context, _ Person, _, _ string) error {
	return f.called(ctx, "claim")
}

func (f *fake) ReleaseUserTask(ctx context.Context, _ Person, _, _ string) error {
	return f.called(ctx, "release")
}

func (f *fake) CompleteUserTask(ctx context.Context, _ Person, command TaskCommand) error {
	f.mu.Lock()
	f.commands = append(f.commands, command)
	f.mu.Unlock()
	return f.called(ctx, "complete")
}

func (f *fake) Incidents(ctx context.Context, _ IncidentFilter) (Page[Incident], error) {
	return Page[Incident]{}, f.called(ctx, "incidents")
}

func (f *fake) IncidentCount(ctx context.Context) (int64, error) {
	return 3, f.called(ctx, "incident count")
}

func (f *fake) IncidentGroups(ctx context.Context, _ IncidentFilter) (IncidentGroups, error) {
	return IncidentGroups{}, f.called(ctx, "incident groups")
}

func (f *fake) Retentions(ctx context.Context) (Retentions, error) {
	return Retentions{Default: Retention{Days: 90, Default: 90}}, f.called(ctx, "retentions")
}

func (f *fake) PreviewRetention(ctx context.Context, _ string, _ int) (int, bool, error) {
	return 12, false, f.called(ctx, "preview retention")
}

func (f *fake) SetRetention(ctx context.Context, _ SetRetention) error {
	return f.called(ctx, "set retention")
}

func (f *fake) Pools(ctx context.Context) ([]Pool, error) {
	return []Pool{{Pool: "documents", Queued: 7, Backlog: 3, OldestAgeMS: 1500}}, f.called(ctx, "pools")
}

func (f *fake) Usage(ctx context.Context, _, _ string, _ time.Duration) (Usage, error) {
	return Usage{}, f.called(ctx, "usage")
}

func (f *fake) TaskInput(ctx context.Context, _ string) (json.RawMessage, error) {
	return json.RawMessage(`{"a":1}`), f.called(ctx, "input")
}

func (f *fake) Definitions(ctx context.Context, _, _ string, _ int) (Page[DefinitionSummary], error) {
	return Page[DefinitionSummary]{}, f.called(ctx, "definitions")
}

func (f *fake) CreateDefinition(ctx context.Context, command CreateDefinition) (Definition, error) {
	return Definition{DefinitionSummary: DefinitionSummary{Key: command.Key, Title: command.Title}}, f.called(ctx, "create definition")
}

func (f *fake) Definition(ctx context.Context, key string) (Definition, error) {
	return Definition{DefinitionSummary: DefinitionSummary{Key: key}}, f.called(ctx, "definition")
}

func (f *fake) RenameDefinition(ctx context.Context, _, key, title string) (Definition, error) {
	return Definition{DefinitionSummary: DefinitionSummary{Key: key, Title: title}}, f.called(ctx, "rename")
}

func (f *fake) Draft(ctx context.Context, _ string) (Draft, error) {
	return Draft{Document: Document(`{"schema":1}`), Revision: 7}, f.called(ctx, "draft")
}

func (f *fake) SaveDraft(ctx context.Context, command SaveDraft) (SavedDraft, error) {
	if err := f.called(ctx, "save"); err != nil {
		return SavedDraft{}, err
	}
	if command.Revision != 7 {
		return SavedDraft{}, fault.New(fault.PreconditionFailed, "draft.conflict", "Somebody saved the draft meanwhile.").
			WithIssues(fault.Issue{Code: "draft.conflict", Message: "the stored revision is 7", Params: map[string]any{"current_revision": int64(7)}})
	}
	return SavedDraft{Revision: 8, UpdatedAt: time.Unix(0, 0)}, nil
}

func (f *fake) Validate(ctx context.Context, _ string, _ []byte) ([]Issue, error) {
	return []Issue{{Code: "graph.no_end", Message: "there is no end"}}, f.called(ctx, "validate")
}

func (f *fake) Publish(ctx context.Context, _ Publish) (Version, error) {
	if err := f.called(ctx, "publish"); err != nil {
		return Version{}, err
	}
	return Version{}, fault.New(fault.Invalid, "definition.invalid", "The draft breaks rules.").
		WithIssues(fault.Issue{Code: "graph.unknown_type", Node: "check", Path: "/nodes/1/service/type", Message: "no such node type"})
}

func (f *fake) Versions(ctx context.Context, _, _ string, _ int) (Page[Version], error) {
	return Page[Version]{}, f.called(ctx, "versions")
}

func (f *fake) Version(ctx context.Context, _ string, number int) (VersionDetail, error) {
	return VersionDetail{Version: Version{Number: number}, Document: Document(`{"schema":1}`)}, f.called(ctx, "version")
}

func (f *fake) Test(ctx context.Context, command TestDraft) (StartedTest, error) {
	return StartedTest{ID: knownProcess, Version: -1, Mocked: []string{command.Step}}, f.called(ctx, "test")
}

func (f *fake) Pins(ctx context.Context, _ string) ([]Pin, error) { return nil, f.called(ctx, "pins") }

func (f *fake) Pin(ctx context.Context, _, _, _ string, _ Mock) error { return f.called(ctx, "pin") }

func (f *fake) Unpin(ctx context.Context, _, _ string) error { return f.called(ctx, "unpin") }

func (f *fake) SetLatest(ctx context.Context, _, key string, number int) (Definition, error) {
	return Definition{DefinitionSummary: DefinitionSummary{Key: key, Latest: number}}, f.called(ctx, "set latest")
}

func (f *fake) NodeTypes(ctx context.Context) ([]NodeType, error) {
	return nil, f.called(ctx, "node types")
}

func (f *fake) Preview(ctx context.Context, _ json.RawMessage, _ ExpressionContext) (json.RawMessage, *ExpressionError) {
	if f.called(ctx, "preview") != nil {
		return nil, &ExpressionError{Code: "expr.eval"}
	}
	return json.RawMessage(`1`), nil
}

func (f *fake) TryDecision(ctx context.Context, _ json.RawMessage, _ []json.RawMessage, _ ExpressionContext) (TriedDecision, error) {
	return TriedDecision{Output: json.RawMessage(`{}`)}, f.called(ctx, "tryDecision")
}

var everyPermission = []Permission{
	PermProcessRead, PermProcessStart, PermProcessOperate, PermProcessDelete, PermDefinitionRead, PermDefinitionEdit, PermDefinitionPublish,
	PermWorkerRead, PermAuditRead, PermUserManage, PermMailRead, PermAlertRead, PermAlertManage, PermTaskDo, PermMessageSend, PermScheduleManage, PermCalendarManage, PermSecretRead, PermSecretManage, PermWork,
}

// TokenIdentity understands "all", "none", "only:PERMISSION" and "but:PERMISSION,PERMISSION".
func (f *fake) TokenIdentity(_ context.Context, token string) (Identity, error) {
	who := Identity{UserID: "u-" + token, Login: "ann"}
	kind, permission, _ := strings.Cut(token, ":")
	switch kind {
	case "all":
		who.Permissions = everyPermission
	case "none":
	case "only":
		who.Permissions = []Permission{Permission(permission)}
	case "but":
		for _, p := range everyPermission {
			if !slices.Contains(strings.Split(permission, ","), string(p)) {
				who.Permissions = append(who.Permissions, p)
			}
		}
	default:
		return Identity{}, fault.New(fault.Unauthorized, "token.unknown", "The token is not known.")
	}
	return who, nil
}

func (f *fake) SessionIdentity(ctx context.Context, session string) (Identity, error) {
	return f.TokenIdentity(ctx, session)
}

func (f *fake) SignIn(ctx context.Context, attempt SignIn) (Session, error) {
	if err := f.called(ctx, "sign in"); err != nil {
		return Session{}, err
	}
	if attempt.Password != "right" && attempt.Token != "once" {
		return Session{}, fault.New(fault.Unauthorized, "session.refused", "Login or password is wrong.")
	}
	return Session{Secret: "all", Expires: time.Now().Add(time.Hour), Identity: Identity{UserID: "u1", Login: "ann", Permissions: everyPermission}}, nil
}

func (f *fake) SignOut(ctx context.Context, _ string) error { return f.called(ctx, "sign out") }

func (f *fake) Users(ctx context.Context, _ string, _ int) (Page[User], error) {
	return Page[User]{}, f.called(ctx, "users")
}

func (f *fake) CreateUser(ctx context.Context, command CreateUser) (User, error) {
	return User{ID: "u2", Login: command.Login, Roles: command.Roles}, f.called(ctx, "create user")
}

func (f *fake) UpdateUser(ctx context.Context, command UpdateUser) (User, error) {
	return User{ID: command.ID, Roles: []string{}}, f.called(ctx, "update user")
}

func (f *fake) Tokens(ctx context.Context, _ Identity, _ string, _ int) (Page[Token], error) {
	return Page[Token]{}, f.called(ctx, "tokens")
}

func (f *fake) CreateToken(ctx context.Context, command CreateToken) (CreatedToken, error) {
	return CreatedToken{Token: Token{ID: "t1", Name: command.Name, Roles: []string{}}, Secret: "s"}, f.called(ctx, "create token")
}

func (f *fake) DeleteToken(ctx context.Context, _ Identity, _ string) error {
	return f.called(ctx, "delete token")
}

func (f *fake) Save(ctx context.Context, upload Upload, r io.Reader) (FileRef, error) {
	if err := f.called(ctx, "save file"); err != nil {
		return FileRef{}, err
	}
	body, err := io.ReadAll(r)
	if err != nil {
		return FileRef{}, err
	}
	sum := sha256.Sum256(body)
	address := hex.EncodeToString(sum[:])
	f.mu.Lock()
	defer f.mu.Unlock()
	f.stored[address], f.owner[address] = body, upload.UserID
	return FileRef{File: "sha256:" + address, Name: upload.Name, Size: int64(len(body)), MediaType: "text/html"}, nil
}

func (f *fake) Open(ctx context.Context, request OpenFile) (FileContent, error) {
	if err := f.called(ctx, "open file"); err != nil {
		return FileContent{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	body, found := f.stored[request.SHA256]
	if !found || (!request.Worker && f.owner[request.SHA256] != request.UserID) {
		return FileContent{}, fault.New(fault.NotFound, "file.not_found", "There is no such file.")
	}
	return FileContent{Name: "evil\r\n.html", MediaType: "text/html", Size: int64(len(body)), Body: io.NopCloser(bytes.NewReader(body))}, nil
}

func (f *fake) Check(ctx context.Context, user, _ string, refs []FileRef) ([]FileRef, error) {
	if err := f.called(ctx, "check files"); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, ref := range refs {
		if f.owner[strings.TrimPrefix(ref.File, "sha256:")] != user {
			return nil, fault.New(fault.Forbidden, "file.forbidden", "The file is not yours.")
		}
	}
	return refs, nil
}

func (f *fake) Record(_ context.Context, entries []AuditEntry) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.entries = append(f.entries, entries...)
	return nil
}

func (f *fake) recorded() []AuditEntry {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]AuditEntry(nil), f.entries...)
}

func (f *fake) Entries(ctx context.Context, _ AuditFilter) (Page[AuditEntry], error) {
	return Page[AuditEntry]{}, f.called(ctx, "audit")
}

func (f *fake) Messages() []MailSummary { return nil }

func (f *fake) Message(string) (Mail, bool) { return Mail{Headers: map[string]string{}}, true }
