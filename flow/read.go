package flow

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"

	"suraag/custody"
	"suraag/fault"
	"suraag/hashset"
	"suraag/intake"
	"suraag/sighting"
)

// rowsPerBatch is how many records one transaction holds. IDs are hashes, so a
// transaction touches pages all over the indexes, and each touched page is written
// twice: five times the records cost little more than one time in bytes. More
// would keep the one writer of SQLite busy for seconds (doc/performance.md).
const rowsPerBatch = 5000

// ReadSource is the stage that turns a sealed original into records. Reading
// again adds nothing; a death half-way leaves whole batches, which the next
// reading finds in their place.
func (h *House) ReadSource(ctx context.Context, id string) error {
	s, err := h.Record.Source(ctx, id)
	if err != nil {
		return err
	}
	original, err := h.original(ctx, id)
	if err != nil {
		return err
	}
	defer original.close()
	sets, err := h.Record.SetsOf(ctx, id)
	if err != nil {
		return err
	}
	w := &writer{ctx: ctx, house: h, source: s}
	if len(sets) > 0 {
		if w.draft, err = h.Lists.Create(id); err != nil {
			return err
		}
		defer w.draft.Discard()
	}
	result, readErr := intake.Read(ctx, h.Formats, original.source, original.opts, h.Limits.Intake, w)
	if ctx.Err() != nil {
		return fault.Newf(fault.Unavailable, "reading of %q was stopped: %w", s.Name, context.Cause(ctx))
	}
	if w.failed != nil {
		return w.failed
	}
	if err := w.flush(); err != nil {
		return err
	}
	if w.draft != nil {
		if err := h.keepEntries(ctx, w.draft, id, result); err != nil {
			return err
		}
	}
	return h.finish(ctx, s, sets, result, readErr, w)
}

// finish writes what came of a source, in one transaction with the next job.
func (h *House) finish(ctx context.Context, s custody.Source, sets []hashset.Set, result intake.Result, readErr error, w *writer) error {
	entries, problems := result.Listings-w.withdrawn, w.seq
	doc, err := json.Marshal(result)
	if err != nil {
		return fault.As(fault.Internal, err)
	}
	s.State, s.Problem, s.Result, s.ReadAt = custody.Read, "", doc, h.Now().UTC()
	if readErr != nil {
		s.State, s.Problem = custody.Unread, readErr.Error()
	}
	if len(sets) == 0 && result.Listings > 0 {
		s.Problem = fmt.Sprintf("%d entries of a list of known hashes were not taken in: hand the file in with \"suraag hashset import\"", result.Listings)
	}
	return h.Record.InTx(ctx, func(tx *sql.Tx) error {
		if len(sets) > 0 { // of two versions that end at once, the second sees what became of the first
			if err := h.Record.TakeTurn(ctx, tx, "leads", h.Now()); err != nil {
				return err
			}
		}
		if err := h.Record.RetireOlder(ctx, tx, s.ID, whole(result, readErr), h.Now()); err != nil {
			return err
		}
		unfit, err := h.complained(ctx, tx, s, result)
		if err != nil {
			return err
		}
		if unfit != "" && s.Problem == "" {
			s.Problem = unfit
		}
		if err := h.finishLists(ctx, tx, sets, result.Listings, entries); err != nil {
			return err
		}
		if result.Leases > 0 {
			if err := h.Record.DirtyByLeases(ctx, tx, s.ID); err != nil {
				return err
			}
		}
		// What an earlier reading found bad beyond these may be read today.
		if err := h.Record.TrimProblems(ctx, tx, s.ID, problems); err != nil {
			return err
		}
		if err := h.Record.FinishSource(ctx, tx, s); err != nil {
			return err
		}
		if err := h.read(ctx, tx, s); err != nil {
			return err
		}
		return h.Queue.Weigh(ctx, tx)
	})
}

// whole gives the versions of the readers that came to the end of all their
// members: only of those is it known what they no longer make.
func whole(result intake.Result, readErr error) map[string]int {
	versions := map[string]int{}
	if readErr != nil {
		return versions
	}
	for _, m := range result.Members {
		if m.Format != "" {
			versions[m.Format] = m.Version
		}
	}
	for _, m := range result.Members {
		if m.Problem != "" {
			delete(versions, m.Format)
		}
	}
	return versions
}

