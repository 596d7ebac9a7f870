package flow

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"io"
	"slices"
	"time"

	"suraag/actor/series"
	"suraag/casework"
	"suraag/casework/complaint"
	"suraag/custody"
	"suraag/custody/vault"
	"suraag/digest"
	"suraag/fault"
	"suraag/hashset"
	"suraag/intake"
	reader "suraag/intake/complaint"
)

type complaints interface {
	PutComplaint(ctx context.Context, tx *sql.Tx, source string, f complaint.Form) error
	Complaints(ctx context.Context) ([]complaint.Entry, error)
	Complaint(ctx context.Context, source string) (complaint.Entry, error)
	AddStage(ctx context.Context, tx *sql.Tx, source string, s complaint.Stage, check func(complaint.Entry) error) (complaint.Stage, error)
	Decide(ctx context.Context, tx *sql.Tx, x series.Decision) error
	TakeBack(ctx context.Context, tx *sql.Tx, one, other, by string, now time.Time) (int64, error)
	Decisions(ctx context.Context) ([]series.Decision, error)
	PutVictim(ctx context.Context, tx *sql.Tx, ref string, sealed []byte, now time.Time) error
	Victim(ctx context.Context, ref string) ([]byte, error)
	SameUnitKey(ctx context.Context, tx *sql.Tx, public string) error
}

// Unit holds the unit's key.
type Unit = vault.Unit

// KeepSealed encrypts words to the unit's key and has them kept. A key that was
// changed meanwhile is refused: nobody could read what was encrypted to it.
func (h *House) KeepSealed(ctx context.Context, words []byte, keep func(tx *sql.Tx, sealed []byte) error) error {
	key, err := h.Unit.Public() // before it is used: a change in between is noticed
	if err != nil {
		return err
	}
	sealed, err := h.Unit.Encrypt(words)
	if err != nil {
		return err
	}
	return h.Record.InTx(ctx, func(tx *sql.Tx) error {
		if err := h.Record.SameUnitKey(ctx, tx, key.Public); err != nil {
			return err
		}
		return keep(tx, sealed)
	})
}

// Wrong is a form that cannot be taken as it is.
type Wrong struct{ Problems []complaint.Problem }

// Error gives the first problem; a page shows each beside its field.
func (w *Wrong) Error() string {
	return "complaint: " + w.Problems[0].Field + ": " + w.Problems[0].Words
}

// TakeComplaint takes a complaint: the document is sealed like any source, who
// the victim is goes encrypted into a place of its own. Kase is the ID of the case
// it belongs to, or empty.
func (h *House) TakeComplaint(ctx context.Context, f complaint.Form, v complaint.Victim, by, kase string) (custody.Source, error) {
	f.Normal()
	ref, err := complaint.NewReference(rand.Reader)
	if err != nil {
		return custody.Source{}, err
	}
	f.Victim, f.TakenBy = ref, by
	problems := append(f.Check(h.Tables), v.NamedIn(f)...)
	if f.Received.After(h.Now().Add(24 * time.Hour)) { // clocks differ, days do not
		problems = append(problems, complaint.Problem{Field: "received", Words: "This day has not come yet. Mend the day, month or year on which it was received."})
	}
	if len(problems) > 0 {
		return custody.Source{}, fault.As(fault.Invalid, &Wrong{problems})
	}
	for _, id := range f.Attached {
		if _, err := h.Record.Source(ctx, id); err != nil {
			return custody.Source{}, fault.WithHint(fault.Wrapf(err, "attached %q", id), "hand the file in first (suraag intake), and give the ID that it prints")
		}
	}
	v.ChatNames, f.ChatNames = append(v.ChatNames, f.ChatNames...), nil
	doc, err := f.Document()
	if err != nil {
		return custody.Source{}, err
	}
	words, err := v.Words()
	if err != nil {
		return custody.Source{}, err
	}
	// First who it is about: a complaint whose victim was lost could not be mended,
	// a victim without complaint is a row that nobody reads.
	err = h.KeepSealed(ctx, words, func(tx *sql.Tx, sealed []byte) error { return h.Record.PutVictim(ctx, tx, ref, sealed, h.Now()) })
	if err != nil {
		return custody.Source{}, err
	}
	number := f.Number
	if number == "" {
		number = f.Received.In(time.UTC).Format(time.DateOnly)
	}
	s, _, err := h.Receive(ctx, HandIn{
		Name: "complaint.json", BroughtBy: by, Case: kase, Authority: "complaint " + number + " taken at " + f.Station, Options: Declared{Format: reader.Name},
	}, bytes.NewReader(doc))
	return s, err
}

