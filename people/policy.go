package people

import (
	_ "embed"

	"github.com/cedar-policy/cedar-go"

	"suraag/fault"
)

//go:embed policy.cedar
var shipped []byte

// Action is something that can be allowed or not.
type Action string

// The actions on the unit: what belongs to no case.
const (
	Search       Action = "search"
	Export       Action = "export" // take documents out; what is in them is bounded case by case
	HandIn       Action = "hand-in"
	Deliver      Action = "deliver" // hand in by a program: for the unit or a case, which is asked besides
	ListCases    Action = "list-cases"
	NewCase      Action = "new-case"
	MakeToken    Action = "make-token"
	OwnAccount   Action = "own-account"
	ReadNotices  Action = "read-notices"
	ReadLog      Action = "read-log"
	ManagePeople Action = "manage-people"
	Certify      Action = "certify"     // have one's own certificate made anew
	ReviewPack   Action = "review-pack" // say that a pack of law was compared with the law
	Demand       Action = "demand"      // draft, approve and send legal demands; of a case, on what it holds
	OwnHours     Action = "own-hours"   // how long one looked oneself; one's own limit
	AllHours     Action = "all-hours"   // how long everybody looked; the unit's limit
)

// The actions on a case.
const (
	KnowOf     Action = "know-of"     // number and station
	Trace      Action = "trace"       // its statements stand in one's own traces
	Open       Action = "open"        // state one's purpose
	View       Action = "view"        // its page, its sources, its leads
	Add        Action = "add"         // hand in to it, put sources into it
	Staff      Action = "staff"       // who is on it; whether it is sealed
	BreakGlass Action = "break-glass" // look into it without being on it
	VaultPut   Action = "vault-put"   // have content held for it
	VaultGet   Action = "vault-get"   // be shown or given content that is held for it
	VaultDrop  Action = "vault-drop"  // propose that content goes for good, or do what another proposed

	MediaMode    Action = "media-mode"     // turn media mode on
	EndMediaMode Action = "end-media-mode" // turn it off before its time
	Look         Action = "look"           // uncover a picture
)

// Actions lists what can be done to the unit, and to a case.
func Actions() (unit, onCase []Action) {
	return []Action{Search, Export, HandIn, Deliver, ListCases, NewCase, MakeToken, OwnAccount, ReadNotices, ReadLog, ManagePeople, Certify, Demand, OwnHours, AllHours},
		[]Action{KnowOf, Trace, Open, View, Add, Demand, Staff, BreakGlass, VaultPut, VaultGet, VaultDrop, MediaMode, EndMediaMode, Look}
}

// Scopes are what a token can be made for.
func Scopes() map[string][]Action {
	return map[string][]Action{
		"read":    {Search, ListCases, KnowOf, Trace, View},
		"hand in": {HandIn, Deliver, Add},
	}
}

// Policy decides. It holds nothing but the parsed policies.
type Policy struct{ set *cedar.PolicySet }

// Shipped gives the policies of this program.
func Shipped() (Policy, error) { return Parse(shipped) }

// Parse reads policies.
func Parse(text []byte) (Policy, error) {
	set, err := cedar.NewPolicySetFromBytes("policy.cedar", text)
	if err != nil {
		return Policy{}, fault.Newf(fault.Internal, "policies: %w", err)
	}
	return Policy{set}, nil
}

// unit is what everything outside of cases belongs to.
var unit = cedar.NewEntityUID("Unit", "unit")

// OnUnit refuses an action that touches no case, unless the policies permit it.
func (p Policy) OnUnit(w Who, a Action) error {
	return p.decide(w, a, unit, cedar.EntityMap{unit: {UID: unit}}, "")
}

