package wall_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	"suraag/custody"
	"suraag/fault"
	"suraag/people"
	"suraag/people/look"
	"suraag/people/wall"
)

const why = "Describing the series for the request"

// looking is a unit with a case of a supervisor's, on which an officer and an analyst are too;
// all have stated a purpose.
func looking(t *testing.T) (u *unit, boss, officer, analyst context.Context, c people.Case) {
	t.Helper()
	u = newUnit(t)
	boss, officer, analyst = u.as("boss", people.Supervisor), u.as("officer", people.Officer), u.as("analyst", people.Analyst)
	c = u.newCase(boss, "FIR 12/2025", false)
	for _, login := range []string{"officer", "analyst"} {
		if err := u.wall.Staff(boss, c.ID, login, true, false); err != nil {
			t.Fatal(err)
		}
	}
	for _, who := range []context.Context{boss, officer, analyst} {
		if _, err := u.wall.Open(who, c.ID, why); err != nil {
			t.Fatal(err)
		}
	}
	return u, boss, officer, analyst, c
}

func ask(c people.Case) wall.Ask { return wall.Ask{Case: c.ID, Item: "item", Still: 1, Warned: true} }

// entries gives what the log says of a kind, oldest first.
func (u *unit) entries(kind custody.Kind) (out []map[string]any) {
	u.t.Helper()
	err := u.book.EachEntry(context.Background(), func(l custody.Logged) error {
		e, err := custody.Parse(l.Canonical)
		if err != nil || l.Kind != kind {
			return err
		}
		said := map[string]any{"subject": l.Subject, "by": l.By}
		out = append(out, said)
		return json.Unmarshal(e.Record, &said)
	})
	if err != nil {
		u.t.Fatal(err)
	}
	return out
}

func TestWhoTurnsMediaModeOnAndOff(t *testing.T) {
	u, boss, officer, analyst, c := looking(t)
	second, stranger := u.as("second", people.Supervisor), u.as("stranger", people.Officer)
	auditor, administrator := u.as("auditor", people.Auditor), u.as("administrator", people.Administrator)
	alone := people.With(context.Background(), people.WhoAlone("machine"))
	token := people.From(boss)
	token.Scope = people.Scopes()["read"]
	for name, c2 := range map[string]struct {
		who  context.Context
		want fault.Kind
	}{
		"an officer who is on it": {officer, fault.Denied}, "an analyst": {analyst, fault.Denied}, "a supervisor who is not on it": {second, fault.Denied}, "a stranger": {stranger, fault.Denied},
		"an auditor": {auditor, fault.NotFound}, "an administrator": {administrator, fault.NotFound}, "a machine without sign-in": {alone, fault.Denied},
		"a token": {people.With(context.Background(), token), fault.Denied}, "nobody": {context.Background(), fault.NotFound},
	} {
		if _, err := u.wall.TurnOn(c2.who, c.ID, why, 2); err == nil || fault.KindOf(err) != c2.want && fault.KindOf(err) != fault.Denied {
			t.Errorf("%s turns it on: %v", name, err)
		}
		if err := u.wall.MayUncover(c2.who, ask(c)); err == nil {
			t.Errorf("%s looks while it is off", name)
		}
	}
	m, err := u.wall.TurnOn(boss, c.ID, why, 2)
	if err != nil || m.Alone {
		t.Fatalf("%+v, %v", m, err)
	}
	_, err = u.wall.TurnOn(boss, c.ID, why, 3)
	refused(t, "turned on twice", err, fault.Conflict)
	if _, err := u.wall.Break(second, c.ID, "A child may be in danger"); err != nil {
		t.Fatal(err)
	}
	for name, c2 := range map[string]struct {
		who       context.Context
		look, off bool
	}{
		"who turned it on": {boss, true, true}, "an officer who is on it": {officer, true, true}, "an analyst who is on it": {analyst, true, true},
		"a supervisor who broke the glass": {second, false, true}, "a stranger": {stranger, false, false}, "an auditor": {auditor, false, false},
		"an administrator": {administrator, false, false}, "a machine without sign-in": {alone, false, false}, "a token": {people.With(context.Background(), token), false, false},
	} {
		if err := u.wall.MayUncover(c2.who, ask(c)); (err == nil) != c2.look {
			t.Errorf("%s looks: %v", name, err)
		}
		if _, err := u.wall.Uncover(c2.who, ask(c)); (err == nil) != c2.look {
			t.Errorf("%s uncovers: %v", name, err)
		}
		if err := u.wall.TurnOff(c2.who, c.ID); (err == nil) != c2.off {
			t.Errorf("%s turns it off: %v", name, err)
		} else if err == nil {
			if err := u.wall.MayUncover(officer, ask(c)); !fault.Is(err, fault.Denied) {
				t.Errorf("after %s turned it off: %v", name, err)
			}
			u.clock = u.clock.Add(time.Minute)
			if _, err := u.wall.TurnOn(boss, c.ID, why, 2); err != nil {
				t.Fatal(err)
			}
		}
	}
	u.clock = u.clock.Add(2 * time.Hour)
	refused(t, "after its time", u.wall.MayUncover(officer, ask(c)), fault.Denied)
	refused(t, "turned off after its time", u.wall.TurnOff(officer, c.ID), fault.Conflict)
	said := u.entries(custody.ModeChanged)
	if len(said) != 9 || said[0]["what"] != "on" || said[0]["reason"] != why || said[1]["what"] != "off" || said[1]["turned_on_by"] != "SI boss (boss)" {
		t.Errorf("%d entries: %v", len(said), said)
	}
}

