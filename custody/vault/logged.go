package vault

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"

	"suraag/custody"
	"suraag/fault"
)

// Sum is how the log names the kept key of an item: the SHA-256 of its bytes.
func Sum(b []byte) string {
	s := sha256.Sum256(b)
	return hex.EncodeToString(s[:])
}

// put is what the log says of an item that was put into the vault.
type put struct {
	Item
	Wrapped string `json:"wrapped_sha256"`
}

// get is what the log says of a look into the vault.
type get struct {
	Case string `json:"case"`
	Why  string `json:"why"`
}

// dropped is what the log says of an item that was dropped.
type dropped struct {
	Case       string    `json:"case"`
	At         time.Time `json:"at"`
	Why        string    `json:"why"`
	Authority  string    `json:"authority"`
	ProposedBy string    `json:"proposed_by"`
	Proposal   string    `json:"proposal"`
}

// rewrapped is what the log says of an item whose key was encrypted to another
// unit key.
type rewrapped struct {
	Wrapped string `json:"wrapped_sha256"`
}

func recordOf[T any](l custody.Logged) (record T, err error) {
	e, err := custody.Parse(l.Canonical)
	if err == nil {
		err = json.Unmarshal(e.Record, &record)
	}
	return record, fault.As(fault.Corrupt, err)
}

// PutOf gives an item as the log says that it was put in, and the Sum of its key.
func PutOf(l custody.Logged) (Item, string, error) {
	p, err := recordOf[put](l)
	return p.Item, p.Wrapped, err
}

// DroppedOf gives an item as the log says that it was dropped.
func DroppedOf(l custody.Logged, i Item) (Item, error) {
	d, err := recordOf[dropped](l)
	i.DroppedAt, i.DroppedBy, i.DroppedWhy = d.At, l.By, d.Why
	return i, err
}

// RewrappedOf gives the Sum of an item's key as the log says that it was encrypted
// to another unit key.
func RewrappedOf(l custody.Logged) (string, error) {
	r, err := recordOf[rewrapped](l)
	return r.Wrapped, err
}
