package export

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"path"
	"runtime"
	"slices"
	"strings"

	"suraag/custody"
	"suraag/export/caseuco"
	"suraag/fault"
	"suraag/sighting"
)

// Tools are what a check needs of rooms that export does not know. They work on
// the bundle alone. What a nil one is for is not checked.
type Tools struct {
	// Quote gives the bytes at a place of an original.
	Quote func(name string, original io.ReaderAt, size int64, at sighting.Place, limit int64) (text []byte, cut bool, err error)
	// Read reads an original again as it was declared, with today's readers.
	Read func(ctx context.Context, s Source, original io.ReaderAt, give func(sighting.Sighting) error) error
}

// Difference is one thing in a bundle that is not as it says.
type Difference struct {
	File string `json:"file"`
	What string `json:"what"`
}

// Checked is the report of a check.
type Checked struct {
	About       About        `json:"about"`
	Program     Program      `json:"program"` // that made the bundle, as it says
	Content     string       `json:"content"` // as computed here; see Manifest
	Files       int          `json:"files"`
	Statements  int          `json:"statements"`
	Places      int          `json:"places"`  // quoted, and found again in their originals
	Records     int          `json:"records"` // read again from their originals
	Log         *LogChecked  `json:"log,omitempty"`
	Differences []Difference `json:"differences"`
	Notes       []string     `json:"notes"` // what was not checked, and why
}

func (c *Checked) differs(file, format string, args ...any) {
	c.Differences = append(c.Differences, Difference{file, fmt.Sprintf(format, args...)})
}

func (c *Checked) note(format string, args ...any) {
	c.Notes = append(c.Notes, fmt.Sprintf(format, args...))
}

// The limits of a bundle that is checked. A bundle is stored and not packed, so
// nothing in it can be larger than it is.
const (
	maxFiles     = 20_000
	maxDirectory = 8 << 20  // bytes of the zip's own list of files
	maxDocument  = 64 << 20 // bytes of a file that is not an original
	maxFileName  = 200
)

// Check checks a bundle by itself: that every file is what the manifest says,
// that every quoted place stands in its original, that the originals say what was
// read from them, that the documents for people are those that its statements
// make, that the custody log commits to it, and that nothing else is in the zip. An error means that it is no bundle
// or is beyond the limits; what is wrong in a bundle is in the report.
func Check(ctx context.Context, r io.ReaderAt, size int64, tools Tools, trust Trust) (Checked, error) {
	c := &checking{ctx: ctx, bundle: r, size: size, tools: tools, trust: trust, report: Checked{Differences: []Difference{}, Notes: []string{}}, files: map[string]*zip.File{}, sums: map[string]string{}}
	if err := c.open(); err != nil {
		return c.report, err
	}
	if err := c.hash(); err != nil {
		return c.report, err
	}
	manifest, ok, err := c.manifest()
	if err != nil {
		return c.report, err
	}
	if ok {
		c.report.About, c.report.Program = manifest.About, manifest.Program
		if err := c.contents(manifest); err != nil {
			return c.report, err
		}
	}
	if err := c.shape(); err != nil {
		return c.report, err
	}
	return c.report, nil
}

type checking struct {
	ctx    context.Context
	bundle io.ReaderAt
	size   int64
	tools  Tools
	trust  Trust
	report Checked
	order  []*zip.File
	files  map[string]*zip.File
	sums   map[string]string // file → SHA-256 as computed here
}

func notBundle(format string, args ...any) error {
	err := fault.Newf(fault.Invalid, "not a bundle: "+format, args...)
	return fault.WithHint(err, "give the zip as suraag export bundle wrote it")
}

