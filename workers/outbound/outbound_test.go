package outbound_test

import (
	"net"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/workers/outbound"
)

func TestPublicAddresses(t *testing.T) {
	for address, public := range map[string]bool{
		"93.184.216.34": true, "2606:2800:220:1::1": true,
		"127.0.0.1": false, "127.9.9.9": false, "10.0.0.1": false, "172.16.0.1": false, "192.168.1.1": false,
		"169.254.169.254": false, "100.64.0.1": false, "0.0.0.0": false, "224.0.0.1": false, "255.255.255.255": false, "198.18.0.1": false,
		"::1": false, "::": false, "fe80::1%eth0": false, "fc00::1": false, "ff02::1": false,
		"::ffff:127.0.0.1": false, "::ffff:10.0.0.1": false, "64:ff9b::a00:1": false, "2002:7f00:1::": false, "::7f00:1": false,
	} {
		require.Equal(t, public, outbound.Public(netip.MustParseAddr(address)), address)
	}
	require.False(t, outbound.Public(netip.Addr{}))
}

// TestPoliciesDecideByTheAddressThatIsDialled dials a listener of this machine by several names.
func TestPoliciesDecideByTheAddressThatIsDialled(t *testing.T) {
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	_, port, err := net.SplitHostPort(listener.Addr().String())
	require.NoError(t, err)
	for name, c := range map[string]struct {
		policy outbound.Policy
		host   string
		allows bool
	}{
		"loopback":                    {outbound.Policy{}, "127.0.0.1", false},
		"a name of loopback":          {outbound.Policy{}, "localhost", false},
		"a spelling of loopback":      {outbound.Policy{}, "[::ffff:127.0.0.1]", false},
		"everything private":          {outbound.Policy{AllPrivate: true}, "localhost", true},
		"the network":                 {outbound.Policy{Private: []string{"127.0.0.0/8"}}, "localhost", true},
		"another network":             {outbound.Policy{Private: []string{"10.0.0.0/8"}}, "127.0.0.1", false},
		"the address":                 {outbound.Policy{Private: []string{"127.0.0.1"}}, "127.0.0.1", true},
		"the name":                    {outbound.Policy{Private: []string{"LocalHost"}}, "localhost", true},
		"the name is not the address": {outbound.Policy{Private: []string{"localhost"}}, "127.0.0.1", false},
		"the name and port":           {outbound.Policy{Private: []string{"localhost:" + port}}, "localhost", true},
		"another port":                {outbound.Policy{Private: []string{"localhost:1"}}, "localhost", false},
		"names below it only":         {outbound.Policy{Private: []string{"*.localhost"}}, "localhost", false},
		"among the hosts, private":    {outbound.Policy{Hosts: []string{"localhost"}}, "localhost", false},
		"among the hosts":             {outbound.Policy{Hosts: []string{"localhost"}, AllPrivate: true}, "localhost", true},
		"not among the hosts":         {outbound.Policy{Hosts: []string{"example.org", "*.example.org"}, AllPrivate: true}, "localhost", false},
		"hosts by network":            {outbound.Policy{Hosts: []string{"127.0.0.0/8"}, Private: []string{"127.0.0.0/8"}}, "localhost", true},
	} {
		t.Run(name, func(t *testing.T) {
			guard, err := outbound.New(c.policy)
			require.NoError(t, err)
			host := c.host
			if host[0] != '[' {
				host = net.JoinHostPort(host, port)
			} else {
				host += ":" + port
			}
			connection, err := guard.DialContext(t.Context(), "tcp4", host)
			if c.allows {
				require.NoError(t, err)
				require.NoError(t, connection.Close())
				return
			}
			require.ErrorIs(t, err, outbound.ErrRefused)
		})
	}
}

func TestAWrongPolicyIsRefused(t *testing.T) {
	for _, text := range []string{"", " ", "http://example.org", "a*b", "*.", "10.0.0.0/99", "user@host"} {
		_, err := outbound.New(outbound.Policy{Hosts: []string{text}})
		require.Error(t, err, "%q", text)
	}
}
