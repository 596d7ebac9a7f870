package legal

import (
	"fmt"
	"strings"
	"time"

	"suraag/casework/pack"
	"suraag/fault"
)

// log adds an event and moves the request on. The receiver's own events are not
// touched.
func (r Request) log(state State, by, what, words string, at time.Time) Request {
	r.State = state
	r.Events = append(append([]Event(nil), r.Events...), Event{At: at.UTC().Truncate(time.Second), By: by, What: what, Words: words})
	return r
}

func (r Request) must(is ...State) error {
	for _, s := range is {
		if r.State == s {
			return nil
		}
	}
	return fault.Newf(fault.Conflict, "request %s is %s", r.ID[:12], r.State)
}

// Approve is the second person's word that the request says what its exhibit
// says (rule R4). Shown is the SHA-256 of the quoted bytes as that person had
// them before the eyes, taken from the sealed original anew.
func (r Request) Approve(by, shown string, now time.Time) (Request, error) {
	if err := r.must(Drafted); err != nil {
		return r, err
	}
	if err := r.second(by); err != nil {
		return r, err
	}
	if !r.Intact() {
		return r, fault.Newf(fault.Corrupt, "request %s is not what was drafted: its hash differs", r.ID[:12])
	}
	if shown != r.Draft.Exhibit.SHA256 {
		err := fault.Newf(fault.Conflict, "the exhibit that was compared has the hash %q, the request's has %q (rule R4)", shown, r.Draft.Exhibit.SHA256)
		return r, fault.WithHint(err, "show the request again, compare it with the exhibit, and give the hash that is shown with the exhibit")
	}
	return r.log(Approved, by, "approved", "compared with the exhibit "+shown, now), nil
}

// second holds the four eyes: whoever drafted cannot approve or release.
func (r Request) second(by string) error {
	if strings.TrimSpace(by) == "" || strings.EqualFold(strings.TrimSpace(by), strings.TrimSpace(r.Draft.By)) {
		err := fault.Newf(fault.Denied, "%q drafted request %s and cannot approve it (rule R4)", by, r.ID[:12])
		return fault.WithHint(err, "a second person compares the request with its exhibit and approves it")
	}
	return nil
}

// Refuse is the second person's word that the draft may not go out.
func (r Request) Refuse(by, reason string, now time.Time) (Request, error) {
	if err := r.must(Drafted, Approved); err != nil {
		return r, err
	}
	if err := reasoned(reason); err != nil {
		return r, err
	}
	return r.log(Refused, by, "refused", reason, now), nil
}

func reasoned(reason string) error {
	if len(strings.TrimSpace(reason)) < 3 {
		return fault.WithHint(fault.Newf(fault.Invalid, "no reason is stated"), "say why, in a few words")
	}
	return nil
}

// MarkSent is a person's word that the letter was signed and sent, on which day
// and how. The program sends nothing.
func (r Request) MarkSent(by, how string, on, now time.Time) (Request, error) {
	if err := r.must(Approved); err != nil {
		return r, fault.WithHint(err, "only what a second person approved may be sent")
	}
	if tomorrow(on, now) || on.Before(r.Draft.At.AddDate(0, 0, -1)) {
		return r, fault.Newf(fault.Invalid, "the day of sending, %s, is not between the draft and now", on.UTC().Format("2 January 2006"))
	}
	if err := reasoned(how); err != nil {
		return r, fault.WithHint(fault.Newf(fault.Invalid, "how it was sent is not stated"), "for example: portal, registered post, by hand")
	}
	r = r.log(Sent, by, "sent", how, now)
	r.Events[len(r.Events)-1].On = on.UTC()
	return r, nil
}

// tomorrow tells whether a day has begun nowhere yet. A day is kept as its midnight in
// UTC, and begins up to 14 hours sooner (UTC+14): whoever works at night in India has
// the right day.
func tomorrow(on, now time.Time) bool { return on.After(now.Add(14 * time.Hour)) }

// Renew is a person's word that a preservation was renewed.
func (r Request) Renew(by, how string, on, now time.Time) (Request, error) {
	if r.Draft.Instrument.KeepDays == 0 {
		return r, fault.Newf(fault.Invalid, "request %s asks for no preservation", r.ID[:12])
	}
	if r.sentOn().IsZero() || r.State == Withdrawn {
		return r, fault.Newf(fault.Conflict, "request %s is %s", r.ID[:12], r.State)
	}
	if tomorrow(on, now) || on.Before(r.sentOn()) {
		return r, fault.Newf(fault.Invalid, "the day of renewal, %s, is not between the sending and now", on.UTC().Format("2 January 2006"))
	}
	r = r.log(r.State, by, "renewed", how, now)
	r.Events[len(r.Events)-1].On = on.UTC()
	return r, nil
}

// Answer is a person's word that an answer came which is not compared field by
// field: the acknowledgement of a preservation, word from a central authority.
func (r Request) Answer(by, words string, now time.Time) (Request, error) {
	if err := r.must(Sent); err != nil {
		return r, err
	}
	if r.Draft.Kind == pack.Disclosure {
		err := fault.Newf(fault.Denied, "the answer to request %s has to be compared field by field (rule R5)", r.ID[:12])
		return r, fault.WithHint(err, "hand it in with suraag intake, then suraag request reply")
	}
	if err := reasoned(words); err != nil {
		return r, err
	}
	return r.log(Answered, by, "answered", words, now), nil
}

// Withdraw ends a request whose ground is gone.
func (r Request) Withdraw(by, reason string, now time.Time) (Request, error) {
	if err := reasoned(reason); err != nil {
		return r, err
	}
	if r.State == Withdrawn {
		return r, fault.Newf(fault.Conflict, "request %s is withdrawn already", r.ID[:12])
	}
	return r.log(Withdrawn, by, "withdrawn", reason, now), nil
}

// sentOn is the day on which it was sent, or zero.
func (r Request) sentOn() (t time.Time) {
	for _, e := range r.Events {
		if e.What == "sent" {
			t = e.On
		}
	}
	return t
}

// keptFrom is the day from which the term of preservation counts.
func (r Request) keptFrom() (t time.Time) {
	for _, e := range r.Events {
		if e.What == "sent" || e.What == "renewed" {
			t = e.On
		}
	}
	return t
}

// WasSent tells whether it left the unit, as a person says.
func (r Request) WasSent() bool { return !r.sentOn().IsZero() }

// Sources lists the sources that stand in a request: of its exhibit and its answers.
func (r Request) Sources() []string {
	out := []string{r.Draft.Exhibit.Source}
	for _, p := range r.Replies {
		out = append(out, p.Sources...)
	}
	return out
}

// Sentence says the request in one sentence.
func (r Request) Sentence() string {
	d := r.Draft
	what := d.Question.Endpoint.String()
	switch len(d.Question.Identifiers) {
	case 0:
		if len(d.Question.Links) > 0 {
			what = d.Question.Links[0]
		}
	default:
		if what == "" {
			what = d.Question.Identifiers[0].String()
		}
	}
	if what == "" {
		what = "record " + d.Record[:min(12, len(d.Record))]
	}
	return fmt.Sprintf("%s to %s: %s.", d.Instrument.Title, d.Addressee.Name, what)
}
