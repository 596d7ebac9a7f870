// Package pdftext reads the words of a PDF that is no scan.
//
// Takes any PDF. Gives a sighting for each page with its words, and the hashes that
// stand behind a label that cannot be taken for anything else. Never reads a moment,
// an address or a person out of running text: an address on a page is a word, because
// nothing ties it to an act or to a time. Never opens a picture or an attachment,
// runs a script or follows a link.
//
// A PDF is a program for a machine that draws, and is written by strangers. It is
// read by PDFium, compiled to WebAssembly and interpreted inside this process: the
// guest has no files, no network and no clock but its own memory, which is bounded, as
// is its time. Whatever it breaks, it breaks alone.
package pdftext

import (
	"bytes"
	"regexp"
	"strings"
	"time"

	"suraag/intake"
)

// limits bound one document.
type limits struct {
	bytes int           // of the file
	pages int           // beyond are listed as not read
	time  time.Duration // for the guest
}

func ordinary() limits { return limits{bytes: 64 << 20, pages: 3000, time: 2 * time.Minute} }

// Format reads a PDF's text.
func Format() intake.Format {
	r := &reader{limits: ordinary()}
	return intake.Format{
		Name: "pdf/text", Title: "PDF with text", Version: 1,
		Marks: "the signature %PDF- at the beginning",
		Sniff: sniff, Read: r.read,
	}
}

func sniff(h intake.Head) intake.Likeness {
	if bytes.HasPrefix(h.Bytes, []byte("%PDF-")) {
		return intake.Likeness{Score: 90, Why: "the signature %PDF-"}
	}
	return intake.Likeness{Why: "the signature %PDF- is missing"}
}

// label is a label of a hash with what follows it, on its line or on the next.
var label = regexp.MustCompile(`(?i)(?:^|[^0-9A-Za-z_])(MD5|SHA-?1|SHA-?256)(?:[ -]?(?:hash|sum))?[ \t]*:[ \t]*\n?[ \t]*([0-9A-Za-z]*)`)

// digits of each kind in hexadecimal (RFC 1321; FIPS 180-4).
var digits = map[string]int{"MD5": 32, "SHA1": 40, "SHA256": 64}

// value is what stands behind a label.
type value struct {
	kind string // a key of digits
	text string
	read bool // text is as many hexadecimal digits as the kind has
}

// values finds each labelled value of a page once, in order.
func values(text string) []value {
	var out []value
	seen := map[value]bool{}
	for _, m := range label.FindAllStringSubmatch(text, -1) {
		v := value{kind: strings.ReplaceAll(strings.ToUpper(m[1]), "-", ""), text: strings.ToLower(m[2])}
		v.read = len(v.text) == digits[v.kind] && strings.Trim(v.text, "0123456789abcdef") == ""
		if !seen[v] {
			seen[v] = true
			out = append(out, v)
		}
	}
	return out
}
