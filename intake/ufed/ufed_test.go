package ufed_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"suraag/instant"
	"suraag/intake"
	"suraag/intake/intaketest"
	"suraag/intake/ufed"
	"suraag/sighting"
)

func formats() []intake.Format { return []intake.Format{ufed.Format()} }

func TestSample(t *testing.T) {
	r, data := intaketest.CollectFile(t, formats(), "testdata/report.xml", intake.Options{})
	intaketest.CheckPlaces(t, "testdata/report.xml", data, r)
	intaketest.Golden(t, "testdata/report.golden", r)
}

const md5A = "4bc93fb481892c12606a481fc53a0ad9"

// project makes a report of tagged files and of messages in one chat.
func project(files, participants, messages string) string {
	return `<project id="P-1" xmlns="http://pa.cellebrite.com/report/2.0"><taggedFiles>` + files + `</taggedFiles><decodedData><modelType type="Chat"><model type="Chat" id="c">` +
		`<field name="Source" type="String"><value type="String">WhatsApp</value></field><field name="Id"><value>g-1</value></field>` +
		`<multiModelField name="Participants" type="Party">` + participants + `</multiModelField>` +
		`<multiModelField name="Messages" type="InstantMessage">` + messages + `</multiModelField></model></modelType></decodedData></project>`
}

func file(id, items, times string) string {
	return `<file path="/DCIM/a.jpg" size="5" id="` + id + `" deleted="Intact"><accessInfo>` + times + `</accessInfo><metadata section="File">` + items + `</metadata></file>`
}

func item(name, value string) string {
	return `<item name="` + name + `"><![CDATA[` + value + `]]></item>`
}

func field(name, value string) string {
	return `<field name="` + name + `" type="String"><value type="String">` + value + `</value></field>`
}

func member(id, owner string) string {
	return `<model type="Party">` + field("Identifier", id) + field("IsPhoneOwner", owner) + `</model>`
}

func message(from, fileID string) string {
	sender := ""
	if from != "" {
		sender = `<modelField name="From" type="Party">` + from + `</modelField>`
	}
	return `<model type="InstantMessage" id="m">` + sender + field("TimeStamp", "2024-05-01T04:30:00Z") +
		`<multiModelField name="Attachments"><model type="Attachment" file_id="` + fileID + `">` + field("Filename", "a.jpg") + `</model></multiModelField></model>`
}

const owner, friend = "910000000001@s.whatsapp.net", "910000000002@s.whatsapp.net"

func collect(t testing.TB, data string, opts intake.Options) intaketest.Records {
	t.Helper()
	r := intaketest.Collect(t, formats(), "report.xml", []byte(data), opts)
	intaketest.CheckPlaces(t, "report.xml", []byte(data), r)
	return r
}

// Words are kept where they were said: with no attachment they are a record of
// their own, with several they are stated once.
func TestWordsOfMessages(t *testing.T) {
	both := member(owner, "True") + member(friend, "False")
	said := `<model type="InstantMessage" id="m"><modelField name="From" type="Party">` + member(friend, "False") + `</modelField>` + field("Body", "send 500 or everyone sees it")
	attachment := `<model type="Attachment" file_id="1">` + field("Filename", "a.jpg") + `</model>`
	for name, c := range map[string]struct {
		message string
		texts   []string
	}{
		"only words":      {said + `</model>`, []string{"send 500 or everyone sees it"}},
		"two attachments": {said + `<multiModelField name="Attachments">` + attachment + attachment + `</multiModelField></model>`, []string{"send 500 or everyone sees it", ""}},
	} {
		r := collect(t, project("", both, c.message), intake.Options{})
		var texts []string
		for _, s := range r.Sightings {
			if s.Act != sighting.Receive {
				t.Errorf("%s: the words of the other side are taken for %s", name, s.Act)
			}
			texts = append(texts, s.Text)
		}
		if strings.Join(texts, "|") != strings.Join(c.texts, "|") || len(texts) != len(c.texts) {
			t.Errorf("%s: %q, want %q", name, texts, c.texts)
		}
	}
}

