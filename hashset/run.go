package hashset

import "time"

// Run is one list being held against everything that was ever seen.
type Run struct {
	Set     string    `json:"set"`
	Cause   string    `json:"cause"` // Came, Went
	After   string    `json:"after"` // the last thing that was looked at; empty: none yet
	Done    int64     `json:"done"`  // things looked at
	Total   int64     `json:"total"` // of so many, when it began
	Touched int64     `json:"touched"`
	Begun   time.Time `json:"begun"`
	Ended   time.Time `json:"ended,omitzero"`
}

// Why a list is held against what was seen.
const (
	Came = "came" // it is live now
	Went = "went" // it was retracted
)
