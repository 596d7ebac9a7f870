package media

import (
	"bytes"
	"encoding/binary"
	"io"
	"slices"
	"strings"

	"suraag/fault"
)

// headLength is enough to tell every kind below apart.
const headLength = 64

const unknown = "application/octet-stream"

// Sniff names the media type by the first bytes of a file, of which it needs 64 or
// all there are. A file name is never asked, since renaming is the simplest disguise.
func Sniff(head []byte) string {
	for _, m := range magics {
		if len(head) >= m.at && bytes.HasPrefix(head[m.at:], []byte(m.bytes)) {
			return m.is
		}
	}
	switch {
	case len(head) >= 12 && string(head[:4]) == "RIFF":
		return riffTypes[string(head[8:12])].or(unknown)
	case len(head) >= 12 && string(head[4:8]) == "ftyp":
		return brandTypes[string(head[8:12])].or("video/mp4")
	case isBMP(head):
		return "image/bmp"
	}
	return unknown
}

// magics come from the formats' specifications, as the IANA media type register
// and the WHATWG MIME Sniffing Standard §6 collect them.
var magics = [...]struct {
	at    int
	bytes string
	is    string
}{
	{0, "\xff\xd8\xff", "image/jpeg"},
	{0, "\x89PNG\r\n\x1a\n", "image/png"},
	{0, "GIF87a", "image/gif"},
	{0, "GIF89a", "image/gif"},
	{0, "II*\x00", "image/tiff"},
	{0, "MM\x00*", "image/tiff"},
	{0, "II+\x00", "image/tiff"}, // BigTIFF
	{0, "MM\x00+", "image/tiff"},
	{0, "\xff\x0a", "image/jxl"},
	{0, "\x00\x00\x00\x0cJXL \r\n\x87\n", "image/jxl"},
	{0, "\x1aE\xdf\xa3", "video/x-matroska"}, // also WebM, told apart only further in
	{0, "\x00\x00\x01\xba", "video/mpeg"},
	{0, "FLV\x01", "video/x-flv"},
	{0, "\x30\x26\xb2\x75\x8e\x66\xcf\x11", "video/x-ms-asf"}, // also Windows Media
	{0, "TMK1FVEC", typeTMK},
	{0, "%PDF-", "application/pdf"},
	{0, "PK\x03\x04", "application/zip"},
	{0, "\x1f\x8b\x08", "application/gzip"},
	{0, "7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"},
	{0, "Rar!\x1a\x07", "application/vnd.rar"},
	{0, "SQLite format 3\x00", "application/vnd.sqlite3"},
}

type mediaType string

func (m mediaType) or(other string) string {
	if m == "" {
		return other
	}
	return string(m)
}

var riffTypes = map[string]mediaType{"WEBP": "image/webp", "AVI ": "video/x-msvideo", "WAVE": "audio/wav"}

// brandTypes are the major brands of ISO base media files that are not plain MP4
// (register at mp4ra.org; ISO/IEC 23008-12 §10, AV1 image format §7).
var brandTypes = map[string]mediaType{
	"heic": "image/heic", "heix": "image/heic", "heim": "image/heic", "heis": "image/heic",
	"mif1": "image/heif", "msf1": "image/heif", "avif": "image/avif", "avis": "image/avif",
	"qt  ": "video/quicktime", "3gp4": "video/3gpp", "3gp5": "video/3gpp", "3gp6": "video/3gpp", "3g2a": "video/3gpp2", "M4A ": "audio/mp4",
}

// isBMP asks for more than the two letters "BM", with which many a text begins: the
// length of the second header must be one that exists.
func isBMP(head []byte) bool {
	if len(head) < 18 || string(head[:2]) != "BM" {
		return false
	}
	return slices.Contains([]uint32{12, 40, 52, 56, 64, 108, 124}, binary.LittleEndian.Uint32(head[14:]))
}

func isVideo(mediaType string) bool { return strings.HasPrefix(mediaType, "video/") }

func isPicture(mediaType string) bool { return strings.HasPrefix(mediaType, "image/") }

func sniffAt(r io.ReaderAt, size int64) (string, error) {
	head := make([]byte, min(size, headLength))
	if n, err := r.ReadAt(head, 0); n < len(head) {
		return "", fault.Newf(fault.Unavailable, "reading the first %d bytes: %w", len(head), err)
	}
	return Sniff(head), nil
}
