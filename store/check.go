package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"

	"suraag/fault"
	"suraag/hashset"
	"suraag/network"
	"suraag/sighting"
)

// rowsPerCheck is how many rows of a table a check holds at once.
const rowsPerCheck = 500

// wrong takes a row that is not what it has to be: its table, its key in hex, and
// what is wrong with it.
type wrong = func(table, row, what string) error

// CheckRows looks at every row whose content follows from other rows, and yields
// those that are not what they follow from. What follows from the originals is
// for flow to compare.
func (d *DB) CheckRows(ctx context.Context, yield func(table, row, what string) error) error {
	for _, check := range []func(context.Context, wrong) error{
		d.checkThings, d.checkCodes, d.checkIdentifiers, d.checkLinks, d.checkSets, d.checkDataSets, d.checkLeads, d.checkOrphans,
	} {
		if err := check(ctx, yield); err != nil {
			return err
		}
	}
	return nil
}

type keyed struct {
	id  []byte
	doc string
}

// inOrder gives the rows of a table in the order of their keys, some at a time.
func (d *DB) inOrder(ctx context.Context, table string, some func([]keyed) error) error {
	for after := []byte{}; ; {
		var rows []keyed
		err := each(ctx, d, `SELECT id, doc FROM `+table+` WHERE id > $1 ORDER BY id LIMIT $2`, []any{after, rowsPerCheck}, func(r *sql.Rows) error {
			var k keyed
			err := r.Scan(&k.id, &k.doc)
			rows = append(rows, k)
			return err
		})
		if err != nil || len(rows) == 0 {
			return err
		}
		if err := some(rows); err != nil {
			return err
		}
		after = rows[len(rows)-1].id
	}
}

