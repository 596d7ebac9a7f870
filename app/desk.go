package app

import (
	"context"
	"io"
	"path/filepath"
	"time"

	"suraag/casework"
	"suraag/custody"
	"suraag/fault"
	"suraag/flow"
	"suraag/hashset"
	"suraag/media"
	"suraag/sighting"
	"suraag/web"
)

// desk is what the pages work with: the record, asked and added to.
type desk struct {
	*house
	by string
}

func (d desk) TraceImage(ctx context.Context, name string, r io.ReaderAt, size int64, zone *time.Location) (casework.Trace, error) {
	p, err := media.Fingerprint(ctx, r, size, media.DefaultLimits())
	if err != nil {
		return casework.Trace{}, err
	}
	t, err := d.House.TraceImage(ctx, filepath.Base(name), p, zone)
	if err != nil {
		return casework.Trace{}, err
	}
	return t, d.sawTrace(ctx, d.by, t)
}

// Trace answers, and logs that it did.
func (d desk) Trace(ctx context.Context, target string, zone *time.Location) (casework.Trace, error) {
	t, err := d.House.Trace(ctx, target, zone)
	if err != nil {
		return casework.Trace{}, err
	}
	return t, d.sawTrace(ctx, d.by, t)
}

func (d desk) Leads(ctx context.Context, limit int) ([]casework.Lead, error) {
	return d.db.Leads(ctx, limit)
}
func (d desk) CountLeads(ctx context.Context) (int64, error) { return d.db.CountLeads(ctx) }
func (d desk) FindLead(ctx context.Context, id string) (casework.Lead, error) {
	l, err := d.db.FindLead(ctx, id)
	if err != nil {
		return casework.Lead{}, err
	}
	return l, d.saw(ctx, "lead "+l.ID, d.by, l)
}
func (d desk) FindSource(ctx context.Context, id string) (custody.Source, error) {
	return d.db.FindSource(ctx, id)
}
func (d desk) Sources(ctx context.Context) ([]custody.Source, error) { return d.db.Sources(ctx) }

// HandIns is asked when a source is shown, and logs that it was.
func (d desk) HandIns(ctx context.Context, id string) ([]custody.HandIn, error) {
	all, err := d.db.HandIns(ctx, id)
	if err != nil {
		return nil, err
	}
	return all, d.saw(ctx, "source "+id, d.by, all)
}

func (d desk) Problems(ctx context.Context, source string, from int64, limit int) ([]sighting.Problem, error) {
	return d.db.Problems(ctx, source, from, limit)
}

func (d desk) Quote(ctx context.Context, source string, at sighting.Place, around int64) (web.Quote, error) {
	src, err := d.db.Source(ctx, source)
	if err != nil {
		return web.Quote{}, err
	}
	before, text, after, cut, err := d.quote(ctx, src, at, around)
	return web.Quote{Before: before, Text: text, After: after, Cut: cut}, err
}

// Receive takes what was dropped on the page. It is read by the workers of this
// or another process.
func (d desk) Receive(ctx context.Context, in web.HandIn, body io.Reader) (custody.Source, bool, error) {
	h := flow.HandIn{
		Name: filepath.Base(in.Name), BroughtBy: in.BroughtBy, Authority: in.Authority,
		Options: flow.Declared{Zone: in.Zone, Order: in.DateOrder, Service: in.Service, Format: in.Format},
	}
	if h.BroughtBy == "" {
		h.BroughtBy = d.by
	}
	if in.ListName != "" || in.ListFrom != "" {
		if err := hashset.Named(in.ListName, in.ListFrom); err != nil {
			return custody.Source{}, false, err
		}
		h.List = hashset.Set{Name: in.ListName, From: in.ListFrom}
	}
	return d.House.Receive(ctx, h, body)
}

func (d desk) Totals(ctx context.Context) (web.Totals, error) {
	t, err := d.db.Count(ctx)
	if err != nil {
		return web.Totals{}, err
	}
	waiting, err := d.db.Waiting(ctx, nil)
	if err != nil {
		return web.Totals{}, err
	}
	dirty, err := d.db.Dirty(ctx)
	return web.Totals{
		Sources: t.Sources, Sightings: t.Sightings, Leases: t.Leases, Listings: t.Listings, Leads: t.Leads, Waiting: waiting, Weighing: dirty,
	}, fault.Wrapf(err, "totals")
}
