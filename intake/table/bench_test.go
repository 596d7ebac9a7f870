package table_test

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"suraag/intake/table"
)

// BenchmarkHashRows reads rows of a plain hash list; the aim is above 300,000 a
// second on one core.
func BenchmarkHashRows(b *testing.B) {
	var text strings.Builder
	text.WriteString("md5,sha1,category\n")
	for n := range 10_000 {
		fmt.Fprintf(&text, "%032x,%040x,%d\n", n, n, n%3)
	}
	b.SetBytes(int64(text.Len()))
	rows := 0
	for b.Loop() {
		r, err := table.NewReader("x.csv", strings.NewReader(text.String()), table.Options{})
		if err != nil {
			b.Fatal(err)
		}
		for {
			if _, err := r.Next(); err == io.EOF {
				break
			} else if err != nil {
				b.Fatal(err)
			}
			rows++
		}
	}
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
}
