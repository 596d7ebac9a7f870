package kik_test

import (
	"strings"
	"testing"

	"suraag/intake"
	"suraag/intake/intaketest"
	"suraag/intake/kik"
	"suraag/sighting"
)

func formats() []intake.Format { return []intake.Format{kik.Format()} }

func TestLogs(t *testing.T) {
	for _, name := range []string{"bind", "chat_platform_sent"} {
		t.Run(name, func(t *testing.T) {
			r, data := intaketest.CollectFile(t, formats(), "testdata/logs/"+name+".txt", intake.Options{})
			intaketest.Golden(t, "testdata/logs/"+name+".golden", r)
			intaketest.CheckPlaces(t, "testdata/logs/"+name+".txt", data, r)
		})
	}
}

const (
	good  = "0\tsynthetic_user_01\t198.51.100.77\t51544\t2025-02-28T18:30:00Z\tdevice\n"
	other = "0\tsynthetic_user_02\t192.0.2.9\t51544\t2025-02-28T18:31:00Z\tdevice\n"
)

func TestRowsThatAreNotWhole(t *testing.T) {
	for name, c := range map[string]struct {
		file, row string
		bad       string // reason of the bad row; empty: the row is kept
		note      string // a doubt of the kept row
	}{
		"too few columns":      {"bind.txt", "0\tuser\t192.0.2.1\n", "3 columns", ""},
		"too many columns":     {"bind.txt", "0\tu\t192.0.2.1\t1\t2025-02-28T18:30:00Z\td\te\n", "7 columns", ""},
		"bad address":          {"bind.txt", "0\tuser\t192.0.2.300\t1\t2025-02-28T18:30:00Z\td\n", "no user, or no address", ""},
		"bad port":             {"bind.txt", "0\tuser\t192.0.2.3\t99999\t2025-02-28T18:30:00Z\td\n", "", "port \"99999\""},
		"bad time":             {"bind.txt", "0\tuser\t192.0.2.3\t1\tyesterday\td\n", "", "time \"yesterday\""},
		"placeholder time":     {"bind.txt", "0\tuser\t192.0.2.3\t1\tN/A\td\n", "", "time not stated"},
		"no user":              {"bind.txt", "0\t\t192.0.2.3\t1\t2025-02-28T18:30:00Z\td\n", "no user", ""},
		"huge field":           {"bind.txt", "0\t" + strings.Repeat("x", 2<<20) + "\t192.0.2.3\t1\t2025-02-28T18:30:00Z\td\n", "bytes", ""},
		"zero byte is shown":   {"bind.txt", "0\tuser\t192.0.2.3\t1\t2025-02-28T18:30:00Z\td\x00\n", "", ""},
		"user of 3000 letters": {"bind.txt", "0\t" + strings.Repeat("x", 3000) + "\t192.0.2.3\t1\t2025-02-28T18:30:00Z\td\n", "no user", ""},
	} {
		t.Run(name, func(t *testing.T) {
			data := []byte(good + c.row + other)
			r := intaketest.Collect(t, formats(), c.file, data, intake.Options{})
			intaketest.CheckPlaces(t, c.file, data, r)
			if got := r.Count() + len(r.Bad); r.Err != nil || got != 3 {
				t.Fatalf("%d of 3 rows accounted for, error %v", got, r.Err)
			}
			if c.bad != "" {
				if len(r.Bad) != 1 || !strings.Contains(r.Bad[0].Reason, c.bad) || !strings.Contains(r.Bad[0].Place.Locator, "row 2") {
					t.Fatalf("bad rows %+v, want row 2 with %q", r.Bad, c.bad)
				}
				return
			}
			if notes := strings.Join(r.Sightings[1].Notes, "; "); !strings.Contains(notes, c.note) {
				t.Errorf("notes %q, want %q", notes, c.note)
			}
		})
	}
}

