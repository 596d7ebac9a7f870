// Package autopsy reads the list of files that Autopsy writes ("Files - Text").
//
// Takes file-report.txt, tabs or commas between cells in quotes that are not
// escaped. Gives a holding for each file. File times are the device's, whose owner
// could change them, and state no zone.
//
// Columns: sleuthkit/autopsy, FileReportText.java and FileReportDataTypes.java
// (Apache-2.0); see formats.md §5.7. The headings that it shows are those of its
// English edition, or the names of its data types.
package autopsy

import (
	"strconv"

	"suraag/digest"
	"suraag/instant"
	"suraag/intake"
	"suraag/intake/draft"
	"suraag/intake/table"
	"suraag/sighting"
)

// Our words for the columns.
const (
	name     = "NAME"
	created  = "CR_TIME"
	modified = "M_TIME"
	accessed = "A_TIME"
	size     = "SIZE"
	hash     = "HASH_VALUE"
	fullPath = "FULL_PATH"
	known    = "KNOWN_STATUS"
	deleted  = "DELETED"
	address  = "ADDRESS"
	rights   = "PERMISSIONS"
)

var columns = table.Names{
	name: {"Name", "File Name"}, created: {"Creation Time", "Created Time", "Created"}, modified: {"Modification Time", "Modified Time", "Last Modified"},
	accessed: {"Last Accessed", "Accessed Time", "Accessed"}, size: {"Size", "Size (Bytes)", "File Size"}, hash: {"Hash Value", "MD5 Hash", "MD5"},
	fullPath: {"Full Path", "Path"}, known: {"Known Status"}, deleted: {"Is Deleted"},
	address: {"Address"}, rights: {"Permissions"},
}

var kept = []string{"FILE_EXT", "File Extension", "FILE_TYPE", "File Type"}

// Format reads a list of files.
func Format() intake.Format {
	return intake.Format{
		Name: "autopsy/files", Title: "Autopsy file report (text)", Version: 1,
		Marks: "a header with Name, Hash Value and Full Path, and a known status, an address or permissions",
		Sniff: layout().Sniff,
		Read: func(in *intake.Input, sink intake.Sink) error {
			return layout().Each(in, sink, func(h *table.Header, r *table.Row) error {
				d, problem := hold(h, r, in.Options.Rule())
				if problem != "" {
					return sink.Bad(r.Place(), problem)
				}
				return sink.Sighting(d.Sighting)
			})
		},
	}
}

func layout() table.Layout {
	return table.Layout{
		Names: columns, Keep: kept, Certain: 93,
		Lacks: func(h *table.Header) string {
			if lacks := h.Missing(name, hash, fullPath); lacks != "" {
				return lacks
			}
			// Other tools have a name, a hash and a path too.
			if !h.HasAny(known, address, rights) {
				return known
			}
			return ""
		},
	}
}

// hold makes the record of a row. A file that was not hashed is a record all the
// same.
func hold(h *table.Header, r *table.Row, rule instant.Rule) (d *draft.Draft, problem string) {
	d = draft.New(r.Place(), sighting.Hold, sighting.DeviceFile, "")
	d.Notes = table.Doubts(h, r)
	d.Content.Name = table.Clean(h.Get(r, name))
	if v := h.Get(r, hash); sighting.Stated(v) {
		value, doubt, err := digest.Read("MD5", v)
		switch {
		case err != nil:
			d.Keep(hash, v)
			d.Note("%v", err)
		case doubt != "":
			d.Note("%s", doubt)
			fallthrough
		default:
			d.Content.Digests = []digest.Digest{value}
		}
	} else {
		d.Note("no hash stated")
	}
	if len(d.Content.Digests) == 0 && d.Content.Name == "" && !sighting.Stated(h.Get(r, fullPath)) {
		return nil, "the row names no file"
	}
	if v := h.Get(r, size); sighting.Stated(v) {
		n, err := strconv.ParseInt(v, 10, 64)
		if err != nil || n < 0 {
			d.Keep(size, v)
			d.Note("size %q is not a number of bytes", v)
		} else {
			d.Content.Size = n
		}
	}
	d.Time(created, h.Get(r, created), rule)
	for _, column := range []string{modified, accessed, fullPath, known, deleted, address, rights} {
		d.Keep(column, h.Get(r, column))
	}
	d.Extra = append(d.Extra, h.Rest(r)...)
	return d, ""
}