// finishLists lets the lists that rest on a source make matches, and has them held
// against everything that was seen before.
func (h *House) finishLists(ctx context.Context, tx *sql.Tx, sets []hashset.Set, read, entries int64) error {
	for _, set := range sets {
		if set.State == hashset.StateRetracted || set.State == hashset.StateReplaced {
			continue
		}
		set.State, set.Entries = hashset.StateLive, entries
		if set.Replaces && read > 0 {
			if err := h.replace(ctx, tx, set); err != nil {
				return err
			}
		}
		if read == 0 {
			set.State, set.Reason = hashset.StateUnread, "no entry could be read"
		}
		late, err := h.replaced(ctx, set)
		if err != nil {
			return err
		}
		if late != "" {
			set.State, set.Reason = hashset.StateReplaced, late
		}
		if err := h.Record.UpdateSet(ctx, tx, set); err != nil {
			return err
		}
		if err := h.log(ctx, tx, custody.ListImported, set.ID, custody.Program, set); err != nil {
			return err
		}
		if err := h.begin(ctx, tx, set.ID, hashset.Came); err != nil {
			return err
		}
	}
	return nil
}

// replaced says that a later version, which is the whole list anew, was read before
// this one; empty if none was.
func (h *House) replaced(ctx context.Context, set hashset.Set) (string, error) {
	all, err := h.Record.Sets(ctx)
	if err != nil {
		return "", err
	}
	own := slices.IndexFunc(all, func(s hashset.Set) bool { return s.ID == set.ID })
	for _, s := range all {
		if own >= 0 && s.Name == set.Name && s.Version > all[own].Version && s.Replaces && s.State == hashset.StateLive {
			return fmt.Sprintf("version %d is the whole list anew, and was read before", s.Version), nil
		}
	}
	return "", nil
}

// replace takes the earlier versions of a list out of use: a later one is the whole
// list anew.
func (h *House) replace(ctx context.Context, tx *sql.Tx, by hashset.Set) error {
	all, err := h.Record.Sets(ctx)
	if err != nil {
		return err
	}
	version := 0
	for _, s := range all {
		if s.ID == by.ID {
			version = s.Version
		}
	}
	for _, s := range all {
		if s.Name != by.Name || s.Version >= version || s.State != hashset.StateLive {
			continue
		}
		s.State, s.Reason = hashset.StateReplaced, fmt.Sprintf("version %d is the whole list anew", version)
		if err := h.Record.UpdateSet(ctx, tx, s); err != nil {
			return err
		}
		if err := h.log(ctx, tx, custody.ListReplaced, s.ID, custody.Program, s); err != nil {
			return err
		}
		if err := h.begin(ctx, tx, s.ID, hashset.Went); err != nil {
			return err
		}
	}
	return nil
}

// begin has a list held against everything that was seen.
func (h *House) begin(ctx context.Context, tx *sql.Tx, set, cause string) error {
	if err := h.Record.BeginRun(ctx, tx, set, cause, h.Now()); err != nil {
		return err
	}
	return h.Queue.Run(ctx, tx, set, cause)
}

// Retract takes a list back whole. What it alone matched is matched no more, and
// the leads that rested on it are weighed again. The original stays sealed.
func (h *House) Retract(ctx context.Context, name, by, reason string) ([]hashset.Set, error) {
	all, err := h.Record.Sets(ctx)
	if err != nil {
		return nil, err
	}
	var gone []hashset.Set
	for _, s := range all {
		if (s.Name == name || s.ID == name || fmt.Sprintf("%s@%d", s.Name, s.Version) == name) && s.State != hashset.StateRetracted {
			s.State, s.Retracted, s.RetractedBy, s.Reason = hashset.StateRetracted, h.Now().UTC(), by, reason
			gone = append(gone, s)
		}
	}
	if len(gone) == 0 {
		err := fault.Newf(fault.NotFound, "hash set %q is not in the record, or was retracted before", name)
		return nil, fault.WithHint(err, "see suraag hashset list")
	}
	err = h.Record.InTx(ctx, func(tx *sql.Tx) error {
		for _, s := range gone {
			if err := h.Record.UpdateSet(ctx, tx, s); err != nil {
				return err
			}
			if err := h.log(ctx, tx, custody.ListRetracted, s.ID, by, s); err != nil {
				return err
			}
			if err := h.begin(ctx, tx, s.ID, hashset.Went); err != nil {
				return err
			}
		}
		return h.Queue.Weigh(ctx, tx)
	})
	return gone, err
}

// writer is the sink that writes records in batches.
type writer struct {
	ctx      context.Context
	house    *House
	source   custody.Source
	draft    hashset.Draft // of the lists that rest on the source; nil: none do
	batch    sighting.Batch
	problems []sighting.Problem
	seq      int64
	failed   error

	withdrawn int64 // entries that take others back
}

func (w *writer) full() error {
	if w.batch.Len()+len(w.problems) < rowsPerBatch {
		return nil
	}
	return w.flush()
}

func (w *writer) flush() error {
	if w.batch.Len()+len(w.problems) == 0 {
		return nil
	}
	w.failed = w.house.Record.InTx(w.ctx, func(tx *sql.Tx) error {
		if _, err := w.house.Record.Put(w.ctx, tx, w.batch, w.house.Now()); err != nil {
			return err
		}
		return w.house.Record.AddProblems(w.ctx, tx, w.source.ID, w.problems)
	})
	w.batch, w.problems = sighting.Batch{}, nil
	return w.failed
}

