package attribution

import (
	"fmt"
	"net/netip"

	"suraag/network"
	"suraag/sighting"
)

const citePort = "RFC 6302 §2 (log the source port); RFC 6598 (addresses behind a carrier's NAT); Europol EC3, 17 October 2017 (several thousand subscribers can share one address)"

// sourcePort is rule R8: an IPv4 address that customers may share names nobody
// without the source port. Unknown counts as shared: only a fixed network that is
// known not to share passes, and then with a caution.
func sourcePort(o Observation, f network.Facts) []ruling {
	say := func(e Effect, most Outcome, missing, format string, args ...any) []ruling {
		return []ruling{{Reason{Rule: "R8", Citation: citePort, Sentence: fmt.Sprintf(format, args...), Effect: e, Missing: missing}, most}}
	}
	addr := addrOf(o.Endpoint.IP)
	if !addr.IsValid() || f.Special != "" {
		return nil // rule R9 speaks
	}
	if addr.Is6() {
		return say(For, Ask, "", "The address is IPv6 and not shared by port; ask with the full address and for the delegated prefix.")
	}
	if o.Endpoint.Port != 0 {
		return say(For, Ask, "", "The source port %d is stated, which a shared address needs.", o.Endpoint.Port)
	}
	missing := "the source port, from " + whoSaw(o)
	if kind, _ := otherParty(f); kind != "" {
		return say(Caution, Ask, missing, "No source port is stated; whoever runs this address may need it to answer.")
	}
	switch {
	case f.CGNAT == sighting.Yes:
		return say(Blocks, Preserve, missing, "The operator lets many customers share this IPv4 address, and no source port is stated: it could have been any of them.")
	case f.Access == network.AccessMobile:
		return say(Blocks, Preserve, missing, "This is a mobile network's IPv4 address without source port: hundreds of subscribers can share it.")
	case f.Access == network.AccessFixed && f.CGNAT == sighting.No:
		return say(Caution, Ask, missing, "No source port is stated. The operator is on file as a fixed network that does not share addresses; have it confirm that.")
	}
	return say(Blocks, Preserve, missing, "No source port is stated, and it is not known whether this operator's customers share addresses.")
}

// whoSaw names whoever can state the port.
func whoSaw(o Observation) string {
	if o.Service != "" {
		return o.Service
	}
	return "whoever logged the connection"
}

// sharedAsRowsShow takes it from the operator's own rows that an address is
// shared: a row that translates it to a private address, or gives a block of its
// ports to one customer (RFC 7422, RFC 7597), says more than a profile.
func sharedAsRowsShow(f network.Facts, addr netip.Addr, leases []sighting.Lease) network.Facts {
	for _, l := range leases {
		block := l.PortLast > l.Public.Port && !(l.Public.Port <= 1 && l.PortLast == 65535)
		if addrOf(l.Public.IP) == addrOf(addr) && (block || !l.Private.IsZero() && inside(l.Private.IP)) {
			f.CGNAT = sighting.Yes
		}
	}
	return f
}

// inside tells whether an address means something only within one network.
func inside(addr netip.Addr) bool {
	name, _, special := network.Special(addr)
	return special && name != "Documentation"
}
