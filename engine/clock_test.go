package engine

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
)

func at(t *testing.T, id string) time.Time {
	t.Helper()
	parsed, err := uuid.Parse(id)
	if err != nil || parsed.Version() != 7 || parsed.Variant() != uuid.RFC4122 {
		t.Fatalf("%s is no UUIDv7: %v", id, err)
	}
	sec, nsec := parsed.Time().UnixTime()
	return time.Unix(sec, nsec)
}

func TestIdsBeginWithTheDatabasesTimeAndGrow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var c dbClock
		id := func() string {
			id, err := c.id()
			if err != nil {
				t.Fatal(err)
			}
			return id
		}
		if off := time.Until(at(t, id())); off.Abs() > time.Millisecond {
			t.Errorf("before PostgreSQL was asked an id is %s off this machine's clock", off)
		}
		for _, wrong := range []time.Duration{240 * time.Hour, -240 * time.Hour, 0} { // how far this machine's clock is off
			truth := time.Now().Add(-wrong)
			sent := time.Now()
			<-time.After(20 * time.Millisecond) // the way to PostgreSQL and back
			c.set(truth.Add(10*time.Millisecond), sent)
			<-time.After(time.Minute)
			if off := at(t, id()).Sub(time.Now().Add(-wrong)); off.Abs() > time.Millisecond {
				t.Errorf("a clock that is %s wrong makes ids %s off", wrong, off)
			}
		}
		last := id()
		for range 10_000 {
			next := id()
			if next <= last {
				t.Fatalf("%s came after %s", next, last)
			}
			last = next
		}
		c.set(time.Now().Add(-100*time.Millisecond), time.Now()) // PostgreSQL's clock was put right
		if next := id(); next <= last {
			t.Errorf("%s came after %s", next, last)
		}
	})
}
