package app

import (
	"context"
	"slices"
	"strings"
	"time"

	"suraag/casework/legal"
	"suraag/fault"
	"suraag/people"
	"suraag/people/wall"
	"suraag/web"
)

// Packs gives the packs of law: they are the whole unit's.
func (d desk) Packs(ctx context.Context) ([]web.PackInUse, error) {
	all, err := d.House.Packs(ctx)
	var out []web.PackInUse
	for _, p := range all {
		out = append(out, web.PackInUse{Pack: p.Pack, Review: p.Review, Until: p.Until, Why: p.Why})
	}
	return out, err
}

// ReviewPack records a review of the very text that was shown.
func (d desk) ReviewPack(ctx context.Context, id, shown, by, note string) error {
	_, err := d.House.ReviewPack(ctx, id, shown, by, note)
	return err
}

// restsOn gives the sources of what a correction is about. What is in no source (a
// pack, address data) has none, and is the whole unit's.
func (d desk) restsOn(ctx context.Context, subject string) (id string, sources []string, known bool, err error) {
	if s, err := d.db.FindSource(ctx, subject); err == nil {
		return s.ID, []string{s.ID}, true, nil
	} else if !noSuch(err) {
		return "", nil, false, err
	}
	if r, err := d.db.FindRequest(ctx, subject); err == nil {
		return r.ID, r.Sources(), true, nil
	} else if !noSuch(err) {
		return "", nil, false, err
	}
	if s, err := d.db.Sighting(ctx, subject); err == nil {
		return s.ID, []string{s.Source}, true, nil
	} else if !noSuch(err) {
		return "", nil, false, err
	}
	return subject, nil, false, nil
}

// noSuch tells that an ID is not of a kind of thing; half an ID of two is none.
func noSuch(err error) bool {
	return slices.Contains([]fault.Kind{fault.NotFound, fault.Invalid, fault.Conflict}, fault.KindOf(err))
}

// Corrections gives those whose sources may stand in a trace of whoever asks, with
// the recipients of those demands that may be seen, and counts the others.
func (d desk) Corrections(ctx context.Context) (seen []legal.Correction, hidden int, err error) {
	all, err := d.db.Corrections(ctx)
	if err != nil {
		return nil, 0, err
	}
	e, err := d.wall.Eyes(ctx)
	if err != nil || e.All() {
		return all, 0, err
	}
	requests, err := d.Requests(ctx)
	if err != nil {
		return nil, 0, err
	}
	for _, c := range all {
		mine, err := d.mayRead(ctx, e, c)
		if err != nil {
			return nil, 0, err
		}
		if !mine {
			hidden++
			continue
		}
		c.Recipients = slices.DeleteFunc(slices.Clone(c.Recipients), func(to legal.Recipient) bool {
			return !slices.ContainsFunc(requests, func(r legal.Request) bool { return r.ID == to.Request })
		})
		if c.Taken, err = d.taken(ctx, c.Taken); err != nil {
			return nil, 0, err
		}
		seen = append(seen, c)
	}
	return seen, hidden, nil
}

// taken gives what was taken out, and keeps what it was about from who may not see
// that, or did not take it out: of a lead that may be seen, what it is about is said.
func (d desk) taken(ctx context.Context, all []legal.Taken) ([]legal.Taken, error) {
	out := slices.Clone(all)
	for n, t := range out {
		if t.By == people.From(ctx).By {
			continue
		}
		kind, id, _ := strings.Cut(t.About, " ")
		seen := false
		if kind == "lead" {
			_, err := d.FindLead(ctx, id)
			if seen = err == nil; err != nil && !noSuch(err) {
				return nil, err
			}
		}
		if !seen {
			out[n].About, out[n].Entry = "", ""
		}
	}
	return out, nil
}

// mayRead tells whether a correction may be read. An operator's row is found by no
// ID alone, so a correction of one is read by those who see everything; of packs and
// address data nothing is anybody's secret, but they cannot be told from such a row.
func (d desk) mayRead(ctx context.Context, e *wall.Eyes, c legal.Correction) (bool, error) {
	_, sources, known, err := d.restsOn(ctx, c.Subject)
	if err != nil || !known {
		return false, err
	}
	gone, err := e.Hidden(ctx, sources)
	return len(gone) == 0, err
}

// Correct enters an error about something of sources that whoever asks may change.
func (d desk) Correct(ctx context.Context, subject string, class legal.ErrorClass, reason, by string) (legal.Correction, error) {
	id, sources, known, err := d.restsOn(ctx, subject)
	if err != nil {
		return legal.Correction{}, err
	}
	e, err := d.wall.Eyes(ctx)
	if err != nil {
		return legal.Correction{}, err
	}
	nothing := fault.WithHint(fault.Newf(fault.NotFound, "nothing that you may see has the ID %.64q", subject), "give the whole ID of a source, a demand or a statement, as its page shows it; for an operator's row, a pack or address data: suraag correction add")
	if !known {
		return legal.Correction{}, nothing
	}
	for _, s := range sources {
		if err := e.Change(ctx, s); fault.Is(err, fault.NotFound) {
			return legal.Correction{}, nothing
		} else if err != nil {
			return legal.Correction{}, err
		}
	}
	return d.House.Correct(ctx, id, class, reason, by)
}

// Tell records that a recipient was told, by who may see the demand.
func (d desk) Tell(ctx context.Context, correction, request, by string, on time.Time) error {
	seen, _, err := d.Corrections(ctx)
	if err != nil {
		return err
	}
	n := slices.IndexFunc(seen, func(c legal.Correction) bool { return c.ID == correction })
	if n < 0 || !slices.ContainsFunc(seen[n].Recipients, func(r legal.Recipient) bool { return r.Request == request }) {
		return fault.Newf(fault.NotFound, "no correction that you may see was sent by this demand")
	}
	r, err := d.FindRequest(ctx, request)
	if err != nil {
		return err
	}
	e, err := d.wall.Eyes(ctx)
	if err != nil {
		return err
	}
	if err := e.Demand(ctx, r.Draft.Exhibit.Source); err != nil {
		return err
	}
	_, err = d.House.Tell(ctx, correction, r.ID, by, on)
	return err
}
