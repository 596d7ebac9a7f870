package people

import (
	"encoding/hex"
	"strings"
	"time"

	"suraag/fault"
)

// Case is a docket with a wall around it. What belongs to it are sources; leads
// and statements belong to the cases of the source that states them, so that no
// weighing anew can carry one through a wall.
type Case struct {
	ID       string    `json:"id"`      // 32 hex digits
	Number   string    `json:"number"`  // as the station writes it, of one case only
	Title    string    `json:"title"`   // in few words, for those who are on it
	Station  string    `json:"station"` // the desk that others may ask
	Sealed   bool      `json:"sealed"`  // others are not told that it is there
	InCharge string    `json:"in_charge"`
	Made     time.Time `json:"made"`
	MadeBy   string    `json:"made_by"`
	Members  []string  `json:"members"`  // IDs of people; who is in charge is one
	Openings []Opening `json:"openings"` // those that hold now

	MediaMode bool `json:"-"` // media mode is on now, as far as whoever asks has found out
}

// Opening says why someone looks into a case.
type Opening struct {
	ID        string    `json:"id"`
	Case      string    `json:"case"`
	Person    string    `json:"person"`
	By        string    `json:"by"`
	Session   string    `json:"session"`
	Purpose   string    `json:"purpose"`
	Emergency bool      `json:"emergency"` // the glass was broken: the person is not on the case
	At        time.Time `json:"at"`
	Until     time.Time `json:"until"`
	SeenBy    string    `json:"seen_by,omitempty"` // the supervisor who took notice
	SeenAt    time.Time `json:"seen_at,omitzero"`
}

// How long an opening holds. A purpose is stated anew for each session, and at
// most for one shift; so long holds broken glass too, in which a case can be handed to
// someone who is on it.
const (
	OpeningHolds   = 12 * time.Hour
	EmergencyHolds = 12 * time.Hour
)

// minReason is how short a reason can be that still says something.
const minReason = 10

// Checked gives the case as it is kept, or says what is missing.
func (c Case) Checked() (Case, error) {
	c.Number, c.Title, c.Station = strings.Join(strings.Fields(c.Number), " "), strings.TrimSpace(c.Title), strings.TrimSpace(c.Station)
	for what, value := range map[string]string{"case number": c.Number, "title": c.Title, "station": c.Station} {
		if err := words(what, value); err != nil {
			return c, err
		}
	}
	if _, err := hex.DecodeString(c.Number); err == nil && len(c.Number) == 32 || strings.EqualFold(c.Number, ForUnit) {
		return c, fault.WithHint(fault.Newf(fault.Invalid, "case number %q would be taken for something else", c.Number), "give the number as your station writes it")
	}
	return c, nil
}

// CheckPurpose refuses a purpose that says nothing. A reason for breaking the
// glass is a purpose too.
func CheckPurpose(purpose string) error {
	if n := len(strings.TrimSpace(purpose)); n < minReason || n > 5*maxWords {
		err := fault.Newf(fault.Invalid, "purpose %q has %d characters, not between %d and %d", purpose, n, minReason, 5*maxWords)
		return fault.WithHint(err, "say in a few words what you need the case for; whoever audits reads it")
	}
	return nil
}
