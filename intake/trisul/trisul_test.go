package trisul_test

import (
	"os"
	"strings"
	"testing"

	"suraag/intake"
	"suraag/intake/intaketest"
	"suraag/intake/trisul"
)

func formats() []intake.Format { return []intake.Format{trisul.Format()} }

func TestSample(t *testing.T) {
	r, data := intaketest.CollectFile(t, formats(), "testdata/trisul_style.csv", intake.Options{})
	intaketest.Golden(t, "testdata/trisul_style.golden", r)
	intaketest.CheckPlaces(t, "testdata/trisul_style.csv", data, r)
}

func TestRows(t *testing.T) {
	sample, err := os.ReadFile("testdata/trisul_style.csv")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, from, to, bad, note string }{
		{"bad source", "100.64.10.5", "100.64.10.500", "SrcIP", ""},
		{"bad translated address", "198.51.100.77", "nat", "NatIP", ""},
		{"bad port", "51602", "99999", "NatIP", ""},
		{"bad time", "2025-02-28 23:58:00", "last night", "StartTime", ""},
		{"ends before it starts", "2025-03-01", "2025-02-01", "before it starts", ""},
		{"phone rounded (rule 8)", "910000000001", "9.1E+11", "rounded by a spreadsheet", ""},
		{"phone without country", "910000000001", "2345678", "", "names nobody for certain"},
		{"not translated", "198.51.100.77,51602", ",", "", "only the inner address"},
		{"cut off", ",910000000001,Dynamic\r\n", "", "cut off", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := intaketest.Collect(t, formats(), "t.csv", []byte(strings.Replace(string(sample), c.from, c.to, 1)), intake.Options{})
			if c.bad != "" && (len(r.Bad) != 1 || !strings.Contains(r.Bad[0].Reason, c.bad)) || c.bad == "" && len(r.Leases) != 1 {
				t.Fatalf("%d leases, bad %v", len(r.Leases), r.Bad)
			}
			if c.note != "" && !strings.Contains(strings.Join(r.Leases[0].Notes, "\n"), c.note) {
				t.Errorf("notes %q lack %q", r.Leases[0].Notes, c.note)
			}
		})
	}
}

func FuzzRead(f *testing.F) {
	sample, err := os.ReadFile("testdata/trisul_style.csv")
	if err != nil {
		f.Fatal(err)
	}
	seeds := [][]byte{sample, []byte(strings.ReplaceAll(string(sample), ",", "\t")), []byte("SrcIP,NatIP,StartTime\n\"")}
	if len(seeds) == 0 {
		f.Fatal("no seeds")
	}
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r := intaketest.Collect(t, formats(), "t.csv", data, intake.Options{Format: "trisul/csv"})
		intaketest.CheckPlaces(t, "t.csv", data, r)
		for _, l := range r.Leases {
			if l.Public.IsZero() && l.Private.IsZero() || l.From.IsZero() && l.To.IsZero() {
				t.Errorf("%s: lease of nothing", l.Place)
			}
		}
	})
}
