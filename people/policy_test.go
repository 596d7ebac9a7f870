package people_test

import (
	"slices"
	"strings"
	"testing"

	"suraag/fault"
	"suraag/people"
)

const me, other = "00000000000000000000000000000001", "00000000000000000000000000000002"

// relations are all that someone can be to a case.
var relations = []struct {
	name string
	made func() people.Case
}{
	{"not on it", func() people.Case { return people.Case{Members: []string{other}, InCharge: other} }},
	{"not on it, sealed", func() people.Case { return people.Case{Members: []string{other}, InCharge: other, Sealed: true} }},
	{"on it", func() people.Case { return people.Case{Members: []string{other, me}, InCharge: other} }},
	{"on it, sealed", func() people.Case { return people.Case{Members: []string{other, me}, InCharge: other, Sealed: true} }},
	{"on it, purpose stated", func() people.Case {
		return people.Case{Members: []string{other, me}, InCharge: other, Openings: []people.Opening{{Person: me, Session: "now"}}}
	}},
	{"on it, purpose stated in another session", func() people.Case {
		return people.Case{Members: []string{other, me}, InCharge: other, Openings: []people.Opening{{Person: me, Session: "before"}}}
	}},
	{"on it, purpose stated by another", func() people.Case {
		return people.Case{Members: []string{other, me}, InCharge: other, Openings: []people.Opening{{Person: other, Session: "now"}}}
	}},
	{"in charge", func() people.Case { return people.Case{Members: []string{me}, InCharge: me} }},
	{"in charge, taken off it", func() people.Case { return people.Case{Members: []string{other}, InCharge: me} }},
	{"broke the glass", func() people.Case {
		return people.Case{Members: []string{other}, InCharge: other, Openings: []people.Opening{{Person: me, Session: "before", Emergency: true}}}
	}},
	{"another broke the glass", func() people.Case {
		return people.Case{Members: []string{other}, InCharge: other, Openings: []people.Opening{{Person: other, Session: "now", Emergency: true}}}
	}},
	{"nobody is in charge", func() people.Case { return people.Case{} }},
	{"media mode, not on it", func() people.Case { return people.Case{Members: []string{other}, MediaMode: true} }},
	{"media mode, not on it, sealed", func() people.Case { return people.Case{Members: []string{other}, Sealed: true, MediaMode: true} }},
	{"media mode, on it", func() people.Case { return people.Case{Members: []string{other, me}, MediaMode: true} }},
	{"media mode, purpose stated", func() people.Case {
		return people.Case{Members: []string{other, me}, MediaMode: true, Openings: []people.Opening{{Person: me, Session: "now"}}}
	}},
	{"media mode, purpose stated in another session", func() people.Case {
		return people.Case{Members: []string{other, me}, MediaMode: true, Openings: []people.Opening{{Person: me, Session: "before"}}}
	}},
	{"media mode, purpose stated, taken off it", func() people.Case {
		return people.Case{Members: []string{other}, MediaMode: true, Openings: []people.Opening{{Person: me, Session: "now"}}}
	}},
	{"media mode, broke the glass", func() people.Case {
		return people.Case{Members: []string{other}, MediaMode: true, Openings: []people.Opening{{Person: me, Session: "now", Emergency: true}}}
	}},
}

