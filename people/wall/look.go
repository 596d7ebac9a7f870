package wall

import (
	"context"
	"database/sql"
	"strconv"
	"strings"
	"time"

	"suraag/custody"
	"suraag/fault"
	"suraag/people"
	"suraag/people/look"
)

// Ask is what somebody wants to see uncovered.
type Ask struct {
	Case   string // ID or number
	Item   string
	Still  int // of a video, from 1
	Colour bool
	Known  bool // a list says already what it is; it stays covered unless Reason says otherwise
	Reason string
	Warned bool // whoever asks has read that it may show violence, or what nobody has described
}

// MayUncover refuses to uncover what Uncover would refuse, as far as it can be told
// beforehand; so that nothing is decoded for nobody.
func (w *Wall) MayUncover(ctx context.Context, a Ask) error {
	m, err := w.mayLook(ctx, a)
	if err != nil {
		return err
	}
	b, err := w.Budget(ctx)
	if err == nil {
		_, err = b.Longest(m.Mode, w.Now())
	}
	return err
}

func (w *Wall) mayLook(ctx context.Context, a Ask) (Media, error) {
	m, e, err := w.media(ctx, a.Case)
	if err != nil {
		return m, err
	}
	if err := e.onCase(people.Look, m.Case); err != nil {
		if !m.MediaMode {
			err = fault.WithHint(fault.Newf(fault.Denied, "media mode of case %s is off: nobody may look at its pictures", m.Number), "a supervisor who is on the case can turn it on, for hours")
		}
		return m, err
	}
	if !a.Warned {
		return m, fault.WithHint(fault.Newf(fault.Invalid, "the warning was not read"), "read it, and say that you have")
	}
	if a.Known {
		if err := people.CheckPurpose(a.Reason); err != nil {
			err := fault.Newf(fault.Invalid, "a list says already what this is, and nothing says why it has to be seen again: %w", err)
			return m, fault.WithHint(err, "leave it covered, or say in a few words why it has to be seen")
		}
	}
	return m, nil
}

// Uncover lets somebody look at one picture, logs it, and says until when. Only one is uncovered
// for a person at a time, in whatever session.
func (w *Wall) Uncover(ctx context.Context, a Ask) (look.Reveal, error) {
	m, err := w.mayLook(ctx, a)
	if err != nil {
		return look.Reveal{}, err
	}
	who := people.From(ctx)
	if err := w.coverLost(ctx); err != nil {
		return look.Reveal{}, err
	}
	limits, err := w.Book.Limits(ctx)
	if err != nil {
		return look.Reveal{}, err
	}
	r := look.Reveal{
		ID: people.NewID(), Mode: m.Mode.ID, Case: m.ID, Item: a.Item, Still: a.Still, Colour: a.Colour, Known: a.Known,
		Person: who.Person, By: who.By, Session: who.Session,
	}
	if a.Known {
		r.Reason = strings.TrimSpace(a.Reason)
	}
	err = w.Book.InTx(ctx, func(tx *sql.Tx) error {
		if err := w.Book.LookTurn(ctx, tx, who.Person); err != nil {
			return err
		}
		now := w.Now().UTC()
		// Somebody may have turned it off while the picture was made ready.
		modes, err := w.Book.Modes(ctx, m.ID, lastModes)
		if err != nil {
			return err
		}
		if look.Current(modes, now).ID != m.Mode.ID {
			return fault.Newf(fault.Denied, "media mode of case %s was turned off", m.Number)
		}
		before, err := w.Book.Looks(ctx, tx, who.Person, now.Add(-look.Back))
		if err != nil {
			return err
		}
		longest, err := w.reckon(before, limits, who.Person, now).Longest(m.Mode, now)
		if err != nil {
			return err
		}
		r.At, r.Until = now, now.Add(longest)
		e, err := custody.Saying(custody.Looked, r.Item, who.By, now, lookSaid{
			What: "uncovered", Look: r.ID, Case: m.Number, Mode: m.Mode.ID, Still: r.Still, Colour: r.Colour, Known: r.Known, Reason: r.Reason, Until: utc(r.Until),
		})
		if err != nil {
			return err
		}
		if err := w.Book.AddLook(ctx, tx, r); err != nil {
			return err
		}
		return w.Book.Log(ctx, tx, e)
	})
	return r, err
}

