// Package files keeps the entries of lists of known digests as files.
//
// Takes entries in the order of their list. Gives them back by digest, near or
// exact. Never is the truth: each file follows from a sealed original and is made
// again from it when it is lost or damaged.
package files

import (
	"encoding/binary"
	"encoding/json"
	"hash/crc32"

	"suraag/digest"
	"suraag/fault"
)

// A file of entries, DIR/ab/abcdef….list, is written once. Numbers are big-endian
// in rows, so that rows are ordered as bytes are.
//
//	header   64 bytes: "suraagHL"; version, 4 bytes, now 1; zeros, 4; where the sums
//	         begin, 8; how many bytes they have, 8; where the contents table begins, 8;
//	         how many bytes it has, 8; CRC-32C of the sums, 4; of the table, 4; zeros;
//	         in the last 4 the CRC-32C of the 60 before
//	sections one after the other, each beginning at a multiple of 64
//	sums     CRC-32C of every 64 KiB of the file up to here, the header left out
//	table    JSON, see contents
//
// The sections are: for every kind of digest, rows of the value and the number of the
// entry (4 bytes), in ascending order; the entries, in rows of 16: where each begins
// in the original (6), its length (4), its number there (4), its category (2); where
// listings were kept whole, these too: blocks of 128 packed JSON lines, and rows of
// 8 that say where each block begins; of entries that take others back, rows of a hash
// of the number taken back (8) and of the entry's own (4).
//
// No byte is believed before its 64 KiB have been compared with their sum.
const (
	magic        = "suraagHL"
	version      = 1
	headerLength = 64
	sectionStart = 64
	blockLength  = 64 << 10
	numberLength = 4
	entryLength  = 16
	docsPerBlock = 128
	refLength    = 8 + numberLength
	maxEntries   = 1<<32 - 1
	manyWords    = 1<<16 - 1 // the category of which the table has no more room
)

// The sections.
const (
	sectionDigests   = "digests"
	sectionEntries   = "entries"
	sectionDocs      = "docs"
	sectionBlocks    = "blocks"
	sectionWithdrawn = "withdrawn"
)

// contents says what is in a file.
type contents struct {
	Source     string         `json:"source"`
	Entries    int64          `json:"entries"`
	Readers    map[string]int `json:"readers"`
	Sections   []section      `json:"sections"`
	Categories [][2]string    `json:"categories"` // scheme and code, by number
	Near       []string       `json:"near"`       // files of package match beside this one, whose numbers are rows of the PDQ section
	PerIndex   int64          `json:"per_index"`  // how many rows each of them has, but for the last
}

type section struct {
	What  string      `json:"what"`
	Kind  digest.Kind `json:"kind,omitempty"`
	Start int64       `json:"start"`
	Bytes int64       `json:"bytes"`
}

// widthOf is the length of a kept value: of text, its SHA-256.
func widthOf(k digest.Kind) int {
	if n := k.Size(); n > 0 {
		return n
	}
	return 32
}

func castagnoli() *crc32.Table { return crc32.MakeTable(crc32.Castagnoli) }

// head is the header's numbers.
type head struct{ sums, sumsLength, table, tableLength int64 }

func writeHead(h head, sums, table []byte) []byte {
	b := make([]byte, headerLength)
	copy(b, magic)
	binary.BigEndian.PutUint32(b[8:], version)
	for n, v := range []int64{h.sums, h.sumsLength, h.table, h.tableLength} {
		binary.BigEndian.PutUint64(b[16+8*n:], uint64(v))
	}
	binary.BigEndian.PutUint32(b[48:], crc32.Checksum(sums, castagnoli()))
	binary.BigEndian.PutUint32(b[52:], crc32.Checksum(table, castagnoli()))
	binary.BigEndian.PutUint32(b[60:], crc32.Checksum(b[:60], castagnoli()))
	return b
}

// readHead checks the header, the sums and the table of a file.
func readHead(file []byte) (sums []byte, c contents, err error) {
	if len(file) < headerLength || string(file[:8]) != magic {
		return nil, c, fault.Newf(fault.Corrupt, "it does not begin with %q", magic)
	}
	number := binary.BigEndian.Uint32
	if number(file[60:]) != crc32.Checksum(file[:60], castagnoli()) {
		return nil, c, fault.Newf(fault.Corrupt, "its header does not fit its check sum")
	}
	if v := number(file[8:]); v != version {
		return nil, c, fault.Newf(fault.Corrupt, "it is of version %d, which is not %d", v, version)
	}
	part := func(at int) ([]byte, bool) {
		start, length := binary.BigEndian.Uint64(file[at:]), binary.BigEndian.Uint64(file[at+8:])
		if start > uint64(len(file)) || length > uint64(len(file))-start {
			return nil, false
		}
		return file[start : start+length], true
	}
	sums, ok1 := part(16)
	table, ok2 := part(32)
	if !ok1 || !ok2 || number(file[48:]) != crc32.Checksum(sums, castagnoli()) || number(file[52:]) != crc32.Checksum(table, castagnoli()) {
		return nil, c, fault.Newf(fault.Corrupt, "its sums or its table are damaged")
	}
	end := func(at int) uint64 { return binary.BigEndian.Uint64(file[at:]) + binary.BigEndian.Uint64(file[at+8:]) }
	if last := max(end(16), end(32)); last != uint64(len(file)) {
		return nil, c, fault.Newf(fault.Corrupt, "it has %d bytes, its parts end at %d", len(file), last)
	}
	if err := json.Unmarshal(table, &c); err != nil {
		return nil, c, fault.Newf(fault.Corrupt, "its table: %w", err)
	}
	data := int64(binary.BigEndian.Uint64(file[16:]))
	if int64(len(sums)) != 4*((data+blockLength-1)/blockLength) {
		return nil, c, fault.Newf(fault.Corrupt, "it has %d bytes of sums for %d of data", len(sums), data)
	}
	for _, s := range c.Sections {
		if s.Start < headerLength || s.Bytes < 0 || s.Start > data || s.Bytes > data-s.Start {
			return nil, c, fault.Newf(fault.Corrupt, "its section %q does not lie in it", s.What)
		}
	}
	return sums, c, nil
}
