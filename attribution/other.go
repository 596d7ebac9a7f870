package attribution

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"suraag/network"
)

const citeOther = "RFC 6890 (special-purpose addresses); ExoneraTor (a day to each side); Hurley et al., WWW 2013 (an exit's address is not its visitor's)"

// addressee is rule R9: an address that is nobody's, or that many pass through,
// never leads to a demand for its subscriber. A flag changes who is asked; it
// clears nobody.
func addressee(d *Finding, o Observation, f network.Facts, p Policy) []ruling {
	say := func(e Effect, most Outcome, missing, format string, args ...any) ruling {
		return ruling{Reason{Rule: "R9", Citation: citeOther, Sentence: fmt.Sprintf(format, args...), Effect: e, Missing: missing}, most}
	}
	switch {
	case o.Endpoint.IsZero():
		return []ruling{say(Blocks, Unusable, "the address", "The source states no address.")}
	case addrOf(f.Addr) != addrOf(o.Endpoint.IP):
		return []ruling{say(Blocks, Unusable, "the facts of this address", "What was looked up is about %s, not about %s.", f.Addr, o.Endpoint.IP)}
	case f.Special != "":
		return []ruling{setAside(f, say)}
	case f.Access == network.AccessOwnSensor:
		return []ruling{say(Blocks, Unusable, "", "This is the address of our own or a partner's sensor.")}
	}
	d.Addressee, d.AddresseeKind = operator(f), "operator"
	if d.Addressee == "" {
		d.AddresseeKind = ""
	}
	out := []ruling{}
	kind, why := otherParty(f)
	switch kind {
	case string(network.KindTor):
		d.Addressee, d.AddresseeKind = o.Service, "service"
		if o.Service == "" || o.onNetwork() {
			d.Addressee, d.AddresseeKind = "", "" // a peer-to-peer network is nobody who could be asked
		}
		out = append(out, say(Blocks, AskOther, "the same identifiers at a clear address", "%s Its operator knows nothing of who was behind it; %s.", why, elsewhereOf(o)))
	case "":
		out = append(out, say(For, Ask, "", "%s", clear(f)))
	default:
		d.AddresseeKind = kind
		if d.Addressee == "" {
			d.Addressee = label(f)
		}
		out = append(out, say(Blocks, AskOther, "", "%s Ask whoever runs it which of its customers connected; this does not clear anyone.", why))
	}
	return append(out, unchecked(f, p.AskWithoutTorList || kind != "", say)...)
}

type sayer = func(e Effect, most Outcome, missing, format string, args ...any) ruling

// elsewhereOf says where the same identifiers may show a clear address. Of those
// seen at Tor exits on three days or more, over 90 % also came from elsewhere
// (Hurley and others, WWW 2013).
func elsewhereOf(o Observation) string {
	if o.onNetwork() {
		return "look for the same peer identifiers at other addresses"
	}
	return "ask " + whoSaw(o) + " for other connections of the same identifiers"
}

func setAside(f network.Facts, say sayer) ruling {
	switch {
	case f.Embedded.IsValid():
		return say(Blocks, Unusable, "a person's decision on the address inside", "%s belongs to a tunnel (%s, %s) and carries %s; a person has to decide whether that address can be asked about.", f.Addr, f.Special, f.SpecialRFC, f.Embedded.Addr())
	case f.Addr.IsPrivate(), strings.HasPrefix(f.Special, "Shared address space"):
		return say(Blocks, Unusable, "the public address and port, or whose network it was", "%s is an address inside a network (%s, %s): many networks use it. Ask whose network, and for the public side.", f.Addr, f.Special, f.SpecialRFC)
	}
	return say(Blocks, Unusable, "a true address", "%s is set aside (%s, %s); no subscriber connects from it.", f.Addr, f.Special, f.SpecialRFC)
}

// operator is who answers for the address.
func operator(f network.Facts) string {
	if f.LegalEntity != "" {
		return f.LegalEntity
	}
	return f.Operator
}

// otherParty tells whether the address is run for others to pass through, and by
// whom, in words. Tor outweighs VPN, VPN outweighs hosting, a list outweighs the
// operator's profile.
func otherParty(f network.Facts) (kind, why string) {
	for _, k := range []network.DataKind{network.KindTor, network.KindVPN, network.KindHosting} {
		flags := f.Flagged(k)
		if len(flags) == 0 {
			continue
		}
		flag := flags[0]
		words := map[network.DataKind]string{network.KindTor: "a Tor exit", network.KindVPN: "the exit of a VPN", network.KindHosting: "in a data centre"}[k]
		named := ""
		if flag.Label != "" && k != network.KindTor {
			named = fmt.Sprintf(" (%q)", flag.Label)
		}
		return string(k), fmt.Sprintf("The address was %s%s by the list %q of %s.", words, named, flag.Name, flag.AsOf.UTC().Format("2 January 2006"))
	}
	words := map[string]string{
		network.AccessVPN: "a VPN's", network.AccessHosting: "a data centre's", network.AccessUniversity: "a university's or school's",
		network.AccessPublicWiFi: "a public wireless network's", network.AccessCDN: "a content delivery network's", network.AccessLibrary: "a library's",
	}[f.Access]
	if words == "" {
		return "", ""
	}
	return f.Access, fmt.Sprintf("The address is %s, as its operator's profile says.", words)
}

