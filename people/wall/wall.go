// Package wall keeps what belongs to one case from those who are not on it.
//
// Takes who asks and what is asked for. Gives what may be shown, and of the rest
// only how much it is and whom to ask. It touches the record only through the
// Book that it is given; every change to a case and every look into one is
// logged in the transaction that makes it.
//
// The rule for what belongs to no case: what was handed in for the whole unit,
// or before there were cases, can be seen by everybody who investigates, because
// the unit holds it for all its work (hash lists, address data) and hiding it
// would silently take matches away. Once it is put into a case, only those who
// are on that case see it.
package wall

import (
	"context"
	"database/sql"
	"slices"
	"strings"
	"sync"
	"time"

	"suraag/custody"
	"suraag/fault"
	"suraag/people"
	"suraag/people/look"
)

// Unit stands in the place of a case for what is handed in for the whole unit.
const Unit = "00000000000000000000000000000000"

// Book is where cases are kept. Methods that write take the transaction.
type Book interface {
	InTx(ctx context.Context, f func(*sql.Tx) error) error
	Log(ctx context.Context, tx *sql.Tx, entries ...custody.Entry) error

	AddCase(ctx context.Context, tx *sql.Tx, c people.Case) error
	// HoldCase gives a case and keeps everybody else from changing it, and who is on
	// it, until the transaction ends.
	HoldCase(ctx context.Context, tx *sql.Tx, id string, now time.Time) (people.Case, error)
	UpdateCase(ctx context.Context, tx *sql.Tx, c people.Case) error
	SetMember(ctx context.Context, tx *sql.Tx, caseID, person string, on bool, by string, now time.Time) error
	MoveSource(ctx context.Context, tx *sql.Tx, from, to, source, by string, now time.Time) error
	Cases(ctx context.Context, now time.Time) ([]people.Case, error)
	CasesOf(ctx context.Context, sources []string) (map[string][]string, error)
	SourcesIn(ctx context.Context, caseID string) ([]string, error)
	HandInCases(ctx context.Context, source string) (map[custody.HandIn][]string, error)
	AddOpening(ctx context.Context, tx *sql.Tx, o people.Opening) error
	SeeOpening(ctx context.Context, tx *sql.Tx, o people.Opening) (first bool, err error)
	BrokenGlass(ctx context.Context, limit int) ([]people.Opening, error)
	CountNotices(ctx context.Context, except string) (int64, error)
	People(ctx context.Context) ([]people.Person, error)
	PersonByLogin(ctx context.Context, login string) (people.Person, error)

	AddMode(ctx context.Context, tx *sql.Tx, m look.Mode) error
	EndMode(ctx context.Context, tx *sql.Tx, m look.Mode) (first bool, err error)
	SeeMode(ctx context.Context, tx *sql.Tx, m look.Mode) (first bool, err error)
	Modes(ctx context.Context, caseID string, limit int) ([]look.Mode, error)
	LastModes(ctx context.Context, limit int) ([]look.Mode, error)
	CountModeNotices(ctx context.Context, except string) (int64, error)
	LookTurn(ctx context.Context, tx *sql.Tx, person string) error
	AddLook(ctx context.Context, tx *sql.Tx, r look.Reveal) error
	EndLook(ctx context.Context, tx *sql.Tx, r look.Reveal) (first bool, err error)
	Looks(ctx context.Context, tx *sql.Tx, person string, since time.Time) ([]look.Reveal, error)
	AllLooks(ctx context.Context, since time.Time) ([]look.Reveal, error)
	AddLimit(ctx context.Context, tx *sql.Tx, l look.Limit) error
	Limits(ctx context.Context) ([]look.Limit, error)
}

// Wall is the wall around every case.
type Wall struct {
	Book   Book
	Policy people.Policy
	Now    func() time.Time
	Zone   *time.Location // of the unit, in which days of looking are counted; nil: UTC

	change sync.Mutex // from reading whether media mode is on to keeping it changed
}

// Eyes are those of one person during one request.
type Eyes struct {
	wall  *Wall
	who   people.Who
	cases map[string]people.Case
	of    map[string][]string // source → cases, as far as asked
}