// Every other supervisor is told, and nobody takes notice of their own.
func TestMediaModeIsTold(t *testing.T) {
	u := newUnit(t)
	boss, second, officer := u.as("boss", people.Supervisor), u.as("second", people.Supervisor), u.as("officer", people.Officer)
	c := u.newCase(boss, "FIR 12/2025", true)
	if _, err := u.wall.Open(boss, c.ID, why); err != nil {
		t.Fatal(err)
	}
	m, err := u.wall.TurnOn(boss, c.ID, why, 1)
	if err != nil || !m.Alone {
		t.Fatalf("turned on by the only one who is on it: %+v, %v", m, err)
	}
	for who, want := range map[context.Context]int64{boss: 0, second: 1, officer: 0} {
		if n, err := u.wall.CountNotices(who); err != nil || n != want {
			t.Errorf("%s is told of %d, %v", people.From(who).By, n, err)
		}
	}
	if _, err := u.wall.ModeNotices(officer); !fault.Is(err, fault.Denied) {
		t.Errorf("an officer reads notices: %v", err)
	}
	told, err := u.wall.ModeNotices(second)
	if err != nil || len(told) != 1 || told[0].Number != "FIR 12/2025" || !told[0].On || told[0].Mine || !told[0].Alone {
		t.Fatalf("%+v, %v", told, err)
	}
	refused(t, "one's own", u.wall.TakeModeNotice(boss, m.ID), fault.Denied)
	refused(t, "none at all", u.wall.TakeModeNotice(second, people.NewID()), fault.NotFound)
	if err := u.wall.TakeModeNotice(second, m.ID); err != nil {
		t.Fatal(err)
	}
	refused(t, "twice", u.wall.TakeModeNotice(second, m.ID), fault.Conflict)
	if n, err := u.wall.CountNotices(second); err != nil || n != 0 {
		t.Errorf("still told of %d, %v", n, err)
	}
	// A supervisor who is not on the case turns it off all the same.
	if err := u.wall.TurnOff(second, c.ID); err != nil {
		t.Error(err)
	}
}

