package app

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"runtime/metrics"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"

	"suraag/fault"
	"suraag/media"
	"suraag/pdq"
)

type benchCmd struct {
	Part      []string `help:"What to measure: list, intake, store, pdq, search, hostile. May be repeated; default all." enum:"list,intake,store,pdq,search,hostile" default:"list,intake,store,pdq,search,hostile" placeholder:"NAME"`
	Entries   int      `help:"Entries of the made hash set." default:"1000000"`
	Rows      int      `help:"Rows of the made table of observations." default:"100000"`
	Sightings int      `help:"Sightings of the made record, at least 1000." default:"5000000"`
	Traces    int      `help:"Traces of each kind." default:"30"`
	Codes     int      `help:"Codes in the search index." default:"1000000"`
	Questions int      `help:"Searches of each kind." default:"1000"`
	Peer      string   `help:"Program that searches the same codes beside this one, as bench/peers.sh builds it." placeholder:"FILE"`
	Keep      bool     `help:"Leave the folder of the made record."`
}

// Help is the long help of the command.
func (benchCmd) Help() string {
	return `Measures this program on this machine with made data, in a fresh folder that is removed afterwards. The record in use is not touched. --json prints the figures with the machine they were measured on.

  list    import of made hash sets, CSV and VICS, sorted and not: rows a second, peak heap; the first question of one
  intake  a made table of observations: rows a second, peak heap
  store   a made record: sightings written a second, bytes each, how long a trace takes
  pdq     PDQ of a 512×512 picture, and from a JPEG's bytes to all its digests
  search  near codes among many: one by one, by a plain scan, as a batch, from a snapshot; with --peer beside FAISS
  hostile the same among codes that crowd together

The made record needs about 2 KB of disk for each sighting. With the default sizes all parts together take from half an hour to some hours.

Examples:
  suraag bench --part pdq --part search
  suraag bench --part store --sightings 200000 --json

` + exitCodes
}

// Benchmark is what was measured, and on what.
type Benchmark struct {
	At      time.Time `json:"at"`
	Version string    `json:"version"`
	Machine Machine   `json:"machine"`
	Figures []Figure  `json:"figures"`
}

// Machine is what the figures hold for.
type Machine struct {
	OS        string `json:"os"`
	Arch      string `json:"arch"`
	Processor string `json:"processor,omitempty"`
	Cores     int    `json:"cores"`
	Go        string `json:"go"`
	Load      string `json:"load,omitempty"` // of the last 1, 5 and 15 minutes when the run began
}

// Figure is one number.
type Figure struct {
	Part  string  `json:"part"`
	What  string  `json:"what"`
	Value float64 `json:"value"`
	Unit  string  `json:"unit"`
}

// bench is one run.
type bench struct {
	*stage
	cmd     *benchCmd
	dir     string
	machine Machine
	figures []Figure
}

func (c *benchCmd) Run(s *stage) error {
	if s.cli.DB != "" {
		return fault.WithHint(fault.Newf(fault.Denied, "made data do not go into %q", s.cli.DB), "leave --db out")
	}
	if c.Sightings < 1000 || c.Entries < 1 || c.Rows < 1 || c.Traces < 1 || c.Codes < 1 || c.Questions < 1 {
		return fault.Newf(fault.Invalid, "sizes must be above zero, and --sightings at least 1000")
	}
	if s.cli.Data != "" {
		if err := os.MkdirAll(s.cli.Data, 0o700); err != nil {
			return fault.As(fault.Unavailable, err)
		}
	}
	dir, err := os.MkdirTemp(s.cli.Data, "suraag-bench-")
	if err != nil {
		return fault.As(fault.Unavailable, err)
	}
	if c.Keep {
		fmt.Fprintln(s.err, "made data stay in", dir)
	} else {
		defer os.RemoveAll(dir)
	}
	b := &bench{stage: s, cmd: c, dir: dir, machine: machine()}
	parts := []struct {
		name string
		run  func() error
	}{{"list", b.list}, {"intake", b.intake}, {"store", b.store}, {"pdq", b.pdq}, {"search", b.search}, {"hostile", b.hostile}} // the heap of the first is measured, so nothing goes before it
	for _, p := range parts {
		if !slices.Contains(c.Part, p.name) {
			continue
		}
		if err := p.run(); err != nil {
			return err
		}
	}
	return b.show()
}

func (b *bench) show() error {
	out := Benchmark{At: time.Now().UTC(), Version: Version, Machine: b.machine, Figures: b.figures}
	if b.cli.JSON {
		return b.print(out)
	}
	t := b.table("part", "what", "value", "unit")
	for _, f := range out.Figures {
		t.AppendRow(table.Row{f.Part, f.What, number(f.Value), f.Unit})
	}
	t.Render()
	m := out.Machine
	fmt.Fprintf(b.out, "\n%s, %s/%s, %d cores, %s, load %s. %s\n", m.Processor, m.OS, m.Arch, m.Cores, m.Go, m.Load, out.At.Format("2 January 2006 15:04 MST"))
	return nil
}

