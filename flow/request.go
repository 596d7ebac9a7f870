package flow

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"suraag/casework"
	"suraag/casework/legal"
	"suraag/casework/pack"
	"suraag/custody"
	"suraag/fault"
	"suraag/intake"
	"suraag/sighting"
)

// requests is what the legal loop needs of the database.
type requests interface {
	AddPack(ctx context.Context, tx *sql.Tx, p pack.Pack, text []byte, by string, now time.Time) error
	Packs(ctx context.Context) ([]pack.Pack, error)
	AddReview(ctx context.Context, tx *sql.Tx, r pack.Review) error
	Reviews(ctx context.Context) (map[string]pack.Review, error)
	AddRequest(ctx context.Context, tx *sql.Tx, r legal.Request) error
	StepRequest(ctx context.Context, tx *sql.Tx, r legal.Request, before int) error
	Requests(ctx context.Context) ([]legal.Request, error)
	RequestsOn(ctx context.Context, record string) ([]legal.Request, error)
	FindRequest(ctx context.Context, prefix string) (legal.Request, error)
	SetQuarantine(ctx context.Context, tx *sql.Tx, request string, leases []string) error
	Quarantined(ctx context.Context, leases []string) (map[string]bool, error)
	PutCorrection(ctx context.Context, tx *sql.Tx, c legal.Correction) error
	Corrections(ctx context.Context) ([]legal.Correction, error)
	CorrectionsOf(ctx context.Context, subjects []string) ([]legal.Correction, error)
	FindLead(ctx context.Context, prefix string) (casework.Lead, error)
	Sighting(ctx context.Context, id string) (sighting.Sighting, error)
	Lease(ctx context.Context, id string) (sighting.Lease, error)
	LeasesIn(ctx context.Context, source string) ([]sighting.Lease, error)
	SightingsIn(ctx context.Context, source string, limit int) ([]sighting.Sighting, error)
}

// Draft drafts a request and keeps it, or gives every rule that forbids it. Both
// are logged.
func (h *House) Draft(ctx context.Context, d legal.Demand) (legal.Request, []legal.Refusal, error) {
	in, err := h.input(ctx, d)
	if err != nil {
		return legal.Request{}, nil, err
	}
	r, refusals, err := legal.Make(in, h.Now())
	if err != nil {
		return r, nil, err
	}
	said := map[string]any{"what": "drafted", "sha256": r.SHA256, "lead": in.Lead.ID, "record": in.Record.ID, "instrument": in.Instrument.ID, "addressee": in.Addressee.ID}
	subject := r.ID
	if len(refusals) > 0 {
		subject, said["what"], said["refused_by"] = in.Lead.ID, "refused by rule", refusals
		delete(said, "sha256")
	}
	entry, err := custody.Saying(custody.Request, subject, d.By, h.Now(), said)
	if err != nil {
		return r, nil, err
	}
	return r, refusals, h.Record.InTx(ctx, func(tx *sql.Tx) error {
		if len(refusals) == 0 {
			if err := h.Record.AddRequest(ctx, tx, r); err != nil {
				return err
			}
		}
		return h.Record.Log(ctx, tx, entry)
	})
}

// input loads all that a draft is made of.
func (h *House) input(ctx context.Context, d legal.Demand) (in legal.Input, err error) {
	in.Office, in.By = d.Office, d.By
	if in.Lead, err = h.Record.FindLead(ctx, d.Lead); err != nil {
		return in, err
	}
	o := in.Lead.Finding.Observation
	if in.Record, err = h.Record.Sighting(ctx, o.SightingID); err != nil {
		return in, err
	}
	if err := h.choose(ctx, &in, d); err != nil {
		return in, err
	}
	if in.Exhibit, err = h.Exhibit(ctx, in.Record.Source, in.Record.Place); err != nil {
		return in, err
	}
	if in.Open, err = h.Record.RequestsOn(ctx, in.Record.ID); err != nil {
		return in, err
	}
	subjects := []string{in.Record.ID, in.Record.Source}
	for _, u := range in.Lead.Finding.Facts.Data {
		subjects = append(subjects, u.SHA256)
	}
	var rows []string
	if r := in.Lead.Finding.Resolution; r != nil {
		for _, st := range r.Steps {
			if st.LeaseID != "" {
				rows = append(rows, st.LeaseID)
			}
		}
	}
	if in.Quarantine, err = h.Record.Quarantined(ctx, append(rows, in.Record.ID)); err != nil {
		return in, err
	}
	if in.Report, in.ReportedAt, err = h.reportOf(ctx, in.Record); err != nil {
		return in, err
	}
	grounds, err := h.earlier(ctx, &in, d)
	if err != nil {
		return in, err
	}
	in.Corrected, err = h.Record.CorrectionsOf(ctx, slices.Concat(subjects, rows, grounds))
	return in, err
}

