package vault

import (
	"crypto/rand"
	"encoding/hex"
	"mime"
	"strings"
	"time"

	"suraag/fault"
)

// Item is content that the vault holds, or held.
type Item struct {
	ID           string    `json:"id"`            // 32 hex digits, made by chance
	Case         string    `json:"case"`          // ID of the case that it belongs to
	Name         string    `json:"name"`          // as given
	MediaType    string    `json:"media_type"`    // as given; nothing confirms it
	Size         int64     `json:"size"`          // bytes of the content
	SHA256       string    `json:"sha256"`        // of the content
	SealedSize   int64     `json:"sealed_size"`   // bytes of what is stored
	SealedSHA256 string    `json:"sealed_sha256"` // of what is stored, and its name in the store
	At           time.Time `json:"at"`
	By           string    `json:"by"`
	Ground       string    `json:"ground"` // law or order that requires it to be held
	Wrapped      []byte    `json:"-"`      // the item's key, encrypted to the unit's; empty: dropped
	DroppedAt    time.Time `json:"dropped_at,omitzero"`
	DroppedBy    string    `json:"dropped_by,omitempty"`
	DroppedWhy   string    `json:"dropped_why,omitempty"`
}

// Dropped tells whether nobody can read the content any more.
func (i Item) Dropped() bool { return !i.DroppedAt.IsZero() }

// About is what somebody says of content that is put into the vault.
type About struct {
	Case      string // ID of a case, required
	Name      string // required
	MediaType string // empty: application/octet-stream
	By        string
	Ground    string // required
}

const (
	maxName   = 1000 // bytes: four times what file systems allow
	minGround = 10   // characters: shorter says nothing (house rule, as of purposes in room people)
	maxGround = 1000
)

// checked gives what is said as it is kept, or what is missing.
func (a About) checked() (About, error) {
	a.Name, a.Ground, a.By = plain(a.Name), plain(a.Ground), plain(a.By)
	if id, err := hex.DecodeString(a.Case); err != nil || len(id) != idBytes {
		return a, fault.WithHint(fault.Newf(fault.Invalid, "case %q is no ID of a case", a.Case), "content is held for a case only; open one first (suraag case new)")
	}
	if n := len(a.Name); n == 0 || n > maxName {
		return a, fault.Newf(fault.Invalid, "name %.100q has %d bytes, not between 1 and %d", a.Name, n, maxName)
	}
	if a.By == "" {
		return a, fault.Newf(fault.Invalid, "nobody is named who puts %q into the vault", a.Name)
	}
	if n := len(a.Ground); n < minGround || n > maxGround {
		err := fault.Newf(fault.Invalid, "legal ground %.100q has %d characters, not between %d and %d", a.Ground, n, minGround, maxGround)
		return a, fault.WithHint(err, "name the law, order or warrant that requires the content to be held; where none does, hash it and do not keep it")
	}
	if a.MediaType == "" {
		a.MediaType = "application/octet-stream" // RFC 2046 §4.5.1: bytes of which no more is known
	}
	kind, _, err := mime.ParseMediaType(a.MediaType)
	if err != nil || len(a.MediaType) > maxWord || !strings.Contains(kind, "/") {
		return a, fault.Newf(fault.Invalid, "media type %.100q is none like image/jpeg", a.MediaType)
	}
	a.MediaType = kind
	return a, nil
}

const maxWord = 200

// plain is text as every database holds it, so that the log and the record tell
// one story.
func plain(text string) string {
	return strings.TrimSpace(strings.ReplaceAll(strings.ToValidUTF8(text, "\ufffd"), "\x00", "\ufffd"))
}

const idBytes = 16

func newID() string {
	var b [idBytes]byte
	rand.Read(b[:]) // it never fails (crypto/rand)
	return hex.EncodeToString(b[:])
}
