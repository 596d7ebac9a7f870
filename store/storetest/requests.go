package storetest

import (
	"database/sql"
	"fmt"
	"testing"
	"time"

	"suraag/casework/legal"
	"suraag/casework/pack"
	"suraag/fault"
	"suraag/store"
)

// madePack is a pack in so many words.
func madePack(t *testing.T, id, title string) (pack.Pack, []byte) {
	t.Helper()
	text := []byte(fmt.Sprintf("pack = %q\ntitle = %q\nexpires = \"2027-01-01\"\nreview_days = 90\n"+
		"[[clock]]\nid = \"term\"\ntitle = \"A term\"\ndays = 365\nfrom = \"report\"\nverified = \"read\"\nsource = \"an Act\"\nsource_date = \"2024-05-07\"\n", id, title))
	p, err := pack.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return p, text
}

func addPack(t *testing.T, db *store.DB, id, title string, seconds int) pack.Pack {
	t.Helper()
	p, text := madePack(t, id, title)
	tx(t, db, func(tx *sql.Tx) error { return db.AddPack(ctx, tx, p, text, "officer", at(seconds).At) })
	return p
}

func packs(t *testing.T, db *store.DB) {
	titles := func() (out string) {
		for _, p := range must(db.Packs(ctx))(t) {
			out += p.Title + " by " + p.AddedBy + "; "
		}
		return out
	}
	equal(t, "none", titles(), "")
	first := addPack(t, db, "b", "first", 1)
	addPack(t, db, "a", "other", 2)
	addPack(t, db, "b", "second", 3)
	equal(t, "the one added last speaks", titles(), "other by officer; second by officer; ")
	addPack(t, db, "b", "first", 4)
	equal(t, "added again", titles(), "other by officer; first by officer; ")
	equal(t, "its hash", must(db.Packs(ctx))(t)[1].SHA256, first.SHA256)
	if _, err := db.ExecContext(ctx, `UPDATE pack SET body = $1 WHERE id = 'a'`, "title = \"changed\""); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Packs(ctx); !fault.Is(err, fault.Corrupt) {
		t.Errorf("a pack that was changed in the store: %v", err)
	}
}

func reviews(t *testing.T, db *store.DB) {
	review := func(p pack.Pack, by string, seconds int) {
		tx(t, db, func(tx *sql.Tx) error {
			return db.AddReview(ctx, tx, pack.Review{Pack: p.ID, SHA256: p.SHA256, By: by, At: at(seconds).At, Note: "compared"})
		})
	}
	p, _ := madePack(t, "in", "India")
	review(p, "second", 2)
	review(p, "first", 1)
	q, _ := madePack(t, "us", "United States")
	review(q, "first", 3)
	got := must(db.Reviews(ctx))(t)
	equal(t, "packs", len(got), 2)
	same(t, "the newest", got["in"], pack.Review{Pack: "in", SHA256: p.SHA256, By: "second", At: at(2).At, Note: "compared"})
}

// request is a made request.
func request(word string, seconds int) legal.Request {
	id := SourceID(word)
	r := legal.Request{ID: id[:32], SHA256: id, State: legal.Drafted, Events: []legal.Event{{At: at(seconds).At, By: "officer", What: "drafted"}}}
	r.Draft.Lead, r.Draft.Record, r.Draft.At, r.Draft.By = SourceID("lead")[:32], SourceID("record")[:32], at(seconds).At, "officer"
	r.Draft.Office.Case = "FIR 1/2025"
	return r
}

func addRequest(t *testing.T, db *store.DB, r legal.Request) {
	t.Helper()
	tx(t, db, func(tx *sql.Tx) error { return db.AddRequest(ctx, tx, r) })
}

