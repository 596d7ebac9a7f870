package telegram_test

import (
	"os"
	"strings"
	"testing"

	"suraag/instant"
	"suraag/intake"
	"suraag/intake/intaketest"
	"suraag/intake/telegram"
	"suraag/sighting"
)

func formats() []intake.Format { return []intake.Format{telegram.Format()} }

const sample = "testdata/result.json"

func collect(t testing.TB, text string) intaketest.Records {
	t.Helper()
	r := intaketest.Collect(t, formats(), "result.json", []byte(text), intake.Options{Format: "telegram/export"})
	intaketest.CheckPlaces(t, "result.json", []byte(text), r)
	return r
}

func TestSample(t *testing.T) {
	r, data := intaketest.CollectFile(t, formats(), sample, intake.Options{})
	intaketest.CheckPlaces(t, sample, data, r)
	intaketest.Golden(t, "testdata/result.golden", r)
}

// one makes the export of one chat.
func one(kind, message string) string {
	return `{"name":"Alice","type":"` + kind + `","id":900000002,"messages":[` + message + `]}`
}

func ids(list []sighting.Identifier) string {
	var out []string
	for _, i := range list {
		out = append(out, i.String())
	}
	return strings.Join(out, " ")
}

func TestMessages(t *testing.T) {
	for name, c := range map[string]struct {
		kind, message string
		act           sighting.Act
		who, to, via  string
		text          string
	}{
		"from the other side": {"personal_chat", `{"id":5,"type":"message","date_unixtime":"1740768310","from":"Alice","from_id":"user900000002","text":"hi"}`,
			sighting.Send, "account:telegram:900000002 name:Alice", "", "message:telegram:900000002/5", "hi"},
		"to the other side": {"personal_chat", `{"id":6,"type":"message","date_unixtime":"1740768310","from":"Me","from_id":"user900000001","text":["a ",{"type":"bold","text":"b"}]}`,
			sighting.Send, "account:telegram:900000001 name:Me", "account:telegram:900000002 name:Alice", "message:telegram:900000002/6", "a b"},
		"in a group": {"private_group", `{"id":7,"type":"message","date_unixtime":"1740768310","from":"Me","from_id":"user900000001","text":"x"}`,
			sighting.Send, "account:telegram:900000001 name:Me", "", "group:telegram:900000002 message:telegram:900000002/7", "x"},
		"a channel is nobody": {"public_channel", `{"id":8,"type":"message","date_unixtime":"1740768310","from":"News","from_id":"channel900000002","text":""}`,
			sighting.Send, "", "", "group:telegram:900000002 message:telegram:900000002/8", ""},
		"passed on": {"private_group", `{"id":9,"type":"message","date_unixtime":"1740768310","from":"Me","from_id":"user900000001","forwarded_from":"Other","text":"x"}`,
			sighting.Forward, "account:telegram:900000001 name:Me", "", "group:telegram:900000002 message:telegram:900000002/9", "x"},
		"passed on from nobody": {"private_group", `{"id":9,"type":"message","date_unixtime":"1740768310","from":"Me","from_id":"user900000001","forwarded_from":null,"text":"x"}`,
			sighting.Forward, "account:telegram:900000001 name:Me", "", "group:telegram:900000002 message:telegram:900000002/9", "x"},
	} {
		t.Run(name, func(t *testing.T) {
			r := collect(t, one(c.kind, c.message))
			if len(r.Sightings) != 1 || len(r.Bad) > 0 || r.Err != nil {
				t.Fatalf("%d sightings, bad %v, error %v", len(r.Sightings), r.Bad, r.Err)
			}
			s := r.Sightings[0]
			if s.Act != c.act || ids(s.Who) != c.who || ids(s.To) != c.to || ids(s.Via) != c.via || s.Text != c.text {
				t.Errorf("%s by %q to %q via %q: %q", s.Act, ids(s.Who), ids(s.To), ids(s.Via), s.Text)
			}
			if s.When.Basis != instant.StatedUTC || s.Standing != sighting.Statement {
				t.Errorf("%+v, %s", s.When, s.Standing)
			}
		})
	}
}

// Beside the local time, which states no zone, stands the moment; without it the
// time stays open.
func TestLocalTimeStaysOpen(t *testing.T) {
	r := collect(t, one("private_group", `{"id":7,"type":"message","date":"2025-03-01T00:15:10","from_id":"user1","text":"x"}`))
	if w := r.Sightings[0].When; w.Basis != instant.Ambiguous {
		t.Errorf("%+v", w)
	}
}

func TestMalformed(t *testing.T) {
	good := `{"id":7,"type":"message","date_unixtime":"1740768310","from_id":"user1","text":"x"}`
	for name, c := range map[string]struct{ message, bad string }{
		"a number":     {`7`, "a message was expected"},
		"unknown type": {`{"type":"poll"}`, "not known"},
		"too deep":     {`{"type":"message","text":` + strings.Repeat("[", 40) + strings.Repeat("]", 40) + `}`, "deep"},
		"too large":    {`{"type":"message","text":"` + strings.Repeat("x", 3<<20) + `"}`, "bytes"},
	} {
		r := collect(t, one("private_group", c.message+","+good))
		if len(r.Sightings) != 1 || len(r.Bad) != 1 || !strings.Contains(r.Bad[0].Reason, c.bad) {
			t.Errorf("%s: %d sightings, bad %v", name, len(r.Sightings), r.Bad)
		}
	}
	r := collect(t, one("private_group", good)[:80])
	if len(r.Bad) != 1 || !strings.Contains(r.Bad[0].Reason, "ends in the middle") {
		t.Errorf("cut off: bad %v", r.Bad)
	}
}

// Two chats do not lend each other their name or number.
func TestChatsAreApart(t *testing.T) {
	m := `"messages":[{"id":1,"type":"message","date_unixtime":"1740768310","from_id":"user1","text":"x"}]`
	r := collect(t, `{"chats":{"list":[{"name":"A","type":"private_group","id":5,`+m+`},{`+m+`}]}}`)
	if len(r.Sightings) != 2 || ids(r.Sightings[0].Via) != "group:telegram:5 message:telegram:5/1" || ids(r.Sightings[1].Via) != "" {
		t.Errorf("%+v", r.Sightings)
	}
}

func FuzzRead(f *testing.F) {
	data, err := os.ReadFile(sample)
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range []string{string(data), one("personal_chat", `{"type":"message"}`), `{"sessions":{"list":[{"last_ip":"192.0.2.1"}]}}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r := collect(t, text)
		if text != "" && r.Count()+len(r.Bad)+len(r.Notes) == 0 {
			t.Error("the file vanished without a word")
		}
	})
}
