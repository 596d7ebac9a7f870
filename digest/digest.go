// Package digest holds the hash values by which content is known.
//
// Takes text as lists and returns write it. Gives typed values that can be
// compared, and the distance between near ones. Never reads a file.
//
// A value is judged by its length and alphabet first and its label second:
// real returns carry a SHA-256 under the label SHA1, and a wrong label must not
// make a right value unfindable (formats.md, import rule 1).
package digest

import (
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math/bits"
	"strings"

	"suraag/fault"
)

// Kind names the function that made a value.
type Kind string

// The kinds of digest. All but PDQ, PhotoDNA, TMK and VPDQ stand for exact bytes.
const (
	MD5      Kind = "md5"      // 128 bits; collisions are made on purpose
	SHA1     Kind = "sha1"     // 160 bits; collisions have been made
	SHA256   Kind = "sha256"   // 256 bits
	PDQ      Kind = "pdq"      // 256 bits, near: compare by Hamming distance
	PhotoDNA Kind = "photodna" // 144 bytes, near: compared, never computed
	TMK      Kind = "tmk"      // TMK+PDQF of a video, carried as text
	VPDQ     Kind = "vpdq"     // vPDQ of a video, carried as text
	ED2K     Kind = "ed2k"     // MD4 tree of eDonkey2000, 128 bits
	TTH      Kind = "tth"      // Tiger tree hash, 192 bits, written in base32
	BTIH     Kind = "btih"     // BitTorrent v1 info hash: names a torrent, not one file
	BTMH     Kind = "btmh"     // BitTorrent v2 info hash: names a torrent, not one file
	Ref      Kind = "ref"      // no hash: the name that a service gives to one exact file; see Named
)

// form is how a kind is written: its bytes, and how strongly one value binds
// records to one content. A stronger kind overrules a weaker one.
type form struct{ bytes, strength int }

var forms = map[Kind]form{
	SHA256: {32, 6}, SHA1: {20, 5}, TTH: {24, 4}, MD5: {16, 3}, ED2K: {16, 2}, BTMH: {32, 1}, BTIH: {20, 1}, Ref: {0, 1},
	PDQ: {32, 0}, PhotoDNA: {144, 0}, TMK: {0, 0}, VPDQ: {0, 0},
}

// labels are the words for a kind as documents write them, in small letters and
// without signs.
var labels = map[string]Kind{
	"sha256": SHA256, "sha2256": SHA256, "hashsha256": SHA256,
	"sha1": SHA1, "hashsha1": SHA1, "sha1base32": SHA1,
	"tth": TTH, "tiger": TTH, "tigertree": TTH,
	"md5": MD5, "hashmd5": MD5, "verificationhash": MD5,
	"ed2k": ED2K, "ed2kmd4": ED2K, "md4": ED2K,
	"btmh": BTMH, "btv2": BTMH, "infohashv2": BTMH,
	"btih": BTIH, "btih1": BTIH, "infohash": BTIH, "infohashv1": BTIH,
	"pdq": PDQ, "hashpdq": PDQ, "pdqhash": PDQ,
	"photodna": PhotoDNA, "pdna": PhotoDNA, "hashphotodna": PhotoDNA,
	"tmk": TMK, "tmkpdqf": TMK, "hashtmk": TMK,
	"vpdq": VPDQ,
}

// Kinds lists every kind, strongest first.
func Kinds() []Kind {
	return []Kind{SHA256, SHA1, TTH, MD5, ED2K, BTMH, BTIH, PDQ, PhotoDNA, TMK, VPDQ}
}

// Exact tells whether equal values of the kind mean equal bytes (or one torrent).
func (k Kind) Exact() bool { return forms[k].strength > 0 }

// Strength orders the exact kinds: where two records agree on a weaker kind and
// differ on a stronger one, the stronger is right. Near kinds have none.
func (k Kind) Strength() int { return forms[k].strength }

