package alert

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestOnlyPublicAddressesAreDialled(t *testing.T) {
	t.Parallel()
	for address, public := range map[string]bool{
		"93.184.216.34:443": true, "[2606:2800:220:1::1]:443": true,
		"127.0.0.1:80": false, "127.9.9.9:80": false, "10.0.0.1:80": false, "172.16.0.1:80": false, "192.168.1.1:80": false,
		"169.254.169.254:80": false, "100.64.0.1:80": false, "0.0.0.0:80": false, "224.0.0.1:80": false, "255.255.255.255:80": false, "198.18.0.1:80": false,
		"[::1]:80": false, "[::]:80": false, "[fe80::1%eth0]:80": false, "[fc00::1]:80": false, "[ff02::1]:80": false,
		"[::ffff:127.0.0.1]:80": false, "[::ffff:10.0.0.1]:80": false, "[64:ff9b::a00:1]:80": false, "[2002:7f00:1::]:80": false, "[::7f00:1]:80": false,
		"localhost:80": false, "": false,
	} {
		require.Equal(t, public, publicAddress(address) == nil, address)
	}
}

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
