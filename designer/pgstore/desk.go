package pgstore

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"github.com/taskurotta/taskurotta-go/designer/desk"
)

var _ desk.Store = (*Store)(nil)

// at runs a change of one draft's seats. The lock on the definition's row puts such changes in order.
func (s *Store) at(ctx context.Context, key string, change func(tx *gorm.DB, id string) error) error {
	return s.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		var ids []string
		if err := tx.Raw(`SELECT id FROM definition WHERE key = ? FOR NO KEY UPDATE`, key).Scan(&ids).Error; err != nil {
			return fmt.Errorf("lock definition %s: %w", key, err)
		}
		if len(ids) == 0 {
			return notFound(key)
		}
		if err := change(tx, ids[0]); err != nil {
			return fmt.Errorf("change who has the draft of %s open: %w", key, err)
		}
		return nil
	})
}

// run executes statements in order, each with the same named arguments.
func run(tx *gorm.DB, arguments map[string]any, statements ...string) error {
	for _, statement := range statements {
		if err := tx.Exec(statement, arguments).Error; err != nil {
			return err
		}
	}
	return nil
}

const (
	// dropSilent frees the lock of tabs that are gone, so that whoever comes next may have it.
	dropSilent = `DELETE FROM draft_tab WHERE definition_id = @id AND seen_at < now() - make_interval(secs => @silence)`

	// seat keeps the lock over a reload; a tab's name does not pass it on to somebody else.
	seat = `INSERT INTO draft_tab AS t (definition_id, tab, socket, login, name) VALUES (@id, @tab, @socket, @login, @name)
		ON CONFLICT (definition_id, tab) DO UPDATE SET socket = excluded.socket, login = excluded.login, name = excluded.name, seen_at = now(),
			editing_since = CASE WHEN t.login = excluded.login THEN t.editing_since END, wants_since = NULL`

	// editIfFree: nobody else edits, and nobody waits for it.
	editIfFree = `UPDATE draft_tab SET editing_since = now() WHERE definition_id = @id AND tab = @tab AND editing_since IS NULL
		AND NOT EXISTS (SELECT FROM draft_tab o WHERE o.definition_id = @id AND (o.editing_since IS NOT NULL OR o.wants_since IS NOT NULL))`

	leave = `DELETE FROM draft_tab WHERE definition_id = @id AND tab = @tab AND socket = @socket`

	// unwant and want replace the one who waits, unless the tab edits already.
	unwant = `UPDATE draft_tab SET wants_since = NULL WHERE definition_id = @id AND wants_since IS NOT NULL
		AND EXISTS (SELECT FROM draft_tab o WHERE o.definition_id = @id AND o.tab = @tab AND o.socket = @socket AND o.editing_since IS NULL)`
	want = `UPDATE draft_tab SET wants_since = now() WHERE definition_id = @id AND tab = @tab AND socket = @socket AND editing_since IS NULL`

	letGo = `UPDATE draft_tab SET editing_since = NULL WHERE definition_id = @id AND tab = @tab AND socket = @socket`

	endOverdue = `UPDATE draft_tab SET editing_since = NULL WHERE definition_id = @id AND editing_since IS NOT NULL
		AND EXISTS (SELECT FROM draft_tab o WHERE o.definition_id = @id AND o.wants_since < now() - make_interval(secs => @hand_over))`

	// inherit gives the lock to who waits for it, once nobody has it.
	inherit = `UPDATE draft_tab SET editing_since = now(), wants_since = NULL WHERE definition_id = @id AND wants_since IS NOT NULL
		AND NOT EXISTS (SELECT FROM draft_tab o WHERE o.definition_id = @id AND o.editing_since IS NOT NULL)`
)

func seatArguments(id, tab, socket string) map[string]any {
	return map[string]any{"id": id, "tab": tab, "socket": socket, "silence": desk.Silence.Seconds(), "hand_over": desk.HandOver.Seconds()}
}

// Sit seats a tab.
func (s *Store) Sit(ctx context.Context, key string, who desk.Seat, edit bool) error {
	return s.at(ctx, key, func(tx *gorm.DB, id string) error {
		arguments := seatArguments(id, who.Tab, who.Socket)
		arguments["login"], arguments["name"] = who.Login, who.Name
		statements := []string{dropSilent, seat}
		if edit {
			statements = append(statements, editIfFree)
		}
		return run(tx, arguments, statements...)
	})
}

