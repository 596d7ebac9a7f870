package custody_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"suraag/custody"
	"suraag/fault"
)

var noon = time.Date(2025, 3, 1, 12, 0, 0, 5, time.FixedZone("IST", 5*3600+1800))

func TestCanonical(t *testing.T) {
	for _, c := range []struct{ name, record, want string }{
		{"members in order, no blanks", `{"b": 1, "a" : [true, null]}`, `{"a":[true,null],"b":1}`},
		{"numbers as RFC 8785 §3.2.2.3 has them", `{"n":[1.50, 1e3, 9007199254740992]}`, `{"n":[1.5,1000,9007199254740992]}`},
		{"text is not escaped beyond need", `{"t":"\u20ac <&> \u0000"}`, `{"t":"€ <&> \u0000"}`},
		{"no record is an empty one", ``, `{}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := custody.Entry{Kind: custody.View, Subject: "case 1", By: "officer", At: noon, Record: json.RawMessage(c.record)}.Canonical()
			want := `{"at":"2025-03-01T06:30:00.000000005Z","by":"officer","kind":"view","record":` + c.want + `,"subject":"case 1"}`
			if err != nil || string(got) != want {
				t.Errorf("\n got %s\nwant %s (%v)", got, want, err)
			}
			back, err := custody.Parse(got)
			if err != nil || !back.At.Equal(noon) || back.Subject != "case 1" {
				t.Errorf("read back %+v, %v", back, err)
			}
		})
	}
}

func TestCanonicalRefuses(t *testing.T) {
	good := custody.Entry{Kind: custody.View, Subject: "case 1", By: "officer", At: noon}
	for _, c := range []struct {
		name   string
		change func(*custody.Entry)
		want   fault.Kind
	}{
		{"a kind that nobody knows", func(e *custody.Entry) { e.Kind = "looked" }, fault.Internal},
		{"nobody", func(e *custody.Entry) { e.By = "" }, fault.Internal},
		{"nothing", func(e *custody.Entry) { e.Subject = "" }, fault.Internal},
		{"no time", func(e *custody.Entry) { e.At = time.Time{} }, fault.Internal},
		{"a number that would be rounded", func(e *custody.Entry) { e.Record = json.RawMessage(`{"n":9007199254740993}`) }, fault.Invalid},
		{"one name twice", func(e *custody.Entry) { e.Record = json.RawMessage(`{"a":1,"a":2}`) }, fault.Invalid},
		{"no JSON", func(e *custody.Entry) { e.Record = json.RawMessage(`{`) }, fault.Invalid},
		{"a book", func(e *custody.Entry) { e.Record = json.RawMessage(`"` + strings.Repeat("a", 1<<20) + `"`) }, fault.TooLarge},
	} {
		e := good
		c.change(&e)
		if _, err := e.Canonical(); !fault.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
}

// The same entry twice gives two leaves, and neither can be found by trying.
func TestLeafIsSalted(t *testing.T) {
	e := custody.Entry{Kind: custody.View, Subject: "case 1", By: "officer", At: noon}
	one, err := custody.Commit(e, bytes.NewReader(bytes.Repeat([]byte{1}, 32)))
	if err != nil {
		t.Fatal(err)
	}
	two, _ := custody.Commit(e, bytes.NewReader(bytes.Repeat([]byte{2}, 32)))
	if one.Leaf == two.Leaf || !bytes.Equal(one.Canonical, two.Canonical) {
		t.Error("a leaf follows from its entry alone")
	}
	if custody.Leaf(one.Salt, one.Canonical) != one.Leaf {
		t.Error("salt and canonical bytes do not give the leaf")
	}
	if _, err := custody.Commit(e, bytes.NewReader(nil)); !fault.Is(err, fault.Unavailable) {
		t.Errorf("without chance: %v", err)
	}
}

func TestEveryKindOnce(t *testing.T) {
	seen := map[string]bool{}
	for _, k := range custody.Kinds() {
		if seen[k] {
			t.Errorf("kind %q twice", k)
		}
		seen[k] = true
	}
	if len(seen) < 26 {
		t.Errorf("only %d kinds; one was taken away", len(seen))
	}
}
