package network

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"suraag/fault"
)

// holder asks the lists of one kind who holds the address. The kinds come in the
// order of their weight, so what an earlier one filled stays; every list's claim
// of a country is remembered.
func (q *query) holder(kind DataKind) error {
	for _, d := range q.choose(kind) {
		r, found, err := q.ask(d, q.facts.Addr)
		if err != nil {
			return err
		}
		q.used(d, says(r, found))
		if found {
			q.take(d, r)
		}
	}
	return nil
}

func (q *query) take(d DataSet, r Range) {
	f := &q.facts
	switch {
	case f.ASN == 0 && f.Operator == "":
		f.ASN, f.Operator = r.ASN, r.Operator
	case r.ASN != 0 && r.ASN == f.ASN && f.Operator == "":
		f.Operator = r.Operator
	case r.ASN != 0 && r.ASN != f.ASN:
		// The number of one list is never put beside the name of another: the
		// profile, and so the addressee, goes by the number.
		q.note("Lists disagree on the operator: %s is used, but %q says %s.", holderWords(f.ASN, f.Operator), d.Name, holderWords(r.ASN, r.Operator))
	}
	if r.Country != "" {
		q.claims = append(q.claims, claim{d.Name, r.Country})
	}
	word := strings.ToLower(r.Label)
	// That an address is our own sensor's outweighs every other use.
	if d.Kind == KindRanges && slices.Contains(Accesses(), word) && (f.Access == "" || word == AccessOwnSensor) {
		f.Access = word
	}
}

func holderWords(asn uint32, operator string) string {
	if asn == 0 {
		return fmt.Sprintf("%q", operator)
	}
	return strings.TrimSpace(fmt.Sprintf("AS%d %s", asn, operator))
}

// says puts a row into words.
func says(r Range, found bool) string {
	if !found {
		return ""
	}
	var parts []string
	if r.ASN != 0 {
		parts = append(parts, fmt.Sprintf("AS%d", r.ASN))
	}
	for _, part := range []string{r.Operator, r.Country, r.Registry, r.Label} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	if len(parts) == 0 {
		return "listed"
	}
	return strings.Join(parts, " ")
}

// tor asks every exit list, because each sighting has a time of its own.
func (q *query) tor() error {
	var from, until time.Time
	if !q.when.IsZero() {
		from, until = q.when.At.Add(-TorMargin), q.when.Until.Add(TorMargin)
	}
	for _, d := range q.sets {
		if d.Kind != KindTor {
			continue
		}
		taken, err := q.lookup.Find(q.ctx, d.ID, CoverageKey(), from, until)
		if err != nil {
			return fault.Wrapf(err, "exit list %q", d.Name)
		}
		rows, err := q.lookup.Find(q.ctx, d.ID, q.facts.Addr, from, until)
		if err != nil {
			return fault.Wrapf(err, "exit list %q", d.Name)
		}
		if len(taken) == 0 && len(rows) == 0 {
			continue
		}
		q.check(KindTor)
		q.exit(d, rows)
	}
	return nil
}

// exit flags the sighting of an exit that lies nearest to the moment.
func (q *query) exit(d DataSet, rows []Range) {
	if len(rows) == 0 {
		q.used(d, "")
		return
	}
	nearest := slices.MinFunc(rows, func(a, b Range) int { return cmp.Compare(q.distance(a), q.distance(b)) })
	q.used(d, says(nearest, true))
	q.facts.Anonymiser = append(q.facts.Anonymiser, q.flag(d, nearest))
	q.note("%s was a Tor exit, measured %s.", q.facts.Addr, nearest.From.UTC().Format("2 January 2006 15:04:05 MST"))
}

func (q *query) distance(r Range) time.Duration {
	switch {
	case q.when.IsZero():
		return 0
	case q.when.Until.Before(r.From):
		return r.From.Sub(q.when.Until)
	case r.Until.Before(q.when.At):
		return q.when.At.Sub(r.Until)
	}
	return 0
}

func (q *query) flag(d DataSet, r Range) Flag {
	return Flag{Kind: d.Kind, Label: r.Label, DataSet: d.ID, Name: d.Name, AsOf: d.AsOf, Gap: q.gap(d), From: r.From, Until: r.Until}
}

