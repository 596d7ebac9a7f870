package intake

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"suraag/fault"
	"suraag/sighting"
)

// isZip knows the local file header and the empty archive (APPNOTE.TXT 4.3.7, 4.3.16).
func isZip(head []byte) bool {
	return bytes.HasPrefix(head, []byte("PK\x03\x04")) || bytes.HasPrefix(head, []byte("PK\x05\x06"))
}

// nested zips are unpacked into memory up to this many bytes, because a zip can
// only be read from its end.
const maxNested = 256 << 20

// zip reads every member in place. Nothing is ever unpacked to disk, so a path
// in the zip can do no harm; it is refused all the same, because a name that
// lies is a sign of an archive that nobody should trust.
func (w *walk) zip(at, name string, r io.ReaderAt, size int64, depth int) error {
	if depth >= w.limits.Depth {
		return w.unread(at, fmt.Sprintf("zip %q lies %d zips deep, more than %d", name, depth+1, w.limits.Depth))
	}
	z, err := zip.NewReader(r, size)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return w.unread(at, fmt.Sprintf("zip %q: %v", name, err))
	}
	for _, f := range z.File {
		if err := w.ctx.Err(); err != nil {
			return fault.Newf(fault.Unavailable, "reading of %q was stopped: %w", name, context.Cause(w.ctx))
		}
		if w.members++; w.members > w.limits.Members {
			return fault.Newf(fault.TooLarge, "zip %q has more than %d files", name, w.limits.Members)
		}
		if err := w.packed(at, f, depth); err != nil {
			return err
		}
	}
	return nil
}

// packed reads one member of a zip.
func (w *walk) packed(at string, f *zip.File, depth int) error {
	inner := f.Name
	if at != "" {
		inner = at + "!" + f.Name
	}
	switch {
	case strings.HasSuffix(f.Name, "/"):
		return nil
	case !safePath(f.Name) || strings.Contains(f.Name, "!"):
		return w.unread(inner, fmt.Sprintf("zip member %q has a path that leads outside, or a !", f.Name))
	case w.paths[inner]:
		return w.unread(inner, fmt.Sprintf("zip has an earlier member of the same name %q, so nobody could tell what was stated in which", f.Name))
	case f.Flags&1 != 0:
		return w.unread(inner, fmt.Sprintf("zip member %q is encrypted; ask for the password or an open copy", f.Name))
	case f.UncompressedSize64 > uint64(w.limits.Bytes) || w.total+int64(f.UncompressedSize64) > w.limits.Total:
		return fault.Newf(fault.TooLarge, "zip member %q unpacks to %d bytes, beyond the limit", f.Name, f.UncompressedSize64)
	case f.CompressedSize64 > 0 && f.UncompressedSize64 > 1<<20 && f.UncompressedSize64/f.CompressedSize64 > uint64(w.limits.Ratio):
		return w.unread(inner, fmt.Sprintf("zip member %q unpacks to %d times its size, more than %d: a bomb", f.Name, f.UncompressedSize64/f.CompressedSize64, w.limits.Ratio))
	case isMedia(f.Name):
		return w.unread(inner, "media, not opened: content is never needed; have the forensic tool hash it")
	}
	w.paths[inner] = true
	w.total += int64(f.UncompressedSize64)
	body, err := f.Open()
	if err != nil {
		return w.unread(inner, fmt.Sprintf("zip member %q: %v", f.Name, err))
	}
	defer body.Close()
	return w.unpack(inner, f.Name, body, int64(f.UncompressedSize64), depth)
}

// unpack looks at the first bytes and reads the member as a stream, unless it is
// a zip itself.
func (w *walk) unpack(inner, name string, body io.Reader, size int64, depth int) error {
	head := make([]byte, min(size, HeadSize))
	n, err := io.ReadFull(body, head)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return w.unread(inner, fmt.Sprintf("zip member %q: %v", name, err))
	}
	rest := io.MultiReader(bytes.NewReader(head[:n]), body)
	if !isZip(head[:n]) {
		return w.member(inner, name, head[:n], size, rest)
	}
	if size > maxNested {
		return w.unread(inner, fmt.Sprintf("zip %q inside a zip has %d bytes, more than %d; unpack it and hand it in alone", name, size, int64(maxNested)))
	}
	all, err := io.ReadAll(io.LimitReader(rest, size+1))
	if err != nil {
		return w.unread(inner, fmt.Sprintf("zip member %q: %v", name, err))
	}
	return w.zip(inner, name, bytes.NewReader(all), int64(len(all)), depth+1)
}

