package storetest

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"suraag/custody"
	"suraag/custody/retain"
	"suraag/custody/vault"
	"suraag/fault"
	"suraag/people"
	"suraag/people/door"
	"suraag/people/wall"
	"suraag/store"
)

// personID is the ID of person or case n.
func personID(n byte) string {
	return strings.Repeat("0", 30) + string("0123456789"[n/10]) + string("0123456789"[n%10])
}

func person(n byte, login string) people.Person {
	return people.Person{ID: personID(n), Login: login, Name: "SI " + login, Station: "PS", Role: people.Officer, Made: day, MadeBy: "terminal"}
}

func passID(word string) string { return SourceID(word) }

func pass(kind door.Kind, n byte, word string) door.Pass {
	return door.Pass{ID: passID(word), Kind: kind, Person: personID(n), Made: day, Seen: day, Until: day.Add(time.Hour), About: door.About{How: "passkey", From: "192.0.2.7"}}
}

func credential(n byte, word, doc string) door.Credential {
	return door.Credential{ID: []byte(word), Person: personID(n), Kind: door.Passkey, Label: word, Made: day, Doc: json.RawMessage(doc)}
}

func docket(n byte, number string) people.Case {
	return people.Case{ID: personID(n), Number: number, Title: "t", Station: "PS", InCharge: personID(1), Made: day, MadeBy: "SI a"}
}

// fillPeople writes a row into every table of people and cases.
func fillPeople(ctx context.Context, db *store.DB, tx *sql.Tx) error {
	for _, f := range []func() error{
		func() error { return db.AddPerson(ctx, tx, person(1, "a")) },
		func() error { return db.AddCredential(ctx, tx, credential(1, "key", `{"n":1}`)) },
		func() error { return db.AddPass(ctx, tx, pass(door.Session, 1, "session")) },
		func() error { return db.PutProposal(ctx, tx, retain.Proposal{ID: "plan", By: "one", At: day}) },
		func() error {
			_, err := db.Once(ctx, tx, sha256.Sum256([]byte("form")), "kept", day, day.Add(time.Hour))
			return err
		},
		func() error { return db.AddCase(ctx, tx, docket(1, "FIR 1/2025")) },
		func() error { return db.AddVaultItem(ctx, tx, vaultItem(1)) },
		func() error {
			return db.SetUnitKey(ctx, tx, vault.UnitKey{Public: "age1", Kind: "file", At: day, By: "SI a"})
		},
		func() error { return db.SetMember(ctx, tx, personID(1), personID(1), true, "SI a", day) },
		func() error {
			return db.AddToCase(ctx, tx, personID(1), SourceID("letter"), "SI a", day, &custody.HandIn{Authority: "FIR 1/2025", BroughtBy: "officer", Name: "letter.txt"})
		},
		func() error { return db.AddMachine(ctx, tx, sensor(1, "gate-3")) },
		func() error { return db.AddCertificate(ctx, tx, personID(1), shown("one", day)) },
		func() error {
			return db.AddOpening(ctx, tx, people.Opening{ID: personID(7), Case: personID(1), Person: personID(1), By: "SI a", Session: "s", Purpose: "to read it", At: day, Until: day.Add(time.Hour)})
		},
	} {
		if err := f(); err != nil {
			return err
		}
	}
	return nil
}

func personOnce(t *testing.T, db *store.DB) {
	tx(t, db, func(tx *sql.Tx) error { return db.AddPerson(ctx, tx, person(1, "a")) })
	err := db.InTx(ctx, func(tx *sql.Tx) error { return db.AddPerson(ctx, tx, person(2, "a")) })
	equal(t, "a login given to a second person", fault.KindOf(err), fault.Conflict)
	p := person(1, "a")
	p.Role, p.Ended = people.Auditor, day
	tx(t, db, func(tx *sql.Tx) error { return db.UpdatePerson(ctx, tx, p) })
	tx(t, db, func(tx *sql.Tx) error {
		held, err := db.HoldPerson(ctx, tx, p.ID)
		same(t, "held", held, p)
		return err
	})
	err = db.InTx(ctx, func(tx *sql.Tx) error { _, err := db.HoldPerson(ctx, tx, personID(9)); return err })
	equal(t, "nobody to hold", fault.KindOf(err), fault.NotFound)
	same(t, "by ID", must(db.Person(ctx, p.ID))(t), p)
	same(t, "by login", must(db.PersonByLogin(ctx, "a"))(t), p)
	equal(t, "people", len(must(db.People(ctx))(t)), 1)
	_, err = db.PersonByLogin(ctx, "b")
	equal(t, "nobody", fault.KindOf(err), fault.NotFound)
}

