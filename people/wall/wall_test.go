package wall_test

import (
	"context"
	"database/sql"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"suraag/custody"
	"suraag/fault"
	"suraag/people"
	"suraag/people/wall"
	"suraag/store"
)

// unit is some people and a wall, with a book behind it.
type unit struct {
	t     *testing.T
	book  *store.DB
	wall  *wall.Wall
	clock time.Time
}

func newUnit(t *testing.T) *unit {
	t.Helper()
	return newUnitOn(t, filepath.Join(t.TempDir(), "record.db"))
}

func newUnitOn(t *testing.T, where string) *unit {
	t.Helper()
	book, err := store.Open(context.Background(), where)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { book.Close() })
	policy, err := people.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	u := &unit{t: t, book: book, clock: time.Date(2025, 3, 12, 9, 0, 0, 0, time.UTC)}
	u.wall = &wall.Wall{Book: book, Policy: policy, Now: func() time.Time { return u.clock }}
	return u
}

// as makes a person of a role, and gives what the person asks with.
func (u *unit) as(login string, r people.Role) context.Context {
	u.t.Helper()
	p := people.Person{ID: people.NewID(), Login: login, Name: "SI " + login, Station: "PS", Role: r, Made: u.clock, MadeBy: "terminal"}
	u.in(func(ctx context.Context, tx *sql.Tx) error { return u.book.AddPerson(ctx, tx, p) })
	return people.With(context.Background(), p.Who("session of "+login))
}

func (u *unit) in(f func(ctx context.Context, tx *sql.Tx) error) {
	u.t.Helper()
	if err := u.book.InTx(context.Background(), func(tx *sql.Tx) error { return f(context.Background(), tx) }); err != nil {
		u.t.Fatal(err)
	}
}

func (u *unit) newCase(by context.Context, number string, sealed bool) people.Case {
	u.t.Helper()
	c, err := u.wall.New(by, people.Case{Number: number, Title: "t", Station: "Station of " + number, Sealed: sealed})
	if err != nil {
		u.t.Fatal(err)
	}
	return c
}

// A case whose number is another's ID stands in nobody's way: who asks by an ID gets
// that very case. New ones get no such number, nor the word for the whole unit.
func TestANumberThatIsAnID(t *testing.T) {
	u := newUnit(t)
	officer, other := u.as("officer", people.Officer), u.as("other", people.Officer)
	c := u.newCase(officer, "FIR 1", false)
	for _, number := range []string{c.ID, strings.ToUpper(c.ID), "unit", "Unit"} {
		if _, err := u.wall.New(other, people.Case{Number: number, Title: "t", Station: "s"}); !fault.Is(err, fault.Invalid) {
			t.Errorf("a case numbered %q: %v", number, err)
		}
	}
	u.in(func(ctx context.Context, tx *sql.Tx) error { // as an earlier version let it be
		return u.book.AddCase(ctx, tx, people.Case{ID: people.NewID(), Number: c.ID, Title: "t", Station: "s", Made: u.clock})
	})
	for range 50 {
		if got, err := u.wall.May(officer, c.ID, people.Open); err != nil || got.Number != "FIR 1" {
			t.Fatalf("asked by its ID: %+v, %v", got, err)
		}
	}
}

// source is a made source, put into cases.
func (u *unit) source(digit string, cases ...people.Case) string {
	id := strings.Repeat(digit, 64)
	for _, c := range cases {
		u.in(func(ctx context.Context, tx *sql.Tx) error {
			return u.book.AddToCase(ctx, tx, c.ID, id, "test", u.clock, nil)
		})
	}
	return id
}

func (u *unit) hidden(ctx context.Context, sources ...string) (hidden map[string]bool, whom []string) {
	u.t.Helper()
	e, err := u.wall.Eyes(ctx)
	if err != nil {
		u.t.Fatal(err)
	}
	if hidden, err = e.Hidden(ctx, sources); err != nil {
		u.t.Fatal(err)
	}
	return hidden, e.Whom(sources)
}

func refused(t *testing.T, what string, err error, want fault.Kind) {
	t.Helper()
	if err == nil || fault.KindOf(err) != want {
		t.Errorf("%s: %v, want %s", what, err, want)
	}
}

