package flow

import (
	"context"
	"database/sql"
	"fmt"

	"suraag/casework"
	"suraag/casework/legal"
	"suraag/custody"
	"suraag/fault"
	"suraag/sighting"
)

// Followed is what came of a reply: the request, and the second one that was
// drafted to corroborate it, or why there is none.
type Followed struct {
	Request  legal.Request   `json:"request"`
	Second   *legal.Request  `json:"second,omitempty"`
	Refusals []legal.Refusal `json:"second_refused_by,omitempty"`
	Note     string          `json:"note,omitempty"`
}

// Reply compares an answer with its request. The answer was handed in and read;
// its sources are named. Rows that differ are kept from the gate, and the leads on
// the addresses are weighed again. If one subscriber is named, the second,
// independent request is drafted by itself (rule R3).
func (h *House) Reply(ctx context.Context, id string, sources []string, by string) (Followed, error) {
	var rows []sighting.Lease
	var seen []sighting.Sighting
	var whole []string
	for _, s := range sources {
		src, err := h.Record.FindSource(ctx, s)
		if err != nil {
			return Followed{}, err
		}
		got, err := h.Record.LeasesIn(ctx, src.ID)
		if err != nil {
			return Followed{}, err
		}
		more, err := h.Record.SightingsIn(ctx, src.ID, h.Limits.Answer+1)
		if err != nil {
			return Followed{}, err
		}
		rows, seen, whole = append(rows, got...), append(seen, more...), append(whole, src.ID)
	}
	r, err := h.step(ctx, id, custody.Reply, func(r legal.Request) (legal.Request, error) { return r.Compare(whole, rows, seen, by, h.Now()) }, h.keepApart)
	if err != nil {
		return Followed{}, err
	}
	return h.corroborate(ctx, r, by)
}

// Release takes rows out of quarantine by a second person's word.
func (h *House) Release(ctx context.Context, id, by, reason string) (legal.Request, error) {
	return h.step(ctx, id, custody.Reply, func(r legal.Request) (legal.Request, error) { return r.Release(by, reason, h.Now()) }, h.keepApart)
}

// keepApart writes which rows the gate may not use, and has the leads weighed again.
func (h *House) keepApart(ctx context.Context, tx *sql.Tx, r legal.Request) error {
	var apart []string
	for _, p := range r.Replies {
		apart = append(apart, p.Quarantined()...)
	}
	if err := h.Record.SetQuarantine(ctx, tx, r.ID, apart); err != nil {
		return err
	}
	for _, s := range r.Replies[len(r.Replies)-1].Sources {
		if err := h.Record.DirtyByLeases(ctx, tx, s); err != nil {
			return err
		}
	}
	return h.Queue.Weigh(ctx, tx)
}

// corroborate drafts the second request where the first names one subscriber.
func (h *House) corroborate(ctx context.Context, r legal.Request, by string) (Followed, error) {
	out := Followed{Request: r}
	if _, sole := r.Sole(); !sole || r.Draft.Follows != "" {
		return out, nil
	}
	queue, err := h.sharing(ctx, r)
	if err != nil {
		return out, err
	}
	l, found := legal.Second(r, queue)
	if !found {
		out.Note = "R3: the record holds no second, independent observation of the same identifiers that is fit to be asked about. Ask the service for all log-ins of the account."
		return out, nil
	}
	second, refusals, err := h.Draft(ctx, legal.Demand{Lead: l.ID, Instrument: r.Draft.Instrument.ID, Office: r.Draft.Office, By: by, Follows: r.ID})
	switch {
	case fault.Is(err, fault.NotFound):
		out.Note = fmt.Sprintf("R3: the second observation (lead %s) could not be asked about: %v.", l.ID[:12], err)
		return out, nil
	case err != nil:
		return out, err
	case len(refusals) > 0:
		out.Refusals, out.Note = refusals, fmt.Sprintf("R3: the second observation is lead %s, and no request can be drafted from it.", l.ID[:12])
	default:
		out.Second, out.Note = &second, fmt.Sprintf("R3: request %s was drafted to corroborate this one. A second person has to approve it.", second.ID[:12])
	}
	return out, nil
}

// sharing gives the leads of observations that share an identifier with a request,
// in the order of the queue.
func (h *House) sharing(ctx context.Context, r legal.Request) ([]casework.Lead, error) {
	var out []casework.Lead
	seen := map[string]bool{}
	for _, i := range r.Draft.Question.Identifiers {
		if !i.Links() {
			continue
		}
		all, err := h.Record.SightingsBy(ctx, i, perAccount)
		if err != nil {
			return nil, err
		}
		for _, s := range all {
			if s.From.IsZero() || seen[s.ID] {
				continue
			}
			seen[s.ID] = true
			l, err := h.Record.FindLead(ctx, casework.LeadID(s.ID))
			if fault.Is(err, fault.NotFound) {
				continue
			}
			if err != nil {
				return nil, err
			}
			out = append(out, l)
		}
	}
	casework.Sort(out)
	return out, nil
}
