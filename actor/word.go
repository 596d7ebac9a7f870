package actor

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"suraag/fault"
	"suraag/sighting"
)

// Word is a person's word that two identifiers, though records state them
// together, are not one someone: a number that was given out anew, a device that
// was sold. It takes every link between the two away, is shown wherever it has an
// effect, and can be taken back; the word and its taking back both stay.
type Word struct {
	ID  string              `json:"id"` // 16 bytes, hex
	A   sighting.Identifier `json:"a"`
	B   sighting.Identifier `json:"b"`
	By  string              `json:"by"`
	Why string              `json:"why"`
	At  time.Time           `json:"at"`

	UndoneBy  string    `json:"undone_by,omitempty"`
	UndoneWhy string    `json:"undone_why,omitempty"`
	UndoneAt  time.Time `json:"undone_at,omitzero"`
}

// maxWhy bounds a reason, in bytes.
const maxWhy = 1000

// Apart makes a word. It needs two different identifiers that can link, a person
// and a reason; errors are of kind fault.Invalid.
func Apart(a, b sighting.Identifier, by, why string, at time.Time) (Word, error) {
	by, why = strings.TrimSpace(by), strings.TrimSpace(why)
	if order(a, b) > 0 {
		a, b = b, a
	}
	switch {
	case a == b:
		return Word{}, fault.Newf(fault.Invalid, "%q is held apart from itself", a)
	case !a.Links() || !b.Links():
		err := fault.Newf(fault.Invalid, "%q and %q: one of them never links, so there is nothing to part", a, b)
		return Word{}, fault.WithHint(err, "suraag trace shows which identifiers are held to be one someone, and by which links")
	}
	if err := reasoned(by, why); err != nil {
		return Word{}, fault.Wrapf(err, "%q and %q", a, b)
	}
	sum := sha256.Sum256([]byte("suraag parting 1\n" + a.String() + "\n" + b.String() + "\n" + by + "\n" + at.UTC().Format(time.RFC3339Nano)))
	return Word{ID: hex.EncodeToString(sum[:16]), A: a, B: b, By: by, Why: why, At: at.UTC()}, nil
}

func reasoned(by, why string) error {
	if by == "" || why == "" || len(why) > maxWhy {
		err := fault.Newf(fault.Invalid, "a person and a reason of at most %d characters are needed", maxWhy)
		return fault.WithHint(err, "say why, and who says it")
	}
	return nil
}

// Holds tells whether the word was not taken back.
func (w Word) Holds() bool { return w.UndoneAt.IsZero() }

// TakenBack gives the word as somebody takes it back.
func (w Word) TakenBack(by, why string, at time.Time) (Word, error) {
	by, why = strings.TrimSpace(by), strings.TrimSpace(why)
	if err := reasoned(by, why); err != nil {
		return w, fault.Wrapf(err, "word %q", w.ID)
	}
	if !w.Holds() {
		return w, fault.Newf(fault.Conflict, "word %q was taken back by %s before", w.ID, w.UndoneBy)
	}
	w.UndoneBy, w.UndoneWhy, w.UndoneAt = by, why, at.UTC()
	return w, nil
}

// Undos gives what the words that hold take away.
func Undos(words []Word) []Undo {
	var out []Undo
	for _, w := range words {
		if w.Holds() {
			out = append(out, Undo{A: w.A, B: w.B, Word: w.ID, Reason: fmt.Sprintf("%s (%s, %s)", w.Why, w.By, w.At.Format("2 January 2006"))})
		}
	}
	return out
}