// unread lists a member that was not read, with the reason.
func (w *walk) unread(at, why string) error {
	w.result.Members = append(w.result.Members, Member{Path: at, Problem: why})
	return nil
}

// safePath refuses .., absolute and drive paths (formats.md, import rule 7).
func safePath(name string) bool {
	p := strings.ReplaceAll(name, `\`, "/")
	if p == "" || strings.HasPrefix(p, "/") || (len(p) > 1 && p[1] == ':') || strings.ContainsRune(p, 0) {
		return false
	}
	for _, part := range strings.Split(p, "/") {
		if part == ".." {
			return false
		}
	}
	return true
}

// SafePath tells whether a path that a document states could be used without
// leading outside. Paths are only recorded, never opened.
func SafePath(name string) bool { return safePath(name) }

// isMedia knows content by its name, so that it is not even opened.
func isMedia(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".jpg", ".jpeg", ".png", ".gif", ".webp", ".bmp", ".tif", ".tiff", ".heic", ".heif", ".avif", ".jxl",
		".mp4", ".mov", ".avi", ".mkv", ".webm", ".3gp", ".m4v", ".wmv", ".flv", ".mpg", ".mpeg",
		".mp3", ".m4a", ".ogg", ".opus", ".aac", ".wav", ".amr":
		return true
	}
	return false
}

// bounded is the reader that a format sees: it ends at a limit and when the time
// is over, so that no reader has to.
type bounded struct {
	ctx  context.Context
	r    io.Reader
	name string
	left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	if err := b.ctx.Err(); err != nil {
		return 0, fault.Newf(fault.Unavailable, "reading of %q was stopped: %w", b.name, context.Cause(b.ctx))
	}
	if b.left <= 0 {
		return 0, fault.Newf(fault.TooLarge, "%q has more bytes than the limit allows", b.name)
	}
	n, err := b.r.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
}

// boundedAt is what a format sees that jumps.
type boundedAt struct {
	ctx  context.Context
	r    io.ReaderAt
	name string
}

func (b *boundedAt) ReadAt(p []byte, off int64) (int, error) {
	if b.ctx.Err() != nil {
		return 0, fault.Newf(fault.Unavailable, "reading of %q was stopped: %w", b.name, context.Cause(b.ctx))
	}
	return b.r.ReadAt(p, off)
}

// Quote gives the bytes at a place of a source, at most limit of them, and
// whether there were more. It is the way back from a statement to the original.
func Quote(src Source, at sighting.Place, limit int64) (text []byte, cut bool, err error) {
	r, size := src.Bytes, src.Size
	rest := at.Member
	for rest != "" {
		var name string
		name, rest, _ = strings.Cut(rest, "!")
		if r, size, err = memberOf(r, size, name); err != nil {
			return nil, false, fault.Wrapf(err, "source %q", src.Name)
		}
	}
	if at.Start < 0 || at.End < at.Start {
		return nil, false, fault.Newf(fault.Invalid, "source %q: place %s ends before it begins", src.Name, at)
	}
	if at.Start > size || at.End > size {
		return nil, false, fault.Newf(fault.NotFound, "source %q: place %s lies beyond its end at %d", src.Name, at, size)
	}
	n := min(at.End-at.Start, limit)
	text = make([]byte, n)
	if _, err := r.ReadAt(text, at.Start); err != nil && err != io.EOF {
		return nil, false, fault.Newf(fault.Corrupt, "source %q at %s: %w", src.Name, at, err)
	}
	return text, at.End-at.Start > n, nil
}

// memberOf unpacks one member of a zip into memory, to quote from it.
func memberOf(r io.ReaderAt, size int64, name string) (io.ReaderAt, int64, error) {
	z, err := zip.NewReader(r, size)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return nil, 0, fault.Newf(fault.Corrupt, "zip: %w", err)
	}
	for _, f := range z.File {
		if f.Name != name {
			continue
		}
		body, err := f.Open()
		if err != nil {
			return nil, 0, fault.Newf(fault.Corrupt, "zip member %q: %w", name, err)
		}
		defer body.Close()
		all, err := io.ReadAll(io.LimitReader(body, maxNested+1))
		if err != nil {
			return nil, 0, fault.Newf(fault.Corrupt, "zip member %q: %w", name, err)
		}
		if len(all) > maxNested {
			return nil, 0, fault.Newf(fault.TooLarge, "zip member %q has more than %d bytes to quote from", name, int64(maxNested))
		}
		return bytes.NewReader(all), int64(len(all)), nil
	}
	return nil, 0, fault.Newf(fault.NotFound, "zip member %q is not in the source", name)
}