func credentials(t *testing.T, db *store.DB) {
	c := credential(1, "key", `{"n":1}`)
	tx(t, db, func(tx *sql.Tx) error { return db.AddCredential(ctx, tx, c) })
	err := db.InTx(ctx, func(tx *sql.Tx) error { return db.AddCredential(ctx, tx, credential(2, "key", `{}`)) })
	equal(t, "a key of two people", fault.KindOf(err), fault.Conflict)
	fresh := c
	fresh.Doc, fresh.Used = json.RawMessage(`{"n":2}`), day
	for _, want := range []bool{true, false} { // the second time it is no more what was read
		tx(t, db, func(tx *sql.Tx) error {
			ok, err := db.UseCredential(ctx, tx, fresh, c.Doc)
			equal(t, "used", ok, want)
			return err
		})
	}
	same(t, "state", must(db.Credential(ctx, c.ID))(t), fresh)
	tx(t, db, func(tx *sql.Tx) error { return db.AddCredential(ctx, tx, credential(1, "other", `{}`)) })
	tx(t, db, func(tx *sql.Tx) error {
		n, err := db.DropCredentials(ctx, tx, personID(2), c.ID)
		equal(t, "dropped by another", n, int64(0))
		return err
	})
	tx(t, db, func(tx *sql.Tx) error { _, err := db.DropCredentials(ctx, tx, personID(1), c.ID); return err })
	equal(t, "left", len(must(db.Credentials(ctx, personID(1)))(t)), 1)
}

func passes(t *testing.T, db *store.DB) {
	tx(t, db, func(tx *sql.Tx) error {
		for _, p := range []door.Pass{pass(door.Session, 1, "one"), pass(door.Session, 1, "two"), pass(door.Token, 1, "token"), pass(door.Session, 2, "other")} {
			if err := db.AddPass(ctx, tx, p); err != nil {
				return err
			}
		}
		return db.SeePass(ctx, tx, passID("one"), day.Add(time.Minute))
	})
	equal(t, "seen", must(db.Pass(ctx, passID("one")))(t).Seen, day.Add(time.Minute))
	equal(t, "sessions of one person", len(must(db.Passes(ctx, door.Session, personID(1), day))(t)), 2)
	equal(t, "sessions of all", len(must(db.Passes(ctx, door.Session, "", day))(t)), 3)
	equal(t, "sessions an hour later", len(must(db.Passes(ctx, door.Session, "", day.Add(time.Hour)))(t)), 0)
	end := func(kind door.Kind, person, id string, want int64) {
		t.Helper()
		tx(t, db, func(tx *sql.Tx) error {
			n, err := db.EndPass(ctx, tx, kind, person, id, day)
			equal(t, "ended", n, want)
			return err
		})
	}
	end(door.Session, personID(2), passID("one"), 0) // another's
	end(door.Token, personID(1), passID("one"), 0)   // no token
	end(door.Session, personID(1), passID("one"), 1)
	end(door.Session, personID(1), passID("one"), 0) // again
	end(door.Session, personID(1), "", 1)
	equal(t, "token stays", len(must(db.Passes(ctx, door.Token, personID(1), day))(t)), 1)
	_, err := db.Pass(ctx, passID("none"))
	equal(t, "no pass", fault.KindOf(err), fault.NotFound)
}

func once(t *testing.T, db *store.DB) {
	key := sha256.Sum256([]byte("form"))
	keep := func(now time.Time) (free bool) {
		tx(t, db, func(tx *sql.Tx) (err error) {
			free, err = db.Once(ctx, tx, key, "kept", now, day.Add(time.Hour))
			return err
		})
		return free
	}
	equal(t, "free", keep(day), true)
	equal(t, "free again", keep(day), false)
	take := func(now time.Time) (doc string, err error) {
		err = db.InTx(ctx, func(tx *sql.Tx) error { doc, err = db.TakeOnce(ctx, tx, key, now); return err })
		return doc, err
	}
	equal(t, "taken", must(take(day))(t), "kept")
	_, err := take(day)
	equal(t, "taken twice", fault.KindOf(err), fault.Denied)
	keep(day)
	_, err = take(day.Add(2 * time.Hour))
	equal(t, "taken too late", fault.KindOf(err), fault.Denied)
	equal(t, "what nobody took in time is forgotten", keep(day.Add(2*time.Hour)), true)
}

