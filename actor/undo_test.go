package actor_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"suraag/actor"
	"suraag/sighting"
)

func TestUndoSplitsAndSaysSo(t *testing.T) {
	in := []sighting.Sighting{
		see(t, "a", sighting.Login, "account:example social:1", "phone:+910000000001"),
		see(t, "b", sighting.Login, "account:example chat:2", "phone:+910000000001"),
	}
	links := actor.Links(in, nil)
	part := ids(t, "phone:+910000000001", "account:example chat:2")
	undo := []actor.Undo{{A: part[0], B: part[1], Reason: "the number was given to another subscriber in between"}}
	before := actor.Actors(in, links, nil)
	after := actor.Actors(in, links, undo)
	if len(before) != 1 || groups(after) != "account:example chat:2 | account:example social:1 phone:+910000000001" {
		t.Fatalf("before %s, after %s", groups(before), groups(after))
	}
	for _, a := range after {
		if len(a.Parted) != 1 || a.Parted[0].Reason != undo[0].Reason {
			t.Errorf("%s does not say that it was parted: %+v", a.ID, a.Parted)
		}
	}
	if again := actor.Actors(in, links, nil); groups(again) != groups(before) {
		t.Errorf("dropping the undo gives %s", groups(again))
	}
}

func TestUndoWithoutEffectIsContested(t *testing.T) {
	in := []sighting.Sighting{see(t, "a", sighting.Login, "account:example social:1", "phone:+910000000001", "email:a@example.com")}
	links := actor.Links(in, nil)
	email := ids(t, "email:a@example.com")[0]
	one := []actor.Undo{{A: email, B: ids(t, "phone:+910000000001")[0]}}
	got := actor.Actors(in, links, one)
	if len(got) != 1 || len(got[0].Contested) != 1 {
		t.Errorf("%s, contested %v", groups(got), got[0].Contested)
	}
	if got := groups(actor.Actors(in, links, actor.Part(links, email))); got != "account:example social:1 phone:+910000000001 | email:a@example.com" {
		t.Errorf("Part must take it out: %s", got)
	}
}

// someSightings draws sightings over few identifiers, so that they meet often.
func someSightings() *rapid.Generator[[]sighting.Sighting] {
	kinds := []sighting.IDKind{sighting.Account, sighting.Phone, sighting.Email, sighting.Handle, sighting.Peer, sighting.Person, sighting.Group}
	identifier := rapid.Custom(func(r *rapid.T) sighting.Identifier {
		id := sighting.Identifier{Kind: rapid.SampledFrom(kinds).Draw(r, "kind"), Value: fmt.Sprint(rapid.IntRange(1, 6).Draw(r, "value"))}
		if id.Kind == sighting.Account || id.Kind == sighting.Handle {
			id.Service = rapid.SampledFrom([]string{"example social", "example chat"}).Draw(r, "service")
		}
		return id
	})
	one := rapid.Custom(func(r *rapid.T) sighting.Sighting {
		return sighting.Sighting{
			Act:      rapid.SampledFrom(sighting.Acts()).Draw(r, "act"),
			Who:      rapid.SliceOfN(identifier, 0, 4).Draw(r, "who"),
			To:       rapid.SliceOfN(identifier, 0, 2).Draw(r, "to"),
			Standing: rapid.SampledFrom([]sighting.Standing{sighting.ProviderRecord, sighting.DeviceFile, sighting.Statement}).Draw(r, "standing"),
		}
	})
	return rapid.Custom(func(r *rapid.T) []sighting.Sighting {
		out := rapid.SliceOfN(one, 0, 20).Draw(r, "sightings")
		for n := range out {
			out[n].ID, out[n].Source = fmt.Sprintf("s%02d", n), "source"
		}
		return out
	})
}

