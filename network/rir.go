package network

import (
	"encoding/binary"
	"math"
	"net/netip"
	"strconv"
	"strings"

	"suraag/fault"
)

// readRIR reads a delegated or delegated-extended file of a regional registry
// (the form all five agreed on, "RIR statistics exchange format"):
//
//	registry|cc|type|start|value|date|status[|opaque-id…]
//
// value counts addresses for ipv4 and prefix bits for ipv6. Version, summary and
// asn lines say nothing of addresses. Available and reserved blocks have no
// holder and so no country.
func readRIR(l *lineReader) error {
	return l.each(func(line string) error {
		f := strings.Split(line, "|")
		switch {
		case len(f) >= 6 && f[1] == "*", len(f) >= 6 && strings.Trim(f[0], "0123456789.") == "":
			return nil // summary or version line
		case len(f) < 7:
			return l.reject(l.number, "the line has %d fields, fewer than 7", len(f))
		case f[2] == "asn", f[6] == "available", f[6] == "reserved":
			return nil
		}
		r, err := delegation(f)
		if err != nil {
			return l.reject(l.number, "%v", err)
		}
		return l.pass(r)
	})
}

func delegation(f []string) (Range, error) {
	first, err := netip.ParseAddr(f[3])
	if err != nil {
		return Range{}, fault.Newf(fault.Invalid, "%q is not an address", f[3])
	}
	r := Range{First: first, Registry: strings.ToLower(f[0])}
	if r.Country, err = countryOf(f[1]); err != nil {
		return Range{}, err
	}
	value, err := strconv.ParseUint(f[4], 10, 33)
	if err != nil || value == 0 {
		return Range{}, fault.Newf(fault.Invalid, "size %q is not a number above 0", f[4])
	}
	switch {
	case f[2] == "ipv4" && first.Is4():
		r.Last, err = advance(first, value-1)
	case f[2] == "ipv6" && first.Is6() && value <= 128:
		var block Range
		block, err = prefixOf(f[3] + "/" + f[4])
		r.Last = block.Last
	default:
		err = fault.Newf(fault.Invalid, "type %q with start %q and size %q is not a block of addresses", f[2], f[3], f[4])
	}
	return r, err
}

// advance counts on from an IPv4 address; a block need not be a power of two.
func advance(a netip.Addr, by uint64) (netip.Addr, error) {
	b := a.As4()
	n := uint64(binary.BigEndian.Uint32(b[:])) + by
	if n > math.MaxUint32 {
		return netip.Addr{}, fault.Newf(fault.Invalid, "the block from %q runs past the last address", a)
	}
	binary.BigEndian.PutUint32(b[:], uint32(n))
	return netip.AddrFrom4(b), nil
}
