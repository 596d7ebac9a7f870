// Package arrive holds what is being sent and is not whole yet, so that a line
// that breaks costs what was under way and not what had come.
//
// Takes who sends, the SHA-256 and size that the sender declares, and bytes from an
// offset on. Gives how far it is; once it is whole, a reader of all of it. Never
// hands on bytes whose hash is not the declared one, never gives what one sends to
// another, and never holds more, or for longer, than its limits say.
package arrive

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"suraag/fault"
)

// Limits bound what is held. They are house rules: a remote site sends one
// document after the other, so a few that are not whole are many.
type Limits struct {
	Size  int64         // of one document
	Each  int           // drafts of one sender
	All   int           // drafts of all
	Own   int64         // declared sizes of one sender: whoever announces all that there is room for keeps nobody else out
	Bytes int64         // declared sizes of all
	Holds time.Duration // after the last byte
}

// DefaultLimits are those of a unit's server.
func DefaultLimits(size int64) Limits {
	return Limits{Size: size, Each: 8, All: 64, Own: size, Bytes: 4 * size, Holds: 7 * 24 * time.Hour}
}

// Declared is what a sender says before the first byte.
type Declared struct {
	Owner  string          `json:"owner"` // who sends; nobody else goes on with it
	SHA256 string          `json:"sha256"`
	Size   int64           `json:"size"`
	About  json.RawMessage `json:"about"` // what it is handed in as
}

// ID names the draft of a declaration: the same again is the same draft.
func (d Declared) ID() string {
	doc, err := json.Marshal(d)
	if err != nil { // About is JSON, or Checked refused it
		return ""
	}
	sum := sha256.Sum256(doc)
	return hex.EncodeToString(sum[:])
}

// Folder is where drafts lie: two files for each, what was declared and what came.
type Folder struct {
	dir    string
	limits Limits
	now    func() time.Time
	mu     sync.Mutex // from counting drafts to beginning one
}

// In gives the drafts of a folder, which is made if it is not there.
func In(dir string, l Limits, now func() time.Time) (*Folder, error) {
	f := &Folder{dir: dir, limits: l, now: now}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fault.As(fault.Unavailable, err)
	}
	_, err := f.sweep()
	return f, err
}

func (f *Folder) declaration(id string) string { return filepath.Join(f.dir, id+".json") }
func (f *Folder) bytes(id string) string       { return filepath.Join(f.dir, id+".part") }

// checked refuses a declaration that no document can have.
func (f *Folder) checked(d Declared) error {
	if b, err := hex.DecodeString(d.SHA256); err != nil || len(b) != sha256.Size || strings.ToLower(d.SHA256) != d.SHA256 {
		return fault.Newf(fault.Invalid, "SHA-256 %q is not 64 hex digits in lower case", cut(d.SHA256))
	}
	if d.Size < 0 {
		return fault.Newf(fault.Invalid, "a size of %d bytes is none", d.Size)
	}
	if d.Size > f.limits.Size {
		return fault.Newf(fault.TooLarge, "a document of %d bytes is larger than %d", d.Size, f.limits.Size)
	}
	if d.Owner == "" || !json.Valid(d.About) {
		return fault.Newf(fault.Internal, "a declaration by %q about %q", d.Owner, cut(string(d.About)))
	}
	return nil
}

func cut(s string) string {
	if len(s) > 80 {
		return strings.ToValidUTF8(s[:80], "") + "…"
	}
	return s
}

