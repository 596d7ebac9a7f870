package app

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"suraag/actor/script"
	"suraag/actor/series"
	"suraag/casework/complaint"
	"suraag/casework/figures"
	"suraag/export/sheet"
	"suraag/fault"
	"suraag/flow"
	"suraag/people"
	"suraag/web"
)

// complaintDesk answers the pages of complaints as whoever asks may see them: a
// complaint is a source, and stands behind the same wall.
type complaintDesk struct{ desk }

func (d complaintDesk) Tables() complaint.Tables { return d.House.Tables }

// visible tells of complaints whether whoever asks may see them.
func (d complaintDesk) visible(ctx context.Context, ids []string) (hidden map[string]bool, whom func([]string) []string, err error) {
	eyes, err := d.wall.Eyes(ctx)
	if err != nil {
		return nil, nil, err
	}
	hidden, err = eyes.Hidden(ctx, ids)
	return hidden, eyes.Whom, err
}

func (d complaintDesk) Queue(ctx context.Context, all bool) ([]complaint.Waiting, int, error) {
	eyes, err := d.wall.Eyes(ctx)
	if err != nil {
		return nil, 0, err
	}
	return d.ComplaintQueueFor(ctx, eyes, all)
}

// Find gives a complaint to whoever may look into it: its page says what the
// sealed document says.
func (d complaintDesk) Find(ctx context.Context, id string) (web.Complained, error) {
	src, err := d.FindSource(ctx, id)
	if err != nil {
		return web.Complained{}, err
	}
	eyes, err := d.mayLook(ctx, src.ID)
	if err != nil {
		return web.Complained{}, err
	}
	out := web.Complained{May: eyes.Change(ctx, src.ID) == nil}
	if out.Waiting, err = d.ComplaintTurnFor(ctx, eyes, src.ID); err != nil {
		return web.Complained{}, err
	}
	ties, err := d.TiesOf(ctx, src.ID)
	if err != nil {
		return web.Complained{}, err
	}
	other := func(t series.Tie) string {
		if t.A == src.ID {
			return t.B
		}
		return t.A
	}
	var ids []string
	for _, t := range ties {
		ids = append(ids, other(t))
	}
	hidden, whom, err := d.visible(ctx, ids)
	if err != nil {
		return web.Complained{}, err
	}
	var unseen []string
	for _, t := range ties {
		if hidden[other(t)] {
			unseen = append(unseen, other(t))
			continue
		}
		out.Ties = append(out.Ties, t)
	}
	slices.Sort(unseen)
	unseen = slices.Compact(unseen)
	out.Hidden, out.Whom = len(unseen), whom(unseen)
	return out, d.saw(ctx, "complaint "+src.ID, people.From(ctx).By, out.Waiting)
}

func (d complaintDesk) Take(ctx context.Context, f complaint.Form, v complaint.Victim, kase string) (string, []complaint.Problem, error) {
	if kase != "" {
		var err error
		if kase, err = d.wall.MayAdd(ctx, kase); err != nil {
			return "", nil, err
		}
	}
	for _, id := range f.Attached { // what is attached is compared: it must be before these eyes
		src, err := d.FindSource(ctx, strings.TrimSpace(id))
		if err != nil {
			return "", nil, err
		}
		if _, err := d.mayLook(ctx, src.ID); err != nil {
			return "", nil, err
		}
	}
	s, err := d.TakeComplaint(ctx, f, v, people.From(ctx).By, kase)
	var wrong *flow.Wrong
	if errors.As(err, &wrong) {
		return "", wrong.Problems, nil
	}
	return s.ID, nil, err
}

// mayChange refuses whoever may not add to the case of a complaint.
func (d complaintDesk) mayChange(ctx context.Context, id string) error {
	eyes, err := d.wall.Eyes(ctx)
	if err != nil {
		return err
	}
	return eyes.Change(ctx, id)
}

func (d complaintDesk) Reach(ctx context.Context, id string, s complaint.Stage) error {
	if err := d.mayChange(ctx, id); err != nil {
		return err
	}
	_, err := d.ReachStage(ctx, id, s)
	return err
}

func (d complaintDesk) Victim(ctx context.Context, id, why string) (complaint.Victim, error) {
	if _, err := d.mayLook(ctx, id); err != nil {
		return complaint.Victim{}, err
	}
	return d.ShowVictim(ctx, id, people.From(ctx).By, why)
}

// Series leaves out what names a complaint that may not be seen: a series is
// shown with the members that may be, if there are two.
func (d complaintDesk) Series(ctx context.Context) (series.Found, int, error) {
	all, err := d.House.SeriesAndScripts(ctx)
	if err != nil {
		return series.Found{}, 0, err
	}
	entries, err := d.db.Complaints(ctx)
	if err != nil {
		return series.Found{}, 0, err
	}
	var ids []string
	for _, e := range entries {
		ids = append(ids, e.Source)
	}
	hidden, _, err := d.visible(ctx, ids)
	if err != nil || len(hidden) == 0 {
		return all, 0, err
	}
	stated := map[string]bool{} // in a complaint that may be seen
	for _, e := range entries {
		for _, a := range e.Form.Accused {
			if id, err := a.Identify(); err == nil && !hidden[e.Source] {
				stated[id.String()] = true
			}
		}
	}
	out := series.Found{Result: series.Result{Series: []series.Series{}, Perhaps: []series.Tie{}, Hubs: []series.Hub{}}}
	for _, h := range all.Hubs {
		if stated[h.On] {
			out.Hubs = append(out.Hubs, h)
		}
	}
	for _, t := range all.Perhaps {
		if !hidden[t.A] && !hidden[t.B] {
			out.Perhaps = append(out.Perhaps, t)
		}
	}
	cut := 0
	for _, s := range all.Series {
		whole := len(s.Complaints)
		s.Complaints = slices.DeleteFunc(slices.Clone(s.Complaints), func(id string) bool { return hidden[id] })
		s.Ties = slices.DeleteFunc(slices.Clone(s.Ties), func(t series.Tie) bool { return hidden[t.A] || hidden[t.B] })
		if len(s.Complaints) < whole {
			cut++
			s.Contested = nil // it names complaints
			s.Sentence = fmt.Sprintf("%d complaints are held to be of one someone, with others in cases that you are not on", len(s.Complaints))
		}
		if len(s.Complaints) > 1 {
			out.Series = append(out.Series, s)
		}
	}
	for _, c := range all.Scripts {
		if !slices.ContainsFunc(c.Members, func(m script.Member) bool { return hidden[m.Within] }) {
			out.Scripts = append(out.Scripts, c)
		}
	}
	return out, cut, nil
}

