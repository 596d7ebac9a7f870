package tlog_test

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"suraag/custody/tlog"
	"suraag/fault"
)

// tree gives every file below a folder.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := os.ReadFile(name)
		rel, _ := filepath.Rel(dir, name)
		out[rel] = string(body)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func plant(t *testing.T, dir, rel, body string) {
	t.Helper()
	name := filepath.Join(dir, rel)
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, name, body)
}

// rank is the order in which the log's library has files on disk: what is of a rank is
// there before anything of the next is written.
func rank(rel string) int {
	switch rel {
	case "tiles/checkpoint":
		return 3
	case "tiles/.state/treeState":
		return 2
	case "tiles/.state/version":
		return 0
	}
	return 1 // entries and tiles
}

// The power goes while a batch goes into the log: of the files that it changes any may be
// there, and beside each of the others a draft, torn. Whatever the order of writing allows is
// made good by going on; what it does not allow is made good or refused, never taken for
// right.
func TestPowerLossWhileWriting(t *testing.T) {
	for _, c := range []struct {
		name          string
		before, after int
	}{{"a log that begins", 0, 5}, {"within a tile", 3, 5}, {"over the end of a tile", 250, 60}} {
		t.Run(c.name, func(t *testing.T) {
			dir, l := t.TempDir(), &ledger{}
			newKey(t, dir)
			if c.before > 0 {
				l.add(c.before)
				run(t, dir, l)
			}
			old, known := tree(t, dir), slices.Clone(l.checkpoints)
			l.add(c.after)
			run(t, dir, l)
			whole := tree(t, dir)
			var changed []string
			for rel, body := range whole {
				if old[rel] != body && !strings.HasSuffix(rel, "lock") {
					changed = append(changed, rel)
				}
			}
			slices.Sort(changed)
			if len(changed) < 4 {
				t.Fatalf("a batch changed only %v", changed)
			}
			for _, there := range remains(changed) {
				cut, now := t.TempDir(), &ledger{leaves: l.leaves, placed: l.placed, checkpoints: slices.Clone(known)}
				for rel, body := range old {
					plant(t, cut, rel, body)
				}
				allowed := true
				for n, rel := range changed {
					if there&(1<<n) != 0 {
						plant(t, cut, rel, whole[rel])
						for m, other := range changed {
							allowed = allowed && (there&(1<<m) != 0 || rank(other) >= rank(rel))
						}
					} else {
						plant(t, cut, rel+fmt.Sprint(10000+n), whole[rel][:len(whole[rel])/2])
					}
				}
				flaws, err := tlog.Examine(ctx, cut, now.leaves, now.checkpoints)
				if allowed && (err != nil || len(flaws) > 0) {
					t.Errorf("%s: before going on: %v, %+v", names(changed, there), err, flaws)
				}
				w, err := tlog.Open(ctx, config(cut, now))
				if err != nil {
					if allowed || !fault.Is(err, fault.Corrupt) || fault.Hint(err) == "" {
						t.Errorf("%s: %v", names(changed, there), err)
					}
					continue
				}
				_, err = w.Advance(ctx)
				if err == nil {
					_, _, err = w.Await(ctx, 10*time.Second)
				}
				if e := w.Close(); err == nil {
					err = e
				}
				if err != nil && (allowed || fault.Hint(err) == "") {
					t.Errorf("%s: %v", names(changed, there), err)
				}
				if err != nil {
					continue
				}
				flaws, err = tlog.Examine(ctx, cut, now.leaves, now.checkpoints)
				if err != nil || len(flaws) > 0 || now.checkpoints[len(now.checkpoints)-1].Size != int64(len(now.leaves)) {
					t.Errorf("%s: after going on: %v, %+v", names(changed, there), err, flaws)
				}
			}
		})
	}
}

// remains gives sets of files, as bits: all of a few files, of more those that the order of
// writing passes through and some by lot.
func remains(changed []string) []int {
	all := 1 << len(changed)
	if all <= 32 {
		out := make([]int, all)
		for n := range out {
			out[n] = n
		}
		return out
	}
	order := make([]int, len(changed))
	for n := range order {
		order[n] = n
	}
	slices.SortStableFunc(order, func(a, b int) int { return rank(changed[a]) - rank(changed[b]) })
	out := []int{0}
	for _, n := range order {
		out = append(out, out[len(out)-1]|1<<n)
	}
	draw := rand.New(rand.NewPCG(1, 2))
	for range 20 {
		out = append(out, draw.IntN(all))
	}
	return out
}

func names(changed []string, there int) string {
	var out []string
	for n, rel := range changed {
		if there&(1<<n) != 0 {
			out = append(out, rel)
		}
	}
	return fmt.Sprintf("only %v of %v", out, changed)
}
