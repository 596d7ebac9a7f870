package metadyi_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"suraag/intake"
	"suraag/intake/intaketest"
	"suraag/intake/metadyi"
)

func formats() []intake.Format { return []intake.Format{metadyi.Format()} }

func collect(t testing.TB, text string) intaketest.Records {
	t.Helper()
	r := intaketest.Collect(t, formats(), "message_1.json", []byte(text), intake.Options{Format: "meta/download"})
	intaketest.CheckPlaces(t, "message_1.json", []byte(text), r)
	return r
}

func samples(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) != 4 {
		t.Fatalf("%d samples, %v", len(files), err)
	}
	return files
}

func TestSamples(t *testing.T) {
	for _, file := range samples(t) {
		r, data := intaketest.CollectFile(t, formats(), file, intake.Options{})
		intaketest.CheckPlaces(t, file, data, r)
		intaketest.Golden(t, strings.TrimSuffix(file, ".json")+".golden", r)
	}
}

// Only what can be nothing but UTF-8 read as Latin-1 is mended, and it is said.
func TestMending(t *testing.T) {
	for name, c := range map[string]struct {
		written, read string
		said          bool
	}{
		"Hindi":              {`\u00e0\u00a4\u0086`, "आ", true},
		"plain":              {`hello`, "hello", false},
		"real Latin-1":       {`caf\u00e9`, "café", false},
		"already right":      {`आ`, "आ", false},
		"both in one string": {`आ \u00e0\u00a4\u0086`, "आ à¤\u0086", false},
	} {
		r := collect(t, `{"messages":[{"sender_name":"A","timestamp_ms":1740768310123,"content":"`+c.written+`"}]}`)
		if len(r.Sightings) != 1 {
			t.Fatalf("%s: %d sightings, bad %v", name, len(r.Sightings), r.Bad)
		}
		s := r.Sightings[0]
		if said := strings.Contains(strings.Join(s.Notes, "; "), "mended"); s.Text != c.read || said != c.said {
			t.Errorf("%s: %q, notes %q", name, s.Text, s.Notes)
		}
	}
}

// No address gets a place: it would hold before no court.
func TestNoCityOfAnAddress(t *testing.T) {
	r, _ := intaketest.CollectFile(t, formats(), "testdata/facebook_account_activity.json", intake.Options{})
	if len(r.Sightings) != 1 || r.Sightings[0].From.IsZero() {
		t.Fatalf("%+v", r.Sightings)
	}
	for _, f := range r.Sightings[0].Extra {
		if f.Name == "city" || f.Name == "region" {
			t.Errorf("%+v", f)
		}
	}
}

func TestMalformed(t *testing.T) {
	good := `{"sender_name":"A","timestamp_ms":1740768310123,"content":"x"}`
	for name, c := range map[string]struct{ message, bad, note string }{
		"a number":     {`7`, "an object was expected", ""},
		"too deep":     {`{"x":` + strings.Repeat("[", 40) + strings.Repeat("]", 40) + `}`, "deep", ""},
		"bad time":     {`{"sender_name":"A","timestamp_ms":"soon"}`, "", "timestamp_ms"},
		"stated twice": {`{"sender_name":"A","sender_name":"B"}`, "", "stated twice"},
	} {
		r := collect(t, `{"messages":[`+c.message+","+good+`]}`)
		if len(r.Sightings)+len(r.Bad) != 2 || c.bad != "" && !strings.Contains(r.Bad[0].Reason, c.bad) {
			t.Fatalf("%s: %d sightings, bad %v", name, len(r.Sightings), r.Bad)
		}
		if c.note != "" && !strings.Contains(strings.Join(r.Sightings[0].Notes, "; "), c.note) {
			t.Errorf("%s: notes %q", name, r.Sightings[0].Notes)
		}
	}
	// What was read before the file breaks off is kept.
	r := collect(t, `{"messages":[`+good+`,{"sender`)
	if len(r.Sightings) != 1 || len(r.Bad) != 1 {
		t.Errorf("cut off: %d sightings, bad %v", len(r.Sightings), r.Bad)
	}
}

func FuzzRead(f *testing.F) {
	for _, file := range samples(f) {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(data))
	}
	f.Fuzz(func(t *testing.T, text string) {
		r := collect(t, text)
		if text != "" && r.Count()+len(r.Bad)+len(r.Notes) == 0 {
			t.Error("the file vanished without a word")
		}
	})
}
