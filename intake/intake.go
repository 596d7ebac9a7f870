// Package intake turns a file that someone handed in into records.
//
// Takes bytes that are already sealed. Gives sightings, leases and listings in
// file order, and beside them every row that could not be read, with its place
// and reason. Never keeps, never fetches, never opens media that a file links to.
//
// A format is a value of type Format in a folder of its own; package intake/all
// is the explicit list of them. This package opens, bounds and closes the input;
// a reader sees only an io.Reader that already has limits.
package intake

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"suraag/fault"
	"suraag/instant"
	"suraag/sighting"
)

// Format is one kind of file that can be read.
type Format struct {
	Name    string              // "ncmec/cybertip-json"; part of every record's ID
	Title   string              // for people: "CyberTipline report (police JSON)"
	Version int                 // raise it to read old originals again
	Marks   string              // for people: what was looked for in the file
	Sniff   func(Head) Likeness // judges the first bytes and the name
	Read    func(*Input, Sink) error
	Jumps   bool // reads its bytes out of order, from Input.Jump

	// Again, if there is one, prepares the reading of single entries of a list: what
	// it gives reads the listing of an entry that Read gave in short (see Lean), its
	// locator with it. It is not called for a file in a zip.
	Again func(Original) (func(sighting.Entry) (sighting.Listing, error), error)
}

// Head is what a sniffer may look at.
type Head struct {
	Name  string // of the file or zip member, with slashes
	Bytes []byte // the first bytes, at most HeadSize, without a byte order mark
	Whole bool   // Bytes is the whole file
}

// HeadSize is how much of a file a sniffer sees, in bytes.
const HeadSize = 64 << 10

// Likeness says how much a file looks like a format.
type Likeness struct {
	Score int    // 0: not at all; 50 and more: this reader should read it; 100: certain
	Why   string // what was found, or the first thing that was missing
}

// Accept is the score from which a file is read.
const Accept = 50

// Options are what the officer declares when handing a file in, because the file
// does not say it. Each is written into the receipt.
type Options struct {
	Zone    *time.Location    // zone of times that state none; nil: they stay ambiguous
	Order   instant.DateOrder // of dates that can be read two ways
	Service string            // service or tool, where a generic file does not name it
	Columns map[string]string // our column name → the file's, for plain lists and generic files
	Format  string            // name of the format to use; empty: detect
}

// Rule gives the time rule that the options declare.
func (o Options) Rule() instant.Rule {
	return instant.Rule{Zone: o.Zone, Basis: instant.Assumed, Order: o.Order}
}

// Input is one file, or one member of a zip, as a reader sees it.
type Input struct {
	Name    string    // as handed in; of a member: its path in the zip
	Body    io.Reader // bounded; ends with an error of kind too large, or when the time is over
	Options Options
	Jump    io.ReaderAt // the same bytes, for a format that jumps; ends when the time is over
	Size    int64       // of Jump
}

// Sink takes what a reader understood. A reader fills Place and Part; the rest
// of the Origin is filled here. An error from a sink method ends the reading and
// must be handed on unchanged.
type Sink interface {
	Sighting(sighting.Sighting) error
	Lease(sighting.Lease) error
	Listing(sighting.Listing) error
	// Bad lists a row or statement that could not be read.
	Bad(at sighting.Place, reason string) error
	// Note lists something that was read only in part: an unknown column, a
	// section without records, linked media that was not opened.
	Note(at sighting.Place, text string) error
}

// Limits bound what one source may cost. The zero value of a field means the
// default.
type Limits struct {
	Bytes   int64         // of a source or of one member, unpacked
	Total   int64         // of all members of a source together, unpacked
	Members int           // of a zip, with those of the zips inside it
	Depth   int           // of zips in zips
	Ratio   int64         // unpacked to packed; a bomb is far above it
	Time    time.Duration // for one source
}

// DefaultLimits are for a unit's ordinary machine. A VICS hash set has many
// gigabytes; text packs at most some 1 to 100 with deflate in honest returns
// (deflate's own bound is about 1 to 1032).
func DefaultLimits() Limits {
	return Limits{Bytes: 256 << 30, Total: 256 << 30, Members: 200_000, Depth: 3, Ratio: 400, Time: 12 * time.Hour}
}

