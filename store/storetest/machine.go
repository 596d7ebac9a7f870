package storetest

import (
	"database/sql"
	"testing"
	"time"

	"suraag/fault"
	"suraag/people"
	"suraag/people/machine"
	"suraag/store"
)

func sensor(n byte, name string) people.Machine {
	return people.Machine{ID: personID(n), Name: name, For: people.ForUnit, Made: day, MadeBy: "officer", Until: day.AddDate(1, 0, 0)}
}

// shown is a certificate.
func shown(word string, made time.Time) machine.Certificate {
	return machine.Certificate{Fingerprint: SourceID(word), Made: made, Until: made.AddDate(0, 1, 0)}
}

func machinesKept(t *testing.T, db *store.DB) {
	a, b := sensor(1, "gate-3"), sensor(2, "gate-4")
	first, second := shown("first", day), shown("second", day.Add(time.Hour))
	tx(t, db, func(tx *sql.Tx) error {
		for _, m := range []people.Machine{a, b} {
			if err := db.AddMachine(ctx, tx, m); err != nil {
				return err
			}
		}
		for _, c := range []machine.Certificate{second, first} {
			if err := db.AddCertificate(ctx, tx, a.ID, c); err != nil {
				return err
			}
		}
		return nil
	})
	err := db.InTx(ctx, func(tx *sql.Tx) error { return db.AddMachine(ctx, tx, sensor(3, "gate-3")) })
	equal(t, "a name given twice", fault.KindOf(err), fault.Conflict)
	same(t, "all", must(db.Machines(ctx))(t), []machine.Kept{{Machine: a, Certificates: []machine.Certificate{first, second}}, {Machine: b}})
	m, c, err := db.MachineOf(ctx, second.Fingerprint)
	equal(t, "whose it is", err, nil)
	same(t, "machine", m, a)
	same(t, "certificate", c, second)
	_, _, err = db.MachineOf(ctx, SourceID("none"))
	equal(t, "nobody's", fault.KindOf(err), fault.NotFound)
	a.Ended, first.Ended = day.Add(2*time.Hour), day.Add(2*time.Hour)
	tx(t, db, func(tx *sql.Tx) error {
		if err := db.EndMachine(ctx, tx, a.ID, a.Ended); err != nil {
			return err
		}
		if err := db.EndCertificate(ctx, tx, first.Fingerprint, first.Ended); err != nil {
			return err
		}
		held, err := db.HoldMachine(ctx, tx, a.ID)
		same(t, "as it is then", held, machine.Kept{Machine: a, Certificates: []machine.Certificate{first, second}})
		return err
	})
	err = db.InTx(ctx, func(tx *sql.Tx) error { _, err := db.HoldMachine(ctx, tx, personID(9)); return err })
	equal(t, "none", fault.KindOf(err), fault.NotFound)
}