func requestsKept(t *testing.T, db *store.DB) {
	a, b, c := request("a", 1), request("b", 2), request("c", 3)
	c.Draft.Lead, c.Draft.Record = SourceID("other")[:32], SourceID("other")[:32]
	for _, r := range []legal.Request{a, b, c} {
		addRequest(t, db, r)
	}
	order := func(list []legal.Request) string { return ids(list, func(r legal.Request) string { return r.ID }) }
	equal(t, "all, the newest first", order(must(db.Requests(ctx))(t)), short(c.ID, b.ID, a.ID))
	equal(t, "of a lead", order(must(db.RequestsOf(ctx, a.Draft.Lead))(t)), short(b.ID, a.ID))
	equal(t, "on a record", order(must(db.RequestsOn(ctx, c.Draft.Record))(t)), short(c.ID))
	same(t, "as it was", must(db.FindRequest(ctx, a.ID[:9]))(t), a)
	err := db.InTx(ctx, func(tx *sql.Tx) error { return db.AddRequest(ctx, tx, a) })
	equal(t, "twice", fault.KindOf(err), fault.Conflict)
	for prefix, want := range map[string]fault.Kind{"aa": fault.Invalid, "000000": fault.NotFound, a.ID + "00": fault.Invalid} {
		_, err := db.FindRequest(ctx, prefix)
		equal(t, "prefix "+prefix, fault.KindOf(err), want)
	}
}

func requestSteps(t *testing.T, db *store.DB) {
	r := request("a", 1)
	addRequest(t, db, r)
	next := r
	next.State, next.Events = legal.Refused, append(next.Events, legal.Event{At: at(2).At, By: "second", What: "refused"})
	tx(t, db, func(tx *sql.Tx) error { return db.StepRequest(ctx, tx, next, 1) })
	same(t, "after the step", must(db.FindRequest(ctx, r.ID))(t), next)
	late := r
	late.State, late.Events = legal.Approved, append(late.Events, legal.Event{At: at(3).At, By: "third", What: "approved"})
	err := db.InTx(ctx, func(tx *sql.Tx) error { return db.StepRequest(ctx, tx, late, 1) })
	equal(t, "a step on what somebody else had changed", fault.KindOf(err), fault.Conflict)
	equal(t, "nothing was lost", must(db.FindRequest(ctx, r.ID))(t).State, legal.Refused)
}

func quarantine(t *testing.T, db *store.DB) {
	one, two, three := origin("reply", 1).ID, origin("reply", 2).ID, origin("reply", 3).ID
	set := func(request string, leases ...string) {
		tx(t, db, func(tx *sql.Tx) error { return db.SetQuarantine(ctx, tx, SourceID(request)[:32], leases) })
	}
	held := func() string { return fmt.Sprint(must(db.Quarantined(ctx, []string{one, two, three}))(t)) }
	set("a", one, two)
	set("b", two)
	equal(t, "held", held(), fmt.Sprint(map[string]bool{one: true, two: true}))
	set("a")
	equal(t, "released by one request, held by the other", held(), fmt.Sprint(map[string]bool{two: true}))
	equal(t, "of none", len(must(db.Quarantined(ctx, nil))(t)), 0)
}

func corrections(t *testing.T, db *store.DB) {
	c := legal.Correction{ID: SourceID("c")[:32], Subject: SourceID("s"), Class: legal.WrongTime, Reason: "another file's time", By: "officer", At: day,
		Recipients: []legal.Recipient{{Request: SourceID("a")[:32], Name: "Example Mobile Limited", SentOn: day}}}
	later := legal.Correction{ID: SourceID("d")[:32], Subject: SourceID("r"), Class: legal.WrongPort, Reason: "a digit", By: "officer", At: day.Add(time.Hour)}
	put := func(x legal.Correction) {
		tx(t, db, func(tx *sql.Tx) error { return db.PutCorrection(ctx, tx, x) })
	}
	put(later)
	put(c)
	c.Recipients[0].ToldOn = day
	put(c)
	same(t, "the register, the oldest first", must(db.Corrections(ctx))(t), []legal.Correction{c, later})
	same(t, "of a subject", must(db.CorrectionsOf(ctx, []string{"x", c.Subject}))(t), []legal.Correction{c})
	equal(t, "of none", len(must(db.CorrectionsOf(ctx, nil))(t)), 0)
}
