package storetest

import (
	"database/sql"
	"strings"
	"testing"
	"time"

	"suraag/actor/series"
	"suraag/casework/complaint"
	"suraag/fault"
	"suraag/store"
)

func complain(t *testing.T, db *store.DB, name string, received time.Time) string {
	t.Helper()
	f := complaint.Form{Version: 1, Number: name, Received: received, Kinds: []string{"bullying"}, Story: "told in confidence"}
	tx(t, db, func(tx *sql.Tx) error { return db.PutComplaint(ctx, tx, SourceID(name), f) })
	return SourceID(name)
}

func complaintsKept(t *testing.T, db *store.DB) {
	late, early := complain(t, db, "late", day.Add(time.Hour)), complain(t, db, "early", day)
	complain(t, db, "early", day) // read again
	got := must(db.Complaints(ctx))(t)
	if len(got) != 2 || got[0].Source != early || got[1].Source != late || got[0].Form.Number != "early" {
		t.Errorf("%+v", got)
	}
	if dump := Dump(t, db); strings.Contains(dump, "told in confidence") {
		t.Error("the story stands outside of the sealed original")
	}
	if _, err := db.Complaint(ctx, SourceID("none")); !fault.Is(err, fault.NotFound) {
		t.Errorf("a complaint that is not there: %v", err)
	}
}

func complaintStages(t *testing.T, db *store.DB) {
	id := complain(t, db, "a", day)
	pass := func(complaint.Entry) error { return nil }
	for _, name := range []string{complaint.Registered, complaint.Demanded} {
		tx(t, db, func(tx *sql.Tx) error {
			_, err := db.AddStage(ctx, tx, id, complaint.Stage{Name: name, At: day}, pass)
			return err
		})
	}
	err := db.InTx(ctx, func(tx *sql.Tx) error {
		_, err := db.AddStage(ctx, tx, id, complaint.Stage{Name: complaint.Closed}, func(e complaint.Entry) error {
			equal(t, "stages at the check", len(e.Stages), 2)
			return fault.Newf(fault.Conflict, "not yet")
		})
		return err
	})
	if !fault.Is(err, fault.Conflict) {
		t.Errorf("a refused stage: %v", err)
	}
	got := must(db.Complaint(ctx, id))(t)
	if len(got.Stages) != 2 || got.Stages[1].Seq != 2 || got.Stages[1].Name != complaint.Demanded {
		t.Errorf("%+v", got.Stages)
	}
}

func seriesDecisions(t *testing.T, db *store.DB) {
	a, b := SourceID("a"), SourceID("b")
	tx(t, db, func(tx *sql.Tx) error {
		return db.Decide(ctx, tx, series.Decision{A: b, B: a, Same: true, By: "one", Reason: "r", At: day})
	})
	equal(t, "stand", len(must(db.Decisions(ctx))(t)), 1)
	tx(t, db, func(tx *sql.Tx) error {
		n, err := db.TakeBack(ctx, tx, a, b, "two", day.Add(time.Hour))
		equal(t, "taken back", n, int64(1))
		return err
	})
	equal(t, "stand after it was taken back", len(must(db.Decisions(ctx))(t)), 0)
	if !strings.Contains(Dump(t, db), "two") {
		t.Error("who took it back is not kept")
	}
}

func victimsAndDrafts(t *testing.T, db *store.DB) {
	tx(t, db, func(tx *sql.Tx) error { return db.PutVictim(ctx, tx, "victim-1", []byte("sealed"), day) })
	equal(t, "victim", string(must(db.Victim(ctx, "victim-1"))(t)), "sealed")
	if err := db.InTx(ctx, func(tx *sql.Tx) error { return db.PutVictim(ctx, tx, "victim-1", []byte("other"), day) }); !fault.Is(err, fault.Conflict) {
		t.Errorf("a victim written over: %v", err)
	}
	for _, text := range []string{"first", "second"} {
		tx(t, db, func(tx *sql.Tx) error { return db.PutDraft(ctx, tx, "d", "one", []byte(text), day) })
	}
	equal(t, "draft", string(must(db.Draft(ctx, "d", "one"))(t)), "second")
	if _, err := db.Draft(ctx, "d", "two"); !fault.Is(err, fault.NotFound) {
		t.Errorf("someone else's draft: %v", err)
	}
	if err := db.InTx(ctx, func(tx *sql.Tx) error { return db.PutDraft(ctx, tx, "d", "two", []byte("x"), day) }); !fault.Is(err, fault.Denied) {
		t.Errorf("someone else's draft written over: %v", err)
	}
	tx(t, db, func(tx *sql.Tx) error { return db.DropDraft(ctx, tx, "d", "one") })
	ids, _, err := db.Drafts(ctx, "one")
	if err != nil || len(ids) != 0 {
		t.Errorf("%v %v", ids, err)
	}
}
