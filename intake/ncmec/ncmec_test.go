package ncmec_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"suraag/instant"
	"suraag/intake"
	"suraag/intake/intaketest"
	"suraag/intake/ncmec"
)

func formats() []intake.Format { return []intake.Format{ncmec.Format()} }

const (
	head = `<?xml version="1.0"?><queryResult xmlns="https://hashsharing.ncmec.org/hashsharing/v2">`
	tail = `</queryResult>`
	md5  = "4bc93fb481892c12606a481fc53a0ad9"
	sha1 = "a315372f5e9ac7e07593d41e19b3cec37f9f3c1f"
	who  = `<member id="42">Example Member</member><id>image1</id><timestamp>2017-10-24T15:00:00Z</timestamp>`
	good = `<image>` + who + `<fingerprints><md5>d9b34978557ef4119e191727f067c746</md5></fingerprints></image>`
)

func images(entries string, count string) string {
	return head + `<images count="` + count + `">` + entries + `</images>` + tail
}

func collect(t testing.TB, text string) intaketest.Records {
	t.Helper()
	r := intaketest.Collect(t, formats(), "entries.xml", []byte(text), intake.Options{})
	intaketest.CheckPlaces(t, "entries.xml", []byte(text), r)
	return r
}

func samples(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/*.xml")
	if err != nil || len(files) < 5 {
		t.Fatalf("%d samples, %v", len(files), err)
	}
	return files
}

func TestSamples(t *testing.T) {
	for _, file := range samples(t) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			r, data := intaketest.CollectFile(t, formats(), file, intake.Options{})
			intaketest.CheckPlaces(t, file, data, r)
			intaketest.Golden(t, strings.TrimSuffix(file, ".xml")+".golden", r)
		})
	}
}

func TestEntries(t *testing.T) {
	for name, c := range map[string]struct {
		entry string
		bad   string // reason, where the entry is bad
		note  string // note, where it is kept
	}{
		"no hash that can be compared": {`<image>` + who + `<fingerprints/></image>`, "no hash that can be compared", ""},
		"no fingerprints":              {`<image>` + who + `</image>`, "no hash that can be compared", ""},
		"only a link":                  {`<video>` + who + `<fingerprints><tmk-pdqf href="/v2/x"/></fingerprints></video>`, "no hash that can be compared", ""},
		"only one of their own kind":   {`<image>` + who + `<fingerprints><netclean>` + sha1 + `</netclean></fingerprints></image>`, "no hash that can be compared", ""},
		"a broken one":                 {`<image>` + who + `<fingerprints><md5>xyz</md5></fingerprints></image>`, "no known hash", ""},
		"a broken one beside a good":   {`<image>` + who + `<fingerprints><md5>xyz</md5><sha1>` + sha1 + `</sha1></fingerprints></image>`, "", "no known hash"},
		"a SHA-1 under md5":            {`<image>` + who + `<fingerprints><md5>` + sha1 + `</md5></fingerprints></image>`, "", "length of sha1"},
		"two of a kind":                {`<image>` + who + `<fingerprints><md5>` + md5 + `</md5><md5>d9b34978557ef4119e191727f067c746</md5></fingerprints></image>`, "", "a second md5"},
		"no member":                    {`<image><id>7</id><fingerprints><md5>` + md5 + `</md5></fingerprints></image>`, "", "no deletion could take it back"},
		"bad time":                     {`<image><member id="1"/><id>7</id><timestamp>soon</timestamp><fingerprints><md5>` + md5 + `</md5></fingerprints></image>`, "", "timestamp"},
		"unknown element":              {`<image>` + who + `<fingerprints><md5>` + md5 + `</md5></fingerprints><rating>9</rating></image>`, "", "not known"},
		"an objection":                 {`<image>` + who + `<fingerprints><md5>` + md5 + `</md5></fingerprints><feedback><negativeFeedback type="Md5"><reasons><reason name="Not apparent"/></reasons></negativeFeedback></feedback></image>`, "", "members object to the Md5 fingerprint of this entry: Not apparent"},
		"deletion of nothing":          {`<deletedImage><member id="1">X</member><timestamp>2017-10-24T15:00:00Z</timestamp></deletedImage>`, "nothing tells which", ""},
		"no entry":                     {`<sound>` + who + `</sound>`, "no entry that is known", ""},
		"too large":                    {`<image>` + who + `<fingerprints><md5>` + md5 + `</md5>` + strings.Repeat("<x/>", 30_000) + `</fingerprints></image>`, "more than", ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := collect(t, images(c.entry+good, "2"))
			if r.Err != nil || len(r.Listings)+len(r.Bad) != 2 {
				t.Fatalf("%d listings, bad %v, error %v", len(r.Listings), r.Bad, r.Err)
			}
			if c.bad != "" {
				if len(r.Bad) != 1 || !strings.Contains(r.Bad[0].Reason, c.bad) {
					t.Fatalf("bad %v, want %q", r.Bad, c.bad)
				}
				return
			}
			if notes := strings.Join(r.Listings[0].Notes, "; "); !strings.Contains(notes, c.note) {
				t.Errorf("notes %q, want %q", notes, c.note)
			}
		})
	}
}

// A deletion states no hash: it names the entry by member and number, and says
// from when. Nothing else in the file may be dropped because of it.
func TestDeletionNamesTheEntry(t *testing.T) {
	r := collect(t, images(good+`<deletedImage>`+who+`</deletedImage>`, "2"))
	if len(r.Listings) != 2 || r.Listings[0].Withdrawn || !r.Listings[1].Withdrawn {
		t.Fatalf("%+v, bad %v", r.Listings, r.Bad)
	}
	if a, b := r.Listings[0], r.Listings[1]; a.Ref != "42/image1" || a.Ref != b.Ref || len(b.Digests) != 0 || b.Updated.Basis != instant.StatedUTC {
		t.Errorf("entry %q, deletion %+v", a.Ref, b)
	}
}

// The same number of two members is two entries.
func TestMembersNumberByThemselves(t *testing.T) {
	r := collect(t, images(good+strings.Replace(good, `"42"`, `"43"`, 1), "2"))
	if len(r.Listings) != 2 || r.Listings[0].Ref == r.Listings[1].Ref {
		t.Errorf("%+v", r.Listings)
	}
}

func TestWhatTheFileLeavesOpenIsSaid(t *testing.T) {
	for name, c := range map[string]struct{ text, note, err string }{
		"another count": {images(good, "7"), `count says "7", the file holds 1`, ""},
		"more pages":    {head + `<paging><next>/v2/entries?start=2001</next></paging>` + tail, "one page of the list", ""},
		"nothing":       {head + tail, "neither images nor videos", ""},
		"cut off":       {head + `<images count="1">` + good, "", "ends in the middle"},
		"another root":  {`<status xmlns="https://hashsharing.ncmec.org/hashsharing/v2"/>`, "", "is not queryResult"},
		"two roots":     {images(good, "1") + `<x/>`, "", "second root"},
		"own entities":  {`<!DOCTYPE q [<!ENTITY a "b">]>` + images(good, "1"), "", "defines its own entities"},
	} {
		t.Run(name, func(t *testing.T) {
			r := intaketest.Collect(t, formats(), "e.xml", []byte(c.text), intake.Options{Format: "ncmec/hashsharing"})
			var said []string
			for _, n := range r.Notes {
				said = append(said, n.Text)
			}
			for _, b := range r.Bad {
				said = append(said, b.Reason)
			}
			if r.Err != nil {
				said = append(said, r.Err.Error())
			}
			if all := strings.Join(said, "\n"); !strings.Contains(all, c.note) || !strings.Contains(all, c.err) {
				t.Errorf("said %q", all)
			}
		})
	}
}

// FuzzRead: every entry is a listing or a bad one, and each has its place.
func FuzzRead(f *testing.F) {
	for _, file := range samples(f) {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r := intaketest.Collect(t, formats(), "e.xml", data, intake.Options{Format: "ncmec/hashsharing"})
		intaketest.CheckPlaces(t, "e.xml", data, r)
		if len(data) > 0 && r.Count()+len(r.Bad)+len(r.Notes) == 0 && r.Err == nil {
			t.Error("the file vanished without a word")
		}
		for _, l := range r.Listings {
			if len(l.Digests) == 0 && !l.Withdrawn || l.Withdrawn && l.Ref == "" {
				t.Errorf("%s lists nothing", l.Place)
			}
		}
	})
}
