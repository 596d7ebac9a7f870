package store

import (
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"suraag/fault"
	"suraag/people"
	"suraag/people/door"
)

// AddPerson records someone new. A login that is taken is fault.Conflict.
func (d *DB) AddPerson(ctx context.Context, tx *sql.Tx, p people.Person) error {
	id, err := raw(p.ID, 16)
	if err != nil {
		return err
	}
	doc, err := json.Marshal(p)
	if err != nil {
		return fault.As(fault.Internal, err)
	}
	d.wrote(ctx, tx, "person", id)
	n, err := d.insert(ctx, tx, "person", []string{"id", "login", "role", "ended_ns", "doc"}, [][]any{{id, p.Login, string(p.Role), ns(p.Ended), string(doc)}})
	if err == nil && n == 0 {
		err = fault.WithHint(fault.Newf(fault.Conflict, "login %q is taken", p.Login), "give another; a login is never given to a second person")
	}
	return err
}

// HoldPerson locks the row of a person until the transaction ends, and gives it as
// it is then.
func (d *DB) HoldPerson(ctx context.Context, tx *sql.Tx, id string) (people.Person, error) {
	b, err := raw(id, 16)
	if err != nil {
		return people.Person{}, err
	}
	if _, err := exec(ctx, tx, `UPDATE person SET login = login WHERE id = $1`, b); err != nil {
		return people.Person{}, err
	}
	return one[people.Person](ctx, tx, "person", `SELECT doc FROM person WHERE id = $1`, b)
}

// UpdatePerson records a new role or the end of a person.
func (d *DB) UpdatePerson(ctx context.Context, tx *sql.Tx, p people.Person) error {
	id, err := raw(p.ID, 16)
	if err != nil {
		return err
	}
	doc, err := json.Marshal(p)
	if err != nil {
		return fault.As(fault.Internal, err)
	}
	d.wrote(ctx, tx, "person", id)
	_, err = exec(ctx, tx, `UPDATE person SET role = $2, ended_ns = $3, doc = $4 WHERE id = $1`, id, string(p.Role), ns(p.Ended), string(doc))
	return err
}

// People gives everybody, by login.
func (d *DB) People(ctx context.Context) ([]people.Person, error) {
	out, err := documents[people.Person](ctx, d, "person", `SELECT doc FROM person`, nil)
	slices.SortFunc(out, func(a, b people.Person) int { return strings.Compare(a.Login, b.Login) })
	return out, err
}

// Person gives one person by ID.
func (d *DB) Person(ctx context.Context, id string) (people.Person, error) {
	b, err := raw(id, 16)
	if err != nil {
		return people.Person{}, err
	}
	return one[people.Person](ctx, d, "person", `SELECT doc FROM person WHERE id = $1`, b)
}

// PersonByLogin gives one person by login.
func (d *DB) PersonByLogin(ctx context.Context, login string) (people.Person, error) {
	return one[people.Person](ctx, d, "person", `SELECT doc FROM person WHERE login = $1`, login)
}

// one reads the one document of a query; none is fault.NotFound.
func one[T any](ctx context.Context, q querier, what, query string, args ...any) (T, error) {
	found, err := documents[T](ctx, q, what, query, args)
	if err == nil && len(found) == 0 {
		err = fault.Newf(fault.NotFound, "no such %s", what)
	}
	if err != nil {
		var none T
		return none, err
	}
	return found[0], nil
}

// AddCredential records a way to sign in. One that is there already is
// fault.Conflict: it would open the door to two people.
func (d *DB) AddCredential(ctx context.Context, tx *sql.Tx, c door.Credential) error {
	person, err := raw(c.Person, 16)
	if err != nil {
		return err
	}
	d.wrote(ctx, tx, "credential", c.ID)
	n, err := d.insert(ctx, tx, "credential", []string{"id", "person", "kind", "label", "made_ns", "used_ns", "doc"},
		[][]any{{c.ID, person, string(c.Kind), c.Label, ns(c.Made), ns(c.Used), string(c.Doc)}})
	if err == nil && n == 0 {
		err = fault.WithHint(fault.Newf(fault.Conflict, "this %s is in use already", c.Kind), "use another, or have an administrator end it first")
	}
	return err
}

