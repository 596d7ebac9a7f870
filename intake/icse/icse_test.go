package icse_test

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"suraag/intake"
	"suraag/intake/icse"
	"suraag/intake/intaketest"
)

func formats() []intake.Format { return []intake.Format{icse.Format()} }

func TestSample(t *testing.T) {
	r, data := intaketest.CollectFile(t, formats(), "testdata/icse.csv", intake.Options{})
	intaketest.Golden(t, "testdata/icse.golden", r)
	intaketest.CheckPlaces(t, "testdata/icse.csv", data, r)
}

const header = "MD5;SHA1;PhotoDNA;Image ID;Is distributed;Victim identified;Offender identified;Series name;Number of submissions;File Available;Media Type;Baseline\n"

func TestRows(t *testing.T) {
	const md5 = "4bc93fb481892c12606a481fc53a0ad9"
	for _, c := range []struct {
		name, row string
		listings  int
		bad, note string // part of the reason, part of the record's own notes
	}{
		{"whole", md5 + ";;;7;true;false;;;1;true;image;true", 1, "", ""},
		{"upper case hash", strings.ToUpper(md5) + ";;;7;;;;;;;;", 1, "", ""},
		{"cut in the middle", md5 + ";;;7;tr", 0, "cut off", ""},
		{"short, but ended", md5 + ";;;7\n", 1, "", "4 cells"},
		{"no hash", ";;;7;true;false;;;1;true;image;true", 0, "states no hash", ""},
		{"only a bad hash", "4bc9;;;7;true;false;;;1;true;image;true", 0, "no known hash", ""},
		{"one bad hash of two", md5 + ";zz;;7;true;false;;;1;true;image;true", 1, "", "no known hash"},
		{"SHA-256 under SHA1", ";" + strings.Repeat("ab", 32) + ";;7;true;false;;;1;true;image;true", 1, "", "has the length of sha256"},
		{"unknown flag", md5 + ";;;7;perhaps;false;;;1;true;image;true", 1, "", "neither yes nor no"},
		{"huge cell", md5 + ";;;" + strings.Repeat("7", 2<<20) + ";true;false;;;1;true;image;true", 0, "longer than", ""},
		{"a cell too many", md5 + ";;;7;true;false;;A;B;1;true;image;true", 0, "shifted", ""},
		{"not UTF-8", md5 + ";;;7;;;;S\xe9rie;1;true;image;true", 1, "", "not UTF-8"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := intaketest.Collect(t, formats(), "list.csv", []byte(header+c.row), intake.Options{})
			if len(r.Listings) != c.listings || (len(r.Bad) > 0) != (c.bad != "") {
				t.Fatalf("%d listings, bad %v", len(r.Listings), r.Bad)
			}
			if c.bad != "" && !strings.Contains(r.Bad[0].Reason, c.bad) {
				t.Errorf("reason %q lacks %q", r.Bad[0].Reason, c.bad)
			}
			if c.note != "" && !strings.Contains(strings.Join(r.Listings[0].Notes, "\n"), c.note) {
				t.Errorf("notes %q lack %q", r.Listings[0].Notes, c.note)
			}
		})
	}
}

func TestBaselineAndFlagsHaveThreeStates(t *testing.T) {
	const md5 = "4bc93fb481892c12606a481fc53a0ad9"
	r := intaketest.Collect(t, formats(), "list.csv", []byte(header+md5+";;;7;;N/A;false;;;;;\n"+md5+";;;8;;;;;;;;false\n"), intake.Options{})
	if len(r.Listings) != 2 {
		t.Fatalf("%d listings, bad %v", len(r.Listings), r.Bad)
	}
	if got := r.Listings[0]; got.Category != "" || len(got.Flags) != 1 || got.Flags["OffenderIdentified"] != "no" {
		t.Errorf("unstated baseline and flags read as %q, %v", got.Category, got.Flags)
	}
	if got := r.Listings[1].Category; got != "no" {
		t.Errorf("baseline false read as %q", got)
	}
}

func FuzzRead(f *testing.F) {
	sample, err := os.ReadFile("testdata/icse.csv")
	if err != nil {
		f.Fatal(err)
	}
	seeds := [][]byte{sample, []byte(header), []byte(header + "\"a\n;b"), bytes.ReplaceAll(sample, []byte(";"), []byte(","))}
	if len(seeds) == 0 {
		f.Fatal("no seeds")
	}
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r := intaketest.Collect(t, formats(), "list.csv", data, intake.Options{Format: "icse/csv"})
		intaketest.CheckPlaces(t, "list.csv", data, r)
		if len(data) > 0 && r.Count()+len(r.Bad)+len(r.Notes) == 0 {
			t.Error("the file vanished without a word")
		}
		for _, l := range r.Listings {
			if len(l.Digests) == 0 {
				t.Errorf("%s lists nothing", l.Place)
			}
		}
	})
}
