// Package machine lets machines in: sensors, and the spools of remote sites, which
// hand in by themselves over mutual TLS.
//
// Takes a machine's own request for a certificate, or the certificate that it
// shows. Gives a certificate by the unit's authority for machines, or who it is.
// Never sees a machine's key: it is made on the machine and stays there. A
// certificate counts only while its fingerprint stands in the record, so that a
// machine that was ended is out at once, whatever its certificate says.
package machine

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"slices"
	"time"

	"suraag/custody"
	"suraag/fault"
	"suraag/people"
)

// Certificate is one that was made for a machine.
type Certificate struct {
	Fingerprint string    `json:"fingerprint"` // SHA-256 of its DER, hex
	Made        time.Time `json:"made"`
	Until       time.Time `json:"until"`
	Ended       time.Time `json:"ended,omitzero"` // another took its place, or the machine ended
}

// Kept is a machine with its certificates, as the record holds it and the log
// says it.
type Kept struct {
	Machine      people.Machine `json:"machine"`
	Certificates []Certificate  `json:"certificates"` // oldest first
}

// Book is where machines are kept. Methods that write take the transaction.
type Book interface {
	InTx(ctx context.Context, f func(*sql.Tx) error) error
	Log(ctx context.Context, tx *sql.Tx, entries ...custody.Entry) error

	AddMachine(ctx context.Context, tx *sql.Tx, m people.Machine) error
	// HoldMachine gives a machine and keeps everybody else from changing it until
	// the transaction ends.
	HoldMachine(ctx context.Context, tx *sql.Tx, id string) (Kept, error)
	EndMachine(ctx context.Context, tx *sql.Tx, id string, at time.Time) error
	AddCertificate(ctx context.Context, tx *sql.Tx, machine string, c Certificate) error
	EndCertificate(ctx context.Context, tx *sql.Tx, fingerprint string, at time.Time) error
	Machines(ctx context.Context) ([]Kept, error)
	MachineOf(ctx context.Context, fingerprint string) (people.Machine, Certificate, error)
}

// Register is the list of the machines that may hand in.
type Register struct {
	Book Book
	Now  func() time.Time
}

// saying is what the log says of a machine: what was done, and how it stands then. Of
// its certificates that is those that hold, and those that ended by it: each of the
// others was said when it ended, and a machine has as many as it asks for.
type saying struct {
	What string `json:"what"`
	Kept
}

// now is a time as the record and the log both hold it.
func (r Register) now() time.Time { return r.Now().UTC() }

func (r Register) log(ctx context.Context, tx *sql.Tx, what, by string, k Kept, now time.Time) error {
	k.Certificates = slices.DeleteFunc(slices.Clone(k.Certificates), func(c Certificate) bool { return !c.Ended.IsZero() && !c.Ended.Equal(now) })
	e, err := custody.Saying(custody.MachineChanged, k.Machine.ID, by, r.now(), saying{what, k})
	if err != nil {
		return err
	}
	return r.Book.Log(ctx, tx, e)
}

// Add records a new machine and makes its first certificate.
func (r Register) Add(ctx context.Context, by string, m people.Machine, a Authority, q Request) (people.Machine, []byte, error) {
	now := r.now()
	if err := m.Checked(now); err != nil {
		return m, nil, err
	}
	m.ID, m.Made, m.MadeBy, m.Until, m.Ended = people.NewID(), now, by, m.Until.UTC(), time.Time{}
	der, c, err := a.sign(q, m, now)
	if err != nil {
		return m, nil, err
	}
	return m, der, r.Book.InTx(ctx, func(tx *sql.Tx) error {
		if err := r.Book.AddMachine(ctx, tx, m); err != nil {
			return err
		}
		if err := r.Book.AddCertificate(ctx, tx, m.ID, c); err != nil {
			return err
		}
		return r.log(ctx, tx, "added", by, Kept{m, []Certificate{c}}, now)
	})
}

// named gives a machine by its name.
func (r Register) named(ctx context.Context, name string) (people.Machine, error) {
	all, err := r.Book.Machines(ctx)
	if err != nil {
		return people.Machine{}, err
	}
	at := slices.IndexFunc(all, func(k Kept) bool { return k.Machine.Name == name })
	if at < 0 {
		return people.Machine{}, fault.WithHint(fault.Newf(fault.NotFound, "there is no machine %q", name), "see suraag machine list")
	}
	return all[at].Machine, nil
}

