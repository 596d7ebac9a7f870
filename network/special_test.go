package network_test

import (
	"net/netip"
	"testing"

	"suraag/network"
)

func TestSpecial(t *testing.T) {
	for _, c := range []struct{ addr, name, rfc string }{
		{"0.0.0.0", "This host on this network", "RFC 1122 §3.2.1.3"},
		{"10.255.0.1", "Private use", "RFC 1918"},
		{"100.64.0.0", "Shared address space behind a carrier's NAT", "RFC 6598"},
		{"100.127.255.255", "Shared address space behind a carrier's NAT", "RFC 6598"},
		{"100.63.255.255", "", ""},
		{"100.128.0.0", "", ""},
		{"127.0.0.53", "Loopback", "RFC 1122 §3.2.1.3"},
		{"169.254.1.1", "Link local", "RFC 3927"},
		{"172.15.255.255", "", ""},
		{"172.31.255.255", "Private use", "RFC 1918"},
		{"192.0.0.9", "Port Control Protocol anycast", "RFC 7723"},
		{"192.0.0.171", "NAT64/DNS64 discovery", "RFC 8880"},
		{"192.0.0.200", "IETF protocol assignments", "RFC 6890 §2.1"},
		{"192.0.2.80", "Documentation", "RFC 5737"},
		{"198.19.0.1", "Benchmarking", "RFC 2544"},
		{"198.51.100.77", "Documentation", "RFC 5737"},
		{"239.1.2.3", "Multicast", "RFC 5771"},
		{"250.0.0.1", "Reserved", "RFC 1112 §4"},
		{"255.255.255.255", "Limited broadcast", "RFC 919"},
		{"::1", "Loopback", "RFC 4291 §2.5.3"},
		{"::ffff:10.0.0.1", "Private use", "RFC 1918"},
		{"64:ff9b::c633:644d", "IPv4-IPv6 translation (NAT64)", "RFC 6052"},
		{"2001:db8::7", "Documentation", "RFC 3849"},
		{"3fff:fff::1", "Documentation", "RFC 9637"},
		{"3fff:1000::1", "", ""},
		{"fd00::1", "Unique local", "RFC 4193"},
		{"fe80::1%eth0", "Link local", "RFC 4291 §2.5.6"},
		{"ff02::1", "Multicast", "RFC 4291 §2.7"},
		{"4000::1", "Reserved by the IETF", "RFC 4291 §4"},
		{"2a00::1", "", ""},
	} {
		name, rfc, ok := network.Special(netip.MustParseAddr(c.addr))
		if name != c.name || rfc != c.rfc || ok != (c.name != "") {
			t.Errorf("%s is %q by %q, %v; want %q by %q", c.addr, name, rfc, ok, c.name, c.rfc)
		}
	}
}

func TestEmbedded(t *testing.T) {
	for _, c := range []struct{ name, addr, want string }{
		{"6to4", "2002:c633:644d::1", "198.51.100.77:0"},
		{"NAT64", "64:ff9b::198.51.100.77", "198.51.100.77:0"},
		// The example of RFC 4380 §4 with documentation addresses: port 40000 is
		// 0x9c40, turned 0x63bf; 192.0.2.45 turned is 3fff:fdd2.
		{"Teredo", "2001:0:c633:6401:8000:63bf:3fff:fdd2", "192.0.2.45:40000"},
	} {
		v4, ok := network.Embedded(netip.MustParseAddr(c.addr))
		if !ok || v4.String() != c.want {
			t.Errorf("%s: %s carries %s, %v; want %s", c.name, c.addr, v4, ok, c.want)
		}
	}
	if v4, ok := network.Embedded(netip.MustParseAddr("2001:db8::1")); ok {
		t.Errorf("an ordinary address carries %s", v4)
	}
}