// Eyes gives the eyes of whoever asks in this context.
func (w *Wall) Eyes(ctx context.Context) (*Eyes, error) {
	who := people.From(ctx)
	cases, err := w.Book.Cases(ctx, w.Now())
	e := &Eyes{wall: w, who: who, cases: map[string]people.Case{}, of: map[string][]string{}}
	for _, c := range cases {
		e.cases[c.ID] = c
	}
	return e, err
}

// NeedPurpose says that the purpose has to be stated before a case is looked into.
type NeedPurpose struct {
	Case people.Case
	err  error
}

func (n NeedPurpose) Error() string { return n.err.Error() }

// Unwrap gives the refusal with its kind.
func (n NeedPurpose) Unwrap() error { return n.err }

// onCase asks the policies, and says what to do next where they refuse.
func (e *Eyes) onCase(a people.Action, c people.Case) error {
	err := e.wall.Policy.OnCase(e.who, a, c)
	switch {
	case err == nil || fault.Is(err, fault.NotFound):
		return err
	case a == people.View && e.wall.Policy.OnCase(e.who, people.Open, c) == nil:
		err := fault.Newf(fault.Denied, "the purpose for which you look into case %s has to be stated first", c.Number)
		return NeedPurpose{c, fault.WithHint(err, "open the case and state it")}
	}
	return fault.WithHint(err, "ask "+c.Station+" about it")
}

// load asks for the cases of sources that are not known yet.
func (e *Eyes) load(ctx context.Context, sources []string) error {
	var ask []string
	for _, s := range sources {
		if _, known := e.of[s]; !known && s != "" {
			e.of[s] = nil
			ask = append(ask, s)
		}
	}
	found, err := e.wall.Book.CasesOf(ctx, ask)
	if err != nil {
		for _, s := range ask { // of no case would be for everybody to see
			delete(e.of, s)
		}
		return err
	}
	for s, ids := range found {
		e.of[s] = ids
	}
	return nil
}

// may tells whether an action is allowed on something of a source: on one of its
// cases is enough, for each of them holds it in its own right.
func (e *Eyes) may(a people.Action, source string) error {
	ids := e.of[source]
	if len(ids) == 0 || slices.Contains(ids, Unit) {
		return e.wall.Policy.OnUnit(e.who, people.Search)
	}
	refused := fault.Newf(fault.NotFound, "there is no such source")
	for _, id := range ids {
		err := e.onCase(a, e.cases[id])
		if err == nil {
			return nil
		}
		if _, better := err.(NeedPurpose); better || fault.Is(refused, fault.NotFound) {
			refused = err
		}
	}
	if fault.Is(refused, fault.NotFound) {
		return fault.Newf(fault.NotFound, "there is no such source")
	}
	return refused
}

// Hidden gives those of the sources of which a trace must show nothing.
func (e *Eyes) Hidden(ctx context.Context, sources []string) (map[string]bool, error) {
	if err := e.load(ctx, sources); err != nil {
		return nil, err
	}
	out := map[string]bool{}
	for _, s := range sources {
		if e.may(people.Trace, s) != nil {
			out[s] = true
		}
	}
	return out, nil
}

// Whom names the desks that can be asked about hidden sources, in order. Of a
// sealed case nothing is said but that a supervisor can be asked.
func (e *Eyes) Whom(sources []string) []string {
	var out []string
	for _, s := range sources {
		for _, id := range e.of[s] {
			c := e.cases[id]
			desk := "a supervisor"
			if !c.Sealed {
				desk = c.Station
			}
			if !slices.Contains(out, desk) {
				out = append(out, desk)
			}
		}
	}
	slices.Sort(out)
	return out
}

// All tells whether nothing at all is hidden from these eyes.
func (e *Eyes) All() bool {
	if e.wall.Policy.OnUnit(e.who, people.Search) != nil {
		return false
	}
	for _, c := range e.cases {
		if e.wall.Policy.OnCase(e.who, people.Trace, c) != nil {
			return false
		}
	}
	return true
}

// Source refuses to show a source, unless it may be looked into.
func (e *Eyes) Source(ctx context.Context, source string) error {
	if err := e.load(ctx, []string{source}); err != nil {
		return err
	}
	return e.may(people.View, source)
}

