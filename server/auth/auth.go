// Package auth knows who may do what: local accounts with passwords, browser sessions, API tokens, the one-time tokens that
// `dev` prints, and which role gives which permission.
//
// It knows nothing of HTTP, cookies or processes. Secrets leave it once, when they are made; what is stored are their hashes.
package auth

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/taskurotta/taskurotta-go/fault"
)

// Config of a Service. Zero values mean the defaults.
type Config struct {
	Store       Store
	WorkerToken string           // a token of the configuration that has the role worker; empty means none
	SessionIdle time.Duration    // a session unused for so long ends; default 7 days
	SessionMax  time.Duration    // no session lives longer; default 30 days
	Cache       time.Duration    // how long a revoked session or token may still work on another server; default 2 s
	Hashing     int              // passwords hashed at once, each takes 19 MiB; default 4
	Clock       func() time.Time // default time.Now
	Log         *slog.Logger     // default slog.Default()
}

// Service answers who somebody is.
type Service struct {
	config  Config
	hashing chan struct{}
	known   identities
}

// Identity is who makes a request.
type Identity struct {
	UserID      string
	Login       string
	Name        string
	Roles       []Role
	Permissions []Permission
	Groups      []string
	Pools       []string // of a worker's token: those that it is for; empty means all
	Locale      string
	Token       bool // an API token acts for the account
}

// New returns a service.
func New(config Config) (*Service, error) {
	if config.Store == nil {
		return nil, errors.New("auth: Store is required")
	}
	setDuration(&config.SessionIdle, 7*24*time.Hour)
	setDuration(&config.SessionMax, 30*24*time.Hour)
	setDuration(&config.Cache, 2*time.Second)
	if config.Hashing <= 0 {
		config.Hashing = 4
	}
	if config.Clock == nil {
		config.Clock = time.Now
	}
	if config.Log == nil {
		config.Log = slog.Default()
	}
	return &Service{
		config: config, hashing: make(chan struct{}, config.Hashing),
		known: identities{entries: map[[32]byte]cached{}},
	}, nil
}

func setDuration(value *time.Duration, def time.Duration) {
	if *value <= 0 {
		*value = def
	}
}

// newSecret returns 130 random bits in text, behind a prefix that tells people and scanners what it is.
func newSecret(prefix string) string { return prefix + rand.Text() }

func hashSecret(secret string) [32]byte { return sha256.Sum256([]byte(secret)) }

// sameSecret compares in constant time.
func sameSecret(a, b string) bool {
	left, right := hashSecret(a), hashSecret(b)
	return subtle.ConstantTimeCompare(left[:], right[:]) == 1
}

// stored maps an error of the store: the client is told that it is ours, or that the store is away.
func stored(err error) error {
	if err == nil || fault.As(err) != nil {
		return err
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return fault.Wrap(err, fault.Unavailable, "store.away", "The store does not answer.")
	}
	return fault.Wrap(err, fault.Internal, "auth.store", "The accounts cannot be read.")
}

// identities remembers for a moment whom a secret belongs to, so that a busy client costs one query per Config.Cache.
type identities struct {
	mu      sync.Mutex
	entries map[[32]byte]cached
}

type cached struct {
	identity Identity
	until    time.Time
}

const knownAtMost = 10_000

func (i *identities) get(key [32]byte, now time.Time) (Identity, bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	entry, found := i.entries[key]
	return entry.identity, found && now.Before(entry.until)
}

func (i *identities) put(key [32]byte, identity Identity, until time.Time) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if len(i.entries) >= knownAtMost {
		clear(i.entries)
	}
	i.entries[key] = cached{identity, until}
}

func (i *identities) drop(key [32]byte) {
	i.mu.Lock()
	defer i.mu.Unlock()
	delete(i.entries, key)
}

// forget is for changes of accounts: they are rare, so everything is asked again.
func (i *identities) forget() {
	i.mu.Lock()
	defer i.mu.Unlock()
	clear(i.entries)
}