// choose finds the instrument and the addressee among the packs.
func (h *House) choose(ctx context.Context, in *legal.Input, d legal.Demand) error {
	packs, err := h.Packs(ctx)
	if err != nil {
		return err
	}
	for _, p := range packs {
		if i, is := p.Instrument(d.Instrument); is {
			in.Instrument, in.Pack, in.Review = i, p.Pack, p.Review
		}
	}
	if in.Instrument.ID == "" {
		return fault.WithHint(fault.Newf(fault.NotFound, "no pack holds an instrument %q", d.Instrument), "see suraag pack show")
	}
	for _, p := range packs {
		if a, is := addresseeIn(p.Pack, *in, d.Addressee); is {
			in.Addressee, in.Directory, in.DirReview = a, p.Pack, p.Review
			if p.AddedBy != "" { // the unit's own directory speaks before the shipped one
				break
			}
		}
	}
	if in.Addressee.ID != "" {
		return nil
	}
	who := in.Lead.Finding.Addressee
	switch {
	case d.Addressee != "":
		who = d.Addressee
	case in.Instrument.About == pack.Account || in.Instrument.About == pack.Link:
		who = in.Record.Service
	}
	err = fault.Newf(fault.NotFound, "no pack holds an addressee for %q", who)
	return fault.WithHint(err, "add it to a pack of the unit (suraag pack add), with its source, its door and the zone of its logs")
}

func addresseeIn(p pack.Pack, in legal.Input, id string) (pack.Addressee, bool) {
	switch {
	case id != "":
		return p.Addressee(id)
	case in.Instrument.About == pack.Account || in.Instrument.About == pack.Link:
		return p.Platform(in.Record.Service)
	case in.Instrument.Kind == pack.Search || in.Instrument.Kind == pack.Certificate:
		for _, a := range p.Addressees {
			if a.Kind == "court" {
				return a, true
			}
		}
		return pack.Addressee{}, false
	}
	return p.Operator(in.Lead.Finding.Facts)
}

// earlier loads the requests on which a second one or a search rests.
func (h *House) earlier(ctx context.Context, in *legal.Input, d legal.Demand) (grounds []string, err error) {
	if d.Follows != "" {
		first, err := h.Record.FindRequest(ctx, d.Follows)
		if err != nil {
			return nil, err
		}
		in.Follows, grounds = &first, append(grounds, first.ID, first.Draft.Record, first.Draft.Exhibit.Source)
	}
	for _, id := range d.Resolved {
		r, err := h.Record.FindRequest(ctx, id)
		if err != nil {
			return nil, err
		}
		grounds = append(grounds, r.ID, r.Draft.Record, r.Draft.Exhibit.Source)
		if x, sole := r.Sole(); sole {
			in.Resolved, grounds = append(in.Resolved, x), append(grounds, x.Leases...)
		}
	}
	for n, words := range d.Checklist {
		if q := legal.Checklist(); n < len(q) {
			in.Checklist = append(in.Checklist, legal.Answer{Question: q[n], Words: words, By: d.By})
		}
	}
	return grounds, nil
}