// lookSaid is what the log says of a look.
type lookSaid struct {
	What   string `json:"what"`
	Look   string `json:"look"`
	Case   string `json:"case,omitempty"`
	Mode   string `json:"mode,omitempty"`
	Still  int    `json:"still,omitempty"`
	Colour bool   `json:"colour,omitempty"`
	Known  bool   `json:"known,omitempty"`
	Reason string `json:"reason,omitempty"`
	Until  string `json:"until,omitempty"`
	// Of one that is covered: what it counts, in seconds, and whether nobody said when.
	Seconds string `json:"seconds,omitempty"`
	Lost    bool   `json:"nobody_said_when,omitempty"`
}

func (w *Wall) reckon(looks []look.Reveal, limits []look.Limit, person string, now time.Time) look.Budget {
	var spans []look.Span
	for _, r := range looks {
		spans = append(spans, r.Span(now))
	}
	return look.Reckon(spans, look.Allowed(limits, person, now), w.zone(), now)
}

func (w *Wall) zone() *time.Location {
	if w.Zone == nil {
		return time.UTC
	}
	return w.Zone
}

// Cover records that a picture is covered again. To say so twice, or too late, is
// no error: what it counts is on record.
func (w *Wall) Cover(ctx context.Context, id string) error {
	who := people.From(ctx)
	if who.Person == "" || who.Scope != nil {
		return fault.Newf(fault.Denied, "nobody who may look at pictures is signed in")
	}
	limits, err := w.Book.Limits(ctx)
	if err != nil {
		return err
	}
	return w.Book.InTx(ctx, func(tx *sql.Tx) error {
		return w.cover(ctx, tx, who.Person, limits, func(r look.Reveal, now time.Time) bool { return r.ID == id })
	})
}

// coverLost ends the looks of whoever asks that nobody covered in their time.
func (w *Wall) coverLost(ctx context.Context) error {
	limits, err := w.Book.Limits(ctx)
	if err != nil {
		return err
	}
	return w.Book.InTx(ctx, func(tx *sql.Tx) error {
		return w.cover(ctx, tx, people.From(ctx).Person, limits, func(r look.Reveal, now time.Time) bool { return !now.Before(r.Until) })
	})
}

