package storetest

import (
	"context"
	"database/sql"
	"sync"
	"testing"
	"time"

	"suraag/fault"
	"suraag/people/look"
	"suraag/store"
)

func mode(n byte, from time.Time) look.Mode {
	return look.Mode{ID: personID(n), Case: personID(1), Person: personID(1), By: "SI a", Reason: "to describe it", Alone: true, From: from, Until: from.Add(time.Hour)}
}

func lookAt(n byte, person byte, at time.Time) look.Reveal {
	return look.Reveal{
		ID: personID(n), Mode: personID(20), Case: personID(1), Item: "item", Person: personID(person), By: "SI a", Session: "s", At: at, Until: at.Add(30 * time.Second),
	}
}

// fillLooks writes a row into every table of media mode.
func fillLooks(ctx context.Context, db *store.DB, tx *sql.Tx) error {
	if err := db.AddMode(ctx, tx, mode(20, day)); err != nil {
		return err
	}
	if err := db.AddLook(ctx, tx, lookAt(30, 1, day)); err != nil {
		return err
	}
	return db.AddLimit(ctx, tx, look.Limit{ID: personID(40), By: "SI a", Minute: 60, At: day, From: day})
}

func modes(t *testing.T, db *store.DB) {
	first, second := mode(20, day), mode(21, day.Add(2*time.Hour))
	other := mode(22, day.Add(time.Hour))
	other.Case, other.Person = personID(2), personID(2)
	tx(t, db, func(tx *sql.Tx) error {
		for _, m := range []look.Mode{first, second, other} {
			if err := db.AddMode(ctx, tx, m); err != nil {
				return err
			}
		}
		return nil
	})
	same(t, "modes of a case", must(db.Modes(ctx, personID(1), 5))(t), []look.Mode{second, first})
	same(t, "the last one", must(db.Modes(ctx, personID(1), 1))(t), []look.Mode{second})
	equal(t, "notices for another", must(db.CountModeNotices(ctx, personID(9)))(t), int64(3))
	equal(t, "notices for who turned two on", must(db.CountModeNotices(ctx, personID(1)))(t), int64(1))
	ended, seen := second, second
	ended.Ended, ended.EndedBy = day.Add(150*time.Minute), "SI b"
	seen.SeenAt, seen.SeenBy = day.Add(160*time.Minute), "SI c"
	for _, want := range []bool{true, false} {
		tx(t, db, func(tx *sql.Tx) error {
			was, err := db.EndMode(ctx, tx, ended)
			equal(t, "ended first", was, want)
			if err != nil {
				return err
			}
			was, err = db.SeeMode(ctx, tx, seen) // read before it ended
			equal(t, "seen first", was, want)
			return err
		})
	}
	both := ended
	both.SeenAt, both.SeenBy = seen.SeenAt, seen.SeenBy
	same(t, "ended and seen", must(db.Modes(ctx, personID(1), 1))(t), []look.Mode{both})
	same(t, "those of which nobody took notice come first", must(db.LastModes(ctx, 9))(t), []look.Mode{other, first, both})
	equal(t, "notices left", must(db.CountModeNotices(ctx, personID(9)))(t), int64(2))
}

func looksOf(t *testing.T, db *store.DB, person byte, since time.Time) (out []look.Reveal) {
	t.Helper()
	tx(t, db, func(tx *sql.Tx) (err error) {
		out, err = db.Looks(ctx, tx, personID(person), since)
		return err
	})
	return out
}

func looks(t *testing.T, db *store.DB) {
	first, second, other := lookAt(30, 1, day), lookAt(31, 1, day.Add(time.Minute)), lookAt(32, 2, day)
	tx(t, db, func(tx *sql.Tx) error {
		if err := db.AddLook(ctx, tx, first); err != nil {
			return err
		}
		return db.AddLook(ctx, tx, other) // another person's is another matter
	})
	err := db.InTx(ctx, func(tx *sql.Tx) error { return db.AddLook(ctx, tx, second) })
	equal(t, "a second look at once", fault.KindOf(err), fault.Conflict)
	covered := first.Cover(day.Add(12 * time.Second))
	for _, want := range []bool{true, false} {
		tx(t, db, func(tx *sql.Tx) error {
			was, err := db.EndLook(ctx, tx, covered)
			equal(t, "covered first", was, want)
			return err
		})
	}
	tx(t, db, func(tx *sql.Tx) error { return db.AddLook(ctx, tx, second) })
	same(t, "looks of one", looksOf(t, db, 1, day.Add(-time.Hour)), []look.Reveal{covered, second})
	same(t, "looks of one, later", looksOf(t, db, 1, day.Add(40*time.Second)), []look.Reveal{second})
	equal(t, "looks of all", len(must(db.AllLooks(ctx, day.Add(-time.Hour)))(t)), 3)
	equal(t, "looks of all, later", len(must(db.AllLooks(ctx, day.Add(40*time.Second)))(t)), 1)
}

// Of many who try at once for one person, one gets to look.
func looksAtOnce(t *testing.T, db *store.DB) {
	tx(t, db, func(tx *sql.Tx) error { return db.AddPerson(ctx, tx, person(1, "a")) })
	err := db.InTx(ctx, func(tx *sql.Tx) error { return db.LookTurn(ctx, tx, personID(2)) })
	equal(t, "the turn of nobody", fault.KindOf(err), fault.NotFound)
	var wg sync.WaitGroup
	results := make([]error, 8)
	for n := range results {
		wg.Go(func() {
			results[n] = db.InTx(ctx, func(tx *sql.Tx) error {
				if err := db.LookTurn(ctx, tx, personID(1)); err != nil {
					return err
				}
				before, err := db.Looks(ctx, tx, personID(1), day)
				if err == nil && len(before) > 0 {
					return fault.Newf(fault.Conflict, "somebody looks already")
				}
				if err != nil {
					return err
				}
				return db.AddLook(ctx, tx, lookAt(byte(30+n), 1, day))
			})
		})
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
	equal(t, "who got to look", won, 1)
}

func limits(t *testing.T, db *store.DB) {
	unit := look.Limit{ID: personID(40), By: "SI a", Minute: 120, At: day, From: day}
	own := look.Limit{ID: personID(41), Person: personID(1), By: "SI b", Minute: 60, At: day.Add(time.Hour), From: day.Add(24 * time.Hour)}
	tx(t, db, func(tx *sql.Tx) error {
		if err := db.AddLimit(ctx, tx, own); err != nil {
			return err
		}
		return db.AddLimit(ctx, tx, unit)
	})
	same(t, "limits", must(db.Limits(ctx))(t), []look.Limit{unit, own})
}
