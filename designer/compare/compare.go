// Package compare tells how two graph documents differ: nodes, flows and notes that were added, removed or changed, field by
// field, and nodes that only stand elsewhere.
//
// It is pure and imports the model and its codec. The web app compares in the same way (frontend/src/shared/compare); both are
// tested with the cases in testdata.
package compare

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/taskurotta/taskurotta-go/designer/codec"
	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/designer/strictjson"
)

// Change is what happened to a part of a document.
type Change string

// The changes.
const (
	Added   Change = "added"
	Removed Change = "removed"
	Changed Change = "changed"
)

// Field is a difference inside a part. Path is a JSON pointer; Before or After is absent when the field is.
type Field struct {
	Path   string          `json:"path"`
	Before json.RawMessage `json:"before,omitempty"`
	After  json.RawMessage `json:"after,omitempty"`
}

// Item is a node, flow or note that differs. Its ID is that of the second document, unless it was removed. Fields are of what
// changed only; one whose path is /id tells that the same part has another id.
type Item struct {
	Of     string  `json:"of"` // node, edge or note
	ID     string  `json:"id"`
	Title  string  `json:"title"`          // of a flow, without a title, what it connects
	Kind   string  `json:"kind,omitempty"` // of nodes
	Change Change  `json:"change"`
	Fields []Field `json:"fields,omitempty"`
}

// Comparison is how a second document differs from a first one. Moved lists nodes of both that stand elsewhere. Other holds what
// differs outside of nodes, flows, notes and places: /nodes or /edges when only their order does, and below /layout and
// /extensions.
type Comparison struct {
	Items []Item   `json:"items"`
	Moved []string `json:"moved"`
	Other []Field  `json:"other"`
}

// Same reports whether nothing differs at all.
func (c Comparison) Same() bool { return len(c.Items)+len(c.Moved)+len(c.Other) == 0 }

// SameMeaning reports whether two documents do the same: they may differ in what no version's checksum covers.
func SameMeaning(before, after *graph.Document) bool {
	return codec.Checksum(before) == codec.Checksum(after)
}

// Documents compares two documents. Parts are the same when their ids are; a part that vanished and one that came are the same,
// renamed, when nothing else tells them apart.
func Documents(before, after *graph.Document) Comparison {
	old, now := plain(before), plain(after)
	renamed := map[string]string{}
	nodes := listed(old["nodes"], now["nodes"])
	nodes.match(func(m member) string { return string(encode(without(m, "id"))) })
	for _, pair := range nodes.pairs {
		if pair.was["id"] != pair.is["id"] {
			renamed[text(pair.was["id"])] = text(pair.is["id"])
		}
	}
	edges := listed(old["edges"], now["edges"])
	for _, edge := range edges.before {
		for _, end := range []string{"from", "to"} {
			if id, known := renamed[text(edge[end])]; known {
				edge[end] = id
			}
		}
	}
	edges.match(func(m member) string { return text(m["from"]) + " " + text(m["to"]) })
	notes := listed(old["notes"], now["notes"])
	notes.match(func(m member) string { return text(m["id"]) })

	c := Comparison{Items: []Item{}, Moved: []string{}, Other: []Field{}}
	c.Items = append(c.Items, nodes.items("node", func(m member) (string, string) { return text(m["title"]), text(m["kind"]) })...)
	c.Items = append(c.Items, edges.items("edge", func(m member) (string, string) {
		if title := text(m["title"]); title != "" {
			return title, ""
		}
		return text(m["from"]) + " → " + text(m["to"]), ""
	})...)
	c.Items = append(c.Items, notes.items("note", func(m member) (string, string) { return text(m["text"]), "" })...)
	for _, list := range []struct {
		path string
		*list
	}{{"/nodes", nodes}, {"/edges", edges}} {
		if list.reordered() {
			c.Other = append(c.Other, Field{Path: list.path})
		}
	}
	c.compareLayouts(before, after, renamed)
	c.Other = append(c.Other, fields("/layout", without(get(old, "layout"), "nodes"), without(get(now, "layout"), "nodes"))...)
	c.Other = append(c.Other, fields("/extensions", get(old, "extensions"), get(now, "extensions"))...)
	return c
}

func (c *Comparison) compareLayouts(before, after *graph.Document, renamed map[string]string) {
	had := map[string]graph.Point{}
	for id, place := range before.Layout.Nodes {
		if name, known := renamed[id]; known {
			id = name
		}
		had[id] = place
	}
	in := map[string]bool{}
	for _, node := range before.Nodes {
		id := node.ID
		if name, known := renamed[id]; known {
			id = name
		}
		in[id] = true
	}
	for _, node := range after.Nodes {
		if place, known := had[node.ID]; in[node.ID] {
			if now, placed := after.Layout.Nodes[node.ID]; placed != known || now != place {
				c.Moved = append(c.Moved, node.ID)
			}
		}
	}
}

// member is a node, a flow or a note as plain JSON.
type member = map[string]any

// plain is a document in canonical form as plain JSON: equal documents give equal values.
func plain(doc *graph.Document) map[string]any {
	decoder := json.NewDecoder(bytes.NewReader(codec.Encode(doc)))
	decoder.UseNumber()
	var value map[string]any
	if err := decoder.Decode(&value); err != nil {
		panic(fmt.Errorf("compare: decode what was just encoded: %w", err))
	}
	return value
}

func text(value any) string {
	s, _ := value.(string)
	return s
}

