// Package spool keeps documents on a remote machine until the unit has them.
//
// Takes a document and under what it is held; later, the unit's receipt for it.
// Gives what waits, oldest first. What Add returned is on disk and stays there
// until a receipt for these very bytes is on disk too: no crash, and no word of a
// server, removes the one before the other is kept. Never looks inside a document.
package spool

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"suraag/custody"
	"suraag/custody/arrive"
	"suraag/custody/files"
	"suraag/fault"
)

// MaxSize bounds one document; the unit's server takes no more.
const MaxSize = 64 << 30

// Entry is a document that waits.
type Entry struct {
	ID    string              `json:"id"` // in the order in which they were added
	Added time.Time           `json:"added"`
	What  arrive.Announcement `json:"what"`
}

// Sent is an entry with the unit's receipt.
type Sent struct {
	Entry   Entry          `json:"entry"`
	Receipt arrive.Receipt `json:"receipt"`
}

// Refused says why the unit does not take an entry.
type Refused struct {
	Problem string    `json:"problem"`
	Hint    string    `json:"hint,omitempty"`
	At      time.Time `json:"at"`
	Times   int       `json:"times"`
}

// Spool is a folder of documents that wait.
type Spool struct {
	dir       string
	originals *files.Keeper
}

// The folders of a spool.
const (
	waitingDir  = "waiting"
	receiptsDir = "receipts"
	refusedDir  = "refused"
)

// Open gives the spool of a folder.
func Open(dir string) (*Spool, error) {
	if _, err := os.Stat(filepath.Join(dir, settingsFile)); err != nil {
		err := fault.Newf(fault.NotFound, "no spool in %q", dir)
		return nil, fault.WithHint(err, "suraag spool init makes one; or give another folder with --spool")
	}
	return open(dir)
}

func open(dir string) (*Spool, error) {
	for _, d := range []string{waitingDir, receiptsDir, refusedDir} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o700); err != nil {
			return nil, fault.As(fault.Unavailable, err)
		}
	}
	k, err := files.In(filepath.Join(dir, "originals"))
	if err != nil {
		return nil, err
	}
	return &Spool{dir, k}, syncFolder(dir)
}

// lock keeps others from the spool while something of it is added or removed. The
// kernel lets it go with the process, however that ends.
func (s *Spool) lock(name string, how int) (release func(), err error) {
	f, err := os.OpenFile(filepath.Join(s.dir, name), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fault.As(fault.Unavailable, err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|how); err != nil {
		f.Close()
		return nil, fault.Newf(fault.Conflict, "another suraag works on the spool in %q", s.dir)
	}
	return func() { f.Close() }, nil
}

// Add seals a document into the spool. It is on disk when Add returns. The same
// document under the same authority, while it waits, is one.
func (s *Spool) Add(a arrive.Announcement, r io.Reader, now time.Time) (e Entry, fresh bool, err error) {
	if err := custody.NeedAuthority(a.Authority); err != nil {
		return e, false, err
	}
	if err := a.Checked(); err != nil {
		return e, false, err
	}
	release, err := s.lock("lock", 0)
	if err != nil {
		return e, false, err
	}
	defer release()
	// While the lock is held nobody removes these bytes because another entry of
	// them was taken by the unit.
	if a.SHA256, a.Size, err = custody.Seal(s.originals, r, MaxSize); err != nil {
		return e, false, fault.Wrapf(err, "%q", a.Name)
	}
	all, err := s.Waiting()
	if err != nil {
		return e, false, err
	}
	if n := slices.IndexFunc(all, func(e Entry) bool { return e.What == a }); n >= 0 {
		return all[n], false, nil
	}
	at, err := s.after(now)
	if err != nil {
		return e, false, err
	}
	var chance [4]byte
	rand.Read(chance[:]) // it never fails (crypto/rand)
	e = Entry{ID: fmt.Sprintf("%019d-%s", at, hex.EncodeToString(chance[:])), Added: now.UTC(), What: a}
	return e, true, s.write(waitingDir, e.ID, e)
}

// after gives a number behind all that were given, in the order of time where the
// clock neither stands still nor is put back.
func (s *Spool) after(now time.Time) (int64, error) {
	at := now.UnixNano()
	for _, folder := range []string{waitingDir, receiptsDir} {
		names, err := s.names(folder)
		if err != nil {
			return 0, err
		}
		if len(names) == 0 {
			continue
		}
		var last int64
		if _, err := fmt.Sscanf(filepath.Base(names[len(names)-1]), "%d-", &last); err == nil && last >= at {
			at = last + 1
		}
	}
	return at, nil
}

// names gives the files of a folder in order.
func (s *Spool) names(folder string) ([]string, error) {
	found, err := fs.Glob(os.DirFS(filepath.Join(s.dir, folder)), "[^.]*.json") // whatever the folder itself is called
	for n := range found {
		found[n] = filepath.Join(s.dir, folder, found[n])
	}
	slices.Sort(found)
	return found, fault.As(fault.Internal, err)
}

// write keeps a document of our own: it is there whole, and on disk, or not at all.
func (s *Spool) write(folder, id string, v any) error {
	doc, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fault.As(fault.Internal, err)
	}
	return keep(filepath.Join(s.dir, folder, id+".json"), append(doc, '\n'))
}

