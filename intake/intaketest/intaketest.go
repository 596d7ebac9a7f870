// Package intaketest is what the tests of all readers share.
//
// Takes formats and the bytes of a file. Gives everything that reading them
// brought: records, bad rows, notes, counts and the error. Never used outside
// tests.
package intaketest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"suraag/intake"
	"suraag/sighting"
)

var update = flag.Bool("update", false, "write the golden files anew")

// BadRow is a row or statement that could not be read.
type BadRow struct {
	Place  sighting.Place `json:"place"`
	Reason string         `json:"reason"`
}

// Note is something that was read only in part.
type Note struct {
	Place sighting.Place `json:"place"`
	Text  string         `json:"text"`
}

// Records is all that came of one file.
type Records struct {
	Sightings []sighting.Sighting
	Leases    []sighting.Lease
	Listings  []sighting.Listing
	Bad       []BadRow
	Notes     []Note
	Result    intake.Result
	Err       error
}

// Count is the number of records, without bad rows and notes.
func (r Records) Count() int { return len(r.Sightings) + len(r.Leases) + len(r.Listings) }

// Sink gathers what a reader gives. The zero value is ready.
type Sink struct{ Records }

// Sighting keeps a sighting.
func (s *Sink) Sighting(v sighting.Sighting) error { s.Sightings = append(s.Sightings, v); return nil }

// Lease keeps a lease.
func (s *Sink) Lease(v sighting.Lease) error { s.Leases = append(s.Leases, v); return nil }

// Listing keeps a listing.
func (s *Sink) Listing(v sighting.Listing) error { s.Listings = append(s.Listings, v); return nil }

// Bad keeps a bad row.
func (s *Sink) Bad(at sighting.Place, reason string) error {
	s.Records.Bad = append(s.Records.Bad, BadRow{at, reason})
	return nil
}

// Note keeps a note.
func (s *Sink) Note(at sighting.Place, text string) error {
	s.Notes = append(s.Notes, Note{at, text})
	return nil
}

// Source makes a source of bytes, as the store would after sealing them.
func Source(name string, data []byte) intake.Source {
	sum := sha256.Sum256(data)
	return intake.Source{ID: hex.EncodeToString(sum[:]), Name: name, Size: int64(len(data)), Bytes: bytes.NewReader(data)}
}

// Collect reads the bytes as intake.Read does for an officer's file. The error
// is in the records, because many tests expect one.
func Collect(t testing.TB, formats []intake.Format, name string, data []byte, opts intake.Options) Records {
	t.Helper()
	var s Sink
	s.Result, s.Err = intake.Read(t.Context(), formats, Source(name, data), opts, intake.Limits{}, &s)
	return s.Records
}

// CollectFile reads a file under testdata.
func CollectFile(t testing.TB, formats []intake.Format, path string, opts intake.Options) (Records, []byte) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return Collect(t, formats, filepath.ToSlash(path), data, opts), data
}

// Golden compares the records with a file, or writes the file where the test
// runs with -update. Each record stands under a line that names it.
func Golden(t testing.TB, path string, r Records) {
	t.Helper()
	GoldenText(t, path, r.Text(t))
}

// Text writes the records in the form of the golden files.
func (r Records) Text(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	show := func(kind string, n int, v any) {
		text, err := json.MarshalIndent(v, "", "  ")
		if err != nil {
			t.Fatalf("%s %d: %v", kind, n+1, err)
		}
		fmt.Fprintf(&b, "# %s %d\n%s\n", kind, n+1, text)
	}
	for n, v := range r.Sightings {
		show("sighting", n, v)
	}
	for n, v := range r.Leases {
		show("lease", n, v)
	}
	for n, v := range r.Listings {
		show("listing", n, v)
	}
	for n, v := range r.Bad {
		show("bad", n, v)
	}
	for n, v := range r.Notes {
		show("note", n, v)
	}
	for n, v := range r.Result.Members {
		show("member", n, v)
	}
	if r.Err != nil {
		fmt.Fprintf(&b, "# error\n%v\n", r.Err)
	}
	return b.Bytes()
}

// GoldenText compares a text with a file as Golden does.
func GoldenText(t testing.TB, path string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; run the test with -update and look at what it writes", err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("differs from %s (-golden +got):\n%s", path, diff)
	}
}