// reportOf gives the report to an authority of which the record is part, and the
// day on which it was made: the provider keeps its copy for a term from then.
func (h *House) reportOf(ctx context.Context, s sighting.Sighting) (number string, at time.Time, err error) {
	for _, i := range s.Via {
		if i.Kind != sighting.Case {
			continue
		}
		all, err := h.Record.SightingsBy(ctx, i, perAccount)
		if err != nil {
			return "", at, err
		}
		for _, r := range all {
			if r.Act == sighting.Report && !r.When.IsZero() && (at.IsZero() || r.When.At.Before(at)) {
				number, at = i.Value, r.When.At
			}
		}
		if number != "" {
			return number, at, nil
		}
	}
	return "", time.Time{}, nil
}

// maxExhibit bounds the bytes that a request quotes; the whole original is named
// by its hash.
const maxExhibit = 16 << 10

// Exhibit quotes a statement from its sealed original, which is hashed again: what
// is quoted is what was sealed.
func (h *House) Exhibit(ctx context.Context, source string, at sighting.Place) (legal.Exhibit, error) {
	src, err := h.Record.Source(ctx, source)
	if err != nil {
		return legal.Exhibit{}, err
	}
	if err := custody.Check(h.Originals, src.ID); err != nil {
		return legal.Exhibit{}, err
	}
	o, err := h.Originals.Open(src.ID)
	if err != nil {
		return legal.Exhibit{}, err
	}
	defer o.Close()
	text, cut, err := intake.Quote(intake.Source{ID: src.ID, Name: src.Name, Size: o.Size(), Bytes: o}, at, maxExhibit)
	if err != nil {
		return legal.Exhibit{}, err
	}
	e := legal.Exhibit{Source: src.ID, Name: src.Name, SealedAt: src.SealedAt, Size: src.Size, Place: at}
	return e.Quote(text, cut), nil
}

// Choices gives what could be drafted from a lead by an office of a jurisdiction.
func (h *House) Choices(ctx context.Context, lead string, office legal.Office, by string) ([]legal.Choice, error) {
	packs, err := h.Packs(ctx)
	if err != nil {
		return nil, err
	}
	var out []legal.Choice
	for _, p := range packs {
		for _, i := range p.Instruments {
			if !slices.Contains(i.Issuers, office.Jurisdiction) || i.Kind == pack.Search {
				continue
			}
			in, err := h.input(ctx, legal.Demand{Lead: lead, Instrument: i.ID, Office: office, By: by})
			if fault.Is(err, fault.NotFound) && in.Instrument.ID != "" && in.Addressee.ID == "" {
				continue
			}
			if err != nil {
				return nil, err
			}
			if i.Reaches(in.Addressee) == "" {
				out = append(out, legal.Choice{Instrument: i, Addressee: in.Addressee, Refusals: legal.Refusals(in, h.Now())})
			}
		}
	}
	return out, nil
}

// step takes a step with a request: it is loaded, changed, logged and kept in one
// transaction, unless somebody else took one meanwhile.
func (h *House) step(ctx context.Context, id string, kind custody.Kind, f func(legal.Request) (legal.Request, error), also func(context.Context, *sql.Tx, legal.Request) error) (legal.Request, error) {
	before, err := h.Record.FindRequest(ctx, id)
	if err != nil {
		return before, err
	}
	after, err := f(before)
	if err != nil {
		return before, err
	}
	last := after.Events[len(after.Events)-1]
	entry, err := custody.Saying(kind, after.ID, last.By, h.Now(), map[string]any{"what": last.What, "words": last.Words, "state": after.State, "sha256": after.SHA256})
	if err != nil {
		return before, err
	}
	return after, h.Record.InTx(ctx, func(tx *sql.Tx) error {
		if err := h.Record.StepRequest(ctx, tx, after, len(before.Events)); err != nil {
			return err
		}
		if also != nil {
			if err := also(ctx, tx, after); err != nil {
				return err
			}
		}
		return h.Record.Log(ctx, tx, entry)
	})
}

