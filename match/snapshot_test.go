package match_test

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"suraag/fault"
	"suraag/match"
)

func saved(t testing.TB, x match.Index) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := match.Save(&b, x); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func opened(t testing.TB, snapshot []byte) (match.Index, error) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "index")
	if err := os.WriteFile(name, snapshot, 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	return match.Open(f)
}

// An opened index answers as the saved one did and goes on to change.
func TestOpenedIsAsSaved(t *testing.T) {
	for kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			held := made(kind, 6000)
			plain, x := match.NewScan(), built(t, held[:5000])
			for i, p := range held {
				plain.Add(p.id, p.code)
				if x.Add(p.id, p.code); i%5 == 0 {
					plain.Remove(p.id, p.code)
					x.Remove(p.id, p.code)
				}
			}
			for name, x := range map[string]match.Index{"bands": x, "scan": plain} {
				again, err := opened(t, saved(t, x))
				if err != nil {
					t.Fatal(name, err)
				}
				r := rand.New(rand.NewPCG(6, 6))
				for radius := range 41 {
					sameAnswers(t, plain, again, flip(r, held[r.IntN(len(held))].code, r.IntN(50)), radius)
				}
				p := held[0]
				again.Add(1<<40, p.code)
				if !again.Remove(1<<40, p.code) || again.Remove(1<<40, p.code) {
					t.Errorf("%s: want to add and remove once", name)
				}
				sameAnswers(t, plain, again, p.code, 31)
			}
		})
	}
}

func TestEmptyIsSaved(t *testing.T) {
	x, err := opened(t, saved(t, match.NewBands()))
	if err != nil || x.Len() != 0 {
		t.Fatalf("%v, want an empty index", err)
	}
}

// Any one byte that is not what it was is noticed.
func TestDamagedIsRefused(t *testing.T) {
	good := saved(t, built(t, made("clustered", 500)))
	for _, cut := range []int{0, 1, 63, 64, 100, len(good) / 2, len(good) - 1} {
		if _, err := opened(t, good[:cut]); !fault.Is(err, fault.Corrupt) {
			t.Errorf("cut to %d bytes: error %v, want corrupt", cut, err)
		}
	}
	r := rand.New(rand.NewPCG(8, 1))
	noticed := 0
	for range 300 {
		bad := bytes.Clone(good)
		at := r.IntN(len(bad))
		if bad[at] ^= 1 << r.IntN(8); !padding(good, at) {
			if _, err := opened(t, bad); !fault.Is(err, fault.Corrupt) {
				t.Fatalf("byte %d of %d changed: error %v, want corrupt", at, len(bad), err)
			}
			noticed++
		}
	}
	if noticed < 100 {
		t.Errorf("%d changed bytes are too few to have tested anything", noticed)
	}
}

// padding tells whether a byte lies between sections, where it means nothing.
func padding(snapshot []byte, at int) bool {
	n := int(binary.LittleEndian.Uint32(snapshot[12:]))
	for i := range n {
		row := snapshot[64+32*i:]
		start, length := binary.LittleEndian.Uint64(row[16:]), binary.LittleEndian.Uint64(row[24:])
		if uint64(at) >= start && uint64(at) < start+length {
			return false
		}
	}
	return at >= 64+32*n
}

// FuzzOpen changes bytes and makes all check sums fit again: whatever is opened then
// must not break a search.
func FuzzOpen(f *testing.F) {
	good := saved(f, built(f, made("clustered", 300)))
	seeds := []struct {
		at   uint32
		with byte
	}{{0, 1}, {8, 9}, {12, 1}, {64, 2}, {70, 1}, {5000, 255}, {20_000, 255}, {uint32(len(good)) - 70, 7}}
	if len(seeds) == 0 {
		f.Fatal("no seeds")
	}
	for _, s := range seeds {
		f.Add(s.at, s.with)
	}
	f.Fuzz(func(t *testing.T, at uint32, with byte) {
		bad := bytes.Clone(good)
		bad[int(at)%len(bad)] ^= with
		mend(bad)
		x, err := opened(t, bad)
		if err != nil {
			if !fault.Is(err, fault.Corrupt) {
				t.Fatalf("error %v, want corrupt", err)
			}
			return
		}
		for _, p := range made("clustered", 20) {
			search(t, x, p.code, 31)
			x.Remove(p.id, p.code)
		}
	})
}

// mend makes check sums fit, where the table still leads to sections.
func mend(b []byte) {
	sums := crc32.MakeTable(crc32.Castagnoli)
	n := int(binary.LittleEndian.Uint32(b[12:]))
	if n > (len(b)-64)/32 {
		return
	}
	for i := range n {
		row := b[64+32*i:]
		start, length := binary.LittleEndian.Uint64(row[16:]), binary.LittleEndian.Uint64(row[24:])
		if start < uint64(len(b)) && length <= uint64(len(b))-start {
			binary.LittleEndian.PutUint32(row[8:], crc32.Checksum(b[start:start+length], sums))
		}
	}
	binary.LittleEndian.PutUint32(b[24:], crc32.Checksum(b[64:64+32*n], sums))
	binary.LittleEndian.PutUint32(b[60:], crc32.Checksum(b[:60], sums))
}
