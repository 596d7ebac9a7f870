package whatsappchat_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"suraag/instant"
	"suraag/intake"
	"suraag/intake/intaketest"
	"suraag/intake/whatsappchat"
	"suraag/sighting"
)

func formats() []intake.Format { return []intake.Format{whatsappchat.Format()} }

func collect(t testing.TB, text string, opts intake.Options) intaketest.Records {
	t.Helper()
	opts.Format = "whatsapp/chat"
	r := intaketest.Collect(t, formats(), "_chat.txt", []byte(text), opts)
	intaketest.CheckPlaces(t, "_chat.txt", []byte(text), r)
	return r
}

func samples(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) != 2 {
		t.Fatalf("%d samples, %v", len(files), err)
	}
	return files
}

func TestSamples(t *testing.T) {
	for _, file := range samples(t) {
		r, data := intaketest.CollectFile(t, formats(), file, intake.Options{})
		intaketest.CheckPlaces(t, file, data, r)
		intaketest.Golden(t, strings.TrimSuffix(file, ".txt")+".golden", r)
	}
}

// Every form of line that phones write.
func TestForms(t *testing.T) {
	for name, c := range map[string]struct{ line, who, text, file string }{
		"Android":             {"14/03/25, 10:58 am - Alice: hello", "name:Alice", "hello", ""},
		"Android, narrow gap": {"14/03/25, 10:58\u202fam - Alice: hello", "name:Alice", "hello", ""},
		"Android, 24 hours":   {"14/03/2025, 22:58 - Alice: hello", "name:Alice", "hello", ""},
		"Android, AM":         {"14/03/2025, 09:15 AM - Alice: hello", "name:Alice", "hello", ""},
		"iOS":                 {"[27/04/25, 9:19:05 am] Alice: hello", "name:Alice", "hello", ""},
		"iOS, marked":         {"\u200e[27/04/25, 9:19:05\u202fam] Alice: \u200e<attached: 1-PHOTO.jpg>", "name:Alice", "", "1-PHOTO.jpg"},
		"German dots":         {"14.03.25, 10:58 - Alice: hallo", "name:Alice", "hallo", ""},
		"year first":          {"2025-03-14, 10:58 - Alice: hello", "name:Alice", "hello", ""},
		"Hindi clock":         {"14/03/25, 10:58 अपराह्न - आलिया: नमस्ते", "name:आलिया", "नमस्ते", ""},
		"number":              {"14/03/25, 10:58 am - \u202a+91 00000 00002\u202c: hello", "phone:+910000000002", "hello", ""},
		"colon in the words":  {"14/03/25, 10:58 am - Alice: see: this", "name:Alice", "see: this", ""},
		"nothing said":        {"14/03/25, 10:58 am - Alice:", "name:Alice", "", ""},
		"media left out":      {"14/03/25, 10:58 am - Alice: <Media omitted>", "name:Alice", "", ""},
		"file and caption":    {"14/03/25, 10:58 am - Alice: IMG-1.jpg (file attached)\nlook", "name:Alice", "look", "IMG-1.jpg"},
		"more lines":          {"14/03/25, 10:58 am - Alice: one\n\ntwo\n", "name:Alice", "one\n\ntwo", ""},
		"a poll":              {"[27/04/25, 9:19:05 am] Alice: \u200ePOLL:\nwho?\n\u200eOPTION: me", "name:Alice", "\u200ePOLL:\nwho?\n\u200eOPTION: me", ""},
		"a place":             {"[27/04/25, 9:19:05 am] Alice: \u200eLocation: https://maps.example.com/", "name:Alice", "\u200eLocation: https://maps.example.com/", ""},
		"deleted":             {"[27/04/25, 9:19:05 am] Alice: \u200eThis message was deleted.", "name:Alice", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := collect(t, c.line, intake.Options{})
			if len(r.Sightings) != 1 || r.Err != nil || len(r.Bad) > 0 {
				t.Fatalf("%d sightings, bad %v, error %v", len(r.Sightings), r.Bad, r.Err)
			}
			s := r.Sightings[0]
			if s.Act != sighting.Send || s.Standing != sighting.Statement || s.When.IsZero() {
				t.Errorf("%+v", s)
			}
			if len(s.Who) != 1 || s.Who[0].String() != c.who || s.Text != c.text || s.Content.Name != c.file {
				t.Errorf("%v said %q with %q", s.Who, s.Text, s.Content.Name)
			}
		})
	}
}

// The app's own words are no act of anyone, whatever they quote.
func TestNoticesAreNotActs(t *testing.T) {
	for _, line := range []string{
		"14/03/25, 10:57 am - Messages and calls are end-to-end encrypted.",
		"14/03/25, 10:57 am - +91 00000 00002 left",
		"14/03/25, 10:57 am - Alice changed the subject from “a: b” to “c: d”",
		"[27/04/25, 9:19:05 am] Synthetic Group: \u200eMessages and calls are end-to-end encrypted.",
		"[27/04/25, 9:19:05 am] Alice: \u200eMissed voice call",
	} {
		r := collect(t, line, intake.Options{})
		if r.Count() != 0 || len(r.Notes) != 1 || !strings.Contains(r.Notes[0].Text, "a notice of the app") {
			t.Errorf("%q: %d records, notes %v", line, r.Count(), r.Notes)
		}
	}
}

