package tlog_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/transparency-dev/formats/log"
	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/tessera/client"
	"github.com/transparency-dev/tessera/fsck"
	"golang.org/x/mod/sumdb/note"

	"suraag/custody"
	"suraag/custody/proof"
	"suraag/custody/tlog"
	"suraag/fault"
)

var ctx = context.Background()

// ledger is a record in memory.
type ledger struct {
	leaves      [][]byte
	placed      int
	checkpoints []custody.Checkpoint
	fail        error // of AddCheckpoint
}

func (l *ledger) add(n int) {
	for range n {
		sum := sha256.Sum256(fmt.Append(nil, "leaf", len(l.leaves)))
		l.leaves = append(l.leaves, sum[:])
	}
}

func (l *ledger) PlaceEntries(_ context.Context, limit int, _ time.Time) (int, error) {
	n := min(limit, len(l.leaves)-l.placed)
	l.placed += n
	return n, nil
}
func (l *ledger) PlacedEntries(context.Context) (int64, error) { return int64(l.placed), nil }
func (l *ledger) Leaves(_ context.Context, from int64, limit int) ([][]byte, error) {
	return l.leaves[from:min(int(from)+limit, l.placed)], nil
}
func (l *ledger) AddCheckpoint(_ context.Context, c custody.Checkpoint) error {
	if l.fail == nil {
		if n := len(l.checkpoints); n > 0 {
			c.Before = l.checkpoints[n-1].Size
		}
		l.checkpoints = append(l.checkpoints, c)
	}
	return l.fail
}
func (l *ledger) LastCheckpoint(context.Context) (custody.Checkpoint, error) {
	if len(l.checkpoints) == 0 {
		return custody.Checkpoint{}, nil
	}
	return l.checkpoints[len(l.checkpoints)-1], nil
}

