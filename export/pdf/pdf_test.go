package pdf_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"suraag/export/pdf"
)

var day = time.Date(2025, 3, 12, 9, 0, 0, 0, time.UTC)

// sample sets every element of the kit once, and a table over several pages.
func sample(t testing.TB) []byte {
	t.Helper()
	d, err := pdf.New(pdf.Options{
		Title: "Statement on one upload", Subject: "a sample", Creator: "Suraag test", At: day,
		Of: "Made from statements.json, SHA-256 " + strings.Repeat("0123456789abcdef", 4),
	})
	if err != nil {
		t.Fatal(err)
	}
	d.Heading(2, "प्रमाणपत्र: भाग क")
	d.Paragraph("यह इलेक्ट्रॉनिक अभिलेख है; क्षत्रिय, श्रृंखला, किन्तु, राष्ट्रीय। The address 192.0.2.7:51602 at 28 February 2025 18:45:10 UTC.")
	d.Paragraph(strings.Repeat("A sentence that is long enough to be broken at its spaces. ", 6))
	d.Mono(strings.Repeat("3f1c8a5e2b90", 20))
	d.Quote("{\"ipAddress\": \"198.51.100.77\",\n  \"name\": \"\u202egpj.exe\", \"note\": \"中文 \xff {nb}\"}")
	d.List([]string{"one", strings.Repeat("two ", 60)}, pdf.Numbers)
	d.List([]string{"a thing"}, pdf.Bullets)
	d.Fields([]pdf.Field{{Label: "Algorithm", Value: "SHA-256"}, {Label: "Place"}, {Label: "Hash", Value: strings.Repeat("ab", 32), Mono: true}})
	d.Ticks("Device or source", []pdf.Tick{{Label: "Computer/Storage Media"}, {Label: "DVR"}, {Label: "Mobile", On: true}, {Label: "Flash Drive"}, {Label: "CD/DVD"}, {Label: "Server"}, {Label: "Cloud"}, {Label: "Other"}})
	d.Blank("Name and signature:")
	d.Right("Place and date\nare left open")
	d.Note("A note in small type.")
	var rows [][]string
	for n := range 150 {
		rows = append(rows, []string{fmt.Sprint(n), strings.Repeat("what the row says ", n%7+1), "0123456789abcdef0123456789abcdef"})
	}
	rows[70][1] = strings.Repeat("a cell that is longer than a page. ", 300)
	d.Heading(2, "A long table")
	d.Table([]pdf.Column{{Head: "No.", Share: 1}, {Head: "Words", Share: 6}, {Head: "Hash", Share: 3, Mono: true}}, rows)
	d.Strong("The end.")
	out, err := d.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestSameTextSameBytes(t *testing.T) {
	a := sample(t)
	for range 3 {
		if !bytes.Equal(a, sample(t)) {
			t.Fatal("two documents of the same text and time differ")
		}
	}
	if len(a) > 200_000 {
		t.Errorf("the document has %d bytes: the fonts are no longer cut to what is used", len(a))
	}
}

// poppler runs a tool of Debian's poppler-utils, which is not ours, on a PDF.
func poppler(t *testing.T, doc []byte, tool string, args ...string) string {
	t.Helper()
	if _, err := exec.LookPath(tool); err != nil {
		if strings.Contains(os.Getenv("SURAAG_REQUIRE"), "poppler") {
			t.Fatal(err)
		}
		t.Skipf("%s is not installed (script/needs.sh does)", tool)
	}
	file := filepath.Join(t.TempDir(), "doc.pdf")
	if err := os.WriteFile(file, doc, 0o600); err != nil {
		t.Fatal(err)
	}
	var errs bytes.Buffer
	args = append(args, file)
	if tool == "pdftotext" {
		args = append(args, "-")
	}
	cmd := exec.Command(tool, args...)
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil || errs.Len() > 0 {
		t.Fatalf("%s: %v %s", tool, err, errs.String())
	}
	return string(out)
}

func TestAnotherReaderOpensIt(t *testing.T) {
	doc := sample(t)
	info := poppler(t, doc, "pdfinfo")
	for _, want := range []string{"Title:           Statement on one upload", "Page size:       595.28 x 841.89 pts (A4)", "Wed Mar 12 09:00:00 2025"} {
		if !strings.Contains(info, want) {
			t.Errorf("pdfinfo does not say %q:\n%s", want, info)
		}
	}
	text := poppler(t, doc, "pdftotext", "-layout")
	for _, want := range []string{
		"प्रमाणपत्र", "राष्ट्रीय", // the words behind the outlines
		"[U+202E]gpj.exe", "[U+4E2D][U+6587]", "[0xFF]", "{nb}", // nothing hidden, nothing replaced
		"[x]", "[_]", "Name and signature:", "SHA-256 0123456789abcdef", "Page 1 of ",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the text does not hold %q", want)
		}
	}
	pages := strings.Count(text, "\f")
	if last := fmt.Sprintf("Page %d of %d", pages, pages); pages < 7 || !strings.Contains(text, last) {
		t.Errorf("%d pages, and the text does not hold %q", pages, last)
	}
	for n := range 150 { // every row is there, also those that a page break parts
		if !strings.Contains(text, fmt.Sprintf("\n %d ", n)) && !strings.Contains(text, fmt.Sprintf("\n%d ", n)) && !strings.Contains(text, fmt.Sprintf("\f%d ", n)) && !strings.Contains(text, fmt.Sprintf(" %d  ", n)) {
			t.Errorf("row %d is not in the text", n)
		}
	}
	if strings.Count(text, "a cell that is longer") != 300 && strings.Count(strings.Join(strings.Fields(text), " "), "longer") < 300 {
		t.Error("the long cell is cut")
	}
	if fonts := poppler(t, doc, "pdffonts"); strings.Contains(fonts, " no  no ") {
		t.Errorf("a font is not embedded:\n%s", fonts)
	}
}

// A document may hold any bytes: it is set, once and for all, without a panic.
func FuzzAnyTextIsSet(f *testing.F) {
	for _, s := range []string{"", "\x00\xff", "क्ष्\u200d्", "\u202e", strings.Repeat("क्", 60), "a\u0301\u0301", "\uE123\uF456", " \n\t ", "\\()", strings.Repeat("x", 1500)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		set := func() []byte {
			d, err := pdf.New(pdf.Options{Title: s, Subject: s, Of: s, At: day})
			if err != nil {
				t.Fatal(err)
			}
			d.Heading(3, s)
			d.Paragraph(s)
			d.Quote(s)
			d.Table([]pdf.Column{{Head: s, Share: 1}, {Head: "b", Share: 1, Mono: true}}, [][]string{{s, s}, {}})
			d.Fields([]pdf.Field{{Label: s, Value: s}})
			d.Ticks(s, []pdf.Tick{{Label: s, On: true}})
			d.Blank(s)
			out, err := d.Bytes()
			if err != nil {
				t.Fatal(err)
			}
			return out
		}
		if a, b := set(), set(); !bytes.Equal(a, b) || !bytes.HasPrefix(a, []byte("%PDF-1")) {
			t.Errorf("%q is not set the same twice", s)
		}
	})
}

func TestTooManyPagesAreRefused(t *testing.T) {
	d, err := pdf.New(pdf.Options{At: day})
	if err != nil {
		t.Fatal(err)
	}
	d.Paragraph("x")
	for range 3001 {
		d.Break()
		d.Paragraph("x")
	}
	if _, err := d.Bytes(); err == nil || !strings.Contains(err.Error(), "more than 3000 pages") {
		t.Errorf("error %v", err)
	}
}