func TestActsOfEachFile(t *testing.T) {
	for name, c := range map[string]struct {
		file, row string
		act       sighting.Act
		via       string
		to        string
		ref       string
	}{
		"group send":    {"logs/group_send_msg_platform.txt", "0\tu1\tx\tg9\tapp\tc1\t192.0.2.1\t2025-02-28T18:30:00Z", sighting.Send, "group:kik:g9", "", "kik:c1"},
		"group receive": {"logs/group_receive_msg_platform.txt", "0\tu1\tx\tg9\tapp\tc1\t192.0.2.1\t2025-02-28T18:30:00Z", sighting.Receive, "group:kik:g9", "", "kik:c1"},
		"chat":          {"logs/chat_platform_sent.txt", "0\tu1\tu2\tapp\tc1\t192.0.2.1\t2025-02-28T18:30:00Z", sighting.Send, "", "handle:kik:u2", "kik:c1"},
		"text":          {"content/text-msg-data/1-data-text.csv", "m1,,,hello,u1,u2,192.0.2.1,5,,2025-02-28T18:30:00Z", sighting.Send, "message:kik:m1", "handle:kik:u2", ""},
		"binds":         {"content/x-binds.csv", "u1,192.0.2.1,5,2025-02-28T18:30:00Z,phone", sighting.Login, "", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := intaketest.Collect(t, formats(), c.file, []byte(c.row+"\n"), intake.Options{})
			if r.Err != nil || len(r.Sightings) != 1 {
				t.Fatalf("%d sightings, bad %v, error %v", len(r.Sightings), r.Bad, r.Err)
			}
			s := r.Sightings[0]
			if s.Act != c.act || s.Who[0].String() != "handle:kik:u1" || s.From.IP.String() != "192.0.2.1" || s.When.IsZero() {
				t.Errorf("sighting %+v", s)
			}
			if name == "text" != (s.Text == "hello") {
				t.Errorf("words %q", s.Text)
			}
			if one(s.Via) != c.via || one(s.To) != c.to || strings.Join(s.Content.Refs, " ") != c.ref {
				t.Errorf("via %v, to %v, content %v", s.Via, s.To, s.Content.Refs)
			}
		})
	}
}

func one(ids []sighting.Identifier) string {
	if len(ids) == 0 {
		return ""
	}
	return ids[0].String()
}

func TestFriendsAreNotActors(t *testing.T) {
	r := intaketest.Collect(t, formats(), "friend_added.txt", []byte("0\tu1\tu2\t2025-02-28T18:30:00Z\n"), intake.Options{})
	if r.Err != nil || r.Count() != 0 || len(r.Notes) != 1 {
		t.Errorf("%d records, notes %v, error %v", r.Count(), r.Notes, r.Err)
	}
}

func TestOtherFilesOfTheNameAreRefused(t *testing.T) {
	r := intaketest.Collect(t, formats(), "bind.txt", []byte("bind 127.0.0.1\nlisten 80\n"), intake.Options{})
	if r.Err == nil || !strings.Contains(r.Err.Error(), "name of bind.txt but not") {
		t.Errorf("error %v", r.Err)
	}
}

// FuzzRows: every line that is not blank is a record or a bad row.
func FuzzRows(f *testing.F) {
	seeds := []string{good, good + other, good + "x\n", "\ufeff" + good, good[:40], good + "\x00\n"}
	if len(seeds) == 0 {
		f.Fatal("no seeds")
	}
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		data := []byte(text)
		r := intaketest.Collect(t, formats(), "bind.txt", data, intake.Options{Format: "kik/log"})
		intaketest.CheckPlaces(t, "bind.txt", data, r)
		if strings.TrimSpace(strings.TrimPrefix(text, "\ufeff")) != "" && r.Count()+len(r.Bad)+len(r.Notes) == 0 && r.Err == nil {
			t.Errorf("%q brought nothing and no reason", text)
		}
	})
}