func (l Limits) orDefault() Limits {
	d := DefaultLimits()
	if l.Bytes == 0 {
		l.Bytes = d.Bytes
	}
	if l.Total == 0 {
		l.Total = d.Total
	}
	if l.Members == 0 {
		l.Members = d.Members
	}
	if l.Depth == 0 {
		l.Depth = d.Depth
	}
	if l.Ratio == 0 {
		l.Ratio = d.Ratio
	}
	if l.Time == 0 {
		l.Time = d.Time
	}
	return l
}

// Source is a sealed original.
type Source struct {
	ID    string // SHA-256 of its bytes, hex
	Name  string // as handed in
	Size  int64
	Bytes io.ReaderAt
}

// Counts says what came of a source or a member.
type Counts struct {
	Sightings int64 `json:"sightings"`
	Leases    int64 `json:"leases"`
	Listings  int64 `json:"listings"`
	Bad       int64 `json:"bad"`
	Notes     int64 `json:"notes"`
}

func (c *Counts) add(d Counts) {
	c.Sightings += d.Sightings
	c.Leases += d.Leases
	c.Listings += d.Listings
	c.Bad += d.Bad
	c.Notes += d.Notes
}

// Member is what came of one file: the source itself, or a file inside it.
type Member struct {
	Path    string `json:"path"`              // empty for the source itself
	Format  string `json:"format,omitempty"`  // empty: not read
	Version int    `json:"version,omitempty"` // of the reader
	Problem string `json:"problem,omitempty"` // why it was not read, or not to its end
	Counts
}

// Result is what came of a source.
type Result struct {
	Members []Member
	Counts
}

// Formats names the formats that read something, each once, in order.
func (r Result) Formats() []string {
	var out []string
	seen := map[string]bool{}
	for _, m := range r.Members {
		if m.Format != "" && !seen[m.Format] {
			seen[m.Format] = true
			out = append(out, m.Format)
		}
	}
	return out
}

// Read reads a source with the first of the formats that fits each file in it.
//
// The error is for what concerns the source as a whole: nothing in it has a
// known form, a limit was passed, the sink refused. What concerns one row or one
// member is in the sink and in the result.
func Read(ctx context.Context, formats []Format, src Source, opts Options, limits Limits, sink Sink) (Result, error) {
	limits = limits.orDefault()
	ctx, cancel := context.WithTimeout(ctx, limits.Time)
	defer cancel()
	w := &walk{ctx: ctx, formats: formats, source: src, opts: opts, limits: limits, sink: sink, paths: map[string]bool{}}
	err := w.file("", src.Name, src.Bytes, src.Size, 0)
	if err == nil && len(w.result.Formats()) == 0 {
		err = w.nothingRead()
	}
	return w.result, err
}

// walk is one reading of one source.
type walk struct {
	ctx     context.Context
	formats []Format
	source  Source
	opts    Options
	limits  Limits
	sink    Sink
	result  Result
	members int
	total   int64
	paths   map[string]bool // of members, to find two of one name
}

// file reads the source itself or an unpacked zip inside it.
func (w *walk) file(path, name string, r io.ReaderAt, size int64, depth int) error {
	head := make([]byte, min(size, HeadSize))
	if _, err := r.ReadAt(head, 0); err != nil && err != io.EOF {
		return fault.Newf(fault.Unavailable, "source %q: %w", name, err)
	}
	if isZip(head) {
		return w.zip(path, name, r, size, depth)
	}
	return w.member(path, name, head, size, io.NewSectionReader(r, 0, size))
}

