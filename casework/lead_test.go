package casework_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"suraag/attribution"
	"suraag/casework"
	"suraag/digest"
	"suraag/hashset"
	"suraag/sighting"
)

func report(name, value string) []sighting.Sighting {
	return []sighting.Sighting{{Origin: sighting.Origin{Source: "s"}, Extra: []sighting.Field{{Name: name, Value: value}}}}
}

func TestDanger(t *testing.T) {
	for _, c := range []struct {
		field, value, want string
	}{
		{"incidentType", "Online Enticement of Children for Sexual Acts", "contact with a child"},
		{"incidentSummary.incidentType", "Child Sexual Molestation", "child sexual molestation"},
		{"Incident Type", "Child Sex Trafficking", "trafficking"},
		{"incidentType", "Child Pornography (possession, manufacture, and distribution)", ""},
		{"escalateToHighPriority", "the child is named", "urgent"},
		{"escalateToHighPriority", "", ""},
		{"escalateToHighPriority", "N/A", ""},
		{"sextortion", "true", "sextortion"},
		{"sextortion", "false", ""},
		{"sextortion", "No", ""},
		{"sextortion", "0", ""},
		{"liveStreaming", "1", "live streaming"},
		{"fileAnnotations", "animeDrawingVirtualHentai, possibleSelfProduction", "the child made it"},
		{"fileAnnotations", "potentialMeme", ""},
		{"note", "enticement and sextortion were not found", ""},
		{"accessToChildren", "works at a school", "access to children"},
	} {
		got := casework.Danger(report(c.field, c.value))
		switch {
		case c.want == "" && len(got) != 0:
			t.Errorf("%s=%q: %q", c.field, c.value, got[0].Words)
		case c.want != "" && (len(got) != 1 || !strings.Contains(got[0].Words, c.want) || got[0].Source != "s"):
			t.Errorf("%s=%q: %+v, want %q", c.field, c.value, got, c.want)
		}
	}
}

// What one report says is not said of every account that had the same picture.
func TestDangerOfAnotherReportIsItsOwnWord(t *testing.T) {
	other := report("accessToChildren", "works at a school")
	other[0].Source = "other"
	if got := casework.Danger(report("escalateToHighPriority", "now"), other...); len(got) != 2 || strings.Contains(got[0].Words, "another report") || !strings.HasPrefix(got[1].Words, "in another report") {
		t.Errorf("%+v", got)
	}
	if got := casework.Danger(report("accessToChildren", "a teacher"), other...); len(got) != 1 || got[0].Source != "s" || strings.Contains(got[0].Words, "another report") {
		t.Errorf("its own word is hidden by another's: %+v", got)
	}
}

func TestDangerIsToldOnce(t *testing.T) {
	twice := append(report("sextortion", "true"), report("sextortion", "true")...)
	if got := casework.Danger(twice); len(got) != 1 {
		t.Errorf("told %d times", len(got))
	}
	long := casework.Danger(report("escalateToHighPriority", strings.Repeat("é", 200)))
	if len(long) != 1 || !utf8.ValidString(long[0].Words) || strings.Contains(long[0].Words, `\x`) {
		t.Errorf("a long value is cut inside a letter: %+v", long)
	}
}

func match(kind digest.Kind, alert bool) hashset.Match {
	return hashset.Match{By: kind, Meaning: hashset.Meaning{Alert: alert}}
}

func TestNoveltyAndConcern(t *testing.T) {
	reported := []sighting.Sighting{{Act: sighting.Report, Standing: sighting.ProviderRecord, Content: sighting.Content{Refs: []string{"kik:1"}}}}
	held := []sighting.Sighting{{Act: sighting.Hold, Standing: sighting.DeviceFile, Content: sighting.Content{Refs: []string{"kik:1"}}}}
	for _, c := range []struct {
		name     string
		matches  []hashset.Match
		want     casework.Novelty
		concerns bool // a content that merely lies on a phone
	}{
		{"on no list", nil, casework.Novel, false},
		{"exactly on a list", []hashset.Match{match(digest.MD5, true)}, casework.Listed, true},
		{"near by PDQ", []hashset.Match{match(digest.PDQ, true)}, casework.Near, true},
		{"near by PhotoDNA", []hashset.Match{match(digest.PhotoDNA, true)}, casework.Near, true},
		{"near and exact", []hashset.Match{match(digest.PDQ, true), match(digest.SHA256, true)}, casework.Listed, true},
		{"on a list as non-pertinent", []hashset.Match{match(digest.MD5, false)}, casework.Novel, false},
		{"non-pertinent exactly, near one that alerts", []hashset.Match{match(digest.MD5, false), match(digest.PDQ, true)}, casework.Near, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := casework.NoveltyOf(c.matches); got != c.want {
				t.Errorf("novelty %q, want %q", got, c.want)
			}
			if got := casework.Concerns(c.matches, held); got != c.concerns {
				t.Errorf("concerns %v", got)
			}
			if !casework.Concerns(c.matches, reported) {
				t.Error("what a provider reported does not concern")
			}
		})
	}
	reported[0].Standing = sighting.Statement
	if casework.Concerns(nil, reported) {
		t.Error("a report that anyone could have written makes leads")
	}
}

