package hashlist

import (
	"bytes"
	"encoding/hex"
	"strings"

	"suraag/digest"
	"suraag/fault"
	"suraag/intake"
	"suraag/intake/table"
	"suraag/sighting"
)

// lane reads the plain rows of a list in short, without a copy: rows whose hashes
// are hex of just the length that their column calls for. It leaves every other row
// to the ordinary way, so that nothing is decided in two places.
type lane struct {
	titles   int // most cells that a row may have; 0: any
	columns  []column
	hash     int // column of hashes whose kind is told elsewhere; -1: none
	hashType int
	bare     digest.Kind // of 64 digits without a label
	category int
	scheme   int
	words    map[string]string // what a cell states → the same text every time
	kinds    map[string]digest.Kind
	seen     []digest.Kind
	entry    sighting.Entry
	raw      []byte
}

// column holds one kind of hash.
type column struct {
	at   int
	kind digest.Kind
	size int // of a value in bytes
}

// maxWords bounds what a lane remembers of a column of categories.
const maxWords = 1 << 12

func newLane(p plan) *lane {
	l := &lane{hash: p.header.At(hash), hashType: p.header.At(hashType), bare: digest.SHA256, category: p.header.At(category), scheme: p.header.At(scheme),
		words: map[string]string{}, kinds: map[string]digest.Kind{}}
	if p.bare != "" {
		l.bare = digest.Kind(p.bare)
	}
	if p.titled {
		l.titles = len(p.header.Titles)
	}
	for _, k := range kinds() {
		if at := p.header.At(k); at >= 0 {
			l.columns = append(l.columns, column{at, digest.Kind(k), digest.Kind(k).Size()})
		}
	}
	return l
}

// fast reads the next row in short if it is a plain one.
func (rd *reading) fast() (done bool, err error) {
	if rd.lane == nil {
		return false, nil
	}
	r, plain := rd.rows.Peek()
	if !plain || !rd.lane.row(r) {
		return false, nil
	}
	rd.rows.Take()
	for _, v := range rd.lane.entry.Values {
		if !rd.lane.met(v.Kind) {
			rd.seen[v.Kind] = true
		}
	}
	return true, rd.lean.Entry(&rd.lane.entry)
}

// met tells whether a kind stood in a row before.
func (l *lane) met(k digest.Kind) bool {
	for _, s := range l.seen {
		if s == k {
			return true
		}
	}
	l.seen = append(l.seen, k)
	return false
}

// row reads a row, or leaves it.
func (l *lane) row(r *table.Lean) bool {
	if l.titles > 0 && len(r.Cells) > l.titles {
		return false
	}
	e := &l.entry
	e.Number, e.Start, e.End, e.Values, l.raw = int64(r.Number), r.Start, r.End, e.Values[:0], l.raw[:0]
	for _, c := range l.columns {
		if cell := cellOf(r, c.at); len(cell) > 0 && !l.value(cell, c.kind, c.size) {
			return false
		}
	}
	if cell := cellOf(r, l.hash); len(cell) > 0 {
		kind, ok := l.kindOf(r, len(cell))
		if !ok || !l.value(cell, kind, kind.Size()) {
			return false
		}
	}
	e.Category, e.Scheme = l.word(cellOf(r, l.category)), l.word(cellOf(r, l.scheme))
	return len(e.Values) > 0
}

func cellOf(r *table.Lean, at int) []byte {
	if at < 0 || at >= len(r.Cells) {
		return nil
	}
	return bytes.TrimSpace(r.Cells[at])
}

// value takes a cell that is hex of the kind's length.
func (l *lane) value(cell []byte, kind digest.Kind, size int) bool {
	if size == 0 || len(cell) != 2*size {
		return false
	}
	from := len(l.raw)
	if cap(l.raw)-from < size {
		if from > 0 {
			return false // the values before would move; such a row is rare
		}
		l.raw = make([]byte, 0, 1024)
	}
	l.raw = l.raw[:from+size]
	if _, err := hex.Decode(l.raw[from:], cell); err != nil {
		return false
	}
	l.entry.Values = append(l.entry.Values, sighting.Value{Kind: kind, Raw: l.raw[from:]})
	return true
}

// kindOf tells the kind of a hash by its label or, without one, by its length.
func (l *lane) kindOf(r *table.Lean, digits int) (digest.Kind, bool) {
	if label := cellOf(r, l.hashType); len(label) > 0 {
		kind, known := l.kinds[string(label)]
		if !known && len(l.kinds) < maxWords {
			kind, _ = digest.KindOf(string(label))
			l.kinds[string(label)] = kind
		}
		return kind, kind != ""
	}
	switch digits {
	case 32:
		return digest.MD5, true
	case 40:
		return digest.SHA1, true
	case 48:
		return digest.TTH, true
	case 64:
		return l.bare, true
	case 288:
		return digest.PhotoDNA, true
	}
	return "", false
}

// word gives what a cell states, one string for all that are equal.
func (l *lane) word(cell []byte) string {
	if len(cell) == 0 {
		return ""
	}
	if w, known := l.words[string(cell)]; known {
		return w
	}
	w := string(cell)
	if !sighting.Stated(w) {
		w = ""
	}
	if len(l.words) < maxWords {
		l.words[string(cell)] = w
	}
	return w
}

// again reads entries again by the plan that the first rows make.
func again(o intake.Original) (func(sighting.Entry) (sighting.Listing, error), error) {
	in := o.From(0)
	rows, err := table.NewReader(in.Name, in.Body, table.Options{Comment: "#"})
	if err != nil {
		return nil, err
	}
	first, end := sample(rows)
	if len(first) == 0 {
		return nil, fault.Newf(fault.Corrupt, "list %q: no row can be read any more: %v", o.Name, end)
	}
	p, _, err := start(in.Name, first, o.Options.Columns)
	if err != nil {
		return nil, err
	}
	if p.titled {
		rows.Width(len(p.header.Titles))
	}
	return func(e sighting.Entry) (sighting.Listing, error) {
		var row *table.Row
		for n := range first {
			if first[n].Start == e.Start {
				row = &first[n]
			}
		}
		if row == nil {
			text, err := o.Text(e)
			if err == nil {
				row, err = rows.Alone(text)
			}
			if err != nil {
				return sighting.Listing{}, err
			}
			row.Number, row.Start, row.End = int(e.Number), e.Start, e.End
		}
		l, problem := p.listing(row)
		if row.Problem != "" || problem != "" {
			return l, fault.Newf(fault.Corrupt, "list %q, row %d is no entry: %s", o.Name, e.Number, strings.TrimSpace(row.Problem+" "+problem))
		}
		return l, nil
	}, nil
}
