package app_test

import (
	"encoding/json"
	"os"
	"slices"
	"testing"

	"suraag/app"
)

// A small run measures every part, checks what it made and leaves nothing behind.
func TestBenchRuns(t *testing.T) {
	dir := t.TempDir()
	text := ask(t, dir, "bench", "--entries", "300", "--rows", "500", "--sightings", "3000", "--traces", "3", "--codes", "2000", "--questions", "40")
	var b app.Benchmark
	if err := json.Unmarshal(text, &b); err != nil {
		t.Fatal(err)
	}
	var parts []string
	for _, f := range b.Figures {
		if f.Value <= 0 || f.Unit == "" || f.What == "" {
			t.Errorf("%+v says nothing", f)
		}
		parts = append(parts, f.Part)
	}
	if parts = slices.Compact(parts); !slices.Equal(parts, []string{"list", "intake", "store", "pdq", "search", "hostile"}) {
		t.Errorf("parts %q", parts)
	}
	if b.Machine.Cores == 0 || b.Machine.Go == "" || b.At.IsZero() {
		t.Errorf("machine %+v at %s", b.Machine, b.At)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
