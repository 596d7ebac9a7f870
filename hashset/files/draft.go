package files

import (
	"bufio"
	"bytes"
	"compress/flate"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"

	"suraag/digest"
	"suraag/fault"
	"suraag/match"
	"suraag/sighting"
)

// draft is a file of entries in the making. The entries themselves go into it at
// once, their digests first through a sorter for each kind.
type draft struct {
	keeper  *Keeper
	source  string
	out     *writer
	sorters map[digest.Kind]*sorter
	taken   sorter // refs of entries that take others back
	codes   map[[2]string]uint16
	c       contents
	docs    *os.File // packed listings, if they are kept whole
	packed  *bufio.Writer
	starts  []byte
	block   bytes.Buffer
	packer  *flate.Writer
	size    int64 // of docs
}

// writer writes a file from its beginning and sums it up.
type writer struct {
	f      *os.File
	b      *bufio.Writer
	at     int64
	sum    uint32
	sums   []byte
	length int64 // bytes summed up in the running block
	crc    *crc32.Table
}

func newWriter(f *os.File) (*writer, error) {
	w := &writer{f: f, b: bufio.NewWriterSize(f, 1<<20), crc: castagnoli(), length: headerLength, at: headerLength}
	_, err := w.b.Write(make([]byte, headerLength))
	return w, err
}

func (w *writer) Write(p []byte) (int, error) {
	all := len(p)
	if _, err := w.b.Write(p); err != nil {
		return 0, err
	}
	w.at += int64(all)
	for len(p) > 0 {
		n := int(min(blockLength-w.length, int64(len(p))))
		w.sum = crc32.Update(w.sum, w.crc, p[:n])
		if w.length += int64(n); w.length == blockLength {
			w.cut()
		}
		p = p[n:]
	}
	return all, nil
}

func (w *writer) cut() {
	w.sums = binary.BigEndian.AppendUint32(w.sums, w.sum)
	w.sum, w.length = 0, 0
}

// align goes to where a section may begin.
func (w *writer) align() error {
	_, err := w.Write(make([]byte, (sectionStart-w.at%sectionStart)%sectionStart))
	return err
}

// Create begins the entries of a source.
func (k *Keeper) create(source string) (*draft, error) {
	if _, err := k.path(source, ".list"); err != nil {
		return nil, err
	}
	f, err := os.CreateTemp(k.drafts(), "draft-")
	if err != nil {
		return nil, fault.As(fault.Unavailable, err)
	}
	w, err := newWriter(f)
	if err != nil {
		f.Close()
		return nil, fault.As(fault.Unavailable, err)
	}
	return &draft{keeper: k, source: source, out: w, sorters: map[digest.Kind]*sorter{}, codes: map[[2]string]uint16{}, taken: sorter{width: refLength}}, nil
}

// Entry takes an entry in short.
func (d *draft) Entry(e *sighting.Entry) error {
	if d.docs != nil {
		return fault.Newf(fault.Internal, "entry in short after whole ones")
	}
	return d.entry(e)
}

func (d *draft) entry(e *sighting.Entry) error {
	if d.c.Entries == maxEntries {
		return fault.Newf(fault.TooLarge, "a list of more than %d entries", int64(maxEntries))
	}
	n := uint32(d.c.Entries)
	d.c.Entries++
	for _, v := range e.Values {
		d.sorter(v.Kind).add(keptAs(v), n)
	}
	var row [entryLength]byte
	length := e.End - e.Start
	if e.Start < 0 || e.Start >= 1<<48 || length < 0 || length > 1<<32-1 || e.Number < 0 || e.Number > 1<<32-1 {
		return fault.Newf(fault.TooLarge, "entry %d at %d-%d", e.Number, e.Start, e.End)
	}
	binary.BigEndian.PutUint64(row[:8], uint64(e.Start)<<16)
	binary.BigEndian.PutUint32(row[6:], uint32(length))
	binary.BigEndian.PutUint32(row[10:], uint32(e.Number))
	binary.BigEndian.PutUint16(row[14:], d.code(e.Scheme, e.Category))
	if _, err := d.out.Write(row[:]); err != nil {
		return fault.As(fault.Unavailable, err)
	}
	return d.room()
}

// keptAs gives the value as it stands in a row.
func keptAs(v sighting.Value) []byte {
	if v.Kind.Size() > 0 {
		return v.Raw
	}
	sum := sha256.Sum256(v.Raw)
	return sum[:]
}