// UseCredential records that a credential was used: its new state stands in the
// place of the old, if that is still what the caller read. It tells whether it was.
func (d *DB) UseCredential(ctx context.Context, tx *sql.Tx, c door.Credential, was json.RawMessage) (bool, error) {
	if err := d.eraseForGood(ctx, tx); err != nil { // an earlier version kept a secret in the clear
		return false, err
	}
	d.wrote(ctx, tx, "credential", c.ID)
	n, err := exec(ctx, tx, `UPDATE credential SET used_ns = $2, doc = $3 WHERE id = $1 AND doc = $4`, c.ID, ns(c.Used), string(c.Doc), string(was))
	return n > 0, err
}

// DropCredentials forgets ways to sign in: one, or where no ID is given all of a
// person. It tells how many there were.
func (d *DB) DropCredentials(ctx context.Context, tx *sql.Tx, person string, id []byte) (int64, error) {
	b, err := raw(person, 16)
	if err != nil {
		return 0, err
	}
	if id == nil {
		if err := d.wroteAll(ctx, tx, "credential", `person = $1`, b); err != nil {
			return 0, err
		}
		return exec(ctx, tx, `DELETE FROM credential WHERE person = $1`, b)
	}
	d.wrote(ctx, tx, "credential", id)
	return exec(ctx, tx, `DELETE FROM credential WHERE person = $1 AND id = $2`, b, id)
}

// Credentials gives the ways in which a person signs in, oldest first.
func (d *DB) Credentials(ctx context.Context, person string) ([]door.Credential, error) {
	b, err := raw(person, 16)
	if err != nil {
		return nil, err
	}
	return d.credentials(ctx, `person = $1`, b)
}

// Credential gives one by its ID.
func (d *DB) Credential(ctx context.Context, id []byte) (door.Credential, error) {
	found, err := d.credentials(ctx, `id = $1`, id)
	if err == nil && len(found) == 0 {
		err = fault.Newf(fault.NotFound, "no such credential")
	}
	if err != nil {
		return door.Credential{}, err
	}
	return found[0], nil
}

func (d *DB) credentials(ctx context.Context, where string, arg any) ([]door.Credential, error) {
	var out []door.Credential
	err := each(ctx, d, `SELECT id, person, kind, label, made_ns, used_ns, doc FROM credential WHERE `+where+` ORDER BY made_ns, id`, []any{arg}, func(r *sql.Rows) error {
		var c door.Credential
		var person []byte
		var made, used int64
		var doc string
		err := r.Scan(&c.ID, &person, &c.Kind, &c.Label, &made, &used, &doc)
		c.Person, c.Made, c.Used, c.Doc = hex.EncodeToString(person), fromNS(made), fromNS(used), json.RawMessage(doc)
		out = append(out, c)
		return err
	})
	return out, err
}

// AddPass records a session, a token or an invitation.
func (d *DB) AddPass(ctx context.Context, tx *sql.Tx, p door.Pass) error {
	id, err := raw(p.ID, 32)
	if err != nil {
		return err
	}
	person, err := raw(p.Person, 16)
	if err != nil {
		return err
	}
	doc, err := json.Marshal(p.About)
	if err != nil {
		return fault.As(fault.Internal, err)
	}
	d.wrote(ctx, tx, "pass", id)
	_, err = d.insert(ctx, tx, "pass", []string{"id", "kind", "person", "made_ns", "seen_ns", "until_ns", "ended_ns", "doc"},
		[][]any{{id, string(p.Kind), person, ns(p.Made), ns(p.Seen), ns(p.Until), ns(p.Ended), string(doc)}})
	return err
}

// SeePass records that a pass was shown. Which it was last is in no log entry: it
// would be one for every page.
func (d *DB) SeePass(ctx context.Context, tx *sql.Tx, id string, now time.Time) error {
	b, err := raw(id, 32)
	if err != nil {
		return err
	}
	_, err = exec(ctx, tx, `UPDATE pass SET seen_ns = $2 WHERE id = $1 AND ended_ns = 0`, b, ns(now))
	return err
}