// Received is not sent, and what is not stated is neither.
func TestWhoSent(t *testing.T) {
	both := member(owner, "True") + member(friend, "False")
	for name, c := range map[string]struct {
		participants, from string
		act                sighting.Act
		who, to            string
	}{
		"the owner, said of the sender":         {both, member(owner, "True"), sighting.Send, "[phone:+910000000001 exhibit:P-1]", "[phone:+910000000002]"},
		"the owner, said of the participant":    {both, member(owner, ""), sighting.Send, "[phone:+910000000001 exhibit:P-1]", "[phone:+910000000002]"},
		"another":                               {both, member(friend, "False"), sighting.Receive, "[phone:+910000000001 exhibit:P-1]", "[phone:+910000000002]"},
		"another, said of the participant only": {both, member(friend, ""), sighting.Receive, "[phone:+910000000001 exhibit:P-1]", "[phone:+910000000002]"},
		"another, owner unknown":                {"", member(friend, "False"), sighting.Receive, "[exhibit:P-1]", "[phone:+910000000002]"},
		"nobody is said to own the device":      {member(owner, "") + member(friend, ""), member(friend, ""), sighting.Hold, "[exhibit:P-1]", "[phone:+910000000002]"},
		"no sender":                             {both, "", sighting.Hold, "[exhibit:P-1]", "[]"},
		"a system message":                      {both, `<model type="Party">` + field("Name", "System") + `</model>`, sighting.Hold, "[exhibit:P-1]", "[]"},
	} {
		t.Run(name, func(t *testing.T) {
			r := collect(t, project(file("f1", item("MD5", md5A), ""), c.participants, message(c.from, "f1")), intake.Options{})
			if len(r.Sightings) != 2 {
				t.Fatalf("%d sightings, bad %v", len(r.Sightings), r.Bad)
			}
			s := r.Sightings[1]
			if s.Act != c.act || fmt.Sprint(s.Who) != c.who || fmt.Sprint(s.To) != c.to {
				t.Errorf("%s by %v to %v, want %s by %s to %s", s.Act, s.Who, s.To, c.act, c.who, c.to)
			}
			if fmt.Sprint(s.Content.Digests) != "[md5:"+md5A+"]" || fmt.Sprint(s.Via) != "[group:whatsapp:g-1]" || s.Standing.Proven() {
				t.Errorf("content %v, via %v, %s", s.Content, s.Via, s.Standing)
			}
		})
	}
}

func TestPartiesAtServices(t *testing.T) {
	for _, c := range []struct{ source, id, want string }{
		{"WhatsApp", friend, "[phone:+910000000002]"},
		{"WhatsApp", "120363000000000001@g.us", "[email:120363000000000001@g.us]"},
		{"SMS", "+12025550123", "[phone:+12025550123]"},
		{"Instagram", "9000000001", "[account:instagram:9000000001]"},
		{"Instagram", "Some_User", "[handle:instagram:some_user]"},
		{"Mail", "A@Example.com", "[email:a@example.com]"},
		{"", "Some_User", "[]"},
	} {
		data := strings.Replace(project("", member(owner, "True"), message(member(c.id, "False"), "")), ">WhatsApp<", ">"+c.source+"<", 1)
		r := collect(t, data, intake.Options{})
		if len(r.Sightings) != 1 || fmt.Sprint(r.Sightings[0].To) != c.want {
			t.Errorf("%s at %q: %v, want %s", c.id, c.source, r.Sightings, c.want)
		}
	}
}

