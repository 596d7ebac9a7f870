// Package complaint is what a complainant says, in plain words, with or without
// any image: grooming, stalking, sextortion, a morphed photo, bullying.
//
// Takes what a form holds. Gives the document that is sealed as a source like
// any other (intake/complaint reads it again), what is wrong with it in the words
// of the form, and how soon it wants an officer. Never holds who the victim is:
// the document names the victim by a random reference, and the name lies
// elsewhere, encrypted.
package complaint

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"suraag/digest"
	"suraag/fault"
	"suraag/instant"
	"suraag/sighting"
)

// Version of the document; intake/complaint reads this one.
const Version = 1

// Form is one complaint as it was taken.
type Form struct {
	Version   int       `json:"suraag_complaint"`
	Number    string    `json:"number"` // of the diary, the FIR or the portal, as the station writes it
	Station   string    `json:"station"`
	District  string    `json:"district"`
	TakenBy   string    `json:"taken_by"`
	Received  time.Time `json:"received"`
	Channel   string    `json:"channel"`  // how it came: in person, phone, portal, letter
	Language  string    `json:"language"` // of the complainant: "hi", "en", …
	Kinds     []string  `json:"kinds"`    // codes of the table of kinds
	Heads     []string  `json:"heads,omitempty"`
	Victim    string    `json:"victim"` // "victim-" and 32 hex digits; who it is lies elsewhere
	AgeBand   string    `json:"age_band"`
	Accused   []Stated  `json:"accused,omitempty"`
	Messages  []Message `json:"messages,omitempty"`
	Addresses []string  `json:"addresses,omitempty"` // from which he acted, as a service showed them
	Digests   []string  `json:"digests,omitempty"`   // of images or videos; the file itself is not needed
	Danger    []string  `json:"danger,omitempty"`    // codes of the table of danger signs
	Story     string    `json:"story"`
	Attached  []string  `json:"attached,omitempty"`   // sealed sources that the complainant brought: chat exports, downloads
	ChatNames []string  `json:"chat_names,omitempty"` // of the form only: they go to the victim, and into no document
}

// Stated is an identifier that the complainant states for the one accused.
type Stated struct {
	Kind    string `json:"kind"` // as sighting.IDKind
	Service string `json:"service,omitempty"`
	Value   string `json:"value"`
}

// Message is something that the accused wrote or said.
type Message struct {
	When    string `json:"when,omitempty"` // as the complainant's device shows it, IST unless it says otherwise
	Service string `json:"service,omitempty"`
	Words   string `json:"words"`
}

// Problem is something wrong with a form: which field, and what to do.
type Problem struct {
	Field string
	Words string
}

// The bounds of one complaint.
const (
	maxList  = 200
	maxStory = 64 << 10
)

