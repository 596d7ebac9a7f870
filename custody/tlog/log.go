// Package tlog keeps the custody log: an append-only Merkle tree of leaves, in
// files that any reader of C2SP tlog-tiles verifies.
//
// Takes leaves that the record has given a place. Gives signed checkpoints, and
// the hashes that prove that a leaf stands in one, or that one continues another.
// Never holds a word of what is logged: a leaf is a salted commitment.
//
// The record gives a leaf its place before the log holds it. So the log follows
// from the record, a death between the two is made good by going on, and a log
// that knows more or other than the record, or less than it once published, was
// put back or changed: then nothing is written any more.
package tlog

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/transparency-dev/tessera"
	"github.com/transparency-dev/tessera/storage/posix"

	"suraag/custody"
	"suraag/custody/disk"
	"suraag/custody/proof"
	"suraag/fault"
)

// Ledger is what the log needs of the record.
type Ledger interface {
	// PlaceEntries gives waiting entries the next places, on disk when it returns.
	PlaceEntries(ctx context.Context, limit int, now time.Time) (int, error)
	PlacedEntries(ctx context.Context) (int64, error)
	Leaves(ctx context.Context, from int64, limit int) ([][]byte, error)
	AddCheckpoint(ctx context.Context, c custody.Checkpoint) error
	LastCheckpoint(ctx context.Context) (custody.Checkpoint, error)
}

// Config says where a log is and who has to witness it.
type Config struct {
	Dir    string // its folder; tiles, key and lock are below it
	Ledger Ledger
	Origin string // name of a log that begins; one that has begun keeps its own
	Policy proof.Policy
	Now    func() time.Time
	Client *http.Client  // for witnesses; nil is a client with short limits
	Beat   time.Duration // between two checkpoints, at least 100 ms; 0 is that

	rebuilding bool // the tiles are made again from nothing: there is nothing to compare yet
}

// Log is a log that this process alone writes.
type Log struct {
	cfg      Config
	key      Key
	fresh    bool
	tiles    Tiles
	appender *tessera.Appender
	size     func(context.Context) (uint64, error)
	watch    *watch
	recorded proof.Checkpoint // the last one that the record holds
	end      func() error
}

// perTurn is how many entries get their place, or go into the log, at once.
const perTurn = 1024

// ErrBusy is the error of Open while another process writes the log.
var ErrBusy = fault.WithHint(fault.Newf(fault.Conflict, "another process writes the custody log"), "it will take the entries along; there is nothing to do")

// Open begins to write a log, after checking that neither it nor the record went
// backwards.
func Open(ctx context.Context, cfg Config) (*Log, error) {
	quiet()
	if err := disk.MakeFolder(disk.Machine(), cfg.Dir); err != nil {
		return nil, err
	}
	release, err := lock(cfg.Dir)
	if err != nil {
		return nil, err
	}
	l := &Log{cfg: cfg, tiles: TilesOf(cfg.Dir), watch: watching(cfg.Client), end: release}
	if l.key, l.fresh, err = l.ownKey(ctx); err == nil {
		err = l.begin(ctx)
	}
	if err != nil {
		release()
		return nil, err
	}
	return l, nil
}

// ownKey gives the log's key, or makes that of a log that begins.
func (l *Log) ownKey(ctx context.Context) (key Key, fresh bool, err error) {
	key, err = KeyOf(l.cfg.Dir)
	if !fault.Is(err, fault.NotFound) {
		return key, false, err
	}
	if err := Check(ctx, l.cfg.Dir, l.cfg.Ledger); err != nil {
		return key, false, err
	}
	key, err = MakeKey(l.cfg.Dir, l.cfg.Origin, rand.Reader)
	return key, true, err
}

// Fresh tells whether the log began with this opening.
func (l *Log) Fresh() bool { return l.fresh }

// Policy is the witness policy, as written, under which the log was opened.
func (l *Log) Policy() string { return l.cfg.Policy.Text }

// Key is the log's verifier key, to be given to everybody.
func (l *Log) Key() string { return l.key.Public }

