// Package storetest is the suite that every engine of the store has to pass.
//
// Takes a function that opens an empty record. Gives subtests. Never knows which
// engine it runs on: where two engines could differ, Fill and Dump let a test
// compare them word for word.
package storetest

import (
	"context"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"suraag/custody"
	"suraag/digest"
	"suraag/instant"
	"suraag/sighting"
	"suraag/store"
)

// Run runs the whole suite. Open gives an empty record each time.
func Run(t *testing.T, open func(*testing.T) *store.DB) {
	for _, c := range []struct {
		name string
		test func(*testing.T, *store.DB)
	}{
		{"a source brought twice is one source with two hand-ins", sourceTwice},
		{"a source is found by its first digits", findSource},
		{"what came of reading is kept", finishSource},
		{"bad rows are listed in order and forgotten when reading begins anew", problems},
		{"text that no database can hold is kept readable", hostileText},
		{"waiting counts what is sealed and not read", waiting},
		{"a batch put again adds nothing", putTwice},
		{"a batch in which two sightings have one thing is written", putSameThing},
		{"a newer reader's record takes the place of the older one, visibly", supersede},
		{"an older reader's record never takes the place of a newer one", olderReader},
		{"what a newer reader no longer makes is retired", retireOlder},
		{"a retired record has its content weighed again", retireMarks},
		{"sightings of things come by time, those without time last, up to the limit", sightingsOf},
		{"the limit holds over many things", sightingsOfMany},
		{"sightings by identifier find every side of a sighting", sightingsBy},
		{"sightings from an address, with and without port", sightingsFrom},
		{"an address written as mapped IPv6 and as IPv4 is one", mappedAddress},
		{"leases touch the span that is asked", leasesOf},
		{"leases are found by the subscriber", leasesBy},
		{"docs give every record as it was written", docs},
		{"docs show a record whose columns were changed", docsTampered},
		{"things that share a weak digest are one closure", closure},
		{"a closure follows names that a service gives", closureRefs},
		{"a file name never ties two things", fileName},
		{"one-hash index finds its one hash", oneHash},
		{"PDQ values in the order in which they came", codesSince},
		{"a closure follows what lists say", closureListed},
		{"codes give near values in order", codes},
		{"a person's word on two contents is found by either, and undone once", kinships},
		{"a person's word on two identifiers is kept, and taken back once", partings},
		{"a list that was retracted stays retracted", retractedStays},
		{"lists come by name, day and ID", sets},
		{"a list is held against what was seen, step by step", listRuns},
		{"what must not alert, and what matched too much, is kept with what people decided", listHolds},
		{"an operator's reply marks what was sighted at its addresses", dirtyByLeases},
		{"new address data marks what has an address", dirtyAll},
		{"dirty things are taken once, in order, up to the limit", takeDirty},
		{"leads of a thing are replaced", putLeads},
		{"a lead is found by its first digits", findLead},
		{"only the row that covers an address is found", findRange},
		{"a half import of address data is never asked", halfDataSet},
		{"rows of one address at many times are all found", findTor},
		{"only a known stage has a turn", turns},
		{"a unit's pack is kept in its very words, and the one added last speaks", packs},
		{"the newest review of a pack speaks", reviews},
		{"requests are kept and found", requestsKept},
		{"two people cannot take one step each and lose one", requestSteps},
		{"a row stays in quarantine while any request holds it", quarantine},
		{"the register of corrections keeps who was told", corrections},
		{"totals count each table", totals},
		{"what is logged stands beside its data, or neither does", logWithData},
		{"entries of one moment keep their order", logOrder},
		{"an entry that says too little is refused", logRefuses},
		{"the log is asked by kind, by whom and about what", logQueries},
		{"a login is never given to a second person", personOnce},
		{"a machine is found by its certificate, and a name is given once", machinesKept},
		{"a credential is of one person, and changes only from what was read", credentials},
		{"sessions and tokens end, and end for their own person only", passes},
		{"what may be used once is", once},
		{"cases come by number, with who is on them and the openings that hold", cases},
		{"a source moves from case to case with its hand-ins, and never lies in between", caseSources},
		{"media mode is ended once, and seen once, whichever comes first", modes},
		{"one person looks at one picture at a time", looks},
		{"of many who try at once one looks", looksAtOnce},
		{"limits of looking come by time", limits},
		{"waiting entries get the next places, each once", placeEntries},
		{"a missing entry is told, not skipped", missingEntry},
		{"an erased entry keeps its leaf and its place", eraseEntry},
		{"entries are found by subject, kind and age", findEntries},
		{"an entry whose columns were changed shows it", tamperedEntry},
		{"entries stand in the order of writing, whatever the clock says", entriesInOrder},
		{"what people did is stated by the entry beside it, or by one of its own", statedRows},
		{"an erased entry's word on rows is kept", restated},
		{"rows of an earlier program are stated once", stateOlder},
		{"checkpoints come by size, with their tokens", checkpoints},
		{"complaints come by day, each once, without the story", complaintsKept},
		{"stages of a complaint are numbered, and a refused one leaves nothing", complaintStages},
		{"a decision about a series is taken back, not removed", seriesDecisions},
		{"a victim is kept once, a draft is its owner's", victimsAndDrafts},
		{"what has ended is found, and goes row by row", endedThings},
		{"a source goes with all that came of it, and what another shares stays", eraseSource},
		{"a source that something rests on is named", neededSources},
		{"nobody records a source while its bytes are taken away", whileUnknown},
		{"a proposal waits until it is done", proposals},
		{"an item of the vault is of a case that is there, and is recorded once", vaultItemsKept},
		{"an item that was dropped keeps its row and not its key", vaultItemDropped},
		{"nobody records an item while what is stored of it is taken away", whileNoItem},
		{"what is encrypted to a unit key of before is refused", unitKeys},
	} {
		t.Run(c.name, func(t *testing.T) {
			db := open(t)
			db.Now = func() time.Time { return day }
			c.test(t, db)
		})
	}
}

