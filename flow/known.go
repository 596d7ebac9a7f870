package flow

import (
	"context"
	"slices"
	"strings"

	"suraag/digest"
	"suraag/hashset"
)

// Known gives in words what live lists say that a file is, by its exact digests:
// each list with its category, once. What a list holds without having categorised
// it (VICS category 0) is not known by that; near values say nothing here.
func (h *House) Known(ctx context.Context, digests []digest.Digest) ([]string, error) {
	var entries []found
	err := h.withLibrary(ctx, "", func(lib library) (err error) {
		entries, err = lib.find(ctx, digests)
		return err
	})
	if err != nil {
		return nil, err
	}
	var out []string
	for _, f := range entries {
		if f.listing.Category == "0" && strings.HasPrefix(f.listing.Scheme, "VICS") {
			continue
		}
		for _, s := range f.book.sets {
			words := s.Name + ": " + hashset.Mean(f.listing.Scheme, f.listing.Category).Label
			if !slices.Contains(out, words) {
				out = append(out, words)
			}
		}
	}
	slices.Sort(out)
	return out, nil
}
