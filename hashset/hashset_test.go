package hashset_test

import (
	"strings"
	"testing"

	"suraag/digest"
	"suraag/fault"
	"suraag/hashset"
)

func TestMean(t *testing.T) {
	for _, c := range []struct {
		scheme, category, label string
		alert, known            bool
	}{
		{"VICS US", "1", "child exploitation (illegal)", true, true},
		{"VICS US", "2", "child exploitation (non-illegal or age difficult)", true, true},
		{"VICS US", "0", "uncategorised", false, true},
		{"VICS US", "5", "non-pertinent", false, true},
		{"VICS US", "", "listed, no category stated", true, false}, // absent is not 0
		{"VICS", "1", "child exploitation (illegal)", true, true},
		{"VICS UK", "1", "VICS UK category 1", true, false}, // its table is not public: never read by another's
		{"VICS UK", "5", "VICS UK category 5", true, false},
		{"VICS CUSTOM", "5", "VICS CUSTOM category 5", true, false},
		{"VICS US", "77", "VICS US category 77", true, false},
		{"NSRL", "known", "part of known software (NIST NSRL)", false, true},
		{"NCMEC", "A1", "industry classification A1", true, true},
		{"NCMEC", "C9", "NCMEC category C9", true, false},
		{"INTERPOL baseline", "no", "not in the INTERPOL baseline", true, true},
		{"a list of our own", "A", "a list of our own category A", true, false},
		{"", "A", "category A", true, false},
	} {
		got := hashset.Mean(c.scheme, c.category)
		if got != (hashset.Meaning{Label: c.label, Alert: c.alert, Known: c.known}) {
			t.Errorf("%q %q: %+v", c.scheme, c.category, got)
		}
	}
}

// A near match is never called the same, and PhotoDNA's never without a person.
func TestSay(t *testing.T) {
	for _, c := range []struct {
		name    string
		m       hashset.Match
		holds   []string
		without string
	}{
		{"exact", hashset.Match{By: digest.MD5}, []string{"has the same MD5 as"}, "looks like"},
		{"PDQ", hashset.Match{By: digest.PDQ, Distance: 12}, []string{"looks like", "12 of 256 bits"}, "has the same"},
		{"PDQ turned", hashset.Match{By: digest.PDQ, Distance: 12, Orientation: "flip-x"}, []string{"once the target is turned (flip-x)"}, "has the same"},
		{"PDQ of the same value", hashset.Match{By: digest.PDQ}, []string{"looks like", "0 of 256 bits"}, "has the same"},
		{"PDQ upright", hashset.Match{By: digest.PDQ, Orientation: "original"}, nil, "once"},
		{"PhotoDNA", hashset.Match{By: digest.PhotoDNA, Distance: 900}, []string{"is near", "squared distance 900", "to be checked by a person"}, "has the same"},
		{"common", hashset.Match{By: digest.PDQ, Common: 3}, []string{": 3."}, "has the same"},
	} {
		c.m.SetName, c.m.From, c.m.Meaning.Label = "known", "an authority", "its label"
		got := c.m.Say()
		for _, part := range append(c.holds, `"known" from an authority: its label`) {
			if !strings.Contains(got, part) {
				t.Errorf("%s: %q does not say %q", c.name, got, part)
			}
		}
		if strings.Contains(got, c.without) {
			t.Errorf("%s: %q says %q", c.name, got, c.without)
		}
	}
}

func TestNamed(t *testing.T) {
	if err := hashset.Named("list", "an authority"); err != nil {
		t.Error(err)
	}
	for _, c := range [][2]string{{"", "x"}, {"x", ""}, {" ", " "}} {
		if err := hashset.Named(c[0], c[1]); fault.KindOf(err) != fault.Invalid || fault.Hint(err) == "" {
			t.Errorf("%q: %v", c, err)
		}
	}
}

func TestIdentify(t *testing.T) {
	a := hashset.Identify("a", "s")
	if len(a) != 32 || a != hashset.Identify("a", "s") || a == hashset.Identify("b", "s") || a == hashset.Identify("a", "r") {
		t.Errorf("ID %q", a)
	}
}
