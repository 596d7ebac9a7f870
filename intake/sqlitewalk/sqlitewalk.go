// Package sqlitewalk reads the rows of a table out of an SQLite file.
//
// Takes bytes that can be gone to. Gives the tables that the file declares, and
// each row of one of them with the bytes where it stands. Never runs anything
// that the file says: its views, triggers and indexes are only text here, because
// a database is hostile input and a view can be made to run for ever.
//
// It holds one page at a time and goes into each page once, so no file can make
// it turn in circles. Where the bytes of a page do not add up, it says so: rows
// may be missing. Source of all shapes: "Database File Format", sqlite.org/fileformat2.html.
package sqlitewalk

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"

	"suraag/fault"
)

// Magic is how every SQLite 3 file begins (§1.3).
const Magic = "SQLite format 3\x00"

const (
	headerSize = 100
	maxDepth   = 20      // of a tree; SQLite's own bound
	maxPayload = 1 << 20 // bytes of one row
	maxTables  = 10_000
)

// File is an SQLite file.
type File struct {
	Log    bool // written with a log beside it, whose rows are not in this file
	r      io.ReaderAt
	size   int64
	page   int64
	usable int64
}

// Open reads the header.
func Open(r io.ReaderAt, size int64) (*File, error) {
	head := make([]byte, headerSize)
	if n, err := r.ReadAt(head, 0); n < headerSize {
		return nil, fault.Newf(fault.Invalid, "SQLite header: the file has %d bytes: %w", n, err)
	}
	if string(head[:len(Magic)]) != Magic {
		return nil, fault.Newf(fault.Invalid, "SQLite header: the file begins with %q", head[:len(Magic)])
	}
	f := &File{r: r, size: size, page: int64(binary.BigEndian.Uint16(head[16:])), Log: head[19] == 2}
	if f.page == 1 {
		f.page = 65536
	}
	if f.page < 512 || f.page&(f.page-1) != 0 {
		return nil, fault.Newf(fault.Invalid, "SQLite header: pages of %d bytes", f.page)
	}
	if f.usable = f.page - int64(head[20]); f.usable < 480 {
		return nil, fault.Newf(fault.Invalid, "SQLite header: pages of %d bytes of which %d are reserved", f.page, head[20])
	}
	if encoding := binary.BigEndian.Uint32(head[56:]); encoding > 1 {
		return nil, fault.Newf(fault.Invalid, "SQLite header: text encoding %d is not UTF-8, and is not read", encoding)
	}
	return f, nil
}

// Row is one row. It is good until the next one.
type Row struct {
	ID         int64
	Start, End int64 // bytes in the file, without what overflows into other pages
	body       []byte
	values     []value
}

// value is a serial type and where its bytes lie in the body (§2.1).
type value struct {
	kind     uint64
	from, to int
}

// Len is the number of values.
func (r *Row) Len() int { return len(r.values) }

// Null tells whether there is no value in a column.
func (r *Row) Null(column int) bool {
	return column < 0 || column >= len(r.values) || r.values[column].kind == 0
}

// Text gives a value in words: text as it is, numbers in digits, bytes in hex,
// and nothing where there is none.
func (r *Row) Text(column int) string {
	if r.Null(column) {
		return ""
	}
	v := r.values[column]
	b := r.body[v.from:v.to]
	switch {
	case v.kind == 7:
		return strconv.FormatFloat(math.Float64frombits(binary.BigEndian.Uint64(b)), 'g', -1, 64)
	case v.kind <= 6:
		return strconv.FormatInt(signed(b), 10)
	case v.kind <= 9:
		return strconv.FormatUint(v.kind-8, 10)
	case v.kind%2 == 0:
		return hex.EncodeToString(b)
	}
	return string(b)
}

func signed(b []byte) int64 {
	n := int64(int8(b[0]))
	for _, c := range b[1:] {
		n = n<<8 | int64(c)
	}
	return n
}

// Rows gives each row of the tree with a root page, in the order of its numbers.
// A row or page that cannot be read goes to bad, with the bytes where it stands.
func (f *File) Rows(root int64, each func(*Row) error, bad func(start, end int64, reason string) error) error {
	w := &walk{File: f, each: each, bad: bad, seen: make([]uint64, f.size/f.page/64+1)}
	return w.tree(root, 0)
}

type walk struct {
	*File
	each func(*Row) error
	bad  func(start, end int64, reason string) error
	seen []uint64 // a bit for each page that was gone into
	row  Row
}

// once tells whether a page is gone into for the first time.
func (w *walk) once(n int64) bool {
	bit := uint64(1) << (n % 64)
	if w.seen[n/64]&bit != 0 {
		return false
	}
	w.seen[n/64] |= bit
	return true
}

// at gives the bytes where a page lies, as far as they lie in the file.
func (f *File) at(n int64) (start, end int64) {
	start = min(max(n-1, 0), f.size/f.page) * f.page
	return min(start, f.size), min(start+f.page, f.size)
}

