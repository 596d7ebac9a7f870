// Package hashset holds what a list of known digests is, and what its entries mean.
//
// Takes listings that intake read. Gives named, sourced lists that can be
// retracted whole, the meaning of their categories, and the words for a match.
// Never matches by itself: package match answers with numbers, flow joins them.
package hashset

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"suraag/digest"
	"suraag/fault"
	"suraag/sighting"
)

// Set is one list as it was handed in on one day. A later issue of the same list
// is another Set with the same name.
type Set struct {
	ID          string    `json:"id"`
	Name        string    `json:"name"`
	Version     int       `json:"version"` // of this name, from 1; see Number
	From        string    `json:"from"`    // who gave the list
	Source      string    `json:"source"`  // the sealed original, SHA-256 hex
	State       string    `json:"state"`   // StateImporting, StateLive, StateRetracted, StateUnread
	Imported    time.Time `json:"imported"`
	Entries     int64     `json:"entries"`
	Replaces    bool      `json:"replaces,omitempty"` // it is the whole list anew: earlier versions make no matches once it is live
	Retracted   time.Time `json:"retracted,omitzero"`
	RetractedBy string    `json:"retracted_by,omitempty"`
	Reason      string    `json:"reason,omitempty"`
}

// The states of a set. Only a live set makes matches.
const (
	StateImporting = "importing"
	StateLive      = "live"
	StateRetracted = "retracted"
	StateUnread    = "unread"
	StateReplaced  = "replaced" // a later version is the whole list anew
)

// Identify gives the ID of a set: the same list handed in again under the same
// name is the same set.
func Identify(name, source string) string {
	sum := sha256.Sum256([]byte("suraag hash set 1\n" + name + "\n" + source))
	return hex.EncodeToString(sum[:16])
}

// Named checks what an import has to state.
func Named(name, from string) error {
	if strings.TrimSpace(name) == "" || strings.TrimSpace(from) == "" {
		err := fault.Newf(fault.Invalid, "hash set with name %q from %q: both are needed, or nobody can say later where a match came from", name, from)
		return fault.WithHint(err, "give --name and --source")
	}
	return nil
}

// Meaning is what a category code says.
type Meaning struct {
	Label string `json:"label"`
	Alert bool   `json:"alert"` // the list says that it is illegal, or may be: a person has to look
	Known bool   `json:"known"` // the code is in the table; otherwise the label is made from the code
}

// schemes are the category tables whose labels are public (formats.md §1.6). The
// UK, Canadian and Australian numeric codes are not; a code without a table
// alerts, because it came on a list of known abuse material.
var schemes = map[string]map[string]Meaning{
	"VICS US": { // Autopsy, DhsImageCategory
		"0": {"uncategorised", false, true},
		"1": {"child exploitation (illegal)", true, true},
		"2": {"child exploitation (non-illegal or age difficult)", true, true},
		"3": {"CGI or animation (child exploitive)", true, true},
		"4": {"exemplar or comparison (internal use only)", false, true},
		"5": {"non-pertinent", false, true},
	},
	// The industry's classification: A1 and A2 prepubescent, B1 and B2 pubescent (formats.md §2.1).
	"NCMEC": {
		"A1": {"industry classification A1", true, true},
		"A2": {"industry classification A2", true, true},
		"B1": {"industry classification B1", true, true},
		"B2": {"industry classification B2", true, true},
	},
	// NIST says what a file is part of, not whether it is harmless: no alert, and no word of innocence.
	"NSRL": {"known": {"part of known software (NIST NSRL)", false, true}},
	// Adults report there; the categories are the states of a record.
	"StopNCII": {
		"Active":   {"intimate image passed on without consent, reported by an adult", true, true},
		"Received": {"intimate image passed on without consent, reported by an adult", true, true},
	},
	"INTERPOL baseline": {
		"yes": {"INTERPOL baseline", true, true},
		"no":  {"not in the INTERPOL baseline", true, true},
	},
}

// Mean says what a category of a scheme means. An entry without category is on
// the list all the same.
func Mean(scheme, category string) Meaning {
	if category == "" {
		return Meaning{Label: "listed, no category stated", Alert: true}
	}
	table, known := schemes[scheme]
	if !known && strings.HasPrefix(scheme, "VICS") && scheme != "VICS UK" && scheme != "VICS CUSTOM" {
		table = schemes["VICS US"] // 1.x headers name no country; the codes in use are the American ones
	}
	if m, ok := table[category]; ok {
		return m
	}
	return Meaning{Label: strings.TrimSpace(fmt.Sprintf("%s category %s", scheme, category)), Alert: true}
}

