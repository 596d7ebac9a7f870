package app

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"suraag/fault"
	"suraag/flow"
	"suraag/match"
)

// codeKinds are how made codes lie. All but the first two are what an index that hopes
// for even spread would be attacked with.
var codeKinds = []string{"evenly spread", "near copies by thirties", "40 bits set of 256", "one half the same in all", "all within 20 bits of one", "all equal"}

// madeCodes gives the i-th code of a kind from i alone, so that none need be kept.
func madeCodes(kind string, n int) func(i int) (uint64, match.Code) {
	src := rand.NewPCG(9, 9)
	r := rand.New(src)
	centre := madeCode(r)
	return func(i int) (uint64, match.Code) {
		src.Seed(uint64(i), uint64(n))
		c := madeCode(r)
		switch kind {
		case "near copies by thirties":
			src.Seed(uint64(i/30), 3)
			c = madeCode(r)
			src.Seed(uint64(i), 4)
			flip(r, &c, r.IntN(40))
		case "40 bits set of 256":
			c = match.Code{}
			flip(r, &c, 40)
		case "one half the same in all":
			copy(c[:16], centre[:16])
		case "all within 20 bits of one":
			c = centre
			flip(r, &c, r.IntN(20))
		case "all equal":
			c = centre
		}
		return uint64(i), c
	}
}

func madeCode(r *rand.Rand) (c match.Code) {
	for i := 0; i < len(c); i += 8 {
		v := r.Uint64()
		for j := range 8 {
			c[i+j] = byte(v >> (8 * j))
		}
	}
	return c
}

// flip changes at most n bits.
func flip(r *rand.Rand, c *match.Code, n int) {
	for range n {
		bit := r.IntN(256)
		c[bit/8] ^= 1 << (bit % 8)
	}
}

// madeQuestions are half of them near copies of a code of the index and half strangers of the
// same kind.
func madeQuestions(at func(int) (uint64, match.Code), codes, n int) []match.Code {
	r := rand.New(rand.NewPCG(3, 4))
	out := make([]match.Code, n)
	for i := range out {
		if i%2 == 0 {
			_, out[i] = at(r.IntN(codes))
			flip(r, &out[i], r.IntN(32))
		} else {
			_, out[i] = at(codes + i)
			flip(r, &out[i], 70)
		}
	}
	return out
}

// mostHits ends a question that finds very many: what it costs then is to hand hits over.
const mostHits = 1000

// ask times one search on this thread's processor, in which other work disturbs little.
func (b *bench) ask(x match.Index, q match.Code, radius int) (took time.Duration, hits int, err error) {
	near := flow.DefaultPolicy().PDQDistance
	began := processorTime()
	err = x.Search(b.ctx, q, radius, func(h match.Hit) bool {
		if h.Distance <= near {
			hits++
		}
		return hits < mostHits
	})
	return processorTime() - began, hits, err
}

// byScan is a radius beyond those that bands serve: the same index then compares every code.
const byScan = 41

// built makes an index and tells what that took.
func (b *bench) built(part, kind string) (match.Index, func(int) (uint64, match.Code), error) {
	at := madeCodes(kind, b.cmd.Codes)
	before := liveHeap()
	began := processorTime()
	x, err := match.Build(b.ctx, b.cmd.Codes, at)
	if err != nil {
		return nil, nil, err
	}
	b.found(part, "s", (processorTime() - began).Seconds(), "%s: %d codes made and built into an index", kind, b.cmd.Codes)
	b.found(part, "bytes", float64(liveHeap()-before)/float64(b.cmd.Codes), "%s: memory of each code with its number", kind)
	return x, at, nil
}

func liveHeap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// search asks an index of evenly spread codes in every way there is.
func (b *bench) search() error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	x, at, err := b.built("search", codeKinds[0])
	if err != nil {
		return err
	}
	questions := madeQuestions(at, b.cmd.Codes, b.cmd.Questions)
	middle, err := b.beside(x, questions, at)
	if err != nil {
		return err
	}
	scanned, err := b.scanned("search", codeKinds[0], x, questions)
	if err != nil {
		return err
	}
	b.found("search", "×", float64(scanned)/float64(middle), "scan, times as long as a search")
	if err := b.batch(x, at); err != nil {
		return err
	}
	return b.snapshot(x)
}

// beside asks all questions one by one, turn by turn with the peer if there is one, and
// gives the middle of our times.
func (b *bench) beside(x match.Index, questions []match.Code, at func(int) (uint64, match.Code)) (time.Duration, error) {
	var p *peer
	if b.cmd.Peer != "" {
		var err error
		if p, err = b.startPeer(questions, at); err != nil {
			return 0, err
		}
		defer p.stop()
	}
	var ours []time.Duration
	const turn = 50
	for from := 0; from < len(questions); from += turn {
		var hits []int
		for _, q := range questions[from:min(from+turn, len(questions))] {
			took, n, err := b.ask(x, q, flow.DefaultPolicy().PDQDistance)
			if err != nil {
				return 0, err
			}
			ours, hits = append(ours, took), append(hits, n)
		}
		if p != nil {
			if err := p.turn(from, hits); err != nil {
				return 0, err
			}
		}
	}
	middle := b.microspread("search", fmt.Sprintf("%s: search within %d bits", codeKinds[0], flow.DefaultPolicy().PDQDistance), ours)
	if p != nil {
		p.tell(b, middle)
	}
	return middle, nil
}

