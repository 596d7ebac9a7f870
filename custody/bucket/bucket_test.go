package bucket_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"suraag/custody"
	"suraag/custody/bucket"
	"suraag/custody/bucket/s3test"
	"suraag/custody/disk"
	"suraag/custody/keeptest"
	"suraag/fault"
)

func open(t *testing.T, s bucket.Settings) *bucket.Keeper {
	t.Helper()
	b, err := bucket.Open(context.Background(), s)
	if err != nil {
		t.Fatal(err)
	}
	return b.Keeper("originals", t.TempDir())
}

func TestKeeper(t *testing.T) {
	keeptest.Test(t, func(t *testing.T) custody.Keeper { return open(t, s3test.Start(t).Settings()) })
}

func TestKeeperOfVersions(t *testing.T) {
	keeptest.Test(t, func(t *testing.T) custody.Keeper {
		s := s3test.Start(t)
		s.Keep(0)
		return open(t, s.Settings())
	})
}

// A store that takes no notice of If-None-Match still keeps the same bytes under
// their name.
func TestKeeperOfAStoreThatOverwrites(t *testing.T) {
	keeptest.Test(t, func(t *testing.T) custody.Keeper {
		s := s3test.Start(t)
		s.Overwrites()
		return open(t, s.Settings())
	})
}

func seal(k custody.Keeper, b []byte) error {
	_, _, err := custody.Seal(k, bytes.NewReader(b), 1<<30)
	return err
}

// Two folders of one bucket, and two prefixes, do not see each other.
func TestFoldersLieApart(t *testing.T) {
	s := s3test.Start(t)
	b, err := bucket.Open(context.Background(), s.Settings())
	if err != nil {
		t.Fatal(err)
	}
	settings := s.Settings()
	settings.Prefix = "originals/unit/"
	deeper := open(t, settings)
	one, other := b.Keeper("originals", t.TempDir()), b.Keeper("vault", t.TempDir())
	for n, k := range []*bucket.Keeper{one, other, deeper} {
		if err := seal(k, keeptest.Body(n+1)); err != nil {
			t.Fatal(err)
		}
	}
	for n, k := range []*bucket.Keeper{other, deeper} {
		var names []string
		if err := k.List(func(name string) error { names = append(names, name); return nil }); err != nil || !slices.Equal(names, []string{keeptest.Name(keeptest.Body(n + 2))}) {
			t.Errorf("%v, %v", names, err)
		}
	}
	if want := "originals/" + keeptest.Name(keeptest.Body(1)); !slices.Contains(s.Keys(), want) {
		t.Errorf("keys %v", s.Keys())
	}
}

// times lets a fault happen some times, and then the store is well again.
func times(n int64, f func(http.ResponseWriter, *http.Request) bool) func(http.ResponseWriter, *http.Request) bool {
	var done atomic.Int64
	return func(w http.ResponseWriter, r *http.Request) (did bool) {
		if done.Load() >= n {
			return false
		}
		did = true // also where it ends in the middle
		defer func() {
			if did {
				done.Add(1)
			}
		}()
		did = f(w, r)
		return did
	}
}

func is(method string) func(*http.Request) bool {
	return func(r *http.Request) bool { return r.Method == method }
}

// cut ends the connection without an answer.
func cut(w http.ResponseWriter) bool {
	c, _, err := w.(http.Hijacker).Hijack()
	if err == nil {
		c.Close()
	}
	return true
}

