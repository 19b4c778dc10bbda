// Package webhook starts processes by HTTP requests of other systems: it finds the start event of the latest version, makes sure that the
// sender is the one that is meant, by a path that nobody can guess or by a signature, and that a request which comes again starts
// nothing again.
//
// It knows nothing of fiber or routes. Its tables are pgstore's.
package webhook

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"log/slog"
	"net/url"
	"strings"
	"time"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/designer/schema"
	"github.com/taskurotta/taskurotta-go/engine"
	"github.com/taskurotta/taskurotta-go/fault"
	"github.com/taskurotta/taskurotta-go/server/secret"
)

// MostBody is how large a request's body may be, so that it and what comes with it is a process input yet.
const MostBody = 240 << 10

// Request is a call of a webhook.
type Request struct {
	Definition, Node string
	Path             string            // behind them; empty: none
	Headers          map[string]string // by canonical name
	Query            url.Values
	Body             []byte
	Remote           string // the caller's address
}

func (r *Request) header(name string) string { return r.Headers[name] }

// Start is a webhook start of a latest version.
type Start struct {
	Version int
	Title   string
	Event   graph.StartEvent
}

// Started is the answer to a request.
type Started struct {
	ProcessID string
	Existing  bool // the delivery was known: nothing was started
}

// Hook is what people are told of a webhook.
type Hook struct {
	Definition, Node string
	Live             bool   // the latest version has it
	Check            string // of the latest version
	Path             string // that nobody can guess; empty: there is no key for secrets
	MadeAt           time.Time
	MadeBy           string
}

// ErrNotFound says that there is no such start, or path.
var ErrNotFound = errors.New("no such webhook")

// Path is a stored path.
type Path struct {
	Sealed secret.Sealed
	MadeAt time.Time
	MadeBy string
}

// Store keeps what webhooks need.
type Store interface {
	// Start reads a webhook start of the latest version.
	Start(ctx context.Context, definition, node string) (Start, error)
	Path(ctx context.Context, definition, node string) (Path, error)
	// PutPath stores a path; without replace one that is there stays. It returns the one that is stored.
	PutPath(ctx context.Context, definition, node, by string, sealed secret.Sealed, replace bool) (Path, error)
	// See remembers a signature for a while and returns the delivery that it first came with.
	See(ctx context.Context, digest []byte, delivery string, keep time.Duration) (string, error)
	// Forget drops signatures that need not be remembered any more.
	Forget(ctx context.Context) error
}

// Engine is what webhooks need of the part that runs processes.
type Engine interface {
	StartProcess(ctx context.Context, cmd engine.StartCommand) (engine.StartResult, error)
}

// Secrets gives the values of secrets.
type Secrets interface {
	Value(ctx context.Context, name string) (string, error)
}

// Config of a Service. Store, Engine, Secrets and Box are required.
type Config struct {
	Store   Store
	Engine  Engine
	Secrets Secrets
	Box     *secret.Box
	Clock   func() time.Time // default time.Now
	Log     *slog.Logger     // default slog.Default()
}

// Service takes requests and tells people where to send them.
type Service struct {
	config Config
	limits *limiter
	cancel context.CancelFunc
	done   chan struct{}
}

// New returns a service.
func New(config Config) (*Service, error) {
	if config.Store == nil || config.Engine == nil || config.Secrets == nil || config.Box == nil {
		return nil, errors.New("webhook: Store, Engine, Secrets and Box are required")
	}
	if config.Clock == nil {
		config.Clock = time.Now
	}
	if config.Log == nil {
		config.Log = slog.Default()
	}
	return &Service{config: config, limits: newLimiter(config.Clock)}, nil
}

// Start begins to forget old signatures.
func (s *Service) Start(ctx context.Context) error {
	ctx, s.cancel = context.WithCancel(context.WithoutCancel(ctx))
	s.done = make(chan struct{})
	go func() {
		defer close(s.done)
		tick := time.NewTicker(time.Minute)
		defer tick.Stop()
		for {
			if err := s.config.Store.Forget(ctx); err != nil && ctx.Err() == nil {
				s.config.Log.Warn("forget old signatures of webhooks", "error", err)
			}
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
		}
	}()
	return nil
}

// Stop ends that. It may be called more than once.
func (s *Service) Stop() {
	if s.cancel != nil {
		s.cancel()
		<-s.done
		s.cancel = nil
	}
}

