// Package stopncii reads hash lists of StopNCII.org (FetchHashes, JSON).
//
// Takes the answer to a query for hashes, as it was saved. Gives a listing for
// each record, and one that takes an entry back where its status says so. Never
// takes an entry for child abuse material: those who report there are adults.
//
// Names: facebook/ThreatExchange (BSD-3-Clause), the client of StopNCII's API
// version 1; see formats.md §3.2.
package stopncii

import (
	"strconv"

	"suraag/instant"
	"suraag/intake/draft"
	"suraag/intake/jsonwalk"
	"suraag/sighting"
)

// Scheme names the meaning of a listing's category, the status of the record.
const Scheme = "StopNCII"

// kinds joins signal types to kinds of hash.
var kinds = map[string]string{"ImagePDQ": "PDQ", "VideoMD5": "MD5", "VideoTMK": "TMK"}

// limits of one record. Each platform that has an opinion adds one.
func limits() jsonwalk.Limits { return jsonwalk.Limits{Bytes: 4 << 20, Nodes: 100_000, Depth: 16} }

// listing makes the record of one hash. The service numbers nothing: its key is
// the type and the value.
func listing(n jsonwalk.Node, rule instant.Rule) (l sighting.Listing, problem string) {
	kind, value, status := n.Get("signalType").Value(), n.Get("hashValue").Value(), n.Get("hashStatus").Value()
	label, known := kinds[kind]
	if !known {
		return l, "signalType " + strconv.Quote(draft.Cut(kind)) + " is no hash of content that is compared"
	}
	e := &draft.Entry{}
	e.Scheme, e.Category = Scheme, draft.Cut(status)
	e.Withdrawn = status == "Withdrawn" || status == "Deleted"
	if value != "" {
		e.Number(kind + ":" + value)
	}
	e.Digest("hashValue", label, value)
	for kid := range n.Kids() {
		switch kid.Name() {
		case "signalType", "hashValue", "hashStatus":
		case "lastModtimestamp":
			e.Time("lastModtimestamp", kid.Value(), rule)
		default:
			jsonwalk.Flatten(kid, kid.Name(), e.Keep)
		}
	}
	return e.Listing, e.Lacks()
}
