package flow

import (
	"context"
	"database/sql"
	"slices"
	"strings"
	"time"

	"suraag/casework/legal"
	"suraag/casework/pack"
	"suraag/custody"
	"suraag/fault"
	"suraag/network"
)

// Correct enters a correction into the register; everyone who was sent the thing
// corrected is listed, and whatever rests on it and was taken out; drafts that rest on it and did not go out are withdrawn, and
// the leads are weighed again without it.
func (h *House) Correct(ctx context.Context, subject string, class legal.ErrorClass, reason, by string) (legal.Correction, error) {
	all, err := h.Record.Requests(ctx)
	if err != nil {
		return legal.Correction{}, err
	}
	resting := legal.Resting(subject, all)
	if len(resting) == 0 {
		if err := h.isThere(ctx, subject); err != nil {
			return legal.Correction{}, err
		}
	}
	c, err := legal.Correct(subject, class, reason, by, all, h.Now())
	if err != nil {
		return c, err
	}
	if c.Taken, err = h.takenOut(ctx, subject, resting); err != nil {
		return c, err
	}
	entry, err := custody.Saying(custody.Correction, subject, by, h.Now(), saidOf(c))
	if err != nil {
		return c, err
	}
	return c, h.Record.InTx(ctx, func(tx *sql.Tx) error {
		for _, r := range resting {
			if r.WasSent() || r.State != legal.Drafted && r.State != legal.Approved {
				continue
			}
			gone, err := r.Withdraw(by, "corrected: "+reason, h.Now())
			if err != nil {
				return err
			}
			if err := h.Record.StepRequest(ctx, tx, gone, len(r.Events)); err != nil {
				return err
			}
		}
		if err := h.Record.PutCorrection(ctx, tx, c); err != nil {
			return err
		}
		// The subject may be a document or an operator's row on which any lead rests.
		if err := h.Record.DirtyAll(ctx, tx); err != nil {
			return err
		}
		if err := h.Queue.Weigh(ctx, tx); err != nil {
			return err
		}
		return h.Record.Log(ctx, tx, entry)
	})
}

// mostTaken is how many documents that were taken out stand in the log entry of a
// correction: about 300 bytes each, of the 1 MiB that an entry may have. The register
// has them all.
const mostTaken = 2000

type correctionSaid struct {
	legal.Correction
	More int `json:"taken_out_more,omitempty"`
}

func saidOf(c legal.Correction) correctionSaid {
	n := min(len(c.Taken), mostTaken)
	more := len(c.Taken) - n
	c.Taken = c.Taken[:n]
	return correctionSaid{c, more}
}

// isThere tells whether a correction would speak of anything: one that names nothing
// by a slip would reach nobody and say so.
func (h *House) isThere(ctx context.Context, subject string) error {
	_, err := h.Record.Source(ctx, subject)
	if err == nil || !isNone(err) {
		return err
	}
	if source, err := h.statedIn(ctx, subject); err != nil || source != "" {
		return err
	}
	packs, err := h.Packs(ctx)
	if err != nil {
		return err
	}
	live, _, err := h.Record.AllDataSets(ctx)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(packs, func(p PackInUse) bool { return p.SHA256 == subject }) || slices.ContainsFunc(live, func(s network.DataSet) bool { return s.ID == subject }) {
		return nil
	}
	err = fault.Newf(fault.NotFound, "nothing in the record has the ID %q", subject)
	return fault.WithHint(err, "give the ID of the record, source, operator's row or request whole, as suraag lead show and suraag source show print it")
}

// FindCorrection gives the correction whose ID begins with the given digits, at
// least 6 of them.
func (h *House) FindCorrection(ctx context.Context, prefix string) (legal.Correction, error) {
	all, err := h.Record.Corrections(ctx)
	if err != nil {
		return legal.Correction{}, err
	}
	n := slices.IndexFunc(all, func(c legal.Correction) bool { return len(prefix) >= 6 && strings.HasPrefix(c.ID, prefix) })
	if n < 0 {
		return legal.Correction{}, fault.WithHint(fault.Newf(fault.NotFound, "correction %q is not in the register", prefix), "see suraag correction list")
	}
	return all[n], nil
}

// Tell records a person's word that a recipient was told of a correction.
func (h *House) Tell(ctx context.Context, correction, request, by string, on time.Time) (legal.Correction, error) {
	all, err := h.Record.Corrections(ctx)
	if err != nil {
		return legal.Correction{}, err
	}
	n := slices.IndexFunc(all, func(c legal.Correction) bool {
		return len(correction) >= 6 && len(correction) <= len(c.ID) && c.ID[:len(correction)] == correction
	})
	if n < 0 {
		return legal.Correction{}, fault.WithHint(fault.Newf(fault.NotFound, "correction %q is not in the register", correction), "see suraag correction list")
	}
	r, err := h.Record.FindRequest(ctx, request)
	if err != nil {
		return legal.Correction{}, err
	}
	c, err := all[n].Tell(r.ID, by, on)
	if err != nil {
		return c, err
	}
	entry, err := custody.Saying(custody.Correction, c.Subject, by, h.Now(), map[string]any{"what": "told", "correction": c.ID, "request": r.ID})
	if err != nil {
		return c, err
	}
	return c, h.Record.InTx(ctx, func(tx *sql.Tx) error {
		if err := h.Record.PutCorrection(ctx, tx, c); err != nil {
			return err
		}
		return h.Record.Log(ctx, tx, entry)
	})
}

// Clocks gives every day by which something has to be done, the most pressing first.
func (h *House) Clocks(ctx context.Context) ([]legal.Clock, error) {
	all, err := h.Record.Requests(ctx)
	if err != nil {
		return nil, err
	}
	corrections, err := h.Record.Corrections(ctx)
	if err != nil {
		return nil, err
	}
	packs, err := h.Packs(ctx)
	if err != nil {
		return nil, err
	}
	var terms []pack.Clock
	for _, p := range packs {
		terms = append(terms, p.Clocks...)
	}
	return legal.Clocks(all, corrections, terms, h.Now()), nil
}
