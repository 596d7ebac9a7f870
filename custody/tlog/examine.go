package tlog

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/tessera/api/layout"

	"suraag/custody"
	"suraag/fault"
)

// Flaw is something in a log's folder, or in what the record knows of it, that is
// not as it was written.
type Flaw struct {
	File  string    // below the log's folder; empty: in the record
	What  string    // in words
	Since time.Time // of the last checkpoint that was right; zero: not known
}

// Examine builds the whole log again from the leaves that the record has, and
// compares every byte of every file, and every checkpoint that the record holds.
// The leaves stand at their places; one that the record lacks is nil.
func Examine(ctx context.Context, dir string, leaves [][]byte, held []custody.Checkpoint) ([]Flaw, error) {
	x := &examination{dir: dir, tiles: TilesOf(dir)}
	key, err := KeyOf(dir)
	if fault.Is(err, fault.NotFound) && len(leaves) == 0 && len(held) == 0 {
		return nil, nil // not begun
	}
	if err != nil {
		x.flaw(keyFile, err.Error(), time.Time{})
	}
	x.keys = key.all()
	s, err := x.tiles.state()
	if err != nil {
		x.flaw(tileDir+"/.state/treeState", err.Error(), time.Time{})
		s.Size = uint64(len(leaves))
	}
	if s.Size > uint64(len(leaves)) {
		x.flaw("", fmt.Sprintf("the record knows of %d entries and the log of %d", len(leaves), s.Size), time.Time{})
		s.Size = uint64(len(leaves))
	}
	x.size = s.Size
	if err := x.fill(ctx, leaves, held); err != nil {
		return nil, err
	}
	if err := x.roots(ctx, held); err != nil {
		return nil, err
	}
	return x.flaws, x.files(s)
}

type examination struct {
	dir    string
	tiles  Tiles
	keys   []string   // of the log, that of today first
	size   uint64     // of the log, as it noted it last
	leaves [][]byte   // that have a place: those of the log, and those that come next
	levels [][][]byte // hashes of each level of tiles: of leaves, of 256 leaves …
	flaws  []Flaw
	last   custody.Checkpoint // that the record holds and that is right
}

func (x *examination) flaw(file, what string, since time.Time) {
	x.flaws = append(x.flaws, Flaw{file, what, since})
}

// fill takes the leaves of the record; one that it lacks is taken from the log,
// so that all others can still be compared.
func (x *examination) fill(ctx context.Context, leaves [][]byte, held []custody.Checkpoint) error {
	for place, leaf := range leaves {
		if err := ctx.Err(); err != nil {
			return fault.As(fault.Unavailable, err)
		}
		if leaf == nil {
			x.flaw("", fmt.Sprintf("the record lacks the entry at place %d of the log", place), since(held, place))
			var err error
			if leaf, err = x.tiles.Leaf(ctx, uint64(place), max(x.size, uint64(place)+1)); err != nil {
				leaf = make([]byte, 32)
			}
		}
		x.leaves = append(x.leaves, leaf)
	}
	level := make([][]byte, 0, len(x.leaves))
	for _, leaf := range x.leaves {
		level = append(level, rfc6962.DefaultHasher.HashLeaf(leaf))
	}
	for len(level) > 0 {
		x.levels = append(x.levels, level)
		var up [][]byte
		for n := 0; n+layout.TileWidth <= len(level); n += layout.TileWidth {
			up = append(up, perfect(level[n:n+layout.TileWidth]))
		}
		level = up
	}
	return nil
}

// since gives when the first checkpoint over a place was recorded.
func since(held []custody.Checkpoint, place int) time.Time {
	for _, c := range held {
		if c.Size > int64(place) {
			return c.At
		}
	}
	return time.Time{}
}