func TestOneLookAtATimeAndWhatItCounts(t *testing.T) {
	u, boss, officer, analyst, c := looking(t)
	if _, err := u.wall.TurnOn(boss, c.ID, why, 2); err != nil {
		t.Fatal(err)
	}
	unwarned, known := ask(c), ask(c)
	unwarned.Warned, known.Known = false, true
	_, err := u.wall.Uncover(officer, unwarned)
	refused(t, "the warning not read", err, fault.Invalid)
	_, err = u.wall.Uncover(officer, known)
	refused(t, "known, without a reason", err, fault.Invalid)
	first, err := u.wall.Uncover(officer, ask(c))
	if err != nil || first.Until.Sub(first.At) != look.LongestLook {
		t.Fatalf("%+v, %v", first, err)
	}
	// In another session of the same person.
	other := people.From(officer)
	other.Session = "another tab"
	elsewhere := people.With(context.Background(), other)
	if _, err := u.wall.Open(elsewhere, c.ID, why); err != nil {
		t.Fatal(err)
	}
	_, err = u.wall.Uncover(elsewhere, ask(c))
	refused(t, "a second at once", err, fault.Conflict)
	if _, err := u.wall.Uncover(analyst, ask(c)); err != nil {
		t.Errorf("another person: %v", err)
	}
	u.clock = u.clock.Add(7 * time.Second)
	if err := u.wall.Cover(analyst, first.ID); err != nil { // another's look stays as it is
		t.Fatal(err)
	}
	_, err = u.wall.Uncover(elsewhere, ask(c))
	refused(t, "after another said that it is covered", err, fault.Conflict)
	for range 2 { // to say it twice is no error
		if err := u.wall.Cover(officer, first.ID); err != nil {
			t.Fatal(err)
		}
		u.clock = u.clock.Add(time.Second)
	}
	known.Reason = "The victim has to be told apart from another"
	second, err := u.wall.Uncover(elsewhere, known)
	if err != nil {
		t.Fatal(err)
	}
	u.clock = u.clock.Add(time.Hour) // nobody covers it
	b, err := u.wall.Budget(officer)
	if err != nil || b.Used != 37*time.Second {
		t.Errorf("used %s, %v", b.Used, err)
	}
	said := u.entries(custody.Looked)
	var mine []string
	for _, s := range said {
		if s["by"] == "SI officer (officer)" {
			doc, _ := json.Marshal([]any{s["what"], s["seconds"], s["nobody_said_when"], s["reason"], s["look"]})
			mine = append(mine, string(doc))
		}
	}
	want := []string{
		`["uncovered",null,null,null,"` + first.ID + `"]`, `["covered","7.0",null,null,"` + first.ID + `"]`,
		`["uncovered",null,null,"The victim has to be told apart from another","` + second.ID + `"]`, `["covered","30.0",true,null,"` + second.ID + `"]`,
	}
	if strings.Join(mine, "\n") != strings.Join(want, "\n") {
		t.Errorf("the log says\n%s\nwant\n%s", strings.Join(mine, "\n"), strings.Join(want, "\n"))
	}
}

// Of many requests at once one uncovers, also past this process.
func TestOneLookOfMany(t *testing.T) {
	u, boss, officer, _, c := looking(t)
	if _, err := u.wall.TurnOn(boss, c.ID, why, 2); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	results := make([]error, 8)
	for n := range results {
		w := &wall.Wall{Book: u.book, Policy: u.wall.Policy, Now: u.wall.Now}
		wg.Go(func() { _, results[n] = w.Uncover(officer, ask(c)) })
	}
	wg.Wait()
	won := 0
	for _, err := range results {
		if err == nil {
			won++
		} else if !fault.Is(err, fault.Conflict) {
			t.Error(err)
		}
	}
	if won != 1 {
		t.Errorf("%d pictures are uncovered at once", won)
	}
}