// Declare begins a draft, or finds the one that is there. It gives its ID and how
// many bytes have come.
func (f *Folder) Declare(d Declared) (id string, at int64, err error) {
	if err := f.checked(d); err != nil {
		return "", 0, err
	}
	id = d.ID()
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, at, err = f.Find(d.Owner, id); err == nil || !fault.Is(err, fault.NotFound) {
		return id, at, err
	}
	if err := f.room(d); err != nil {
		return "", 0, err
	}
	doc, err := json.Marshal(d)
	if err != nil {
		return "", 0, fault.As(fault.Internal, err)
	}
	draft, err := os.CreateTemp(f.dir, ".declared-*")
	if err != nil {
		return "", 0, fault.As(fault.Unavailable, err)
	}
	defer os.Remove(draft.Name())
	_, err = draft.Write(doc)
	if err := errors.Join(err, draft.Close()); err != nil {
		return "", 0, fault.As(fault.Unavailable, err)
	}
	return id, 0, fault.As(fault.Unavailable, os.Rename(draft.Name(), f.declaration(id)))
}

// room refuses a draft for which there is none, after it forgot those that nobody
// went on with.
func (f *Folder) room(d Declared) error {
	all, err := f.sweep()
	if err != nil {
		return err
	}
	own, mine, sum := 0, d.Size, d.Size
	for _, x := range all {
		if sum += x.Size; x.Owner == d.Owner {
			own++
			mine += x.Size
		}
	}
	if own >= f.limits.Each || len(all) >= f.limits.All || mine > f.limits.Own || sum > f.limits.Bytes {
		err := fault.Newf(fault.Unavailable, "%d documents of yours, and %d of all, are being sent and not whole: there is no room for another", own, len(all))
		return fault.WithHint(err, "finish one of those; what nobody goes on with is forgotten after "+f.limits.Holds.String())
	}
	return nil
}

