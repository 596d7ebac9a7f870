package table

import (
	"bytes"
	"io"

	"suraag/fault"
)

// MaxRow is the longest row or line that is read, in bytes. An honest one has a
// few hundred; a PhotoDNA value has 288.
const MaxRow = 1 << 20

// headSize is how much is looked at to find the line end and the delimiter.
const headSize = 64 << 10

// Line is one line of a text, without its end. Text is good until the next call.
type Line struct {
	Number     int   // from 1, blank lines counted
	Start, End int64 // bytes in the file; the line end is outside
	Text       []byte
	Long       bool // more than MaxRow bytes; Text is empty
}

// Lines reads a text line by line in bounded memory. Line ends are LF, CRLF, or
// CR alone in a text whose beginning has no LF.
type Lines struct {
	name   string
	src    io.Reader
	err    error // of src, io.EOF at its end
	buf    []byte
	start  int   // of what is not handed out yet, in buf
	base   int64 // offset of buf[0] in the file
	eol    byte
	number int
}

// NewLines reads from src; the name is for errors. It refuses UTF-16, which a
// byte-wise reader would take apart wrongly.
func NewLines(name string, src io.Reader) (*Lines, error) {
	l := &Lines{name: name, src: src, buf: make([]byte, 0, 2*headSize), eol: '\n'}
	for len(l.buf) < headSize && l.err == nil {
		l.fill()
	}
	if UTF16(l.buf) {
		err := fault.Newf(fault.Invalid, "text %q is written in UTF-16, which is not read", name)
		return nil, fault.WithHint(err, "save it as UTF-8 (in a spreadsheet: CSV UTF-8) beside the original and hand both in")
	}
	if bytes.HasPrefix(l.buf, []byte("\ufeff")) {
		l.start = len("\ufeff")
	}
	if bytes.IndexByte(l.buf, '\n') < 0 && bytes.IndexByte(l.buf, '\r') >= 0 {
		l.eol = '\r'
	}
	return l, nil
}

// UTF16 tells whether a text begins as UTF-16 does: with its byte order mark, or
// with a zero in every second byte.
func UTF16(head []byte) bool {
	if bytes.HasPrefix(head, []byte{0xff, 0xfe}) || bytes.HasPrefix(head, []byte{0xfe, 0xff}) {
		return true
	}
	head = head[:min(len(head), 512)]
	zeros := [2]int{}
	for n, b := range head {
		if b == 0 {
			zeros[n%2]++
		}
	}
	half := len(head) / 2
	return half >= 2 && (zeros[0] == 0) != (zeros[1] == 0) && zeros[0]+zeros[1] > half/2
}

// head gives what is buffered and not handed out yet.
func (l *Lines) head() []byte { return l.buf[l.start:] }

// fill reads more, making room first by moving what is left to the front.
func (l *Lines) fill() {
	if l.start > 0 && l.start >= cap(l.buf)/2 {
		n := copy(l.buf, l.buf[l.start:])
		l.buf, l.base, l.start = l.buf[:n], l.base+int64(l.start), 0
	}
	if len(l.buf) == cap(l.buf) {
		l.buf = append(l.buf, 0)[:len(l.buf)]
	}
	// A reader that gives nothing and no error a hundred times is broken.
	for range 100 {
		n, err := l.src.Read(l.buf[len(l.buf):cap(l.buf)])
		l.buf, l.err = l.buf[:len(l.buf)+n], err
		if n > 0 || err != nil {
			return
		}
	}
	l.err = io.ErrNoProgress
}

// find gives the length of the line that begins off bytes after the start, with
// its end. whole is false where the text ends, or the limit is passed, before it.
func (l *Lines) find(off, limit int) (length int, whole bool) {
	for seen := 0; ; {
		if n := bytes.IndexByte(l.buf[l.start+off+seen:], l.eol); n >= 0 {
			return seen + n + 1, true
		}
		seen = len(l.buf) - l.start - off
		if seen > limit || l.err != nil {
			return seen, false
		}
		l.fill()
	}
}

// Next gives the next line, and io.EOF after the last. An error of the source
// comes after the whole lines before it; the line in which it struck is not
// given, because nobody knows how it went on.
func (l *Lines) Next() (Line, error) {
	length, whole := l.find(0, MaxRow)
	at := l.base + int64(l.start)
	if length > MaxRow+1 {
		l.number++
		return Line{Number: l.number, Start: at, End: l.skip(), Long: true}, nil
	}
	if !whole && (length == 0 || l.err != io.EOF) {
		return Line{}, l.err
	}
	text := l.trim(l.buf[l.start : l.start+length])
	l.take(length)
	return Line{Number: l.number, Start: at, End: at + int64(len(text)), Text: text}, nil
}

// take hands out bytes and counts the lines in them.
func (l *Lines) take(length int) {
	part := l.buf[l.start : l.start+length]
	l.number += max(bytes.Count(part, []byte{l.eol}), 1)
	if n := len(part); n > 0 && part[n-1] != l.eol && bytes.IndexByte(part, l.eol) >= 0 {
		l.number++
	}
	l.start += length
}

// skip leaves out the rest of a line, however long, and gives where it ends.
func (l *Lines) skip() int64 {
	for {
		if n := bytes.IndexByte(l.head(), l.eol); n >= 0 {
			end := l.base + int64(l.start+n)
			l.start += n + 1
			return end
		}
		l.start = len(l.buf)
		if l.err != nil {
			return l.base + int64(l.start)
		}
		l.fill()
	}
}

// trim takes off the line end.
func (l *Lines) trim(text []byte) []byte {
	if n := len(text); n > 0 && text[n-1] == l.eol {
		text = text[:n-1]
	}
	if n := len(text); n > 0 && text[n-1] == '\r' {
		text = text[:n-1]
	}
	return text
}
