package match_test

import (
	"flag"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"suraag/match"
)

var large = flag.Bool("large", false, "also run the benchmarks that need gigabytes of memory")

func BenchmarkSearch1M(b *testing.B) { benchmarkSearch(b, 1_000_000) }

func BenchmarkSearch10M(b *testing.B) {
	if !*large {
		b.Skip("needs -large: 2 GB and some minutes")
	}
	benchmarkSearch(b, 10_000_000)
}

func BenchmarkSearch100M(b *testing.B) {
	if !*large {
		b.Skip("needs -large: 14 GB and many minutes")
	}
	benchmarkSearch(b, 100_000_000)
}

// benchmarkSearch asks half the time for a near copy of an entry and half the time
// for a code of its own. It reports the time to build, the memory of each code, and how
// the times of questions are spread, all in time of this thread on a processor, so that
// whatever else the machine does disturbs little.
func benchmarkSearch(b *testing.B, n int) {
	for _, kind := range []string{"uniform", "clustered", "few bits set", "half shared", "one crowd", "all equal"} {
		b.Run(kind, func(b *testing.B) {
			at := distinct(kind, n)
			before := heap()
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			began := cpuTime()
			x, err := match.Build(b.Context(), n, at)
			if err != nil {
				b.Fatal(err)
			}
			built := cpuTime() - began
			perCode := float64(heap()-before) / float64(n)
			r := rand.New(rand.NewPCG(1, 1))
			var times []time.Duration
			for b.Loop() {
				_, q := at(r.IntN(n))
				if q = flip(r, q, r.IntN(32)); r.IntN(2) == 0 {
					_, q = at(n + r.IntN(n))
					q = flip(r, q, 70) // as far from what is held as other codes of the kind or farther
				}
				began := cpuTime()
				hits := 0
				_ = x.Search(b.Context(), q, 31, func(match.Hit) bool { hits++; return hits < 1000 })
				times = append(times, cpuTime()-began)
			}
			slices.Sort(times)
			at100 := func(p int) float64 { return float64(times[(len(times)-1)*p/100].Nanoseconds()) / 1000 }
			b.ReportMetric(at100(5), "µs-p5")
			b.ReportMetric(at100(50), "µs-median")
			b.ReportMetric(at100(99), "µs-p99")
			b.ReportMetric(built.Seconds(), "s-build")
			b.ReportMetric(perCode, "B/code")
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(scanned(b, x, at, n), "µs-scan")
			runtime.KeepAlive(x)
		})
	}
}

// scanned gives the median time of a plain scan of the same codes.
func scanned(b *testing.B, x match.Index, at func(int) (uint64, match.Code), n int) float64 {
	var times []time.Duration
	for i := range 15 {
		_, q := at(n + i)
		began := cpuTime()
		hits := 0
		_ = x.Search(b.Context(), q, 41, func(match.Hit) bool { hits++; return hits < 1000 }) // past 40 it scans
		times = append(times, cpuTime()-began)
	}
	slices.Sort(times)
	return float64(times[len(times)/2].Nanoseconds()) / 1000
}

// distinct makes the i-th code of a kind from i alone, so that none need be kept.
func distinct(kind string, n int) func(i int) (uint64, match.Code) {
	src := rand.NewPCG(0, 0)
	r := rand.New(src)
	crowd := random(rand.New(rand.NewPCG(9, 9)))
	return func(i int) (uint64, match.Code) {
		src.Seed(uint64(i), uint64(n))
		c := quick(r)
		switch kind {
		case "clustered": // by thirties
			src.Seed(uint64(i/30), 3)
			centre := quick(r)
			src.Seed(uint64(i), 4)
			c = flip(r, centre, r.IntN(40))
		case "few bits set":
			c = flip(r, match.Code{}, 40)
		case "half shared":
			copy(c[:16], crowd[:16])
		case "one crowd":
			c = flip(r, crowd, r.IntN(20))
		case "all equal":
			c = crowd
		}
		return uint64(i), c
	}
}

func quick(r *rand.Rand) (c match.Code) {
	for i := 0; i < len(c); i += 8 {
		v := r.Uint64()
		for j := range 8 {
			c[i+j] = byte(v >> (8 * j))
		}
	}
	return c
}

func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// processTime tells how long all threads together have run.
func processTime() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// cpuTime tells how long this thread has run.
func cpuTime() time.Duration {
	const thread = 3 // CLOCK_THREAD_CPUTIME_ID of <linux/time.h>
	var t syscall.Timespec
	_, _, _ = syscall.RawSyscall(syscall.SYS_CLOCK_GETTIME, thread, uintptr(unsafe.Pointer(&t)), 0)
	return time.Duration(t.Nano())
}

// BenchmarkBatch1M answers ten thousand questions at a time.
func BenchmarkBatch1M(b *testing.B) { benchmarkBatch(b, 1_000_000) }

func BenchmarkBatch10M(b *testing.B) {
	if !*large {
		b.Skip("needs -large: 2 GB and some minutes")
	}
	benchmarkBatch(b, 10_000_000)
}

func benchmarkBatch(b *testing.B, n int) {
	at := distinct("uniform", n)
	x, err := match.Build(b.Context(), n, at)
	if err != nil {
		b.Fatal(err)
	}
	questions := make([]match.Code, 10_000)
	for i := range questions {
		_, questions[i] = at(n + i)
	}
	all := func(int, match.Hit) bool { return true }
	for name, ask := range map[string]func() error{
		"one by one": func() error {
			for _, q := range questions {
				if err := x.Search(b.Context(), q, 31, func(match.Hit) bool { return true }); err != nil {
					return err
				}
			}
			return nil
		},
		"batch": func() error { return match.Batch(b.Context(), x, questions, 31, all) },
	} {
		b.Run(name, func(b *testing.B) {
			began := processTime()
			for b.Loop() {
				if err := ask(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/1000/float64(b.N*len(questions)), "µs/question")
			b.ReportMetric(float64((processTime()-began).Nanoseconds())/1000/float64(b.N*len(questions)), "µs-processor/question")
		})
	}
}

// BenchmarkOpen10M opens a snapshot that the system still has in memory.
func BenchmarkOpen10M(b *testing.B) {
	if !*large {
		b.Skip("needs -large: 2 GB and some minutes")
	}
	const n = 10_000_000
	x, err := match.Build(b.Context(), n, distinct("uniform", n))
	if err != nil {
		b.Fatal(err)
	}
	f, err := os.Create(filepath.Join(b.TempDir(), "index"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	if err := match.Save(f, x); err != nil {
		b.Fatal(err)
	}
	x = nil
	for b.Loop() {
		if x, err = match.Open(f); err != nil || x.Len() != n {
			b.Fatal(err)
		}
		x = nil
		runtime.GC()
	}
}