// Whatever goes wrong while a thing is kept: either it is there whole and said to
// be, or it is said not to be.
func TestFaultsWhileKeeping(t *testing.T) {
	const always = 1 << 30
	body := keeptest.Body(2_500_000)
	name := keeptest.Name(body)
	put := is(http.MethodPut)
	get := is(http.MethodGet)
	for what, c := range map[string]struct {
		times int64
		f     func(s *s3test.Server, w http.ResponseWriter, r *http.Request) bool
		want  fault.Kind // Internal: it goes well
		left  bool       // something may lie there
	}{
		"the store errs once": {1, func(_ *s3test.Server, w http.ResponseWriter, r *http.Request) bool {
			return put(r) && refused(w, 500, "InternalError")
		}, fault.Internal, true},
		"the store asks to go slow": {2, func(_ *s3test.Server, w http.ResponseWriter, r *http.Request) bool {
			return put(r) && refused(w, 503, "SlowDown")
		}, fault.Internal, true},
		"the store errs always": {always, func(_ *s3test.Server, w http.ResponseWriter, r *http.Request) bool {
			return put(r) && refused(w, 500, "InternalError")
		}, fault.Unavailable, false},
		"the key is refused": {always, func(_ *s3test.Server, w http.ResponseWriter, r *http.Request) bool {
			return refused(w, 403, "SignatureDoesNotMatch")
		}, fault.Denied, false},
		"it may not be written": {always, func(_ *s3test.Server, w http.ResponseWriter, r *http.Request) bool {
			return put(r) && refused(w, 403, "AccessDenied")
		}, fault.Denied, false},
		"no conditions": {always, func(_ *s3test.Server, w http.ResponseWriter, r *http.Request) bool {
			return put(r) && refused(w, 501, "NotImplemented")
		}, fault.Unavailable, false},
		"it is too large": {always, func(_ *s3test.Server, w http.ResponseWriter, r *http.Request) bool {
			return put(r) && refused(w, 400, "EntityTooLarge")
		}, fault.TooLarge, false},
		"cut while it is sent, once": {1, func(_ *s3test.Server, w http.ResponseWriter, r *http.Request) bool {
			return put(r) && half(r) && cut(w)
		}, fault.Internal, true},
		"cut while it is sent": {always, func(_ *s3test.Server, w http.ResponseWriter, r *http.Request) bool {
			return put(r) && half(r) && cut(w)
		}, fault.Unavailable, false},
		"the answer is lost, once": {1, func(s *s3test.Server, w http.ResponseWriter, r *http.Request) bool {
			if !put(r) {
				return false
			}
			s.Take(r, "originals/"+name)
			return cut(w)
		}, fault.Internal, true},
		"it says it did and did not": {always, func(_ *s3test.Server, w http.ResponseWriter, r *http.Request) bool {
			if put(r) {
				io.Copy(io.Discard, r.Body)
				w.WriteHeader(http.StatusOK)
			}
			return put(r)
		}, fault.NotFound, false},
		"damaged on the way, once": {
			1, func(_ *s3test.Server, w http.ResponseWriter, r *http.Request) bool {
				return put(r) && refused(w, 400, "BadDigest")
			}, fault.Internal, true,
		},
		"read back, other bytes come": {always, func(s *s3test.Server, w http.ResponseWriter, r *http.Request) bool {
			if get(r) && r.Header.Get("Range") != "" {
				s.Change("originals/"+name, func(b []byte) []byte { b[len(b)-1] = 'x'; return b })
			}
			return false
		}, fault.Corrupt, true},
		"read back, the body is short": {always, func(_ *s3test.Server, w http.ResponseWriter, r *http.Request) bool {
			return get(r) && r.Header.Get("Range") != "" && short(w, r)
		}, fault.Unavailable, true},
		"read back, the body is short, once": {1, func(_ *s3test.Server, w http.ResponseWriter, r *http.Request) bool {
			return get(r) && r.Header.Get("Range") != "" && short(w, r)
		}, fault.Internal, true},
		"read back, another part comes": {always, func(_ *s3test.Server, w http.ResponseWriter, r *http.Request) bool {
			if get(r) && r.Header.Get("Range") != "" {
				w.Header().Set("Content-Range", "bytes 7-106/2500000")
				w.WriteHeader(http.StatusPartialContent)
				w.Write(body[7:107])
				return true
			}
			return false
		}, fault.Unavailable, true},
	} {
		t.Run(what, func(t *testing.T) {
			s := s3test.Start(t)
			k := open(t, s.Settings())
			s.Err(times(c.times, func(w http.ResponseWriter, r *http.Request) bool { return c.f(s, w, r) }))
			err := seal(k, body)
			s.Err(nil)
			if c.want == fault.Internal && err != nil || c.want != fault.Internal && !fault.Is(err, c.want) {
				t.Fatalf("%v, want %s", err, c.want)
			}
			if serves := !errors.Is(err, custody.ErrStore); err != nil && serves != (c.want == fault.Corrupt || c.want == fault.NotFound || c.want == fault.TooLarge) {
				t.Errorf("whether the store serves is not told: %v", err)
			}
			if err != nil && strings.Contains(err.Error()+fault.Hint(err), s3test.Secret) {
				t.Errorf("the secret is shown: %v", err)
			}
			if len(s.Keys()) > 0 && !c.left {
				t.Errorf("%v lie there", s.Keys())
			}
			if err == nil {
				if err := custody.Check(k, name); err != nil {
					t.Errorf("it was said to be there: %v", err)
				}
			}
		})
	}
}

func refused(w http.ResponseWriter, status int, code string) bool {
	s3test.Refuse(w, status, code)
	return true
}

// half reads half of what is sent.
func half(r *http.Request) bool {
	io.CopyN(io.Discard, r.Body, r.ContentLength/2)
	return true
}

