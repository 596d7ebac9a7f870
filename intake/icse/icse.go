// Package icse reads lists that were exported from INTERPOL's International
// Child Sexual Exploitation database.
//
// Takes the CSV form that IPED reads (formats.md §1.5). Gives one listing per
// row. Never says that an entry outside the baseline is lawful.
package icse

import "suraag/intake/table"

// The columns, in the order of the header that IPED expects:
// MD5;SHA1;PhotoDNA;Image ID;Is distributed;Victim identified;Offender
// identified;Series name;Number of submissions;File Available;Media Type;Baseline.
const (
	md5      = "MD5"
	sha1     = "SHA1"
	photoDNA = "PhotoDNA" // hex or base64
	imageID  = "Image ID"
	series   = "Series name"
	media    = "Media Type"
	baseline = "Baseline" // yes: in the set that INTERPOL holds to be illegal everywhere
)

// columns joins them to other spellings. SHA256 and PDQ are not in the header
// that was seen; a later one may well have them.
var columns = table.Names{
	md5: nil, sha1: {"SHA-1"}, "SHA256": {"SHA-256"}, "PDQ": nil, photoDNA: {"Photo DNA"}, imageID: {"ImageID"}, series: {"Series"},
	media: nil, baseline: {"Is baseline"}, "Is distributed": nil, "Victim identified": nil, "Offender identified": nil,
}

// digests are the columns that hold one, strongest first.
var digests = []string{"SHA256", sha1, md5, "PDQ", photoDNA}

// flags joins a column to the name that all lists use for the flag.
var flags = []struct{ column, name string }{
	{"Is distributed", "IsDistributed"},
	{"Victim identified", "VictimIdentified"},
	{"Offender identified", "OffenderIdentified"},
}

// keep are known columns that have no place of their own in a listing.
var keep = []string{"Number of submissions", "File Available"}
