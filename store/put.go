package store

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"maps"
	"net/netip"
	"slices"
	"time"

	"suraag/fault"
	"suraag/sighting"
)

// Put writes a batch. A record that is there already, by the same reader
// version, stays; one by an older version goes to the superseded, visibly, and
// the new one takes its place. It gives how many records were new.
func (d *DB) Put(ctx context.Context, tx *sql.Tx, b sighting.Batch, now time.Time) (added int64, err error) {
	if err := hold(ctx, tx, b); err != nil {
		return 0, err
	}
	if err := supersede(ctx, tx, "sighting", versionsOf(b.Sightings, func(s sighting.Sighting) sighting.Origin { return s.Origin }), now); err != nil {
		return 0, err
	}
	if err := supersede(ctx, tx, "lease", versionsOf(b.Leases, func(l sighting.Lease) sighting.Origin { return l.Origin }), now); err != nil {
		return 0, err
	}
	found := things{}
	rows, err := rowsOf(b, found)
	if err != nil {
		return 0, err
	}
	codes, err := found.write(ctx, d, tx)
	if err != nil {
		return 0, err
	}
	for _, t := range rows.tables() {
		slices.SortFunc(t.rows, byKeys)
		n, err := d.insert(ctx, tx, t.name, t.columns, t.rows)
		if err != nil {
			return added, err
		}
		if t.counts {
			added += n
		}
	}
	return added, d.writeCodes(ctx, tx, codes)
}

// hold has one transaction at a time write records of a source: two readers of
// different versions would each miss what the other has not committed yet.
func hold(ctx context.Context, tx *sql.Tx, b sighting.Batch) error {
	sources := map[string]bool{}
	for _, s := range b.Sightings {
		sources[s.Source] = true
	}
	for _, l := range b.Leases {
		sources[l.Source] = true
	}
	for _, source := range slices.Sorted(maps.Keys(sources)) {
		id, err := raw(source, 32)
		if err != nil {
			return err
		}
		if err := holdSource(ctx, tx, id); err != nil {
			return err
		}
	}
	return nil
}

// holdSource locks the row of a source until the transaction ends. SQLite has one
// writer anyway.
func holdSource(ctx context.Context, tx *sql.Tx, id []byte) error {
	_, err := exec(ctx, tx, `UPDATE source SET state = state WHERE id = $1`, id)
	return err
}

// table is rows on their way into one table, whose first column is its key.
type table struct {
	name    string
	columns []string
	rows    [][]any
	counts  bool
}

type batchRows struct {
	sightings, leases, identifiers, sightingIDs, leaseIDs, dirty [][]any
}

// tables is the order in which every worker writes, so that none waits for
// another in a ring.
func (r *batchRows) tables() []*table {
	return []*table{
		{"identifier", []string{"id", "words"}, r.identifiers, false},
		{"sighting", []string{"id", "source", "reader", "version", "thing", "at_ns", "ip", "port", "doc"}, r.sightings, true},
		{"sighting_identifier", []string{"identifier", "sighting"}, r.sightingIDs, false},
		{"lease", []string{"id", "source", "reader", "version", "public", "private", "from_ns", "to_ns", "doc"}, r.leases, true},
		{"lease_identifier", []string{"identifier", "lease"}, r.leaseIDs, false},
		{"dirty", []string{"thing"}, r.dirty, false},
	}
}

func rowsOf(b sighting.Batch, all things) (*batchRows, error) {
	r := &batchRows{}
	for _, s := range b.Sightings {
		if err := r.sighting(s, all); err != nil {
			return nil, err
		}
	}
	for _, l := range b.Leases {
		if err := r.lease(l); err != nil {
			return nil, err
		}
	}
	r.identifiers, r.dirty = once(r.identifiers), once(r.dirty)
	return r, nil
}

// once sorts rows and keeps one of each key.
func once(rows [][]any) [][]any {
	slices.SortFunc(rows, byKeys)
	return slices.CompactFunc(rows, func(a, b []any) bool { return bytes.Equal(a[0].([]byte), b[0].([]byte)) })
}

// byKeys orders rows by their first column, and by the second where that is a key too.
func byKeys(a, b []any) int {
	c := bytes.Compare(a[0].([]byte), b[0].([]byte))
	if c != 0 || len(a) < 2 {
		return c
	}
	x, _ := a[1].([]byte)
	y, _ := b[1].([]byte)
	return bytes.Compare(x, y)
}

func (r *batchRows) sighting(s sighting.Sighting, all things) error {
	id, source, doc, err := keysOf(s.Origin, s)
	if err != nil {
		return err
	}
	thing := all.add(s.Content.Digests, s.Content.Refs)
	var at, port any
	if !s.When.IsZero() {
		at = s.When.At.UnixNano()
	}
	if s.From.Port != 0 {
		port = int64(s.From.Port)
	}
	r.sightings = append(r.sightings, []any{id, source, s.Reader, int64(s.Version), nilIfEmpty(thing), at, addrKey(s.From.IP), port, doc})
	if thing != nil {
		r.dirty = append(r.dirty, []any{thing})
	}
	seen := map[sighting.Identifier]bool{}
	for _, group := range [][]sighting.Identifier{s.Who, s.To, s.Via} {
		for _, i := range group {
			if seen[i] {
				continue
			}
			seen[i] = true
			key := identifierKey(i)
			r.identifiers = append(r.identifiers, []any{key, i.String()})
			r.sightingIDs = append(r.sightingIDs, []any{key, id})
		}
	}
	return nil
}

func (r *batchRows) lease(l sighting.Lease) error {
	id, source, doc, err := keysOf(l.Origin, l)
	if err != nil {
		return err
	}
	var from, to any
	if !l.From.IsZero() {
		from = l.From.At.UnixNano()
	}
	if !l.To.IsZero() {
		to = l.To.Until.UnixNano()
	}
	r.leases = append(r.leases, []any{id, source, l.Reader, int64(l.Version), addrKey(l.Public.IP), addrKey(l.Private.IP), from, to, doc})
	seen := map[sighting.Identifier]bool{}
	for _, i := range l.Who {
		if !seen[i] {
			seen[i] = true
			key := identifierKey(i)
			r.identifiers = append(r.identifiers, []any{key, i.String()})
			r.leaseIDs = append(r.leaseIDs, []any{key, id})
		}
	}
	return nil
}

func keysOf(o sighting.Origin, record any) (id, source []byte, doc string, err error) {
	if id, err = raw(o.ID, 16); err != nil {
		return nil, nil, "", err
	}
	if source, err = raw(o.Source, 32); err != nil {
		return nil, nil, "", err
	}
	text, err := json.Marshal(record)
	if err != nil {
		return nil, nil, "", fault.Newf(fault.Internal, "record %s: %w", o.ID, err)
	}
	return id, source, string(text), nil
}

func nilIfEmpty(b []byte) any {
	if len(b) == 0 {
		return nil
	}
	return b
}

// addrKey stores every address in 16 bytes, so that one order holds for IPv4
// (mapped, RFC 4291 §2.5.5.2) and IPv6.
func addrKey(a netip.Addr) any {
	if !a.IsValid() {
		return nil
	}
	b := a.As16()
	return b[:]
}
