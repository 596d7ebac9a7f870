package flow

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"

	"suraag/custody"
	"suraag/digest"
	"suraag/fault"
	"suraag/hashset"
	"suraag/intake"
	"suraag/sighting"
)

// The bounds of what one question follows in one list.
const (
	maxSame   = 200    // entries that have one and the same value
	maxRecall = 20_000 // entries that were read again and are remembered
)

// shelf remembers what was read again of lists, and who makes entries just now.
type shelf struct {
	mu     sync.Mutex // guards all of it
	recall map[spot]sighting.Listing
	agains map[string]*againer
	making map[string]*making
}

// spot is one entry of one source.
type spot struct {
	source string
	entry  int64
}

// againer reads entries of one original again, one at a time.
type againer struct {
	mu   sync.Mutex
	read func(sighting.Entry) (sighting.Listing, error)
}

// making is the entries of a source on their way.
type making struct {
	done chan struct{}
	err  error
}

// book is the entries of one source with the lists that rest on them.
type book struct {
	house   *House
	source  string
	sets    []hashset.Set
	entries hashset.Entries
}

// library is every list that counts for one question.
type library []book

// library opens the live lists, and the lists of one more source as if they were live.
func (h *House) library(ctx context.Context, also string) (library, error) {
	sets, err := h.Record.Sets(ctx) // a view leaves some out
	if err != nil {
		return nil, err
	}
	var out library
	for _, s := range sets {
		if s.State != hashset.StateLive && s.Source != also {
			continue
		}
		at := slices.IndexFunc(out, func(b book) bool { return b.source == s.Source })
		if at < 0 {
			entries, err := h.all().Entries(ctx, s.Source)
			if err != nil {
				return nil, fault.Wrapf(err, "list %q", s.Name)
			}
			at, out = len(out), append(out, book{house: h.all(), source: s.Source, entries: entries})
		}
		out[at].sets = append(out[at].sets, s)
	}
	return out, nil
}

// withLibrary asks the lists something. Where it meets entries that do not fit their
// check sums, they are made again and the question is asked anew.
func (h *House) withLibrary(ctx context.Context, also string, ask func(library) error) error {
	for tries := 0; ; tries++ {
		lib, err := h.library(ctx, also)
		if err != nil {
			return err
		}
		if err = ask(lib); !fault.Is(err, fault.Corrupt) || tries > len(lib) {
			return err
		}
	}
}

// Entries opens the entries of the lists that rest on a source. Those that are not here, were damaged or
// were made by an older reader are made again from the sealed original.
func (h *House) Entries(ctx context.Context, source string) (hashset.Entries, error) {
	e, err := h.Lists.Open(source)
	switch {
	case err == nil && h.current(e.Readers()):
		return e, nil
	case err == nil, fault.Is(err, fault.NotFound):
	case fault.Is(err, fault.Corrupt):
		h.Log.Warn("entries of a list are made again from its original", "source", source, "why", err)
	default:
		return nil, err
	}
	if err := h.makeEntries(ctx, source); err != nil {
		return nil, err
	}
	return h.Lists.Open(source)
}

// current tells whether no reader has a higher version than the one that was used.
func (h *House) current(readers map[string]int) bool {
	for name, version := range readers {
		if h.newer(name, version) {
			return false
		}
	}
	return true
}

// makeEntries makes the entries of a source again, once however many ask for
// them. It goes on when the one who asked first has left.
func (h *House) makeEntries(ctx context.Context, source string) error {
	h.shelf.mu.Lock()
	m := h.shelf.making[source]
	if m == nil {
		if h.shelf.making == nil {
			h.shelf.making = map[string]*making{}
		}
		m = &making{done: make(chan struct{})}
		h.shelf.making[source] = m
		go func() {
			m.err = h.remake(context.WithoutCancel(ctx), source)
			h.shelf.mu.Lock()
			delete(h.shelf.making, source)
			h.shelf.mu.Unlock()
			close(m.done)
		}()
	}
	h.shelf.mu.Unlock()
	select {
	case <-m.done:
		return m.err
	case <-ctx.Done():
		err := fault.Newf(fault.Unavailable, "the entries of source %s are being made from its original: %w", source, context.Cause(ctx))
		return fault.WithHint(err, "ask again in some minutes; a long list takes a few")
	}
}