func TestMalformed(t *testing.T) {
	good := file("good", item("MD5", md5A), "")
	for name, c := range map[string]struct {
		data          string
		records       int
		bad, note, no string
	}{
		"bad hash":              {project(good+file("x", item("MD5", "zz"), "")+good, "", ""), 2, "no known hash", "", ""},
		"bad hash beside good":  {project(file("x", item("MD5", "zz")+item("SHA256", strings.Repeat("ab", 32)), ""), "", ""), 1, "", "no known hash", ""},
		"no hash":               {project(good+file("x", "", ""), "", ""), 1, "", "1 tagged files have no hash", ""},
		"bad time":              {project(file("x", item("MD5", md5A), `<timestamp name="CreationTime">soon</timestamp>`), "", ""), 1, "", `time "soon"`, ""},
		"bad size":              {project(strings.Replace(good, `"5"`, `"5 kB"`, 1), "", ""), 1, "", "size", ""},
		"unknown element":       {project(strings.Replace(good, "<accessInfo>", "<smell>bad</smell><accessInfo>", 1), "", ""), 1, "", `element "smell"`, ""},
		"attachment of nowhere": {project("", "", message("", "none")), 1, "", "names no tagged file", ""},
		"message without one":   {project(good, "", `<model type="InstantMessage"/>`), 1, "", "1 messages without words or an attachment", ""},
		"other model":           {project(good, "", `<model type="50%Call"><model type="InstantMessage"/></model>`), 1, "", `1 models of the type "50%Call"`, ""},
		"too large a file":      {project(file("x", strings.Repeat(item("MD5", md5A), 60_000), "")+good, "", ""), 1, "more than", "", ""},
		"cut":                   {strings.SplitAfter(project(good+good, "", ""), "</file><file pa")[0], 1, "", "", "XML at byte"},
		"own entities":          {`<!DOCTYPE p [<!ENTITY a "x">]>` + project(good, "", ""), 0, "", "", "own entities"},
		"forbidden bytes":       {project(strings.Replace(good, "a.jpg", "a\xff.jpg", 1), "", ""), 1, "", "1 characters", ""},
		"endless text":          {project(file("x", item("MD5", strings.Repeat("a", 5<<20)), ""), "", ""), 0, "", "", "single text"},
	} {
		t.Run(name, func(t *testing.T) {
			r := intaketest.Collect(t, formats(), "report.xml", []byte(c.data), intake.Options{Format: "ufed/report"})
			intaketest.CheckPlaces(t, "report.xml", []byte(c.data), r)
			if r.Count() != c.records {
				t.Errorf("%d records, want %d", r.Count(), c.records)
			}
			for what, pair := range map[string][2]string{
				"bad": {c.bad, fmt.Sprint(r.Bad)}, "notes": {c.note, fmt.Sprint(r.Notes)}, "problem": {c.no, r.Result.Members[0].Problem},
			} {
				if !strings.Contains(pair[1], pair[0]) {
					t.Errorf("%s %s, want %q", what, pair[1], pair[0])
				}
			}
			if wantBad := c.bad != "" || c.no != ""; wantBad != (len(r.Bad) > 0) {
				t.Errorf("bad rows %v", r.Bad)
			}
		})
	}
}

// Import rule 1: a hash is judged by its length.
func TestRule1HashByLength(t *testing.T) {
	r := collect(t, project(file("x", item("MD5", strings.Repeat("AB", 20)), ""), "", ""), intake.Options{})
	if got := fmt.Sprint(r.Sightings[0].Content.Digests, r.Sightings[0].Notes); !strings.HasPrefix(got, "[sha1:abab") || !strings.Contains(got, "taken as sha1") {
		t.Error(got)
	}
}

// Import rule 2: what is empty or "N/A" states nothing.
func TestRule2NothingStated(t *testing.T) {
	r := collect(t, project(file("x", item("MD5", md5A)+item("SHA256", "N/A")+item("Tags", ""), `<timestamp name="CreationTime">N/A</timestamp>`),
		member(owner, "")+member(friend, "N/A"), message(member(friend, "null"), "x")), intake.Options{})
	if s := r.Sightings[0]; len(s.Content.Digests) != 1 || !s.When.IsZero() || len(s.Extra) != 2 || len(s.Notes) != 0 {
		t.Errorf("the file: %+v", s)
	}
	if s := r.Sightings[1]; s.Act != sighting.Hold {
		t.Errorf("an owner that is not stated makes the message a %q", s.Act)
	}
}

// Import rule 7: a path that leads outside is said, and the file is read all the same.
func TestRule7PathsThatLeadOutside(t *testing.T) {
	for path, outside := range map[string]bool{`..\..\x`: true, `C:\x`: true, `/etc/x`: true, `\\host\x`: true, `files\Image\a..b.jpg`: false} {
		r := collect(t, project(file("x", item("MD5", md5A)+item("Local Path", path), ""), "", ""), intake.Options{})
		if len(r.Sightings) != 1 || strings.Contains(fmt.Sprint(r.Notes), "leads outside") != outside || r.Sightings[0].Content.Refs != nil {
			t.Errorf("%q: notes %v, %+v", path, r.Notes, r.Sightings)
		}
	}
}

