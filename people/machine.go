package people

import (
	"time"

	"suraag/fault"
)

// ForUnit stands in the place of a case for machines that hand in for the whole
// unit.
const ForUnit = "unit"

// Machine is a sensor, or the spool of a remote site, that hands in by itself. It
// is a principal of its own: nobody acts in its name, and it in nobody's.
type Machine struct {
	ID     string    `json:"id"`   // 32 hex digits, made by chance
	Name   string    `json:"name"` // short, lower case, of one machine only
	For    string    `json:"for"`  // ID of the case to which it hands in, or ForUnit
	Made   time.Time `json:"made"`
	MadeBy string    `json:"made_by"`
	Until  time.Time `json:"until"`          // no certificate holds longer
	Ended  time.Time `json:"ended,omitzero"` // hands in no more
}

// MachineHolds is how long a machine may hand in at most before somebody decides
// anew (house rule: a place that nobody looked at for a year is forgotten).
const MachineHolds = 366 * 24 * time.Hour

// By is how the machine stands in receipts and in the log.
func (m Machine) By() string { return "machine " + m.Name }

// Who is the machine when it asks, by a certificate of this fingerprint.
func (m Machine) Who(fingerprint string) Who {
	return Who{Person: m.ID, By: m.By(), Role: OfMachine, Session: fingerprint[:32], For: m.For}
}

// Checked refuses a machine that could not be told from others or would never end.
func (m Machine) Checked(now time.Time) error {
	if !isLogin(m.Name) {
		err := fault.Newf(fault.Invalid, "name %q of a machine is not between 1 and %d letters a to z, digits, dots and dashes", m.Name, maxLogin)
		return fault.WithHint(err, "give something short, like gate-3")
	}
	if !m.Until.After(now) || m.Until.After(now.Add(MachineHolds)) {
		err := fault.Newf(fault.Invalid, "a machine that may hand in until the end of %s: that is past, or more than %d days away", m.Until.Add(-1).Format(time.DateOnly), int(MachineHolds.Hours()/24))
		return fault.WithHint(err, "give a day with --until, as 2026-06-30")
	}
	return nil
}
