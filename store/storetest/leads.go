package storetest

import (
	"database/sql"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"suraag/casework"
	"suraag/fault"
	"suraag/hashset"
	"suraag/network"
	"suraag/sighting"
	"suraag/store"
)

// take takes dirty things and gives them.
func take(t *testing.T, db *store.DB, limit int) (got []sighting.Thing) {
	t.Helper()
	tx(t, db, func(tx *sql.Tx) (err error) { got, err = db.TakeDirty(ctx, tx, limit); return err })
	return got
}

func takeAll(t *testing.T, db *store.DB) string {
	t.Helper()
	return thingIDs(take(t, db, 1000))
}

func short(things ...string) string { return ids(things, func(s string) string { return s }) }

// A run goes on where it was, and of two workers the one behind changes nothing.
func listRuns(t *testing.T, db *store.DB) {
	put(t, db, sighting.Batch{Sightings: []sighting.Sighting{seen("a", 1, MD5("x")), seen("a", 2, MD5("y")), seen("a", 3, PDQ(1))}})
	takeAll(t, db)
	all := must(db.ThingsAfter(ctx, "", 10))(t)
	equal(t, "things", len(all), 3)
	equal(t, "counted", must(db.CountThings(ctx))(t), 3)
	equal(t, "after the first", thingIDs(must(db.ThingsAfter(ctx, all[0].ID, 1))(t)), all[1].ID[:6])
	rename := func(from, to string) {
		tx(t, db, func(tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, `UPDATE thing SET doc = replace(doc, '"id":"`+from+`"', '"id":"`+to+`"')`)
			return err
		})
	}
	rename(all[2].ID, strings.Repeat("0", 32)) // its text lies, and those who go on from it come to an end
	equal(t, "the last", must(db.ThingsAfter(ctx, all[1].ID, 1))(t)[0].ID, all[2].ID)
	equal(t, "after the last", len(must(db.ThingsAfter(ctx, all[2].ID, 1))(t)), 0)
	rename(strings.Repeat("0", 32), all[2].ID)
	s := list(t, db, "known", "list")
	begin := func(at time.Time) {
		tx(t, db, func(tx *sql.Tx) error { return db.BeginRun(ctx, tx, s.ID, hashset.Came, at) })
	}
	step := func(r hashset.Run) hashset.Run {
		tx(t, db, func(tx *sql.Tx) error { return db.StepRun(ctx, tx, r) })
		return must(db.Runs(ctx))(t)[0]
	}
	begin(day)
	equal(t, "running", must(db.Running(ctx))(t), 1)
	r := must(db.Runs(ctx))(t)[0]
	equal(t, "begun", r, hashset.Run{Set: s.ID, Cause: hashset.Came, Begun: day})
	far, near := r, r
	far.After, far.Done, far.Total, far.Touched = all[1].ID, 2, 3, 1
	near.After, near.Done = all[0].ID, 1
	equal(t, "a step", step(far), far)
	equal(t, "a step of one who is behind", step(near), far)
	far.Ended = day.Add(time.Hour)
	equal(t, "the end", step(far), far)
	equal(t, "a step after the end", step(r), far)
	equal(t, "running after the end", must(db.Running(ctx))(t), 0)
	begin(day.Add(2 * time.Hour))
	equal(t, "begun again", must(db.Runs(ctx))(t)[0].Done, 0)
	equal(t, "a step of the run before", step(near).Done, 0)
	tx(t, db, func(tx *sql.Tx) error { return db.MarkDirty(ctx, tx, []string{all[2].ID, all[0].ID}) })
	equal(t, "marked", takeAll(t, db), short(all[0].ID, all[2].ID))
}

