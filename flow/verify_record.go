package flow

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"suraag/casework"
	"suraag/custody"
	"suraag/fault"
	"suraag/hashset"
	"suraag/network"
	"suraag/sighting"
)

// told is what the log as a whole says, for the checks that follow.
type told struct {
	begun  time.Time
	sealed map[string]time.Time // sources that were handed in and not erased since
	erased map[string]bool      // leaves, sources and others that were erased lawfully
	rows   *statements
}

// LostEntries is what the log says of entries whose words were lost with a database that
// had to be put back.
type LostEntries struct {
	From int64 `json:"lost_from,omitempty"`
	To   int64 `json:"lost_to,omitempty"` // the place after the last
	Lost int64 `json:"lost,omitempty"`    // how many of them
}

// checkEntries looks at every entry of the custody log as the record has it. That
// the log itself holds their leaves is for custody/tlog to compare.
func (h *House) checkEntries(ctx context.Context, v *Verified) (told, error) {
	out := told{sealed: map[string]time.Time{}, erased: map[string]bool{}, rows: newStatements()}
	emptied := map[string]custody.Logged{}
	var mended []LostEntries
	err := h.Record.EachEntry(ctx, func(l custody.Logged) error {
		v.Entries++
		v.Tick(int(v.Entries))
		if out.begun.IsZero() || l.At.Before(out.begun) {
			out.begun = l.At
		}
		if what := l.Check(); what != "" {
			v.row("log_entry", l.ID, what, l.At)
		}
		out.rows.take(l)
		switch {
		case l.IsErased():
			emptied[hex.EncodeToString(l.Leaf)] = l
		case l.Kind == custody.Erased:
			out.erased[l.Subject] = true
			delete(out.sealed, l.Subject)
		case l.Kind == custody.LogMended:
			var of LostEntries
			if e, err := custody.Parse(l.Canonical); err == nil && json.Unmarshal(e.Record, &of) == nil {
				mended = append(mended, of)
			}
		case l.Kind == custody.SourceSealed:
			out.sealed[l.Subject] = l.At
		}
		return ctx.Err()
	})
	for _, leaf := range slices.Sorted(maps.Keys(emptied)) {
		l := emptied[leaf]
		lost := l.Kind == custody.Lost && slices.ContainsFunc(mended, func(m LostEntries) bool { return m.From <= l.Place && l.Place < m.To })
		if lost {
			v.Lost++
		} else if !out.erased[leaf] {
			v.row("log_entry", leaf, "its words were removed, and nothing in the log says by whom and why", time.Time{})
		}
	}
	return out, err
}

// said gives the last entry of some kinds in a list of entries, with its record.
func said[T any](entries []custody.Logged, kinds ...custody.Kind) (record T, at time.Time, there bool) {
	for _, l := range slices.Backward(entries) {
		if !slices.Contains(kinds, l.Kind) || l.IsErased() {
			continue
		}
		e, err := custody.Parse(l.Canonical)
		if err != nil || json.Unmarshal(e.Record, &record) != nil {
			continue // told where the entries themselves are looked at
		}
		return record, l.At, true
	}
	return record, at, false
}

