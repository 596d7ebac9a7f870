// Package keeptest holds what every custody.Keeper has to do, wherever it keeps
// things, as one set of tests.
//
// Takes a test and something that opens an empty keeper. Gives failures.
package keeptest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"suraag/custody"
	"suraag/fault"
)

// Test runs the tests, each on an empty keeper.
func Test(t *testing.T, open func(*testing.T) custody.Keeper) {
	for _, c := range []struct {
		name string
		test func(*testing.T, custody.Keeper)
	}{
		{"what is sealed stands under its hash, once", sealedOnce},
		{"sizes around blocks come back whole, at every place", sizes},
		{"names come in order, also many", order},
		{"a draft that was not kept leaves nothing", discarded},
		{"what is not there is not found", missing},
		{"a name that leads elsewhere is refused", elsewhere},
		{"what was removed is gone, and may be kept anew", removed},
		{"many who keep the same at once keep it once", together},
		{"many read one thing at once", reading},
		{"who lists may stop", stopping},
		{"a source that fails keeps nothing", failing},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, open(t)) })
	}
}

// Body is made content of a size, whose blocks all differ.
func Body(n int) []byte {
	out := make([]byte, 0, n+sha256.Size)
	for s := sha256.Sum256([]byte("made")); len(out) < n; s = sha256.Sum256(s[:]) {
		out = append(out, s[:]...)
	}
	return out[:n]
}

// Name is under which something is sealed.
func Name(b []byte) string { s := sha256.Sum256(b); return hex.EncodeToString(s[:]) }

func seal(t *testing.T, k custody.Keeper, b []byte) string {
	t.Helper()
	id, size, err := custody.Seal(k, bytes.NewReader(b), 1<<30)
	if err != nil || size != int64(len(b)) || id != Name(b) {
		t.Fatalf("sealed as %s with %d bytes, %v", id, size, err)
	}
	return id
}

func list(t *testing.T, k custody.Keeper) []string {
	t.Helper()
	var out []string
	if err := k.List(func(name string) error { out = append(out, name); return nil }); err != nil {
		t.Fatal(err)
	}
	return out
}