func (h *House) remake(ctx context.Context, source string) error {
	original, err := h.original(ctx, source)
	if err != nil {
		return err
	}
	defer original.close()
	draft, err := h.Lists.Create(source)
	if err != nil {
		return err
	}
	defer draft.Discard()
	result, err := intake.Read(ctx, h.Formats, original.source, original.opts, h.Limits.Intake, onlyEntries{draft})
	if err != nil && original.state == custody.Read {
		return err
	}
	return h.keepEntries(ctx, draft, source, result)
}

// keepEntries gives a draft its place and forgets what was remembered of the one before.
func (h *House) keepEntries(ctx context.Context, draft hashset.Draft, source string, result intake.Result) error {
	readers := map[string]int{}
	for _, m := range result.Members {
		if m.Listings > 0 {
			readers[m.Format] = m.Version
		}
	}
	if err := draft.Keep(ctx, readers); err != nil {
		return err
	}
	h.shelf.mu.Lock()
	defer h.shelf.mu.Unlock()
	clear(h.shelf.recall)
	delete(h.shelf.agains, source)
	return nil
}

// onlyEntries is a sink for the entries of a list, whose bad rows were told when it
// was first read.
type onlyEntries struct{ hashset.Draft }

func (onlyEntries) Sighting(sighting.Sighting) error  { return nil }
func (onlyEntries) Lease(sighting.Lease) error        { return nil }
func (onlyEntries) Bad(sighting.Place, string) error  { return nil }
func (onlyEntries) Note(sighting.Place, string) error { return nil }

// opened is a sealed original with what is needed to read it.
type opened struct {
	source intake.Source
	opts   intake.Options
	state  string
	close  func() error
}

func (h *House) original(ctx context.Context, source string) (opened, error) {
	s, err := h.Record.Source(ctx, source)
	if err != nil {
		return opened{}, err
	}
	var declared Declared
	if err := json.Unmarshal(s.Options, &declared); err != nil {
		return opened{}, fault.Newf(fault.Corrupt, "source %s, options: %w", source, err)
	}
	opts, err := declared.Options()
	if err != nil {
		return opened{}, err
	}
	o, err := h.Originals.Open(source)
	if err != nil {
		return opened{}, err
	}
	return opened{intake.Source{ID: source, Name: s.Name, Size: s.Size, Bytes: o}, opts, s.State, o.Close}, nil
}

// listing gives an entry whole. One that was kept in short is read again from its
// place in the sealed original.
func (b book) listing(ctx context.Context, entry int64) (sighting.Listing, error) {
	at := spot{b.source, entry}
	sh := &b.house.shelf
	sh.mu.Lock()
	l, known := sh.recall[at]
	sh.mu.Unlock()
	if known {
		return l, nil
	}
	short, whole, err := b.entries.At(entry)
	if err == nil && whole != nil {
		l = *whole
	} else if err == nil {
		l, err = b.again(ctx, short)
	}
	if err != nil {
		return l, fault.Wrapf(err, "entry %d of source %s", entry, b.source)
	}
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if len(sh.recall) >= maxRecall || sh.recall == nil {
		sh.recall = map[spot]sighting.Listing{}
	}
	sh.recall[at] = l
	return l, nil
}

func (b book) again(ctx context.Context, short sighting.Entry) (sighting.Listing, error) {
	sh := &b.house.shelf
	sh.mu.Lock()
	a := sh.agains[b.source]
	if a == nil {
		if sh.agains == nil {
			sh.agains = map[string]*againer{}
		}
		a = &againer{}
		sh.agains[b.source] = a
	}
	sh.mu.Unlock()
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.read == nil {
		original, err := b.house.original(ctx, b.source) // stays open for the next entry
		if err != nil {
			return sighting.Listing{}, err
		}
		for name := range b.entries.Readers() {
			if a.read, err = intake.Again(context.WithoutCancel(ctx), b.house.Formats, name, original.source, original.opts); err != nil {
				return sighting.Listing{}, err
			}
		}
	}
	if a.read == nil {
		return sighting.Listing{}, fault.Newf(fault.Corrupt, "no reader is named for the entries of source %s", b.source)
	}
	return a.read(short)
}

