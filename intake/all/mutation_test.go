package all_test

import (
	"bytes"
	"context"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"suraag/intake"
	"suraag/intake/all"
	"suraag/intake/intaketest"
	"suraag/sighting"
)

// What one damaged file may cost.
const (
	patience = 10 * time.Second
	heapMost = 512 << 20
)

// mutations is how many damaged files each reader gets. The gate asks for more
// than the ordinary run.
func mutations(t *testing.T) int {
	t.Helper()
	text := os.Getenv("SURAAG_MUTATIONS")
	if text == "" {
		return 300
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("SURAAG_MUTATIONS %q is not a number", text)
	}
	return n
}

// costly readers get fewer: a PDF is read by an interpreted guest with bounds of its
// own, some hundred times slower than Go, and slower still under the race detector.
var costly = map[string]int{"pdf/text": 24}

// file is one sample for a reader.
type file struct {
	name string
	data []byte
	base intaketest.Records
}

// elsewhere holds samples of formats of our own, which lie beside their readers.
var elsewhere = []string{"../generic/testdata", "../hashlist/testdata", "../ncmec/testdata", "../threatexchange/testdata", "../stopncii/testdata", "../nsrl/testdata", "../metadyi/testdata", "../cdr/testdata", "../discord/testdata", "../snap/testdata", "../xreturn/testdata", "../autopsy/testdata", "../complaint/testdata", "../pdftext/testdata", "../cybertip/testdata", "../cybertip/testdata/esp"}

// filesOf gives the samples by the format that reads them.
func filesOf(t *testing.T) map[string][]file {
	t.Helper()
	out := map[string][]file{}
	add := func(name string, data []byte) {
		r := intaketest.Collect(t, all.Formats(), name, data, intake.Options{})
		for _, format := range r.Result.Formats() {
			out[format] = append(out[format], file{name, data, r})
		}
	}
	files := samples(t)
	for _, name := range sorted(files) {
		add(name, files[name])
	}
	for _, folder := range elsewhere {
		paths, err := filepath.Glob(folder + "/*")
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			if info, err := os.Stat(path); err != nil || info.IsDir() || strings.HasSuffix(path, ".golden") || info.Size() > 1<<20 {
				continue
			}
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			add(path, data)
		}
	}
	return out
}

// Each reader gets damaged files. It must return, in bounded time and memory,
// with places inside the file; and no record may vanish without a word.
func TestDamagedFiles(t *testing.T) {
	files, n := filesOf(t), mutations(t)
	for _, format := range all.Formats() {
		t.Run(format.Name, func(t *testing.T) {
			if len(files[format.Name]) == 0 {
				t.Fatal("no sample is read by this format")
			}
			n := n
			if most, is := costly[format.Name]; is {
				n = min(n, most)
			}
			for i := range n {
				f := files[format.Name][i%len(files[format.Name])]
				d := damage(format.Name, i, f.data)
				if why := judge(t, format, f, d); why != "" {
					t.Errorf("%s, damage %d (%s): %s", f.name, i, d.kind, why)
				}
				if format.Again != nil {
					intaketest.CheckLean(t, []intake.Format{format}, f.name, d.data, intake.Options{Format: format.Name})
				}
				if i%100 == 0 {
					heap(t)
				}
				if t.Failed() && i > 0 && failures(t) {
					return
				}
			}
		})
	}
}

// failures stops at the first bad damage unless all are asked for.
func failures(t *testing.T) bool {
	t.Helper()
	return os.Getenv("SURAAG_MUTATIONS_ALL") == ""
}

func heap(t *testing.T) {
	t.Helper()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	if m.HeapAlloc > heapMost {
		runtime.GC()
		runtime.ReadMemStats(&m)
	}
	if m.HeapAlloc > heapMost {
		t.Errorf("the heap has %d bytes", m.HeapAlloc)
	}
}

// judge reads one damaged file and says what is wrong with the answer.
func judge(t *testing.T, format intake.Format, f file, d damaged) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	done := make(chan intaketest.Records, 1)
	go func() {
		var s intaketest.Sink
		s.Result, s.Err = intake.Read(ctx, []intake.Format{format}, intaketest.Source(f.name, d.data), intake.Options{Format: format.Name}, intake.Limits{}, &s)
		done <- s.Records
	}()
	var r intaketest.Records
	select {
	case r = <-done:
	case <-time.After(2 * patience):
		t.Fatalf("%s, %s: the reader did not return", f.name, d.kind)
	}
	if ctx.Err() != nil {
		return "the reader took more than " + patience.String()
	}
	if text := strings.Join(words(r), "\n"); strings.Contains(text, "broke on this file") {
		return text
	}
	if p := intaketest.PlaceProblems(f.name, d.data, r); len(p) > 0 {
		return strings.Join(p, "\n")
	}
	if d.kept && r.Count() < f.base.Count() && !newWords(r, f.base) {
		return fmt.Sprintf("%d records became %d and nothing was said", f.base.Count(), r.Count())
	}
	return ""
}

