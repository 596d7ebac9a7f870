package vics_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"suraag/instant"
	"suraag/intake"
	"suraag/intake/intaketest"
	"suraag/intake/vics"
	"suraag/sighting"
)

func formats() []intake.Format { return []intake.Format{vics.FormatCase(), vics.FormatSet()} }

const md5A, md5B = "4BC93FB481892C12606A481FC53A0AD9", "D9B34978557EF4119E191727F067C746"

const oldHead = `{"odata.metadata":"http://github.com/ICMEC/ProjectVic/DataModels/1.3.xml#Media","value":[`

// set makes a hash set of the media.
func set(media ...string) []byte { return []byte(oldHead + strings.Join(media, ",\n") + `]}`) }

// inCase makes a case with the media.
func inCase(media ...string) []byte {
	return []byte(`{"@odata.context":"http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/UK/$metadata#Cases","value":[{"CaseNumber":"7/2025","Media":[` +
		strings.Join(media, ",\n") + `]}]}`)
}

func collect(t testing.TB, data []byte, opts intake.Options) intaketest.Records {
	t.Helper()
	r := intaketest.Collect(t, formats(), "file.json", data, opts)
	intaketest.CheckPlaces(t, "file.json", data, r)
	return r
}

func TestSamples(t *testing.T) {
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d samples, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			r, data := intaketest.CollectFile(t, formats(), file, intake.Options{})
			intaketest.CheckPlaces(t, file, data, r)
			intaketest.Golden(t, strings.TrimSuffix(file, ".json")+".golden", r)
			want := map[bool]string{true: "vics/case", false: "vics/hashset"}[strings.Contains(file, "_case")]
			if got := r.Result.Formats(); len(got) != 1 || got[0] != want {
				t.Errorf("read as %q, want %q", got, want)
			}
		})
	}
}

func TestEachGenerationStatesTheSame(t *testing.T) {
	read := func(file string) intaketest.Records {
		r, _ := intaketest.CollectFile(t, formats(), "testdata/"+file, intake.Options{})
		for n := range r.Listings {
			r.Listings[n].Scheme, r.Listings[n].Extra = "", nil
			delete(r.Listings[n].Flags, "SelfGenerated")
			delete(r.Listings[n].Flags, "IsSuspected")
		}
		r.Listings = r.Listings[:min(2, len(r.Listings))]
		return r
	}
	intaketest.SameStatements(t, read("vics_1_3_hashset.json"), read("vics_2_0_hashset.json"))
}

