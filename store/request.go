package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"suraag/casework/legal"
	"suraag/casework/pack"
	"suraag/fault"
)

// AddPack keeps the text of a unit's own pack. The one added last speaks for its
// name; the older ones are kept.
func (d *DB) AddPack(ctx context.Context, tx *sql.Tx, p pack.Pack, text []byte, by string, now time.Time) error {
	sum, err := raw(p.SHA256, 32)
	if err != nil {
		return err
	}
	d.wrote(ctx, tx, "pack", sum)
	if _, err := exec(ctx, tx, `DELETE FROM pack WHERE sha256 = $1`, sum); err != nil {
		return err
	}
	_, err = d.insert(ctx, tx, "pack", []string{"sha256", "id", "body", "added_by", "added_ns"}, [][]any{{sum, p.ID, string(text), by, ns(now)}})
	return err
}

// Packs gives the unit's own packs, of each name the one added last, by name. A
// stored text that is no longer what its hash says is refused.
func (d *DB) Packs(ctx context.Context) ([]pack.Pack, error) {
	newest := map[string]pack.Pack{}
	err := each(ctx, d, `SELECT sha256, body, added_by FROM pack ORDER BY added_ns, sha256`, nil, func(r *sql.Rows) error {
		var sum, text []byte
		var by string
		if err := r.Scan(&sum, &text, &by); err != nil {
			return err
		}
		p, err := pack.Parse(text)
		if err != nil {
			return fault.Newf(fault.Corrupt, "stored pack: %w", err)
		}
		if p.SHA256 != hex.EncodeToString(sum) {
			return fault.Newf(fault.Corrupt, "stored pack %q was changed after it was added", p.ID)
		}
		p.AddedBy = by
		newest[p.ID] = p
		return nil
	})
	var out []pack.Pack
	for _, p := range newest {
		out = append(out, p)
	}
	slices.SortFunc(out, func(a, b pack.Pack) int { return cmp.Compare(a.ID, b.ID) })
	return out, err
}

// AddReview records a review of a pack.
func (d *DB) AddReview(ctx context.Context, tx *sql.Tx, r pack.Review) error {
	sum, err := raw(r.SHA256, 32)
	if err != nil {
		return err
	}
	d.wrote(ctx, tx, "pack_review", r.Pack, ns(r.At), sum)
	_, err = d.insert(ctx, tx, "pack_review", []string{"pack", "sha256", "reviewed_by", "at_ns", "note"}, [][]any{{r.Pack, sum, r.By, ns(r.At), r.Note}})
	return err
}

// Reviews gives the newest review of each pack, by the pack's name.
func (d *DB) Reviews(ctx context.Context) (map[string]pack.Review, error) {
	out := map[string]pack.Review{}
	err := each(ctx, d, `SELECT pack, sha256, reviewed_by, at_ns, note FROM pack_review ORDER BY at_ns, sha256`, nil, func(r *sql.Rows) error {
		var x pack.Review
		var sum []byte
		var at int64
		err := r.Scan(&x.Pack, &sum, &x.By, &at, &x.Note)
		x.SHA256, x.At = hex.EncodeToString(sum), fromNS(at)
		out[x.Pack] = x
		return err
	})
	return out, err
}

// AddRequest keeps a new request.
func (d *DB) AddRequest(ctx context.Context, tx *sql.Tx, r legal.Request) error {
	id, lead, record, doc, err := requestRow(r)
	if err != nil {
		return err
	}
	d.wrote(ctx, tx, "request", id)
	n, err := d.insert(ctx, tx, "request", []string{"id", "lead", "record", "state", "at_ns", "steps", "doc"},
		[][]any{{id, lead, record, string(r.State), ns(r.Draft.At), int64(len(r.Events)), doc}})
	if err == nil && n == 0 {
		err = fault.Newf(fault.Conflict, "request %s is in the record already", r.ID[:12])
	}
	return err
}

func requestRow(r legal.Request) (id, lead, record []byte, doc string, err error) {
	if id, err = raw(r.ID, 16); err != nil {
		return nil, nil, nil, "", err
	}
	if lead, err = raw(r.Draft.Lead, 16); err != nil {
		return nil, nil, nil, "", err
	}
	if record, err = raw(r.Draft.Record, 16); err != nil {
		return nil, nil, nil, "", err
	}
	text, err := json.Marshal(r)
	return id, lead, record, string(text), fault.As(fault.Internal, err)
}

// StepRequest keeps the next step of a request. Before is how many steps the
// caller had seen: if another was taken meanwhile, nothing is written.
func (d *DB) StepRequest(ctx context.Context, tx *sql.Tx, r legal.Request, before int) error {
	id, _, _, doc, err := requestRow(r)
	if err != nil {
		return err
	}
	d.wrote(ctx, tx, "request", id)
	n, err := exec(ctx, tx, `UPDATE request SET state = $2, steps = $3, doc = $4 WHERE id = $1 AND steps = $5`, id, string(r.State), int64(len(r.Events)), doc, int64(before))
	if err == nil && n == 0 {
		err = fault.WithHint(fault.Newf(fault.Conflict, "request %s: somebody else took a step meanwhile", r.ID[:12]), "look at it again before you go on")
	}
	return err
}

