package network

import (
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"suraag/fault"
	"suraag/sighting"
)

// The words for how an operator's addresses are used.
const (
	AccessMobile     = "mobile"
	AccessFixed      = "fixed"
	AccessHosting    = "hosting"
	AccessVPN        = "vpn"
	AccessUniversity = "university" // and schools
	AccessPublicWiFi = "public-wifi"
	AccessCDN        = "cdn"
	AccessLibrary    = "library"
	AccessOwnSensor  = "own-sensor" // of this unit or a partner
)

// Accesses lists the access words.
func Accesses() []string {
	return []string{AccessMobile, AccessFixed, AccessHosting, AccessVPN, AccessUniversity, AccessPublicWiFi, AccessCDN, AccessLibrary, AccessOwnSensor}
}

// Profile is what a unit knows of an operator: who answers for it, whether its
// customers share addresses, and how long it keeps its records. One name can
// stand for a mobile and a fixed network with different answers, and the same
// word for operators of several countries, so a profile belongs to the number of
// an autonomous system, never to a name. Without one it is a country's default.
type Profile struct {
	ASN             uint32        `json:"asn,omitempty"`
	Operator        string        `json:"operator,omitempty"`
	LegalEntity     string        `json:"legal_entity,omitempty"`
	Country         string        `json:"country,omitempty"`
	Access          string        `json:"access,omitempty"`
	CGNAT           sighting.Tri  `json:"cgnat,omitempty"`
	RetentionDays   int           `json:"retention_days,omitempty"` // 0: not known
	RetentionSource string        `json:"retention_source,omitempty"`
	RetentionDate   time.Time     `json:"retention_date,omitzero"` // when the source was read
	LogZone         string        `json:"log_zone,omitempty"`      // of the operator's logs: "Asia/Kolkata", "UTC"
	ClockError      time.Duration `json:"clock_error_ns,omitempty"`
}

// Row files the profile as a range; see Range.
func (p Profile) Row() (Range, error) {
	words, err := json.Marshal(p)
	if err != nil {
		return Range{}, fault.As(fault.Internal, err)
	}
	k := ProfileKey(p.ASN, p.Country)
	return Range{First: k, Last: k, ASN: p.ASN, Operator: p.Operator, Country: p.Country, Label: string(words)}, nil
}

// ReadProfile takes the profile out of its row.
func ReadProfile(r Range) (Profile, error) {
	var p Profile
	if err := json.Unmarshal([]byte(r.Label), &p); err != nil {
		return Profile{}, fault.Newf(fault.Corrupt, "profile of operator %q: %w", r.Operator, err)
	}
	return p, nil
}

// operatorColumns are the columns of the file, in the order of its documentation.
func operatorColumns() []string {
	return []string{"asn", "operator", "legal_entity", "country", "access", "cgnat", "retention_days", "retention_source", "retention_date", "log_zone", "clock_error_seconds"}
}

// readOperators reads CSV with a header that names the columns, in any order. An
// empty asn makes the row the default of its country.
func readOperators(l *lineReader) error {
	var header []string
	err := l.each(func(line string) error {
		row, err := cells(line)
		if err != nil {
			return l.reject(l.number, "%v", err)
		}
		if header == nil {
			header = row
			return l.operatorHeader(header)
		}
		if len(row) != len(header) {
			return l.reject(l.number, "the row has %d cells, the header %d", len(row), len(header))
		}
		r, err := operatorRow(header, row)
		if err != nil {
			return l.reject(l.number, "%v", err)
		}
		return l.pass(r)
	})
	if err == nil && header == nil {
		return fault.Newf(fault.Invalid, "the file has no header line")
	}
	return err
}

func (l *lineReader) operatorHeader(header []string) error {
	for n, name := range header {
		header[n] = strings.ToLower(name)
		if !slices.Contains(operatorColumns(), header[n]) {
			if err := l.reject(l.number, "column %q is not known; it is not used", name); err != nil {
				return err
			}
		}
	}
	if !slices.Contains(header, "asn") || !slices.Contains(header, "country") {
		return fault.Newf(fault.Invalid, "the header lacks the column asn or country")
	}
	return nil
}

func operatorRow(header, row []string) (Range, error) {
	var p Profile
	for n, name := range header {
		if !sighting.Stated(row[n]) {
			continue
		}
		if err := p.set(name, row[n]); err != nil {
			return Range{}, fault.Wrapf(err, "column %s", name)
		}
	}
	if p.ASN == 0 && p.Country == "" {
		return Range{}, fault.Newf(fault.Invalid, "the row names neither an autonomous system nor a country")
	}
	if p.RetentionDays > 0 && p.RetentionSource == "" {
		return Range{}, fault.Newf(fault.Invalid, "the retention of %d days has no source", p.RetentionDays)
	}
	return p.Row()
}

func (p *Profile) set(name, value string) (err error) {
	switch name {
	case "asn":
		p.ASN, err = asnOf(value)
	case "operator":
		p.Operator = value
	case "legal_entity":
		p.LegalEntity = value
	case "country":
		p.Country, err = countryOf(value)
	case "access":
		p.Access, err = accessOf(value)
	case "cgnat":
		p.CGNAT, err = cgnatOf(value)
	case "retention_days":
		p.RetentionDays, err = daysOf(value)
	case "retention_source":
		p.RetentionSource = value
	case "retention_date":
		p.RetentionDate, err = momentOf(value, false)
	case "log_zone":
		p.LogZone = value
	case "clock_error_seconds":
		p.ClockError, err = secondsOf(value)
	}
	return err
}

func accessOf(text string) (string, error) {
	text = strings.ToLower(text)
	if !slices.Contains(Accesses(), text) {
		return "", fault.Newf(fault.Invalid, "access %q is none of %s", text, strings.Join(Accesses(), ", "))
	}
	return text, nil
}

func cgnatOf(text string) (sighting.Tri, error) {
	if strings.EqualFold(text, "unknown") {
		return sighting.Unstated, nil
	}
	t, understood := sighting.ReadTri(text)
	if !understood {
		return t, fault.Newf(fault.Invalid, "%q is not yes, no or unknown", text)
	}
	return t, nil
}

// maxRetention is thirty years; a longer one is a typing error.
const maxRetention = 30 * 366

func daysOf(text string) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > maxRetention {
		return 0, fault.Newf(fault.Invalid, "%q is not a number of days from 1 to %d", text, maxRetention)
	}
	return n, nil
}

func secondsOf(text string) (time.Duration, error) {
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(f) || f < 0 || f > 86400 {
		return 0, fault.Newf(fault.Invalid, "%q is not a number of seconds from 0 to 86400", text)
	}
	return time.Duration(f * float64(time.Second)), nil
}