func TestMalformedMedia(t *testing.T) {
	good := `{"MediaID":9,"MD5":"` + md5B + `"}`
	for name, c := range map[string]struct {
		media string
		bad   string // reason, where the medium is bad
		note  string // note, where it is read in part
	}{
		"no hash":                  {`{"MediaID":1,"Category":1}`, "no hash", ""},
		"broken hash":              {`{"MediaID":1,"MD5":"XYZ"}`, "no known hash", ""},
		"broken beside a good one": {`{"MD5":"XYZ","SHA1":"A315372F5E9AC7E07593D41E19B3CEC37F9F3C1F"}`, "", "no known hash"},
		"hash is a number":         {`{"MD5":12}`, "no known hash", ""},
		"hash is null":             {`{"MD5":null}`, "no hash", ""},
		"not an object":            {`"MD5"`, "where a medium was expected", ""},
		"a list":                   {`[]`, "where a medium was expected", ""},
		"null":                     {`null`, "where a medium was expected", ""},
		"a case in a set":          {`{"CaseID":"x","Media":[{"MD5":"` + md5A + `"}]}`, "read the file as vics/case", ""},
		"too large":                {`{"MD5":"` + md5A + `","Comments":"` + strings.Repeat("x", 8<<20) + `"}`, "bytes", ""},
		"too deep":                 {`{"MD5":"` + md5A + `","X":` + strings.Repeat("[", 30) + strings.Repeat("]", 30) + `}`, "deep", ""},
		"bad time":                 {`{"MD5":"` + md5A + `","DateUpdated":"yesterday"}`, "", "DateUpdated"},
		"bad size":                 {`{"MD5":"` + md5A + `","MediaSize":"1,000"}`, "", "MediaSize"},
		"bad flag":                 {`{"MD5":"` + md5A + `","IsDistributed":"maybe"}`, "", "neither true nor false"},
		"unknown name":             {`{"MD5":"` + md5A + `","Shiny":{"a":[1,"N/A"]}}`, "", `name "Shiny" is not known`},
		"same name twice":          {`{"MD5":"` + md5A + `","MD5":"` + md5B + `"}`, "", "stated twice"},
		"second hash of a kind":    {`{"MD5":"` + md5A + `","AlternativeHashes":[{"HashName":"MD5","HashValue":"` + md5B + `"}]}`, "", "second md5"},
		"hash of another medium":   {`{"MD5":"` + md5A + `","AlternativeHashes":[{"MD5":"` + md5B + `","HashName":"SHA1","HashValue":"A315372F5E9AC7E07593D41E19B3CEC37F9F3C1F"}]}`, "", "of another medium"},
		"linked path outside":      {`{"MD5":"` + md5A + `","RelativeFilePath":"..\\..\\x.jpg"}`, "", "leads outside"},
		"small picture":            {`{"MD5":"` + md5A + `","Miniature":"aGVsbG8="}`, "", "not kept"},
		"not UTF-8":                {"{\"MD5\":\"" + md5A + "\",\"Comments\":\"a\xffb\"}", "", "not UTF-8"},
	} {
		t.Run(name, func(t *testing.T) {
			r := collect(t, set(good, c.media, good), intake.Options{Format: "vics/hashset"})
			if r.Err != nil || r.Result.Members[0].Problem != "" {
				t.Fatalf("error %v, problem %q", r.Err, r.Result.Members[0].Problem)
			}
			want := 3
			if c.bad != "" {
				want = 2
				if len(r.Bad) != 1 || !strings.Contains(r.Bad[0].Reason, c.bad) || r.Bad[0].Place.Locator != "$.value[1]" {
					t.Errorf("bad rows %v, want one at $.value[1] that says %q", r.Bad, c.bad)
				}
			}
			if len(r.Listings) != want {
				t.Errorf("%d listings, want %d", len(r.Listings), want)
			}
			if c.note != "" && !strings.Contains(fmt.Sprint(r.Notes), c.note) {
				t.Errorf("notes %v, want one that says %q", r.Notes, c.note)
			}
		})
	}
}

func TestBrokenFile(t *testing.T) {
	whole := string(set(`{"MD5":"`+md5A+`"}`, `{"MD5":"`+md5B+`"}`))
	for name, c := range map[string]struct {
		data     string
		listings int
		problem  string
	}{
		"cut in a medium":    {whole[:len(whole)-10], 1, "the file ends in the middle"},
		"cut between media":  {whole[:strings.Index(whole, ",\n")+2], 1, "the file ends in the middle"},
		"broken medium":      {strings.Replace(whole, md5B+`"`, md5B, 1), 1, "JSON at byte"},
		"more after it":      {whole + `{}`, 2, "more follows"},
		"value is no list":   {oldHead[:len(oldHead)-1] + `"none"}`, 0, `no "value" list`},
		"whole":              {whole, 2, ""},
		"header after":       {`{"value":[{"MediaID":1,"MD5":"` + md5A + `"}],"@odata.context":"http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/UK/$metadata#Media"}`, 1, ""},
		"spaces without end": {oldHead + strings.Repeat(" ", 9<<20), 0, "single value or gap"},
	} {
		t.Run(name, func(t *testing.T) {
			r := collect(t, []byte(c.data), intake.Options{})
			if len(r.Listings) != c.listings || !strings.Contains(r.Result.Members[0].Problem, c.problem) || (c.problem == "") != (r.Result.Members[0].Problem == "") {
				t.Errorf("%d listings, problem %q; want %d and %q", len(r.Listings), r.Result.Members[0].Problem, c.listings, c.problem)
			}
		})
	}
}

