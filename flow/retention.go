package flow

import (
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"suraag/casework/complaint"
	"suraag/custody"
	"suraag/custody/retain"
	"suraag/custody/vault"
	"suraag/fault"
	"suraag/hashset"
	"suraag/sighting"
)

// Due lists what has been kept for as long as its rule says, in the order in which
// it is erased. It changes nothing.
func (h *House) Due(ctx context.Context, rules []retain.Rule) ([]retain.Item, error) {
	d := &due{house: h, now: h.Now().UTC(), items: []retain.Item{}}
	for _, r := range rules {
		find := map[retain.Kind]func(context.Context, retain.Rule) error{
			retain.Session: d.sessions, retain.Draft: d.drafts, retain.Victim: d.victims, retain.Listing: d.listings, retain.Source: d.idle, retain.List: d.lists,
			retain.Vault: d.held,
		}[r.Kind]
		if find == nil {
			return nil, fault.Newf(fault.Internal, "nothing finds what is due of kind %q", r.Kind)
		}
		if r.Days == 0 {
			continue
		}
		if err := find(ctx, r); err != nil {
			return nil, err
		}
	}
	retain.Sort(d.items)
	return d.items, nil
}

// due collects what is due.
type due struct {
	house    *House
	now      time.Time
	items    []retain.Item
	unneeded []custody.Source // read documents that nothing rests on; nil: not asked yet
}

func (d *due) add(r retain.Rule, id string, since time.Time) {
	if i, yes := r.Due(id, since, d.now); yes {
		d.items = append(d.items, i)
	}
}

func (d *due) all(r retain.Rule, since map[string]time.Time, err error) error {
	for id, at := range since {
		d.add(r, id, at)
	}
	return err
}

func (d *due) sessions(ctx context.Context, r retain.Rule) error {
	since, err := d.house.Record.EndedPasses(ctx, d.now)
	return d.all(r, since, err)
}

func (d *due) drafts(ctx context.Context, r retain.Rule) error {
	since, err := d.house.Record.AllDrafts(ctx)
	return d.all(r, since, err)
}

// victims are those of complaints that have ended, from the day of the last stage
// that stands.
func (d *due) victims(ctx context.Context, r retain.Rule) error {
	kept, err := d.house.Record.AllVictims(ctx)
	if err != nil {
		return err
	}
	complaints, err := d.house.Record.Complaints(ctx)
	if err != nil {
		return err
	}
	for _, c := range complaints {
		if c.Open() || !kept[c.Form.Victim] {
			continue
		}
		last := slices.MaxFunc(c.Standing(), func(a, b complaint.Stage) int { return a.At.Compare(b.At) })
		d.add(r, c.Form.Victim, last.At)
	}
	return nil
}

// listings are documents that state nothing but that an address was listed.
func (d *due) listings(ctx context.Context, r retain.Rule) error {
	return d.sources(ctx, r, func(listed bool) bool { return listed })
}

func (d *due) idle(ctx context.Context, r retain.Rule) error {
	return d.sources(ctx, r, func(listed bool) bool { return !listed })
}

func (d *due) sources(ctx context.Context, r retain.Rule, of func(listed bool) bool) error {
	if d.unneeded == nil {
		if err := d.findUnneeded(ctx); err != nil {
			return err
		}
	}
	for _, s := range d.unneeded {
		if _, yes := r.Due(s.ID, s.SealedAt, d.now); !yes {
			continue
		}
		listed, err := d.onlyListed(ctx, s.ID)
		if err != nil {
			return err
		}
		if !of(listed) {
			continue
		}
		last := s.SealedAt
		brought, err := d.house.Record.HandIns(ctx, s.ID)
		if err != nil {
			return err
		}
		for _, in := range brought {
			if in.At.After(last) {
				last = in.At
			}
		}
		d.add(r, s.ID, last)
	}
	return nil
}

func (d *due) findUnneeded(ctx context.Context) error {
	d.unneeded = []custody.Source{}
	needed, err := d.house.Record.NeededSources(ctx, nil)
	if err != nil {
		return err
	}
	sets, err := d.house.Record.Sets(ctx)
	if err != nil {
		return err
	}
	for _, s := range sets {
		needed[s.Source] = true
	}
	all, err := d.house.Record.Sources(ctx)
	for _, s := range all {
		if s.Purpose == custody.ForIntake && s.State != custody.Sealed && !needed[s.ID] {
			d.unneeded = append(d.unneeded, s)
		}
	}
	return err
}

