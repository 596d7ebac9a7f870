// Package generic reads observations in a form of our own, for sources that
// have none: logs of peer-to-peer tools, sensors, and anything an investigator
// writes down. doc/generic-observations.md describes it for those who write it.
//
// Takes a table or one JSON object per line with the same names. Gives one
// sighting per row or line. Never completes what a row leaves out, and never
// raises how it was come to be known.
package generic

import (
	"suraag/digest"
	"suraag/intake/table"
	"suraag/sighting"
)

// The names of the columns, and of the JSON members.
const (
	observedAt   = "observed_at"
	act          = "act"
	ip           = "ip"
	port         = "port"
	network      = "network"
	client       = "client"
	protocol     = "protocol"
	atIP         = "at_ip"
	atPort       = "at_port"
	service      = "service"
	who          = "who"
	to           = "to"
	via          = "via"
	peerID       = "peer_id"
	pdqQuality   = "pdq_quality"
	nn512        = "pdq_nn512" // what follows is written by "suraag hash"
	nn512Quality = "pdq_nn512_quality"
	exif         = "exif_orientation"
	shown        = "pdq_shown"
	nn512Shown   = "pdq_nn512_shown"
	ref          = "ref"
	path         = "path"
	fileName     = "file_name"
	fileSize     = "file_size"
	mediaType    = "media_type"
	piecesSeen   = "pieces_seen"
	piecesTotal  = "pieces_total"
	singleSource = "single_source"
	tool         = "tool"
	grade        = "grade"
	standing     = "standing"
	note         = "note"
	failure      = "error" // why "suraag hash" could not read a file
)

// digests are the columns that hold one, strongest first.
func digests() []string {
	return []string{string(digest.SHA256), string(digest.SHA1), string(digest.TTH), string(digest.MD5), string(digest.ED2K),
		string(digest.BTMH), string(digest.BTIH), string(digest.PDQ), string(digest.PhotoDNA), string(digest.VPDQ), string(digest.TMK)}
}

// names are all columns with the few other spellings that are understood.
func names() table.Names {
	out := table.Names{fileSize: {"size"}, fileName: {"name"}, mediaType: {"mime_type"}}
	for _, n := range []string{observedAt, act, ip, port, network, client, protocol, atIP, atPort, service, who, to, via, peerID,
		pdqQuality, nn512, nn512Quality, exif, shown, nn512Shown, ref, path, piecesSeen, piecesTotal, singleSource, tool, grade, standing, note, failure} {
		out[n] = nil
	}
	for _, d := range digests() {
		out[d] = nil
	}
	return out
}

// row is one row or line, whatever it was written in.
type row struct {
	get   func(name string) string
	rest  []sighting.Field // of columns without a name of ours
	notes []string
	place sighting.Place
}

// stated gives a value that says something.
func (r row) stated(name string) string {
	v := r.get(name)
	if !sighting.Stated(v) {
		return ""
	}
	return table.Clean(v)
}

// any tells whether one of the columns says something.
func (r row) any(names ...string) bool {
	for _, n := range names {
		if r.stated(n) != "" {
			return true
		}
	}
	return false
}