// End lets a machine in no more: not at its next handshake, and not with its next
// request on a line that is open.
func (r Register) End(ctx context.Context, by, name string) (people.Machine, error) {
	m, err := r.named(ctx, name)
	if err != nil {
		return m, err
	}
	now := r.now()
	return m, r.Book.InTx(ctx, func(tx *sql.Tx) error {
		k, err := r.Book.HoldMachine(ctx, tx, m.ID)
		if err != nil {
			return err
		}
		if !k.Machine.Ended.IsZero() {
			return fault.Newf(fault.Conflict, "machine %q was ended on %s", name, k.Machine.Ended.Format("2 January 2006"))
		}
		k.Machine.Ended = now
		if err := r.Book.EndMachine(ctx, tx, m.ID, now); err != nil {
			return err
		}
		if err := r.endOthers(ctx, tx, &k, now); err != nil {
			return err
		}
		m = k.Machine
		return r.log(ctx, tx, "ended", by, k, now)
	})
}

// endOthers ends every certificate of a machine but those that are named.
func (r Register) endOthers(ctx context.Context, tx *sql.Tx, k *Kept, now time.Time, but ...string) error {
	for n := range k.Certificates {
		c := &k.Certificates[n]
		if !c.Ended.IsZero() || slices.Contains(but, c.Fingerprint) {
			continue
		}
		c.Ended = now
		if err := r.Book.EndCertificate(ctx, tx, c.Fingerprint, now); err != nil {
			return err
		}
	}
	return nil
}

// Renew makes the next certificate of a machine that shows one. The one it showed
// holds on, because the answer may be lost on its way; every other ends.
func (r Register) Renew(ctx context.Context, w people.Who, shown string, a Authority, q Request) ([]byte, error) {
	return r.certify(ctx, w.Person, w.By, a, q, shown)
}

// Recertify makes a certificate for a machine whose own is past, or whose key was
// lost; every other ends.
func (r Register) Recertify(ctx context.Context, by, name string, a Authority, q Request) (people.Machine, []byte, error) {
	m, err := r.named(ctx, name)
	if err != nil {
		return m, nil, err
	}
	der, err := r.certify(ctx, m.ID, by, a, q, "")
	return m, der, err
}

func (r Register) certify(ctx context.Context, id, by string, a Authority, q Request, keep string) (der []byte, err error) {
	now := r.now()
	return der, r.Book.InTx(ctx, func(tx *sql.Tx) error {
		k, err := r.Book.HoldMachine(ctx, tx, id)
		if err != nil {
			return err
		}
		if !k.Machine.Ended.IsZero() || !now.Before(k.Machine.Until) {
			err := fault.Newf(fault.Denied, "machine %q was ended, or its time is over", k.Machine.Name)
			return fault.WithHint(err, "suraag machine add makes it anew, under another name")
		}
		var c Certificate
		if der, c, err = a.sign(q, k.Machine, now); err != nil {
			return err
		}
		if err := r.endOthers(ctx, tx, &k, now, keep); err != nil {
			return err
		}
		k.Certificates = append(k.Certificates, c)
		if err := r.Book.AddCertificate(ctx, tx, id, c); err != nil {
			return err
		}
		return r.log(ctx, tx, "certificate made", by, k, now)
	})
}

// Known tells which machine shows a certificate. The authority has been checked by
// then (crypto/tls); whether the certificate still counts is asked of the record.
func (r Register) Known(ctx context.Context, der []byte) (people.Who, error) {
	m, c, err := r.Book.MachineOf(ctx, Fingerprint(der))
	now := r.now()
	if fault.Is(err, fault.NotFound) || err == nil && (!m.Ended.IsZero() || !c.Ended.IsZero() || !now.Before(m.Until) || !now.Before(c.Until)) {
		err := fault.Newf(fault.Denied, "this certificate lets no machine in: it is not known here, or was ended")
		return people.Who{}, fault.WithHint(err, "ask the unit: suraag machine list shows what holds, suraag machine renew makes a certificate anew")
	}
	if err != nil {
		return people.Who{}, err
	}
	return m.Who(c.Fingerprint), nil
}

// Fingerprint names a certificate by the SHA-256 of its bytes.
func Fingerprint(der []byte) string {
	sum := sha256.Sum256(der)
	return hex.EncodeToString(sum[:])
}
