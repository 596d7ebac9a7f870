package actor_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"suraag/actor"
	"suraag/sighting"
)

func ids(t testing.TB, texts ...string) []sighting.Identifier {
	t.Helper()
	var out []sighting.Identifier
	for _, text := range texts {
		id, err := sighting.ParseIdentifier(text)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, id)
	}
	return out
}

// see makes a sighting of a provider's record.
func see(t testing.TB, name string, act sighting.Act, who ...string) sighting.Sighting {
	t.Helper()
	return sighting.Sighting{
		Origin: sighting.Origin{ID: name, Source: "source of " + name, Place: sighting.Place{Start: 3, End: 4}},
		Act:    act, Who: ids(t, who...), Standing: sighting.ProviderRecord,
	}
}

// groups prints who belongs together: "a b | c".
func groups(actors []actor.Actor) string {
	var out []string
	for _, a := range actors {
		var names []string
		for _, id := range a.Identifiers {
			names = append(names, id.String())
		}
		out = append(out, strings.Join(names, " "))
	}
	return strings.Join(out, " | ")
}

func of(sightings ...sighting.Sighting) []actor.Actor {
	return actor.Actors(sightings, actor.Links(sightings, nil), nil)
}

func TestWhoBelongsTogether(t *testing.T) {
	const account, other = "account:example social:1", "account:example social:2"
	for _, c := range []struct {
		name string
		who  [][]string
		want string
	}{
		{"stated together", [][]string{{account, "email:a@example.com"}}, account + " email:a@example.com"},
		{"through a third", [][]string{{account, "phone:+910000000001"}, {other, "phone:+910000000001"}},
			account + " " + other + " phone:+910000000001"},
		{"account number and handle of one service", [][]string{{account, "handle:example social:aa"}}, account + " handle:example social:aa"},
		{"handle of another service", [][]string{{account, "handle:example chat:aa"}}, account + " | handle:example chat:aa"},
		{"a handle that changed hands joins nobody", [][]string{{account, "handle:example social:aa"}, {other, "handle:example social:aa"}},
			account + " | " + other + " | handle:example social:aa"},
		{"handle and e-mail only perhaps", [][]string{{"email:a@example.com", "handle:example social:aa"}}, "email:a@example.com | handle:example social:aa"},
		{"peer id only perhaps (rule R15)", [][]string{{"userid:example net:u1", "peer:aa"}}, "userid:example net:u1 | peer:aa"},
		{"the router's MAC only perhaps", [][]string{{account, "mac:02005e100001"}, {other, "mac:02005e100001"}}, account + " | " + other + " | mac:02005e100001"},
		{"a name never", [][]string{{account, "name:Cousin"}, {other, "name:Cousin"}}, account + " | " + other},
		{"a group never", [][]string{{account, "group:example chat:g"}, {other, "group:example chat:g"}}, account + " | " + other},
		{"an exhibit, a URL, a message and a case never",
			[][]string{{account, "exhibit:A1", "url:https://example.com/a", "message:example chat:m", "case:C1"},
				{other, "exhibit:A1", "url:https://example.com/a", "message:example chat:m", "case:C1"}}, account + " | " + other},
	} {
		t.Run(c.name, func(t *testing.T) {
			var in []sighting.Sighting
			for n, who := range c.who {
				in = append(in, see(t, fmt.Sprint(n), sighting.Login, who...))
			}
			if got := groups(of(in...)); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// TestOneAddressSeenByTwoPeople: an address, with port or without, never joins.
func TestOneAddressSeenByTwoPeople(t *testing.T) {
	a, b := see(t, "a", sighting.Upload, "account:example social:1"), see(t, "b", sighting.Upload, "account:example social:2")
	e, err := sighting.ParseEndpoint("198.51.100.77", "51602")
	if err != nil {
		t.Fatal(err)
	}
	a.From, b.From = e, e
	if got := of(a, b); len(got) != 2 || len(got[0].Perhaps) != 0 {
		t.Errorf("one address joined two: %s", groups(got))
	}
}

// TestFileNameDoesNotJoin: MISP issue 2108, a file name correlates though the
// hash differs.
func TestFileNameDoesNotJoin(t *testing.T) {
	a, b := see(t, "a", sighting.Hold, "account:example social:1"), see(t, "b", sighting.Hold, "account:example social:2")
	a.Content.Name, b.Content.Name = "IMG_0001.jpg", "IMG_0001.jpg"
	if got := of(a, b); len(got) != 2 {
		t.Errorf("one file name joined two: %s", groups(got))
	}
}

// TestOtherSideDoesNotJoin: each of the other side may be someone else.
func TestOtherSideDoesNotJoin(t *testing.T) {
	s := see(t, "a", sighting.Send, "account:example chat:1")
	s.To = ids(t, "account:example chat:2", "phone:+910000000002")
	if got := of(s); len(got) != 3 {
		t.Errorf("the other side was joined: %s", groups(got))
	}
}

func TestWhatAPersonSaysJoinsNothing(t *testing.T) {
	s := see(t, "a", sighting.Send, "account:example chat:1", "phone:+910000000001")
	s.Standing = sighting.Statement
	got := of(s)
	if len(got) != 2 || len(got[0].Perhaps) != 1 || got[0].Perhaps[0].Why != "a person states both for the one who acted; no system recorded it" {
		t.Errorf("%s %+v", groups(got), got[0].Perhaps)
	}
}

func TestLeaseLinksTheSubscriber(t *testing.T) {
	lease := sighting.Lease{
		Origin: sighting.Origin{ID: "lease", Source: "reply", Place: sighting.Place{Start: 5, End: 9}},
		Who:    ids(t, "phone:+910000000001", "imsi:404000000000001"),
	}
	links := actor.Links(nil, []sighting.Lease{lease, lease})
	id := ids(t, "phone:+910000000001", "imsi:404000000000001")
	want := []actor.Link{{A: id[0], B: id[1], Reason: "the operator states both for one subscriber", Strength: actor.Hard,
		SightingID: "lease", Source: "reply", Place: sighting.Place{Start: 5, End: 9}, Count: 1}}
	if diff := cmp.Diff(want, links); diff != "" {
		t.Error(diff)
	}
	if got := groups(actor.Actors(nil, links, nil)); got != "phone:+910000000001 imsi:404000000000001" {
		t.Error(got)
	}
}

func TestStrongestRecordSpeaks(t *testing.T) {
	weak, strong := see(t, "a", sighting.Upload, "account:example social:1", "email:a@example.com"), see(t, "b", sighting.Upload, "account:example social:1", "email:a@example.com")
	weak.Standing = sighting.DeviceFile
	strong.Standing = sighting.ProviderCapture
	l := actor.Links([]sighting.Sighting{weak, strong}, nil)
	if len(l) != 1 || l[0].SightingID != "b" || l[0].Count != 2 {
		t.Errorf("%+v", l)
	}
}

func TestNewerReadingStands(t *testing.T) {
	old := see(t, "a", sighting.Upload, "account:example social:1", "email:a@example.com")
	newer := see(t, "a", sighting.Upload, "account:example social:1")
	newer.Version = 2
	for _, in := range [][]sighting.Sighting{{old, newer}, {newer, old}} {
		got := of(in...)
		if groups(got) != "account:example social:1" || got[0].Sightings != 1 {
			t.Errorf("%s", groups(got))
		}
	}
}

func TestHub(t *testing.T) {
	shared := func(n int) []sighting.Sighting {
		var in []sighting.Sighting
		for i := range n {
			in = append(in, see(t, fmt.Sprint(i), sighting.Register,
				fmt.Sprintf("account:example social:%02d", i), "phone:+910000000001", fmt.Sprintf("email:a%02d@example.com", i)))
		}
		return in
	}
	if got := of(shared(actor.HubLimit)...); len(got) != 1 || len(got[0].Hubs) != 0 {
		t.Errorf("at the limit they join: %s", groups(got))
	}
	got := of(shared(actor.HubLimit + 1)...)
	if len(got) != actor.HubLimit+2 {
		t.Fatalf("a phone that ties %d accounts joined them: %s", actor.HubLimit+1, groups(got))
	}
	if got := groups(got[:1]); got != "account:example social:00 email:a00@example.com" {
		t.Errorf("what is stated together beside the hub stays together: %s", got)
	}
	hub := got[len(got)-1]
	if len(hub.Hubs) != 2 || hub.Hubs[0].Count != actor.HubLimit+1 || !strings.Contains(hub.Hubs[0].Why, "many people may share it") {
		t.Errorf("the result must say so: %+v", hub.Hubs)
	}
	if p := got[0].Perhaps; len(p) != 2 || p[0].Actor != hub.ID || p[0].Why != hub.Hubs[0].Why {
		t.Errorf("perhaps: %+v", p)
	}
}

func TestHowFarItGoes(t *testing.T) {
	const me, you = "account:example chat:1", "account:example chat:2"
	type sees struct {
		act     sighting.Act
		who, to string
		blank   bool // the source does not identify the content
	}
	for _, c := range []struct {
		name string
		in   []sees
		only bool
		want string
	}{
		{"received only", []sees{{act: sighting.Receive, who: me, to: you}, {act: sighting.Login, who: me}}, true, "only received; nothing shows that it shared"},
		{"named as recipient only", []sees{{act: sighting.Send, who: you, to: me}}, true, "only named as recipient; nothing shows that it shared"},
		{"received, and named as sender by another", []sees{{act: sighting.Receive, who: me}, {act: sighting.Receive, who: you, to: me}}, false,
			"another's record names it as the sender; no record of its own shows that it shared"},
		{"received and forwarded", []sees{{act: sighting.Receive, who: me}, {act: sighting.Forward, who: me}}, false, "a source states that it shared: forward 1"},
		{"sent, nobody knows what", []sees{{act: sighting.Receive, who: me}, {act: sighting.Send, who: me, blank: true}}, false,
			"passed things on that no source identifies (send 1); nothing shows that it shared this"},
		{"sent this, and other things", []sees{{act: sighting.Send, who: me}, {act: sighting.Send, who: me, blank: true}}, false,
			"a source states that it shared: send 2; what, is not identified in 1 of them"},
		{"offered", []sees{{act: sighting.Offer, who: me}}, false, "offered; nothing shows that it sent"},
		{"received and kept", []sees{{act: sighting.Receive, who: me}, {act: sighting.Hold, who: me}}, false, "had it (hold 1); nothing shows that it shared"},
		{"logged in", []sees{{act: sighting.Login, who: me}}, false, "nothing shows what it did with the content"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var in []sighting.Sighting
			for n, e := range c.in {
				s := see(t, fmt.Sprint(n), e.act, e.who)
				if !e.blank {
					s.Content.Refs = []string{"example chat:1"}
				}
				if e.to != "" {
					s.To = ids(t, e.to)
				}
				in = append(in, s)
			}
			got := of(in...)[0]
			if got.OnlyReceived != c.only || got.Sentence != c.want {
				t.Errorf("%t %q", got.OnlyReceived, got.Sentence)
			}
		})
	}
}

// A near copy is another file: who passed it on is not said to have shared the one traced.
func TestActsWithAnotherFileAreSaid(t *testing.T) {
	s := []sighting.Sighting{see(t, "a", sighting.Upload, "account:example social:1"), see(t, "b", sighting.Upload, "account:example social:2")}
	for n := range s {
		s[n].Content.Refs = []string{"example:" + s[n].ID}
	}
	got := actor.ActorsBeside(s, nil, nil, map[string]bool{"b": true})
	if strings.Contains(got[0].Sentence, "another file") || got[1].Another != 1 || !strings.HasSuffix(got[1].Sentence, "in 1 of its acts it is another file than the one traced") {
		t.Errorf("%q, %q", got[0].Sentence, got[1].Sentence)
	}
}

func TestNamesStandBeside(t *testing.T) {
	got := of(see(t, "a", sighting.Hold, "account:example social:1", "name:Cousin", "exhibit:A1"), see(t, "b", sighting.Hold, "account:example social:1", "name:Cousin"))
	if len(got) != 1 || len(got[0].AlsoStated) != 2 || got[0].Sightings != 2 || len(got[0].Shown) != 2 || got[0].Shown[0].Source != "source of a" {
		t.Errorf("%+v", got)
	}
}

func TestLongRecordDoesNotMakeSquareManyLinks(t *testing.T) {
	var who []string
	for n := range 5000 {
		who = append(who, fmt.Sprintf("account:example social:%04d", n))
	}
	if n := len(actor.Links([]sighting.Sighting{see(t, "a", sighting.Login, who...)}, nil)); n != 4999 {
		t.Errorf("%d links", n)
	}
}