var (
	ctx = context.Background()
	day = time.Date(2025, 3, 1, 0, 0, 0, 0, time.UTC)
)

// tx runs f in a transaction that has to succeed.
func tx(t *testing.T, db *store.DB, f func(*sql.Tx) error) {
	t.Helper()
	if err := db.InTx(ctx, f); err != nil {
		t.Fatal(err)
	}
}

// put writes a batch and gives how much was new.
func put(t *testing.T, db *store.DB, b sighting.Batch) (added int64) {
	t.Helper()
	tx(t, db, func(tx *sql.Tx) (err error) {
		added, err = db.Put(ctx, tx, b, day)
		return err
	})
	return added
}

// must gives the value of a call that has to succeed.
func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func equal[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// same compares two values by their JSON, as people see them.
func same(t *testing.T, what string, got, want any) {
	t.Helper()
	g, err1 := json.Marshal(got)
	w, err2 := json.Marshal(want)
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	if string(g) != string(w) {
		t.Errorf("%s:\n got %s\nwant %s", what, g, w)
	}
}

// MD5 is the digest of a word.
func MD5(word string) digest.Digest { s := md5.Sum([]byte(word)); return of(digest.MD5, s[:]) }

// SHA1 is the digest of a word.
func SHA1(word string) digest.Digest { s := sha1.Sum([]byte(word)); return of(digest.SHA1, s[:]) }

// SHA256 is the digest of a word.
func SHA256(word string) digest.Digest {
	s := sha256.Sum256([]byte(word))
	return of(digest.SHA256, s[:])
}

// PDQ is a made value whose bytes all are b.
func PDQ(b byte) digest.Digest { return of(digest.PDQ, fill(32, b)) }

// PhotoDNA is a made value whose bytes all are b.
func PhotoDNA(b byte) digest.Digest { return of(digest.PhotoDNA, fill(144, b)) }

func fill(n int, b byte) []byte {
	out := make([]byte, n)
	for i := range out {
		out[i] = b
	}
	return out
}

func of(k digest.Kind, raw []byte) digest.Digest {
	d, err := digest.Of(k, raw)
	if err != nil {
		panic(err) // the lengths above are the kinds' own
	}
	return d
}

// SourceID is the ID of a made source.
func SourceID(word string) string {
	s := sha256.Sum256([]byte(word))
	return hex.EncodeToString(s[:])
}

// Source is a made source.
func Source(word string) custody.Source {
	return custody.Source{
		Receipt: custody.Receipt{ID: SourceID(word), Size: int64(len(word)), Name: word + ".txt", BroughtBy: "officer", Authority: "FIR 1/2025", SealedAt: day},
		Purpose: custody.ForIntake, Options: json.RawMessage(`{}`), State: custody.Sealed,
	}
}

// origin is where record n of a source stands.
func origin(source string, n int) sighting.Origin {
	o := sighting.Origin{Source: SourceID(source), Reader: "made/rows", Version: 1, Place: sighting.Place{Start: int64(10 * n), End: int64(10*n + 9), Locator: fmt.Sprintf("row %d", n)}}
	o.ID = o.Identify()
	return o
}

// at is a moment some seconds after the day.
func at(seconds int) instant.Instant {
	when := day.Add(time.Duration(seconds) * time.Second)
	return instant.Instant{At: when, Until: when}
}

// seen is sighting n of a source.
func seen(source string, n int, ds ...digest.Digest) sighting.Sighting {
	return sighting.Sighting{
		Origin: origin(source, n), Act: sighting.Upload, When: at(n), Standing: sighting.ProviderCapture,
		Who:     []sighting.Identifier{{Kind: sighting.Account, Service: "example", Value: "1"}},
		From:    sighting.Endpoint{IP: netip.MustParseAddr("198.51.100.7"), Port: 51602},
		Content: sighting.Content{Digests: ds, Name: "picture.jpg"},
	}
}

func thing(ds ...digest.Digest) string {
	t, _ := sighting.ThingOf(ds, nil)
	return t.ID
}

func ids[T any](list []T, id func(T) string) string {
	var out []string
	for _, x := range list {
		out = append(out, id(x)[:6])
	}
	return strings.Join(out, " ")
}

func sightingIDs(list []sighting.Sighting) string {
	return ids(list, func(s sighting.Sighting) string { return s.ID })
}
func leaseIDs(list []sighting.Lease) string {
	return ids(list, func(l sighting.Lease) string { return l.ID })
}
func thingIDs(list []sighting.Thing) string {
	return ids(list, func(t sighting.Thing) string { return t.ID })
}
