package network

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strconv"
	"strings"

	"suraag/fault"
)

// Limits on what is read. A list beyond them is refused whole; a line beyond
// maxLine is reported as bad and skipped.
const (
	maxBytes = 4 << 30 // of a text list, unpacked
	maxLine  = 16 << 10
	maxField = 1 << 10
)

// Read reads a file of address data, plain or gzipped, and gives its ranges in
// file order as they are written: they may overlap (see Flatten). A row that
// cannot be read goes to bad with its line (for MMDB: the number of the network)
// and the reason; reading goes on. An error from give or bad ends the reading
// and comes back unchanged.
//
// What each kind may look like: asn, country: MMDB or CSV; rir:
// delegated-extended; tor: CollecTor exit lists; vpn, hosting: a list of
// addresses, prefixes or FIRST-LAST; operators: CSV with a header; ranges: CSV of
// key=value. The name is used in errors only.
func Read(kind DataKind, name string, r io.Reader, give func(Range) error, bad func(line int64, reason string) error) error {
	if !kind.Known() {
		return fault.Newf(fault.Invalid, "kind of address data %q is not known", kind)
	}
	in := bufio.NewReaderSize(r, maxLine)
	if head, _ := in.Peek(2); bytes.Equal(head, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(in)
		if err != nil {
			return fault.Newf(fault.Corrupt, "address data %q: %w", name, err)
		}
		in = bufio.NewReaderSize(z, maxLine)
	}
	g := &gate{give: give, bad: bad}
	err := readKind(kind, in, g)
	switch {
	case err == nil:
		return nil
	case g.refused != nil:
		return g.refused
	case fault.KindOf(err) == fault.Internal:
		err = fault.As(fault.Corrupt, err)
	}
	return fault.Wrapf(err, "address data %q", name)
}

func readKind(kind DataKind, in *bufio.Reader, g *gate) error {
	head, _ := in.Peek(maxLine)
	binary := bytes.IndexByte(head, 0) >= 0
	if binary && (kind == KindASN || kind == KindCountry) {
		return readMMDB(kind, in, g)
	}
	if binary {
		return fault.Newf(fault.Invalid, "the file is not text, as a list of kind %q has to be; unpack it first", kind)
	}
	lines := &lineReader{in: in, gate: g}
	switch kind {
	case KindRIR:
		return readRIR(lines)
	case KindTor:
		return readTor(lines)
	case KindVPN, KindHosting:
		return readList(lines)
	case KindOperators:
		return readOperators(lines)
	case KindRanges:
		return readRanges(lines)
	}
	return readTable(kind, lines)
}

// gate counts what passes and remembers why the receiver stopped.
type gate struct {
	give    func(Range) error
	bad     func(int64, string) error
	given   int64
	refused error
	words   map[string]string // of operators and labels, each kept once
}

// maxWords bounds the words that are kept once; there are some 80,000 operators.
const maxWords = 200_000

// once gives a word that does not hold the line which it stood in, and that
// equal words share.
func (g *gate) once(word string) string {
	if kept, known := g.words[word]; known || word == "" {
		return kept
	}
	if g.words == nil || len(g.words) >= maxWords {
		g.words = map[string]string{}
	}
	word = strings.Clone(word)
	g.words[word] = word
	return word
}

func (g *gate) pass(r Range) error {
	if g.given++; g.given > MaxRanges {
		return fault.Newf(fault.TooLarge, "more than %d ranges", MaxRanges)
	}
	r.Operator, r.Country, r.Registry, r.Label = g.once(r.Operator), g.once(r.Country), g.once(r.Registry), g.once(r.Label)
	g.refused = g.give(r)
	return g.refused
}

func (g *gate) reject(line int64, format string, args ...any) error {
	g.refused = g.bad(line, fmt.Sprintf(format, args...))
	return g.refused
}

// lineReader gives lines with their number, without a byte order mark and
// without the line end.
type lineReader struct {
	*gate
	in     *bufio.Reader
	number int64
	bytes  int64
}

// each calls do for every line that states something. Empty lines and lines that
// begin with # are comments in every text form read here.
func (l *lineReader) each(do func(line string) error) error {
	for {
		line, err := l.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if line == "" || line[0] == '#' {
			continue
		}
		if err := do(line); err != nil {
			return err
		}
	}
}

func (l *lineReader) next() (string, error) {
	for {
		line, err := l.in.ReadSlice('\n')
		l.bytes += int64(len(line))
		if l.bytes > maxBytes {
			return "", fault.Newf(fault.TooLarge, "more than %d bytes", int64(maxBytes))
		}
		if len(line) > 0 || err == nil {
			l.number++
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			if err := l.skip(); err != nil {
				return "", err
			}
			continue
		case err != nil && !errors.Is(err, io.EOF):
			return "", err
		case err != nil && len(line) == 0:
			return "", io.EOF
		}
		text := strings.TrimSpace(string(line))
		if l.number == 1 {
			text = strings.TrimPrefix(text, "\ufeff")
		}
		return text, nil
	}
}