func (q *query) check(kind DataKind) {
	if !q.facts.Has(kind) {
		q.facts.Checked = append(q.facts.Checked, kind)
	}
}

func (q *query) vpn() error     { return q.listed(KindVPN) }
func (q *query) hosting() error { return q.listed(KindHosting) }

// listed asks lists of a kind whether they hold the address: of each list also the
// next issue after the moment. What came onto it within a month may have been so
// before, and an issue of years ago knows nothing of it.
func (q *query) listed(kind DataKind) error {
	for _, d := range append(q.choose(kind), q.next(kind)...) {
		r, found, err := q.ask(d, q.facts.Addr)
		if err != nil {
			return err
		}
		if q.gap(d).Abs() <= listMargin {
			q.check(kind)
		}
		q.used(d, says(r, found))
		if found {
			q.facts.Anonymiser = append(q.facts.Anonymiser, q.flag(d, r))
		}
	}
	return nil
}

// profile takes the operator's profile by its number, else the country's default.
func (q *query) profile() error {
	sets := q.choose(KindOperators)
	found, err := q.profileOf(sets, q.facts.ASN, "")
	if found || err != nil {
		return err
	}
	country := ""
	if len(q.claims) > 0 {
		country = q.claims[0].country
	}
	found, err = q.profileOf(sets, 0, country)
	if found {
		q.note("Nothing is on file for this operator; the default of %s is used.", country)
	}
	return err
}

func (q *query) profileOf(sets []DataSet, asn uint32, country string) (bool, error) {
	if asn == 0 && country == "" {
		return false, nil
	}
	for _, d := range sets {
		r, found, err := q.ask(d, ProfileKey(asn, country))
		if err != nil {
			return false, err
		}
		if !found {
			continue
		}
		p, err := ReadProfile(r)
		if err != nil {
			return false, err
		}
		q.apply(p)
		q.used(d, p.words())
		return true, nil
	}
	return false, nil
}

func (q *query) apply(p Profile) {
	f := &q.facts
	if p.ASN != 0 { // a country's default names no operator
		f.LegalEntity = p.LegalEntity
		if f.Operator == "" {
			f.Operator = p.Operator
		}
		if p.Country != "" {
			q.claims = append(q.claims, claim{"profile of AS" + fmt.Sprint(p.ASN), p.Country})
		}
	}
	if f.Access == "" {
		f.Access = p.Access
	}
	f.CGNAT = p.CGNAT
	f.RetentionDays, f.RetentionSource, f.RetentionDate = p.RetentionDays, p.RetentionSource, p.RetentionDate
	f.LogZone, f.ClockError = p.LogZone, p.ClockError
}

// words puts a profile into words.
func (p Profile) words() string {
	parts := []string{}
	for _, part := range []string{p.Operator, p.LegalEntity, p.Country, p.Access} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	if p.RetentionDays > 0 {
		parts = append(parts, fmt.Sprintf("keeps records %d days", p.RetentionDays))
	}
	return strings.Join(parts, ", ")
}

// judgeCountry takes the first claim and says where others differ. Country of
// registration is not country of use, and a demand goes by it, so two claims are
// a matter for a person.
func (q *query) judgeCountry() {
	for n, c := range q.claims {
		if n == 0 {
			q.facts.Country = c.country
			continue
		}
		if c.country != q.facts.Country {
			q.facts.CountryDisputed = true
			q.note("Lists disagree on the country: %q says %s, %q says %s. A person has to decide.", q.claims[0].set, q.claims[0].country, c.set, c.country)
		}
	}
}

// judgeMissing says what could not be asked, so that silence is not taken for "no".
func (q *query) judgeMissing() {
	if q.facts.ASN == 0 && q.facts.Operator == "" {
		q.note("No data at hand names the operator of this address.")
	}
	if !q.facts.Has(KindTor) {
		q.note("No Tor exit list within a day of the moment is at hand: whether this was a Tor exit is not known.")
	}
	if !q.facts.Has(KindVPN) {
		q.note("No VPN list within %d days of the moment is at hand.", int(listMargin/(24*time.Hour)))
	}
}
