package network

import (
	"net/netip"
	"time"

	"suraag/sighting"
)

// Facts is what the data of its date says of an address. A field that no data
// set filled is empty, which means "not known", never "no".
type Facts struct {
	Addr       netip.Addr     `json:"addr"`
	Special    string         `json:"special,omitempty"` // what the address is set aside for; then nothing else is filled
	SpecialRFC string         `json:"special_rfc,omitempty"`
	Embedded   netip.AddrPort `json:"embedded,omitzero"` // IPv4 inside a tunnel address; port 0: none
	Example    bool           `json:"example,omitempty"` // answered from example data

	ASN             uint32       `json:"asn,omitempty"`
	Operator        string       `json:"operator,omitempty"`
	LegalEntity     string       `json:"legal_entity,omitempty"` // who is asked in law
	Country         string       `json:"country,omitempty"`      // of registration, which is not where the address was used
	CountryDisputed bool         `json:"country_disputed,omitempty"`
	Access          string       `json:"access,omitempty"` // mobile, fixed, …; see Accesses
	CGNAT           sighting.Tri `json:"cgnat,omitempty"`
	Anonymiser      []Flag       `json:"anonymiser,omitempty"`
	Checked         []DataKind   `json:"checked,omitempty"` // of tor, vpn and hosting: those for which data near the moment was at hand

	RetentionDays   int           `json:"retention_days,omitempty"`
	RetentionSource string        `json:"retention_source,omitempty"`
	RetentionDate   time.Time     `json:"retention_date,omitzero"`
	LogZone         string        `json:"log_zone,omitempty"`
	ClockError      time.Duration `json:"clock_error_ns,omitempty"`

	Data  []Used   `json:"data,omitempty"`
	Notes []string `json:"notes,omitempty"`
}

// Flag says that a list held the address, of which date.
type Flag struct {
	Kind    DataKind      `json:"kind"` // tor, vpn, hosting
	Label   string        `json:"label,omitempty"`
	DataSet string        `json:"data_set"`
	Name    string        `json:"name"`
	AsOf    time.Time     `json:"as_of"`
	Gap     time.Duration `json:"gap_ns"`
	From    time.Time     `json:"from,omitzero"`  // Tor: when the address was measured to be an exit
	Until   time.Time     `json:"until,omitzero"` // Tor: last consensus with the relay
}

// Used names a data set that was asked, and what it said.
type Used struct {
	Kind    DataKind      `json:"kind"`
	DataSet string        `json:"data_set"`
	Name    string        `json:"name"`
	AsOf    time.Time     `json:"as_of"`
	SHA256  string        `json:"sha256"`
	Gap     time.Duration `json:"gap_ns"`         // the set's date less the moment: below 0 the data is the older
	Says    string        `json:"says,omitempty"` // empty: nothing of this address
}

// Flagged gives the flags of a kind.
func (f Facts) Flagged(kind DataKind) []Flag {
	var out []Flag
	for _, flag := range f.Anonymiser {
		if flag.Kind == kind {
			out = append(out, flag)
		}
	}
	return out
}

// Has tells whether lists of the kind near the moment were at hand.
func (f Facts) Has(kind DataKind) bool {
	for _, k := range f.Checked {
		if k == kind {
			return true
		}
	}
	return false
}
