package discord_test

import (
	"os"
	"strings"
	"testing"

	"suraag/intake"
	"suraag/intake/discord"
	"suraag/intake/intaketest"
	"suraag/sighting"
)

func formats() []intake.Format {
	return []intake.Format{discord.FormatJSON(), discord.FormatCSV(), discord.FormatActivity()}
}

func samples() []string {
	return []string{"testdata/events.json", "testdata/legal.csv", "testdata/c000000000000000001/messages.json"}
}

func TestSamples(t *testing.T) {
	for _, file := range samples() {
		r, data := intaketest.CollectFile(t, formats(), file, intake.Options{})
		intaketest.CheckPlaces(t, file, data, r)
		intaketest.Golden(t, file[:strings.LastIndex(file, ".")]+".golden", r)
	}
}

// Only Discord itself states who wrote a message; a download is the word of the
// one who made it.
func TestStandings(t *testing.T) {
	legal, _ := intaketest.CollectFile(t, formats(), "testdata/legal.csv", intake.Options{})
	own, _ := intaketest.CollectFile(t, formats(), "testdata/c000000000000000001/messages.json", intake.Options{})
	if legal.Sightings[0].Standing != sighting.MessageLog || own.Sightings[0].Standing != sighting.Statement {
		t.Errorf("%s, %s", legal.Sightings[0].Standing, own.Sightings[0].Standing)
	}
	if len(own.Sightings[0].Who) != 0 {
		t.Errorf("a download names %v", own.Sightings[0].Who)
	}
}

func TestMalformed(t *testing.T) {
	for name, c := range map[string]struct {
		file, text string
		records    int
		bad, note  string
	}{
		"a message that is a number": {"m.json", `[7,{"ID":"1","Timestamp":"2025-02-28 18:45:10","Contents":"x","Attachments":""}]`, 1, "a message was expected", ""},
		"a message stated twice":     {"m.json", `[{"ID":"1","ID":"2","Timestamp":"","Contents":"x","Attachments":""}]`, 1, "", "stated twice"},
		"cut off":                    {"m.json", `[{"ID":"1","Timestamp":"","Contents":"x","Attachments":""},{"ID"`, 1, "ends in the middle", ""},
		"a broken event":             {"e.json", `{"event_id":"1","event_type":"x","ip":"192.0.2.1"}` + "\n{\"event_id\"\n", 1, "ends in the middle", ""},
		"two events on a line":       {"e.json", `{"event_id":"1","event_type":"x","ip":"192.0.2.1"} {}`, 0, "more follows", ""},
		"an event that is a list":    {"e.json", `{"event_id":"1","event_type":"x","ip":"192.0.2.1"}` + "\n[]", 1, "an event was expected", ""},
		"a bad address":              {"e.json", `{"event_id":"1","event_type":"x","ip":"192.0.2.300"}`, 1, "", "not an IP address"},
		"a row with a bad time":      {"m.csv", "ID,Timestamp,Contents,Attachments\n1,then,x,\n", 1, "", "no known form"},
	} {
		r := intaketest.Collect(t, formats(), c.file, []byte(c.text), intake.Options{})
		intaketest.CheckPlaces(t, c.file, []byte(c.text), r)
		var bad, notes []string
		for _, b := range r.Bad {
			bad = append(bad, b.Reason)
		}
		for _, s := range r.Sightings {
			notes = append(notes, s.Notes...)
		}
		if r.Count() != c.records || !strings.Contains(strings.Join(bad, "; "), c.bad) || c.bad == "" && len(bad) > 0 || !strings.Contains(strings.Join(notes, "; "), c.note) {
			t.Errorf("%s: %d records, bad %q, notes %q, error %v", name, r.Count(), bad, notes, r.Err)
		}
	}
}

// Events without an address are told by their number.
func TestEventsWithoutAddress(t *testing.T) {
	r := intaketest.Collect(t, formats(), "e.json", []byte("{\"event_id\":\"1\",\"event_type\":\"x\"}\n\n{\"event_id\":\"2\",\"event_type\":\"x\"}\n"), intake.Options{})
	if r.Count() != 0 || len(r.Notes) != 1 || !strings.Contains(r.Notes[0].Text, "2 events state no address") {
		t.Errorf("%d records, notes %v", r.Count(), r.Notes)
	}
}

func FuzzRead(f *testing.F) {
	for n, file := range samples() {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(uint8(n), data)
	}
	f.Fuzz(func(t *testing.T, which uint8, data []byte) {
		format := formats()[which%3].Name
		r := intaketest.Collect(t, formats(), "x", data, intake.Options{Format: format})
		intaketest.CheckPlaces(t, "x", data, r)
		if len(strings.TrimSpace(strings.TrimPrefix(string(data), "\ufeff"))) > 0 && r.Count()+len(r.Bad)+len(r.Notes) == 0 {
			t.Error("the file vanished without a word")
		}
	})
}