func listHolds(t *testing.T, db *store.DB) {
	n := hashset.Negative{Digest: MD5("logo"), By: "officer", Reason: "a logo", Added: day}
	other := hashset.Negative{Digest: PDQ(1), By: "officer", Reason: "another", Added: day.Add(time.Hour)}
	q := hashset.Quarantine{Value: PDQ(3), List: "known", Contents: 40, Apart: 30, State: hashset.Waiting, Held: day}
	add := func(n hashset.Negative) error {
		return db.InTx(ctx, func(tx *sql.Tx) error { return db.AddNegative(ctx, tx, n) })
	}
	equal(t, "added", add(n), nil)
	equal(t, "another", add(other), nil)
	equal(t, "the same moment twice", fault.KindOf(add(n)), fault.Conflict)
	n.Ended, n.EndedBy, n.EndedOn = day.Add(2*time.Hour), "somebody", "no logo"
	tx(t, db, func(tx *sql.Tx) error { return db.EndNegative(ctx, tx, n) })
	again := n
	again.EndedBy = "another"
	tx(t, db, func(tx *sql.Tx) error { return db.EndNegative(ctx, tx, again) })
	same(t, "those that stand first", must(db.Negatives(ctx))(t), []hashset.Negative{other, n})
	n.Added, n.Ended = day.Add(3*time.Hour), time.Time{}
	equal(t, "on again", add(n), nil)

	done := q
	done.Value, done.State, done.First = PDQ(2), hashset.Dismissed, hashset.Decision{By: "officer", Reason: "no picture", At: day}
	tx(t, db, func(tx *sql.Tx) error {
		if err := db.PutQuarantine(ctx, tx, done); err != nil {
			return err
		}
		return db.PutQuarantine(ctx, tx, q)
	})
	same(t, "those that wait first", must(db.HeldEntries(ctx))(t), []hashset.Quarantine{q, done})
	done.State = hashset.Confirmed
	tx(t, db, func(tx *sql.Tx) error { return db.PutQuarantine(ctx, tx, done) })
	same(t, "decided", must(db.HeldEntries(ctx))(t)[1], done)
}

func dirtyByLeases(t *testing.T, db *store.DB) {
	const public, private = "198.51.100.7", "100.64.10.5"
	nat, ipdr := lease(1, public, private, 1, 2), lease(2, "", private, 1, 2)
	ipdr.Origin.Source = SourceID("second reply")
	other := seen("a", 2, MD5("y"))
	other.From.IP = netip.MustParseAddr("203.0.113.9")
	put(t, db, sighting.Batch{Sightings: []sighting.Sighting{seen("a", 1, MD5("x")), other, seen("a", 3)}, Leases: []sighting.Lease{nat, ipdr}})
	takeAll(t, db)
	for _, source := range []string{"reply", "second reply"} {
		tx(t, db, func(tx *sql.Tx) error { return db.DirtyByLeases(ctx, tx, SourceID(source)) })
		equal(t, source, takeAll(t, db), short(thing(MD5("x"))))
	}
}

func dirtyAll(t *testing.T, db *store.DB) {
	none := seen("a", 2, MD5("y"))
	none.From = sighting.Endpoint{}
	put(t, db, sighting.Batch{Sightings: []sighting.Sighting{seen("a", 1, MD5("x")), none}})
	takeAll(t, db)
	tx(t, db, func(tx *sql.Tx) error { return db.DirtyAll(ctx, tx) })
	equal(t, "things", takeAll(t, db), short(thing(MD5("x"))))
}

func takeDirty(t *testing.T, db *store.DB) {
	var b sighting.Batch
	for n := range 5 {
		b.Sightings = append(b.Sightings, seen("a", n, MD5(fmt.Sprint(n))))
	}
	for range 2 {
		put(t, db, b)
	}
	equal(t, "waiting", must(db.Dirty(ctx))(t), 5)
	a := take(t, db, 2)
	c := take(t, db, 10)
	equal(t, "first two", len(a), 2)
	equal(t, "the rest", len(c), 3)
	for n, x := range append(a, c...) {
		if n > 0 && x.ID <= append(a, c...)[n-1].ID {
			t.Error("not in order")
		}
	}
	equal(t, "nothing left", must(db.Dirty(ctx))(t), 0)
	put(t, db, sighting.Batch{Sightings: b.Sightings[:1]})
	equal(t, "marked anew", must(db.Dirty(ctx))(t), 1)
	// A transaction that fails leaves everything to be weighed.
	err := db.InTx(ctx, func(tx *sql.Tx) error {
		if _, err := db.TakeDirty(ctx, tx, 10); err != nil {
			return err
		}
		return fault.Newf(fault.Internal, "weighing broke")
	})
	if err == nil {
		t.Fatal("the transaction did not fail")
	}
	equal(t, "after a failure", must(db.Dirty(ctx))(t), 1)
}

