package engine

import (
	"context"

	"github.com/taskurotta/taskurotta-go/engine/pgstore"
)

// Crash ends the loops as kill -9 does: leases stay taken until they expire, nothing is answered.
func (e *Engine) Crash() {
	e.life.Lock()
	defer e.life.Unlock()
	select {
	case <-e.stopping:
		return
	default:
		close(e.stopping)
	}
	e.cancel()
	e.group.Wait()
	_ = e.fast.Close()
	e.store.Close()
}

// WriteUsage writes what the charts show of this engine.
func (e *Engine) WriteUsage(ctx context.Context) { e.writeUsage(ctx) }

// Holds tells how many tasks a live worker's last beat named.
func (e *Engine) Holds(worker string) int {
	e.roster.mu.Lock()
	defer e.roster.mu.Unlock()
	if m := e.roster.workers[worker]; m != nil {
		return len(m.beat.Holds)
	}
	return 0
}

// RedisDown tells whether the engine knows that Redis is away.
func (e *Engine) RedisDown() bool { return e.window.isDown() }

// Limited tells whether this engine knows a limit of a node type.
func (e *Engine) Limited(nodeType string) bool { return e.limitOf(nodeType) != nil }

// Feeds tells whether this engine leads the feeding.
func (e *Engine) Feeds() bool { return e.leases.fence(leadFeeder) != 0 }

// Deliver hands a row of the inbox to this engine's committer, whoever owns its shard.
func (e *Engine) Deliver(ctx context.Context, id int64) error {
	var n pgstore.Note
	n.ID = id
	if err := e.cfg.DB.QueryRow(ctx, `SELECT process_id::text, kind, body FROM inbox WHERE id = $1`, id).Scan(&n.Process, &n.Kind, &n.Body); err != nil {
		return err
	}
	en, err := e.noteEntry(ctx, &n, map[string]int{})
	if err != nil {
		return err
	}
	return e.submit(ctx, en)
}

// Leads tells whether this engine has a leadership.
func (e *Engine) Leads(name string) bool { return e.leases.fence(name) != 0 }