// open lists the files, within the limits.
func (c *checking) open() error {
	if err := c.directory(); err != nil {
		return err
	}
	z, err := zip.NewReader(c.bundle, c.size)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return notBundle("%v", err)
	}
	if len(z.File) > maxFiles {
		return fault.Newf(fault.TooLarge, "the bundle has %d files, more than %d", len(z.File), maxFiles)
	}
	for _, f := range z.File {
		switch {
		case !safeName(f.Name):
			return notBundle("it holds a file of the name %q", f.Name)
		case c.files[f.Name] != nil:
			return notBundle("it holds two files of the name %q", f.Name)
		case f.Method != zip.Store || f.UncompressedSize64 != f.CompressedSize64:
			return notBundle("file %q is packed", f.Name)
		case f.UncompressedSize64 > uint64(c.size):
			return notBundle("file %q is larger than the bundle", f.Name)
		case f.UncompressedSize64 > maxDocument && !strings.HasPrefix(f.Name, sourcesFolder):
			return fault.Newf(fault.TooLarge, "file %q has %d bytes, more than %d", f.Name, f.UncompressedSize64, maxDocument)
		}
		c.files[f.Name] = f
		c.order = append(c.order, f)
	}
	for _, needed := range []string{manifestFile, sumsFile, dossierFile} {
		if c.files[needed] == nil {
			return notBundle("it holds no %s", needed)
		}
	}
	c.report.Files = len(c.order)
	return nil
}

func safeName(name string) bool {
	return len(name) <= maxFileName && name == path.Clean(name) && !path.IsAbs(name) && !strings.HasPrefix(name, "..") && name != "." &&
		strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._/") == ""
}

// directory bounds the zip's own list of files before it is read into memory
// (APPNOTE 4.3.14 to 4.3.16). A bundle has no comment, so its end is where it is.
func (c *checking) directory() error {
	const end, locator, end64 = 22, 20, 56
	tail := make([]byte, end64+locator+end)
	if c.size < end {
		return notBundle("it has %d bytes", c.size)
	}
	tail = tail[:min(int64(len(tail)), c.size)]
	if _, err := c.bundle.ReadAt(tail, c.size-int64(len(tail))); err != nil && err != io.EOF {
		return fault.As(fault.Unavailable, err)
	}
	last := tail[len(tail)-end:]
	if string(last[:4]) != "PK\x05\x06" || last[20] != 0 || last[21] != 0 {
		return notBundle("it does not end as a zip without a comment does")
	}
	length := uint64(binary.LittleEndian.Uint32(last[12:]))
	if length == 1<<32-1 && len(tail) == end64+locator+end && string(tail[:4]) == "PK\x06\x06" {
		length = binary.LittleEndian.Uint64(tail[40:])
	}
	if length > maxDirectory {
		return fault.Newf(fault.TooLarge, "the bundle's list of files has %d bytes, more than %d", length, maxDirectory)
	}
	return nil
}

// section gives the bytes of a file as they lie in the zip.
func (c *checking) section(f *zip.File) (*io.SectionReader, error) {
	at, err := f.DataOffset()
	if err != nil {
		return nil, notBundle("file %q: %v", f.Name, err)
	}
	if at < 0 || at > c.size-int64(f.UncompressedSize64) {
		return nil, notBundle("file %q reaches beyond the end", f.Name)
	}
	return io.NewSectionReader(c.bundle, at, int64(f.UncompressedSize64)), nil
}

func (c *checking) read(name string) ([]byte, error) {
	f := c.files[name]
	if f == nil {
		return nil, fault.Newf(fault.NotFound, "the bundle holds no %s", name)
	}
	s, err := c.section(f)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(s, maxDocument))
	return text, fault.As(fault.Unavailable, err)
}

func (c *checking) hash() error {
	for _, f := range c.order {
		s, err := c.section(f)
		if err != nil {
			return err
		}
		sum := sha256.New()
		if _, err := io.Copy(sum, stopping{c.ctx, s}); err != nil {
			return fault.Newf(fault.Unavailable, "file %q: %w", f.Name, err)
		}
		c.sums[f.Name] = hex.EncodeToString(sum.Sum(nil))
	}
	return nil
}

