package complaint

import (
	"slices"
	"strings"
	"time"

	"suraag/fault"
)

// Entry is a complaint with what became of it.
type Entry struct {
	Source string  `json:"source"` // the sealed document, SHA-256 hex; it is the complaint's ID
	Form   Form    `json:"form"`   // without the story
	Stages []Stage `json:"stages"`
}

// Stage is a step that a complaint reached. A stage that was recorded by mistake
// is taken back by another that names it, never removed.
type Stage struct {
	Seq       int64     `json:"seq"`
	Name      string    `json:"name"`
	At        time.Time `json:"at"`                   // when it happened
	By        string    `json:"by"`                   // who recorded it
	Recorded  time.Time `json:"recorded"`             // when it was recorded
	Persons   int       `json:"persons,omitempty"`    // to whom it happened, where persons are counted
	Words     string    `json:"words,omitempty"`      // number of the FIR, reason of a closure …
	Reason    string    `json:"reason,omitempty"`     // of a closure: a code
	TakesBack int64     `json:"takes_back,omitempty"` // the stage that this one takes back
}

// The stages, in the order in which cases usually go. The legal loop (demand,
// reply, identified) repeats.
const (
	Registered  = "registered"   // an FIR was registered
	Demanded    = "demanded"     // a demand went to an operator or platform
	Replied     = "replied"      // its answer came
	Identified  = "identified"   // the one accused is known
	Rescued     = "rescued"      // a child was brought to safety
	Arrested    = "arrested"     // persons were arrested
	ChargeSheet = "charge sheet" // persons were charge-sheeted
	Convicted   = "convicted"
	Discharged  = "discharged"
	Acquitted   = "acquitted"
	Closed      = "closed" // without a charge sheet; a reason is mandatory
	TakenBack   = "taken back"
)

// StageNames lists the stages that a person may record.
func StageNames() []string {
	return []string{Registered, Demanded, Replied, Identified, Rescued, Arrested, ChargeSheet, Convicted, Discharged, Acquitted, Closed}
}

// Counts tells whether a stage counts persons.
func Counts(name string) bool {
	return slices.Contains([]string{Rescued, Arrested, ChargeSheet, Convicted, Discharged, Acquitted}, name)
}

// needs names the stage without which another cannot be (BNSS 2023: charge sheet
// after registration, sections 173 and 193; judgement after a charge sheet).
var needs = map[string]string{
	ChargeSheet: Registered, Arrested: Registered, Convicted: ChargeSheet, Discharged: ChargeSheet, Acquitted: ChargeSheet,
}

// Closures are the reasons for which a complaint may be closed without a charge
// sheet.
func Closures() []Row {
	from := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	return []Row{
		{Code: "no-offence", Label: "What happened is no offence", From: from},
		{Code: "not-found", Label: "Everything lawful was asked, and the one accused could not be found", From: from},
		{Code: "withdrawn", Label: "The complainant withdrew it; say why, and that no pressure was found", From: from},
		{Code: "transferred", Label: "Handed to another station or agency; say which", From: from},
		{Code: "duplicate", Label: "Already registered under another number; say which", From: from},
		{Code: "false", Label: "Found to be false; say on what ground", From: from},
	}
}

// leastReason is how many characters a closure has to explain itself in: a code
// alone explains nothing.
const leastReason = 20

// Standing gives the stages that were not taken back, in order of recording.
func (e Entry) Standing() []Stage {
	back := map[int64]bool{}
	for _, s := range e.Stages {
		if s.Name == TakenBack {
			back[s.TakesBack] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(e.Stages), func(s Stage) bool { return s.Name == TakenBack || back[s.Seq] })
}

// Reached tells whether a stage stands.
func (e Entry) Reached(name string) bool {
	return slices.ContainsFunc(e.Standing(), func(s Stage) bool { return s.Name == name })
}

// Open tells whether work on it goes on.
func (e Entry) Open() bool {
	return !e.Reached(Closed) && !e.Reached(Convicted) && !e.Reached(Acquitted) && !e.Reached(Discharged)
}

// Reach checks a stage before it is recorded.
func (e Entry) Reach(s Stage, now time.Time) error {
	if s.Name == TakenBack {
		if !slices.ContainsFunc(e.Standing(), func(o Stage) bool { return o.Seq == s.TakesBack }) {
			return fault.Newf(fault.Conflict, "stage %d of this complaint does not stand, so it cannot be taken back", s.TakesBack)
		}
		if strings.TrimSpace(s.Words) == "" {
			return fault.WithHint(fault.Newf(fault.Invalid, "a stage is taken back without a reason"), "say why it was a mistake")
		}
		return nil
	}
	if !slices.Contains(StageNames(), s.Name) {
		return fault.WithHint(fault.Newf(fault.Invalid, "stage %q is not known", s.Name), "the stages are "+strings.Join(StageNames(), ", "))
	}
	if s.At.IsZero() || s.At.After(now) || s.At.Before(e.Form.Received.Add(-24*time.Hour)) {
		return fault.Newf(fault.Invalid, "stage %q on %s lies before the complaint (%s) or in the future", s.Name, s.At.Format("2 January 2006"), e.Form.Received.Format("2 January 2006"))
	}
	if before, has := needs[s.Name]; has && !e.Reached(before) {
		return fault.WithHint(fault.Newf(fault.Conflict, "stage %q needs the stage %q first", s.Name, before), "record that one, with its day")
	}
	if Counts(s.Name) != (s.Persons > 0) || s.Persons > 10_000 {
		return fault.Newf(fault.Invalid, "stage %q with %d persons: persons are counted for rescued, arrested, charge sheet, convicted, discharged and acquitted, and only there", s.Name, s.Persons)
	}
	if s.Name != Closed {
		return nil
	}
	if !slices.ContainsFunc(Closures(), func(r Row) bool { return r.Code == s.Reason }) || len([]rune(strings.TrimSpace(s.Words))) < leastReason {
		return fault.WithHint(fault.Newf(fault.Invalid, "a complaint is closed with a reason from the list and at least %d characters of explanation", leastReason),
			"nobody should have to ask why a child's complaint was closed")
	}
	return nil
}
