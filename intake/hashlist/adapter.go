package hashlist

import (
	"fmt"
	"strconv"
	"strings"

	"suraag/digest"
	"suraag/intake/table"
	"suraag/sighting"
)

// listing makes the record of a row, or says why the row is worth nothing.
func (p plan) listing(r *table.Row) (l sighting.Listing, problem string) {
	h := p.header
	l.Place, l.Extra = r.Place(), h.Rest(r)
	if p.titled {
		l.Notes = table.Doubts(h, r)
	} else if r.NotUTF8 {
		l.Notes = []string{"the row has bytes that are not UTF-8"}
	}
	for _, kind := range kinds() {
		problem = add(&l, h.Title(kind), kind, h.Get(r, kind), problem)
	}
	problem = p.unlabelled(&l, r, problem)
	if len(l.Digests) == 0 {
		if problem == "" {
			problem = "the row states no hash"
		}
		return l, problem
	}
	p.meaning(&l, r)
	return l, ""
}

// unlabelled reads the column whose title does not say what kind of hash it is.
func (p plan) unlabelled(l *sighting.Listing, r *table.Row, problem string) string {
	cell := p.header.Get(r, hash)
	if !sighting.Stated(cell) {
		return problem
	}
	label, value, rest := parts(cell)
	if label == "" {
		label = p.header.Get(r, hashType)
	}
	if label == "" && len(value) == 64 {
		label = p.bare
	}
	if rest != "" {
		l.Extra = append(l.Extra, sighting.Field{Name: "after the hash", Value: table.Clean(rest)})
	}
	return add(l, p.header.Title(hash), label, value, problem)
}

// add reads one hash. A bad one is kept in words beside the good ones.
func add(l *sighting.Listing, title, label, value, problem string) string {
	if !sighting.Stated(value) {
		return problem
	}
	d, doubt, err := digest.Read(label, value)
	if err != nil {
		l.Extra = append(l.Extra, sighting.Field{Name: title, Value: table.Clean(value)})
		l.Notes = append(l.Notes, err.Error())
		return err.Error()
	}
	if doubt != "" {
		l.Notes = append(l.Notes, doubt)
	}
	l.Digests = append(l.Digests, d)
	return problem
}

// meaning fills in what the list says of the entry.
func (p plan) meaning(l *sighting.Listing, r *table.Row) {
	get := func(name string) string {
		if v := p.header.Get(r, name); sighting.Stated(v) {
			return table.Clean(v)
		}
		return ""
	}
	l.Category, l.Scheme, l.Series, l.Ref, l.MediaType = get(category), get(scheme), get(series), get(ref), get(media)
	for _, t := range strings.FieldsFunc(get(tags), func(r rune) bool { return strings.ContainsRune("|;,", r) }) {
		if t = strings.TrimSpace(t); t != "" {
			l.Tags = append(l.Tags, t)
		}
	}
	number := func(name string, most int64) int64 {
		v := get(name)
		n, err := strconv.ParseInt(v, 10, 64)
		if v != "" && (err != nil || n < 0 || n > most) {
			l.Notes = append(l.Notes, fmt.Sprintf("%s %q is no number from 0 to %d", name, v, most))
			l.Extra = append(l.Extra, sighting.Field{Name: p.header.Title(name), Value: v})
			return 0
		}
		return n
	}
	l.Size = number(size, 1<<50)
	l.Quality = int(number(quality, 100))
}
