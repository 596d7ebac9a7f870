package legal

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"suraag/attribution"
	"suraag/casework/pack"
	"suraag/instant"
	"suraag/sighting"
)

// BlockKind says how a block of a letter is set.
type BlockKind string

// The kinds of block.
const (
	Notice    BlockKind = "notice" // set apart: what has to be read first
	Heading   BlockKind = "heading"
	Paragraph BlockKind = "paragraph"
	List      BlockKind = "list"  // Items, numbered
	Table     BlockKind = "table" // Rows of two cells: what, and its value
	Verbatim  BlockKind = "verbatim"
	Blank     BlockKind = "blank" // a line for something that only a person can state
)

// Block is a part of a letter.
type Block struct {
	Kind  BlockKind   `json:"kind"`
	Text  string      `json:"text,omitempty"`
	Items []string    `json:"items,omitempty"`
	Rows  [][2]string `json:"rows,omitempty"`
}

// Letter is a document before it is set: the same for DOCX, PDF, page and terminal.
type Letter struct {
	Title  string  `json:"title"`
	Number string  `json:"number"` // of the request
	Code   string  `json:"code"`   // what a QR code of it says
	Blocks []Block `json:"blocks"`
}

func (l *Letter) add(blocks ...Block) { l.Blocks = append(l.Blocks, blocks...) }

func (l *Letter) head(text string) {
	if text != "" {
		l.add(Block{Kind: Heading, Text: text})
	}
}

func (l *Letter) say(format string, args ...any) {
	if text := strings.TrimSpace(fmt.Sprintf(format, args...)); text != "" {
		l.add(Block{Kind: Paragraph, Text: text})
	}
}

func (l *Letter) list(items []string) {
	if len(items) > 0 {
		l.add(Block{Kind: List, Items: items})
	}
}

// CounselNotice stands at the head of every letter.
const CounselNotice = "Draft prepared by Suraag. Counsel must approve this letter before it is signed; it is sent by a person, never by the program."

func (r Request) begin(title string) Letter {
	l := Letter{Title: title, Number: r.ID, Code: "suraag request " + r.ID + " sha256:" + r.SHA256}
	l.add(Block{Kind: Notice, Text: CounselNotice})
	return l
}

// Letter writes the request as it would be signed.
func (r Request) Letter() Letter {
	d := r.Draft
	l := r.begin(d.Instrument.Title)
	rows := [][2]string{
		{"From", d.fill("{unit}")}, {"To", d.Addressee.Name}, {"Number of the request", r.ID}, {"SHA-256 of the request", r.SHA256},
		{"Case", d.Office.Case}, {"Legal basis", d.Instrument.LegalBasis}, {"Drafted", both(instant.At(d.At), d.Question.Zone)},
	}
	l.add(Block{Kind: Table, Rows: rows})
	for _, s := range d.Instrument.Sections {
		l.head(d.fill(s.Heading))
		if s.Text != "" {
			l.say("%s", d.fill(s.Text))
		}
		r.section(&l, s.Fill)
	}
	if d.Instrument.Secrecy != "" && !strings.Contains(allText(d.Instrument.Sections), "{secrecy}") {
		l.head("Confidentiality")
		l.say("%s", d.Instrument.Secrecy)
	}
	l.head("Signature")
	l.say("To be signed by: %s.", d.Instrument.WhoMaySign)
	known := Block{Kind: Table}
	var open []Block
	for _, x := range [][2]string{{"Name", d.Office.Officer}, {"Rank", d.Office.Rank}, {"Official e-mail", d.Office.Email}} {
		if x[1] == "" {
			open = append(open, Block{Kind: Blank, Text: x[0]})
		} else {
			known.Rows = append(known.Rows, x)
		}
	}
	l.add(append([]Block{known}, append(open, Block{Kind: Blank, Text: "Signature, date, seal"})...)...)
	return l
}

func allText(sections []pack.Section) (out string) {
	for _, s := range sections {
		out += s.Heading + s.Text
	}
	return out
}

