package legal

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"suraag/casework/pack"
	"suraag/fault"
	"suraag/instant"
	"suraag/network"
)

// Correction is an entry of the register of errors (rule R14): what was wrong, of
// which class, and everyone to whom it was sent.
type Correction struct {
	ID         string      `json:"id"`
	Subject    string      `json:"subject"` // ID of a record, a source, an operator's row or a request
	Class      ErrorClass  `json:"class"`
	Reason     string      `json:"reason"`
	By         string      `json:"by"`
	At         time.Time   `json:"at"`
	Recipients []Recipient `json:"recipients,omitempty"`
	Taken      []Taken     `json:"taken_out,omitempty"`
}

// Words say what was wrong, of which class, and when that was entered.
func (c Correction) Words() string {
	return fmt.Sprintf("%s (%s, %s).", strings.TrimSuffix(c.Reason, "."), c.Class, c.At.Format("2 January 2006"))
}

// ErrorClass sorts errors, so that they can be counted and published.
type ErrorClass string

// The classes, after the kinds of error in the oversight reports.
const (
	WrongAddress    ErrorClass = "address"
	WrongTime       ErrorClass = "time"
	WrongZone       ErrorClass = "zone"
	WrongPort       ErrorClass = "port"
	WrongSubscriber ErrorClass = "subscriber"
	WrongPlace      ErrorClass = "place" // billing for installation address
	WrongContent    ErrorClass = "content"
	OtherError      ErrorClass = "other"
)

// ErrorClasses lists the classes.
func ErrorClasses() []ErrorClass {
	return []ErrorClass{WrongAddress, WrongTime, WrongZone, WrongPort, WrongSubscriber, WrongPlace, WrongContent, OtherError}
}

// Recipient is someone who was sent the thing corrected, and whether a person
// says that the letter of correction went out.
type Recipient struct {
	Request string    `json:"request"`
	Name    string    `json:"name"`
	SentOn  time.Time `json:"sent_on"`
	ToldOn  time.Time `json:"told_on,omitzero"`
	ToldBy  string    `json:"told_by,omitempty"`
}

// Taken is a bundle, PDF, timeline or letter that rests on the thing corrected and was
// taken out of the record. To whom it was given after that stands nowhere but with
// whoever took it out.
type Taken struct {
	Entry  string    `json:"log_entry"` // of the custody log, which says so
	About  string    `json:"about"`     // as "lead ID"
	By     string    `json:"by"`
	At     time.Time `json:"at"`
	Format string    `json:"format"`
	SHA256 string    `json:"sha256"`           // of a bundle: its content, which its verification shows
	Unsure bool      `json:"unsure,omitempty"` // the log does not say on which records it rests
}

// Words say what was taken out by whom, and what is to be done about it.
func (t Taken) Words() string {
	about := t.About
	if kind, id, ok := strings.Cut(about, " "); ok && len(id) > 40 || kind == "lead" {
		about = kind + " " + id[:min(len(id), 12)]
	}
	if about == "" {
		about = "something of another case"
	}
	words := fmt.Sprintf("Taken out by %s on %s: %s (%s), SHA-256 %s; tell whoever was given it.", t.By, t.At.UTC().Format("2 January 2006"), about, t.Format, t.SHA256)
	if t.Unsure {
		words += " The log does not say on which records it rests: look whether this is among them."
	}
	return words
}

// RestsOn tells whether a request rests on a thing, or carried it out of the unit.
func (r Request) RestsOn(subject string) bool {
	if subject == "" {
		return false
	}
	d := r.Draft
	if slices.Contains([]string{r.ID, d.Record, d.Exhibit.Source, d.Follows}, subject) {
		return true
	}
	// Address data chose the addressee and let the demand pass, also by its silence.
	if slices.ContainsFunc(d.Facts.Data, func(u network.Used) bool { return subject == u.SHA256 || subject == u.DataSet }) ||
		slices.ContainsFunc(d.Packs, func(u Used) bool { return subject == u.SHA256 }) {
		return true
	}
	for _, p := range r.Replies {
		if slices.Contains(p.Sources, subject) || slices.ContainsFunc(p.Rows, func(w Row) bool { return w.Origin().ID == subject }) {
			return true
		}
	}
	return slices.ContainsFunc(d.Resolved, func(x Resolved) bool { return x.Request == subject || slices.Contains(x.Leases, subject) })
}

