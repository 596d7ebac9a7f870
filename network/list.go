package network

import "strings"

// readList reads a list of addresses, prefixes or FIRST-LAST, one on a line,
// with an optional label after a comma, blanks or #. VPN and data centre lists
// are published so (X4BNet/lists_vpn, FireHOL ipsets).
func readList(l *lineReader) error {
	return l.each(func(line string) error {
		block, label := line, ""
		if n := strings.IndexAny(line, ",;# \t"); n >= 0 {
			block, label = line[:n], strings.Trim(line[n:], ",;# \t\"")
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