// checkSource compares what is stored of a source with what the log says of it. Whether
// a source is older than the log is not for its own row alone to say.
func (h *House) checkSource(ctx context.Context, s custody.Source, log told, v *Verified) error {
	entries, err := h.Record.EntriesAbout(ctx, s.ID)
	if err != nil {
		return err
	}
	reversed := slices.Clone(entries)
	slices.Reverse(reversed)
	first, firstAt, there := said[handedIn](reversed, custody.SourceSealed)
	if !there {
		if !log.rows.whole() && (log.begun.IsZero() || s.SealedAt.Before(log.begun)) {
			v.Unlogged++
			return nil
		}
		v.row("source", s.ID, "nothing in the custody log says that it was handed in", time.Time{})
		return nil
	}
	since := lastOf(entries)
	options := first.Options
	var unlogged time.Time
	if first.Again && log.rows.whole() {
		v.row("source", s.ID, "nothing in the custody log says what was first handed in of it", time.Time{})
		return nil
	}
	if first.Again { // what came first was handed in before the log began
		unlogged = firstAt
		v.Unlogged++
		first.Receipt, first.Purpose, options = s.Receipt, s.Purpose, s.Options
	}
	if again, _, there := said[declaredAgain](entries, custody.Correction); there {
		options = again.Options
	}
	if first.Receipt != s.Receipt || first.Purpose != s.Purpose || !sameJSON(options, s.Options) {
		v.row("source", s.ID, "its receipt, its purpose or what was declared is not what was logged when it was handed in", since)
	}
	if err := h.checkHandIns(ctx, s.ID, entries, unlogged, v); err != nil {
		return err
	}
	sum := sha256.Sum256(s.Result)
	now := wasRead{s.State, s.Problem, hex.EncodeToString(sum[:]), s.ReadAt}
	read, _, there := said[wasRead](entries, custody.SourceRead)
	switch {
	case there && now != read && !(s.State == custody.Sealed && declaredSince(entries)), !there && s.State != custody.Sealed:
		v.row("source", s.ID, "what came of reading it is not what was logged", since)
	}
	n, text, err := h.Record.SupersededSum(ctx, nil, s.ID)
	if err != nil {
		return err
	}
	if old, _, _ := said[replaced](entries, custody.SourceSuperseded); old.Records != n || n > 0 && old.SHA256 != text {
		v.row("superseded", s.ID, "the records that a newer reader replaced are not those that were logged", since)
	}
	return nil
}

func lastOf(entries []custody.Logged) (at time.Time) {
	for _, l := range entries {
		if l.Kind != custody.View {
			at = l.At
		}
	}
	return at
}

// declaredSince tells whether a source was declared anew after it was last read.
func declaredSince(entries []custody.Logged) bool {
	for _, l := range slices.Backward(entries) {
		switch l.Kind {
		case custody.SourceRead:
			return false
		case custody.Correction:
			return true
		}
	}
	return false
}

func sameJSON(a, b json.RawMessage) bool {
	var x, y bytes.Buffer
	if json.Compact(&x, a) != nil || json.Compact(&y, b) != nil {
		return false
	}
	var left, right any
	if json.Unmarshal(x.Bytes(), &left) != nil || json.Unmarshal(y.Bytes(), &right) != nil {
		return false
	}
	one, err1 := json.Marshal(left)
	two, err2 := json.Marshal(right)
	return errors.Join(err1, err2) == nil && bytes.Equal(one, two)
}

// checkHandIns compares every occasion on which a source was brought with what was
// logged of it. What was brought before the log began cannot be compared.
func (h *House) checkHandIns(ctx context.Context, source string, entries []custody.Logged, unlogged time.Time, v *Verified) error {
	stored, err := h.Record.HandIns(ctx, source)
	if err != nil {
		return err
	}
	type key struct{ authority, by, name string }
	logged := map[key][]time.Time{}
	for n := range entries {
		if in, _, there := said[handedIn](entries[n:n+1], custody.SourceSealed); there {
			k := key{in.Authority, in.BroughtBy, in.Name}
			logged[k] = append(logged[k], in.SealedAt)
		}
	}
	for _, in := range stored {
		k := key{in.Authority, in.BroughtBy, in.Name}
		if times := logged[k]; !in.At.Before(unlogged) && (len(times) == 0 || !times[0].Equal(in.At)) {
			v.row("handin", source, fmt.Sprintf("a hand-in by %q under %q is not what was logged", in.BroughtBy, in.Authority), lastOf(entries))
		}
		delete(logged, k)
	}
	for k := range logged {
		v.row("handin", source, fmt.Sprintf("a hand-in by %q under %q was logged and is not stored", k.by, k.authority), lastOf(entries))
	}
	return nil
}

