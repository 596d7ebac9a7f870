package nsrl_test

import (
	"archive/zip"
	"bytes"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "modernc.org/sqlite"

	"suraag/hashset"
	"suraag/intake"
	"suraag/intake/intaketest"
	"suraag/intake/nsrl"
)

func formats() []intake.Format { return []intake.Format{nsrl.FormatSQLite(), nsrl.FormatText()} }

func TestSamples(t *testing.T) {
	for _, file := range []string{"rds3.db", "NSRLFile.txt"} {
		t.Run(file, func(t *testing.T) {
			path := "testdata/" + file
			r, data := intaketest.CollectFile(t, formats(), path, intake.Options{})
			intaketest.CheckPlaces(t, path, data, r)
			intaketest.Golden(t, "testdata/"+strings.TrimSuffix(file, filepath.Ext(file))+".golden", r)
		})
	}
}

// Known software is not "good": no entry may carry a word of harmlessness, and
// none may alert.
func TestKnownIsNotGood(t *testing.T) {
	r, _ := intaketest.CollectFile(t, formats(), "testdata/NSRLFile.txt", intake.Options{})
	if len(r.Listings) != 3 {
		t.Fatalf("%d listings", len(r.Listings))
	}
	for _, l := range r.Listings {
		m := hashset.Mean(l.Scheme, l.Category)
		if m.Alert || !m.Known || strings.Contains(m.Label, "good") || strings.Contains(m.Label, "harmless") {
			t.Errorf("%+v", m)
		}
	}
	if notes := strings.Join(r.Listings[2].Notes, " "); !strings.Contains(notes, "malicious") {
		t.Errorf("NIST's mark of malice is lost: %q", notes)
	}
}

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

const row = "INSERT INTO metadata (sha1, md5, file_name, package_id) VALUES ('0BEEC7B5EA3F0FDBC95D0DD47F3C5BC275DA8A33', 'ACBD18DB4CC2F85CEDEF654FCCC4A4D8', 'x', 1)"

// In full sets FILE is a view. It is never run, however it is made: the table
// under it is read.
func TestViewsAreNeverRun(t *testing.T) {
	data := made(t, "CREATE TABLE metadata (sha256, sha1, md5, file_name, package_id)", row,
		"CREATE VIEW FILE AS WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM n) SELECT 'a' AS sha1, 'b' AS md5 FROM n")
	r := intaketest.Collect(t, formats(), "RDS.db", data, intake.Options{})
	intaketest.CheckPlaces(t, "RDS.db", data, r)
	if r.Err != nil || len(r.Listings) != 1 || len(r.Bad) != 0 {
		t.Errorf("%d listings, bad %v, error %v", len(r.Listings), r.Bad, r.Err)
	}
}

func TestRowsThatAreNotWhole(t *testing.T) {
	for name, c := range map[string]struct{ insert, bad, note string }{
		"no hash":     {"INSERT INTO metadata (file_name) VALUES ('x')", "no hash that can be compared", ""},
		"bad hash":    {"INSERT INTO metadata (sha1) VALUES ('zz')", "no known hash", ""},
		"odd size":    {"INSERT INTO metadata (md5, file_size) VALUES ('ACBD18DB4CC2F85CEDEF654FCCC4A4D8', 'large')", "", "not a number of bytes"},
		"a long row":  {"INSERT INTO metadata (md5, file_name) VALUES ('ACBD18DB4CC2F85CEDEF654FCCC4A4D8', printf('%.*c', 2000000, 'x'))", "more than", ""},
		"other label": {"INSERT INTO metadata (md5) VALUES ('0BEEC7B5EA3F0FDBC95D0DD47F3C5BC275DA8A33')", "", "length of sha1"},
	} {
		t.Run(name, func(t *testing.T) {
			data := made(t, "CREATE TABLE metadata (sha256, sha1, md5, file_name, package_id, file_size)", c.insert, row)
			r := intaketest.Collect(t, formats(), "RDS.db", data, intake.Options{})
			if r.Err != nil || len(r.Listings)+len(r.Bad) != 2 {
				t.Fatalf("%d listings, bad %v, error %v", len(r.Listings), r.Bad, r.Err)
			}
			if c.bad != "" {
				if len(r.Bad) != 1 || !strings.Contains(r.Bad[0].Reason, c.bad) {
					t.Errorf("bad %v, want %q", r.Bad, c.bad)
				}
				return
			}
			if notes := strings.Join(r.Listings[0].Notes, " "); !strings.Contains(notes, c.note) {
				t.Errorf("notes %q, want %q", notes, c.note)
			}
		})
	}
}

func TestDatabasesOfOthersAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		statements []string
		want       string
	}{
		"a messenger":    {[]string{"CREATE TABLE message (body)"}, "no sha1, md5 and package_id"},
		"only a view":    {[]string{"CREATE TABLE a (package_id)", "CREATE VIEW file AS SELECT 1 AS sha1, 2 AS md5"}, "no table with columns"},
		"without rowids": {[]string{"CREATE TABLE file (sha1, md5, package_id, PRIMARY KEY (sha1)) WITHOUT ROWID"}, "WITHOUT ROWID"},
	} {
		data := made(t, c.statements...)
		r := intaketest.Collect(t, formats(), "x.db", data, intake.Options{})
		said := ""
		if r.Err != nil {
			said = r.Err.Error()
		}
		for _, b := range r.Bad {
			said += b.Reason
		}
		if r.Count() > 0 || !strings.Contains(said, c.want) {
			t.Errorf("%s: %d records, said %q", name, r.Count(), said)
		}
	}
}

// NIST publishes zips: a small file is read in place.
func TestInAZip(t *testing.T) {
	data, err := os.ReadFile("testdata/rds3.db")
	if err != nil {
		t.Fatal(err)
	}
	var packed bytes.Buffer
	z := zip.NewWriter(&packed)
	f, err := z.Create("RDS/RDS_2025.03.1_minimal.db")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	r := intaketest.Collect(t, formats(), "RDS.zip", packed.Bytes(), intake.Options{})
	intaketest.CheckPlaces(t, "RDS.zip", packed.Bytes(), r)
	if r.Err != nil || len(r.Listings) != 3 {
		t.Errorf("%d listings, bad %v, error %v", len(r.Listings), r.Bad, r.Err)
	}
}

// FuzzSQLite: whatever the file, the reading ends and what it gives has its place.
func FuzzSQLite(f *testing.F) {
	data, err := os.ReadFile("testdata/rds3.db")
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range [][]byte{data, data[:len(data)/2], []byte("SQLite format 3\x00")} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r := intaketest.Collect(t, formats(), "x.db", data, intake.Options{Format: "nsrl/rds3"})
		intaketest.CheckPlaces(t, "x.db", data, r)
		if len(data) > 0 && r.Count()+len(r.Bad)+len(r.Notes) == 0 {
			t.Error("the file vanished without a word")
		}
	})
}
