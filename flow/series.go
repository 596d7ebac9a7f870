package flow

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"

	"suraag/actor/series"
	"suraag/casework/complaint"
	"suraag/custody"
	"suraag/fault"
	"suraag/sighting"
)

// seriesIndex keeps the complaints in memory from one question to the next. A
// complaint is taken in anew when its key changes: an attached file was read, a
// better reader came.
type seriesIndex struct {
	mu      sync.Mutex // guards all
	index   *series.Index
	keys    map[string]string // complaint → what it was built from
	decided string
	stale   bool // found was made before the last change
	found   series.Found
}

// Series says which complaints belong together. Every complaint meets everything
// that ever came, whichever came first.
func (h *House) Series(ctx context.Context) (series.Result, error) {
	x := &h.series
	x.mu.Lock()
	defer x.mu.Unlock()
	err := h.joined(ctx)
	return x.found.Result, err
}

// SeriesAndScripts says besides by which scripts they were written. Scripts are
// clustered when somebody asks for them: each text is compared with its likes,
// which costs minutes where there are a hundred thousand.
func (h *House) SeriesAndScripts(ctx context.Context) (series.Found, error) {
	x := &h.series
	x.mu.Lock()
	defer x.mu.Unlock()
	if err := h.joined(ctx); err != nil {
		return series.Found{}, err
	}
	if x.found.Scripts == nil {
		x.found.Scripts = x.index.Scripts()
	}
	return x.found, nil
}

// joined brings the result up to date. The lock is held.
func (h *House) joined(ctx context.Context) error {
	x := &h.series
	if err := h.refresh(ctx); err != nil {
		return err
	}
	if x.stale {
		x.found, x.stale = series.Found{Result: x.index.Result()}, false
	}
	return nil
}

// TiesOf gives every tie of one complaint.
func (h *House) TiesOf(ctx context.Context, source string) ([]series.Tie, error) {
	x := &h.series
	x.mu.Lock()
	defer x.mu.Unlock()
	if err := h.refresh(ctx); err != nil {
		return nil, err
	}
	return x.index.TiesOf(source), nil
}

// refresh brings the index up to date. The lock is held.
func (h *House) refresh(ctx context.Context) error {
	x := &h.series
	if x.index == nil {
		x.index, x.keys, x.stale = series.New(h.Public), map[string]string{}, true
	}
	entries, err := h.Record.Complaints(ctx)
	if err != nil {
		return err
	}
	there := map[string]bool{}
	for _, e := range entries {
		there[e.Source] = true
		key, err := h.attachedState(ctx, e.Form.Attached)
		if err != nil {
			return err
		}
		if old, held := x.keys[e.Source]; held && old == key {
			continue
		}
		c, err := h.linkable(ctx, e)
		if err != nil {
			return err
		}
		x.index.Add(c)
		x.keys[e.Source], x.stale = key, true
	}
	for id := range x.keys {
		if !there[id] { // erased
			x.index.Remove(id)
			delete(x.keys, id)
			x.stale = true
		}
	}
	decisions, err := h.Record.Decisions(ctx)
	if err != nil {
		return err
	}
	if decided := fmt.Sprint(decisions); decided != x.decided {
		x.index.DecideAnew(decisions)
		x.decided, x.stale = decided, true
	}
	return nil
}

// attachedState tells how far the attached files are read.
func (h *House) attachedState(ctx context.Context, attached []string) (string, error) {
	var b strings.Builder
	for _, id := range attached {
		s, err := h.Record.Source(ctx, id)
		if fault.Is(err, fault.NotFound) {
			continue // a complaint of another station may name files that stayed there
		}
		if err != nil {
			return "", err
		}
		fmt.Fprintln(&b, id, s.State, s.ReadAt)
	}
	return b.String(), nil
}

