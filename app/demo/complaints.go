package demo

import (
	"bytes"
	"encoding/json"
	"time"

	"suraag/casework/complaint"
	"suraag/fault"
)

// Complaint is a complaint of the example, as it is taken, and what became of it.
type Complaint struct {
	complaint.Form
	Person complaint.Victim `json:"person"`
	Stages []Stage          `json:"stages"`
}

// Stage is a step that a complaint reached.
type Stage struct {
	Name    string `json:"name"`
	On      string `json:"on"` // YYYY-MM-DD
	Persons int    `json:"persons"`
	Words   string `json:"words"`
	Reason  string `json:"reason"`
}

// Reached gives the step as it is recorded, at noon UTC of its day.
func (s Stage) Reached() (complaint.Stage, error) {
	day, err := time.Parse(time.DateOnly, s.On)
	if err != nil {
		return complaint.Stage{}, fault.Newf(fault.Internal, "stage %q of the example: %w", s.Name, err)
	}
	return complaint.Stage{Name: s.Name, At: day.Add(12 * time.Hour), By: officer, Persons: s.Persons, Words: s.Words, Reason: s.Reason}, nil
}

// Officer is who takes the complaints of the example.
const Officer = officer

// Complaints gives the complaints in the order in which they came.
func Complaints() ([]Complaint, error) {
	b, err := files.ReadFile("files/complaints.json")
	if err != nil {
		return nil, fault.Newf(fault.Internal, "the complaints of the example: %w", err)
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	var out []Complaint
	if err := d.Decode(&out); err != nil {
		return nil, fault.Newf(fault.Internal, "the complaints of the example: %w", err)
	}
	return out, nil
}