// ShowVictim tells who a victim is, to someone who says why, and logs that it did.
func (h *House) ShowVictim(ctx context.Context, source, by, why string) (complaint.Victim, error) {
	if why == "" {
		return complaint.Victim{}, fault.WithHint(fault.Newf(fault.Invalid, "a victim's name is asked for without a reason"), "say what it is needed for; it is logged")
	}
	e, err := h.Record.Complaint(ctx, source)
	if err != nil {
		return complaint.Victim{}, err
	}
	sealed, err := h.Record.Victim(ctx, e.Form.Victim)
	if err != nil {
		return complaint.Victim{}, err
	}
	err = h.Record.InTx(ctx, func(tx *sql.Tx) error {
		return h.log(ctx, tx, custody.View, e.Form.Victim, by, map[string]string{"complaint": source, "why": why})
	})
	if err != nil {
		return complaint.Victim{}, err
	}
	words, err := h.Unit.Decrypt(sealed)
	if err != nil {
		return complaint.Victim{}, err
	}
	return complaint.ReadVictim(words)
}

// ReachStage records what became of a complaint.
func (h *House) ReachStage(ctx context.Context, source string, s complaint.Stage) (complaint.Stage, error) {
	s.Recorded = h.Now().UTC()
	s.At = s.At.UTC()
	err := h.Record.InTx(ctx, func(tx *sql.Tx) (err error) {
		s, err = h.Record.AddStage(ctx, tx, source, s, func(e complaint.Entry) error { return e.Reach(s, h.Now()) })
		if err != nil {
			return err
		}
		return h.log(ctx, tx, custody.ComplaintStage, source, s.By, s)
	})
	return s, err
}

// complained records the complaint that a source turned out to be. Unfit says why a
// complaint that was read does not stand in the queue: its reader takes what it
// understands, the queue needs the form whole.
func (h *House) complained(ctx context.Context, tx *sql.Tx, s custody.Source, result intake.Result) (unfit string, err error) {
	for _, m := range result.Members {
		if m.Format != reader.Name || m.Path != "" {
			continue
		}
		o, err := h.Originals.Open(s.ID)
		if err != nil {
			return "", err
		}
		defer o.Close()
		doc, err := io.ReadAll(io.NewSectionReader(o, 0, s.Size))
		if err != nil {
			return "", fault.Newf(fault.Unavailable, "complaint %q: %w", s.Name, err)
		}
		f, err := complaint.Read(doc)
		if err != nil {
			return fmt.Sprintf("it is a complaint and does not stand in the queue: %v; take it anew with the form", err), nil
		}
		return "", h.Record.PutComplaint(ctx, tx, s.ID, f)
	}
	return "", nil
}

// ComplaintQueue gives the complaints on which work goes on, rescue first; with
// all also those that ended.
func (h *House) ComplaintQueue(ctx context.Context, all bool) ([]complaint.Waiting, error) {
	out, _, err := h.complaintQueue(ctx, all, everything, h)
	return out, err
}

// ComplaintQueueFor is the queue as somebody may see it, and how many complaints
// are left out. That others of a series are hidden is counted; what ties them is
// not told, since it names whom they accuse.
func (h *House) ComplaintQueueFor(ctx context.Context, v View, all bool) (out []complaint.Waiting, left int, err error) {
	return h.complaintQueue(ctx, all, v.Hidden, h.For(v))
}

// ComplaintTurn gives one complaint with its place in the order. The others are not
// weighed for it.
func (h *House) ComplaintTurn(ctx context.Context, id string) (complaint.Waiting, error) {
	return h.complaintTurn(ctx, id, everything, h)
}

// ComplaintTurnFor is ComplaintTurn as somebody may see it. That the complaint itself
// may be seen is for the caller to ask.
func (h *House) ComplaintTurnFor(ctx context.Context, v View, id string) (complaint.Waiting, error) {
	return h.complaintTurn(ctx, id, v.Hidden, h.For(v))
}

