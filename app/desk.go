package app

import (
	"context"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"suraag/casework"
	"suraag/casework/legal"
	"suraag/custody"
	"suraag/fault"
	"suraag/flow"
	"suraag/media"
	"suraag/people"
	"suraag/people/wall"
	"suraag/sighting"
	"suraag/web"
)

// desk is what the pages work with: the record, asked and added to. It answers as
// whoever asks may see it; whoever shows something of a source asks it, or the
// wall itself.
type desk struct {
	*house
	wall *wall.Wall
	by   string
}

// view gives the eyes of whoever asks, and the house as they may see it.
func (d desk) view(ctx context.Context) (*wall.Eyes, *flow.House, error) {
	e, err := d.wall.Eyes(ctx)
	if err != nil {
		return nil, nil, err
	}
	if e.All() {
		return e, d.House, nil
	}
	return e, d.House.For(e), nil
}

// Trace answers, and logs that it did.
func (d desk) Trace(ctx context.Context, target string, zone *time.Location) (casework.Trace, error) {
	_, h, err := d.view(ctx)
	if err != nil {
		return casework.Trace{}, err
	}
	t, err := h.Trace(ctx, target, zone)
	if err != nil {
		return casework.Trace{}, err
	}
	return t, d.sawTrace(ctx, people.From(ctx).By, t)
}

func (d desk) TraceImage(ctx context.Context, name string, r io.ReaderAt, size int64, zone *time.Location) (casework.Trace, error) {
	_, h, err := d.view(ctx)
	if err != nil {
		return casework.Trace{}, err
	}
	p, err := media.Fingerprint(ctx, r, size, media.DefaultLimits())
	if err != nil {
		return casework.Trace{}, err
	}
	t, err := h.TraceImage(ctx, filepath.Base(name), p, zone)
	if err != nil {
		return casework.Trace{}, err
	}
	return t, d.sawTrace(ctx, people.From(ctx).By, t)
}

// Leads gives the head of the queue. What may not be seen does not push out what
// may, so more are asked for until there are enough.
func (d desk) Leads(ctx context.Context, limit int) ([]casework.Lead, error) {
	_, h, err := d.view(ctx)
	if err != nil {
		return nil, err
	}
	for most := limit; ; most *= 4 {
		all, err := d.db.Leads(ctx, most)
		if err != nil {
			return nil, err
		}
		seen, err := h.Seen(ctx, all)
		if err != nil || limit <= 0 || len(all) < most || len(seen) >= limit {
			if limit > 0 {
				seen = seen[:min(limit, len(seen))]
			}
			return seen, err
		}
	}
}

func (d desk) CountLeads(ctx context.Context) (int64, error) {
	e, err := d.wall.Eyes(ctx)
	if err != nil {
		return 0, err
	}
	if e.All() {
		return d.db.CountLeads(ctx)
	}
	seen, err := d.Leads(ctx, 0)
	return int64(len(seen)), err
}

// FindLead gives a lead as it may be seen, if its source may be looked into.
func (d desk) FindLead(ctx context.Context, id string) (casework.Lead, error) {
	e, h, err := d.view(ctx)
	if err != nil {
		return casework.Lead{}, err
	}
	l, err := d.db.FindLead(ctx, id)
	if err != nil {
		return l, unnamed(e, err)
	}
	if err := e.Source(ctx, l.Source); err != nil {
		return casework.Lead{}, err
	}
	seen, err := h.Seen(ctx, []casework.Lead{l})
	if err == nil && len(seen) == 0 {
		err = fault.WithHint(fault.Newf(fault.NotFound, "lead %s is not in the queue", id), "see the list of leads")
	}
	if err != nil {
		return casework.Lead{}, err
	}
	return seen[0], d.saw(ctx, "lead "+l.ID, people.From(ctx).By, seen[0])
}

// Requests gives the demands whose sources may stand in a trace of whoever asks.
func (d desk) Requests(ctx context.Context) ([]legal.Request, error) {
	all, err := d.db.Requests(ctx)
	if err != nil {
		return nil, err
	}
	return d.shownRequests(ctx, all)
}

// RequestsOf gives those of a lead.
func (d desk) RequestsOf(ctx context.Context, lead string) ([]legal.Request, error) {
	all, err := d.db.RequestsOf(ctx, lead)
	if err != nil {
		return nil, err
	}
	return d.shownRequests(ctx, all)
}