// EndPass ends one pass of a person, or where no ID is given all of a kind. It
// tells how many it ended.
func (d *DB) EndPass(ctx context.Context, tx *sql.Tx, kind door.Kind, person, id string, now time.Time) (int64, error) {
	b, err := raw(person, 16)
	if err != nil {
		return 0, err
	}
	if id == "" {
		if err := d.wroteAll(ctx, tx, "pass", `person = $1 AND kind = $2 AND ended_ns = 0`, b, string(kind)); err != nil {
			return 0, err
		}
		return exec(ctx, tx, `UPDATE pass SET ended_ns = $3 WHERE person = $1 AND kind = $2 AND ended_ns = 0`, b, string(kind), ns(now))
	}
	key, err := raw(id, 32)
	if err != nil {
		return 0, err
	}
	d.wrote(ctx, tx, "pass", key)
	return exec(ctx, tx, `UPDATE pass SET ended_ns = $4 WHERE person = $1 AND kind = $2 AND id = $3 AND ended_ns = 0`, b, string(kind), key, ns(now))
}

// Pass gives one pass by its ID.
func (d *DB) Pass(ctx context.Context, id string) (door.Pass, error) {
	b, err := raw(id, 32)
	if err != nil {
		return door.Pass{}, err
	}
	found, err := d.passes(ctx, `id = $1`, b)
	if err == nil && len(found) == 0 {
		err = fault.Newf(fault.NotFound, "no such session, token or invitation")
	}
	if err != nil {
		return door.Pass{}, err
	}
	return found[0], nil
}

// Passes gives what of a kind is open, of one person or of everybody, oldest
// first.
func (d *DB) Passes(ctx context.Context, kind door.Kind, person string, now time.Time) ([]door.Pass, error) {
	if person == "" {
		return d.passes(ctx, `kind = $1 AND ended_ns = 0 AND until_ns > $2`, string(kind), ns(now))
	}
	b, err := raw(person, 16)
	if err != nil {
		return nil, err
	}
	return d.passes(ctx, `kind = $1 AND ended_ns = 0 AND until_ns > $2 AND person = $3`, string(kind), ns(now), b)
}

func (d *DB) passes(ctx context.Context, where string, args ...any) ([]door.Pass, error) {
	var out []door.Pass
	err := each(ctx, d, `SELECT id, kind, person, made_ns, seen_ns, until_ns, ended_ns, doc FROM pass WHERE `+where+` ORDER BY made_ns, id`, args, func(r *sql.Rows) error {
		var p door.Pass
		var id, person []byte
		var made, seen, until, ended int64
		var doc string
		if err := r.Scan(&id, &p.Kind, &person, &made, &seen, &until, &ended, &doc); err != nil {
			return err
		}
		p.ID, p.Person, p.Made, p.Seen, p.Until, p.Ended = hex.EncodeToString(id), hex.EncodeToString(person), fromNS(made), fromNS(seen), fromNS(until), fromNS(ended)
		if err := json.Unmarshal([]byte(doc), &p.About); err != nil {
			return fault.Newf(fault.Corrupt, "stored pass: %w", err)
		}
		out = append(out, p)
		return nil
	})
	return out, err
}

// Once keeps something under a key that may be used once, and forgets what
// nobody used in time. It tells whether the key was free.
func (d *DB) Once(ctx context.Context, tx *sql.Tx, key [32]byte, doc string, now, until time.Time) (bool, error) {
	if _, err := exec(ctx, tx, `DELETE FROM once WHERE until_ns < $1`, ns(now)); err != nil {
		return false, err
	}
	n, err := d.insert(ctx, tx, "once", []string{"id", "until_ns", "doc"}, [][]any{{key[:], ns(until), doc}})
	return n > 0, err
}

// TakeOnce gives what was kept under a key, once.
func (d *DB) TakeOnce(ctx context.Context, tx *sql.Tx, key [32]byte, now time.Time) (doc string, err error) {
	found := false
	err = each(ctx, tx, `DELETE FROM once WHERE id = $1 AND until_ns >= $2 RETURNING doc`, []any{key[:], ns(now)}, func(r *sql.Rows) error {
		found = true
		return r.Scan(&doc)
	})
	if err == nil && !found {
		err = fault.WithHint(fault.Newf(fault.Denied, "this took too long, or was done already"), "begin again")
	}
	return doc, err
}
