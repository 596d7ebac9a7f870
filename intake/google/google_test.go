package google_test

import (
	"archive/zip"
	"bytes"
	"os"
	"strings"
	"testing"

	"suraag/intake"
	"suraag/intake/google"
	"suraag/intake/intaketest"
	"suraag/sighting"
)

const file = "testdata/synthetic.SubscriberInfo.html"

func formats() []intake.Format { return []intake.Format{google.Format()} }

func sample(t testing.TB) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestSubscriberInfo(t *testing.T) {
	r, data := intaketest.CollectFile(t, formats(), file, intake.Options{})
	intaketest.Golden(t, "testdata/synthetic.golden", r)
	intaketest.CheckPlaces(t, file, data, r)
}

// The same words in other markup state the same.
func TestLayoutIsNotReliedUpon(t *testing.T) {
	first := intaketest.Collect(t, formats(), file, []byte(sample(t)), intake.Options{})
	for name, change := range map[string]*strings.Replacer{
		"paragraphs":          strings.NewReplacer("<li>", "<p>", "</li>", "</p>"),
		"bold labels":         strings.NewReplacer("<li>", "<li><b>", ": ", ":</b> "),
		"lines of one block":  strings.NewReplacer("<li>", "", "</li>", "<br>", "<ul>", "<div>", "</ul>", "</div>"),
		"definition lists":    strings.NewReplacer("<li>", "<dt>", ": ", ":</dt><dd>", "</li>", "</dd>"),
		"table without ends":  strings.NewReplacer("</td>", "", "</tr>", "", "</th>", ""),
		"attributes on cells": strings.NewReplacer("<td>", `<td class="x">`, "<th>", `<th scope="col">`),
		"label tables":        strings.NewReplacer("<ul>", "<table>", "</ul>", "</table>", "<li>", "<tr><td>", ": ", "</td><td>", "</li>", "</td></tr>"),
	} {
		t.Run(name, func(t *testing.T) {
			head, rest, _ := strings.Cut(sample(t), "-->")
			text := head + "-->" + change.Replace(rest)
			second := intaketest.Collect(t, formats(), file, []byte(text), intake.Options{})
			if second.Err != nil {
				t.Fatal(second.Err)
			}
			intaketest.SameStatements(t, first, second)
			intaketest.CheckPlaces(t, file, []byte(text), second)
		})
	}
}

func TestZipOfZips(t *testing.T) {
	inner := pack(t, "Google Account/synthetic.SubscriberInfo.html", []byte(sample(t)))
	outer := pack(t, "synthetic@example.com.12345.GoogleAccount.SubscriberInfo_001.zip", inner)
	r := intaketest.Collect(t, formats(), "google.zip", outer, intake.Options{})
	if r.Err != nil || len(r.Sightings) != 3 {
		t.Fatalf("%d sightings, error %v", len(r.Sightings), r.Err)
	}
	intaketest.CheckPlaces(t, "google.zip", outer, r)
	want := "synthetic@example.com.12345.GoogleAccount.SubscriberInfo_001.zip!Google Account/synthetic.SubscriberInfo.html"
	if got := r.Sightings[0].Place.Member; got != want {
		t.Errorf("member %q, want %q", got, want)
	}
}

func pack(t testing.TB, name string, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create(name)
	if err == nil {
		_, err = w.Write(data)
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestDamagedValues(t *testing.T) {
	for name, c := range map[string]struct {
		old, new string
		sights   int
		bad      string // reason of a bad row
		said     string // in a note of a sighting or of the file
	}{
		"bad address in a row":    {"<td>198.51.100.77</td>", "<td>198.51.100.777</td>", 2, "no address that can be read", ""},
		"bad time in a row":       {"<td>2025-02-28 18:30:00 Z</td>", "<td>yesterday</td>", 3, "", "no time that can be read"},
		"a cell is missing":       {"<td>198.51.100.77</td>", "", 2, "5 cells", ""},
		"rows run together":       {"</td></tr><tr><td>", "</td><td>", 1, "12 cells", ""},
		"unknown column":          {"<th>Android ID</th>", "<th>Cookie</th>", 3, "", `column "Cookie" is not known`},
		"unknown label":           {"<li>Status: Enabled</li>", "<li>Mood: fine</li>", 3, "", `label "Mood" is not known`},
		"bad creation time":       {"2020-01-01 00:00:00 Z", "long ago", 3, "", "long ago"},
		"bad creation address":    {"Terms of Service IP: 203.0.113.25", "Terms of Service IP: home", 3, "", `address "home"`},
		"number without country":  {"User Phone Numbers: +910000000001", "User Phone Numbers: 555-0123", 3, "", "no country"},
		"header of another kind":  {"<th>Timestamp</th>", "<th>Moment</th>", 1, "", "table that is not known"},
		"text in no known place":  {"</ul>", "</ul>some words", 3, "", `"some words"`},
		"truncated in the table":  {"Mozilla/5.0 (synthetic)</td></tr>", "\x00", 2, "", ""},
		"placeholder is unstated": {"Status: Enabled", "Status: N/A", 3, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			text := strings.Replace(sample(t), c.old, c.new, 1)
			if text == sample(t) {
				t.Fatal("nothing was changed")
			}
			if cut := strings.IndexByte(text, 0); cut >= 0 {
				text = text[:cut]
			}
			r := intaketest.Collect(t, formats(), file, []byte(text), intake.Options{})
			intaketest.CheckPlaces(t, file, []byte(text), r)
			if r.Err != nil || len(r.Sightings) != c.sights {
				t.Fatalf("%d sightings, want %d; error %v; bad %v", len(r.Sightings), c.sights, r.Err, r.Bad)
			}
			if got := said(r); !strings.Contains(got, c.said) || !strings.Contains(got, c.bad) {
				t.Errorf("said %q, want %q and %q", got, c.said, c.bad)
			}
		})
	}
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
	return strings.Join(out, "\n")
}

// FuzzPage: what is accepted brings records, bad rows, notes or an error, and
// everything can be traced back.
func FuzzPage(f *testing.F) {
	seeds := []string{sample(f), "<html>Google Account ID: 1<li>Created on: 2020-01-01", "<tr><th>Timestamp<th>IP<tr><td>2020-01-01 00:00:00 Z<td>192.0.2.1"}
	if len(seeds) == 0 {
		f.Fatal("no seeds")
	}
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r := intaketest.Collect(t, formats(), file, []byte(text), intake.Options{Format: "google/subscriber"})
		intaketest.CheckPlaces(t, file, []byte(text), r)
		if r.Count()+len(r.Bad)+len(r.Notes) == 0 && r.Err == nil {
			t.Errorf("%q brought nothing and no reason", text)
		}
		for _, s := range r.Sightings {
			if s.Act == sighting.Login && s.From.IsZero() {
				t.Errorf("a log in without an address: %+v", s)
			}
		}
	})
}
