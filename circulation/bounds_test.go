package circulation_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"suraag/circulation"
	"suraag/sighting"
)

// TestMessageToThousands: a group message that names every member stays small.
func TestMessageToThousands(t *testing.T) {
	s := see(t, "a", sighting.Send, "2025-03-01T10:00:00Z", "account:example chat:0")
	for n := range 5000 {
		s.To = append(s.To, sighting.Identifier{Kind: sighting.Account, Service: "example chat", Value: fmt.Sprint(n + 1)})
	}
	in := []sighting.Sighting{s}
	if e := circulation.Line(in)[0]; len(e.To) != 20 || e.ToCount != 5000 {
		t.Errorf("the event names %d of %d", len(e.To), e.ToCount)
	}
	g := circulation.Graph(in)
	if len(g.Nodes) != 300 || g.MoreNodes != 4701 || len(g.Edges) != 299 || g.MoreEdges != 4701 {
		t.Errorf("%d+%d nodes, %d+%d edges", len(g.Nodes), g.MoreNodes, len(g.Edges), g.MoreEdges)
	}
}

func TestOriginIsBounded(t *testing.T) {
	var in []circulation.Item
	for n := range 150 {
		in = append(in, captured(t, fmt.Sprintf("s%03d", n), "2025-03-01T10:00:00Z"))
	}
	o := circulation.Origin(in)
	if len(o.Proven) != 100 || o.MoreProven != 50 {
		t.Errorf("%d shown, %d more", len(o.Proven), o.MoreProven)
	}
	if c := o.Proven[0]; len(c.Ties) != 10 || c.MoreTies != 139 {
		t.Errorf("%d ties, %d more", len(c.Ties), c.MoreTies)
	}
}

// TestResultsReadBack: every result survives its JSON form, so that pages, the
// terminal and an expert's own program see the same.
func TestResultsReadBack(t *testing.T) {
	first, err := json.Marshal(everything(items(many(t, 60))))
	if err != nil {
		t.Fatal(err)
	}
	var back whole
	if err := json.Unmarshal(first, &back); err != nil {
		t.Fatal(err)
	}
	second, err := json.Marshal(back)
	if err != nil {
		t.Fatal(err)
	}
	if string(first) != string(second) {
		t.Error("the result read back from its JSON prints differently")
	}
}

// TestBackwardSpanDoesNotBreakTheLine: a stored span that ends before it begins
// is a defect elsewhere and must not stop the trace.
func TestBackwardSpanDoesNotBreakTheLine(t *testing.T) {
	var in []sighting.Sighting
	for n, words := range []string{"2025-03-01T10:00:00Z", "2025-03-01T11:00:00Z", "2025-03-01T12:00:00Z"} {
		s := see(t, fmt.Sprint(n), sighting.Upload, words)
		s.When.At, s.When.Until = s.When.Until, s.When.At.AddDate(0, 0, -1)
		in = append(in, s)
	}
	if got := len(circulation.Line(in)); got != 3 {
		t.Errorf("%d events of 3", got)
	}
	o := circulation.Origin([]circulation.Item{{Sighting: in[0], Exact: true}, {Sighting: in[1], Exact: true}, {Sighting: in[2], Exact: true}})
	if len(o.Proven) != 3 {
		t.Errorf("%d candidates of 3", len(o.Proven))
	}
}
