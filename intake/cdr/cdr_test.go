package cdr_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"suraag/instant"
	"suraag/intake"
	"suraag/intake/cdr"
	"suraag/intake/intaketest"
	"suraag/sighting"
)

func formats() []intake.Format { return []intake.Format{cdr.Format()} }

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

// Each operator's header is known, with every column.
func TestHeadersOfOperators(t *testing.T) {
	files, err := filepath.Glob("../all/testdata/samples/cdr_headers/*.csv")
	if err != nil || len(files) != 5 {
		t.Fatalf("%d headers, %v", len(files), err)
	}
	for _, file := range files {
		r, _ := intaketest.CollectFile(t, formats(), file, intake.Options{})
		if r.Err != nil || len(r.Notes) != 1 || !strings.Contains(r.Notes[0].Text, "no rows") {
			t.Errorf("%s: notes %v, error %v", file, r.Notes, r.Err)
		}
	}
}

const header = "Target No,Call Type,B Party No,Date,Time,Service Type,IMEI,IMSI\n"

func TestRows(t *testing.T) {
	for name, c := range map[string]struct {
		row     string
		act     sighting.Act
		who, to string
		bad     string
		note    string
	}{
		"call out":                 {"910000000001,OUT,910000000002,14/03/2025,10:00:00,Voice,350000000000001,404100000000001", sighting.Call, "phone:+910000000001 imei:350000000000001 imsi:404100000000001", "phone:+910000000002", "", ""},
		"message in":               {"910000000001,IN,910000000002,14/03/2025,10:00:00,SMS,350000000000001,", sighting.Receive, "phone:+910000000001 imei:350000000000001", "phone:+910000000002", "", ""},
		"message out":              {"910000000001,SMS OUT,910000000002,14/03/2025,10:00:00,,,", sighting.Send, "phone:+910000000001", "phone:+910000000002", "", ""},
		"message, no direction":    {"910000000001,SMS,910000000002,14/03/2025,10:00:00,SMS,,", "", "", "", "whether it was sent or received", ""},
		"rounded target":           {"9.1E+11,OUT,910000000002,14/03/2025,10:00:00,Voice,,", "", "", "", "rounded by a spreadsheet", ""},
		"rounded IMEI":             {"910000000001,OUT,910000000002,14/03/2025,10:00:00,Voice,3.5E+14,", "", "", "", "rounded by a spreadsheet", ""},
		"rounded IMSI":             {"910000000001,OUT,910000000002,14/03/2025,10:00:00,Voice,,4.041E+14", "", "", "", "rounded by a spreadsheet", ""},
		"zeros join nobody":        {"910000000001,OUT,910000000002,14/03/2025,10:00:00,Voice,000000000000000,", sighting.Call, "phone:+910000000001", "phone:+910000000002", "", "placeholder"},
		"a business":               {"910000000001,IN,JD-EXAMPL,14/03/2025,10:00:00,SMS,,", sighting.Receive, "phone:+910000000001", "", "", "other characters than digits"},
		"nobody":                   {",OUT,910000000002,14/03/2025,10:00:00,Voice,,", "", "", "", "names nobody", ""},
		"bad time":                 {"910000000001,OUT,910000000002,32/03/2025,10:00:00,Voice,,", sighting.Call, "phone:+910000000001", "phone:+910000000002", "", "no date and time"},
		"a cell too many":          {"910000000001,OUT,910000000002,14/03/2025,10:00:00,Voice,,,x,y", "", "", "", "shifted", ""},
		"in quotes of its own":     {"'910000000001','OUT','910000000002','14/03/2025','10:00:00','Voice','',''", sighting.Call, "phone:+910000000001", "phone:+910000000002", "", ""},
		"the moment in one cell":   {"910000000001,OUT,910000000002,,14/03/2025 10:00:00,Voice,,", sighting.Call, "phone:+910000000001", "phone:+910000000002", "", ""},
		"a type that is not known": {"910000000001,VVM,910000000002,14/03/2025,10:00:00,Voice,,", sighting.Call, "phone:+910000000001", "phone:+910000000002", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := intaketest.Collect(t, formats(), "cdr.csv", []byte(header+c.row+"\n"), intake.Options{})
			if len(r.Sightings)+len(r.Bad) != 1 {
				t.Fatalf("%d sightings, bad %v, error %v", len(r.Sightings), r.Bad, r.Err)
			}
			if c.bad != "" {
				if len(r.Bad) != 1 || !strings.Contains(r.Bad[0].Reason, c.bad) || !strings.Contains(r.Bad[0].Place.Locator, "row 2") {
					t.Errorf("bad %v, want row 2 with %q", r.Bad, c.bad)
				}
				return
			}
			s := r.Sightings[0]
			if s.Act != c.act || ids(s.Who) != c.who || ids(s.To) != c.to || !strings.Contains(strings.Join(s.Notes, "; "), c.note) {
				t.Errorf("%s by %q with %q, notes %q", s.Act, ids(s.Who), ids(s.To), s.Notes)
			}
			if c.note == "" && s.When.IsZero() {
				t.Error("no time")
			}
		})
	}
}