// pairs gives what a table of links holds for some rows: row → the other keys, in
// order.
func (d *DB) pairs(ctx context.Context, table, other, row string, of []keyed) (map[string][][]byte, error) {
	out := map[string][][]byte{}
	for part := range slices.Chunk(of, rowsPerInsert) {
		var ids []any
		for _, k := range part {
			ids = append(ids, k.id)
		}
		err := each(ctx, d, `SELECT `+row+`, `+other+` FROM `+table+` WHERE `+row+` IN (`+holders(1, len(ids))+`)`, ids, func(r *sql.Rows) error {
			var a, b []byte
			err := r.Scan(&a, &b)
			out[string(a)] = append(out[string(a)], b)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	for _, keys := range out {
		slices.SortFunc(keys, bytes.Compare)
	}
	return out, nil
}

func samePairs(got, want [][]byte) bool {
	slices.SortFunc(want, bytes.Compare)
	return slices.EqualFunc(got, slices.CompactFunc(want, bytes.Equal), bytes.Equal)
}

func (d *DB) checkThings(ctx context.Context, yield wrong) error {
	return d.inOrder(ctx, "thing", func(rows []keyed) error {
		keys, err := d.pairs(ctx, "thing_digest", "digest", "thing", rows)
		if err != nil {
			return err
		}
		for _, k := range rows {
			what := ""
			var t sighting.Thing
			made := things{}
			if err := json.Unmarshal([]byte(k.doc), &t); err != nil {
				what = "its text cannot be read"
			} else if id := made.add(t.Digests, t.Refs); !bytes.Equal(id, k.id) {
				what = "its key does not follow from its text"
			} else if doc, err := json.Marshal(made[t.ID]); err != nil || string(doc) != k.doc {
				what = "its text is not as it is written"
			} else if !samePairs(keys[string(k.id)], keysOfThing(t)) {
				what = "the digests by which it is found (thing_digest) are not those of its text"
			}
			if what == "" {
				continue
			}
			if err := yield("thing", hex.EncodeToString(k.id), what); err != nil {
				return err
			}
		}
		return nil
	})
}

func (d *DB) checkIdentifiers(ctx context.Context, yield wrong) error {
	return each(ctx, d, `SELECT id, words FROM identifier`, nil, func(r *sql.Rows) error {
		var id []byte
		var words string
		if err := r.Scan(&id, &words); err != nil {
			return err
		}
		if sum := sha256.Sum256([]byte(words)); bytes.Equal(id, sum[:16]) {
			return nil
		}
		return yield("identifier", hex.EncodeToString(id), "its key does not follow from its words")
	})
}

// checkLinks compares where identifiers stand with what the records say.
func (d *DB) checkLinks(ctx context.Context, yield wrong) error {
	for _, table := range []string{"sighting", "lease"} {
		err := d.inOrder(ctx, table, func(rows []keyed) error {
			links, err := d.pairs(ctx, table+"_identifier", "identifier", table, rows)
			if err != nil {
				return err
			}
			for _, k := range rows {
				want, err := linksOf(table, k.doc)
				if err != nil || samePairs(links[string(k.id)], want) {
					continue // a text that cannot be read is told where it is compared with its original
				}
				if err := yield(table+"_identifier", hex.EncodeToString(k.id), "the identifiers by which the record is found are not those of its text"); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func linksOf(table, doc string) ([][]byte, error) {
	again, rows := &batchRows{}, [][]any(nil)
	if table == "lease" {
		var l sighting.Lease
		if err := json.Unmarshal([]byte(doc), &l); err != nil {
			return nil, err
		}
		if err := again.lease(l); err != nil {
			return nil, err
		}
		rows = again.leaseIDs
	} else {
		var s sighting.Sighting
		if err := json.Unmarshal([]byte(doc), &s); err != nil {
			return nil, err
		}
		if err := again.sighting(s, things{}); err != nil {
			return nil, err
		}
		rows = again.sightingIDs
	}
	var out [][]byte
	for _, r := range rows {
		out = append(out, r[0].([]byte))
	}
	return out, nil
}

func (d *DB) checkSets(ctx context.Context, yield wrong) error {
	sets, err := d.Sets(ctx)
	if err != nil {
		return err
	}
	for _, s := range sets {
		if hashset.Identify(s.Name, s.Source) == s.ID {
			continue
		}
		if err := yield("hash_set", s.ID, "its key does not follow from its name and its source"); err != nil {
			return err
		}
	}
	return nil
}

func (d *DB) checkDataSets(ctx context.Context, yield wrong) error {
	return each(ctx, d, `SELECT id, kind, name, as_of_ns, imported_ns, ranges, doc FROM data_set`, nil, func(r *sql.Rows) error {
		var id []byte
		var kind, name, doc string
		var asOf, imported, ranges int64
		if err := r.Scan(&id, &kind, &name, &asOf, &imported, &ranges, &doc); err != nil {
			return err
		}
		var s network.DataSet
		if err := json.Unmarshal([]byte(doc), &s); err == nil &&
			s.ID == hex.EncodeToString(id) && string(s.Kind) == kind && s.Name == name && ns(s.AsOf) == asOf && ns(s.Imported) == imported && s.Ranges == ranges {
			return nil
		}
		return yield("data_set", hex.EncodeToString(id), "the columns by which it is found are not what its text says")
	})
}

func (d *DB) checkLeads(ctx context.Context, yield wrong) error {
	return each(ctx, d, `SELECT l.id, l.sort_key, l.doc, (SELECT count(*) FROM lead_thing t WHERE t.lead = l.id) FROM lead l`, nil, func(r *sql.Rows) error {
		var id []byte
		var key, doc string
		var ties int64
		if err := r.Scan(&id, &key, &doc, &ties); err != nil {
			return err
		}
		var l struct {
			ID      string `json:"id"`
			SortKey string `json:"sort_key"`
		}
		if err := json.Unmarshal([]byte(doc), &l); err == nil && l.ID == hex.EncodeToString(id) && l.SortKey == key && ties == 1 {
			return nil
		}
		return yield("lead", hex.EncodeToString(id), "its place in the queue, or its content (lead_thing), is not what its text says")
	})
}

// orphans are rows of links whose other end is not there.
var orphans = []struct{ table, key, query string }{
	{"thing_digest", "thing", `SELECT thing FROM thing_digest x WHERE NOT EXISTS (SELECT 1 FROM thing t WHERE t.id = x.thing)`},
	{"sighting_identifier", "sighting", `SELECT sighting FROM sighting_identifier x WHERE NOT EXISTS (SELECT 1 FROM sighting s WHERE s.id = x.sighting)`},
	{"sighting_identifier", "identifier", `SELECT identifier FROM sighting_identifier x WHERE NOT EXISTS (SELECT 1 FROM identifier i WHERE i.id = x.identifier)`},
	{"lease_identifier", "lease", `SELECT lease FROM lease_identifier x WHERE NOT EXISTS (SELECT 1 FROM lease l WHERE l.id = x.lease)`},
	{"lease_identifier", "identifier", `SELECT identifier FROM lease_identifier x WHERE NOT EXISTS (SELECT 1 FROM identifier i WHERE i.id = x.identifier)`},
	{"sighting", "thing", `SELECT thing FROM sighting x WHERE thing IS NOT NULL AND NOT EXISTS (SELECT 1 FROM thing t WHERE t.id = x.thing)`},
	{"lead_thing", "lead", `SELECT lead FROM lead_thing x WHERE NOT EXISTS (SELECT 1 FROM lead l WHERE l.id = x.lead)`},
	{"handin", "source", `SELECT source FROM handin x WHERE NOT EXISTS (SELECT 1 FROM source s WHERE s.id = x.source)`},
	{"problem", "source", `SELECT source FROM problem x WHERE NOT EXISTS (SELECT 1 FROM source s WHERE s.id = x.source)`},
	{"superseded", "source", `SELECT source FROM superseded x WHERE NOT EXISTS (SELECT 1 FROM source s WHERE s.id = x.source)`},
	{"sighting", "source", `SELECT source FROM sighting x WHERE NOT EXISTS (SELECT 1 FROM source s WHERE s.id = x.source)`},
	{"lease", "source", `SELECT source FROM lease x WHERE NOT EXISTS (SELECT 1 FROM source s WHERE s.id = x.source)`},
	{"hash_set", "source", `SELECT source FROM hash_set x WHERE NOT EXISTS (SELECT 1 FROM source s WHERE s.id = x.source)`},
	{"ip_range", "data_set", `SELECT DISTINCT data_set FROM ip_range x WHERE NOT EXISTS (SELECT 1 FROM data_set s WHERE s.id = x.data_set)`},
}

func (d *DB) checkOrphans(ctx context.Context, yield wrong) error {
	for _, o := range orphans {
		err := each(ctx, d, o.query, nil, func(r *sql.Rows) error {
			var key []byte
			if err := r.Scan(&key); err != nil {
				return err
			}
			return yield(o.table, hex.EncodeToString(key), fmt.Sprintf("it names a %s that is not there", o.key))
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// LeadTies gives the content under which each lead stands.
func (d *DB) LeadTies(ctx context.Context) (map[string]string, error) {
	out := map[string]string{}
	err := each(ctx, d, `SELECT lead, thing FROM lead_thing`, nil, func(r *sql.Rows) error {
		var lead, thing []byte
		err := r.Scan(&lead, &thing)
		out[hex.EncodeToString(lead)] = hex.EncodeToString(thing)
		return err
	})
	return out, err
}

// RangesOf gives the rows of a data set in the order in which they were imported.
func (d *DB) RangesOf(ctx context.Context, set string, yield func(network.Range) error) error {
	id, err := raw(set, 16)
	if err != nil {
		return err
	}
	next := int64(0)
	return each(ctx, d, `SELECT first, last, seq, doc FROM ip_range WHERE data_set = $1 ORDER BY seq, first`, []any{id}, func(r *sql.Rows) error {
		var first, last []byte
		var seq int64
		var doc string
		if err := r.Scan(&first, &last, &seq, &doc); err != nil {
			return err
		}
		if seq != next {
			return fault.Newf(fault.Corrupt, "stored range %d is missing", next)
		}
		next++
		var x network.Range
		if err := json.Unmarshal([]byte(doc), &x); err != nil {
			return fault.Newf(fault.Corrupt, "stored range: %w", err)
		}
		a, _ := netip.AddrFromSlice(first)
		b, _ := netip.AddrFromSlice(last)
		if a.Unmap() != x.First.Unmap() || b.Unmap() != x.Last.Unmap() {
			return fault.Newf(fault.Corrupt, "stored range %s–%s stands under other addresses", x.First, x.Last)
		}
		return yield(x)
	})
}

// AllDataSets lists every data set, those whose import was cut off too.
func (d *DB) AllDataSets(ctx context.Context) (live, cut []network.DataSet, err error) {
	err = each(ctx, d, `SELECT doc, state FROM data_set ORDER BY id`, nil, func(r *sql.Rows) error {
		var doc, state string
		if err := r.Scan(&doc, &state); err != nil {
			return err
		}
		var s network.DataSet
		if err := json.Unmarshal([]byte(doc), &s); err != nil {
			return fault.Newf(fault.Corrupt, "stored data set: %w", err)
		}
		if state == dataLive {
			live = append(live, s)
		} else {
			cut = append(cut, s)
		}
		return nil
	})
	return live, cut, err
}
