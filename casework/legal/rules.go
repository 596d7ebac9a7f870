package legal

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"suraag/attribution"
	"suraag/casework/pack"
	"suraag/fault"
	"suraag/instant"
	"suraag/sighting"
)

// The citations of the rules that this room holds itself; the gate's own stand
// with its reasons.
const (
	citeRetyping  = "IOCCO, recommendations of July 2015 (no. 1): no retyping of addresses and times"
	citeTime      = "IPCO annual reports 2018 and 2019 (error 6); RFC 6302 §2"
	citeTwice     = "IOCCO, recommendations of July 2015 (no. 2); IPCO annual report 2017 §14.42"
	citeExhibit   = "IOCCO, recommendations of July 2015 (no. 3); IPCO annual report 2017 §14.49"
	citeReply     = "IOCCO, recommendations of July 2015 (no. 4)"
	citeApart     = "IPCO annual report 2019 (error 8: the billing address was entered, the occupant arrested)"
	citeHousehold = "IOCCO, recommendations of July 2015 (no. 5)"
	citeElsewhere = "IOCCO 2016 (away from the assumption that resolving an address is always correct)"
	citeErrors    = "IOCCO 2016; IPCO annual reports 2017 to 2019 (errors are told to everyone concerned)"
	citeChosen    = "Protocol identifiers are chosen by the client itself"
	citePacks     = "a law or a door that nobody checked lately is no basis for a demand"
)

// rules are asked one by one; each can only add a refusal.
var rules = []func(Input, time.Time) []Refusal{
	reviewed, instrumentFits, officeFits, noRetyping, oneTime, secondObservation, exhibitAttached, noQuarantine, particularsApart,
	gate, wording, elsewhereStated, uncorrected, namedByTheService, notTwice,
}

// Refusals gives every rule that forbids the draft.
func Refusals(in Input, now time.Time) []Refusal {
	var out []Refusal
	for _, rule := range rules {
		for _, r := range rule(in, now) {
			if !slices.Contains(out, r) {
				out = append(out, r)
			}
		}
	}
	return out
}

func refuse(rule, citation, missing, format string, args ...any) []Refusal {
	return []Refusal{{Rule: rule, Sentence: fmt.Sprintf(format, args...), Citation: citation, Missing: missing}}
}

// reviewed: an expired or unreviewed pack produces no letter.
func reviewed(in Input, now time.Time) (out []Refusal) {
	for _, p := range []struct {
		pack   pack.Pack
		review *pack.Review
	}{{in.Pack, in.Review}, {in.Directory, in.DirReview}} {
		if why := p.pack.Refuse(p.review, now); why != "" {
			out = append(out, refuse("pack", citePacks, "a review by this unit: suraag pack review "+p.pack.ID, "No letter can be made: %s.", why)...)
		}
	}
	i := in.Instrument
	if now.Before(i.InForce.Time) {
		out = append(out, refuse("instrument", i.Source, "", "%q is not in force before %s.", i.ID, i.InForce)...)
	}
	if !i.Expires.IsZero() && !now.Before(i.Expires.AddDate(0, 0, 1)) {
		out = append(out, refuse("instrument", i.Source, "", "%q expired on %s.", i.ID, i.Expires)...)
	}
	return out
}

// instrumentFits: the instrument may go to this addressee, about this.
func instrumentFits(in Input, _ time.Time) []Refusal {
	i := in.Instrument
	if why := i.Reaches(in.Addressee); why != "" {
		return refuse("instrument", i.Source, "", "%q cannot be sent to %s: %s.", i.ID, in.Addressee.Name, why)
	}
	switch i.About {
	case pack.Connection:
		if i.Kind != pack.Search && !runs(in) {
			return refuse("R9", citeElsewhere, "", "%s does not run the address %s; the record has it with %s.", in.Addressee.Name, in.Lead.Finding.Observation.Endpoint, whom(in))
		}
	case pack.Account, pack.Link:
		if got, is := in.Directory.Platform(in.Record.Service); !is || got.ID != in.Addressee.ID {
			return refuse("instrument", i.Source, "", "%s does not run the service %q of the record.", in.Addressee.Name, in.Record.Service)
		}
	}
	if i.About == pack.Link && len(links(in.Record)) == 0 {
		return refuse("R1", citeRetyping, "a link in the record", "The record states no link to the material, and none may be typed.")
	}
	return nil
}

func runs(in Input) bool {
	got, is := in.Directory.Operator(in.Lead.Finding.Facts)
	return is && got.ID == in.Addressee.ID
}