func (d desk) shownRequests(ctx context.Context, all []legal.Request) ([]legal.Request, error) {
	e, err := d.wall.Eyes(ctx)
	if err != nil || e.All() {
		return all, err
	}
	var sources []string
	for _, r := range all {
		sources = append(sources, r.Sources()...)
	}
	hidden, err := e.Hidden(ctx, sources)
	return slices.DeleteFunc(all, func(r legal.Request) bool {
		return slices.ContainsFunc(r.Sources(), func(s string) bool { return hidden[s] })
	}), err
}

// FindRequest gives a demand if every source of it may be looked into, and logs
// that it was.
func (d desk) FindRequest(ctx context.Context, id string) (legal.Request, error) {
	e, err := d.wall.Eyes(ctx)
	if err != nil {
		return legal.Request{}, err
	}
	r, err := d.db.FindRequest(ctx, id)
	if err != nil {
		return r, unnamed(e, err)
	}
	for _, s := range r.Sources() {
		if err := e.Source(ctx, s); err != nil {
			return legal.Request{}, err
		}
	}
	return r, d.saw(ctx, "request "+r.ID, people.From(ctx).By, r.SHA256)
}

// Clocks gives those of the demands that may be seen.
func (d desk) Clocks(ctx context.Context) ([]legal.Clock, error) {
	all, err := d.House.Clocks(ctx)
	if err != nil {
		return nil, err
	}
	e, err := d.wall.Eyes(ctx)
	if err != nil || e.All() {
		return all, err
	}
	seen, err := d.Requests(ctx)
	return slices.DeleteFunc(all, func(c legal.Clock) bool {
		return !slices.ContainsFunc(seen, func(r legal.Request) bool { return r.ID == c.Request })
	}), err
}

// TakeClocks gives them to be taken out, and logs that they were.
func (d desk) TakeClocks(ctx context.Context) ([]legal.Clock, error) {
	clocks, err := d.Clocks(ctx)
	if err != nil {
		return nil, err
	}
	return clocks, d.saw(ctx, theClocks, people.From(ctx).By, clocks)
}

// Choices gives what could be drafted from a lead that may be demanded on.
func (d desk) Choices(ctx context.Context, lead string, office legal.Office, by string) ([]legal.Choice, error) {
	l, h, err := d.demanded(ctx, lead)
	if err != nil {
		return nil, err
	}
	return h.Choices(ctx, l.ID, office, by)
}

// Draft drafts from a lead that may be demanded on.
func (d desk) Draft(ctx context.Context, x legal.Demand) (legal.Request, []legal.Refusal, error) {
	l, h, err := d.demanded(ctx, x.Lead)
	if err != nil {
		return legal.Request{}, nil, err
	}
	x.Lead = l.ID
	return h.Draft(ctx, x)
}

// demanded gives a lead that may be demanded on, and the house as whoever asks may
// see it. A draft takes the whole of a lead, with the rows of operators that it was
// resolved by; so who may not see all of that drafts nothing.
func (d desk) demanded(ctx context.Context, id string) (casework.Lead, *flow.House, error) {
	seen, err := d.FindLead(ctx, id)
	if err != nil {
		return seen, nil, err
	}
	e, h, err := d.view(ctx)
	if err != nil {
		return seen, nil, err
	}
	whole, err := d.db.FindLead(ctx, seen.ID)
	if err != nil {
		return seen, nil, err
	}
	if err := e.Demand(ctx, whole.Source); err != nil {
		return seen, nil, err
	}
	return whole, h, e.Whole(ctx, "lead "+whole.ID[:12], whole.Sources())
}

// unnamed keeps an error from naming what may not be known of.
func unnamed(e *wall.Eyes, err error) error {
	if fault.Is(err, fault.Conflict) && !e.All() {
		return fault.WithHint(fault.Newf(fault.Conflict, "these first digits are not of one alone"), "give more digits")
	}
	return err
}