var errUnknown = fault.New(fault.NotFound, "webhook.unknown", "There is no such webhook.")

// Signatures are remembered: of signed times until they are too old, of others as long as processes are kept.
const (
	keepStamped = 4 * Tolerance
	keepPlain   = 90 * 24 * time.Hour
)

// Call starts a process by a request.
func (s *Service) Call(ctx context.Context, r *Request) (Started, error) {
	if wait := s.limits.take(r.Definition + " " + r.Node + " " + r.Remote); wait > 0 {
		return Started{}, &fault.Error{Kind: fault.TooMany, Code: "webhook.too_many", Message: "Too many requests; send it again later.", RetryAfter: wait}
	}
	start, err := s.config.Store.Start(ctx, r.Definition, r.Node)
	switch {
	case errors.Is(err, ErrNotFound) || err == nil && start.Event.Webhook == nil:
		return Started{}, errUnknown
	case err != nil:
		return Started{}, stored(err)
	}
	var p proof
	if start.Event.Webhook.Check == graph.WebhookPath {
		err = s.checkPath(ctx, r)
	} else {
		p, err = s.checkSignature(ctx, r, start.Event.Webhook.Secret)
	}
	if err != nil {
		return Started{}, err
	}
	body, err := r.value()
	if err != nil {
		return Started{}, err
	}
	delivery, ref := deliveryOf(r, p, body)
	input := body
	if start.Event.Input != nil {
		if input, err = r.came(body); err != nil {
			return Started{}, fault.Wrap(err, fault.Internal, "webhook.encode", "The request can't be kept.")
		}
	}
	if files, err := schema.Files(input); err != nil || len(files) > 0 {
		return Started{}, errFiles
	}
	if p.digest != nil {
		if err := s.see(ctx, r, p, delivery); err != nil {
			return Started{}, err
		}
	}
	trigger := &engine.Trigger{Kind: engine.TriggerWebhook, Node: r.Node, Ref: ref, Name: start.Title, At: s.config.Clock().UTC()}
	if delivery != "" {
		trigger.Once = digestOf(r.Definition, r.Node, delivery)
	}
	started, err := s.config.Engine.StartProcess(ctx, engine.StartCommand{
		Actor: Actor, DefinitionKey: r.Definition, Version: start.Version, Node: r.Node, Input: input, Trigger: trigger,
	})
	return Started{ProcessID: started.ID, Existing: started.Existing}, err
}

// errFiles: whoever calls a webhook has uploaded nothing, and would name files of others.
var errFiles = fault.New(fault.Invalid, "webhook.files", "A request names no stored files ($file).")

// Actor starts processes in the history.
const Actor = "webhook"

// deliveryOf tells what makes two requests the same one, empty where nothing does, and what people know it by. An id of the sender is
// behind its retries; without one a signature is.
func deliveryOf(r *Request, p proof, body json.RawMessage) (delivery, ref string) {
	id := p.id
	for _, name := range []string{"Idempotency-Key", headerWebhookID, "X-Github-Delivery"} {
		if id == "" {
			id = r.header(name)
		}
	}
	if id == "" && r.header(HeaderStripe) != "" {
		var event struct {
			ID string `json:"id"`
		}
		if json.Unmarshal(body, &event) == nil {
			id = event.ID
		}
	}
	switch {
	case id != "":
		return "id " + digestOf(id), clip(id)
	case p.digest != nil:
		return "signature " + hex.EncodeToString(p.digest), ""
	}
	return "", ""
}

// clip keeps an id of a sender within what a process shows.
func clip(id string) string {
	id = strings.ToValidUTF8(strings.ReplaceAll(id, "\x00", ""), "")
	if len(id) > 200 {
		id = strings.ToValidUTF8(id[:200], "")
	}
	return id
}

func digestOf(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:])
}

// see refuses a signature that came with another delivery: somebody sends again what was overheard.
func (s *Service) see(ctx context.Context, r *Request, p proof, delivery string) error {
	keep := keepPlain
	if p.stamped {
		keep = keepStamped
	}
	sum := sha256.Sum256([]byte(r.Definition + "\x00" + r.Node + "\x00" + string(p.digest)))
	first, err := s.config.Store.See(ctx, sum[:], delivery, keep)
	switch {
	case err != nil:
		return stored(err)
	case first != delivery:
		return fault.New(fault.Conflict, "webhook.replayed", "This signature came before, with another id of the delivery.")
	}
	return nil
}

