package flow

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"suraag/casework"
	"suraag/custody"
	"suraag/digest"
	"suraag/fault"
)

// A family is worked out when it is asked. The rule against strangers that weak edges would chain together: a content is
// of the family of a target by an edge of its own to the target, within the list owners' distance, and never
// through a third. So a family is a star, and what lies between two near copies of one target is not concluded from it.
// A person may put a content out of a family, or into it; each word has its author and reason, and can be undone.

// DecideKinship records a person's word on two contents and has what it bears on weighed again.
func (h *House) DecideKinship(ctx context.Context, kind string, a, b digest.Digest, by, why string) (casework.Kinship, error) {
	k, err := casework.Decide(kind, a, b, by, why, h.Now().UTC())
	if err != nil {
		return k, err
	}
	for _, d := range []digest.Digest{k.A, k.B} {
		things, err := h.closure(ctx, []digest.Digest{d}, nil)
		if err != nil {
			return k, err
		}
		if len(things) == 0 {
			return k, fault.Newf(fault.NotFound, "no source in the record speaks of %q", d)
		}
	}
	return k, h.kinship(ctx, k, by, func(tx *sql.Tx) error { return h.Record.AddKinship(ctx, tx, k) })
}

// UndoKinship takes a word back. The ID may be the first figures of one.
func (h *House) UndoKinship(ctx context.Context, id, by, why string) (k casework.Kinship, err error) {
	if by, why = strings.TrimSpace(by), strings.TrimSpace(why); by == "" || why == "" {
		err := fault.Newf(fault.Invalid, "word %q is to be undone without a reason or without a person", id)
		return k, fault.WithHint(err, "give --why, and --by or SURAAG_BY")
	}
	all, err := h.Record.Kinships(ctx)
	if err != nil {
		return k, err
	}
	all = slices.DeleteFunc(all, func(k casework.Kinship) bool { return len(id) < 6 || !strings.HasPrefix(k.ID, id) })
	if len(all) != 1 {
		return k, fault.WithHint(fault.Newf(fault.NotFound, "%d words on a family have the ID %q", len(all), id), "suraag family list shows them")
	}
	k = all[0]
	k.UndoneBy, k.UndoneWhy, k.UndoneAt = by, why, h.Now().UTC()
	return k, h.kinship(ctx, k, by, func(tx *sql.Tx) error { return h.Record.UndoKinship(ctx, tx, k) })
}

// kinship changes a word, logs it and marks the contents on both sides, all in one transaction.
func (h *House) kinship(ctx context.Context, k casework.Kinship, by string, change func(*sql.Tx) error) error {
	var marked []string
	for _, d := range []digest.Digest{k.A, k.B} {
		things, err := h.closure(ctx, []digest.Digest{d}, nil)
		if err != nil {
			return err
		}
		for _, t := range things {
			if has, err := h.sighted(ctx, t.ID); err != nil {
				return err
			} else if has {
				marked = append(marked, t.ID)
			}
		}
	}
	return h.Record.InTx(ctx, func(tx *sql.Tx) error {
		if err := change(tx); err != nil {
			return err
		}
		if err := h.log(ctx, tx, custody.FamilyDecided, k.A.String(), by, k); err != nil {
			return err
		}
		if err := h.Record.MarkDirty(ctx, tx, marked); err != nil {
			return err
		}
		return h.Queue.Weigh(ctx, tx)
	})
}

// sighted tells whether a thing is of the record, and not of a list alone.
func (h *House) sighted(ctx context.Context, thing string) (bool, error) {
	seen, err := h.Record.SightingsOf(ctx, []string{thing}, 1)
	return len(seen) > 0, err
}

// asDecided takes out of the near copies of a content those that a person put apart from it, and adds those
// that a person put with it; what was taken out is told.
func (h *House) asDecided(ctx context.Context, self casework.Content, copies []casework.Content) ([]casework.Content, []string, error) {
	words, err := h.Record.KinshipsOf(ctx, self.Digests)
	if err != nil || len(words) == 0 {
		return copies, nil, err
	}
	var notes []string
	var out []casework.Content
	for _, c := range copies {
		k, decided := casework.Between(words, self.Digests, c.Digests)
		if decided && k.Kind == casework.Apart {
			notes = append(notes, fmt.Sprintf("A near copy (%s) was left out: %s held it apart on %s: %q (suraag family undo %s).",
				nameOf(c), k.By, k.At.Format("2 January 2006"), k.Why, k.ID[:12]))
			continue
		}
		out = append(out, c)
	}
	for _, k := range words {
		far, _ := k.Other(self.Digests)
		if latest, found := casework.Between(words, self.Digests, []digest.Digest{far}); !found || latest.ID != k.ID || k.Kind != casework.Together ||
			slices.Contains(self.Digests, far) || slices.ContainsFunc(out, func(c casework.Content) bool { return slices.Contains(c.Digests, far) }) {
			continue
		}
		things, err := h.closure(ctx, []digest.Digest{far}, nil)
		if err != nil {
			return nil, nil, err
		}
		groups, cut := digest.Unite(append([][]digest.Digest{{far}}, bindings(things)...))
		own := things[:0:0]
		for n, t := range things {
			if groups[n+1] == groups[0] {
				own = append(own, t)
			}
		}
		if len(own) == 0 {
			continue // nothing live speaks of it any more
		}
		c := content(own, casework.Joined)
		c.Conflicts = conflictWords(cut)
		c.Sentence = fmt.Sprintf("Held to be of the same family by %s on %s: %q (suraag family undo %s).", k.By, k.At.Format("2 January 2006"), k.Why, k.ID[:12])
		out = append(out, c)
	}
	return out, notes, nil
}

func nameOf(c casework.Content) string {
	if len(c.Digests) > 0 {
		return c.Digests[0].String()
	}
	return "no digest"
}