// keep writes a file beside its place, and gives it its name when its bytes are on
// disk.
func keep(path string, body []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".draft-*") // mode 0600
	if err != nil {
		return fault.As(fault.Unavailable, err)
	}
	defer os.Remove(f.Name())
	_, err = f.Write(body)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return fault.Newf(fault.Unavailable, "file %q: %w", path, err)
	}
	return syncFolder(filepath.Dir(path))
}

func syncFolder(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return fault.As(fault.Unavailable, err)
	}
	defer f.Close()
	if err := f.Sync(); err != nil {
		return fault.Newf(fault.Unavailable, "folder %q: %w", dir, err)
	}
	return nil
}

// read gives the documents of a folder in order. One that cannot be read is an
// error with its name: it is not passed over.
func read[T any](s *Spool, folder string) (out []T, err error) {
	found, err := s.names(folder)
	if err != nil {
		return nil, err
	}
	for _, name := range found {
		doc, err := os.ReadFile(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue // the unit has it now
		}
		if err != nil {
			return nil, fault.As(fault.Unavailable, err)
		}
		var v T
		if err := json.Unmarshal(doc, &v); err != nil {
			err := fault.Newf(fault.Corrupt, "%q is not what the spool wrote: %w", name, err)
			return nil, fault.WithHint(err, "look at it, put it right or move it out of the folder, and add its document anew")
		}
		out = append(out, v)
	}
	return out, nil
}

// Waiting gives what waits, oldest first.
func (s *Spool) Waiting() ([]Entry, error) { return read[Entry](s, waitingDir) }

// Receipts gives what the unit has, oldest first.
func (s *Spool) Receipts() ([]Sent, error) { return read[Sent](s, receiptsDir) }

// Problem tells why an entry was refused; nothing where it was not.
func (s *Spool) Problem(e Entry) (r Refused, there bool, err error) {
	doc, err := os.ReadFile(filepath.Join(s.dir, refusedDir, e.ID+".json"))
	if errors.Is(err, fs.ErrNotExist) {
		return r, false, nil
	}
	if err == nil {
		err = json.Unmarshal(doc, &r)
	}
	return r, err == nil, fault.As(fault.Corrupt, err)
}

// Refuse notes why the unit does not take an entry. It stays.
func (s *Spool) Refuse(e Entry, problem, hint string, now time.Time) error {
	before, _, err := s.Problem(e)
	if err != nil {
		return err
	}
	return s.write(refusedDir, e.ID, Refused{problem, hint, now.UTC(), before.Times + 1})
}

// Original gives the bytes of an entry.
func (s *Spool) Original(e Entry) (custody.Original, error) { return s.originals.Open(e.What.SHA256) }

// Check hashes the bytes of an entry again.
func (s *Spool) Check(e Entry) error { return custody.Check(s.originals, e.What.SHA256) }

// Done keeps the unit's receipt and lets the document go. A receipt that is not for
// this very document is refused, and everything stays.
func (s *Spool) Done(e Entry, r arrive.Receipt) error {
	if r.ID != e.What.SHA256 || r.Size != e.What.Size || r.Name != e.What.Name || r.Authority != e.What.Authority || r.At.IsZero() {
		err := fault.Newf(fault.Corrupt, "the receipt for %q is for %q, %d bytes, SHA-256 %s, under %q", e.What.Name, r.Name, r.Size, r.ID, r.Authority)
		return fault.WithHint(err, "the document stays here; ask the unit what its server does")
	}
	if err := s.write(receiptsDir, e.ID, Sent{e, r}); err != nil {
		return err
	}
	return s.letGo(e)
}

// letGo removes what the unit has. It may be done again.
func (s *Spool) letGo(e Entry) error {
	release, err := s.lock("lock", 0)
	if err != nil {
		return err
	}
	defer release()
	for _, folder := range []string{refusedDir, waitingDir} {
		if err := os.Remove(filepath.Join(s.dir, folder, e.ID+".json")); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fault.As(fault.Unavailable, err)
		}
	}
	if err := syncFolder(filepath.Join(s.dir, waitingDir)); err != nil {
		return err
	}
	all, err := s.Waiting()
	if err != nil {
		return err
	}
	if slices.ContainsFunc(all, func(o Entry) bool { return o.What.SHA256 == e.What.SHA256 }) {
		return nil
	}
	return s.originals.Remove(e.What.SHA256)
}

// Tidy lets go what a receipt is there for: a crash may have come between any two
// steps of that.
func (s *Spool) Tidy() error {
	all, err := s.Waiting()
	if err != nil {
		return err
	}
	for _, e := range all {
		if _, err := os.Stat(filepath.Join(s.dir, receiptsDir, e.ID+".json")); err == nil {
			if err := s.letGo(e); err != nil {
				return err
			}
		}
	}
	loose, err := s.Loose()
	if err != nil || len(loose) == 0 {
		return err
	}
	sent, err := s.Receipts()
	if err != nil {
		return err
	}
	for _, x := range sent {
		if slices.Contains(loose, x.Receipt.ID) {
			if err := s.letGo(x.Entry); err != nil { // looks once more whether something waits for the bytes
				return err
			}
		}
	}
	return nil
}

// Loose gives documents whose bytes are here and for which nothing waits: an Add
// that was cut off before it said that it was done.
func (s *Spool) Loose() (out []string, err error) {
	all, err := s.Waiting()
	if err != nil {
		return nil, err
	}
	err = s.originals.List(func(id string) error {
		if !slices.ContainsFunc(all, func(e Entry) bool { return e.What.SHA256 == id }) {
			out = append(out, id)
		}
		return nil
	})
	return out, err
}
