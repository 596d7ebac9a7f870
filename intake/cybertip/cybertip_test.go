package cybertip_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"suraag/instant"
	"suraag/intake"
	"suraag/intake/cybertip"
	"suraag/intake/intaketest"
	"suraag/sighting"
)

func formats() []intake.Format {
	return []intake.Format{cybertip.FormatJSON(), cybertip.FormatXML()}
}

func samples(t testing.TB) []string {
	t.Helper()
	json, err := filepath.Glob("testdata/*.json")
	if err != nil {
		t.Fatal(err)
	}
	xml, err := filepath.Glob("testdata/esp/*.xml")
	if err != nil {
		t.Fatal(err)
	}
	if len(json) == 0 || len(xml) < 10 {
		t.Fatalf("%d and %d samples", len(json), len(xml))
	}
	return append(json, xml...)
}

func TestSamples(t *testing.T) {
	for _, file := range samples(t) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			r, data := intaketest.CollectFile(t, formats(), file, intake.Options{})
			intaketest.CheckPlaces(t, file, data, r)
			intaketest.Golden(t, strings.TrimSuffix(file, filepath.Ext(file))+".golden", r)
		})
	}
}

func collect(t testing.TB, data string, opts intake.Options) intaketest.Records {
	t.Helper()
	r := intaketest.Collect(t, formats(), "report", []byte(data), opts)
	intaketest.CheckPlaces(t, "report", []byte(data), r)
	return r
}

func acts(r intaketest.Records) string {
	var out []string
	for _, s := range r.Sightings {
		out = append(out, string(s.Act))
	}
	return strings.Join(out, ", ")
}

const md5A = "4bc93fb481892c12606a481fc53a0ad9"

// tip makes a report with one person and one file.
func tip(person, file string) string {
	return `{"reportId":"100000002","dateReceived":"2025-03-01T08:00:00Z","reportedInformation":{"reportingEsp":{"espName":"Example Social, Inc."},
"reportedPeople":{"reportedPersons":[` + person + `]},"uploadedFiles":{"uploadedFiles":[` + file + `]}}}`
}

func captures(list ...string) string {
	return `"sourceInformation":{"sourceCaptures":[` + strings.Join(list, ",") + `]}`
}

func ip(value, when, event, port string) string {
	return fmt.Sprintf(`{"captureType":"IP Address","value":%s,"dateTime":%s,"eventName":%s,"port":%s}`, value, when, event, port)
}

const at = `"2025-02-28T18:45:10Z"`

// An act is named only where the provider names it.
func TestEventsAreNotGuessed(t *testing.T) {
	for event, want := range map[string]sighting.Act{
		`"UPLOAD"`: sighting.Upload, `"Upload"`: sighting.Upload, `"LOGIN"`: sighting.Login, `"REGISTRATION"`: sighting.Register,
		`"PURCHASE"`: sighting.Report, `"OTHER"`: sighting.Report, `"UNKNOWN"`: sighting.Report, `null`: sighting.Report, `"N/A"`: sighting.Report,
	} {
		r := collect(t, tip(`{"espUserId":"1",`+captures(ip(`"198.51.100.77"`, at, event, "1"))+`}`, ""), intake.Options{})
		if len(r.Sightings) != 2 {
			t.Fatalf("%s: %d sightings, bad %v", event, len(r.Sightings), r.Bad)
		}
		s := r.Sightings[1]
		stated := want != sighting.Report
		if s.Act != want || (s.Standing == sighting.ProviderCapture) != stated || (len(s.Notes) == 0) != stated || s.From.String() != "198.51.100.77:1" {
			t.Errorf("%s: %s, %s, notes %q, from %s", event, s.Act, s.Standing, s.Notes, s.From)
		}
	}
}

func TestWhoseFileIsNotGuessed(t *testing.T) {
	file := `{"filename":"a.jpg","verificationHash":"` + md5A + `",` + captures(ip(`"198.51.100.77"`, at, `"UPLOAD"`, `"51602"`)) + `}`
	for people, want := range map[string]string{
		``:                                    "[]",
		`{"espUserId":"1"}`:                   "[account:example social:1]",
		`{"espUserId":"1"},{"espUserId":"2"}`: "[]",
	} {
		r := collect(t, tip(people, file), intake.Options{})
		count := 0
		for _, s := range r.Sightings {
			if len(s.Content.Digests) == 0 {
				continue
			}
			count++
			if got := fmt.Sprint(s.Who); got != want {
				t.Errorf("people %q: %s by %s, want %s", people, s.Act, got, want)
			}
		}
		if count != 2 {
			t.Errorf("people %q: %d sightings of the file, want its report and its upload", people, count)
		}
	}
}

