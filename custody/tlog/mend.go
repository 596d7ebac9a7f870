package tlog

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"suraag/custody"
	"suraag/custody/disk"
	"suraag/custody/proof"
	"suraag/fault"
)

// Damage is what was put back to an older state, as far as the two sides of the log
// and the witnesses can tell.
type Damage string

// The kinds of damage.
const (
	Sound       Damage = ""
	RecordOlder Damage = "the database is older than the folder of the log"
	FolderOlder Damage = "the folder of the log is older than the database"
	BothOlder   Damage = "the database and the folder of the log are older than what a witness saw"
)

// Diagnose tells what was put back, and the error with which the log is refused.
func Diagnose(ctx context.Context, dir string, ledger Ledger, policy proof.Policy, client *http.Client) (Damage, error) {
	err := Check(ctx, dir, ledger)
	if err == nil {
		key, keyErr := KeyOf(dir)
		if keyErr != nil || !policy.Need() {
			return Sound, nil
		}
		if err = watching(client).ask(ctx, policy, TilesOf(dir), key); err == nil {
			return Sound, nil
		}
		return BothOlder, err
	}
	if !fault.Is(err, fault.Corrupt) {
		return Sound, err
	}
	s, stateErr := TilesOf(dir).state()
	placed, placedErr := ledger.PlacedEntries(ctx)
	if placedErr != nil {
		return Sound, placedErr
	}
	if stateErr == nil && s.Size > uint64(placed) {
		return RecordOlder, err
	}
	return FolderOlder, err
}

// Lost gives the leaves that the folder of the log holds beyond the record's, which
// begin at place from. The folder has to prove them by what it published, and to hold
// the record's own before them.
func Lost(ctx context.Context, dir string, ledger Ledger) (from int64, leaves [][]byte, err error) {
	key, err := KeyOf(dir)
	if err != nil {
		return 0, nil, err
	}
	tiles := TilesOf(dir)
	s, err := tiles.state()
	if err != nil {
		return 0, nil, err
	}
	published, err := tiles.Checkpoint(ctx)
	if err == nil {
		_, err = against(ctx, tiles, key, s, published, "the log published")
	}
	if err != nil {
		return 0, nil, err
	}
	if root, err := tiles.Root(ctx, s.Size); err != nil || !bytes.Equal(root, s.Root) {
		return 0, nil, errors.Join(err, refuse("its tiles do not give the root that it noted for %d entries", s.Size))
	}
	if from, err = ledger.PlacedEntries(ctx); err != nil {
		return 0, nil, err
	}
	ours, err := ledger.Leaves(ctx, 0, int(from))
	if err != nil {
		return 0, nil, err
	}
	for place := range s.Size {
		leaf, err := tiles.Leaf(ctx, place, s.Size)
		switch {
		case err != nil:
			return 0, nil, err
		case place >= uint64(from):
			leaves = append(leaves, leaf)
		case !bytes.Equal(leaf, ours[place]):
			return 0, nil, refuse("at place %d it holds another leaf than the record, so that one is not an older state of the other", place)
		}
	}
	return from, leaves, nil
}

// Rebuild makes the tiles again from the record's leaves, which have to be those of
// every checkpoint that the record holds. What was there is moved to the folder aside.
func Rebuild(ctx context.Context, cfg Config, held []custody.Checkpoint, aside string) error {
	key, err := KeyOf(cfg.Dir)
	if fault.Is(err, fault.NotFound) {
		return fault.WithHint(err, "put back custody/key from a backup: without it no checkpoint of this log can be signed")
	}
	if err != nil {
		return err
	}
	placed, err := cfg.Ledger.PlacedEntries(ctx)
	if err != nil {
		return err
	}
	leaves, err := cfg.Ledger.Leaves(ctx, 0, int(placed))
	if err != nil {
		return err
	}
	x := &examination{keys: key.all(), size: uint64(len(leaves))}
	if err := x.fill(ctx, leaves, held); err != nil {
		return err
	}
	if err := x.roots(ctx, held); err != nil {
		return err
	}
	if len(x.flaws) > 0 {
		return refuse("it cannot be made again: %s", x.flaws[0].What)
	}
	if err := x.continues(ctx, TilesOf(cfg.Dir)); err != nil {
		return err
	}
	if err := moveAside(cfg.Dir, aside); err != nil {
		return err
	}
	cfg.Policy, cfg.rebuilding = proof.Policy{}, true // nothing is published meanwhile that a witness could have seen otherwise
	l, err := Open(ctx, cfg)
	if err != nil {
		return err
	}
	_, err = l.follow(ctx)
	if err := errors.Join(err, l.Close()); err != nil {
		return err
	}
	checkpoint := filepath.Join(l.tiles.Dir(), "checkpoint")
	if len(held) == 0 {
		return fault.As(fault.Unavailable, os.Remove(checkpoint))
	}
	return Keep(checkpoint, []byte(held[len(held)-1].Note))
}

