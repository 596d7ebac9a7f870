package files

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"path"
	"strings"
	"testing"

	"suraag/custody"
	"suraag/custody/disk"
	"suraag/custody/disk/fragile"
)

// The power goes before every single step of three hand-ins, a hundred times with
// other remains: what was acknowledged is there, and whatever has a name is whole.
func TestPowerLossAtEveryStep(t *testing.T) {
	texts := []string{"the first document", strings.Repeat("a longer one ", 40), "the first document", "the last"}
	whole := fragile.New(1 << 20)
	acknowledged, err := sealAll(whole, texts)
	if err != nil || len(acknowledged) != len(texts) {
		t.Fatal(acknowledged, err)
	}
	steps := 1<<20 - whole.Left()
	if steps < 30 {
		t.Fatalf("only %d steps; the disk is not used", steps)
	}
	for at := range steps {
		d := fragile.New(at)
		acknowledged, err := sealAll(d, texts)
		if !errors.Is(err, fragile.ErrPower) && !strings.Contains(fmt.Sprint(err), fragile.ErrPower.Error()) && len(acknowledged) < len(texts) {
			t.Fatalf("step %d: %v", at, err)
		}
		for seed := range uint64(100) {
			found := map[string][]byte{}
			for name, body := range d.Afterwards(rand.New(rand.NewPCG(seed, uint64(at)))) {
				if !strings.Contains(name, "/drafts/") {
					found[path.Base(name)] = body
				}
			}
			for _, id := range acknowledged {
				if found[id] == nil {
					t.Fatalf("power gone at step %d: %s was acknowledged and is missing", at, id)
				}
			}
			for id, body := range found {
				if sum := sha256.Sum256(body); hex.EncodeToString(sum[:]) != id {
					t.Fatalf("power gone at step %d: %s has its name and not its bytes", at, id)
				}
			}
		}
	}
}

func sealAll(d *fragile.Disk, texts []string) (acknowledged []string, err error) {
	if err := disk.MakeFolder(d, "/data"); err != nil { // the data folder itself was there before
		return nil, err
	}
	k, err := on(d, "/data/originals")
	if err != nil {
		return nil, err
	}
	for _, text := range texts {
		id, _, err := custody.Seal(k, strings.NewReader(text), 1<<20)
		if err != nil {
			return acknowledged, err
		}
		acknowledged = append(acknowledged, id)
	}
	return acknowledged, nil
}
