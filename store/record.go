package store

import (
	"context"
	"fmt"
	"math"
	"net/netip"
	"slices"
	"strings"
	"time"

	"suraag/fault"
	"suraag/sighting"
)

// Has counts how many of the IDs the record holds, for a dry run.
func (d *DB) Has(ctx context.Context, ids []string) (int64, error) {
	var n int64
	for part := range slices.Chunk(ids, rowsPerInsert) {
		args, err := rawAll(part, 16)
		if err != nil {
			return 0, err
		}
		in := holders(1, len(part))
		for _, table := range []string{"sighting", "lease"} {
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
	return documents[sighting.Sighting](ctx, d, "sighting", query, args)
}

const inOrder = ` ORDER BY CASE WHEN at_ns IS NULL THEN 1 ELSE 0 END, at_ns, id LIMIT `

// SightingsOf gives the first sightings of things, by time; those without a time
// come last.
func (d *DB) SightingsOf(ctx context.Context, thingIDs []string, limit int) ([]sighting.Sighting, error) {
	return d.SightingsAfter(ctx, thingIDs, sighting.Sighting{}, limit)
}

// behind is what comes after a sighting in the order of inOrder: whether it has no
// time, its time, and its ID are given.
const behind = ` AND (CASE WHEN at_ns IS NULL THEN 1 ELSE 0 END > %[1]s OR CASE WHEN at_ns IS NULL THEN 1 ELSE 0 END = %[1]s AND (COALESCE(at_ns, 0) > %[2]s OR COALESCE(at_ns, 0) = %[2]s AND id > %[3]s))`

// SightingsAfter gives the sightings of things that come after one of them, by time, so
// that many can be looked at some at a time; after none, the first.
func (d *DB) SightingsAfter(ctx context.Context, thingIDs []string, last sighting.Sighting, limit int) ([]sighting.Sighting, error) {
	var out []sighting.Sighting
	for part := range slices.Chunk(thingIDs, rowsPerInsert) {
		args, err := rawAll(part, 16)
		if err != nil {
			return nil, err
		}
		query, n := `SELECT doc FROM sighting WHERE thing IN (`+holders(1, len(part))+`)`, len(part)
		more, place, err := after(last, n+1)
		if err != nil {
			return nil, err
		}
		args = append(args, place...)
		got, err := d.sightings(ctx, query+more+inOrder+holders(n+len(place)+1, 1), append(args, all(limit))...)
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

// after is the condition of what comes behind a sighting, with its values, which are
// numbered from the first on; of none there is no condition.
func after(last sighting.Sighting, first int) (condition string, values []any, err error) {
	if last.ID == "" {
		return "", nil, nil
	}
	id, err := raw(last.ID, 16)
	if err != nil {
		return "", nil, err
	}
	timeless, at := int64(1), int64(0)
	if !last.When.IsZero() {
		timeless, at = 0, ns(last.When.At)
	}
	return fmt.Sprintf(behind, holders(first, 1), holders(first+1, 1), holders(first+2, 1)), []any{timeless, at, id}, nil
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
	return d.SightingsByAfter(ctx, i, sighting.Sighting{}, limit)
}

// SightingsByAfter gives those that come after one of them, as SightingsAfter does.
func (d *DB) SightingsByAfter(ctx context.Context, i sighting.Identifier, last sighting.Sighting, limit int) ([]sighting.Sighting, error) {
	more, place, err := after(last, 2)
	if err != nil {
		return nil, err
	}
	args := append([]any{identifierKey(i)}, place...)
	return d.sightings(ctx, `SELECT doc FROM sighting WHERE id IN (SELECT sighting FROM sighting_identifier WHERE identifier = $1)`+more+inOrder+holders(len(args)+1, 1), append(args, all(limit))...)
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
	return documents[sighting.Lease](ctx, d, "lease", query, args)
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

// Lease gives one lease.
func (d *DB) Lease(ctx context.Context, id string) (sighting.Lease, error) {
	b, err := raw(id, 16)
	if err != nil {
		return sighting.Lease{}, err
	}
	got, err := d.leases(ctx, `SELECT doc FROM lease WHERE id = $1`, b)
	if err == nil && len(got) == 0 {
		err = fault.Newf(fault.NotFound, "operator's row %s is not in the record", id)
	}
	if err != nil {
		return sighting.Lease{}, err
	}
	return got[0], nil
}

// LeasesIn gives the leases of one source.
func (d *DB) LeasesIn(ctx context.Context, source string) ([]sighting.Lease, error) {
	id, err := raw(source, 32)
	if err != nil {
		return nil, err
	}
	return d.leases(ctx, `SELECT doc FROM lease WHERE source = $1 ORDER BY id`, id)
}