func lead(n int, thing string) casework.Lead {
	return casework.Lead{ID: fmt.Sprintf("%032x", n), Thing: thing, SortKey: fmt.Sprintf("0%d", 9-n%10), Step: "Ask.", Content: MD5("x")}
}

func putLeads(t *testing.T, db *store.DB) {
	x, y := thing(MD5("x")), thing(MD5("y"))
	replace := func(things []string, leads ...casework.Lead) {
		tx(t, db, func(tx *sql.Tx) error { _, err := db.PutLeads(ctx, tx, things, leads); return err })
	}
	queue := func(list []casework.Lead) string { return ids(list, func(l casework.Lead) string { return l.ID[26:] }) }
	replace([]string{x, y}, lead(1, x), lead(2, x), lead(3, y))
	equal(t, "queue", queue(must(db.Leads(ctx, 0))(t)), "000003 000002 000001")
	equal(t, "first", queue(must(db.Leads(ctx, 1))(t)), "000003")
	replace([]string{x}, lead(2, x))
	equal(t, "after one went", queue(must(db.Leads(ctx, 0))(t)), "000003 000002")
	equal(t, "of x", queue(must(db.LeadsOf(ctx, []string{x}))(t)), "000002")
	equal(t, "of both", queue(must(db.LeadsOf(ctx, []string{x, y}))(t)), "000003 000002")
	equal(t, "count", must(db.CountLeads(ctx))(t), 2)
	replace([]string{x, y})
	equal(t, "after all went", must(db.CountLeads(ctx))(t), 0)
	replace([]string{x}, lead(2, x))
	changed := lead(2, y)
	changed.Step = "Preserve."
	replace([]string{y}, changed)
	equal(t, "a lead whose content changed is the newer one", must(db.Leads(ctx, 0))(t)[0].Step, "Preserve.")
}

func findLead(t *testing.T, db *store.DB) {
	x := thing(MD5("x"))
	a, b := lead(1, x), lead(2, x)
	a.ID, b.ID = "aabbccdd00000000aabbccdd00000000", "aabbccdd11111111aabbccdd00000000"
	tx(t, db, func(tx *sql.Tx) error { _, err := db.PutLeads(ctx, tx, []string{x}, []casework.Lead{a, b}); return err })
	equal(t, "by whole ID", must(db.FindLead(ctx, a.ID))(t).ID, a.ID)
	equal(t, "by first digits", must(db.FindLead(ctx, b.ID[:9]))(t).ID, b.ID)
	for prefix, want := range map[string]fault.Kind{
		"aabbccdd": fault.Conflict, "aabb": fault.Invalid, "ffffff": fault.NotFound, "gggggg": fault.Invalid, a.ID + "00": fault.Invalid,
	} {
		_, err := db.FindLead(ctx, prefix)
		equal(t, "prefix "+prefix, fault.KindOf(err), want)
	}
	_, err := db.FindLead(ctx, "ffffff")
	if !strings.Contains(fault.Hint(err), "suraag lead list") {
		t.Errorf("no hint: %v", err)
	}
}

// dataSet imports rows as one data set that answers.
func dataSet(t *testing.T, db *store.DB, kind network.DataKind, name string, finish bool, rows ...network.Range) network.DataSet {
	t.Helper()
	s := network.DataSet{ID: SourceID(name)[:32], Kind: kind, Name: name, AsOf: day, Imported: day}
	tx(t, db, func(tx *sql.Tx) error {
		if err := db.AddDataSet(ctx, tx, s); err != nil {
			return err
		}
		for n, r := range rows {
			if err := db.AddRanges(ctx, tx, s.ID, int64(n), []network.Range{r}); err != nil {
				return err
			}
		}
		if !finish {
			return nil
		}
		s.Ranges = int64(len(rows))
		return db.FinishDataSet(ctx, tx, s)
	})
	return s
}

func span(first, last, operator string) network.Range {
	return network.Range{First: netip.MustParseAddr(first), Last: netip.MustParseAddr(last), Operator: operator}
}

