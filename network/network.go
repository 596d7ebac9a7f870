// Package network says what was known of an address at a moment: its operator,
// its country of registration, whether it hid whoever used it, and what it is
// set aside for.
//
// Takes address data that someone else published, each set with its date and
// hash, and an address with an instant. Gives facts as of that instant, with the
// data sets they came from and how far their dates lie from it. Never gives a
// city or coordinates (rule R10 of the attribution rules), never asks the
// network, never keeps: whoever stores the ranges hands them back by Lookup.
package network

import (
	"context"
	"encoding/binary"
	"net/netip"
	"strings"
	"time"
)

// DataKind says what a data set tells of an address.
type DataKind string

// The kinds of data.
const (
	KindASN       DataKind = "asn"       // ranges → autonomous system and its operator's name
	KindCountry   DataKind = "country"   // ranges → country of registration
	KindRIR       DataKind = "rir"       // delegated-extended files of the registries: ranges → country, registry
	KindTor       DataKind = "tor"       // Tor exit lists: address at a time
	KindVPN       DataKind = "vpn"       // lists of VPN addresses
	KindHosting   DataKind = "hosting"   // lists of data centre addresses
	KindOperators DataKind = "operators" // our own dated profiles of operators, by autonomous system or country
	KindRanges    DataKind = "ranges"    // a unit's own ranges: any of the fields of Range
)

// Kinds lists every kind of data in the order in which it is asked.
func Kinds() []DataKind {
	return []DataKind{KindRanges, KindASN, KindCountry, KindRIR, KindTor, KindVPN, KindHosting, KindOperators}
}

// Known tells whether the kind is one of the list.
func (k DataKind) Known() bool {
	for _, known := range Kinds() {
		if k == known {
			return true
		}
	}
	return false
}

// Range is one row of a data set: what it says of the addresses First to Last,
// both included and of one family. IPv4 is never written as mapped IPv6.
//
// Two kinds of row speak of no address. They are filed under a key address of
// the discard-only prefix 100::/64 (RFC 6666), which nobody can use, so that one
// table and one Find serve every kind: an operator's profile (ProfileKey; Label
// holds the profile, see Profile) and the moment at which a Tor list was taken
// (CoverageKey; From and Until hold the moment).
type Range struct {
	First    netip.Addr `json:"first"`
	Last     netip.Addr `json:"last"`
	From     time.Time  `json:"from,omitzero"`  // UTC: first moment at which the statement holds; zero: as of the set's date
	Until    time.Time  `json:"until,omitzero"` // UTC: last moment
	ASN      uint32     `json:"asn,omitempty"`
	Operator string     `json:"operator,omitempty"` // as the set writes it
	Country  string     `json:"country,omitempty"`  // ISO 3166-1 alpha-2, upper case
	Registry string     `json:"registry,omitempty"` // "apnic", "arin" …
	Label    string     `json:"label,omitempty"`    // of a list; Tor: the relay's fingerprint; ranges: may be an access word
}

// Covers tells whether the address lies in the range.
func (r Range) Covers(a netip.Addr) bool {
	return r.First.BitLen() == a.BitLen() && r.First.Compare(a) <= 0 && a.Compare(r.Last) <= 0
}

// During tells whether the statement holds at some moment from the first to the
// second. A range without times holds always; a zero moment bounds nothing.
func (r Range) During(from, until time.Time) bool {
	if !r.Until.IsZero() && !from.IsZero() && r.Until.Before(from) {
		return false
	}
	return r.From.IsZero() || until.IsZero() || !until.Before(r.From)
}

// DataSet is one import: one list, of one date. The same Name with a later AsOf
// is a newer version of the same list.
type DataSet struct {
	ID       string    `json:"id"`
	Kind     DataKind  `json:"kind"`
	Name     string    `json:"name"`
	AsOf     time.Time `json:"as_of"`          // UTC: the moment for which the list speaks, by its publisher
	SHA256   string    `json:"sha256"`         // of the file as imported, hex
	Imported time.Time `json:"imported"`       // UTC
	Ranges   int64     `json:"ranges"`         // rows kept
	Licence  string    `json:"licence"`        // under which it was published
	From     string    `json:"from,omitempty"` // where it was fetched: address, commit
}

// examplePrefix begins the name of every example data set.
const examplePrefix = "example"

// Example tells whether the set speaks of the addresses that are set aside for
// documentation (RFC 5737, 3849, 9637) as if they were in use: its name begins
// with "example". Such a set is asked about documentation addresses only and
// every other set about other addresses only, so that the demonstration can
// never colour a real answer.
func (d DataSet) Example() bool {
	return strings.HasPrefix(strings.ToLower(strings.TrimSpace(d.Name)), examplePrefix)
}

// Lookup is what the keeper of the ranges answers.
type Lookup interface {
	// DataSets lists every data set that is in force, in any order.
	DataSets(ctx context.Context) ([]DataSet, error)
	// Find gives the rows of a set that cover the address and hold at some moment
	// from the first to the second, both included; see Range.Covers and
	// Range.During.
	Find(ctx context.Context, dataSetID string, addr netip.Addr, from, until time.Time) ([]Range, error)
}

// The kinds of key address.
const (
	keyASN byte = iota + 1
	keyCountry
	keyCoverage
)

func key(kind byte, value uint32) netip.Addr {
	b := [16]byte{0: 1, 11: kind} // 100::/64, RFC 6666
	binary.BigEndian.PutUint32(b[12:], value)
	return netip.AddrFrom16(b)
}

// ProfileKey is the address under which an operator's profile is filed: by its
// autonomous system, or, where that is 0, as the default of a country.
func ProfileKey(asn uint32, country string) netip.Addr {
	if asn != 0 || len(country) != 2 {
		return key(keyASN, asn)
	}
	return key(keyCountry, uint32(country[0])<<8|uint32(country[1]))
}

// CoverageKey is the address under which the moments are filed at which the Tor
// lists of a set were taken.
func CoverageKey() netip.Addr { return key(keyCoverage, 0) }