// counts tells whether an entry says that something is known: it takes no other
// back, and no later word of the same list takes it back.
func (lib library) counts(ctx context.Context, b book, l sighting.Listing) (bool, error) {
	if l.Withdrawn {
		return false, nil
	}
	if l.Ref == "" {
		return true, nil
	}
	for _, other := range lib {
		if !sameList(b.sets, other.sets) {
			continue
		}
		found, err := other.entries.Withdrawn(l.Ref)
		if err != nil {
			return false, err
		}
		for _, n := range found {
			w, err := other.listing(ctx, n)
			if err != nil {
				return false, err
			}
			if w.Ref == l.Ref && (w.Updated.IsZero() || l.Updated.IsZero() || !l.Updated.At.After(w.Updated.Until)) {
				return false, nil
			}
		}
	}
	return true, nil
}

// sameList tells whether two sources hold parts or versions of one list.
func sameList(a, b []hashset.Set) bool {
	for _, x := range a {
		for _, y := range b {
			if x.Name == y.Name {
				return true
			}
		}
	}
	return false
}

// found is an entry that has one of the digests that were asked for.
type found struct {
	book    book
	entry   int64
	listing sighting.Listing
	thing   sighting.Thing
}

// find gives the entries that have one of the digests.
func (lib library) find(ctx context.Context, digests []digest.Digest) ([]found, error) {
	var out []found
	for _, b := range lib {
		seen := map[int64]bool{}
		for _, d := range digests {
			entries, _, err := b.entries.Find(d, maxSame)
			if err != nil {
				return nil, b.damaged(err)
			}
			for _, n := range entries {
				if seen[n] {
					continue
				}
				seen[n] = true
				f, ok, err := lib.read(ctx, b, n)
				if err != nil {
					return nil, err
				}
				if ok {
					out = append(out, f)
				}
			}
		}
	}
	return out, nil
}

// read gives an entry if it counts.
func (lib library) read(ctx context.Context, b book, entry int64) (f found, counts bool, err error) {
	l, err := b.listing(ctx, entry)
	if err != nil {
		return f, false, b.damaged(err)
	}
	if counts, err = lib.counts(ctx, b, l); err != nil || !counts {
		return f, false, err
	}
	t, any := sighting.ThingOf(l.Digests, nil)
	return found{b, entry, l, t}, any, nil
}

// damaged drops entries that do not fit their check sums, so that they are made
// again.
func (b book) damaged(err error) error {
	if !fault.Is(err, fault.Corrupt) {
		return err
	}
	if dropped := b.house.Lists.Drop(b.source); dropped != nil {
		return dropped
	}
	b.house.Log.Warn("entries of a list are made again from its original", "source", b.source, "why", err)
	return fault.WithHint(err, "suraag verify compares the list with its sealed original")
}

// things gives what lists say of digests, for a closure.
func (lib library) things(ctx context.Context) func([]digest.Digest) ([]sighting.Thing, error) {
	return func(digests []digest.Digest) ([]sighting.Thing, error) {
		entries, err := lib.find(ctx, digests)
		var out []sighting.Thing
		for _, f := range entries {
			out = append(out, f.thing)
		}
		return out, err
	}
}

// closure gives every thing that is tied to digests and names, as sighted or as
// live lists say.
func (h *House) closure(ctx context.Context, digests []digest.Digest, refs []string) (out []sighting.Thing, err error) {
	err = h.withLibrary(ctx, "", func(lib library) error {
		out, err = h.Record.Closure(ctx, digests, refs, lib.things(ctx))
		return err
	})
	return out, err
}

// listingsOf gives the entries of live lists that speak of things with these
// digests, in order of list and entry.
func (h *House) listingsOf(ctx context.Context, things []string, digests []digest.Digest) ([]hashset.Listed, error) {
	var entries []found
	err := h.withLibrary(ctx, "", func(lib library) (err error) {
		entries, err = lib.find(ctx, digests)
		return err
	})
	if err != nil {
		return nil, err
	}
	var out []hashset.Listed
	for _, f := range entries {
		if !slices.Contains(things, f.thing.ID) {
			continue
		}
		for _, s := range f.book.sets {
			out = append(out, hashset.Listed{Set: s, Listing: f.listing, Thing: f.thing.ID})
		}
	}
	slices.SortFunc(out, func(a, b hashset.Listed) int {
		return cmp.Or(strings.Compare(a.Set.Name, b.Set.Name), strings.Compare(a.Set.ID, b.Set.ID), strings.Compare(a.Listing.ID, b.Listing.ID))
	})
	return out, nil
}

