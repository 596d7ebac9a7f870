// Package threatexchange reads hash lists as Meta's ThreatExchange gives them
// (threat_updates, JSON).
//
// Takes the answer to a query for updates, as it was saved. Gives a listing for
// each hash, and one that takes an entry back where the exchange says that it
// should be deleted. Never asks the exchange, and never takes an indicator that
// is no hash of content for one.
//
// Names: facebook/ThreatExchange (BSD-3-Clause), python-threatexchange; see
// formats.md §3.2.
package threatexchange

import (
	"strconv"
	"strings"

	"suraag/instant"
	"suraag/intake/draft"
	"suraag/intake/jsonwalk"
	"suraag/sighting"
)

// kinds joins the types of indicators to kinds of hash. Types that are not here
// (domains, texts, fuzzy hashes of programs) are listed as not read.
var kinds = map[string]string{
	"HASH_MD5": "MD5", "HASH_VIDEO_MD5": "MD5", "HASH_SHA1": "SHA1", "HASH_SHA256": "SHA256",
	"HASH_PDQ": "PDQ", "HASH_PHOTODNA": "PhotoDNA", "HASH_TMK": "TMK",
}

// limits of one update. Each member who has an opinion adds a descriptor.
func limits() jsonwalk.Limits { return jsonwalk.Limits{Bytes: 4 << 20, Nodes: 100_000, Depth: 16} }

// listing makes the record of one update. The problem is why it is worth nothing.
func listing(n jsonwalk.Node, rule instant.Rule) (l sighting.Listing, problem string) {
	e := &draft.Entry{}
	kind, value := n.Get("type").Value(), n.Get("indicator").Value()
	e.Number(n.Get("id").Value())
	gone, understood := sighting.ReadTri(n.Get("should_delete").Text())
	if e.Withdrawn = gone == sighting.Yes; !understood {
		return e.Listing, "should_delete " + strconv.Quote(draft.Cut(n.Get("should_delete").Text())) + " is neither true nor false, so nobody can tell whether the entry stands"
	}
	label, known := kinds[kind]
	if !known && !e.Withdrawn {
		return e.Listing, "type " + strconv.Quote(draft.Cut(kind)) + " is no hash of content that is compared"
	}
	if known {
		e.Digest("indicator", label, bytesOf(label, value))
	}
	if strings.Contains(kind, "VIDEO") {
		e.MediaType = "video"
	}
	for kid := range n.Kids() {
		switch kid.Name() {
		case "id", "type", "indicator", "should_delete":
		case "last_updated":
			e.Time("last_updated", kid.Value(), rule)
		case "descriptors":
			descriptors(e, kid)
		case "tags":
			e.Tags = append(e.Tags, words(kid)...)
		default:
			jsonwalk.Flatten(kid, kid.Name(), e.Keep)
		}
		if kid.Lossy() {
			e.Note("%s holds bytes that are not UTF-8", kid.Name())
		}
	}
	return e.Listing, e.Lacks()
}

// bytesOf gives a PhotoDNA value that is written as 144 numbers with commas in
// hex, as the others are.
func bytesOf(label, value string) string {
	parts := strings.Split(value, ",")
	if label != "PhotoDNA" || len(parts) != 144 {
		return value
	}
	var hex strings.Builder
	for _, p := range parts {
		b, err := strconv.ParseUint(strings.TrimSpace(p), 10, 8)
		if err != nil {
			return value
		}
		hex.WriteString(strconv.FormatUint(b|0x100, 16)[1:])
	}
	return hex.String()
}

// descriptors keeps what members say of a hash, and their tags. Where one says
// that it is harmless, the listing carries the doubt.
func descriptors(e *draft.Entry, n jsonwalk.Node) {
	if list := n.Get("data"); list.Kind() == jsonwalk.List {
		n = list
	}
	for d := range n.Kids() {
		owner := d.Get("owner", "name").Value()
		if owner == "" {
			owner = d.Get("owner", "id").Value()
		}
		e.Tags = append(e.Tags, words(d.Get("tags"))...)
		if status := d.Get("status").Value(); status == "NON_MALICIOUS" {
			e.Note("a member of the exchange (%q) says that this entry is harmless", owner)
		}
		jsonwalk.Flatten(d, "descriptor", e.Keep)
	}
}

// maxTags of one entry are kept apart; the rest stands in the original.
const maxTags = 1000

// words reads tags: a list of words, or of objects that hold one, or {"data": …}.
func words(n jsonwalk.Node) []string {
	if list := n.Get("data"); list.Kind() == jsonwalk.List {
		n = list
	}
	var out []string
	for t := range n.Kids() {
		w := t.Value()
		for _, name := range []string{"text", "name"} {
			if w == "" {
				w = t.Get(name).Value()
			}
		}
		if w != "" && len(out) < maxTags {
			out = append(out, draft.Cut(w))
		}
	}
	return out
}