// Intended recipients are not known to have received anything.
func TestRecipientsAreOnlyIntended(t *testing.T) {
	data := strings.Replace(tip(`{"espUserId":"1"}`, ""), `"uploadedFiles"`, `"intendedRecipients":{"intendedRecipients":[{"espUserId":"7","espService":"Other"}]},"uploadedFiles"`, 1)
	r := collect(t, data, intake.Options{})
	if acts(r) != "report" || fmt.Sprint(r.Sightings[0].To) != "[account:other:7]" {
		t.Errorf("acts %s, to %v", acts(r), r.Sightings[0].To)
	}
}

// "user1" at one service is nobody at another.
func TestNamesBelongToAService(t *testing.T) {
	report := func(reporter string) string {
		return `<report><incidentSummary/>` + reporter + `<personOrUserReported><screenName>User1</screenName></personOrUserReported></report>`
	}
	reporter := `<reporter><reportingPerson><email>a@social.example.com</email></reportingPerson></reporter>`
	for data, want := range map[string]string{report(reporter): "[handle:social.example.com:user1]", report(""): "[]"} {
		r := collect(t, data, intake.Options{})
		if got := fmt.Sprint(r.Sightings[0].Who); got != want {
			t.Errorf("%s: who %s, want %s", data, got, want)
		}
	}
	r := collect(t, report(""), intake.Options{Service: "Declared"})
	if got := fmt.Sprint(r.Sightings[0].Who); got != "[handle:declared:user1]" {
		t.Errorf("with the service declared: %s", got)
	}
}

// What providers are in the habit of doing (formats.md §2.2).
func TestProviderHabits(t *testing.T) {
	t.Run("Dropbox puts the upload time among its remarks", func(t *testing.T) {
		r := collect(t, tip("", `{"verificationHash":"`+md5A+`","espMetadata":{"metadatas":[{"name":"Upload Date and Time","value":"2025-02-28 18:45:10 UTC"}]}}`), intake.Options{})
		s := r.Sightings[len(r.Sightings)-1]
		if s.Act != sighting.Upload || s.Standing != sighting.ProviderMetadata || !s.From.IsZero() || !s.When.Exact() || len(s.Content.Digests) != 1 {
			t.Errorf("%+v", s)
		}
	})
	t.Run("Yahoo joins file and mail by the message", func(t *testing.T) {
		data := strings.Replace(tip("", `{"filename":"a","additionalInformations":[{"value":"Message ID:m-1"}]}`), `"reportedPeople"`,
			`"incidentDetails":{"emailIncident":[{"contents":[{"value":"Sent Date: 2025-02-01\nFrom: a@example.com\nTo: b@example.com\nX-Ymail-Msg-Id: m-1"}]}]},"reportedPeople"`, 1)
		r := collect(t, data, intake.Options{})
		s := r.Sightings[len(r.Sightings)-1]
		if got := fmt.Sprint(s.Via, s.Extra); !strings.Contains(got, "message:example social:m-1") || !strings.Contains(got, "{Mail From a@example.com}") {
			t.Error(got)
		}
	})
	t.Run("whether the provider looked at the file has three states", func(t *testing.T) {
		for text, want := range map[string]string{"true": "yes", "false": "no", "null": "not stated", `"N/A"`: "not stated"} {
			r := collect(t, tip("", `{"filename":"a","viewedByEsp":`+text+`}`), intake.Options{})
			if got := fmt.Sprint(r.Sightings[1].Extra); !strings.Contains(got, "{Viewed by ESP "+want+"}") {
				t.Errorf("%s: %s", text, got)
			}
		}
	})
}

