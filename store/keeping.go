package store

import (
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"regexp"
	"time"

	"suraag/custody/retain"
	"suraag/fault"
)

// EndedPasses gives sessions, tokens and invitations that let nobody in any more,
// with when they ended.
func (d *DB) EndedPasses(ctx context.Context, now time.Time) (map[string]time.Time, error) {
	return d.sinceWhen(ctx, `SELECT id, CASE WHEN ended_ns > 0 THEN ended_ns ELSE until_ns END FROM pass WHERE ended_ns > 0 OR until_ns < $1`, ns(now))
}

// AllDrafts gives every draft with when it was last changed.
func (d *DB) AllDrafts(ctx context.Context) (map[string]time.Time, error) {
	out := map[string]time.Time{}
	err := each(ctx, d, `SELECT id, at_ns FROM draft`, nil, func(r *sql.Rows) error {
		var id string
		var at int64
		err := r.Scan(&id, &at)
		out[id] = fromNS(at)
		return err
	})
	return out, err
}

// AllVictims names every victim whose identity is kept.
func (d *DB) AllVictims(ctx context.Context) (map[string]bool, error) {
	out := map[string]bool{}
	err := each(ctx, d, `SELECT ref FROM victim`, nil, func(r *sql.Rows) error {
		var ref string
		err := r.Scan(&ref)
		out[ref] = true
		return err
	})
	return out, err
}

func (d *DB) sinceWhen(ctx context.Context, query string, args ...any) (map[string]time.Time, error) {
	out := map[string]time.Time{}
	err := each(ctx, d, query, args, func(r *sql.Rows) error {
		var id []byte
		var at int64
		err := r.Scan(&id, &at)
		out[hex.EncodeToString(id)] = fromNS(at)
		return err
	})
	return out, err
}

// needed are questions for sources that something rests on: cases, complaints,
// address data, and contents that have a lead.
var needed = []string{
	`SELECT source FROM docket_source WHERE docket <> $1`,
	`SELECT source FROM complaint WHERE source <> $1`,
	`SELECT DISTINCT s.source FROM lead_thing l JOIN sighting s ON s.thing = l.thing WHERE s.source <> $1`,
	`SELECT DISTINCT s.source FROM lead_thing l JOIN thing_digest a ON a.thing = l.thing JOIN thing_digest b ON b.digest = a.digest JOIN sighting s ON s.thing = b.thing WHERE s.source <> $1`,
}

// speaking are texts that name the sources they rest on.
var speaking = []string{
	`SELECT doc FROM lead`, `SELECT doc FROM request`, `SELECT doc FROM correction`, `SELECT doc FROM data_set`, `SELECT doc FROM kinship`,
	`SELECT record FROM log_entry WHERE kind = 'export'`,
}

