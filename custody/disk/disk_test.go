package disk_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"suraag/custody/disk"
	"suraag/custody/disk/fragile"
)

// The power goes before every step of keeping a file three times in a new folder, a
// hundred times with other remains: the file is there as it was acknowledged last, or
// as what came after it, whole.
func TestKeepWithoutPower(t *testing.T) {
	texts := []string{"the first", strings.Repeat("a longer one ", 20), "the last"}
	run := func(d *fragile.Disk) (acknowledged int, err error) {
		if err := disk.MakeFolder(d, "/data/custody"); err != nil {
			return 0, err
		}
		for n, text := range texts {
			if err := disk.Keep(d, "/data/custody/key", []byte(text)); err != nil {
				return n, err
			}
		}
		return len(texts), nil
	}
	whole := fragile.New(1 << 20)
	if n, err := run(whole); n != len(texts) || err != nil {
		t.Fatal(n, err)
	}
	steps := 1<<20 - whole.Left()
	if steps < 25 {
		t.Fatalf("only %d steps; the disk is not used", steps)
	}
	for at := range steps {
		d := fragile.New(at)
		n, err := run(d)
		if n < len(texts) && !strings.Contains(fmt.Sprint(err), fragile.ErrPower.Error()) {
			t.Fatalf("step %d: %v", at, err)
		}
		for seed := range uint64(100) {
			found, there := d.Afterwards(rand.New(rand.NewPCG(seed, uint64(at))))["/data/custody/key"]
			may := map[string]bool{texts[min(n, len(texts)-1)]: true}
			if n > 0 {
				may[texts[n-1]] = true
			}
			if !there && n > 0 || there && !may[string(found)] {
				t.Fatalf("power gone at step %d, %d files acknowledged: found %q (%v)", at, n, found, there)
			}
		}
	}
}

func TestMachine(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	for range 2 {
		if err := disk.MakeFolder(disk.Machine(), dir); err != nil {
			t.Fatal(err)
		}
	}
	for n := range 2 {
		name := filepath.Join(dir, "file")
		if err := disk.Keep(disk.Machine(), name, []byte(fmt.Sprint(n))); err != nil {
			t.Fatal(err)
		}
		if body, err := os.ReadFile(name); err != nil || string(body) != fmt.Sprint(n) {
			t.Errorf("%q, %v", body, err)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) != 1 {
		t.Errorf("left over: %v", left)
	}
	if err := disk.MakeFolder(disk.Machine(), filepath.Join(dir, "file", "c")); err == nil {
		t.Error("a folder inside a file")
	}
}