func TestMalformedJSON(t *testing.T) {
	person := func(c string) string { return tip(`{"espUserId":"1",`+captures(c)+`}`, "") }
	for name, c := range map[string]struct {
		data, acts    string
		bad, note, no string // what a bad row, a note, and the problem of the file say
	}{
		"address is broken":      {person(ip(`"198.51.100.777"`, at, `"LOGIN"`, "1")), "report, log in", "", `address "198.51.100.777" is not`, ""},
		"port is broken":         {person(ip(`"198.51.100.7"`, at, `"LOGIN"`, "70000")), "report, log in", "", `port "70000"`, ""},
		"time is broken":         {person(ip(`"198.51.100.7"`, `"soon"`, `"LOGIN"`, "1")), "report, log in", "", `time "soon"`, ""},
		"nothing captured":       {person(ip(`null`, `null`, `"LOGIN"`, "1")), "report", "neither an address nor a time", "", ""},
		"capture is text":        {person(`"198.51.100.7"`), "report", "where an object was expected", "", ""},
		"captures are an object": {strings.NewReplacer("[{\"captureType\"", "{\"captureType\"", "}]}}]", "}}}]").Replace(person(ip(`"198.51.100.7"`, at, `"LOGIN"`, "1"))), "report, log in", "", "", ""},
		"other capture":          {person(`{"captureType":"Device","value":"d-1","port":null}`), "report", "", `type "Device"`, ""},
		"hash is broken":         {tip("", `{"verificationHash":"zz"}`), "report, report", "", "no known hash", ""},
		"file is null":           {tip("", `null`), "report", "", "", ""},
		"phone names nobody":     {tip(`{"phones":{"phones":[{"value":"555-0123"}]}}`, ""), "report", "", "names nobody", ""},
		"unknown name":           {tip(`{"espUserId":"1","shoeSize":"9"}`, ""), "report", "", `name "shoeSize" is not known`, ""},
		"name twice":             {tip(`{"espUserId":"1","espUserId":"1"}`, ""), "report", "", `"espUserId" stands twice`, ""},
		"not UTF-8":              {tip("{\"espUserId\":\"1\",\"occupation\":\"\xff\"}", ""), "report", "", "not UTF-8", ""},
		"all is null":            {`{"reportId":null,"dateReceived":"N/A","reportedInformation":{"reportingEsp":null,"incidentDetails":null,"reportedPeople":null,"uploadedFiles":{"uploadedFiles":"N/A"}}}`, "report", "", "", ""},
		"no information":         {`{"reportId":"1","reportedInformation":null}`, "", "", "", "no object"},
		"cut":                    {person("")[:150], "", "", "", "ends in the middle"},
		"too deep":               {strings.Replace(tip("", ""), `{"espName"`, `{"x":`+strings.Repeat("[", 70)+strings.Repeat("]", 70)+`,"espName"`, 1), "", "", "", "nested more than"},
		"too many people":        {tip(strings.Repeat("{},", 10_001)+"{}", ""), "", "", "", "names 10002 people"},
		"number without end":     {strings.Replace(tip("", ""), "100000002", strings.Repeat("1", 9000), 1), "report", "", "is no number", ""},
		"more after it":          {tip("", "") + "{}", "report", "", "", "more follows"},
	} {
		t.Run(name, func(t *testing.T) {
			r := collect(t, c.data, intake.Options{})
			if acts(r) != c.acts {
				t.Errorf("acts %q, want %q", acts(r), c.acts)
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

func TestMalformedXML(t *testing.T) {
	file := func(inner string) string {
		return `<fileDetails><reportId>1</reportId><fileId>F</fileId>` + inner + `</fileDetails>`
	}
	for name, c := range map[string]struct{ data, acts, note, problem string }{
		"order is not kept":  {`<fileDetails><fileId>F</fileId><ipCaptureEvent><port>9</port><ipAddress>192.0.2.1</ipAddress><eventName>Upload</eventName></ipCaptureEvent><reportId>1</reportId></fileDetails>`, "report, upload", "", ""},
		"bad hash":           {file(`<originalFileHash hashType="MD5">zz</originalFileHash>`), "report", "no known hash", ""},
		"hash in details":    {file(`<details type="HASH"><nameValuePair><name>PhotoDNA</name><value>zz</value></nameValuePair><nameValuePair><name>Own</name><value>` + md5A + `</value></nameValuePair></details>`), "report", `labelled "PhotoDNA"`, ""},
		"hash without label": {file(`<originalFileHash>` + md5A + `</originalFileHash>`), "report", "", ""},
		"bad address":        {file(`<ipCaptureEvent><ipAddress>x</ipAddress><eventName>Upload</eventName></ipCaptureEvent>`), "report, upload", `"x" is not an IP address`, ""},
		"upload time":        {file(`<uploadedToEspTimestamp>2024-01-15T16:30:00Z</uploadedToEspTimestamp>`), "report, upload", "", ""},
		"unknown element":    {file(`<smell>bad</smell>`), "report", `element "smell" is not known`, ""},
		"forbidden bytes":    {file("<additionalInfo>a\x01b\xff</additionalInfo>"), "report", "2 characters", ""},
		"own entities":       {`<!DOCTYPE report [<!ENTITY a "x">]><report><incidentSummary/></report>`, "", "", "own entities"},
		"cut":                {file("")[:40], "", "", "ends in the middle"},
		"two roots":          {file("") + file(""), "report", "", "second root"},
		"too deep":           {`<report><incidentSummary/>` + strings.Repeat("<a>", 100), "", "", "deep"},
		"victim":             {`<report><incidentSummary/><victim><victimPerson><firstName>Invented</firstName></victimPerson></victim></report>`, "report", "not copied", ""},
		"SSID is no device":  {`<report><incidentSummary/><personOrUserReported><deviceId><idType>SSID</idType><idValue>net</idValue><eventName>Login</eventName></deviceId></personOrUserReported></report>`, "report", "", ""},
		"taken over":         {`<report><incidentSummary/><personOrUserReported><compromisedAccount>true</compromisedAccount></personOrUserReported></report>`, "report", "compromised", ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := intaketest.Collect(t, formats(), "report", []byte(c.data), intake.Options{Format: "ncmec/cybertip-xml"})
			intaketest.CheckPlaces(t, "report", []byte(c.data), r)
			if acts(r) != c.acts {
				t.Errorf("acts %q, want %q", acts(r), c.acts)
			}
			if !strings.Contains(fmt.Sprint(r.Notes), c.note) || !strings.Contains(r.Result.Members[0].Problem, c.problem) {
				t.Errorf("notes %v, problem %q; want %q and %q", r.Notes, r.Result.Members[0].Problem, c.note, c.problem)
			}
			if (r.Result.Members[0].Problem == "") != (c.problem == "") {
				t.Errorf("problem %q", r.Result.Members[0].Problem)
			}
			if strings.Contains(string(r.Text(t)), "Invented") {
				t.Error("the victim is in a record")
			}
		})
	}
}

// Import rule 1: 64 hex digits under the label SHA1 are a SHA-256.
func TestRule1HashByLength(t *testing.T) {
	r, _ := intaketest.CollectFile(t, formats(), "testdata/esp/file_details_with_all_fields.xml", intake.Options{})
	s := r.Sightings[0]
	if got := fmt.Sprint(s.Content.Digests); !strings.HasPrefix(got, "[sha256:5e884898") || !strings.Contains(fmt.Sprint(s.Notes), "taken as sha256") {
		t.Errorf("%s, notes %q", got, s.Notes)
	}
}

// Import rule 2: null, "" and "N/A" state nothing, in any place.
func TestRule2NothingStated(t *testing.T) {
	none := func(v string) string {
		return tip(`{"firstName":`+v+`,"espUserId":`+v+`,"espService":`+v+`,"screenName":{"value":`+v+`},"emails":`+v+`,"occupation":`+v+`,`+captures(ip(`"192.0.2.1"`, v, v, v))+`}`, "")
	}
	var first intaketest.Records
	for n, v := range []string{`null`, `""`, `"N/A"`, `"n/a"`} {
		r := collect(t, none(v), intake.Options{})
		s := r.Sightings[0]
		if len(r.Sightings) != 2 || len(s.Who) != 0 || len(s.Extra) != 0 || s.Service != "Example Social, Inc." {
			t.Errorf("%s: %+v", v, r.Sightings)
		}
		if n == 0 {
			first = r
			continue
		}
		intaketest.SameStatements(t, first, r)
	}
}

// Import rule 3: a time without zone takes the declared one, or stays open.
func TestRule3Times(t *testing.T) {
	for raw, want := range map[string]struct {
		opts  intake.Options
		basis instant.Basis
	}{
		`"2025-02-28T18:45:10Z"`:      {intake.Options{}, instant.StatedUTC},
		`"2025-02-28T18:45:10+05:30"`: {intake.Options{}, instant.StatedOffset},
		`"2025-02-28T18:45:10"`:       {intake.Options{}, instant.Ambiguous},
		`"2025-02-28 18:45:10"`:       {intake.Options{Zone: instant.IST()}, instant.Assumed},
	} {
		r := collect(t, tip(`{`+captures(ip(`"198.51.100.7"`, raw, `"LOGIN"`, "1"))+`}`, ""), want.opts)
		if w := r.Sightings[1].When; w.Basis != want.basis || w.Raw != strings.Trim(raw, `"`) {
			t.Errorf("%s: %+v, want %s", raw, w, want.basis)
		}
	}
}

// Import rule 5: the mark at the beginning changes nothing but places.
func TestRule5Mark(t *testing.T) {
	data := tip(`{"espUserId":"1",`+captures(ip(`"198.51.100.7"`, at, `"LOGIN"`, "1"))+`}`, "")
	intaketest.SameStatements(t, collect(t, data, intake.Options{}), collect(t, "\ufeff"+data, intake.Options{}))
	xml := `<ipCaptureEvent><ipAddress>192.0.2.1</ipAddress></ipCaptureEvent>`
	intaketest.SameStatements(t, collect(t, xml, intake.Options{}), collect(t, "\ufeff"+xml, intake.Options{}))
}

// A report without a file is a report all the same (roostorg/coop issue 661: it was
// dropped, and success was reported).
func TestReportWithoutFilesIsNotDropped(t *testing.T) {
	for name, data := range map[string]string{
		"JSON, files are an empty list": tip(`{"espUserId":"1","screenName":{"value":"x"}}`, ""),
		"JSON, files are null":          `{"reportId":"100000002","reportedInformation":{"reportingEsp":{"espName":"Example Social"},"reportedPeople":{"reportedPersons":[{"espUserId":"1"}]},"uploadedFiles":null}}`,
		"JSON, no files and nobody":     `{"reportId":"100000002","reportedInformation":{"incidentSummary":{"incidentType":"Online Enticement of Children for Sexual Acts"}}}`,
		"XML":                           `<report><incidentSummary><incidentType>Online Enticement of Children for Sexual Acts</incidentType></incidentSummary><personOrUserReported><espIdentifier>1</espIdentifier></personOrUserReported></report>`,
		"XML, nobody":                   `<report><incidentSummary><incidentType>Online Enticement of Children for Sexual Acts</incidentType></incidentSummary></report>`,
	} {
		r := collect(t, data, intake.Options{})
		if len(r.Sightings) == 0 || r.Sightings[0].Act != sighting.Report {
			t.Errorf("%s: %d sightings, bad %v, notes %v, error %v", name, len(r.Sightings), r.Bad, r.Notes, r.Err)
		}
	}
}

func TestSniff(t *testing.T) {
	for data, want := range map[string]string{
		tip("", ""): "ncmec/cybertip-json", `{"reportId":1}`: "", `<report><x/></report>`: "", `<html><body>report</body></html>`: "",
		`<fileDetails><reportId>1</reportId></fileDetails>`: "ncmec/cybertip-xml", ``: "", `<`: "", `<?xml version="1.0"?><project/>`: "",
	} {
		f, _ := intake.Detect(formats(), intake.Head{Bytes: []byte(data)}, "")
		if (f == nil) != (want == "") || f != nil && f.Name != want {
			t.Errorf("%q is read as %v, want %q", data, f, want)
		}
	}
}

// A file that is read to its end says something, and everything it says has its place.
func FuzzRead(f *testing.F) {
	seeds := samples(f)
	for _, file := range seeds {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(tip(`{"espUserId":"1",`+captures(ip(`"x"`, "7", "null", "[]"))+`}`, `[],{}`)))
	f.Fuzz(func(t *testing.T, data []byte) {
		format := "ncmec/cybertip-json"
		if strings.HasPrefix(strings.TrimSpace(string(data)), "<") {
			format = "ncmec/cybertip-xml"
		}
		r := intaketest.Collect(t, formats(), "f", data, intake.Options{Format: format})
		intaketest.CheckPlaces(t, "f", data, r)
		if len(data) > 0 && len(r.Result.Members) == 1 && r.Count()+len(r.Bad)+len(r.Notes) == 0 {
			t.Errorf("nothing is said of %q", data)
		}
	})
}