// Change refuses to change what is recorded of a source, unless it may be looked
// into and one of its cases may be added to.
func (e *Eyes) Change(ctx context.Context, source string) error {
	if err := e.Source(ctx, source); err != nil {
		return err
	}
	if ids := e.of[source]; len(ids) == 0 || slices.Contains(ids, Unit) {
		return e.wall.Policy.OnUnit(e.who, people.HandIn)
	}
	return e.may(people.Add, source)
}

// Demand refuses to demand by law on what a source states, unless it may be looked
// into and whoever asks is on one of its cases.
func (e *Eyes) Demand(ctx context.Context, source string) error {
	if err := e.Source(ctx, source); err != nil {
		return err
	}
	if ids := e.of[source]; len(ids) == 0 || slices.Contains(ids, Unit) {
		return e.wall.Policy.OnUnit(e.who, people.Demand)
	}
	return e.may(people.Demand, source)
}

// Whole refuses where any of the sources is hidden: what would be done on them would
// carry a word of theirs through the wall, or leave one out that counts.
func (e *Eyes) Whole(ctx context.Context, what string, sources []string) error {
	hidden, err := e.Hidden(ctx, sources)
	if err != nil || len(hidden) == 0 {
		return err
	}
	var out []string
	for s := range hidden {
		out = append(out, s)
	}
	err = fault.Newf(fault.Denied, "%s rests on %d of %d sources that are in cases which you are not on", what, len(hidden), len(slices.Compact(slices.Sorted(slices.Values(sources)))))
	return fault.WithHint(err, "ask "+strings.Join(e.Whom(out), " or ")+" to do it, or to put you on the case")
}

// CasesOf gives the cases of a source that may be named, by number.
func (e *Eyes) CasesOf(ctx context.Context, source string) ([]people.Case, error) {
	if err := e.load(ctx, []string{source}); err != nil {
		return nil, err
	}
	var out []people.Case
	for _, id := range e.of[source] {
		if c, known := e.cases[id]; known && e.wall.Policy.OnCase(e.who, people.Trace, c) == nil {
			out = append(out, c)
		}
	}
	slices.SortFunc(out, byNumber)
	return out, nil
}

// HandIns leaves out those that were made for cases that these eyes do not see:
// who works on another case, and under what, is not told here.
func (e *Eyes) HandIns(ctx context.Context, source string, all []custody.HandIn) ([]custody.HandIn, error) {
	tied, err := e.wall.Book.HandInCases(ctx, source)
	if err != nil {
		return nil, err
	}
	var out []custody.HandIn
	for _, in := range all {
		ids := tied[custody.HandIn{Authority: in.Authority, BroughtBy: in.BroughtBy, Name: in.Name}]
		seen := len(ids) == 0
		for _, id := range ids {
			seen = seen || e.wall.Policy.OnCase(e.who, people.Trace, e.cases[id]) == nil
		}
		if seen {
			out = append(out, in)
		}
	}
	return out, nil
}

// Receipt gives a source as these eyes may see it: where the first hand-in was
// made for another case, one of those that may be seen stands in its place.
func (e *Eyes) Receipt(ctx context.Context, s custody.Source, all []custody.HandIn) (custody.Source, error) {
	seen, err := e.HandIns(ctx, s.ID, all)
	if err != nil || len(seen) == 0 {
		s.Name, s.BroughtBy, s.Authority = "a document", "not shown", "not shown"
		return s, err
	}
	for _, in := range seen {
		if in.Authority == s.Authority && in.BroughtBy == s.BroughtBy && in.Name == s.Name {
			return s, nil
		}
	}
	s.Name, s.BroughtBy, s.Authority, s.SealedAt = seen[0].Name, seen[0].BroughtBy, seen[0].Authority, seen[0].At
	return s, nil
}

// Looked logs that somebody looked at something.
func (w *Wall) Looked(ctx context.Context, subject string, record any) error {
	return w.log(ctx, custody.View, subject, record, func(*sql.Tx) error { return nil })
}

// log does something and logs it, both or neither.
func (w *Wall) log(ctx context.Context, kind custody.Kind, subject string, record any, f func(tx *sql.Tx) error) error {
	e, err := custody.Saying(kind, subject, people.From(ctx).By, w.Now().UTC(), record)
	if err != nil {
		return err
	}
	return w.Book.InTx(ctx, func(tx *sql.Tx) error {
		if err := f(tx); err != nil {
			return err
		}
		return w.Book.Log(ctx, tx, e)
	})
}
