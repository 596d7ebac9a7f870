package complaint_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"suraag/intake"
	"suraag/intake/complaint"
	"suraag/intake/intaketest"
	"suraag/sighting"
)

func formats() []intake.Format { return []intake.Format{complaint.Format()} }

func collect(t testing.TB, text string) intaketest.Records {
	t.Helper()
	r := intaketest.Collect(t, formats(), "complaint.json", []byte(text), intake.Options{Format: complaint.Name})
	intaketest.CheckPlaces(t, "complaint.json", []byte(text), r)
	return r
}

func TestSample(t *testing.T) {
	r, data := intaketest.CollectFile(t, formats(), "testdata/complaint.json", intake.Options{})
	intaketest.CheckPlaces(t, "testdata/complaint.json", data, r)
	intaketest.Golden(t, "testdata/complaint.golden", r)
}

// TestWithoutAnyImage: text-only harm is never dropped (coop issue 661).
func TestWithoutAnyImage(t *testing.T) {
	r := collect(t, `{"suraag_complaint":1,"kinds":["bullying"],"received":"2025-03-01T04:30:00Z","story":"They call her names."}`)
	if r.Err != nil || len(r.Sightings) != 1 || r.Sightings[0].Act != sighting.Report {
		t.Errorf("%+v, %v", r.Sightings, r.Err)
	}
}

// TestNumbersAreOfAStation: every station begins its diary with 1, and what one
// says of its number 1 is not said of another's.
func TestNumbersAreOfAStation(t *testing.T) {
	const form = `{"suraag_complaint":1,"number":"DD 1/2025","station":%q,"district":"Example East","kinds":["bullying"],"received":"2025-03-01T04:30:00Z","story":"x"}`
	a, b := collect(t, fmt.Sprintf(form, "Example North")).Sightings[0], collect(t, fmt.Sprintf(form, "Example South")).Sightings[0]
	if len(a.Via) != 1 || len(b.Via) != 1 || a.Via[0] == b.Via[0] {
		t.Errorf("%v and %v are one report", a.Via, b.Via)
	}
}

// TestTheStoryStaysInTheOriginal: it may name the child.
func TestTheStoryStaysInTheOriginal(t *testing.T) {
	r, _ := intaketest.CollectFile(t, formats(), "testdata/complaint.json", intake.Options{})
	if text := string(r.Text(t)); strings.Contains(text, "asks for money") {
		t.Error("the story stands in a record")
	}
}

// TestNoAddressBecomesAMoment: an address without its hour leads to nobody.
func TestNoAddressBecomesAMoment(t *testing.T) {
	r, _ := intaketest.CollectFile(t, formats(), "testdata/complaint.json", intake.Options{})
	for _, s := range r.Sightings {
		if !s.From.IsZero() {
			t.Errorf("%s claims the address %s", s.Place, s.From)
		}
	}
}

func TestMalformed(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"another version": {`{"suraag_complaint":2}`, `version "2"`},
		"cut off":         {`{"suraag_complaint":1,"story":"`, "ends"},
		"too deep":        {`{"suraag_complaint":1,"accused":` + strings.Repeat("[", 30) + strings.Repeat("]", 30) + `}`, "deep"},
	} {
		t.Run(name, func(t *testing.T) {
			if r := collect(t, c.text); !strings.Contains(r.Result.Members[0].Problem, c.want) {
				t.Errorf("problem %q, want %q", r.Result.Members[0].Problem, c.want)
			}
		})
	}
}

func FuzzRead(f *testing.F) {
	data, err := os.ReadFile("testdata/complaint.json")
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range [][]byte{data, []byte(`{"suraag_complaint":1}`), []byte(`{"suraag_complaint":1,"accused":[7,null,{}],"messages":[[]]}`)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r := collect(t, string(data))
		for _, s := range r.Sightings {
			if s.Standing != sighting.Statement {
				t.Errorf("%s stands as %q", s.Place, s.Standing)
			}
		}
		if len(data) > 0 && r.Result.Members[0].Problem == "" && r.Count() == 0 {
			t.Error("the complaint vanished without a word")
		}
	})
}
