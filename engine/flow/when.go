package flow

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/designer/timing"
)

// timer is a compiled moment.
type timer struct {
	kind  graph.TimerKind
	value *evaluator
	zone  *time.Location
}

func compileTimer(src *graph.Timer) (*timer, error) {
	t := &timer{kind: src.Kind}
	switch src.Kind {
	case graph.TimerDuration, graph.TimerDate, graph.TimerCron:
	default:
		return nil, fmt.Errorf("this release does not run timers of kind %q", src.Kind)
	}
	var err error
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
	due, err := timing.Next(t.kind, strings.TrimSpace(text(raw)), t.zone, now)
	if err != nil {
		return time.Time{}, err
	}
	if due.Sub(now) > timing.Furthest {
		return time.Time{}, fmt.Errorf("%.100s is more than a hundred years ahead", raw)
	}
	return due, nil
}
