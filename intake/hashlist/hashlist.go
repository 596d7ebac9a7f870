// Package hashlist reads plain lists of known hashes.
//
// Takes CSV, TSV or text: with a header or without, one hash on a line or many
// columns, by the officer's column map or by what the columns are titled. Gives
// one listing per row. Never takes a list of somebody's files for a list of
// known hashes, and never tells PDQ from SHA-256 by a guess: both are 64 hex
// digits.
package hashlist

import (
	"suraag/digest"
	"suraag/intake/table"
)

// Our words for the columns, as the officer's column map uses them.
const (
	hash     = "hash" // of the kind that its length or the column hash_type says
	hashType = "hash_type"
	quality  = "quality" // of the PDQ value, 0 to 100
	category = "category"
	scheme   = "scheme"
	series   = "series"
	tags     = "tags"
	ref      = "ref"
	media    = "media_type"
	size     = "size"
)

// kinds are the columns that hold one kind of hash, strongest first.
func kinds() []string {
	return []string{string(digest.SHA256), string(digest.SHA1), string(digest.TTH), string(digest.MD5), string(digest.ED2K),
		string(digest.BTMH), string(digest.BTIH), string(digest.PDQ), string(digest.PhotoDNA), string(digest.VPDQ), string(digest.TMK)}
}

// columns joins our words to titles that lists use.
func columns() table.Names {
	return table.Names{
		"md5":    {"MD5 hash", "hash md5", "md5sum", "hashmd5"},
		"sha1":   {"SHA-1", "SHA1 hash", "hash sha1", "sha1sum"},
		"sha256": {"SHA-256", "SHA256 hash", "hash sha256", "sha256sum"},
		"pdq":    {"pdq hash", "hash pdq", "pdq_hex"}, "photodna": {"photo dna", "pdna", "PhotoDNA hash"},
		"vpdq": {"vpdq hash"}, "tmk": {"tmk+pdqf", "tmk hash"},
		"tth": {"tiger", "tiger tree"}, "ed2k": {"md4", "ed2k md4"}, "btih": {"info hash"}, "btmh": {"info hash v2"},
		hash: {"hash value", "hashvalue", "digest", "signal_value", "indicator"}, hashType: {"type", "algorithm", "algo", "kind", "signal_type", "hash name"},
		quality: {"pdq_quality", "hash quality"}, category: {"cat", "classification"}, scheme: {"category scheme"},
		series: {"series name"}, tags: {"tag", "labels", "label"}, ref: {"id", "reference", "entry id", "image id", "entry"},
		media: {"mime type", "mimetype"}, size: {"file size", "media size", "filesize", "length"},
	}
}

// fileList are titles by which a list of somebody's files gives itself away.
func fileList() []string {
	return []string{"path", "full path", "file path", "deleted", "accessed", "modified", "created", "a_time", "m_time", "cr_time", "carved", "bookmark"}
}