// Requests gives every request, the newest first.
func (d *DB) Requests(ctx context.Context) ([]legal.Request, error) {
	return d.requests(ctx, ` ORDER BY at_ns DESC, id`)
}

// RequestsOf gives the requests of a lead, the newest first.
func (d *DB) RequestsOf(ctx context.Context, lead string) ([]legal.Request, error) {
	id, err := raw(lead, 16)
	if err != nil {
		return nil, err
	}
	return d.requests(ctx, ` WHERE lead = $1 ORDER BY at_ns DESC, id`, id)
}

// RequestsOn gives the requests that rest on a record, the newest first.
func (d *DB) RequestsOn(ctx context.Context, record string) ([]legal.Request, error) {
	id, err := raw(record, 16)
	if err != nil {
		return nil, err
	}
	return d.requests(ctx, ` WHERE record = $1 ORDER BY at_ns DESC, id`, id)
}

func (d *DB) requests(ctx context.Context, where string, args ...any) ([]legal.Request, error) {
	return documents[legal.Request](ctx, d, "request", `SELECT doc FROM request`+where, args)
}

// FindRequest gives the one request whose ID begins with the given hex digits, at
// least 6 of them.
func (d *DB) FindRequest(ctx context.Context, prefix string) (legal.Request, error) {
	first, last, err := span(prefix)
	if err == nil && len(prefix) > 32 {
		err = fault.Newf(fault.Invalid, "request %q has more than 32 hex digits", prefix)
	}
	if err != nil {
		return legal.Request{}, err
	}
	found, err := d.requests(ctx, ` WHERE id >= $1 AND id <= $2 ORDER BY id LIMIT 2`, first[:16], last[:16])
	switch {
	case err != nil:
		return legal.Request{}, err
	case len(found) == 0:
		return legal.Request{}, fault.WithHint(fault.Newf(fault.NotFound, "request %s is not in the record", prefix), "see suraag request list")
	case len(found) > 1:
		return legal.Request{}, fault.Newf(fault.Conflict, "request %s is more than one: %s and %s", prefix, found[0].ID, found[1].ID)
	}
	return found[0], nil
}

// SetQuarantine replaces the rows that a request holds in quarantine.
func (d *DB) SetQuarantine(ctx context.Context, tx *sql.Tx, request string, leases []string) error {
	id, err := raw(request, 16)
	if err != nil {
		return err
	}
	d.wrote(ctx, tx, "quarantine", id)
	if _, err := exec(ctx, tx, `DELETE FROM quarantine WHERE request = $1`, id); err != nil {
		return err
	}
	var rows [][]any
	for _, l := range leases {
		lease, err := raw(l, 16)
		if err != nil {
			return err
		}
		rows = append(rows, []any{lease, id})
	}
	_, err = d.insert(ctx, tx, "quarantine", []string{"lease", "request"}, rows)
	return err
}

// Quarantined gives those of the operators' rows that stand in quarantine.
func (d *DB) Quarantined(ctx context.Context, leases []string) (map[string]bool, error) {
	out := map[string]bool{}
	for part := range slices.Chunk(leases, rowsPerInsert) {
		args, err := rawAll(part, 16)
		if err != nil {
			return nil, err
		}
		err = each(ctx, d, `SELECT DISTINCT lease FROM quarantine WHERE lease IN (`+holders(1, len(part))+`)`, args, func(r *sql.Rows) error {
			var id []byte
			err := r.Scan(&id)
			out[hex.EncodeToString(id)] = true
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// PutCorrection keeps a correction, or what became of it.
func (d *DB) PutCorrection(ctx context.Context, tx *sql.Tx, c legal.Correction) error {
	id, err := raw(c.ID, 16)
	if err != nil {
		return err
	}
	doc, err := json.Marshal(c)
	if err != nil {
		return fault.As(fault.Internal, err)
	}
	d.wrote(ctx, tx, "correction", id)
	if _, err := exec(ctx, tx, `DELETE FROM correction WHERE id = $1`, id); err != nil {
		return err
	}
	_, err = d.insert(ctx, tx, "correction", []string{"id", "subject", "at_ns", "doc"}, [][]any{{id, c.Subject, ns(c.At), string(doc)}})
	return err
}

// Corrections gives the register, the oldest first.
func (d *DB) Corrections(ctx context.Context) ([]legal.Correction, error) {
	return documents[legal.Correction](ctx, d, "correction", `SELECT doc FROM correction ORDER BY at_ns, id`, nil)
}

// CorrectionsOf gives the corrections of any of the subjects, the oldest first.
func (d *DB) CorrectionsOf(ctx context.Context, subjects []string) ([]legal.Correction, error) {
	var out []legal.Correction
	for part := range slices.Chunk(subjects, rowsPerInsert) {
		args := []any{}
		for _, s := range part {
			args = append(args, s)
		}
		got, err := documents[legal.Correction](ctx, d, "correction", `SELECT doc FROM correction WHERE subject IN (`+holders(1, len(part))+`) ORDER BY at_ns, id`, args)
		if err != nil {
			return nil, err
		}
		out = append(out, got...)
	}
	slices.SortStableFunc(out, func(a, b legal.Correction) int { return cmp.Or(a.At.Compare(b.At), strings.Compare(a.ID, b.ID)) })
	return out, nil
}
