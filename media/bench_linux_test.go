package media_test

import (
	"bufio"
	"flag"
	"os"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"suraag/pdq"
)

var files = flag.String("files", "", "names of JPEG files, one a line, for BenchmarkFiles")

// BenchmarkFiles takes both preparations of given files and reports processor time of the process, the least of all runs of
// each file, since a machine that is shared shows little else. Pin it to one processor, and run a peer in turn with it.
//
//	taskset -c 1 go test ./media -run - -bench Files -files LIST -benchtime 5x -cpu 1
func BenchmarkFiles(b *testing.B) {
	if *files == "" {
		b.Skip("no -files")
	}
	f, err := os.Open(*files)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	var decoding, all time.Duration
	n := 0
	for lines := bufio.NewScanner(f); lines.Scan(); n++ {
		least, decode := time.Hour, time.Hour
		for range b.N {
			begun := processorTime(b)
			file, err := os.ReadFile(lines.Text())
			if err != nil {
				b.Fatal(err)
			}
			img, err := fast(file)
			if err != nil {
				b.Fatal(lines.Text(), err)
			}
			decode = min(decode, processorTime(b)-begun)
			if _, _, err := pdq.Both(img); err != nil {
				b.Fatal(err)
			}
			least = min(least, processorTime(b)-begun)
		}
		decoding, all = decoding+decode, all+least
	}
	if n == 0 {
		b.Fatal("no files")
	}
	b.ReportMetric(all.Seconds()*1000/float64(n), "ms/picture")
	b.ReportMetric(decoding.Seconds()*1000/float64(n), "ms-decoding/picture")
}

func processorTime(b *testing.B) time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_PROCESS_CPUTIME_ID, &t); err != nil {
		b.Fatal(err)
	}
	return time.Duration(t.Nano())
}