// short promises more than it gives.
func short(w http.ResponseWriter, r *http.Request) bool {
	part, _ := strings.CutPrefix(r.Header.Get("Range"), "bytes=")
	first, last, _ := strings.Cut(part, "-")
	from, _ := strconv.Atoi(first)
	to, _ := strconv.Atoi(last)
	w.Header().Set("Content-Range", "bytes "+part+"/2500000")
	w.Header().Set("Content-Length", strconv.Itoa(to-from+1))
	w.Header().Set("Last-Modified", time.Now().UTC().Format(http.TimeFormat))
	w.WriteHeader(http.StatusPartialContent)
	w.Write(make([]byte, (to-from+1)/2))
	panic(http.ErrAbortHandler)
}

// Something else under the name is never replaced, and is told.
func TestOtherBytesUnderTheName(t *testing.T) {
	s := s3test.Start(t)
	k := open(t, s.Settings())
	body := keeptest.Body(100)
	key := "originals/" + keeptest.Name(body)
	if err := seal(k, body); err != nil {
		t.Fatal(err)
	}
	s.Change(key, func([]byte) []byte { return []byte("other bytes") })
	if err := seal(k, body); !fault.Is(err, fault.Corrupt) {
		t.Errorf("%v", err)
	}
	if err := custody.Check(k, keeptest.Name(body)); !fault.Is(err, fault.Corrupt) {
		t.Errorf("checked: %v", err)
	}
	s.Change(key, func([]byte) []byte { return body })
	o, err := k.Open(keeptest.Name(body))
	if err != nil {
		t.Fatal(err)
	}
	s.Change(key, func([]byte) []byte { return append(bytes.Clone(body[:99]), 'x') })
	if _, err := o.ReadAt(make([]byte, 10), 0); !fault.Is(err, fault.Corrupt) {
		t.Errorf("changed between two requests: %v", err)
	}
	s.Lose(key)
	if err := custody.Check(k, keeptest.Name(body)); !fault.Is(err, fault.NotFound) {
		t.Errorf("lost: %v", err)
	}
}

// A store that does not answer stops nobody for longer than it is given.
func TestSlowAnswers(t *testing.T) {
	s := s3test.Start(t)
	settings := s.Settings()
	settings.Patience, settings.Tries = 300*time.Millisecond, 2
	k := open(t, settings)
	body := keeptest.Body(100)
	if err := seal(k, body); err != nil {
		t.Fatal(err)
	}
	release := make(chan struct{})
	defer close(release)
	s.Err(func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodGet {
			w.Header().Set("Content-Range", "bytes 0-99/100")
			w.Header().Set("Content-Length", "100")
			w.Header().Set("Last-Modified", time.Now().UTC().Format(http.TimeFormat))
			w.WriteHeader(http.StatusPartialContent)
			w.Write(body[:10])
			w.(http.Flusher).Flush()
		}
		<-release
		return true
	})
	for what, f := range map[string]func() error{
		"keeping":  func() error { return seal(k, keeptest.Body(50)) },
		"opening":  func() error { _, err := k.Open(keeptest.Name(body)); return err },
		"listing":  func() error { return k.List(func(string) error { return nil }) },
		"removing": func() error { return k.Remove(keeptest.Name(body)) },
	} {
		began := time.Now()
		if err := f(); !fault.Is(err, fault.Unavailable) || fault.Hint(err) == "" {
			t.Errorf("%s: %v", what, err)
		}
		if took := time.Since(began); took > 20*time.Second {
			t.Errorf("%s: it took %s", what, took)
		}
	}
}

// Whoever stops the program is not held up by a store that does not answer.
func TestStopped(t *testing.T) {
	s := s3test.Start(t)
	ctx, stop := context.WithCancel(context.Background())
	b, err := bucket.Open(ctx, s.Settings())
	if err != nil {
		t.Fatal(err)
	}
	release := make(chan struct{})
	defer close(release)
	s.Err(func(http.ResponseWriter, *http.Request) bool { stop(); <-release; return true })
	if err := seal(b.Keeper("originals", t.TempDir()), keeptest.Body(100)); err == nil || ctx.Err() == nil {
		t.Errorf("%v", err)
	}
}

