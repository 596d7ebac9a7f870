package hashlist_test

import (
	"fmt"
	"strings"
	"testing"

	"suraag/intake"
	"suraag/intake/hashlist"
	"suraag/sighting"
)

// count is a sink that only counts.
type count struct{ listings, other int }

func (c *count) Sighting(sighting.Sighting) error { c.other++; return nil }
func (c *count) Lease(sighting.Lease) error       { c.other++; return nil }
func (c *count) Listing(sighting.Listing) error   { c.listings++; return nil }
func (c *count) Bad(sighting.Place, string) error { c.other++; return nil }
func (c *count) Note(sighting.Place, string) error {
	c.other++
	return nil
}

func BenchmarkRead(b *testing.B) {
	var text strings.Builder
	text.WriteString("md5,sha1,category\n")
	for n := range 10_000 {
		fmt.Fprintf(&text, "%032x,%040x,%d\n", n, n, n%3)
	}
	b.SetBytes(int64(text.Len()))
	listings := 0
	for b.Loop() {
		var c count
		in := &intake.Input{Name: "l.csv", Body: strings.NewReader(text.String())}
		if err := hashlist.Format().Read(in, &c); err != nil {
			b.Fatal(err)
		}
		if c.other > 0 || c.listings != 10_000 {
			b.Fatalf("%d listings, %d other", c.listings, c.other)
		}
		listings += c.listings
	}
	b.ReportMetric(float64(listings)/b.Elapsed().Seconds(), "listings/s")
}
