package wall

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"suraag/custody"
	"suraag/fault"
	"suraag/people"
)

func byNumber(a, b people.Case) int { return strings.Compare(a.Number, b.Number) }

// Listed is a case in a list, with what may be done to it. Of a case that one is
// not on, only number and station are told.
type Listed struct {
	people.Case
	On    bool // its statements stand in one's own traces
	Add   bool // may be handed in to
	Break bool // the glass may be broken
}

// Cases gives the cases that somebody may know of, by number.
func (w *Wall) Cases(ctx context.Context) ([]Listed, error) {
	e, err := w.Eyes(ctx)
	if err != nil {
		return nil, err
	}
	if err := w.Policy.OnUnit(e.who, people.ListCases); err != nil {
		return nil, err
	}
	var out []Listed
	for _, c := range e.cases {
		if w.Policy.OnCase(e.who, people.KnowOf, c) != nil {
			continue
		}
		l := Listed{Case: c}
		l.On, l.Add, l.Break = w.Policy.OnCase(e.who, people.Trace, c) == nil, w.Policy.OnCase(e.who, people.Add, c) == nil, w.Policy.OnCase(e.who, people.BreakGlass, c) == nil
		if !l.On {
			l.Case = people.Case{ID: c.ID, Number: c.Number, Station: c.Station, Sealed: c.Sealed}
		}
		out = append(out, l)
	}
	slices.SortFunc(out, func(a, b Listed) int { return byNumber(a.Case, b.Case) })
	return out, nil
}

// find gives a case by ID or number, if the action on it is allowed. A case that
// must not be known of is one that is not there.
func (w *Wall) find(ctx context.Context, key string, a people.Action) (people.Case, *Eyes, error) {
	e, err := w.Eyes(ctx)
	if err != nil {
		return people.Case{}, e, err
	}
	number := strings.Join(strings.Fields(key), " ")
	_, byID := e.cases[key]
	for _, c := range e.cases {
		if byID && c.ID != key || !byID && c.Number != number { // a number may be written like another's ID
			continue
		}
		if err := e.onCase(a, c); !fault.Is(err, fault.NotFound) {
			return c, e, err
		}
	}
	if len(number) > 200 {
		number = strings.ToValidUTF8(number[:200], "")
	}
	return people.Case{}, e, fault.Newf(fault.NotFound, "there is no case %q", number)
}

// May gives a case, by ID or number, if the action on it is allowed.
func (w *Wall) May(ctx context.Context, key string, a people.Action) (people.Case, error) {
	c, _, err := w.find(ctx, key, a)
	return c, err
}

// Known gives number and station of a case that one may know of, and whether one
// is on it.
func (w *Wall) Known(ctx context.Context, key string) (Listed, error) {
	c, e, err := w.find(ctx, key, people.KnowOf)
	if err != nil {
		return Listed{}, err
	}
	return Listed{
		Case: people.Case{ID: c.ID, Number: c.Number, Station: c.Station, Sealed: c.Sealed},
		On:   w.Policy.OnCase(e.who, people.Open, c) == nil, Break: w.Policy.OnCase(e.who, people.BreakGlass, c) == nil,
	}, nil
}

// Member is somebody who is on a case.
type Member struct {
	people.Person
	InCharge bool
}

// Inside is a case from within.
type Inside struct {
	people.Case
	People  []Member
	Sources []string // IDs, in the order in which they came
	Staff   bool     // whoever looks may decide who is on it
	Add     bool
}

// Look gives a case from within, and logs that somebody looked.
func (w *Wall) Look(ctx context.Context, key string) (Inside, error) {
	c, e, err := w.find(ctx, key, people.View)
	if err != nil {
		return Inside{}, err
	}
	in := Inside{Case: c, Staff: e.onCase(people.Staff, c) == nil, Add: e.onCase(people.Add, c) == nil}
	everybody, err := w.Book.People(ctx)
	if err != nil {
		return in, err
	}
	for _, p := range everybody {
		if slices.Contains(c.Members, p.ID) {
			in.People = append(in.People, Member{p, p.ID == c.InCharge})
		}
	}
	if in.Sources, err = w.Book.SourcesIn(ctx, c.ID); err != nil {
		return in, err
	}
	return in, w.Looked(ctx, c.ID, map[string]string{"case": c.Number})
}

