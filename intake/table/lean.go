package table

import (
	"bytes"
	"encoding/binary"
)

// Lean is a row of one line without quotes, in ASCII, whose cells were not copied.
// It is good until the next call of the reader.
type Lean struct {
	Number     int
	Start, End int64
	Cells      [][]byte
	length     int // with the line end
}

// Peek gives the next row if it is a plain one: one line, no quotes, only ASCII, not
// blank, no comment, not the last without a line end. It stays the next row until
// Take is called; Next gives any other.
func (r *Reader) Peek() (*Lean, bool) {
	length, whole := r.lines.find(0, MaxRow)
	if !whole || length > MaxRow {
		return nil, false
	}
	text := r.lines.trim(r.lines.buf[r.lines.start : r.lines.start+length])
	if !plain(text) || r.blank(text) {
		return nil, false
	}
	at := r.lines.base + int64(r.lines.start)
	l := &r.lean
	l.Number, l.Start, l.End, l.length = r.number+1, at, at+int64(len(text)), length
	l.Cells = l.Cells[:0]
	for {
		n := bytes.IndexByte(text, r.comma)
		if n < 0 {
			break
		}
		l.Cells = append(l.Cells, text[:n])
		text = text[n+1:]
	}
	l.Cells = append(l.Cells, text)
	return l, true
}

// Take passes over the row that Peek gave.
func (r *Reader) Take() {
	r.number++
	r.lines.number++
	r.lines.start += r.lean.length
}

// plain tells whether a text has only ASCII and no quotes.
func plain(text []byte) bool {
	if bytes.IndexByte(text, '"') >= 0 || bytes.IndexByte(text, '\'') >= 0 {
		return false
	}
	for len(text) >= 8 {
		if binary.LittleEndian.Uint64(text)&0x8080808080808080 != 0 {
			return false
		}
		text = text[8:]
	}
	for _, b := range text {
		if b >= 0x80 {
			return false
		}
	}
	return true
}

// Alone reads a row again whose bytes are given, by the delimiter and width of
// this table. Number and place are the caller's to fill in.
func (r *Reader) Alone(text []byte) (*Row, error) {
	one, err := NewReader(r.lines.name, bytes.NewReader(append(bytes.Clone(text), r.lines.eol)), Options{Comma: r.comma, Comment: r.comment})
	if err != nil {
		return nil, err
	}
	one.lines.eol, one.width = r.lines.eol, r.width
	return one.Next()
}
