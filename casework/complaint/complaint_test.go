package complaint_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"suraag/casework/complaint"
)

var received = time.Date(2025, 3, 1, 4, 30, 0, 0, time.UTC)

func form() complaint.Form {
	return complaint.Form{
		Version: complaint.Version, Number: "DD 12/2025", Station: "Example Cyber Cell", District: "Example East", TakenBy: "officer one",
		Received: received, Channel: "in person", Language: "hi", Kinds: []string{"sextortion"}, Heads: []string{"ncrb-blackmail", "it-67b"},
		Victim: "victim-000102030405060708090a0b0c0d0e0f", AgeBand: "12-16",
		Accused:  []complaint.Stated{{Kind: "phone", Value: "+910000000001"}, {Kind: "handle", Service: "Example Social", Value: "@cool_boy"}},
		Messages: []complaint.Message{{When: "28/02/2025 11:45 pm", Service: "Example Social", Words: "paise bhejo"}},
		Danger:   []string{"deadline"}, Story: "He asks for money.",
	}
}

func tables(t *testing.T) complaint.Tables {
	t.Helper()
	got, err := complaint.Shipped(time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestCheck(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*complaint.Form)
		want   string // field: beginning of the words; empty: nothing is wrong
	}{
		{"as it was taken", func(*complaint.Form) {}, ""},
		{"no image and nobody named (coop issue 661)", func(f *complaint.Form) { f.Accused, f.Messages, f.Heads, f.Danger = nil, nil, nil, nil }, ""},
		{"no words at all", func(f *complaint.Form) { f.Messages, f.Story = nil, " " }, "story: Say in a few words what happened."},
		{"no kind of harm", func(f *complaint.Form) { f.Kinds = nil }, "kinds: Choose at least one"},
		{"a kind that is not in the table", func(f *complaint.Form) { f.Kinds = []string{"theft"} }, `kinds: "theft" does not stand in the table "kinds"`},
		{"a head before it was law", func(f *complaint.Form) {
			f.Received = time.Date(2005, 1, 1, 0, 0, 0, 0, time.UTC)
			f.Heads = []string{"it-67b"}
		}, "kinds: "},
		{"a phone that names nobody", func(f *complaint.Form) { f.Accused[0].Value = "12345" }, `accused.0: Phone "12345" has 5 digits and no country`},
		{"a number that a spreadsheet rounded", func(f *complaint.Form) { f.Accused[0].Value = "9.19E+11" }, "accused.0: Phone"},
		{"a time that is none", func(f *complaint.Form) { f.Messages[0].When = "32/13/2025" }, "messages.0: "},
		{"a victim's name in place of the reference", func(f *complaint.Form) { f.Victim = "Asha" }, `victim: The reference "Asha"`},
		{"no day", func(f *complaint.Form) { f.Received = time.Time{} }, "received: Say when"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := form()
			c.change(&f)
			got := f.Check(tables(t))
			switch {
			case c.want == "" && len(got) > 0:
				t.Errorf("%+v", got)
			case c.want != "" && (len(got) == 0 || !strings.HasPrefix(got[0].Field+": "+got[0].Words, c.want)):
				t.Errorf("got %+v, want %q", got, c.want)
			}
		})
	}
}

func TestDocumentIsReadAsItWasWritten(t *testing.T) {
	doc, err := form().Document()
	if err != nil {
		t.Fatal(err)
	}
	got, err := complaint.Read(doc)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(form(), got); diff != "" {
		t.Error(diff)
	}
	if _, err := complaint.Read([]byte(`{"suraag_complaint": 2}`)); err == nil || !strings.Contains(err.Error(), "version 2") {
		t.Errorf("a document of the future: %v", err)
	}
}

// TestRescueFirst: a complete report of a picture that is everywhere waits behind
// three lines of a child in danger.
func TestRescueFirst(t *testing.T) {
	urgent := complaint.Form{Received: received.Add(time.Hour), Kinds: []string{"grooming"}, AgeBand: "unknown", Danger: []string{"meeting"}}
	viral := form()
	viral.Danger = nil
	for _, c := range []struct {
		name string
		f    complaint.Form
		k    complaint.Known
		key  string
	}{
		{"a meeting is planned", urgent, complaint.Known{}, "01111-20250301T053000"},
		{"known and viral", viral, complaint.Known{Content: "listed"}, "22111-20250301T043000"},
		{"novel", viral, complaint.Known{Content: "novel"}, "20111-20250301T043000"},
		{"one of a series", viral, complaint.Known{Others: 4, TiedBy: "phone:+910000000001 ties them."}, "21011-20250301T043000"},
		{"knows where, no contact now", complaint.Form{Received: received, Danger: []string{"knows-where"}, AgeBand: "6-12"}, complaint.Known{}, "11100-20250301T043000"},
		{"knows where, in contact", complaint.Form{Received: received, Danger: []string{"knows-where", "contact-now"}, AgeBand: "16-18"}, complaint.Known{}, "01101-20250301T043000"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := complaint.Weigh(c.f, c.k, tables(t))
			if got.Key != c.key {
				t.Errorf("key %s, want %s; %v", got.Key, c.key, got.Reasons)
			}
			if len(got.Reasons) == 0 && len(got.Against) == 0 && len(got.Missing) == 0 {
				t.Error("no reason is given")
			}
		})
	}
}

func TestTables(t *testing.T) {
	for name, rows := range tables(t) {
		seen := map[string]bool{}
		for _, r := range rows {
			if r.LabelHi == "" || seen[r.Code] {
				t.Errorf("table %s, code %s: no Hindi, or twice", name, r.Code)
			}
			seen[r.Code] = true
		}
		if len(rows) < 5 {
			t.Errorf("table %s has %d rows", name, len(rows))
		}
	}
	for name, text := range map[string]string{
		"no header":  "grooming,a,b,2020-01-01,,x\n",
		"bad day":    "code,label,label_hi,from,until,source\na,b,c,1/2/2020,,x\n",
		"ends early": "code,label,label_hi,from,until,source\na,b,c,2020-01-01,2019-01-01,x\n",
		"no source":  "code,label,label_hi,from,until,source\na,b,c,2020-01-01,,\n",
	} {
		if _, err := complaint.ReadTable("kinds", strings.NewReader(text), time.UTC); err == nil || !strings.Contains(err.Error(), `table "kinds"`) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A law comes into force at midnight where it holds, and not in London.
func TestTableBeginsAtMidnightInTheUnitsZone(t *testing.T) {
	kolkata, err := time.LoadLocation("Asia/Kolkata")
	if err != nil {
		t.Fatal(err)
	}
	rows, err := complaint.ReadTable("heads", strings.NewReader("code,label,label_hi,from,until,source\nold,Old,,1862-01-01,2024-07-01,made\nnew,New,,2024-07-01,,made\n"), kolkata)
	if err != nil {
		t.Fatal(err)
	}
	codes := complaint.Tables{"heads": rows}
	for at, want := range map[string]string{"2024-06-30T23:59:59+05:30": "old", "2024-07-01T00:00:00+05:30": "new", "2024-06-30T20:00:00Z": "new"} {
		day, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		if got := codes.On("heads", day); len(got) != 1 || got[0].Code != want {
			t.Errorf("at %s %v holds, want %s", at, got, want)
		}
	}
}
