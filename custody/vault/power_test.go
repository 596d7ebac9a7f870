package vault

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"suraag/custody/disk/fragile"
)

// The power goes at every step of a change of keys, a hundred times with other
// remains. Until the record is encrypted to the new key, the old one lies in its
// place; from then on the new one lies there, or waits beside it, and the old one is
// there too.
func TestPowerLossWhileTheKeyChanges(t *testing.T) {
	const path, next, before = "/data/unit.key", "/data/unit.key.next-1", "/data/unit.key.before-1"
	old, fresh := []byte("the old key\n"), []byte("the new key\n")
	begin := func(steps int) (d *fragile.Disk, made, committed, done bool) {
		d = fragile.New(steps)
		if d.Mkdir("/data") != nil || d.SyncFolder("/") != nil || writeKey(d, path, old) != nil {
			return d, false, false, false
		}
		if writeKey(d, next, fresh) != nil {
			return d, true, false, false
		}
		return d, true, true, takePlace(d, next, path, before) == nil
	}
	whole, made, committed, done := begin(1 << 20)
	if !made || !committed || !done {
		t.Fatal("it does not even work with power")
	}
	steps := 1<<20 - whole.Left()
	if steps < 15 {
		t.Fatalf("only %d steps; the disk is not used", steps)
	}
	for at := range steps {
		d, made, committed, done := begin(at)
		if !made {
			continue
		}
		for seed := range uint64(100) {
			found := d.Afterwards(rand.New(rand.NewPCG(seed, uint64(at))))
			there := func(name string, body []byte) bool { return bytes.Equal(found[name], body) }
			switch {
			case !committed && !there(path, old):
				t.Fatalf("step %d: before the record was changed, %q lies in the key's place", at, found[path])
			case committed && !(there(path, fresh) && there(before, old)) && !(there(path, old) && there(next, fresh)):
				t.Fatalf("step %d: afterwards there are %q", at, found)
			case done && !there(path, fresh):
				t.Fatalf("step %d: it was said to be done, and %q lies in the key's place", at, found[path])
			}
		}
	}
}
