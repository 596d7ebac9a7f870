package casework

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"suraag/digest"
	"suraag/fault"
)

// Kinship is a person's word on whether two contents are of one family. What a person decides goes before
// what distances say, is shown wherever it has an effect, and can be undone; the word and its undoing both stay.
type Kinship struct {
	ID   string        `json:"id"`
	Kind string        `json:"kind"` // Apart or Together
	A    digest.Digest `json:"a"`
	B    digest.Digest `json:"b"`
	By   string        `json:"by"`
	Why  string        `json:"why"`
	At   time.Time     `json:"at"`

	UndoneBy  string    `json:"undone_by,omitempty"`
	UndoneWhy string    `json:"undone_why,omitempty"`
	UndoneAt  time.Time `json:"undone_at,omitzero"`
}

// The kinds of Kinship.
const (
	Apart    = "apart"    // they look alike and are not one picture
	Together = "together" // they are one picture though no distance shows it
)

// Decide makes a word. It needs two different exact digests, a person and a reason; errors are of
// kind fault.Invalid.
func Decide(kind string, a, b digest.Digest, by, why string, at time.Time) (Kinship, error) {
	why, by = strings.TrimSpace(why), strings.TrimSpace(by)
	switch {
	case kind != Apart && kind != Together:
		return Kinship{}, fault.Newf(fault.Invalid, "kinship %q: want %q or %q", kind, Apart, Together)
	case !a.Kind().Exact() || !b.Kind().Exact() || a.Kind() == digest.Ref || b.Kind() == digest.Ref:
		err := fault.Newf(fault.Invalid, "kinship of %q and %q: a person decides on exact files, not on near values", a, b)
		return Kinship{}, fault.WithHint(err, "give a SHA-256, SHA-1 or MD5 of each")
	case a == b:
		return Kinship{}, fault.Newf(fault.Invalid, "kinship of %q with itself", a)
	case why == "" || by == "":
		err := fault.Newf(fault.Invalid, "kinship of %q and %q without a reason or without a person", a, b)
		return Kinship{}, fault.WithHint(err, "give --why, and --by or SURAAG_BY")
	}
	if b.Compare(a) < 0 {
		a, b = b, a
	}
	sum := sha256.Sum256([]byte("suraag kinship 1\n" + kind + "\n" + a.String() + "\n" + b.String() + "\n" + by + "\n" + at.UTC().Format(time.RFC3339Nano)))
	return Kinship{ID: hex.EncodeToString(sum[:16]), Kind: kind, A: a, B: b, By: by, Why: why, At: at}, nil
}

// Holds tells whether the word was not undone.
func (k Kinship) Holds() bool { return k.UndoneAt.IsZero() }

// Other gives the far side of a word for a content with these digests, if it speaks of it.
func (k Kinship) Other(digests []digest.Digest) (digest.Digest, bool) {
	switch {
	case slices.Contains(digests, k.A):
		return k.B, true
	case slices.Contains(digests, k.B):
		return k.A, true
	}
	return digest.Digest{}, false
}

// Between finds the latest word that holds on two contents.
func Between(words []Kinship, a, b []digest.Digest) (latest Kinship, found bool) {
	for _, k := range words {
		far, speaks := k.Other(a)
		if k.Holds() && speaks && slices.Contains(b, far) && (!found || k.At.After(latest.At)) {
			latest, found = k, true
		}
	}
	return latest, found
}
