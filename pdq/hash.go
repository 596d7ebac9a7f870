package pdq

import (
	"encoding/hex"
	"math/bits"
	"strings"

	"suraag/fault"
)

// Hash is a PDQ value: 256 bits, one for each of the 16×16 lowest frequencies
// of the picture. The first byte is the first two figures of the written form.
type Hash [32]byte

// String writes the hash as 64 lower-case hexadecimal figures.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// Parse reads 64 hexadecimal figures, of either case.
func Parse(s string) (Hash, error) {
	var h Hash
	if len(s) != hex.EncodedLen(len(h)) {
		return Hash{}, fault.Newf(fault.Invalid, "pdq %q: %d characters, a PDQ hash has 64", clip(s), len(s))
	}
	if _, err := hex.Decode(h[:], []byte(s)); err != nil {
		return Hash{}, fault.Newf(fault.Invalid, "pdq %q: not hexadecimal", strings.ToValidUTF8(s, "?"))
	}
	return h, nil
}

// Distance counts the bits in which two hashes differ, 0 to 256. Pictures of
// the same origin are commonly taken to be within 31 (ThreatExchange, pdq/README.md).
func (h Hash) Distance(o Hash) int {
	n := 0
	for i := range h {
		n += bits.OnesCount8(h[i] ^ o[i])
	}
	return n
}

// clip keeps a quoted value short enough to stand in a message.
func clip(s string) string {
	const most = 80
	if len(s) > most {
		s = s[:most] + "…"
	}
	return strings.ToValidUTF8(s, "?")
}
