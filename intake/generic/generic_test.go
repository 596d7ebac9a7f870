package generic_test

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"suraag/intake"
	"suraag/intake/generic"
	"suraag/intake/intaketest"
	"suraag/sighting"
)

func formats() []intake.Format {
	return []intake.Format{generic.FormatCSV(), generic.FormatJSONL()}
}

func TestSamples(t *testing.T) {
	for file, format := range map[string]string{"p2p.csv": "generic/csv", "mixed.jsonl": "generic/jsonl", "hashed.jsonl": "generic/jsonl"} {
		t.Run(file, func(t *testing.T) {
			r, data := intaketest.CollectFile(t, formats(), "testdata/"+file, intake.Options{})
			intaketest.Golden(t, "testdata/"+file+".golden", r)
			intaketest.CheckPlaces(t, "testdata/"+file, data, r)
			if got := r.Result.Formats(); len(got) != 1 || got[0] != format {
				t.Errorf("read as %v, want %s", got, format)
			}
		})
	}
}

// A table and lines with the same names state the same.
func TestTableAndLinesAgree(t *testing.T) {
	table := "observed_at,act,ip,port,service,who,md5,grade,note\n2025-03-04T02:10:00Z,upload,203.0.113.9,51413,Example,account:7|email:a@example.com,4bc93fb481892c12606a481fc53a0ad9,,seen\n"
	line := `{"observed_at":"2025-03-04T02:10:00Z","act":"upload","ip":"203.0.113.9","port":51413,"service":"Example","who":["account:7","email:a@example.com"],"md5":"4bc93fb481892c12606a481fc53a0ad9","grade":null,"note":"seen"}`
	a := intaketest.Collect(t, formats(), "o.csv", []byte(table), intake.Options{})
	b := intaketest.Collect(t, formats(), "o.jsonl", []byte(line), intake.Options{})
	for _, r := range []intaketest.Records{a, b} {
		for n := range r.Sightings {
			r.Sightings[n].Place.Locator, r.Sightings[n].Reader = "", ""
		}
	}
	intaketest.SameStatements(t, a, b)
}

const md5 = "4bc93fb481892c12606a481fc53a0ad9"

func TestRows(t *testing.T) {
	for _, c := range []struct {
		name, line string
		want       string // act and standing; empty: bad
		says       string // part of the reason or of the notes
	}{
		{"peer without an act offers and no more", `{"network":"BitTorrent","ip":"203.0.113.9","md5":"` + md5 + `"}`, "offer, network observation", ""},
		{"act in other spelling", `{"act":"take_down","service":"x","md5":"` + md5 + `"}`, "take down, network observation", ""},
		{"act unknown", `{"act":"shared","ip":"203.0.113.9"}`, "", `act "shared" is none of`},
		{"act missing", `{"observed_at":"2025-03-04T02:10:00Z","ip":"203.0.113.9"}`, "", "states no act"},
		{"nothing stated", `{"act":"upload","note":"x"}`, "", "no address, no one and no content"},
		{"standing unknown is the weakest", `{"act":"upload","ip":"203.0.113.9","standing":"certain"}`, "upload, statement", "taken as the weakest"},
		{"standing known", `{"act":"upload","ip":"203.0.113.9","standing":"Provider Capture"}`, "upload, provider capture", ""},
		{"bad time", `{"act":"upload","ip":"203.0.113.9","observed_at":"soon"}`, "upload, network observation", "no known form"},
		{"bad address, good hash", `{"act":"upload","ip":"203.0.113.900","md5":"` + md5 + `"}`, "upload, network observation", "not an IP address"},
		{"bad address alone", `{"act":"upload","ip":"203.0.113.900"}`, "", "not an IP address"},
		{"bad port", `{"act":"upload","ip":"203.0.113.9","port":70000,"md5":"` + md5 + `"}`, "upload, network observation", "not a number from 1"},
		{"bad hash", `{"act":"upload","ip":"203.0.113.9","md5":"4bc9"}`, "upload, network observation", "no known hash"},
		{"wrong label", `{"act":"upload","sha1":"` + strings.Repeat("ab", 32) + `"}`, "upload, network observation", "has the length of sha256"},
		{"phone rounded", `{"act":"log in","who":"phone:9.1E+11","ip":"203.0.113.9"}`, "", "rounded by a spreadsheet"},
		{"grade unknown", `{"act":"offer","ip":"203.0.113.9","grade":"G9"}`, "offer, network observation", "none of G0 to G3"},
		{"more pieces than there are", `{"btih":"c12fe1c06bba254a9dc9f519b335aa7c1367a88a","pieces_seen":5,"pieces_total":4}`, "offer, network observation", "5 pieces seen of 4"},
		{"ref without service joins nothing", `{"act":"send","ref":"9","md5":"` + md5 + `"}`, "send, network observation", "names no service"},
		{"ref leads outside", `{"act":"send","service":"x","ref":"../9","md5":"` + md5 + `"}`, "send, network observation", "leads outside"},
		{"nested member stays JSON", `{"act":"send","md5":"` + md5 + `","who":{"a":1}}`, "send, network observation", "is not known"},
		{"member twice", `{"act":"send","act":"view","md5":"` + md5 + `"}`, "", "duplicate"},
		{"two spellings of one member", `{"act":"send","md5":"` + md5 + `","file_size":1,"size":2}`, "", "a second time"},
		{"cut off", `{"act":"send","md5":"` + md5 + `"`, "", "no whole JSON object"},
		{"goes on", `{"act":"send","md5":"` + md5 + `"} {}`, "", "goes on"},
		{"list", `["send"]`, "", "no JSON object"},
		{"huge", `{"act":"` + strings.Repeat("x", 2<<20) + `"}`, "", "longer than"},
		{"not UTF-8", `{"act":"send","md5":"` + md5 + "\",\"note\":\"\xff\"}", "send, network observation", "not UTF-8"},
	} {
		t.Run(c.name, func(t *testing.T) {
			good := `{"act":"send","md5":"` + md5 + `"}` + "\n"
			data := []byte(c.line + "\n" + good)
			r := intaketest.Collect(t, formats(), "o.jsonl", data, intake.Options{Format: "generic/jsonl"})
			intaketest.CheckPlaces(t, "o.jsonl", data, r)
			if c.want == "" {
				if len(r.Bad) != 1 || len(r.Sightings) != 1 || !strings.Contains(r.Bad[0].Reason, c.says) {
					t.Fatalf("%d sightings, bad %v", len(r.Sightings), r.Bad)
				}
				return
			}
			if len(r.Sightings) != 2 {
				t.Fatalf("bad %v", r.Bad)
			}
			s := r.Sightings[0]
			if got := string(s.Act) + ", " + string(s.Standing); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
			if !strings.Contains(strings.Join(s.Notes, "\n"), c.says) {
				t.Errorf("notes %q lack %q", s.Notes, c.says)
			}
		})
	}
}

