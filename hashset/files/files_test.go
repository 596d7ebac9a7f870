package files_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"suraag/digest"
	"suraag/fault"
	"suraag/hashset"
	"suraag/hashset/files"
	"suraag/sighting"
)

const source = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

var readers = map[string]int{"made/rows": 1}

func keeper(t testing.TB) (*files.Keeper, string) {
	t.Helper()
	dir := t.TempDir()
	k, err := files.In(dir)
	if err != nil {
		t.Fatal(err)
	}
	return k, dir
}

func value(k digest.Kind, r *rand.Rand) sighting.Value {
	raw := make([]byte, k.Size())
	for i := range raw {
		raw[i] = byte(r.Uint32())
	}
	return sighting.Value{Kind: k, Raw: raw}
}

// made gives entry n of a made list.
func made(n int, r *rand.Rand) sighting.Entry {
	e := sighting.Entry{Number: int64(n + 2), Start: int64(n) * 100, End: int64(n)*100 + 90, Scheme: "VICS US", Category: fmt.Sprint(n % 3)}
	e.Values = append(e.Values, value(digest.MD5, r), value(digest.SHA1, r))
	if n%2 == 0 {
		e.Values = append(e.Values, value(digest.PDQ, r))
	}
	return e
}

func keep(t testing.TB, k *files.Keeper, list []sighting.Entry) hashset.Entries {
	t.Helper()
	d, err := k.Create(source)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Discard()
	for _, e := range list {
		if err := d.Entry(&e); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Keep(t.Context(), readers); err != nil {
		t.Fatal(err)
	}
	return open(t, k)
}

func open(t testing.TB, k *files.Keeper) hashset.Entries {
	t.Helper()
	e, err := k.Open(source)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func of(t testing.TB, v sighting.Value) digest.Digest {
	t.Helper()
	d, err := digest.Of(v.Kind, v.Raw)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func find(t testing.TB, e hashset.Entries, d digest.Digest) []int64 {
	t.Helper()
	got, all, err := e.Find(d, 1000)
	if err != nil || all != int64(len(got)) {
		t.Fatalf("%v: %d of %d, %v", d, len(got), all, err)
	}
	return got
}

// Every entry is found by each of its values and nothing else is, whether the rows
// were sorted in memory or in many runs on disk, and whatever order they came in
// (IPED 2160: unsorted lists were forty times slower, because rows went into a tree
// one by one; here every list is sorted in the same way).
func TestEveryValueIsFound(t *testing.T) {
	for name, n := range map[string]int{"none": 0, "one": 1, "two": 2, "many": 5000} {
		for _, order := range []string{"sorted", "unsorted", "backwards"} {
			t.Run(name+" "+order, func(t *testing.T) {
				r := rand.New(rand.NewPCG(1, uint64(n)))
				k, dir := keeper(t)
				k.Small(20_000, 700)
				var list []sighting.Entry
				for i := range n {
					list = append(list, made(i, r))
				}
				slices.SortFunc(list, func(a, b sighting.Entry) int { return bytes.Compare(a.Values[0].Raw, b.Values[0].Raw) })
				switch order {
				case "unsorted":
					r.Shuffle(n, func(i, j int) { list[i], list[j] = list[j], list[i] })
				case "backwards":
					slices.Reverse(list)
				}
				e := keep(t, k, list)
				for i, x := range list {
					for _, v := range x.Values {
						if got := find(t, e, of(t, v)); !slices.Equal(got, []int64{int64(i)}) {
							t.Fatalf("entry %d by %s: %v", i, v.Kind, got)
						}
					}
					short, whole, err := e.At(int64(i))
					x.Values = nil
					if err != nil || whole != nil || fmt.Sprint(short) != fmt.Sprint(x) {
						t.Fatalf("entry %d: %v %v %v, want %v", i, short, whole, err, x)
					}
				}
				for range 1000 {
					if got := find(t, e, of(t, value(digest.SHA1, r))); len(got) > 0 {
						t.Fatalf("a value of no entry is of %v", got)
					}
				}
				if e.Len() != int64(n) || e.Kinds()[digest.PDQ] != int64((n+1)/2) {
					t.Errorf("%d entries, kinds %v", e.Len(), e.Kinds())
				}
				if left, _ := os.ReadDir(filepath.Join(dir, "drafts")); len(left) > 0 {
					t.Errorf("%d files are left in drafts", len(left))
				}
			})
		}
	}
}

// Values that crowd together, equal ones and those at both ends, are found too.
func TestUnkindValues(t *testing.T) {
	k, _ := keeper(t)
	k.Small(5000, 100)
	var list []sighting.Entry
	add := func(raw []byte) {
		list = append(list, sighting.Entry{Start: int64(len(list)), End: int64(len(list)), Values: []sighting.Value{{Kind: digest.MD5, Raw: raw}}})
	}
	for n := range 300 {
		add(bytes.Repeat([]byte{0}, 16))
		add(bytes.Repeat([]byte{0xff}, 16))
		add(append(bytes.Repeat([]byte{7}, 15), byte(n)))
		add(append([]byte{byte(n)}, bytes.Repeat([]byte{9}, 15)...))
	}
	e := keep(t, k, list)
	want := map[string]int{}
	for _, x := range list {
		want[string(x.Values[0].Raw)]++
	}
	for raw, n := range want {
		got, all, err := e.Find(of(t, sighting.Value{Kind: digest.MD5, Raw: []byte(raw)}), 5)
		if err != nil || all != int64(n) || len(got) != min(n, 5) {
			t.Fatalf("%x: %d of %d, want %d, %v", raw, len(got), all, n, err)
		}
		if !slices.IsSorted(got) {
			t.Errorf("%x: entries %v are not in order", raw, got)
		}
	}
}

func TestNearValues(t *testing.T) {
	k, _ := keeper(t)
	k.Small(20_000, 700)
	r := rand.New(rand.NewPCG(1, 5))
	var list []sighting.Entry
	for i := range 3000 {
		list = append(list, made(i, r))
	}
	e := keep(t, k, list)
	for range 50 {
		at := 2 * r.IntN(len(list)/2)
		raw := bytes.Clone(list[at].Values[2].Raw)
		for range 20 {
			bit := r.IntN(256)
			raw[bit/8] ^= 1 << (bit % 8)
		}
		look := of(t, sighting.Value{Kind: digest.PDQ, Raw: raw})
		want, _ := digest.Hamming(look, of(t, list[at].Values[2]))
		var got []hashset.Neighbour
		err := e.Near(t.Context(), []digest.Digest{of(t, value(digest.PDQ, r)), look}, 31, func(l int, n hashset.Neighbour) bool {
			if l == 1 {
				got = append(got, n)
			}
			return true
		})
		if err != nil || len(got) != 1 || got[0].Entry != int64(at) || got[0].Distance != want || got[0].Value != of(t, list[at].Values[2]) {
			t.Fatalf("near entry %d at %d bits: %v, %v", at, want, got, err)
		}
	}
}

// Entries kept whole come back just as they were, and can take others back.
func TestWholeListings(t *testing.T) {
	k, _ := keeper(t)
	r := rand.New(rand.NewPCG(1, 6))
	d, err := k.Create(source)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Discard()
	tmk, _, err := digest.Read("tmk", "a text, however long")
	if err != nil {
		t.Fatal(err)
	}
	var want []sighting.Listing
	for n := range 1000 {
		l := sighting.Listing{Digests: []digest.Digest{of(t, value(digest.SHA256, r))}, Ref: fmt.Sprint(n % 400), Series: strings.Repeat("é", n%50), Withdrawn: n%100 == 7}
		l.Place = sighting.Place{Member: "in.zip", Start: int64(n), End: int64(n + 1), Locator: fmt.Sprintf("entry %d", n)}
		if n == 500 {
			l.Digests = []digest.Digest{tmk}
		}
		if n%100 == 7 {
			l.Digests = nil
		}
		want = append(want, l)
		if err := d.Listing(l); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Keep(t.Context(), readers); err != nil {
		t.Fatal(err)
	}
	e := open(t, k)
	for n, w := range want {
		_, got, err := e.At(int64(n))
		if err != nil || got == nil || fmt.Sprint(*got) != fmt.Sprint(w) {
			t.Fatalf("entry %d: %v, %v, want %v", n, got, err, w)
		}
	}
	if got := find(t, e, tmk); !slices.Equal(got, []int64{500}) {
		t.Errorf("by a value that is text: %v", got)
	}
	for ref, entries := range map[string][]int64{"7": {7, 407, 807}, "107": {107, 507, 907}, "8": nil} {
		if got, err := e.Withdrawn(ref); err != nil || !slices.Equal(got, entries) {
			t.Errorf("what takes %q back: %v, %v; want %v", ref, got, err, entries)
		}
	}
}

// A changed byte anywhere is found before anything near it is believed, and a file
// that was cut off is refused.
func TestDamageIsFound(t *testing.T) {
	k, dir := keeper(t)
	r := rand.New(rand.NewPCG(1, 7))
	var list []sighting.Entry
	for i := range 200 {
		list = append(list, made(i, r))
	}
	keep(t, k, list)
	path := filepath.Join(dir, source[:2], source+".list")
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	check := func(data []byte) error {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o400); err != nil {
			t.Fatal(err)
		}
		fresh, err := files.In(dir)
		if err != nil {
			t.Fatal(err)
		}
		e, err := fresh.Open(source)
		if err != nil {
			return err
		}
		for i, x := range list {
			for _, v := range x.Values {
				got, _, err := e.Find(of(t, v), 10)
				if err != nil {
					return err
				}
				if !slices.Equal(got, []int64{int64(i)}) {
					t.Fatalf("damage went unseen: entry %d is %v", i, got)
				}
			}
		}
		return nil
	}
	for range 200 {
		bad := bytes.Clone(good)
		bad[r.IntN(len(bad))] ^= 1 << r.IntN(8)
		if err := check(bad); !fault.Is(err, fault.Corrupt) {
			t.Fatalf("a changed byte: %v", err)
		}
	}
	for _, n := range []int{0, 1, 63, 64, len(good) / 2, len(good) - 1} {
		if err := check(good[:n]); !fault.Is(err, fault.Corrupt) {
			t.Fatalf("cut to %d bytes: %v", n, err)
		}
	}
	if err := check(good); err != nil {
		t.Fatal(err)
	}
	if err := k.Drop(source); err != nil {
		t.Fatal(err)
	}
	if _, err := k.Open(source); !fault.Is(err, fault.NotFound) {
		t.Errorf("after it was dropped: %v", err)
	}
}

// Who asks goes on with what is open while the same entries are made again beside it.
func TestMadeAgainWhileAsked(t *testing.T) {
	k, dir := keeper(t)
	r := rand.New(rand.NewPCG(1, 8))
	list := []sighting.Entry{made(0, r), made(1, r)}
	old := keep(t, k, list)
	now := keep(t, k, append(list, made(2, r)))
	if old.Len() != 2 || now.Len() != 3 || len(find(t, old, of(t, list[0].Values[0]))) != 1 {
		t.Errorf("%d and %d entries", old.Len(), now.Len())
	}
	near, _ := filepath.Glob(filepath.Join(dir, "*", "*.near"))
	if len(near) != 1 {
		t.Errorf("%d indexes are left, want 1", len(near))
	}
}

// Eight ask while the entries are made again and again: nobody waits, and nobody
// finds anything but what the list says (ThreatExchange issue 1813: all workers loaded
// the index anew at once).
func TestAskedFromManySides(t *testing.T) {
	k, _ := keeper(t)
	r := rand.New(rand.NewPCG(1, 10))
	var list []sighting.Entry
	for i := range 300 {
		list = append(list, made(i, r))
	}
	keep(t, k, list)
	var asking sync.WaitGroup
	for side := range 8 {
		asking.Go(func() {
			for n := range 200 {
				e, err := k.Open(source)
				if err != nil {
					t.Error(err)
					return
				}
				at := (n*7 + side) % len(list)
				d, _ := digest.Of(digest.SHA1, list[at].Values[1].Raw)
				if got, _, err := e.Find(d, 10); err != nil || !slices.Equal(got, []int64{int64(at)}) {
					t.Errorf("entry %d: %v, %v", at, got, err)
					return
				}
				near := 0
				look, _ := digest.Of(digest.PDQ, list[at/2*2].Values[2].Raw)
				if err := e.Near(t.Context(), []digest.Digest{look}, 31, func(int, hashset.Neighbour) bool { near++; return true }); err != nil || near != 1 {
					t.Errorf("near entry %d: %d, %v", at, near, err)
					return
				}
			}
		})
	}
	for range 5 {
		keep(t, k, list)
	}
	asking.Wait()
}

func BenchmarkKeep(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 9))
	k, _ := keeper(b)
	var list []sighting.Entry
	for i := range 300_000 {
		e := made(i, r)
		e.Values = e.Values[:2]
		list = append(list, e)
	}
	for b.Loop() {
		keep(b, k, list)
	}
	b.ReportMetric(float64(len(list)*b.N)/b.Elapsed().Seconds(), "entries/s")
}

func BenchmarkFind(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 9))
	k, _ := keeper(b)
	var list []sighting.Entry
	for i := range 300_000 {
		e := made(i, r)
		e.Values = e.Values[:2]
		list = append(list, e)
	}
	e := keep(b, k, list)
	n := 0
	for b.Loop() {
		n++
		find(b, e, of(b, list[n*7919%len(list)].Values[n%2]))
	}
}