// New opens a case. Whoever opens it is in charge of it.
func (w *Wall) New(ctx context.Context, c people.Case) (people.Case, error) {
	who := people.From(ctx)
	if err := w.Policy.OnUnit(who, people.NewCase); err != nil {
		return c, err
	}
	c, err := c.Checked()
	if err != nil {
		return c, err
	}
	c.ID, c.Made, c.MadeBy, c.InCharge, c.Members, c.Openings = people.NewID(), w.Now().UTC(), who.By, who.Person, nil, nil
	return c, w.log(ctx, custody.CaseChanged, c.ID, map[string]any{"what": "opened", "number": c.Number, "sealed": c.Sealed}, func(tx *sql.Tx) error {
		if err := w.Book.AddCase(ctx, tx, c); err != nil || who.Person == "" {
			return err
		}
		return w.Book.SetMember(ctx, tx, c.ID, who.Person, true, who.By, w.Now())
	})
}

// Open states the purpose for which somebody who is on a case looks into it.
func (w *Wall) Open(ctx context.Context, key, purpose string) (people.Case, error) {
	c, e, err := w.find(ctx, key, people.Open)
	if err != nil {
		return c, err
	}
	o, err := w.opening(e.who, c, purpose)
	if err != nil {
		return c, err
	}
	o.Until = o.At.Add(people.OpeningHolds)
	return c, w.log(ctx, custody.View, c.ID, map[string]string{"case": c.Number, "purpose": o.Purpose}, func(tx *sql.Tx) error {
		return w.Book.AddOpening(ctx, tx, o)
	})
}

func (w *Wall) opening(who people.Who, c people.Case, purpose string) (people.Opening, error) {
	purpose = strings.TrimSpace(purpose)
	return people.Opening{
		ID: people.NewID(), Case: c.ID, Person: who.Person, By: who.By, Session: who.Session, Purpose: purpose, At: w.Now().UTC(),
	}, people.CheckPurpose(purpose)
}

// Break opens a case to somebody who is not on it, and tells every supervisor.
func (w *Wall) Break(ctx context.Context, key, reason string) (people.Case, error) {
	c, e, err := w.find(ctx, key, people.BreakGlass)
	if err != nil {
		return c, err
	}
	o, err := w.opening(e.who, c, reason)
	if err != nil {
		return c, err
	}
	o.Emergency, o.Until = true, o.At.Add(people.EmergencyHolds)
	return c, w.log(ctx, custody.BreakGlass, c.ID, map[string]string{"case": c.Number, "reason": o.Purpose, "until": o.Until.Format("2006-01-02T15:04:05Z")}, func(tx *sql.Tx) error {
		return w.Book.AddOpening(ctx, tx, o)
	})
}

// Notice is broken glass, as supervisors are told of it.
type Notice struct {
	people.Opening
	Number string
	Mine   bool // whoever reads it broke it, and cannot take notice of it
}

// Notices gives the latest, those of which nobody took notice first.
func (w *Wall) Notices(ctx context.Context) ([]Notice, error) {
	e, err := w.Eyes(ctx)
	if err != nil {
		return nil, err
	}
	if err := w.Policy.OnUnit(e.who, people.ReadNotices); err != nil {
		return nil, err
	}
	all, err := w.Book.BrokenGlass(ctx, 200)
	var out []Notice
	for _, o := range all {
		out = append(out, Notice{o, e.cases[o.Case].Number, people.Second(o.By, e.who.By) != nil})
	}
	return out, err
}

// CountNotices counts the notices that wait for whoever asks; 0 for who is not told.
func (w *Wall) CountNotices(ctx context.Context) (int64, error) {
	who := people.From(ctx)
	if w.Policy.OnUnit(who, people.ReadNotices) != nil {
		return 0, nil
	}
	glass, err := w.Book.CountNotices(ctx, who.Person)
	if err != nil {
		return 0, err
	}
	modes, err := w.Book.CountModeNotices(ctx, who.Person)
	return glass + modes, err
}

// TakeNotice records that a supervisor read of broken glass. The second person
// cannot be the first.
func (w *Wall) TakeNotice(ctx context.Context, id string) error {
	all, err := w.Notices(ctx)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(all, func(n Notice) bool { return n.ID == id })
	if at < 0 {
		return fault.Newf(fault.NotFound, "there is no such notice")
	}
	o, who := all[at].Opening, people.From(ctx)
	if err := people.Second(o.By, who.By); err != nil {
		return err
	}
	o.SeenBy, o.SeenAt = who.By, w.Now().UTC()
	return w.log(ctx, custody.BreakGlass, o.Case, map[string]string{"notice taken of": o.ID, "broken by": o.By}, func(tx *sql.Tx) error {
		first, err := w.Book.SeeOpening(ctx, tx, o)
		if err == nil && !first {
			err = fault.Newf(fault.Conflict, "another supervisor took notice of it already")
		}
		return err
	})
}

