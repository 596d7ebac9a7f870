package complaint_test

import (
	"encoding/csv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"suraag/casework/complaint"
)

// A document of another station is read within bounds, checked without an end
// that is no answer, and written out again as the same.
func FuzzRead(f *testing.F) {
	doc, err := form().Document()
	if err != nil || len(doc) < 100 {
		f.Fatal("no seed", err)
	}
	f.Add(doc)
	for _, s := range []string{`{"suraag_complaint":1}`, `{"suraag_complaint":1,"accused":[{}],"messages":[{"when":"32/13/2025"}],"digests":["zz",""]}`, `{"suraag_complaint":2}`, `[]`, ``} {
		f.Add([]byte(s))
	}
	shipped, err := complaint.Shipped(time.UTC)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		a, err := complaint.Read(doc)
		if err != nil {
			return
		}
		a.Check(shipped)
		a.Normal()
		again, err := a.Document()
		if err != nil {
			t.Skip() // a year that JSON cannot hold
		}
		b, err := complaint.Read(again)
		if err != nil {
			t.Fatalf("%s cannot be read: %v", again, err)
		}
		b.Normal()
		third, err := b.Document()
		if diff := cmp.Diff(string(again), string(third)); err != nil || diff != "" {
			t.Fatalf("%v: written once (-) and twice (+):\n%s", err, diff)
		}
	})
}

// A table that is taken has every row of its file.
func FuzzReadTable(f *testing.F) {
	head := "code,label,label_hi,from,until,source\n"
	seeds := []string{head + "a,A,अ,2020-01-01,,law\n", head + "a,A,,2020-01-01,2021-01-01,\"law, too\"\n", head + ",,,,,\n", head, "code\n", ""}
	if len(seeds) == 0 {
		f.Fatal("no seeds")
	}
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		rows, err := complaint.ReadTable("made", strings.NewReader(text), time.UTC)
		if err != nil {
			return
		}
		all, err := csv.NewReader(strings.NewReader(text)).ReadAll()
		if err != nil || len(rows) != len(all)-1 {
			t.Fatalf("%d rows of %d, %v", len(rows), len(all)-1, err)
		}
		for _, r := range rows {
			if r.Code == "" || r.Label == "" || r.Source == "" || r.From.IsZero() && r.Until.IsZero() && !strings.Contains(text, "0001-01-01") {
				t.Fatalf("%+v", r)
			}
		}
	})
}

// A table that is too long is refused; to take its beginning would lose rows
// unsaid.
func TestTableThatIsTooLong(t *testing.T) {
	row := "a,A label,,2020-01-01,,a law of some place\n"
	_, err := complaint.ReadTable("made", strings.NewReader("code,label,label_hi,from,until,source\n"+strings.Repeat(row, 1+(1<<20)/len(row))), time.UTC)
	if err == nil || !strings.Contains(err.Error(), "has more than") {
		t.Errorf("%v", err)
	}
}
