package door_test

import (
	"context"
	"database/sql"
	"testing"

	"suraag/fault"
	"suraag/people"
	"suraag/people/door"
)

// meddled is a book in which another process does something between what a door
// reads and what it writes.
type meddled struct {
	door.Book
	other func()
}

func (m *meddled) InTx(ctx context.Context, f func(*sql.Tx) error) error {
	if other := m.other; other != nil {
		m.other = nil
		other()
	}
	return m.Book.InTx(ctx, f)
}

// What two administrators do with one person at one moment in two processes: the
// second is told, and undoes nothing of the first.
func TestTwoAdministratorsUndoNothing(t *testing.T) {
	type do func(h *house, d *door.Door, person string) error
	end := func(h *house, d *door.Door, person string) error { return d.End(ctx, h.admin, person) }
	role := func(h *house, d *door.Door, person string) error {
		return d.SetRole(ctx, h.admin, person, people.Auditor)
	}
	renew := func(h *house, d *door.Door, person string) error {
		_, _, err := d.Renew(ctx, h.admin, person)
		return err
	}
	for name, c := range map[string]struct {
		first, second do
		role          people.Role
		ended         bool
	}{
		"a role for who was ended":        {end, role, people.Officer, true},
		"an invitation for who was ended": {end, renew, people.Officer, true},
		"an end with the old role":        {role, end, people.Auditor, false},
		"an invitation with the old role": {role, renew, people.Auditor, false},
		"the same end twice":              {end, end, people.Officer, true},
		"the terminal's invitation and an end": {end, func(h *house, d *door.Door, person string) error {
			p, err := h.book.Person(ctx, person)
			if err == nil {
				_, _, err = d.InviteFromTerminal(ctx, "root", p)
			}
			return err
		}, people.Officer, true},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			p, _, err := h.door.Invite(ctx, h.admin, people.Person{Login: "a", Name: "SI A", Station: "PS", Role: people.Officer})
			if err != nil {
				t.Fatal(err)
			}
			policy, err := people.Shipped()
			if err != nil {
				t.Fatal(err)
			}
			book := &meddled{Book: h.book}
			mine, err := door.New(door.Config{Book: book, Policy: policy, Now: h.now, Origin: "https://localhost:8473"})
			if err != nil {
				t.Fatal(err)
			}
			book.other = func() {
				if err := c.first(h, h.door, p.ID); err != nil {
					t.Error(err)
				}
			}
			if err := c.second(h, mine, p.ID); fault.KindOf(err) != fault.Conflict {
				t.Errorf("the second is told %v", err)
			}
			got, err := h.book.Person(ctx, p.ID)
			if err != nil || got.Role != c.role || got.Ended.IsZero() == c.ended {
				t.Errorf("the person is %+v, %v", got, err)
			}
			if err := c.second(h, mine, p.ID); err != nil && name != "the same end twice" { // who looked again may
				t.Error(err)
			}
		})
	}
}
