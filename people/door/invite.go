package door

import (
	"context"
	"database/sql"
	"time"

	"suraag/custody"
	"suraag/fault"
	"suraag/people"
)

// Everybody gives all people, for who looks after them.
func (d *Door) Everybody(ctx context.Context, w people.Who) ([]people.Person, error) {
	if err := d.policy.OnUnit(w, people.ManagePeople); err != nil {
		return nil, err
	}
	return d.book.People(ctx)
}

// Standing is what an administrator sees of how a person signs in.
type Standing struct {
	Person      people.Person
	Sessions    []Pass
	Tokens      []Pass
	Invitations []Pass
	Credentials []Credential
}

// StandingOf gives the open doors of a person.
func (d *Door) StandingOf(ctx context.Context, w people.Who, person string) (s Standing, err error) {
	if err := d.policy.OnUnit(w, people.ManagePeople); err != nil {
		return s, err
	}
	if s.Person, err = d.book.Person(ctx, person); err != nil {
		return s, err
	}
	for kind, into := range map[Kind]*[]Pass{Session: &s.Sessions, Token: &s.Tokens, Invitation: &s.Invitations} {
		if *into, err = d.open(ctx, kind, person); err != nil {
			return s, err
		}
	}
	s.Credentials, err = d.book.Credentials(ctx, person)
	return s, err
}

// Invite records someone new and gives the key of an invitation, which is shown
// once.
func (d *Door) Invite(ctx context.Context, w people.Who, p people.Person) (people.Person, string, error) {
	if err := d.policy.OnUnit(w, people.ManagePeople); err != nil {
		return p, "", err
	}
	p, err := p.Checked()
	if err != nil {
		return p, "", err
	}
	return d.invite(ctx, w.By, p)
}

// InviteFromTerminal does the same for whoever has the machine itself: the first
// administrator has nobody to be invited by. Somebody who is there already is
// invited anew.
func (d *Door) InviteFromTerminal(ctx context.Context, by string, p people.Person) (people.Person, string, error) {
	by += ", at the terminal"
	p, err := p.Checked()
	if err != nil {
		return p, "", err
	}
	there, err := d.book.PersonByLogin(ctx, p.Login)
	switch {
	case fault.Is(err, fault.NotFound):
		return d.invite(ctx, by, p)
	case err != nil:
		return p, "", err
	case there.Role != p.Role || there.Name != p.Name:
		err := fault.Newf(fault.Conflict, "login %q is that of %s, %s", p.Login, there.Name, there.Role)
		return there, "", fault.WithHint(err, "give the same name and role to invite this person anew, or another login")
	}
	return d.renew(ctx, by, there)
}

func (d *Door) invite(ctx context.Context, by string, p people.Person) (people.Person, string, error) {
	p.ID, p.Made, p.MadeBy = people.NewID(), d.now().UTC(), by
	key := ""
	err := d.logged(ctx, custody.PersonChanged, p.ID, by, map[string]string{"what": "invited", "login": p.Login, "name": p.Name, "role": string(p.Role)}, func(tx *sql.Tx) (err error) {
		if err := d.book.AddPerson(ctx, tx, p); err != nil {
			return err
		}
		key, err = d.invitation(ctx, tx, p, by)
		return err
	})
	return p, key, err
}

func (d *Door) invitation(ctx context.Context, tx *sql.Tx, p people.Person, by string) (string, error) {
	now := d.now()
	key, id := newKey()
	return key, d.book.AddPass(ctx, tx, Pass{ID: id, Kind: Invitation, Person: p.ID, Made: now, Seen: now, Until: now.Add(InviteHolds), About: About{By: by}})
}

// Renew is how somebody who lost a key comes back: an administrator ends all
// that opens a door for the person, and invites anew.
func (d *Door) Renew(ctx context.Context, w people.Who, person string) (people.Person, string, error) {
	p, err := d.managed(ctx, w, person)
	if err != nil {
		return p, "", err
	}
	return d.renew(ctx, w.By, p)
}

func (d *Door) renew(ctx context.Context, by string, p people.Person) (people.Person, string, error) {
	was, key := p, ""
	p.Ended = time.Time{}
	err := d.logged(ctx, custody.PersonChanged, p.ID, by, map[string]string{"what": "all doors closed, invited anew"}, func(tx *sql.Tx) (err error) {
		if err := d.unchanged(ctx, tx, was); err != nil {
			return err
		}
		if err := d.close(ctx, tx, p.ID); err != nil {
			return err
		}
		if err := d.book.UpdatePerson(ctx, tx, p); err != nil {
			return err
		}
		key, err = d.invitation(ctx, tx, p, by)
		return err
	})
	return p, key, err
}

// managed gives a person whom somebody may look after: anybody but themselves.
func (d *Door) managed(ctx context.Context, w people.Who, person string) (people.Person, error) {
	if err := d.policy.OnUnit(w, people.ManagePeople); err != nil {
		return people.Person{}, err
	}
	p, err := d.book.Person(ctx, person)
	if err != nil {
		return p, err
	}
	return p, people.Second(p.By(), w.By)
}

