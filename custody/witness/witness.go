// Package witness cosigns the checkpoints of other people's logs.
//
// Takes checkpoints over HTTP, as C2SP tlog-witness has it. Gives a cosignature
// for each that continues the last one it cosigned of that log, and refuses every
// other: a log that was shortened or rewritten finds no signature. Never sees a
// word of what is logged, and trusts the log in nothing.
package witness

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"golang.org/x/mod/sumdb/note"

	"suraag/custody/proof"
	"suraag/custody/tlog"
	"suraag/fault"
)

// Witness cosigns the logs that it was told of. The last checkpoint of each that
// it cosigned is on disk before anybody gets the cosignature.
type Witness struct {
	dir    string
	signer note.Signer
	logs   map[string]string // origin → verifier key
	lock   *os.File

	mu sync.Mutex // one checkpoint at a time: reading, comparing and keeping belong together
}

// Open opens a witness's folder for the logs with the given verifier keys. Two
// processes on one folder would each cosign a fork, so the second is refused.
func Open(dir string, key tlog.Key, logs []string) (*Witness, error) {
	signer, _, err := key.Cosigner()
	if err != nil {
		return nil, err
	}
	w := &Witness{dir: dir, signer: signer, logs: map[string]string{}}
	for _, k := range logs {
		v, err := note.NewVerifier(k)
		if err != nil {
			return nil, fault.Newf(fault.Invalid, "key of a log %q: %w", k, err)
		}
		w.logs[v.Name()] = k
	}
	if w.lock, err = os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600); err != nil {
		return nil, fault.As(fault.Unavailable, err)
	}
	if err := syscall.Flock(int(w.lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		w.lock.Close()
		return nil, fault.Newf(fault.Conflict, "another process is the witness in %q", dir)
	}
	return w, nil
}

// Close lets another process be the witness.
func (w *Witness) Close() error { return w.lock.Close() }

// The limits of a request: its bytes, and the hashes of a proof (a log of 2⁶³
// entries has a proof of 63).
const (
	maxRequest = 64 << 10
	maxHashes  = 63
)

// ServeHTTP answers POST /add-checkpoint, and nothing else.
func (w *Witness) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/add-checkpoint" {
		http.NotFound(rw, r)
		return
	}
	if r.Method != http.MethodPost {
		http.Error(rw, "POST a checkpoint here", http.StatusMethodNotAllowed)
		return
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxRequest+1))
	if err != nil || len(body) > maxRequest {
		http.Error(rw, "the request is too long", http.StatusRequestEntityTooLarge)
		return
	}
	a := w.Cosign(body)
	if a.Status == http.StatusConflict && a.Body != "" {
		rw.Header().Set("Content-Type", "text/x.tlog.size")
	} else {
		rw.Header().Set("Content-Type", "text/plain; charset=utf-8")
	}
	rw.WriteHeader(a.Status)
	io.WriteString(rw, a.Body)
}

// Answer is what a witness says: 200 and its cosignature; 409 and the size it
// knows; or why not.
type Answer struct {
	Status int
	Body   string
}

func no(status int, format string, args ...any) Answer {
	return Answer{status, fmt.Sprintf(format, args...) + "\n"}
}

// Cosign answers a request: "old SIZE", the hashes of a consistency proof from
// that size, an empty line, and the signed checkpoint.
func (w *Witness) Cosign(body []byte) Answer {
	old, path, signed, err := parse(body)
	if err != nil {
		return no(http.StatusBadRequest, "%v", err)
	}
	origin, _, _ := strings.Cut(string(signed), "\n")
	key, known := w.logs[origin]
	if !known {
		return no(http.StatusNotFound, "the log %.200q is not witnessed here", origin)
	}
	next, err := proof.Open(signed, key)
	if err != nil {
		return no(http.StatusForbidden, "%v", err)
	}
	if old > next.Size {
		return no(http.StatusBadRequest, "the old size %d is greater than the checkpoint's %d", old, next.Size)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	last, err := w.last(origin, key)
	if err != nil {
		return no(http.StatusInternalServerError, "what was cosigned before cannot be read")
	}
	if old != last.Size {
		return Answer{http.StatusConflict, fmt.Sprintf("%d\n", last.Size)}
	}
	if next.Size == last.Size && last.Size > 0 && !bytes.Equal(next.Root, last.Root) {
		return Answer{Status: http.StatusConflict}
	}
	if last.Size > 0 {
		if err := proof.Consistency(last, next, path); err != nil {
			return no(http.StatusUnprocessableEntity, "%v", err)
		}
	} else if len(path) > 0 {
		return no(http.StatusUnprocessableEntity, "there is nothing to prove from size 0")
	}
	return w.sign(origin, next, signed)
}

// sign keeps a checkpoint and cosigns it, in this order.
func (w *Witness) sign(origin string, cp proof.Checkpoint, signed []byte) Answer {
	if err := tlog.Keep(w.file(origin), signed); err != nil {
		return no(http.StatusInternalServerError, "the checkpoint could not be kept")
	}
	text, _, found := bytes.Cut(signed, []byte("\n\n"))
	if !found {
		return no(http.StatusBadRequest, "the checkpoint has no signatures")
	}
	both, err := note.Sign(&note.Note{Text: string(text) + "\n"}, w.signer)
	if err != nil {
		return no(http.StatusInternalServerError, "size %d could not be cosigned", cp.Size)
	}
	_, line, _ := bytes.Cut(both, []byte("\n\n"))
	return Answer{http.StatusOK, string(line)}
}

func (w *Witness) file(origin string) string {
	sum := sha256.Sum256([]byte(origin))
	return filepath.Join(w.dir, "log-"+hex.EncodeToString(sum[:]))
}

// last gives the checkpoint of a log that was cosigned last; size 0 if none was.
func (w *Witness) last(origin, key string) (proof.Checkpoint, error) {
	signed, err := os.ReadFile(w.file(origin))
	if errors.Is(err, fs.ErrNotExist) {
		return proof.Checkpoint{Origin: origin}, nil
	}
	if err != nil {
		return proof.Checkpoint{}, fault.As(fault.Unavailable, err)
	}
	return proof.Open(signed, key)
}

// parse reads a request. Anything but the exact form is refused.
func parse(body []byte) (old uint64, path [][]byte, signed []byte, err error) {
	head, signed, found := bytes.Cut(body, []byte("\n\n"))
	if !found {
		return 0, nil, nil, fault.Newf(fault.Invalid, "no empty line before a checkpoint")
	}
	lines := strings.Split(string(head), "\n")
	size, is := strings.CutPrefix(lines[0], "old ")
	if old, err = strconv.ParseUint(size, 10, 63); !is || err != nil || strconv.FormatUint(old, 10) != size {
		return 0, nil, nil, fault.Newf(fault.Invalid, "the first line %.40q is not \"old SIZE\"", lines[0])
	}
	if len(lines)-1 > maxHashes {
		return 0, nil, nil, fault.Newf(fault.TooLarge, "a proof of %d hashes is longer than %d", len(lines)-1, maxHashes)
	}
	for _, l := range lines[1:] {
		h, err := base64.StdEncoding.Strict().DecodeString(l)
		if err != nil || len(h) != sha256.Size {
			return 0, nil, nil, fault.Newf(fault.Invalid, "%.60q is no hash of 32 bytes in base64", l)
		}
		path = append(path, h)
	}
	return old, path, signed, nil
}