func (d *draft) sorter(k digest.Kind) *sorter {
	s := d.sorters[k]
	if s == nil {
		s = &sorter{width: widthOf(k) + numberLength}
		d.sorters[k] = s
	}
	return s
}

// code gives the number of a category.
func (d *draft) code(scheme, category string) uint16 {
	key := [2]string{scheme, category}
	code, known := d.codes[key]
	if !known {
		if len(d.codes) == manyWords {
			return manyWords
		}
		code = uint16(len(d.codes))
		d.codes[key] = code
		d.c.Categories = append(d.c.Categories, key)
	}
	return code
}

// room sends waiting rows to disk when there are too many.
func (d *draft) room() error {
	if d.c.Entries%256 != 0 {
		return nil
	}
	waiting, most := len(d.taken.rows), &d.taken
	for _, s := range d.sorters {
		if waiting += len(s.rows); len(s.rows) > len(most.rows) {
			most = s
		}
	}
	if waiting < d.keeper.memory {
		return nil
	}
	return most.spill(d.keeper.drafts())
}

// Listing takes an entry whole.
func (d *draft) Listing(l sighting.Listing) error {
	if d.docs == nil {
		if d.c.Entries > 0 {
			return fault.Newf(fault.Internal, "whole entry after entries in short")
		}
		f, err := os.CreateTemp(d.keeper.drafts(), "docs-")
		if err != nil {
			return fault.As(fault.Unavailable, err)
		}
		d.docs, d.packed = f, bufio.NewWriterSize(f, 1<<18)
		d.packer, _ = flate.NewWriter(&d.block, flate.BestSpeed) // an error would be of the level
	}
	if l.Withdrawn && l.Ref != "" {
		d.taken.add(refKey(l.Ref), uint32(d.c.Entries))
	}
	doc, err := json.Marshal(l)
	if err != nil {
		return fault.As(fault.Internal, err)
	}
	if _, err := d.packer.Write(append(doc, '\n')); err != nil {
		return fault.As(fault.Internal, err)
	}
	short := l.Short(d.c.Entries)
	if err := d.entry(&short); err != nil {
		return err
	}
	if d.c.Entries%docsPerBlock == 0 {
		return d.pack()
	}
	return nil
}

func refKey(ref string) []byte {
	sum := sha256.Sum256([]byte(ref))
	return sum[:8]
}

// pack writes a block of listings.
func (d *draft) pack() error {
	if err := d.packer.Close(); err != nil {
		return fault.As(fault.Internal, err)
	}
	d.starts = binary.BigEndian.AppendUint64(d.starts, uint64(d.size))
	d.size += int64(d.block.Len())
	_, err := d.packed.Write(d.block.Bytes())
	d.block.Reset()
	d.packer.Reset(&d.block)
	return fault.As(fault.Unavailable, err)
}

// Keep writes what is left and gives the file its name.
func (d *draft) Keep(ctx context.Context, readers map[string]int) error {
	d.c.Source, d.c.Readers = d.source, readers
	d.c.Sections = append(d.c.Sections, section{What: sectionEntries, Start: headerLength, Bytes: d.c.Entries * entryLength})
	if err := d.keepDocs(); err != nil {
		return err
	}
	for _, k := range digest.Kinds() {
		if s := d.sorters[k]; s != nil {
			if err := d.keepRows(ctx, sectionDigests, k, s); err != nil {
				return err
			}
		}
	}
	if d.taken.count > 0 {
		if err := d.keepRows(ctx, sectionWithdrawn, "", &d.taken); err != nil {
			return err
		}
	}
	if err := d.keepNear(ctx); err != nil {
		return err
	}
	if err := d.keepTable(); err != nil {
		return err
	}
	return d.keeper.settle(d.out.f, d.source, d.c.Near)
}

// begin notes where a section begins.
func (d *draft) begin(what string, k digest.Kind) (*section, error) {
	if err := d.out.align(); err != nil {
		return nil, fault.As(fault.Unavailable, err)
	}
	d.c.Sections = append(d.c.Sections, section{What: what, Kind: k, Start: d.out.at})
	return &d.c.Sections[len(d.c.Sections)-1], nil
}

