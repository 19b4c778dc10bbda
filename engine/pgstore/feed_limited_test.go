package pgstore_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/taskurotta/taskurotta-go/engine/pgstore"
)

// fillLimited stores a task of a limited node type for each key, of the priority that follows the key's colon.
func fillLimited(t *testing.T, s *pgstore.Store, nodeType string, most int, keys ...string) map[string]string {
	t.Helper()
	if err := s.SetLimit(t.Context(), pgstore.Limit{NodeType: nodeType, Most: &most, PerMS: 1000}); err != nil {
		t.Fatal(err)
	}
	names := map[string]string{}
	tx, _ := begin(t, s)
	w := &pgstore.Write{}
	refs := make([]pgstore.TaskRef, len(keys))
	for i, key := range keys {
		_, priority, _ := strings.Cut(key, ":")
		task := backlog(w, "alpha", int(priority[0]-'0'), nodeType, false)
		m := &w.Backlog[len(w.Backlog)-1]
		m.Limited = true
		refs[i], names[task] = pgstore.TaskRef{Process: m.Process, Task: task}, key
	}
	commit(t, tx, w)
	only := make([]string, len(keys))
	for i, key := range keys {
		only[i], _, _ = strings.Cut(key, ":")
	}
	if err := s.SetKeys(t.Context(), pgstore.InBacklog, refs, only); err != nil {
		t.Fatal(err)
	}
	return names
}

func TestHeadsAreTheFirstOfEachKeyAndNoUrgentOneIsMissing(t *testing.T) {
	t.Parallel()
	s, db := open(t)
	fillLimited(t, s, "t@1", 1, "=a:5", "=a:3", "=b:5", "=c:4", "=d:1", "=e:5", "=e:1")
	fillLimited(t, s, "other@1", 1, "=x:2")
	read := func(most int, types, since []string) map[string]*pgstore.LimitHeads {
		heads, err := s.LimitHeads(t.Context(), types, since, most)
		if err != nil {
			t.Fatal(err)
		}
		return heads
	}
	check := func(got *pgstore.LimitHeads, all bool, last string, want ...pgstore.LimitHead) {
		t.Helper()
		if !slices.Equal(got.Heads, want) || got.All != all || got.Last != last || got.Unkeyed {
			t.Errorf("heads %+v, want %v until %q", got, want, last)
		}
	}
	both := read(10, []string{"t@1", "other@1", "none@1"}, []string{"", "", ""})
	check(both["t@1"], true, "=e", []pgstore.LimitHead{{Key: "=a", Priority: 3}, {Key: "=b", Priority: 5}, {Key: "=c", Priority: 4}, {Key: "=d", Priority: 1}, {Key: "=e", Priority: 1}}...)
	check(both["other@1"], true, "=x", pgstore.LimitHead{Key: "=x", Priority: 2})
	check(both["none@1"], true, "")
	// With more keys than one look takes the urgent ones are told nevertheless, and the next look begins behind the last.
	urgent := []pgstore.LimitHead{{Key: "=d", Priority: 1}, {Key: "=e", Priority: 1}}
	check(read(2, []string{"t@1"}, []string{""})["t@1"], false, "=b", append([]pgstore.LimitHead{{Key: "=a", Priority: 3}, {Key: "=b", Priority: 5}}, urgent...)...)
	check(read(2, []string{"t@1"}, []string{"=b\x01"})["t@1"], false, "=d", append([]pgstore.LimitHead{{Key: "=c", Priority: 4}}, urgent...)...)
	check(read(2, []string{"t@1"}, []string{"=e\x01"})["t@1"], true, "", urgent...)
	if _, err := db.Exec(t.Context(), `UPDATE backlog SET held = true WHERE limit_key = '=d'`); err != nil {
		t.Fatal(err)
	}
	check(read(2, []string{"t@1"}, []string{"=e\x01"})["t@1"], true, "", urgent[1:]...)
	var keyless string
	if err := db.QueryRow(t.Context(), `UPDATE backlog SET limit_key = e'\x01' WHERE limit_key = '=x' RETURNING limit_key`).Scan(&keyless); err != nil {
		t.Fatal(err)
	}
	if got := read(2, []string{"other@1"}, []string{""})["other@1"]; !got.Unkeyed || len(got.Heads) != 0 {
		t.Errorf("a task without a key: %+v", got)
	}
}

func TestLimitedTasksAreAdmittedByPriorityAcrossKeys(t *testing.T) {
	t.Parallel()
	s, _ := open(t)
	names := fillLimited(t, s, "t@1", 2, "=a:5", "=a:5", "=a:1", "=b:5", "=b:5", "=b:4", "=c:1", "=c:1", "=c:1")
	fence := lead(t, s)
	most := 2
	admit := func(room, lowest int) []string {
		heads, err := s.LimitHeads(t.Context(), []string{"t@1"}, []string{""}, 10)
		if err != nil {
			t.Fatal(err)
		}
		out, err := s.AdmitLimited(t.Context(), "me", fence, pgstore.Limit{NodeType: "t@1", Most: &most, PerMS: 1000}, heads["t@1"].Heads, room, lowest, nil)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, o := range out {
			got = append(got, names[o.Task])
		}
		slices.Sort(got)
		return got
	}
	for _, step := range []struct {
		room, lowest int
		want         []string
	}{
		{10, 1, []string{"=a:1", "=c:1", "=c:1"}}, // urgent ones alone, two of a key
		{10, 3, nil},                      // nothing of these priorities is left that the limit allows
		{10, 4, []string{"=b:4"}},         // no lower ones
		{10, 5, []string{"=a:5", "=b:5"}}, // what the limit still allows
		{10, 5, nil},                      // and no more
	} {
		if got := admit(step.room, step.lowest); !slices.Equal(got, step.want) {
			t.Errorf("room for %d of priority %d or better: %v, want %v", step.room, step.lowest, got, step.want)
		}
	}
}