func (w *writer) Sighting(s sighting.Sighting) error {
	w.batch.Sightings = append(w.batch.Sightings, s)
	return w.full()
}

func (w *writer) Lease(l sighting.Lease) error {
	w.batch.Leases = append(w.batch.Leases, l)
	return w.full()
}

func (w *writer) Listing(l sighting.Listing) error {
	if w.draft == nil {
		return nil
	}
	if l.Withdrawn {
		w.withdrawn++
	}
	w.failed = w.draft.Listing(l)
	return w.failed
}

// Entry takes an entry of a list in short.
func (w *writer) Entry(e *sighting.Entry) error {
	if w.draft == nil {
		return nil
	}
	w.failed = w.draft.Entry(e)
	return w.failed
}

func (w *writer) problem(kind string, at sighting.Place, reason string) error {
	w.problems = append(w.problems, sighting.Problem{Seq: w.seq, Kind: kind, Place: at, Reason: reason})
	w.seq++
	return w.full()
}

func (w *writer) Bad(at sighting.Place, reason string) error { return w.problem("bad", at, reason) }
func (w *writer) Note(at sighting.Place, text string) error  { return w.problem("note", at, text) }

// Preview is what a dry run finds.
type Preview struct {
	Name      string             `json:"name"`
	Formats   []string           `json:"formats"`
	Records   int64              `json:"records"`
	New       int64              `json:"new"`
	Duplicate int64              `json:"duplicate"`
	Bad       int64              `json:"bad"`
	Notes     int64              `json:"notes"`
	Problems  []sighting.Problem `json:"problems"`
	Problem   string             `json:"problem,omitempty"`
	Members   []intake.Member    `json:"members"`
}

// DryRun reads a file without sealing or storing anything, and counts what would
// be new, what is there already and what is bad.
func (h *House) DryRun(ctx context.Context, src intake.Source, declared Declared) (Preview, error) {
	opts, err := declared.Options()
	if err != nil {
		return Preview{}, err
	}
	c := &counter{ctx: ctx, house: h}
	if c.listed, err = h.listedOf(ctx, src.ID); err != nil {
		return Preview{}, err
	}
	result, err := intake.Read(ctx, h.Formats, src, opts, h.Limits.Intake, c)
	if c.failed != nil {
		return Preview{}, c.failed
	}
	if err := c.count(); err != nil {
		return Preview{}, err
	}
	p := Preview{
		Name: src.Name, Formats: result.Formats(), Records: c.records, New: c.records - c.had, Duplicate: c.had,
		Bad: result.Bad, Notes: result.Notes, Problems: c.problems, Members: result.Members,
	}
	if err != nil {
		p.Problem = err.Error()
	}
	return p, nil
}

// counter is the sink of a dry run.
type counter struct {
	ctx          context.Context
	house        *House
	ids          []string
	records, had int64
	listed       int64 // entries of this very file that are kept and were not met yet
	problems     []sighting.Problem
	failed       error
}

// listedOf counts the entries that are kept of a source.
func (h *House) listedOf(ctx context.Context, source string) (int64, error) {
	sets, err := h.Record.SetsOf(ctx, source)
	if err != nil || len(sets) == 0 {
		return 0, err
	}
	return sets[0].Entries, nil
}

func (c *counter) id(id string) error {
	c.records++
	if c.ids = append(c.ids, id); len(c.ids) < rowsPerBatch {
		return nil
	}
	return c.count()
}

func (c *counter) count() error {
	n, err := c.house.Record.Has(c.ctx, c.ids)
	c.had += n
	c.ids, c.failed = c.ids[:0], err
	return err
}

// entry counts an entry of a list: the same file gives the same entries.
func (c *counter) entry() error {
	if c.records++; c.listed > 0 {
		c.listed--
		c.had++
	}
	return nil
}

func (c *counter) problem(kind string, at sighting.Place, reason string) error {
	c.problems = append(c.problems, sighting.Problem{Seq: int64(len(c.problems)), Kind: kind, Place: at, Reason: reason})
	return nil
}

func (c *counter) Sighting(s sighting.Sighting) error         { return c.id(s.ID) }
func (c *counter) Lease(l sighting.Lease) error               { return c.id(l.ID) }
func (c *counter) Listing(sighting.Listing) error             { return c.entry() }
func (c *counter) Entry(*sighting.Entry) error                { return c.entry() }
func (c *counter) Bad(at sighting.Place, reason string) error { return c.problem("bad", at, reason) }
func (c *counter) Note(at sighting.Place, text string) error  { return c.problem("note", at, text) }
