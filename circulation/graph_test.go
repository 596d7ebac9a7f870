package circulation_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"suraag/circulation"
	"suraag/sighting"
)

func TestEdgesOnlyWhereStated(t *testing.T) {
	const one, two = "account:example chat:1", "account:example chat:2"
	for _, c := range []struct {
		name string
		act  sighting.Act
		who  []string
		to   []string
		want []string // from → to
	}{
		{"sent to", sighting.Send, []string{one}, []string{two}, []string{one + " → " + two}},
		{"forwarded to two", sighting.Forward, []string{one}, []string{two, "phone:+910000000002"},
			[]string{one + " → " + two, one + " → phone:+910000000002"}},
		{"received from: the other side is the sender", sighting.Receive, []string{one}, []string{two}, []string{two + " → " + one}},
		{"sent, nobody stated", sighting.Send, []string{one}, nil, nil},
		{"received, sender not stated", sighting.Receive, []string{one}, nil, nil},
		{"sent by nobody stated", sighting.Send, nil, []string{two}, nil},
		{"offered is never passed to a person", sighting.Offer, []string{"peer:aa"}, []string{"peer:bb"}, nil},
		{"uploaded is not shown to anyone", sighting.Upload, []string{one}, []string{two}, nil},
		{"held", sighting.Hold, []string{one}, []string{two}, nil},
		{"viewed", sighting.View, []string{one}, []string{two}, nil},
		{"downloaded", sighting.Download, []string{one}, []string{two}, nil},
		{"reported", sighting.Report, []string{one}, []string{two}, nil},
		{"to oneself", sighting.Send, []string{one, two}, []string{two}, nil},
		{"into a group, not to its members", sighting.Send, []string{one}, []string{"group:example chat:g"}, []string{one + " → group:example chat:g"}},
		{"named by the account number before the handle", sighting.Send, []string{"handle:example chat:aa", one}, []string{two}, []string{one + " → " + two}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := see(t, "a", c.act, "2025-03-01T10:00:00Z", c.who...)
			s.To = ids(t, c.to...)
			g := circulation.Graph([]sighting.Sighting{s})
			var got []string
			for _, e := range g.Edges {
				got = append(got, e.From+" → "+e.To)
				if e.ID != "a" || e.Source != s.Source || e.Place != s.Place || e.Reason == "" || e.Act != c.act {
					t.Errorf("edge without its way back: %+v", e)
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSameContentAtTwoAccountsIsNoEdge(t *testing.T) {
	g := circulation.Graph([]sighting.Sighting{
		see(t, "a", sighting.Upload, "2025-03-01T10:00:00Z", "account:example social:1"),
		see(t, "b", sighting.Receive, "2025-03-01T11:00:00Z", "account:example social:2"),
		see(t, "c", sighting.Send, "2025-03-01T12:00:00Z", "account:example social:3"),
	})
	if len(g.Edges) != 0 {
		t.Errorf("edges from nothing: %+v", g.Edges)
	}
	if len(g.Nodes) != 4 { // three identities and one post
		t.Errorf("nodes: %+v", g.Nodes)
	}
}

func TestUploadIsPosted(t *testing.T) {
	s := see(t, "a", sighting.Upload, "", "account:example social:1")
	s.Service = "Example Social"
	unnamed := see(t, "b", sighting.Upload, "")
	unnamed.Service = "Example Social"
	other := see(t, "c", sighting.Upload, "")
	other.Service = "Example Social"
	posts := map[string]circulation.Node{}
	for _, n := range circulation.Graph([]sighting.Sighting{s, unnamed, other}).Nodes {
		if n.Kind == circulation.Posted {
			posts[n.ID] = n
		}
	}
	if len(posts) != 3 {
		t.Fatalf("uploads by nobody named must not become one: %+v", posts)
	}
	p := posts["posted at example social by account:example social:1"]
	if p.Label != "posted at Example Social" || p.By != "account:example social:1" || p.Acts[sighting.Upload] != 1 {
		t.Errorf("post: %+v", p)
	}
}

// TestWordsDoNotJoin: two people of one name are two nodes.
func TestWordsDoNotJoin(t *testing.T) {
	a := see(t, "a", sighting.Send, "", "account:example chat:1")
	b := see(t, "b", sighting.Send, "", "account:example chat:1")
	a.To, b.To = ids(t, "name:Cousin"), ids(t, "name:Cousin")
	g := circulation.Graph([]sighting.Sighting{a, b})
	if len(g.Nodes) != 3 || len(g.Edges) != 2 || g.Edges[0].To == g.Edges[1].To {
		t.Errorf("one name became one someone: %+v", g.Nodes)
	}
}

func TestFoldJoinsNodesAndSplitsAgain(t *testing.T) {
	a := see(t, "a", sighting.Send, "2025-03-01T10:00:00Z", "account:example chat:1")
	a.To = ids(t, "phone:+910000000002")
	b := see(t, "b", sighting.Send, "2025-03-01T11:00:00Z", "email:one@example.com")
	b.To = ids(t, "phone:+910000000002")
	b.Content.Refs = []string{"example chat:1"}
	in := []sighting.Sighting{a, b}
	fold := func(i sighting.Identifier) (string, bool) { return "actor 1", i.Kind != sighting.Phone }
	if g := circulation.GraphBy(in, fold); len(g.Nodes) != 2 || len(g.Edges) != 2 {
		t.Errorf("folded: %+v", g.Nodes)
	} else if unknown := "the source states that account:example chat:1 sent something that it does not identify to phone:+910000000002"; g.Edges[0].Reason != unknown {
		t.Errorf("what was sent is not stated: %q", g.Edges[0].Reason)
	} else if want := "the source states that email:one@example.com sent it to phone:+910000000002"; g.Edges[1].Reason != want {
		t.Errorf("the reason must use the source's identifier: %q", g.Edges[1].Reason)
	}
	if g := circulation.Graph(in); len(g.Nodes) != 3 {
		t.Errorf("not folded: %+v", g.Nodes)
	}
}

func TestSeveralStatedSendersStayUncertain(t *testing.T) {
	s := see(t, "a", sighting.Receive, "", "account:example chat:1")
	s.To = ids(t, "account:example chat:2", "account:example chat:3")
	g := circulation.Graph([]sighting.Sighting{s})
	if len(g.Edges) != 2 {
		t.Fatalf("edges: %+v", g.Edges)
	}
	for _, e := range g.Edges {
		if !strings.Contains(e.Reason, "which of them sent it is not certain") {
			t.Errorf("reason: %q", e.Reason)
		}
	}
}

func TestGraphIsBounded(t *testing.T) {
	var in []sighting.Sighting
	for n := range 2000 {
		s := see(t, fmt.Sprintf("s%04d", n), sighting.Send, "", fmt.Sprintf("account:example chat:%d", n))
		s.To = ids(t, fmt.Sprintf("account:example chat:%d", n+1))
		in = append(in, s)
	}
	g := circulation.Graph(in)
	if len(g.Nodes) != 300 || len(g.Nodes)+g.MoreNodes != 2001 || len(g.Edges)+g.MoreEdges != 2000 {
		t.Errorf("%d+%d nodes, %d+%d edges", len(g.Nodes), g.MoreNodes, len(g.Edges), g.MoreEdges)
	}
	shown := map[string]bool{}
	for _, n := range g.Nodes {
		shown[n.ID] = true
	}
	for _, e := range g.Edges {
		if !shown[e.From] || !shown[e.To] {
			t.Fatalf("edge %s ends at a node that is not shown", e.ID)
		}
	}
}
