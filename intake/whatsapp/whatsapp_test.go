package whatsapp_test

import (
	"os"
	"strings"
	"testing"

	"suraag/intake"
	"suraag/intake/intaketest"
	"suraag/intake/whatsapp"
	"suraag/sighting"
)

func formats() []intake.Format { return []intake.Format{whatsapp.Format()} }

var files = []string{"account_information", "message_and_call_log"}

func TestFilesOfBothGenerations(t *testing.T) {
	for _, generation := range []string{"generation_A", "generation_B"} {
		for _, file := range files {
			t.Run(generation+" "+file, func(t *testing.T) {
				path := "testdata/" + generation + "/" + file
				r, data := intaketest.CollectFile(t, formats(), path+".html", intake.Options{})
				intaketest.Golden(t, path+".golden", r)
				intaketest.CheckPlaces(t, path+".html", data, r)
			})
		}
	}
}

func TestBothGenerationsStateTheSame(t *testing.T) {
	for _, file := range files {
		t.Run(file, func(t *testing.T) {
			a, _ := intaketest.CollectFile(t, formats(), "testdata/generation_A/"+file+".html", intake.Options{})
			b, _ := intaketest.CollectFile(t, formats(), "testdata/generation_B/"+file+".html", intake.Options{})
			intaketest.SameStatements(t, a, b)
		})
	}
}

func sample(t testing.TB, file string) string {
	t.Helper()
	data, err := os.ReadFile("testdata/generation_B/" + file + ".html")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
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

func TestDamagedValues(t *testing.T) {
	const log, account = "message_and_call_log", "account_information"
	for name, c := range map[string]struct {
		file, old, new string
		count          int
		said           string
	}{
		"sender without country":    {log, `Sender<div class="m"><div>910000000001`, `Sender<div class="m"><div>5550123`, 3, `phone "5550123"`},
		"rounded recipient":         {log, `Recipients<div class="m"><div>910000000002`, `Recipients<div class="m"><div>9.1E+11`, 3, "rounded by a spreadsheet"},
		"bad address of a message":  {log, `Sender Ip<div class="m"><div>198.51.100.77`, `Sender Ip<div class="m"><div>somewhere`, 3, `address "somewhere"`},
		"bad port of a message":     {log, ">51602<", ">516020<", 3, `port "516020"`},
		"message of nobody":         {log, `910000000001<div class="p"></div></div></div></div></div><div class="t o"><div class="t i">Recipients<div class="m"><div>910000000002<div class="p"></div></div></div></div></div><div class="t o"><div class="t i">Sender Ip<div class="m"><div>198.51.100.77`, `N/A<div class="p"></div></div></div></div></div><div class="t o"><div class="t i">Recipients<div class="m"><div>910000000002<div class="p"></div></div></div></div></div><div class="t o"><div class="t i">Sender Ip<div class="m"><div>null`, 2, "no sender and no address"},
		"bad time of a message":     {log, "2025-02-28 18:46:00 UTC", "soon", 3, `time "soon"`},
		"bad address of a log in":   {account, "2001:db8:40:12::7", "home", 4, "no address that can be read"},
		"no address of last use":    {account, `Last IP<div class="m"><div>198.51.100.77`, `Last IP<div class="m"><div>N/A`, 5, "no address of the last use"},
		"neither start nor use":     {account, `property-connection_info"`, `property-connections_x"`, 3, "section connections_x is not read"},
		"contacts are not kept":     {account, "910000000002", "910000000009", 5, "section address_book_info is not read; its 2 values are not kept"},
		"groups are not kept":       {account, "Synthetic Group", "Other Group", 5, "section groups_info is not read"},
		"call of an unknown number": {log, `From<div class="m"><div>910000000001`, `From<div class="m"><div>unknown`, 3, `phone "unknown"`},
	} {
		t.Run(name, func(t *testing.T) {
			text := strings.Replace(sample(t, c.file), c.old, c.new, 1)
			if text == sample(t, c.file) {
				t.Fatal("nothing was changed")
			}
			r := intaketest.Collect(t, formats(), "x.html", []byte(text), intake.Options{})
			intaketest.CheckPlaces(t, "x.html", []byte(text), r)
			if r.Err != nil || len(r.Sightings) != c.count || !strings.Contains(said(r), c.said) {
				t.Errorf("%d sightings, want %d; error %v; said %q, want %q", len(r.Sightings), c.count, r.Err, said(r), c.said)
			}
		})
	}
}

// A sender who is not the account of the return does not become it.
func TestAnotherSenderIsNotTheAccount(t *testing.T) {
	text := strings.Replace(sample(t, "message_and_call_log"), `Sender<div class="m"><div>910000000001`, `Sender<div class="m"><div>910000000004`, 1)
	r := intaketest.Collect(t, formats(), "x.html", []byte(text), intake.Options{})
	if who := r.Sightings[0].Who; len(who) != 1 || who[0].Value != "+910000000004" {
		t.Errorf("sent by %v", who)
	}
}

func TestMetaRecordIsNotTaken(t *testing.T) {
	text := strings.Replace(sample(t, "message_and_call_log"), "WhatsApp<", "Instagram<", 1)
	if l := whatsapp.Format().Sniff(intake.Head{Name: "records.html", Bytes: []byte(text)}); l.Score >= intake.Accept || !strings.Contains(l.Why, "Instagram") {
		t.Errorf("likeness %+v", l)
	}
}

// FuzzReturn: whatever is accepted can be traced back; a message names a sender
// or an address.
func FuzzReturn(f *testing.F) {
	seeds := []string{sample(f, "message_and_call_log"), sample(f, "account_information"), `<div id="property-call_logs"><div class="t i">From<div class="m">1`}
	if len(seeds) == 0 {
		f.Fatal("no seeds")
	}
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r := intaketest.Collect(t, formats(), "x.html", []byte(text), intake.Options{Format: "whatsapp/return"})
		intaketest.CheckPlaces(t, "x.html", []byte(text), r)
		for _, s := range r.Sightings {
			if s.Act == sighting.Send && len(s.Who) == 0 && s.From.IsZero() {
				t.Errorf("a message of nobody: %+v", s)
			}
		}
	})
}
