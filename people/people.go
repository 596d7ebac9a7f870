// Package people says who works here, what each may do, and to which case what
// belongs.
//
// Takes a person, an action and the case it touches. Gives yes, or why not
// (policy.cedar is the one place where that is decided). Never looks at what a
// document says, and never lets a question pass that it could not answer.
package people

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"strings"
	"time"

	"suraag/fault"
)

// Role is what a person is here for. A person has one.
type Role string

// The roles.
const (
	Officer       Role = "officer"       // works on cases
	Supervisor    Role = "supervisor"    // works on cases, and is told when someone breaks the glass
	Analyst       Role = "analyst"       // reads the cases that the analyst is on
	Auditor       Role = "auditor"       // reads the log, and no case
	Administrator Role = "administrator" // looks after people, and reads no case
	// Alone is whoever uses a machine on which nobody signs in. No person has it.
	Alone Role = "alone"
	// OfMachine is a sensor's or the spool's of a remote site. No person has it.
	OfMachine Role = "machine"
)

// Roles lists what a person can be.
func Roles() []Role { return []Role{Officer, Supervisor, Analyst, Auditor, Administrator} }

// ParseRole reads the name of a role.
func ParseRole(s string) (Role, error) {
	for _, r := range Roles() {
		if string(r) == s {
			return r, nil
		}
	}
	err := fault.Newf(fault.Invalid, "role %q is not known", s)
	return "", fault.WithHint(err, "give officer, supervisor, analyst, auditor or administrator")
}

// Person is someone who may sign in.
type Person struct {
	ID      string    `json:"id"`      // 32 hex digits, made by chance
	Login   string    `json:"login"`   // short, lower case, of one person only
	Name    string    `json:"name"`    // with rank, as it stands in receipts
	Station string    `json:"station"` // desk at which the person is found
	Role    Role      `json:"role"`
	Made    time.Time `json:"made"`
	MadeBy  string    `json:"made_by"`
	Ended   time.Time `json:"ended,omitzero"` // signs in no more
}

// By names a person in receipts and in the log. No two people have one, because
// no two have one login.
func (p Person) By() string { return By(p.Name, p.Login) }

// By is a name with the login behind it.
func By(name, login string) string { return name + " (" + login + ")" }

// The most characters of what people type about people and cases.
const (
	maxLogin = 40
	maxWords = 200
)

// Checked gives the person as it is kept, or says what is missing.
func (p Person) Checked() (Person, error) {
	p.Login, p.Name, p.Station = strings.ToLower(strings.TrimSpace(p.Login)), strings.TrimSpace(p.Name), strings.TrimSpace(p.Station)
	if !isLogin(p.Login) {
		err := fault.Newf(fault.Invalid, "login %q is not between 1 and %d letters a to z, digits, dots and dashes", p.Login, maxLogin)
		return p, fault.WithHint(err, "give something short, like a.example")
	}
	if err := words("name", p.Name); err != nil {
		return p, err
	}
	if err := words("station", p.Station); err != nil {
		return p, err
	}
	_, err := ParseRole(string(p.Role))
	return p, err
}

// words refuses what is empty or endless.
func isLogin(s string) bool {
	return s != "" && len(s) <= maxLogin && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789.-_") == ""
}

func words(what, value string) error {
	if value == "" || len(value) > maxWords {
		return fault.Newf(fault.Invalid, "%s %q has %d characters, not between 1 and %d", what, value, len(value), maxWords)
	}
	return nil
}

// NewID gives an ID that nobody can guess.
func NewID() string {
	var b [16]byte
	rand.Read(b[:]) // it never fails (crypto/rand)
	return hex.EncodeToString(b[:])
}

// Who is somebody at the door: a person in a session or by a token, or whoever
// uses a machine without sign-in.
type Who struct {
	Person  string // ID; empty for Alone
	By      string // for receipts and the log
	Role    Role
	Session string   // ID of the session or token
	Scope   []Action // of a token: all it may be used for; nil: no bounds
	For     string   // of a machine: the ID of the case to which it hands in, or ForUnit
}

// WhoAlone is whoever uses a machine without sign-in, under the name that the
// machine knows.
func WhoAlone(by string) Who { return Who{By: by, Role: Alone, Session: string(Alone)} }

// Who gives a person in a session.
func (p Person) Who(session string) Who {
	return Who{Person: p.ID, By: p.By(), Role: p.Role, Session: session}
}

type whoKey struct{}

// With hands who asks on to everything that answers.
func With(ctx context.Context, w Who) context.Context { return context.WithValue(ctx, whoKey{}, w) }

// From gives who asks. Where nobody is named, nobody may do anything.
func From(ctx context.Context) Who {
	w, _ := ctx.Value(whoKey{}).(Who)
	return w
}

// Second refuses a second pair of eyes that is the first. It is for every rule
// that asks for two people; both are named as By names them.
func Second(first, second string) error {
	if strings.TrimSpace(second) == "" || strings.TrimSpace(first) == "" {
		return fault.Newf(fault.Denied, "two people have to be named, not %q and %q", first, second)
	}
	if strings.EqualFold(strings.TrimSpace(first), strings.TrimSpace(second)) {
		err := fault.Newf(fault.Denied, "%q did the first part, so another person has to do the second", first)
		return fault.WithHint(err, "ask a colleague who may do it")
	}
	return nil
}