func text(t interface{ Fatal(...any) }, v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestOrderOfInputDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		in := someSightings().Draw(r, "in")
		links := actor.Links(in, nil)
		undone := undoEvery(links)[:rapid.IntRange(0, len(links)).Draw(r, "undone")]
		want := text(r, actor.Actors(in, links, undone))

		other := rapid.Permutation(in).Draw(r, "other order")
		if got := actor.Links(other, nil); text(r, got) != text(r, links) {
			r.Fatalf("links differ: %v, %v", got, links)
		}
		got := text(r, actor.Actors(other, rapid.Permutation(links).Draw(r, "links"), rapid.Permutation(undone).Draw(r, "undos")))
		if got != want {
			r.Fatalf("got  %s\nwant %s", got, want)
		}
	})
}

func undoEvery(links []actor.Link) []actor.Undo {
	out := make([]actor.Undo, len(links))
	for n, l := range links {
		out[n] = actor.Undo{A: l.B, B: l.A} // either way round
	}
	return out
}

// TestUndoingAllGivesSingletonsAndRedoRestores: what is merged can be split
// again, link by link, in any order, and comes back the same.
func TestUndoingAllGivesSingletonsAndRedoRestores(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		in := someSightings().Draw(r, "in")
		links := actor.Links(in, nil)
		undos := rapid.Permutation(undoEvery(links)).Draw(r, "undos")
		steps := []string{text(r, actor.Actors(in, links, nil))}
		for n := range undos {
			steps = append(steps, text(r, actor.Actors(in, links, undos[:n+1])))
		}
		for _, a := range actor.Actors(in, links, undos) {
			if len(a.Identifiers) != 1 || len(a.Links) != 0 || len(a.Contested) != 0 {
				r.Fatalf("with all links undone %v is still one", a.Identifiers)
			}
		}
		for n := len(undos); n >= 0; n-- {
			if text(r, actor.Actors(in, links, undos[:n])) != steps[n] {
				r.Fatalf("redo to %d undos does not restore", n)
			}
		}
	})
}

// TestEveryIdentifierIsInOneActor and only what hard links tie is together.
func TestEveryIdentifierIsInOneActor(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		in := someSightings().Draw(r, "in")
		links := actor.Links(in, nil)
		where := map[sighting.Identifier]string{}
		for _, a := range actor.Actors(in, links, nil) {
			for _, id := range a.Identifiers {
				if where[id] != "" {
					r.Fatalf("%s is in two actors", id)
				}
				where[id] = a.ID
			}
			tied := map[sighting.Identifier]bool{a.Identifiers[0]: true}
			for range a.Identifiers { // follow hard links until nothing is added
				for _, l := range a.Links {
					if l.Strength == actor.Hard && (tied[l.A] || tied[l.B]) {
						tied[l.A], tied[l.B] = true, true
					}
				}
			}
			if len(tied) != len(a.Identifiers) {
				r.Fatalf("%v are together, but hard links tie only %v", a.Identifiers, tied)
			}
		}
		for _, s := range in {
			for _, id := range slices.Concat(s.Who, s.To) {
				if id.Kind.Links() != (where[id] != "") {
					r.Fatalf("%s: links %t, actor %q", id, id.Kind.Links(), where[id])
				}
			}
		}
	})
}

func BenchmarkTenThousand(b *testing.B) {
	random := rand.New(rand.NewPCG(3, 4))
	in := make([]sighting.Sighting, 10_000)
	for n := range in {
		in[n] = see(b, fmt.Sprintf("%064d", n), sighting.Acts()[n%len(sighting.Acts())],
			fmt.Sprintf("account:example social:%d", random.IntN(4000)), fmt.Sprintf("email:a%d@example.com", random.IntN(4000)),
			fmt.Sprintf("handle:example social:h%d", random.IntN(4000)))
		in[n].To = ids(b, fmt.Sprintf("account:example social:%d", random.IntN(4000)))
	}
	for b.Loop() {
		actor.Actors(in, actor.Links(in, nil), nil)
	}
}
