package files

import (
	"bufio"
	"bytes"
	"compress/flate"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"

	"suraag/digest"
	"suraag/fault"
	"suraag/hashset"
	"suraag/match"
	"suraag/sighting"
)

// mapping is a file in memory for as long as anything points to it.
type mapping struct{ bytes []byte }

// entries is an open file.
type entries struct {
	contents
	path    string
	info    fs.FileInfo
	file    *mapping
	sums    []byte
	checked []atomic.Uint64 // a bit for each block that was compared with its sum

	mu    sync.Mutex // guards both
	files []*os.File // of near values, open from the start: the names may be another's by the first question
	near  []match.Index
}

func openEntries(path, source string) (*entries, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.Newf(fault.NotFound, "entries of source %s are not kept here", source)
	}
	if err != nil {
		return nil, fault.As(fault.Unavailable, err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fault.As(fault.Unavailable, err)
	}
	if info.Size() < headerLength || int64(int(info.Size())) != info.Size() {
		return nil, fault.Newf(fault.Corrupt, "entries %q: %d bytes are none", path, info.Size())
	}
	m, err := mapFile(f, int(info.Size()))
	if err != nil {
		return nil, fault.Newf(fault.Unavailable, "entries %q: %w", path, err)
	}
	e := &entries{path: path, info: info, file: m}
	if e.sums, e.contents, err = readHead(m.bytes); err != nil {
		return nil, fault.Wrapf(err, "entries %q", path)
	}
	if e.Source != source {
		return nil, fault.Newf(fault.Corrupt, "entries %q are of another source, %s", path, e.Source)
	}
	e.checked = make([]atomic.Uint64, (len(e.sums)/4+63)/64)
	for _, name := range e.contents.Near {
		f, err := os.Open(filepath.Join(filepath.Dir(path), filepath.Base(name)))
		if err != nil {
			e.letGo()
			return nil, fault.Newf(fault.Corrupt, "entries %q: an index of theirs: %w", path, err)
		}
		e.files = append(e.files, f)
	}
	return e, nil
}

// letGo closes what is open of the indexes.
func (e *entries) letGo() {
	for _, f := range e.files {
		f.Close()
	}
	e.files = nil
}

// stands tells whether the file that is open is still the one of that name.
func (e *entries) stands(path string) bool {
	info, err := os.Stat(path)
	return err == nil && os.SameFile(info, e.info)
}

func (c *contents) section(what string, k digest.Kind) *section {
	for n := range c.Sections {
		if s := &c.Sections[n]; s.What == what && s.Kind == k {
			return s
		}
	}
	return nil
}

// bytes gives some of the file once its blocks have been compared with their sums.
func (e *entries) bytes(start, length int64) ([]byte, error) {
	if length == 0 {
		return nil, nil
	}
	for n := start / blockLength; n <= (start+length-1)/blockLength; n++ {
		word, bit := &e.checked[n/64], uint64(1)<<(n%64)
		if word.Load()&bit != 0 {
			continue
		}
		from, to := max(n*blockLength, headerLength), (n+1)*blockLength
		to = min(to, int64(binary.BigEndian.Uint64(e.file.bytes[16:])))
		if crc32.Checksum(e.file.bytes[from:to], castagnoli()) != binary.BigEndian.Uint32(e.sums[4*n:]) {
			return nil, fault.Newf(fault.Corrupt, "entries %q: bytes %d to %d do not fit their check sum", e.path, from, to)
		}
		word.Or(bit)
	}
	return e.file.bytes[start : start+length], nil
}

// rows is a section of rows of one length.
type rows struct {
	e     *entries
	start int64
	width int64
	count int64
}

func (e *entries) rows(what string, k digest.Kind, width int) rows {
	r := rows{e: e, width: int64(width)}
	if s := e.section(what, k); s != nil {
		r.start, r.count = s.Start, s.Bytes/int64(width)
	}
	return r
}

func (r rows) row(n int64) ([]byte, error) { return r.e.bytes(r.start+n*r.width, r.width) }