// perfect is the root over a power of two of hashes.
func perfect(hashes [][]byte) []byte {
	for len(hashes) > 1 {
		half := make([][]byte, 0, len(hashes)/2)
		for n := 0; n < len(hashes); n += 2 {
			half = append(half, rfc6962.DefaultHasher.HashChildren(hashes[n], hashes[n+1]))
		}
		hashes = half
	}
	return hashes[0]
}

// roots compares the root of the record's leaves at the size of each checkpoint.
// It stops at the first that differs, because all after it differ too.
func (x *examination) roots(ctx context.Context, held []custody.Checkpoint) error {
	r := (&compact.RangeFactory{Hash: rfc6962.DefaultHasher.HashChildren}).NewEmptyRange(0)
	wrong, before := false, int64(0)
	for _, c := range held {
		if c.Before != before {
			x.flaw("", fmt.Sprintf("the record lacks the checkpoint of size %d that came before the one of size %d", c.Before, c.Size), x.last.At)
		}
		before = c.Size
		cp, _, err := openAny([]byte(c.Note), x.keys)
		if err != nil || int64(cp.Size) != c.Size {
			x.flaw("", fmt.Sprintf("the recorded checkpoint of size %d is not one that the log signed (%v)", c.Size, err), x.last.At)
			continue
		}
		if cp.Size > x.size {
			x.flaw("", fmt.Sprintf("the record holds a checkpoint of size %d, and the log has %d entries", cp.Size, x.size), x.last.At)
			return nil
		}
		for r.End() < cp.Size {
			if err := r.Append(x.levels[0][r.End()], nil); err != nil {
				return fault.As(fault.Internal, err)
			}
		}
		root, err := r.GetRootHash(nil)
		if err != nil {
			return fault.As(fault.Internal, err)
		}
		switch {
		case bytes.Equal(root, cp.Root):
			x.last = c
		case !wrong:
			wrong = true
			x.flaw("", fmt.Sprintf("the record's leaves up to place %d are not those of the checkpoint of size %d; those up to place %d are", cp.Size-1, cp.Size, x.last.Size-1), x.last.At)
		}
	}
	return ctx.Err()
}

// files compares every file below the log's folder with what it has to hold.
func (x *examination) files(s state) error {
	missing := x.needed(s.Size)
	err := filepath.WalkDir(x.dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(x.dir, name)
		if err != nil {
			return err
		}
		body, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		delete(missing, filepath.ToSlash(rel))
		if what := x.file(filepath.ToSlash(rel), body, s); what != "" {
			x.flaw(filepath.ToSlash(rel), what, x.last.At)
		}
		return nil
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fault.As(fault.Unavailable, err)
	}
	for name := range missing {
		x.flaw(name, "the file is missing", x.last.At)
	}
	return nil
}

// needed are the tiles without which a log of a size cannot be proven.
func (x *examination) needed(size uint64) map[string]bool {
	out := map[string]bool{}
	for level := range x.levels {
		for n := uint64(0); n*layout.TileWidth < size>>(layout.TileHeight*level); n++ {
			p := layout.PartialTileSize(uint64(level), n, size)
			out[tileDir+"/"+layout.TilePath(uint64(level), n, p)] = true
			if level == 0 {
				out[tileDir+"/"+layout.EntriesPath(n, p)] = true
			}
		}
	}
	if x.last.Size > 0 {
		out[tileDir+"/"+layout.CheckpointPath] = true
	}
	if size > 0 {
		out[tileDir+"/.state/treeState"], out[tileDir+"/.state/version"] = true, true
	}
	return out
}