// may lists for each role and relation what is allowed; all else is refused.
var may = map[people.Role]map[string]string{
	people.Officer: {
		"unit": "search export hand-in deliver list-cases new-case make-token own-account demand own-hours", "not on it": "know-of break-glass", "not on it, sealed": "",
		"on it": "know-of trace open add demand vault-put end-media-mode", "on it, sealed": "know-of trace open add demand vault-put end-media-mode", "on it, purpose stated": "know-of trace open view add demand vault-put vault-get end-media-mode",
		"on it, purpose stated in another session": "know-of trace open add demand vault-put end-media-mode", "on it, purpose stated by another": "know-of trace open add demand vault-put end-media-mode",
		"in charge": "know-of trace open add demand staff vault-put vault-drop end-media-mode", "in charge, taken off it": "know-of break-glass", "broke the glass": "know-of trace view break-glass",
		"another broke the glass": "know-of break-glass", "nobody is in charge": "know-of break-glass",
		"media mode, not on it":                         "know-of break-glass",
		"media mode, not on it, sealed":                 "",
		"media mode, on it":                             "know-of trace open add demand vault-put end-media-mode",
		"media mode, purpose stated":                    "know-of trace open view add demand vault-put vault-get end-media-mode look",
		"media mode, purpose stated in another session": "know-of trace open add demand vault-put end-media-mode",
		"media mode, purpose stated, taken off it":      "know-of break-glass",
		"media mode, broke the glass":                   "know-of trace view break-glass",
	},
	people.Supervisor: {
		"unit": "search export hand-in deliver list-cases new-case make-token own-account read-notices demand own-hours all-hours", "not on it": "know-of break-glass end-media-mode", "not on it, sealed": "know-of break-glass end-media-mode",
		"on it": "know-of trace open add demand staff vault-put vault-drop end-media-mode", "on it, sealed": "know-of trace open add demand staff vault-put vault-drop end-media-mode", "on it, purpose stated": "know-of trace open view add demand staff vault-put vault-get vault-drop end-media-mode media-mode",
		"on it, purpose stated in another session": "know-of trace open add demand staff vault-put vault-drop end-media-mode", "on it, purpose stated by another": "know-of trace open add demand staff vault-put vault-drop end-media-mode",
		"in charge": "know-of trace open add demand staff vault-put vault-drop end-media-mode", "in charge, taken off it": "know-of break-glass end-media-mode", "broke the glass": "know-of trace view staff break-glass end-media-mode",
		"another broke the glass": "know-of break-glass end-media-mode", "nobody is in charge": "know-of break-glass end-media-mode",
		"media mode, not on it":                         "know-of break-glass end-media-mode",
		"media mode, not on it, sealed":                 "know-of break-glass end-media-mode",
		"media mode, on it":                             "know-of trace open add demand staff vault-put vault-drop end-media-mode",
		"media mode, purpose stated":                    "know-of trace open view add demand staff vault-put vault-get vault-drop end-media-mode media-mode look",
		"media mode, purpose stated in another session": "know-of trace open add demand staff vault-put vault-drop end-media-mode",
		"media mode, purpose stated, taken off it":      "know-of break-glass end-media-mode",
		"media mode, broke the glass":                   "know-of trace view staff break-glass end-media-mode",
	},
	people.Analyst: {
		"unit": "search list-cases make-token own-account own-hours", "not on it": "know-of", "not on it, sealed": "",
		"on it": "know-of trace open end-media-mode", "on it, sealed": "know-of trace open end-media-mode", "on it, purpose stated": "know-of trace open view end-media-mode",
		"on it, purpose stated in another session": "know-of trace open end-media-mode", "on it, purpose stated by another": "know-of trace open end-media-mode",
		"in charge": "know-of trace open end-media-mode", "in charge, taken off it": "know-of", "broke the glass": "know-of",
		"another broke the glass": "know-of", "nobody is in charge": "know-of",
		"media mode, not on it":                         "know-of",
		"media mode, not on it, sealed":                 "",
		"media mode, on it":                             "know-of trace open end-media-mode",
		"media mode, purpose stated":                    "know-of trace open view end-media-mode look",
		"media mode, purpose stated in another session": "know-of trace open end-media-mode",
		"media mode, purpose stated, taken off it":      "know-of",
		"media mode, broke the glass":                   "know-of",
	},
	people.Auditor:       {"unit": "own-account read-log"},
	people.Administrator: {"unit": "own-account manage-people"},
	people.Alone: {
		"unit": "search export hand-in deliver list-cases new-case read-log demand review-pack", "not on it": "know-of trace view add demand staff vault-put vault-get vault-drop", "not on it, sealed": "know-of trace view add demand staff vault-put vault-get vault-drop",
		"on it": "know-of trace view add demand staff vault-put vault-get vault-drop", "on it, sealed": "know-of trace view add demand staff vault-put vault-get vault-drop", "on it, purpose stated": "know-of trace view add demand staff vault-put vault-get vault-drop",
		"on it, purpose stated in another session": "know-of trace view add demand staff vault-put vault-get vault-drop", "on it, purpose stated by another": "know-of trace view add demand staff vault-put vault-get vault-drop",
		"in charge": "know-of trace view add demand staff vault-put vault-get vault-drop", "in charge, taken off it": "know-of trace view add demand staff vault-put vault-get vault-drop", "broke the glass": "know-of trace view add demand staff vault-put vault-get vault-drop",
		"another broke the glass": "know-of trace view add demand staff vault-put vault-get vault-drop", "nobody is in charge": "know-of trace view add demand staff vault-put vault-get vault-drop",
		"media mode, not on it":                         "know-of trace view add demand staff vault-put vault-get vault-drop",
		"media mode, not on it, sealed":                 "know-of trace view add demand staff vault-put vault-get vault-drop",
		"media mode, on it":                             "know-of trace view add demand staff vault-put vault-get vault-drop",
		"media mode, purpose stated":                    "know-of trace view add demand staff vault-put vault-get vault-drop",
		"media mode, purpose stated in another session": "know-of trace view add demand staff vault-put vault-get vault-drop",
		"media mode, purpose stated, taken off it":      "know-of trace view add demand staff vault-put vault-get vault-drop",
		"media mode, broke the glass":                   "know-of trace view add demand staff vault-put vault-get vault-drop",
	},
	people.OfMachine: {}, // one that was made for nothing: TestMachinesHandInToWhatTheyWereMadeFor
	"":               {},
	"minister":       {},
}

