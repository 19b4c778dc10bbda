package pgstore

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// Incident is an open incident.
type Incident struct {
	IncidentRow
	CustomID string
	Group    string
	OpenedAt time.Time
}

// IncidentFilter narrows open incidents; everything given must hold, zero values don't filter.
type IncidentFilter struct {
	Definition string
	NodeID     string
	Code       string
	Group      string
	Text       string // found in the code or the message, in whatever case
	OpenedFrom *time.Time
	OpenedTo   *time.Time
}

// Any tells whether anything is filtered.
func (f *IncidentFilter) Any() bool { return *f != IncidentFilter{} }

func (f *IncidentFilter) add(c *clauses) {
	for _, equal := range []struct{ column, value string }{
		{"i.definition_key", f.Definition}, {"i.node_id", f.NodeID}, {"i.code", f.Code}, {"i.error_group", f.Group},
	} {
		if equal.value != "" {
			c.add(equal.column+" = ?", equal.value)
		}
	}
	if f.Text != "" {
		anywhere := "%" + likePrefix(f.Text)
		c.add("(i.message ILIKE ? OR i.code ILIKE ?)", anywhere, anywhere)
	}
	if f.OpenedFrom != nil {
		c.add("i.opened_at >= ?", *f.OpenedFrom)
	}
	if f.OpenedTo != nil {
		c.add("i.opened_at < ?", *f.OpenedTo)
	}
}

// Condition is the filter as a condition on the table incident under the name i; its parameters follow those given.
func (f *IncidentFilter) Condition(args []any) (string, []any) {
	c := &clauses{args: args}
	f.add(c)
	if len(c.where) == 0 {
		return "true", args
	}
	return c.joined(), c.args
}

// Incidents lists open incidents, newest first, those of test runs left out; before is the cursor (opening time and task).
func (s *Store) Incidents(ctx context.Context, f IncidentFilter, before *time.Time, beforeTask string, limit int) ([]Incident, error) {
	c := &clauses{}
	c.add("i.version > 0")
	f.add(c)
	if before != nil {
		c.add("(i.opened_at, i.task_id) < (?, ?::uuid)", *before, beforeTask)
	}
	c.args = append(c.args, limit)
	statement := `
SELECT i.process_id::text, p.custom_id, i.definition_key, i.version, i.node_id, i.task_id::text, i.code, i.message, i.error_group, i.opened_at
FROM incident i JOIN process p ON p.id = i.process_id
WHERE ` + c.joined() + fmt.Sprintf("\nORDER BY i.opened_at DESC, i.task_id DESC LIMIT $%d", len(c.args))
	rows, err := s.db.Query(ctx, statement, c.args...)
	out, err := rowsOf(rows, err, func(r pgx.Rows) (i Incident, err error) {
		return i, r.Scan(&i.Process, &i.CustomID, &i.Definition, &i.Version, &i.NodeID, &i.TaskID, &i.Code, &i.Message, &i.Group, &i.OpenedAt)
	})
	if err != nil {
		return nil, fmt.Errorf("list incidents: %w", err)
	}
	return out, nil
}

// TrendHours is over how many hours, up to now, the trend of a group is told.
const TrendHours = 24

// IncidentGroup are the open incidents of one step of one definition with the same error.
type IncidentGroup struct {
	Definition string
	NodeID     string
	Group      string
	Count      int64
	First      time.Time
	Last       time.Time
	Trend      []int64 // opened in each of the last TrendHours hours, the last one is the present; those that are still open

	// Of the newest one.
	Version int
	Code    string
	Message string
	Shape   string

	Samples []IncidentSample // the newest ones
}

// IncidentSample is one incident of a group.
type IncidentSample struct {
	Process  string    `json:"process"`
	TaskID   string    `json:"task"`
	CustomID string    `json:"custom_id"`
	OpenedAt time.Time `json:"opened_at"`
}

// GroupCursor is the place of a group in the list.
type GroupCursor struct {
	Count                     int64
	Definition, NodeID, Group string
}

// groupsAtOnce is how many samples of a group are shown.
const groupSamples = 5