func TestWhoSeesASource(t *testing.T) {
	u := newUnit(t)
	a, b, both := u.as("a", people.Officer), u.as("b", people.Officer), u.as("both", people.Analyst)
	auditor, nobody := u.as("auditor", people.Auditor), context.Background()
	caseA, caseB := u.newCase(a, "FIR A", false), u.newCase(b, "FIR B", true)
	for _, c := range []struct {
		by context.Context
		of string
	}{{a, caseA.ID}, {b, caseB.ID}} {
		if err := u.wall.Staff(c.by, c.of, "both", true, false); err != nil {
			t.Fatal(err)
		}
	}
	none, inA, inB, inBoth := u.source("0"), u.source("1", caseA), u.source("2", caseB), u.source("3", caseA, caseB)
	ofUnit := u.source("4", people.Case{ID: wall.Unit}, caseA)
	all := []string{none, inA, inB, inBoth, ofUnit}
	for _, c := range []struct {
		name string
		who  context.Context
		want []string
		desk []string
	}{
		{"on A", a, []string{inB}, nil},
		{"on B", b, []string{inA}, nil},
		{"on both", both, nil, nil},
		{"an auditor", auditor, all, nil},
		{"nobody", nobody, all, nil},
	} {
		hidden, _ := u.hidden(c.who, all...)
		var got []string
		for _, s := range all {
			if hidden[s] {
				got = append(got, s)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: hidden are %.8q, want %.8q", c.name, got, c.want)
		}
	}
	if _, whom := u.hidden(a, inA, inB); !slices.Equal(whom, []string{"Station of FIR A", "a supervisor"}) {
		t.Errorf("whom to ask: %q; a sealed case is not named", whom)
	}
}

// A sealed case is one that is not there.
func TestASealedCaseIsNotTold(t *testing.T) {
	u := newUnit(t)
	a, b, s := u.as("a", people.Officer), u.as("b", people.Officer), u.as("s", people.Supervisor)
	c := u.newCase(a, "FIR A", true)
	src := u.source("1", c)
	for what, f := range map[string]func(context.Context) error{
		"look":  func(ctx context.Context) error { _, err := u.wall.Look(ctx, c.ID); return err },
		"open":  func(ctx context.Context) error { _, err := u.wall.Open(ctx, "FIR A", "a good purpose"); return err },
		"break": func(ctx context.Context) error { _, err := u.wall.Break(ctx, "FIR A", "a good reason"); return err },
		"add":   func(ctx context.Context) error { _, err := u.wall.MayAdd(ctx, "FIR A"); return err },
		"source": func(ctx context.Context) error {
			e, err := u.wall.Eyes(ctx)
			if err != nil {
				return err
			}
			return e.Source(ctx, src)
		},
	} {
		refused(t, what, f(b), fault.NotFound)
	}
	_, there := u.wall.Known(b, "FIR A")
	_, notThere := u.wall.Known(b, "FIR Z")
	if there == nil || strings.ReplaceAll(there.Error(), "FIR A", "FIR Z") != notThere.Error() {
		t.Errorf("a sealed case answers %q, one that is not there %q", there, notThere)
	}
	if list, err := u.wall.Cases(b); err != nil || len(list) != 0 {
		t.Errorf("listed: %v, %v", list, err)
	}
	list, err := u.wall.Cases(s)
	if err != nil || len(list) != 1 || list[0].Title != "" || !list[0].Break {
		t.Errorf("a supervisor is told %+v, %v", list, err)
	}
}

func TestNobodyTakesNoticeOfTheirOwn(t *testing.T) {
	u := newUnit(t)
	a, s, other := u.as("a", people.Officer), u.as("s", people.Supervisor), u.as("other", people.Supervisor)
	c := u.newCase(a, "FIR A", false)
	if _, err := u.wall.Break(s, c.ID, "too short"); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a reason that says nothing: %v", err)
	}
	if _, err := u.wall.Break(s, c.ID, "A child may be in danger"); err != nil {
		t.Fatal(err)
	}
	list, err := u.wall.Notices(other)
	if err != nil || len(list) != 1 || list[0].Mine {
		t.Fatal(list, err)
	}
	refused(t, "of one's own", u.wall.TakeNotice(s, list[0].ID), fault.Denied)
	refused(t, "an officer", u.wall.TakeNotice(a, list[0].ID), fault.Denied)
	if n, err := u.wall.CountNotices(s); err != nil || n != 0 {
		t.Errorf("one's own waits: %d, %v", n, err)
	}
	if err := u.wall.TakeNotice(other, list[0].ID); err != nil {
		t.Fatal(err)
	}
	refused(t, "again", u.wall.TakeNotice(other, list[0].ID), fault.Conflict)
	u.clock = u.clock.Add(people.EmergencyHolds)
	if _, err := u.wall.Look(s, c.ID); fault.KindOf(err) != fault.Denied {
		t.Errorf("twelve hours later: %v", err)
	}
	entries, err := u.book.Entries(context.Background(), custody.Query{Kind: custody.BreakGlass})
	if err != nil || len(entries) != 2 {
		t.Errorf("%d entries of broken glass, %v", len(entries), err)
	}
}

func TestPurposeIsOfOneSession(t *testing.T) {
	u := newUnit(t)
	a := u.as("a", people.Officer)
	c := u.newCase(a, "FIR A", false)
	_, err := u.wall.Look(a, c.ID)
	if _, asks := err.(wall.NeedPurpose); !asks || fault.KindOf(err) != fault.Denied {
		t.Errorf("without a purpose: %v", err)
	}
	if _, err := u.wall.Open(a, c.ID, "Preparing the request"); err != nil {
		t.Fatal(err)
	}
	if _, err := u.wall.Look(a, c.ID); err != nil {
		t.Error(err)
	}
	later := people.From(a)
	later.Session = "another session"
	if _, err := u.wall.Look(people.With(context.Background(), later), c.ID); fault.KindOf(err) != fault.Denied {
		t.Errorf("in another session: %v", err)
	}
}

