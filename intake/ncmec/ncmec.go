// Package ncmec reads lists of known hashes as NCMEC's Hash Sharing service gives
// them (version 2, XML).
//
// Takes the answer to a query for entries, as it was saved. Gives a listing for
// each entry, and one that takes an entry back for each deletion. Never asks the
// service, and never follows the links behind which it keeps large fingerprints.
//
// Names and meaning: the client in facebook/ThreatExchange (BSD-3-Clause),
// exchanges/clients/ncmec/hash_api.py, which cites NCMEC's documentation; see
// formats.md §3.1.
package ncmec

import "suraag/intake/xmlwalk"

// Scheme names the meaning of a listing's category: the industry's
// classification A1, A2, B1, B2.
const Scheme = "NCMEC"

// limits of one entry. Its feedback names the members who gave it.
func limits() xmlwalk.Limits { return xmlwalk.Limits{Bytes: 4 << 20, Elements: 20_000, Depth: 32} }

// kinds joins the names of fingerprints to kinds of hash. A fingerprint of any
// other name (netclean, ssvh-pdna, …) is kept as it stands: by its length alone
// it would be taken for a hash that it is not.
var kinds = map[string]string{"md5": "MD5", "sha1": "SHA1", "sha256": "SHA256", "pdna": "PhotoDNA", "pdq": "PDQ"}

// entries joins the names of entries to what they mean.
var entries = map[string]struct {
	media     string
	withdrawn bool
}{
	"image": {"image", false}, "deletedImage": {"image", true},
	"video": {"video", false}, "deletedVideo": {"video", true},
}
