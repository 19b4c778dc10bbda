package pgstore

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/taskurotta/taskurotta-go/designer/timing"
)

// loadCalendars reads what designer/pgstore keeps.
const loadCalendars = `SELECT key, days FROM calendar WHERE key = ANY($1)`

// Calendars returns those of the calendars that there are and can be read.
func (tx *Tx) Calendars(ctx context.Context, keys []string) (map[string]*timing.Calendar, error) {
	found := map[string]*timing.Calendar{}
	rows, err := tx.conn.Query(ctx, loadCalendars, keys)
	_, err = rowsOf(rows, err, func(r pgx.Rows) (none struct{}, err error) {
		var key string
		var raw []byte
		if err := r.Scan(&key, &raw); err != nil {
			return none, err
		}
		if calendar := readCalendar(raw); calendar != nil {
			found[key] = calendar
		}
		return none, nil
	})
	if err != nil {
		return nil, fmt.Errorf("read %d calendars: %w", len(keys), err)
	}
	return found, nil
}

// readCalendar returns nil for what can't be read: its timers say so, and no others suffer.
func readCalendar(raw []byte) *timing.Calendar {
	var days timing.Days
	if json.Unmarshal(raw, &days) != nil {
		return nil
	}
	calendar, _ := timing.NewCalendar(days)
	return calendar
}