// Resting gives the requests that rest on a thing, by themselves or through another
// request: a search rests on what both of its answers were asked about.
func Resting(subject string, all []Request) (out []Request) {
	seen := map[string]bool{}
	for queue := []string{subject}; len(queue) > 0; queue = queue[1:] {
		for _, r := range all {
			if !seen[r.ID] && r.RestsOn(queue[0]) {
				seen[r.ID] = true
				out, queue = append(out, r), append(queue, r.ID)
			}
		}
	}
	return out
}

// Correct enters a correction. Everyone to whom a request that rests on the
// subject was sent is a recipient.
func Correct(subject string, class ErrorClass, reason, by string, all []Request, now time.Time) (Correction, error) {
	if !slices.Contains(ErrorClasses(), class) {
		return Correction{}, fault.Newf(fault.Invalid, "class %q is none of %q", class, ErrorClasses())
	}
	if err := reasoned(reason); err != nil {
		return Correction{}, err
	}
	c := Correction{Subject: subject, Class: class, Reason: strings.TrimSpace(reason), By: by, At: now.UTC().Truncate(time.Second)}
	c.ID = hexOf([]byte("suraag correction 1\n" + subject + "\n" + string(class) + "\n" + c.Reason + "\n" + c.At.Format(time.RFC3339)))[:32]
	for _, r := range Resting(subject, all) {
		if r.WasSent() {
			c.Recipients = append(c.Recipients, Recipient{Request: r.ID, Name: r.Draft.Addressee.Name, SentOn: r.sentOn()})
		}
	}
	slices.SortFunc(c.Recipients, func(a, b Recipient) int { return cmp.Compare(a.Request, b.Request) })
	return c, nil
}

// Tell is a person's word that a recipient was told.
func (c Correction) Tell(request, by string, on time.Time) (Correction, error) {
	n := slices.IndexFunc(c.Recipients, func(r Recipient) bool { return r.Request == request })
	if n < 0 {
		return c, fault.Newf(fault.NotFound, "request %s is no recipient of correction %s", request, c.ID[:12])
	}
	c.Recipients = slices.Clone(c.Recipients)
	c.Recipients[n].ToldOn, c.Recipients[n].ToldBy = on.UTC(), by
	return c, nil
}

// Untold counts the recipients who were not told yet.
func (c Correction) Untold() (n int) {
	for _, r := range c.Recipients {
		if r.ToldOn.IsZero() {
			n++
		}
	}
	return n
}

// Letter writes the letter of correction to one recipient.
func (c Correction) Letter(r Request) Letter {
	d := r.Draft
	l := r.begin("Correction of a request")
	l.add(Block{Kind: Table, Rows: [][2]string{
		{"From", d.Office.Unit}, {"To", d.Addressee.Name}, {"Request", r.ID}, {"Sent", pack.Day{Time: r.sentOn()}.String()}, {"Case", d.Office.Case},
		{"Correction", c.ID}, {"Entered", both(instant.At(c.At), d.Question.Zone)}, {"Kind of error", string(c.Class)},
	}})
	l.say("The request named above rests on something that was found to be wrong: %s", c.Reason)
	l.say("Please stop acting on it, do not use or pass on what was compiled because of it, tell everyone to whom it was passed, and confirm this under the number of the correction. Records that were preserved are to be kept until this office releases them.")
	l.head("The request concerned")
	l.add(Block{Kind: Table, Rows: d.Question.Rows()})
	return l
}

// Classes counts corrections by class, for publication.
func Classes(all []Correction) []string {
	counts := map[ErrorClass]int{}
	for _, c := range all {
		counts[c.Class]++
	}
	var out []string
	for _, k := range ErrorClasses() {
		if counts[k] > 0 {
			out = append(out, fmt.Sprintf("%s %d", k, counts[k]))
		}
	}
	return out
}
