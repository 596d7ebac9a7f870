package sqlitewalk

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"
)

// The types of page that a table's tree is made of (§1.6).
const (
	interior = 5
	leaf     = 13
)

// page is one page of a tree.
type page struct {
	number int64
	start  int64 // in the file
	head   int   // of the page header in the data
	data   []byte
}

// cell is what a page holds of one row, or of one page below it.
type cell struct {
	from, to int // bytes in the page
	id       int64
	payload  int // bytes of the row
	local    int // of these, in this page
	body     int // where they begin
}

// cells gives the cells of a page in their order. The reason says what does not
// add up: then cells may be missing.
func (p *page) cells(usable int64) (out []cell, why string) {
	width, count := 8, int(binary.BigEndian.Uint16(p.data[p.head+3:]))
	if p.data[p.head] == interior {
		width = 12
	}
	first := p.head + width
	if first+2*count > int(usable) {
		return nil, fmt.Sprintf("%d cells do not fit; its rows are missing", count)
	}
	broken := 0
	for n := range count {
		c, ok := p.cell(int(binary.BigEndian.Uint16(p.data[first+2*n:])), int(usable))
		if !ok || c.from < first+2*count {
			broken++
			continue
		}
		out = append(out, c)
	}
	out, twice := apart(out)
	switch unsaid := p.unsaid(out, first+2*count, int(usable)); {
	case broken+twice > 0:
		return out, fmt.Sprintf("%d cells cannot be read and %d lie over each other; their rows are missing", broken, twice)
	case unsaid != 0:
		return out, fmt.Sprintf("cells and free space do not add up by %d bytes; rows may be missing", unsaid)
	}
	return out, ""
}

// cell reads the cell that begins at a byte.
func (p *page) cell(at, usable int) (c cell, ok bool) {
	if at > usable-4 {
		return c, false
	}
	c.from = at
	if p.data[p.head] == interior {
		_, n := varint(p.data[at+4 : usable])
		c.to = at + 4 + n
		return c, n > 0
	}
	payload, n := varint(p.data[at:usable])
	id, m := varint(p.data[min(at+n, usable):usable])
	if n == 0 || m == 0 || payload > 1<<31 {
		return c, false
	}
	c.id, c.payload, c.body = int64(id), int(payload), at+n+m
	c.local = local(c.payload, usable)
	if c.to = c.body + c.local; c.local < c.payload {
		c.to += 4
	}
	c.to = max(c.to, at+4) // a cell has at least four bytes
	return c, c.to <= usable
}

// local gives how much of a row a leaf holds itself (§1.6).
func local(payload, usable int) int {
	most, least := usable-35, (usable-12)*32/255-23
	if payload <= most {
		return payload
	}
	if k := least + (payload-least)%(usable-4); k <= most {
		return k
	}
	return least
}

// apart leaves out cells that lie over another one before them: one row must not
// be given twice.
func apart(cells []cell) (out []cell, twice int) {
	order := make([]int, len(cells))
	for n := range order {
		order[n] = n
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(cells[a].from, cells[b].from) })
	end := 0
	for _, n := range order {
		if cells[n].from < end {
			cells[n].from = -1
			twice++
			continue
		}
		end = cells[n].to
	}
	return slices.DeleteFunc(cells, func(c cell) bool { return c.from < 0 }), twice
}

// unsaid counts the bytes of the page that belong neither to a cell nor to what
// it says is free: fragments, free blocks, and the gap before the cells.
func (p *page) unsaid(cells []cell, gap, usable int) int {
	begin := int(binary.BigEndian.Uint16(p.data[p.head+5:]))
	if begin == 0 {
		begin = 65536
	}
	left := usable - begin - int(p.data[p.head+7])
	if begin < gap || begin > usable {
		return begin - usable
	}
	for _, c := range cells {
		left -= c.to - c.from
	}
	for at, n := int(binary.BigEndian.Uint16(p.data[p.head+1:])), 0; at != 0 && n < usable; n++ {
		if at < begin || at > usable-4 {
			return left
		}
		left -= int(binary.BigEndian.Uint16(p.data[at+2:]))
		next := int(binary.BigEndian.Uint16(p.data[at:]))
		if next != 0 && next <= at {
			return left - 1
		}
		at = next
	}
	return left
}