// Import rule 1: a hash is judged by its length and alphabet, then its label.
func TestRule1HashByLength(t *testing.T) {
	sha256 := strings.Repeat("ab", 32)
	r := collect(t, set(
		`{"SHA1":"`+sha256+`"}`,
		`{"MD5":"`+strings.ToLower(md5A)+`","AlternativeHashes":[{"HashName":"PDQ","HashValue":"`+sha256+`"},{"HashName":"F1","HashValue":"`+md5B+`"}]}`,
	), intake.Options{})
	if len(r.Listings) != 2 {
		t.Fatalf("%d listings; bad %v", len(r.Listings), r.Bad)
	}
	if got := fmt.Sprint(r.Listings[0].Digests); got != "[sha256:"+sha256+"]" || !strings.Contains(fmt.Sprint(r.Listings[0].Notes), "taken as sha256") {
		t.Errorf("SHA-256 under SHA1: %s, notes %q", got, r.Listings[0].Notes)
	}
	// A hash function that is not known is not taken for MD5 because of its length.
	if got := fmt.Sprint(r.Listings[1].Digests); got != "[md5:"+strings.ToLower(md5A)+" pdq:"+sha256+"]" {
		t.Errorf("alternative hashes: %s", got)
	}
	if got := fmt.Sprint(r.Listings[1].Extra); !strings.Contains(got, "AlternativeHashes F1") {
		t.Errorf("the unknown hash is not kept: %s", got)
	}
}

// Import rule 2: absent is not false, and null is not 0.
func TestRule2ThreeStates(t *testing.T) {
	r := collect(t, set(
		`{"MD5":"`+md5A+`","Category":null,"VictimIdentified":null,"IsDistributed":"True","IsSuspected":false,"Series":"N/A"}`,
		`{"MD5":"`+md5B+`","Category":0,"MediaSize":"12"}`,
	), intake.Options{})
	a, b := r.Listings[0], r.Listings[1]
	if a.Category != "" || b.Category != "0" {
		t.Errorf("categories %q and %q, want none and 0", a.Category, b.Category)
	}
	if got := fmt.Sprint(a.Flags); got != "map[IsDistributed:yes IsSuspected:no]" {
		t.Errorf("flags %s", got)
	}
	if a.Series != "" || b.Flags != nil || b.Size != 12 {
		t.Errorf("series %q, flags %v, size %d", a.Series, b.Flags, b.Size)
	}
}

