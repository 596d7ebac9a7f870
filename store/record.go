package store

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"maps"
	"math"
	"net/netip"
	"slices"
	"strings"
	"time"

	"suraag/digest"
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
	if err := supersede(ctx, tx, "listing", versionsOf(b.Listings, func(l sighting.Listing) sighting.Origin { return l.Origin }), now); err != nil {
		return 0, err
	}
	found := things{}
	rows, err := rowsOf(b, found)
	if err != nil {
		return 0, err
	}
	if err := found.write(ctx, d, tx); err != nil {
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
	return added, nil
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
	for _, l := range b.Listings {
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
	sightings, leases, listings, identifiers, sightingIDs, leaseIDs, dirty [][]any
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
		{"listing", []string{"id", "source", "reader", "version", "thing", "scheme", "category", "doc"}, r.listings, true},
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
	for _, l := range b.Listings {
		if err := r.listing(l, all); err != nil {
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

func (r *batchRows) listing(l sighting.Listing, all things) error {
	id, source, doc, err := keysOf(l.Origin, l)
	if err != nil {
		return err
	}
	thing := all.add(l.Digests, nil)
	if thing == nil {
		return fault.Newf(fault.Internal, "reader %s gave a listing without a digest at %s", l.Reader, l.Place)
	}
	r.listings = append(r.listings, []any{id, source, l.Reader, int64(l.Version), thing, l.Scheme, l.Category, doc})
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

// versionsOf gives the ID and reader version of each record.
func versionsOf[R any](records []R, origin func(R) sighting.Origin) map[string]int {
	out := map[string]int{}
	for _, r := range records {
		o := origin(r)
		out[o.ID] = o.Version
	}
	return out
}

// supersede moves the rows that an older reader version wrote under the same IDs
// to the superseded.
func supersede(ctx context.Context, tx *sql.Tx, table string, ids map[string]int, now time.Time) error {
	keys := make([][]byte, 0, len(ids))
	for id := range ids {
		b, err := raw(id, 16)
		if err != nil {
			return err
		}
		keys = append(keys, b)
	}
	slices.SortFunc(keys, bytes.Compare)
	for part := range slices.Chunk(keys, rowsPerInsert) {
		args := []any{}
		for _, k := range part {
			args = append(args, k)
		}
		var old [][]byte
		err := each(ctx, tx, `SELECT id, version FROM `+table+` WHERE id IN (`+holders(1, len(part))+`)`, args, func(r *sql.Rows) error {
			var id []byte
			var version int
			err := r.Scan(&id, &version)
			if version < ids[hex.EncodeToString(id)] {
				old = append(old, id)
			}
			return err
		})
		if err != nil {
			return err
		}
		if err := retire(ctx, tx, table, old, now); err != nil {
			return err
		}
	}
	return nil
}

// spoken gives the things about which a record of each table says something:
// when it goes, their leads have to be weighed again.
var spoken = map[string]string{
	"sighting": `SELECT thing FROM sighting WHERE id = $1 AND thing IS NOT NULL`,
	"lease":    `SELECT DISTINCT s.thing FROM sighting s JOIN lease l ON l.public = s.ip WHERE l.id = $1 AND s.thing IS NOT NULL`,
	"listing":  `SELECT thing FROM listing WHERE id = $1`,
}

// retire moves rows to the superseded and removes what points to them.
func retire(ctx context.Context, tx *sql.Tx, table string, ids [][]byte, now time.Time) error {
	slices.SortFunc(ids, bytes.Compare)
	for _, id := range ids {
		if _, err := exec(ctx, tx, `INSERT INTO dirty (thing) `+spoken[table], id); err != nil {
			return err
		}
		if _, err := exec(ctx, tx, `INSERT INTO superseded (id, version, kind, doc, superseded_ns, source)
			SELECT id, version, '`+table+`', doc, CAST($2 AS BIGINT), source FROM `+table+` WHERE id = $1 ON CONFLICT DO NOTHING`, id, ns(now)); err != nil {
			return err
		}
		if table != "listing" {
			if _, err := exec(ctx, tx, `DELETE FROM `+table+`_identifier WHERE `+table+` = $1`, id); err != nil {
				return err
			}
		}
		if _, err := exec(ctx, tx, `DELETE FROM `+table+` WHERE id = $1`, id); err != nil {
			return err
		}
	}
	return nil
}

// RetireOlder moves what older versions of a reader made of a source, and the
// newer one no longer makes, to the superseded.
func (d *DB) RetireOlder(ctx context.Context, tx *sql.Tx, source string, versions map[string]int, now time.Time) error {
	id, err := raw(source, 32)
	if err != nil {
		return err
	}
	if err := holdSource(ctx, tx, id); err != nil {
		return err
	}
	for _, table := range []string{"sighting", "lease", "listing"} {
		var old [][]byte
		err := each(ctx, tx, `SELECT id, reader, version FROM `+table+` WHERE source = $1`, []any{id}, func(r *sql.Rows) error {
			var id []byte
			var reader string
			var version int
			err := r.Scan(&id, &reader, &version)
			if now, still := versions[reader]; still && version < now {
				old = append(old, id)
			}
			return err
		})
		if err != nil {
			return err
		}
		if err := retire(ctx, tx, table, old, now); err != nil {
			return err
		}
	}
	return nil
}

// SupersededOf gives the earlier versions of a record.
func (d *DB) SupersededOf(ctx context.Context, id string) ([]sighting.Superseded, error) {
	b, err := raw(id, 16)
	if err != nil {
		return nil, err
	}
	var out []sighting.Superseded
	err = each(ctx, d, `SELECT version, kind, doc, superseded_ns FROM superseded WHERE id = $1 ORDER BY version`, []any{b}, func(r *sql.Rows) error {
		s := sighting.Superseded{ID: id}
		var doc string
		var at int64
		err := r.Scan(&s.Version, &s.Kind, &doc, &at)
		s.Doc, s.At = json.RawMessage(doc), fromNS(at)
		out = append(out, s)
		return err
	})
	return out, err
}

// CountSuperseded counts the records of a source that a newer reader replaced.
func (d *DB) CountSuperseded(ctx context.Context, source string) (n int64, err error) {
	b, err := raw(source, 32)
	if err != nil {
		return 0, err
	}
	err = d.QueryRowContext(ctx, `SELECT count(*) FROM superseded WHERE source = $1`, b).Scan(&n)
	return n, sorted(err)
}

// Has counts how many of the IDs the record holds, for a dry run.
func (d *DB) Has(ctx context.Context, ids []string) (int64, error) {
	var n int64
	for part := range slices.Chunk(ids, rowsPerInsert) {
		args := []any{}
		for _, id := range part {
			b, err := raw(id, 16)
			if err != nil {
				return 0, err
			}
			args = append(args, b)
		}
		in := holders(1, len(part))
		for _, table := range []string{"sighting", "lease", "listing"} {
			var got int64
			if err := d.QueryRowContext(ctx, `SELECT count(*) FROM `+table+` WHERE id IN (`+in+`)`, args...).Scan(&got); err != nil {
				return 0, sorted(err)
			}
			n += got
		}
	}
	return n, nil
}

// all is the limit that keeps everything.
func all(limit int) int {
	if limit <= 0 {
		return 1 << 40
	}
	return limit
}

func (d *DB) sightings(ctx context.Context, query string, args ...any) ([]sighting.Sighting, error) {
	var out []sighting.Sighting
	err := each(ctx, d, query, args, func(r *sql.Rows) error {
		var doc []byte
		if err := r.Scan(&doc); err != nil {
			return err
		}
		var s sighting.Sighting
		if err := json.Unmarshal(doc, &s); err != nil {
			return fault.Newf(fault.Corrupt, "stored sighting: %w", err)
		}
		out = append(out, s)
		return nil
	})
	return out, err
}

const inOrder = ` ORDER BY CASE WHEN at_ns IS NULL THEN 1 ELSE 0 END, at_ns, id LIMIT `

// SightingsOf gives the first sightings of things, by time; those without a time
// come last.
func (d *DB) SightingsOf(ctx context.Context, thingIDs []string, limit int) ([]sighting.Sighting, error) {
	var out []sighting.Sighting
	for part := range slices.Chunk(thingIDs, rowsPerInsert) {
		args := []any{}
		for _, id := range part {
			b, err := raw(id, 16)
			if err != nil {
				return nil, err
			}
			args = append(args, b)
		}
		got, err := d.sightings(ctx, `SELECT doc FROM sighting WHERE thing IN (`+holders(1, len(part))+`)`+inOrder+holders(len(part)+1, 1), append(args, all(limit))...)
		if err != nil {
			return nil, err
		}
		out = append(out, got...)
	}
	if len(thingIDs) > rowsPerInsert {
		slices.SortFunc(out, byTime)
		out = out[:min(len(out), all(limit))]
	}
	return out, nil
}

// byTime is the order of inOrder.
func byTime(a, b sighting.Sighting) int {
	if a.When.IsZero() != b.When.IsZero() {
		if a.When.IsZero() {
			return 1
		}
		return -1
	}
	if !a.When.IsZero() {
		if c := a.When.At.Compare(b.When.At); c != 0 {
			return c
		}
	}
	return strings.Compare(a.ID, b.ID)
}

// SightingsBy gives the sightings in which an identifier stands.
func (d *DB) SightingsBy(ctx context.Context, i sighting.Identifier, limit int) ([]sighting.Sighting, error) {
	return d.sightings(ctx, `SELECT doc FROM sighting WHERE id IN (SELECT sighting FROM sighting_identifier WHERE identifier = $1)`+inOrder+`$2`, identifierKey(i), all(limit))
}

// SightingsFrom gives the sightings from an address; with a port, only from it.
func (d *DB) SightingsFrom(ctx context.Context, e sighting.Endpoint, limit int) ([]sighting.Sighting, error) {
	if e.Port != 0 {
		return d.sightings(ctx, `SELECT doc FROM sighting WHERE ip = $1 AND port = $2`+inOrder+`$3`, addrKey(e.IP), int64(e.Port), all(limit))
	}
	return d.sightings(ctx, `SELECT doc FROM sighting WHERE ip = $1`+inOrder+`$2`, addrKey(e.IP), all(limit))
}

// SightingsIn gives the sightings of one source.
func (d *DB) SightingsIn(ctx context.Context, source string, limit int) ([]sighting.Sighting, error) {
	id, err := raw(source, 32)
	if err != nil {
		return nil, err
	}
	return d.sightings(ctx, `SELECT doc FROM sighting WHERE source = $1`+inOrder+`$2`, id, all(limit))
}

// Sighting gives one sighting.
func (d *DB) Sighting(ctx context.Context, id string) (sighting.Sighting, error) {
	b, err := raw(id, 16)
	if err != nil {
		return sighting.Sighting{}, err
	}
	got, err := d.sightings(ctx, `SELECT doc FROM sighting WHERE id = $1`, b)
	if err == nil && len(got) == 0 {
		err = fault.Newf(fault.NotFound, "sighting %s is not in the record", id)
	}
	if err != nil {
		return sighting.Sighting{}, err
	}
	return got[0], nil
}

func (d *DB) leases(ctx context.Context, query string, args ...any) ([]sighting.Lease, error) {
	var out []sighting.Lease
	err := each(ctx, d, query, args, func(r *sql.Rows) error {
		var doc []byte
		if err := r.Scan(&doc); err != nil {
			return err
		}
		var l sighting.Lease
		if err := json.Unmarshal(doc, &l); err != nil {
			return fault.Newf(fault.Corrupt, "stored lease: %w", err)
		}
		out = append(out, l)
		return nil
	})
	return out, err
}

// LeasesOf gives the leases that name an address, as the public or the private
// side, and whose time touches the span. A lease without times always touches; a
// zero time bounds nothing.
func (d *DB) LeasesOf(ctx context.Context, a netip.Addr, from, until time.Time) ([]sighting.Lease, error) {
	first, last := int64(math.MinInt64), int64(math.MaxInt64)
	if !from.IsZero() {
		first = from.UnixNano()
	}
	if !until.IsZero() {
		last = until.UnixNano()
	}
	return d.leases(ctx, `SELECT doc FROM lease WHERE (public = $1 OR private = $1)
		AND (from_ns IS NULL OR from_ns <= $3) AND (to_ns IS NULL OR to_ns >= $2) ORDER BY id`, addrKey(a), first, last)
}

// LeasesBy gives the leases in which an identifier stands.
func (d *DB) LeasesBy(ctx context.Context, i sighting.Identifier) ([]sighting.Lease, error) {
	return d.leases(ctx, `SELECT doc FROM lease WHERE id IN (SELECT lease FROM lease_identifier WHERE identifier = $1) ORDER BY id`, identifierKey(i))
}

// LeasesIn gives the leases of one source.
func (d *DB) LeasesIn(ctx context.Context, source string) ([]sighting.Lease, error) {
	id, err := raw(source, 32)
	if err != nil {
		return nil, err
	}
	return d.leases(ctx, `SELECT doc FROM lease WHERE source = $1 ORDER BY id`, id)
}

// Exists tells whether a digest is anywhere in the record, listed or sighted.
func (d *DB) Exists(ctx context.Context, x digest.Digest) (bool, error) {
	var n int
	err := d.QueryRowContext(ctx, `SELECT count(*) FROM (SELECT 1 FROM thing_digest WHERE digest = $1 LIMIT 1) x`, digestKey(x)).Scan(&n)
	return n > 0, sorted(err)
}
