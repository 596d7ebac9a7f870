package proof

import (
	"bytes"
	"encoding/hex"

	"suraag/custody"
	"suraag/fault"
)

// Evidence is everything that shows, offline, that an entry stood in the log when
// a checkpoint was signed: what a court's expert gets of one entry.
type Evidence struct {
	Place      uint64   `json:"place"`           // in the log, from 0
	Record     string   `json:"record"`          // the entry's canonical bytes (RFC 8785); empty: erased
	Salt       string   `json:"salt"`            // 32 bytes, hex; empty: erased
	Leaf       string   `json:"leaf"`            // SHA-256 over the domain, the salt and the record, hex
	Path       [][]byte `json:"path"`            // hashes from the leaf up
	Checkpoint string   `json:"checkpoint"`      // signed note, with cosignatures
	Key        string   `json:"key"`             // verifier key of the log
	Policy     string   `json:"policy"`          // whose cosignatures the unit asked for
	Token      []byte   `json:"token,omitempty"` // RFC 3161 response over the checkpoint's bytes, see custody/stamp
}

// Verify checks everything but the time stamp: that the record and the salt give
// the leaf, that the leaf stands in the checkpoint, that the log signed it, and
// that the witnesses of the policy did. The key and the policy are those of the
// evidence itself; whoever trusts others compares them first.
func (e Evidence) Verify() (Checkpoint, []Cosignature, error) {
	leaf, err := hex.DecodeString(e.Leaf)
	if err != nil {
		return Checkpoint{}, nil, fault.Newf(fault.Invalid, "leaf %q: %w", e.Leaf, err)
	}
	if e.Record != "" || e.Salt != "" {
		salt, err := hex.DecodeString(e.Salt)
		if err != nil {
			return Checkpoint{}, nil, fault.Newf(fault.Invalid, "salt %q: %w", e.Salt, err)
		}
		if made := custody.Leaf(salt, []byte(e.Record)); !bytes.Equal(made[:], leaf) {
			return Checkpoint{}, nil, fault.Newf(fault.Corrupt, "the record and the salt of entry %d give another leaf than the one that stands in the log", e.Place)
		}
	}
	cp, err := Open([]byte(e.Checkpoint), e.Key)
	if err != nil {
		return cp, nil, err
	}
	if err := Inclusion(cp, e.Place, leaf, e.Path); err != nil {
		return cp, nil, err
	}
	policy, err := ParsePolicy(e.Policy)
	if err != nil {
		return cp, nil, err
	}
	cosigned, err := policy.Cosigned([]byte(e.Checkpoint))
	return cp, cosigned, err
}
