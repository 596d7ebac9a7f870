package store

import (
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"time"

	"suraag/actor/series"
	"suraag/casework/complaint"
	"suraag/fault"
)

// PutComplaint records a complaint whose document was read. Reading it again
// changes nothing.
func (d *DB) PutComplaint(ctx context.Context, tx *sql.Tx, source string, f complaint.Form) error {
	id, err := raw(source, 32)
	if err != nil {
		return err
	}
	f.Story = "" // stands in the sealed original, which may be shown to fewer
	doc, err := json.Marshal(f)
	if err != nil {
		return fault.As(fault.Internal, err)
	}
	d.wrote(ctx, tx, "complaint", id)
	_, err = d.insert(ctx, tx, "complaint", []string{"source", "received_ns", "doc"}, [][]any{{id, ns(f.Received), string(doc)}})
	return err
}

// Complaints gives every complaint with its stages, by day and ID.
func (d *DB) Complaints(ctx context.Context) ([]complaint.Entry, error) {
	return d.complaints(ctx, d, ``)
}

// Complaint gives one.
func (d *DB) Complaint(ctx context.Context, source string) (complaint.Entry, error) {
	id, err := raw(source, 32)
	if err != nil {
		return complaint.Entry{}, err
	}
	return oneComplaint(d.complaints(ctx, d, ` WHERE c.source = $1`, id))(source)
}

func oneComplaint(found []complaint.Entry, err error) func(source string) (complaint.Entry, error) {
	return func(source string) (complaint.Entry, error) {
		if err == nil && len(found) == 0 {
			err = fault.WithHint(fault.Newf(fault.NotFound, "no complaint %q in the record", source), "see suraag complaint list")
		}
		if err != nil {
			return complaint.Entry{}, err
		}
		return found[0], nil
	}
}

func (d *DB) complaints(ctx context.Context, q querier, where string, args ...any) ([]complaint.Entry, error) {
	var out []complaint.Entry
	err := each(ctx, q, `SELECT c.source, c.doc, coalesce(s.doc, '') FROM complaint c LEFT JOIN complaint_stage s ON s.complaint = c.source`+where+` ORDER BY c.received_ns, c.source, s.seq`, args, func(r *sql.Rows) error {
		var source, doc, stage []byte
		if err := r.Scan(&source, &doc, &stage); err != nil {
			return err
		}
		id := hex.EncodeToString(source)
		if len(out) == 0 || out[len(out)-1].Source != id {
			e := complaint.Entry{Source: id, Stages: []complaint.Stage{}}
			if err := json.Unmarshal(doc, &e.Form); err != nil {
				return fault.Newf(fault.Corrupt, "stored complaint %s: %w", id, err)
			}
			out = append(out, e)
		}
		if len(stage) == 0 {
			return nil
		}
		var s complaint.Stage
		if err := json.Unmarshal(stage, &s); err != nil {
			return fault.Newf(fault.Corrupt, "stored stage of complaint %s: %w", id, err)
		}
		e := &out[len(out)-1]
		e.Stages = append(e.Stages, s)
		return nil
	})
	return out, err
}

// AddStage records what became of a complaint. Check is asked with the complaint
// as it stands inside the transaction, and may refuse.
func (d *DB) AddStage(ctx context.Context, tx *sql.Tx, source string, s complaint.Stage, check func(complaint.Entry) error) (complaint.Stage, error) {
	id, err := raw(source, 32)
	if err != nil {
		return s, err
	}
	e, err := oneComplaint(d.complaints(ctx, tx, ` WHERE c.source = $1`, id))(source)
	if err != nil {
		return s, err
	}
	if err := check(e); err != nil {
		return s, err
	}
	s.Seq = 1
	if n := len(e.Stages); n > 0 {
		s.Seq = e.Stages[n-1].Seq + 1
	}
	doc, err := json.Marshal(s)
	if err != nil {
		return s, fault.As(fault.Internal, err)
	}
	d.wrote(ctx, tx, "complaint_stage", id, s.Seq)
	n, err := d.insert(ctx, tx, "complaint_stage", []string{"complaint", "seq", "doc"}, [][]any{{id, s.Seq, string(doc)}})
	if err == nil && n != 1 {
		err = fault.WithHint(fault.Newf(fault.Conflict, "complaint %s got another stage at the same time", source), "look at it and try again")
	}
	return s, err
}

// Decide records what a person holds of two complaints.
func (d *DB) Decide(ctx context.Context, tx *sql.Tx, x series.Decision) error {
	a, b, err := twoComplaints(x.A, x.B)
	if err != nil {
		return err
	}
	doc, err := json.Marshal(x)
	if err != nil {
		return fault.As(fault.Internal, err)
	}
	d.wrote(ctx, tx, "series_decision", a, b, ns(x.At))
	_, err = d.insert(ctx, tx, "series_decision", []string{"a", "b", "at_ns", "doc", "undone_ns", "undone_by"}, [][]any{{a, b, ns(x.At), string(doc), int64(0), ""}})
	return err
}

