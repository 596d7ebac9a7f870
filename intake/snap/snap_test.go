package snap_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"suraag/intake"
	"suraag/intake/intaketest"
	"suraag/intake/snap"
)

func formats() []intake.Format { return []intake.Format{snap.Format()} }

func samples(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/*.csv")
	if err != nil || len(files) != 3 {
		t.Fatalf("%d samples, %v", len(files), err)
	}
	return files
}

func TestSamples(t *testing.T) {
	for _, file := range samples(t) {
		r, data := intaketest.CollectFile(t, formats(), file, intake.Options{})
		intaketest.CheckPlaces(t, file, data, r)
		intaketest.Golden(t, strings.TrimSuffix(file, ".csv")+".golden", r)
	}
}

const (
	legend = "\"Legend: x\"\n\"==================\"\n"
	logins = legend + "ip,timestamp\n"
)

func TestRows(t *testing.T) {
	for name, c := range map[string]struct {
		text      string
		records   int
		bad, note string
	}{
		"whole":            {logins + "192.0.2.1,2025-02-28 18:45:10 UTC\n", 1, "", ""},
		"bad address":      {logins + "192.0.2.300,2025-02-28 18:45:10 UTC\n", 0, "no account and no address", ""},
		"bad time":         {logins + "192.0.2.1,then\n", 1, "", "no known form"},
		"too many cells":   {logins + "192.0.2.1,2025-02-28 18:45:10 UTC,x\n", 0, "shifted", ""},
		"too few cells":    {logins + "192.0.2.1\n", 1, "", "1 cells"},
		"cut off":          {logins + "192.0.2.1", 0, "cut off here", ""},
		"before a header":  {"x,y\n" + logins + "192.0.2.1,2025-02-28 18:45:10 UTC\n", 1, "before a header", ""},
		"a long row":       {logins + "192.0.2.1," + strings.Repeat("x", 2<<20) + "\n", 0, "longer than", ""},
		"two sections":     {logins + "192.0.2.1,2025-02-28 18:45:10 UTC\n" + legend + "username,created\nu1,2025-02-28 18:45:10 UTC\n", 2, "", ""},
		"blanks in titles": {legend + "Sender Username,Recipient Username,Timestamp,Text\na,b,2025-02-28 18:45:10 UTC,hello\n", 1, "", ""},
	} {
		r := intaketest.Collect(t, formats(), "x.csv", []byte(c.text), intake.Options{Format: "snapchat/return"})
		intaketest.CheckPlaces(t, "x.csv", []byte(c.text), r)
		var bad, notes []string
		for _, b := range r.Bad {
			bad = append(bad, b.Reason)
		}
		for _, s := range r.Sightings {
			notes = append(notes, s.Notes...)
		}
		if r.Count() != c.records || !strings.Contains(strings.Join(bad, "; "), c.bad) || c.bad == "" && len(bad) > 0 || !strings.Contains(strings.Join(notes, "; "), c.note) {
			t.Errorf("%s: %d records, bad %q, notes %q", name, r.Count(), bad, notes)
		}
	}
}

// A section that is not read is told with the number of its rows.
func TestOtherSectionsAreCounted(t *testing.T) {
	r := intaketest.Collect(t, formats(), "x.csv", []byte(legend+"friend,added\nx,y\nz,y\n"), intake.Options{Format: "snapchat/return"})
	var notes []string
	for _, n := range r.Notes {
		notes = append(notes, n.Text)
	}
	if r.Count() != 0 || !strings.Contains(strings.Join(notes, "; "), "it has 2 rows") {
		t.Errorf("%d records, notes %q", r.Count(), notes)
	}
}

func FuzzRead(f *testing.F) {
	for _, file := range samples(f) {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r := intaketest.Collect(t, formats(), "x.csv", data, intake.Options{Format: "snapchat/return"})
		intaketest.CheckPlaces(t, "x.csv", data, r)
		if len(data) > 0 && r.Count()+len(r.Bad)+len(r.Notes) == 0 {
			t.Error("the file vanished without a word")
		}
	})
}
