package pgstore

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// Search narrows a list of processes; everything given must hold.
type Search struct {
	CustomID    string
	Prefix      string
	CustomIDs   []string
	IDs         []string
	Definition  string
	Version     int
	States      []string
	StartedFrom *time.Time
	StartedTo   *time.Time
	ErrorCode   string
	Worker      string
	Keys        map[string]string
	Tests       Tests
	Outermost   bool   // leaves out what was called by another process
	BeforeID    string // the cursor: ids are in order of creation, newest first
	Limit       int
}

// Tests says whether a search sees test runs.
type Tests string

// What a search sees of test runs.
const (
	TestsHidden Tests = "" // also the zero value
	TestsOnly   Tests = "only"
	TestsToo    Tests = "any"
)

// live states are found through process_live, so that a search for what runs does not read what has ended.
var shownState = map[string]string{
	"scheduled":  `p.state = 'scheduled' AND p.suspended_at IS NULL AND p.open_incidents = 0`,
	"running":    `p.state = 'running' AND p.suspended_at IS NULL AND p.open_incidents = 0`,
	"suspended":  `p.state IN ('scheduled', 'running') AND p.suspended_at IS NOT NULL`,
	"incident":   `p.state IN ('scheduled', 'running') AND p.suspended_at IS NULL AND p.open_incidents > 0`,
	"cancelling": `p.state = 'cancelling'`,
	"completed":  `p.state = 'completed'`,
	"failed":     `p.state = 'failed' AND p.error_code IS NOT NULL`, // as the table demands: so the index of what failed is found
	"cancelled":  `p.state = 'cancelled'`,
}

// KnownState tells whether a shown state exists.
func KnownState(state string) bool { _, ok := shownState[state]; return ok }

// Search lists processes, newest first.
func (s *Store) Search(ctx context.Context, f Search) ([]ProcessRow, error) {
	statement, args := f.statement()
	rows, err := s.db.Query(ctx, statement, args...)
	out, err := rowsOf(rows, err, func(r pgx.Rows) (p ProcessRow, err error) { return p, r.Scan(p.into()...) })
	if err != nil {
		return nil, fmt.Errorf("search processes: %w", err)
	}
	return out, nil
}

// clauses builds a WHERE from fixed texts and numbered parameters.
type clauses struct {
	where []string
	args  []any
}

func (c *clauses) add(text string, args ...any) {
	for _, a := range args {
		c.args = append(c.args, a)
		text = strings.Replace(text, "?", fmt.Sprintf("$%d", len(c.args)), 1)
	}
	c.where = append(c.where, text)
}

func (c *clauses) joined() string { return strings.Join(c.where, "\n  AND ") }

func (f *Search) statement() (string, []any) {
	c := f.clauses()
	where := ""
	if len(c.where) > 0 {
		where = "\nWHERE " + c.joined()
	}
	c.args = append(c.args, f.Limit)
	return "SELECT " + processColumns + "\nFROM process p" + where + fmt.Sprintf("\nORDER BY p.id DESC LIMIT $%d", len(c.args)), c.args
}

// Condition is the search as a condition on the table process under the name p, with its parameters from $1 on.
func (f *Search) Condition() (string, []any) {
	c := f.clauses()
	if len(c.where) == 0 {
		return "true", nil
	}
	return c.joined(), c.args
}

