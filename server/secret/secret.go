// Package secret keeps values that steps need and that nobody may read: passwords, tokens, keys. Definitions name them as
// "secret://name"; a worker asks for the value when it runs a task, within the scope that an administrator gave the secret. Values are
// encrypted at rest with a key of the configuration and shown to no person again.
//
// It knows nothing of HTTP. The table is pgstore's.
package secret

import (
	"context"
	"errors"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/taskurotta/taskurotta-go/fault"
)

// Scope says who may read a secret. An empty list means all.
type Scope struct {
	Definitions []string // keys
	NodeTypes   []string // "http.request" or "http.request@1"
	Pools       []string
}

// Secret is what is told of a secret: all but its value.
type Secret struct {
	Name, Description string
	Scope             Scope
	ValueAt           time.Time // when the value was last changed
	CreatedAt         time.Time
	UpdatedAt         time.Time
	UpdatedBy         string
	LastUsedAt        *time.Time // to the minute
}

// Change sets a secret. Value nil keeps the present one.
type Change struct {
	Actor, Name, Description string
	Scope                    Scope
	Value                    *string
}

// Run is a task that workers have: whoever asks for a secret of its process asks for it.
type Run struct {
	Definition, NodeType, Pool string
}

// ErrNotFound says that there is no such secret.
var ErrNotFound = errors.New("no such secret")

// Store keeps secrets.
type Store interface {
	Secrets(ctx context.Context) ([]Secret, error)
	Secret(ctx context.Context, name string) (Secret, Sealed, error)
	// Put adds or changes one; a nil sealed keeps the value, and is ErrNotFound where there is none. It tells whether it was added.
	Put(ctx context.Context, s Secret, sealed *Sealed) (Secret, bool, error)
	Delete(ctx context.Context, name string) error
	// Used notes a use, at most once a minute.
	Used(ctx context.Context, name string) error
	// Runs lists the tasks of a process that workers have.
	Runs(ctx context.Context, process string) ([]Run, error)
}

// Config of a Service. Store and Box are required.
type Config struct {
	Store Store
	Box   *Box
	Log   *slog.Logger // default slog.Default()
}

// Service manages secrets and gives them to workers.
type Service struct{ config Config }

// New returns a service.
func New(config Config) (*Service, error) {
	if config.Store == nil || config.Box == nil {
		return nil, errors.New("secret: Store and Box are required")
	}
	if config.Log == nil {
		config.Log = slog.Default()
	}
	return &Service{config}, nil
}

// The bounds of a secret.
const (
	mostValue = 16 << 10
	mostText  = 2000
	mostScope = 100
)

var (
	validName  = regexp.MustCompile(`^[a-z][a-z0-9_.-]{0,99}$`)
	errUnknown = fault.New(fault.NotFound, "secret.unknown", "There is no such secret.")
	errNoKey   = "This server has no key for secrets: its operator sets TASKUROTTA_SECRET_KEY."
)

// Prefix begins the name of a secret where values are written.
const Prefix = "secret://"

// Locked tells that this server has no key for secrets.
func (s *Service) Locked() bool { return s.config.Box.Locked() }

// Secrets lists them by name.
func (s *Service) Secrets(ctx context.Context) ([]Secret, error) {
	all, err := s.config.Store.Secrets(ctx)
	return all, stored(err)
}

// Put adds or changes a secret; it tells whether it was added.
func (s *Service) Put(ctx context.Context, c Change) (Secret, bool, error) {
	if err := check(&c); err != nil {
		return Secret{}, false, err
	}
	var sealed *Sealed
	if c.Value != nil {
		if s.Locked() {
			return Secret{}, false, fault.New(fault.Conflict, "secret.no_key", errNoKey)
		}
		value, err := s.config.Box.Seal(about(c.Name), *c.Value)
		if err != nil {
			return Secret{}, false, fault.Wrap(err, fault.Internal, "secret.seal", "The secret can't be encrypted.")
		}
		sealed = &value
	}
	kept, added, err := s.config.Store.Put(ctx, Secret{Name: c.Name, Description: c.Description, Scope: c.Scope, UpdatedBy: c.Actor}, sealed)
	if errors.Is(err, ErrNotFound) {
		return Secret{}, false, fault.New(fault.Invalid, "secret.value_required", "A new secret needs a value.").
			WithIssues(fault.Issue{Code: "secret.value_required", Path: "/value", Message: "it is needed"})
	}
	return kept, added, stored(err)
}