// sweep forgets drafts to which nothing came for too long, and gives the others.
func (f *Folder) sweep() (all []Declared, err error) {
	found, err := fs.Glob(os.DirFS(f.dir), "*.json") // whatever the folder itself is called
	if err != nil {
		return nil, fault.As(fault.Internal, err)
	}
	for _, name := range found {
		id := strings.TrimSuffix(filepath.Base(name), ".json")
		d, err := f.read(id)
		if fault.Is(err, fault.NotFound) {
			continue // it became whole meanwhile
		}
		if err == nil && f.now().Sub(f.touched(id)) < f.limits.Holds {
			all = append(all, d)
			continue
		}
		if err := f.forget(id); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// touched is when something last came to a draft.
func (f *Folder) touched(id string) time.Time {
	var last time.Time
	for _, name := range []string{f.declaration(id), f.bytes(id)} {
		if info, err := os.Stat(name); err == nil && info.ModTime().After(last) {
			last = info.ModTime()
		}
	}
	return last
}

func (f *Folder) forget(id string) error {
	for _, name := range []string{f.bytes(id), f.declaration(id)} { // a declaration without bytes is a draft of none
		if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fault.As(fault.Unavailable, err)
		}
	}
	return nil
}

func (f *Folder) read(id string) (d Declared, err error) {
	doc, err := os.ReadFile(f.declaration(id))
	if errors.Is(err, fs.ErrNotExist) {
		return d, notThere()
	}
	if err != nil {
		return d, fault.As(fault.Unavailable, err)
	}
	if err := json.Unmarshal(doc, &d); err != nil || d.ID() != id {
		return d, fault.Newf(fault.Corrupt, "the declaration of draft %s is not what was declared", id[:12])
	}
	return d, nil
}

func notThere() error {
	return fault.WithHint(fault.Newf(fault.NotFound, "nothing is being sent under this ID"), "declare it (again) first")
}

// Find gives a draft of an owner and how many bytes have come. Another's is not
// there.
func (f *Folder) Find(owner, id string) (d Declared, at int64, err error) {
	if b, err := hex.DecodeString(id); err != nil || len(b) != sha256.Size || strings.ToLower(id) != id {
		return d, 0, notThere()
	}
	if d, err = f.read(id); err != nil {
		return d, 0, err
	}
	if d.Owner != owner {
		return Declared{}, 0, notThere()
	}
	info, err := os.Stat(f.bytes(id))
	if errors.Is(err, fs.ErrNotExist) {
		return d, 0, nil
	}
	if err != nil {
		return d, 0, fault.As(fault.Unavailable, err)
	}
	return d, info.Size(), nil
}

// Append takes bytes from an offset on, which is how many have come. Once the
// document is whole and its hash is the declared one, it is handed to whole, and
// the draft ends. Where whole says that nothing will help, it ends too. It gives
// how many bytes have come and whether the document was handed on.
func (f *Folder) Append(ctx context.Context, owner, id string, offset int64, body io.Reader, whole func(io.Reader) error) (at int64, done bool, err error) {
	d, _, err := f.Find(owner, id)
	if err != nil {
		return 0, false, err
	}
	part, err := os.OpenFile(f.bytes(id), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return 0, false, fault.As(fault.Unavailable, err)
	}
	defer part.Close()
	if err := syscall.Flock(int(part.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return 0, false, fault.WithHint(fault.Newf(fault.Unavailable, "the same document is being sent on another line"), "wait until that one ends")
	}
	if _, at, err = f.Find(owner, id); err != nil { // it may have become whole before the lock was ours
		if fault.Is(err, fault.NotFound) {
			os.Remove(part.Name())
		}
		return 0, false, err
	}
	if at != offset {
		err := fault.Newf(fault.Conflict, "%d bytes have come, and not %d", at, offset)
		return at, false, fault.WithHint(err, "go on from there")
	}
	if at, err = f.take(d, part, at, body); err != nil || at < d.Size {
		return at, false, err
	}
	if err := hashed(ctx, part, d); err != nil {
		if fault.Is(err, fault.Corrupt) {
			return 0, false, errors.Join(err, f.forget(id))
		}
		return at, false, err
	}
	err = whole(io.NewSectionReader(part, 0, d.Size))
	switch fault.KindOf(err) {
	case fault.Unavailable, fault.Internal:
		if err != nil {
			return at, false, err // it may be tried again without sending it again
		}
	}
	return at, err == nil, errors.Join(err, f.forget(id))
}

// take writes what comes behind what is there. What came stays, however it ends.
func (f *Folder) take(d Declared, part *os.File, at int64, body io.Reader) (int64, error) {
	if at > d.Size {
		return at, fault.Newf(fault.Corrupt, "draft %s has %d bytes, more than the declared %d", d.ID()[:12], at, d.Size)
	}
	if _, err := part.Seek(at, io.SeekStart); err != nil {
		return at, fault.As(fault.Unavailable, err)
	}
	n, err := io.Copy(part, io.LimitReader(body, d.Size-at))
	if err := errors.Join(err, part.Sync()); err != nil {
		return at + n, fault.Newf(fault.Unavailable, "after %d of %d bytes: %w", at+n, d.Size, err)
	}
	var more [1]byte
	if m, _ := io.ReadFull(body, more[:]); m > 0 {
		return at + n, fault.Newf(fault.TooLarge, "more bytes come than the declared %d", d.Size)
	}
	return at + n, nil
}

// hashed compares what came with what was declared. It takes a while for what is
// large, so it ends with whoever waits for it.
func hashed(ctx context.Context, part *os.File, d Declared) error {
	sum := sha256.New()
	r := io.NewSectionReader(part, 0, d.Size)
	for {
		if err := ctx.Err(); err != nil {
			return fault.As(fault.Unavailable, err)
		}
		_, err := io.CopyN(sum, r, 64<<20)
		if err == io.EOF {
			break
		}
		if err != nil {
			return fault.As(fault.Unavailable, err)
		}
	}
	if got := hex.EncodeToString(sum.Sum(nil)); got != d.SHA256 {
		err := fault.Newf(fault.Corrupt, "what came hashes to %s, and %s was declared", got, d.SHA256)
		return fault.WithHint(err, "nothing was kept of it; look at the original, and send it again from its beginning")
	}
	return nil
}
