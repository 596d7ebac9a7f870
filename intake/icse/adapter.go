package icse

import (
	"fmt"

	"suraag/digest"
	"suraag/intake/table"
	"suraag/sighting"
)

// Scheme names the meaning of a listing's category.
const Scheme = "INTERPOL baseline"

// listing makes the record of a row. The problem is why the row is worth nothing.
func listing(h *table.Header, r *table.Row) (l sighting.Listing, problem string) {
	l = sighting.Listing{Scheme: Scheme, Ref: stated(h.Get(r, imageID)), Series: stated(h.Get(r, series)), MediaType: stated(h.Get(r, media))}
	l.Place, l.Notes, l.Extra = r.Place(), table.Doubts(h, r), h.Rest(r)
	for _, column := range digests {
		problem = addDigest(&l, column, h.Get(r, column), problem)
	}
	if len(l.Digests) == 0 {
		if problem == "" {
			problem = "the row states no hash"
		}
		return l, problem
	}
	l.Category = string(flag(&l, baseline, h.Get(r, baseline)))
	for _, f := range flags {
		if t := flag(&l, f.column, h.Get(r, f.column)); t != sighting.Unstated {
			if l.Flags == nil {
				l.Flags = map[string]sighting.Tri{}
			}
			l.Flags[f.name] = t
		}
	}
	return l, ""
}

// addDigest reads one hash cell. A bad one is kept in words beside the good ones.
func addDigest(l *sighting.Listing, column, value, problem string) string {
	if !sighting.Stated(value) {
		return problem
	}
	d, doubt, err := digest.Read(column, value)
	if err != nil {
		l.Extra = append(l.Extra, sighting.Field{Name: column, Value: table.Clean(value)})
		l.Notes = append(l.Notes, err.Error())
		return err.Error()
	}
	if doubt != "" {
		l.Notes = append(l.Notes, doubt)
	}
	l.Digests = append(l.Digests, d)
	return problem
}

func flag(l *sighting.Listing, column, value string) sighting.Tri {
	t, understood := sighting.ReadTri(value)
	if !understood {
		l.Extra = append(l.Extra, sighting.Field{Name: column, Value: table.Clean(value)})
		l.Notes = append(l.Notes, fmt.Sprintf("%s %q is neither yes nor no", column, value))
	}
	return t
}

func stated(value string) string {
	if !sighting.Stated(value) {
		return ""
	}
	return table.Clean(value)
}
