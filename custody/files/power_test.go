package files

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"suraag/custody"
)

// errPower is what everything says once the power is gone.
var errPower = errors.New("the power is gone")

// inode is a file's bytes as they were written, and how many of them the platter
// has for certain.
type inode struct {
	bytes []byte
	safe  int
}

// fragile is a disk that forgets what was not synced. A folder's names, too, are
// safe only once the folder was synced (POSIX promises no more).
type fragile struct {
	left  int                          // steps until the power goes
	names map[string]map[string]*inode // folder → name → file; a folder stands as a nil file
	safe  map[string]map[string]*inode
	n     int
}

func newFragile(steps int) *fragile {
	root := func() map[string]map[string]*inode { return map[string]map[string]*inode{"/": {}} }
	return &fragile{left: steps, names: root(), safe: root()}
}

// step is one operation; the power goes before it.
func (f *fragile) step() error {
	if f.left <= 0 {
		return errPower
	}
	f.left--
	return nil
}

func (f *fragile) MkdirAll(folder string) error {
	if err := f.step(); err != nil {
		return err
	}
	for at := folder; at != "/"; at = filepath.Dir(at) {
		if f.names[at] == nil {
			f.names[at] = map[string]*inode{}
		}
		parent := filepath.Dir(at)
		if f.names[parent] == nil {
			f.names[parent] = map[string]*inode{}
		}
		if _, there := f.names[parent][filepath.Base(at)]; !there {
			f.names[parent][filepath.Base(at)] = nil
		}
	}
	return nil
}

func (f *fragile) CreateTemp(folder, pattern string) (file, error) {
	if err := f.step(); err != nil {
		return nil, err
	}
	f.n++
	name := fmt.Sprint(pattern, f.n)
	i := &inode{}
	f.names[folder][name] = i
	return &writing{f, filepath.Join(folder, name), i}, nil
}

func (f *fragile) Link(from, to string) error {
	if err := f.step(); err != nil {
		return err
	}
	if _, there := f.names[filepath.Dir(to)][filepath.Base(to)]; there {
		return fs.ErrExist
	}
	f.names[filepath.Dir(to)][filepath.Base(to)] = f.names[filepath.Dir(from)][filepath.Base(from)]
	return nil
}

func (f *fragile) Remove(name string) error {
	if err := f.step(); err != nil {
		return err
	}
	delete(f.names[filepath.Dir(name)], filepath.Base(name))
	return nil
}

func (f *fragile) SyncFolder(folder string) error {
	if err := f.step(); err != nil {
		return err
	}
	f.safe[folder] = map[string]*inode{}
	for name, i := range f.names[folder] {
		f.safe[folder][name] = i
	}
	return nil
}

type writing struct {
	disk *fragile
	name string
	i    *inode
}

func (w *writing) Write(b []byte) (int, error) {
	if err := w.disk.step(); err != nil {
		return 0, err
	}
	w.i.bytes = append(w.i.bytes, b...)
	return len(b), nil
}

func (w *writing) Sync() error {
	if err := w.disk.step(); err != nil {
		return err
	}
	w.i.safe = len(w.i.bytes)
	return nil
}

func (w *writing) Name() string            { return w.name }
func (w *writing) Chmod(os.FileMode) error { return w.disk.step() }
func (w *writing) Close() error            { return w.disk.step() }

// afterwards gives the originals that a machine finds when the power is back: of
// names that were not synced any may be there, and of bytes that were not synced
// any part, or nothing but zeros.
func (f *fragile) afterwards(dir string, draw *rand.Rand) map[string][]byte {
	out := map[string][]byte{}
	var walk func(folder string)
	walk = func(folder string) {
		for name := range f.names[folder] {
			i, known := f.safe[folder][name]
			if !known {
				if draw.IntN(2) == 0 {
					continue
				}
				i = f.names[folder][name]
			}
			if i == nil {
				walk(filepath.Join(folder, name))
				continue
			}
			if strings.Contains(folder, "drafts") {
				continue
			}
			torn := append([]byte(nil), i.bytes[:i.safe]...)
			for range draw.IntN(len(i.bytes) - i.safe + 1) {
				torn = append(torn, byte(draw.IntN(2))*i.bytes[len(torn)])
			}
			out[name] = torn
		}
	}
	walk("/")
	return out
}

// The power goes before every single step of three hand-ins, a hundred times with
// other remains: what was acknowledged is there, and whatever has a name is whole.
func TestPowerLossAtEveryStep(t *testing.T) {
	texts := []string{"the first document", strings.Repeat("a longer one ", 40), "the first document", "the last"}
	whole := newFragile(1 << 20)
	acknowledged, err := sealAll(whole, texts)
	if err != nil || len(acknowledged) != len(texts) {
		t.Fatal(acknowledged, err)
	}
	steps := 1<<20 - whole.left
	if steps < 30 {
		t.Fatalf("only %d steps; the disk is not used", steps)
	}
	for at := range steps {
		disk := newFragile(at)
		acknowledged, err := sealAll(disk, texts)
		if !errors.Is(err, errPower) && !strings.Contains(fmt.Sprint(err), errPower.Error()) && len(acknowledged) < len(texts) {
			t.Fatalf("step %d: %v", at, err)
		}
		for seed := range uint64(100) {
			found := disk.afterwards("/data/originals", rand.New(rand.NewPCG(seed, uint64(at))))
			for _, id := range acknowledged {
				if found[id] == nil {
					t.Fatalf("power gone at step %d: %s was acknowledged and is missing", at, id)
				}
			}
			for id, body := range found {
				if sum := sha256.Sum256(body); hex.EncodeToString(sum[:]) != id {
					t.Fatalf("power gone at step %d: %s has its name and not its bytes", at, id)
				}
			}
		}
	}
}

func sealAll(d *fragile, texts []string) (acknowledged []string, err error) {
	if err := d.MkdirAll("/data"); err != nil {
		return nil, err
	}
	if err := d.SyncFolder("/"); err != nil { // the data folder itself was there before
		return nil, err
	}
	k, err := on(d, "/data/originals")
	if err != nil {
		return nil, err
	}
	for _, text := range texts {
		id, _, err := custody.Seal(k, strings.NewReader(text), 1<<20)
		if err != nil {
			return acknowledged, err
		}
		acknowledged = append(acknowledged, id)
	}
	return acknowledged, nil
}
