package table_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"suraag/intake"
	"suraag/intake/intaketest"
	"suraag/intake/table"
	"suraag/sighting"
)

// toy is a format with two columns that it knows and one that it keeps.
func toy(declare map[string]string) []intake.Format {
	l := table.Layout{
		Names: table.Names{"who": {"User Name"}, "ip": {"IP Address"}}, Keep: []string{"Remark"}, Certain: 80, Declare: declare,
		Lacks: func(h *table.Header) string { return h.Missing("who", "ip") },
	}
	return []intake.Format{{Name: "toy", Title: "Toy", Version: 1, Sniff: l.Sniff, Read: func(in *intake.Input, sink intake.Sink) error {
		return l.Each(in, sink, func(h *table.Header, r *table.Row) error {
			s := sighting.Sighting{Act: sighting.Login, Service: h.Get(r, "who") + "@" + h.Get(r, "ip"), Extra: h.Rest(r), Notes: table.Doubts(h, r)}
			s.Place = r.Place()
			return sink.Sighting(s)
		})
	}}}
}

func TestEach(t *testing.T) {
	for _, c := range []struct {
		name, text string
		declare    map[string]string
		want       string
	}{
		{"spelling of titles does not count", "user_name,IP-ADDRESS\na,1\n", nil, "a@1"},
		{"order does not count", "ip,who\n1,a\n", nil, "a@1"},
		{"unknown column is kept and noted once", "who,ip,Hue\na,1,red\nb,2,-\n", nil, `a@1 Hue=red; b@2; note column "Hue" is not known; its values are kept`},
		{"kept column is not noted", "who,ip,remark\na,1,x\n", nil, "a@1 remark=x"},
		{"column twice", "who,ip,User Name\na,1,b\n", nil, `a@1 User Name=b; note column "User Name" states what an earlier column states; its values are kept, the earlier is used`},
		{"preamble", "Report of today\n\nwho,ip\na,1\n", nil, `a@1; note before the header: "Report of today"`},
		{"second section with other columns", "who,ip\na,1\n\nip,who\n2,b\n", nil, "a@1; b@2"},
		{"short row", "who,ip,remark\na,1\n", nil, "a@1 (the row has 2 cells, the header 3)"},
		{"short row at a cut", "who,ip,remark\na,1", nil, "bad row has 2 cells, the header 3: the file is cut off here"},
		{"a cell too many", "who,ip\na,1,2\nb,2\n", nil, "b@2; bad row has 3 cells, the header 2: a delimiter inside a cell may have shifted them"},
		{"empty cells too many", "who,ip\na,1,,\n", nil, "a@1"},
		{"only a header", "who,ip\n", nil, "note the table has a header and no rows"},
		{"column map by title", "x,y\na,1\n", map[string]string{"who": "X", "ip": "2"}, "a@1"},
		{"column map over a title", "who,ip,real name\na,1,b\n", map[string]string{"who": "real name"}, "b@1 who=a"},
		{"column map misses", "who,ip\na,1\n", map[string]string{"who": "nobody"}, `bad Toy: not read from here on: column "nobody" for who is not in the table`},
		{"no header", "a,1\nb,2\n", nil, `note before the header: "a 1"; note before the header: "b 2"; bad Toy: not read from here on: table "t.csv" has no header row: the likeliest one lacks who`},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := intaketest.Collect(t, toy(c.declare), "t.csv", []byte(c.text), intake.Options{Format: "toy"})
			intaketest.CheckPlaces(t, "t.csv", []byte(c.text), r)
			if diff := cmp.Diff(c.want, words(r)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// words writes all that came of a file in one line: records, notes, bad rows.
func words(r intaketest.Records) string {
	var out []string
	for _, s := range r.Sightings {
		line := s.Service
		for _, e := range s.Extra {
			line += " " + e.Name + "=" + e.Value
		}
		if len(s.Notes) > 0 {
			line += fmt.Sprintf(" (%s)", strings.Join(s.Notes, ", "))
		}
		out = append(out, line)
	}
	for _, n := range r.Notes {
		out = append(out, "note "+n.Text)
	}
	for _, b := range r.Bad {
		out = append(out, "bad "+b.Reason)
	}
	return strings.Join(out, "; ")
}

func TestHeaderIsLookedForOnlySoFar(t *testing.T) {
	r := intaketest.Collect(t, toy(nil), "t.csv", []byte(strings.Repeat("x,y\n", 500)+"who,ip\na,1\n"), intake.Options{Format: "toy"})
	if len(r.Sightings) != 0 || len(r.Notes) > table.MaxPreamble || len(r.Bad) != 1 {
		t.Errorf("%d sightings, %d notes, bad %v", len(r.Sightings), len(r.Notes), r.Bad)
	}
}

func TestRounded(t *testing.T) {
	for cell, want := range map[string]bool{"9.19E+11": true, "4.04e+14": true, "9E+11": true, "9.1E11": true, "910000000001": false, "12E3F": false, "ab1E+2": false, "": false} {
		if got := table.Rounded(cell); got != want {
			t.Errorf("%q: %v", cell, got)
		}
	}
}