func TestStaffingACase(t *testing.T) {
	u := newUnit(t)
	a, b := u.as("a", people.Officer), u.as("b", people.Officer)
	u.as("auditor", people.Auditor)
	c := u.newCase(a, "FIR A", false)
	refused(t, "by somebody who is not on it", u.wall.Staff(b, c.ID, "b", true, true), fault.Denied)
	refused(t, "an auditor", u.wall.Staff(a, c.ID, "auditor", true, false), fault.Invalid)
	refused(t, "who is in charge, taken off", u.wall.Staff(a, c.ID, "a", false, false), fault.Conflict)
	if err := u.wall.Staff(a, c.ID, "b", true, true); err != nil {
		t.Fatal(err)
	}
	refused(t, "by who was in charge before", u.wall.Staff(a, c.ID, "b", false, false), fault.Denied)
	if err := u.wall.Staff(b, c.ID, "a", false, false); err != nil {
		t.Error(err)
	}
	refused(t, "and is on it no more", u.wall.Seal(a, c.ID, true), fault.Denied)
}

// A source that is moved never lies between two cases, where the unit would see
// it, and is not moved out of a case to which whoever moves it is not on.
func TestMovingASource(t *testing.T) {
	u := newUnit(t)
	a, b := u.as("a", people.Officer), u.as("b", people.Officer)
	caseA, caseB := u.newCase(a, "FIR A", false), u.newCase(b, "FIR B", false)
	src := u.source("1", caseA)
	if _, err := u.wall.Open(a, caseA.ID, "Preparing the request"); err != nil {
		t.Fatal(err)
	}
	refused(t, "to a case one is not on", u.wall.Move(a, caseA.ID, caseB.ID, src), fault.Denied)
	refused(t, "out of a case one is not on", u.wall.Move(b, caseA.ID, caseB.ID, src), fault.Denied)
	refused(t, "to where it is", u.wall.Move(a, caseA.ID, caseA.ID, src), fault.Invalid)
	refused(t, "to nowhere", u.wall.Move(a, caseA.ID, "", src), fault.NotFound)
	refused(t, "to the whole unit", u.wall.Move(a, caseA.ID, wall.Unit, src), fault.NotFound)
	refused(t, "taken by somebody who is not on its case", u.wall.Put(b, caseB.ID, src), fault.Denied)
	if hidden, _ := u.hidden(b, src); !hidden[src] {
		t.Error("after what was refused, b sees the source")
	}
}

// failing is a book that cannot be asked for the cases of sources once.
type failing struct {
	wall.Book
	fail bool
}

func (f *failing) CasesOf(ctx context.Context, sources []string) (map[string][]string, error) {
	if f.fail {
		f.fail = false
		return nil, fault.Newf(fault.Unavailable, "the record does not answer")
	}
	return f.Book.CasesOf(ctx, sources)
}

// What could not be asked for is not held to be of no case: that everybody sees.
func TestWhatCouldNotBeAskedForStaysHidden(t *testing.T) {
	u := newUnit(t)
	a, b := u.as("a", people.Officer), u.as("b", people.Officer)
	id := u.source("1", u.newCase(a, "FIR 1", false))
	book := &failing{Book: u.book, fail: true}
	e, err := (&wall.Wall{Book: book, Policy: u.wall.Policy, Now: u.wall.Now}).Eyes(b)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Hidden(b, []string{id}); !fault.Is(err, fault.Unavailable) {
		t.Fatal(err)
	}
	if hidden, err := e.Hidden(b, []string{id}); err != nil || !hidden[id] {
		t.Errorf("asked again, it is shown: %v, %v", hidden, err)
	}
}

// between is a book in which something else is done while somebody is looked up.
type between struct {
	wall.Book
	do func()
}

func (b *between) PersonByLogin(ctx context.Context, login string) (people.Person, error) {
	p, err := b.Book.PersonByLogin(ctx, login)
	b.do()
	return p, err
}

// A case that is sealed while somebody is put on it stays sealed.
func TestSealIsNotLostToWhoIsPutOnTheCaseMeanwhile(t *testing.T) {
	u := newUnit(t)
	a := u.as("a", people.Officer)
	u.as("b", people.Officer)
	c := u.newCase(a, "FIR 1", false)
	sealed := make(chan error, 1)
	book := &between{Book: u.book}
	w := &wall.Wall{Book: book, Policy: u.wall.Policy, Now: u.wall.Now}
	book.do = func() {
		done := make(chan struct{})
		go func() { sealed <- w.Seal(a, c.ID, true); close(done) }()
		select {
		case <-done:
		case <-time.After(200 * time.Millisecond): // it waits for its turn
		}
	}
	if err := w.Staff(a, c.ID, "b", true, false); err != nil {
		t.Fatal(err)
	}
	if err := <-sealed; err != nil {
		t.Fatal(err)
	}
	cases, err := u.book.Cases(a, u.clock)
	if err != nil || len(cases) != 1 || !cases[0].Sealed || len(cases[0].Members) != 2 {
		t.Errorf("%+v, %v", cases, err)
	}
}