// Size is the length of a value in bytes; 0 for TMK and vPDQ, which are text.
func (k Kind) Size() int { return forms[k].bytes }

// KindOf gives the kind that a label means ("SHA-1", "HASH_MD5", "PhotoDNA"), if any.
func KindOf(label string) (Kind, bool) {
	if kind, known := labels[label]; known {
		return kind, true
	}
	kind, known := labels[strings.Map(func(r rune) rune {
		if r == '-' || r == '_' || r == ' ' || r == '+' || r == '(' || r == ')' {
			return -1
		}
		return r
	}, strings.ToLower(label))]
	return kind, known
}

// Digest is one value of one kind. The zero value is no digest. Values are
// comparable with == because the text is kept in one canonical form: lower-case
// hex, except TMK and vPDQ which are kept as given.
type Digest struct {
	kind  Kind
	value string
}

// Kind gives the kind of the value.
func (d Digest) Kind() Kind { return d.kind }

// Hex gives the value in lower-case hex (TMK and vPDQ: as given).
func (d Digest) Hex() string { return d.value }

// IsZero tells whether there is no value.
func (d Digest) IsZero() bool { return d.kind == "" }

// Named makes a value that binds like a digest out of a service's own name for
// one exact file ("kik:0000-…"). It is never read from a document as a hash.
func Named(ref string) Digest { return Digest{Ref, ref} }

// Bytes gives the raw value; nothing for TMK and vPDQ.
func (d Digest) Bytes() []byte {
	if forms[d.kind].bytes == 0 {
		return nil
	}
	b, err := hex.DecodeString(d.value)
	if err != nil {
		return nil
	}
	return b
}

// String writes "kind:hex", the form that Parse reads back.
func (d Digest) String() string {
	if d.IsZero() {
		return ""
	}
	return string(d.kind) + ":" + d.value
}

// Compare orders digests by kind, strongest first, then by value.
func (d Digest) Compare(e Digest) int {
	if s := forms[e.kind].strength - forms[d.kind].strength; s != 0 {
		return s
	}
	if c := strings.Compare(string(d.kind), string(e.kind)); c != 0 {
		return c
	}
	return strings.Compare(d.value, e.value)
}

// MarshalText writes the form of String.
func (d Digest) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads the form of String.
func (d *Digest) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*d = Digest{}
		return nil
	}
	got, err := Parse(string(text))
	if err != nil {
		return err
	}
	*d = got
	return nil
}

// Of makes a digest from raw bytes. The length must be the kind's.
func Of(kind Kind, raw []byte) (Digest, error) {
	f, known := forms[kind]
	if !known || f.bytes == 0 {
		return Digest{}, fault.Newf(fault.Invalid, "digest kind %q has no raw form", kind)
	}
	if len(raw) != f.bytes {
		return Digest{}, fault.Newf(fault.Invalid, "digest of kind %s has %d bytes, not %d", kind, len(raw), f.bytes)
	}
	return Digest{kind, hex.EncodeToString(raw)}, nil
}

// Parse reads "kind:value".
func Parse(text string) (Digest, error) {
	label, value, found := strings.Cut(text, ":")
	if !found {
		return Digest{}, fault.Newf(fault.Invalid, "digest %q has no kind before a colon", short(text))
	}
	kind, known := KindOf(label)
	if !known {
		return Digest{}, fault.Newf(fault.Invalid, "digest kind %q is not known", short(label))
	}
	d, doubt, err := Read(string(kind), value)
	if err == nil && doubt != "" {
		return Digest{}, fault.Newf(fault.Invalid, "digest %q: %s", short(text), doubt)
	}
	return d, err
}