// neighbour is an entry with a value near one that was looked for.
type neighbour struct {
	book book
	look int
	hashset.Neighbour
	by digest.Kind
}

// near gives the entries with values near some, the nearest first; how many more
// there are where they are too many.
func (lib library) near(ctx context.Context, policy Policy, looks []turned, own []digest.Digest) (out []neighbour, more int, err error) {
	questions := make([]digest.Digest, len(looks))
	for n, l := range looks {
		questions[n] = l.value
	}
	for _, b := range lib {
		best := map[int64]neighbour{}
		if len(questions) > 0 {
			err := b.entries.Near(ctx, questions, policy.PDQDistance, func(look int, n hashset.Neighbour) bool {
				if old, seen := best[n.Entry]; !seen || n.Distance < old.Distance {
					best[n.Entry] = neighbour{b, look, n, digest.PDQ}
				}
				return true
			})
			if err != nil {
				return nil, 0, b.damaged(err)
			}
		}
		if err := b.nearPhotoDNA(policy, own, best); err != nil {
			return nil, 0, b.damaged(err)
		}
		for _, n := range best {
			out = append(out, n)
		}
	}
	slices.SortFunc(out, func(a, b neighbour) int {
		return cmp.Or(cmp.Compare(a.by, b.by), cmp.Compare(a.Distance, b.Distance), strings.Compare(a.book.source, b.book.source), cmp.Compare(a.Entry, b.Entry))
	})
	if len(out) > maxNear {
		more, out = len(out)-maxNear, out[:maxNear]
	}
	return out, more, nil
}

// nearPhotoDNA compares with every PhotoDNA value of a list: there is no index for it.
func (b book) nearPhotoDNA(policy Policy, own []digest.Digest, best map[int64]neighbour) error {
	count := b.entries.Kinds()[digest.PhotoDNA]
	for _, d := range own {
		if d.Kind() != digest.PhotoDNA {
			continue
		}
		mine := d.Bytes()
		for n := range count {
			raw, entry, err := b.entries.Row(digest.PhotoDNA, n)
			if err != nil {
				return err
			}
			sum := squares(mine, raw, policy.PhotoDNA)
			if old, seen := best[entry]; sum <= policy.PhotoDNA && (!seen || old.by == digest.PhotoDNA && sum < old.Distance) {
				value, _ := digest.Of(digest.PhotoDNA, raw) // its length is the kind's
				best[entry] = neighbour{b, 0, hashset.Neighbour{Entry: entry, Value: value, Distance: sum}, digest.PhotoDNA}
			}
		}
	}
	return nil
}

// squares sums the squared differences of two values, no further than a limit is passed.
func squares(a, b []byte, limit int) int {
	sum := 0
	for from := 0; from < len(a) && sum <= limit; from += 16 {
		for i := from; i < from+16; i++ {
			d := int(a[i]) - int(b[i])
			sum += d * d
		}
	}
	return sum
}

// nearLists looks for near values in the live lists.
func (h *House) nearLists(ctx context.Context, looks []turned, own []digest.Digest, best map[string]near) (notes []string, err error) {
	err = h.withLibrary(ctx, "", func(lib library) error {
		notes, err = lib.nearest(ctx, h.Policy, looks, own, best)
		return err
	})
	return notes, err
}

func (lib library) nearest(ctx context.Context, policy Policy, looks []turned, own []digest.Digest, best map[string]near) (notes []string, err error) {
	list, more, err := lib.near(ctx, policy, looks, own)
	if err != nil {
		return nil, err
	}
	if more > 0 {
		notes = append(notes, fmt.Sprintf("%d more near entries of lists were not followed.", more))
	}
	for _, n := range list {
		f, ok, err := lib.read(ctx, n.book, n.Entry)
		if err != nil {
			return nil, err
		}
		if ok {
			hit := near{thing: f.thing.ID, value: n.Value, by: n.by, distance: n.Distance}
			if n.by == digest.PDQ {
				hit.compare(looks[n.look])
			}
			closer(best, hit)
		}
	}
	return notes, nil
}