// file tells what is wrong with one file; nothing if it is as it was written.
func (x *examination) file(name string, body []byte, s state) string {
	inTiles, isTile := strings.CutPrefix(name, tileDir+"/")
	switch {
	case name == keyFile || name == formerFile: // looked at as keys, and compared with what was logged
		return ""
	case name == "settings.json": // for the house to compare with what was logged
		return ""
	case name == lockFile || strings.HasPrefix(inTiles, ".state/") && strings.HasSuffix(name, ".lock"):
		return unless(len(body) == 0, "a lock holds something")
	case inTiles == layout.CheckpointPath:
		return x.published(body)
	case inTiles == ".state/treeState":
		want, err := json.Marshal(state{x.size, x.root()})
		return unless(err == nil && bytes.Equal(body, want), "the noted size and root are not those of the record's leaves")
	case inTiles == ".state/version":
		return unless(string(body) == "1", "the version of the log's form is another")
	case inTiles == ".state/gcState":
		var g struct {
			From uint64 `json:"fromSize"`
		}
		again, err := []byte(nil), json.Unmarshal(body, &g)
		if err == nil {
			again, err = json.Marshal(g)
		}
		return unless(err == nil && bytes.Equal(again, body) && g.From <= s.Size && g.From%layout.TileWidth == 0, "the state of tidying is none")
	case isTile:
		return x.tile(inTiles, body)
	}
	return "no file of the log has this name"
}

func unless(right bool, what string) string {
	if right {
		return ""
	}
	return what
}

func (x *examination) root() []byte {
	r := (&compact.RangeFactory{Hash: rfc6962.DefaultHasher.HashChildren}).NewEmptyRange(0)
	if x.size == 0 {
		return rfc6962.DefaultHasher.EmptyRoot()
	}
	for _, h := range x.levels[0][:x.size] {
		_ = r.Append(h, nil) // appends of whole leaves do not fail
	}
	root, _ := r.GetRootHash(nil)
	return root
}

// published looks at the checkpoint file: the last one that the record holds, or
// one that it has not taken in yet.
func (x *examination) published(body []byte) string {
	cp, _, err := openAny(body, x.keys)
	if err != nil {
		return err.Error()
	}
	if cp.Size > x.size {
		return fmt.Sprintf("the published checkpoint is of size %d, and the log has %d entries", cp.Size, x.size)
	}
	if int64(cp.Size) < x.last.Size {
		return fmt.Sprintf("the published checkpoint is of size %d, older than that of size %d which the record holds", cp.Size, x.last.Size)
	}
	if int64(cp.Size) == x.last.Size && x.last.Size > 0 && string(body) != x.last.Note {
		return fmt.Sprintf("the published checkpoint of size %d is not the one that the record holds", cp.Size)
	}
	if cp.Size == x.size && !bytes.Equal(cp.Root, x.root()) {
		return "the published checkpoint has another root than the record's leaves"
	}
	return ""
}

// tile compares a tile or a bundle of entries, whole or partial. One of leaves that the
// log does not count yet was written before a process died: it is written again.
func (x *examination) tile(name string, body []byte) string {
	if draft.MatchString(filepath.Base(name)) {
		return "" // unfinished when a process died; swept when the log is opened next
	}
	const none = "no tile of the log has this name"
	parts := strings.SplitN(name, "/", 3)
	if len(parts) < 3 || parts[0] != "tile" {
		return none
	}
	index, width, err := layout.ParseTileIndexPartial(parts[2])
	if err != nil {
		return none
	}
	level := uint64(0)
	if parts[1] != "entries" {
		if level, err = layout.ParseTileLevel(parts[1]); err != nil {
			return none
		}
	}
	n := uint64(width)
	if n == 0 {
		n = layout.TileWidth
	}
	if level >= uint64(len(x.levels)) || index*layout.TileWidth+n > uint64(len(x.levels[level])) {
		return "the log is not as long as this tile"
	}
	var want []byte
	for i := index * layout.TileWidth; i < index*layout.TileWidth+n; i++ {
		if parts[1] == "entries" {
			want = binary.BigEndian.AppendUint16(want, uint16(len(x.leaves[i])))
			want = append(want, x.leaves[i]...)
		} else {
			want = append(want, x.levels[level][i]...)
		}
	}
	return unless(bytes.Equal(body, want), fmt.Sprintf("the tile is not what the record's leaves from place %d on give", index*layout.TileWidth))
}