// Every version goes; what an object lock holds does not, and it is said until when.
func TestRemoveVersions(t *testing.T) {
	body := keeptest.Body(100)
	name := keeptest.Name(body)
	s := s3test.Start(t)
	s.Keep(0)
	k := open(t, s.Settings())
	for range 2 {
		if err := seal(k, body); err != nil {
			t.Fatal(err)
		}
		s.Mark("originals/" + name) // somebody removed it by other means; a version stays
	}
	if err := k.Remove(name); err != nil || len(s.Keys()) != 0 {
		t.Errorf("%v, and %v are left", err, s.Keys())
	}

	locked := s3test.Start(t)
	locked.Keep(48 * time.Hour)
	k = open(t, locked.Settings())
	if err := seal(k, body); err != nil {
		t.Fatal(err)
	}
	day := time.Now().Add(48 * time.Hour).UTC().Format(time.DateOnly)
	if err := k.Remove(name); !fault.Is(err, fault.Denied) || !strings.Contains(err.Error(), day) || fault.Hint(err) == "" {
		t.Errorf("locked: %v", err)
	}
	if err := custody.Check(k, name); err != nil {
		t.Errorf("what is locked is damaged: %v", err)
	}

	s.Err(func(w http.ResponseWriter, r *http.Request) bool {
		return r.URL.Query().Has("versions") && refused(w, 403, "AccessDenied")
	})
	if err := open(t, s.Settings()).Remove(name); !fault.Is(err, fault.Denied) || !strings.Contains(fault.Hint(err), "DeleteObjectVersion") {
		t.Errorf("versions may not be listed: %v", err)
	}
}

// A store that lets itself be written over and errs takes nothing away that was there
// before: what is removed is what was just sent.
func TestAnErrorTakesNoOlderVersion(t *testing.T) {
	body := keeptest.Body(100)
	name := keeptest.Name(body)
	s := s3test.Start(t)
	s.Keep(0)
	s.Overwrites()
	k := open(t, s.Settings())
	if err := seal(k, body); err != nil {
		t.Fatal(err)
	}
	s.Err(func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodHead {
			s.Change("originals/"+name, func(b []byte) []byte { b[len(b)-1] ^= 1; return b })
		}
		return false
	})
	if err := seal(k, body); !fault.Is(err, fault.Corrupt) {
		t.Errorf("other bytes came back: %v", err)
	}
	s.Err(nil)
	if err := custody.Check(k, name); err != nil {
		t.Errorf("what was there before: %v", err)
	}
}

// What is read once is not asked for again and again, and what is read ahead is
// bounded.
func TestFewRequests(t *testing.T) {
	s := s3test.Start(t)
	k := open(t, s.Settings())
	body := keeptest.Body(3 << 20)
	if err := seal(k, body); err != nil {
		t.Fatal(err)
	}
	before := s.Requests()
	if err := custody.Check(k, keeptest.Name(body)); err != nil {
		t.Fatal(err)
	}
	if n := s.Requests() - before; n != 4 {
		t.Errorf("%d requests for three blocks, want 4", n)
	}
}

// A store that can be written over is told by a probe, which leaves nothing.
func TestProbe(t *testing.T) {
	for _, overwrites := range []bool{false, true} {
		s := s3test.Start(t)
		if overwrites {
			s.Overwrites()
		}
		b, err := bucket.Open(context.Background(), s.Settings())
		if err != nil {
			t.Fatal(err)
		}
		if refuses, err := b.Probe(t.TempDir()); err != nil || refuses == overwrites {
			t.Errorf("it refuses: %v, %v", refuses, err)
		}
		if len(s.Keys()) != 0 {
			t.Errorf("left behind: %v", s.Keys())
		}
	}
}

func TestADraftHasNoName(t *testing.T) {
	s := s3test.Start(t)
	b, err := bucket.Open(context.Background(), s.Settings())
	if err != nil {
		t.Fatal(err)
	}
	scratch := t.TempDir()
	d, err := b.Keeper("originals", scratch).Create()
	if err != nil {
		t.Fatal(err)
	}
	defer d.Discard()
	if _, err := d.Write(keeptest.Body(100)); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(scratch); err != nil || len(left) != 0 {
		t.Errorf("%v, %v", left, err)
	}
}

// Whoever looks for drafts of those that died keeps nobody from beginning one.
func TestTidyingKeepsNobodyFromBeginning(t *testing.T) {
	b, err := bucket.Open(context.Background(), s3test.Start(t).Settings())
	if err != nil {
		t.Fatal(err)
	}
	scratch, done := t.TempDir(), make(chan struct{})
	var tidier sync.WaitGroup
	tidier.Go(func() {
		for {
			select {
			case <-done:
				return
			default:
			}
			err := disk.Abandoned(scratch, func(draft string) error { return disk.RemoveAbandoned(disk.Machine(), scratch, draft) })
			if err != nil {
				t.Error(err)
				return
			}
		}
	})
	for range 5000 {
		d, err := b.Keeper("originals", scratch).Create()
		if err != nil {
			t.Error(err)
			break
		}
		d.Discard()
	}
	close(done)
	tidier.Wait()
}