// linkable gives of a complaint what linking needs: whom it names, and what he
// wrote, in the form and in the files that came with it.
func (h *House) linkable(ctx context.Context, e complaint.Entry) (series.Complaint, error) {
	c := series.Complaint{ID: e.Source, At: e.Form.Received}
	for _, s := range e.Form.Accused {
		if id, err := s.Identify(); err == nil { // a bad one is listed beside the complaint
			c.Accused = append(c.Accused, id)
		}
	}
	for _, a := range e.Form.Addresses {
		if p, err := sighting.ParseEndpoint(a, ""); err == nil {
			c.Addresses = append(c.Addresses, p.IP)
		}
	}
	for _, m := range e.Form.Messages {
		c.Texts = append(c.Texts, m.Words)
	}
	if len(e.Form.Attached) == 0 {
		return c, nil
	}
	own, err := h.chatNames(ctx, e)
	if err != nil {
		return c, err
	}
	for _, id := range e.Form.Attached {
		texts, err := h.textsOfOthers(ctx, id, own)
		if err != nil {
			return c, err
		}
		c.Texts = append(c.Texts, texts...)
	}
	return c, nil
}

// chatNames gives the names under which the complainant stands in attached chats.
// They lie with who the victim is. Where that was erased, or the unit's key is not
// on this machine, there are none.
func (h *House) chatNames(ctx context.Context, e complaint.Entry) ([]string, error) {
	sealed, err := h.Record.Victim(ctx, e.Form.Victim)
	var words []byte
	if err == nil {
		words, err = h.Unit.Decrypt(sealed)
	}
	if fault.Is(err, fault.NotFound) {
		return e.Form.ChatNames, nil // of a document that was written elsewhere
	}
	if err != nil {
		return nil, err
	}
	v, err := complaint.ReadVictim(words)
	return append(v.ChatNames, e.Form.ChatNames...), err
}

// maxTexts bounds what one attached file adds; a script is told early.
const maxTexts = 500

// textsOfOthers gives what others than the complainant wrote in an attached file.
// Who bears one of the complainant's names is the complainant; without names
// nobody can be told apart, and nothing is taken.
func (h *House) textsOfOthers(ctx context.Context, source string, own []string) ([]string, error) {
	if len(own) == 0 {
		return nil, nil
	}
	var out []string
	err := h.Record.Docs(ctx, source, func(kind, _, doc string) error {
		if kind != "sighting" || len(out) >= maxTexts {
			return nil
		}
		var s sighting.Sighting
		if err := json.Unmarshal([]byte(doc), &s); err != nil {
			return fault.Newf(fault.Corrupt, "stored sighting: %w", err)
		}
		mine := slices.ContainsFunc(s.Who, func(i sighting.Identifier) bool {
			return slices.ContainsFunc(own, func(name string) bool { return strings.EqualFold(i.Value, name) })
		})
		if s.Text != "" && len(s.Who) > 0 && !mine {
			out = append(out, s.Text)
		}
		return nil
	})
	return out, err
}

// DecideSeries records what a person holds of two complaints; it stands until it
// is taken back.
func (h *House) DecideSeries(ctx context.Context, d series.Decision) error {
	if d.Reason = strings.TrimSpace(d.Reason); d.Reason == "" {
		return fault.WithHint(fault.Newf(fault.Invalid, "a decision about two complaints has no reason"), "say why they are, or are not, of one someone")
	}
	if d.A == d.B {
		return fault.Newf(fault.Invalid, "complaint %s is compared with itself", d.A)
	}
	for _, id := range []string{d.A, d.B} {
		if _, err := h.Record.Complaint(ctx, id); err != nil {
			return err
		}
	}
	d.At = h.Now().UTC()
	return h.Record.InTx(ctx, func(tx *sql.Tx) error {
		if _, err := h.Record.TakeBack(ctx, tx, d.A, d.B, d.By, d.At); err != nil {
			return err
		}
		if err := h.Record.Decide(ctx, tx, d); err != nil {
			return err
		}
		return h.log(ctx, tx, custody.SeriesDecided, d.A, d.By, d)
	})
}

// TakeBackSeries undoes a decision, as if it had never been; that it was stays in
// the record and in the log.
func (h *House) TakeBackSeries(ctx context.Context, a, b, by string) error {
	return h.Record.InTx(ctx, func(tx *sql.Tx) error {
		n, err := h.Record.TakeBack(ctx, tx, a, b, by, h.Now())
		if err == nil && n == 0 {
			err = fault.WithHint(fault.Newf(fault.NotFound, "no decision about %s and %s stands", a, b), "see suraag series list")
		}
		if err != nil {
			return err
		}
		return h.log(ctx, tx, custody.SeriesDecided, min(a, b), by, map[string]string{"with": max(a, b), "taken_back_by": by})
	})
}