// first gives the place of the first row that is not before a key. Hashes lie
// evenly, so the place is guessed before it is looked for by halves.
func (r rows) first(key []byte) (int64, error) {
	low, high := int64(0), r.count // rows before low are before the key, those from high on are not
	for tries := 0; high-low > 8; tries++ {
		middle := low + (high-low)/2
		if tries < 6 {
			a, err := r.row(low)
			if err != nil {
				return 0, err
			}
			z, err := r.row(high - 1)
			if err != nil {
				return 0, err
			}
			middle = guess(a, z, key, low, high)
		}
		row, err := r.row(middle)
		if err != nil {
			return 0, err
		}
		if bytes.Compare(row[:len(key)], key) < 0 {
			low = middle + 1
		} else {
			high = middle
		}
	}
	for ; low < high; low++ {
		row, err := r.row(low)
		if err != nil || bytes.Compare(row[:len(key)], key) >= 0 {
			return low, err
		}
	}
	return low, nil
}

// guess gives the row where a key would lie between two if all lay evenly.
func guess(first, last, key []byte, low, high int64) int64 {
	a, z, k := binary.BigEndian.Uint64(first), binary.BigEndian.Uint64(last), binary.BigEndian.Uint64(key)
	if k <= a {
		return low
	}
	if k >= z {
		return high - 1
	}
	return min(high-1, low+int64(float64(k-a)/float64(z-a)*float64(high-1-low)))
}

// Len counts the entries.
func (e *entries) Len() int64 { return e.Entries }

// Readers gives the readers by which the entries were made.
func (e *entries) Readers() map[string]int { return e.contents.Readers }

// Kinds counts the values of each kind.
func (e *entries) Kinds() map[digest.Kind]int64 {
	out := map[digest.Kind]int64{}
	for _, s := range e.Sections {
		if s.What == sectionDigests {
			out[s.Kind] = s.Bytes / int64(widthOf(s.Kind)+numberLength)
		}
	}
	return out
}

// Find gives the entries that have a value.
func (e *entries) Find(d digest.Digest, limit int) ([]int64, int64, error) {
	key := d.Bytes()
	if key == nil {
		sum := sha256.Sum256([]byte(d.Hex()))
		key = sum[:]
	}
	return e.rows(sectionDigests, d.Kind(), widthOf(d.Kind())+numberLength).equal(key, limit)
}

// Withdrawn gives the entries that take a number back.
func (e *entries) Withdrawn(ref string) ([]int64, error) {
	out, _, err := e.rows(sectionWithdrawn, "", refLength).equal(refKey(ref), 1000)
	return out, err
}

// equal gives the entries of the rows that begin with a key.
func (r rows) equal(key []byte, limit int) (found []int64, all int64, err error) {
	if r.count == 0 {
		return nil, 0, nil
	}
	at, err := r.first(key)
	if err != nil {
		return nil, 0, err
	}
	for n := at; n < r.count; n++ {
		row, err := r.row(n)
		if err != nil {
			return nil, 0, err
		}
		if !bytes.Equal(row[:len(key)], key) {
			break
		}
		if len(found) == limit {
			end, err := r.first(next(key))
			return found, end - at, err
		}
		found = append(found, int64(binary.BigEndian.Uint32(row[r.width-numberLength:])))
	}
	return found, int64(len(found)), nil
}

// next gives the key after a key; after the last there is none, and all rows come before it.
func next(key []byte) []byte {
	out := bytes.Clone(key)
	for n := len(out) - 1; n >= 0; n-- {
		if out[n]++; out[n] != 0 {
			return out
		}
	}
	return append(bytes.Repeat([]byte{0xff}, len(key)), 0xff, 0xff, 0xff, 0xff)
}

// Row gives the nth value of a kind in order.
func (e *entries) Row(kind digest.Kind, n int64) ([]byte, int64, error) {
	r := e.rows(sectionDigests, kind, widthOf(kind)+numberLength)
	if n < 0 || n >= r.count {
		return nil, 0, fault.Newf(fault.Internal, "value %d of %d of kind %s", n, r.count, kind)
	}
	row, err := r.row(n)
	if err != nil {
		return nil, 0, err
	}
	at := r.width - numberLength
	return row[:at], int64(binary.BigEndian.Uint32(row[at:])), nil
}

// Category gives what an entry is listed as.
func (e *entries) Category(n int64) (string, error) {
	short, err := e.short(n)
	return strings.TrimSpace(short.Scheme + " " + short.Category), err
}

// At gives an entry.
func (e *entries) At(n int64) (short sighting.Entry, whole *sighting.Listing, err error) {
	if short, err = e.short(n); err != nil {
		return short, nil, err
	}
	whole, err = e.whole(n)
	return short, whole, err
}