// skip reports an overlong line and reads on to its end.
func (l *lineReader) skip() error {
	if err := l.reject(l.number, "line is longer than %d bytes", maxLine); err != nil {
		return err
	}
	for {
		more, err := l.in.ReadSlice('\n')
		l.bytes += int64(len(more))
		switch {
		case l.bytes > maxBytes:
			return fault.Newf(fault.TooLarge, "more than %d bytes", int64(maxBytes))
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err != nil && !errors.Is(err, io.EOF):
			return err
		}
		return nil
	}
}

// cells splits one line of a comma table. Quotes are as in RFC 4180 §2, except
// that a cell cannot hold a line break, which no table of ranges has.
func cells(line string) ([]string, error) {
	var out []string
	for {
		var cell string
		if strings.HasPrefix(line, `"`) {
			end := closingQuote(line)
			if end < 0 {
				return nil, fault.Newf(fault.Invalid, "a quote is not closed")
			}
			cell, line = strings.ReplaceAll(line[1:end], `""`, `"`), line[end+1:]
			if line != "" && line[0] != ',' {
				return nil, fault.Newf(fault.Invalid, "text follows a closing quote")
			}
		} else {
			n := strings.IndexByte(line, ',')
			if n < 0 {
				n = len(line)
			}
			cell, line = line[:n], line[n:]
		}
		if len(cell) > maxField {
			return nil, fault.Newf(fault.TooLarge, "a field is longer than %d bytes", maxField)
		}
		out = append(out, strings.TrimSpace(cell))
		if line == "" {
			return out, nil
		}
		line = line[1:]
	}
}

func closingQuote(line string) int {
	for n := 1; n < len(line); n++ {
		if line[n] != '"' {
			continue
		}
		if n+1 < len(line) && line[n+1] == '"' {
			n++
			continue
		}
		return n
	}
	return -1
}

// addressOf reads an address as lists write it: in words of the family, or IPv4
// as one decimal number.
func addressOf(text string) (netip.Addr, error) {
	if n, err := strconv.ParseUint(text, 10, 32); err == nil {
		return netip.AddrFrom4([4]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}), nil
	}
	a, err := netip.ParseAddr(text)
	if err != nil || a.Zone() != "" {
		return netip.Addr{}, fault.Newf(fault.Invalid, "%q is not an address", text)
	}
	return a.Unmap(), nil
}

// spanOf makes a range of two addresses.
func spanOf(first, last string) (Range, error) {
	a, err := addressOf(first)
	if err != nil {
		return Range{}, err
	}
	b, err := addressOf(last)
	if err != nil {
		return Range{}, err
	}
	if a.BitLen() != b.BitLen() || b.Less(a) {
		return Range{}, fault.Newf(fault.Invalid, "the range runs from %q to %q", first, last)
	}
	return Range{First: a, Last: b}, nil
}

// prefixOf makes a range of a prefix. Bits set beyond its length are a typing
// error of which nobody knows the right reading.
func prefixOf(text string) (Range, error) {
	p, err := netip.ParsePrefix(text)
	if err != nil {
		return Range{}, fault.Newf(fault.Invalid, "%q is not a prefix", text)
	}
	if p != p.Masked() {
		return Range{}, fault.Newf(fault.Invalid, "prefix %q has bits set beyond its length", text)
	}
	if p.Addr().Is4In6() {
		if p.Bits() < 96 {
			return Range{}, fault.Newf(fault.Invalid, "prefix %q is wider than the mapped IPv4 addresses", text)
		}
		p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
	}
	return Range{First: p.Addr(), Last: lastOf(p)}, nil
}

func lastOf(p netip.Prefix) netip.Addr {
	b := p.Addr().AsSlice()
	for n := p.Bits(); n < len(b)*8; n++ {
		b[n/8] |= 0x80 >> (n % 8)
	}
	last, _ := netip.AddrFromSlice(b)
	return last
}

// blockOf reads an address, a prefix, or FIRST-LAST.
func blockOf(text string) (Range, error) {
	if strings.Contains(text, "/") {
		return prefixOf(text)
	}
	first, last, found := strings.Cut(text, "-")
	if !found {
		last = first
	}
	return spanOf(strings.TrimSpace(first), strings.TrimSpace(last))
}

// asnOf reads 64496 or AS64496 (RFC 5396 §2 asplain). 0 and nothing state none.
func asnOf(text string) (uint32, error) {
	text = strings.TrimSpace(text)
	if text == "" || text == "-" {
		return 0, nil
	}
	if len(text) > 2 && strings.EqualFold(text[:2], "AS") {
		text = text[2:]
	}
	n, err := strconv.ParseUint(text, 10, 32)
	if err != nil {
		return 0, fault.Newf(fault.Invalid, "%q is not the number of an autonomous system", text)
	}
	return uint32(n), nil
}

// countryOf reads an ISO 3166-1 alpha-2 code. ZZ, "--" and nothing state none
// (ZZ: "unknown" in the registries' files).
func countryOf(text string) (string, error) {
	text = strings.ToUpper(strings.TrimSpace(text))
	switch text {
	case "", "-", "--", "ZZ", "NONE":
		return "", nil
	}
	if len(text) != 2 || text[0] < 'A' || text[0] > 'Z' || text[1] < 'A' || text[1] > 'Z' {
		return "", fault.Newf(fault.Invalid, "%q is not a country code of two letters", text)
	}
	return text, nil
}
