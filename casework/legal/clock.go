package legal

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"suraag/casework/pack"
)

// Clock is a day by which something has to be done.
type Clock struct {
	Request string    `json:"request"`
	Lead    string    `json:"lead"`
	Kind    string    `json:"kind"`
	Due     time.Time `json:"due"`
	Words   string    `json:"words"`
	Source  string    `json:"source,omitempty"` // of the term
	Past    bool      `json:"past,omitempty"`
}

// The kinds of clock.
const (
	ReplyDue    = "reply due"
	RenewBy     = "renew preservation"
	PreservedTo = "preservation ends"
	LogsEnd     = "operator's records end"
	ReportKept  = "provider's copy of its report ends"
	TellBy      = "correction to be told"
)

// tellDays is within how many days a recipient is told of a correction. No law
// names a number; a week is what a letter takes.
const tellDays = 7

// Clocks gives what runs on requests and corrections, the most pressing first.
// Terms are those that the instruments and packs state.
func Clocks(all []Request, corrections []Correction, terms []pack.Clock, now time.Time) []Clock {
	var out []Clock
	for _, r := range all {
		out = append(out, r.clocks(terms)...)
	}
	for _, c := range corrections {
		for _, to := range c.Recipients {
			if to.ToldOn.IsZero() {
				out = append(out, Clock{Request: to.Request, Kind: TellBy, Due: c.At.AddDate(0, 0, tellDays), Words: fmt.Sprintf("Tell %s of correction %s: %s", to.Name, c.ID[:12], c.Reason)})
			}
		}
	}
	for n := range out {
		out[n].Past = out[n].Due.Before(now)
	}
	slices.SortStableFunc(out, func(a, b Clock) int {
		return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.Request, b.Request), cmp.Compare(a.Kind, b.Kind))
	})
	return out
}

func (r Request) clocks(terms []pack.Clock) (out []Clock) {
	d := r.Draft
	if r.State == Refused || r.State == Withdrawn {
		return nil
	}
	add := func(kind string, due time.Time, source, format string, args ...any) {
		out = append(out, Clock{Request: r.ID, Lead: d.Lead, Kind: kind, Due: due, Source: source, Words: fmt.Sprintf(format, args...)})
	}
	sent := r.sentOn()
	if !sent.IsZero() && d.Instrument.ReplyDays > 0 && r.State != Answered {
		add(ReplyDue, sent.AddDate(0, 0, d.Instrument.ReplyDays), d.Instrument.Source, "%s has to answer request %s.", d.Addressee.Name, r.ID[:12])
	}
	if kept := r.keptFrom(); !kept.IsZero() && d.keepDays() > 0 {
		ends := kept.AddDate(0, 0, d.keepDays())
		add(PreservedTo, ends, d.Instrument.Source, "What %s preserves on request %s may be erased.", d.Addressee.Name, r.ID[:12])
		add(RenewBy, ends.AddDate(0, 0, -max(1, d.Instrument.RenewBeforeDays)), d.Instrument.Source, "Renew the preservation at %s (request %s).", d.Addressee.Name, r.ID[:12])
	}
	// An answer that names nobody, or several, leaves the question open while the
	// records last.
	if _, sole := r.Sole(); !d.LogsEnd.IsZero() && (r.State != Answered || d.Kind == pack.Disclosure && !sole) {
		add(LogsEnd, d.LogsEnd, d.LogsSource, "The records of %s on %s end.", d.Addressee.Name, d.Question.Endpoint)
	}
	for _, t := range terms {
		if t.From == "report" && !d.ReportedAt.IsZero() {
			add(ReportKept, d.ReportedAt.AddDate(0, 0, t.Days), t.Source, "%s (%s).", t.Title, d.Report)
		}
	}
	return out
}

// Calendar writes clocks as a calendar file (RFC 5545): one event a day and
// thing, with an alarm a week before. Stamp is the moment of writing.
func Calendar(clocks []Clock, stamp time.Time) []byte {
	var b strings.Builder
	line := func(name, value string) { fold(&b, name+":"+value) }
	line("BEGIN", "VCALENDAR")
	line("VERSION", "2.0")
	line("PRODID", "-//Suraag//clocks//EN")
	line("CALSCALE", "GREGORIAN")
	for _, c := range clocks {
		line("BEGIN", "VEVENT")
		line("UID", hexOf([]byte(c.Request + "\n" + c.Kind + "\n" + c.Due.UTC().Format(time.DateOnly)))[:32]+"@suraag.invalid")
		line("DTSTAMP", stamp.UTC().Format("20060102T150405Z"))
		fold(&b, "DTSTART;VALUE=DATE:"+c.Due.UTC().Format("20060102"))
		fold(&b, "DTEND;VALUE=DATE:"+c.Due.UTC().AddDate(0, 0, 1).Format("20060102"))
		line("SUMMARY", escape(c.Kind+": "+c.Words))
		if c.Source != "" {
			line("DESCRIPTION", escape("Term by: "+c.Source))
		}
		line("TRANSP", "TRANSPARENT")
		line("BEGIN", "VALARM")
		line("ACTION", "DISPLAY")
		line("DESCRIPTION", escape(c.Kind))
		line("TRIGGER", "-P7D")
		line("END", "VALARM")
		line("END", "VEVENT")
	}
	line("END", "VCALENDAR")
	return []byte(b.String())
}

// escape is RFC 5545 §3.3.11.
func escape(text string) string {
	return strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\r\n", `\n`, "\n", `\n`, "\r", `\n`).Replace(text)
}

// fold ends a line and breaks it after 75 octets, never inside a letter (RFC 5545 §3.1).
func fold(b *strings.Builder, text string) {
	const most = 75
	left := most
	for text != "" {
		_, n := utf8.DecodeRuneInString(text)
		if n > left {
			b.WriteString("\r\n ")
			left = most - 1
		}
		b.WriteString(text[:n])
		text, left = text[n:], left-n
	}
	b.WriteString("\r\n")
}