func (f *Search) clauses() *clauses {
	c := &clauses{}
	if f.CustomID != "" {
		c.add("p.custom_id = ?", f.CustomID)
	}
	if f.Prefix != "" {
		c.add("p.custom_id LIKE ?", likePrefix(f.Prefix))
	}
	if len(f.CustomIDs) > 0 {
		c.add("p.custom_id = ANY(?)", f.CustomIDs)
	}
	if len(f.IDs) > 0 {
		c.add("p.id = ANY(?::uuid[])", f.IDs)
	}
	if f.Definition != "" {
		c.add("p.definition_key = ?", f.Definition)
	}
	if f.Version != 0 {
		c.add("p.version = ?", f.Version)
	}
	switch f.Tests {
	case TestsToo:
	case TestsOnly:
		c.add("p.test")
	default:
		c.add("NOT p.test")
	}
	f.states(c)
	if f.StartedFrom != nil {
		c.add("p.created_at >= ?", *f.StartedFrom)
	}
	if f.StartedTo != nil {
		c.add("p.created_at < ?", *f.StartedTo)
		// An id is made before its process is stored, by the same clock: the walk from the newest down begins here, not today. The hour is
		// for a clock that was put right. From below ids bound nothing: a call's process has its id long before it begins when it must wait.
		c.add("p.id < "+fmt.Sprintf(idBefore, "(?::timestamptz + interval '1 hour')"), *f.StartedTo)
	}
	if f.ErrorCode != "" {
		c.add("(p.error_code = ? OR EXISTS (SELECT 1 FROM incident i WHERE i.process_id = p.id AND i.code = ?))", f.ErrorCode, f.ErrorCode)
	}
	if f.Worker != "" {
		c.add("(EXISTS (SELECT 1 FROM task t WHERE t.process_id = p.id AND t.worker = ?) OR EXISTS (SELECT 1 FROM attempt a WHERE a.process_id = p.id AND a.worker = ?))", f.Worker, f.Worker)
	}
	for name, value := range f.Keys {
		c.add("EXISTS (SELECT 1 FROM search_key k WHERE k.process_id = p.id AND k.name = ? AND k.value LIKE ?)", name, likePrefix(value))
	}
	if f.Outermost {
		c.add("p.parent_id IS NULL")
	}
	if f.BeforeID != "" {
		c.add("p.id < ?::uuid", f.BeforeID)
	}
	return c
}

func (f *Search) states(c *clauses) {
	if len(f.States) == 0 {
		return
	}
	var either []string
	live := true
	for _, state := range f.States {
		either = append(either, "("+shownState[state]+")")
		switch state {
		case "completed", "failed", "cancelled":
			live = false
		}
	}
	c.add("(" + strings.Join(either, " OR ") + ")")
	if live {
		c.add("EXISTS (SELECT 1 FROM process_live l WHERE l.process_id = p.id)")
	}
}

// likePrefix escapes what LIKE would interpret.
func likePrefix(prefix string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(prefix) + "%"
}

// RestartedAs lists the processes that restarts of the given ones made.
func (s *Store) RestartedAs(ctx context.Context, ids []string) (map[string][]string, error) {
	const statement = `SELECT restarted_from::text, id::text FROM process WHERE restarted_from = ANY($1::uuid[]) ORDER BY id`
	out := map[string][]string{}
	rows, err := s.db.Query(ctx, statement, ids)
	_, err = rowsOf(rows, err, func(r pgx.Rows) (none struct{}, err error) {
		var from, id string
		if err = r.Scan(&from, &id); err == nil {
			out[from] = append(out[from], id)
		}
		return none, err
	})
	if err != nil {
		return nil, fmt.Errorf("read restarts of %d processes: %w", len(ids), err)
	}
	return out, nil
}

// Ahead counts the tasks of a pool's backlog that are served before one, up to most.
func (s *Store) Ahead(ctx context.Context, pool string, priority int, process string, most int) (n int, err error) {
	const statement = `
SELECT count(*) FROM (SELECT 1 FROM backlog WHERE pool = $1 AND NOT held AND limit_key IS NULL AND (priority < $2 OR priority = $2 AND process_id < $3) LIMIT $4) AS x`
	if err := s.db.QueryRow(ctx, statement, pool, priority, process, most).Scan(&n); err != nil {
		return 0, fmt.Errorf("count what is ahead in pool %s: %w", pool, err)
	}
	return n, nil
}

// TypeLoad counts the window and the backlog of a node type.
type TypeLoad struct {
	Pool, Type string
	Window     int // messages
	Started    int // of them, those whose start was reported
	Backlog    int
}

// TypeLoads counts the window and the backlog by pool and node type.
func (s *Store) TypeLoads(ctx context.Context) ([]TypeLoad, error) {
	const statement = `
SELECT pool, node_type, sum(w)::int, sum(r)::int, sum(b)::int FROM (
    SELECT pool, node_type, count(*) AS w, count(started_at) AS r, 0 AS b FROM dispatch GROUP BY 1, 2
    UNION ALL SELECT pool, node_type, 0, 0, count(*) FROM backlog GROUP BY 1, 2) AS x GROUP BY 1, 2 ORDER BY 1, 2`
	rows, err := s.db.Query(ctx, statement)
	out, err := rowsOf(rows, err, func(r pgx.Rows) (t TypeLoad, err error) {
		return t, r.Scan(&t.Pool, &t.Type, &t.Window, &t.Started, &t.Backlog)
	})
	if err != nil {
		return nil, fmt.Errorf("count by node type: %w", err)
	}
	return out, nil
}
