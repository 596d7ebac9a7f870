package storetest

import (
	"database/sql"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"suraag/casework"
	"suraag/custody"
	"suraag/hashset"
	"suraag/network"
	"suraag/sighting"
	"suraag/store"
)

// TableNames lists every table of the record.
func TableNames() []string {
	return []string{"source", "handin", "problem", "thing", "thing_digest", "sighting", "identifier", "sighting_identifier", "lease",
		"lease_identifier", "superseded", "hash_set", "list_run", "list_negative", "list_quarantine", "data_set", "ip_range", "lead", "lead_thing", "dirty", "turn", "log_entry", "log_checkpoint",
		"pack", "pack_review", "request", "quarantine", "correction",
		"complaint", "complaint_stage", "series_decision", "victim", "draft",
		"person", "credential", "pass", "once", "docket", "docket_member", "docket_source", "docket_handin", "opening", "erasure", "kinship", "kinship_digest", "parting", "vault_item", "unit_key", "machine", "machine_certificate",
		"media_mode", "media_look", "media_limit"}
}

// Dump writes the whole record as text, a line a row, rows in order, without the
// tables that are named.
func Dump(t *testing.T, db *store.DB, without ...string) string {
	t.Helper()
	var out []string
	for _, table := range TableNames() {
		if !slices.Contains(without, table) {
			out = append(out, dumpTable(t, db, table)...)
		}
	}
	return strings.Join(out, "\n")
}

// chance names the columns that hold other values each time: by chance, or by who
// came first.
var chance = map[string]bool{"log_entry.id": true, "log_entry.salt": true, "log_entry.leaf": true, "thing_digest.came": true, "turn.taken": true}

func dumpTable(t *testing.T, db *store.DB, table string) (lines []string) {
	t.Helper()
	rows, err := db.QueryContext(ctx, `SELECT * FROM `+table)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		values, into := make([]any, len(columns)), make([]any, len(columns))
		for n := range values {
			into[n] = &values[n]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		line := table
		for n, v := range values {
			if chance[table+"."+columns[n]] {
				v = "…"
			}
			if b, is := v.([]byte); is {
				v = hex.EncodeToString(b)
			}
			line += fmt.Sprintf(" %s=%v", columns[n], v)
		}
		lines = append(lines, line)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	slices.Sort(lines)
	return lines
}

// Fill writes something into every table, in an order of its own.
func Fill(t *testing.T, db *store.DB) {
	t.Helper()
	db.Now = func() time.Time { return day }
	s := Source("letter")
	addSource(t, db, s)
	s.State = "read"
	x := seen("letter", 1, MD5("x"), SHA1("x"), PDQ(1))
	x.Notes = []string{"<b>&\u2028é</b>"}
	l := lease(3, "198.51.100.7", "100.64.10.5", 1, 2)
	l.Who = []sighting.Identifier{{Kind: sighting.Phone, Value: "+910000000001"}}
	put(t, db, sighting.Batch{Sightings: []sighting.Sighting{x, seen("letter", 4)}, Leases: []sighting.Lease{l}})
	x.Version = 2
	put(t, db, sighting.Batch{Sightings: []sighting.Sighting{x}})
	known := state(t, db, list(t, db, "known", "list"), hashset.StateLive)
	if err := db.AddCheckpoint(ctx, custody.Checkpoint{Size: 1, Note: "note", At: day}); err != nil {
		t.Fatal(err)
	}
	dataSet(t, db, network.KindASN, "made", true, span("198.51.100.0", "198.51.100.127", "low"), span("2001:db8::", "2001:db8::ffff", "six"))
	tx(t, db, func(tx *sql.Tx) error {
		if err := db.FinishSource(ctx, tx, s); err != nil {
			return err
		}
		if err := db.AddProblems(ctx, tx, s.ID, []sighting.Problem{{Kind: "bad", Reason: "no time\x00"}}); err != nil {
			return err
		}
		if err := db.AddNegative(ctx, tx, hashset.Negative{Digest: MD5("logo"), By: "officer", Reason: "a logo", Added: day}); err != nil {
			return err
		}
		if err := db.PutQuarantine(ctx, tx, hashset.Quarantine{Value: PDQ(1), List: "known", Contents: 40, Apart: 30, State: hashset.Waiting, Held: day}); err != nil {
			return err
		}
		if err := db.BeginRun(ctx, tx, known.ID, hashset.Came, day); err != nil {
			return err
		}
		if err := db.MarkDirty(ctx, tx, []string{thing(MD5("x"))}); err != nil {
			return err
		}
		if err := db.DirtyByLeases(ctx, tx, SourceID("reply")); err != nil {
			return err
		}
		if err := db.Log(ctx, tx, entry("letter", "one"), entry("letter", "two")); err != nil {
			return err
		}
		if err := fillPeople(ctx, db, tx); err != nil {
			return err
		}
		if err := fillLooks(ctx, db, tx); err != nil {
			return err
		}
		thing := thing(MD5("x"), SHA1("x"), PDQ(1))
		_, err := db.PutLeads(ctx, tx, []string{thing}, []casework.Lead{lead(1, thing)})
		return err
	})
}

// Tables tells how many rows a dump has of each table, so that a comparison of
// two dumps cannot pass on nothing.
func Tables(dump string) map[string]int {
	out := map[string]int{}
	for line := range strings.Lines(dump) {
		name, _, _ := strings.Cut(line, " ")
		out[name]++
	}
	return out
}
