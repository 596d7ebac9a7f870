package store

import (
	"context"
	"database/sql"
	"encoding/hex"
	"time"

	"suraag/fault"
	"suraag/people"
	"suraag/people/machine"
)

// AddMachine records a new machine. A name that was ever given is fault.Conflict.
func (d *DB) AddMachine(ctx context.Context, tx *sql.Tx, m people.Machine) error {
	id, err := raw(m.ID, 16)
	if err != nil {
		return err
	}
	d.wrote(ctx, tx, "machine", id)
	n, err := d.insert(ctx, tx, "machine", []string{"id", "name", "for_what", "made_ns", "made_by", "until_ns", "ended_ns"},
		[][]any{{id, m.Name, m.For, ns(m.Made), m.MadeBy, ns(m.Until), ns(m.Ended)}})
	if err == nil && n == 0 {
		err = fault.WithHint(fault.Newf(fault.Conflict, "machine %q is there already", m.Name), "give another name; suraag machine renew makes a certificate for one that is there")
	}
	return err
}

// HoldMachine locks the row of a machine until the transaction ends, and gives it
// as it is then.
func (d *DB) HoldMachine(ctx context.Context, tx *sql.Tx, id string) (machine.Kept, error) {
	b, err := raw(id, 16)
	if err != nil {
		return machine.Kept{}, err
	}
	n, err := exec(ctx, tx, `UPDATE machine SET name = name WHERE id = $1`, b)
	if err == nil && n == 0 {
		err = fault.Newf(fault.NotFound, "no such machine")
	}
	if err != nil {
		return machine.Kept{}, err
	}
	found, err := machines(ctx, tx, ` WHERE id = $1`, ` WHERE machine = $1`, b)
	if err != nil {
		return machine.Kept{}, err
	}
	return found[0], nil
}

// EndMachine records that a machine hands in no more.
func (d *DB) EndMachine(ctx context.Context, tx *sql.Tx, id string, at time.Time) error {
	b, err := raw(id, 16)
	if err != nil {
		return err
	}
	d.wrote(ctx, tx, "machine", b)
	_, err = exec(ctx, tx, `UPDATE machine SET ended_ns = $2 WHERE id = $1`, b, ns(at))
	return err
}

// AddCertificate records a certificate that was made for a machine.
func (d *DB) AddCertificate(ctx context.Context, tx *sql.Tx, id string, c machine.Certificate) error {
	b, err := raw(id, 16)
	if err != nil {
		return err
	}
	print, err := raw(c.Fingerprint, 32)
	if err != nil {
		return err
	}
	d.wrote(ctx, tx, "machine_certificate", print)
	_, err = d.insert(ctx, tx, "machine_certificate", []string{"fingerprint", "machine", "made_ns", "until_ns", "ended_ns"}, [][]any{{print, b, ns(c.Made), ns(c.Until), ns(c.Ended)}})
	return err
}

// EndCertificate records that a certificate counts no more.
func (d *DB) EndCertificate(ctx context.Context, tx *sql.Tx, fingerprint string, at time.Time) error {
	print, err := raw(fingerprint, 32)
	if err != nil {
		return err
	}
	d.wrote(ctx, tx, "machine_certificate", print)
	_, err = exec(ctx, tx, `UPDATE machine_certificate SET ended_ns = $2 WHERE fingerprint = $1`, print, ns(at))
	return err
}

// Machines gives every machine with its certificates, in the order in which they
// were made.
func (d *DB) Machines(ctx context.Context) ([]machine.Kept, error) {
	return machines(ctx, d, "", "")
}

// MachineOf gives the machine to which a certificate belongs.
func (d *DB) MachineOf(ctx context.Context, fingerprint string) (people.Machine, machine.Certificate, error) {
	print, err := raw(fingerprint, 32)
	if err != nil {
		return people.Machine{}, machine.Certificate{}, err
	}
	found, err := machines(ctx, d, ` WHERE id = (SELECT machine FROM machine_certificate WHERE fingerprint = $1)`, ` WHERE fingerprint = $1`, print)
	if err == nil && (len(found) == 0 || len(found[0].Certificates) == 0) {
		err = fault.Newf(fault.NotFound, "no such certificate of a machine")
	}
	if err != nil {
		return people.Machine{}, machine.Certificate{}, err
	}
	return found[0].Machine, found[0].Certificates[0], nil
}

// machines reads machines, and of their certificates those of a condition. A
// certificate of a machine that is not there is one of a machine without a name,
// so that whoever compares the record sees it.
func machines(ctx context.Context, q querier, which, whose string, args ...any) ([]machine.Kept, error) {
	var out []machine.Kept
	at := map[string]int{}
	err := each(ctx, q, `SELECT id, name, for_what, made_ns, made_by, until_ns, ended_ns FROM machine`+which+` ORDER BY made_ns, id`, args, func(r *sql.Rows) error {
		var m people.Machine
		var id []byte
		var made, until, ended int64
		err := r.Scan(&id, &m.Name, &m.For, &made, &m.MadeBy, &until, &ended)
		m.ID, m.Made, m.Until, m.Ended = hex.EncodeToString(id), fromNS(made), fromNS(until), fromNS(ended)
		at[m.ID] = len(out)
		out = append(out, machine.Kept{Machine: m})
		return err
	})
	if err != nil {
		return nil, err
	}
	err = each(ctx, q, `SELECT fingerprint, machine, made_ns, until_ns, ended_ns FROM machine_certificate`+whose+` ORDER BY made_ns, fingerprint`, args, func(r *sql.Rows) error {
		var print, id []byte
		var made, until, ended int64
		err := r.Scan(&print, &id, &made, &until, &ended)
		key := hex.EncodeToString(id)
		if _, known := at[key]; !known {
			at[key] = len(out)
			out = append(out, machine.Kept{Machine: people.Machine{ID: key}})
		}
		k := &out[at[key]]
		k.Certificates = append(k.Certificates, machine.Certificate{Fingerprint: hex.EncodeToString(print), Made: fromNS(made), Until: fromNS(until), Ended: fromNS(ended)})
		return err
	})
	return out, err
}