func (d *due) onlyListed(ctx context.Context, source string) (bool, error) {
	records, other := 0, 0
	err := d.house.Record.Docs(ctx, source, func(kind, id, doc string) error {
		var s sighting.Sighting
		if kind != "sighting" || json.Unmarshal([]byte(doc), &s) != nil || s.Grade != "G0" {
			other++
		}
		records++
		return nil
	})
	return records > 0 && other == 0, err
}

// lists are originals of which every list was retracted.
func (d *due) lists(ctx context.Context, r retain.Rule) error {
	sets, err := d.house.Record.Sets(ctx)
	if err != nil {
		return err
	}
	needed, err := d.house.Record.NeededSources(ctx, nil)
	if err != nil {
		return err
	}
	since := map[string]time.Time{}
	for _, s := range sets {
		if s.State != hashset.StateRetracted {
			needed[s.Source] = true
		} else if s.Retracted.After(since[s.Source]) {
			since[s.Source] = s.Retracted
		}
	}
	for id, at := range since {
		s, err := d.house.Record.Source(ctx, id)
		if err != nil {
			return err
		}
		if s.Purpose == custody.ForHashSet && !needed[id] {
			d.add(r, id, at)
		}
	}
	return nil
}

// held is content, from the day on which it was put into the vault.
func (d *due) held(ctx context.Context, r retain.Rule) error {
	items, err := d.house.Vault.Book.VaultItems(ctx, "")
	for _, i := range items {
		if !i.Dropped() {
			d.add(r, i.ID, i.At)
		}
	}
	return err
}

// ProposeErasure asks for another person to erase the originals that are due.
func (h *House) ProposeErasure(ctx context.Context, rules []retain.Rule, by, authority string) (retain.Proposal, error) {
	p := retain.Proposal{By: by, At: h.Now().UTC(), Authority: strings.TrimSpace(authority), Items: []retain.Item{}}
	if p.Authority == "" {
		return p, fault.WithHint(fault.Newf(fault.Invalid, "an erasure is proposed without the law or order under which it is done"), "give --authority")
	}
	items, err := h.Due(ctx, rules)
	if err != nil {
		return p, err
	}
	for _, i := range items {
		if i.Kind.Original() {
			p.Items = append(p.Items, i)
		}
	}
	if len(p.Items) == 0 {
		return p, fault.WithHint(fault.Newf(fault.NotFound, "no original, and no content of the vault, is due to be erased"), "suraag retention show tells the rules")
	}
	p.ID = retain.Plan(p.Items)
	return p, h.Record.InTx(ctx, func(tx *sql.Tx) error {
		if err := h.Record.PutProposal(ctx, tx, p); err != nil {
			return err
		}
		return h.log(ctx, tx, custody.ErasureProposed, p.ID, by, map[string]any{"authority": p.Authority, "originals": len(p.Items)})
	})
}

// erasure is what the log says of something that was erased. It says nothing of
// what stood in it.
type erasure struct {
	What       string `json:"what"`
	Why        string `json:"why"`
	Authority  string `json:"authority"`
	Proposal   string `json:"proposal,omitempty"`
	ProposedBy string `json:"proposed_by,omitempty"`
	Size       int64  `json:"size,omitempty"`    // bytes of the original
	Records    int64  `json:"records,omitempty"` // that came of it
}

// Erase removes for good what is due and needs no second person, and with a
// proposal of another person, those of its originals that are still due. Each is
// logged in the transaction that removes it; the bytes of an original go after
// that, and what a death left behind goes with the next call. It gives what went.
func (h *House) Erase(ctx context.Context, rules []retain.Rule, proposal, by string) ([]retain.Item, error) {
	items, err := h.Due(ctx, rules)
	if err != nil {
		return nil, err
	}
	var p retain.Proposal
	if proposal != "" {
		if p, err = h.proposed(ctx, proposal, by); err != nil {
			return nil, err
		}
	}
	went := []retain.Item{}
	for _, i := range items {
		if i.Kind.Original() && !slices.ContainsFunc(p.Items, func(o retain.Item) bool { return o.Kind == i.Kind && o.ID == i.ID }) {
			continue
		}
		if err := ctx.Err(); err != nil {
			return went, fault.As(fault.Unavailable, err)
		}
		err := h.erase(ctx, i, p, by)
		if fault.Is(err, fault.Conflict) {
			continue // it was used meanwhile, and is kept
		}
		if err != nil {
			return went, fault.Wrapf(err, "%s %s", i.Kind, i.ID)
		}
		went = append(went, i)
	}
	if p.ID != "" {
		if err := h.Record.InTx(ctx, func(tx *sql.Tx) error { return h.Record.EndProposal(ctx, tx, p.ID) }); err != nil {
			return went, err
		}
	}
	return went, h.sweepErased(ctx)
}