// Import rule 3: every time keeps its words, and its zone has a reason.
func TestRule3Times(t *testing.T) {
	file := func(created string) string {
		return `{"MD5":"` + md5A + `","MediaFiles":[{"Created":"` + created + `"}]}`
	}
	kolkata := intake.Options{Zone: instant.IST(), Order: instant.DayFirst}
	for name, c := range map[string]struct {
		raw   string
		opts  intake.Options
		basis instant.Basis
		at    string
	}{
		"offset":         {"2024-05-01T10:00:00+05:30", intake.Options{}, instant.StatedOffset, "2024-05-01T04:30:00Z"},
		".NET":           {"/Date(1714537200000)/", intake.Options{}, instant.StatedUTC, "2024-05-01T04:20:00Z"},
		".NET escaped":   {`\/Date(1714537200000)\/`, intake.Options{}, instant.StatedUTC, "2024-05-01T04:20:00Z"},
		"zone unknown":   {"2024-05-01T10:00:00", intake.Options{}, instant.Ambiguous, "2024-04-30T20:00:00Z"},
		"zone declared":  {"2024-05-01T10:00:00", kolkata, instant.Assumed, "2024-05-01T04:30:00Z"},
		"order declared": {"2/5/2024 10:00:00", kolkata, instant.Assumed, "2024-05-02T04:30:00Z"},
		"order unknown":  {"2/5/2024 10:00:00", intake.Options{}, instant.Ambiguous, "2024-02-04T20:00:00Z"},
	} {
		t.Run(name, func(t *testing.T) {
			r := collect(t, inCase(file(c.raw)), c.opts)
			if len(r.Sightings) != 1 {
				t.Fatalf("%d sightings, bad %v", len(r.Sightings), r.Bad)
			}
			w := r.Sightings[0].When
			if w.Basis != c.basis || w.At.Format(time.RFC3339) != c.at || w.Raw != strings.ReplaceAll(c.raw, `\/`, "/") {
				t.Errorf("%+v, want %s at %s", w, c.basis, c.at)
			}
		})
	}
	r := collect(t, inCase(file("long ago")), intake.Options{})
	s := r.Sightings[0]
	if !s.When.IsZero() || !strings.Contains(fmt.Sprint(s.Extra), "{Created long ago}") || len(s.Notes) != 1 || len(r.Notes) != 1 {
		t.Errorf("a time that cannot be read: %+v, notes %v", s, r.Notes)
	}
}

// Import rule 5: a byte order mark and unknown names do no harm.
func TestRule5MarkAndNewNames(t *testing.T) {
	plain := string(set(`{"MD5":"` + md5A + `"}`))
	a, b := collect(t, []byte(plain), intake.Options{}), collect(t, []byte("\ufeff"+plain), intake.Options{})
	intaketest.SameStatements(t, a, b)
	r := collect(t, set(`{"MD5":"`+md5A+`","New":1,"odata.id":"x","Media@odata.navigationLinkUrl":"y"}`, `{"MD5":"`+md5B+`","New":2}`), intake.Options{})
	if len(r.Notes) != 1 || len(r.Listings) != 2 {
		t.Errorf("notes %v; want one for the name, none for OData's own", r.Notes)
	}
	for n, l := range r.Listings {
		if want := []sighting.Field{{Name: "New", Value: fmt.Sprint(n + 1)}}; fmt.Sprint(l.Extra) != fmt.Sprint(want) {
			t.Errorf("listing %d keeps %v, want %v", n, l.Extra, want)
		}
	}
}

// Import rule 6: the list is counted, its counter is not believed.
func TestRule6CountersAreNotTrusted(t *testing.T) {
	data := strings.Replace(string(inCase(`{"MD5":"`+md5A+`"}`)), `"Media"`, `"TotalMediaFiles":4000,"Media"`, 1)
	r := collect(t, []byte(data), intake.Options{})
	if len(r.Sightings) != 1 || !strings.Contains(fmt.Sprint(r.Notes), `TotalMediaFiles says "4000", the case lists 1 media`) {
		t.Errorf("%d sightings, notes %v", len(r.Sightings), r.Notes)
	}
}

// A file that is read as the other kind says so, row by row, and gives nothing.
func TestReadAsTheOtherKind(t *testing.T) {
	one := `{"MediaID":1,"MD5":"` + md5A + `"}`
	for name, c := range map[string]struct {
		data   []byte
		format string
	}{
		"set as case": {set(one, one), "vics/case"},
		"case as set": {[]byte(strings.Replace(string(inCase(one)), `}]}]}`, `}]},{"Media":[`+one+`]}]}`, 1)), "vics/hashset"},
	} {
		r := collect(t, c.data, intake.Options{Format: c.format})
		if r.Count() != 0 || len(r.Bad) != 2 || !strings.Contains(r.Bad[0].Reason, "read the file as vics/") {
			t.Errorf("%s: %d records, bad %v", name, r.Count(), r.Bad)
		}
	}
}