// checkProblems compares the stored bad rows and notes with those that reading
// finds.
func (h *House) checkProblems(ctx context.Context, s custody.Source, found []sighting.Problem, v *Verified) error {
	stored, err := h.Record.Problems(ctx, s.ID, 0, 0)
	if err != nil {
		v.row("problem", s.ID, "the listed bad rows cannot be read: "+err.Error(), s.ReadAt)
		return nil
	}
	if h.outdated(s) {
		return nil // a newer reader may find others
	}
	if !slices.EqualFunc(stored, found, func(a, b sighting.Problem) bool {
		return a.Seq == b.Seq && a.Kind == b.Kind && a.Place.String() == b.Place.String() && a.Place.Locator == storable(b.Place.Locator) && a.Reason == storable(b.Reason)
	}) {
		v.row("problem", s.ID, fmt.Sprintf("the %d listed bad rows and notes are not the %d that reading finds", len(stored), len(found)), s.ReadAt)
	}
	return nil
}

// storable is text as every database holds it.
func storable(text string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(text, "\ufffd"), "\x00", "\ufffd")
}

func (h *House) checkRows(ctx context.Context, v *Verified) error {
	return h.Record.CheckRows(ctx, func(table, row, what string) error {
		v.row(table, row, what, time.Time{})
		v.tick()
		return ctx.Err()
	})
}

// checkLists compares what is stored of each list with what was last logged of it.
func (h *House) checkLists(ctx context.Context, v *Verified) error {
	sets, err := h.Record.Sets(ctx)
	if err != nil {
		return err
	}
	for _, s := range sets {
		entries, err := h.Record.EntriesAbout(ctx, s.ID)
		if err != nil {
			return err
		}
		was, at, there := said[hashset.Set](entries, custody.ListImported, custody.ListReplaced, custody.ListRetracted)
		was.Version = s.Version // counted from the other imports of the name, not stored
		if there && !same(was, s) {
			v.row("hash_set", s.ID, "the list is not what was logged of it", at)
		}
		if !there && v.Unlogged == 0 {
			v.row("hash_set", s.ID, "nothing in the custody log says that the list was imported", at)
		}
	}
	return nil
}

func same[T any](a, b T) bool {
	x, err1 := json.Marshal(a)
	y, err2 := json.Marshal(b)
	return errors.Join(err1, err2) == nil && bytes.Equal(x, y)
}

// checkDataSets reads the address data again and compares every row.
func (h *House) checkDataSets(ctx context.Context, v *Verified) error {
	live, cut, err := h.Record.AllDataSets(ctx)
	if err != nil {
		v.row("data_set", "", err.Error(), time.Time{})
		return nil
	}
	for n, s := range append(live, cut...) {
		entries, err := h.Record.EntriesAbout(ctx, s.ID)
		if err != nil {
			return err
		}
		was, at, there := said[network.DataSet](entries, custody.DataImported)
		if n >= len(live) {
			if there {
				v.row("data_set", s.ID, "it was imported whole and is not used", at)
			}
			continue
		}
		if there && !same(was, s) || !there && v.Unlogged == 0 {
			v.row("data_set", s.ID, "the address data is not what was logged when it was imported", at)
		}
		if err := h.checkRanges(ctx, s, at, v); err != nil {
			return err
		}
	}
	return nil
}

func (h *House) checkRanges(ctx context.Context, s network.DataSet, at time.Time, v *Verified) error {
	want, _, err := h.readRanges(ctx, s)
	if err != nil {
		v.differs(s.SHA256, "", "the address data can no longer be read as it was: "+err.Error())
		return nil
	}
	n := 0
	err = h.Record.RangesOf(ctx, s.ID, func(r network.Range) error {
		if n >= len(want) || !same(r, want[n]) {
			return fault.Newf(fault.Corrupt, "row %d is not what the original states", n)
		}
		n++
		if v.Records++; v.Records%1000 == 0 {
			v.tick()
		}
		return ctx.Err()
	})
	if err == nil && n < len(want) {
		err = fault.Newf(fault.Corrupt, "%d rows are stored, the original states %d", n, len(want))
	}
	if fault.Is(err, fault.Corrupt) {
		v.row("ip_range", s.ID, err.Error(), at)
		err = nil
	}
	return err
}

