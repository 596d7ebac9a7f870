package pack

import (
	"slices"
	"strings"

	"suraag/network"
	"suraag/sighting"
)

// Operator gives the addressee that runs an address: by the number of its
// autonomous system; else by the whole name of its legal entity or operator. A
// part of a name never matches: companies of several countries share words.
func (p Pack) Operator(f network.Facts) (Addressee, bool) {
	for _, a := range p.Addressees {
		if a.Kind != "platform" && f.ASN != 0 && slices.Contains(a.ASN, f.ASN) {
			return a, true
		}
	}
	for _, a := range p.Addressees {
		if a.Kind == "platform" || len(a.ASN) > 0 && f.ASN != 0 {
			continue // its numbers are known and this one is not among them
		}
		for _, n := range append([]string{a.Name}, a.Names...) {
			if strings.EqualFold(n, f.LegalEntity) || f.LegalEntity == "" && strings.EqualFold(n, f.Operator) {
				return a, true
			}
		}
	}
	return Addressee{}, false
}

// Platform gives the addressee that runs a service, named as sources name it.
func (p Pack) Platform(service string) (Addressee, bool) {
	key := sighting.ServiceKey(service)
	for _, a := range p.Addressees {
		if a.Kind == "platform" && key != "" && slices.ContainsFunc(a.Services, func(s string) bool { return sighting.ServiceKey(s) == key }) {
			return a, true
		}
	}
	return Addressee{}, false
}

// Addressee gives an addressee by its ID.
func (p Pack) Addressee(id string) (Addressee, bool) {
	n := slices.IndexFunc(p.Addressees, func(a Addressee) bool { return a.ID == id })
	if n < 0 {
		return Addressee{}, false
	}
	return p.Addressees[n], true
}

// Reaches tells whether an instrument may be sent to an addressee at all, and why not.
func (i Instrument) Reaches(a Addressee) (why string) {
	if !slices.Contains(i.AddresseeKinds, a.Kind) {
		return "it is for " + strings.Join(i.AddresseeKinds, ", ") + "; " + a.Name + " is entered as " + a.Kind
	}
	countries := i.AddresseeCountries
	if len(countries) == 0 || slices.Contains(countries, a.Country) || a.EU && slices.Contains(countries, "EU") {
		return ""
	}
	return "it reaches addressees in " + strings.Join(countries, ", ") + "; " + a.Name + " is in " + a.Country
}
