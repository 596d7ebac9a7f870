// Package demo holds the example investigation that "suraag demo" loads.
//
// Takes nothing. Gives made pictures and made documents in the forms of the real
// ones, in the order in which they are handed in, each with what the officer
// declares beside it. Never holds anything of a real person, service or case:
// README.md in this folder tells the story, its false trails and what has to be
// said of each.
package demo

import (
	"embed"
	"path"
	"time"

	"suraag/casework/legal"
	"suraag/fault"
)

//go:embed files
var files embed.FS

// Target is the MD5 of the first picture: what an officer asks about.
const Target = "af430a685ce6274dc30fb3246aed99a3"

// Purpose says by which door a file is handed in.
type Purpose string

// The doors.
const (
	Intake  Purpose = "intake"  // a document: suraag intake
	HashSet Purpose = "hashset" // a list of known digests: suraag hashset import
	Network Purpose = "network" // address data: suraag network import
)

// File is one file with what is declared when it is handed in.
type File struct {
	Name    string // as handed in; of Network: the name of the data set, of which a later AsOf is a newer version
	Purpose Purpose
	Bytes   []byte

	Authority string // under which it was obtained
	BroughtBy string
	Zone      string // IANA name, of times that state none; empty: not declared, they stay ambiguous
	Service   string // whose document it is, where it does not say so itself

	HashSetName string // of HashSet: the list
	HashSetFrom string // of HashSet: who gave it

	NetworkKind string // of Network: a kind of package network
	AsOf        string // of Network: the day for which it speaks, YYYY-MM-DD (RFC 3339 full-date), UTC
}

// Now is the clock of the example: 12 March 2025, 9:00 UTC. With it the days that
// are left of an operator's logs do not change from run to run.
func Now() time.Time { return time.Date(2025, 3, 12, 9, 0, 0, 0, time.UTC) }

// Picture is the first picture, a JPEG.
func Picture() []byte {
	b, err := files.ReadFile("files/pictures/original.jpg")
	if err != nil {
		return nil // not possible: the program is not built without the file
	}
	return b
}

// Pack is the directory of the example's operators and platforms.
func Pack() ([]byte, error) {
	b, err := files.ReadFile("files/packs/example.toml")
	if err != nil {
		return nil, fault.Newf(fault.Internal, "the pack of the example: %w", err)
	}
	return b, nil
}

// Demand is the order that the example drafts on a lead.
func Demand(lead string) legal.Demand {
	return legal.Demand{Lead: lead, Instrument: "in-bnss94", By: officer, Office: legal.Office{
		Unit: "Cyber Police Station, Testpur", Officer: "SI Example One", Rank: "Sub-Inspector", Email: "cyber@police.example", Jurisdiction: "IN",
		Case: "FIR 0012/2025, Cyber Police Station, Testpur", Offence: "section 67B, IT Act 2000; section 15, POCSO Act 2012",
	}}
}

// Counsel reviews the packs of the example.
const Counsel = "Legal Adviser Example Four, Testpur"

// DemandAddress is the address of the upload on which the example drafts a demand:
// nobody was asked about it yet.
const DemandAddress = "2001:db8:40:77::21"

// Files gives every file in the order in which to hand it in: address data, then
// lists, then documents. An error means that the program was built without one.
func Files() ([]File, error) {
	var out []File
	for _, e := range entries() {
		b, err := files.ReadFile(path.Join("files", e.path))
		if err != nil {
			return nil, fault.Newf(fault.Internal, "file %q of the example: %w", e.path, err)
		}
		f := e.File
		f.Bytes = b
		if f.Name == "" {
			f.Name = path.Base(e.path)
		}
		out = append(out, f)
	}
	return out, nil
}
