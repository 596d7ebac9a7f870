package flow

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"suraag/custody"
	"suraag/digest"
	"suraag/fault"
	"suraag/hashset"
	"suraag/intake"
	"suraag/sighting"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// Difference is one thing that is no longer what was sealed, read or logged.
type Difference struct {
	Source string    `json:"source,omitempty"`
	Table  string    `json:"table,omitempty"`  // of the record, where the difference is in a row of one
	Record string    `json:"record,omitempty"` // ID, where one record differs
	What   string    `json:"what"`
	Since  time.Time `json:"changed_after,omitzero"`     // when the log last stated it otherwise, or a verification found nothing
	Size   int64     `json:"after_checkpoint,omitempty"` // of the first checkpoint that commits to that
}

// Verified says what a check has looked at.
type Verified struct {
	Originals int64 `json:"originals"`
	Records   int64 `json:"records"`
	Older     int64 `json:"older"`    // records of an older reader version, which only reading again can compare
	Unlogged  int64 `json:"unlogged"` // sources that were sealed before the custody log began
	// Rows of people, cases and the like of which the log knows only what they were when
	// it began to say so.
	UnloggedRows int64        `json:"unlogged_rows"`
	Lost         int64        `json:"lost_entries,omitempty"` // whose words went with a database that was put back, as the log says
	Leads        int64        `json:"leads"`
	Entries      int64        `json:"log_entries"`
	Vault        int64        `json:"vault_items"`
	Abandoned    []string     `json:"abandoned_drafts,omitempty"` // files of hand-ins that were cut off; they differ from nothing
	Differences  []Difference `json:"differences"`

	progress  func(done, all int)
	done, all int
}

// tick lets whoever watches say how far it is, or wait.
func (v *Verified) tick() { v.progress(v.done, v.all) }

// perTick is how many small things are looked at between two ticks, so that whoever
// has to keep to a share of the machine is asked often enough.
const perTick = 500

// Tick is tick for what is looked at outside of this room: the nth of many.
func (v *Verified) Tick(n int) {
	if n%perTick == 0 && v.progress != nil {
		v.tick()
	}
}

