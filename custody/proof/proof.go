// Package proof checks what the custody log states, offline.
//
// Takes a signed checkpoint, a leaf, the hashes between them, and the keys that
// one trusts. Gives what was proven, or why it was not. Never reads the record,
// a file or the network: whoever has the bytes can check them.
//
// The formats are those of C2SP: signed-note, tlog-checkpoint, tlog-cosignature,
// and the Merkle tree of RFC 6962 §2.1 and RFC 9162 §2.1.
package proof

import (
	"slices"
	"strings"
	"time"

	"github.com/transparency-dev/formats/log"
	cosignature "github.com/transparency-dev/formats/note"
	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/tessera"
	"golang.org/x/mod/sumdb/note"

	"suraag/fault"
)

// Checkpoint is a checkpoint whose signature by the log was checked.
type Checkpoint struct {
	Origin string `json:"origin"`
	Size   uint64 `json:"size"`
	Root   []byte `json:"root"` // SHA-256, 32 bytes
}

// maxNote bounds a signed checkpoint, in bytes: three lines and some signatures.
const maxNote = 64 << 10

// Open checks a signed checkpoint with the log's key (a note verifier key,
// "name+hash+key").
func Open(signed []byte, key string) (Checkpoint, error) {
	if len(signed) > maxNote {
		return Checkpoint{}, fault.Newf(fault.TooLarge, "checkpoint of %d bytes is longer than %d", len(signed), maxNote)
	}
	v, err := note.NewVerifier(key)
	if err != nil {
		return Checkpoint{}, fault.Newf(fault.Invalid, "key of the log %q: %w", key, err)
	}
	c, rest, _, err := log.ParseCheckpoint(signed, v.Name(), v)
	if err != nil {
		return Checkpoint{}, fault.Newf(fault.Corrupt, "checkpoint: %w", err)
	}
	if len(rest) > 0 || len(c.Hash) != rfc6962.DefaultHasher.Size() {
		return Checkpoint{}, fault.Newf(fault.Corrupt, "checkpoint of size %d is not three lines with a root of 32 bytes", c.Size)
	}
	return Checkpoint{Origin: c.Origin, Size: c.Size, Root: c.Hash}, nil
}

// Inclusion checks that a leaf stands at a place of the log that a checkpoint
// commits to. The path has the hashes from the leaf up (RFC 9162 §2.1.3).
func Inclusion(c Checkpoint, place uint64, leaf []byte, path [][]byte) error {
	if err := proof.VerifyInclusion(rfc6962.DefaultHasher, place, c.Size, rfc6962.DefaultHasher.HashLeaf(leaf), path, c.Root); err != nil {
		return fault.Newf(fault.Corrupt, "leaf at place %d of the log of size %d: %w", place, c.Size, err)
	}
	return nil
}

// Consistency checks that a log only grew between two checkpoints (RFC 9162 §2.1.4).
func Consistency(older, newer Checkpoint, path [][]byte) error {
	if older.Origin != newer.Origin {
		return fault.Newf(fault.Corrupt, "checkpoints of two logs: %q and %q", older.Origin, newer.Origin)
	}
	if err := proof.VerifyConsistency(rfc6962.DefaultHasher, older.Size, newer.Size, path, older.Root, newer.Root); err != nil {
		return fault.Newf(fault.Corrupt, "log of size %d does not continue that of size %d: %w", newer.Size, older.Size, err)
	}
	return nil
}

// Cosignature is a witness's statement that it saw a checkpoint, and at that time
// no other of this log that contradicts it.
type Cosignature struct {
	Witness string    `json:"witness"`
	At      time.Time `json:"at"` // by the witness's clock
}

// Policy says whose cosignatures a checkpoint needs, in the words of Sigsum's
// policy files:
//
//	witness NAME KEY URL     (KEY is a verifier key of type 0x04)
//	group NAME N MEMBER…     (N of the members; "any", "all")
//	quorum NAME              ("none": nobody has to cosign)
type Policy struct {
	Text  string
	group tessera.WitnessGroup
}

// maxPolicy bounds a policy, in bytes.
const maxPolicy = 64 << 10

// ParsePolicy reads a policy. No words are no policy: nobody has to cosign.
func ParsePolicy(text string) (Policy, error) {
	if len(text) > maxPolicy {
		return Policy{}, fault.Newf(fault.TooLarge, "policy of %d bytes is longer than %d", len(text), maxPolicy)
	}
	if strings.TrimSpace(text) == "" {
		return Policy{Text: text}, nil
	}
	group, err := tessera.NewWitnessGroupFromPolicy([]byte(text))
	if err != nil {
		err = fault.Newf(fault.Invalid, "witness policy: %w", err)
		return Policy{}, fault.WithHint(err, "write lines like: witness court KEY https://witness.example/ — group quorum-of-two 2 court ngo university — quorum quorum-of-two")
	}
	return Policy{Text: text, group: group}, nil
}

// Group gives the policy as the log's own library takes it.
func (p Policy) Group() tessera.WitnessGroup { return p.group }

// URLs gives where the witnesses take checkpoints, with their keys' names.
func (p Policy) URLs() map[string]string {
	out := map[string]string{}
	for url, v := range p.group.Endpoints() {
		out[url] = v.Name()
	}
	return out
}

// Need tells whether any cosignature is needed.
func (p Policy) Need() bool { return len(p.group.Components) > 0 && p.group.N > 0 }

// Cosigned checks a checkpoint's cosignatures and gives them by witness. Too few
// are an error; those of witnesses that the policy does not name do not count.
func (p Policy) Cosigned(signed []byte) ([]Cosignature, error) {
	var out []Cosignature
	for _, v := range p.group.Endpoints() {
		n, err := note.Open(signed, note.VerifierList(v))
		if err != nil {
			continue // this witness did not sign, or wrongly: either way it does not count
		}
		at, err := cosignature.CoSigV1Timestamp(n.Sigs[0])
		if err != nil {
			return nil, fault.Newf(fault.Corrupt, "cosignature of %q: %w", v.Name(), err)
		}
		out = append(out, Cosignature{Witness: v.Name(), At: at.UTC()})
	}
	slices.SortFunc(out, func(a, b Cosignature) int { return strings.Compare(a.Witness, b.Witness) })
	if !p.group.Satisfied(signed) {
		return out, fault.Newf(fault.Corrupt, "checkpoint has the cosignatures of %d witnesses of the policy, which are too few", len(out))
	}
	return out, nil
}
