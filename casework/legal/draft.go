package legal

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"suraag/attribution"
	"suraag/casework"
	"suraag/casework/pack"
	"suraag/digest"
)

// Make drafts a request, or gives every rule that forbids it.
func Make(in Input, now time.Time) (Request, []Refusal, error) {
	if in.Instrument.Kind == pack.Search {
		if refusals := searchRefusals(in); len(refusals) > 0 {
			return Request{}, refusals, nil
		}
	}
	if refusals := Refusals(in, now); len(refusals) > 0 {
		return Request{}, refusals, nil
	}
	hash, err := RecordHash(in.Record)
	if err != nil {
		return Request{}, nil, err
	}
	f := in.Lead.Finding
	d := Draft{
		Kind: in.Instrument.Kind, Lead: in.Lead.ID, Record: in.Record.ID, RecordHash: hash, Question: question(in), Exhibit: in.Exhibit,
		Addressee: in.Addressee, Instrument: in.Instrument, Packs: used(in), Office: in.Office, Particulars: in.Instrument.Particulars,
		Facts: f.Facts, Elsewhere: f.Counter, Cautions: cautions(in), Check: toCheck(in), Resolved: in.Resolved, Checklist: in.Checklist,
		LogsEnd: f.Expires, LogsSource: f.ExpiresSource, Report: in.Report, ReportedAt: in.ReportedAt, By: in.By, At: now.UTC().Truncate(time.Second),
	}
	if in.Follows != nil {
		d.Follows = in.Follows.ID
	}
	if in.Instrument.About != pack.Connection {
		d.LogsEnd, d.LogsSource = time.Time{}, "" // they are the access operator's, not the addressee's
	}
	if d.Kind == pack.Disclosure && d.Question.About == pack.Connection && d.Question.Endpoint.IP.Is6() {
		d.Particulars = append(slices.Clone(d.Particulars), "the delegated prefix and its length")
	}
	r, err := seal(d)
	return r, nil, err
}

// question takes what is asked about from the record (rule R1).
func question(in Input) Question {
	f := in.Lead.Finding
	o := f.Observation
	q := Question{About: in.Instrument.About, When: o.When, Zone: in.Addressee.Zone, Service: in.Record.Service}
	switch q.About {
	case pack.Connection:
		q.Endpoint, q.Far, q.Window, q.Identifiers = o.Endpoint, o.At, f.Window, o.Who
	case pack.Account:
		q.Identifiers = named(in)
		q.Window = attribution.Window{From: o.When.At.AddDate(0, 0, -in.Instrument.PeriodDays), Until: o.When.Until.AddDate(0, 0, in.Instrument.PeriodDays)}
	case pack.Link:
		q.Links = links(in.Record)
	}
	return q
}

func used(in Input) (out []Used) {
	for n, p := range []pack.Pack{in.Pack, in.Directory} {
		r := in.Review
		if n == 1 {
			r = in.DirReview
		}
		u := Used{Pack: p.ID, SHA256: p.SHA256, ReviewedBy: r.By, ReviewedAt: r.At}
		if !slices.Contains(out, u) {
			out = append(out, u)
		}
	}
	return out
}

// cautions are what the second reader has to weigh; none holds the draft up.
func cautions(in Input) (out []string) {
	f := in.Lead.Finding
	if in.Instrument.Kind == pack.Disclosure && in.Follows == nil {
		out = append(out, "R3: uncorroborated. This is one observation; nothing may be concluded before a second, independent one leads to the same subscriber.")
	}
	if words := onlyLike(in.Lead); words != "" {
		out = append(out, words)
	}
	if in.Instrument.Kind == pack.Search && len(in.Resolved) > 1 && plainWords(in.Resolved[0].Installation) != plainWords(in.Resolved[1].Installation) {
		out = append(out, fmt.Sprintf("R6: the answers write the installation address differently: %q and %q. The operator has to say at which of them the line was at each moment, and is now.", in.Resolved[0].Installation, in.Resolved[1].Installation))
	}
	for _, r := range f.Reasons {
		if r.Effect == attribution.Caution || r.Effect == attribution.Blocks {
			out = append(out, r.Rule+": "+r.Sentence)
		}
	}
	if in.Exhibit.Cut {
		out = append(out, "R4: the quoted statement goes on; compare with the whole original.")
	}
	if ip := f.Observation.Endpoint.IP; in.Instrument.About == pack.Connection && ip.IsValid() && !bytes.Contains(in.Exhibit.Text, []byte(ip.String())) {
		out = append(out, "R4: the quoted bytes do not hold the address in plain letters; compare with the whole original.")
	}
	return out
}

// onlyLike warns where no list is known to hold the very file: it only looks like a
// listed one, or agrees in a digest of which two files with one value can be made.
func onlyLike(l casework.Lead) string {
	near, weak := "", ""
	for _, m := range l.Listed {
		switch {
		case !m.Alerts():
		case !m.By.Exact():
			near = fmt.Sprintf("R4: no list holds this very file. It only looks like an entry of %q; somebody has to have looked at both before this goes out.", m.SetName)
		case slices.Contains([]digest.Kind{digest.SHA1, digest.MD5, digest.ED2K, digest.BTIH}, m.By):
			weak = fmt.Sprintf("R4: the list %q has the same %s, and no list at hand agrees in a stronger digest. Two files with one %s can be made on purpose.", m.SetName, strings.ToUpper(string(m.By)), strings.ToUpper(string(m.By)))
		default:
			return ""
		}
	}
	return cmp.Or(weak, near)
}

// plainWords are the letters and digits of an address.
func plainWords(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}

// toCheck lists the facts that nobody has verified, for counsel.
func toCheck(in Input) (out []string) {
	for _, s := range []struct {
		what string
		pack.Stated
	}{{in.Instrument.ID, in.Instrument.Stated}, {in.Addressee.ID, in.Addressee.Stated}} {
		if s.Verified == pack.Known {
			out = append(out, fmt.Sprintf("%s: the source was not read when this was drawn up: %s", s.what, s.Source))
		}
		for _, u := range s.Unverified {
			out = append(out, s.what+": "+u)
		}
	}
	return out
}

// fill puts the words of the request into a section's text.
func (d Draft) fill(text string) string {
	signer := strings.TrimSpace(strings.Trim(d.Office.Officer+", "+d.Office.Rank, ", "))
	return strings.NewReplacer(
		"{addressee}", d.Addressee.Name, "{unit}", d.Office.Unit, "{signer}", signer, "{case}", d.Office.Case, "{offence}", d.Office.Offence,
		"{legal_basis}", d.Instrument.LegalBasis, "{reply_days}", fmt.Sprint(d.Instrument.ReplyDays), "{keep_days}", fmt.Sprint(d.keepDays()),
		"{secrecy}", d.Instrument.Secrecy, "{emergency}", d.Instrument.Emergency,
	).Replace(text)
}

// keepDays is for how long the addressee preserves: what the instrument asks, and
// no longer than the addressee's own practice.
func (d Draft) keepDays() int {
	if a := d.Addressee.KeepDays; a > 0 && a < d.Instrument.KeepDays {
		return a
	}
	return d.Instrument.KeepDays
}