// Match says that a content is on a list, and how it was found there.
type Match struct {
	Set         string         `json:"set"` // ID
	SetName     string         `json:"set_name"`
	From        string         `json:"from"`                  // who gave the list
	Entry       string         `json:"entry"`                 // ID of the listing
	Ref         string         `json:"ref,omitempty"`         // the list's own number
	By          digest.Kind    `json:"by"`                    // the kind of digest that agreed
	Value       string         `json:"value"`                 // the entry's value
	Distance    int            `json:"distance"`              // 0: exact. Else as casework.Content has it
	Orientation string         `json:"orientation,omitempty"` // of the target, where it had to be turned
	Compared    *Compared      `json:"compared,omitempty"`    // of a near match by PDQ: the two values
	Videos      *Videos        `json:"videos,omitempty"`      // of a near match of videos: how much of each is in the other
	Quality     int            `json:"quality,omitempty"`     // of the target's PDQ, 0 to 100
	Category    string         `json:"category,omitempty"`
	Meaning     Meaning        `json:"meaning"`
	Held        *Held          `json:"held,omitempty"` // why it makes no lead although the list alerts
	Series      string         `json:"series,omitempty"`
	Common      int            `json:"common"` // how many other contents in the record lie as near to this entry
	Source      string         `json:"source"`
	Place       sighting.Place `json:"place"`
	Sentence    string         `json:"sentence"`
}

// Say gives the sentence for a match. A near match is never called the same.
func (m Match) Say() string {
	how, note := "has the same "+strings.ToUpper(string(m.By))+" as", ""
	switch m.By {
	case digest.PDQ:
		how = "looks like"
		note = fmt.Sprintf(" PDQ differs in %d of 256 bits%s; 31 and less is held to be the same picture, to be checked by a person.", m.Distance, m.Compared.Words(m.Orientation))
	case digest.PhotoDNA:
		how = "is near to"
		note = fmt.Sprintf(" PhotoDNA lies at squared distance %d; to be checked by a person.", m.Distance)
	}
	if m.Videos != nil {
		how = "looks like"
		note = " " + capital(m.Videos.Words("the content", "the listed video")) + "; to be checked by a person."
	}
	s := fmt.Sprintf("The content %s an entry of the list %q from %s: %s.%s", how, m.SetName, m.From, m.Meaning.Label, note)
	if m.Held != nil {
		s += fmt.Sprintf(" It makes no lead: %s.", m.Held.Words)
	}
	if m.Common > 0 {
		s += fmt.Sprintf(" Contents of the record that lie as near to it, this one left out: %d.", m.Common)
	}
	return s
}

// Compared are two PDQ values that lie near each other, and what is known of how each was
// taken: who holds both can count the bits again.
type Compared struct {
	Target      digest.Digest `json:"target"`
	Preparation string        `json:"preparation,omitempty"` // of the target's value; empty where it is not stated
	AsShown     bool          `json:"as_shown,omitempty"`    // the target was turned as its EXIF data says it is shown

	Other            digest.Digest `json:"other"`
	OtherPreparation string        `json:"other_preparation,omitempty"`
	OtherOrientation string        `json:"other_orientation,omitempty"` // in which the other was turned, as its EXIF data says
}

// Words says which values were compared: what is known of each preparation, and the turn.
func (c *Compared) Words(orientation string) string {
	var s string
	if c != nil && (c.Preparation != "" || c.OtherPreparation != "") {
		s = " (" + preparation("the target's", c.Preparation) + ", " + preparation("the other's", c.OtherPreparation) + ")"
	}
	if orientation != "" && orientation != "original" {
		s += " once the target is turned (" + orientation
		if c != nil && c.AsShown {
			s += ", as its EXIF data says it is shown"
		}
		s += ")"
	}
	if c != nil && c.OtherOrientation != "" {
		s += ", the other being turned as its EXIF data says (" + c.OtherOrientation + ")"
	}
	return s
}

func preparation(whose, name string) string {
	if name == "" {
		return whose + " by a preparation that is not stated"
	}
	return whose + " by " + strings.ToUpper(name)
}

// Listed is an entry of a live list with the list it stands on.
type Listed struct {
	Set     Set
	Listing sighting.Listing
	Thing   string
}
