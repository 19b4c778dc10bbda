package designer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/taskurotta/taskurotta-go/designer/catalog"
	"github.com/taskurotta/taskurotta-go/designer/codec"
	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/designer/strictjson"
	"github.com/taskurotta/taskurotta-go/designer/validate"
	"github.com/taskurotta/taskurotta-go/fault"
)

// Service is what people do with definitions. It is safe for concurrent use.
type Service struct {
	store   Store
	catalog *catalog.Catalog

	mu       sync.RWMutex
	versions map[versionKey]Version // they never change, so they are kept
}

type versionKey struct {
	key    string
	number int
}

// keptVersions bounds the memory for versions; past it, all are forgotten and read again.
const keptVersions = 2000

// New returns the service over a store and the catalog.
func New(store Store, types *catalog.Catalog) *Service {
	return &Service{store: store, catalog: types, versions: map[versionKey]Version{}}
}

var validKey = regexp.MustCompile(`^[a-z][a-z0-9-]{0,62}$`)

// possible answers not_found for what can't be a key, before PostgreSQL chokes on its bytes.
func possible(key string) error {
	if validKey.MatchString(key) {
		return nil
	}
	return fault.Newf(fault.NotFound, "definition.not_found", "There is no definition %.100q.", key)
}

// Create makes a definition with its first draft; without a document one start and one end. A key in use is a conflict.
func (s *Service) Create(ctx context.Context, actor, key, title string, document json.RawMessage) (Definition, error) {
	var issues []fault.Issue
	if !validKey.MatchString(key) {
		issues = append(issues, fault.Issue{Code: "definition.key", Path: "/key", Message: "A key has 1 to 63 lower-case letters, digits and hyphens, and begins with a letter."})
	}
	title, issues = checkTitle(title, issues)
	if len(issues) > 0 {
		return Definition{}, fault.New(fault.Invalid, "definition.invalid", "The definition can't be made like this.").WithIssues(issues...)
	}
	if len(document) == 0 {
		document = codec.Encode(blank(title))
	}
	decoded, broken := codec.Decode(document)
	if len(broken) > 0 {
		return Definition{}, unreadable(broken)
	}
	definition := Definition{ID: uuid.Must(uuid.NewV7()).String(), Key: key, Title: title, DraftRevision: 1, DraftSum: codec.Checksum(decoded), UpdatedBy: actor}
	if err := s.store.Create(ctx, definition, document); err != nil {
		return Definition{}, err
	}
	return s.store.Get(ctx, key)
}

func checkTitle(title string, issues []fault.Issue) (string, []fault.Issue) {
	title = strings.TrimSpace(title)
	if n := utf8.RuneCountInString(title); n < 1 || n > 200 || !storable(title) {
		issues = append(issues, fault.Issue{Code: "definition.title", Path: "/title", Message: "A title has 1 to 200 characters, none of them a control character."})
	}
	return title, issues
}

// storable reports whether a line of text can be kept: PostgreSQL takes neither U+0000 nor broken UTF-8.
func storable(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, unicode.IsControl)
}

// blank is the draft that a new definition begins with.
func blank(title string) *graph.Document {
	return &graph.Document{
		Schema: graph.SchemaVersion,
		Nodes: []graph.Node{
			{ID: "start", Kind: graph.KindStartEvent, Title: title, Start: &graph.StartEvent{}},
		},
		Edges:  []graph.Edge{},
		Layout: graph.Layout{Nodes: map[string]graph.Point{"start": {X: 80, Y: 240}}},
	}
}

// List returns definitions by key, those whose key or title holds query.
func (s *Service) List(ctx context.Context, query, cursor string, limit int) ([]Definition, string, error) {
	if !storable(query) || !storable(cursor) {
		return nil, "", nil // nothing that is kept holds such a text
	}
	found, err := s.store.List(ctx, query, cursor, limit+1)
	if err != nil {
		return nil, "", err
	}
	if len(found) > limit {
		return found[:limit], found[limit-1].Key, nil
	}
	return found, "", nil
}

// Get returns one definition.
func (s *Service) Get(ctx context.Context, key string) (Definition, error) {
	if err := possible(key); err != nil {
		return Definition{}, err
	}
	return s.store.Get(ctx, key)
}

// Rename changes a definition's title; its key stays.
func (s *Service) Rename(ctx context.Context, key, title string) (Definition, error) {
	title, issues := checkTitle(title, nil)
	if len(issues) > 0 {
		return Definition{}, fault.New(fault.Invalid, "definition.invalid", issues[0].Message).WithIssues(issues...)
	}
	if err := possible(key); err != nil {
		return Definition{}, err
	}
	if err := s.store.Rename(ctx, key, title); err != nil {
		return Definition{}, err
	}
	return s.store.Get(ctx, key)
}