// Import rule 3, with UFED's own way of writing an offset.
func TestRule3Times(t *testing.T) {
	for raw, want := range map[string]instant.Basis{
		"2024-05-01T10:00:00.000+05:30": instant.StatedOffset,
		"2024-05-01T04:30:00Z":          instant.StatedUTC,
		"15/05/2024 10:00:00(UTC+5.5)":  instant.StatedOffset,
		"2024-05-01T10:00:00":           instant.Ambiguous,
	} {
		r := collect(t, project(file("x", item("MD5", md5A), `<timestamp name="CreationTime">`+raw+`</timestamp><timestamp name="AccessTime">later</timestamp>`), "", ""), intake.Options{})
		s := r.Sightings[0]
		if s.When.Basis != want || s.When.Raw != raw || !strings.Contains(fmt.Sprint(s.Extra), "{AccessTime later}") {
			t.Errorf("%s: %+v, extra %v", raw, s.When, s.Extra)
		}
	}
	r := collect(t, project(file("x", item("MD5", md5A), `<timestamp name="ModifyTime" formattedTimestamp="2024-05-01T10:00:00+05:30"/>`), "", ""), intake.Options{})
	if s := r.Sightings[0]; s.When.IsZero() || !strings.Contains(fmt.Sprint(s.Notes), "last change") {
		t.Errorf("%+v", s)
	}
}

// Import rule 5: with or without namespace and mark, the same is read.
func TestRule5NamespaceAndMark(t *testing.T) {
	data := project(file("x", item("MD5", md5A), ""), member(owner, "True"), message(member(owner, "True"), "x"))
	bare := strings.Replace(data, ` xmlns="http://pa.cellebrite.com/report/2.0"`, "", 1)
	intaketest.SameStatements(t, collect(t, data, intake.Options{}), collect(t, "\ufeff"+bare, intake.Options{}))
}

func TestDeviceNumbers(t *testing.T) {
	data := strings.Replace(project(file("x", item("MD5", md5A), ""), "", ""), "<taggedFiles>",
		`<metadata section="Device Info">`+item("DeviceInfoIMEI 1", "000000000000017")+item("IMSI", "9.19E+11")+item("Model", "X")+`</metadata><taggedFiles>`, 1)
	r := collect(t, data, intake.Options{})
	if got := fmt.Sprint(r.Sightings[0].Who); got != "[exhibit:P-1 imei:000000000000017]" {
		t.Errorf("the device is %s", got)
	}
	if !strings.Contains(fmt.Sprint(r.Notes), "2 items about the device") {
		t.Errorf("notes %v", r.Notes)
	}
}

func TestSniff(t *testing.T) {
	for data, want := range map[string]bool{
		project("", "", ""):                 true,
		`<project><taggedFiles/></project>`: true,
		`<project name="maven"/>`:           false,
		`<html/>`:                           false,
		``:                                  false,
	} {
		if f, why := intake.Detect(formats(), intake.Head{Bytes: []byte(data)}, ""); (f != nil) != want {
			t.Errorf("%q: %v, %s", data, f != nil, why)
		}
	}
}

// Every tagged file and message is a record, bad, or in a count.
func FuzzRead(f *testing.F) {
	sample, err := os.ReadFile("testdata/report.xml")
	if err != nil {
		f.Fatal(err)
	}
	seeds := []string{
		string(sample),
		project(file("x", item("MD5", md5A), ""), member(owner, "True"), message(member(owner, "True"), "x")),
		project(file("x", item("MD5", "1"), "")+file("y", "", "<timestamp/>"), "", message("", "")+`<model/>`),
	}
	if len(seeds) == 0 {
		f.Fatal("no seeds")
	}
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r := intaketest.Collect(t, formats(), "f", data, intake.Options{Format: "ufed/report"})
		intaketest.CheckPlaces(t, "f", data, r)
		if len(data) == 0 || len(r.Result.Members) != 1 {
			return
		}
		text := string(data)
		if r.Count()+len(r.Bad)+len(r.Notes) == 0 && strings.Contains(text, "<file ") && !strings.Contains(text, "<!--") && !strings.Contains(text, "<![") && !strings.Contains(text, "<?") {
			t.Errorf("nothing is said of %q", data)
		}
	})
}