// Staff puts somebody on a case, or takes somebody off it. Who is in charge stays
// until another is.
func (w *Wall) Staff(ctx context.Context, key, login string, on, inCharge bool) error {
	c, e, err := w.find(ctx, key, people.Staff)
	if err != nil {
		return err
	}
	p, err := w.Book.PersonByLogin(ctx, strings.ToLower(strings.TrimSpace(login)))
	if fault.Is(err, fault.NotFound) || err == nil && !p.Ended.IsZero() {
		return fault.WithHint(fault.Newf(fault.Invalid, "nobody here has the login %q", login), "an administrator can invite the person")
	}
	if err != nil {
		return err
	}
	if on && w.Policy.OnUnit(people.Who{Person: p.ID, Role: p.Role}, people.ListCases) != nil {
		return fault.Newf(fault.Invalid, "%s is %s, whom no case is shown", p.Name, p.Role)
	}
	what := map[bool]string{true: "put on it", false: "taken off it"}[on]
	if inCharge && on {
		what = "put in charge of it"
	}
	return w.log(ctx, custody.CaseChanged, c.ID, map[string]string{"what": what, "person": p.ID, "login": p.Login}, func(tx *sql.Tx) error {
		if c, err = w.held(ctx, tx, e, c.ID); err != nil {
			return err
		}
		if !on && p.ID == c.InCharge {
			return fault.WithHint(fault.Newf(fault.Conflict, "%s is in charge of the case", p.Name), "put another person in charge first")
		}
		if inCharge && on {
			c.InCharge = p.ID
		}
		if err := w.Book.SetMember(ctx, tx, c.ID, p.ID, on, e.who.By, w.Now()); err != nil {
			return err
		}
		return w.Book.UpdateCase(ctx, tx, c)
	})
}

// held gives a case as it is now, in whatever process it was changed since it was
// found, and asks once more whether it may be staffed: a seal must not be lost to who
// is put on the case meanwhile, nor be set by who was taken off it.
func (w *Wall) held(ctx context.Context, tx *sql.Tx, e *Eyes, id string) (people.Case, error) {
	c, err := w.Book.HoldCase(ctx, tx, id, w.Now())
	if err != nil {
		return c, err
	}
	return c, e.onCase(people.Staff, c)
}

// Seal hides that a case is there from all who are not on it, or ends that.
func (w *Wall) Seal(ctx context.Context, key string, sealed bool) error {
	c, e, err := w.find(ctx, key, people.Staff)
	if err != nil {
		return err
	}
	return w.log(ctx, custody.CaseChanged, c.ID, map[string]any{"what": "sealed", "sealed": sealed}, func(tx *sql.Tx) error {
		if c, err = w.held(ctx, tx, e, c.ID); err != nil {
			return err
		}
		c.Sealed = sealed
		return w.Book.UpdateCase(ctx, tx, c)
	})
}

// MayAdd gives the ID of a case to which somebody may hand in.
func (w *Wall) MayAdd(ctx context.Context, key string) (string, error) {
	c, _, err := w.find(ctx, key, people.Add)
	return c.ID, err
}

// Put puts a source that the unit holds, or another case of one's own, into a
// case. What was the unit's is then the case's.
func (w *Wall) Put(ctx context.Context, key, source string) error {
	c, e, err := w.find(ctx, key, people.Add)
	if err != nil {
		return err
	}
	if err := e.Source(ctx, source); err != nil {
		return err
	}
	return w.log(ctx, custody.CaseChanged, c.ID, map[string]string{"what": "source put into it", "source": source}, func(tx *sql.Tx) error {
		return w.Book.MoveSource(ctx, tx, Unit, c.ID, source, e.who.By, w.Now())
	})
}

// Move takes a source out of one case and puts it into another. It never lies in
// between: out of every case, the whole unit would see it.
func (w *Wall) Move(ctx context.Context, from, to, source string) error {
	a, e, err := w.find(ctx, from, people.Add)
	if err != nil {
		return err
	}
	b, _, err := w.find(ctx, to, people.Add)
	if err != nil {
		return err
	}
	if err := e.Source(ctx, source); err != nil {
		return err
	}
	if !slices.Contains(e.of[source], a.ID) {
		return fault.Newf(fault.NotFound, "source %s is not in case %s", source, a.Number)
	}
	if a.ID == b.ID {
		return fault.Newf(fault.Invalid, "source %s is in case %s already", source, a.Number)
	}
	return w.log(ctx, custody.CaseChanged, a.ID, map[string]string{"what": "source moved", "source": source, "to": b.ID}, func(tx *sql.Tx) error {
		return w.Book.MoveSource(ctx, tx, a.ID, b.ID, source, e.who.By, w.Now())
	})
}
