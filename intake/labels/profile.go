package labels

import (
	"fmt"
	"regexp"
	"strings"

	"suraag/intake"
	"suraag/sighting"
)

// Profile gathers what a return states of the account as a whole, over several
// sections. It becomes one register sighting at the end of the file.
type Profile struct {
	first  *Record // where the sighting is placed
	pieces []piece
}

type piece struct {
	record *Record
	use    Use
}

// Use says what a section tells of the account.
type Use uint8

// The uses.
const (
	Keeps   Use = iota // values without a place of their own
	Begins             // address or time of the registration
	Emails             // e-mail addresses of the account
	Phones             // phone numbers of the account
	Handles            // names of the account at the service
	Names              // names in words
)

// maxPieces bounds what is held until the end of the file.
const maxPieces = 2000

// Gather keeps a record until the end of the file. It gives false where there
// are too many.
func (p *Profile) Gather(r *Record, use Use) bool {
	if len(p.pieces) >= maxPieces {
		return false
	}
	if p.first == nil || use == Begins && p.pieces[0].use != Begins {
		p.first = r
		p.pieces = append([]piece{{r, use}}, p.pieces...)
		return true
	}
	p.pieces = append(p.pieces, piece{r, use})
	return true
}

// Give makes the sighting, if anything was gathered.
func (p *Profile) Give(a *Account, in *intake.Input, sink intake.Sink) error {
	if p.first == nil {
		return nil
	}
	d := NewDraft(p.first, sighting.Register, sighting.ProviderRecord, a, in, sink)
	d.Who = append(d.Who, a.Who...)
	d.Extra = append(d.Extra, a.Extra...)
	d.Notes = append(d.Notes, a.Notes...)
	for _, piece := range p.pieces {
		if err := d.piece(piece); err != nil {
			return err
		}
		if piece.record != p.first {
			d.Note("also from %s", piece.record.Place().Locator)
		}
	}
	d.Part = "account"
	return sink.Sighting(d.Sighting)
}

// piece reads one record into the sighting.
func (d *Draft) piece(p piece) error {
	keep := *d
	keep.record = p.record
	defer func() { d.Sighting = keep.Sighting }()
	if p.use == Begins {
		return keep.begins()
	}
	for _, f := range p.record.Rest() {
		for line := range strings.SplitSeq(f.Value, "\n") {
			if !keep.identifies(p.use, line) {
				keep.Keep(p.record.Section+": "+f.Name, line)
			}
		}
	}
	return nil
}

// begins takes the address and the time of the registration, however labelled.
func (d *Draft) begins() error {
	for _, label := range []string{"Registration Ip", "IP Address", "Ip"} {
		if d.From.IsZero() {
			d.Address(label, "")
		}
	}
	for _, label := range []string{"Registration Date", "Service start", "Time"} {
		if !d.When.IsZero() {
			break
		}
		if err := d.Time(label); err != nil {
			return err
		}
	}
	for _, f := range d.record.Rest() {
		d.Keep(d.record.Section+": "+f.Name, f.Value)
	}
	return nil
}

// phoneWords finds the number in "+91 00000 00001 Cell Verified".
var phoneWords = regexp.MustCompile(`^\+?[0-9][0-9 ().-]{6,20}`)

// identifies reads one line as an identifier of the account, where it is one
// without doubt.
func (d *Draft) identifies(use Use, line string) bool {
	kind, value := sighting.IDKind(""), line
	switch use {
	case Emails:
		kind = sighting.Email
	case Phones:
		kind, value = sighting.Phone, phoneWords.FindString(line)
	case Handles:
		kind = sighting.Handle
	case Names:
		kind = sighting.Person
	}
	if kind == "" || kind == sighting.Handle && strings.ContainsAny(line, " /") {
		return false
	}
	id, err := sighting.Identify(kind, d.Service, value)
	if err != nil {
		d.Note("%v", err)
		return false
	}
	if have := (&Account{Who: d.Who}); !have.Has(id) {
		d.Who = append(d.Who, id)
	}
	return value == line || d.words(line)
}

// words keeps a line of which only a part is an identifier.
func (d *Draft) words(line string) bool {
	d.Keep("as written", line)
	return true
}

// Reports gives one report sighting for each CyberTip of a record, or for each
// linked file where there are several (formats.md §5.2: ncmec_reports).
func Reports(r *Record, a *Account, in *intake.Input, sink intake.Sink) error {
	media := r.All("Linked Media File")
	for n := range max(len(media), 1) {
		d := NewDraft(r, sighting.Report, sighting.ProviderRecord, a, in, sink)
		d.responsible(r.Get("Responsible Id"), a)
		if err := d.Time("Time"); err != nil {
			return err
		}
		if tip := r.Get("CyberTip ID"); tip != "" {
			d.ID(&d.Via, sighting.Case, "CyberTip ID", "CyberTip "+strings.Join(strings.Fields(tip), " "))
		}
		if len(media) > 0 {
			d.Content.Name = d.Media(media[n])
		}
		if err := d.Give(fmt.Sprintf("file %d", n)); err != nil {
			return err
		}
	}
	return nil
}

// ReportsShape is the shape of ncmec_reports.
func ReportsShape() Shape {
	return Shape{Known: []string{"CyberTip ID", "Time", "Responsible Id", "Linked Media File"}, Many: []string{"Linked Media File"}}
}

// responsible is the account that Meta names; it may be another than the one
// the return is about.
func (d *Draft) responsible(number string, a *Account) {
	if number == "" {
		d.Who = append(d.Who, a.Who...)
		return
	}
	id, err := sighting.Identify(sighting.Account, d.Service, number)
	switch {
	case err != nil:
		d.Keep("Responsible Id", number)
		d.Note("%v", err)
	case a.Has(id):
		d.Who = append(d.Who, a.Who...)
	default:
		d.Who = append(d.Who, id)
		d.Note("the responsible account %s is not the one the return is about", number)
	}
}
