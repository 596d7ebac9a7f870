package store

import (
	"context"
	"database/sql"
	"encoding/hex"

	"suraag/digest"
	"suraag/fault"
)

// pdqKeys are the first key of a PDQ value and the first of what follows them.
func pdqKeys() (from, to []byte) {
	b := kindByte[digest.PDQ]
	return []byte{b}, []byte{b + 1}
}

// nextCode takes places in the order. It goes on after the last place that was given,
// whatever other hands made of the turn.
const nextCode = `UPDATE turn SET taken = $1 + (SELECT CASE WHEN turn.taken < coalesce(max(came), 0) THEN max(came) ELSE turn.taken END FROM thing_digest WHERE came IS NOT NULL)
	WHERE stage = 'near' RETURNING taken`

// writeCodes writes PDQ values with the order in which they came. Whoever writes
// some holds the turn until the transaction ends, so that none with a lower number
// shows up after one with a higher: an index would never ask for it. It is the
// last that a batch writes, so that nobody who holds the turn waits for a row.
func (d *DB) writeCodes(ctx context.Context, tx *sql.Tx, rows [][]any) error {
	if len(rows) == 0 {
		return nil
	}
	var last int64
	err := each(ctx, tx, nextCode, []any{int64(len(rows))}, func(r *sql.Rows) error { return r.Scan(&last) })
	if err != nil {
		return err
	}
	if last < int64(len(rows)) {
		return fault.Newf(fault.Internal, "the PDQ values of the record have no order to go on with (turn %d)", last)
	}
	for n := range rows {
		rows[n] = append(rows[n], last-int64(len(rows)-1-n))
	}
	_, err = d.insert(ctx, tx, "thing_digest", []string{"digest", "thing", "came"}, rows)
	return err
}

// orderCodes gives the PDQ values of a record that was made before they had one an
// order, once.
func (d *DB) orderCodes(ctx context.Context) error {
	var taken int64
	if err := d.QueryRowContext(ctx, `SELECT taken FROM turn WHERE stage = 'near'`).Scan(&taken); err != nil {
		return sorted(err)
	}
	if taken >= 0 {
		return nil
	}
	return d.InTx(ctx, func(tx *sql.Tx) error {
		begun, err := exec(ctx, tx, `UPDATE turn SET taken = 0 WHERE stage = 'near' AND taken < 0`)
		if err != nil || begun == 0 {
			return err // another process did it meanwhile
		}
		from, to := pdqKeys()
		n, err := exec(ctx, tx, `UPDATE thing_digest SET came = o.place FROM
			(SELECT digest, thing, row_number() OVER (ORDER BY digest, thing) AS place FROM thing_digest WHERE digest >= $1 AND digest < $2) AS o
			WHERE thing_digest.digest = o.digest AND thing_digest.thing = o.thing`, from, to)
		if err != nil {
			return err
		}
		_, err = exec(ctx, tx, `UPDATE turn SET taken = $1 WHERE stage = 'near'`, n)
		return err
	})
}

// CodesSince gives the PDQ values of the record that came after a place in their
// order, from the first on, also of things of which nothing speaks any more:
// asking that of each of a million would cost a hundred times the rest. Whoever
// finds one near asks Closure, which leaves such things out. The last place given
// is where to go on from.
func (d *DB) CodesSince(ctx context.Context, place int64, yield func(place int64, value digest.Digest, thing string) error) error {
	return each(ctx, d, `SELECT came, digest, thing FROM thing_digest WHERE came > $1 ORDER BY came`, []any{place}, func(r *sql.Rows) error {
		var came int64
		var key, thing []byte
		if err := r.Scan(&came, &key, &thing); err != nil {
			return err
		}
		v, err := digest.Of(digest.PDQ, key[1:])
		if err != nil {
			return err
		}
		return yield(came, v, hex.EncodeToString(thing))
	})
}

// checkCodes looks for PDQ values that an index would miss, and places that none of
// them can have.
func (d *DB) checkCodes(ctx context.Context, yield wrong) error {
	from, to := pdqKeys()
	return each(ctx, d, `SELECT thing FROM thing_digest WHERE digest >= $1 AND digest < $2 AND came IS NULL
		UNION ALL SELECT thing FROM thing_digest WHERE came IS NOT NULL AND (digest < $1 OR digest >= $2 OR came < 1 OR came > (SELECT taken FROM turn WHERE stage = 'near'))
		UNION ALL SELECT thing FROM thing_digest WHERE came IN (SELECT came FROM thing_digest WHERE came IS NOT NULL GROUP BY came HAVING count(*) > 1)`,
		[]any{from, to}, func(r *sql.Rows) error {
			var thing []byte
			if err := r.Scan(&thing); err != nil {
				return err
			}
			return yield("thing_digest", hex.EncodeToString(thing), "the place of a digest in the order in which the PDQ values came is none that it can have")
		})
}
