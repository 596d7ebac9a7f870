package table

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"suraag/fault"
	"suraag/sighting"
)

// Names joins our column names to what files call them. Spelling does not count:
// see Key. Our own name is always understood too.
type Names map[string][]string

// Key is the form in which column names are compared: letters and digits only,
// lower case. "Source IP Address" and "source_ip_address" are one.
func Key(name string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, name)
}

// Header says which column holds what.
type Header struct {
	Titles  []string       // as in the file
	Unknown []string       // titles that no name fits
	Twice   []string       // titles that name what an earlier column holds already
	at      map[string]int // our name → column
	rest    []int          // columns that are unknown, doubled or only kept
}

// NewHeader reads a header row. Columns in keep are known but only kept: Rest
// gives them with the unknown ones.
func NewHeader(titles []string, names Names, keep []string) *Header {
	return newGlossary(names, keep).header(titles)
}

// glossary is what is known of titles, by their compared form. It is made once
// for the many rows that could be a header.
type glossary struct {
	ours map[string]string // → our name
	kept map[string]bool
}

func newGlossary(names Names, keep []string) glossary {
	g := glossary{names.Keys(), map[string]bool{}}
	for _, k := range keep {
		g.kept[Key(k)] = true
	}
	return g
}

func (g glossary) header(titles []string) *Header {
	h := &Header{at: map[string]int{}}
	seen := map[string]bool{}
	for n, title := range titles {
		title = strings.TrimSpace(strings.Clone(title))
		h.Titles = append(h.Titles, title)
		key := Key(title)
		name, known := g.ours[key]
		_, taken := h.at[name]
		switch {
		case known && !taken:
			h.at[name] = n
		case known || key != "" && seen[key]:
			h.Twice = append(h.Twice, title)
			h.rest = append(h.rest, n)
		case g.kept[key]:
			h.rest = append(h.rest, n)
		default:
			h.Unknown = append(h.Unknown, title)
			h.rest = append(h.rest, n)
		}
		seen[key] = true
	}
	return h
}

// Keys turns the names round: the compared form of each spelling → our name.
func (n Names) Keys() map[string]string {
	out := map[string]string{}
	for ours, theirs := range n {
		out[Key(ours)] = ours
		for _, t := range theirs {
			out[Key(t)] = ours
		}
	}
	return out
}

// Declare puts the officer's column map over what the titles say: our name →
// the file's title, or its number from 1.
func (h *Header) Declare(columns map[string]string) error {
	for ours, theirs := range columns {
		n, err := strconv.Atoi(strings.TrimSpace(theirs))
		if err != nil {
			n = h.find(theirs) + 1
		}
		if n < 1 || n > len(h.Titles) {
			err := fault.Newf(fault.Invalid, "column %q for %s is not in the table", theirs, ours)
			return fault.WithHint(err, fmt.Sprintf("the table has the columns %q", h.Titles))
		}
		h.claim(ours, n-1)
	}
	return nil
}

func (h *Header) find(title string) int {
	for n, t := range h.Titles {
		if Key(t) == Key(title) {
			return n
		}
	}
	return -1
}

// claim gives a column to a name and takes it from any other use.
func (h *Header) claim(ours string, column int) {
	for name, n := range h.at {
		if n == column {
			delete(h.at, name)
		}
	}
	if before, had := h.at[ours]; had {
		h.rest = append(h.rest, before)
	}
	h.at[ours] = column
	var rest []int
	for _, n := range h.rest {
		if n != column {
			rest = append(rest, n)
		}
	}
	h.rest = rest
	var unknown []string
	for _, u := range h.Unknown {
		if u != h.Titles[column] {
			unknown = append(unknown, u)
		}
	}
	h.Unknown = unknown
}

// HasAny tells whether the table has one of the columns.
func (h *Header) HasAny(names ...string) bool {
	for _, n := range names {
		if _, has := h.at[n]; has {
			return true
		}
	}
	return false
}

// Missing gives the first of the columns that the table does not have.
func (h *Header) Missing(names ...string) string {
	for _, n := range names {
		if _, has := h.at[n]; !has {
			return n
		}
	}
	return ""
}

// At gives the number of one of our columns, from 0; -1: the table has none.
func (h *Header) At(name string) int {
	if n, has := h.at[name]; has {
		return n
	}
	return -1
}

// Known is the number of columns that have a name of ours.
func (h *Header) Known() int { return len(h.at) }

// Title gives the file's own title of one of our columns, or our name.
func (h *Header) Title(name string) string {
	if n, has := h.at[name]; has && h.Titles[n] != "" {
		return h.Titles[n]
	}
	return name
}

// Get gives the cell of one of our columns without white space around it, or
// nothing where the table or the row has no such cell.
func (h *Header) Get(r *Row, name string) string {
	n, has := h.at[name]
	if !has || n >= len(r.Cells) {
		return ""
	}
	return strings.TrimSpace(r.Cells[n])
}

// Rest gives the stated cells of all columns that no reader asks for by name.
func (h *Header) Rest(r *Row) []sighting.Field {
	var out []sighting.Field
	for _, n := range h.rest {
		if n >= len(r.Cells) || !sighting.Stated(r.Cells[n]) {
			continue
		}
		title := h.Titles[n]
		if title == "" {
			title = "column " + strconv.Itoa(n+1)
		}
		out = append(out, sighting.Field{Name: title, Value: Clean(r.Cells[n])})
	}
	return out
}

// Clean makes a cell fit to keep: no white space around it, only valid UTF-8.
func Clean(cell string) string {
	return strings.ToValidUTF8(strings.TrimSpace(cell), "\ufffd")
}

var scientific = regexp.MustCompile(`^\d(?:\.\d*)?[eE]\+?\d{1,2}$`)

// Rounded tells whether a cell is a number that a spreadsheet rounded: 9.19E+11.
// Its last digits are lost, and with them the one whom it named; such a cell is
// refused, never repaired (formats.md §8.8).
func Rounded(cell string) bool { return scientific.MatchString(cell) }
