package intake

import (
	"context"
	"io"
	"strings"

	"suraag/fault"
	"suraag/sighting"
)

// LeanSink takes the entries of a list in short. A list has up to a hundred million
// of them, and a whole listing costs twenty times what these few bytes cost.
type LeanSink interface {
	Sink
	Entry(*sighting.Entry) error
}

// Lean gives a sink for entries in short, or nothing where whole listings are
// wanted. A reader that asks for it has to have an Again, which gives the whole
// listing of each entry later. Bad rows and notes go to the sink as ever.
func Lean(s Sink) LeanSink {
	o, is := s.(*origin)
	if !is || o.format.Again == nil || o.member.Path != "" {
		return nil // a place inside a zip cannot be gone to
	}
	if _, wants := o.walk.sink.(LeanSink); !wants {
		return nil
	}
	return o
}

// Entry counts an entry in short and hands it on.
func (o *origin) Entry(e *sighting.Entry) error {
	o.reached = max(o.reached, e.End)
	o.member.Listings++
	return o.answer(o.walk.sink.(LeanSink).Entry(e))
}

// Original is a file whose bytes can be gone to.
type Original struct {
	Name    string
	Bytes   io.ReaderAt
	Size    int64
	Options Options
}

// From gives the bytes from a place to the end, as a reader sees them.
func (o Original) From(at int64) *Input {
	return &Input{Name: o.Name, Options: o.Options, Body: io.NewSectionReader(o.Bytes, at, max(0, o.Size-at))}
}

// maxEntry bounds the bytes of one entry that is read again, as the largest limit of a reader does.
const maxEntry = 16 << 20

// Text gives the bytes of an entry.
func (o Original) Text(e sighting.Entry) ([]byte, error) {
	if e.Start < 0 || e.End < e.Start || e.End > o.Size || e.End-e.Start > maxEntry {
		return nil, fault.Newf(fault.Corrupt, "entry at %d-%d does not lie in %q", e.Start, e.End, o.Name)
	}
	text := make([]byte, e.End-e.Start)
	if _, err := o.Bytes.ReadAt(text, e.Start); err != nil && err != io.EOF {
		return nil, fault.Newf(fault.Unavailable, "source %q: %w", o.Name, err)
	}
	return text, nil
}

// Again gives a function that reads entries of a list again, each whole and just
// as Read gave it, from where it stands. The function may not be called from two
// places at once.
func Again(ctx context.Context, formats []Format, reader string, src Source, opts Options) (func(sighting.Entry) (sighting.Listing, error), error) {
	for n := range formats {
		f := &formats[n]
		if f.Name != reader || f.Again == nil {
			continue
		}
		one, err := f.begin(Original{Name: strings.ReplaceAll(src.Name, `\`, "/"), Bytes: src.Bytes, Size: src.Size, Options: opts})
		if err != nil {
			return nil, err
		}
		return func(e sighting.Entry) (l sighting.Listing, err error) {
			defer broke(f, &err)
			if err := ctx.Err(); err != nil {
				return l, fault.As(fault.Unavailable, err)
			}
			if l, err = one(e); err != nil {
				return l, err
			}
			l.Source, l.Reader, l.Version, l.Place.Start, l.Place.End = src.ID, f.Name, f.Version, e.Start, e.End
			l.ID = l.Identify()
			return l, nil
		}, nil
	}
	return nil, fault.Newf(fault.Internal, "reader %q does not read entries again", reader)
}

func (f *Format) begin(o Original) (one func(sighting.Entry) (sighting.Listing, error), err error) {
	defer broke(f, &err)
	return f.Again(o)
}

// broke makes a panic of a reader an error of the file that set it off.
func broke(f *Format, err *error) {
	if p := recover(); p != nil {
		*err = fault.Newf(fault.Internal, "reader %s version %d broke on this file: %v", f.Name, f.Version, p)
	}
}
