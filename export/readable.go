package export

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"suraag/export/pdf"
	"suraag/fault"
	"suraag/instant"
)

// Readable sets the dossier for people: what is said, what speaks against it,
// what is not known; then each statement with its reasons and the places on which
// it rests, the sources, and the quoted bytes. Of is the hash of the dossier's
// file, which stands on every page. Every word comes from the dossier.
func (d *Dossier) Readable(of string) ([]byte, error) {
	zone, err := d.zone()
	if err != nil {
		return nil, err
	}
	doc, err := pdf.New(pdf.Options{
		Title: d.About.Title, Subject: d.About.Kind + " " + d.About.ID, Creator: d.Program.Name + " " + d.Program.Version, At: d.AsOf,
		Of: "Made from " + dossierFile + ", SHA-256 " + of,
	})
	if err != nil {
		return nil, err
	}
	r := &readable{dossier: d, doc: doc, zone: zone, rules: map[string][]string{}}
	r.front()
	r.inBrief()
	r.against()
	r.notKnown()
	for _, p := range parts() {
		r.part(p)
	}
	r.rulesCited()
	r.sources()
	r.quotes()
	return doc.Bytes()
}

func (d *Dossier) zone() (*time.Location, error) {
	if d.Zone == "" || d.Zone == "IST" {
		return instant.IST(), nil
	}
	zone, err := time.LoadLocation(d.Zone)
	if err != nil {
		return nil, fault.Newf(fault.Invalid, "zone %q: %w", d.Zone, err)
	}
	return zone, nil
}

type readable struct {
	dossier *Dossier
	doc     *pdf.Doc
	zone    *time.Location
	rules   map[string][]string // rule → what it rests on
}

func (r *readable) both(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(instant.Layout) + " = " + t.In(r.zone).Format(instant.Layout)
}

func (r *readable) when(i instant.Instant) string {
	words := i.String()
	if !i.IsZero() && i.Spread() < 12*time.Hour {
		words += " = " + i.In(r.zone)
	}
	if i.Raw != "" {
		words += fmt.Sprintf("; written %q", i.Raw)
	}
	if i.Basis != "" {
		words += "; zone " + string(i.Basis)
	}
	return words
}

func (r *readable) front() {
	d := r.dossier
	r.doc.Fields([]pdf.Field{
		{Label: "About", Value: d.About.Kind + " " + d.About.ID},
		{Label: "As of", Value: r.both(d.AsOf)},
		{Label: "Made by", Value: d.MadeBy},
		{Label: "Program", Value: d.Program.String()},
		{Label: "Statements", Value: fmt.Sprintf("%d, resting on %s", len(d.Statements), count(len(d.Sources), "sealed original"))},
	})
	r.doc.Note("Each statement says what sealed documents let one say, and no more. S with a number is a source, Q with a number a quoted place; both are listed at the end. A place is a range of bytes, START-END, the end not included; in a zip it is MEMBER!START-END. An address or a number points to a connection or an account; who used it is for an investigation and a court to find.")
}

// inBrief says each statement of the first parts in one line. What a lead is
// about stands before what else is open on the same content.
func (r *readable) inBrief() {
	r.doc.Heading(2, "In brief")
	line := func(s Statement) string { return fmt.Sprintf("%s (statement %d%s)", s.Sentence, s.No, claimed(s)) }
	var items []string
	for n, s := range r.dossier.Statements {
		if n == 0 && s.Part == PartLead && r.dossier.About.Kind == "lead" {
			r.doc.Strong(line(s))
			continue
		}
		if s.Part == PartLead || s.Part == PartFirst && len(items) < 12 {
			items = append(items, line(s))
		}
	}
	if r.dossier.About.Kind == "lead" && len(items) > 0 {
		r.doc.Paragraph("On the same content:")
	}
	if len(items) == 0 {
		r.doc.Paragraph(fmt.Sprintf("No lead and no candidate for a first upload; %s below.", count(len(r.dossier.Statements), "statement")))
		return
	}
	r.doc.List(items, pdf.Bullets)
}

// claimed says how a candidate for a first upload is known. Of a step to be taken
// there is nothing to prove.
func claimed(s Statement) string {
	if s.Part != PartFirst {
		return ""
	}
	if s.Proven {
		return ", proven"
	}
	return ", claimed"
}