func whom(in Input) string {
	if a := in.Lead.Finding.Addressee; a != "" {
		return a
	}
	return "nobody that may be asked"
}

// officeFits: who asks says who it is, and may use the instrument.
func officeFits(in Input, _ time.Time) (out []Refusal) {
	o := in.Office
	for name, words := range map[string]string{"unit": o.Unit, "officer": o.Officer, "case": o.Case, "offence": o.Offence, "drafter": in.By} {
		if len(strings.TrimSpace(words)) < 2 {
			out = append(out, refuse("office", "BNSS 2023, section 94; providers return what does not say who asks, and for which case", "", "The %s is not stated.", name)...)
		}
	}
	slices.SortFunc(out, func(a, b Refusal) int { return strings.Compare(a.Sentence, b.Sentence) })
	if !slices.Contains(in.Instrument.Issuers, o.Jurisdiction) {
		out = append(out, refuse("instrument", in.Instrument.Source, "an instrument of the unit's own law, or mutual legal assistance",
			"Only an authority of %s may issue %q; this office is in %q.", strings.Join(in.Instrument.Issuers, ", "), in.Instrument.ID, o.Jurisdiction)...)
	}
	return out
}

// noRetyping is rule R1. Address, port and time come from the record, and the
// record still is what the lead was weighed on.
func noRetyping(in Input, _ time.Time) []Refusal {
	o, s := in.Lead.Finding.Observation, in.Record
	if s.ID != o.SightingID || s.From != o.Endpoint || s.At != o.At || !sameMoment(s.When, o.When) || s.Source != o.Source || s.Place != o.Place {
		return refuse("R1", citeRetyping, "the lead weighed again", "The record no longer says what the lead says, so nothing is copied from either.")
	}
	for _, words := range []string{in.Office.Unit, in.Office.Officer, in.Office.Rank, in.Office.Case, in.Office.Offence} {
		if typed := pack.Typed(words); typed != "" {
			return refuse("R1", citeRetyping, "", "%q was typed and looks like an address or a time of day; these come from the record alone.", typed)
		}
	}
	return nil
}

func sameMoment(a, b instant.Instant) bool {
	return a.At.Equal(b.At) && a.Until.Equal(b.Until) && a.Raw == b.Raw && a.Basis == b.Basis
}

// oneTime is the half of rule R2 that the gate does not hold: the zone of the
// addressee's logs is known, so that its time can stand beside UTC.
func oneTime(in Input, _ time.Time) []Refusal {
	if _, err := zone(in.Addressee.Zone); err != nil {
		return refuse("R2", citeTime, "the zone of the addressee's logs, in the directory", "The zone of the logs of %s is not known (%q), so its own time cannot stand beside UTC.", in.Addressee.Name, in.Addressee.Zone)
	}
	if f := in.Lead.Finding; in.Instrument.About == pack.Connection && attribution.LogZone(f.Facts) != nil && in.Instrument.Kind != pack.Search {
		if offset(attribution.LogZone(f.Facts), f.Observation.When.At) != offsetOf(in.Addressee.Zone, f.Observation.When.At) {
			return refuse("R2", citeTime, "one zone, decided by a person", "The address data has the logs of %s in %s, the directory in %s.", in.Addressee.Name, f.Facts.LogZone, in.Addressee.Zone)
		}
	}
	if in.Instrument.About != pack.Exhibit && in.Instrument.About != pack.Link && in.Lead.Finding.Window.From.IsZero() {
		return gateReasons(in, "R2")
	}
	return nil
}

// minApart is how far two observations lie apart at least to be independent
// (rule R3: different days or leases).
const minApart = 24 * time.Hour

// sitePrefix is the most that one end site is given of IPv6 (RIPE-690: a /48
// or a /56 each). The addresses inside change by themselves (RFC 8981), so two of
// them may be one lease.
const sitePrefix = 48

// oneLine tells whether two addresses may be of one lease. The port is another with
// every connection, so it tells nothing.
func oneLine(a, b sighting.Endpoint) bool {
	x, y := a.IP.Unmap(), b.IP.Unmap()
	if x.Is6() && y.Is6() {
		return netip.PrefixFrom(x, sitePrefix).Contains(y)
	}
	return x == y
}