// Leave takes a tab away.
func (s *Store) Leave(ctx context.Context, key, tab, socket string) error {
	return s.at(ctx, key, func(tx *gorm.DB, id string) error {
		return run(tx, seatArguments(id, tab, socket), leave, inherit)
	})
}

// TakeOver lets a tab edit.
func (s *Store) TakeOver(ctx context.Context, key, tab, socket string) error {
	return s.at(ctx, key, func(tx *gorm.DB, id string) error {
		return run(tx, seatArguments(id, tab, socket), dropSilent, unwant, want, inherit)
	})
}

// LetGo ends a tab's editing.
func (s *Store) LetGo(ctx context.Context, key, tab, socket string) error {
	return s.at(ctx, key, func(tx *gorm.DB, id string) error {
		return run(tx, seatArguments(id, tab, socket), letGo, inherit)
	})
}

// Tend keeps seats, removes silent ones and passes on locks that were not let go of.
func (s *Store) Tend(ctx context.Context, sockets []string) error {
	db := s.db.WithContext(ctx)
	if err := db.Exec(`UPDATE draft_tab SET seen_at = now() WHERE socket IN ?`, append(sockets, "")).Error; err != nil {
		return fmt.Errorf("keep %d seats: %w", len(sockets), err)
	}
	var due []string
	err := db.Raw(`SELECT DISTINCT d.key FROM draft_tab t JOIN definition d ON d.id = t.definition_id
		WHERE t.seen_at < now() - make_interval(secs => @silence) OR t.wants_since < now() - make_interval(secs => @hand_over)`,
		seatArguments("", "", "")).Scan(&due).Error
	if err != nil {
		return fmt.Errorf("look for seats that nobody keeps: %w", err)
	}
	for _, key := range due {
		err := s.at(ctx, key, func(tx *gorm.DB, id string) error {
			return run(tx, seatArguments(id, "", ""), dropSilent, endOverdue, inherit)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Desks returns what is known of drafts.
func (s *Store) Desks(ctx context.Context, keys []string) (map[string]desk.Desk, error) {
	var drafts []struct {
		Key            string
		Latest         int
		DraftRevision  int64
		DraftUpdatedAt time.Time
		DraftUpdatedBy string
	}
	db := s.db.WithContext(ctx)
	err := db.Raw(`SELECT key, latest, draft_revision, draft_updated_at, draft_updated_by FROM definition WHERE key IN ?`, append(keys, "")).Scan(&drafts).Error
	if err != nil {
		return nil, fmt.Errorf("read %d drafts: %w", len(keys), err)
	}
	desks := make(map[string]desk.Desk, len(drafts))
	for _, d := range drafts {
		desks[d.Key] = desk.Desk{Revision: d.DraftRevision, UpdatedAt: d.DraftUpdatedAt.UTC(), UpdatedBy: d.DraftUpdatedBy, Latest: d.Latest}
	}
	var seats []struct {
		Key, Tab, Socket, Login, Name string
		Since                         time.Time
		Editing, Heir                 bool
	}
	err = db.Raw(`SELECT d.key, t.tab, t.socket, t.login, t.name, t.since, t.editing_since IS NOT NULL AS editing, t.wants_since IS NOT NULL AS heir
		FROM draft_tab t JOIN definition d ON d.id = t.definition_id
		WHERE d.key IN ? AND t.seen_at >= now() - make_interval(secs => ?) ORDER BY d.key, t.since, t.tab`, append(keys, ""), desk.Silence.Seconds()).Scan(&seats).Error
	if err != nil {
		return nil, fmt.Errorf("read who has %d drafts open: %w", len(keys), err)
	}
	for _, row := range seats {
		d := desks[row.Key]
		d.Seats = append(d.Seats, desk.Seat{Tab: row.Tab, Socket: row.Socket, Login: row.Login, Name: row.Name, Since: row.Since.UTC(), Editing: row.Editing, Heir: row.Heir})
		desks[row.Key] = d
	}
	return desks, nil
}
