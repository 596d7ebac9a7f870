package meta_test

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"suraag/intake"
	"suraag/intake/intaketest"
	"suraag/intake/meta"
	"suraag/sighting"
)

func formats() []intake.Format { return []intake.Format{meta.Format()} }

func TestRecordsOfBothGenerations(t *testing.T) {
	for _, generation := range []string{"generation_A", "generation_B"} {
		t.Run(generation, func(t *testing.T) {
			r, data := intaketest.CollectFile(t, formats(), "testdata/"+generation+".html", intake.Options{})
			intaketest.Golden(t, "testdata/"+generation+".golden", r)
			intaketest.CheckPlaces(t, "testdata/"+generation+".html", data, r)
		})
	}
}

func TestBothGenerationsStateTheSame(t *testing.T) {
	a, _ := intaketest.CollectFile(t, formats(), "testdata/generation_A.html", intake.Options{})
	b, _ := intaketest.CollectFile(t, formats(), "testdata/generation_B.html", intake.Options{})
	intaketest.SameStatements(t, a, b)
}

func sample(t testing.TB) []byte {
	t.Helper()
	data, err := os.ReadFile("testdata/generation_B.html")
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// said joins all doubts of a file.
func said(r intaketest.Records) string {
	var out []string
	for _, b := range r.Bad {
		out = append(out, b.Reason)
	}
	for _, n := range r.Notes {
		out = append(out, n.Text)
	}
	for _, s := range r.Sightings {
		out = append(out, s.Notes...)
	}
	if r.Err != nil {
		out = append(out, r.Err.Error())
	}
	return strings.Join(out, "\n")
}

func TestDamagedValues(t *testing.T) {
	for name, c := range map[string]struct {
		old, new string
		count    int // of sightings; the whole sample has 6
		said     string
	}{
		"bad address of a log in":     {"2001:db8:40:12::7", "2001:db8:40:12:::7", 5, "no address that can be read"},
		"bad address of an upload":    {`Upload Ip<div class="m"><div>198.51.100.77`, `Upload Ip<div class="m"><div>198.51.100.777`, 6, `address "198.51.100.777" is not`},
		"bad time":                    {"2025-02-28 18:46:00 UTC", "some day", 6, `time "some day"`},
		"time without a zone":         {"2025-02-28 18:46:00 UTC", "2025-02-28 18:46:00", 6, ""},
		"path leads outside":          {"linked_media/photo_synthetic_1.jpg", "../../photo.jpg", 6, "leads outside, not used"},
		"author is someone else":      {`Author<div class="m"><div>synthetic_user_01<`, `Author<div class="m"><div>synthetic_user_09<`, 6, "not stated to be the account"},
		"responsible is someone else": {`Responsible Id<div class="m"><div>900000000000001`, `Responsible Id<div class="m"><div>900000000000009`, 6, "not the one the return is about"},
		"size is no number":           {">100001<", ">1e5<", 6, `size "1e5"`},
		"action is another":           {">Login<", ">Password change<", 6, "need not be a log in"},
		"unknown label":               {">Uploaded<", ">Put up<", 6, `label "Put up" is not known`},
		"unknown section":             {"property-photos", "property-fotos", 5, "section fotos is not read; its 8 values are not kept"},
		"placeholder":                 {">203.0.113.25<", ">N/A<", 6, ""},
	} {
		t.Run(name, func(t *testing.T) {
			text := strings.Replace(string(sample(t)), c.old, c.new, 1)
			if text == string(sample(t)) {
				t.Fatal("nothing was changed")
			}
			r := intaketest.Collect(t, formats(), "records.html", []byte(text), intake.Options{})
			intaketest.CheckPlaces(t, "records.html", []byte(text), r)
			if r.Err != nil || len(r.Sightings) != c.count || !strings.Contains(said(r), c.said) {
				t.Errorf("%d sightings, want %d; said %q, want %q", len(r.Sightings), c.count, said(r), c.said)
			}
		})
	}
}

// The account of the return is not the author of what another put there.
func TestAnotherAuthorIsNotTheAccount(t *testing.T) {
	text := strings.Replace(string(sample(t)), `Author<div class="m"><div>synthetic_user_01<`, `Author<div class="m"><div>Some One (Instagram: 900000000000005)<`, 1)
	r := intaketest.Collect(t, formats(), "records.html", []byte(text), intake.Options{})
	for _, s := range r.Sightings {
		if s.Act != sighting.Upload {
			continue
		}
		if len(s.Who) != 1 || s.Who[0].String() != "account:instagram:900000000000005" {
			t.Errorf("uploaded by %v", s.Who)
		}
		return
	}
	t.Error("no upload")
}

// A message with two attachments is two sightings of one place.
func TestEachAttachmentIsASighting(t *testing.T) {
	more := `<div class="t o"><div class="t i">Type<div class="m"><div>video/mp4</div></div></div></div><div class="t o"><div class="t i">URL<div class="m"><div>https://cdn.example.com/y</div></div></div></div>`
	mark := `<div class="t o"><div class="t i">Linked Media File:<div class="m"><div>linked_media/unified`
	text := strings.Replace(string(sample(t)), mark, more+mark, 1)
	r := intaketest.Collect(t, formats(), "records.html", []byte(text), intake.Options{})
	intaketest.CheckPlaces(t, "records.html", []byte(text), r)
	var refs []string
	for _, s := range r.Sightings {
		if s.Act == sighting.Send {
			refs = append(refs, s.Content.Refs...)
		}
	}
	if got := strings.Join(refs, " "); got != "instagram:https://cdn.example.com/x instagram:https://cdn.example.com/y" {
		t.Errorf("refs %q", got)
	}
}

func TestTruncatedFileIsTold(t *testing.T) {
	data := sample(t)[:3000]
	r := intaketest.Collect(t, formats(), "records.html", data, intake.Options{})
	intaketest.CheckPlaces(t, "records.html", data, r)
	if !strings.Contains(said(r), "are not closed") || len(r.Sightings) == 0 {
		t.Errorf("%d sightings, said %q", len(r.Sightings), said(r))
	}
}

// FuzzReturn: whatever is accepted can be traced back and brings something.
func FuzzReturn(f *testing.F) {
	seeds := [][]byte{sample(f), sample(f)[:3000], []byte(`<div id="property-photos"><div class="t i">Id<div class="m">1`)}
	if len(seeds) == 0 {
		f.Fatal("no seeds")
	}
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r := intaketest.Collect(t, formats(), "records.html", data, intake.Options{Format: "meta/record"})
		intaketest.CheckPlaces(t, "records.html", data, r)
		if r.Err == nil && r.Count()+len(r.Bad)+len(r.Notes) == 0 && bytes.Contains(data, []byte("property-photos")) {
			t.Error("nothing came of it and nothing was said")
		}
		for _, s := range r.Sightings {
			if s.Act == sighting.Login && s.From.IsZero() {
				t.Errorf("a log in without an address: %+v", s)
			}
		}
	})
}
