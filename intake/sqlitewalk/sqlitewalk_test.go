package sqlitewalk_test

import (
	"bytes"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	_ "modernc.org/sqlite"

	"suraag/intake/sqlitewalk"
)

// made runs SQL on a fresh database and gives the bytes of its file.
func made(t testing.TB, statements ...string) []byte {
	t.Helper()
	file := filepath.Join(t.TempDir(), "made.db")
	db, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// rows reads a table as we do, and lists what was bad.
func rows(data []byte, table string) (out, bad []string, err error) {
	f, err := sqlitewalk.Open(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, nil, err
	}
	complain := func(start, end int64, reason string) error {
		if start < 0 || end < start || end > int64(len(data)) {
			return fmt.Errorf("place %d-%d of %q lies outside of %d bytes", start, end, reason, len(data))
		}
		bad = append(bad, reason)
		return nil
	}
	tables, err := f.Tables(complain)
	if err != nil {
		return nil, bad, err
	}
	for _, t := range tables {
		if t.Name != table || t.Root == 0 || t.Why != "" {
			continue
		}
		err = f.Rows(t.Root, func(r *sqlitewalk.Row) error {
			if r.Start < 0 || r.End <= r.Start || r.End > int64(len(data)) {
				return fmt.Errorf("row %d stands at %d-%d of %d bytes", r.ID, r.Start, r.End, len(data))
			}
			var words []string
			for n := range t.Columns {
				words = append(words, t.Text(r, n))
			}
			out = append(out, strings.Join(words, "|"))
			return nil
		}, complain)
	}
	return out, bad, err
}

// Whatever SQLite writes, we read the same rows, and nothing is bad.
func TestRowsAreThoseOfSQLite(t *testing.T) {
	for name, c := range map[string]struct{ pragma, create, insert string }{
		"numbers": {"page_size=512", "CREATE TABLE x (a INTEGER, b)",
			"INSERT INTO x SELECT value*value*value*(1-2*(value%2))*100000, value/4.0 FROM " + upTo(500)},
		"row number": {"page_size=1024", "CREATE TABLE x (id INTEGER PRIMARY KEY, name VARCHAR(20) NOT NULL)",
			"INSERT INTO x SELECT value*7, 'n' || value FROM " + upTo(3000)},
		"long rows": {"page_size=512", `CREATE TABLE "x" ("a b" TEXT, [c] TEXT DEFAULT ')', CONSTRAINT k PRIMARY KEY ("a b"))`,
			"INSERT INTO x SELECT printf('%.*c', value*13, 'x') || value, 'end' FROM " + upTo(400)},
		"bytes and nothing": {"page_size=4096", "CREATE TABLE x (a, b -- the second, \n, c /* , d */)",
			"INSERT INTO x SELECT NULL, zeroblob(value%5), '' FROM " + upTo(50)},
		"rows taken out": {"page_size=512", "CREATE TABLE x (a TEXT)",
			"INSERT INTO x SELECT printf('%.*c', value%200, 'y') || value FROM " + upTo(900) + "; DELETE FROM x WHERE rowid % 3 = 0; UPDATE x SET a = a || a WHERE rowid % 5 = 0"},
		"large pages":    {"page_size=65536", "CREATE TABLE x (a TEXT)", "INSERT INTO x SELECT 'v' || value FROM " + upTo(20000)},
		"a column added": {"page_size=1024", "CREATE TABLE x (a)", "INSERT INTO x VALUES (1); ALTER TABLE x ADD COLUMN b TEXT; INSERT INTO x VALUES (2,'z')"},
		"empty":          {"page_size=1024", "CREATE TABLE x (a)", "SELECT 1"},
	} {
		t.Run(name, func(t *testing.T) {
			data := made(t, "PRAGMA "+c.pragma, c.create, c.insert)
			got, bad, err := rows(data, "x")
			if err != nil || len(bad) > 0 {
				t.Fatalf("bad %v, error %v", bad, err)
			}
			if diff := cmp.Diff(asked(t, data), got); diff != "" {
				t.Errorf("(-SQLite +ours):\n%.2000s", diff)
			}
		})
	}
}

// upTo is a table of the numbers from 1.
func upTo(last int) string {
	return fmt.Sprintf("(WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value+1 FROM n WHERE value < %d) SELECT value FROM n)", last)
}

// asked gives the rows as SQLite itself has them.
func asked(t *testing.T, data []byte) (out []string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "asked.db")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	all, err := db.Query("SELECT * FROM x ORDER BY rowid")
	if err != nil {
		t.Fatal(err)
	}
	defer all.Close()
	columns, err := all.Columns()
	if err != nil {
		t.Fatal(err)
	}
	for all.Next() {
		values, into := make([]any, len(columns)), make([]any, len(columns))
		for n := range values {
			into[n] = &values[n]
		}
		if err := all.Scan(into...); err != nil {
			t.Fatal(err)
		}
		var words []string
		for _, v := range values {
			switch v := v.(type) {
			case nil:
				words = append(words, "")
			case []byte:
				words = append(words, fmt.Sprintf("%x", v))
			default:
				words = append(words, fmt.Sprint(v))
			}
		}
		out = append(out, strings.Join(words, "|"))
	}
	return out
}