func lock(dir string) (release func() error, err error) {
	f, err := os.OpenFile(filepath.Join(dir, lockFile), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fault.As(fault.Unavailable, err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		return nil, ErrBusy
	}
	return f.Close, nil
}

func (l *Log) begin(ctx context.Context) error {
	if err := l.tiles.sweep(); err != nil {
		return err
	}
	var err error
	if !l.cfg.rebuilding {
		l.recorded, err = check(ctx, l.tiles, l.key, l.cfg.Ledger)
	}
	if err != nil {
		return err
	}
	if err := l.watch.ask(ctx, l.cfg.Policy, l.tiles, l.key); err != nil {
		return err
	}
	beat := max(l.cfg.Beat, 100*time.Millisecond)
	driver, err := posix.New(ctx, posix.Config{Path: l.tiles.Dir(), HTTPClient: l.watch.client})
	if err != nil {
		return fault.As(fault.Unavailable, err)
	}
	options := tessera.NewAppendOptions().WithCheckpointSigner(l.key.signer).WithBatching(perTurn, 2*time.Millisecond).
		WithCheckpointInterval(beat).WithCheckpointRepublishInterval(0).WithShutdownTimeout(3 * beat)
	if l.cfg.Policy.Need() {
		options = options.WithWitnesses(l.cfg.Policy.Group(), &tessera.WitnessOptions{Timeout: 5 * time.Second})
	}
	running, cancel := context.WithCancel(context.WithoutCancel(ctx))
	appender, shutdown, reader, err := tessera.NewAppender(running, driver, options)
	if err != nil && !l.watch.backwards() {
		// A log that begins asks its witnesses about size 0; if they do not answer,
		// it has begun nevertheless, and goes on unpublished.
		appender, shutdown, reader, err = tessera.NewAppender(running, driver, options)
	}
	if err != nil {
		cancel()
		if back := l.watch.refused(); back != nil {
			return back
		}
		return fault.Newf(fault.Unavailable, "custody log in %q: %w", l.cfg.Dir, err)
	}
	l.appender, l.size = appender, reader.IntegratedSize
	release := l.end
	l.end = func() error {
		wait, done := context.WithTimeout(context.Background(), 3*beat)
		defer done()
		_ = shutdown(wait) // what is not published now is published by whoever opens the log next
		cancel()
		return release()
	}
	return nil
}

// wayBack is what to do when something was put back or changed.
const wayBack = "keep the folder and the database as they are and have them examined (suraag verify names what differs); then put back the newest copy of whichever is older. Where there is none, suraag log mend goes on, and says so for ever"

// Check compares what a log's folder holds, what it published and what the record
// knows of both, without writing. Another process may write meanwhile.
func Check(ctx context.Context, dir string, ledger Ledger) error {
	key, err := KeyOf(dir)
	if fault.Is(err, fault.NotFound) {
		placed, placedErr := ledger.PlacedEntries(ctx)
		if placedErr != nil || placed == 0 {
			return placedErr
		}
		return refuse("it has no key in %q, and the record knows of %d entries of it", dir, placed)
	}
	if err != nil {
		return fault.WithHint(err, wayBack)
	}
	_, err = check(ctx, TilesOf(dir), key, ledger)
	return err
}

func refuse(format string, args ...any) error {
	return fault.WithHint(fault.Newf(fault.Corrupt, "the custody log is refused: "+format, args...), wayBack)
}

// check gives the checkpoint that the record holds. What only grows is read in
// such an order that a writer at work cannot make it look wrong.
func check(ctx context.Context, tiles Tiles, key Key, ledger Ledger) (recorded proof.Checkpoint, err error) {
	last, err := ledger.LastCheckpoint(ctx)
	if err != nil {
		return recorded, err
	}
	published, err := tiles.Checkpoint(ctx)
	if err != nil {
		return recorded, err
	}
	s, err := tiles.state()
	if err != nil {
		return recorded, fault.WithHint(err, wayBack)
	}
	placed, err := ledger.PlacedEntries(ctx)
	if err != nil {
		return recorded, err
	}
	if s.Size > uint64(placed) {
		return recorded, refuse("it holds %d entries and the record knows of %d: the database was put back to an older state", s.Size, placed)
	}
	if recorded, err = against(ctx, tiles, key, s, []byte(last.Note), "the record holds"); err != nil {
		return recorded, err
	}
	if _, err := against(ctx, tiles, key, s, published, "the log published"); err != nil {
		return recorded, err
	}
	root, err := tiles.Root(ctx, s.Size)
	if err != nil {
		return recorded, fault.WithHint(err, wayBack)
	}
	if !bytes.Equal(root, s.Root) {
		return recorded, refuse("its tiles do not give the root that it noted for %d entries", s.Size)
	}
	return recorded, lastLeaf(ctx, tiles, ledger, s.Size)
}

// against compares the tiles with a checkpoint.
func against(ctx context.Context, tiles Tiles, key Key, s state, signed []byte, who string) (cp proof.Checkpoint, err error) {
	if len(signed) == 0 {
		return cp, nil
	}
	if cp, _, err = openAny(signed, key.all()); err != nil {
		return cp, refuse("the checkpoint that %s does not verify with the log's key: %v", who, err)
	}
	if s.Size < cp.Size {
		return cp, refuse("it holds %d entries, fewer than the %d of a checkpoint that %s: its folder was put back to an older state", s.Size, cp.Size, who)
	}
	root, err := tiles.Root(ctx, cp.Size)
	if err != nil {
		return cp, fault.WithHint(err, wayBack)
	}
	if !bytes.Equal(root, cp.Root) {
		return cp, refuse("its tiles do not give the root of the checkpoint of size %d that %s", cp.Size, who)
	}
	return cp, nil
}

// lastLeaf compares the newest leaf of the log with that of the record; verify
// compares all.
func lastLeaf(ctx context.Context, tiles Tiles, ledger Ledger, size uint64) error {
	if size == 0 {
		return nil
	}
	ours, err := ledger.Leaves(ctx, int64(size-1), 1)
	if err != nil {
		return fault.WithHint(err, wayBack)
	}
	theirs, err := tiles.Leaf(ctx, size-1, size)
	if err == nil && (len(ours) != 1 || !bytes.Equal(ours[0], theirs)) {
		return refuse("at place %d it holds another leaf than the record", size-1)
	}
	return fault.WithHint(err, wayBack)
}

// Advance gives waiting entries their places and brings the log up to them. It
// tells how many entries went into the log.
func (l *Log) Advance(ctx context.Context) (moved int, err error) {
	if err := l.watch.refused(); err != nil {
		return 0, err
	}
	for {
		placed, err := l.cfg.Ledger.PlaceEntries(ctx, perTurn, l.cfg.Now())
		if err != nil {
			return moved, err
		}
		n, err := l.follow(ctx)
		moved += n
		if err != nil || placed < perTurn {
			return moved, err
		}
	}
}

// follow puts the leaves that have a place into the log, in the order of their
// places.
func (l *Log) follow(ctx context.Context) (moved int, err error) {
	for {
		size, err := l.size(ctx)
		if err != nil {
			return moved, fault.Newf(fault.Unavailable, "size of the custody log: %w", err)
		}
		leaves, err := l.cfg.Ledger.Leaves(ctx, int64(size), perTurn)
		if err != nil || len(leaves) == 0 {
			return moved, err
		}
		futures := make([]tessera.IndexFuture, 0, len(leaves))
		for _, leaf := range leaves {
			futures = append(futures, l.appender.Add(ctx, tessera.NewEntry(leaf)))
		}
		for n, f := range futures {
			at, err := f()
			if err != nil {
				return moved, fault.Newf(fault.Unavailable, "custody log in %q: %w", l.cfg.Dir, err)
			}
			if want := size + uint64(n); at.Index != want {
				return moved, fault.WithHint(fault.Newf(fault.Corrupt, "the leaf of place %d went into the log at %d: somebody else wrote to it", want, at.Index), wayBack)
			}
			moved++
		}
	}
}

// Record takes a checkpoint that was published since into the record, once it was
// checked as anybody would: the log's signature, the witnesses', and that it
// continues the last one. It tells whether there was one.
func (l *Log) Record(ctx context.Context) (custody.Checkpoint, bool, error) {
	var none custody.Checkpoint
	signed, err := l.tiles.Checkpoint(ctx)
	if err != nil || len(signed) == 0 {
		return none, false, err
	}
	cp, _, err := openAny(signed, l.key.all())
	if err != nil {
		return none, false, err
	}
	if cp.Size <= l.recorded.Size {
		return none, false, nil
	}
	if _, err := l.cfg.Policy.Cosigned(signed); err != nil {
		return none, false, err
	}
	if l.recorded.Size > 0 {
		path, err := l.tiles.Consistency(ctx, l.recorded.Size, cp.Size)
		if err == nil {
			before := l.recorded
			before.Origin = cp.Origin // it was checked with a key of this log, which may have had another name then
			err = proof.Consistency(before, cp, path)
		}
		if err != nil {
			return none, false, fault.WithHint(err, wayBack)
		}
	}
	c := custody.Checkpoint{Size: int64(cp.Size), Note: string(signed), At: l.cfg.Now().UTC()}
	if err := l.cfg.Ledger.AddCheckpoint(ctx, c); err != nil {
		return none, false, err
	}
	l.recorded = cp
	return c, true, nil
}

// Await records checkpoints until one commits to everything in the log, or until
// the time is over: then what waits is published by whoever writes the log next.
func (l *Log) Await(ctx context.Context, atMost time.Duration) (c custody.Checkpoint, all bool, err error) {
	size, err := l.size(ctx)
	if err != nil {
		return c, false, fault.Newf(fault.Unavailable, "size of the custody log: %w", err)
	}
	limit := time.NewTimer(atMost)
	defer limit.Stop()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for {
		got, new, err := l.Record(ctx)
		if err != nil {
			return c, false, err
		}
		if new {
			c = got
		}
		if l.recorded.Size >= size {
			return c, true, nil
		}
		if err := l.watch.refused(); err != nil {
			return c, false, err
		}
		select {
		case <-ctx.Done():
			return c, false, fault.As(fault.Unavailable, ctx.Err())
		case <-limit.C:
			return c, false, nil
		case <-tick.C:
		}
	}
}

// Unpublished tells how many entries no published checkpoint commits to, and what
// each witness last said.
func (l *Log) Unpublished(ctx context.Context) (entries uint64, witnesses []Answer, err error) {
	size, err := l.size(ctx)
	if err != nil {
		return 0, nil, fault.Newf(fault.Unavailable, "size of the custody log: %w", err)
	}
	return size - min(size, l.recorded.Size), l.watch.answers(), nil
}

// Close ends writing. It waits a moment for a checkpoint of what was added.
func (l *Log) Close() error { return l.end() }

// IsBusy tells whether an error says that another process writes the log.
func IsBusy(err error) bool { return errors.Is(err, ErrBusy) }