func TestCaseHolds(t *testing.T) {
	r := collect(t, inCase(
		`{"MD5":"`+md5A+`","IsPrecategorized":true,"Category":null,"MediaFiles":[{"MD5":"`+md5A+`","FilePath":"\\DCIM\\a.jpg","SourceID":"E1"},{"MD5":"`+md5B+`","FileName":"b.jpg","SourceID":""}],"Exifs":[{"PropertyName":"Body Serial Number","PropertyValue":"SYN-00017"},{"PropertyName":"Lens Serial Number","PropertyValue":"5"},{"PropertyName":"Serial Number","PropertyValue":"0000"}]}`,
		`{"MD5":"`+md5B+`","Comments":"no places"}`, `{"MD5":"?"}`), intake.Options{})
	if len(r.Sightings) != 3 || len(r.Bad) != 1 {
		t.Fatalf("%d sightings, bad %v", len(r.Sightings), r.Bad)
	}
	a, b, c := r.Sightings[0], r.Sightings[1], r.Sightings[2]
	if fmt.Sprint(a.Who) != "[exhibit:E1]" || fmt.Sprint(a.Via) != "[case:7/2025 camera:SYN-00017]" || a.Content.Name != "a.jpg" {
		t.Errorf("first: who %v, via %v, name %q", a.Who, a.Via, a.Content.Name)
	}
	if b.Who != nil || b.Content.Name != "b.jpg" || !strings.Contains(fmt.Sprint(b.Notes), "another MD5") {
		t.Errorf("second: %+v", b)
	}
	if !c.When.IsZero() || c.Act != sighting.Hold || c.Standing != sighting.DeviceFile || c.Standing.Proven() {
		t.Errorf("third: %+v", c)
	}
	for _, s := range r.Sightings {
		if s.Act.Spreads() {
			t.Errorf("a file on a device is said to have been spread: %+v", s)
		}
	}
}

// The small picture is content; it must be in no record.
func TestMiniatureIsNeverKept(t *testing.T) {
	r := collect(t, set(`{"MD5":"`+md5A+`","Miniature":"U1VSQUFH"}`, `{"MD5":"`+md5B+`","Miniature":"U1VSQUFH"}`), intake.Options{})
	if text := string(r.Text(t)); strings.Contains(text, "U1VSQUFH") || len(r.Listings) != 2 || len(r.Notes) != 1 {
		t.Errorf("records:\n%s", text)
	}
}

func TestSniff(t *testing.T) {
	for name, c := range map[string]struct {
		data string
		want string
	}{
		"set":              {string(set()), "vics/hashset"},
		"case":             {string(inCase()), "vics/case"},
		"no header, set":   {`{"value":[{"MediaID":1,"MD5":"x"}]}`, "vics/hashset"},
		"no header, case":  {`{"value":[{"CaseID":"1","Media":[{"MediaID":1}]}]}`, "vics/case"},
		"other OData":      {`{"@odata.context":"https://example.com/$metadata#Media","value":[{"Id":1}]}`, ""},
		"other JSON":       {`{"reportId":"1"}`, ""},
		"list":             {`[{"MD5":"x"}]`, ""},
		"empty":            {``, ""},
		"header lies, set": {strings.Replace(string(set(`{"MediaID":1,"MD5":"x"}`)), "#Media", "#Cases", 1), "vics/hashset"},
	} {
		f, why := intake.Detect(formats(), intake.Head{Name: "x", Bytes: []byte(c.data)}, "")
		if (f == nil) != (c.want == "") || f != nil && f.Name != c.want {
			t.Errorf("%s: %v (%s), want %q", name, f, why, c.want)
		}
	}
}

