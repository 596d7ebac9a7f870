package ufed

import (
	"crypto/sha256"

	"suraag/digest"
)

// known remembers the digests of the tagged files, so that attachments that stand
// later in the report get theirs. It is packed, because a phone has many files:
// some 100 bytes each.
type known struct {
	files map[[16]byte]packed
	full  bool
}

// packed holds the three kinds that a report states; a kind that is not stated
// is not set in have.
type packed struct {
	sha256 [32]byte
	sha1   [20]byte
	md5    [16]byte
	have   uint8
}

const (
	haveSHA256 = 1 << iota
	haveSHA1
	haveMD5
)

// key shortens a file's id. It is hashed, because ids are not GUIDs everywhere.
func key(id string) [16]byte {
	sum := sha256.Sum256([]byte(id))
	return [16]byte(sum[:16])
}

func (k *known) add(id string, digests []digest.Digest) {
	if id == "" || len(digests) == 0 {
		return
	}
	if len(k.files) >= maxFiles {
		k.full = true
		return
	}
	var p packed
	for _, d := range digests {
		switch d.Kind() {
		case digest.SHA256:
			p.have |= haveSHA256
			copy(p.sha256[:], d.Bytes())
		case digest.SHA1:
			p.have |= haveSHA1
			copy(p.sha1[:], d.Bytes())
		case digest.MD5:
			p.have |= haveMD5
			copy(p.md5[:], d.Bytes())
		}
	}
	k.files[key(id)] = p
}

// of gives the digests of a file, in the order in which the kinds are strong.
func (k *known) of(id string) []digest.Digest {
	p, found := k.files[key(id)]
	if !found || id == "" {
		return nil
	}
	var out []digest.Digest
	add := func(bit uint8, kind digest.Kind, raw []byte) {
		if d, err := digest.Of(kind, raw); p.have&bit != 0 && err == nil {
			out = append(out, d)
		}
	}
	add(haveSHA256, digest.SHA256, p.sha256[:])
	add(haveSHA1, digest.SHA1, p.sha1[:])
	add(haveMD5, digest.MD5, p.md5[:])
	return out
}