func (r Request) section(l *Letter, fill string) {
	d := r.Draft
	switch fill {
	case pack.FillQuestion:
		l.add(Block{Kind: Table, Rows: d.Question.Rows()})
	case pack.FillParticulars:
		l.list(d.Particulars)
	case pack.FillExhibit:
		l.add(Block{Kind: Table, Rows: d.exhibitRows()}, Block{Kind: Verbatim, Text: Legible(d.Exhibit.Text)})
		if d.Exhibit.Cut {
			l.say("The statement goes on beyond what is quoted.")
		}
	case pack.FillElsewhere:
		l.list(reasons(d.Elsewhere))
	case pack.FillHash:
		l.add(Block{Kind: Table, Rows: [][2]string{
			{"Hash value of the original", d.Exhibit.Source}, {"Hash value of the quoted bytes", d.Exhibit.SHA256}, {"Algorithm", "SHA-256"},
			{"Taken when the original was sealed", both(instant.At(d.Exhibit.SealedAt), d.Question.Zone)},
		}})
	case pack.FillResolved:
		for _, x := range d.Resolved {
			l.add(Block{Kind: Table, Rows: x.rows(d.Question.Zone)})
		}
	case pack.FillChecklist:
		var items []string
		for _, a := range d.Checklist {
			items = append(items, a.Question+" — "+a.Words)
		}
		l.list(items)
	}
}

// Rows prints the question: every time in UTC and in the addressee's zone, month
// in letters, year in four digits (rule R2).
func (q Question) Rows() [][2]string {
	switch q.About {
	case pack.Link:
		var out [][2]string
		for _, link := range q.Links {
			out = append(out, [2]string{"Address of the material", link})
		}
		return append(out, [2]string{"Observed", both(q.When, q.Zone)})
	case pack.Account:
		out := [][2]string{{"Service", q.Service}}
		for _, i := range q.Identifiers {
			out = append(out, [2]string{identifierName(i), i.Value})
		}
		return append(append(out, q.twice("Period", q.Window.In)...), q.twice("Observed", q.When.In)...)
	}
	port := "not stated"
	if q.Endpoint.Port != 0 {
		port = strconv.Itoa(int(q.Endpoint.Port))
	}
	name := "Address (IPv4)"
	if q.Endpoint.IP.Unmap().Is6() {
		name = "Address (IPv6, all 128 bits)"
	}
	out := [][2]string{{name, q.Endpoint.IP.Unmap().String()}, {"Source port", port}}
	if q.Endpoint.Protocol != "" {
		out = append(out, [2]string{"Protocol", q.Endpoint.Protocol})
	}
	if !q.Far.IsZero() {
		out = append(out, [2]string{"Far side (destination)", q.Far.String()})
	}
	out = append(append(out, q.twice("Observed", q.When.In)...), q.twice("Span asked for", q.Window.In)...)
	return append(out, [2]string{"As the source writes it", q.When.Raw + " (" + string(q.When.Basis) + ")"})
}

// twice prints a time in UTC and in the addressee's zone; once where they are the
// same.
func (q Question) twice(what string, in func(*time.Location) string) [][2]string {
	if q.zone().String() == "UTC" {
		return [][2]string{{what + ", UTC, in which the addressee's logs are", in(time.UTC)}}
	}
	return [][2]string{{what + ", UTC", in(time.UTC)}, {what + ", " + q.zoneName(), in(q.zone())}}
}

func identifierName(i sighting.Identifier) string {
	switch i.Kind {
	case sighting.Account:
		return "Account number"
	case sighting.Handle:
		return "Handle, as of the moment observed"
	case sighting.Email:
		return "E-mail address"
	case sighting.Phone:
		return "Telephone number, with country code"
	}
	return string(i.Kind)
}

func (q Question) zone() *time.Location {
	z, err := zone(q.Zone)
	if err != nil {
		return time.UTC
	}
	return z
}

func (q Question) zoneName() string {
	if q.Zone == "Asia/Kolkata" {
		return "Indian Standard Time"
	}
	return q.Zone
}

// both prints a moment in UTC and in a zone.
func both(i instant.Instant, name string) string {
	z, err := zone(name)
	if err != nil || z == time.UTC || name == "UTC" {
		return i.In(time.UTC)
	}
	return i.In(time.UTC) + " = " + i.In(z)
}

func (d Draft) exhibitRows() [][2]string {
	e := d.Exhibit
	return [][2]string{
		{"Document", e.Name}, {"SHA-256 of the document", e.Source}, {"Sealed", both(instant.At(e.SealedAt), d.Question.Zone)},
		{"Place", placeInWords(e.Place)}, {"SHA-256 of the quoted bytes", e.SHA256}, {"Record", d.Record}, {"SHA-256 of the record", d.RecordHash},
	}
}

