package pdftext

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"codeberg.org/go-pdf/fpdf"

	"suraag/export/pdf"
	"suraag/fault"
	"suraag/intake"
	"suraag/intake/intaketest"
	"suraag/sighting"
)

const (
	md5  = "0123456789abcdef0123456789abcdef"
	md5b = "fedcba9876543210fedcba9876543210"
	sha1 = "0123456789abcdef0123456789abcdef01234567"
)

// formats are made once: the guest takes its time to start.
var formats = []intake.Format{Format()}

func set(t testing.TB, lines []string) []byte {
	t.Helper()
	d, err := pdf.New(pdf.Options{Title: "CyberTip 100000001", At: time.Date(2025, 3, 14, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range lines {
		d.Paragraph(l)
	}
	out, err := d.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// plain sets lines in a font that every reader brings, which is quicker to read.
func plain(t testing.TB, pages ...[]string) []byte {
	t.Helper()
	f := fpdf.New("P", "pt", "A4", "")
	f.SetCreationDate(time.Date(2025, 3, 14, 0, 0, 0, 0, time.UTC))
	f.SetModificationDate(time.Date(2025, 3, 14, 0, 0, 0, 0, time.UTC))
	f.SetCatalogSort(true)
	for _, lines := range pages {
		f.AddPage()
		f.SetFont("Helvetica", "", 11)
		for n, l := range lines {
			f.Text(54, 54+float64(n)*20, l)
		}
	}
	var out bytes.Buffer
	if err := f.Output(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func collect(t testing.TB, data []byte) intaketest.Records {
	t.Helper()
	r := intaketest.Collect(t, formats, "x.pdf", data, intake.Options{Format: "pdf/text"})
	intaketest.CheckPlaces(t, "x.pdf", data, r)
	return r
}

func sample(t testing.TB) []byte {
	t.Helper()
	data, err := os.ReadFile("testdata/report.pdf")
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestSample(t *testing.T) {
	r, data := intaketest.CollectFile(t, formats, "testdata/report.pdf", intake.Options{})
	intaketest.CheckPlaces(t, "testdata/report.pdf", data, r)
	intaketest.Golden(t, "testdata/report.golden", r)
}

// What our own kit sets is read back as it was written, in both scripts.
func TestSetAndRead(t *testing.T) {
	lines := []string{"Filename: made-0001.jpg", "प्राप्त: 14-03-2025"}
	r := collect(t, set(t, lines))
	if r.Err != nil || len(r.Sightings) != 1 {
		t.Fatalf("%d sightings, %v", len(r.Sightings), r.Err)
	}
	for _, line := range lines {
		if text := r.Sightings[0].Text; !strings.Contains(text, line) {
			t.Errorf("%q is not in %q", line, text)
		}
	}
}

// Running text ties no address, moment or person to an act.
func TestWordsStayWords(t *testing.T) {
	r := collect(t, plain(t, []string{"IP Address: 192.0.2.7", "Login: 14 March 2025 10:58:01 UTC from 192.0.2.7", "Email: a@example.com"}))
	s := r.Sightings[0]
	if !s.From.IsZero() || !s.At.IsZero() || !s.When.IsZero() || len(s.Who)+len(s.To)+len(s.Via) > 0 || s.Content.Identified() {
		t.Errorf("%+v", s)
	}
	if s.Act != sighting.Report || s.Standing != sighting.Statement || !strings.Contains(s.Text, "192.0.2.7") {
		t.Errorf("%s, %s, %q", s.Act, s.Standing, s.Text)
	}
}

// Hashes of two files on one page never become one content.
func TestHashesOfAPageAreNotJoined(t *testing.T) {
	for name, c := range map[string]struct {
		lines []string
		want  []string // digests of each sighting
		note  string
	}{
		"one":             {[]string{"MD5: " + md5}, []string{"[md5:" + md5 + "]"}, ""},
		"capitals":        {[]string{"md5 hash: " + strings.ToUpper(md5)}, []string{"[md5:" + md5 + "]"}, ""},
		"on the next":     {[]string{"SHA-1:", sha1}, []string{"[sha1:" + sha1 + "]"}, ""},
		"stated twice":    {[]string{"MD5: " + md5, "MD5: " + md5}, []string{"[md5:" + md5 + "]"}, ""},
		"two files":       {[]string{"MD5: " + md5, "MD5: " + md5b}, []string{"[]", "[md5:" + md5 + "]", "[md5:" + md5b + "]"}, "not which of them are of one file"},
		"two kinds":       {[]string{"MD5: " + md5, "SHA1: " + sha1}, []string{"[]", "[md5:" + md5 + "]", "[sha1:" + sha1 + "]"}, "not which of them are of one file"},
		"no label":        {[]string{md5}, []string{"[]"}, ""},
		"another label":   {[]string{"ref_md5: " + md5, "Ticket: " + md5}, []string{"[]"}, ""},
		"broken in two":   {[]string{"MD5: " + md5[:20], md5[20:]}, []string{"[]"}, "label MD5 is not 32"},
		"a digit too few": {[]string{"MD5: " + md5[1:]}, []string{"[]"}, "label MD5 is not 32"},
		"of another kind": {[]string{"SHA256: " + md5}, []string{"[]"}, "label SHA256 is not 64"},
		"letters":         {[]string{"MD5: " + "g" + md5[1:]}, []string{"[]"}, "label MD5 is not 32"},
		"nothing":         {[]string{"MD5:", "Filename: x.jpg"}, []string{"[]"}, "label MD5 is not 32"},
	} {
		t.Run(name, func(t *testing.T) {
			r := collect(t, plain(t, c.lines))
			var got, notes []string
			for _, s := range r.Sightings {
				got = append(got, fmt.Sprint(s.Content.Digests))
				notes = append(notes, s.Notes...)
			}
			if fmt.Sprint(got) != fmt.Sprint(c.want) {
				t.Errorf("%q, want %q", got, c.want)
			}
			if all := strings.Join(notes, "; "); !strings.Contains(all, c.note) || c.note == "" && all != "" {
				t.Errorf("notes %q, want %q", all, c.note)
			}
		})
	}
}

func drawn(t testing.TB, before func(*fpdf.Fpdf)) []byte {
	t.Helper()
	f := fpdf.New("P", "pt", "A4", "")
	before(f)
	f.AddPage()
	f.Rect(10, 10, 100, 100, "F")
	var out bytes.Buffer
	if err := f.Output(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// A scan is said to be one; silence would look like an empty document.
func TestScan(t *testing.T) {
	r := collect(t, drawn(t, func(*fpdf.Fpdf) {}))
	if r.Err != nil || r.Count() != 0 || len(r.Notes) != 1 || !strings.Contains(r.Notes[0].Text, "it is a scan") {
		t.Errorf("%d records, notes %v, error %v", r.Count(), r.Notes, r.Err)
	}
}

// hostile is a PDF whose table of contents is a stream with the given header.
func hostile(header string) []byte {
	return fmt.Appendf(nil, "%%PDF-1.5\n1 0 obj\n<</Type/XRef %s/Length 1>>\nstream\nx\nendstream\nendobj\n%100s\nstartxref\n9\n%%%%EOF\n", header, "")
}

func TestMalformed(t *testing.T) {
	whole := sample(t)
	for name, c := range map[string]struct {
		data []byte
		says string
	}{
		"encrypted":               {drawn(t, func(f *fpdf.Fpdf) { f.SetProtection(0, "user", "owner") }), "encrypted"},
		"the signature alone":     {[]byte("%PDF-1.7\n"), "cannot be opened"},
		"cut in the first object": {whole[:40], "cannot be opened"},
		"a table of 2^33 objects": {hostile("/Size 8589934592 /W [1 2 1] /Root 1 0 R"), "scan"},
		"a table without end":     {hostile("/Size 4 /W [0 0 0] /Index [0 1 0 9000000000000000000] /Root 1 0 R"), "scan"},
		"an entry of 2^39 bytes":  {hostile("/Size 4 /W [1 500000000000 1] /Root 1 0 R"), "scan"},
	} {
		t.Run(name, func(t *testing.T) {
			r := collect(t, c.data)
			var said []string
			for _, b := range r.Bad {
				said = append(said, b.Reason)
			}
			for _, n := range r.Notes {
				said = append(said, n.Text)
			}
			if all := strings.Join(said, "; "); r.Count() != 0 || !strings.Contains(all, c.says) {
				t.Errorf("%d records, said %q, want %q", r.Count(), all, c.says)
			}
		})
	}
}

// An encrypted one is refused with what to do.
func TestEncryptedSaysWhatToDo(t *testing.T) {
	data := drawn(t, func(f *fpdf.Fpdf) { f.SetProtection(0, "user", "owner") })
	var s intaketest.Sink
	err := (&reader{limits: ordinary()}).read(&intake.Input{Body: bytes.NewReader(data)}, &s)
	if !fault.Is(err, fault.Invalid) || !strings.Contains(fault.Hint(err), "without a password") {
		t.Errorf("%v, hint %q", err, fault.Hint(err))
	}
}

// Each limit is said, and what was read before it is kept.
func TestLimits(t *testing.T) {
	data := sample(t)
	for name, c := range map[string]struct {
		limits  limits
		records int
		says    string
	}{
		"bytes": {limits{len(data) - 1, 9, time.Minute}, 0, "more than"},
		"pages": {limits{len(data), 1, time.Minute}, 1, "those after page 1 are not read"},
		"time":  {limits{len(data), 9, -1}, 0, "takes longer than"},
	} {
		t.Run(name, func(t *testing.T) {
			var s intaketest.Sink
			err := (&reader{limits: c.limits}).read(&intake.Input{Body: bytes.NewReader(data)}, &s)
			said := fmt.Sprint(err, s.Records.Bad)
			if s.Count() != c.records || !strings.Contains(said, c.says) {
				t.Errorf("%d records, said %s", s.Count(), said)
			}
		})
	}
}

// FuzzRead: whatever is written where text is expected, the words and hashes stand
// in the file, and something is always said.
func FuzzRead(f *testing.F) {
	seeds := [][]byte{sample(f), hostile("/Size 4 /W [1 2 1] /Root 1 0 R"), drawn(f, func(*fpdf.Fpdf) {})}
	for _, data := range seeds {
		if !bytes.HasPrefix(data, []byte("%PDF-")) {
			f.Fatalf("seed %.10q is no PDF", data)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) == 0 {
			return
		}
		r := collect(t, data)
		if r.Count()+len(r.Bad)+len(r.Notes) == 0 {
			t.Errorf("%.60q brought nothing and no reason", data)
		}
		for _, s := range r.Sightings {
			if len(s.Text) > sighting.MaxText || len(s.Content.Digests) > 1 {
				t.Errorf("%d bytes of words, %d digests", len(s.Text), len(s.Content.Digests))
			}
		}
	})
}
