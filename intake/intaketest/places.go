package intaketest

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"suraag/digest"
	"suraag/intake"
	"suraag/sighting"
)

// CheckPlaces fails the test where a record cannot be traced back: its place
// lies outside the file, quotes nothing, or its ID is not its own.
func CheckPlaces(t testing.TB, name string, data []byte, r Records) {
	t.Helper()
	for _, p := range PlaceProblems(name, data, r) {
		t.Error(p)
	}
}

// PlaceProblems lists what CheckPlaces complains of.
func PlaceProblems(name string, data []byte, r Records) []string {
	src := Source(name, data)
	var out []string
	ids, quoted := map[string]sighting.Place{}, map[sighting.Place]bool{}
	for _, o := range r.Origins() {
		if first, taken := ids[o.ID]; taken {
			out = append(out, fmt.Sprintf("ID %s of %s (%s, part %q) is also that of %s (%s)", o.ID, o.Place, o.Place.Locator, o.Part, first, first.Locator))
		}
		ids[o.ID] = o.Place
		if o.Source != src.ID {
			out = append(out, fmt.Sprintf("%s names the source %q", o.Place, o.Source))
		}
		if quoted[o.Place] {
			continue
		}
		quoted[o.Place] = true
		if why := quote(src, o.Place); why != "" {
			out = append(out, why)
		}
	}
	for _, b := range r.Bad {
		out = append(out, inside(src, b.Place)...)
	}
	for _, n := range r.Notes {
		out = append(out, inside(src, n.Place)...)
	}
	return out
}

func quote(src intake.Source, at sighting.Place) string {
	text, _, err := intake.Quote(src, at, 1<<20)
	switch {
	case err != nil:
		return fmt.Sprintf("place %s (%s): %v", at, at.Locator, err)
	case len(bytes.TrimSpace(text)) == 0:
		return fmt.Sprintf("place %s (%s) quotes nothing", at, at.Locator)
	}
	return ""
}

// inside judges the place of a bad row or note, which may be empty but must lie
// in the file. Those of a zip are not unpacked again.
func inside(src intake.Source, at sighting.Place) []string {
	if at.Start < 0 || at.End < at.Start || at.Member == "" && at.End > src.Size {
		return []string{fmt.Sprintf("place %s (%s) of a bad row or note lies outside the %d bytes", at, at.Locator, src.Size)}
	}
	return nil
}

// Origins gives the origin of every record, in order.
func (r Records) Origins() []sighting.Origin {
	var out []sighting.Origin
	for _, v := range r.Sightings {
		out = append(out, v.Origin)
	}
	for _, v := range r.Leases {
		out = append(out, v.Origin)
	}
	for _, v := range r.Listings {
		out = append(out, v.Origin)
	}
	return out
}

// SameStatements fails the test where two files do not state the same: all
// fields of all records, apart from where they stand in the bytes.
func SameStatements(t testing.TB, a, b Records) {
	t.Helper()
	if a.Count() == 0 {
		t.Error("no records to compare")
	}
	// Locator and part stay: they count records, not bytes.
	apart := cmp.Options{
		cmpopts.IgnoreFields(sighting.Origin{}, "ID", "Source"),
		cmpopts.IgnoreFields(sighting.Place{}, "Member", "Start", "End"),
		cmpopts.EquateComparable(sighting.Endpoint{}, digest.Digest{}),
	}
	if diff := cmp.Diff(a.Sightings, b.Sightings, apart); diff != "" {
		t.Errorf("the files state different things (-first +second):\n%s", diff)
	}
	if diff := cmp.Diff(a.Leases, b.Leases, apart); diff != "" {
		t.Errorf("the files state different leases (-first +second):\n%s", diff)
	}
	if diff := cmp.Diff(a.Listings, b.Listings, apart); diff != "" {
		t.Errorf("the files state different listings (-first +second):\n%s", diff)
	}
	if diff := cmp.Diff(a.Bad, b.Bad, apart); diff != "" {
		t.Errorf("different rows are bad (-first +second):\n%s", diff)
	}
	if diff := cmp.Diff(a.Notes, b.Notes, apart); diff != "" {
		t.Errorf("the files have different notes (-first +second):\n%s", diff)
	}
}