func newKey(t *testing.T, dir string) tlog.Key {
	t.Helper()
	key, err := tlog.MakeKey(dir, "unit.example/custody", nil)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func config(dir string, l *ledger) tlog.Config {
	return tlog.Config{Dir: dir, Ledger: l, Now: time.Now}
}

// run opens the log, brings it up to the ledger and closes it.
func run(t *testing.T, dir string, l *ledger) {
	t.Helper()
	w, err := tlog.Open(ctx, config(dir, l))
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if _, err := w.Advance(ctx); err != nil {
		t.Fatal(err)
	}
	if _, all, err := w.Await(ctx, 10*time.Second); err != nil || !all {
		t.Fatalf("published: %v, %v", all, err)
	}
}

// The library's checker and its client, which know nothing of us, accept the log.
func TestPublicClientVerifies(t *testing.T) {
	dir, l := t.TempDir(), &ledger{}
	key := newKey(t, dir)
	for _, n := range []int{1, 2, 255, 300, 1500} {
		l.add(n)
		run(t, dir, l)
	}
	v, err := note.NewVerifier(key.Public)
	if err != nil {
		t.Fatal(err)
	}
	files := client.FileFetcher{Root: tlog.TilesOf(dir).Dir()}
	bundles := func(b []byte) ([][]byte, error) {
		var hashes [][]byte
		for len(b) > 0 {
			n := int(b[0])<<8 | int(b[1])
			hashes = append(hashes, rfc6962.DefaultHasher.HashLeaf(b[2:2+n]))
			b = b[2+n:]
		}
		return hashes, nil
	}
	// With one worker the checker can wait for itself for ever; with two it does not.
	if err := fsck.New(v.Name(), v, files, bundles, fsck.Opts{N: 2}).Check(ctx); err != nil {
		t.Error(err)
	}
	signed, err := files.ReadCheckpoint(ctx)
	if err != nil {
		t.Fatal(err)
	}
	cp, _, _, err := log.ParseCheckpoint(signed, v.Name(), v)
	if err != nil || cp.Size != uint64(len(l.leaves)) {
		t.Fatalf("checkpoint of size %d, want %d: %v", cp.Size, len(l.leaves), err)
	}
	bundle, err := client.GetEntryBundle(ctx, files.ReadEntryBundle, 1, cp.Size)
	if err != nil || !bytes.Equal(bundle.Entries[44], l.leaves[300]) {
		t.Errorf("leaf 300 is another: %v", err)
	}
}

func TestProofs(t *testing.T) {
	dir, l := t.TempDir(), &ledger{}
	key := newKey(t, dir)
	for _, n := range []int{3, 300, 7} {
		l.add(n)
		run(t, dir, l)
	}
	tiles := tlog.TilesOf(dir)
	if len(l.checkpoints) != 3 {
		t.Fatalf("%d checkpoints", len(l.checkpoints))
	}
	var older proof.Checkpoint
	for _, c := range l.checkpoints {
		cp, err := proof.Open([]byte(c.Note), key.Public)
		if err != nil {
			t.Fatal(err)
		}
		for _, place := range []uint64{0, cp.Size / 2, cp.Size - 1} {
			path, err := tiles.Inclusion(ctx, place, cp.Size)
			if err != nil {
				t.Fatal(err)
			}
			if err := proof.Inclusion(cp, place, l.leaves[place], path); err != nil {
				t.Error(err)
			}
			if err := proof.Inclusion(cp, place, l.leaves[(place+1)%cp.Size], path); !fault.Is(err, fault.Corrupt) {
				t.Errorf("another leaf at place %d of %d: %v", place, cp.Size, err)
			}
		}
		if older.Size > 0 {
			path, err := tiles.Consistency(ctx, older.Size, cp.Size)
			if err != nil {
				t.Fatal(err)
			}
			if err := proof.Consistency(older, cp, path); err != nil {
				t.Error(err)
			}
			cp.Root = bytes.Repeat([]byte{1}, 32)
			if err := proof.Consistency(older, cp, path); !fault.Is(err, fault.Corrupt) {
				t.Errorf("another root: %v", err)
			}
		}
		older, _ = proof.Open([]byte(c.Note), key.Public)
	}
	if _, err := tiles.Inclusion(ctx, 310, 310); !fault.Is(err, fault.NotFound) {
		t.Errorf("a place beyond the end: %v", err)
	}
	if _, err := proof.Open([]byte(strings.Replace(l.checkpoints[0].Note, "\n3\n", "\n4\n", 1)), key.Public); !fault.Is(err, fault.Corrupt) {
		t.Errorf("a changed checkpoint: %v", err)
	}
}

func TestOneWriter(t *testing.T) {
	dir, l := t.TempDir(), &ledger{}
	newKey(t, dir)
	first, err := tlog.Open(ctx, config(dir, l))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tlog.Open(ctx, config(dir, l)); !tlog.IsBusy(err) {
		t.Errorf("a second writer: %v", err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	run(t, dir, l)
}

// Whatever goes backwards is refused, with what to do.
func TestBackwards(t *testing.T) {
	for _, c := range []struct {
		name, want string
		do         func(t *testing.T, dir string, old string, l *ledger)
	}{
		{"the database was put back", "database was put back", func(_ *testing.T, _, _ string, l *ledger) { l.leaves, l.placed = l.leaves[:3], 3 }},
		{"the folder was put back", "folder was put back", func(t *testing.T, dir, old string, _ *ledger) {
			os.RemoveAll(dir)
			if err := os.CopyFS(dir, os.DirFS(old)); err != nil {
				t.Fatal(err)
			}
		}},
		{"the tiles are gone", "folder was put back", func(_ *testing.T, dir, _ string, _ *ledger) { os.RemoveAll(filepath.Join(dir, "tiles")) }},
		{"another leaf in the record", "another leaf", func(_ *testing.T, _, _ string, l *ledger) { l.leaves[len(l.leaves)-1] = make([]byte, 32) }},
		{"another root noted", "root that it noted", func(t *testing.T, dir, _ string, l *ledger) {
			write(t, filepath.Join(dir, "tiles/.state/treeState"), fmt.Sprintf(`{"size":%d,"root":"AAAA"}`, l.placed))
		}},
		{"a hash of a tile", "do not give the root", func(t *testing.T, dir, _ string, _ *ledger) { flip(t, filepath.Join(dir, "tiles/tile/0/000.p/8")) }},
		{"the checkpoint's signature", "does not verify", func(t *testing.T, dir, _ string, _ *ledger) { flip(t, filepath.Join(dir, "tiles/checkpoint")) }},
		{"another key", "does not verify", func(t *testing.T, dir, _ string, _ *ledger) { newKey(t, dir) }},
		{"half a key", "key of the log", func(t *testing.T, dir, _ string, _ *ledger) { flip(t, filepath.Join(dir, "key")) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir, old, l := t.TempDir(), t.TempDir(), &ledger{}
			newKey(t, dir)
			l.add(3)
			run(t, dir, l)
			if err := os.CopyFS(old, os.DirFS(dir)); err != nil {
				t.Fatal(err)
			}
			l.add(5)
			run(t, dir, l)
			c.do(t, dir, old, l)
			_, err := tlog.Open(ctx, config(dir, l))
			if !fault.Is(err, fault.Corrupt) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// flip changes one bit in the middle of a file.
func flip(t *testing.T, name string) {
	t.Helper()
	body, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	body[len(body)/2] ^= 1
	write(t, name, string(body))
}

// A death between giving a place and adding the leaf, and one between publishing
// and recording, are made good by going on.
func TestGoesOn(t *testing.T) {
	dir, l := t.TempDir(), &ledger{}
	newKey(t, dir)
	l.add(4)
	l.placed = 3 // placed, and then the process died
	run(t, dir, l)
	l.add(2)
	l.fail = fault.Newf(fault.Unavailable, "the process died")
	w, err := tlog.Open(ctx, config(dir, l))
	if err != nil {
		t.Fatal(err)
	}
	if moved, err := w.Advance(ctx); err != nil || moved != 2 {
		t.Fatalf("%d moved, %v", moved, err)
	}
	if _, _, err := w.Await(ctx, 10*time.Second); !fault.Is(err, fault.Unavailable) {
		t.Fatalf("recording: %v", err)
	}
	w.Close()
	l.fail = nil
	run(t, dir, l)
	if n := len(l.checkpoints); n != 2 || l.checkpoints[n-1].Size != 6 {
		t.Errorf("checkpoints %+v", l.checkpoints)
	}
}

func TestKeyIsPrivate(t *testing.T) {
	dir := t.TempDir()
	key := newKey(t, dir)
	info, err := os.Stat(filepath.Join(dir, "key"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if strings.Contains(key.Public, "PRIVATE") || !strings.HasPrefix(key.Public, "unit.example/custody+") {
		t.Errorf("public key %q", key.Public)
	}
	if _, err := tlog.MakeKey(t.TempDir(), "two words", nil); !fault.Is(err, fault.Invalid) {
		t.Errorf("a name with a blank: %v", err)
	}
	if _, err := tlog.KeyOf(t.TempDir()); !fault.Is(err, fault.NotFound) {
		t.Errorf("no key: %v", err)
	}
}
