package alert

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestDeliveriesBackOffAndEnd(t *testing.T) {
	t.Parallel()
	require.Equal(t, 5*time.Second, backoff(5*time.Second, 0))
	require.Equal(t, 40*time.Second, backoff(5*time.Second, 3))
	require.Equal(t, backoffMax, backoff(5*time.Second, 1000))
	s := &Service{config: Config{Backoff: time.Minute}}
	now := time.Now()
	c := &Claimed{Delivery: Delivery{GiveUpAt: now.Add(90 * time.Second)}}
	require.Equal(t, Pending, s.outcome(c, errNoMail, now).State)
	c.Attempts = 1
	require.Equal(t, Failed, s.outcome(c, errNoMail, now).State, "the next attempt would come too late")
	require.Equal(t, Failed, s.outcome(&Claimed{Delivery: Delivery{GiveUpAt: now.Add(time.Hour)}}, permanent(errNoMail), now).State)
}

func TestDurationsAreSaidInTwoUnits(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{0: "0 s", 59 * time.Second: "59 s", 3723 * time.Second: "1 h 2 min", 26 * time.Hour: "1 d 2 h", time.Hour + time.Second: "1 h"} {
		require.Equal(t, want, english.duration(d))
	}
}
