// Package catalog knows the node types that workers announced: the palette's entries and what graphs are checked against.
// Within a major a node type may only change in ways that published graphs don't notice; anything else is refused.
//
// It knows nothing of queues or processes. It may import fault, wire and the designer's schema package.
package catalog

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// Entry is a node type with the pool that serves it.
type Entry struct {
	Pool       string
	Descriptor wire.Descriptor
}

// Type returns name@major.
func (e Entry) Type() string { return TypeName(e.Descriptor) }

// TypeName returns name@major of a descriptor.
func TypeName(d wire.Descriptor) string { return fmt.Sprintf("%s@%d", d.Name, d.Major) }

// Store keeps the entries.
type Store interface {
	Entries(ctx context.Context) ([]Entry, error)
	// Put adds an entry, or replaces it if it still has the hash was ("" when it is new); false when another server was
	// quicker.
	Put(ctx context.Context, entry Entry, was string) (bool, error)
}

// Catalog answers from memory and reads the store again when that is older than Kept, or when a type is not known.
type Catalog struct {
	store Store
	kept  time.Duration

	mu      sync.Mutex
	entries map[string]Entry
	read    time.Time
}

// Kept is how long another server's announcement may go unseen.
const Kept = time.Second

// New returns a catalog over a store.
func New(store Store) *Catalog { return &Catalog{store: store, kept: Kept} }

func (c *Catalog) all(ctx context.Context, fresh bool) (map[string]Entry, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.entries != nil && !fresh && time.Since(c.read) < c.kept {
		return c.entries, nil
	}
	entries, err := c.store.Entries(ctx)
	if err != nil {
		return nil, err
	}
	known := make(map[string]Entry, len(entries))
	for _, entry := range entries {
		known[entry.Type()] = entry
	}
	c.entries, c.read = known, time.Now()
	return known, nil
}

// List returns all entries by type.
func (c *Catalog) List(ctx context.Context) ([]Entry, error) {
	known, err := c.all(ctx, false)
	if err != nil {
		return nil, err
	}
	list := make([]Entry, 0, len(known))
	for _, name := range slices.Sorted(maps.Keys(known)) {
		list = append(list, known[name])
	}
	return list, nil
}

// Types returns all descriptors by name@major.
func (c *Catalog) Types(ctx context.Context) (map[string]wire.Descriptor, error) {
	known, err := c.all(ctx, false)
	if err != nil {
		return nil, err
	}
	types := make(map[string]wire.Descriptor, len(known))
	for name, entry := range known {
		types[name] = entry.Descriptor
	}
	return types, nil
}

// Lookup returns the entry of name@major; false when no worker ever announced it.
func (c *Catalog) Lookup(ctx context.Context, name string) (Entry, bool, error) {
	known, err := c.all(ctx, false)
	if err != nil {
		return Entry{}, false, err
	}
	entry, found := known[name]
	if !found {
		if known, err = c.all(ctx, true); err != nil {
			return Entry{}, false, err
		}
		entry, found = known[name]
	}
	return entry, found, nil
}

// Pool returns the pool that serves name@major, "" when no worker ever announced it.
func (c *Catalog) Pool(ctx context.Context, name string) (string, error) {
	entry, _, err := c.Lookup(ctx, name)
	return entry.Pool, err
}

// Announce tells what a pool's workers serve. New types and compatible changes are taken; the others are answered, each with
// the reason, and change nothing.
func (c *Catalog) Announce(ctx context.Context, pool string, types []wire.Descriptor) ([]wire.Refusal, error) {
	var refusals []wire.Refusal
	for _, descriptor := range types {
		reason, err := c.announce(ctx, pool, descriptor)
		if err != nil {
			return nil, fmt.Errorf("announce %s: %w", TypeName(descriptor), err)
		}
		if reason != "" {
			refusals = append(refusals, wire.Refusal{Type: TypeName(descriptor), Reason: reason})
		}
	}
	return refusals, nil
}

func (c *Catalog) announce(ctx context.Context, pool string, descriptor wire.Descriptor) (refusal string, err error) {
	if refusal := malformed(descriptor); refusal != "" {
		return refusal, nil
	}
	if descriptor.Hash, err = Hash(descriptor); err != nil {
		return "it has no JSON form", nil //nolint:nilerr // the worker is told
	}
	for range 3 {
		known, found, err := c.Lookup(ctx, TypeName(descriptor))
		if err != nil {
			return "", err
		}
		was := ""
		if found {
			if known.Pool == pool && known.Descriptor.Hash == descriptor.Hash {
				return "", nil
			}
			if known.Pool != pool {
				return fmt.Sprintf("the pool %q serves it already; a node type belongs to one pool", known.Pool), nil
			}
			if reason := Incompatible(known.Descriptor, descriptor); reason != "" {
				return reason + "; give the change a new major", nil
			}
			was = known.Descriptor.Hash
		}
		stored, err := c.store.Put(ctx, Entry{Pool: pool, Descriptor: descriptor}, was)
		if err != nil {
			return "", err
		}
		if _, err := c.all(ctx, true); err != nil {
			return "", err
		}
		if stored {
			return "", nil
		}
	}
	return "other workers announce other forms of it at the same time", nil
}