func TestTablesThatAreNotRead(t *testing.T) {
	data := made(t, "CREATE TABLE a (x)", "CREATE VIEW b AS SELECT * FROM a", "CREATE TABLE c (x PRIMARY KEY) WITHOUT ROWID",
		"CREATE TABLE d (x, y GENERATED ALWAYS AS (x+1))", "CREATE INDEX e ON a (x)")
	f, err := sqlitewalk.Open(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	tables, err := f.Tables(func(_, _ int64, reason string) error { return fmt.Errorf("bad: %s", reason) })
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, table := range tables {
		got[table.Name] = table.Why
	}
	want := map[string]string{"a": "", "b": "it is a view, and no SQL of the file is run",
		"c": "it is kept without row numbers (WITHOUT ROWID), which is not read", "d": `its column "y" is worked out, not stored`}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestOpenRefuses(t *testing.T) {
	whole := made(t, "CREATE TABLE x (a)")
	for name, c := range map[string]struct {
		change func([]byte) []byte
		want   string
	}{
		"cut":           {func(b []byte) []byte { return b[:50] }, "50 bytes"},
		"another file":  {func(b []byte) []byte { b[0] = 'Z'; return b }, "begins with"},
		"odd pages":     {func(b []byte) []byte { b[17] = 3; return b }, "pages of"},
		"tiny pages":    {func(b []byte) []byte { b[16], b[17] = 0, 64; return b }, "pages of 64"},
		"all reserved":  {func(b []byte) []byte { b[16], b[17], b[20] = 2, 0, 200; return b }, "reserved"},
		"UTF-16":        {func(b []byte) []byte { b[59] = 2; return b }, "not UTF-8"},
		"unknown words": {func(b []byte) []byte { b[56] = 9; return b }, "not UTF-8"},
	} {
		_, _, err := rows(c.change(bytes.Clone(whole)), "x")
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// A damaged or hostile file ends, gives no row twice, and where rows are missing
// something is said.
func FuzzRows(f *testing.F) {
	small := made(f, "PRAGMA page_size=512", "CREATE TABLE x (a INTEGER PRIMARY KEY, b)", "INSERT INTO x SELECT value, printf('%.*c', value*20, 'x') FROM "+upTo(60))
	if len(small) < 4096 {
		f.Fatalf("a seed of %d bytes", len(small))
	}
	turning := bytes.Clone(small)
	copy(turning[512+8:], "\x00\x00\x00\x02") // a page that points to itself
	for _, s := range [][]byte{small, turning, small[:2000], made(f, "CREATE TABLE x (a)")} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		got, bad, err := rows(data, "x")
		if err != nil {
			return
		}
		if bytes.Equal(data, small) && (len(got) != 60 || len(bad) > 0) {
			t.Errorf("%d rows, bad %v", len(got), bad)
		}
		if len(got) > len(data)/4 {
			t.Errorf("%d rows in %d bytes", len(got), len(data))
		}
	})
}

// Any byte of the tree that is changed either leaves all rows, or is said.
func TestNoRowIsLostInSilence(t *testing.T) {
	whole := made(t, "PRAGMA page_size=512", "CREATE TABLE x (b)", "INSERT INTO x SELECT printf('%.*c', value*25, 'x') FROM "+upTo(24))
	for at := 512; at < len(whole); at++ {
		data := bytes.Clone(whole)
		data[at] ^= 1 << (at % 8)
		got, bad, err := rows(data, "x")
		if len(got) != 24 && len(bad) == 0 && err == nil {
			t.Fatalf("byte %d changed: %d rows and no word", at, len(got))
		}
	}
}