// secondObservation is rule R3: what corroborates is another observation, on
// another day, of the same identifiers, from a person's own view independent.
func secondObservation(in Input, _ time.Time) []Refusal {
	if in.Follows == nil {
		return nil
	}
	first, o := in.Follows.Draft, in.Lead.Finding.Observation
	apart := o.When.At.Sub(first.Question.When.At).Abs()
	switch {
	case in.Record.ID == first.Record:
		return refuse("R3", citeTwice, "another observation", "This is the observation of the first request itself; it cannot corroborate itself.")
	case apart < minApart && oneLine(o.Endpoint, first.Question.Endpoint):
		return refuse("R3", citeTwice, "an observation on another day or lease", "The second observation is of the same address within a day of the first; it may be the same lease, and is not independent.")
	case !slices.ContainsFunc(o.Who, func(i sighting.Identifier) bool { return i.Links() && slices.Contains(first.Question.Identifiers, i) }):
		return refuse("R3", citeTwice, "an observation of the same identifiers", "The second observation shares no identifier with the first, so it corroborates nothing.")
	}
	return nil
}

// exhibitAttached is rule R4.
func exhibitAttached(in Input, _ time.Time) []Refusal {
	e := in.Exhibit
	say := func(format string, args ...any) []Refusal {
		return refuse("R4", citeExhibit, "the quoted bytes of the source", format, args...)
	}
	switch {
	case len(e.Text) == 0:
		return say("The source exhibit is empty: nobody could compare the request with it.")
	case hexOf(e.Text) != e.SHA256:
		return say("The quoted bytes do not have the hash that is stated for them.")
	case e.Source != in.Record.Source || e.Place != in.Record.Place:
		return say("The exhibit quotes another place than the record's.")
	}
	return nil
}

// noQuarantine is rule R5: what an answer in quarantine says carries nothing.
func noQuarantine(in Input, _ time.Time) []Refusal {
	if in.Quarantine[in.Record.ID] {
		return refuse("R5", citeReply, "the service's corrected return", "The record stands in a return that differs from what was asked, and is in quarantine.")
	}
	if r := in.Lead.Finding.Resolution; r != nil {
		for _, st := range r.Steps {
			if st.LeaseID != "" && in.Quarantine[st.LeaseID] {
				return refuse("R5", citeReply, "the operator's corrected answer", "The lead rests on a row of an answer that differs from what was asked, and is in quarantine.")
			}
		}
	}
	if in.Follows != nil && in.Follows.State == Quarantine {
		return refuse("R5", citeReply, "the operator's corrected answer", "The answer to the first request is in quarantine; there is nothing to corroborate yet.")
	}
	return nil
}

// particularsApart is rule R6, also for a pack that was not read by Parse.
func particularsApart(in Input, _ time.Time) []Refusal {
	i := in.Instrument
	if i.Kind != pack.Disclosure || i.About != pack.Connection {
		return nil
	}
	for _, need := range []string{"installation address", "billing address"} {
		if !slices.Contains(i.Particulars, need) {
			return refuse("R6", citeApart, "", "The %s is not asked for by itself.", need)
		}
	}
	return nil
}

// gate passes on what the gate says (rules R2, R7, R8, R9, R11 and others):
// only an outcome that allows it leads to a disclosure.
func gate(in Input, _ time.Time) []Refusal {
	f, i := in.Lead.Finding, in.Instrument
	if i.Kind == pack.Certificate {
		return nil
	}
	if f.Outcome == attribution.Unusable {
		return gateReasons(in, "")
	}
	if i.About != pack.Connection || i.Kind == pack.Preservation {
		return nil
	}
	switch f.Outcome {
	case attribution.Ask:
		return nil
	case attribution.AskOther:
		// A Tor exit's operator knows nothing; there the service is asked, by an
		// instrument about the account.
		if f.Addressee != "" && f.AddresseeKind != "service" && runs(in) {
			return nil
		}
	}
	return gateReasons(in, "")
}

// gateReasons gives the gate's reasons that block, of one rule or of all.
func gateReasons(in Input, rule string) (out []Refusal) {
	f := in.Lead.Finding
	for _, r := range f.Reasons {
		if r.Effect == attribution.Blocks && (rule == "" || r.Rule == rule) {
			out = append(out, Refusal{Rule: r.Rule, Sentence: r.Sentence, Citation: r.Citation, Missing: r.Missing})
		}
	}
	if len(out) == 0 {
		sentence := f.Decisive
		if sentence == "" {
			sentence = f.Sentence
		}
		return refuse("R9", citeElsewhere, "", "%s", sentence)
	}
	return out
}

