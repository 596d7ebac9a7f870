// Package archive writes a data folder into one file and makes it a folder again.
//
// Takes files by name. Gives a tar (POSIX.1-2001) whose last member,
// manifest.json, holds the size and SHA-256 of every other, so that "tar -x" and
// "sha256sum -c" do as well. Never unpacks over anything, outside of its folder,
// or anything that the manifest does not bear out.
package archive

import (
	"archive/tar"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"hash"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"suraag/custody/disk"
	"suraag/fault"
)

// Version of the archive's form.
const Version = 1

const manifestName = "manifest.json"

// Manifest says what an archive holds.
type Manifest struct {
	Version int       `json:"suraag_backup"`
	Program string    `json:"program"`
	At      time.Time `json:"at"`
	Files   []File    `json:"files"`
}

// File is one member.
type File struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// Writer writes one archive.
type Writer struct {
	tar      *tar.Writer
	manifest Manifest
	names    map[string]bool
}

// NewWriter begins an archive.
func NewWriter(w io.Writer, program string, at time.Time) *Writer {
	return &Writer{tar: tar.NewWriter(w), manifest: Manifest{Version: Version, Program: program, At: at.UTC()}, names: map[string]bool{}}
}

// Add writes a file of a known size. One that turns out longer or shorter is an
// error: it was changed while it was read.
func (w *Writer) Add(name string, size int64, r io.Reader) error {
	if err := proper(name); err != nil {
		return err
	}
	if w.names[name] || name == manifestName {
		return fault.Newf(fault.Invalid, "%q stands twice in the archive", name)
	}
	w.names[name] = true
	sum := sha256.New()
	if err := w.put(name, size, io.TeeReader(r, sum)); err != nil {
		return err
	}
	w.manifest.Files = append(w.manifest.Files, File{name, size, hex.EncodeToString(sum.Sum(nil))})
	return nil
}

func (w *Writer) put(name string, size int64, r io.Reader) error {
	err := w.tar.WriteHeader(&tar.Header{Name: name, Size: size, Mode: 0o600, ModTime: w.manifest.At.Truncate(time.Second), Format: tar.FormatPAX})
	if err != nil {
		return fault.Newf(fault.Unavailable, "%q: %w", name, err)
	}
	n, err := io.Copy(w.tar, r)
	if errors.Is(err, tar.ErrWriteTooLong) || err == nil && n != size {
		return fault.WithHint(fault.Newf(fault.Conflict, "%q was changed while it was read", name), "run the backup again")
	}
	if err != nil {
		return fault.Newf(fault.Unavailable, "%q: %w", name, err)
	}
	return nil
}

// Close writes the manifest and ends the archive.
func (w *Writer) Close() (Manifest, error) {
	doc, err := json.MarshalIndent(w.manifest, "", " ")
	if err != nil {
		return w.manifest, fault.As(fault.Internal, err)
	}
	if err := w.put(manifestName, int64(len(doc)), strings.NewReader(string(doc))); err != nil {
		return w.manifest, err
	}
	if err := w.tar.Close(); err != nil {
		return w.manifest, fault.As(fault.Unavailable, err)
	}
	return w.manifest, nil
}

// proper refuses names that lead out of the folder.
func proper(name string) error {
	if name == "" || name != path.Clean(name) || path.IsAbs(name) || !filepath.IsLocal(filepath.FromSlash(name)) || strings.ContainsAny(name, "\\\x00:") {
		return fault.Newf(fault.Invalid, "%q is no name of a file inside a folder", name)
	}
	return nil
}

// Limits bound what unpacking may cost.
type Limits struct {
	Files    int
	Bytes    int64 // of all files together
	Manifest int64 // bytes of the manifest
}

// DefaultLimits fit a record of some terabytes.
func DefaultLimits() Limits { return Limits{Files: 20_000_000, Bytes: 64 << 40, Manifest: 4 << 30} }

// Unpack makes a folder of an archive. The folder must not be there, or be empty.
// What the manifest does not bear out to the byte is an error, and what was
// written until then is left for examination under the name of the folder with
// ".part"; only a whole and proven folder gets its name.
func Unpack(ctx context.Context, r io.Reader, into string, limits Limits) (Manifest, error) {
	return unpackOn(ctx, disk.Machine(), r, into, limits)
}

