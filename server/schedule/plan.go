package schedule

import (
	"fmt"
	"time"
)

// Standing is a schedule under its lock with what of it has not ended.
type Standing struct {
	Schedule
	Starting int         // fires whose process is being started
	Live     []string    // processes that have not ended, oldest first
	Waiting  []time.Time // fires that wait, oldest first
	Failures int         // how many ended or held ones in a row failed last, up to MaxErrors
}

// Decision is what is to be written of a schedule.
type Decision struct {
	Fires  []Fire      // new ones
	Begin  []Fire      // waiting ones that are to be started now
	Drop   []time.Time // waiting ones that are skipped, with Why
	Why    string
	NextAt *time.Time
	State  State // Active or Stopped
	Reason string
}

const (
	mostTimes   = 10_000 // that one decision looks at; what is left is for the next one
	mostWaiting = 100    // fires of a schedule that wait
)

// decide says what becomes of the times of a schedule up to now.
func decide(st *Standing, now time.Time) Decision {
	d := Decision{NextAt: st.NextAt, State: Active}
	if st.MaxErrors > 0 && st.Failures >= st.MaxErrors {
		return d.stop(st, now, ReasonErrorLimit, fmt.Sprintf("%d in a row failed", st.Failures))
	}
	room := &room{policy: &st.Policy, starting: st.Starting, live: st.Live, waiting: len(st.Waiting)}
	room.release(st, &d)
	if st.NextAt == nil || st.NextAt.After(now) {
		return d
	}
	fires, next, err := timesUntil(st, now)
	if err != nil {
		return d.stop(st, now, "cron", err.Error())
	}
	d.NextAt = next
	for _, f := range fires {
		if f.State == FireDue {
			room.enter(&f, st, &d)
		}
		f.Kind, f.Schedule = FireCron, st.ID
		d.Fires = append(d.Fires, f)
	}
	return d
}

// stop ends a schedule: what is due or waits is skipped.
func (d Decision) stop(st *Standing, now time.Time, reason, why string) Decision {
	if st.NextAt != nil && !st.NextAt.After(now) {
		f := Fire{Schedule: st.ID, DueAt: *st.NextAt, Kind: FireCron, State: FireSkipped, Reason: reason, Message: why}
		if times, _, err := times(st, now); err == nil && len(times) > 1 {
			f.DueAt, f.Missed, f.Missing = times[len(times)-1], int64(len(times)), times[0]
		}
		d.Fires = []Fire{f}
	}
	d.Drop, d.Why, d.NextAt, d.State, d.Reason = st.Waiting, reason, nil, Stopped, why
	return d
}

// times lists the times of a schedule from its next one up to now, and the one after them, nil when it never comes again.
func times(st *Standing, now time.Time) (all []time.Time, next *time.Time, err error) {
	rule, err := st.rule()
	if err != nil {
		return nil, nil, err
	}
	at := *st.NextAt
	for !at.After(now) && len(all) < mostTimes {
		all = append(all, at)
		if at, err = rule.Next(at); err != nil {
			return all, nil, nil //nolint:nilerr // the rule has no more times
		}
	}
	return all, &at, nil
}

// timesUntil lists what becomes of the times up to now: those to be started, and one fire for all that are skipped.
func timesUntil(st *Standing, now time.Time) (fires []Fire, next *time.Time, err error) {
	times, next, err := times(st, now)
	if err != nil {
		return nil, nil, err
	}
	missed, punctual := 0, len(times)
	for missed < len(times) && now.Sub(times[missed]) > st.LateAfter {
		missed++
	}
	keep := missed // the first that is not skipped
	switch {
	case next != nil && !next.After(now): // there are more, and later ones count
		keep, punctual = len(times), 0
	case st.Misfire == MisfireCatchUp:
		keep = max(0, missed-st.CatchUpMost)
	case st.Misfire == MisfireRunOnce && missed == len(times):
		keep = missed - 1
	}
	if keep > 0 {
		fires = append(fires, Fire{DueAt: times[keep-1], State: FireSkipped, Reason: ReasonMissed, Missed: int64(keep), Missing: times[0]})
	}
	for i := keep; i < punctual; i++ {
		fires = append(fires, Fire{DueAt: times[i], State: FireDue, CaughtUp: i < missed})
	}
	return fires, next, nil
}

// room is what the overlap policy leaves.
type room struct {
	policy   *Policy
	starting int
	live     []string
	waiting  int
}

func (r *room) running() int { return r.starting + len(r.live) }

// release lets waiting fires begin, oldest first.
func (r *room) release(st *Standing, d *Decision) {
	for _, due := range st.Waiting {
		f := Fire{Schedule: st.ID, DueAt: due, State: FireDue}
		switch {
		case r.policy.Overlap == OverlapAllow || r.running() < r.policy.MaxRunning:
		case r.policy.Overlap == OverlapCancelOld && r.starting == 0:
			r.cancel(&f)
		default:
			return
		}
		r.starting++
		r.waiting--
		d.Begin = append(d.Begin, f)
	}
}

// cancel takes the oldest processes for a fire until there is room for it.
func (r *room) cancel(f *Fire) {
	for r.running() >= r.policy.MaxRunning && len(r.live) > 0 {
		f.cancels = append(f.cancels, r.live[0])
		r.live = r.live[1:]
	}
}

// enter decides about a fire that is due.
func (r *room) enter(f *Fire, st *Standing, d *Decision) {
	if r.policy.Overlap == OverlapAllow || r.waiting == 0 && r.running() < r.policy.MaxRunning {
		r.starting++
		return
	}
	switch r.policy.Overlap {
	case OverlapSkip:
		f.State, f.Reason = FireSkipped, ReasonOverlap
	case OverlapQueue:
		if r.waiting >= mostWaiting {
			f.State, f.Reason = FireSkipped, ReasonQueueFull
			return
		}
		f.State = FireWaiting
		r.waiting++
	default:
		r.replace(f, st, d)
	}
}

// replace makes room by cancelling, and gives up what waits. What has no process yet is given up when it is of the same decision,
// else waited for.
func (r *room) replace(f *Fire, st *Standing, d *Decision) {
	r.cancel(f)
	if waiting := st.Waiting[len(d.Begin):]; len(waiting) > 0 {
		d.Drop, d.Why = waiting, ReasonReplaced
	}
	r.waiting = 0
	for i := range d.Fires {
		before := &d.Fires[i]
		if before.State == FireWaiting || before.State == FireDue && r.running() >= r.policy.MaxRunning {
			if before.State == FireDue {
				f.cancels = append(f.cancels, before.cancels...)
				r.starting--
			}
			before.State, before.Reason, before.cancels = FireSkipped, ReasonReplaced, nil
		}
	}
	if r.running() < r.policy.MaxRunning {
		r.starting++
		return
	}
	f.State = FireWaiting
	r.waiting++
}