// label is the name that a list gives to whoever runs the address.
func label(f network.Facts) string {
	for _, flag := range f.Anonymiser {
		if flag.Label != "" {
			return flag.Label
		}
	}
	return ""
}

func clear(f network.Facts) string {
	if len(f.Checked) == 0 {
		return "No list at hand marks the address as an anonymiser."
	}
	var kinds []string
	for _, k := range f.Checked {
		kinds = append(kinds, string(k))
	}
	return fmt.Sprintf("The lists of the time (%s) do not hold the address.", strings.Join(kinds, ", "))
}

// unchecked says which lists were not at hand. Without a Tor list of the day no
// one is asked for a subscriber, unless the unit's policy lets it pass; an IPv6
// address is held to the same, although few exit lists hold any.
func unchecked(f network.Facts, pass bool, say sayer) (out []ruling) {
	if !f.Has(network.KindTor) {
		const missing = "a Tor exit list of the day"
		const sentence = "Whether this was a Tor exit is not known: no exit list within a day of the moment is at hand."
		if pass {
			out = append(out, say(Caution, Ask, missing, sentence))
		} else {
			out = append(out, say(Blocks, Preserve, missing, sentence))
		}
	}
	if !f.Has(network.KindVPN) {
		out = append(out, say(Caution, Ask, "a VPN list of the month", "Whether this was a VPN is not known: no VPN list of the time is at hand."))
	}
	if !f.Has(network.KindHosting) && f.Access == "" {
		out = append(out, say(Caution, Ask, "a list of data centres of the month", "Whether the address lies in a data centre is not known: no list of the time is at hand, and nothing is on file of how the operator's addresses are used."))
	}
	return out
}

const citePlace = "The Kansas farm: a default point in a map of addresses brought police for years (The Guardian, 9 August 2016)"

// registeredPlace is rule R10: operator and country of registration with the
// date of the data, and nothing nearer.
func registeredPlace(o Observation, f network.Facts, p Policy) []ruling {
	if f.Special != "" || o.Endpoint.IsZero() {
		return nil
	}
	say := func(e Effect, most Outcome, missing, format string, args ...any) ruling {
		return ruling{Reason{Rule: "R10", Citation: citePlace, Sentence: fmt.Sprintf(format, args...), Effect: e, Missing: missing}, most}
	}
	if operator(f) == "" {
		if kind, _ := otherParty(f); kind != "" {
			return []ruling{say(Caution, Ask, "the operator of the address", "No data at hand names the operator of the address.")}
		}
		return []ruling{say(Blocks, Preserve, "the operator of the address", "No data at hand names the operator, so there is nobody to ask yet; have %s keep its records.", whoSaw(o))}
	}
	country := "in a country that is not known"
	if f.Country != "" {
		country = "registered in " + f.Country
	}
	out := []ruling{say(For, Ask, "", "The operator was %s, %s%s. Where the address was used within that network is not known and may not be guessed.", operator(f), country, dated(f))}
	if f.CountryDisputed {
		out = append(out, say(Caution, Ask, "a person's decision on the country", "Lists disagree on the country; a person has to decide before a letter goes out."))
	}
	for _, u := range f.Data {
		if gap := u.Gap.Abs(); gap > p.DataAge && u.Says != "" {
			out = append(out, say(Caution, Ask, "", "The list %q is dated %d days from the moment; the address may have had another operator then.", u.Name, int(gap/(24*time.Hour))))
		}
	}
	return out
}

// dated names the list that named the operator: not any list that said something.
func dated(f network.Facts) string {
	for _, u := range f.Data {
		if u.Kind != network.KindASN && u.Kind != network.KindRanges {
			continue
		}
		number := f.ASN != 0 && slices.Contains(strings.Fields(u.Says), fmt.Sprintf("AS%d", f.ASN))
		if number || f.ASN == 0 && f.Operator != "" && strings.Contains(u.Says, f.Operator) {
			return fmt.Sprintf(" (list %q of %s)", u.Name, u.AsOf.UTC().Format("2 January 2006"))
		}
	}
	return ""
}
