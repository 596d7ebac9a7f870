package retain_test

import (
	"strings"
	"testing"
	"time"

	"suraag/custody/retain"
	"suraag/fault"
)

func TestEveryShippedRuleSaysWhereItsNumberComesFrom(t *testing.T) {
	rules, err := retain.Shipped()
	if err != nil || len(rules) != len(retain.Kinds()) {
		t.Fatalf("%d rules for %d kinds: %v", len(rules), len(retain.Kinds()), err)
	}
	for _, r := range rules {
		if r.Source == "" && !strings.HasPrefix(r.Basis, "House rule: ") {
			t.Errorf("%q rests neither on a source nor on a decision of the unit", r.Kind)
		}
	}
}

func TestRulesThatAreRefused(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"a kind that nobody knows", "drafts,30,the day,House rule,,2025-03-01\n", `kind "drafts" is not known`},
		{"two rules of one kind", "draft,30,the day,House rule,,2025-03-01\ndraft,3,the day,House rule,,2025-03-01\n", `line 2: kind "draft" has two rules`},
		{"no days", "draft,,the day,House rule,,2025-03-01\n", `"" of "draft" is no number of days`},
		{"at once", "draft,0,the day,House rule,,2025-03-01\n", `"0" of "draft" is no number of days`},
		{"a number from nowhere", "draft,30,the day,,,2025-03-01\n", "does not say where its number comes from"},
		{"no date", "draft,30,the day,House rule,,lately\n", `has the day "lately"`},
		{"a column too few", "draft,30,the day,House rule,2025-03-01\n", "wrong number of fields"},
	} {
		if _, err := retain.Read(strings.NewReader(c.text)); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

func TestDueOnTheDayAndNotBefore(t *testing.T) {
	since := time.Date(2025, 1, 30, 9, 0, 0, 0, time.UTC)
	r := retain.Rule{Kind: retain.Draft, Days: 30, From: "the last change", Basis: "House rule"}
	for _, c := range []struct {
		name       string
		rule       retain.Rule
		since, now time.Time
		want       bool
	}{
		{"a moment before", r, since, since.AddDate(0, 0, 30).Add(-1), false},
		{"on the moment", r, since, since.AddDate(0, 0, 30), true},
		{"never", retain.Rule{Kind: retain.Draft}, since, since.AddDate(90, 0, 0), false},
		{"nobody knows since when", r, time.Time{}, since, false},
	} {
		if i, got := c.rule.Due("d", c.since, c.now); got != c.want || got && i.Why != "30 days after the last change (House rule)" {
			t.Errorf("%s: %v, %+v", c.name, got, i)
		}
	}
}

// Another order is the same plan, another item another one.
func TestPlanNamesItsItems(t *testing.T) {
	a, b := retain.Item{Kind: retain.Source, ID: "a"}, retain.Item{Kind: retain.Source, ID: "b"}
	if retain.Plan([]retain.Item{a, b}) != retain.Plan([]retain.Item{b, a}) || retain.Plan([]retain.Item{a}) == retain.Plan([]retain.Item{a, b}) {
		t.Error("a plan is not named by its items")
	}
}

// FuzzRead: whatever is read can be trusted to have a known kind, a number that is
// possible and a reason.
func FuzzRead(f *testing.F) {
	f.Add(string(retain.ShippedText()))
	f.Add("draft,never,the day,House rule,,2025-03-01\n")
	f.Add("kind,days\n\"")
	f.Fuzz(func(t *testing.T, text string) {
		rules, err := retain.Read(strings.NewReader(text))
		if err != nil {
			return
		}
		seen := map[retain.Kind]bool{}
		for _, r := range rules {
			if seen[r.Kind] || r.Basis == "" || r.Days < 0 {
				t.Errorf("%+v", r)
			}
			seen[r.Kind] = true
		}
	})
}
