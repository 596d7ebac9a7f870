package archive

import (
	"bytes"
	"context"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"suraag/custody/disk/fragile"
)

// The power goes before every step of unpacking, a hundred times with other remains: a
// folder that has its name is whole, and one that was acknowledged has its name.
func TestPowerLossWhileUnpacking(t *testing.T) {
	files := map[string]string{"suraag.db": strings.Repeat("rows ", 50), "originals/ab/abc": "a letter", "originals/cd/cde": "", "custody/tiles/checkpoint": "signed"}
	var packed bytes.Buffer
	w := NewWriter(&packed, "test", time.Date(2025, 3, 1, 0, 0, 0, 0, time.UTC))
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if err := w.Add(name, int64(len(files[name])), strings.NewReader(files[name])); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.Close(); err != nil {
		t.Fatal(err)
	}
	run := func(d *fragile.Disk) error {
		_, err := unpackOn(context.Background(), d, bytes.NewReader(packed.Bytes()), "/restored-in-a-test", DefaultLimits())
		return err
	}
	whole := fragile.New(1 << 20)
	if err := run(whole); err != nil {
		t.Fatal(err)
	}
	steps := 1<<20 - whole.Left()
	if steps < 30 {
		t.Fatalf("only %d steps; the disk is not used", steps)
	}
	for at := range steps + 1 {
		d := fragile.New(at)
		err := run(d)
		for seed := range uint64(100) {
			found := map[string]string{}
			for name, body := range d.Afterwards(rand.New(rand.NewPCG(seed, uint64(at)))) {
				if rel, is := strings.CutPrefix(name, "/restored-in-a-test/"); is {
					found[rel] = string(body)
				}
			}
			if (err == nil || len(found) > 0) && !maps.Equal(found, files) {
				t.Fatalf("power gone at step %d (%v): found %q", at, err, found)
			}
		}
	}
}