func without(value any, name string) any {
	members, is := value.(map[string]any)
	if !is {
		return value
	}
	rest := maps.Clone(members)
	delete(rest, name)
	return rest
}

// list is one list of both documents.
type list struct {
	before, after []member
	pairs         []pair // in the order of after
	removed       []member
	added         map[string]bool
}

type pair struct{ was, is member }

func listed(before, after any) *list {
	members := func(value any) (all []member) {
		items, _ := value.([]any)
		for _, item := range items {
			if m, is := item.(map[string]any); is {
				all = append(all, m)
			}
		}
		return all
	}
	return &list{before: members(before), after: members(after), added: map[string]bool{}}
}

// match pairs what has the same id, then, in order, what looks the same. Of members with the same id in one list, which no valid
// document has, the last counts.
func (l *list) match(look func(member) string) {
	had, gone := map[string]member{}, map[string]member{}
	for _, m := range l.before {
		had[text(m["id"])] = m
	}
	maps.Copy(gone, had)
	for _, m := range l.after {
		delete(gone, text(m["id"]))
	}
	alike, listed := map[string][]string{}, map[string]bool{} // look → ids of those that vanished
	for _, m := range l.before {
		if id := text(m["id"]); gone[id] != nil && !listed[id] {
			listed[id] = true
			key := look(gone[id])
			alike[key] = append(alike[key], id)
		}
	}
	for _, m := range l.after {
		id := text(m["id"])
		was, known := had[id]
		if key := look(m); !known && len(alike[key]) > 0 {
			other := alike[key][0]
			alike[key] = alike[key][1:]
			was, known = gone[other], true
			delete(gone, other)
		}
		if known {
			l.pairs = append(l.pairs, pair{was, m})
		} else {
			l.added[id] = true
		}
	}
	for _, m := range l.before {
		if gone[text(m["id"])] != nil {
			l.removed = append(l.removed, m)
		}
	}
}

// reordered reports whether what both lists have stands in another order.
func (l *list) reordered() bool {
	at := map[string]int{}
	for i, m := range l.before {
		at[text(m["id"])] = i
	}
	last := -1
	for _, p := range l.pairs {
		place := at[text(p.was["id"])]
		if place < last {
			return true
		}
		last = place
	}
	return false
}

func (l *list) items(of string, name func(member) (title, kind string)) []Item {
	var items []Item
	add := func(m member, change Change, differences []Field) {
		title, kind := name(m)
		items = append(items, Item{Of: of, ID: text(m["id"]), Title: title, Kind: kind, Change: change, Fields: differences})
	}
	changed := map[string][]Field{}
	for _, p := range l.pairs {
		if differences := fields("", p.was, p.is); len(differences) > 0 {
			changed[text(p.is["id"])] = differences
		}
	}
	for _, m := range l.after {
		if id := text(m["id"]); l.added[id] {
			add(m, Added, nil)
		} else if changed[id] != nil {
			add(m, Changed, changed[id])
		}
	}
	for _, m := range l.removed {
		add(m, Removed, nil)
	}
	return items
}

// fields lists how two values differ, by path. Objects are compared member by member; lists of one length entry by entry, others
// from both ends, so that an entry put into the middle is one difference.
func fields(path string, before, after any) []Field {
	if a, is := before.(map[string]any); is {
		if b, both := after.(map[string]any); both {
			var all []Field
			names := map[string]bool{}
			for name := range a {
				names[name] = true
			}
			for name := range b {
				names[name] = true
			}
			for _, name := range slices.Sorted(maps.Keys(names)) {
				all = append(all, fields(path+strictjson.Pointer(name), get(a, name), get(b, name))...)
			}
			return all
		}
	}
	if a, is := before.([]any); is {
		if b, both := after.([]any); both {
			return entries(path, a, b)
		}
	}
	if equal(before, after) {
		return nil
	}
	return []Field{{Path: path, Before: raw(before), After: raw(after)}}
}

func entries(path string, a, b []any) []Field {
	first, last := 0, 0
	if len(a) != len(b) {
		for first < min(len(a), len(b)) && equal(a[first], b[first]) {
			first++
		}
		for last < min(len(a), len(b))-first && equal(a[len(a)-1-last], b[len(b)-1-last]) {
			last++
		}
	}
	a, b = a[first:len(a)-last], b[first:len(b)-last]
	var all []Field
	for i := range max(len(a), len(b)) {
		at := path + "/" + strconv.Itoa(first+i)
		switch {
		case i >= len(a):
			all = append(all, Field{Path: at, After: raw(b[i])})
		case i >= len(b):
			all = append(all, Field{Path: at, Before: raw(a[i])})
		default:
			all = append(all, fields(at, a[i], b[i])...)
		}
	}
	return all
}

// absent stands for a member that an object lacks, which is not one that is null.
type absent struct{}

func get(members map[string]any, name string) any {
	value, has := members[name]
	if !has {
		return absent{}
	}
	return value
}

func raw(value any) json.RawMessage {
	if value == (absent{}) {
		return nil
	}
	return encode(value)
}

func equal(a, b any) bool {
	if a == (absent{}) || b == (absent{}) {
		return a == b
	}
	return bytes.Equal(encode(a), encode(b))
}

func encode(value any) []byte {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		panic(fmt.Errorf("compare: encode plain JSON: %w", err))
	}
	return bytes.TrimRight(out.Bytes(), "\n")
}