// No export states a zone, and day and month are told apart only by proof.
func TestTimes(t *testing.T) {
	const open, early, late = "04/03/25, 10:58 am - A: x\n", "14/03/25, 10:58 am - A: x\n", "04/14/25, 10:58 am - A: x\n"
	for name, c := range map[string]struct {
		text  string
		opts  intake.Options
		basis instant.Basis
		first string // the first moment that the first line can mean
		note  string
	}{
		"no zone, no proof":      {open, intake.Options{}, instant.Ambiguous, "2025-03-03 20:58", "both readings stay"},
		"zone, no proof":         {open, intake.Options{Zone: instant.IST()}, instant.Ambiguous, "2025-03-04 05:28", "both readings stay"},
		"zone, proof of day":     {open + early, intake.Options{Zone: instant.IST()}, instant.Assumed, "2025-03-04 05:28", ""},
		"zone, proof of month":   {open + late, intake.Options{Zone: instant.IST()}, instant.Assumed, "2025-04-03 05:28", ""},
		"both are proven":        {open + early + late, intake.Options{Zone: instant.IST()}, instant.Ambiguous, "2025-03-04 05:28", "both day first and month first"},
		"declared":               {open, intake.Options{Zone: instant.IST(), Order: instant.MonthFirst}, instant.Assumed, "2025-04-03 05:28", ""},
		"declared against proof": {open + early, intake.Options{Zone: instant.IST(), Order: instant.MonthFirst}, instant.Assumed, "2025-04-03 05:28", "the file itself shows"},
		"nothing to exchange":    {"04/04/25, 10:58 am - A: x\n", intake.Options{Zone: instant.IST()}, instant.Assumed, "2025-04-04 05:28", ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := collect(t, c.text, c.opts)
			var notes []string
			for _, n := range r.Notes {
				notes = append(notes, n.Text)
			}
			w := r.Sightings[0].When
			if w.Basis != c.basis || w.At.Format("2006-01-02 15:04") != c.first {
				t.Errorf("%+v, want %s from %s", w, c.basis, c.first)
			}
			if all := strings.Join(notes, "; "); !strings.Contains(all, c.note) || c.note == "" && all != "" {
				t.Errorf("notes %q, want %q", all, c.note)
			}
		})
	}
}

// A message can hold lines that look like messages of others. Nothing tells them
// apart for certain, so the record of the line says what gives it away.
func TestWhatLooksLikeAnotherMessageIsSaid(t *testing.T) {
	for name, c := range map[string]struct {
		text    string
		records int
		note    string
	}{
		"a pasted chat":       {"14/03/25, 10:58 am - Alice: see what he wrote\n12/03/25, 9:00 am - Bob: threat\n14/03/25, 10:59 am - Alice: that", 3, "lies before that of the message before it"},
		"a damaged beginning": {"14/03/25, 10:58 am - Alice: x\n14/O3/25, 10:59 am - Bob: y", 1, "line 2 may begin another message"},
		"joined lines":        {"14/03/25, 10:58 am - Alice: x 14/03/25, 10:59 am - Bob: y", 1, "hold a date and time"},
	} {
		r := collect(t, c.text, intake.Options{})
		var notes []string
		for _, s := range r.Sightings {
			notes = append(notes, s.Notes...)
		}
		if r.Count() != c.records || !strings.Contains(strings.Join(notes, "; "), c.note) {
			t.Errorf("%s: %d records, notes %q", name, r.Count(), notes)
		}
	}
}

func TestMalformed(t *testing.T) {
	for name, c := range map[string]struct {
		text    string
		records int
		bad     string
	}{
		"before the first":    {"Chat with Alice\n14/03/25, 10:58 am - Alice: x", 1, "before the first message"},
		"no message":          {"hello\nworld", 0, "before the first message"},
		"a line without end":  {"14/03/25, 10:58 am - Alice: x\n" + strings.Repeat("y", 2<<20), 1, "longer than"},
		"31 February":         {"31/02/25, 10:58 am - Alice: x", 1, ""},
		"not UTF-8":           {"14/03/25, 10:58 am - Al\xffce: x\xff", 1, ""},
		"a bracket left open": {"14/03/25, 10:58 am - A: x\n[14/03/25, 10:58 am - Alice: x", 1, ""},
	} {
		r := collect(t, c.text, intake.Options{})
		var bad []string
		for _, b := range r.Bad {
			bad = append(bad, b.Reason)
		}
		if r.Count() != c.records || !strings.Contains(strings.Join(bad, "; "), c.bad) || c.bad == "" && len(bad) > 0 {
			t.Errorf("%s: %d records, bad %q", name, r.Count(), bad)
		}
	}
}

// FuzzRead: no line vanishes: it is a message, a part of one, a notice or bad.
func FuzzRead(f *testing.F) {
	for _, file := range samples(f) {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(data))
	}
	f.Fuzz(func(t *testing.T, text string) {
		r := collect(t, text, intake.Options{})
		if strings.TrimSpace(text) != "" && r.Count()+len(r.Bad)+len(r.Notes) == 0 {
			t.Errorf("%q brought nothing and no reason", text)
		}
		for _, s := range r.Sightings {
			if len(s.Text) > sighting.MaxText {
				t.Errorf("%d bytes of words", len(s.Text))
			}
		}
	})
}