// Approve is the second person's word. Shown is the hash of the exhibit that was
// compared; the exhibit is quoted anew from the sealed original.
func (h *House) Approve(ctx context.Context, id, by, shown string) (legal.Request, error) {
	return h.step(ctx, id, custody.Request, func(r legal.Request) (legal.Request, error) {
		e, err := h.Exhibit(ctx, r.Draft.Exhibit.Source, r.Draft.Exhibit.Place)
		if err != nil {
			return r, err
		}
		if e.SHA256 != r.Draft.Exhibit.SHA256 {
			return r, fault.Newf(fault.Corrupt, "the original no longer holds what request %s quotes", r.ID[:12])
		}
		corrected, err := h.Record.CorrectionsOf(ctx, []string{r.ID, r.Draft.Record, r.Draft.Exhibit.Source})
		if err != nil {
			return r, err
		}
		if len(corrected) > 0 {
			return r, fault.Newf(fault.Denied, "what request %s rests on was corrected: %s (rule R14)", r.ID[:12], corrected[0].Reason)
		}
		approved, err := r.Approve(by, shown, h.Now())
		if err != nil {
			return r, err
		}
		return approved, h.stillGrounded(ctx, r)
	}, nil)
}

// stillGrounded asks every rule again: between draft and approval a list may have
// been taken back, an exit list may have come, or a newer reader may read the record
// otherwise.
func (h *House) stillGrounded(ctx context.Context, r legal.Request) error {
	d := r.Draft
	demand := legal.Demand{Lead: d.Lead, Instrument: d.Instrument.ID, Addressee: d.Addressee.ID, Office: d.Office, By: d.By, Follows: d.Follows}
	for _, a := range d.Checklist {
		demand.Checklist = append(demand.Checklist, a.Words)
	}
	for _, x := range d.Resolved {
		demand.Resolved = append(demand.Resolved, x.Request)
	}
	gone := func(format string, args ...any) error {
		err := fault.Newf(fault.Denied, "request %s lost its ground: %s", r.ID[:12], fmt.Sprintf(format, args...))
		return fault.WithHint(err, "refuse it, and draft anew from what the record says now")
	}
	in, err := h.input(ctx, demand)
	if fault.Is(err, fault.NotFound) {
		return gone("%v", err)
	}
	if err != nil {
		return err
	}
	in.Open = slices.DeleteFunc(in.Open, func(o legal.Request) bool { return o.ID == r.ID })
	again, refusals, err := legal.Make(in, h.Now())
	switch {
	case err != nil:
		return err
	case len(refusals) > 0:
		return gone("%s (%s)", refusals[0].Sentence, refusals[0].Rule)
	case again.Draft.RecordHash != d.RecordHash || fmt.Sprint(again.Draft.Question.Rows()) != fmt.Sprint(d.Question.Rows()):
		return gone("the record, or the span to ask for, is another than when it was drafted")
	}
	return nil
}

// RefuseRequest is the second person's word that a draft may not go out.
func (h *House) RefuseRequest(ctx context.Context, id, by, reason string) (legal.Request, error) {
	return h.step(ctx, id, custody.Request, func(r legal.Request) (legal.Request, error) { return r.Refuse(by, reason, h.Now()) }, nil)
}

// MarkSent records a person's word that a request went out.
func (h *House) MarkSent(ctx context.Context, id, by, how string, on time.Time) (legal.Request, error) {
	return h.step(ctx, id, custody.Request, func(r legal.Request) (legal.Request, error) { return r.MarkSent(by, how, on, h.Now()) }, nil)
}

// Renew records a person's word that a preservation was renewed.
func (h *House) Renew(ctx context.Context, id, by, how string, on time.Time) (legal.Request, error) {
	return h.step(ctx, id, custody.Request, func(r legal.Request) (legal.Request, error) { return r.Renew(by, how, on, h.Now()) }, nil)
}

// AnswerRequest records an answer that is not compared field by field.
func (h *House) AnswerRequest(ctx context.Context, id, by, words string) (legal.Request, error) {
	return h.step(ctx, id, custody.Reply, func(r legal.Request) (legal.Request, error) { return r.Answer(by, words, h.Now()) }, nil)
}

// Withdraw ends a request.
func (h *House) Withdraw(ctx context.Context, id, by, reason string) (legal.Request, error) {
	return h.step(ctx, id, custody.Request, func(r legal.Request) (legal.Request, error) { return r.Withdraw(by, reason, h.Now()) }, nil)
}
