package tlog

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/tessera/client"

	"suraag/custody"
	"suraag/custody/proof"
	"suraag/fault"
)

// Tiles reads a log's checkpoint and tiles from its folder. It needs neither the
// key nor the record, and may read while another process writes.
type Tiles struct {
	dir   string
	fetch client.FileFetcher
}

// TilesOf gives the tiles of a log's folder.
func TilesOf(dir string) Tiles {
	root := filepath.Join(dir, tileDir)
	return Tiles{root, client.FileFetcher{Root: root}}
}

// Dir is the folder that can be given to any reader of C2SP tlog-tiles.
func (t Tiles) Dir() string { return t.dir }

// Checkpoint gives the latest published checkpoint as it stands in its file;
// nothing if none was published yet.
func (t Tiles) Checkpoint(ctx context.Context) ([]byte, error) {
	signed, err := t.fetch.ReadCheckpoint(ctx)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return signed, fault.As(fault.Unavailable, err)
}

// Inclusion gives the path from the leaf at a place to the root of the log as it
// was at a size.
func (t Tiles) Inclusion(ctx context.Context, place, size uint64) ([][]byte, error) {
	if place >= size {
		return nil, fault.Newf(fault.NotFound, "a log of size %d has no place %d", size, place)
	}
	b, err := client.NewProofBuilder(ctx, size, t.fetch.ReadTile)
	if err != nil {
		return nil, fault.As(fault.Corrupt, err)
	}
	path, err := b.InclusionProof(ctx, place)
	if err != nil {
		return nil, fault.Newf(fault.Corrupt, "tiles in %q: %w", t.dir, err)
	}
	return path, nil
}

// Consistency gives the path that shows that the log at a size continues the log
// at a smaller one.
func (t Tiles) Consistency(ctx context.Context, older, newer uint64) ([][]byte, error) {
	b, err := client.NewProofBuilder(ctx, newer, t.fetch.ReadTile)
	if err != nil {
		return nil, fault.As(fault.Corrupt, err)
	}
	path, err := b.ConsistencyProof(ctx, older, newer)
	if err != nil {
		return nil, fault.Newf(fault.Corrupt, "tiles in %q: %w", t.dir, err)
	}
	return path, nil
}

// Root works the root of the log at a size out of its tiles.
func (t Tiles) Root(ctx context.Context, size uint64) ([]byte, error) {
	if size == 0 {
		return rfc6962.DefaultHasher.EmptyRoot(), nil
	}
	nodes, err := client.FetchRangeNodes(ctx, size, t.fetch.ReadTile)
	if err != nil {
		return nil, fault.Newf(fault.Corrupt, "tiles in %q: %w", t.dir, err)
	}
	r, err := (&compact.RangeFactory{Hash: rfc6962.DefaultHasher.HashChildren}).NewRange(0, size, nodes)
	if err != nil {
		return nil, fault.Newf(fault.Corrupt, "tiles in %q: %w", t.dir, err)
	}
	root, err := r.GetRootHash(nil)
	return root, fault.As(fault.Corrupt, err)
}

// Leaf gives the leaf at a place of the log at a size.
func (t Tiles) Leaf(ctx context.Context, place, size uint64) ([]byte, error) {
	bundle, err := client.GetEntryBundle(ctx, t.fetch.ReadEntryBundle, place/256, size)
	if err != nil || uint64(len(bundle.Entries)) <= place%256 {
		return nil, fault.Newf(fault.Corrupt, "tiles in %q: no leaf at place %d: %w", t.dir, place, err)
	}
	return bundle.Entries[place%256], nil
}

// state is what the log's library notes about the tree it has built, whether or
// not a checkpoint of it was published (tessera, storage/posix, treeState).
type state struct {
	Size uint64 `json:"size"`
	Root []byte `json:"root"`
}

// state gives size 0 where the log has not begun.
func (t Tiles) state() (state, error) {
	text, err := os.ReadFile(filepath.Join(t.dir, ".state", "treeState"))
	if errors.Is(err, fs.ErrNotExist) {
		return state{Root: rfc6962.DefaultHasher.EmptyRoot()}, nil
	}
	if err != nil {
		return state{}, fault.As(fault.Unavailable, err)
	}
	var s state
	if err := json.Unmarshal(text, &s); err != nil {
		return state{}, fault.Newf(fault.Corrupt, "state of the log in %q: %w", t.dir, err)
	}
	return s, nil
}

// Prove gives the evidence for an entry in the log as it was at a checkpoint.
func (t Tiles) Prove(ctx context.Context, e custody.Logged, c custody.Checkpoint, key, policy string) (proof.Evidence, error) {
	if e.Place < 0 || e.Place >= c.Size {
		return proof.Evidence{}, fault.Newf(fault.NotFound, "entry %s is not in the log of size %d yet", e.ID, c.Size)
	}
	path, err := t.Inclusion(ctx, uint64(e.Place), uint64(c.Size))
	return proof.Evidence{
		Place: uint64(e.Place), Record: string(e.Canonical), Salt: hex.EncodeToString(e.Salt), Leaf: hex.EncodeToString(e.Leaf),
		Path: path, Checkpoint: c.Note, Key: key, Policy: policy, Token: c.Token,
	}, err
}