// OnCase refuses an action on a case, unless the policies permit it. The case
// has to be as the record holds it now, with the openings that hold.
func (p Policy) OnCase(w Who, a Action, c Case) error {
	id := cedar.NewEntityUID("Case", cedar.String(c.ID))
	var opened, emergency []cedar.Value
	for _, o := range c.Openings {
		switch {
		case o.Emergency:
			emergency = append(emergency, person(o.Person))
		case o.Session == w.Session:
			opened = append(opened, person(o.Person))
		}
	}
	var members []cedar.Value
	for _, m := range c.Members {
		members = append(members, person(m))
	}
	attributes := cedar.RecordMap{
		"sealed": cedar.Boolean(c.Sealed), "members": cedar.NewSet(members...), "opened": cedar.NewSet(opened...), "emergency": cedar.NewSet(emergency...),
		"mediaMode": cedar.Boolean(c.MediaMode),
	}
	if c.InCharge != "" {
		attributes["inCharge"] = person(c.InCharge)
	}
	entities := cedar.EntityMap{id: {UID: id, Attributes: cedar.NewRecord(attributes)}}
	err := p.decide(w, a, id, entities, "case "+c.Number)
	if err != nil && w.Role != "" && p.decide(w, KnowOf, id, entities, "") != nil {
		return fault.Newf(fault.NotFound, "there is no such case") // who may not know of it is not told that it is there
	}
	return err
}

func person(id string) cedar.EntityUID { return cedar.NewEntityUID("Person", cedar.String(id)) }

// decide asks the policies. Cedar leaves out a policy that it cannot evaluate,
// and where that is one that forbids, another would permit; so whatever met an
// error is refused.
func (p Policy) decide(w Who, a Action, on cedar.EntityUID, entities cedar.EntityMap, what string) error {
	if w.Role == "" || p.set == nil {
		return refusal(w, a, what)
	}
	me := person(w.Person)
	role := cedar.NewEntityUID("Role", cedar.String(w.Role))
	entities[me] = cedar.Entity{UID: me, Parents: cedar.NewEntityUIDSet(role)}
	context := cedar.RecordMap{}
	if w.Scope != nil {
		var scope []cedar.Value
		for _, s := range w.Scope {
			scope = append(scope, cedar.NewEntityUID("Action", cedar.String(s)))
		}
		context["scope"] = cedar.NewSet(scope...)
	}
	switch w.For {
	case "":
	case ForUnit:
		context["handsInTo"] = unit
	default:
		context["handsInTo"] = cedar.NewEntityUID("Case", cedar.String(w.For))
	}
	decision, why := cedar.Authorize(p.set, entities, cedar.Request{
		Principal: me, Action: cedar.NewEntityUID("Action", cedar.String(a)), Resource: on, Context: cedar.NewRecord(context),
	})
	if len(why.Errors) > 0 {
		return fault.Newf(fault.Denied, "%s: a policy could not be evaluated: %s", a, why.Errors[0].Message)
	}
	if decision != cedar.Allow {
		return refusal(w, a, what)
	}
	return nil
}

// inWords says what an action is, after "may not".
var inWords = map[Action]string{
	Search: "search the record", Export: "take documents out", HandIn: "hand in for the whole unit", Deliver: "hand in by a program", Certify: "have a certificate made", ReviewPack: "review packs of law", Demand: "demand on what belongs to", ListCases: "list cases", NewCase: "open a new case", MakeToken: "make tokens",
	OwnAccount: "change an account", ReadNotices: "read notices of broken glass", ReadLog: "read the log", ManagePeople: "look after people",
	KnowOf: "know of", Trace: "trace what belongs to", Open: "open", View: "look into", Add: "add to", Staff: "decide who is on", BreakGlass: "break the glass of",
	VaultPut: "have content held for", VaultGet: "see content that is held for", VaultDrop: "have content dropped of",
	OwnHours: "look at pictures", AllHours: "see for how long others looked", MediaMode: "turn media mode on for", EndMediaMode: "turn media mode off for", Look: "look at the pictures of",
}

func refusal(w Who, a Action, what string) error {
	if w.Role == "" {
		return fault.WithHint(fault.Newf(fault.Denied, "nobody is signed in"), "sign in")
	}
	words := inWords[a]
	if what != "" {
		words += " " + what
	}
	who := string(w.Role)
	if w.Scope != nil {
		who = "this token of an " + who
	} else if who = "this " + who; w.Role == Alone {
		who = "a machine without sign-in"
	}
	return fault.Newf(fault.Denied, "%s may not %s", who, words)
}
