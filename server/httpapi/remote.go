package httpapi

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// parseNetworks reads addresses and networks.
func parseNetworks(texts []string) ([]netip.Prefix, error) {
	networks := make([]netip.Prefix, 0, len(texts))
	for _, text := range texts {
		network, err := netip.ParsePrefix(text)
		if err != nil {
			address, err := netip.ParseAddr(text)
			if err != nil {
				return nil, fmt.Errorf("httpapi: the proxy %q is no address and no network", text)
			}
			network = netip.PrefixFrom(address, address.BitLen())
		}
		networks = append(networks, network.Masked())
	}
	return networks, nil
}

// remote is the address of who asks. A proxy adds the one that it was asked by at the end of X-Forwarded-For, so the list is read from
// there, as long as it is known proxies that said so: what stands before that anybody may have written.
func (s *Server) remote(c *fiber.Ctx) string {
	peer, known := netip.AddrFromSlice(c.Context().RemoteIP())
	if !known {
		return ""
	}
	peer = peer.Unmap()
	hops := strings.Split(c.Get(fiber.HeaderXForwardedFor), ",")
	for _, hop := range slices.Backward(hops) {
		if !slices.ContainsFunc(s.proxies, func(network netip.Prefix) bool { return network.Contains(peer) }) {
			break
		}
		before, err := netip.ParseAddr(strings.TrimSpace(hop))
		if err != nil {
			break
		}
		peer = before.Unmap()
	}
	return peer.String()
}

// local tells whether a program on this machine asks, by itself and for nobody else.
func (s *Server) local(c *fiber.Ctx) bool {
	return c.Context().RemoteIP().IsLoopback() && c.Get(fiber.HeaderXForwardedFor) == "" && c.Get(fiber.HeaderForwarded) == ""
}
