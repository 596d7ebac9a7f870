// Package pack holds the law's instruments and the directory of addressees as
// data: dated, sourced, expiring, and reviewed by the unit that uses them.
//
// Takes the text of a pack (TOML), a unit's review and a day. Gives instruments
// and addressees, and the reason why a pack may not produce a letter. Never
// holds a personal contact, and never says that a fact was verified which is
// only known: such facts stand in Unverified and are printed for counsel.
//
// The fields are those of attribution.md §3: jurisdiction, instrument, legal
// basis, who may sign, addressee, data category, identifiers required, form of
// times, secrecy, deadline, emergency, clock, source and its date, review, expiry.
package pack

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"

	"suraag/fault"
	"suraag/sighting"
)

// Pack is one file of instruments, addressees and clocks.
type Pack struct {
	ID           string       `toml:"pack" json:"pack"`
	Title        string       `toml:"title" json:"title"`
	Jurisdiction string       `toml:"jurisdiction" json:"jurisdiction,omitempty"`
	Expires      Day          `toml:"expires" json:"expires"`
	ReviewDays   int          `toml:"review_days" json:"review_days"` // how long a review holds
	Instruments  []Instrument `toml:"instrument" json:"instruments,omitempty"`
	Addressees   []Addressee  `toml:"addressee" json:"addressees,omitempty"`
	Clocks       []Clock      `toml:"clock" json:"clocks,omitempty"`
	SHA256       string       `toml:"-" json:"sha256"`             // of the file, hex
	AddedBy      string       `toml:"-" json:"added_by,omitempty"` // empty: shipped with the program
}

// Stated says where an item comes from and how far it can be relied on.
type Stated struct {
	Source     string   `toml:"source" json:"source"`
	SourceDate Day      `toml:"source_date" json:"source_date"`
	Verified   Mark     `toml:"verified" json:"verified"`
	Unverified []string `toml:"unverified" json:"unverified,omitempty"` // facts in the item that nobody has checked
}

// Mark says how whoever drew up an item knows it.
type Mark string

// The marks. Neither replaces the unit's own review.
const (
	Read  Mark = "read"  // in the source that is named
	Known Mark = "known" // generally; the source that is named was not read
)

// Kind sorts instruments by what they may do.
type Kind string

// The kinds. A letter is of one kind only: a takedown never asks for records, a
// disclosure never asks for removal.
const (
	Preservation Kind = "preservation"
	Disclosure   Kind = "disclosure"
	Assistance   Kind = "mutual legal assistance"
	Search       Kind = "search"
	Takedown     Kind = "takedown"
	Certificate  Kind = "certificate"
)

// About says of what an instrument speaks.
type About string

// The subjects.
const (
	Connection About = "connection" // an address, port and span
	Account    About = "account"    // an account at a service, and a period
	Link       About = "link"       // where content was
	Exhibit    About = "exhibit"    // the record itself
)

// Instrument is one legal instrument.
type Instrument struct {
	ID                 string    `toml:"id" json:"id"`
	Kind               Kind      `toml:"kind" json:"kind"`
	About              About     `toml:"about" json:"about"`
	Title              string    `toml:"title" json:"title"`
	LegalBasis         string    `toml:"legal_basis" json:"legal_basis"`
	WhoMaySign         string    `toml:"who_may_sign" json:"who_may_sign"`
	Issuers            []string  `toml:"issuers" json:"issuers"` // jurisdictions whose authorities may use it
	AddresseeKinds     []string  `toml:"addressee_kinds" json:"addressee_kinds"`
	AddresseeCountries []string  `toml:"addressee_countries" json:"addressee_countries,omitempty"` // none: any
	DataCategory       string    `toml:"data_category" json:"data_category"`
	Particulars        []string  `toml:"particulars" json:"particulars,omitempty"` // each asked and answered by itself (rule R6)
	PeriodDays         int       `toml:"period_days" json:"period_days,omitempty"` // of an account: to each side of the moment
	TimeFormat         string    `toml:"time_format" json:"time_format"`
	Secrecy            string    `toml:"secrecy" json:"secrecy,omitempty"`
	ReplyDays          int       `toml:"reply_days" json:"reply_days,omitempty"`
	KeepDays           int       `toml:"keep_days" json:"keep_days,omitempty"`
	RenewBeforeDays    int       `toml:"renew_before_days" json:"renew_before_days,omitempty"`
	Emergency          string    `toml:"emergency" json:"emergency,omitempty"`
	InForce            Day       `toml:"in_force" json:"in_force,omitzero"`
	Expires            Day       `toml:"expires" json:"expires,omitzero"` // sooner than the pack
	Sections           []Section `toml:"section" json:"sections"`
	Stated
}

// Section is a part of the letter: words, and perhaps something that the record fills in.
type Section struct {
	Heading string `toml:"heading" json:"heading,omitempty"`
	Text    string `toml:"text" json:"text,omitempty"`
	Fill    string `toml:"fill" json:"fill,omitempty"`
}

// The fills: what only the record may put into a letter (rule R1).
const (
	FillQuestion    = "question"
	FillParticulars = "particulars"
	FillExhibit     = "exhibit"
	FillElsewhere   = "elsewhere"
	FillResolved    = "resolved"
	FillChecklist   = "checklist"
	FillHash        = "hash"
)