// Decide needs both complaints to be before the eyes of who decides.
func (d complaintDesk) Decide(ctx context.Context, x series.Decision) error {
	if err := d.both(ctx, x.A, x.B); err != nil {
		return err
	}
	return d.DecideSeries(ctx, x)
}

func (d complaintDesk) TakeBack(ctx context.Context, a, b string) error {
	if err := d.both(ctx, a, b); err != nil {
		return err
	}
	return d.TakeBackSeries(ctx, a, b, people.From(ctx).By)
}

// both lets whoever may change one complaint and sees the other decide of them.
func (d complaintDesk) both(ctx context.Context, a, b string) error {
	if err := d.mayChange(ctx, a); err != nil {
		return err
	}
	_, err := d.FindSource(ctx, b)
	return err
}

// owner is under whom a draft is kept.
func owner(ctx context.Context) string {
	if w := people.From(ctx); w.Person != "" {
		return w.Person
	}
	return people.From(ctx).By
}

func (d complaintDesk) Keep(ctx context.Context, id string, draft web.Draft) (string, error) {
	if id == "" {
		id = people.NewID()
	}
	words, err := json.Marshal(draft)
	if err != nil {
		return "", fault.As(fault.Internal, err)
	}
	return id, d.KeepSealed(ctx, words, func(tx *sql.Tx, sealed []byte) error { return d.db.PutDraft(ctx, tx, id, owner(ctx), sealed, d.Now()) })
}

func (d complaintDesk) Draft(ctx context.Context, id string) (out web.Draft, err error) {
	sealed, err := d.db.Draft(ctx, id, owner(ctx))
	if err != nil {
		return out, err
	}
	words, err := d.Unit.Decrypt(sealed)
	if err != nil {
		return out, err
	}
	if err := json.Unmarshal(words, &out); err != nil {
		return out, fault.Newf(fault.Corrupt, "draft %q: %w", id, err)
	}
	return out, nil
}

func (d complaintDesk) Drafts(ctx context.Context) ([]web.Kept, error) {
	ids, at, err := d.db.Drafts(ctx, owner(ctx))
	var out []web.Kept
	for n := range ids {
		out = append(out, web.Kept{ID: ids[n], At: at[n]})
	}
	return out, err
}

func (d complaintDesk) Drop(ctx context.Context, id string) error {
	return d.db.InTx(ctx, func(tx *sql.Tx) error { return d.db.DropDraft(ctx, tx, id, owner(ctx)) })
}

// figuresDesk counts for the pages. The counts are of the whole unit; which
// complaints stand behind a cell is said of those that may be seen.
type figuresDesk struct{ desk }

func (d figuresDesk) Count(ctx context.Context, q web.Count) (figures.Table, error) {
	t, err := d.House.Figures(ctx, flow.Count{Rows: q.Rows, Across: q.Across, Measure: q.Measure, Period: q.Period, Publish: q.Publish})
	if err != nil || q.Publish {
		return t, err
	}
	var ids []string
	for _, row := range t.Cells {
		for _, c := range row {
			ids = append(ids, c.Complaints...)
		}
	}
	slices.Sort(ids)
	eyes, err := d.wall.Eyes(ctx)
	if err != nil {
		return t, err
	}
	hidden, err := eyes.Hidden(ctx, slices.Compact(ids))
	if err != nil {
		return t, err
	}
	for r := range t.Cells {
		for c := range t.Cells[r] {
			t.Cells[r][c].Complaints = slices.DeleteFunc(slices.Clone(t.Cells[r][c].Complaints), func(id string) bool { return hidden[id] })
		}
	}
	return t, nil
}

func (d figuresDesk) Sheet(ctx context.Context, q web.Count, ending string) ([]byte, string, error) {
	kind := map[string]string{"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}[ending]
	if kind == "" {
		return nil, "", fault.Newf(fault.Invalid, "file %q is neither csv nor xlsx", ending)
	}
	t, err := d.House.Figures(ctx, flow.Count{Rows: q.Rows, Across: q.Across, Measure: q.Measure, Period: q.Period, Publish: q.Publish, By: people.From(ctx).By})
	if err != nil {
		return nil, "", err
	}
	var b bytes.Buffer
	if ending == "csv" {
		err = sheet.CSV(&b, t.Records())
	} else {
		err = sheet.XLSX(&b, "figures", t.Records())
	}
	return b.Bytes(), kind, err
}