// manifest compares the two lists of files with the files and with each other.
// A file is named when it differs from both, a list when only it stands alone.
func (c *checking) manifest() (m Manifest, ok bool, err error) {
	doc, err := c.read(manifestFile)
	if err != nil {
		return m, false, err
	}
	text, err := c.read(sumsFile)
	if err != nil {
		return m, false, err
	}
	listed := map[string]string{}
	for _, l := range strings.Split(strings.TrimSuffix(string(text), "\n"), "\n") {
		sum, name, _ := strings.Cut(l, "  ")
		listed[name] = sum
	}
	inManifest := map[string]string{}
	whole := json.Unmarshal(doc, &m) == nil
	if whole && m.Format != Format {
		return m, false, notBundle("its format is %q; this program checks %q", m.Format, Format)
	}
	for _, f := range m.Files {
		inManifest[f.Path] = f.SHA256
	}
	if c.sums[manifestFile] != listed[manifestFile] {
		// Either list may be the changed one: the one that fits the files is right.
		if whole && c.fits(inManifest) {
			c.report.differs(sumsFile, "its hash of %s is not that of the file", manifestFile)
			return m, true, nil
		}
		c.report.differs(manifestFile, "its bytes are not those that %s lists", sumsFile)
		c.compare(listed, func(name string) bool { return name != sumsFile && name != manifestFile })
		return m, false, nil
	}
	if !whole {
		c.report.differs(manifestFile, "it cannot be read")
		return m, false, nil
	}
	c.compare(inManifest, func(name string) bool { return name != sumsFile && name != manifestFile })
	var want strings.Builder
	inManifest[manifestFile] = c.sums[manifestFile]
	for _, name := range slices.Sorted(maps.Keys(inManifest)) {
		fmt.Fprintf(&want, "%s  %s\n", inManifest[name], name)
	}
	if want.String() != string(text) {
		c.report.differs(sumsFile, "it is not the list that %s makes", manifestFile)
	}
	return m, true, nil
}

func (c *checking) fits(list map[string]string) bool {
	for name, sum := range c.sums {
		if name != sumsFile && name != manifestFile && list[name] != sum {
			return false
		}
	}
	return len(list) == len(c.sums)-2
}

