package pack

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"suraag/fault"
	"suraag/network"
	"suraag/sighting"
)

// placeholders are the words of a section that a letter fills in. None of them is
// an address, a port or a time: these come by fills alone (rule R1).
var placeholders = []string{"addressee", "unit", "signer", "case", "offence", "legal_basis", "reply_days", "keep_days", "secrecy", "emergency"}

var placeholder = regexp.MustCompile(`\{([^}]*)\}`)

// Placeholders lists what a section may name in braces.
func Placeholders() []string { return slices.Clone(placeholders) }

// Typed finds an address or a time of day in words that a person typed.
func Typed(words string) string {
	for _, form := range []*regexp.Regexp{typedV4, typedV6, typedClock} {
		if found := form.FindString(words); found != "" {
			return found
		}
	}
	return ""
}

var (
	typedV4    = regexp.MustCompile(`\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b`)
	typedV6    = regexp.MustCompile(`(?i)\b[0-9a-f]{1,4}(:[0-9a-f]{0,4}){3,7}`)
	typedClock = regexp.MustCompile(`\b\d{1,2}:\d{2}\b`)
)

// Accusing finds a word that makes a person out of a connection (rule R12).
func Accusing(words string) string { return accusing.FindString(words) }

var accusing = regexp.MustCompile(`(?i)\b(suspects?|accused|culprits?|offenders?|perpetrators?|criminals?|paedophiles?|pedophiles?|guilty)\b`)

func (p Pack) check() error {
	switch {
	case !name(p.ID):
		return fault.Newf(fault.Invalid, "name %q is not of small letters, digits and hyphens", p.ID)
	case p.Title == "":
		return fault.Newf(fault.Invalid, "it has no title")
	case p.Expires.IsZero():
		return fault.Newf(fault.Invalid, "it does not say when it expires")
	case p.ReviewDays < 1 || p.ReviewDays > 366:
		return fault.Newf(fault.Invalid, "a review holds for 1 to 366 days, not %d", p.ReviewDays)
	case len(p.Instruments)+len(p.Addressees)+len(p.Clocks) == 0:
		return fault.Newf(fault.Invalid, "it holds nothing")
	case len(p.Instruments) > 0 && p.Jurisdiction == "":
		return fault.Newf(fault.Invalid, "it has instruments and no jurisdiction")
	}
	seen := map[string]bool{}
	item := func(id string, s Stated, err error) error {
		if err == nil {
			err = s.check()
		}
		switch {
		case err != nil:
		case !name(id):
			err = fault.Newf(fault.Invalid, "its name is not of small letters, digits and hyphens")
		case seen[id]:
			err = fault.Newf(fault.Invalid, "it stands there twice")
		}
		seen[id] = true
		return fault.Wrapf(err, "%q", id)
	}
	for _, i := range p.Instruments {
		if err := item(i.ID, i.Stated, i.check()); err != nil {
			return err
		}
	}
	for _, a := range p.Addressees {
		if err := item(a.ID, a.Stated, a.check()); err != nil {
			return err
		}
	}
	for _, c := range p.Clocks {
		err := error(nil)
		if c.Days < 1 || c.From != "report" || c.Title == "" {
			err = fault.Newf(fault.Invalid, "a clock needs a title, days, and from = \"report\"")
		}
		if err := item(c.ID, c.Stated, err); err != nil {
			return err
		}
	}
	return nil
}