func finding(id string, o attribution.Outcome, s sighting.Standing, expires time.Time) attribution.Finding {
	return attribution.Finding{Outcome: o, Expires: expires, Observation: attribution.Observation{SightingID: id, Standing: s}}
}

// The queue: danger, then novelty, then strength, then the day of expiry.
func TestOrderOfTheQueue(t *testing.T) {
	danger := []casework.Signal{{Words: "the service marked it as sextortion"}}
	exact, near := []hashset.Match{match(digest.MD5, true)}, []hashset.Match{match(digest.PDQ, true)}
	soon, late := time.Date(2025, 4, 1, 0, 0, 0, 0, time.UTC), time.Date(2025, 11, 1, 0, 0, 0, 0, time.UTC)
	want := []struct {
		name    string
		f       attribution.Finding
		matches []hashset.Match
		danger  []casework.Signal
	}{
		{"danger goes before all, though it is known and weak", finding("a", attribution.AskOther, sighting.MessageLog, time.Time{}), exact, danger},
		{"novel", finding("b", attribution.Preserve, sighting.ProviderCapture, time.Time{}), nil, nil},
		{"near", finding("c", attribution.Ask, sighting.ProviderCapture, soon), near, nil},
		{"known, fit to ask, strong, soon gone", finding("d", attribution.Ask, sighting.ProviderCapture, soon), exact, nil},
		{"known, fit to ask, strong, later gone", finding("e", attribution.Ask, sighting.ProviderCapture, late), exact, nil},
		{"known, fit to ask, strong, unknown when gone", finding("f", attribution.Ask, sighting.ProviderCapture, time.Time{}), exact, nil},
		{"known, fit to ask, weaker standing", finding("g", attribution.Ask, sighting.ProviderRecord, soon), exact, nil},
		{"known, preserve only", finding("h", attribution.Preserve, sighting.ProviderCapture, soon), exact, nil},
		{"known, someone else", finding("i", attribution.AskOther, sighting.ProviderCapture, soon), exact, nil},
	}
	var leads []casework.Lead
	names := map[string]string{}
	for n := range want {
		w := want[len(want)-1-n]
		l, open := casework.Open(w.f, digest.Digest{}, w.matches, w.danger)
		if !open || len(l.Why) < 3 || l.Step == "" {
			t.Fatalf("%s: open %v, why %v", w.name, open, l.Why)
		}
		names[l.ID] = w.name
		leads = append(leads, l)
	}
	casework.Sort(leads)
	for n, l := range leads {
		if names[l.ID] != want[n].name {
			t.Errorf("place %d: %q, want %q", n, names[l.ID], want[n].name)
		}
	}
}

func TestNothingIsOpenedOnWhatIsNotUsable(t *testing.T) {
	if _, open := casework.Open(finding("a", attribution.Unusable, sighting.Statement, time.Time{}), digest.Digest{}, nil, nil); open {
		t.Error("a lead was opened")
	}
}

// A step never demands more than the outcome allows.
func TestStepNeverExceedsTheOutcome(t *testing.T) {
	for outcome, forbidden := range map[attribution.Outcome]string{attribution.Preserve: "who was the subscriber", attribution.AskOther: "subscriber"} {
		l, _ := casework.Open(finding("a", outcome, sighting.ProviderCapture, time.Time{}), digest.Digest{}, nil, nil)
		if strings.Contains(l.Step, forbidden) {
			t.Errorf("%s: %s", outcome, l.Step)
		}
	}
}

// A reason has to be true: what a list holds as harmless is not "on no list".
func TestWhyIsTrueOfHarmlessLists(t *testing.T) {
	l, _ := casework.Open(finding("a", attribution.Ask, sighting.ProviderCapture, time.Time{}), digest.Digest{}, []hashset.Match{match(digest.MD5, false)}, nil)
	if strings.Contains(strings.Join(l.Why, " "), "no list in the record holds") {
		t.Errorf("why: %v", l.Why)
	}
}
