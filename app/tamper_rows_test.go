package app

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"suraag/actor"
	"suraag/actor/series"
	"suraag/app/demo"
	"suraag/casework"
	"suraag/casework/complaint"
	"suraag/casework/legal"
	"suraag/casework/pack"
	"suraag/custody"
	"suraag/custody/retain"
	"suraag/digest"
	"suraag/hashset"
	"suraag/people"
	"suraag/people/door"
	"suraag/people/look"
	"suraag/sighting"
	"suraag/store"
)

// fillStated writes a row of everything that people do, and says nothing of it in
// the log: the rows have to be stated by themselves.
func fillStated(t *testing.T, h *house, source string) {
	t.Helper()
	ctx, at := context.Background(), demo.Now()
	id := func(word string, size int) string {
		sum := sha256.Sum256([]byte(word))
		return hex.EncodeToString(sum[:size])
	}
	person, docket := id("person", 16), id("docket", 16)
	md5 := func(word string) digest.Digest {
		d, err := digest.Parse("md5:" + id(word, 16))
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	word, err := actor.Apart(sighting.Identifier{Kind: sighting.Phone, Value: "+910000000001"}, sighting.Identifier{Kind: sighting.Email, Value: "a@example.org"}, "officer", "seen", at)
	if err != nil {
		t.Fatal(err)
	}
	kin, err := casework.Decide(casework.Apart, md5("one"), md5("two"), "officer", "seen", at)
	if err != nil {
		t.Fatal(err)
	}
	request := legal.Request{ID: id("request", 16), State: "drafted", Draft: legal.Draft{Lead: id("lead", 16), Record: id("record", 16), At: at}}
	for _, f := range []func(tx *sql.Tx) error{
		func(tx *sql.Tx) error {
			return h.db.AddPerson(ctx, tx, people.Person{ID: person, Login: "anna", Name: "SI Anna", Role: people.Officer, Made: at, MadeBy: "terminal"})
		},
		func(tx *sql.Tx) error {
			return h.db.AddCredential(ctx, tx, door.Credential{ID: []byte("key"), Person: person, Kind: door.Passkey, Label: "blue", Made: at, Used: at, Doc: json.RawMessage(`{"n":1}`)})
		},
		func(tx *sql.Tx) error {
			return h.db.AddPass(ctx, tx, door.Pass{ID: id("pass", 32), Kind: door.Token, Person: person, Made: at, Seen: at, Until: at.Add(time.Hour), About: door.About{Name: "t"}})
		},
		func(tx *sql.Tx) error {
			_, err := h.db.Once(ctx, tx, sha256.Sum256([]byte("form")), "kept", at, at.Add(time.Hour))
			return err
		},
		func(tx *sql.Tx) error {
			return h.db.AddCase(ctx, tx, people.Case{ID: docket, Number: "FIR 1/2025", Title: "t", InCharge: person, Made: at, MadeBy: "SI Anna"})
		},
		func(tx *sql.Tx) error { return h.db.SetMember(ctx, tx, docket, person, true, "SI Anna", at) },
		func(tx *sql.Tx) error {
			return h.db.AddToCase(ctx, tx, docket, source, "SI Anna", at, &custody.HandIn{Authority: "FIR 1/2025", BroughtBy: "officer", Name: "letter.txt"})
		},
		func(tx *sql.Tx) error {
			return h.db.AddOpening(ctx, tx, people.Opening{ID: id("opening", 16), Case: docket, Person: person, By: "SI Anna", Purpose: "to read it", At: at, Until: at.Add(time.Hour)})
		},
		func(tx *sql.Tx) error { return h.db.AddKinship(ctx, tx, kin) },
		func(tx *sql.Tx) error { return h.db.AddParting(ctx, tx, word) },
		func(tx *sql.Tx) error {
			return h.db.AddPack(ctx, tx, pack.Pack{ID: "made", SHA256: id("pack", 32)}, []byte("pack = \"made\""), "officer", at)
		},
		func(tx *sql.Tx) error {
			return h.db.AddReview(ctx, tx, pack.Review{Pack: "made", SHA256: id("pack", 32), By: "officer", At: at, Note: "compared"})
		},
		func(tx *sql.Tx) error { return h.db.AddRequest(ctx, tx, request) },
		func(tx *sql.Tx) error {
			return h.db.SetQuarantine(ctx, tx, request.ID, []string{id("lease", 16), id("other", 16)})
		},
		func(tx *sql.Tx) error {
			return h.db.PutCorrection(ctx, tx, legal.Correction{ID: id("correction", 16), Subject: id("request", 16), At: at})
		},
		func(tx *sql.Tx) error {
			return h.db.PutComplaint(ctx, tx, source, complaint.Form{Version: 1, Number: "C 1", Received: at})
		},
		func(tx *sql.Tx) error {
			_, err := h.db.AddStage(ctx, tx, source, complaint.Stage{Name: complaint.Registered, At: at}, func(complaint.Entry) error { return nil })
			return err
		},
		func(tx *sql.Tx) error {
			return h.db.Decide(ctx, tx, series.Decision{A: id("a", 32), B: id("b", 32), Same: true, By: "officer", Reason: "r", At: at})
		},
		func(tx *sql.Tx) error { return h.db.PutVictim(ctx, tx, "victim-1", []byte("sealed"), at) },
		func(tx *sql.Tx) error { return h.db.PutDraft(ctx, tx, "d", "anna", []byte("sealed"), at) },
		func(tx *sql.Tx) error {
			return h.db.PutProposal(ctx, tx, retain.Proposal{ID: "plan", By: "officer", At: at})
		},
		func(tx *sql.Tx) error {
			return h.db.AddNegative(ctx, tx, hashset.Negative{Digest: md5("logo"), By: "officer", Reason: "a logo", Added: at})
		},
		func(tx *sql.Tx) error {
			return h.db.PutQuarantine(ctx, tx, hashset.Quarantine{Value: md5("held"), State: hashset.Waiting, Held: at})
		},
		func(tx *sql.Tx) error {
			return h.db.AddMode(ctx, tx, look.Mode{ID: id("mode", 16), Case: docket, Person: person, By: "SI Anna", Reason: "to describe it", From: at, Until: at.Add(time.Hour)})
		},
		func(tx *sql.Tx) error {
			return h.db.AddLook(ctx, tx, look.Reveal{ID: id("look", 16), Mode: id("mode", 16), Case: docket, Item: "item", Person: person, By: "SI Anna", At: at, Until: at.Add(time.Minute)})
		},
		func(tx *sql.Tx) error {
			return h.db.AddLimit(ctx, tx, look.Limit{ID: id("limit", 16), Person: person, By: "SI Anna", Minute: 30, At: at, From: at})
		},
	} {
		if err := h.db.InTx(ctx, f); err != nil {
			t.Fatal(err)
		}
	}
}

// named tells whether verify names a table.
func named(found []string, table string) bool {
	return slices.ContainsFunc(found, func(line string) bool { return strings.HasPrefix(line, "DIFFERS  "+table+" ") })
}

// One byte of every column of what people did, and a row taken away and one added:
// one in each table at a time, because the tables do not know each other and verify
// names each.
func TestTamperedStatedRows(t *testing.T) {
	t.Parallel()
	v := newVandal(t)
	of := map[string][]column{}
	rounds := 0
	for _, c := range v.columns() {
		if slices.Contains(store.StatedTables(), c.table) {
			of[c.table] = append(of[c.table], c)
			rounds = max(rounds, len(of[c.table]))
		}
	}
	if len(of) != len(store.StatedTables()) || rounds < 7 {
		t.Fatalf("%d tables of %d have rows, of at most %d columns", len(of), len(store.StatedTables()), rounds)
	}
	check := func(t *testing.T, did string, tables []string) {
		t.Helper()
		found := v.verify()
		for _, table := range tables {
			if !named(found, table) {
				t.Errorf("%s: verify does not name %s: %.2000q", did, table, found)
				break
			}
		}
	}
	for round := range rounds {
		for way, did := range []string{"flipped", "cut off", "added"} {
			t.Run(fmt.Sprintf("column %d, a byte %s", round, did), func(t *testing.T) {
				var harmed []string
				for table, columns := range of {
					if round >= len(columns) || slices.Contains(notCompared, table+"."+columns[round].name) {
						continue
					}
					c := columns[round]
					set := fmt.Sprintf("UPDATE %s SET %s = ? WHERE rowid = ?", c.table, c.name)
					if err := v.exec(set, harm(c.value, way), c.row); err != nil {
						t.Fatal(err)
					}
					harmed = append(harmed, table)
					defer func() {
						if err := v.exec(set, c.value, c.row); err != nil {
							t.Error(err)
						}
					}()
				}
				check(t, "column "+fmt.Sprint(round), harmed)
			})
		}
	}
	for _, c := range []struct{ name, do, undo string }{
		{"removed", `DELETE FROM %[1]s WHERE rowid = %[2]d`, `INSERT INTO %[1]s SELECT * FROM kept_%[1]s`},
		{"added", `INSERT INTO %[1]s SELECT * FROM other_%[1]s`, `DELETE FROM %[1]s WHERE rowid NOT IN (SELECT MIN(rowid) FROM %[1]s GROUP BY 1) AND rowid > %[3]d`},
	} {
		t.Run("a row "+c.name, func(t *testing.T) {
			for _, table := range store.StatedTables() {
				column := of[table][0]
				last := v.number(`SELECT max(rowid) FROM ` + table)
				for _, do := range []string{
					`CREATE TEMP TABLE IF NOT EXISTS kept_%[1]s AS SELECT * FROM %[1]s WHERE rowid = %[2]d`,
					`CREATE TEMP TABLE IF NOT EXISTS other_%[1]s AS SELECT * FROM %[1]s WHERE rowid = %[2]d`,
					`UPDATE other_%[1]s SET ` + otherKey(of[table]), c.do,
				} {
					if err := v.exec(fmt.Sprintf(do, table, column.row, last)); err != nil {
						t.Fatalf("%s: %v", table, err)
					}
				}
				defer func() {
					undo := fmt.Sprintf(c.undo, table, column.row, last)
					if c.name == "added" {
						undo = fmt.Sprintf(`DELETE FROM %s WHERE rowid > %d`, table, last)
					}
					if err := v.exec(undo); err != nil {
						t.Error(err)
					}
				}()
			}
			check(t, c.name, store.StatedTables())
		})
	}
	if found := v.verify(); len(found) > 0 {
		t.Errorf("all was put back, and verify says %q", found)
	}
}

// otherKey changes every text and every key of bytes of a row, so that it may stand
// beside the one that it is a copy of.
func otherKey(columns []column) string {
	var out []string
	for _, c := range columns {
		switch c.value.(type) {
		case string:
			out = append(out, fmt.Sprintf("%[1]s = %[1]s || 'x'", c.name))
		case []byte:
			out = append(out, fmt.Sprintf("%[1]s = CAST(%[1]s || X'78' AS BLOB)", c.name))
		}
	}
	return strings.Join(out, ", ")
}

// A row that was changed by other hands does not become right by being written
// again: the log says that it was not what had been logged.
func TestChangedRowWrittenAgain(t *testing.T) {
	t.Parallel()
	v := newVandal(t)
	ctx := context.Background()
	if err := v.exec(`UPDATE person SET doc = replace(doc, '"officer"', '"administrator"'), role = 'administrator'`); err != nil {
		t.Fatal(err)
	}
	all, err := v.h.db.People(ctx)
	if err != nil || len(all) != 1 || all[0].Role != people.Administrator {
		t.Fatal(all, err)
	}
	all[0].Name = "SI Anna B."
	if err := v.h.db.InTx(ctx, func(tx *sql.Tx) error { return v.h.db.UpdatePerson(ctx, tx, all[0]) }); err != nil {
		t.Fatal(err)
	}
	if found := v.verify(); len(found) != 1 || !named(found, "person") || !strings.Contains(found[0], "by other hands") {
		t.Errorf("verify says %q", found)
	}
}

// Nor does one that was taken away by other hands, when the program writes it anew.
func TestRemovedRowWrittenAgain(t *testing.T) {
	t.Parallel()
	v := newVandal(t)
	ctx := context.Background()
	propose := func(by string) {
		t.Helper()
		p := retain.Proposal{ID: "plan", By: by, At: demo.Now()}
		if err := v.h.db.InTx(ctx, func(tx *sql.Tx) error { return v.h.db.PutProposal(ctx, tx, p) }); err != nil {
			t.Fatal(err)
		}
	}
	propose("officer")
	if err := v.exec(`DELETE FROM erasure WHERE id = 'plan'`); err != nil {
		t.Fatal(err)
	}
	propose("another officer")
	if found := v.verify(); len(found) != 1 || !named(found, "erasure") || !strings.Contains(found[0], "by other hands") {
		t.Errorf("verify says %q", found)
	}
}

// A source is not older than the log because the words on its hand-in were erased and
// its time put back: the log states from its first entry on what there is.
func TestErasedHandInMakesNoOlderSource(t *testing.T) {
	t.Parallel()
	v := newVandal(t)
	ctx := context.Background()
	for _, at := range []string{"first", "last"} { // the log's own first entry, too
		var place int64
		var source string
		row := v.h.db.DB.QueryRowContext(ctx, `SELECT `+map[string]string{"first": "min", "last": "max"}[at]+`(place), subject FROM log_entry WHERE kind = 'source sealed' AND subject <> ''`)
		if err := row.Scan(&place, &source); err != nil {
			t.Fatal(err)
		}
		if at == "first" && place != 0 {
			t.Fatalf("the first hand-in is at place %d", place)
		}
		l, err := v.h.db.EntryAt(ctx, place)
		if err != nil {
			t.Fatal(err)
		}
		e, err := custody.Saying(custody.Erased, hex.EncodeToString(l.Leaf), "officer", demo.Now(), map[string]string{"reason": "a test"})
		if err != nil {
			t.Fatal(err)
		}
		err = v.h.db.InTx(ctx, func(tx *sql.Tx) error {
			if err := v.h.db.EraseEntry(ctx, tx, place); err != nil {
				return err
			}
			return v.h.db.Log(ctx, tx, e)
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := v.exec(`UPDATE source SET sealed_ns = 1, brought_by = 'somebody else' WHERE lower(hex(id)) = ?`, source); err != nil {
			t.Fatal(err)
		}
		if found := v.verify(); !slices.ContainsFunc(found, func(line string) bool { return strings.HasPrefix(line, "DIFFERS  source "+source[:12]) }) {
			t.Errorf("the %s hand-in: verify says %q", at, found)
		}
	}
}

// An entry that was erased lawfully still counts for the rows that it stated, and a
// later one still counts for more.
func TestErasedStatement(t *testing.T) {
	t.Parallel()
	v := newVandal(t)
	ctx := context.Background()
	for _, words := range []string{"one", "two"} {
		p := retain.Proposal{ID: "plan", By: words, At: demo.Now()}
		if err := v.h.db.InTx(ctx, func(tx *sql.Tx) error { return v.h.db.PutProposal(ctx, tx, p) }); err != nil {
			t.Fatal(err)
		}
	}
	if err := v.h.settleLog(ctx); err != nil {
		t.Fatal(err)
	}
	entries, err := v.h.db.EntriesAbout(ctx, "erasure plan")
	if err != nil || len(entries) != 3 {
		t.Fatal(len(entries), err)
	}
	erase := func(l custody.Logged) {
		t.Helper()
		e, err := custody.Saying(custody.Erased, hex.EncodeToString(l.Leaf), "officer", demo.Now(), map[string]string{"reason": "a test"})
		if err != nil {
			t.Fatal(err)
		}
		err = v.h.db.InTx(ctx, func(tx *sql.Tx) error {
			if err := v.h.db.EraseEntry(ctx, tx, l.Place); err != nil {
				return err
			}
			return v.h.db.Log(ctx, tx, e)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	erase(entries[1])
	if found := v.verify(); len(found) > 0 {
		t.Errorf("after the entry before the last was erased: %q", found)
	}
	erase(entries[2])
	if found := v.verify(); len(found) > 0 {
		t.Errorf("after the last entry was erased: %q", found)
	}
	if err := v.exec(`UPDATE erasure SET by_whom = 'other'`); err != nil {
		t.Fatal(err)
	}
	if found := v.verify(); !named(found, "erasure") {
		t.Errorf("a row changed whose last entry was erased: %q", found)
	}
	if err := v.exec(`DELETE FROM erasure`); err != nil {
		t.Fatal(err)
	}
	if found := v.verify(); !named(found, "erasure") {
		t.Errorf("a row removed whose last entry was erased: %q", found)
	}
}