// A budget is one over all cases and sessions, and survives a new start; who has
// spent it is refused, and that is logged once.
func TestALimitIsReached(t *testing.T) {
	u, boss, officer, _, c := looking(t)
	d := u.newCase(boss, "FIR 13/2025", false)
	if err := u.wall.Staff(boss, d.ID, "officer", true, false); err != nil {
		t.Fatal(err)
	}
	for _, f := range []func() error{
		func() error { _, err := u.wall.Open(officer, d.ID, why); return err },
		func() error { _, err := u.wall.Open(boss, d.ID, why); return err },
		func() error { _, err := u.wall.TurnOn(boss, c.ID, why, 12); return err },
		func() error { _, err := u.wall.TurnOn(boss, d.ID, why, 12); return err },
		func() error { _, err := u.wall.SetLimit(officer, false, 5); return err },
	} {
		if err := f(); err != nil {
			t.Fatal(err)
		}
	}
	for n := range 10 {
		u.wall = &wall.Wall{Book: u.book, Policy: u.wall.Policy, Now: u.wall.Now} // started anew
		if _, err := u.wall.Uncover(officer, ask([]people.Case{c, d}[n%2])); err != nil {
			t.Fatalf("look %d: %v", n, err)
		}
		u.clock = u.clock.Add(time.Minute)
	}
	for range 3 {
		_, err := u.wall.Uncover(officer, ask(d))
		refused(t, "after five minutes", err, fault.Denied)
	}
	refused(t, "asked beforehand", u.wall.MayUncover(officer, ask(c)), fault.Denied)
	if said := u.entries(custody.LimitReached); len(said) != 1 || said[0]["limit"] != "5 min" || said[0]["looked"] != "5 min" {
		t.Errorf("%v", said)
	}
	// Raised, it holds from the next day on; lowered, at once.
	if l, err := u.wall.SetLimit(officer, false, 60); err != nil || !l.From.After(u.clock) {
		t.Errorf("%+v, %v", l, err)
	}
	refused(t, "raised today", u.wall.MayUncover(officer, ask(c)), fault.Denied)
	_, err := u.wall.SetLimit(officer, true, 60)
	refused(t, "an officer sets the unit's", err, fault.Denied)
	if _, err := u.wall.SetLimit(boss, true, 30); err != nil {
		t.Error(err)
	}
	if b, err := u.wall.Budget(boss); err != nil || b.Limit != 30*time.Minute {
		t.Errorf("the unit's limit: %+v, %v", b, err)
	}
	_, err = u.wall.SetLimit(u.as("auditor", people.Auditor), false, 30)
	refused(t, "an auditor's own", err, fault.Denied)
	if said := u.entries(custody.LimitChanged); len(said) != 3 || said[2]["subject"] != "unit" {
		t.Errorf("%v", said)
	}
	hours, err := u.wall.Hours(boss)
	if err != nil || len(hours) != 1 || hours[0].Login != "officer" || hours[0].Days[0] != 5*time.Minute || len(hours[0].Days) != wall.DaysOfHours {
		t.Errorf("%+v, %v", hours, err)
	}
	_, err = u.wall.Hours(officer)
	refused(t, "an officer sees the others' hours", err, fault.Denied)
}

// What cannot be logged is not shown.
func TestNoLookWithoutItsEntry(t *testing.T) {
	u, boss, officer, _, c := looking(t)
	if _, err := u.wall.TurnOn(boss, c.ID, why, 2); err != nil {
		t.Fatal(err)
	}
	u.wall.Book = mute{u.wall.Book}
	if _, err := u.wall.Uncover(officer, ask(c)); err == nil {
		t.Error("a look that is not logged")
	}
	u.wall.Book = u.book
	if b, err := u.wall.Budget(officer); err != nil || b.Used != 0 {
		t.Errorf("it counts %s, %v", b.Used, err)
	}
	if _, err := u.wall.Uncover(officer, ask(c)); err != nil {
		t.Errorf("the next one: %v", err)
	}
}

// mute is a book in which nothing can be logged.
type mute struct{ wall.Book }

func (mute) Log(context.Context, *sql.Tx, ...custody.Entry) error {
	return fault.Newf(fault.Unavailable, "the log cannot be written")
}

func TestThePageOfMediaMode(t *testing.T) {
	u, boss, officer, _, c := looking(t)
	for name, want := range map[string]struct {
		do                    func() error
		on, look, turn, endit bool
	}{
		"off, a supervisor": {func() error { return nil }, false, false, true, false},
		"on, a supervisor":  {func() error { _, err := u.wall.TurnOn(boss, c.ID, why, 2); return err }, true, true, false, true},
	} {
		if strings.HasPrefix(name, "on") {
			if err := want.do(); err != nil {
				t.Fatal(err)
			}
		} else if err := u.wall.TurnOff(boss, c.ID); err != nil && !fault.Is(err, fault.Conflict) {
			t.Fatal(err)
		}
		m, err := u.wall.Media(boss, c.ID)
		if err != nil || m.MediaMode != want.on || m.Look != want.look || m.TurnOn != want.turn || m.TurnOff != want.endit {
			t.Errorf("%s: %+v, %v", name, m, err)
		}
		if off := m.TurnOff; off {
			if err := u.wall.TurnOff(officer, c.ID); err != nil {
				t.Error(err)
			}
		}
	}
	stranger := u.as("stranger", people.Supervisor)
	if _, err := u.wall.Media(stranger, c.ID); !fault.Is(err, fault.Denied) {
		t.Errorf("a supervisor who is not on it reads the list: %v", err)
	}
}
