package flow

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/designer/timing"
)

// timer is a compiled moment.
type timer struct {
	kind     graph.TimerKind
	value    *evaluator
	zone     *time.Location
	calendar string // of working days
	at       string // of working days: a time of the last one
}

func compileTimer(src *graph.Timer) (*timer, error) {
	t := &timer{kind: src.Kind, calendar: src.Calendar, at: src.At}
	var err error
	switch src.Kind {
	case graph.TimerDuration, graph.TimerDate, graph.TimerCron:
	case graph.TimerWorkingDays:
		if err = timing.CheckTime(src.At); err != nil {
			return nil, err
		}
	default:
		return nil, fmt.Errorf("this release does not run timers of kind %q", src.Kind)
	}
	if t.value, err = compileText(src.Value); err != nil {
		return nil, err
	}
	if t.value == nil {
		return nil, errors.New("it says no time")
	}
	t.zone, err = timing.Zone(src.Zone)
	return t, err
}

func (t *timer) set() readSet {
	if t == nil {
		return readSet{}
	}
	return t.value.set()
}

func (t *timer) repeats() bool { return t.kind == graph.TimerCron }

// next is when the timer comes that begins to run now.
func (t *timer) next(v *variables, now time.Time) (time.Time, error) {
	raw, err := t.value.eval(v)
	if err != nil {
		return time.Time{}, err
	}
	value := strings.TrimSpace(text(raw))
	if t.kind == graph.TimerWorkingDays {
		return t.worked(v.st.Data.Calendars, value, now)
	}
	due, err := timing.Next(t.kind, value, t.zone, now)
	if err != nil {
		return time.Time{}, err
	}
	if due.Sub(now) > timing.Furthest {
		return time.Time{}, fmt.Errorf("%.100s is more than a hundred years ahead", raw)
	}
	return due, nil
}

// worked counts working days. The calendar is as it is now: what is changed in it later does not move a timer that is set.
func (t *timer) worked(calendars map[string]*timing.Calendar, value string, now time.Time) (time.Time, error) {
	calendar := calendars[t.calendar]
	if calendar == nil {
		return time.Time{}, fmt.Errorf("there is no calendar %q", t.calendar)
	}
	days, err := strconv.Atoi(value)
	if err != nil {
		return time.Time{}, fmt.Errorf("%.100q is not a whole number of working days", value)
	}
	return calendar.After(days, t.at, now)
}
