package network

import (
	"net/netip"
	"strings"
)

// readList reads a list of addresses, prefixes or FIRST-LAST, one on a line,
// with an optional label after a comma, blanks or #. VPN and data centre lists
// are published so (X4BNet/lists_vpn, FireHOL ipsets).
func readList(l *lineReader) error {
	return l.each(func(line string) error {
		block, label := line, ""
		if n := strings.IndexAny(line, ",;# \t"); n >= 0 {
			block, label = withLast(line[:n], line[n:])
			label = strings.Trim(label, ",;# \t\"")
		}
		if len(label) > maxField {
			return l.reject(l.number, "the label is longer than %d bytes", maxField)
		}
		r, err := blockOf(block)
		if err != nil {
			return l.reject(l.number, "%v", err)
		}
		r.Label = label
		return l.pass(r)
	})
}

// withLast takes the last address off what follows the first one: "FIRST - LAST" and
// "FIRST LAST" (DShield) are ranges, of which the first address alone would be a guess
// in favour of all others.
func withLast(block, rest string) (whole, label string) {
	after := strings.TrimLeft(rest, " \t,;")
	after = strings.TrimLeft(strings.TrimPrefix(after, "-"), " \t")
	end := strings.IndexAny(after, ",;# \t")
	if end < 0 {
		end = len(after)
	}
	_, err1 := netip.ParseAddr(block)
	if _, err2 := netip.ParseAddr(after[:end]); err1 == nil && err2 == nil {
		return block + "-" + after[:end], after[end:]
	}
	return block, rest
}