func read(t *testing.T, k custody.Keeper, name string) []byte {
	t.Helper()
	o, err := k.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	b, err := io.ReadAll(io.NewSectionReader(o, 0, o.Size()))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func sealedOnce(t *testing.T, k custody.Keeper) {
	body := Body(1000)
	for range 2 {
		id := seal(t, k, body)
		if err := custody.Check(k, id); err != nil {
			t.Error(err)
		}
	}
	if got := list(t, k); !slices.Equal(got, []string{Name(body)}) {
		t.Errorf("kept %v", got)
	}
}

func sizes(t *testing.T, k custody.Keeper) {
	const block = 1 << 20
	for _, n := range []int{0, 1, block - 1, block, block + 1, 3*block + 7} {
		body := Body(n)
		id := seal(t, k, body)
		if !bytes.Equal(read(t, k, id), body) {
			t.Errorf("%d bytes do not come back", n)
		}
		o, err := k.Open(id)
		if err != nil {
			t.Fatal(err)
		}
		if n < 2 { // reading what is longer in every way takes long
			if err := iotest.TestReader(io.NewSectionReader(o, 0, o.Size()), body); err != nil {
				t.Errorf("%d bytes: %v", n, err)
			}
		}
		for _, at := range []int{0, n / 2, n - 1, n, n + 1} {
			if at < 0 {
				continue
			}
			p := make([]byte, 100)
			got, err := o.ReadAt(p, int64(at))
			want := body[min(at, n):min(at+100, n)]
			if !bytes.Equal(p[:got], want) || (got < len(p)) != errors.Is(err, io.EOF) {
				t.Errorf("%d bytes, at %d: %d bytes, %v", n, at, got, err)
			}
		}
		o.Close()
	}
}

func order(t *testing.T, k custody.Keeper) {
	var want []string
	for n := range 10 {
		want = append(want, seal(t, k, Body(n+1)))
	}
	slices.Sort(want)
	if got := list(t, k); !slices.Equal(got, want) {
		t.Errorf("listed %v, want %v", got, want)
	}
}

func discarded(t *testing.T, k custody.Keeper) {
	d, err := k.Create()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Write(Body(100)); err != nil {
		t.Fatal(err)
	}
	d.Discard()
	if got := list(t, k); len(got) != 0 {
		t.Errorf("kept %v", got)
	}
}

func missing(t *testing.T, k custody.Keeper) {
	name := Name([]byte("never kept"))
	if _, err := k.Open(name); !fault.Is(err, fault.NotFound) {
		t.Errorf("opened: %v", err)
	}
	if err := custody.Check(k, name); !fault.Is(err, fault.NotFound) {
		t.Errorf("checked: %v", err)
	}
	if err := k.Remove(name); err != nil {
		t.Errorf("removed: %v", err)
	}
}

func elsewhere(t *testing.T, k custody.Keeper) {
	for _, name := range []string{"", "ab", "../../etc/passwd", "/abc", "abc/def", ".hidden"} {
		if _, err := k.Open(name); !fault.Is(err, fault.Invalid) {
			t.Errorf("opened %q: %v", name, err)
		}
		if err := k.Remove(name); !fault.Is(err, fault.Invalid) {
			t.Errorf("removed %q: %v", name, err)
		}
		d, err := k.Create()
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Keep(name); !fault.Is(err, fault.Invalid) {
			t.Errorf("kept %q: %v", name, err)
		}
		d.Discard()
	}
}

func removed(t *testing.T, k custody.Keeper) {
	other := seal(t, k, []byte("another"))
	for range 2 {
		id := seal(t, k, []byte("letter"))
		for range 2 {
			if err := k.Remove(id); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := k.Open(id); !fault.Is(err, fault.NotFound) {
			t.Errorf("what was removed: %v", err)
		}
	}
	if got := list(t, k); !slices.Equal(got, []string{other}) {
		t.Errorf("left is %v", got)
	}
}

func together(t *testing.T, k custody.Keeper) {
	body := Body(50_000)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if _, _, err := custody.Seal(k, bytes.NewReader(body), 1<<20); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got := list(t, k); len(got) != 1 || !bytes.Equal(read(t, k, got[0]), body) {
		t.Errorf("kept %v", got)
	}
}

func reading(t *testing.T, k custody.Keeper) {
	body := Body(3 << 20)
	o, err := k.Open(seal(t, k, body))
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	var wg sync.WaitGroup
	for n := range 8 {
		wg.Go(func() {
			p := make([]byte, 1000)
			for at := n * 1000; at+len(p) <= len(body); at += 300_000 {
				if _, err := o.ReadAt(p, int64(at)); err != nil || !bytes.Equal(p, body[at:at+len(p)]) {
					t.Errorf("at %d: %v", at, err)
				}
			}
		})
	}
	wg.Wait()
}

func stopping(t *testing.T, k custody.Keeper) {
	for n := range 5 {
		seal(t, k, Body(n+1))
	}
	enough, seen := errors.New("enough"), 0
	err := k.List(func(string) error {
		if seen++; seen == 2 {
			return enough
		}
		return nil
	})
	if !errors.Is(err, enough) || seen != 2 {
		t.Errorf("%v after %d names", err, seen)
	}
}

func failing(t *testing.T, k custody.Keeper) {
	r := io.MultiReader(strings.NewReader("half of it"), iotest.ErrReader(errors.New("the stick was pulled")))
	if _, _, err := custody.Seal(k, r, 1<<20); !fault.Is(err, fault.Unavailable) {
		t.Errorf("%v", err)
	}
	if _, _, err := custody.Seal(k, bytes.NewReader(Body(11)), 10); !fault.Is(err, fault.TooLarge) {
		t.Errorf("too large: %v", err)
	}
	if got := list(t, k); len(got) != 0 {
		t.Errorf("kept %v", got)
	}
}