// hides tells of sources which of them are hidden from whoever asks.
type hides = func(ctx context.Context, sources []string) (map[string]bool, error)

// everything hides nothing.
func everything(context.Context, []string) (map[string]bool, error) { return nil, nil }

// hiddenTies stands in the place of the sentence that says what ties a series.
const hiddenTies = "Some of them are in cases that you are not on."

func (h *House) complaintQueue(ctx context.Context, all bool, hidden hides, lists *House) ([]complaint.Waiting, int, error) {
	entries, err := h.Record.Complaints(ctx)
	if err != nil {
		return nil, 0, err
	}
	found, err := h.Series(ctx)
	if err != nil {
		return nil, 0, err
	}
	of := map[string]*series.Series{}
	var ids []string
	for n := range found.Series {
		for _, id := range found.Series[n].Complaints {
			of[id] = &found.Series[n]
			ids = append(ids, id)
		}
	}
	for _, e := range entries {
		ids = append(ids, e.Source)
	}
	not, err := hidden(ctx, ids)
	if err != nil {
		return nil, 0, err
	}
	out, left := []complaint.Waiting{}, 0
	for _, e := range entries {
		if !all && !e.Open() {
			continue
		}
		if not[e.Source] {
			left++
			continue
		}
		w, err := lists.waiting(ctx, e, of[e.Source], not)
		if err != nil {
			return nil, 0, err
		}
		out = append(out, w)
	}
	complaint.Queue(out, func(w complaint.Waiting) complaint.Turn { return w.Turn })
	return out, left, nil
}

func (h *House) complaintTurn(ctx context.Context, id string, hidden hides, lists *House) (complaint.Waiting, error) {
	e, err := h.Record.Complaint(ctx, id)
	if err != nil {
		return complaint.Waiting{}, err
	}
	found, err := h.Series(ctx)
	if err != nil {
		return complaint.Waiting{}, err
	}
	at := slices.IndexFunc(found.Series, func(s series.Series) bool { return slices.Contains(s.Complaints, e.Source) })
	if at < 0 {
		return lists.waiting(ctx, e, nil, nil)
	}
	not, err := hidden(ctx, found.Series[at].Complaints)
	if err != nil {
		return complaint.Waiting{}, err
	}
	return lists.waiting(ctx, e, &found.Series[at], not)
}

// waiting weighs one complaint, with the series it belongs to, if any.
func (h *House) waiting(ctx context.Context, e complaint.Entry, s *series.Series, hidden map[string]bool) (complaint.Waiting, error) {
	w := complaint.Waiting{Entry: e}
	var k complaint.Known
	if s != nil {
		w.Series, w.Others = s.ID, len(s.Complaints)-1
		k = complaint.Known{Series: s.ID, Others: w.Others, TiedBy: s.Sentence}
		if slices.ContainsFunc(s.Complaints, func(id string) bool { return hidden[id] }) {
			k.TiedBy = hiddenTies
		}
	}
	var err error
	if k.Content, err = h.novelty(ctx, e.Form.Digests); err != nil {
		return w, err
	}
	w.Turn = complaint.Weigh(e.Form, k, h.Tables)
	return w, nil
}

// novelty says what lists know of the images of a complaint: the least known one
// speaks for all.
func (h *House) novelty(ctx context.Context, digests []string) (string, error) {
	out := ""
	rank := map[string]int{string(casework.Listed): 1, string(casework.Near): 2, string(casework.Novel): 3}
	for _, text := range digests {
		d, err := digest.Parse(text)
		if err != nil {
			continue // listed as a bad row when the complaint was read
		}
		q, err := Ask(d.String())
		if err != nil {
			return "", err
		}
		family, _, err := h.family(ctx, q)
		if err != nil {
			return "", err
		}
		if err := h.listed(ctx, family); err != nil {
			return "", err
		}
		var matches []hashset.Match
		for _, c := range family {
			if c.Relation == casework.Same {
				matches = append(matches, c.Listed...)
			}
		}
		if n := string(casework.NoveltyOf(matches)); rank[n] > rank[out] {
			out = n
		}
	}
	return out, nil
}
