// Package custody seals originals before anyone reads them, and proves later
// that they are what they were.
//
// Takes bytes, who brought them and under which authority. Gives a receipt whose
// ID is the SHA-256 of the bytes. Never changes or renames an original, and never
// looks inside one. Removes one only when it is told to, after the log says by
// whom and why (flow.House.Erase).
package custody

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"strings"
	"time"

	"suraag/fault"
)

// Receipt says that an original was sealed. It never changes: who brings the
// same bytes again gets a Hand-in of their own, and the first receipt stays.
type Receipt struct {
	ID        string    `json:"id"`         // SHA-256 of the bytes, hex
	Size      int64     `json:"size"`       // bytes
	Name      string    `json:"name"`       // as handed in
	BroughtBy string    `json:"brought_by"` // who handed it in
	Authority string    `json:"authority"`  // FIR, warrant or referral under which it is held
	SealedAt  time.Time `json:"sealed_at"`
}

// ErrStore is in the chain of an error of a store that could not be asked: it says
// nothing of what is kept there.
var ErrStore = errors.New("the store does not serve")

// Keeper keeps write-once things under a name.
type Keeper interface {
	// Create begins a thing whose name is not known yet.
	Create() (Draft, error)
	// Open gives a kept thing for reading. Not found is fault.NotFound.
	Open(name string) (Original, error)
	// List gives the names of all that is kept, in order.
	List(yield func(name string) error) error
	// Remove ends a kept thing for good; one that is not there is no error.
	Remove(name string) error
}

// Abandons is a Keeper whose drafts may outlive who wrote them, where that died.
type Abandons interface {
	// Abandoned names drafts that nobody writes any more.
	Abandoned(yield func(draft string) error) error
	// RemoveAbandoned removes one; one that somebody writes stays.
	RemoveAbandoned(draft string) error
}

// Draft is a thing being written. It is kept only by Keep, which is durable when
// it returns; keeping a name that is already there keeps the old one.
type Draft interface {
	io.Writer
	Keep(name string) error
	Discard()
}

// Original is a kept thing.
type Original interface {
	io.ReaderAt
	io.Closer
	Size() int64
}

// Seal copies the bytes into the keeper under their own SHA-256. At most limit
// bytes are taken. The bytes are on disk before it returns.
func Seal(k Keeper, r io.Reader, limit int64) (id string, size int64, err error) {
	draft, err := k.Create()
	if err != nil {
		return "", 0, err
	}
	defer draft.Discard()
	sum := sha256.New()
	size, err = io.Copy(io.MultiWriter(draft, sum), io.LimitReader(r, limit+1))
	if err != nil {
		return "", 0, fault.Newf(fault.Unavailable, "sealing: %w", err)
	}
	if size > limit {
		return "", 0, fault.Newf(fault.TooLarge, "the original has more than %d bytes", limit)
	}
	id = hex.EncodeToString(sum.Sum(nil))
	return id, size, draft.Keep(id)
}

// NeedAuthority refuses a hand-in without the authority under which it is held:
// a unit that cannot say why it has a document may not hold it.
func NeedAuthority(authority string) error {
	if len(strings.TrimSpace(authority)) < 3 {
		err := fault.Newf(fault.Invalid, "authority %q does not say under what the document is held", authority)
		return fault.WithHint(err, `give --authority, for example "FIR 12/2025 PS Cyber Cell", "Warrant 7/2025" or "NCMEC referral"`)
	}
	return nil
}

// Check hashes a kept original again and compares it with its name.
func Check(k Keeper, id string) error {
	o, err := k.Open(id)
	if err != nil {
		return err
	}
	defer o.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, io.NewSectionReader(o, 0, o.Size())); err != nil {
		return fault.Newf(fault.Unavailable, "original %s: %w", id, err)
	}
	if got := hex.EncodeToString(sum.Sum(nil)); got != id {
		return fault.Newf(fault.Corrupt, "original %s now hashes to %s: its bytes were changed after sealing", id, got)
	}
	return nil
}
