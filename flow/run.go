package flow

import (
	"context"
	"database/sql"

	"suraag/digest"
	"suraag/fault"
	"suraag/hashset"
	"suraag/sighting"
)

// RunList is the stage that holds a list that came or went against everything that
// was ever seen, and marks what it bears on to be weighed again. It goes on where it
// was. What is sighted while it runs is marked by its own coming.
func (h *House) RunList(ctx context.Context, set, cause string) error {
	for {
		more, err := h.runSome(ctx, set, cause)
		if err != nil || !more {
			return err
		}
	}
}

func (h *House) runSome(ctx context.Context, set, cause string) (more bool, err error) {
	run, err := h.run(ctx, set, cause)
	if err != nil || !run.Ended.IsZero() {
		return false, err
	}
	source, err := h.sourceOf(ctx, set)
	if err != nil {
		return false, err
	}
	if run.Total == 0 {
		if run.Total, err = h.Record.CountThings(ctx); err != nil {
			return false, err
		}
	}
	things, err := h.Record.ThingsAfter(ctx, run.After, h.Limits.Step)
	if err != nil {
		return false, err
	}
	var touched []string
	err = h.withLibrary(ctx, source, func(lib library) error {
		touched, err = lib.bearsOn(ctx, h.Policy, source, things)
		return err
	})
	if err != nil {
		return false, err
	}
	if run.Done += int64(len(things)); len(things) > 0 {
		run.After = things[len(things)-1].ID
	}
	run.Touched += int64(len(touched))
	if more = len(things) == h.Limits.Step; !more {
		run.Ended = h.Now().UTC()
	}
	run.Total = max(run.Total, run.Done)
	return more, h.Record.InTx(ctx, func(tx *sql.Tx) error {
		if err := h.Record.MarkDirty(ctx, tx, touched); err != nil {
			return err
		}
		if err := h.Record.StepRun(ctx, tx, run); err != nil {
			return err
		}
		if len(touched) == 0 {
			return nil
		}
		return h.Queue.Weigh(ctx, tx)
	})
}

func (h *House) run(ctx context.Context, set, cause string) (hashset.Run, error) {
	runs, err := h.Record.Runs(ctx)
	if err != nil {
		return hashset.Run{}, err
	}
	for _, r := range runs {
		if r.Set == set && r.Cause == cause {
			return r, nil
		}
	}
	return hashset.Run{}, fault.Newf(fault.NotFound, "list %s, which %s, is not to be held against anything", set, cause)
}

func (h *House) sourceOf(ctx context.Context, set string) (string, error) {
	sets, err := h.Record.Sets(ctx)
	if err != nil {
		return "", err
	}
	for _, s := range sets {
		if s.ID == set {
			return s.Source, nil
		}
	}
	return "", fault.Newf(fault.NotFound, "list %s is not in the record", set)
}

// bearsOn gives those of some things on which a list bears.
func (lib library) bearsOn(ctx context.Context, policy Policy, source string, things []sighting.Thing) (touched []string, err error) {
	for _, t := range things {
		bears, err := lib.bears(ctx, policy, source, t)
		if err != nil {
			return nil, err
		}
		if bears {
			touched = append(touched, t.ID)
		}
	}
	return touched, nil
}

// bears tells whether a list bears on a thing: through digests of its own, or of
// near entries, and through what other lists say of those. What is tied to it only
// through another sighted thing is weighed with that one.
func (lib library) bears(ctx context.Context, policy Policy, source string, t sighting.Thing) (bool, error) {
	yes, err := lib.tied(ctx, source, t.Digests)
	if err != nil || yes {
		return yes, err
	}
	var looks []turned
	for _, d := range t.Digests {
		switch d.Kind() {
		case digest.PDQ:
			looks = append(looks, turned{value: d})
		case digest.TMK, digest.VPDQ:
			// Videos are compared when they are weighed; there are few.
			if lib.has(source, d.Kind()) {
				return true, nil
			}
		}
	}
	list, _, err := lib.near(ctx, policy, looks, t.Digests)
	if err != nil {
		return false, err
	}
	for _, n := range list {
		if n.book.source == source {
			return true, nil
		}
		l, err := n.book.listing(ctx, n.Entry)
		if err != nil {
			return false, n.book.damaged(err)
		}
		if yes, err := lib.tied(ctx, source, l.Digests); err != nil || yes {
			return yes, err
		}
	}
	return false, nil
}

// has tells whether the entries of a source have values of a kind.
func (lib library) has(source string, k digest.Kind) bool {
	for _, b := range lib {
		if b.source == source && b.entries.Kinds()[k] > 0 {
			return true
		}
	}
	return false
}

// tied follows exact digests through entries of all lists until one is of the
// source, or is taken back by it.
func (lib library) tied(ctx context.Context, source string, digests []digest.Digest) (bool, error) {
	asked := map[digest.Digest]bool{}
	queue := digests
	for len(queue) > 0 && len(asked) < maxTied {
		d := queue[0]
		queue = queue[1:]
		if asked[d] {
			continue
		}
		asked[d] = true
		for _, b := range lib {
			entries, _, err := b.entries.Find(d, maxSame)
			if err != nil {
				return false, b.damaged(err)
			}
			if len(entries) > 0 && b.source == source {
				return true, nil
			}
			for _, n := range entries {
				l, err := b.listing(ctx, n)
				if err != nil {
					return false, b.damaged(err)
				}
				if back, err := lib.takenBack(b, source, l.Ref); err != nil || back {
					return back, err
				}
				for _, more := range l.Digests {
					if more.Kind().Exact() {
						queue = append(queue, more)
					}
				}
			}
		}
	}
	return false, nil
}

// maxTied bounds how many digests are followed from one thing.
const maxTied = 2000

// takenBack tells whether a source takes an entry of a book back.
func (lib library) takenBack(b book, source, ref string) (bool, error) {
	if ref == "" {
		return false, nil
	}
	for _, other := range lib {
		if other.source == source && sameList(b.sets, other.sets) {
			found, err := other.entries.Withdrawn(ref)
			return len(found) > 0, err
		}
	}
	return false, nil
}