func ids(list []sighting.Identifier) string {
	var out []string
	for _, i := range list {
		out = append(out, i.String())
	}
	return strings.Join(out, " ")
}

// The address is the target's, like the device: where the row does not say which
// of the two parties that is, it is nobody's.
func TestAddressOfAnUnnamedTarget(t *testing.T) {
	const header = "Calling Party,Called Party,Call Type,Date,Time,IMEI,IMSI,Vowifi First UE IP,Port1\n"
	for kind, want := range map[string]string{"OUT": "phone:+910000000001", "IN": "phone:+910000000002", "VVM": ""} {
		r := intaketest.Collect(t, formats(), "cdr.csv", []byte(header+"910000000001,910000000002,"+kind+",14/03/2025,10:00:00,350000000000001,404100000000001,203.0.113.9,40001\n"), intake.Options{})
		if len(r.Sightings) != 1 {
			t.Fatalf("%s: %d sightings, bad %v, error %v", kind, len(r.Sightings), r.Bad, r.Err)
		}
		s := r.Sightings[0]
		if want != "" && (s.From.IsZero() || s.Who[0].String() != want) {
			t.Errorf("%s: %s acts from %q", kind, ids(s.Who), s.From)
		}
		kept := func(value string) bool {
			for _, f := range s.Extra {
				if f.Value == value {
					return true
				}
			}
			return false
		}
		if want == "" && (!s.From.IsZero() || !kept("203.0.113.9") || !kept("40001")) {
			t.Errorf("%s: nobody says who had %q; kept %v", kind, s.From, s.Extra)
		}
	}
}

// Operators log in Indian time; the order of day and month is not fixed.
func TestTimes(t *testing.T) {
	row := "910000000001,OUT,910000000002,04/03/2025,10:00:00,Voice,,\n"
	open := intaketest.Collect(t, formats(), "cdr.csv", []byte(header+row), intake.Options{}).Sightings[0].When
	declared := intaketest.Collect(t, formats(), "cdr.csv", []byte(header+row), intake.Options{Order: instant.DayFirst}).Sightings[0].When
	if open.Basis != instant.Ambiguous || declared.Basis != instant.ByRule || declared.At.Format("2006-01-02 15:04") != "2025-03-04 04:30" {
		t.Errorf("open %+v, declared %+v", open, declared)
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
		r := intaketest.Collect(t, formats(), "cdr.csv", data, intake.Options{Format: "india/cdr"})
		intaketest.CheckPlaces(t, "cdr.csv", data, r)
		if len(data) > 0 && r.Count()+len(r.Bad)+len(r.Notes) == 0 {
			t.Error("the file vanished without a word")
		}
	})
}