func placeInWords(p sighting.Place) string {
	words := "bytes " + p.String()
	if p.Locator != "" {
		words += ", " + p.Locator
	}
	return words
}

func reasons(list []attribution.Reason) (out []string) {
	for _, r := range list {
		out = append(out, fmt.Sprintf("%s (%s)", r.Sentence, r.Rule))
	}
	return out
}

// Note writes what stays in the file: for counsel and the second reader, never
// for the addressee.
func (r Request) Note() Letter {
	d := r.Draft
	l := r.begin("Note for counsel and the second reader: " + d.Instrument.Title)
	l.say("This note stays in the file. It does not go to the addressee.")
	l.head("The addressee")
	rows := [][2]string{{"Name", d.Addressee.Name}, {"Door", d.Addressee.Door}, {"Must be given", strings.Join(d.Addressee.MustGive, "; ")}}
	if d.Addressee.Notes != "" {
		rows = append(rows, [2]string{"Notes", d.Addressee.Notes})
	}
	rows = append(rows, [2]string{"Stated by", d.Addressee.Source + " (" + d.Addressee.SourceDate.String() + ")"})
	l.add(Block{Kind: Table, Rows: rows})
	l.head("The instrument")
	rows = [][2]string{{"Category of data", d.Instrument.DataCategory}, {"Form of times", d.Instrument.TimeFormat}}
	if d.Instrument.Emergency != "" {
		rows = append(rows, [2]string{"In an emergency", d.Instrument.Emergency})
	}
	rows = append(rows, [2]string{"Stated by", d.Instrument.Source + " (" + d.Instrument.SourceDate.String() + ")"})
	for _, u := range d.Packs {
		rows = append(rows, [2]string{"Pack " + u.Pack, "reviewed by " + u.ReviewedBy + " on " + pack.Day{Time: u.ReviewedAt.UTC()}.String() + ", SHA-256 " + u.SHA256})
	}
	l.add(Block{Kind: Table, Rows: rows})
	if len(d.Check) > 0 {
		l.head("To be verified by counsel: nobody has checked these")
		l.list(d.Check)
	}
	if len(d.Cautions) > 0 {
		l.head("Cautions")
		l.list(d.Cautions)
	}
	l.head("What points elsewhere")
	l.list(reasons(d.Elsewhere))
	l.head("Before it is sent")
	l.list([]string{
		"A second person, who is not " + d.By + ", compares every line of the question with the exhibit.",
		"Counsel decides whether the quoted bytes may go to the addressee, or the place and hash alone.",
		"Whoever sends it says so in Suraag, so that the clocks run.",
	})
	return l
}

// Text sets a letter for a terminal or a plain file.
func (l Letter) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s\n", strings.ToUpper(l.Title), strings.Repeat("═", utf8.RuneCountInString(l.Title)))
	for _, x := range l.Blocks {
		switch x.Kind {
		case Heading:
			fmt.Fprintf(&b, "\n%s\n%s\n", x.Text, strings.Repeat("─", utf8.RuneCountInString(x.Text)))
		case Notice:
			fmt.Fprintf(&b, "! %s\n\n", x.Text)
		case Paragraph:
			fmt.Fprintf(&b, "%s\n", x.Text)
		case List:
			for n, item := range x.Items {
				fmt.Fprintf(&b, "  %d. %s\n", n+1, item)
			}
		case Table:
			for _, row := range x.Rows {
				fmt.Fprintf(&b, "  %-38s %s\n", row[0], row[1])
			}
		case Blank:
			fmt.Fprintf(&b, "  %-38s ____________________\n", x.Text)
		case Verbatim:
			fmt.Fprintf(&b, "  │ %s\n", strings.ReplaceAll(x.Text, "\n", "\n  │ "))
		}
	}
	return b.String()
}

// Legible shows bytes as text: what is no text, or would act on the reader
// instead of being seen, is written as \x and two digits or \u and its number.
func Legible(b []byte) string {
	var out strings.Builder
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&out, `\x%02x`, b[0])
		case r == '\n' || r == '\t' || strconv.IsPrint(r):
			out.WriteRune(r)
		default:
			fmt.Fprintf(&out, `\u%04x`, r)
		}
		b = b[n:]
	}
	return out.String()
}
