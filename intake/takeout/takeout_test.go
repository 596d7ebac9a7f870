package takeout_test

import (
	"os"
	"strings"
	"testing"

	"suraag/intake"
	"suraag/intake/intaketest"
	"suraag/intake/takeout"
)

func formats() []intake.Format { return []intake.Format{takeout.Format()} }

const (
	sample = "testdata/activities.csv"
	header = "Gaia ID,Activity Timestamp,IP Address,Activity City,User Agent String\n"
)

func TestSample(t *testing.T) {
	r, data := intaketest.CollectFile(t, formats(), sample, intake.Options{})
	intaketest.CheckPlaces(t, sample, data, r)
	intaketest.Golden(t, "testdata/activities.golden", r)
}

func TestRows(t *testing.T) {
	for name, c := range map[string]struct{ row, bad, note string }{
		"whole":           {"7,2025-02-28 18:30:00 UTC,198.51.100.77,Delhi,Mozilla", "", ""},
		"rounded account": {"1.1E+20,2025-02-28 18:30:00 UTC,198.51.100.77,Delhi,Mozilla", "", "rounded by a spreadsheet"},
		"bad address":     {"7,2025-02-28 18:30:00 UTC,198.51.100.777,Delhi,Mozilla", "", "not an IP address"},
		"bad time":        {"7,then,198.51.100.77,Delhi,Mozilla", "", "no known form"},
		"nothing":         {",2025-02-28 18:30:00 UTC,,Delhi,Mozilla", "neither an account nor an address", ""},
	} {
		r := intaketest.Collect(t, formats(), "x.csv", []byte(header+c.row+"\n"), intake.Options{})
		if len(r.Sightings)+len(r.Bad) != 1 || c.bad != "" && !strings.Contains(r.Bad[0].Reason, c.bad) {
			t.Errorf("%s: %d sightings, bad %v", name, len(r.Sightings), r.Bad)
			continue
		}
		if c.bad != "" {
			continue
		}
		s := r.Sightings[0]
		if !strings.Contains(strings.Join(s.Notes, "; "), c.note) {
			t.Errorf("%s: notes %q", name, s.Notes)
		}
		for _, f := range s.Extra {
			if f.Value == "Delhi" {
				t.Errorf("%s: the city of an address is kept: %+v", name, f)
			}
		}
	}
}

func FuzzRead(f *testing.F) {
	data, err := os.ReadFile(sample)
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range [][]byte{data, []byte(header), []byte(header + "7,\"x\n")} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r := intaketest.Collect(t, formats(), "x.csv", data, intake.Options{Format: "google/takeout"})
		intaketest.CheckPlaces(t, "x.csv", data, r)
		if len(data) > 0 && r.Count()+len(r.Bad)+len(r.Notes) == 0 {
			t.Error("the file vanished without a word")
		}
	})
}