// continues refuses leaves that are not those of the checkpoint that lies in the folder,
// where one does: a folder that is older is one that the record goes on from, and whoever
// changed the record alone, and took the checkpoints out of it, is to get no other.
func (x *examination) continues(ctx context.Context, tiles Tiles) error {
	signed, err := tiles.Checkpoint(ctx)
	if err != nil || len(signed) == 0 {
		return err
	}
	cp, _, err := openAny(signed, x.keys)
	if err != nil {
		return nil // it is damaged, and says nothing
	}
	if cp.Size <= x.size {
		x.size = cp.Size
		if bytes.Equal(x.root(), cp.Root) {
			return nil
		}
	}
	return refuse("it cannot be made again: what was published in its folder for %d entries is not what the record says of them, so that the record was changed; put back a copy of the database", cp.Size)
}

// moveAside takes the tiles out of the log's folder.
func moveAside(dir, aside string) error {
	if err := disk.MakeFolder(disk.Machine(), aside); err != nil {
		return err
	}
	err := os.Rename(filepath.Join(dir, tileDir), filepath.Join(aside, tileDir))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fault.Newf(fault.Unavailable, "moving the tiles out of %q: %w", dir, err)
	}
	return errors.Join(disk.Machine().SyncFolder(aside), disk.Machine().SyncFolder(dir))
}

// formerFile holds the verifier keys that the log had before, one a line.
const formerFile = "former"

// Renew gives the log another key and name, under which the witnesses have seen nothing
// yet. Its leaves and their places stay, and what was signed before is checked with the
// key of that time.
func Renew(dir, origin string) (Key, error) {
	key, err := KeyOf(dir)
	if err != nil {
		return key, err
	}
	if was, _, _ := strings.Cut(key.Public, "+"); was == origin {
		return key, fault.WithHint(fault.Newf(fault.Conflict, "the log is called %q already", origin), "give another name: a witness takes two logs of one name for one")
	}
	if err := Keep(filepath.Join(dir, formerFile), []byte(strings.Join(key.all(), "\n")+"\n")); err != nil {
		return key, err
	}
	// From here on the last checkpoint is found with the former key, whichever of the
	// two a power cut leaves.
	if key, err = MakeKey(dir, origin, rand.Reader); err != nil {
		return key, err
	}
	err = os.Remove(filepath.Join(dir, tileDir, "checkpoint"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return key, fault.As(fault.Unavailable, err)
	}
	return key, nil
}

// formerKeys reads the keys that a log had before; most had none.
func formerKeys(dir string) ([]string, error) {
	text, err := os.ReadFile(filepath.Join(dir, formerFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return strings.Fields(string(text)), fault.As(fault.Unavailable, err)
}

// Former are the verifier keys under which the log went before.
func (k Key) Former() []string { return k.all()[1:] }

// all are the log's keys, that of today first.
func (k Key) all() []string {
	out := []string{k.Public}
	for _, f := range k.former {
		if f != k.Public {
			out = append(out, f)
		}
	}
	return out
}

// Of gives the one of the log's keys that signed a checkpoint.
func (k Key) Of(signed []byte) (string, error) {
	_, key, err := openAny(signed, k.all())
	return key, err
}

// openAny opens a checkpoint with whichever of some keys signed it.
func openAny(signed []byte, keys []string) (cp proof.Checkpoint, key string, err error) {
	if len(keys) == 0 {
		return cp, "", fault.Newf(fault.Corrupt, "the log has no key")
	}
	for _, key := range keys {
		var e error
		if cp, e = proof.Open(signed, key); e == nil {
			return cp, key, nil
		}
		if err == nil {
			err = e // that of today's key
		}
	}
	return cp, "", err
}
