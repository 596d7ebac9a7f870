package export

import (
	"encoding/json"
	"time"

	"suraag/attribution"
	"suraag/custody"
	"suraag/instant"
	"suraag/sighting"
)

// Format names the form of a bundle. A reader refuses what it does not know.
const Format = "suraag bundle 1"

// Setting numbers how documents are set from a dossier. The same dossier set by
// the same Setting gives the same bytes, by which verify knows that the readable
// documents say what the dossier says. It is raised with every change of them.
const Setting = 1

// Dossier is everything that a bundle states, for programs: each statement with
// its reasons, what speaks against it and the places in sealed originals on which
// it rests. The readable documents are set from it and from nothing else.
type Dossier struct {
	Format     string              `json:"format"`
	Setting    int                 `json:"setting"`
	About      About               `json:"about"`
	AsOf       time.Time           `json:"as_of"`
	MadeBy     string              `json:"made_by"`
	Program    Program             `json:"program"`
	Zone       string              `json:"zone"` // in which times are shown beside UTC
	Statements []Statement         `json:"statements"`
	Against    []Against           `json:"against"`   // what speaks against them; never empty
	NotKnown   []string            `json:"not_known"` // never empty
	Sources    []Source            `json:"sources"`
	Unused     []Unused            `json:"unused"` // held under the same authorities, and nothing here rests on them
	Quotes     []Quote             `json:"quotes"`
	Records    []sighting.Sighting `json:"records"` // in full, in order of time
}

// About is what a bundle is about.
type About struct {
	Kind  string `json:"kind"` // "lead", "trace", "case"
	ID    string `json:"id"`   // of the lead or case; of a trace: what was asked
	Title string `json:"title"`
}

// Program is what made a bundle, so that an expert can take the same.
type Program struct {
	Name     string `json:"name"`
	Version  string `json:"version"`
	Build    string `json:"build"`              // SHA-256 of the executable file, hex
	Revision string `json:"revision,omitempty"` // of the source text, where it was built from a repository
	Go       string `json:"go"`                 // compiler and libraries
	System   string `json:"system"`             // operating system and architecture
}

// String is the program in one line.
func (p Program) String() string {
	return p.Name + " " + p.Version + ", build SHA-256 " + p.Build + ", " + p.Go + ", " + p.System
}

// Part says what kind of statement it is. The parts are set in this order.
type Part string

// The parts of a dossier.
const (
	PartLead     Part = "next lawful step"
	PartFirst    Part = "first upload"
	PartAddress  Part = "addresses"
	PartTogether Part = "who goes together"
	PartPassed   Part = "passed on"
	PartContent  Part = "contents"
	PartSeen     Part = "sightings"
)

func parts() []Part {
	return []Part{PartLead, PartFirst, PartAddress, PartTogether, PartPassed, PartContent, PartSeen}
}

// Statement is one thing that the record lets one say, and why.
type Statement struct {
	No       int                 `json:"no"`
	Part     Part                `json:"part"`
	Sentence string              `json:"sentence"`
	Proven   bool                `json:"proven"` // what it rests on was recorded by a system that the one who acted could not write to
	Standing string              `json:"standing,omitempty"`
	When     instant.Instant     `json:"when,omitzero"`
	For      []Reason            `json:"for,omitempty"`
	Against  []Reason            `json:"against,omitempty"`
	Missing  []string            `json:"missing,omitempty"`
	Overturn string              `json:"overturn,omitempty"` // what would overturn it
	RestsOn  []Ref               `json:"rests_on"`
	More     int                 `json:"rests_on_more,omitempty"` // places beyond those named
	Data     []Data              `json:"data,omitempty"`          // lists of addresses that were asked
	Outcome  attribution.Outcome `json:"outcome,omitempty"`
}

// Reason is one reason, with the rule and the source of the rule.
type Reason struct {
	Rule     string `json:"rule,omitempty"`
	Effect   string `json:"effect,omitempty"`
	Sentence string `json:"sentence"`
	Citation string `json:"citation,omitempty"`
}

// Ref is the way from a statement to the bytes on which it rests.
type Ref struct {
	Source string         `json:"source"`
	Place  sighting.Place `json:"place"`
	Record string         `json:"record,omitempty"` // ID of the record that was read there
	Quote  int            `json:"quote,omitempty"`  // number of the quoted place; 0: not quoted
}

// Data is one list about addresses that a finding asked.
type Data struct {
	Kind   string    `json:"kind"`
	Name   string    `json:"name"`
	AsOf   time.Time `json:"as_of"`
	SHA256 string    `json:"sha256"`
}

// Against is something that speaks against statements, or limits them.
type Against struct {
	Sentence   string `json:"sentence"`
	Rule       string `json:"rule,omitempty"`
	Citation   string `json:"citation,omitempty"`
	Statements []int  `json:"statements,omitempty"` // numbers; none: against all
}

// The ways in which an original is part of a bundle.
const (
	Whole    = "whole"     // its bytes are enclosed
	HashOnly = "hash only" // its hash, and the bytes of the quoted places
)

// Source is a sealed original on which statements rest.
type Source struct {
	No       int              `json:"no"`
	ID       string           `json:"id"` // SHA-256
	Name     string           `json:"name"`
	Size     int64            `json:"size"`
	Purpose  string           `json:"purpose"`
	SealedAt time.Time        `json:"sealed_at"`
	HandIns  []custody.HandIn `json:"hand_ins"`
	Options  json.RawMessage  `json:"options,omitempty"` // what was declared at hand-in, as the reader needs it
	State    string           `json:"state"`
	Problem  string           `json:"problem,omitempty"`
	Problems []Problem        `json:"problems,omitempty"` // what could not be read, and remarks
	More     int              `json:"problems_more,omitempty"`
	Enclosed string           `json:"enclosed"`
	Why      string           `json:"why,omitempty"` // it is not enclosed whole
}

// Problem is a place that could not be read, or was read only in part.
type Problem struct {
	Kind   string         `json:"kind"` // "bad", "note"
	Place  sighting.Place `json:"place"`
	Reason string         `json:"reason"`
}

// Unused is a source that was handed in under the same authority as one of those
// above, and on which no statement here rests. The defence may ask for it.
type Unused struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Size    int64  `json:"size"`
	State   string `json:"state"`
	Problem string `json:"problem,omitempty"`
}

// Quote is the bytes at a place of an original.
type Quote struct {
	No     int            `json:"no"`
	Source string         `json:"source"`
	Place  sighting.Place `json:"place"`
	Bytes  int64          `json:"bytes"`         // from the place's start: what SHA256 covers
	SHA256 string         `json:"sha256"`        // of these bytes
	Text   string         `json:"text"`          // the first of them, as far as they are text
	Raw    []byte         `json:"raw,omitempty"` // the same, where they are not text (base64)
	Cut    bool           `json:"cut,omitempty"` // the place goes on beyond Bytes
}