func (d *draft) keepRows(ctx context.Context, what string, k digest.Kind, s *sorter) error {
	at, err := d.begin(what, k)
	if err != nil {
		return err
	}
	if err := s.all(ctx, func(row []byte) error { _, err := d.out.Write(row); return err }); err != nil {
		return fault.As(fault.Unavailable, err)
	}
	at.Bytes = d.out.at - at.Start
	s.discard()
	s.rows = nil
	return nil
}

func (d *draft) keepDocs() error {
	if d.docs == nil {
		return nil
	}
	if d.c.Entries%docsPerBlock != 0 {
		if err := d.pack(); err != nil {
			return err
		}
	}
	if err := d.packed.Flush(); err != nil {
		return fault.As(fault.Unavailable, err)
	}
	for what, from := range map[string]io.Reader{sectionDocs: io.NewSectionReader(d.docs, 0, d.size), sectionBlocks: bytes.NewReader(d.starts)} {
		at, err := d.begin(what, "")
		if err != nil {
			return err
		}
		if at.Bytes, err = io.Copy(d.out, from); err != nil {
			return fault.As(fault.Unavailable, err)
		}
	}
	return nil
}

// keepTable writes sums, table and header.
func (d *draft) keepTable() error {
	data := d.out.at
	if d.out.length > 0 {
		d.out.cut()
	}
	table, err := json.Marshal(d.c)
	if err != nil {
		return fault.As(fault.Internal, err)
	}
	h := head{sums: data, sumsLength: int64(len(d.out.sums)), table: data + int64(len(d.out.sums)), tableLength: int64(len(table))}
	_, err1 := d.out.b.Write(d.out.sums)
	_, err2 := d.out.b.Write(table)
	err3 := d.out.b.Flush()
	_, err4 := d.out.f.WriteAt(writeHead(h, d.out.sums, table), 0)
	return fault.As(fault.Unavailable, errors.Join(err1, err2, err3, err4))
}

// perIndex is how many PDQ values one file of package match holds: to build it
// takes some 200 bytes of memory for each.
const perIndex = 2 << 20

// keepNear makes the indexes of PDQ values, which are searched as they lie on disk.
func (d *draft) keepNear(ctx context.Context) error {
	s := d.c.section(sectionDigests, digest.PDQ)
	if s == nil {
		return nil
	}
	if err := d.out.b.Flush(); err != nil {
		return fault.As(fault.Unavailable, err)
	}
	var chance [4]byte
	rand.Read(chance[:])
	d.c.PerIndex = d.keeper.perIndex
	width := int64(digest.PDQ.Size() + numberLength)
	for from := int64(0); from < s.Bytes; from += d.c.PerIndex * width {
		rows := make([]byte, min(d.c.PerIndex*width, s.Bytes-from))
		if _, err := d.out.f.ReadAt(rows, s.Start+from); err != nil {
			return fault.As(fault.Unavailable, err)
		}
		name := fmt.Sprintf("%s.%s-%d.near", d.source, hex.EncodeToString(chance[:]), len(d.c.Near))
		d.c.Near = append(d.c.Near, name)
		if err := d.keepIndex(ctx, name, rows); err != nil {
			return err
		}
	}
	return nil
}

func (d *draft) keepIndex(ctx context.Context, name string, rows []byte) error {
	width := digest.PDQ.Size() + numberLength
	index, err := match.Build(ctx, len(rows)/width, func(i int) (uint64, match.Code) {
		return uint64(i), match.Code(rows[i*width : i*width+digest.PDQ.Size()])
	})
	if err != nil {
		return err
	}
	f, err := os.OpenFile(filepath.Join(d.keeper.drafts(), name), os.O_CREATE|os.O_TRUNC|os.O_RDWR, 0o600)
	if err != nil {
		return fault.As(fault.Unavailable, err)
	}
	defer f.Close()
	b := bufio.NewWriterSize(f, 1<<20)
	if err := match.Save(b, index); err != nil {
		return err
	}
	return fault.As(fault.Unavailable, errors.Join(b.Flush(), f.Sync()))
}

// Discard removes what is left of the draft.
func (d *draft) Discard() {
	for _, s := range d.sorters {
		s.discard()
	}
	d.taken.discard()
	if d.docs != nil {
		d.docs.Close()
		os.Remove(d.docs.Name())
	}
	d.out.f.Close()
	os.Remove(d.out.f.Name())
	for _, name := range d.c.Near {
		os.Remove(filepath.Join(d.keeper.drafts(), name))
	}
}