// wording is rule R12: a letter speaks of the subscriber of the connection.
func wording(in Input, _ time.Time) []Refusal {
	words := []string{in.Office.Unit, in.Office.Officer, in.Office.Rank, in.Office.Case, in.Office.Offence}
	for _, s := range in.Instrument.Sections {
		words = append(words, s.Heading, s.Text)
	}
	words = append(words, in.Instrument.Particulars...)
	for _, w := range words {
		if found := pack.Accusing(w); found != "" {
			return refuse("R12", citeHousehold, "", "The word %q makes a person out of a connection; say \"the subscriber of the connection\".", found)
		}
	}
	return nil
}

// elsewhereStated is rule R13.
func elsewhereStated(in Input, _ time.Time) []Refusal {
	if in.Instrument.Kind != pack.Certificate && len(in.Lead.Finding.Counter) == 0 {
		return refuse("R13", citeElsewhere, "the lead weighed again", "The lead does not say what points elsewhere.")
	}
	return nil
}

// uncorrected is rule R14: what was corrected carries no new demand.
func uncorrected(in Input, _ time.Time) []Refusal {
	if len(in.Corrected) > 0 {
		c := in.Corrected[0]
		return refuse("R14", citeErrors, "", "What this rests on was corrected on %s: %s", pack.Day{Time: c.At}, c.Reason)
	}
	return nil
}

// namedByTheService is rule R15: an account is named by what its service gave
// it, never by what a client says of itself.
func namedByTheService(in Input, _ time.Time) []Refusal {
	if in.Instrument.About != pack.Account {
		return nil
	}
	if len(named(in)) > 0 {
		return nil
	}
	for _, i := range in.Record.Who {
		if i.Kind == sighting.Peer {
			return refuse("R15", citeChosen, "an identifier that the service gave", "A peer id is chosen by the client and can be copied; it names no account.")
		}
	}
	return refuse("R15", citeChosen, "an identifier by which "+in.Addressee.Name+" finds accounts", "%s finds an account by %s; the record states none of these.", in.Addressee.Name, kindsInWords(in.Addressee.IdentifyBy))
}

func kindsInWords(kinds []sighting.IDKind) string {
	words := map[sighting.IDKind]string{sighting.Account: "account number", sighting.Handle: "handle", sighting.Email: "e-mail address", sighting.Phone: "telephone number"}
	var out []string
	for _, k := range kinds {
		w := words[k]
		if w == "" {
			w = string(k)
		}
		out = append(out, w)
	}
	return strings.Join(out, ", ")
}

// named gives the identifiers of the record by which the addressee finds an
// account: the number before the handle, because handles change hands.
func named(in Input) (out []sighting.Identifier) {
	for _, kind := range append([]sighting.IDKind{sighting.Account}, in.Addressee.IdentifyBy...) {
		for _, i := range in.Record.Who {
			if i.Kind != kind || slices.Contains(out, i) || !slices.Contains(in.Addressee.IdentifyBy, kind) {
				continue
			}
			if i.Service != "" && !slices.ContainsFunc(in.Addressee.Services, func(s string) bool { return sighting.ServiceKey(s) == i.Service }) {
				continue
			}
			out = append(out, i)
		}
	}
	return out
}

// notTwice: the same demand is not sent while the first is under way.
func notTwice(in Input, _ time.Time) []Refusal {
	for _, r := range in.Open {
		d := r.Draft
		if r.State == Refused || r.State == Withdrawn || d.Record != in.Record.ID || d.Instrument.ID != in.Instrument.ID || d.Addressee.ID != in.Addressee.ID {
			continue
		}
		return refuse("instrument", "one demand at a time", "", "Request %s asks the same already; it is %s.", r.ID[:12], r.State)
	}
	return nil
}

func links(s sighting.Sighting) (out []string) {
	for _, i := range s.Via {
		if i.Kind == sighting.URL {
			out = append(out, i.Value)
		}
	}
	return out
}

// zone reads a zone as packs and records write it: an IANA name, "IST", or an
// offset like "+05:30".
func zone(name string) (*time.Location, error) {
	switch name {
	case "":
		return nil, fault.Newf(fault.Invalid, "no zone is stated")
	case "Asia/Kolkata", "IST":
		return instant.IST(), nil
	}
	if t, err := time.Parse("-07:00", name); err == nil {
		_, seconds := t.Zone()
		return time.FixedZone(name, seconds), nil
	}
	z, err := time.LoadLocation(name)
	return z, fault.As(fault.Invalid, err)
}

func offsetOf(name string, at time.Time) int {
	z, err := zone(name)
	if err != nil {
		return -1 << 31
	}
	return offset(z, at)
}

func offset(z *time.Location, at time.Time) int {
	_, seconds := at.In(z).Zone()
	return seconds
}
