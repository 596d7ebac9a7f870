package wall_test

import (
	"context"
	"database/sql"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"suraag/fault"
	"suraag/people"
	"suraag/people/wall"
	"suraag/store/pgtest"
)

// meddled is a book in which another process does something between what a wall
// reads and what it writes.
type meddled struct {
	wall.Book
	other func()
}

func (m *meddled) InTx(ctx context.Context, f func(*sql.Tx) error) error {
	if other := m.other; other != nil {
		m.other = nil
		other()
	}
	return m.Book.InTx(ctx, f)
}

// A seal, and who is on the case and in charge of it, do not undo each other where
// two processes change them at one moment.
func TestTwoProcessesUndoNothing(t *testing.T) {
	u := newUnit(t)
	officer, boss := u.as("officer", people.Officer), u.as("boss", people.Supervisor)
	u.as("third", people.Officer)
	id := func(login string) string {
		p, err := u.book.PersonByLogin(ctx(), login)
		if err != nil {
			t.Fatal(err)
		}
		return p.ID
	}
	now := func(c people.Case) people.Case {
		all, err := u.book.Cases(ctx(), u.clock)
		if err != nil {
			t.Fatal(err)
		}
		return all[slices.IndexFunc(all, func(x people.Case) bool { return x.ID == c.ID })]
	}
	with := func(other func()) *wall.Wall {
		return &wall.Wall{Book: &meddled{Book: u.book, other: other}, Policy: u.wall.Policy, Now: u.wall.Now}
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	fresh := func(number string) people.Case {
		c := u.newCase(officer, number, false)
		must(u.wall.Staff(officer, c.ID, "boss", true, false))
		return c
	}

	c := fresh("FIR 1")
	must(with(func() { must(u.wall.Staff(officer, c.ID, "third", true, true)) }).Seal(boss, c.ID, true))
	if got := now(c); !got.Sealed || got.InCharge != id("third") {
		t.Errorf("sealed while another was put in charge: %+v", got)
	}
	c = fresh("FIR 2")
	must(with(func() { must(u.wall.Seal(officer, c.ID, true)) }).Staff(boss, c.ID, "third", true, true))
	if got := now(c); !got.Sealed || got.InCharge != id("third") || !slices.Contains(got.Members, id("third")) {
		t.Errorf("put in charge while it was sealed: %+v", got)
	}
	// Who was put in charge meanwhile is not taken off by one who did not know.
	c = fresh("FIR 3")
	must(u.wall.Staff(officer, c.ID, "third", true, false))
	err := with(func() { must(u.wall.Staff(officer, c.ID, "third", true, true)) }).Staff(boss, c.ID, "third", false, false)
	if got := now(c); fault.KindOf(err) != fault.Conflict || !slices.Contains(got.Members, id("third")) {
		t.Errorf("taken off while put in charge: %v, %+v", err, got)
	}
	// Who was taken off meanwhile decides nothing of the case any more.
	c = fresh("FIR 4")
	for name, change := range map[string]func(w *wall.Wall) error{
		"seal":  func(w *wall.Wall) error { return w.Seal(boss, c.ID, true) },
		"staff": func(w *wall.Wall) error { return w.Staff(boss, c.ID, "third", true, true) },
	} {
		must(u.wall.Staff(officer, c.ID, "boss", true, false))
		err := change(with(func() { must(u.wall.Staff(officer, c.ID, "boss", false, false)) }))
		if got := now(c); err == nil || got.Sealed || slices.Contains(got.Members, id("third")) {
			t.Errorf("%s by who was taken off: %v, %+v", name, err, got)
		}
	}
}

// Two processes turn media mode of one case on at one moment: it is on once, so that
// whoever turns it off turns it off.
func TestTwoProcessesTurnMediaModeOnOnce(t *testing.T) {
	u := newUnit(t)
	officer, boss := u.as("officer", people.Officer), u.as("boss", people.Supervisor)
	const why = "the series has to be described"
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	c := u.newCase(officer, "FIR 1", false)
	must(u.wall.Staff(officer, c.ID, "boss", true, false))
	_, err := u.wall.Open(boss, c.ID, why)
	must(err)
	on := func(other func()) error {
		w := &wall.Wall{Book: &meddled{Book: u.book, other: other}, Policy: u.wall.Policy, Now: u.wall.Now}
		_, err := w.TurnOn(boss, c.ID, why, 2)
		return err
	}
	if err := on(func() { must(on(nil)) }); !fault.Is(err, fault.Conflict) {
		t.Errorf("turned on twice: %v", err)
	}
	must(u.wall.TurnOff(boss, c.ID))
	if m, err := u.wall.Media(boss, c.ID); err != nil || m.MediaMode {
		t.Errorf("turned off: %+v, %v", m.Mode, err)
	}
	// Who was taken off the case meanwhile turns nothing on.
	if err := on(func() { must(u.wall.Staff(officer, c.ID, "boss", false, false)) }); err == nil {
		t.Error("who was taken off the case turned it on")
	}
}

func ctx() context.Context { return context.Background() }

// Two handles, as two processes have them, turn media mode of one case on and off at
// one moment, on each engine: each time it is on once.
func TestTwoHandlesTurnMediaModeOnOnce(t *testing.T) {
	for name, where := range map[string]func(t *testing.T) string{
		"SQLite":     func(t *testing.T) string { return filepath.Join(t.TempDir(), "record.db") },
		"PostgreSQL": func(t *testing.T) string { return pgtest.Start(t).New(t) },
	} {
		t.Run(name, func(t *testing.T) {
			at := where(t)
			first, second := newUnitOn(t, at), newUnitOn(t, at)
			boss := first.as("boss", people.Supervisor)
			c := first.newCase(boss, "FIR 1", false)
			if _, err := first.wall.Open(boss, c.ID, why); err != nil {
				t.Fatal(err)
			}
			const rounds = 20
			for round := range rounds {
				var on, refused atomic.Int64
				var both sync.WaitGroup
				for _, u := range []*unit{first, second} {
					both.Go(func() {
						switch _, err := u.wall.TurnOn(boss, c.ID, why, 2); {
						case err == nil:
							on.Add(1)
						case fault.Is(err, fault.Conflict):
							refused.Add(1)
						default:
							t.Error(err)
						}
					})
				}
				both.Wait()
				if on.Load() != 1 || refused.Load() != 1 {
					t.Fatalf("round %d: turned on %d times, refused %d times", round, on.Load(), refused.Load())
				}
				if err := second.wall.TurnOff(boss, c.ID); err != nil {
					t.Fatal(err)
				}
				if m, err := first.wall.Media(boss, c.ID); err != nil || m.MediaMode {
					t.Fatalf("round %d: on after it was turned off: %+v, %v", round, m.Mode, err)
				}
			}
		})
	}
}