// cover ends those looks of a person that are meant, and logs each, and that the
// limit of the day is reached where one reached it.
func (w *Wall) cover(ctx context.Context, tx *sql.Tx, person string, limits []look.Limit, meant func(look.Reveal, time.Time) bool) error {
	if err := w.Book.LookTurn(ctx, tx, person); err != nil {
		return err
	}
	now := w.Now().UTC()
	looks, err := w.Book.Looks(ctx, tx, person, now.Add(-look.Back))
	if err != nil {
		return err
	}
	for n, r := range looks {
		if !r.Ended.IsZero() || !meant(r, now) {
			continue
		}
		r = r.Cover(now)
		first, err := w.Book.EndLook(ctx, tx, r)
		if err != nil {
			return err
		}
		if !first {
			continue
		}
		seconds := strconv.FormatFloat(r.Ended.Sub(r.At).Seconds(), 'f', 1, 64)
		e, err := custody.Saying(custody.Looked, r.Item, r.By, now, lookSaid{What: "covered", Look: r.ID, Seconds: seconds, Lost: r.Lost})
		if err != nil {
			return err
		}
		if err := w.Book.Log(ctx, tx, e); err != nil {
			return err
		}
		without := append(append([]look.Reveal{}, looks[:n]...), looks[n+1:]...)
		before := w.reckon(without, limits, person, now)
		looks[n] = r
		if after := w.reckon(looks, limits, person, now); before.Left >= look.ShortestLook && after.Left < look.ShortestLook {
			said := map[string]string{"looked": look.Minutes(after.Used), "limit": look.Minutes(after.Limit)}
			e, err := custody.Saying(custody.LimitReached, person, r.By, now, said)
			if err == nil {
				err = w.Book.Log(ctx, tx, e)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// Budget gives what whoever asks may still look.
func (w *Wall) Budget(ctx context.Context) (look.Budget, error) {
	who := people.From(ctx)
	if err := w.Policy.OnUnit(who, people.OwnHours); err != nil {
		return look.Budget{}, err
	}
	if err := w.coverLost(ctx); err != nil {
		return look.Budget{}, err
	}
	limits, err := w.Book.Limits(ctx)
	if err != nil {
		return look.Budget{}, err
	}
	now := w.Now().UTC()
	var looks []look.Reveal
	err = w.Book.InTx(ctx, func(tx *sql.Tx) error {
		looks, err = w.Book.Looks(ctx, tx, who.Person, now.Add(-look.Back))
		return err
	})
	return w.reckon(looks, limits, who.Person, now), err
}

// DaysOfHours is over how many days supervisors see for how long people looked.
const DaysOfHours = 7

// Looker is a person with how long the person looked, in figures only.
type Looker struct {
	people.Person
	look.Hours
}

// Hours tells for how long everybody looked on the last days, by login. People who
// looked at nothing are left out.
func (w *Wall) Hours(ctx context.Context) ([]Looker, error) {
	if err := w.Policy.OnUnit(people.From(ctx), people.AllHours); err != nil {
		return nil, err
	}
	return w.AllHours(ctx)
}

// AllHours is Hours for whoever has the machine and asks nobody.
func (w *Wall) AllHours(ctx context.Context) ([]Looker, error) {
	now := w.Now().UTC()
	looks, err := w.Book.AllLooks(ctx, now.Add(-(DaysOfHours+1)*24*time.Hour))
	if err != nil {
		return nil, err
	}
	limits, err := w.Book.Limits(ctx)
	if err != nil {
		return nil, err
	}
	everybody, err := w.Book.People(ctx)
	if err != nil {
		return nil, err
	}
	spans := map[string][]look.Span{}
	for _, r := range looks {
		spans[r.Person] = append(spans[r.Person], r.Span(now))
	}
	var out []Looker
	for _, p := range everybody {
		if s := spans[p.ID]; len(s) > 0 {
			out = append(out, Looker{p, look.HoursOf(p.ID, s, DaysOfHours, look.Allowed(limits, p.ID, now), w.zone(), now)})
		}
	}
	return out, nil
}

// UnitLimit gives the limit of the unit that holds now.
func (w *Wall) UnitLimit(ctx context.Context) (time.Duration, error) {
	limits, err := w.Book.Limits(ctx)
	return look.Allowed(limits, "", w.Now()), err
}

// SetLimit sets for how long whoever asks may look in a day, or where unit is
// set, how long everybody may.
func (w *Wall) SetLimit(ctx context.Context, unit bool, minutes int) (look.Limit, error) {
	who, action, person, subject := people.From(ctx), people.OwnHours, people.From(ctx).Person, people.From(ctx).Person
	if unit {
		action, person, subject = people.AllHours, "", "unit"
	}
	if err := w.Policy.OnUnit(who, action); err != nil {
		return look.Limit{}, err
	}
	limits, err := w.Book.Limits(ctx)
	if err != nil {
		return look.Limit{}, err
	}
	had := look.Allowed(limits, person, w.Now())
	l, err := look.NewLimit(person, who.By, minutes, had, w.zone(), w.Now())
	if err != nil {
		return l, err
	}
	said := map[string]any{"minutes_a_day": l.Minute, "from": utc(l.From), "limit": l.ID}
	return l, w.log(ctx, custody.LimitChanged, subject, said, func(tx *sql.Tx) error { return w.Book.AddLimit(ctx, tx, l) })
}