// Verify hashes every original again and reads every source again, with the
// readers of today, and compares each stored record with what the original says.
func (h *House) Verify(ctx context.Context, progress func(done, all int)) (Verified, error) {
	v := Verified{Differences: []Difference{}, progress: progress}
	logged, err := h.checkEntries(ctx, &v)
	if err != nil {
		return v, err
	}
	if err := h.checkStated(ctx, logged.rows, &v); err != nil {
		return v, err
	}
	sources, err := h.Record.Sources(ctx)
	if err != nil {
		return v, err
	}
	known := map[string]bool{}
	for n, s := range sources {
		known[s.ID] = true
		v.done, v.all = n, len(sources)
		v.tick()
		if err := ctx.Err(); err != nil {
			return v, fault.As(fault.Unavailable, err)
		}
		v.Originals++
		if err := h.checkSource(ctx, s, logged, &v); err != nil {
			return v, err
		}
		if err := custody.Check(h.Originals, s.ID); errors.Is(err, custody.ErrStore) {
			return v, err // it says nothing of the original
		} else if err != nil {
			v.differs(s.ID, "", err.Error())
			continue
		}
		if s.Purpose != custody.ForNetwork && s.State != custody.Sealed {
			if err := h.compare(ctx, s, &v); err != nil {
				return v, err
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(logged.sealed)) {
		if !known[id] {
			v.row("source", id, "it was handed in, and is neither in the record nor erased by anyone whom the log names", logged.sealed[id])
		}
	}
	err = h.Originals.List(func(name string) error {
		switch {
		case known[name]:
		case logged.erased[name]:
			v.differs(name, "", "it was erased lawfully, as the log says, and its bytes are still here; suraag retention run removes them")
		default:
			v.differs(name, "", "an original is kept of which the record says nothing: a hand-in that was cut off, or a record that was put back; hand it in again")
		}
		return nil
	})
	if err != nil {
		return v, err
	}
	for _, c := range []struct {
		table string
		check func(context.Context, *Verified) error
	}{{"record", h.checkRows}, {"hash_set", h.checkLists}, {"data_set", h.checkDataSets}, {"lead", h.checkLeads}, {"vault_item", h.checkVault}} {
		if err := v.unreadable(c.table, c.check(ctx, &v)); err != nil {
			return v, err
		}
	}
	return v, nil
}

// unreadable tells of a row that cannot be read at all, so that one does not keep all
// others from being compared. What the machine itself refuses stays an error.
func (v *Verified) unreadable(table string, err error) error {
	if fault.Is(err, fault.Corrupt) || fault.Is(err, fault.Invalid) || fault.Is(err, fault.NotFound) {
		v.row(table, "", "it cannot be worked out again: "+err.Error(), time.Time{})
		return nil
	}
	return err
}

func (v *Verified) differs(source, record, what string) {
	v.Differences = append(v.Differences, Difference{Source: source, Record: record, What: what})
}

// row tells of a row that is not what it has to be.
func (v *Verified) row(table, record, what string, since time.Time) {
	v.Differences = append(v.Differences, Difference{Table: table, Record: record, What: what, Since: since})
}

// compare reads one source again. Stored records are held by their ID and
// ticked off as the reading gives them.
func (h *House) compare(ctx context.Context, s custody.Source, v *Verified) error {
	stored := map[string]string{}
	err := h.Record.Docs(ctx, s.ID, func(kind, id, doc string) error {
		stored[id] = doc
		v.Tick(len(stored))
		return nil
	})
	if err != nil {
		return err
	}
	original, err := h.original(ctx, s.ID)
	if err != nil {
		v.differs(s.ID, "", "what was declared at hand-in cannot be used: "+err.Error())
		return nil
	}
	defer original.close()
	c := &comparing{verified: v, source: s.ID, stored: stored}
	if c.kept, err = h.keptEntries(ctx, s.ID, v); err != nil {
		return err
	}
	if _, err := intake.Read(ctx, h.Formats, original.source, original.opts, h.Limits.Intake, c); err != nil && s.State == custody.Read {
		v.differs(s.ID, "", "the original can no longer be read as it was: "+err.Error())
	}
	if err := h.checkProblems(ctx, s, c.problems, v); err != nil {
		return err
	}
	if c.kept != nil && c.entries < c.kept.Len() {
		v.differs(s.ID, "", fmt.Sprintf("%d entries of a list are kept, the original states %d", c.kept.Len(), c.entries))
	}
	for _, id := range slices.Sorted(maps.Keys(stored)) {
		doc := stored[id]
		var o struct {
			Version int `json:"reader_version"`
			Reader  string
		}
		if json.Unmarshal([]byte(doc), &o) == nil && h.newer(o.Reader, o.Version) {
			v.Older++
			continue
		}
		v.differs(s.ID, id, "a record is stored that the original does not state")
	}
	return nil
}

// keptEntries gives the entries that are kept of a list, made again where they were
// lost or damaged.
func (h *House) keptEntries(ctx context.Context, source string, v *Verified) (hashset.Entries, error) {
	sets, err := h.Record.SetsOf(ctx, source)
	if err != nil || len(sets) == 0 {
		return nil, err
	}
	switch _, err := h.Lists.Open(source); {
	case fault.Is(err, fault.Corrupt):
		v.differs(source, "", "the kept entries of a list were damaged and have been made again from the original: "+err.Error())
	case fault.Is(err, fault.NotFound):
		v.differs(source, "", "the kept entries of a list were missing and have been made again from the original")
	}
	return h.Entries(ctx, source)
}

func (h *House) newer(reader string, version int) bool {
	for _, f := range h.Formats {
		if f.Name == reader && f.Version > version {
			return true
		}
	}
	return false
}

// comparing is the sink of a check.
type comparing struct {
	verified *Verified
	source   string
	stored   map[string]string
	kept     hashset.Entries // of the list; nil: the source is none
	entries  int64           // met so far
	problems []sighting.Problem
}

func (c *comparing) record(id string, version int, record any) error {
	c.verified.Records++
	c.verified.Tick(int(c.verified.Records))
	doc, there := c.stored[id]
	delete(c.stored, id)
	if !there {
		c.verified.differs(c.source, id, "the original states a record that is not stored")
		return nil
	}
	var old struct {
		Version int `json:"reader_version"`
	}
	if json.Unmarshal([]byte(doc), &old) == nil && old.Version < version {
		c.verified.Older++
		return nil
	}
	now, err := json.Marshal(record)
	if err != nil {
		return fault.As(fault.Internal, err)
	}
	if string(now) != doc {
		c.verified.differs(c.source, id, "the stored record is not what the original states")
	}
	return nil
}

func (c *comparing) Sighting(s sighting.Sighting) error { return c.record(s.ID, s.Version, s) }
func (c *comparing) Lease(l sighting.Lease) error       { return c.record(l.ID, l.Version, l) }

// Listing compares an entry of a list that was kept whole.
func (c *comparing) Listing(l sighting.Listing) error {
	short := l.Short(c.entries)
	return c.entry(&short, &l)
}

// Entry compares an entry of a list that was kept in short.
func (c *comparing) Entry(e *sighting.Entry) error { return c.entry(e, nil) }

func (c *comparing) entry(e *sighting.Entry, whole *sighting.Listing) error {
	if c.kept == nil {
		return nil
	}
	n := c.entries
	c.entries++
	c.verified.Records++
	c.verified.Tick(int(c.verified.Records))
	what, err := c.differing(n, e, whole)
	if fault.Is(err, fault.Corrupt) {
		what, err = err.Error(), nil
	}
	if what != "" {
		c.verified.differs(c.source, fmt.Sprintf("entry %d", n), what)
	}
	return err
}

// differing says in what a kept entry is not what the original states.
func (c *comparing) differing(n int64, e *sighting.Entry, whole *sighting.Listing) (string, error) {
	if n >= c.kept.Len() {
		return "the original states an entry that is not kept", nil
	}
	short, kept, err := c.kept.At(n)
	if err != nil {
		return "", err
	}
	if short.Start != e.Start || short.End != e.End || short.Number != e.Number || (kept == nil) != (whole == nil) {
		return "the kept entry is not where the original states one", nil
	}
	if whole != nil {
		a, err1 := json.Marshal(kept)
		b, err2 := json.Marshal(whole)
		if err := errors.Join(err1, err2); err != nil {
			return "", fault.As(fault.Internal, err)
		}
		if string(a) != string(b) {
			return "the kept entry is not what the original states", nil
		}
	}
	for _, value := range e.Values {
		d, err := digest.Of(value.Kind, value.Raw)
		if value.Kind.Size() == 0 {
			d, _, err = digest.Read(string(value.Kind), string(value.Raw))
		}
		if err != nil {
			return "", err
		}
		const most = 1000 // of entries with one value; more are compared by their number alone
		found, all, err := c.kept.Find(d, most)
		if err != nil {
			return "", err
		}
		if all <= most && !slices.Contains(found, n) {
			return fmt.Sprintf("the entry is not found by its %s", d.Kind()), nil
		}
	}
	return "", nil
}

func (c *comparing) Bad(at sighting.Place, reason string) error { return c.problem("bad", at, reason) }
func (c *comparing) Note(at sighting.Place, text string) error  { return c.problem("note", at, text) }

func (c *comparing) problem(kind string, at sighting.Place, reason string) error {
	c.problems = append(c.problems, sighting.Problem{Seq: int64(len(c.problems)), Kind: kind, Place: at, Reason: reason})
	return nil
}