// IncidentGroups lists the groups of the open incidents that match, the largest first, after a place; and how many incidents and
// groups there are in all. Incidents of test runs are left out.
func (s *Store) IncidentGroups(ctx context.Context, f IncidentFilter, after *GroupCursor, limit int) (groups []IncidentGroup, incidents, all int64, err error) {
	c := &clauses{}
	c.add("i.version > 0")
	f.add(c)
	where, n := c.joined(), len(c.args)
	place := "true"
	if after != nil {
		c.args = append(c.args, after.Count, after.Definition, after.NodeID, after.Group)
		place = fmt.Sprintf("(-n, definition_key, node_id, error_group) > (-$%d::bigint, $%d, $%d, $%d)", n+1, n+2, n+3, n+4)
	}
	c.args = append(c.args, limit)
	// One pass over the incidents; what a group shows of its newest ones is then read through the index, group by group.
	statement := `
WITH hour AS MATERIALIZED (
    SELECT i.definition_key, i.node_id, i.error_group, least(floor(extract(epoch FROM now() - i.opened_at) / 3600), ` + fmt.Sprint(TrendHours) + `)::int AS ago,
           count(*) AS n, min(i.opened_at) AS first, max(i.opened_at) AS last
    FROM incident i WHERE ` + where + ` GROUP BY 1, 2, 3, 4
), grouped AS (
    SELECT definition_key, node_id, error_group, sum(n)::bigint AS n, min(first) AS first, max(last) AS last, json_object_agg(ago, n) AS trend
    FROM hour GROUP BY 1, 2, 3
), page AS (
    SELECT * FROM grouped WHERE ` + place + ` ORDER BY n DESC, definition_key, node_id, error_group LIMIT $` + fmt.Sprint(len(c.args)) + `
)
SELECT t.incidents, t.groups, g.definition_key, g.node_id, g.error_group, g.n, g.first, g.last, g.trend, newest.version, newest.code, newest.message, error_shape(newest.message), samples.list
FROM (SELECT coalesce(sum(n), 0)::bigint AS incidents, count(*) AS groups FROM grouped) AS t
LEFT JOIN page g ON true
LEFT JOIN LATERAL (
    SELECT i.version, i.code, i.message FROM incident i
    WHERE ` + where + ` AND i.definition_key = g.definition_key AND i.node_id = g.node_id AND i.error_group = g.error_group ORDER BY i.opened_at DESC LIMIT 1) AS newest ON true
LEFT JOIN LATERAL (
    SELECT json_agg(json_build_object('process', x.process_id, 'task', x.task_id, 'custom_id', p.custom_id, 'opened_at', x.opened_at) ORDER BY x.opened_at DESC) AS list
    FROM (SELECT i.process_id, i.task_id, i.opened_at FROM incident i
        WHERE ` + where + ` AND i.definition_key = g.definition_key AND i.node_id = g.node_id AND i.error_group = g.error_group ORDER BY i.opened_at DESC LIMIT ` + fmt.Sprint(groupSamples) + `) AS x
    JOIN process p ON p.id = x.process_id) AS samples ON true
ORDER BY g.n DESC, g.definition_key, g.node_id, g.error_group`
	rows, err := s.db.Query(ctx, statement, c.args...)
	groups, err = rowsOf(rows, err, func(r pgx.Rows) (g IncidentGroup, err error) {
		var (
			definition, node, group, code, message, shape *string
			count                                         *int64
			first, last                                   *time.Time
			version                                       *int
			trend                                         map[int]int64
		)
		if err := r.Scan(&incidents, &all, &definition, &node, &group, &count, &first, &last, &trend, &version, &code, &message, &shape, &g.Samples); err != nil || definition == nil {
			return g, err
		}
		g.Definition, g.NodeID, g.Group, g.Count, g.First, g.Last = *definition, *node, *group, *count, *first, *last
		if version != nil { // else the group went away since
			g.Version, g.Code, g.Message, g.Shape = *version, *code, *message, *shape
		}
		g.Trend = make([]int64, TrendHours)
		for ago, n := range trend {
			if ago < TrendHours {
				g.Trend[TrendHours-1-max(ago, 0)] += n
			}
		}
		return g, nil
	})
	if err != nil {
		return nil, 0, 0, fmt.Errorf("group incidents: %w", err)
	}
	if len(groups) == 1 && groups[0].Group == "" { // the totals alone
		groups = nil
	}
	return groups, incidents, all, nil
}

// IncidentNodes lists the nodes at which a process has open incidents, the oldest first.
func (s *Store) IncidentNodes(ctx context.Context, process string, limit int) ([]string, error) {
	const statement = `SELECT node_id FROM incident WHERE process_id = $1 GROUP BY node_id ORDER BY min(opened_at), node_id LIMIT $2`
	rows, err := s.db.Query(ctx, statement, process, limit)
	out, err := rowsOf(rows, err, func(r pgx.Rows) (node string, err error) { return node, r.Scan(&node) })
	if err != nil {
		return nil, fmt.Errorf("list the broken nodes of process %s: %w", process, err)
	}
	return out, nil
}
