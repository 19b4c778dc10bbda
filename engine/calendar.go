package engine

import (
	"context"

	"github.com/taskurotta/taskurotta-go/designer/timing"
)

// loadCalendars reads the calendars in which the batch's versions count working days, as they are in this transaction: a change
// counts for the next timer that is set, on every server. Versions without such timers cost nothing.
func (b *batch) loadCalendars(ctx context.Context) error {
	asked := map[string]*timing.Calendar{}
	for _, p := range b.order {
		if p.graph == nil {
			continue
		}
		for _, key := range p.graph.graph.Calendars() {
			asked[key] = nil
		}
	}
	if len(asked) == 0 {
		return nil
	}
	keys := make([]string, 0, len(asked))
	for key := range asked {
		keys = append(keys, calendarKey(key))
	}
	found, err := b.tx.Calendars(ctx, keys)
	if err != nil {
		return err
	}
	for key := range asked {
		if asked[key] = found[calendarKey(key)]; asked[key] == nil {
			b.e.log.Warn("a version names a calendar that there is not, or that can't be read", "calendar", calendarKey(key))
			delete(asked, key)
		}
	}
	for _, p := range b.order {
		if p.graph != nil && len(p.graph.graph.Calendars()) > 0 {
			p.state.Data.Calendars = asked
		}
	}
	return nil
}

func calendarKey(named string) string {
	if named == "" {
		return timing.DefaultCalendar
	}
	return named
}