func (w *walk) tree(n int64, depth int) error {
	start, end := w.at(n)
	switch {
	case n < 1 || n > w.size/w.page:
		return w.bad(start, end, fmt.Sprintf("page %d lies outside of the file; its rows are missing", n))
	case depth > maxDepth:
		return w.bad(start, end, fmt.Sprintf("page %d lies more than %d deep", n, maxDepth))
	case !w.once(n):
		return w.bad(start, end, fmt.Sprintf("page %d belongs to two places; it is read once", n))
	}
	p := page{number: n, start: start, data: make([]byte, w.page)}
	if _, err := w.r.ReadAt(p.data, start); err != nil && err != io.EOF {
		return err
	}
	if n == 1 {
		p.head = headerSize
	}
	kind := p.data[p.head]
	if kind != leaf && kind != interior {
		return w.bad(start, end, fmt.Sprintf("page %d is of type %d, which holds no rows of a table", n, kind))
	}
	cells, why := p.cells(w.usable)
	if why != "" {
		if err := w.bad(start, end, fmt.Sprintf("page %d: %s", n, why)); err != nil {
			return err
		}
	}
	if kind == leaf {
		for _, c := range cells {
			if err := w.leaf(&p, c); err != nil {
				return err
			}
		}
		return nil
	}
	for _, c := range cells {
		if err := w.tree(int64(binary.BigEndian.Uint32(p.data[c.from:])), depth+1); err != nil {
			return err
		}
	}
	return w.tree(int64(binary.BigEndian.Uint32(p.data[p.head+8:])), depth+1)
}

// leaf gives the row of one cell.
func (w *walk) leaf(p *page, c cell) error {
	start, end := p.start+int64(c.from), p.start+int64(c.to)
	w.row = Row{ID: c.id, Start: start, End: end, values: w.row.values[:0], body: p.data[c.body : c.body+c.local]}
	if c.payload > maxPayload {
		return w.bad(start, end, fmt.Sprintf("row %d has %d bytes, more than %d", c.id, c.payload, maxPayload))
	}
	if c.local < c.payload {
		body, why, err := w.overflow(p, c)
		if err != nil {
			return err
		}
		if why != "" {
			return w.bad(start, end, fmt.Sprintf("row %d: %s", c.id, why))
		}
		w.row.body = body
	}
	if why := w.row.take(); why != "" {
		return w.bad(start, end, fmt.Sprintf("row %d: %s", c.id, why))
	}
	return w.each(&w.row)
}

// overflow puts together a row that goes on in other pages (§1.7).
func (w *walk) overflow(p *page, c cell) (body []byte, why string, err error) {
	body = slices.Clone(p.data[c.body : c.body+c.local])
	next := int64(binary.BigEndian.Uint32(p.data[c.body+c.local:]))
	chunk := make([]byte, w.usable)
	for len(body) < c.payload {
		if next < 1 || next > w.size/w.page || !w.once(next) {
			return nil, fmt.Sprintf("it goes on in page %d, which lies outside of the file or belongs to two places", next), nil
		}
		start, _ := w.at(next)
		if _, err := w.r.ReadAt(chunk, start); err != nil && err != io.EOF {
			return nil, "", err
		}
		body = append(body, chunk[4:min(len(chunk), 4+c.payload-len(body))]...)
		next = int64(binary.BigEndian.Uint32(chunk))
	}
	return body, "", nil
}

// take finds the values of a record (§2.1).
func (r *Row) take() (why string) {
	size, n := varint(r.body)
	if n == 0 || size > uint64(len(r.body)) || size < uint64(n) {
		return "its record has a header that does not fit"
	}
	at := int(size)
	for head := r.body[n:size]; len(head) > 0; {
		kind, n := varint(head)
		if n == 0 {
			return "its record has a header that is cut"
		}
		head = head[n:]
		length, known := lengthOf(kind)
		if !known || length > uint64(len(r.body)-at) {
			return fmt.Sprintf("value %d of its record does not fit", len(r.values)+1)
		}
		r.values = append(r.values, value{kind, at, at + int(length)})
		at += int(length)
	}
	if at != len(r.body) {
		return fmt.Sprintf("its record has %d bytes more than its values", len(r.body)-at)
	}
	return ""
}

// lengthOf gives the bytes of a serial type.
func lengthOf(kind uint64) (bytes uint64, known bool) {
	switch {
	case kind <= 9:
		return uint64("\x00\x01\x02\x03\x04\x06\x08\x08\x00\x00"[kind]), true
	case kind < 12:
		return 0, false
	}
	return (kind - 12) / 2, true
}

// varint reads a number of one to nine bytes; n is 0 where the bytes end in it.
func varint(b []byte) (v uint64, n int) {
	for n < len(b) && n < 8 {
		v = v<<7 | uint64(b[n]&0x7f)
		if n++; b[n-1] < 0x80 {
			return v, n
		}
	}
	if n == len(b) {
		return 0, 0
	}
	return v<<8 | uint64(b[n]), n + 1
}