// Titles returns key → title of all definitions.
func (s *Service) Titles(ctx context.Context) (map[string]string, error) { return s.store.Titles(ctx) }

// Draft returns a draft with what is wrong with it.
func (s *Service) Draft(ctx context.Context, key string) (Draft, []fault.Issue, error) {
	if err := possible(key); err != nil {
		return Draft{}, nil, err
	}
	draft, err := s.store.Draft(ctx, key)
	if err != nil {
		return Draft{}, nil, err
	}
	issues, err := s.Validate(ctx, key, draft.Document)
	return draft, issues, err
}

// SaveDraft replaces the document of a revision. A document that can't be read is refused; one that breaks rules is kept,
// and the issues say which. When somebody else saved since, it answers precondition_failed with the code draft.conflict.
func (s *Service) SaveDraft(ctx context.Context, actor, key string, revision int64, document json.RawMessage) (Draft, []fault.Issue, error) {
	if err := possible(key); err != nil {
		return Draft{}, nil, err
	}
	decoded, issues, err := s.check(ctx, key, document)
	if err != nil {
		return Draft{}, nil, err
	}
	draft := Draft{Key: key, Document: document, Revision: revision, Checksum: codec.Checksum(decoded), UpdatedBy: actor}
	draft.Revision, draft.UpdatedAt, err = s.store.SaveDraft(ctx, draft)
	return draft, issues, conflict(err)
}

// conflict turns a stale revision into what the client is told.
func conflict(err error) error {
	var stale *ErrRevision
	if !errors.As(err, &stale) {
		return err
	}
	return fault.Newf(fault.PreconditionFailed, "draft.conflict", "Somebody saved the draft meanwhile: it has revision %d now.", stale.Current).
		WithIssues(fault.Issue{Code: "draft.conflict", Message: "The draft has another revision.", Params: map[string]any{"revision": stale.Current}})
}

// Validate returns what is wrong with a document of a definition.
func (s *Service) Validate(ctx context.Context, key string, document json.RawMessage) ([]fault.Issue, error) {
	_, issues, err := s.check(ctx, key, document)
	if broken := fault.As(err); broken != nil && len(broken.Issues) > 0 {
		return broken.Issues, nil
	}
	return issues, err
}

// check decodes a document and applies the rules; one that can't be read is an error with issues.
func (s *Service) check(ctx context.Context, key string, document json.RawMessage) (*graph.Document, []fault.Issue, error) {
	decoded, broken := codec.Decode(document)
	if len(broken) > 0 {
		return nil, nil, unreadable(broken)
	}
	types, err := s.catalog.Types(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("read the catalog: %w", err)
	}
	known, err := s.known(ctx, key, decoded)
	if err != nil {
		return nil, nil, err
	}
	return decoded, validate.DocumentWith(decoded, types, known), nil
}

// known finds what a document of a definition names besides node types.
func (s *Service) known(ctx context.Context, key string, doc *graph.Document) (known validate.Known, err error) {
	if known.Calls, err = s.targets(ctx, key, doc); err != nil || len(doc.Calendars()) == 0 {
		return known, err
	}
	calendars, err := s.store.Calendars(ctx)
	if err != nil {
		return known, err
	}
	known.Calendars = make(map[string]bool, len(calendars))
	for _, c := range calendars {
		known.Calendars[c.Key] = true
	}
	return known, nil
}

// maxTargets bounds how many called definitions are looked at.
const maxTargets = 500

// targets finds what a document of a definition calls. A definition that calls itself is there when it is published.
func (s *Service) targets(ctx context.Context, key string, doc *graph.Document) (map[validate.Call]*validate.Target, error) {
	targets := map[validate.Call]*validate.Target{}
	for i, call := range validate.CallsOf(doc) {
		target := &validate.Target{}
		targets[call] = target
		if i >= maxTargets {
			target.Known, target.Published = true, true
			continue
		}
		if call.Definition == key && call.Version == 0 {
			*target = validate.Target{Known: true, Published: true, Document: doc}
			continue
		}
		if _, err := s.Get(ctx, call.Definition); err != nil {
			if fault.Is(err, fault.NotFound) {
				continue
			}
			return nil, err
		}
		target.Known = true
		version, err := s.Version(ctx, call.Definition, call.Version)
		switch {
		case err == nil:
			target.Published, target.Document = true, version.Graph
		case !fault.Is(err, fault.NotFound):
			return nil, err
		}
	}
	return targets, nil
}

