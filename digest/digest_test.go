package digest_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"suraag/digest"
	"suraag/fault"
)

const (
	md5hex    = "4bc93fb481892c12606a481fc53a0ad9"
	sha1hex   = "c711100ccbe414be072efb6a65b72a8656e72397"
	sha256hex = "5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8"
)

func TestRead(t *testing.T) {
	for _, c := range []struct {
		name, label, value string
		want               string
		doubt              string
	}{
		{"lower case", "MD5", md5hex, "md5:" + md5hex, ""},
		{"upper case, as VICS sets are distributed", "md5", strings.ToUpper(md5hex), "md5:" + md5hex, ""},
		{"in quotes and space", "SHA-1", ` "` + sha1hex + `" `, "sha1:" + sha1hex, ""},
		{"no label: length decides", "", sha1hex, "sha1:" + sha1hex, ""},
		{"label SHA1 on 64 hex digits (seen in a CyberTipline sample)", "SHA1", sha256hex, "sha256:" + sha256hex, "labelled sha1 but has the length of sha256; taken as sha256"},
		{"label decides among kinds of one length", "PDQ", sha256hex, "pdq:" + sha256hex, ""},
		{"ed2k has the length of MD5", "ED2K", md5hex, "ed2k:" + md5hex, ""},
		{"info hash has the length of SHA-1", "btih", sha1hex, "btih:" + sha1hex, ""},
		{"SHA-1 in base32, as Gnutella writes it", "SHA1", "Y4IRADGL4QKL4BZO7NVGLNZKQZLOOI4X", "sha1:" + sha1hex, ""},
		{"unknown label", "XYZ", md5hex, "md5:" + md5hex, `label "XYZ" is not a known hash; taken as md5 by its length`},
		{"ThreatExchange label", "HASH_SHA256", sha256hex, "sha256:" + sha256hex, ""},
		{"PDQ in base64, as Arachnid asks for it", "pdq", "XohImNooBHFR0OVvjcYpJ3NgPQ1qq73WKhHvch0VQtg=", "pdq:" + sha256hex, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, doubt, err := digest.Read(c.label, c.value)
			if err != nil {
				t.Fatal(err)
			}
			if got.String() != c.want || doubt != c.doubt {
				t.Errorf("got %s, doubt %q; want %s, doubt %q", got, doubt, c.want, c.doubt)
			}
		})
	}
}

func TestReadRefuses(t *testing.T) {
	for name, value := range map[string]string{
		"empty":            "",
		"placeholder":      "N/A",
		"31 digits":        md5hex[1:],
		"a letter too far": "g" + md5hex[1:],
	} {
		if d, _, err := digest.Read("MD5", value); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: got %v, %v; want an invalid error", name, d, err)
		}
	}
	if _, err := digest.Parse("sha1:" + sha256hex); err == nil {
		t.Error("Parse took a SHA-256 under the name sha1")
	}
}

