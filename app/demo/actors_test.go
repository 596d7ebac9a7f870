package demo_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"suraag/actor"
	"suraag/sighting"
)

func actors(t *testing.T) []actor.Actor {
	t.Helper()
	r := record(t)
	return actor.Actors(r.Sightings, actor.Links(r.Sightings, r.Leases), nil)
}

// of gives the actor to which an identifier belongs.
func of(t *testing.T, all []actor.Actor, id string) actor.Actor {
	t.Helper()
	want, err := sighting.ParseIdentifier(id)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range all {
		if slices.Contains(a.Identifiers, want) {
			return a
		}
	}
	t.Fatalf("%s belongs to no actor", id)
	return actor.Actor{}
}

// Each someone of the story is one actor, and no two are joined: not by an equal
// address, not by a message from one to the other.
func TestIdentifiersGoTogetherAsTheStoryTells(t *testing.T) {
	all := actors(t)
	for _, c := range []struct {
		name  string
		first string
		rest  []string
	}{
		{"A", "phone:+910000000001", []string{"account:example social:900000000000001", "handle:example social:lighthouse_keeper_7",
			"email:a.keeper@example.com", "account:google:100000000007", "account:whatsapp:900000000000011"}},
		{"B", "account:instagram:900000000000002", []string{"handle:instagram:harbour_view_22"}},
		{"C", "phone:+910000000003", nil},
		{"the second subscriber", "phone:+910000000002", nil},
		{"Kik, sender", "handle:kik:gull_watcher_4", nil},
		{"Kik, recipient", "handle:kik:shore_bird_9", nil},
		{"Example Share", "account:example share:77001", []string{"handle:example share:tide_pool_5", "email:tide.pool@example.net"}},
		{"Example Board", "handle:example board:dune_walker_8", nil},
	} {
		want := append([]string{c.first}, c.rest...)
		var got []string
		for _, i := range of(t, all, c.first).Identifiers {
			switch i.Kind {
			case sighting.IMSI, sighting.IMEI, sighting.UserID, sighting.MAC, sighting.Device: // the operator's own numbers
			default:
				got = append(got, i.String())
			}
		}
		slices.Sort(want)
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestCOnlyReceived(t *testing.T) {
	if c := of(t, actors(t), "phone:+910000000003"); !c.OnlyReceived || c.Acts[sighting.Receive] == 0 {
		t.Errorf("C: only received %v, acts %v", c.OnlyReceived, c.Acts)
	}
}