// TakeBack undoes every decision about two complaints that stands, and tells how
// many did.
func (d *DB) TakeBack(ctx context.Context, tx *sql.Tx, one, other, by string, now time.Time) (int64, error) {
	a, b, err := twoComplaints(one, other)
	if err != nil {
		return 0, err
	}
	if err := d.wroteAll(ctx, tx, "series_decision", `a = $1 AND b = $2 AND undone_ns = 0`, a, b); err != nil {
		return 0, err
	}
	return exec(ctx, tx, `UPDATE series_decision SET undone_ns = $3, undone_by = $4 WHERE a = $1 AND b = $2 AND undone_ns = 0`, a, b, ns(now), by)
}

func twoComplaints(one, other string) (a, b []byte, err error) {
	if a, err = raw(min(one, other), 32); err != nil {
		return nil, nil, err
	}
	b, err = raw(max(one, other), 32)
	return a, b, err
}

// Decisions gives the decisions that stand, the oldest first.
func (d *DB) Decisions(ctx context.Context) ([]series.Decision, error) {
	var out []series.Decision
	err := each(ctx, d, `SELECT doc FROM series_decision WHERE undone_ns = 0 ORDER BY at_ns, a, b`, nil, func(r *sql.Rows) error {
		var doc []byte
		if err := r.Scan(&doc); err != nil {
			return err
		}
		var x series.Decision
		if err := json.Unmarshal(doc, &x); err != nil {
			return fault.Newf(fault.Corrupt, "stored decision: %w", err)
		}
		out = append(out, x)
		return nil
	})
	return out, err
}

// PutVictim keeps who a victim is, encrypted by the caller.
func (d *DB) PutVictim(ctx context.Context, tx *sql.Tx, ref string, sealed []byte, now time.Time) error {
	d.wrote(ctx, tx, "victim", ref)
	n, err := d.insert(ctx, tx, "victim", []string{"ref", "sealed", "at_ns"}, [][]any{{ref, sealed, ns(now)}})
	if err == nil && n != 1 {
		err = fault.Newf(fault.Conflict, "victim %q is in the record already", ref)
	}
	return err
}

// Victim gives what PutVictim kept.
func (d *DB) Victim(ctx context.Context, ref string) ([]byte, error) {
	var sealed []byte
	err := d.QueryRowContext(ctx, `SELECT sealed FROM victim WHERE ref = $1`, ref).Scan(&sealed)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fault.Newf(fault.NotFound, "no victim %q in the record", ref)
	}
	return sealed, sorted(err)
}

// PutDraft keeps a form that was begun; the newest of an ID stands.
func (d *DB) PutDraft(ctx context.Context, tx *sql.Tx, id, owner string, sealed []byte, now time.Time) error {
	d.wrote(ctx, tx, "draft", id)
	if _, err := exec(ctx, tx, `DELETE FROM draft WHERE id = $1 AND owner = $2`, id, owner); err != nil {
		return err
	}
	n, err := d.insert(ctx, tx, "draft", []string{"id", "owner", "at_ns", "sealed"}, [][]any{{id, owner, ns(now), sealed}})
	if err == nil && n != 1 {
		err = fault.Newf(fault.Denied, "draft %q is someone else's", id)
	}
	return err
}

// Draft gives a draft of its owner, and DropDraft ends it.
func (d *DB) Draft(ctx context.Context, id, owner string) ([]byte, error) {
	var sealed []byte
	err := d.QueryRowContext(ctx, `SELECT sealed FROM draft WHERE id = $1 AND owner = $2`, id, owner).Scan(&sealed)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fault.Newf(fault.NotFound, "no draft %q of %q", id, owner)
	}
	return sealed, sorted(err)
}

// DropDraft removes a draft, because it was handed in or thrown away.
func (d *DB) DropDraft(ctx context.Context, tx *sql.Tx, id, owner string) error {
	d.wrote(ctx, tx, "draft", id)
	_, err := exec(ctx, tx, `DELETE FROM draft WHERE id = $1 AND owner = $2`, id, owner)
	return err
}

// Drafts names the drafts of an owner, the newest first.
func (d *DB) Drafts(ctx context.Context, owner string) (ids []string, at []time.Time, err error) {
	err = each(ctx, d, `SELECT id, at_ns FROM draft WHERE owner = $1 ORDER BY at_ns DESC, id`, []any{owner}, func(r *sql.Rows) error {
		var id string
		var t int64
		err := r.Scan(&id, &t)
		ids, at = append(ids, id), append(at, fromNS(t))
		return err
	})
	return ids, at, err
}