// number shows small values with the digits that matter.
func number(v float64) string {
	if v >= 100 {
		return fmt.Sprintf("%.0f", v)
	}
	return fmt.Sprintf("%.3g", v)
}

func machine() Machine {
	m := Machine{OS: runtime.GOOS, Arch: runtime.GOARCH, Cores: runtime.NumCPU(), Go: runtime.Version(), Processor: "processor not known"}
	if load, err := os.ReadFile("/proc/loadavg"); err == nil {
		m.Load = strings.Join(strings.Fields(string(load))[:3], " ")
	}
	text, err := os.ReadFile("/proc/cpuinfo") // Linux only; elsewhere the name is left open
	if err != nil {
		return m
	}
	for line := range strings.Lines(string(text)) {
		if name, value, _ := strings.Cut(line, ":"); strings.TrimSpace(name) == "model name" {
			m.Processor = strings.TrimSpace(value)
			break
		}
	}
	return m
}

func (b *bench) found(part, unit string, value float64, what string, args ...any) {
	f := Figure{Part: part, What: fmt.Sprintf(what, args...), Value: value, Unit: unit}
	b.figures = append(b.figures, f)
	fmt.Fprintf(b.err, "%s: %s: %s %s\n", part, f.What, number(value), unit)
}

// spread reports the middle and the slow end of many times.
func (b *bench) spread(part, what string, times []time.Duration) {
	b.found(part, "ms", milliseconds(quantile(times, 0.5)), "%s, p50 of %d", what, len(times))
	b.found(part, "ms", milliseconds(quantile(times, 0.95)), "%s, p95 of %d", what, len(times))
}

// quantile sorts the times and gives the one below which that share lies.
func quantile(times []time.Duration, share float64) time.Duration {
	slices.Sort(times)
	return times[min(len(times)-1, int(share*float64(len(times))))]
}

func milliseconds(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e6 }

func microseconds(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e3 }

// timed runs f n times, or until the context ends.
func (b *bench) timed(n int, f func(i int) error) ([]time.Duration, error) {
	var out []time.Duration
	for i := range n {
		if err := b.ctx.Err(); err != nil {
			return nil, err
		}
		began := time.Now()
		if err := f(i); err != nil {
			return nil, err
		}
		out = append(out, time.Since(began))
	}
	return out, nil
}

// peak watches the heap until it is asked for its highest, in bytes.
func peak() (stop func() uint64) {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	done := make(chan struct{})
	var most uint64
	var watching sync.WaitGroup
	watching.Go(func() {
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for {
			metrics.Read(sample)
			most = max(most, sample[0].Value.Uint64())
			select {
			case <-done:
				return
			case <-tick.C:
			}
		}
	})
	return func() uint64 {
		close(done)
		watching.Wait()
		return most
	}
}

const megabyte = 1 << 20

// openIn opens a record of its own below the folder of the run.
func (b *bench) openIn(name string) (*house, error) {
	b.cli.Data = filepath.Join(b.dir, name)
	return b.open(true)
}

// pdq hashes a made picture, from its pixels and from a JPEG's bytes.
func (b *bench) pdq() error {
	img := madePicture(512, 512)
	times, err := b.timed(200, func(int) error { _, err := pdq.Of(img, pdq.Full); return err })
	if err != nil {
		return err
	}
	b.spread("pdq", "PDQ of 512×512 pixels in memory", times)
	for _, side := range [][2]int{{512, 512}, {3000, 2000}} {
		var file bytes.Buffer
		if err := jpeg.Encode(&file, madePicture(side[0], side[1]), nil); err != nil {
			return fault.As(fault.Internal, err)
		}
		n := 100_000_000 / (side[0] * side[1])
		times, err := b.timed(min(100, n), func(int) error {
			p, err := media.Fingerprint(b.ctx, bytes.NewReader(file.Bytes()), int64(file.Len()), media.DefaultLimits())
			if err == nil && p.PDQ.IsZero() {
				err = fault.Newf(fault.Internal, "the made picture has no PDQ: %s", p.Problem)
			}
			return err
		})
		if err != nil {
			return err
		}
		b.spread("pdq", fmt.Sprintf("JPEG %d×%d to MD5, SHA-1, SHA-256 and PDQ in 8 orientations", side[0], side[1]), times)
	}
	return nil
}

// madePicture draws soft shapes with some noise.
func madePicture(w, h int) image.Image {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	r := rand.New(rand.NewPCG(1, 2))
	for y := range h {
		for x := range w {
			v := 60*x/w + 80*y/h + 90*((x*8/w+y*6/h)%2) + r.IntN(16)
			img.SetRGBA(x, y, color.RGBA{uint8(v), uint8(v / 2), uint8(255 - v), 255})
		}
	}
	return img
}