func (r *readable) against() {
	r.doc.Heading(2, "What speaks against these statements, or limits them")
	r.doc.Note("This section is part of every bundle. It holds what the rules found to point elsewhere, what was refused, what could not be read, and what was not joined.")
	var items []string
	for _, a := range r.dossier.Against {
		words := a.Sentence + r.cite(a.Rule, a.Citation)
		if len(a.Statements) > 0 {
			words += " Statement"
			if len(a.Statements) > 1 {
				words += "s"
			}
			words += " " + numbers(a.Statements) + "."
		}
		items = append(items, words)
	}
	r.doc.List(items, pdf.Bullets)
}

// cite names the rule that made a reason; what each rule rests on stands once,
// under "Rules".
func (r *readable) cite(rule, citation string) string {
	if rule == "" && citation == "" {
		return ""
	}
	if rule == "" {
		return " [" + citation + "]"
	}
	if citation != "" && !slices.Contains(r.rules[rule], citation) {
		r.rules[rule] = append(r.rules[rule], citation)
	}
	return " [" + rule + "]"
}

// rulesCited sets what the rules rest on, in the order of their numbers.
func (r *readable) rulesCited() {
	if len(r.rules) == 0 {
		return
	}
	r.doc.Heading(2, "Rules")
	r.doc.Note("The rules by which reasons are given, with the report, standard or case that each answers.")
	var fields []pdf.Field
	for _, rule := range slices.SortedFunc(maps.Keys(r.rules), func(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) }) {
		fields = append(fields, pdf.Field{Label: rule, Value: strings.Join(r.rules[rule], "\n")})
	}
	r.doc.Fields(fields)
}

// numbers writes 1, 2, 3, 7 as "1–3, 7".
func numbers(list []int) string {
	list = slices.Compact(slices.Sorted(slices.Values(list)))
	var out []string
	for n := 0; n < len(list); {
		m := n
		for m+1 < len(list) && list[m+1] == list[m]+1 {
			m++
		}
		switch {
		case m == n:
			out = append(out, strconv.Itoa(list[n]))
		case m == n+1:
			out = append(out, strconv.Itoa(list[n]), strconv.Itoa(list[m]))
		default:
			out = append(out, fmt.Sprintf("%d–%d", list[n], list[m]))
		}
		n = m + 1
	}
	return strings.Join(out, ", ")
}

func (r *readable) notKnown() {
	r.doc.Heading(2, "What is not known")
	r.doc.List(r.dossier.NotKnown, pdf.Bullets)
}

// headings of the parts.
var partHeadings = map[Part]string{
	PartLead: "Next lawful steps", PartFirst: "First upload: candidates", PartAddress: "Addresses at moments", PartTogether: "Identifiers held to go together",
	PartPassed: "Passed on, as stated", PartContent: "Contents", PartSeen: "Sightings, in order of time",
}

func (r *readable) part(p Part) {
	var list []Statement
	for _, s := range r.dossier.Statements {
		if s.Part == p {
			list = append(list, s)
		}
	}
	if len(list) == 0 {
		return
	}
	r.doc.Heading(2, fmt.Sprintf("%s (%d)", partHeadings[p], len(list)))
	for _, s := range list {
		r.statement(s)
	}
}

func (r *readable) statement(s Statement) {
	r.doc.Strong(fmt.Sprintf("%d. %s", s.No, s.Sentence))
	var fields []pdf.Field
	if !s.When.IsZero() {
		fields = append(fields, pdf.Field{Label: "When", Value: r.when(s.When)})
	}
	if s.Standing != "" {
		how := "claimed: "
		if s.Proven {
			how = "proven: "
		}
		if s.Part == PartContent {
			how = ""
		}
		fields = append(fields, pdf.Field{Label: "Known by", Value: how + s.Standing})
	}
	if s.Outcome != "" {
		fields = append(fields, pdf.Field{Label: "Outcome of the gate", Value: string(s.Outcome)})
	}
	fields = r.reasons(fields, "Reason", s.For)
	fields = r.reasons(fields, "Speaks against it", s.Against)
	for _, m := range s.Missing {
		fields = append(fields, pdf.Field{Label: "Missing", Value: m})
	}
	if s.Overturn != "" {
		fields = append(fields, pdf.Field{Label: "Would be overturned by", Value: s.Overturn})
	}
	for _, data := range s.Data {
		fields = append(fields, pdf.Field{Label: "Address data asked", Value: fmt.Sprintf("%s %q as of %s, S%d", data.Kind, data.Name, data.AsOf.Format("2 January 2006"), r.source(data.SHA256))})
	}
	if len(s.RestsOn) > 0 {
		fields = append(fields, pdf.Field{Label: "Rests on", Value: r.refs(s)})
	}
	r.doc.Fields(fields)
}