// Publish makes the draft of a revision (0: the present one) the next version. A draft with errors is refused with them; one
// that means the same as the latest version is a conflict.
func (s *Service) Publish(ctx context.Context, actor, key string, revision int64, note string) (Version, error) {
	if utf8.RuneCountInString(note) > 2000 || !utf8.ValidString(note) || strings.ContainsRune(note, 0) {
		return Version{}, fault.New(fault.Invalid, "publish.note", "A note has at most 2,000 characters, and no U+0000.")
	}
	definition, err := s.Get(ctx, key)
	if err != nil {
		return Version{}, err
	}
	draft, err := s.store.Draft(ctx, key)
	if err != nil {
		return Version{}, err
	}
	if revision == 0 {
		revision = draft.Revision
	}
	if revision != draft.Revision {
		return Version{}, conflict(&ErrRevision{Current: draft.Revision})
	}
	decoded, issues, err := s.check(ctx, key, draft.Document)
	if err != nil {
		return Version{}, err
	}
	if hasErrors(issues) {
		return Version{}, fault.New(fault.Invalid, "publish.invalid", "The draft has errors; mend them and publish again.").WithIssues(issues...)
	}
	checksum := codec.Checksum(decoded)
	if definition.Latest > 0 && definition.LatestSum == checksum {
		return Version{}, Unchanged(definition.Latest)
	}
	types, err := s.catalog.Types(ctx)
	if err != nil {
		return Version{}, fmt.Errorf("read the catalog: %w", err)
	}
	starts, err := startsOf(decoded)
	if err != nil {
		return Version{}, fmt.Errorf("list the starts of %s: %w", key, err)
	}
	version, err := s.store.Publish(ctx, revision, Version{
		Key: key, Title: definition.Title, Note: strings.TrimSpace(note), Checksum: checksum, PublishedBy: actor,
		Document: draft.Document, NodeTypes: used(decoded, types), Starts: starts,
	})
	return version, conflict(err)
}

// Unchanged refuses to publish what the latest version says already.
func Unchanged(latest int) error {
	return fault.Newf(fault.Conflict, "publish.unchanged", "The draft means the same as version %d.", latest).With(map[string]any{"version": latest})
}

// unreadable refuses what is no document. A document that is too large keeps its kind.
func unreadable(issues []fault.Issue) error {
	kind := fault.Invalid
	if issues[0].Code == strictjson.CodeSize {
		kind = fault.TooLarge
	}
	return fault.New(kind, "draft.document", "The document can't be read: "+issues[0].Message).WithIssues(issues...)
}

func hasErrors(issues []fault.Issue) bool {
	for _, issue := range issues {
		if issue.Severity != "warning" {
			return true
		}
	}
	return false
}

// Versions returns a definition's versions, newest first, those below a number (0: all), without documents.
func (s *Service) Versions(ctx context.Context, key string, below, limit int) ([]Version, error) {
	if _, err := s.Get(ctx, key); err != nil {
		return nil, err
	}
	return s.store.Versions(ctx, key, below, limit)
}

// SetLatest lets starts run another version; processes under way stay on theirs.
func (s *Service) SetLatest(ctx context.Context, key string, number int) (Definition, error) {
	if err := possible(key); err != nil {
		return Definition{}, err
	}
	version, err := s.Version(ctx, key, number)
	if err != nil {
		return Definition{}, err
	}
	starts, err := startsOf(version.Graph)
	if err != nil {
		return Definition{}, fmt.Errorf("list the starts of version %d of %s: %w", number, key, err)
	}
	if err := s.store.SetLatest(ctx, key, version.Number, starts); err != nil {
		return Definition{}, err
	}
	return s.store.Get(ctx, key)
}

// Latest returns the number of the version that starts run; not_found when none is published.
func (s *Service) Latest(ctx context.Context, key string) (int, error) {
	if err := possible(key); err != nil {
		return 0, err
	}
	latest, err := s.store.Latest(ctx, key)
	if err != nil {
		return 0, err
	}
	if latest == 0 {
		return 0, fault.Newf(fault.NotFound, "version.none", "%s has no published version.", key)
	}
	return latest, nil
}

// Version returns a published version, 0 being the latest. Versions are kept in memory; callers must not change what they get.
func (s *Service) Version(ctx context.Context, key string, number int) (Version, error) {
	if number == 0 {
		latest, err := s.Latest(ctx, key)
		if err != nil {
			return Version{}, err
		}
		number = latest
	}
	at := versionKey{key, number}
	s.mu.RLock()
	kept, known := s.versions[at]
	s.mu.RUnlock()
	if known {
		return kept, nil
	}
	if err := possible(key); err != nil {
		return Version{}, err
	}
	version, err := s.store.Version(ctx, key, number)
	if err != nil {
		return Version{}, err
	}
	decoded, broken := codec.Decode(version.Document)
	if len(broken) > 0 {
		return Version{}, fmt.Errorf("decode version %d of %s: %w", number, key, unreadable(broken))
	}
	version.Graph = decoded
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.versions) >= keptVersions {
		clear(s.versions)
	}
	s.versions[at] = version
	return version, nil
}
