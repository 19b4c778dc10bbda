// Package outbound guards connections to addresses that people typed or data named: it judges the very address that is dialled,
// after names were resolved, so that a name can't lead elsewhere between the check and the call.
//
// It imports the standard library only.
package outbound

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// ErrRefused says that a policy does not allow an address or a host.
var ErrRefused = errors.New("the address may not be called")

// Policy says what may be called. The zero Policy allows every public address and nothing else.
type Policy struct {
	// Hosts are the only hosts that may be called: "example.org", "*.example.org", "example.org:8443", an address, or a network
	// such as "10.1.0.0/16". Empty: any.
	Hosts []string
	// Private are hosts and networks, written like Hosts, that may be called although their addresses are not public.
	Private []string
	// AllPrivate allows every address.
	AllPrivate bool
}

// Guard dials by a policy.
type Guard struct {
	hosts, private []rule
	any            bool // every host may be called
	allPrivate     bool
}

// New reads a policy.
func New(policy Policy) (*Guard, error) {
	g := &Guard{any: len(policy.Hosts) == 0, allPrivate: policy.AllPrivate}
	for _, list := range []struct {
		from []string
		to   *[]rule
	}{{policy.Hosts, &g.hosts}, {policy.Private, &g.private}} {
		for _, text := range list.from {
			one, err := parse(text)
			if err != nil {
				return nil, err
			}
			*list.to = append(*list.to, one)
		}
	}
	return g, nil
}

// rule is an entry of a policy: a network, or a name, perhaps with a port.
type rule struct {
	network netip.Prefix
	name    string
	below   bool // names below this one
	port    string
}

func parse(text string) (rule, error) {
	text = strings.ToLower(strings.TrimSpace(text))
	if network, err := netip.ParsePrefix(text); err == nil {
		return rule{network: network.Masked()}, nil
	}
	if address, err := netip.ParseAddr(text); err == nil {
		return rule{network: netip.PrefixFrom(address, address.BitLen())}, nil
	}
	one := rule{name: text}
	if host, port, err := net.SplitHostPort(text); err == nil {
		if _, err := strconv.ParseUint(port, 10, 16); err != nil {
			return one, fmt.Errorf("%q is no host and no network", text)
		}
		one.name, one.port = host, port
	}
	if rest, found := strings.CutPrefix(one.name, "*."); found {
		one.name, one.below = rest, true
	}
	one.name = strings.TrimSuffix(one.name, ".")
	if one.name == "" || strings.ContainsAny(one.name, "*/@ ") {
		return one, fmt.Errorf("%q is no host and no network", text)
	}
	return one, nil
}

func (r rule) matches(host, port string, address netip.Addr) bool {
	if r.port != "" && r.port != port {
		return false
	}
	if r.network.IsValid() {
		return address.IsValid() && r.network.Contains(address)
	}
	if r.below {
		return strings.HasSuffix(host, "."+r.name)
	}
	return host == r.name
}

func matches(rules []rule, host, port string, address netip.Addr) bool {
	for _, one := range rules {
		if one.matches(host, port, address) {
			return true
		}
	}
	return false
}

// DialContext dials an address as net.Dialer does, within the policy.
func (g *Guard) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	dialer := &net.Dialer{Timeout: 10 * time.Second, Control: func(_, dialled string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(dialled)
		if err != nil {
			return ErrRefused
		}
		ip := at.Addr().Unmap().WithZone("")
		if !g.any && !matches(g.hosts, host, port, ip) {
			return fmt.Errorf("%w: %s is not among the hosts that are allowed", ErrRefused, host)
		}
		if !g.allPrivate && !Public(at.Addr()) && !matches(g.private, host, port, ip) {
			return fmt.Errorf("%w: %s leads to an address that is not public", ErrRefused, host)
		}
		return nil
	}}
	return dialer.DialContext(ctx, network, address)
}

// hidden are the networks that are not public besides those netip knows of (IANA special-purpose registries).
var hidden = func() []netip.Prefix {
	var all []netip.Prefix
	for _, text := range []string{
		"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
		"::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "fec0::/10",
	} {
		all = append(all, netip.MustParsePrefix(text))
	}
	return all
}()

// Public reports whether an address is none of this machine and of no private network.
func Public(address netip.Addr) bool {
	address = address.Unmap().WithZone("")
	if !address.IsGlobalUnicast() || address.IsPrivate() || address.IsLoopback() || address.IsLinkLocalUnicast() {
		return false
	}
	for _, network := range hidden {
		if network.Contains(address) {
			return false
		}
	}
	return true
}

// Plain takes the URL out of an error of net/http: it may hold what must not be shown.
func Plain(err error) error {
	var failed *url.Error
	if errors.As(err, &failed) {
		return failed.Err
	}
	return err
}
