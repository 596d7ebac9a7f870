package hashset

import (
	"fmt"
	"strings"
	"time"

	"suraag/digest"
	"suraag/fault"
)

// Held says why a match makes no lead although its list alerts. It is always shown
// beside the match.
type Held struct {
	By    string `json:"by"` // HeldNegative, HeldFlood, HeldDismissed
	Words string `json:"words"`
}

// Why a match is held.
const (
	HeldNegative  = "negative list"
	HeldFlood     = "quarantine"
	HeldDismissed = "dismissed"
)

// Alerts tells whether a match calls for a person: its list says that it does, and
// nothing holds it.
func (m Match) Alerts() bool { return m.Meaning.Alert && m.Held == nil }

// Negative is a digest that must not alert, such as the logo of a company that was
// cut out of a page and got onto a list. It silences a match by this very value, of
// the content or of the entry, and no near one: a picture that only looks like it may
// be another.
type Negative struct {
	Digest  digest.Digest `json:"digest"`
	By      string        `json:"by"`
	Reason  string        `json:"reason"`
	Added   time.Time     `json:"added"`
	Ended   time.Time     `json:"ended,omitzero"`
	EndedBy string        `json:"ended_by,omitempty"`
	EndedOn string        `json:"ended_reason,omitempty"`
}

// Words says who keeps a match from alerting, and why.
func (n Negative) Words() string {
	return fmt.Sprintf("%s %s is on the negative list since %s, by %s: %s", strings.ToUpper(string(n.Digest.Kind())), n.Digest.Hex(), n.Added.UTC().Format(time.DateOnly), n.By, n.Reason)
}

// Reasoned checks that someone says who decides and why.
func Reasoned(what, by, reason string) error {
	if strings.TrimSpace(by) == "" || len(strings.TrimSpace(reason)) < 5 {
		err := fault.Newf(fault.Invalid, "%s by %q because %q: who and why are needed, or nobody can judge it later", what, by, reason)
		return fault.WithHint(err, "give the reason in a few words")
	}
	return nil
}

// Unrelated is how many contents of which no two lie near each other may lie near
// one entry. Edits of one picture gather around it and for the most part around each
// other too: recompressed, resized, grey or captioned copies differ from one another in fewer
// bits than the 31 that make two pictures near. An entry of a nearly blank picture, a gradient or a
// logo gathers hundreds that have nothing to do with one another; to act on it would point at everybody who
// holds such a picture. Thirty is far above the honest and far below the flood; to be quarantined loses
// nothing, because two people can confirm the entry.
const Unrelated = 30

// Flood counts values of which no two are near each other, up to a limit: each in
// turn is counted if it is near none that was counted before.
func Flood(values []digest.Digest, radius, limit int) int {
	var apart []digest.Digest
	for _, v := range values {
		near := false
		for _, a := range apart {
			if n, ok := digest.Hamming(a, v); ok && n <= radius {
				near = true
				break
			}
		}
		if !near {
			if apart = append(apart, v); len(apart) == limit {
				break
			}
		}
	}
	return len(apart)
}

// Quarantine is an entry's value that matched too much. It makes no lead until two
// different people confirm it.
type Quarantine struct {
	Value    digest.Digest `json:"value"`
	List     string        `json:"list"`     // in whose match it was noticed
	Contents int64         `json:"contents"` // that lay near it then
	Apart    int64         `json:"apart"`    // of them no two near each other
	State    string        `json:"state"`
	Held     time.Time     `json:"held"`
	First    Decision      `json:"first,omitzero"`  // who confirms it, or dismissed it
	Second   Decision      `json:"second,omitzero"` // who else confirms it
}

// Decision is what one person said of an entry.
type Decision struct {
	By     string    `json:"by"`
	Reason string    `json:"reason"`
	At     time.Time `json:"at"`
}

// The states of a quarantined entry.
const (
	Waiting   = "held"      // nobody, or one person, has confirmed it
	Confirmed = "confirmed" // by two people: it makes leads like any other
	Dismissed = "dismissed" // it makes none
)

// Words says why the entry makes no lead.
func (q Quarantine) Words() string {
	s := fmt.Sprintf("the entry's PDQ lay near %d contents of the record on %s, at least %d of them not near each other", q.Contents, q.Held.UTC().Format(time.DateOnly), q.Apart)
	switch {
	case q.State == Dismissed:
		return fmt.Sprintf("%s; dismissed by %s: %s", s, q.First.By, q.First.Reason)
	case !q.First.At.IsZero():
		return fmt.Sprintf("%s; confirmed by %s, a second person is needed", s, q.First.By)
	}
	return s + "; two people have to confirm it"
}

// Confirm takes one person's word that the entry is right. The second has to be
// another person than the first.
func (q Quarantine) Confirm(d Decision) (Quarantine, error) {
	if err := Reasoned("confirmation of "+q.Value.String(), d.By, d.Reason); err != nil {
		return q, err
	}
	switch {
	case q.State == Confirmed:
		return q, fault.Newf(fault.Conflict, "entry %s was confirmed before, by %s and %s", q.Value, q.First.By, q.Second.By)
	case q.State == Dismissed:
		q.First, q.State = Decision{}, Waiting // taken up anew
	case samePerson(q.First.By, d.By):
		err := fault.Newf(fault.Denied, "entry %s was confirmed by %q already; a second person has to", q.Value, q.First.By)
		return q, fault.WithHint(err, "have somebody else look at it and confirm it in their own name")
	}
	if q.First.At.IsZero() {
		q.First = d
		return q, nil
	}
	q.Second, q.State = d, Confirmed
	return q, nil
}

// Dismiss takes one person's word that the entry says nothing. It makes no leads,
// as before.
func (q Quarantine) Dismiss(d Decision) (Quarantine, error) {
	if err := Reasoned("dismissal of "+q.Value.String(), d.By, d.Reason); err != nil {
		return q, err
	}
	if q.State == Dismissed {
		return q, fault.Newf(fault.Conflict, "entry %s was dismissed before, by %s", q.Value, q.First.By)
	}
	q.First, q.Second, q.State = d, Decision{}, Dismissed
	return q, nil
}

func samePerson(a, b string) bool {
	return strings.EqualFold(strings.Join(strings.Fields(a), " "), strings.Join(strings.Fields(b), " "))
}