// Act takes the step that was chosen on a page.
func (d desk) Act(ctx context.Context, id string, a legal.Act) error {
	r, err := d.FindRequest(ctx, id)
	if err != nil {
		return err
	}
	e, err := d.wall.Eyes(ctx)
	if err == nil {
		err = e.Demand(ctx, r.Draft.Exhibit.Source)
	}
	if err != nil {
		return err
	}
	for n, s := range a.Sources {
		src, err := d.FindSource(ctx, s)
		if err != nil {
			return err
		}
		if _, err := d.mayLook(ctx, src.ID); err != nil {
			return err
		}
		a.Sources[n] = src.ID
	}
	switch a.What {
	case "approve":
		_, err = d.Approve(ctx, id, a.By, a.Exhibit)
	case "refuse":
		_, err = d.RefuseRequest(ctx, id, a.By, a.Words)
	case "sent":
		_, err = d.MarkSent(ctx, id, a.By, a.Words, a.On)
	case "renewed":
		_, err = d.Renew(ctx, id, a.By, a.Words, a.On)
	case "answered":
		_, err = d.AnswerRequest(ctx, id, a.By, a.Words)
	case "reply":
		_, err = d.Reply(ctx, id, a.Sources, a.By)
	case "release":
		_, err = d.Release(ctx, id, a.By, a.Words)
	case "withdraw":
		_, err = d.Withdraw(ctx, id, a.By, a.Words)
	default:
		err = fault.Newf(fault.Invalid, "step %q is not known", a.What)
	}
	return err
}

// Paper sets the letter of a request, or its note. That it was taken out is logged
// before it leaves.
func (d desk) Paper(ctx context.Context, id, name string) ([]byte, error) {
	r, err := d.FindRequest(ctx, id)
	if err != nil {
		return nil, err
	}
	l := r.Letter()
	if strings.HasPrefix(name, "note") {
		l = r.Note()
	}
	body, err := paper(name, l, r.Draft.At)
	if err != nil {
		return nil, err
	}
	return body, d.letterTaken(ctx, "request "+r.ID, name, body, people.From(ctx).By)
}

// FindSource gives a source whose statements may stand in a trace. Its documents
// are looked into by HandIns, Problems and Quote.
func (d desk) FindSource(ctx context.Context, id string) (custody.Source, error) {
	e, err := d.wall.Eyes(ctx)
	if err != nil {
		return custody.Source{}, err
	}
	s, err := d.db.FindSource(ctx, id)
	if err != nil {
		return s, unnamed(e, err)
	}
	hidden, err := e.Hidden(ctx, []string{s.ID})
	if err == nil && hidden[s.ID] {
		err = e.Source(ctx, s.ID) // says why, and whom to ask
	}
	if err != nil {
		return custody.Source{}, err
	}
	return d.receipt(ctx, e, s)
}

// receipt shows of a source what is told of it here.
func (d desk) receipt(ctx context.Context, e *wall.Eyes, s custody.Source) (custody.Source, error) {
	if e.All() {
		return s, nil
	}
	all, err := d.db.HandIns(ctx, s.ID)
	if err != nil {
		return s, err
	}
	return e.Receipt(ctx, s, all)
}