// Addressee is an operator, a platform or another who holds records.
type Addressee struct {
	ID         string            `toml:"id" json:"id"`
	Name       string            `toml:"name" json:"name"`
	Kind       string            `toml:"kind" json:"kind"`
	Country    string            `toml:"country" json:"country"`
	EU         bool              `toml:"eu" json:"eu,omitempty"`
	Names      []string          `toml:"names" json:"names,omitempty"`       // other spellings of the legal entity, whole
	ASN        []uint32          `toml:"asn" json:"asn,omitempty"`           // of an operator
	Services   []string          `toml:"services" json:"services,omitempty"` // of a platform: as sources name it
	IdentifyBy []sighting.IDKind `toml:"identify_by" json:"identify_by,omitempty"`
	Door       string            `toml:"door" json:"door"` // public: a portal or an office
	MustGive   []string          `toml:"must_give" json:"must_give,omitempty"`
	KeepDays   int               `toml:"keep_days" json:"keep_days,omitempty"` // for how long it preserves
	Zone       string            `toml:"zone" json:"zone"`                     // of its logs
	Notes      string            `toml:"notes" json:"notes,omitempty"`
	Stated
}

// Clock is a term that runs by itself, without a letter of ours.
type Clock struct {
	ID    string `toml:"id" json:"id"`
	Title string `toml:"title" json:"title"`
	Days  int    `toml:"days" json:"days"`
	From  string `toml:"from" json:"from"` // "report": the day of the report
	Stated
}

// Day is a day of the calendar, UTC, written 2027-05-31.
type Day struct{ time.Time }

// UnmarshalText reads a day; nothing is no day.
func (d *Day) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*d = Day{}
		return nil
	}
	t, err := time.Parse(time.DateOnly, string(text))
	if err != nil {
		return fault.Newf(fault.Invalid, "day %q is not like 2027-05-31", text)
	}
	d.Time = t
	return nil
}

// MarshalText writes a day.
func (d Day) MarshalText() ([]byte, error) {
	if d.IsZero() {
		return nil, nil
	}
	return []byte(d.Format(time.DateOnly)), nil
}

// MarshalJSON writes a day, not the moment that a time.Time would write.
func (d Day) MarshalJSON() ([]byte, error) {
	text, err := d.MarshalText()
	return []byte(`"` + string(text) + `"`), err
}

// UnmarshalJSON reads a day.
func (d *Day) UnmarshalJSON(text []byte) error {
	return d.UnmarshalText(bytes.Trim(text, `"`))
}

// String prints a day with its month in letters.
func (d Day) String() string {
	if d.IsZero() {
		return "not stated"
	}
	return d.Format("2 January 2006")
}

// maxPack bounds the text of a pack; the longest shipped one has 16 KiB.
const maxPack = 512 << 10

// Parse reads and checks a pack. A field that is not known is an error: a
// misspelt "expires" would let a pack live for ever.
func Parse(text []byte) (Pack, error) {
	if len(text) > maxPack {
		return Pack{}, fault.Newf(fault.TooLarge, "the pack has %d bytes, more than %d", len(text), maxPack)
	}
	var p Pack
	d := toml.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&p); err != nil {
		return Pack{}, fault.Newf(fault.Invalid, "pack: %s", inWords(err))
	}
	sum := sha256.Sum256(text)
	p.SHA256 = hex.EncodeToString(sum[:])
	if err := p.check(); err != nil {
		return Pack{}, fault.Wrapf(err, "pack %q", p.ID)
	}
	return p, nil
}

// inWords gives the library's error with its line.
func inWords(err error) string {
	switch e := err.(type) {
	case *toml.DecodeError:
		row, column := e.Position()
		return fmt.Sprintf("line %d, column %d: %v", row, column, e)
	case *toml.StrictMissingError:
		if len(e.Errors) > 0 {
			row, _ := e.Errors[0].Position()
			return fmt.Sprintf("line %d: %q is no field of a pack", row, strings.Join(e.Errors[0].Key(), "."))
		}
	}
	return err.Error()
}

// Instrument gives an instrument by its ID.
func (p Pack) Instrument(id string) (Instrument, bool) {
	n := slices.IndexFunc(p.Instruments, func(i Instrument) bool { return i.ID == id })
	if n < 0 {
		return Instrument{}, false
	}
	return p.Instruments[n], true
}

// Review is a unit's own reading of a pack. It speaks of one text: a pack that
// was changed by one letter has to be reviewed again.
type Review struct {
	Pack   string    `json:"pack"`
	SHA256 string    `json:"sha256"`
	By     string    `json:"reviewed_by"`
	At     time.Time `json:"last_verified"`
	Note   string    `json:"note"`
}

// Refuse tells why the pack may not produce a letter now, or nothing. Review is
// the newest of the pack, nil where there is none.
func (p Pack) Refuse(r *Review, now time.Time) string {
	switch {
	case !now.Before(p.Expires.AddDate(0, 0, 1)):
		return fmt.Sprintf("pack %q expired on %s", p.ID, p.Expires)
	case r == nil:
		return fmt.Sprintf("pack %q was reviewed by nobody in this unit", p.ID)
	case r.SHA256 != p.SHA256:
		return fmt.Sprintf("pack %q was changed after %s reviewed it", p.ID, r.By)
	case r.At.After(now):
		return fmt.Sprintf("the review of pack %q lies in the future", p.ID)
	case !now.Before(p.ReviewUntil(*r)):
		return fmt.Sprintf("the review of pack %q by %s ended on %s", p.ID, r.By, Day{p.ReviewUntil(*r)})
	}
	return ""
}

// ReviewUntil is the moment at which a review ends.
func (p Pack) ReviewUntil(r Review) time.Time { return r.At.UTC().AddDate(0, 0, p.ReviewDays) }
