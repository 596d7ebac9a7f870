package circulation_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"suraag/circulation"
	"suraag/instant"
	"suraag/sighting"
)

func id(t testing.TB, text string) sighting.Identifier {
	t.Helper()
	i, err := sighting.ParseIdentifier(text)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func ids(t testing.TB, texts ...string) []sighting.Identifier {
	t.Helper()
	var out []sighting.Identifier
	for _, text := range texts {
		out = append(out, id(t, text))
	}
	return out
}

func at(t testing.TB, words string) instant.Instant {
	t.Helper()
	if words == "" {
		return instant.Instant{}
	}
	i, err := instant.Parse(words, instant.Rule{})
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func from(t testing.TB, ip, port string) sighting.Endpoint {
	t.Helper()
	e, err := sighting.ParseEndpoint(ip, port)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// see makes a sighting with an ID, the rest to be filled in by the test.
func see(t testing.TB, name string, act sighting.Act, when string, who ...string) sighting.Sighting {
	t.Helper()
	return sighting.Sighting{
		Origin: sighting.Origin{ID: name, Source: "source of " + name, Place: sighting.Place{Start: 1, End: 2}},
		Act:    act, When: at(t, when), Who: ids(t, who...), Standing: sighting.ProviderRecord,
	}
}

// many makes n sightings with every act, shared accounts and overlapping,
// ambiguous and missing times. They are the same for the same n.
func many(t testing.TB, n int) []sighting.Sighting {
	t.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	start := time.Date(2025, 3, 1, 0, 0, 0, 0, time.UTC)
	standings := []sighting.Standing{sighting.ProviderCapture, sighting.ProviderRecord, sighting.MessageLog, sighting.Observation, sighting.DeviceFile}
	out := make([]sighting.Sighting, n)
	for i := range out {
		when := start.Add(time.Duration(random.IntN(n*60)) * time.Second)
		words := when.Format("2006-01-02T15:04:05Z")
		switch random.IntN(10) {
		case 0:
			words = ""
		case 1:
			words = when.Format("2006-01-02 15:04") // no zone
		}
		s := see(t, fmt.Sprintf("s%06d", i), sighting.Acts()[random.IntN(len(sighting.Acts()))], words,
			fmt.Sprintf("account:example social:%d", random.IntN(n/4+1)))
		s.To = ids(t, fmt.Sprintf("account:example social:%d", random.IntN(n/4+1)))
		s.Service, s.Client = "Example Social", fmt.Sprintf("app %d", random.IntN(3))
		s.From = from(t, fmt.Sprintf("198.51.100.%d", random.IntN(250)), fmt.Sprint(random.IntN(3)*1000))
		s.Standing = standings[random.IntN(len(standings))]
		out[i] = s
	}
	return out
}

func items(sightings []sighting.Sighting) []circulation.Item {
	out := make([]circulation.Item, len(sightings))
	for n, s := range sightings {
		out[n] = circulation.Item{Sighting: s, Exact: n%3 != 0, Distance: n % 32}
	}
	return out
}

// whole is everything that the room can say.
type whole struct {
	Line    []circulation.Event
	Where   circulation.Where
	Passing circulation.Passing
	Origins circulation.Origins
	Access  circulation.AccessTable
}

func everything(in []circulation.Item) whole {
	sightings := make([]sighting.Sighting, len(in))
	for n, i := range in {
		sightings[n] = i.Sighting
	}
	return whole{
		Line:    circulation.Line(sightings),
		Where:   circulation.Places(sightings),
		Passing: circulation.Graph(sightings),
		Origins: circulation.Origin(in),
		Access:  circulation.Access(sightings, instant.IST()),
	}
}

func TestResultDoesNotDependOnOrderOfInput(t *testing.T) {
	in := items(many(t, 200))
	want, err := json.Marshal(everything(in))
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(r *rapid.T) {
		shuffled := rapid.Permutation(in).Draw(r, "order")
		got, err := json.Marshal(everything(shuffled))
		if err != nil {
			r.Fatal(err)
		}
		if string(got) != string(want) {
			r.Fatal("another order of the same sightings gives another result")
		}
	})
}

func TestInputIsNotChanged(t *testing.T) {
	in := items(many(t, 100))
	before, _ := json.Marshal(in)
	everything(in)
	if after, _ := json.Marshal(in); string(after) != string(before) {
		t.Error("the sightings handed in were changed")
	}
}

func TestReadingTwiceCountsOnce(t *testing.T) {
	old := see(t, "a", sighting.Upload, "2025-03-01T10:00:00Z", "account:example social:1")
	newer := old
	newer.Version, newer.Service = 2, "Example Social"
	for name, in := range map[string][]sighting.Sighting{"old first": {old, newer, old}, "new first": {newer, old, old}} {
		t.Run(name, func(t *testing.T) {
			line := circulation.Line(in)
			if len(line) != 1 || line[0].Service != "Example Social" || line[0].OrderUncertain {
				t.Errorf("want the newer reading once, got %+v", line)
			}
		})
	}
}

func TestNothingIn(t *testing.T) {
	got, err := json.Marshal(everything(nil))
	if err != nil {
		t.Fatal(err)
	}
	for _, list := range []string{`"claimed":[]`, `"proven":[]`, `"rows":[]`, `"nodes":[]`, `"edges":[]`, `"services":[]`} {
		if !strings.Contains(string(got), list) {
			t.Errorf("without sightings %s is missing from %s", list, got)
		}
	}
}

func BenchmarkTenThousand(b *testing.B) {
	in := items(many(b, 10_000))
	for b.Loop() {
		everything(in)
	}
}
