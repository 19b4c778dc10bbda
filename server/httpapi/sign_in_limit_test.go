package httpapi

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"
)

// guess makes an attempt that must be let through, or reports how long it has to wait.
func guess(t *testing.T, l *signInLimiter, remote, login string) (*attempt, time.Duration) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	cancel() // whoever would have to wait for others is told so
	return l.begin(ctx, remote, login)
}

func TestGuessesAtOnceAreAsFewAsOneByOne(t *testing.T) {
	t.Parallel()
	l := newSignInLimiter()
	underWay := make([]*attempt, failuresPerAddress)
	for i := range underWay {
		if underWay[i], _ = guess(t, l, "192.0.2.1", fmt.Sprint(i)); underWay[i] == nil {
			t.Fatalf("attempt %d was refused", i)
		}
	}
	if more, wait := guess(t, l, "192.0.2.1", "ann"); more != nil || wait > time.Second {
		t.Fatalf("one more was let through, or sent away for %s although nothing has failed", wait)
	}
	waiting := make(chan *attempt)
	go func() {
		a, _ := l.begin(t.Context(), "192.0.2.1", "ann")
		waiting <- a
	}()
	underWay[0].succeeded()
	crowded := <-waiting
	if crowded == nil {
		t.Fatal("whoever waited got no place")
	}
	crowded.dropped()
	crowded.failed() // it has ended
	for _, a := range underWay[1:] {
		a.failed()
	}
	last, wait := guess(t, l, "192.0.2.1", "ann")
	if last == nil {
		t.Fatalf("a place is left, and it had to wait %s", wait)
	}
	last.failed()
	if a, wait := guess(t, l, "192.0.2.1", "bob"); a != nil || wait < time.Minute {
		t.Errorf("after %d failures one more waits %s", failuresPerAddress, wait)
	}
}

func TestFailuresAreOfANetworkAndOfALogin(t *testing.T) {
	t.Parallel()
	l := newSignInLimiter()
	now := time.Now()
	l.now = func() time.Time { return now }
	for i := range failuresPerAddress {
		a, _ := guess(t, l, fmt.Sprintf("2001:db8:1:2::%x", i), "")
		a.failed()
	}
	if a, _ := guess(t, l, "2001:db8:1:2:ffff::1", ""); a != nil {
		t.Error("another address of the same customer may go on")
	}
	for i := range failuresPerLogin {
		a, _ := guess(t, l, fmt.Sprintf("198.51.100.%d", i), " Ann")
		a.failed()
	}
	if a, _ := guess(t, l, "203.0.113.1", "ann"); a != nil {
		t.Error("a login may be guessed from everywhere")
	}
	for i := range 2 * failuresPerLogin {
		a, _ := guess(t, l, fmt.Sprintf("203.0.113.%d", i), "")
		if a == nil {
			t.Fatal("wrong tokens of others lock out whoever has one")
		}
		a.failed()
	}
	now = now.Add(signInWindow + time.Second)
	a, _ := guess(t, l, "203.0.113.1", "ann")
	if a == nil {
		t.Fatal("nobody may try again after the window")
	}
	a.succeeded()
	for i := range 2 * signInTracked {
		if a, _ := guess(t, l, fmt.Sprintf("10.%d.%d.%d", i>>16, i>>8&255, i&255), ""); a != nil {
			a.failed()
		}
	}
	if n := len(l.tracked); n > signInTracked {
		t.Errorf("%d addresses and logins are remembered", n)
	}
}

func TestTheAddressBehindKnownProxiesIsWhoAsks(t *testing.T) {
	t.Parallel()
	h := serve(t, func(c *Config) { c.Proxies = []string{"127.0.0.1", "10.0.0.0/8"} })
	from := func(forwarded string) request {
		return request{method: "POST", path: "/api/v1/session", body: `{"login":"ann","password":"wrong"}`, headers: map[string]string{"X-Forwarded-For": forwarded}}
	}
	for range failuresPerAddress {
		h.expect(from("203.0.113.1"), http.StatusUnauthorized, "session.refused")
	}
	h.expect(from("203.0.113.1"), http.StatusTooManyRequests, "session.too_many")
	h.expect(from("203.0.113.1, 10.1.1.1"), http.StatusTooManyRequests, "session.too_many")
	h.expect(from("198.51.100.1, 203.0.113.1"), http.StatusTooManyRequests, "session.too_many")
	h.expect(from("203.0.113.2"), http.StatusUnauthorized, "session.refused")
	h.expect(from("203.0.113.1, 203.0.113.2"), http.StatusUnauthorized, "session.refused")
	h.expect(from("nonsense"), http.StatusUnauthorized, "session.refused")

	plain := serve(t)
	h = plain
	for i := range failuresPerAddress {
		h.expect(from(fmt.Sprintf("203.0.113.%d", i)), http.StatusUnauthorized, "session.refused")
	}
	h.expect(from("203.0.113.99"), http.StatusTooManyRequests, "session.too_many")
	if _, err := parseNetworks([]string{"proxy.internal"}); err == nil {
		t.Error("a proxy by its name is accepted")
	}
}