func cases(t *testing.T, db *store.DB) {
	tx(t, db, func(tx *sql.Tx) error {
		for _, c := range []people.Case{docket(2, "FIR 2/2025"), docket(1, "FIR 1/2025")} {
			if err := db.AddCase(ctx, tx, c); err != nil {
				return err
			}
		}
		for _, n := range []byte{1, 2, 2} {
			if err := db.SetMember(ctx, tx, personID(1), personID(n), true, "SI a", day); err != nil {
				return err
			}
		}
		return db.SetMember(ctx, tx, personID(1), personID(1), false, "SI a", day)
	})
	err := db.InTx(ctx, func(tx *sql.Tx) error { return db.AddCase(ctx, tx, docket(3, "FIR 1/2025")) })
	equal(t, "a number given twice", fault.KindOf(err), fault.Conflict)
	held := people.Opening{ID: personID(7), Case: personID(1), Person: personID(2), Emergency: true, At: day, Until: day.Add(time.Hour)}
	gone := people.Opening{ID: personID(8), Case: personID(1), Person: personID(2), At: day.Add(-time.Hour), Until: day}
	tx(t, db, func(tx *sql.Tx) error {
		if err := db.AddOpening(ctx, tx, gone); err != nil {
			return err
		}
		return db.AddOpening(ctx, tx, held)
	})
	want := docket(1, "FIR 1/2025")
	want.Members, want.Openings = []string{personID(2)}, []people.Opening{held}
	got := must(db.Cases(ctx, day))(t)
	same(t, "the first by number", got[0], want)
	tx(t, db, func(tx *sql.Tx) error {
		one, err := db.HoldCase(ctx, tx, personID(1), day)
		same(t, "held", one, want)
		return err
	})
	err = db.InTx(ctx, func(tx *sql.Tx) error { _, err := db.HoldCase(ctx, tx, personID(9), day); return err })
	equal(t, "no case to hold", fault.KindOf(err), fault.NotFound)
	equal(t, "notices", must(db.CountNotices(ctx, personID(1)))(t), int64(1))
	equal(t, "notices without one's own", must(db.CountNotices(ctx, personID(2)))(t), int64(0))
	held.SeenBy, held.SeenAt = "SI s", day
	for _, first := range []bool{true, false} {
		tx(t, db, func(tx *sql.Tx) error {
			was, err := db.SeeOpening(ctx, tx, held)
			equal(t, "first", was, first)
			return err
		})
	}
	same(t, "broken glass", must(db.BrokenGlass(ctx, 10))(t), []people.Opening{held})
}

func caseSources(t *testing.T, db *store.DB) {
	letter, note := SourceID("letter"), SourceID("note")
	in := custody.HandIn{Authority: "FIR 1/2025", BroughtBy: "officer", Name: "letter.txt"}
	tx(t, db, func(tx *sql.Tx) error {
		for range 2 {
			if err := db.AddToCase(ctx, tx, personID(1), letter, "SI a", day, &in); err != nil {
				return err
			}
		}
		if err := db.KeepForUnit(ctx, tx, letter, "SI a", day); err != nil { // it is in a case, so it is not the unit's
			return err
		}
		return db.KeepForUnit(ctx, tx, note, "SI a", day)
	})
	of := func() map[string][]string { return must(db.CasesOf(ctx, []string{letter, note, SourceID("none")}))(t) }
	same(t, "cases", of(), map[string][]string{letter: {personID(1)}, note: {wall.Unit}})
	same(t, "hand-ins", must(db.HandInCases(ctx, letter))(t)[in], []string{personID(1)})
	tx(t, db, func(tx *sql.Tx) error {
		if err := db.MoveSource(ctx, tx, personID(1), personID(2), letter, "SI a", day); err != nil {
			return err
		}
		return db.MoveSource(ctx, tx, wall.Unit, personID(2), note, "SI a", day.Add(time.Second))
	})
	same(t, "cases after the move", of(), map[string][]string{letter: {personID(2)}, note: {personID(2)}})
	same(t, "hand-ins go with it", must(db.HandInCases(ctx, letter))(t)[in], []string{personID(2)})
	same(t, "sources in order", must(db.SourcesIn(ctx, personID(2)))(t), []string{letter, note})
	equal(t, "none left behind", len(must(db.SourcesIn(ctx, personID(1)))(t)), 0)
}

func logQueries(t *testing.T, db *store.DB) {
	tx(t, db, func(tx *sql.Tx) error {
		a, b, c := entry("letter", "1"), entry("letter%", "2"), entry("note", "3")
		a.By, b.By, c.Kind = "SI A. Example (a)", "SI B_ Example (b)", custody.SignIn
		return db.Log(ctx, tx, a, b, c)
	})
	subjects := func(q custody.Query) string {
		t.Helper()
		var out []string
		for _, l := range must(db.Entries(ctx, q))(t) {
			out = append(out, l.Subject)
		}
		return strings.Join(out, " ")
	}
	equal(t, "all, newest first", subjects(custody.Query{}), "note letter% letter")
	equal(t, "of a kind", subjects(custody.Query{Kind: custody.SignIn}), "note")
	equal(t, "by words in a name", subjects(custody.Query{By: "si a. ex"}), "letter")
	equal(t, "signs mean themselves", subjects(custody.Query{By: "B_"}), "letter%")
	equal(t, "signs mean themselves in a subject", subjects(custody.Query{Subject: "letter%"}), "letter%")
	equal(t, "by the beginning of a subject", subjects(custody.Query{Subject: "LETT"}), "letter% letter")
	first := must(db.Entries(ctx, custody.Query{Limit: 1}))(t)
	equal(t, "before one", subjects(custody.Query{Before: first[0].ID, Limit: 1}), "letter%")
}