// Read judges a labelled value as a document states it. The label may be empty.
// The doubt is a sentence where label and value disagree and the value's own
// length decided.
func Read(label, value string) (d Digest, doubt string, err error) {
	labelled, known := KindOf(label)
	value = strings.TrimSpace(value)
	if !known || forms[labelled].bytes != 0 { // a vPDQ may be JSON
		value = strings.Trim(value, `"'{}`)
	}
	if value == "" {
		return Digest{}, "", fault.Newf(fault.Invalid, "digest %q is empty", label)
	}
	if known && forms[labelled].bytes == 0 {
		return Digest{labelled, value}, "", nil
	}
	candidates := Judge(value)
	if len(candidates) == 0 {
		return Digest{}, "", fault.Newf(fault.Invalid,
			"digest %q labelled %q has %d characters, which is no known hash written in hex, base32 or base64", short(value), label, len(value))
	}
	for _, c := range candidates {
		if known && c.kind == labelled {
			return c, "", nil
		}
	}
	if label == "" {
		return candidates[0], "", nil
	}
	if !known {
		return candidates[0], fmt.Sprintf("label %q is not a known hash; taken as %s by its length", label, candidates[0].kind), nil
	}
	return candidates[0], fmt.Sprintf("labelled %s but has the length of %s; taken as %s", labelled, candidates[0].kind, candidates[0].kind), nil
}

// Judge gives every digest that an unlabelled value can be, the likeliest first,
// by its length and alphabet alone.
func Judge(value string) []Digest {
	raw, kinds := decode(value)
	var out []Digest
	for _, k := range kinds {
		out = append(out, Digest{k, hex.EncodeToString(raw)})
	}
	return out
}

// decode finds the alphabet by the length. 32 characters are hex before base32,
// because MD5 in hex is everywhere and SHA-1 in base32 is Gnutella's alone.
func decode(value string) ([]byte, []Kind) {
	if raw, err := hex.DecodeString(strings.ToLower(value)); err == nil {
		switch len(raw) {
		case 16:
			return raw, []Kind{MD5, ED2K}
		case 20:
			return raw, []Kind{SHA1, BTIH}
		case 24:
			return raw, []Kind{TTH}
		case 32:
			return raw, []Kind{SHA256, PDQ, BTMH}
		case 144:
			return raw, []Kind{PhotoDNA}
		}
		return nil, nil
	}
	switch len(value) {
	case 32, 39:
		raw, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ToUpper(value))
		if err != nil {
			return nil, nil
		}
		if len(raw) == 20 {
			return raw, []Kind{SHA1, BTIH}
		}
		return raw, []Kind{TTH}
	case 44, 192:
		raw, err := base64.StdEncoding.DecodeString(value)
		if err != nil {
			return nil, nil
		}
		if len(raw) == 32 {
			return raw, []Kind{PDQ}
		}
		return raw, []Kind{PhotoDNA}
	}
	return nil, nil
}

// Hamming counts the bits in which two PDQ values differ, 0 to 256. It gives
// false where either is not PDQ. Values at 31 or less are held to be the same
// picture by the list owners (ThreatExchange, PDQ README).
func Hamming(a, b Digest) (int, bool) {
	if a.kind != PDQ || b.kind != PDQ {
		return 0, false
	}
	x, y, n := a.Bytes(), b.Bytes(), 0
	for i := range x {
		n += bits.OnesCount8(x[i] ^ y[i])
	}
	return n, true
}

// PhotoDNALimit is the squared distance up to which two PhotoDNA values are
// called near. Microsoft's own threshold is not public; this is the default that
// IPED uses, and a person has to look (formats.md §6).
const PhotoDNALimit = 40000

// SquaredDistance is the sum of squared byte differences of two PhotoDNA
// values. It gives false where either is not PhotoDNA.
func SquaredDistance(a, b Digest) (int, bool) {
	if a.kind != PhotoDNA || b.kind != PhotoDNA {
		return 0, false
	}
	x, y, sum := a.Bytes(), b.Bytes(), 0
	for i := range x {
		d := int(x[i]) - int(y[i])
		sum += d * d
	}
	return sum, true
}

// short keeps a quoted value readable in an error.
func short(s string) string {
	if len(s) <= 80 {
		return s
	}
	return s[:77] + "…"
}