// Check says everything that is wrong with a form, in the order of the form.
// Nothing but the kind of harm, the age band, the station, the day and some words
// are asked for: a complaint without any image or identifier is a complaint.
func (f Form) Check(t Tables) []Problem {
	var out []Problem
	wrong := func(field, format string, args ...any) {
		out = append(out, Problem{field, fmt.Sprintf(format, args...)})
	}
	need := func(field, value, name string) {
		if strings.TrimSpace(value) == "" {
			wrong(field, "Say %s.", name)
		}
	}
	need("station", f.Station, "which station took it")
	need("district", f.District, "which district it belongs to")
	need("taken_by", f.TakenBy, "who took it")
	if f.Received.IsZero() {
		wrong("received", "Say when it was received: day, month, year and hour.")
	}
	if len(f.Kinds) == 0 {
		wrong("kinds", "Choose at least one kind of harm.")
	}
	codes := func(field, table string, chosen []string) {
		for _, c := range chosen {
			if _, known := t.At(table, c, f.Received); !known {
				wrong(field, "%q does not stand in the table %q on the day of the complaint.", c, table)
			}
		}
	}
	codes("kinds", Kinds, f.Kinds)
	codes("heads", Heads, f.Heads)
	codes("danger", Danger, f.Danger)
	codes("age_band", Ages, []string{f.AgeBand})
	if !validVictim(f.Victim) {
		wrong("victim", "The reference %q of the victim is not one that this program gave.", f.Victim)
	}
	for n, s := range f.Accused {
		if _, err := s.Identify(); err != nil {
			wrong(fmt.Sprintf("accused.%d", n), "%s. Copy it as it is shown; leave it out if it is not known.", sentence(err))
		}
	}
	for n, m := range f.Messages {
		need(fmt.Sprintf("messages.%d", n), m.Words, "what the message says")
		if m.When != "" {
			if _, err := instant.Parse(m.When, Rule()); err != nil {
				wrong(fmt.Sprintf("messages.%d", n), "%s. Leave the time out if it is not known.", sentence(err))
			}
		}
	}
	for n, a := range f.Addresses {
		if _, err := sighting.ParseEndpoint(a, ""); err != nil {
			wrong(fmt.Sprintf("addresses.%d", n), "%s.", sentence(err))
		}
	}
	for n, d := range f.Digests {
		if _, err := digest.Parse(d); err != nil {
			wrong(fmt.Sprintf("digests.%d", n), "%s.", sentence(err))
		}
	}
	if len(f.Story) > maxStory {
		wrong("story", "The story has %d characters, more than %d. Attach the rest as a file.", len(f.Story), maxStory)
	}
	if strings.TrimSpace(f.Story) == "" && len(f.Messages) == 0 {
		wrong("story", "Say in a few words what happened.")
	}
	if max(len(f.Accused), len(f.Messages), len(f.Addresses), len(f.Digests), len(f.Attached)) > maxList {
		wrong("accused", "A complaint holds at most %d of each thing. Attach the rest as files.", maxList)
	}
	return out
}

// Rule is how times in a complaint are read: as a phone in India shows them
// (IST), day before month. It is assumed and says so.
func Rule() instant.Rule {
	return instant.Rule{Zone: instant.IST(), Basis: instant.Assumed, Order: instant.DayFirst}
}

// Identify gives the typed identifier.
func (s Stated) Identify() (sighting.Identifier, error) {
	for _, k := range sighting.IDKinds() {
		if string(k) == s.Kind {
			value := s.Value
			if k == sighting.Phone {
				value = sighting.Indian(value)
			}
			return sighting.Identify(k, s.Service, value)
		}
	}
	return sighting.Identifier{}, fault.Newf(fault.Invalid, "identifier kind %q is not known", s.Kind)
}

func validVictim(ref string) bool {
	hex, ours := strings.CutPrefix(ref, "victim-")
	return ours && len(hex) == 32 && strings.Trim(hex, "0123456789abcdef") == ""
}

// Document gives the bytes that are sealed: JSON, indented, so that a person can
// read it too.
func (f Form) Document() ([]byte, error) {
	f.Version = Version
	f.Received = f.Received.UTC()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(f); err != nil {
		return nil, fault.As(fault.Internal, err)
	}
	return b.Bytes(), nil
}

// Read reads a document again.
func Read(doc []byte) (Form, error) {
	var f Form
	if err := json.Unmarshal(doc, &f); err != nil {
		return f, fault.Newf(fault.Corrupt, "complaint: %w", err)
	}
	if f.Version != Version {
		return f, fault.Newf(fault.Invalid, "complaint of version %d; this program reads version %d", f.Version, Version)
	}
	return f, nil
}

// Normal leaves out empty rows and spaces that a form brings.
func (f *Form) Normal() {
	trim := func(s *string) { *s = strings.TrimSpace(*s) }
	for _, s := range []*string{&f.Number, &f.Station, &f.District, &f.TakenBy, &f.Channel, &f.Language, &f.AgeBand, &f.Story} {
		trim(s)
	}
	f.Accused = slices.DeleteFunc(f.Accused, func(s Stated) bool { return strings.TrimSpace(s.Value) == "" })
	f.Messages = slices.DeleteFunc(f.Messages, func(m Message) bool { return strings.TrimSpace(m.Words+m.When) == "" })
	empty := func(s string) bool { return strings.TrimSpace(s) == "" }
	for _, list := range []*[]string{&f.Kinds, &f.Heads, &f.Addresses, &f.Digests, &f.Danger, &f.Attached, &f.ChatNames} {
		*list = slices.DeleteFunc(*list, empty)
		for n := range *list {
			trim(&(*list)[n])
		}
	}
}