func unpackOn(ctx context.Context, d disk.Disk, r io.Reader, into string, limits Limits) (Manifest, error) {
	var m Manifest
	if left, err := os.ReadDir(into); err == nil && len(left) > 0 {
		return m, fault.WithHint(fault.Newf(fault.Conflict, "folder %q is not empty", into), "restore into a new folder, look at it, and then use it with --data")
	}
	part := strings.TrimRight(into, string(filepath.Separator)) + ".part"
	if err := d.Mkdir(part); err != nil {
		return m, fault.WithHint(fault.Newf(fault.Conflict, "folder for unpacking: %w", err), "remove what an earlier try left there")
	}
	got, m, err := unpack(ctx, d, tar.NewReader(r), part, limits)
	if err != nil {
		return m, err
	}
	if err := m.bearsOut(got); err != nil {
		return m, err
	}
	d.Remove(into) // empty, or not there
	if err := d.Rename(part, into); err != nil {
		return m, fault.As(fault.Unavailable, err)
	}
	return m, d.SyncFolder(filepath.Dir(into))
}

func unpack(ctx context.Context, d disk.Disk, t *tar.Reader, part string, limits Limits) (got map[string]File, m Manifest, err error) {
	got = map[string]File{}
	folders := map[string]bool{part: true}
	left := limits.Bytes
	ended := false
	for {
		if err := ctx.Err(); err != nil {
			return got, m, err
		}
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return got, m, fault.Newf(fault.Corrupt, "archive, after %d files: %w", len(got), err)
		}
		switch {
		case ended:
			return got, m, fault.Newf(fault.Corrupt, "archive: %q stands behind the manifest", h.Name)
		case h.Typeflag != tar.TypeReg:
			return got, m, fault.Newf(fault.Corrupt, "archive: %q is no plain file", h.Name)
		case h.Name == manifestName:
			if h.Size > limits.Manifest {
				return got, m, fault.Newf(fault.TooLarge, "archive: the manifest has %d bytes, more than %d", h.Size, limits.Manifest)
			}
			if err := json.NewDecoder(t).Decode(&m); err != nil {
				return got, m, fault.Newf(fault.Corrupt, "archive: manifest: %w", err)
			}
			ended = true
			continue
		}
		if err := proper(h.Name); err != nil {
			return got, m, fault.Newf(fault.Corrupt, "archive: %w", err)
		}
		if left -= h.Size; left < 0 || len(got) >= limits.Files {
			return got, m, fault.Newf(fault.TooLarge, "archive: more than %d files or %d bytes", limits.Files, limits.Bytes)
		}
		if _, twice := got[h.Name]; twice {
			return got, m, fault.Newf(fault.Corrupt, "archive: %q stands twice", h.Name)
		}
		sum := sha256.New()
		if err := write(d, folders, filepath.Join(part, filepath.FromSlash(h.Name)), t, sum); err != nil {
			return got, m, fault.Newf(fault.KindOf(err), "archive: %q: %w", h.Name, err)
		}
		got[h.Name] = File{h.Name, h.Size, hex.EncodeToString(sum.Sum(nil))}
	}
	for folder := range folders { // so that no name is missing when the whole gets its own
		if err := d.SyncFolder(folder); err != nil {
			return got, m, err
		}
	}
	if !ended {
		return got, m, fault.Newf(fault.Corrupt, "archive ends without a manifest: it was cut off after %d files", len(got))
	}
	return got, m, nil
}

// write writes a file whose folder is made first; folders are those that were made.
func write(d disk.Disk, folders map[string]bool, name string, r io.Reader, sum hash.Hash) error {
	if in := filepath.Dir(name); !folders[in] {
		if err := disk.MakeFolder(d, in); err != nil {
			return err
		}
		folders[in] = true
	}
	f, err := d.Create(name)
	if err != nil {
		return fault.As(fault.Unavailable, err)
	}
	defer f.Close()
	if _, err := io.Copy(io.MultiWriter(f, sum), r); err != nil {
		return fault.As(fault.Corrupt, err)
	}
	if err := f.Sync(); err != nil {
		return fault.As(fault.Unavailable, err)
	}
	return nil
}

// bearsOut compares what was unpacked with what the manifest says.
func (m Manifest) bearsOut(got map[string]File) error {
	if m.Version != Version {
		return fault.WithHint(fault.Newf(fault.Invalid, "archive of version %d; this program knows version %d", m.Version, Version), "restore it with the program that made it: "+m.Program)
	}
	for _, f := range m.Files {
		g, there := got[f.Name]
		if !there {
			return fault.Newf(fault.Corrupt, "archive: %q is in the manifest and not in the archive", f.Name)
		}
		if g != f {
			return fault.Newf(fault.Corrupt, "archive: %q is not as the manifest has it (size %d, SHA-256 %s…; manifest: size %d, %s…)", f.Name, g.Size, g.SHA256[:12], f.Size, f.SHA256[:min(12, len(f.SHA256))])
		}
		delete(got, f.Name)
	}
	for name := range got {
		return fault.Newf(fault.Corrupt, "archive: %q is in the archive and not in the manifest", name)
	}
	return nil
}