// checkLeads weighs everything again and compares the leads with those that
// stand, each as of the moment at which it was last weighed otherwise.
func (h *House) checkLeads(ctx context.Context, v *Verified) error {
	if waiting, err := h.Record.Dirty(ctx); err != nil || waiting > 0 {
		return err // the queue is being brought up to date; what stands is not the last word
	}
	stored, err := h.Record.Leads(ctx, 0)
	if err != nil {
		v.row("lead", "", err.Error(), time.Time{})
		return nil
	}
	ties, err := h.Record.LeadTies(ctx)
	if err != nil {
		return err
	}
	weighed := map[string]casework.Lead{}
	when := map[string]time.Time{} // content → as of when its leads are weighed
	for _, l := range stored {
		v.Leads++
		entries, err := h.Record.EntriesAbout(ctx, l.ID)
		if err != nil {
			return err
		}
		was, at, there := said[casework.Lead](entries, custody.LeadOpened, custody.LeadChanged)
		if there && !same(was, l) || !there && v.Unlogged == 0 {
			v.row("lead", l.ID, "the lead is not what was logged when it was weighed", at)
		}
		if at.After(when[ties[l.ID]]) {
			when[ties[l.ID]] = at
		}
	}
	if err := h.weighAll(ctx, when, v.tick, func(l casework.Lead) { weighed[l.ID] = l }); err != nil {
		return err
	}
	for _, l := range stored {
		again, there := weighed[l.ID]
		switch {
		case !there:
			v.row("lead", l.ID, "a lead stands that does not follow from the record", time.Time{})
		case !same(again, l):
			v.row("lead", l.ID, "the lead is not what follows from the record", time.Time{})
		case again.Thing != ties[l.ID]:
			v.row("lead_thing", l.ID, "the lead stands under another content than its own", time.Time{})
		}
		delete(weighed, l.ID)
	}
	for _, id := range slices.Sorted(maps.Keys(weighed)) {
		v.row("lead", id, "a lead follows from the record and is not in the queue", time.Time{})
	}
	return nil
}

// weighAll weighs every content that was ever sighted, as of when its leads were
// weighed, and writes nothing.
func (h *House) weighAll(ctx context.Context, when map[string]time.Time, tick func(), yield func(casework.Lead)) error {
	var at time.Time
	then := &House{
		Record: h.Record, Originals: h.Originals, Lists: h.Lists, Formats: h.Formats, Policy: h.Policy, Limits: h.Limits, Log: h.Log, Queue: h.Queue,
		Tables: h.Tables, Public: h.Public, Unit: h.Unit,
		Now: func() time.Time {
			if at.IsZero() {
				return h.Now()
			}
			return at
		},
	}
	done := map[string]bool{}
	for after := ""; ; {
		things, err := h.Record.ThingsAfter(ctx, after, rowsPerBatch)
		if err != nil || len(things) == 0 {
			return err
		}
		after = things[len(things)-1].ID
		for n, t := range things {
			if done[t.ID] {
				continue
			}
			if n%100 == 0 {
				tick()
			}
			all, err := h.closure(ctx, t.Digests, t.Refs)
			if err != nil {
				return err
			}
			for _, same := range groups(all) {
				c := content(same, casework.Same)
				if done[c.Things[0]] {
					continue
				}
				at = time.Time{}
				for _, id := range c.Things {
					done[id] = true
					if when[id].After(at) {
						at = when[id]
					}
				}
				err := (&weighing{house: then}).eachLead(ctx, c, func(leads []casework.Lead) error {
					for _, l := range leads {
						yield(l)
					}
					return nil
				})
				if err != nil {
					return err
				}
			}
		}
	}
}
