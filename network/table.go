package network

import (
	"strings"
	"time"

	"suraag/fault"
	"suraag/instant"
)

// readTable reads CSV of start,end,asn,operator or start,end,country, or the same
// with a prefix in place of start and end. A first line that begins with words
// is a header.
func readTable(kind DataKind, l *lineReader) error {
	return readBlocks(l, func(r *Range, rest []string) error { return fillTable(kind, r, rest) })
}

// readBlocks reads CSV whose rows begin with a block of addresses; fill takes the
// cells that follow it. A first line that begins with words is a header.
func readBlocks(l *lineReader, fill func(r *Range, rest []string) error) error {
	first := true
	return l.each(func(line string) error {
		header := first
		first = false
		row, err := cells(line)
		if err != nil {
			return l.reject(l.number, "%v", err)
		}
		r, rest, err := blockCells(row)
		if err != nil {
			if header && headerWords(row[0]) {
				return nil
			}
			return l.reject(l.number, "%v", err)
		}
		if err := fill(&r, rest); err != nil {
			return l.reject(l.number, "%v", err)
		}
		return l.pass(r)
	})
}

func headerWords(cell string) bool {
	cell = strings.ToLower(cell)
	for _, word := range []string{"start", "first", "network", "cidr", "prefix", "ip", "range"} {
		if strings.Contains(cell, word) {
			return true
		}
	}
	return false
}

// blockCells takes the range off the front of a row.
func blockCells(row []string) (Range, []string, error) {
	if strings.Contains(row[0], "/") {
		r, err := prefixOf(row[0])
		return r, row[1:], err
	}
	if len(row) < 2 {
		return Range{}, nil, fault.Newf(fault.Invalid, "the row has neither a prefix nor a first and last address")
	}
	r, err := spanOf(row[0], row[1])
	return r, row[2:], err
}

func fillTable(kind DataKind, r *Range, rest []string) (err error) {
	if len(rest) == 0 {
		return fault.Newf(fault.Invalid, "the row states nothing of its range")
	}
	if kind == KindCountry {
		if r.Country, err = countryOf(rest[0]); err == nil && r.Country == "" {
			err = fault.Newf(fault.Invalid, "the row states no country")
		}
		return err
	}
	if r.ASN, err = asnOf(rest[0]); err != nil {
		return err
	}
	if len(rest) > 1 {
		r.Operator = rest[1]
	}
	if r.ASN == 0 && r.Operator == "" {
		return fault.Newf(fault.Invalid, "the row states neither an autonomous system nor an operator")
	}
	return nil
}

// readRanges reads the unit's own CSV: a prefix, or first and last address, then
// cells of key=value with the keys asn, operator, country, registry, label, from
// and until (times with their zone). A label that is an access word says how the
// range is used: "label=own-sensor".
func readRanges(l *lineReader) error {
	return readBlocks(l, func(r *Range, rest []string) error {
		if len(rest) == 0 {
			return fault.Newf(fault.Invalid, "the row states nothing of its range")
		}
		for _, cell := range rest {
			if err := setKey(r, cell); err != nil {
				return err
			}
		}
		return nil
	})
}

func setKey(r *Range, cell string) (err error) {
	name, value, found := strings.Cut(cell, "=")
	if !found {
		return fault.Newf(fault.Invalid, "%q is not of the form KEY=VALUE", cell)
	}
	value = strings.TrimSpace(value)
	switch strings.ToLower(strings.TrimSpace(name)) {
	case "asn":
		r.ASN, err = asnOf(value)
	case "operator":
		r.Operator = value
	case "country":
		r.Country, err = countryOf(value)
	case "registry":
		r.Registry = strings.ToLower(value)
	case "label":
		r.Label = value
	case "from":
		r.From, err = momentOf(value, false)
	case "until":
		r.Until, err = momentOf(value, true)
	default:
		err = fault.Newf(fault.Invalid, "key %q is not known", name)
	}
	return err
}

// momentOf reads a time of a data set; unmarked times are in UTC. Of a day alone
// the last moment may be wanted.
func momentOf(text string, last bool) (time.Time, error) {
	i, err := instant.Parse(text, instant.UTC())
	if err != nil {
		return time.Time{}, err
	}
	if i.Basis == instant.Ambiguous {
		return time.Time{}, fault.Newf(fault.Invalid, "time %q can mean two moments", text)
	}
	if last {
		return i.Until, nil
	}
	return i.At, nil
}