func findRange(t *testing.T, db *store.DB) {
	s := dataSet(t, db, network.KindASN, "made", true,
		span("198.51.100.0", "198.51.100.127", "low"), span("198.51.100.192", "198.51.100.255", "high"),
		span("2001:db8::", "2001:db8::ffff", "six"), span("203.0.113.5", "203.0.113.5", "one"))
	other := dataSet(t, db, network.KindASN, "other", true, span("198.51.100.0", "198.51.100.255", "other"))
	for addr, want := range map[string]string{
		"198.51.100.0": "low", "198.51.100.127": "low", "198.51.100.128": "", "198.51.100.191": "", "198.51.100.192": "high",
		"198.51.100.255": "high", "198.51.101.0": "", "2001:db8::": "six", "2001:db8::ffff": "six", "2001:db8::1:0": "",
		"203.0.113.5": "one", "203.0.113.4": "", "203.0.113.6": "", "192.0.2.1": "", "::1": "",
	} {
		got := must(db.Find(ctx, s.ID, netip.MustParseAddr(addr), time.Time{}, time.Time{}))(t)
		switch {
		case want == "" && len(got) != 0, want != "" && (len(got) != 1 || got[0].Operator != want):
			t.Errorf("%s: got %v, want %q", addr, got, want)
		}
	}
	equal(t, "the other set", must(db.Find(ctx, other.ID, netip.MustParseAddr("198.51.100.130"), day, day))(t)[0].Operator, "other")
	same(t, "data sets", must(db.DataSets(ctx))(t), []network.DataSet{s, other})
}

func halfDataSet(t *testing.T, db *store.DB) {
	dataSet(t, db, network.KindASN, "half", false, span("198.51.100.0", "198.51.100.127", "low"))
	equal(t, "in force", len(must(db.DataSets(ctx))(t)), 0)
}

func findTor(t *testing.T, db *store.DB) {
	row := func(label string, from, until int) network.Range {
		r := span("203.0.113.5", "203.0.113.5", "")
		r.Label, r.From, r.Until = label, at(from).At, at(until).At
		return r
	}
	s := dataSet(t, db, network.KindTor, "tor", true, row("a", 0, 100), row("b", 50, 150), row("c", 200, 300), span("203.0.113.6", "203.0.113.6", "next"))
	labels := func(from, until int) (out string) {
		for _, r := range must(db.Find(ctx, s.ID, netip.MustParseAddr("203.0.113.5"), at(from).At, at(until).At))(t) {
			out += r.Label
		}
		return out
	}
	for _, c := range []struct {
		from, until int
		want        string
	}{{60, 60, "ab"}, {100, 100, "ab"}, {101, 199, "b"}, {151, 199, ""}, {0, 300, "abc"}, {301, 400, ""}} {
		equal(t, fmt.Sprintf("from %d until %d", c.from, c.until), labels(c.from, c.until), c.want)
	}
}

func turns(t *testing.T, db *store.DB) {
	tx(t, db, func(tx *sql.Tx) error { return db.TakeTurn(ctx, tx, "leads", day) })
	err := db.InTx(ctx, func(tx *sql.Tx) error { return db.TakeTurn(ctx, tx, "no such stage", day) })
	if fault.KindOf(err) != fault.Internal {
		t.Errorf("unknown stage: %v", err)
	}
}

func totals(t *testing.T, db *store.DB) {
	addSource(t, db, Source("a"))
	x := thing(MD5("x"))
	put(t, db, sighting.Batch{Sightings: []sighting.Sighting{seen("a", 1, MD5("x")), seen("a", 2)}, Leases: []sighting.Lease{lease(1, "", "", 1, 2)}})
	for _, name := range []string{"one", "the same under another name"} {
		s := list(t, db, name, "l")
		s.Entries = 3
		state(t, db, s, hashset.StateLive)
	}
	tx(t, db, func(tx *sql.Tx) error {
		_, err := db.PutLeads(ctx, tx, []string{x}, []casework.Lead{lead(1, x)})
		return err
	})
	equal(t, "totals", must(db.Count(ctx))(t), store.Totals{Sources: 1, Sightings: 2, Leases: 1, Listings: 3, Leads: 1})
}
