package media

import (
	"io"

	"suraag/digest"
	"suraag/digest/tmk"
	"suraag/digest/vpdq"
)

// The media types of files that are no content but the value of a video, as the tools that take such values write them.
const (
	typeTMK  = "application/x-tmk"
	typeVPDQ = "text/x-vpdq"
)

// longestValue is what a day of vPDQ or the largest TMK+PDQF value takes.
const longestValue = 16 << 20

// valueIn reads the value that a file holds instead of content; none if it holds none.
func valueIn(r io.ReaderAt, size int64, mediaType string) (string, digest.Digest) {
	if size == 0 || size > longestValue || mediaType != unknown && mediaType != typeTMK {
		return mediaType, digest.Digest{}
	}
	if mediaType == unknown && !mayBeVPDQ(r) {
		return mediaType, digest.Digest{}
	}
	file := make([]byte, size)
	if _, err := io.ReadFull(io.NewSectionReader(r, 0, size), file); err != nil {
		return mediaType, digest.Digest{}
	}
	kind, text := digest.TMK, ""
	if mediaType == typeTMK {
		if _, err := tmk.Read(file); err == nil {
			text = tmk.Text(file)
		}
	} else if v, err := vpdq.Parse(string(file)); err == nil {
		kind, text, mediaType = digest.VPDQ, v.String(), typeVPDQ
	}
	if text == "" {
		return mediaType, digest.Digest{}
	}
	d, _, err := digest.Read(string(kind), text)
	if err != nil {
		return mediaType, digest.Digest{}
	}
	return mediaType, d
}

// mayBeVPDQ looks whether the file begins with a figure or a bracket, as all three forms do.
func mayBeVPDQ(r io.ReaderAt) bool {
	var first [1]byte
	if _, err := r.ReadAt(first[:], 0); err != nil && err != io.EOF {
		return false
	}
	return first[0] >= '0' && first[0] <= '9' || first[0] == '[' || first[0] == '{'
}
