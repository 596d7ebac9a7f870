package tlog

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"suraag/custody/proof"
	"suraag/fault"
)

// Answer is what a witness last said.
type Answer struct {
	URL   string `json:"url"`
	Said  string `json:"said"`            // "cosigned", or why not
	Knows uint64 `json:"knows,omitempty"` // size of the log that it saw, where that is more than ours
}

// maxAnswer bounds what is read of a witness's answer, in bytes.
const maxAnswer = 16 << 10

// watch is the way to the witnesses. The log's library asks them; this sees what
// they answer, because a refusal must be told to people, and a witness that saw
// a longer log than ours proves that ours was put back.
type watch struct {
	client *http.Client
	mu     sync.Mutex
	last   map[string]Answer
}

func watching(client *http.Client) *watch {
	w := &watch{last: map[string]Answer{}}
	var base http.RoundTripper = http.DefaultTransport
	timeout := 5 * time.Second
	if client != nil {
		timeout = client.Timeout
		if client.Transport != nil {
			base = client.Transport
		}
	}
	w.client = &http.Client{
		Transport: &seeing{w, base}, Timeout: timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return w
}

type seeing struct {
	watch *watch
	base  http.RoundTripper
}

// RoundTrip notes the answer of a witness and passes it on, cut to its limit.
func (s *seeing) RoundTrip(r *http.Request) (*http.Response, error) {
	size := uint64(0)
	if r.GetBody != nil {
		if body, err := r.GetBody(); err == nil {
			size = sizeIn(body)
		}
	}
	resp, err := s.base.RoundTrip(r)
	if err != nil {
		s.watch.note(Answer{URL: r.URL.String(), Said: err.Error()})
		return resp, err
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	resp.Body.Close()
	if err != nil {
		s.watch.note(Answer{URL: r.URL.String(), Said: err.Error()})
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	s.watch.note(answerOf(r.URL.String(), resp, body, size))
	return resp, nil
}

func answerOf(url string, resp *http.Response, body []byte, size uint64) Answer {
	a := Answer{URL: url, Said: "cosigned"}
	if resp.StatusCode == http.StatusOK {
		return a
	}
	a.Said = fmt.Sprintf("%s: %.200q", resp.Status, strings.TrimSpace(string(body)))
	if resp.StatusCode == http.StatusConflict && resp.Header.Get("Content-Type") == sizeType {
		if knows, err := strconv.ParseUint(strings.TrimSpace(string(body)), 10, 64); err == nil && knows > size {
			a.Knows, a.Said = knows, fmt.Sprintf("saw this log with %d entries before; it has %d now", knows, size)
		}
	}
	return a
}

// sizeType is the content type with which a witness tells the size that it knows
// (C2SP tlog-witness).
const sizeType = "text/x.tlog.size"

// sizeIn finds the size of the checkpoint in a request to a witness: after the
// empty line come the origin and the size.
func sizeIn(body io.Reader) uint64 {
	text, err := io.ReadAll(io.LimitReader(body, 1<<20))
	if err != nil {
		return 0
	}
	_, checkpoint, _ := strings.Cut(string(text), "\n\n")
	lines := strings.SplitN(checkpoint, "\n", 3)
	if len(lines) < 3 {
		return 0
	}
	size, _ := strconv.ParseUint(lines[1], 10, 64)
	return size
}

func (w *watch) note(a Answer) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.last[a.URL] = a
}

func (w *watch) answers() []Answer {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := make([]Answer, 0, len(w.last))
	for _, a := range w.last {
		out = append(out, a)
	}
	slices.SortFunc(out, func(a, b Answer) int { return strings.Compare(a.URL, b.URL) })
	return out
}

func (w *watch) backwards() bool { return w.refused() != nil }

// refused is the error of a log that a witness saw longer than it is.
func (w *watch) refused() error {
	for _, a := range w.answers() {
		if a.Knows > 0 {
			err := fault.Newf(fault.Corrupt, "the custody log is refused: the witness at %s %s: the folder and the database were put back to an older state", a.URL, a.Said)
			return fault.WithHint(err, wayBack)
		}
	}
	return nil
}

// Ask shows every witness of a policy the latest checkpoint and gives what each
// says. It changes nothing, here or there.
func Ask(ctx context.Context, dir string, p proof.Policy, client *http.Client) ([]Answer, error) {
	key, err := KeyOf(dir)
	if err != nil {
		return nil, err
	}
	w := watching(client)
	err = w.ask(ctx, p, TilesOf(dir), key)
	return w.answers(), err
}

// ask shows every witness the latest checkpoint, so that a log that was put back
// together with its record is refused before anything is written. A witness that
// does not answer is no proof of anything; without it nothing is published.
func (w *watch) ask(ctx context.Context, p proof.Policy, t Tiles, key Key) error {
	if !p.Need() {
		return nil
	}
	signed, err := t.Checkpoint(ctx)
	if err != nil || len(signed) == 0 {
		return err
	}
	cp, by, err := openAny(signed, key.all())
	if err != nil || by != key.Public {
		return err // of the log's former name; a witness knows nothing of it under this one
	}
	var all sync.WaitGroup
	for url := range p.URLs() {
		all.Go(func() {
			body := fmt.Sprintf("old %d\n\n%s", cp.Size, signed)
			r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(body))
			if err != nil {
				w.note(Answer{URL: url, Said: err.Error()})
				return
			}
			resp, err := w.client.Do(r)
			if err != nil {
				return // noted on the way
			}
			resp.Body.Close()
		})
	}
	all.Wait()
	return w.refused()
}