// Every element of the list, counted by another decoder, is a listing or bad.
func FuzzSet(f *testing.F) {
	for _, data := range seeds(f) {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r := intaketest.Collect(t, formats(), "f.json", data, intake.Options{Format: "vics/hashset"})
		intaketest.CheckPlaces(t, "f.json", data, r)
		var file map[string]json.RawMessage
		var list []json.RawMessage
		if json.Unmarshal(data, &file) != nil || json.Unmarshal(file["value"], &list) != nil || bytes.Count(data, []byte(`"value"`)) != 1 {
			return
		}
		bad := 0
		for _, b := range r.Bad {
			if strings.HasPrefix(b.Place.Locator, "$.value[") {
				bad++
			}
		}
		if len(r.Listings)+bad != len(list) {
			t.Errorf("%d listings and %d bad of %d media", len(r.Listings), bad, len(list))
		}
	})
}

// Every medium of a case is at least one sighting, or bad; with its places it can be more.
func FuzzCase(f *testing.F) {
	for _, data := range seeds(f) {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r := intaketest.Collect(t, formats(), "f.json", data, intake.Options{Format: "vics/case"})
		intaketest.CheckPlaces(t, "f.json", data, r)
		var file struct {
			Value []struct{ Media []json.RawMessage }
		}
		if json.Unmarshal(data, &file) != nil || r.Result.Members[0].Problem != "" || bytes.Count(data, []byte(`"value"`)) != 1 {
			return
		}
		media, said := 0, map[string]bool{}
		for _, c := range file.Value {
			media += len(c.Media)
		}
		if bytes.Count(data, []byte(`"Media"`)) != len(file.Value) {
			return // one of two lists of a case is lost in the other decoder
		}
		for _, s := range r.Sightings {
			said[s.Place.String()] = true
		}
		for _, b := range r.Bad {
			said[b.Place.String()] = true
		}
		if len(said) < media {
			t.Errorf("something is said of %d media, of %d", len(said), media)
		}
	})
}

func seeds(f *testing.F) [][]byte {
	f.Helper()
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) == 0 {
		f.Fatalf("%d seeds, %v", len(files), err)
	}
	out := [][]byte{
		set(`{"MD5":"x"}`, `7`, `{"MD5":"`+md5A+`","MD5":1,"X":[[]]}`),
		inCase(`{"MD5":"`+md5A+`","MediaFiles":[1,{"Created":"x"}]}`, `null`),
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		out = append(out, data)
	}
	return out
}

// media makes the text of a hash set of n entries, as list owners issue them.
func media(n int) []byte {
	var b strings.Builder
	b.WriteString("\ufeff" + oldHead)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"MediaID":%d,"Category":%d,"MD5":"%032X","SHA1":"%040X","PhotoDNA":"%s","MediaSize":"%d","MimeType":"image/jpeg","Series":"","Tags":"a,b","VictimIdentified":false,"OffenderIdentified":"false","IsDistributed":true,"IsPrecategorized":false,"DateUpdated":"2025-01-02T03:%02d:05-05:00"}`,
			i, i%6, i, i, strings.Repeat("AAAA", 48), i, i%60)
	}
	b.WriteString("]}")
	return []byte(b.String())
}

type nowhere struct{ listings int }

func (*nowhere) Sighting(sighting.Sighting) error  { return nil }
func (*nowhere) Lease(sighting.Lease) error        { return nil }
func (n *nowhere) Listing(sighting.Listing) error  { n.listings++; return nil }
func (*nowhere) Bad(sighting.Place, string) error  { return nil }
func (*nowhere) Note(sighting.Place, string) error { return nil }

func BenchmarkHashSet(b *testing.B) {
	const entries = 20_000
	data := media(entries)
	src := intaketest.Source("set.json", data)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		var sink nowhere
		if _, err := intake.Read(b.Context(), formats(), src, intake.Options{}, intake.Limits{}, &sink); err != nil || sink.listings != entries {
			b.Fatalf("%d listings, %v", sink.listings, err)
		}
	}
	b.ReportMetric(float64(entries)*float64(b.N)/b.Elapsed().Seconds(), "entries/s")
}