func name(id string) bool {
	return id != "" && len(id) <= 64 && strings.Trim(id, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

func (s Stated) check() error {
	switch {
	case s.Source == "":
		return fault.Newf(fault.Invalid, "no source is stated")
	case s.SourceDate.IsZero():
		return fault.Newf(fault.Invalid, "no source_date is stated")
	case s.Verified != Read && s.Verified != Known:
		return fault.Newf(fault.Invalid, "verified is %q, neither %q nor %q", s.Verified, Read, Known)
	}
	return nil
}

var kinds = []Kind{Preservation, Disclosure, Assistance, Search, Takedown, Certificate}

func (i Instrument) check() error {
	switch {
	case !slices.Contains(kinds, i.Kind):
		return fault.Newf(fault.Invalid, "kind %q is none of %q", i.Kind, kinds)
	case i.Title == "" || i.LegalBasis == "" || i.WhoMaySign == "" || i.TimeFormat == "" || i.DataCategory == "":
		return fault.Newf(fault.Invalid, "title, legal_basis, who_may_sign, data_category and time_format are needed")
	case len(i.Issuers) == 0 || len(i.AddresseeKinds) == 0:
		return fault.Newf(fault.Invalid, "issuers and addressee_kinds are needed")
	case i.Kind == Preservation && i.KeepDays < 1:
		return fault.Newf(fault.Invalid, "a preservation needs keep_days")
	case i.ReplyDays < 0 || i.KeepDays < 0 || i.RenewBeforeDays < 0 || i.PeriodDays < 0 || i.ReplyDays > 366 || i.KeepDays > 3660 || i.PeriodDays > 366:
		return fault.Newf(fault.Invalid, "a number of days is out of range")
	}
	if err := i.subject(); err != nil {
		return err
	}
	if err := i.apart(); err != nil {
		return err
	}
	for _, s := range i.Sections {
		if err := s.check(); err != nil {
			return fault.Wrapf(err, "section %q", s.Heading)
		}
	}
	return nil
}

func (i Instrument) subject() error {
	allowed := map[Kind][]About{
		Preservation: {Connection, Account}, Disclosure: {Connection, Account}, Assistance: {Connection, Account},
		Search: {Connection}, Takedown: {Link}, Certificate: {Exhibit},
	}
	if !slices.Contains(allowed[i.Kind], i.About) {
		return fault.Newf(fault.Invalid, "a %s is about %q, not about %q", i.Kind, allowed[i.Kind], i.About)
	}
	if i.About == Account && i.PeriodDays < 1 {
		return fault.Newf(fault.Invalid, "what is about an account needs period_days: platforms return a demand without date limits")
	}
	need := []string{FillExhibit}
	if i.Kind != Certificate {
		need = append(need, FillQuestion)
	}
	if i.Kind == Preservation || i.Kind == Disclosure || i.Kind == Assistance {
		need = append(need, FillParticulars)
	}
	if i.Kind == Search {
		need = append(need, FillResolved, FillElsewhere, FillChecklist)
	}
	for _, fill := range need {
		if !slices.ContainsFunc(i.Sections, func(s Section) bool { return s.Fill == fill }) {
			return fault.Newf(fault.Invalid, "a %s needs a section with fill = %q", i.Kind, fill)
		}
	}
	return nil
}

// apart holds rule R6 and the wall between removal and disclosure.
func (i Instrument) apart() error {
	records := i.Kind == Preservation || i.Kind == Disclosure || i.Kind == Assistance
	switch {
	case records && len(i.Particulars) == 0:
		return fault.Newf(fault.Invalid, "it lists no particulars")
	case !records && len(i.Particulars) > 0:
		return fault.Newf(fault.Invalid, "a %s asks for no records; a disclosure is a letter of its own", i.Kind)
	case records && strings.Contains(i.LegalBasis, "79(3)(b)"):
		return fault.Newf(fault.Invalid, "section 79(3)(b) is for removal; it is no basis for a %s", i.Kind)
	case i.Kind == Disclosure && i.About == Connection && (!slices.Contains(i.Particulars, "installation address") || !slices.Contains(i.Particulars, "billing address")):
		return fault.Newf(fault.Invalid, "rule R6: \"installation address\" and \"billing address\" have to be asked each by itself (IPCO annual report 2019, error 8)")
	}
	return nil
}

var fills = []string{"", FillQuestion, FillParticulars, FillExhibit, FillElsewhere, FillResolved, FillChecklist, FillHash}

func (s Section) check() error {
	if !slices.Contains(fills, s.Fill) {
		return fault.Newf(fault.Invalid, "fill %q is none of %q", s.Fill, fills[1:])
	}
	words := s.Heading + " " + s.Text
	for _, found := range placeholder.FindAllStringSubmatch(words, -1) {
		if !slices.Contains(placeholders, found[1]) {
			return fault.Newf(fault.Invalid, "{%s} is none of %q", found[1], placeholders)
		}
	}
	if typed := Typed(words); typed != "" {
		return fault.Newf(fault.Invalid, "rule R1: %q looks like an address or a time; these come from the record alone", typed)
	}
	if word := Accusing(words); word != "" {
		return fault.Newf(fault.Invalid, "rule R12: a letter speaks of the subscriber of the connection, not of a %q", word)
	}
	return nil
}

func addresseeKinds() []string {
	return append([]string{"operator", "platform", "court", "service"}, network.Accesses()...)
}

func (a Addressee) check() error {
	switch {
	case a.Name == "" || a.Door == "":
		return fault.Newf(fault.Invalid, "name and door are needed")
	case !slices.Contains(addresseeKinds(), a.Kind):
		return fault.Newf(fault.Invalid, "kind %q is none of %q", a.Kind, addresseeKinds())
	case len(a.Country) != 2:
		return fault.Newf(fault.Invalid, "country %q is not of two letters", a.Country)
	case a.Kind == "platform" && (len(a.Services) == 0 || len(a.IdentifyBy) == 0):
		return fault.Newf(fault.Invalid, "a platform needs services and identify_by")
	case a.Zone == "":
		return fault.Newf(fault.Invalid, "rule R2: the zone of its logs is needed, for the times beside UTC")
	case strings.Contains(strings.TrimPrefix(a.Door, "https://"), "@"):
		return fault.Newf(fault.Invalid, "door %q looks like a mailbox; no personal contact stands in a pack", a.Door)
	}
	if _, err := time.LoadLocation(a.Zone); err != nil {
		return fault.Newf(fault.Invalid, "zone %q: %w", a.Zone, err)
	}
	for _, k := range a.IdentifyBy {
		if !slices.Contains(sighting.IDKinds(), k) {
			return fault.Newf(fault.Invalid, "identifier kind %q is not known", k)
		}
		if k == sighting.Peer || k == sighting.Person {
			return fault.Newf(fault.Invalid, "rule R15: a %s identifies nobody", k)
		}
	}
	return nil
}
