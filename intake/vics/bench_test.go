package vics_test

import (
	"testing"

	"suraag/intake"
	"suraag/intake/intaketest"
	"suraag/sighting"
)

// count is a sink that only counts.
type count struct {
	intaketest.Sink
	entries int
}

func (c *count) Entry(*sighting.Entry) error { c.entries++; return nil }

func BenchmarkShort(b *testing.B) {
	data := set(mediaOf(20_000, "")...)
	b.SetBytes(int64(len(data)))
	entries := 0
	for b.Loop() {
		var c count
		if _, err := intake.Read(b.Context(), formats(), intaketest.Source("set.json", data), intake.Options{}, intake.Limits{}, &c); err != nil {
			b.Fatal(err)
		}
		entries += c.entries
	}
	b.ReportMetric(float64(entries)/b.Elapsed().Seconds(), "entries/s")
}
