package export_test

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"io"
	"strings"
	"testing"
	"time"

	"suraag/casework/legal"
	"suraag/export"
)

func letter() export.Letter {
	return export.Letter{At: time.Date(2025, 3, 12, 9, 0, 0, 0, time.UTC), Program: "Suraag", Letter: legal.Letter{
		Title: "Order & request", Number: strings.Repeat("a", 32), Code: "suraag request " + strings.Repeat("a", 32),
		Blocks: []legal.Block{
			{Kind: legal.Notice, Text: legal.CounselNotice}, {Kind: legal.Heading, Text: "The connection"}, {Kind: legal.Paragraph, Text: "सुराग <b>not bold</b> \u202etxt.exe\x00"},
			{Kind: legal.Table, Rows: [][2]string{{"Observed, UTC", "28 February 2025 18:45:10 UTC"}, {"Observed, Indian Standard Time", "1 March 2025 00:15:10 IST"}}},
			{Kind: legal.List, Items: []string{"installation address", "billing address"}},
			{Kind: legal.Verbatim, Text: "{\n\t\"value\": \"198.51.100.77\"\n}"}, {Kind: legal.Blank, Text: "Signature, date, seal"},
		},
	}}
}

// texts reads the words of every part of a DOCX, and holds each part to be
// well-formed XML.
func texts(t *testing.T, body []byte) map[string]string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		all, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(f.Name, ".png") {
			out[f.Name] = string(all)
			continue
		}
		var words strings.Builder
		d := xml.NewDecoder(bytes.NewReader(all))
		for {
			tok, err := d.Token()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", f.Name, err)
			}
			if c, is := tok.(xml.CharData); is {
				words.Write(c)
			}
			if e, is := tok.(xml.EndElement); is && e.Name.Local == "p" {
				words.WriteByte('\n')
			}
		}
		out[f.Name] = words.String()
	}
	return out
}

func TestLetterDOCX(t *testing.T) {
	one, err := letter().DOCX()
	if err != nil {
		t.Fatal(err)
	}
	two, _ := letter().DOCX()
	if !bytes.Equal(one, two) {
		t.Error("the same letter gives two files")
	}
	parts := texts(t, one)
	for _, want := range []string{"Order & request", "Counsel must approve", "सुराग <b>not bold</b> [U+202E]txt.exe", "1 March 2025 00:15:10 IST", "28 February 2025 18:45:10 UTC", "1.installation address", `"value": "198.51.100.77"`, "Signature, date, seal"} {
		if !strings.Contains(parts["word/document.xml"], want) {
			t.Errorf("the document lacks %q:\n%s", want, parts["word/document.xml"])
		}
	}
	if !strings.Contains(parts["word/footer1.xml"], letter().Number) || !strings.HasPrefix(parts["word/media/code.png"], "\x89PNG") {
		t.Error("no foot, or no code")
	}
	for name := range parts {
		if strings.Contains(name, "vba") || strings.Contains(name, "embed") {
			t.Errorf("the file holds %s", name)
		}
	}
}

func TestLetterPDF(t *testing.T) {
	one, err := letter().PDF()
	if err != nil {
		t.Fatal(err)
	}
	two, _ := letter().PDF()
	if !bytes.Equal(one, two) || !bytes.HasPrefix(one, []byte("%PDF-")) {
		t.Error("the same letter gives two files, or none")
	}
}