func TestUnite(t *testing.T) {
	d := func(text string) digest.Digest {
		kind, c, _ := strings.Cut(text, ":")
		n := map[string]int{"md5": 32, "sha1": 40, "sha256": 64, "btih": 40, "pdq": 64}[kind]
		got, err := digest.Parse(kind + ":" + strings.Repeat(c, n))
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	set := func(texts ...string) []digest.Digest {
		var out []digest.Digest
		for _, x := range texts {
			out = append(out, d(x))
		}
		return out
	}
	for _, c := range []struct {
		name      string
		records   [][]digest.Digest
		groups    []int
		conflicts []digest.Conflict
	}{
		{"MD5 only, then MD5 with SHA-1", [][]digest.Digest{set("md5:a"), set("md5:a", "sha1:b")}, []int{0, 0}, nil},
		{"joined through a third", [][]digest.Digest{set("md5:a"), set("sha1:b"), set("md5:a", "sha1:b")}, []int{0, 0, 0}, nil},
		{"nothing shared", [][]digest.Digest{set("md5:a"), set("md5:b")}, []int{0, 1}, nil},
		{"near digests never join", [][]digest.Digest{set("pdq:a", "md5:a"), set("pdq:a", "md5:b")}, []int{0, 1}, nil},
		{
			"agree on MD5, differ on SHA-256: a collision, never one content",
			[][]digest.Digest{set("md5:a", "sha256:1"), set("md5:a", "sha256:2")},
			[]int{0, 1},
			[]digest.Conflict{{Shared: d("md5:a"), Stronger: set("sha256:1", "sha256:2")}},
		},
		{
			"the MD5-only record beside a collision stays alone",
			[][]digest.Digest{set("md5:a"), set("md5:a", "sha256:1"), set("md5:a", "sha256:2")},
			[]int{0, 1, 2},
			[]digest.Conflict{{Shared: d("md5:a"), Stronger: set("sha256:1", "sha256:2")}},
		},
		{
			"a hidden collision cuts the weakest tie only",
			[][]digest.Digest{set("md5:a", "sha1:b"), set("md5:a", "sha256:1"), set("sha1:b", "sha256:2")},
			[]int{0, 1, 0},
			[]digest.Conflict{{Shared: d("md5:a"), Stronger: set("sha256:1", "sha256:2")}},
		},
		{
			"two files of one torrent are two contents",
			[][]digest.Digest{set("btih:a", "sha1:b"), set("btih:a", "sha1:c")},
			[]int{0, 1},
			[]digest.Conflict{{Shared: d("btih:a"), Stronger: set("sha1:b", "sha1:c")}},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			groups, conflicts := digest.Unite(c.records)
			if diff := cmp.Diff(c.groups, groups); diff != "" {
				t.Errorf("groups (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.conflicts, conflicts, cmp.Comparer(func(a, b digest.Digest) bool { return a == b })); diff != "" {
				t.Errorf("conflicts (-want +got):\n%s", diff)
			}
		})
	}
}

// Reading sources in another order must give the same contents, or two units
// with the same documents would tell two stories.
func TestUniteIgnoresOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	value := func(kind string, n int) digest.Digest {
		length := map[string]int{"md5": 32, "sha1": 40, "sha256": 64}[kind]
		d, err := digest.Parse(kind + ":" + strings.Repeat(string("0123456789"[n]), length))
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	for range 300 {
		var records [][]digest.Digest
		for range 2 + rng.IntN(8) {
			var set []digest.Digest
			for _, k := range []string{"md5", "sha1", "sha256"} {
				if rng.IntN(2) == 0 {
					set = append(set, value(k, rng.IntN(3)))
				}
			}
			records = append(records, set)
		}
		groups, conflicts := digest.Unite(records)
		order := rng.Perm(len(records))
		shuffled := make([][]digest.Digest, len(records))
		for to, from := range order {
			shuffled[to] = records[from]
		}
		again, againConflicts := digest.Unite(shuffled)
		for a := range order {
			for b := range order {
				if (again[a] == again[b]) != (groups[order[a]] == groups[order[b]]) {
					t.Fatalf("records %v: %d and %d are together in one order only", records, order[a], order[b])
				}
			}
		}
		if len(conflicts) != len(againConflicts) {
			t.Fatalf("records %v: %d conflicts, then %d", records, len(conflicts), len(againConflicts))
		}
	}
}

func TestDistances(t *testing.T) {
	a, _ := digest.Of(digest.PDQ, make([]byte, 32))
	b, _ := digest.Of(digest.PDQ, slices.Repeat([]byte{0x81}, 32))
	if n, ok := digest.Hamming(a, b); !ok || n != 64 {
		t.Errorf("Hamming = %d, %v; want 64", n, ok)
	}
	p, _ := digest.Of(digest.PhotoDNA, make([]byte, 144))
	q, _ := digest.Of(digest.PhotoDNA, slices.Repeat([]byte{3}, 144))
	if n, ok := digest.SquaredDistance(p, q); !ok || n != 9*144 {
		t.Errorf("squared distance = %d, %v; want %d", n, ok, 9*144)
	}
	if _, ok := digest.Hamming(a, p); ok {
		t.Error("a PDQ and a PhotoDNA value were compared")
	}
}

// Whatever reads as a digest writes to a form that reads as the same digest.
func FuzzReadWrites(f *testing.F) {
	seeds := [][2]string{{"md5", md5hex}, {"SHA-1", "Y4IRADGL4QKL4BZO7NVGLNZKQZLOOI4X"}, {"", sha256hex}, {"tth", strings.Repeat("A", 39)}, {"vpdq", "x"}, {"", "N/A"}}
	if len(seeds) == 0 {
		f.Fatal("no seeds")
	}
	for _, s := range seeds {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, label, value string) {
		d, _, err := digest.Read(label, value)
		if err != nil {
			return
		}
		again, err := digest.Parse(d.String())
		if err != nil || again != d {
			t.Fatalf("%q %q reads as %s, which reads as %v, %v", label, value, d, again, err)
		}
	})
}