func (s *Service) checkSignature(ctx context.Context, r *Request, name string) (proof, error) {
	if r.Path != "" {
		return proof{}, errUnknown
	}
	value, err := s.config.Secrets.Value(ctx, strings.TrimPrefix(name, secret.Prefix))
	if fault.Is(err, fault.NotFound) {
		return proof{}, fault.New(fault.Unavailable, "webhook.no_secret", "The secret that signs requests of this webhook is not set yet.")
	}
	if err != nil {
		return proof{}, err
	}
	return verify(value, r, s.config.Clock())
}

// checkPath answers whoever guesses like there were no webhook.
func (s *Service) checkPath(ctx context.Context, r *Request) error {
	path, err := s.config.Store.Path(ctx, r.Definition, r.Node)
	switch {
	case errors.Is(err, ErrNotFound):
		return errUnknown
	case err != nil:
		return stored(err)
	}
	want, err := s.open(r.Definition, r.Node, path)
	if err != nil {
		return err
	}
	a, b := sha256.Sum256([]byte(want)), sha256.Sum256([]byte(r.Path))
	if subtle.ConstantTimeCompare(a[:], b[:]) != 1 {
		return errUnknown
	}
	return nil
}

func about(definition, node string) string { return "webhook/" + definition + "/" + node }

func (s *Service) open(definition, node string, path Path) (string, error) {
	value, err := s.config.Box.Open(about(definition, node), path.Sealed)
	if err != nil {
		return "", fault.Wrap(err, fault.Unavailable, "secret.no_key", "This server has no key for secrets: its operator sets TASKUROTTA_SECRET_KEY.")
	}
	return value, nil
}

// Hook tells of a webhook, also of one that is drawn only yet; its path is made when it is first asked for.
func (s *Service) Hook(ctx context.Context, actor, definition, node string) (Hook, error) {
	hook := Hook{Definition: definition, Node: node}
	start, err := s.config.Store.Start(ctx, definition, node)
	switch {
	case err == nil && start.Event.Webhook != nil:
		hook.Live, hook.Check = true, string(start.Event.Webhook.Check)
	case err != nil && !errors.Is(err, ErrNotFound):
		return hook, stored(err)
	}
	if s.config.Box.Locked() {
		return hook, nil
	}
	path, err := s.config.Store.Path(ctx, definition, node)
	if errors.Is(err, ErrNotFound) {
		return s.newPath(ctx, hook, actor, false)
	}
	if err != nil {
		return hook, stored(err)
	}
	return s.told(hook, path)
}

// Rotate gives a webhook another path; the one before is unknown at once.
func (s *Service) Rotate(ctx context.Context, actor, definition, node string) (Hook, error) {
	hook, err := s.Hook(ctx, actor, definition, node)
	if err != nil {
		return hook, err
	}
	return s.newPath(ctx, hook, actor, true)
}

func (s *Service) newPath(ctx context.Context, hook Hook, actor string, replace bool) (Hook, error) {
	sealed, err := s.config.Box.Seal(about(hook.Definition, hook.Node), strings.ToLower(rand.Text()))
	if err != nil {
		return hook, fault.Wrap(err, fault.Conflict, "secret.no_key", "This server has no key for secrets: its operator sets TASKUROTTA_SECRET_KEY.")
	}
	path, err := s.config.Store.PutPath(ctx, hook.Definition, hook.Node, actor, sealed, replace)
	if err != nil {
		return hook, stored(err)
	}
	return s.told(hook, path)
}

func (s *Service) told(hook Hook, path Path) (Hook, error) {
	value, err := s.open(hook.Definition, hook.Node, path)
	hook.Path, hook.MadeAt, hook.MadeBy = value, path.MadeAt, path.MadeBy
	return hook, err
}

// stored maps an error of the store.
func stored(err error) error {
	if err == nil || fault.As(err) != nil {
		return err
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return fault.Wrap(err, fault.Unavailable, "store.away", "The store does not answer.")
	}
	return fault.Wrap(err, fault.Internal, "webhook.store", "The webhooks can't be read.")
}
