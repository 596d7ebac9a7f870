// Package nsrl reads the National Software Reference Library's data sets (RDS) of
// NIST: version 3, an SQLite file, and version 2, NSRLFile.txt.
//
// Takes the file as NIST publishes it. Gives a listing for each row of a file.
// The entries are known software and no more: NIST does not say that a file is
// harmless, and neither does this package.
//
// Sources: NIST's pages on RDS versions 2 and 3; the queries of IPED; see
// formats.md §4.
package nsrl

import (
	"strconv"

	"suraag/intake/draft"
	"suraag/sighting"
)

// Scheme and Known name what every entry is.
const (
	Scheme = "NSRL"
	Known  = "known"
)

// The columns of a row, as version 3 names them.
const (
	sha256   = "sha256"
	sha1     = "sha1"
	md5      = "md5"
	fileName = "file_name"
	fileSize = "file_size"
	pkg      = "package_id"
)

// labels joins the columns that hold a hash to its kind, strongest first.
var labels = []struct{ column, label string }{{sha256, "SHA256"}, {sha1, "SHA1"}, {md5, "MD5"}}

// start begins the record of one row out of its cells. The rest is kept by the
// caller.
func start(get func(column string) string) *draft.Entry {
	e := &draft.Entry{}
	e.Scheme, e.Category = Scheme, Known
	for _, l := range labels {
		e.Digest(l.column, l.label, get(l.column))
	}
	e.Keep(fileName, get(fileName))
	if size := get(fileSize); sighting.Stated(size) {
		n, err := strconv.ParseInt(size, 10, 64)
		if err != nil || n < 0 {
			e.Keep(fileSize, size)
			e.Note("%s %q is not a number of bytes", fileSize, draft.Cut(size))
		} else {
			e.Size = n
		}
	}
	return e
}