// member detects the format of one file and reads it. Problems of a member are
// kept in the result; only what concerns the whole reading is an error.
func (w *walk) member(path, name string, head []byte, size int64, body io.Reader) error {
	m := Member{Path: path}
	h := Head{Name: strings.ReplaceAll(name, `\`, "/"), Bytes: trimBOM(head), Whole: size <= int64(len(head))}
	format, why := Detect(w.formats, h, w.opts.Format)
	if size == 0 {
		format, why = nil, "it is empty"
	}
	if format == nil {
		m.Problem = why
		w.result.Members = append(w.result.Members, m)
		return nil
	}
	m.Format, m.Version = format.Name, format.Version
	out := &origin{walk: w, member: &m, format: format}
	in := &Input{Name: h.Name, Options: w.opts, Body: &bounded{ctx: w.ctx, r: body, name: name, left: w.limits.Bytes}}
	why, err := w.jump(format, in, body, size)
	if why != "" {
		m.Format, m.Version, m.Problem = "", 0, why
		w.result.Members = append(w.result.Members, m)
	}
	if why != "" || err != nil {
		return err
	}
	err = w.finish(guard(format, in, out), name, size, out)
	w.result.Members = append(w.result.Members, m)
	w.result.Counts.add(m.Counts)
	return err
}

// jump gives a format that jumps its bytes. A member of a zip can only be read
// from its beginning, so it is unpacked into memory first, where it is not too
// large; why says if it is.
func (w *walk) jump(format *Format, in *Input, body io.Reader, size int64) (why string, err error) {
	if !format.Jumps {
		return "", nil
	}
	at, can := body.(io.ReaderAt)
	if !can {
		if size > maxNested {
			return fmt.Sprintf("%s inside a zip has %d bytes, more than %d; unpack it and hand it in alone", format.Title, size, int64(maxNested)), nil
		}
		all, err := io.ReadAll(in.Body)
		if w.ctx.Err() != nil {
			return "", err
		}
		if err != nil {
			return err.Error(), nil
		}
		at, size = bytes.NewReader(all), int64(len(all))
	}
	in.Jump, in.Size = &boundedAt{ctx: w.ctx, r: at, name: in.Name}, size
	return "", nil
}

// finish judges how the reading of one member ended. What was read before a
// fault is kept, and the fault is listed beside it.
func (w *walk) finish(err error, name string, size int64, out *origin) error {
	switch {
	case err == nil:
		return nil
	case out.refused != nil:
		return out.refused
	case w.ctx.Err() != nil:
		return fault.Newf(fault.Unavailable, "reading of %q was stopped: %w", name, context.Cause(w.ctx))
	}
	out.member.Problem = err.Error()
	at := sighting.Place{Start: out.reached, End: max(size, out.reached)}
	return out.Bad(at, fmt.Sprintf("%s: not read from here on: %v", out.format.Title, err))
}

// guard keeps a defect of one reader from ending the program.
func guard(format *Format, in *Input, out Sink) (err error) {
	defer broke(format, &err)
	return format.Read(in, out)
}

// Detect gives the format that a file has, or the reason why it has none. A name
// chooses without looking.
func Detect(formats []Format, head Head, name string) (*Format, string) {
	var best *Format
	var like Likeness
	for n := range formats {
		f := &formats[n]
		if name == f.Name {
			return f, ""
		}
		if name != "" {
			continue
		}
		if l := look(f, head); best == nil || l.Score > like.Score {
			best, like = f, l
		}
	}
	switch {
	case name != "":
		return nil, fmt.Sprintf("format %q is not known", name)
	case best == nil:
		return nil, "no formats to compare with"
	case like.Score >= Accept:
		return best, ""
	case like.Score == 0:
		return nil, "no known format: it resembles none of them"
	}
	return nil, fmt.Sprintf("no known format: it most resembles %s, but %s", best.Title, like.Why)
}

// look keeps a defect of one sniffer from ending the program.
func look(f *Format, head Head) (l Likeness) {
	defer func() {
		if p := recover(); p != nil {
			l = Likeness{Score: 1, Why: fmt.Sprintf("its sniffer broke on this file: %v", p)}
		}
	}()
	return f.Sniff(head)
}

// nothingRead says what was looked for and what the file most resembles.
func (w *walk) nothingRead() error {
	why := "the zip has no files in it"
	for _, m := range w.result.Members {
		if m.Problem != "" {
			why = m.Problem
			break
		}
	}
	var looked []string
	for _, f := range w.formats {
		looked = append(looked, f.Title+" ("+f.Marks+")")
	}
	err := fault.Newf(fault.Invalid, "source %q: %s", w.source.Name, why)
	return fault.WithHint(err, "looked for: "+strings.Join(looked, "; ")+". If it is a table of observations, hand it in with --format generic/csv and --column.")
}

func trimBOM(b []byte) []byte {
	return []byte(strings.TrimPrefix(string(b), "\ufeff"))
}