func shipped(t *testing.T) people.Policy {
	t.Helper()
	p, err := people.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// A row for every role, every action and every relation to the case.
func TestEveryRoleActionAndRelation(t *testing.T) {
	p := shipped(t)
	unit, onCase := people.Actions()
	rows := 0
	for role, expected := range may {
		w := people.Who{Person: me, By: "me", Role: role, Session: "now"}
		for _, a := range append(slices.Clone(unit), "fly") {
			rows++
			want := slices.Contains(strings.Fields(expected["unit"]), string(a))
			if err := p.OnUnit(w, a); (err == nil) != want {
				t.Errorf("%q, %s: %v, want allowed %v", role, a, err, want)
			}
		}
		for _, r := range relations {
			for _, a := range append(slices.Clone(onCase), "burn") {
				rows++
				want := slices.Contains(strings.Fields(expected[r.name]), string(a))
				c := r.made()
				c.ID, c.Number = "c", "FIR 12/2025"
				err := p.OnCase(w, a, c)
				if (err == nil) != want {
					t.Errorf("%q, %s a case, %s: %v, want allowed %v", role, a, r.name, err, want)
				}
				hidden := role != "" && !strings.Contains(expected[r.name], "know-of")
				if err != nil && hidden && (fault.KindOf(err) != fault.NotFound || strings.Contains(err.Error(), "FIR")) {
					t.Errorf("%q, %s a case, %s: who may not know of it is told %v", role, a, r.name, err)
				}
			}
			// What is asked of a case is never allowed on the unit, and the other way round.
			if err := p.OnCase(w, people.ManagePeople, r.made()); err == nil {
				t.Errorf("%q may look after people on a case", role)
			}
		}
	}
	if want := len(may) * (len(unit) + 1 + len(relations)*(len(onCase)+1)); rows != want {
		t.Errorf("%d rows, want %d", rows, want)
	}
}

// Cedar leaves out a policy that cannot be evaluated; where that is the one that
// forbids, another would permit. It must be refused.
func TestAPolicyThatFailsIsARefusal(t *testing.T) {
	p, err := people.Parse([]byte(`
		permit (principal, action, resource);
		forbid (principal, action, resource) when { resource.nosuch };`))
	if err != nil {
		t.Fatal(err)
	}
	w := people.Who{Person: me, Role: people.Officer}
	if err := p.OnUnit(w, people.Search); fault.KindOf(err) != fault.Denied {
		t.Errorf("a policy that fails lets through: %v", err)
	}
	if err := p.OnCase(w, people.View, people.Case{ID: "c"}); err == nil {
		t.Error("a policy that fails lets through")
	}
	if err := (people.Policy{}).OnUnit(w, people.Search); err == nil {
		t.Error("no policy at all lets through")
	}
}

// A token never does more than its person, nor more than it was made for.
func TestTokensDoWhatTheyWereMadeFor(t *testing.T) {
	p := shipped(t)
	on := people.Case{ID: "c", Members: []string{me}, InCharge: me, MediaMode: true, Openings: []people.Opening{{Person: me, Session: "token"}}}
	read := people.Who{Person: me, Role: people.Officer, Session: "token", Scope: people.Scopes()["read"]}
	handIn := people.Who{Person: me, Role: people.Officer, Session: "token", Scope: people.Scopes()["hand in"]}
	analyst := people.Who{Person: me, Role: people.Analyst, Session: "token", Scope: people.Scopes()["hand in"]}
	nothing := people.Who{Person: me, Role: people.Officer, Session: "token", Scope: []people.Action{}}
	for _, c := range []struct {
		name string
		err  error
		want bool
	}{
		{"read: search", p.OnUnit(read, people.Search), true},
		{"read: view", p.OnCase(read, people.View, on), true},
		{"read: hand in", p.OnUnit(read, people.HandIn), false},
		{"read: staff", p.OnCase(read, people.Staff, on), false},
		{"read: another token", p.OnUnit(read, people.MakeToken), false},
		{"read: account", p.OnUnit(read, people.OwnAccount), false},
		{"hand in: hand in", p.OnUnit(handIn, people.HandIn), true},
		{"hand in: add", p.OnCase(handIn, people.Add, on), true},
		{"read: content of the vault", p.OnCase(read, people.VaultGet, on), false},
		{"hand in: content into the vault", p.OnCase(handIn, people.VaultPut, on), false},
		{"hand in: search", p.OnUnit(handIn, people.Search), false},
		{"an analyst's to hand in", p.OnUnit(analyst, people.HandIn), false},
		{"for nothing", p.OnUnit(nothing, people.Search), false},
		{"read: look at pictures", p.OnCase(read, people.Look, on), false},
		{"read: end media mode", p.OnCase(read, people.EndMediaMode, on), false},
		{"hand in: look at pictures", p.OnCase(handIn, people.Look, on), false},
		{"read: hours", p.OnUnit(read, people.OwnHours), false},
	} {
		if (c.err == nil) != c.want {
			t.Errorf("%s: %v, want allowed %v", c.name, c.err, c.want)
		}
	}
}

// A machine hands in to the one thing for which it was made, and does, sees and
// knows of nothing else.
func TestMachinesHandInToWhatTheyWereMadeFor(t *testing.T) {
	p := shipped(t)
	unit, onCase := people.Actions()
	mine, other := people.Case{ID: "c", Number: "FIR 12/2025", Members: []string{me}}, people.Case{ID: "d", Number: "FIR 13/2025", Members: []string{me}, InCharge: me}
	for _, c := range []struct {
		name, made, unit, mine string
	}{
		{"for the unit", people.ForUnit, "hand-in deliver certify", ""},
		{"for a case", "c", "deliver certify", "add"},
		{"for a case that is none", "x", "deliver certify", ""},
		{"for nothing", "", "", ""},
	} {
		w := people.Who{Person: me, By: "machine", Role: people.OfMachine, Session: "now", For: c.made}
		for _, a := range unit {
			if err := p.OnUnit(w, a); (err == nil) != slices.Contains(strings.Fields(c.unit), string(a)) {
				t.Errorf("%s, %s: %v", c.name, a, err)
			}
		}
		for _, a := range onCase {
			if err := p.OnCase(w, a, mine); (err == nil) != slices.Contains(strings.Fields(c.mine), string(a)) || err != nil && (fault.KindOf(err) != fault.NotFound || strings.Contains(err.Error(), "FIR")) {
				t.Errorf("%s, %s its case: %v", c.name, a, err)
			}
			if err := p.OnCase(w, a, other); fault.KindOf(err) != fault.NotFound {
				t.Errorf("%s, %s another case: %v", c.name, a, err)
			}
		}
	}
	// The word of who it is made for is a machine's alone.
	if err := p.OnCase(people.Who{Person: "p", Role: people.Officer, For: "d"}, people.Add, other); err == nil {
		t.Error("an officer adds to a case because of what a machine was made for")
	}
}

func TestTheSecondCannotBeTheFirst(t *testing.T) {
	a, b := people.By("SI A. Example", "a.example"), people.By("SI A. Example", "b.example")
	for _, c := range []struct {
		name, first, second string
		want                bool
	}{
		{"two people", a, b, true},
		{"one person", a, a, false},
		{"one person in other letters", a, " " + strings.ToUpper(a), false},
		{"nobody second", a, " ", false},
		{"nobody first", "", b, false},
	} {
		if err := people.Second(c.first, c.second); (err == nil) != c.want {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestPeopleAndCasesAreChecked(t *testing.T) {
	p := people.Person{Login: " A.Example ", Name: " SI A. Example", Station: "PS Cyber Cell", Role: people.Officer}
	if got, err := p.Checked(); err != nil || got.Login != "a.example" || got.By() != "SI A. Example (a.example)" {
		t.Errorf("%+v, %v", got, err)
	}
	for name, bad := range map[string]people.Person{
		"no login": {Name: "x", Station: "y", Role: people.Officer}, "login with a space": {Login: "a b", Name: "x", Station: "y", Role: people.Officer},
		"no name": {Login: "a", Station: "y", Role: people.Officer}, "no role": {Login: "a", Name: "x", Station: "y"},
		"the role of nobody": {Login: "a", Name: "x", Station: "y", Role: people.Alone}, "endless": {Login: "a", Name: strings.Repeat("x", 300), Station: "y", Role: people.Officer},
	} {
		if _, err := bad.Checked(); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	if c, err := (people.Case{Number: " FIR  12/2025 ", Title: "t", Station: "s"}).Checked(); err != nil || c.Number != "FIR 12/2025" {
		t.Errorf("%+v, %v", c, err)
	}
	if _, err := (people.Case{Title: "t", Station: "s"}).Checked(); err == nil {
		t.Error("a case without a number")
	}
	for purpose, want := range map[string]bool{"": false, "work": false, "  x          ": false, "Charge sheet due on Friday": true, strings.Repeat("x", 1001): false} {
		if err := people.CheckPurpose(purpose); (err == nil) != want {
			t.Errorf("purpose %q: %v", purpose, err)
		}
	}
}

// Every refusal says what may not be done.
func TestRefusalsSayWhat(t *testing.T) {
	p, err := people.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	onUnit, onCase := people.Actions()
	w := people.Who{Person: people.NewID(), By: "x", Role: "nobody", Session: "s"}
	for _, a := range onUnit {
		if err := p.OnUnit(w, a); err == nil || strings.HasSuffix(err.Error(), "may not ") {
			t.Errorf("%s: %v", a, err)
		}
	}
	sees := people.Who{Person: w.Person, By: "x", Role: people.Officer, Session: "s"}
	for _, a := range onCase { // of a case that one may know of, but for what it is
		if err := p.OnCase(sees, a, people.Case{ID: people.NewID(), Number: "FIR 1"}); err != nil && strings.Contains(err.Error(), "may not  ") {
			t.Errorf("%s: %v", a, err)
		}
	}
}