// unchanged holds a person and refuses to go on where somebody else changed it
// since it was read: what one decides, one decides of what one saw.
func (d *Door) unchanged(ctx context.Context, tx *sql.Tx, was people.Person) error {
	now, err := d.book.HoldPerson(ctx, tx, was.ID)
	if err == nil && now != was {
		err = fault.WithHint(fault.Newf(fault.Conflict, "somebody changed %s meanwhile", was.Name), "load the page again and look at what holds now")
	}
	return err
}

// close ends everything that opens a door for a person.
func (d *Door) close(ctx context.Context, tx *sql.Tx, person string) error {
	for _, kind := range []Kind{Session, Token, Invitation, Browser} {
		if _, err := d.book.EndPass(ctx, tx, kind, person, "", d.now()); err != nil {
			return err
		}
	}
	_, err := d.book.DropCredentials(ctx, tx, person, nil)
	return err
}

// End lets a person in no more. The name stays in receipts and in the log.
func (d *Door) End(ctx context.Context, w people.Who, person string) error {
	p, err := d.managed(ctx, w, person)
	if err != nil {
		return err
	}
	was := p
	p.Ended = d.now().UTC()
	return d.logged(ctx, custody.PersonChanged, p.ID, w.By, map[string]string{"what": "ended"}, func(tx *sql.Tx) error {
		if err := d.unchanged(ctx, tx, was); err != nil {
			return err
		}
		if err := d.close(ctx, tx, p.ID); err != nil {
			return err
		}
		return d.book.UpdatePerson(ctx, tx, p)
	})
}

// EndSessions ends the sessions and tokens of a person, who may sign in again.
func (d *Door) EndSessions(ctx context.Context, w people.Who, person string) error {
	p, err := d.managed(ctx, w, person)
	if err != nil {
		return err
	}
	return d.logged(ctx, custody.PersonChanged, p.ID, w.By, map[string]string{"what": "sessions and tokens ended"}, func(tx *sql.Tx) error {
		for _, kind := range []Kind{Session, Token} {
			if _, err := d.book.EndPass(ctx, tx, kind, p.ID, "", d.now()); err != nil {
				return err
			}
		}
		return nil
	})
}

// SetRole gives a person another role, and ends the sessions that were opened in
// the old one. Nobody gives themselves a role.
func (d *Door) SetRole(ctx context.Context, w people.Who, person string, role people.Role) error {
	p, err := d.managed(ctx, w, person)
	if err != nil {
		return err
	}
	if _, err := people.ParseRole(string(role)); err != nil {
		return err
	}
	was := p
	p.Role = role
	return d.logged(ctx, custody.RoleChanged, p.ID, w.By, map[string]string{"from": string(was.Role), "to": string(role)}, func(tx *sql.Tx) error {
		if err := d.unchanged(ctx, tx, was); err != nil {
			return err
		}
		for _, kind := range []Kind{Session, Token} {
			if _, err := d.book.EndPass(ctx, tx, kind, p.ID, "", d.now()); err != nil {
				return err
			}
		}
		return d.book.UpdatePerson(ctx, tx, p)
	})
}

// Invited tells whom an invitation is for.
func (d *Door) Invited(ctx context.Context, key string) (people.Person, error) {
	p, _, err := d.invited(ctx, key)
	return p, err
}

func (d *Door) invited(ctx context.Context, key string) (people.Person, Pass, error) {
	pass, err := d.valid(ctx, Invitation, key)
	if err == nil {
		var p people.Person
		if p, err = d.book.Person(ctx, pass.Person); err == nil && p.Ended.IsZero() {
			return p, pass, nil
		}
	}
	if err != nil && !fault.Is(err, fault.Denied) && !fault.Is(err, fault.NotFound) {
		return people.Person{}, pass, err
	}
	err = fault.Newf(fault.Denied, "this invitation holds no more, or was used")
	return people.Person{}, pass, fault.WithHint(err, "ask an administrator for a new one; it holds for three days")
}

// welcome uses an invitation up: the credential is kept, and the person is in.
func (d *Door) welcome(ctx context.Context, key string, c Credential, v Visitor, also func(*sql.Tx) error) (in Entered, err error) {
	p, pass, err := d.invited(ctx, key)
	if err != nil {
		return in, err
	}
	if c.Person = p.ID; c.Made.IsZero() {
		c.Made = d.now()
	}
	err = d.logged(ctx, custody.PersonChanged, p.ID, p.By(), map[string]string{"what": "invitation accepted", "credential": string(c.Kind)}, func(tx *sql.Tx) error {
		n, err := d.book.EndPass(ctx, tx, Invitation, p.ID, pass.ID, d.now())
		if err == nil && n == 0 {
			err = fault.Newf(fault.Denied, "this invitation was used meanwhile")
		}
		if err != nil {
			return err
		}
		if also != nil {
			if err := also(tx); err != nil {
				return err
			}
		}
		if err := d.book.AddCredential(ctx, tx, c); err != nil {
			return err
		}
		in, err = d.begin(ctx, tx, p, string(c.Kind), v)
		return err
	})
	return in, err
}
