package network

import "net/netip"

// special is an entry of the IANA registries of special-purpose addresses.
type special struct {
	prefix netip.Prefix
	name   string
	rfc    string
}

func entry(prefix, name, rfc string) special {
	return special{netip.MustParsePrefix(prefix), name, rfc}
}

// documentation is the name that every documentation prefix carries here.
const documentation = "Documentation"

// registry holds the IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC
// 6890, updated by RFC 8190; iana.org/assignments/iana-ipv4-special-registry and
// iana-ipv6-special-registry), and beside them the multicast blocks and the
// withdrawn ones that old equipment still shows. The longest prefix wins.
var registry = []special{
	entry("0.0.0.0/8", "This network", "RFC 791 §3.2"),
	entry("0.0.0.0/32", "This host on this network", "RFC 1122 §3.2.1.3"),
	entry("10.0.0.0/8", "Private use", "RFC 1918"),
	entry("100.64.0.0/10", "Shared address space behind a carrier's NAT", "RFC 6598"),
	entry("127.0.0.0/8", "Loopback", "RFC 1122 §3.2.1.3"),
	entry("169.254.0.0/16", "Link local", "RFC 3927"),
	entry("172.16.0.0/12", "Private use", "RFC 1918"),
	entry("192.0.0.0/24", "IETF protocol assignments", "RFC 6890 §2.1"),
	entry("192.0.0.0/29", "IPv4 service continuity", "RFC 7335"),
	entry("192.0.0.8/32", "IPv4 dummy address", "RFC 7600"),
	entry("192.0.0.9/32", "Port Control Protocol anycast", "RFC 7723"),
	entry("192.0.0.10/32", "TURN anycast", "RFC 8155"),
	entry("192.0.0.170/31", "NAT64/DNS64 discovery", "RFC 8880"),
	entry("192.0.2.0/24", documentation, "RFC 5737"),
	entry("192.31.196.0/24", "AS112-v4", "RFC 7535"),
	entry("192.52.193.0/24", "AMT", "RFC 7450"),
	entry("192.88.99.0/24", "6to4 relay anycast (deprecated)", "RFC 7526"),
	entry("192.88.99.2/32", "6a44 relay anycast", "RFC 6751"),
	entry("192.168.0.0/16", "Private use", "RFC 1918"),
	entry("192.175.48.0/24", "Direct delegation AS112", "RFC 7534"),
	entry("198.18.0.0/15", "Benchmarking", "RFC 2544"),
	entry("198.51.100.0/24", documentation, "RFC 5737"),
	entry("203.0.113.0/24", documentation, "RFC 5737"),
	entry("224.0.0.0/4", "Multicast", "RFC 5771"),
	entry("240.0.0.0/4", "Reserved", "RFC 1112 §4"),
	entry("255.255.255.255/32", "Limited broadcast", "RFC 919"),

	entry("::/96", "IPv4-compatible (deprecated)", "RFC 4291 §2.5.5.1"),
	entry("::/128", "Unspecified address", "RFC 4291 §2.5.2"),
	entry("::1/128", "Loopback", "RFC 4291 §2.5.3"),
	entry("::ffff:0:0/96", "IPv4-mapped", "RFC 4291 §2.5.5.2"),
	entry("64:ff9b::/96", nat64, "RFC 6052"),
	entry("64:ff9b:1::/48", "NAT64 of one network", "RFC 8215"),
	entry("100::/64", "Discard only", "RFC 6666"),
	entry("100:0:0:1::/64", "Dummy IPv6 prefix", "RFC 9780"),
	entry("2001::/23", "IETF protocol assignments", "RFC 2928"),
	entry("2001::/32", teredo, "RFC 4380"),
	entry("2001:1::1/128", "Port Control Protocol anycast", "RFC 7723"),
	entry("2001:1::2/128", "TURN anycast", "RFC 8155"),
	entry("2001:1::3/128", "DNS-SD registration anycast", "RFC 9665"),
	entry("2001:2::/48", "Benchmarking", "RFC 5180"),
	entry("2001:3::/32", "AMT", "RFC 7450"),
	entry("2001:4:112::/48", "AS112-v6", "RFC 7535"),
	entry("2001:10::/28", "ORCHID (deprecated)", "RFC 4843"),
	entry("2001:20::/28", "ORCHIDv2", "RFC 7343"),
	entry("2001:30::/28", "Drone remote identification", "RFC 9374"),
	entry("2001:db8::/32", documentation, "RFC 3849"),
	entry("2002::/16", sixToFour, "RFC 3056"),
	entry("2620:4f:8000::/48", "Direct delegation AS112", "RFC 7534"),
	entry("3fff::/20", documentation, "RFC 9637"),
	entry("5f00::/16", "Segment routing identifiers", "RFC 9602"),
	entry("fc00::/7", "Unique local", "RFC 4193"),
	entry("fe80::/10", "Link local", "RFC 4291 §2.5.6"),
	entry("fec0::/10", "Site local (deprecated)", "RFC 3879"),
	entry("ff00::/8", "Multicast", "RFC 4291 §2.7"),
}

// Names of the entries that carry an IPv4 address inside.
const (
	nat64     = "IPv4-IPv6 translation (NAT64)"
	teredo    = "Teredo tunnel"
	sixToFour = "6to4 tunnel"
)

// Special tells what an address is set aside for, and where that is laid down.
// It is asked before any data set: lists do answer for such addresses, wrongly
// (a country list was seen to put 2001:db8::/32 in Japan). IPv6 outside
// 2000::/3 that has no entry of its own is reserved too (RFC 4291 §4).
func Special(addr netip.Addr) (name, rfc string, ok bool) {
	addr = addr.Unmap().WithZone("")
	bits := -1
	for _, s := range registry {
		if s.prefix.Bits() > bits && s.prefix.Contains(addr) {
			name, rfc, bits = s.name, s.rfc, s.prefix.Bits()
		}
	}
	if bits >= 0 {
		return name, rfc, true
	}
	if addr.Is6() && addr.As16()[0]>>5 != 1 { // not in 2000::/3
		return "Reserved by the IETF", "RFC 4291 §4", true
	}
	return "", "", false
}

// Documentation tells whether the address is set aside for examples.
func Documentation(addr netip.Addr) bool {
	name, _, _ := Special(addr)
	return name == documentation
}

// Embedded gives the IPv4 address, and for Teredo the port, that a tunnel or a
// translator wrote into an IPv6 address. It names the equipment at the near end
// of the tunnel, as it claims itself; it is a pointer for a person, not a lead.
func Embedded(addr netip.Addr) (v4 netip.AddrPort, ok bool) {
	name, _, _ := Special(addr)
	b := addr.As16()
	switch name {
	case nat64: // RFC 6052 §2.2: the last 32 bits
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte(b[12:16])), 0), true
	case sixToFour: // RFC 3056 §2: the 32 bits after 2002
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte(b[2:6])), 0), true
	case teredo: // RFC 4380 §4: port and client address with every bit turned
		port := (uint16(b[10])<<8 | uint16(b[11])) ^ 0xffff
		client := [4]byte{^b[12], ^b[13], ^b[14], ^b[15]}
		return netip.AddrPortFrom(netip.AddrFrom4(client), port), true
	}
	return netip.AddrPort{}, false
}
