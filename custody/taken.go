package custody

// TakenOut is what an export entry says of a document that left the record. Format
// and one of the two hashes are always there; the rest came later.
type TakenOut struct {
	Format  string   `json:"format"`
	Content string   `json:"content,omitempty"`       // of a bundle: the hash of its manifest
	SHA256  string   `json:"sha256,omitempty"`        // of any other file
	Kind    string   `json:"kind,omitempty"`          // of what it is about
	RestsOn []string `json:"rests_on"`                // nil: an earlier program, which did not say
	More    int      `json:"rests_on_more,omitempty"` // records beyond those named; their sources are
	Cut     bool     `json:"rests_on_cut,omitempty"`  // the document itself names not all of what it rests on
}

// Rests names what a document rests on: sources, then as many of the records as an
// entry has room for (at most 10,000 IDs of 64 digits, below maxRecord).
func (t *TakenOut) Rests(sources, records []string) {
	const most = 10_000
	t.RestsOn = []string{}
	known := map[string]bool{}
	for n, ids := range [][]string{sources, records} {
		for _, id := range ids {
			if id == "" || known[id] {
				continue
			}
			if n > 0 && len(t.RestsOn) >= most {
				t.More++
				continue
			}
			known[id] = true
			t.RestsOn = append(t.RestsOn, id)
		}
	}
}
