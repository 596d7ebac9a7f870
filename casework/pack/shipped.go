package pack

import (
	"cmp"
	"embed"
	"slices"

	"suraag/fault"
)

//go:embed shipped/*.toml
var files embed.FS

// Shipped gives the packs that come with the program. Nobody has reviewed them
// for the unit that runs it.
func Shipped() ([]Pack, error) {
	entries, err := files.ReadDir("shipped")
	if err != nil {
		return nil, fault.As(fault.Internal, err)
	}
	var out []Pack
	for _, e := range entries {
		text, err := files.ReadFile("shipped/" + e.Name())
		if err != nil {
			return nil, fault.As(fault.Internal, err)
		}
		p, err := Parse(text)
		if err != nil {
			return nil, fault.Wrapf(err, "shipped file %q", e.Name())
		}
		out = append(out, p)
	}
	return out, nil
}

// Join puts a unit's packs over the shipped ones: one of the same name takes the
// shipped one's place. The order is by name.
func Join(shipped, own []Pack) []Pack {
	out := slices.Clone(own)
	for _, p := range shipped {
		if !slices.ContainsFunc(own, func(o Pack) bool { return o.ID == p.ID }) {
			out = append(out, p)
		}
	}
	slices.SortFunc(out, func(a, b Pack) int { return cmp.Compare(a.ID, b.ID) })
	return out
}