// proposed gives a proposal that a second person may carry out. Who made it is
// taken from the log, and what it holds has to be what was logged.
func (h *House) proposed(ctx context.Context, id, by string) (retain.Proposal, error) {
	p, err := h.Record.Proposal(ctx, id)
	if err != nil {
		return p, err
	}
	l, there, err := h.Record.LatestEntry(ctx, custody.ErasureProposed, id)
	if err != nil {
		return p, err
	}
	if !there || l.Check() != "" || l.By != p.By || retain.Plan(p.Items) != id {
		return p, fault.WithHint(fault.Newf(fault.Corrupt, "proposal %s is not what the log says was proposed", id), "run suraag verify, and propose it again")
	}
	return p, p.Second(by)
}

func (h *House) erase(ctx context.Context, i retain.Item, p retain.Proposal, by string) error {
	if i.Kind == retain.Vault {
		_, err := h.Vault.Drop(ctx, i.ID, vault.Drop{By: by, ProposedBy: p.By, Why: i.Why, Authority: p.Authority, Proposal: p.ID})
		return err
	}
	e := erasure{What: string(i.Kind), Why: i.Why, Authority: "rule of retention"}
	if i.Kind.Original() {
		e.Authority, e.Proposal, e.ProposedBy = p.Authority, p.ID, p.By
	}
	return h.Record.InTx(ctx, func(tx *sql.Tx) error {
		var err error
		switch i.Kind {
		case retain.Session:
			err = h.Record.ErasePass(ctx, tx, i.ID)
		case retain.Draft:
			err = h.Record.EraseDraft(ctx, tx, i.ID)
		case retain.Victim:
			err = h.Record.EraseVictim(ctx, tx, i.ID)
		default:
			err = h.eraseSource(ctx, tx, i, &e, by)
		}
		if err != nil {
			return err
		}
		return h.log(ctx, tx, custody.Erased, i.ID, by, e)
	})
}

// eraseSource removes a source with all that came of it. The words of the log's
// entries about its hand-in and its reading go too, since they name the file; the
// leaves stay, and so does who looked at it.
func (h *House) eraseSource(ctx context.Context, tx *sql.Tx, i retain.Item, e *erasure, by string) error {
	s, err := h.Record.Source(ctx, i.ID)
	if err != nil {
		return err
	}
	needed, err := h.Record.NeededSources(ctx, tx)
	if err != nil {
		return err
	}
	brought, err := h.Record.HandIns(ctx, i.ID)
	if err != nil {
		return err
	}
	again := slices.ContainsFunc(brought, func(in custody.HandIn) bool { return in.At.After(i.Since) })
	if needed[i.ID] || again {
		return fault.Newf(fault.Conflict, "something came to rest on it, or it was handed in again, meanwhile")
	}
	if e.Size = s.Size; i.Kind == retain.List {
		if err := h.Lists.Drop(i.ID); err != nil {
			return err
		}
	}
	if e.Records, err = h.Record.EraseSource(ctx, tx, i.ID); err != nil {
		return err
	}
	leaves, err := h.Record.ForgetEntries(ctx, tx, i.ID, custody.SourceSealed, custody.SourceRead, custody.SourceSuperseded, custody.Correction)
	if err != nil {
		return err
	}
	for _, leaf := range leaves {
		of := *e
		of.What, of.Size, of.Records = "log entry of the source "+i.ID, 0, 0
		if err := h.log(ctx, tx, custody.Erased, hex.EncodeToString(leaf), by, of); err != nil {
			return err
		}
	}
	return h.Queue.Weigh(ctx, tx)
}

// sweepErased removes the bytes of originals that the record has given up.
func (h *House) sweepErased(ctx context.Context) error {
	known := map[string]bool{}
	sources, err := h.Record.Sources(ctx)
	if err != nil {
		return err
	}
	for _, s := range sources {
		known[s.ID] = true
	}
	return h.Originals.List(func(name string) error {
		if known[name] {
			return nil
		}
		_, erased, err := h.Record.LatestEntry(ctx, custody.Erased, name)
		if err != nil || !erased {
			return err
		}
		err = h.Record.WhileUnknown(ctx, name, func() error { return h.Originals.Remove(name) })
		if fault.Is(err, fault.Conflict) {
			return nil // it was handed in again
		}
		return err
	})
}