func TestNoSuchBucket(t *testing.T) {
	s := s3test.Start(t)
	settings := s.Settings()
	settings.Bucket = "another"
	k := open(t, settings)
	for what, f := range map[string]func() error{
		"keeping": func() error { return seal(k, keeptest.Body(50)) },
		"opening": func() error { _, err := k.Open(keeptest.Name(nil)); return err },
		"listing": func() error { return k.List(func(string) error { return nil }) },
	} {
		if err := f(); !fault.Is(err, fault.Unavailable) || !strings.Contains(err.Error(), "another") {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestSettings(t *testing.T) {
	roots := filepath.Join(t.TempDir(), "roots.pem")
	if err := os.WriteFile(roots, []byte("no certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	good := "endpoint = 'https://s3.example.org'\nbucket = 'unit-7'\naccess_key = 'AKIDEXAMPLE'\n"
	for name, c := range map[string]struct {
		text string
		want fault.Kind // Internal: they are taken
	}{
		"good":                    {good + "prefix = 'unit-7/'\nregion = 'ap-south-1'", fault.Internal},
		"this machine":            {strings.Replace(good, "https://s3.example.org", "http://127.0.0.1:9000", 1), fault.Internal},
		"this machine by IPv6":    {strings.Replace(good, "https://s3.example.org", "http://[::1]:9000", 1), fault.Internal},
		"no TLS":                  {strings.Replace(good, "https", "http", 1), fault.Denied},
		"no TLS, a name like it":  {strings.Replace(good, "https://s3.example.org", "http://localhost.example.org", 1), fault.Denied},
		"no scheme":               {strings.Replace(good, "https://", "", 1), fault.Invalid},
		"a path":                  {strings.Replace(good, ".org", ".org/x", 1), fault.Invalid},
		"a secret in the address": {strings.Replace(good, "https://", "https://a:b@", 1), fault.Invalid},
		"no bucket":               {strings.Replace(good, "unit-7", "", 1), fault.Invalid},
		"a bucket that is a path": {strings.Replace(good, "unit-7", "../x", 1), fault.Invalid},
		"no key":                  {strings.Replace(good, "AKIDEXAMPLE", "", 1), fault.Invalid},
		"a prefix without slash":  {good + "prefix = 'x'", fault.Invalid},
		"a prefix that climbs":    {good + "prefix = '../'", fault.Invalid},
		"a word not known":        {good + "secret = 'x'", fault.Invalid},
		"no TOML":                 {"endpoint: x", fault.Invalid},
		"too long":                {strings.Repeat("#", 70_000), fault.TooLarge},
		"nothing":                 {"", fault.Invalid},
	} {
		s, err := bucket.ReadSettings(strings.NewReader(c.text))
		if c.want == fault.Internal && err != nil || c.want != fault.Internal && !fault.Is(err, c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
		if err != nil {
			continue
		}
		if _, err := bucket.Open(context.Background(), s); !fault.Is(err, fault.Invalid) || fault.Hint(err) == "" {
			t.Errorf("%s, without a secret: %v", name, err)
		}
		s.Secret, s.Roots = "x", roots
		if _, err := bucket.Open(context.Background(), s); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s, with roots that are none: %v", name, err)
		}
	}
}

// A certificate that nobody vouches for is refused.
func TestAnUnknownAuthority(t *testing.T) {
	s := s3test.Start(t)
	settings := s.Settings()
	settings.Roots = ""
	if err := seal(open(t, settings), keeptest.Body(100)); !fault.Is(err, fault.Unavailable) || !strings.Contains(err.Error(), "certificate") || len(s.Keys()) != 0 {
		t.Errorf("%v, %v", err, s.Keys())
	}
}

func FuzzReadSettings(f *testing.F) {
	for _, seed := range []string{"", "endpoint = 'https://s3.example.org'\nbucket = 'unit-7'\naccess_key = 'AKIDEXAMPLE'\nprefix = 'a/'\n", "endpoint = 'http://127.0.0.1'", "[x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := bucket.ReadSettings(strings.NewReader(text))
		if err != nil {
			if fault.KindOf(err) == fault.Internal {
				t.Errorf("%v", err)
			}
			return
		}
		if !strings.HasPrefix(s.Endpoint, "https://") && !strings.Contains(s.Endpoint, "//127.") && !strings.Contains(s.Endpoint, "//localhost") && !strings.Contains(s.Endpoint, "//[") {
			t.Errorf("endpoint %q is taken", s.Endpoint)
		}
	})
}
