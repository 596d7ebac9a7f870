package store_test

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pressly/goose/v3"

	"suraag/store"
	"suraag/store/pgtest"
	"suraag/store/storetest"
)

// older makes a record as the first version of its tables had it, with a source, a
// content that was seen, one that only a list named, and a lead.
func older(t *testing.T, where string, dialect goose.Dialect) {
	t.Helper()
	driver := map[goose.Dialect]string{goose.DialectSQLite3: "sqlite", goose.DialectPostgres: "pgx"}[dialect]
	db, err := sql.Open(driver, where)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	p, err := goose.NewProvider(dialect, db, os.DirFS("migrate"))
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	if _, err := p.UpTo(ctx, 1); err != nil {
		t.Fatal(err)
	}
	source := strings.Repeat("\x01", 32)
	for _, row := range []struct {
		text string
		args []any
	}{
		{`INSERT INTO source VALUES ($1, 'letter.txt', 6, 'officer', 'FIR 1/2024', 1700000000000000000, 'intake', '{}', 'read', '', '{}', 1700000001000000000)`, []any{[]byte(source)}},
		{`INSERT INTO handin VALUES ($1, 'FIR 1/2024', 'officer', 'letter.txt', 1700000000000000000)`, []any{[]byte(source)}},
		{`INSERT INTO thing VALUES ($1, 'seen')`, []any{[]byte("seen")}},
		{`INSERT INTO thing VALUES ($1, 'only listed')`, []any{[]byte("listed")}},
		{`INSERT INTO thing_digest VALUES ($1, $2)`, []any{[]byte("a digest"), []byte("seen")}},
		{`INSERT INTO thing_digest VALUES ($1, $2)`, []any{[]byte("a digest"), []byte("listed")}},
		{`INSERT INTO thing_digest VALUES ($1, $2)`, []any{[]byte("\x04 a PDQ value of 32 bytes, made up"), []byte("seen")}},
		{`INSERT INTO sighting VALUES ($1, $2, 'made/rows', 1, $3, NULL, NULL, NULL, 'a sighting')`, []any{[]byte("sighting"), []byte(source), []byte("seen")}},
		{`INSERT INTO listing VALUES ($1, $2, 'made/list', 1, $3, '', '', 'a listing')`, []any{[]byte("listing"), []byte(source), []byte("listed")}},
		{`INSERT INTO hash_set VALUES ($1, 'known', 'an authority', $2, 'live', 1700000000000000000, 1, 0, '', '')`, []any{[]byte("set"), []byte(source)}},
		{`INSERT INTO lead VALUES ($1, 'key', 'a lead')`, []any{[]byte("lead")}},
	} {
		if _, err := db.ExecContext(ctx, row.text, row.args...); err != nil {
			t.Fatalf("%s: %v", row.text, err)
		}
	}
}

// A record of the first version is brought up to date by opening it. What was
// handed in, seen and concluded is still there, row for row; what follows from the
// originals may have gone, to be made again.
func TestOlderRecordIsBroughtUpToDate(t *testing.T) {
	for name, c := range map[string]struct {
		where   func(*testing.T) string
		dialect goose.Dialect
	}{
		"sqlite":   {func(t *testing.T) string { return filepath.Join(t.TempDir(), "record.db") }, goose.DialectSQLite3},
		"postgres": {func(t *testing.T) string { return pgtest.Start(t).New(t) }, goose.DialectPostgres},
	} {
		t.Run(name, func(t *testing.T) {
			where := c.where(t)
			older(t, where, c.dialect)
			db := open(t, where)
			rows := storetest.Tables(storetest.Dump(t, db))
			for table, want := range map[string]int{
				"source": 1, "handin": 1, "sighting": 1, "hash_set": 1, "lead": 1,
				"thing": 1, "thing_digest": 2, // what only a list named is asked of the list's own files now
				"log_entry": 0, "person": 0, "turn": 3,
			} {
				if rows[table] != want {
					t.Errorf("%s has %d rows, want %d", table, rows[table], want)
				}
			}
			s, err := db.Source(context.Background(), strings.Repeat("01", 32))
			if err != nil || s.Name != "letter.txt" || s.Authority != "FIR 1/2024" || s.SealedAt.Unix() != 1_700_000_000 {
				t.Errorf("the source: %+v, %v", s, err)
			}
			var came int64
			if err := db.QueryRowContext(context.Background(), `SELECT came FROM thing_digest WHERE came IS NOT NULL`).Scan(&came); err != nil || came != 1 {
				t.Errorf("the PDQ value of before has the place %d in the order, %v", came, err)
			}
			storetest.Fill(t, db) // every table takes rows

			// A second opening finds nothing left to do.
			before := storetest.Dump(t, db)
			again, err := store.Open(context.Background(), where)
			if err != nil {
				t.Fatal(err)
			}
			defer again.Close()
			if storetest.Dump(t, again) != before {
				t.Error("opening it again changed rows")
			}
		})
	}
}