func (e *entries) short(n int64) (short sighting.Entry, err error) {
	if n < 0 || n >= e.Entries {
		return short, fault.Newf(fault.Corrupt, "entries %q: entry %d of %d", e.path, n, e.Entries)
	}
	row, err := e.rows(sectionEntries, "", entryLength).row(n)
	if err != nil {
		return short, err
	}
	short.Start = int64(binary.BigEndian.Uint64(row) >> 16)
	short.End = short.Start + int64(binary.BigEndian.Uint32(row[6:]))
	short.Number = int64(binary.BigEndian.Uint32(row[10:]))
	if code := int(binary.BigEndian.Uint16(row[14:])); code < len(e.Categories) {
		short.Scheme, short.Category = e.Categories[code][0], e.Categories[code][1]
	}
	return short, nil
}

// whole unpacks a listing that was kept whole.
func (e *entries) whole(n int64) (*sighting.Listing, error) {
	docs, starts := e.section(sectionDocs, ""), e.rows(sectionBlocks, "", 8)
	if docs == nil {
		return nil, nil
	}
	block := n / docsPerBlock
	if block >= starts.count {
		return nil, fault.Newf(fault.Corrupt, "entries %q: block %d of %d", e.path, block, starts.count)
	}
	from, to := int64(0), docs.Bytes
	row, err := starts.row(block)
	if err != nil {
		return nil, err
	}
	from = int64(binary.BigEndian.Uint64(row))
	if block+1 < starts.count {
		if row, err = starts.row(block + 1); err != nil {
			return nil, err
		}
		to = int64(binary.BigEndian.Uint64(row))
	}
	if from < 0 || to < from || to > docs.Bytes {
		return nil, fault.Newf(fault.Corrupt, "entries %q: block %d does not lie in it", e.path, block)
	}
	packed, err := e.bytes(docs.Start+from, to-from)
	if err != nil {
		return nil, err
	}
	lines := bufio.NewReader(flate.NewReader(bytes.NewReader(packed)))
	for range n % docsPerBlock {
		for more := true; more; {
			if _, more, err = lines.ReadLine(); err != nil {
				return nil, fault.Newf(fault.Corrupt, "entries %q, entry %d: %w", e.path, n, err)
			}
		}
	}
	line, err := lines.ReadBytes('\n')
	if err != nil {
		return nil, fault.Newf(fault.Corrupt, "entries %q, entry %d: %w", e.path, n, err)
	}
	var l sighting.Listing
	if err := json.Unmarshal(line, &l); err != nil {
		return nil, fault.Newf(fault.Corrupt, "entries %q, entry %d: %w", e.path, n, err)
	}
	return &l, nil
}

// indexes opens the indexes of PDQ values, each mapped and checked.
func (e *entries) indexes() ([]match.Index, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.near != nil || len(e.files) == 0 {
		return e.near, nil
	}
	var out []match.Index
	for _, f := range e.files {
		x, err := match.Open(f)
		if err != nil {
			return nil, err
		}
		out = append(out, x)
	}
	e.letGo()
	e.near = out
	return out, nil
}

// Near gives the entries whose PDQ lies near one of some values.
func (e *entries) Near(ctx context.Context, looks []digest.Digest, radius int, found func(int, hashset.Neighbour) bool) error {
	indexes, err := e.indexes()
	if err != nil || len(indexes) == 0 {
		return err
	}
	questions := make([]match.Code, len(looks))
	for n, d := range looks {
		copy(questions[n][:], d.Bytes())
	}
	values := e.rows(sectionDigests, digest.PDQ, digest.PDQ.Size()+numberLength)
	for n, x := range indexes {
		first := int64(n) * e.PerIndex
		for look, q := range questions {
			var failed error
			going := true
			err := x.Search(ctx, q, radius, func(h match.Hit) bool {
				row, err := values.row(first + int64(h.ID))
				if err != nil {
					failed = err
					return false
				}
				value, err := digest.Of(digest.PDQ, row[:digest.PDQ.Size()])
				failed = err
				going = err == nil && found(look, hashset.Neighbour{Entry: int64(binary.BigEndian.Uint32(row[digest.PDQ.Size():])), Value: value, Distance: h.Distance})
				return going
			})
			if err = errors.Join(err, failed); err != nil || !going {
				return err
			}
		}
	}
	return nil
}