func (r *readable) reasons(fields []pdf.Field, label string, list []Reason) []pdf.Field {
	for _, x := range list {
		l := label
		if x.Effect != "" && label == "Reason" {
			l += " (" + x.Effect + ")"
		}
		fields = append(fields, pdf.Field{Label: l, Value: x.Sentence + r.cite(x.Rule, x.Citation)})
	}
	return fields
}

func (r *readable) source(id string) int {
	for _, s := range r.dossier.Sources {
		if s.ID == id {
			return s.No
		}
	}
	return 0
}

func (r *readable) refs(s Statement) string {
	var out []string
	for _, ref := range s.RestsOn {
		words := fmt.Sprintf("S%d", r.source(ref.Source))
		if ref.Place.End > 0 {
			words += " " + ref.Place.String()
		}
		if ref.Place.Locator != "" {
			words += " (" + ref.Place.Locator + ")"
		}
		if ref.Quote > 0 {
			words += fmt.Sprintf(", Q%d", ref.Quote)
		}
		out = append(out, words)
	}
	if s.More > 0 {
		out = append(out, fmt.Sprintf("%d more", s.More))
	}
	return strings.Join(out, "; ")
}

func (r *readable) sources() {
	r.doc.Heading(2, fmt.Sprintf("Sources (%d)", len(r.dossier.Sources)))
	for _, s := range r.dossier.Sources {
		r.doc.Strong(fmt.Sprintf("S%d. %s", s.No, s.Name))
		enclosed := "its bytes are enclosed as " + sourceFile(s.ID)
		if s.Enclosed != Whole {
			enclosed = s.Enclosed + ": " + s.Why
		}
		fields := []pdf.Field{
			{Label: "SHA-256", Value: s.ID, Mono: true},
			{Label: "Size", Value: fmt.Sprintf("%d bytes", s.Size)},
			{Label: "Sealed", Value: r.both(s.SealedAt)},
		}
		for _, h := range s.HandIns {
			fields = append(fields, pdf.Field{Label: "Handed in", Value: fmt.Sprintf("%s by %s, under %s, as %q", r.both(h.At), h.BroughtBy, h.Authority, h.Name)})
		}
		fields = append(fields, pdf.Field{Label: "Enclosed", Value: enclosed}, pdf.Field{Label: "State", Value: strings.TrimSpace(s.State + ". " + s.Problem)})
		for _, p := range s.Problems {
			label := map[string]string{"bad": "Not read", "note": "Remark"}[p.Kind]
			fields = append(fields, pdf.Field{Label: label, Value: p.Place.String() + ": " + p.Reason})
		}
		if s.More > 0 {
			fields = append(fields, pdf.Field{Label: "Not read", Value: fmt.Sprintf("%d more places", s.More)})
		}
		r.doc.Fields(fields)
	}
	if len(r.dossier.Unused) == 0 {
		return
	}
	r.doc.Heading(2, "Held under the same authorities; nothing here rests on them")
	var rows [][]string
	for _, u := range r.dossier.Unused {
		rows = append(rows, []string{u.Name, fmt.Sprint(u.Size), strings.TrimSpace(u.State + ". " + u.Problem), u.ID})
	}
	r.doc.Table([]pdf.Column{{Head: "Name", Share: 2.4}, {Head: "Bytes", Share: 0.9}, {Head: "State", Share: 1.6}, {Head: "SHA-256", Share: 6.6, Mono: true}}, rows)
}

// maxPrinted bounds what is printed of one place; the dossier has more of it.
const maxPrinted = 1200

func (r *readable) quotes() {
	r.doc.Heading(2, fmt.Sprintf("Quoted places (%d)", len(r.dossier.Quotes)))
	for _, q := range r.dossier.Quotes {
		r.doc.Strong(fmt.Sprintf("Q%d. S%d %s", q.No, r.source(q.Source), q.Place))
		text := q.Text
		if q.Raw != nil {
			text = string(q.Raw) // what is no text is set as code points
		}
		if len(text) > maxPrinted {
			end := maxPrinted
			for q.Raw == nil && !utf8.RuneStart(text[end]) {
				end--
			}
			text = text[:end]
		}
		rest := q.Bytes - int64(len(text))
		r.doc.Quote(text)
		words := fmt.Sprintf("%d bytes, SHA-256 %s", q.Bytes, q.SHA256)
		if rest > 0 {
			words += fmt.Sprintf("; %d bytes more are not printed", rest)
		}
		if q.Cut {
			words += "; the place goes on beyond them"
		}
		r.doc.Note(words)
	}
}