// microspread reports the middle and the ends of many short times and gives the middle.
func (b *bench) microspread(part, what string, times []time.Duration) time.Duration {
	middle := quantile(times, 0.5)
	b.found(part, "µs", microseconds(middle), "%s, p50 of %d", what, len(times))
	b.found(part, "µs", microseconds(quantile(times, 0.05)), "%s, p5", what)
	b.found(part, "µs", microseconds(quantile(times, 0.99)), "%s, p99", what)
	return middle
}

// scanned asks some questions by comparing every code, gives the middle of the
// times, and holds what the bands find against it.
func (b *bench) scanned(part, kind string, x match.Index, questions []match.Code) (time.Duration, error) {
	var times []time.Duration
	for _, q := range questions[:min(len(questions), 20)] {
		took, want, err := b.ask(x, q, byScan)
		if err != nil {
			return 0, err
		}
		times = append(times, took)
		_, got, err := b.ask(x, q, flow.DefaultPolicy().PDQDistance)
		if err != nil {
			return 0, err
		}
		if got != want {
			return 0, fault.Newf(fault.Internal, "%s: %d near codes by bands, %d by scan, of %x", kind, got, want, q)
		}
	}
	middle := quantile(times, 0.5)
	b.found(part, "µs", microseconds(middle), "%s: scan of all, p50 of %d", kind, len(times))
	return middle, nil
}

// batch asks ten thousand questions one by one and all at once, turn by turn. Rates are by
// the clock on the wall, since a batch uses all processors; where other work takes those, the
// processor time of each question tells more.
func (b *bench) batch(x match.Index, at func(int) (uint64, match.Code)) error {
	const questions, turns = 10_000, 3
	asked := madeQuestions(at, b.cmd.Codes, min(questions, 10*b.cmd.Questions))
	near := flow.DefaultPolicy().PDQDistance
	hits := 0
	single, err := measureTurn(turns, func() error {
		for _, q := range asked {
			if err := x.Search(b.ctx, q, near, func(match.Hit) bool { hits++; return true }); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	batch, err := measureTurn(turns, func() error {
		return match.Batch(b.ctx, x, asked, near, func(int, match.Hit) bool { hits--; return true })
	})
	if err != nil {
		return err
	}
	if hits != 0 {
		return fault.Newf(fault.Internal, "one by one finds %d more near codes than as a batch", hits)
	}
	each := func(t time.Duration) float64 { return microseconds(t) / float64(len(asked)) }
	b.found("search", "questions/s", 1e6/each(single.wall), "%d questions one by one, best of %d turns", len(asked), turns)
	b.found("search", "questions/s", 1e6/each(batch.wall), "%d questions as a batch on %d cores, best of %d turns", len(asked), runtime.GOMAXPROCS(0), turns)
	b.found("search", "×", float64(single.wall)/float64(batch.wall), "batch, times the rate of one by one")
	b.found("search", "µs", each(single.processor), "processor time of a question alone")
	b.found("search", "µs", each(batch.processor), "processor time of a question in a batch")
	return nil
}

// turnTime is what one turn took: on the wall, and of all processors.
type turnTime struct{ wall, processor time.Duration }

// measureTurn does something some times and gives the least of both times.
func measureTurn(turns int, do func() error) (least turnTime, err error) {
	for i := range turns {
		began, used := time.Now(), programTime()
		if err := do(); err != nil {
			return least, err
		}
		wall, processor := time.Since(began), programTime()-used
		if i == 0 {
			least = turnTime{wall, processor}
		}
		least = turnTime{min(least.wall, wall), min(least.processor, processor)}
	}
	return least, nil
}

// snapshot writes the index to disk and opens it, checking every byte.
func (b *bench) snapshot(x match.Index) error {
	name := filepath.Join(b.dir, "index")
	f, err := os.Create(name)
	if err != nil {
		return fault.As(fault.Unavailable, err)
	}
	defer os.Remove(name)
	defer f.Close()
	if err := match.Save(f, x); err != nil {
		return err
	}
	began, used := time.Now(), programTime()
	opened, err := match.Open(f)
	if err != nil {
		return err
	}
	b.found("search", "s", time.Since(began).Seconds(), "snapshot of %d codes opened, every byte checked", b.cmd.Codes)
	b.found("search", "s", (programTime() - used).Seconds(), "processor time of that")
	if opened.Len() != x.Len() {
		return fault.Newf(fault.Internal, "the snapshot holds %d codes, not %d", opened.Len(), x.Len())
	}
	return nil
}

// hostile asks indexes of codes that crowd together.
func (b *bench) hostile() error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for _, kind := range codeKinds[1:] {
		if err := b.crowded(kind); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) crowded(kind string) error {
	x, at, err := b.built("hostile", kind)
	if err != nil {
		return err
	}
	questions := madeQuestions(at, b.cmd.Codes, b.cmd.Questions)
	var times []time.Duration
	for _, q := range questions {
		took, _, err := b.ask(x, q, flow.DefaultPolicy().PDQDistance)
		if err != nil {
			return err
		}
		times = append(times, took)
	}
	b.microspread("hostile", kind+": search", times)
	_, err = b.scanned("hostile", kind, x, questions)
	return err
}