// NeededSources gives the sources that a case, complaint, lead, request,
// correction, export or data set rests on. Within a transaction it sees what that
// has written.
func (d *DB) NeededSources(ctx context.Context, tx *sql.Tx) (map[string]bool, error) {
	var q querier = d
	if tx != nil {
		q = tx
	}
	out := map[string]bool{}
	for _, query := range needed {
		err := each(ctx, q, query, []any{make([]byte, 16)}, func(r *sql.Rows) error {
			var id []byte
			err := r.Scan(&id)
			out[hex.EncodeToString(id)] = true
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	id := regexp.MustCompile(`[0-9a-f]{64}`)
	for _, query := range speaking {
		err := each(ctx, q, query, nil, func(r *sql.Rows) error {
			var text string
			err := r.Scan(&text)
			for _, found := range id.FindAllString(text, -1) {
				out[found] = true
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// ErasePass, EraseDraft and EraseVictim remove one row each, for good.
func (d *DB) ErasePass(ctx context.Context, tx *sql.Tx, id string) error {
	b, err := raw(id, 32)
	if err != nil {
		return err
	}
	d.wrote(ctx, tx, "pass", b)
	return gone(exec(ctx, tx, `DELETE FROM pass WHERE id = $1`, b))
}

// EraseDraft removes a draft, whoever owns it.
func (d *DB) EraseDraft(ctx context.Context, tx *sql.Tx, id string) error {
	d.wrote(ctx, tx, "draft", id)
	return gone(exec(ctx, tx, `DELETE FROM draft WHERE id = $1`, id))
}

// EraseVictim removes who a victim is. The complaint keeps its reference.
func (d *DB) EraseVictim(ctx context.Context, tx *sql.Tx, ref string) error {
	d.wrote(ctx, tx, "victim", ref)
	return gone(exec(ctx, tx, `DELETE FROM victim WHERE ref = $1`, ref))
}

func gone(n int64, err error) error {
	if err == nil && n != 1 {
		return fault.Newf(fault.Conflict, "it is not in the record any more")
	}
	return err
}

// erasing removes everything that came of one source, in the order in which one
// row leads to the next. What two sources share stays for the other.
var erasing = []string{
	`INSERT INTO dirty (thing) SELECT DISTINCT b.thing FROM sighting s JOIN thing_digest a ON a.thing = s.thing JOIN thing_digest b ON b.digest = a.digest WHERE s.source = $1`,
	`DELETE FROM sighting_identifier WHERE sighting IN (SELECT id FROM sighting WHERE source = $1)`,
	`DELETE FROM lease_identifier WHERE lease IN (SELECT id FROM lease WHERE source = $1)`,
	`DELETE FROM quarantine WHERE lease IN (SELECT id FROM lease WHERE source = $1)`,
	`DELETE FROM lease WHERE source = $1`,
	`DELETE FROM problem WHERE source = $1`,
	`DELETE FROM superseded WHERE source = $1`,
	`DELETE FROM list_run WHERE hash_set IN (SELECT id FROM hash_set WHERE source = $1)`,
	`DELETE FROM hash_set WHERE source = $1`,
	`DELETE FROM docket_handin WHERE source = $1`,
	`DELETE FROM docket_source WHERE source = $1`,
	`DELETE FROM handin WHERE source = $1`,
	`DELETE FROM source WHERE id = $1`,
}

// EraseSource removes a source with everything that came of it, and tells how
// many records that were. Its original is not touched.
func (d *DB) EraseSource(ctx context.Context, tx *sql.Tx, id string) (records int64, err error) {
	b, err := raw(id, 32)
	if err != nil {
		return 0, err
	}
	if err := holdSource(ctx, tx, b); err != nil {
		return 0, err
	}
	if err := tx.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM sighting WHERE source = $1) + (SELECT count(*) FROM lease WHERE source = $1)`, b).Scan(&records); err != nil {
		return 0, sorted(err)
	}
	if err := d.DirtyByLeases(ctx, tx, id); err != nil {
		return 0, err
	}
	var things [][]byte
	err = each(ctx, tx, `SELECT DISTINCT thing FROM sighting WHERE source = $1 AND thing IS NOT NULL`, []any{b}, func(r *sql.Rows) error {
		var t []byte
		err := r.Scan(&t)
		things = append(things, t)
		return err
	})
	if err != nil {
		return 0, err
	}
	identifiers, err := d.identifiersOf(ctx, tx, b)
	if err != nil {
		return 0, err
	}
	for table, where := range map[string]string{
		"docket_source": `source = $1`, "docket_handin": `source = $1`, "quarantine": `lease IN (SELECT id FROM lease WHERE source = $1)`,
	} {
		if err := d.wroteAll(ctx, tx, table, where, b); err != nil {
			return 0, err
		}
	}
	for _, text := range erasing {
		if _, err := exec(ctx, tx, text, b); err != nil {
			return 0, err
		}
	}
	if _, err := exec(ctx, tx, `DELETE FROM sighting WHERE source = $1`, b); err != nil {
		return 0, err
	}
	for _, t := range things {
		if err := d.dropAlone(ctx, tx, t, dropThing); err != nil {
			return 0, err
		}
	}
	for _, i := range identifiers {
		if err := d.dropAlone(ctx, tx, i, dropIdentifier); err != nil {
			return 0, err
		}
	}
	return records, nil
}

func (d *DB) identifiersOf(ctx context.Context, tx *sql.Tx, source []byte) (out [][]byte, err error) {
	err = each(ctx, tx, `SELECT i.identifier FROM sighting_identifier i JOIN sighting s ON s.id = i.sighting WHERE s.source = $1
		UNION SELECT i.identifier FROM lease_identifier i JOIN lease l ON l.id = i.lease WHERE l.source = $1`, []any{source}, func(r *sql.Rows) error {
		var id []byte
		err := r.Scan(&id)
		out = append(out, id)
		return err
	})
	return out, err
}

// What nothing speaks of any more goes too.
var (
	dropThing = []string{
		`DELETE FROM thing WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM sighting s WHERE s.thing = $1)`,
		`DELETE FROM thing_digest WHERE thing = $1 AND NOT EXISTS (SELECT 1 FROM thing t WHERE t.id = $1)`,
		`DELETE FROM dirty WHERE thing = $1 AND NOT EXISTS (SELECT 1 FROM thing t WHERE t.id = $1)`,
	}
	dropIdentifier = []string{
		`DELETE FROM identifier WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM sighting_identifier s WHERE s.identifier = $1) AND NOT EXISTS (SELECT 1 FROM lease_identifier l WHERE l.identifier = $1)`,
	}
)

func (d *DB) dropAlone(ctx context.Context, tx *sql.Tx, id []byte, texts []string) error {
	for _, text := range texts {
		if _, err := exec(ctx, tx, text, id); err != nil {
			return err
		}
	}
	return nil
}

// ForgetEntries removes the words of the log's entries of a kind about a subject,
// as EraseEntry does, and gives their leaves.
func (d *DB) ForgetEntries(ctx context.Context, tx *sql.Tx, subject string, kinds ...string) (leaves [][]byte, err error) {
	for _, kind := range kinds {
		err := each(ctx, tx, `SELECT leaf FROM log_entry WHERE subject = $1 AND kind = $2 ORDER BY id`, []any{subject, kind}, func(r *sql.Rows) error {
			var leaf []byte
			err := r.Scan(&leaf)
			leaves = append(leaves, leaf)
			return err
		})
		if err != nil {
			return nil, err
		}
		if err := d.restate(ctx, tx, `subject = $1 AND kind = $2`, subject, kind); err != nil {
			return nil, err
		}
		if _, err := exec(ctx, tx, `UPDATE log_entry SET subject = '', by_whom = '', record = '', salt = $3 WHERE subject = $1 AND kind = $2`, subject, kind, []byte{}); err != nil {
			return nil, err
		}
	}
	return leaves, nil
}

// WhileUnknown runs f while nobody can record a source under an ID, or says that
// it is in the record. A hand-in of the same bytes waits until f is done.
func (d *DB) WhileUnknown(ctx context.Context, id string, f func() error) error {
	b, err := raw(id, 32)
	if err != nil {
		return err
	}
	columns := []string{"id", "name", "size", "brought_by", "authority", "sealed_ns", "purpose", "options", "state", "problem", "result", "read_ns"}
	row := []any{b, "", int64(0), "", "", int64(0), "", "", "", "", "", int64(0)}
	return d.whileNoRow(ctx, "source", columns, row, func() error { return fault.Newf(fault.Conflict, "source %s is in the record", id) }, f)
}

// whileNoRow runs f while a row keeps its place free of others, or gives the error that
// says that somebody has it. The row itself is never kept.
func (d *DB) whileNoRow(ctx context.Context, table string, columns []string, row []any, taken, f func() error) error {
	tx, err := d.BeginTx(ctx, nil)
	if err != nil {
		return sorted(err)
	}
	defer tx.Rollback() // always: the row only keeps others out
	n, err := d.insert(ctx, tx, table, columns, [][]any{row})
	if err == nil && n == 0 {
		err = taken()
	}
	if err != nil {
		return err
	}
	return f()
}

// PutProposal keeps what somebody proposed to have erased; the newest of the same
// items stands.
func (d *DB) PutProposal(ctx context.Context, tx *sql.Tx, p retain.Proposal) error {
	doc, err := json.Marshal(p)
	if err != nil {
		return fault.As(fault.Internal, err)
	}
	if err := d.EndProposal(ctx, tx, p.ID); err != nil {
		return err
	}
	_, err = d.insert(ctx, tx, "erasure", []string{"id", "by_whom", "at_ns", "doc"}, [][]any{{p.ID, p.By, ns(p.At), string(doc)}})
	return err
}

// EndProposal removes a proposal, because it was done.
func (d *DB) EndProposal(ctx context.Context, tx *sql.Tx, id string) error {
	d.wrote(ctx, tx, "erasure", id)
	_, err := exec(ctx, tx, `DELETE FROM erasure WHERE id = $1`, id)
	return err
}

// Proposal gives one that waits.
func (d *DB) Proposal(ctx context.Context, id string) (p retain.Proposal, err error) {
	var doc string
	err = d.QueryRowContext(ctx, `SELECT doc FROM erasure WHERE id = $1`, id).Scan(&doc)
	if errors.Is(err, sql.ErrNoRows) {
		return p, fault.WithHint(fault.Newf(fault.NotFound, "no proposal %q waits", id), "see suraag retention propose")
	}
	if err != nil {
		return p, sorted(err)
	}
	if err := json.Unmarshal([]byte(doc), &p); err != nil {
		return p, fault.Newf(fault.Corrupt, "stored proposal: %w", err)
	}
	return p, nil
}