// compare names every file that is not the one of a list.
func (c *checking) compare(list map[string]string, which func(string) bool) {
	for _, f := range c.order {
		if !which(f.Name) {
			continue
		}
		switch sum, there := list[f.Name]; {
		case !there:
			c.report.differs(f.Name, "it is not in the list of files")
		case sum != c.sums[f.Name]:
			c.report.differs(f.Name, "its SHA-256 is %s, and the list says %s", c.sums[f.Name], sum)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(list)) {
		if which(name) && c.files[name] == nil {
			c.report.differs(name, "it is in the list of files, and not in the bundle")
		}
	}
}

// right tells whether a file's bytes are those of the manifest.
func (c *checking) right(name string) bool {
	return c.files[name] != nil && !slices.ContainsFunc(c.report.Differences, func(d Difference) bool { return d.File == name })
}

// contents checks what the files say. Files that are already named are left out.
func (c *checking) contents(m Manifest) error {
	var lines strings.Builder
	for _, f := range m.Files {
		if !strings.HasPrefix(f.Path, logFolder) {
			fmt.Fprintf(&lines, "%s  %s\n", f.SHA256, f.Path)
		}
	}
	if c.report.Content = sumOf([]byte(lines.String())); c.report.Content != m.Content {
		c.report.differs(manifestFile, "it gives %s as the hash of the content, which is %s", m.Content, c.report.Content)
	}
	if !c.right(dossierFile) {
		c.report.note("The statements were not looked at, because their file was changed.")
		return nil
	}
	doc, err := c.read(dossierFile)
	if err != nil {
		return err
	}
	var d Dossier
	if err := json.Unmarshal(doc, &d); err != nil || d.Format != Format {
		c.report.differs(dossierFile, "it cannot be read as %q", Format)
		return nil
	}
	c.report.Statements = len(d.Statements)
	if again, err := encode(d); err != nil || !bytes.Equal(again, doc) {
		c.report.differs(dossierFile, "it holds something that this program would not write")
	}
	c.inner(&d)
	if err := c.documents(&d, sumOf(doc), int64(len(doc))); err != nil {
		return err
	}
	if err := c.originals(&d); err != nil {
		return err
	}
	return c.log(&d)
}

// inner checks that the statements hang together: numbers, sources and quotes.
func (c *checking) inner(d *Dossier) {
	sources, quotes := map[string]bool{}, map[int]Quote{}
	for n, s := range d.Sources {
		if sources[s.ID] || s.No != n+1 {
			c.report.differs(dossierFile, "source %d is numbered %d, or stands there twice", n+1, s.No)
		}
		sources[s.ID] = true
	}
	for n, q := range d.Quotes {
		if q.No != n+1 || !sources[q.Source] {
			c.report.differs(dossierFile, "quote %d is numbered %d, or is of a source that is not listed", n+1, q.No)
		}
		quotes[q.No] = q
	}
	for n, s := range d.Statements {
		if s.No != n+1 {
			c.report.differs(dossierFile, "statement %d is numbered %d", n+1, s.No)
		}
		for _, r := range s.RestsOn {
			q, quoted := quotes[r.Quote]
			if !sources[r.Source] || r.Quote != 0 && (!quoted || q.Source != r.Source || q.Place.String() != r.Place.String()) {
				c.report.differs(dossierFile, "statement %d rests on a place that is not the one it names", s.No)
			}
		}
	}
	if len(d.Against) == 0 || len(d.NotKnown) == 0 {
		c.report.differs(dossierFile, "what speaks against the statements, or what is not known, was left out")
	}
}

// documents sets the documents for people again. They may only be compared by a
// program that sets them as the one did that made the bundle.
func (c *checking) documents(d *Dossier, of string, size int64) error {
	if d.Setting != Setting {
		c.report.note("The bundle's documents were set in form %d and this program sets form %d, so that they were not compared with the statements. Use version %s to compare them.", d.Setting, Setting, d.Program.Version)
		return nil
	}
	for _, made := range []struct {
		name string
		set  func() ([]byte, error)
	}{
		{readableFile, func() ([]byte, error) { return d.Readable(of) }},
		{certificateFile, func() ([]byte, error) { return d.certificate(of, size).PDF() }},
		{graphFile, func() ([]byte, error) { return caseuco.Write(d.graph()) }},
		{readmeFile, func() ([]byte, error) { return []byte(readme(d)), nil }},
	} {
		if !c.right(made.name) {
			if c.files[made.name] == nil {
				c.report.differs(made.name, "it is not in the bundle")
			}
			continue
		}
		want, err := made.set()
		if err != nil {
			c.report.differs(made.name, "the statements cannot be set: %v", err)
			continue
		}
		got, err := c.read(made.name)
		if err != nil {
			return err
		}
		switch {
		case bytes.Equal(got, want):
		case d.Program.Go != runtime.Version() && strings.HasSuffix(made.name, ".pdf"):
			// Streams of a PDF are packed by the compiler's own library.
			c.report.note("%s was packed by %s and this program is built with %s, so that it was not compared with the statements.", made.name, d.Program.Go, runtime.Version())
		default:
			c.report.differs(made.name, "it does not say what %s says", dossierFile)
		}
	}
	return nil
}

// originals checks each enclosed original, the places quoted from it, and the
// records that were read from it.
func (c *checking) originals(d *Dossier) error {
	enclosed := map[string]bool{}
	for _, s := range d.Sources {
		name := sourceFile(s.ID)
		if s.Enclosed != Whole {
			continue
		}
		enclosed[name] = true
		switch f := c.files[name]; {
		case f == nil:
			c.report.differs(name, "the original is not in the bundle")
			continue
		case c.sums[name] != s.ID:
			if c.right(name) {
				c.report.differs(name, "its SHA-256 is %s: it is not the original of that name", c.sums[name])
			}
			continue
		case int64(f.UncompressedSize64) != s.Size:
			c.report.differs(dossierFile, "source %d has %d bytes, not %d", s.No, f.UncompressedSize64, s.Size)
		}
		r, err := c.section(c.files[name])
		if err != nil {
			return err
		}
		c.places(d, s, r)
		if err := c.again(d, s, r); err != nil {
			return err
		}
	}
	for _, f := range c.order {
		if strings.HasPrefix(f.Name, sourcesFolder) && !enclosed[f.Name] {
			c.report.differs(f.Name, "no statement's source is this file")
		}
	}
	if left := len(d.Sources) - len(enclosed); left > 0 {
		c.report.note("%s not enclosed whole; what is quoted from them can be compared by whoever holds them.", countIs(left, "original"))
	}
	return nil
}

func (c *checking) places(d *Dossier, s Source, r *io.SectionReader) {
	if c.tools.Quote == nil {
		return
	}
	for _, q := range d.Quotes {
		if q.Source != s.ID || c.ctx.Err() != nil {
			continue
		}
		text, cut, err := c.tools.Quote(s.Name, r, r.Size(), q.Place, min(q.Bytes, maxQuoted))
		if err != nil {
			c.report.differs(dossierFile, "quote %d: %v", q.No, err)
			continue
		}
		c.report.Places++
		words, raw := shown(text)
		if sumOf(text) != q.SHA256 || int64(len(text)) != q.Bytes || cut != q.Cut || words != q.Text || !bytes.Equal(raw, q.Raw) {
			c.report.differs(dossierFile, "quote %d is not what stands at %s of %s", q.No, q.Place, sourceFile(s.ID))
		}
	}
}

// again reads an original as it was declared and compares the records.
func (c *checking) again(d *Dossier, s Source, r *io.SectionReader) error {
	want := map[string]sighting.Sighting{}
	for _, rec := range d.Records {
		if rec.Source == s.ID {
			want[rec.ID] = rec
		}
	}
	if c.tools.Read == nil || len(want) == 0 || s.Purpose != custody.ForIntake {
		return nil
	}
	newer := 0
	err := c.tools.Read(c.ctx, s, r, func(got sighting.Sighting) error {
		rec, there := want[got.ID]
		if !there {
			return nil
		}
		delete(want, got.ID)
		if got.Version != rec.Version {
			newer++
			return nil
		}
		a, errA := json.Marshal(rec)
		b, errB := json.Marshal(got)
		if errA != nil || errB != nil || !bytes.Equal(a, b) {
			c.report.differs(dossierFile, "record %s is not what %s states at %s", rec.ID, sourceFile(s.ID), rec.Place)
			return nil
		}
		c.report.Records++
		return nil
	})
	if c.ctx.Err() != nil {
		return fault.As(fault.Unavailable, c.ctx.Err())
	}
	if err != nil && s.State == custody.Read {
		c.report.differs(sourceFile(s.ID), "it could be read when the bundle was made, and now: %v", err)
	}
	if newer > 0 {
		c.report.note("%s of %s were made by another version of their reader, and not compared.", count(newer, "record"), sourceFile(s.ID))
	}
	for _, id := range slices.Sorted(maps.Keys(want)) {
		c.report.differs(dossierFile, "record %s: %s states no such record", id, sourceFile(s.ID))
	}
	return nil
}

// shape writes the zip around the files again: not a byte of it may be otherwise,
// so that nothing is hidden between the files.
func (c *checking) shape() error {
	names := slices.Clone(c.order)
	slices.SortFunc(names, func(a, b *zip.File) int { return strings.Compare(a.Name, b.Name) })
	same := &comparing{with: c.bundle, size: c.size, differs: -1}
	z := zip.NewWriter(same)
	for _, f := range names {
		s, err := c.section(f)
		if err != nil {
			return err
		}
		crc, err := checksum(c.ctx, s)
		if err != nil {
			return err
		}
		if _, err := s.Seek(0, io.SeekStart); err != nil {
			return fault.As(fault.Unavailable, err)
		}
		w, err := z.CreateRaw(header(f.Name, int64(f.UncompressedSize64), crc))
		if err == nil {
			_, err = io.Copy(w, stopping{c.ctx, s})
		}
		if err != nil {
			return fault.Newf(fault.Unavailable, "file %q: %w", f.Name, err)
		}
	}
	if err := z.Close(); err != nil {
		return fault.As(fault.Unavailable, err)
	}
	if same.differs < 0 && same.at != c.size {
		same.differs = min(same.at, c.size)
	}
	// The sum of a changed file is in the zip around it: that file is named.
	if same.differs >= 0 && len(c.report.Differences) == 0 {
		c.report.differs("(the zip itself)", "at byte %d it is not as this program writes it: something was changed or added outside of the files", same.differs)
	}
	return nil
}

// comparing is a writer that compares what it gets with what is there.
type comparing struct {
	with    io.ReaderAt
	size    int64
	at      int64
	differs int64
	buf     []byte
}

func (w *comparing) Write(p []byte) (int, error) {
	if w.differs < 0 {
		w.buf = slices.Grow(w.buf[:0], len(p))[:len(p)]
		n, err := w.with.ReadAt(w.buf, w.at)
		if err != nil && err != io.EOF {
			return 0, err
		}
		for k := range p {
			if k >= n || w.buf[k] != p[k] {
				w.differs = w.at + int64(k)
				break
			}
		}
	}
	w.at += int64(len(p))
	return len(p), nil
}
