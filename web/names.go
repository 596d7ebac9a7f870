package web

import (
	"context"

	"suraag/attribution"
	"suraag/casework"
)

// maxNames bounds the sources whose names one page looks up; the others are
// named by their hash.
const maxNames = 100

// name looks up under which names sources were handed in. A name that is not
// found is no reason to withhold the page.
func (s *server) name(ctx context.Context, b base, sources ...string) {
	for _, id := range sources {
		if _, known := b.names[id]; known || id == "" || len(b.names) >= maxNames {
			continue
		}
		b.names[id] = ""
		if src, err := s.Desk.FindSource(ctx, id); err == nil {
			b.names[id] = src.Name
		}
	}
}

// sourcesOf lists what a trace rests on, in the order in which the page shows it.
func sourcesOf(t casework.Trace, show int) []string {
	var out []string
	for _, c := range t.Family {
		out = append(out, c.Source)
		for _, m := range c.Listed {
			out = append(out, m.Source)
		}
	}
	for n, s := range t.Sightings {
		if n == show {
			break
		}
		out = append(out, s.Source)
	}
	for _, a := range t.Addresses {
		out = append(out, a.Source)
		out = append(out, sourcesOfRows(a.Finding)...)
	}
	for _, a := range t.Actors {
		for _, l := range a.Links {
			out = append(out, l.Source)
		}
	}
	return out
}

func sourcesOfRows(f attribution.Finding) (out []string) {
	if f.Resolution == nil {
		return nil
	}
	for _, st := range f.Resolution.Steps {
		out = append(out, st.Source)
	}
	return out
}
