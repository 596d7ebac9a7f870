package flow

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"suraag/actor"
	"suraag/custody"
	"suraag/fault"
	"suraag/sighting"
)

// PartIdentifiers records a person's word that two identifiers are not one someone.
// Both have to stand in the record as this house sees it: nobody parts what is
// hidden from them, or mistypes a number unseen.
func (h *House) PartIdentifiers(ctx context.Context, a, b sighting.Identifier, by, why string) (actor.Word, error) {
	w, err := actor.Apart(a, b, by, why, h.Now())
	if err != nil {
		return w, err
	}
	for _, i := range []sighting.Identifier{a, b} {
		there, err := h.states(ctx, i)
		if err != nil {
			return w, err
		}
		if !there {
			return w, fault.WithHint(fault.Newf(fault.NotFound, "no source in the record states %q", i), "suraag trace shows identifiers as they are to be given, such as phone:+910000000001")
		}
	}
	words, err := h.Record.Partings(ctx)
	if err != nil {
		return w, err
	}
	for _, old := range words {
		if old.Holds() && old.A == w.A && old.B == w.B {
			return w, fault.Newf(fault.Conflict, "%s held them apart before: %q (word %s)", old.By, old.Why, old.ID[:12])
		}
	}
	return w, h.parting(ctx, w, by, func(tx *sql.Tx) error { return h.Record.AddParting(ctx, tx, w) })
}

// TakeBackParting takes a word back: the links of the two count again. The ID may be
// the first figures of one.
func (h *House) TakeBackParting(ctx context.Context, id, by, why string) (w actor.Word, err error) {
	all, err := h.Record.Partings(ctx)
	if err != nil {
		return w, err
	}
	all = slices.DeleteFunc(all, func(w actor.Word) bool { return len(id) < 6 || !strings.HasPrefix(w.ID, id) })
	if len(all) != 1 {
		return w, fault.WithHint(fault.Newf(fault.NotFound, "%d words on identifiers have the ID %q", len(all), id), "suraag actor list shows them")
	}
	for _, i := range []sighting.Identifier{all[0].A, all[0].B} {
		there, err := h.states(ctx, i)
		if err != nil {
			return w, err
		}
		if !there {
			return w, fault.Newf(fault.NotFound, "no source that you may see states %q", i)
		}
	}
	if w, err = all[0].TakenBack(by, why, h.Now()); err != nil {
		return w, err
	}
	return w, h.parting(ctx, w, by, func(tx *sql.Tx) error { return h.Record.UndoParting(ctx, tx, w) })
}

// parting changes a word and logs it, both or neither.
func (h *House) parting(ctx context.Context, w actor.Word, by string, change func(*sql.Tx) error) error {
	return h.Record.InTx(ctx, func(tx *sql.Tx) error {
		if err := change(tx); err != nil {
			return err
		}
		return h.log(ctx, tx, custody.ActorDecided, w.ID, by, w)
	})
}

// states tells whether a source speaks of an identifier.
func (h *House) states(ctx context.Context, i sighting.Identifier) (bool, error) {
	seen, err := h.Record.SightingsBy(ctx, i, 1)
	if err != nil || len(seen) > 0 {
		return len(seen) > 0, err
	}
	leases, err := h.Record.LeasesBy(ctx, i)
	return len(leases) > 0, err
}
