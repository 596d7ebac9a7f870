package custody

import (
	"encoding/json"
	"time"
)

// The purposes for which a source is handed in.
const (
	ForIntake  = "intake"
	ForHashSet = "hash set"
	ForNetwork = "network"
)

// The states of a source.
const (
	Sealed = "sealed" // waits to be read
	Read   = "read"   // read to the end; bad rows may be listed
	Unread = "unread" // nothing in it could be read; the problem says why
)

// Source is a sealed original and what came of reading it.
type Source struct {
	Receipt
	Purpose string          `json:"purpose"`
	Options json.RawMessage `json:"options"` // what was declared at hand-in
	State   string          `json:"state"`
	Problem string          `json:"problem,omitempty"`
	Result  json.RawMessage `json:"result,omitempty"` // intake.Result
	ReadAt  time.Time       `json:"read_at,omitzero"`
}

// HandIn is one occasion on which a source was brought.
type HandIn struct {
	Authority string    `json:"authority"`
	BroughtBy string    `json:"brought_by"`
	Name      string    `json:"name"`
	At        time.Time `json:"at"`
}
