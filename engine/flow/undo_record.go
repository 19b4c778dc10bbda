package flow

import "encoding/json"

// UndoRecord is an activity that has completed and can be undone.
type UndoRecord struct {
	Scope  string // where it completed
	N      int    // its place among the records of the scope, 1 for the first
	Node   string
	Task   string
	Run    int
	Inside int             // how many records the scope inside of the task has: it is undone from inside; 0: by its handler
	Total  int             // of a list that is undone from inside: how many entries it had
	Input  json.RawMessage // of the task
	Output json.RawMessage // of the task
}

// UndoStep is what becomes of a record: the task By undoes it. Empty: it waits to be undone again.
type UndoStep struct {
	Scope string
	N     int
	By    string
}

// UndoKey names a record.
type UndoKey struct {
	Scope string
	N     int
}

// UndoRef says which records come next: those of a scope up to Top, of the node Of alone unless it is empty. Now is a record that is
// being undone and is wanted too.
type UndoRef struct {
	Scope, Of string
	Top, Now  int
}

// UndoLoaded are the next records for an UndoRef as they are stored, the latest first; More: there may be others behind them.
type UndoLoaded struct {
	Records []UndoRecord
	More    bool
}

// UndoLeft are records that wait to be undone, by node.
type UndoLeft struct {
	Node   string
	Inside bool
}

// UndoData is what is known of records. The caller fills Loaded, Now and Left where ReadsFor asks for them, and throws all of it away
// once it has committed.
type UndoData struct {
	Fresh  []UndoRecord            // made since the last commit
	Gone   map[UndoKey]bool        // taken or hidden since the last commit
	Loaded map[UndoRef]*UndoLoaded // Now is not part of the key
	Now    map[UndoKey]*UndoRecord // being undone
	Left   []UndoLeft
}

// next finds the record that a compensation takes next: nil when there is none. Not known: it has to be loaded first.
func (d *UndoData) next(u *Undoing) (rec *UndoRecord, known bool) {
	fresh := 0
	for i := range d.Fresh {
		x := &d.Fresh[i]
		if x.Scope != u.Stack || x.N > u.Top {
			continue
		}
		fresh++
		if u.takes(x) && !d.Gone[UndoKey{x.Scope, x.N}] && (rec == nil || x.N > rec.N) {
			rec = x
		}
	}
	if rec != nil || fresh == u.Top {
		return rec, true // what is stored came before
	}
	loaded := d.Loaded[UndoRef{Scope: u.Stack, Of: u.Of, Top: u.Top}]
	if loaded == nil {
		return nil, false
	}
	for i := range loaded.Records {
		if x := &loaded.Records[i]; !d.Gone[UndoKey{x.Scope, x.N}] {
			return x, true
		}
	}
	if loaded.More {
		u.Top = loaded.Records[len(loaded.Records)-1].N - 1
		return nil, false
	}
	return nil, true
}

func (u *Undoing) takes(rec *UndoRecord) bool { return u.Of == "" || u.Of == rec.Node }

// take notes that a record is being undone.
func (d *UndoData) take(rec *UndoRecord) {
	key, kept := UndoKey{rec.Scope, rec.N}, *rec
	if d.Now == nil {
		d.Now = map[UndoKey]*UndoRecord{}
	}
	d.Now[key] = &kept
	d.gone(key)
}

func (d *UndoData) gone(key UndoKey) {
	if d.Gone == nil {
		d.Gone = map[UndoKey]bool{}
	}
	d.Gone[key] = true
}

func (d *UndoData) giveBack(key UndoKey) {
	delete(d.Gone, key)
	delete(d.Now, key)
	d.Loaded = nil // it may be among them, or not
}

// hide takes records of runs away that count no more.
func (d *UndoData) hide(h *Hidden) {
	for i := range d.Fresh {
		x := &d.Fresh[i]
		if runs, known := h.Runs[x.Node]; known && x.Scope == h.Scope && runs.From <= x.Run && x.Run <= runs.To {
			d.gone(UndoKey{x.Scope, x.N})
		}
	}
	d.Loaded = nil
}