// words gathers everything that was said besides the records themselves.
func words(r intaketest.Records) []string {
	var out []string
	for _, b := range r.Bad {
		out = append(out, b.Reason)
	}
	for _, n := range r.Notes {
		out = append(out, n.Text)
	}
	for _, s := range r.Sightings {
		out = append(append(out, s.Notes...), names(s.Extra)...)
	}
	for _, l := range r.Leases {
		out = append(append(out, l.Notes...), names(l.Extra)...)
	}
	for _, l := range r.Listings {
		out = append(append(out, l.Notes...), names(l.Extra)...)
	}
	for _, m := range r.Result.Members {
		if m.Problem != "" {
			out = append(out, m.Problem)
		}
	}
	if r.Err != nil {
		out = append(out, r.Err.Error())
	}
	return out
}

// names gives the names of kept values: where a name is damaged, the value is
// kept under the damaged one.
func names(fields []sighting.Field) []string {
	var out []string
	for _, f := range fields {
		out = append(out, "keeps "+f.Name)
	}
	return out
}

// newWords tells whether something was said that is not said of the whole file.
func newWords(r, base intaketest.Records) bool {
	before := map[string]int{}
	for _, w := range words(base) {
		before[w]++
	}
	for _, w := range words(r) {
		if before[w]--; before[w] < 0 {
			return true
		}
	}
	return false
}

// damaged is a file after damage. kept: no byte was taken out or put in.
type damaged struct {
	kind string
	data []byte
	kept bool
}

// damage is always the same for the same format and number.
func damage(format string, n int, data []byte) damaged {
	h := fnv.New64a()
	h.Write([]byte(format))
	rng := rand.New(rand.NewPCG(h.Sum64(), uint64(n)))
	at := func() int { return rng.IntN(len(data)) }
	out := bytes.Clone(data)
	switch n % 8 {
	case 0, 1, 2:
		flips := 1 + rng.IntN(1+n%3*4)
		for range flips {
			out[at()] ^= byte(1 << rng.IntN(8))
		}
		return damaged{fmt.Sprintf("%d flips", flips), out, true}
	case 3:
		return damaged{"truncated", out[:at()], false}
	case 4:
		a, b := span(rng, len(data))
		return damaged{fmt.Sprintf("bytes %d to %d deleted", a, b), append(out[:a], data[b:]...), false}
	case 5:
		a, b := span(rng, len(data))
		return damaged{fmt.Sprintf("bytes %d to %d doubled", a, b), append(append(out[:b:b], data[a:b]...), data[b:]...), false}
	case 6:
		a := at()
		list := []string{"\x00", `"`, "'", "[", "]", "{", "}", "<", ">", "</", ",", "\n", "\r\n", "\t", "\xff\xfe", "\ufeff", "\u2028", "&#0;", "<!--", "-->"}
		what := strings.Repeat(list[rng.IntN(len(list))], 1+rng.IntN(8)*rng.IntN(40))
		return damaged{fmt.Sprintf("%.10q put in at %d", what, a), append(append(out[:a:a], what...), data[a:]...), false}
	}
	return damaged{"a huge number", huge(rng, data), false}
}

func span(rng *rand.Rand, size int) (a, b int) {
	a = rng.IntN(size)
	return a, min(size, a+1+rng.IntN(1+size/4))
}

// huge puts a number beyond every type in the place of one that is there.
func huge(rng *rand.Rand, data []byte) []byte {
	from := rng.IntN(len(data))
	for n := range data {
		a := (from + n) % len(data)
		if data[a] < '0' || data[a] > '9' {
			continue
		}
		b := a
		for b < len(data) && data[b] >= '0' && data[b] <= '9' {
			b++
		}
		what := []string{"99999999999999999999999999", "-1", "1e400", "0x7fffffffffffffff", strings.Repeat("9", 5000)}[rng.IntN(5)]
		return append(append(bytes.Clone(data[:a]), what...), data[b:]...)
	}
	return append(bytes.Clone(data), '9')
}
