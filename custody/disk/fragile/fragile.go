// Package fragile is a disk for tests that forgets what was not synced.
//
// Takes a number of steps, after which the power goes. Gives what a machine may find
// when the power is back. Never promises more than POSIX does: bytes are safe once
// their file was synced, names once their folder was.
package fragile

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"suraag/custody/disk"
)

// ErrPower is what everything says once the power is gone.
var ErrPower = errors.New("the power is gone")

// node is a file with its bytes and how many of them the platter has for certain, or
// a folder with its names and those that are there for certain.
type node struct {
	bytes       []byte
	safe        int
	names, kept map[string]*node // nil: a file
}

func folder() *node { return &node{names: map[string]*node{}, kept: map[string]*node{}} }

// Disk is a disk until the power goes.
type Disk struct {
	left, n int
	root    *node
}

// New gives an empty disk that works for a number of steps.
func New(steps int) *Disk { return &Disk{left: steps, root: folder()} }

// Left is how many steps are left.
func (d *Disk) Left() int { return d.left }

// step is one operation; the power goes before it.
func (d *Disk) step() error {
	if d.left <= 0 {
		return ErrPower
	}
	d.left--
	return nil
}

// at gives the folder that a path lies in, and its name there.
func (d *Disk) at(path string) (in *node, name string, err error) {
	in = d.root
	parts := strings.Split(strings.Trim(filepath.ToSlash(path), "/"), "/")
	for _, p := range parts[:len(parts)-1] {
		if in = in.names[p]; in == nil || in.names == nil {
			return nil, "", &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
		}
	}
	return in, parts[len(parts)-1], nil
}

// begin is a step on a path.
func (d *Disk) begin(path string) (in *node, name string, err error) {
	if err := d.step(); err != nil {
		return nil, "", err
	}
	return d.at(path)
}

// Mkdir makes a folder.
func (d *Disk) Mkdir(path string) error {
	in, name, err := d.begin(path)
	if err != nil {
		return err
	}
	if in.names[name] != nil || path == "/" {
		return fs.ErrExist
	}
	in.names[name] = folder()
	return nil
}

// CreateTemp makes a file with a name that no other has.
func (d *Disk) CreateTemp(in, pattern string) (disk.File, error) {
	d.n++
	return d.Create(filepath.Join(in, fmt.Sprint(pattern, d.n)))
}

// Create makes a file.
func (d *Disk) Create(path string) (disk.File, error) {
	in, name, err := d.begin(path)
	if err != nil {
		return nil, err
	}
	if in.names[name] != nil {
		return nil, fs.ErrExist
	}
	in.names[name] = &node{}
	return &file{d, path, in.names[name]}, nil
}

// Link gives a file a second name.
func (d *Disk) Link(from, to string) error {
	in, name, err := d.begin(from)
	if err != nil {
		return err
	}
	other, second, err := d.at(to)
	if err == nil && other.names[second] != nil {
		err = fs.ErrExist
	}
	if err == nil {
		other.names[second] = in.names[name]
	}
	return err
}

// Rename gives a file or folder another name, at once.
func (d *Disk) Rename(from, to string) error {
	in, name, err := d.begin(from)
	if err != nil {
		return err
	}
	other, second, err := d.at(to)
	if err == nil {
		other.names[second] = in.names[name]
		delete(in.names, name)
	}
	return err
}

// Remove takes a name away.
func (d *Disk) Remove(path string) error {
	in, name, err := d.begin(path)
	if err == nil && in.names[name] == nil {
		err = fs.ErrNotExist
	}
	if err == nil {
		delete(in.names, name)
	}
	return err
}

// SyncFolder makes the names of a folder safe.
func (d *Disk) SyncFolder(path string) error {
	if err := d.step(); err != nil {
		return err
	}
	at := d.root
	if path != "/" && path != "." {
		in, name, err := d.at(path)
		if err != nil {
			return err
		}
		if at = in.names[name]; at == nil {
			return fs.ErrNotExist
		}
	}
	at.kept = maps.Clone(at.names)
	return nil
}

type file struct {
	disk *Disk
	name string
	node *node
}

// Write is two steps, so that the power can go half-way.
func (w *file) Write(b []byte) (int, error) {
	for n, part := range [][]byte{b[:len(b)/2], b[len(b)/2:]} {
		if err := w.disk.step(); err != nil {
			return n * len(b) / 2, err
		}
		w.node.bytes = append(w.node.bytes, part...)
	}
	return len(b), nil
}

func (w *file) Sync() error {
	if err := w.disk.step(); err != nil {
		return err
	}
	w.node.safe = len(w.node.bytes)
	return nil
}

func (w *file) Name() string            { return w.name }
func (w *file) Chmod(os.FileMode) error { return w.disk.step() }
func (w *file) Close() error            { return w.disk.step() }

// Afterwards gives the files that a machine finds when the power is back, by path: of
// names that came or went and were not synced any may be as before, and of bytes that
// were not synced any part is there, or nothing but zeros.
func (d *Disk) Afterwards(draw *rand.Rand) map[string][]byte {
	out := map[string][]byte{}
	d.root.afterwards("", draw, out)
	return out
}

func (n *node) afterwards(path string, draw *rand.Rand, out map[string][]byte) {
	all := maps.Clone(n.kept)
	maps.Copy(all, n.names)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		now, before := n.names[name], n.kept[name]
		if draw.IntN(2) == 0 {
			now = before
		}
		switch at := path + "/" + name; {
		case now == nil:
		case now.names != nil:
			now.afterwards(at, draw, out)
		default:
			torn := append([]byte(nil), now.bytes[:now.safe]...)
			for range draw.IntN(len(now.bytes) - now.safe + 1) {
				torn = append(torn, byte(draw.IntN(2))*now.bytes[len(torn)])
			}
			out[at] = torn
		}
	}
}