func (d desk) Sources(ctx context.Context) ([]custody.Source, error) {
	e, err := d.wall.Eyes(ctx)
	if err != nil {
		return nil, err
	}
	all, err := d.db.Sources(ctx)
	if err != nil || e.All() {
		return all, err
	}
	ids := make([]string, len(all))
	for n, s := range all {
		ids[n] = s.ID
	}
	hidden, err := e.Hidden(ctx, ids)
	if err != nil {
		return nil, err
	}
	out := all[:0]
	for _, s := range all {
		if hidden[s.ID] {
			continue
		}
		if s, err = d.receipt(ctx, e, s); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

// mayLook refuses what belongs to a case that may not be looked into.
func (d desk) mayLook(ctx context.Context, source string) (*wall.Eyes, error) {
	e, err := d.wall.Eyes(ctx)
	if err != nil {
		return nil, err
	}
	return e, e.Source(ctx, source)
}

// HandIns is asked when a source is shown, and logs that it was.
func (d desk) HandIns(ctx context.Context, id string) ([]custody.HandIn, error) {
	e, err := d.mayLook(ctx, id)
	if err != nil {
		return nil, err
	}
	all, err := d.db.HandIns(ctx, id)
	if err != nil {
		return nil, err
	}
	if all, err = e.HandIns(ctx, id, all); err != nil {
		return nil, err
	}
	return all, d.saw(ctx, "source "+id, people.From(ctx).By, all)
}

func (d desk) Problems(ctx context.Context, source string, from int64, limit int) ([]sighting.Problem, error) {
	if _, err := d.mayLook(ctx, source); err != nil {
		return nil, err
	}
	return d.db.Problems(ctx, source, from, limit)
}

func (d desk) Quote(ctx context.Context, source string, at sighting.Place, around int64) (web.Quote, error) {
	if _, err := d.mayLook(ctx, source); err != nil {
		return web.Quote{}, err
	}
	src, err := d.db.Source(ctx, source)
	if err != nil {
		return web.Quote{}, err
	}
	before, text, after, cut, err := d.quote(ctx, src, at, around)
	return web.Quote{Before: before, Text: text, After: after, Cut: cut}, err
}

func (d desk) Entries(ctx context.Context, q custody.Query) ([]custody.Logged, error) {
	if err := d.wall.Policy.OnUnit(people.From(ctx), people.ReadLog); err != nil {
		return nil, err
	}
	return d.db.Entries(ctx, q)
}

func (d desk) Answers(ctx context.Context) error {
	_, err := d.db.CountLeads(ctx)
	return err
}

// Receive takes what was dropped on the page. It is read by the workers of this
// or another process.
func (d desk) Receive(ctx context.Context, in web.HandIn, body io.Reader) (custody.Source, bool, error) {
	h, err := handInOf(in)
	if err != nil {
		return custody.Source{}, false, err
	}
	if h.BroughtBy == "" {
		h.BroughtBy = d.by
	}
	src, added, err := d.House.Receive(ctx, h, body)
	if err != nil || added {
		return src, added, err
	}
	e, err := d.wall.Eyes(ctx)
	if err != nil {
		return src, added, err
	}
	hidden, err := e.Hidden(ctx, []string{src.ID})
	if err == nil && hidden[src.ID] {
		err = fault.Newf(fault.Denied, "these very bytes belong to a case that you are not on; that you brought them is written down")
		err = fault.WithHint(err, "hand them in to a case of yours, and they are that case's too; ask "+strings.Join(e.Whom([]string{src.ID}), " or ")+" about the other")
	}
	return src, added, err
}

func (d desk) Totals(ctx context.Context) (web.Totals, error) {
	t, err := d.db.Count(ctx)
	if err != nil {
		return web.Totals{}, err
	}
	if t.Leads, err = d.CountLeads(ctx); err != nil {
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

// Lists gives the lists of known digests and what people have to decide of them.
func (d desk) Lists(ctx context.Context) (out web.Lists, err error) {
	if out.Sets, err = d.db.Sets(ctx); err != nil {
		return out, err
	}
	if out.Held, err = d.db.HeldEntries(ctx); err != nil {
		return out, err
	}
	if out.Negatives, err = d.db.Negatives(ctx); err != nil {
		return out, err
	}
	runs, err := d.db.Runs(ctx)
	for _, r := range runs {
		if r.Ended.IsZero() {
			out.Runs = append(out.Runs, r)
		}
	}
	return out, err
}

// Part holds two identifiers apart that whoever asks sees.
func (d desk) Part(ctx context.Context, a, b sighting.Identifier, why string) error {
	eyes, err := d.wall.Eyes(ctx)
	if err != nil {
		return err
	}
	_, err = d.For(eyes).PartIdentifiers(ctx, a, b, people.From(ctx).By, why)
	return err
}

// JoinAgain takes a word on two identifiers back, for whoever sees both.
func (d desk) JoinAgain(ctx context.Context, word, why string) error {
	eyes, err := d.wall.Eyes(ctx)
	if err != nil {
		return err
	}
	_, err = d.For(eyes).TakeBackParting(ctx, word, people.From(ctx).By, why)
	return err
}

// Decide takes what somebody says of a digest of lists.
func (d desk) Decide(ctx context.Context, said web.Decision) (err error) {
	switch said.What {
	case web.ConfirmEntry, web.DismissEntry:
		_, err = d.House.Decide(ctx, said.Digest, said.What == web.ConfirmEntry, said.By, said.Reason)
	case web.AddNegative:
		_, err = d.House.AddNegative(ctx, said.Digest, said.By, said.Reason)
	case web.EndNegative:
		_, err = d.House.EndNegative(ctx, said.Digest, said.By, said.Reason)
	default:
		err = fault.Newf(fault.Invalid, "%q is nothing that can be decided of a digest", said.What)
	}
	return err
}