// The officer's column map reads a table of any titles.
func TestColumnMap(t *testing.T) {
	text := "Seen;Host;Info Hash;Whatever\n04/03/2025 02:10:00;203.0.113.9;c12fe1c06bba254a9dc9f519b335aa7c1367a88a;x\n"
	opts := intake.Options{Format: "generic/csv", Columns: map[string]string{"observed_at": "Seen", "ip": "2", "btih": "info hash"}}
	r := intaketest.Collect(t, formats(), "tool.csv", []byte(text), opts)
	if len(r.Sightings) != 1 || r.Sightings[0].Act != sighting.Offer || r.Sightings[0].From.IsZero() {
		t.Fatalf("sightings %v, bad %v", r.Sightings, r.Bad)
	}
	if len(r.Notes) != 1 || !strings.Contains(r.Notes[0].Text, "Whatever") {
		t.Errorf("notes %v", r.Notes)
	}
	opts.Columns["ip"] = "Address"
	if r := intaketest.Collect(t, formats(), "tool.csv", []byte(text), opts); r.Count() != 0 || len(r.Bad) == 0 {
		t.Errorf("a column that is not there gave %d records, bad %v", r.Count(), r.Bad)
	}
}

// Every line with words is a sighting or bad.
func FuzzJSONL(f *testing.F) {
	seeds := [][]byte{[]byte("{}\n[]\n\n{\"act\":1}")}
	for _, name := range []string{"mixed.jsonl", "hashed.jsonl"} {
		data, err := os.ReadFile("testdata/" + name)
		if err != nil {
			f.Fatal(err)
		}
		seeds = append(seeds, data)
	}
	if len(seeds) < 3 {
		f.Fatal("seeds are missing")
	}
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r := intaketest.Collect(t, formats(), "o.jsonl", data, intake.Options{Format: "generic/jsonl"})
		intaketest.CheckPlaces(t, "o.jsonl", data, r)
		if r.Result.Members[0].Problem != "" || !bytes.Contains(data, []byte("\n")) {
			return // refused as a whole, with a reason; or line ends of another kind
		}
		lines := 0
		for _, l := range bytes.Split(bytes.TrimPrefix(data, []byte("\ufeff")), []byte("\n")) {
			if len(bytes.TrimSpace(l)) > 0 {
				lines++
			}
		}
		if got := len(r.Sightings) + len(r.Bad); got != lines {
			t.Errorf("%d lines with words gave %d records and bad rows", lines, got)
		}
	})
}

func FuzzCSV(f *testing.F) {
	sample, err := os.ReadFile("testdata/p2p.csv")
	if err != nil {
		f.Fatal(err)
	}
	seeds := [][]byte{sample, []byte("act,who\nlog in,\"phone:1\n\"")}
	if len(seeds) == 0 {
		f.Fatal("no seeds")
	}
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r := intaketest.Collect(t, formats(), "o.csv", data, intake.Options{Format: "generic/csv"})
		intaketest.CheckPlaces(t, "o.csv", data, r)
		for _, s := range r.Sightings {
			if s.From.IsZero() && len(s.Who) == 0 && !s.Content.Identified() {
				t.Errorf("%s: sighting of nothing", s.Place)
			}
		}
	})
}
