package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"net/netip"
	"slices"
	"strings"
	"time"

	"suraag/fault"
	"suraag/network"
)

// The states of a data set. Only a live one is asked.
const (
	dataImporting = "importing"
	dataLive      = "live"
)

// AddDataSet records that address data is being imported. Until FinishDataSet it
// is not asked, so that a half import can never answer.
func (d *DB) AddDataSet(ctx context.Context, tx *sql.Tx, s network.DataSet) error {
	id, err := raw(s.ID, 16)
	if err != nil {
		return err
	}
	doc, err := json.Marshal(s)
	if err != nil {
		return fault.As(fault.Internal, err)
	}
	_, err = d.insert(ctx, tx, "data_set", []string{"id", "kind", "name", "as_of_ns", "imported_ns", "ranges", "state", "doc"},
		[][]any{{id, string(s.Kind), s.Name, ns(s.AsOf), ns(s.Imported), int64(0), dataImporting, string(doc)}})
	return err
}

// AddRanges writes rows of a data set. The rows of kinds that speak of ranges
// are disjoint (network.Flatten), so that the row with the greatest first
// address at or before an address is the only one that can cover it.
func (d *DB) AddRanges(ctx context.Context, tx *sql.Tx, set string, from int64, ranges []network.Range) error {
	id, err := raw(set, 16)
	if err != nil {
		return err
	}
	rows := make([][]any, 0, len(ranges))
	for n, r := range ranges {
		doc, err := json.Marshal(r)
		if err != nil {
			return fault.As(fault.Internal, err)
		}
		rows = append(rows, []any{id, addrKey(r.First), from + int64(n), addrKey(r.Last), string(doc)})
	}
	_, err = d.insert(ctx, tx, "ip_range", []string{"data_set", "first", "seq", "last", "doc"}, rows)
	return err
}

// FinishDataSet lets a data set answer.
func (d *DB) FinishDataSet(ctx context.Context, tx *sql.Tx, s network.DataSet) error {
	id, err := raw(s.ID, 16)
	if err != nil {
		return err
	}
	doc, err := json.Marshal(s)
	if err != nil {
		return fault.As(fault.Internal, err)
	}
	_, err = exec(ctx, tx, `UPDATE data_set SET state = '`+dataLive+`', ranges = $2, doc = $3 WHERE id = $1`, id, s.Ranges, string(doc))
	return err
}

// DataSets lists every data set that is in force (network.Lookup).
func (d *DB) DataSets(ctx context.Context) ([]network.DataSet, error) {
	var out []network.DataSet
	err := each(ctx, d, `SELECT id, doc FROM data_set WHERE state = '`+dataLive+`'`, nil, func(r *sql.Rows) error {
		var id, doc []byte
		if err := r.Scan(&id, &doc); err != nil {
			return err
		}
		var s network.DataSet
		if err := json.Unmarshal(doc, &s); err != nil {
			return fault.Newf(fault.Corrupt, "stored data set: %w", err)
		}
		s.ID = hex.EncodeToString(id)
		out = append(out, s)
		return nil
	})
	slices.SortFunc(out, func(a, b network.DataSet) int {
		return cmp.Or(strings.Compare(string(a.Kind), string(b.Kind)), strings.Compare(a.Name, b.Name), a.AsOf.Compare(b.AsOf), strings.Compare(a.ID, b.ID))
	})
	return out, err
}

// Find gives the rows of a set that cover an address during a span (network.Lookup).
func (d *DB) Find(ctx context.Context, set string, addr netip.Addr, from, until time.Time) ([]network.Range, error) {
	id, err := raw(set, 16)
	if err != nil {
		return nil, err
	}
	var out []network.Range
	err = each(ctx, d, `SELECT doc FROM ip_range WHERE data_set = $1 AND last >= $2
		AND first = (SELECT first FROM ip_range WHERE data_set = $1 AND first <= $2 ORDER BY first DESC LIMIT 1) ORDER BY seq`, []any{id, addrKey(addr)}, func(r *sql.Rows) error {
		var doc []byte
		if err := r.Scan(&doc); err != nil {
			return err
		}
		var x network.Range
		if err := json.Unmarshal(doc, &x); err != nil {
			return fault.Newf(fault.Corrupt, "stored range: %w", err)
		}
		if x.Covers(addr) && x.During(from, until) {
			out = append(out, x)
		}
		return nil
	})
	return out, err
}
