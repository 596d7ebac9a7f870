package files

import (
	"bufio"
	"bytes"
	"cmp"
	"container/heap"
	"context"
	"encoding/binary"
	"io"
	"os"
	"slices"

	"suraag/fault"
)

// memory is how many bytes of rows wait to be sorted; to sort them costs as many
// again. Beyond it they go to disk, sorted, to be merged at the end: unsorted lists
// are as fast as sorted ones, and no list is too long.
const memory = 48 << 20

// sorter orders rows of one length.
type sorter struct {
	width int
	rows  []byte
	runs  *os.File // sorted runs one after the other; nil: none yet
	ends  []int64
	count int64
}

// add takes a row.
func (s *sorter) add(value []byte, entry uint32) {
	s.rows = append(s.rows, value...)
	s.rows = binary.BigEndian.AppendUint32(s.rows, entry)
	s.count++
}

// order gives the places of the waiting rows in ascending order.
func (s *sorter) order() []keyed {
	keys := make([]keyed, len(s.rows)/s.width)
	for n := range keys {
		keys[n] = keyed{binary.BigEndian.Uint64(s.rows[n*s.width:]), uint32(n)}
	}
	slices.SortFunc(keys, func(a, b keyed) int {
		if a.lead != b.lead {
			return cmp.Compare(a.lead, b.lead)
		}
		return bytes.Compare(s.row(a.at), s.row(b.at))
	})
	return keys
}

// keyed is a row's first eight bytes and its place.
type keyed struct {
	lead uint64
	at   uint32
}

func (s *sorter) row(at uint32) []byte { return s.rows[int(at)*s.width : (int(at)+1)*s.width] }

// spill writes the waiting rows to disk.
func (s *sorter) spill(dir string) error {
	if len(s.rows) == 0 {
		return nil
	}
	if s.runs == nil {
		f, err := os.CreateTemp(dir, "run-")
		if err != nil {
			return fault.As(fault.Unavailable, err)
		}
		s.runs = f
	}
	w := bufio.NewWriterSize(s.runs, 1<<20)
	for _, k := range s.order() {
		if _, err := w.Write(s.row(k.at)); err != nil {
			return fault.As(fault.Unavailable, err)
		}
	}
	if err := w.Flush(); err != nil {
		return fault.As(fault.Unavailable, err)
	}
	end := int64(len(s.rows))
	if n := len(s.ends); n > 0 {
		end += s.ends[n-1]
	}
	s.ends, s.rows = append(s.ends, end), s.rows[:0]
	return nil
}

// all gives every row in ascending order.
func (s *sorter) all(ctx context.Context, yield func(row []byte) error) error {
	waiting := s.order()
	if s.runs == nil {
		for _, k := range waiting {
			if err := yield(s.row(k.at)); err != nil {
				return err
			}
		}
		return nil
	}
	var m merge
	from := int64(0)
	for _, end := range s.ends {
		m = append(m, &run{from: bufio.NewReaderSize(io.NewSectionReader(s.runs, from, end-from), 64<<10), row: make([]byte, s.width)})
		from = end
	}
	if len(waiting) > 0 {
		m = append(m, &run{of: s, waiting: waiting})
	}
	for _, r := range m {
		if err := r.next(); err != nil {
			return err
		}
	}
	heap.Init(&m)
	for n := 0; len(m) > 0; n++ {
		if n%(1<<16) == 0 && ctx.Err() != nil {
			return fault.As(fault.Unavailable, context.Cause(ctx))
		}
		if err := yield(m[0].row); err != nil {
			return err
		}
		if err := m[0].next(); err != nil {
			return err
		}
		if m[0].row == nil {
			heap.Pop(&m)
		} else {
			heap.Fix(&m, 0)
		}
	}
	return nil
}

// run is rows in order, from disk or in memory. Its row is nil after the last.
type run struct {
	from    *bufio.Reader
	of      *sorter
	waiting []keyed
	row     []byte
}

func (r *run) next() error {
	if r.of != nil {
		if r.row = nil; len(r.waiting) > 0 {
			r.row, r.waiting = r.of.row(r.waiting[0].at), r.waiting[1:]
		}
		return nil
	}
	_, err := io.ReadFull(r.from, r.row)
	if err == io.EOF {
		r.row = nil
		return nil
	}
	return fault.As(fault.Unavailable, err)
}

// merge is a heap of runs by their rows.
type merge []*run

func (m merge) Len() int           { return len(m) }
func (m merge) Less(a, b int) bool { return bytes.Compare(m[a].row, m[b].row) < 0 }
func (m merge) Swap(a, b int)      { m[a], m[b] = m[b], m[a] }
func (m *merge) Push(x any)        { *m = append(*m, x.(*run)) }
func (m *merge) Pop() any {
	last := (*m)[len(*m)-1]
	*m = (*m)[:len(*m)-1]
	return last
}

func (s *sorter) discard() {
	if s.runs != nil {
		s.runs.Close()
		os.Remove(s.runs.Name())
	}
}
