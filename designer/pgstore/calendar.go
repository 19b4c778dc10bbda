package pgstore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"github.com/taskurotta/taskurotta-go/designer"
	"github.com/taskurotta/taskurotta-go/fault"
)

// calendarRow is a row of calendar. The engine reads days in its commits.
type calendarRow struct {
	Key       string `gorm:"primaryKey"`
	Title     string
	Days      []byte `gorm:"type:jsonb"`
	Revision  int64
	ChangedAt time.Time
	ChangedBy string
}

// TableName names the table.
func (calendarRow) TableName() string { return "calendar" }

// Calendars returns all of them, by key.
func (s *Store) Calendars(ctx context.Context) ([]designer.Calendar, error) {
	var rows []calendarRow
	if err := s.db.WithContext(ctx).Order("key").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list calendars: %w", err)
	}
	all := make([]designer.Calendar, len(rows))
	for i, row := range rows {
		all[i] = designer.Calendar{Key: row.Key, Title: row.Title, Revision: row.Revision, ChangedAt: row.ChangedAt.UTC(), ChangedBy: row.ChangedBy}
		if err := json.Unmarshal(row.Days, &all[i].Days); err != nil {
			return nil, fmt.Errorf("decode calendar %s: %w", row.Key, err)
		}
	}
	return all, nil
}

// AddCalendar makes one.
func (s *Store) AddCalendar(ctx context.Context, c designer.Calendar) error {
	days, err := json.Marshal(c.Days)
	if err != nil {
		return fmt.Errorf("encode calendar %s: %w", c.Key, err)
	}
	err = s.db.WithContext(ctx).Create(&calendarRow{Key: c.Key, Title: c.Title, Days: days, Revision: 1, ChangedAt: time.Now().UTC(), ChangedBy: c.ChangedBy}).Error
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return fault.Newf(fault.Conflict, "calendar.exists", "There is a calendar %q already.", c.Key)
	}
	if err != nil {
		return fmt.Errorf("add calendar %s: %w", c.Key, err)
	}
	return nil
}

// ChangeCalendar replaces the revision c.Revision.
func (s *Store) ChangeCalendar(ctx context.Context, c designer.Calendar) error {
	days, err := json.Marshal(c.Days)
	if err != nil {
		return fmt.Errorf("encode calendar %s: %w", c.Key, err)
	}
	changed := s.db.WithContext(ctx).Table("calendar").Where("key = ? AND revision = ?", c.Key, c.Revision).
		Updates(map[string]any{"title": c.Title, "days": days, "revision": gorm.Expr("revision + 1"), "changed_at": gorm.Expr("now()"), "changed_by": c.ChangedBy})
	if changed.Error != nil {
		return fmt.Errorf("change calendar %s: %w", c.Key, changed.Error)
	}
	if changed.RowsAffected == 1 {
		return nil
	}
	var now []int64
	if err := s.db.WithContext(ctx).Table("calendar").Where("key = ?", c.Key).Pluck("revision", &now).Error; err != nil {
		return fmt.Errorf("read the revision of calendar %s: %w", c.Key, err)
	}
	if len(now) == 0 {
		return designer.NoCalendar(c.Key)
	}
	return &designer.ErrRevision{Current: now[0]}
}

// timersIn are the timers of a document that count in $key.
const timersIn = `$.nodes[*] ? (@.timer.calendar == $key || @.boundary.timer.calendar == $key || @.user.due.calendar == $key || @.user.escalate.calendar == $key)`

// countsIn finds a definition whose draft or one of whose versions counts in a calendar.
const countsIn = `SELECT d.key FROM definition d
	WHERE position(@name in d.draft) > 0 AND jsonb_path_exists(d.draft::jsonb, @path, jsonb_build_object('key', CAST(@key AS text)))
	OR EXISTS (SELECT FROM definition_version v WHERE v.definition_id = d.id AND position(@name in v.document) > 0
		AND jsonb_path_exists(v.document::jsonb, @path, jsonb_build_object('key', CAST(@key AS text))))
	ORDER BY d.key LIMIT 1`

// RemoveCalendar removes one that nothing counts in.
func (s *Store) RemoveCalendar(ctx context.Context, key string) error {
	return s.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		var users []string
		err := tx.Raw(countsIn, map[string]any{"key": key, "name": key, "path": timersIn}).Scan(&users).Error
		if err != nil {
			return fmt.Errorf("look for what counts in calendar %s: %w", key, err)
		}
		if len(users) > 0 {
			return fault.Newf(fault.Conflict, "calendar.in_use", "%s counts working days in the calendar.", users[0]).With(map[string]any{"user": users[0]})
		}
		removed := tx.Where("key = ?", key).Delete(&calendarRow{})
		if removed.Error != nil {
			return fmt.Errorf("remove calendar %s: %w", key, removed.Error)
		}
		if removed.RowsAffected == 0 {
			return designer.NoCalendar(key)
		}
		return nil
	})
}
