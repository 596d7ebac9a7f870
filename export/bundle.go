package export

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"io"
	"slices"
	"strings"
	"time"

	"suraag/custody"
	"suraag/export/caseuco"
	"suraag/fault"
)

// The files of a bundle. Originals are named by their SHA-256, as they are kept.
const (
	dossierFile     = "statements.json"
	readableFile    = "statements.pdf"
	certificateFile = "certificate-63-4-c.pdf"
	graphFile       = "case-uco.jsonld"
	readmeFile      = "README.txt"
	verifyFile      = "verify.md"
	validationFile  = "validation.md"
	manifestFile    = "manifest.json"
	sumsFile        = "SHA256SUMS"
	sourcesFolder   = "sources/"
	logFolder       = "log/"
)

func sourceFile(id string) string { return sourcesFolder + id }

// member is one file of a bundle while it is written.
type member struct {
	path string
	size int64
	sum  string
	crc  uint32
	open func() (io.ReadCloser, error)
}

// Listed is one file of a bundle as the manifest lists it.
type Listed struct {
	Path   string `json:"path"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// Manifest lists every file of a bundle but itself and SHA256SUMS. Content is
// the SHA-256 over the lines of SHA256SUMS for all files outside log/: the custody
// log commits to it, and so to the bundle.
type Manifest struct {
	Format  string    `json:"format"`
	Made    time.Time `json:"made"`
	About   About     `json:"about"`
	Program Program   `json:"program"`
	Content string    `json:"content"`
	Files   []Listed  `json:"files"`
}

// Bundle is a dossier with everything that goes into its zip.
type Bundle struct {
	dossier *Dossier
	members []member
	content string
}

// Papers are documents of the program that every bundle encloses.
type Papers struct {
	Verify     []byte // doc/verify.md: how to check by hand
	Validation []byte // doc/validation.md: how the program was tested; may be empty
}

// NewBundle sets the documents of a dossier, and hashes every original that is
// enclosed: one that is not what it was when it was sealed makes no bundle.
func NewBundle(ctx context.Context, d *Dossier, originals custody.Keeper, papers Papers) (*Bundle, error) {
	b := &Bundle{dossier: d}
	doc, err := encode(d)
	if err != nil {
		return nil, err
	}
	of := sumOf(doc)
	b.add(dossierFile, doc)
	for _, made := range []struct {
		path string
		set  func() ([]byte, error)
	}{
		{readableFile, func() ([]byte, error) { return d.Readable(of) }},
		{certificateFile, func() ([]byte, error) { return d.certificate(of, int64(len(doc))).PDF() }},
		{graphFile, func() ([]byte, error) { return caseuco.Write(d.graph()) }},
	} {
		text, err := made.set()
		if err != nil {
			return nil, fault.Wrapf(err, "%s", made.path)
		}
		b.add(made.path, text)
	}
	b.add(readmeFile, []byte(readme(d)))
	b.add(verifyFile, papers.Verify)
	if len(papers.Validation) > 0 {
		b.add(validationFile, papers.Validation)
	}
	for _, s := range d.Sources {
		if s.Enclosed != Whole {
			continue
		}
		if err := b.original(ctx, originals, s); err != nil {
			return nil, err
		}
	}
	b.sort()
	b.content = sumOf([]byte(b.sums(func(m member) bool { return !strings.HasPrefix(m.path, logFolder) })))
	return b, nil
}

// Readable gives the document for people, as it stands in the bundle.
func (b *Bundle) Readable() (io.ReadCloser, error) {
	for _, m := range b.members {
		if m.path == readableFile {
			return m.open()
		}
	}
	return nil, fault.Newf(fault.Internal, "the bundle has no %s", readableFile)
}

// Content is what the custody log commits to; see Manifest.
func (b *Bundle) Content() string { return b.content }

func (b *Bundle) sort() {
	slices.SortFunc(b.members, func(x, y member) int { return strings.Compare(x.path, y.path) })
}

func (b *Bundle) add(path string, text []byte) {
	b.members = append(b.members, member{
		path: path, size: int64(len(text)), sum: sumOf(text), crc: crc32.ChecksumIEEE(text),
		open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(text)), nil },
	})
}

// original hashes a kept original on its way into the bundle: the copy is what
// it was when it was sealed, or there is no bundle.
func (b *Bundle) original(ctx context.Context, k custody.Keeper, s Source) error {
	open := func() (io.ReadCloser, error) {
		o, err := k.Open(s.ID)
		if err != nil {
			return nil, err
		}
		return struct {
			io.Reader
			io.Closer
		}{io.NewSectionReader(o, 0, o.Size()), o}, nil
	}
	r, err := open()
	if err != nil {
		return err
	}
	defer r.Close()
	sum, crc := sha256.New(), crc32.NewIEEE()
	size, err := io.Copy(io.MultiWriter(sum, crc), stopping{ctx, r})
	if err != nil {
		return fault.Newf(fault.Unavailable, "original %s: %w", s.ID, err)
	}
	if got := hex.EncodeToString(sum.Sum(nil)); got != s.ID {
		return fault.WithHint(fault.Newf(fault.Corrupt, "original %s now hashes to %s: its bytes were changed after sealing", s.ID, got), "run suraag verify; nothing is exported on a changed original")
	}
	b.members = append(b.members, member{path: sourceFile(s.ID), size: size, sum: s.ID, crc: crc.Sum32(), open: open})
	return nil
}

// stopping is a reader that ends with its context.
type stopping struct {
	ctx context.Context
	r   io.Reader
}

func (s stopping) Read(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	return s.r.Read(p)
}

func (b *Bundle) sums(which func(member) bool) string {
	var out strings.Builder
	for _, m := range b.members {
		if which(m) {
			fmt.Fprintf(&out, "%s  %s\n", m.sum, m.path)
		}
	}
	return out.String()
}

// Write writes the zip: files in order of their names, stored and not packed, so
// that the same files give the same bytes wherever it is written.
func (b *Bundle) Write(ctx context.Context, w io.Writer) error {
	m := Manifest{Format: Format, Made: b.dossier.AsOf, About: b.dossier.About, Program: b.dossier.Program, Content: b.content}
	for _, f := range b.members {
		m.Files = append(m.Files, Listed{f.path, f.size, f.sum})
	}
	doc, err := encode(m)
	if err != nil {
		return err
	}
	whole := &Bundle{dossier: b.dossier, members: slices.Clone(b.members)}
	whole.add(manifestFile, doc)
	whole.sort()
	whole.add(sumsFile, []byte(whole.sums(func(member) bool { return true })))
	whole.sort()
	z := zip.NewWriter(w)
	for _, f := range whole.members {
		if err := f.write(ctx, z); err != nil {
			return err
		}
	}
	return fault.As(fault.Unavailable, z.Close())
}

// header is how every file stands in the zip: stored, without a date (the least
// that the format can say, 1 January 1980), without anything that a machine adds.
func header(path string, size int64, crc uint32) *zip.FileHeader {
	const firstDay = 1<<5 | 1 // 1 January 1980, MS-DOS form
	//lint:ignore SA1019 CreateRaw writes ModifiedDate as it is; Modified would need the system's idea of a zone and an extra field
	h := &zip.FileHeader{Name: path, Method: zip.Store, CRC32: crc, CompressedSize64: uint64(size), UncompressedSize64: uint64(size), ModifiedDate: firstDay}
	h.Flags = 0x800 // names are UTF-8
	return h
}

func (f member) write(ctx context.Context, z *zip.Writer) error {
	to, err := z.CreateRaw(header(f.path, f.size, f.crc))
	if err != nil {
		return fault.Newf(fault.Unavailable, "%s: %w", f.path, err)
	}
	r, err := f.open()
	if err != nil {
		return err
	}
	defer r.Close()
	sum := sha256.New()
	n, err := io.Copy(io.MultiWriter(to, sum), stopping{ctx, r})
	if err != nil {
		return fault.Newf(fault.Unavailable, "%s: %w", f.path, err)
	}
	if n != f.size || hex.EncodeToString(sum.Sum(nil)) != f.sum {
		return fault.Newf(fault.Corrupt, "%s changed while the bundle was written", f.path)
	}
	return nil
}

func sumOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// encode writes JSON that people can read, the same for the same value.
func encode(v any) ([]byte, error) {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, fault.As(fault.Internal, err)
	}
	return out.Bytes(), nil
}

// certificate fills in what the dossier knows.
func (d *Dossier) certificate(of string, size int64) Certificate {
	c := Certificate{HashedAt: d.AsOf, Program: d.Program.String(), About: d.About.Title, Of: "Bundle of " + dossierFile + ", SHA-256 " + of}
	for _, s := range d.Sources {
		h := Hashed{Name: s.Name, Size: s.Size, SealedAt: s.SealedAt, Original: s.ID}
		if s.Enclosed == Whole {
			h.Copy = s.ID // NewBundle hashes the copy and refuses another
		}
		c.Records = append(c.Records, h)
	}
	c.Records = append(c.Records, Hashed{Name: dossierFile + " (output of the program)", Size: size, SealedAt: d.AsOf, Original: of, Copy: of})
	return c
}

func readme(d *Dossier) string {
	return fmt.Sprintf(`%s

%s
Made %s by %s with %s.

%-24s what is stated, what speaks against it, what is not known; for people
%-24s the same for programs: every statement with its places
%-24s draft of the certificate under section 63(4)(c) BSA 2023, not signed
%-24s the same facts in the CASE/UCO ontology
%-24s the sealed originals, each named by its own SHA-256
%-24s the custody log: entries, salts, proofs, checkpoint, time stamps
%-24s how to check all of this with tools that are not ours
%-24s how the program was tested
%-24s a list of every file with its hash: sha256sum -c %s

With the program: suraag verify --bundle FILE.zip (no database, no network).
`, Format, d.About.Title, d.AsOf.Format(time.RFC3339), d.MadeBy, d.Program,
		readableFile, dossierFile, certificateFile, graphFile, sourcesFolder, logFolder, verifyFile, validationFile, sumsFile, sumsFile)
}

// graph hands the same facts to CASE/UCO.
func (d *Dossier) graph() caseuco.Facts {
	f := caseuco.Facts{Name: d.About.Title, About: d.About.Kind + " " + d.About.ID, AsOf: d.AsOf, Tool: d.Program.Name, Version: d.Program.Version, Sightings: d.Records}
	for _, s := range d.Sources {
		source := caseuco.Source{ID: s.ID, Exhibit: fmt.Sprintf("S%d", s.No), Name: s.Name, Size: s.Size, SealedAt: s.SealedAt}
		for _, h := range s.HandIns {
			source.Authorities = append(source.Authorities, h.Authority)
			source.BroughtBy = append(source.BroughtBy, h.BroughtBy)
		}
		f.Sources = append(f.Sources, source)
	}
	return f
}

func checksum(ctx context.Context, r io.Reader) (uint32, error) {
	crc := crc32.NewIEEE()
	_, err := io.Copy(crc, stopping{ctx, r})
	return crc.Sum32(), fault.As(fault.Unavailable, err)
}