// Delete removes a secret; tasks that ask for it fail from now on.
func (s *Service) Delete(ctx context.Context, name string) error {
	err := s.config.Store.Delete(ctx, name)
	if errors.Is(err, ErrNotFound) {
		return errUnknown
	}
	return stored(err)
}

func about(name string) string { return "secret/" + name }

func check(c *Change) error {
	c.Description = strings.TrimSpace(c.Description)
	invalid := func(path, message string) error {
		return fault.New(fault.Invalid, "secret.invalid", "The secret can't be kept so.").WithIssues(fault.Issue{Code: "secret.invalid", Path: path, Message: message})
	}
	switch {
	case !validName.MatchString(c.Name):
		return invalid("/name", "a name begins with a letter and has up to 100 of a-z, 0-9, _, . and -")
	case utf8.RuneCountInString(c.Description) > mostText || strings.ContainsRune(c.Description, 0):
		return invalid("/description", "at most 2,000 characters")
	case c.Value != nil && (*c.Value == "" || len(*c.Value) > mostValue || !utf8.ValidString(*c.Value)):
		return invalid("/value", "a value is text of 1 to 16,384 bytes")
	}
	for _, list := range []struct {
		path  string
		items *[]string
	}{{"/definitions", &c.Scope.Definitions}, {"/node_types", &c.Scope.NodeTypes}, {"/pools", &c.Scope.Pools}} {
		slices.Sort(*list.items)
		*list.items = slices.Compact(*list.items)
		if len(*list.items) > mostScope || slices.ContainsFunc(*list.items, func(s string) bool { return s == "" || len(s) > 200 || strings.ContainsRune(s, 0) }) {
			return invalid(list.path, "at most 100 names")
		}
	}
	return nil
}

// lets tells whether a task may read the secret.
func (s *Scope) lets(r Run) bool {
	name, _, _ := strings.Cut(r.NodeType, "@")
	return (len(s.Definitions) == 0 || slices.Contains(s.Definitions, r.Definition)) &&
		(len(s.Pools) == 0 || slices.Contains(s.Pools, r.Pool)) &&
		(len(s.NodeTypes) == 0 || slices.Contains(s.NodeTypes, r.NodeType) || slices.Contains(s.NodeTypes, name))
}

// ForWorker returns a value to a worker that runs a task of a process: a task that workers have now and that the scope lets. pools are
// those that the worker's token is for; empty means all.
func (s *Service) ForWorker(ctx context.Context, name, process string, pools []string) (string, error) {
	kept, sealed, err := s.config.Store.Secret(ctx, name)
	switch {
	case errors.Is(err, ErrNotFound):
		return "", errUnknown
	case err != nil:
		return "", stored(err)
	}
	runs, err := s.config.Store.Runs(ctx, process)
	if err != nil {
		return "", stored(err)
	}
	if !slices.ContainsFunc(runs, func(r Run) bool { return (len(pools) == 0 || slices.Contains(pools, r.Pool)) && kept.Scope.lets(r) }) {
		return "", fault.New(fault.Forbidden, "secret.scope", "No task of this process that workers run now may read this secret.")
	}
	return s.open(ctx, name, sealed)
}

// Value returns a value to a part of the server.
func (s *Service) Value(ctx context.Context, name string) (string, error) {
	_, sealed, err := s.config.Store.Secret(ctx, name)
	switch {
	case errors.Is(err, ErrNotFound):
		return "", errUnknown
	case err != nil:
		return "", stored(err)
	}
	return s.open(ctx, name, sealed)
}

func (s *Service) open(ctx context.Context, name string, sealed Sealed) (string, error) {
	value, err := s.config.Box.Open(about(name), sealed)
	if err != nil {
		return "", fault.Wrap(err, fault.Unavailable, "secret.no_key", errNoKey)
	}
	if err := s.config.Store.Used(ctx, name); err != nil {
		s.config.Log.WarnContext(ctx, "note the use of a secret", "secret", name, "error", err)
	}
	return value, nil
}

// stored maps an error of the store.
func stored(err error) error {
	if err == nil || fault.As(err) != nil {
		return err
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return fault.Wrap(err, fault.Unavailable, "store.away", "The store does not answer.")
	}
	return fault.Wrap(err, fault.Internal, "secret.store", "The secrets can't be read.")
}
