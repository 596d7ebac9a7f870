package attribution_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"suraag/attribution"
	"suraag/instant"
	"suraag/sighting"
)

// end to end, with the values of the synthetic samples: the CyberTip's address
// leads through the NAT row and the IPDR row to one subscriber.
func TestChainFromCyberTipToSubscriber(t *testing.T) {
	d := attribution.Weigh(upload(t), mobile(), []sighting.Lease{ipdrRow(t), answerRow(t), natRow(t)}, attribution.Policy{}, now())
	if d.Outcome != attribution.Ask || d.Resolution == nil || d.Resolution.Void != "" {
		t.Fatalf("%s, %+v", d.Outcome, d.Resolution)
	}
	want := []attribution.Candidate{{Identifiers: ipdrRow(t).Who, Name: "Synthetic Subscriber", Address: "1 Test Road, Testpur", LeaseIDs: []string{"ipdr"}}}
	if diff := cmp.Diff(want, d.Resolution.Candidates); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if d.Resolution.Candidates[0].Identifiers[0].String() != "phone:+910000000001" || d.Resolution.Private.String() != "100.64.10.5:40001" {
		t.Errorf("private side %s, %s", d.Resolution.Private, d.Resolution.Candidates[0].Identifiers[0])
	}
	var steps []string
	for _, s := range d.Resolution.Steps {
		steps = append(steps, strings.TrimSpace(s.LeaseID+" "+s.Sentence))
	}
	golden := []string{
		"Not used: 1 row without a port, on an address that customers share or may share.",
		"nat NAT row: 198.51.100.77:51602 belonged to 100.64.10.5:40001 from 28 February 2025 18:28:00 UTC to 28 February 2025 18:50:11 UTC.",
		`ipdr IPDR row: 100.64.10.5:40001 belonged to the subscriber "Synthetic Subscriber", phone:+910000000001, userid:s@isp.example, email:s@example.com, imsi:404000000000001 from 28 February 2025 18:44:02 UTC to 28 February 2025 19:01:40 UTC.`,
	}
	if diff := cmp.Diff(golden, steps); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
	if want := "198.51.100.77:51602 at 28 February 2025 18:45:10 UTC: the rows of Example Mobile Limited name one subscriber of the connection; have the operator confirm it."; d.Sentence != want {
		t.Errorf("%s", d.Sentence)
	}
}

func TestChainWithThePortTakenOutRefuses(t *testing.T) {
	o := upload(t)
	o.Endpoint.Port = 0
	for _, f := range []string{"mobile", "fixed by its profile, shared by its rows"} {
		facts := mobile()
		if f != "mobile" {
			facts = fixed()
		}
		d := attribution.Weigh(o, facts, []sighting.Lease{natRow(t), ipdrRow(t), jioRow(t), answerRow(t)}, attribution.Policy{}, now())
		if d.Outcome != attribution.Preserve || d.Resolution == nil || len(d.Resolution.Candidates) != 0 || !strings.Contains(d.Resolution.Void, "no source port") {
			t.Errorf("%s: %s, %+v", f, d.Outcome, d.Resolution)
		}
	}
}

func TestResolution(t *testing.T) {
	// another gives a row to another subscriber, further on.
	another := func(l sighting.Lease, private, phone string) sighting.Lease {
		l.ID += " 2"
		if private != "" {
			l.Private = ep(t, private, "40001")
		}
		if phone != "" {
			l.Who, l.Name = []sighting.Identifier{id(t, sighting.Phone, "", phone)}, "Another Subscriber"
		}
		return l
	}
	span := func(l sighting.Lease, from, to string) sighting.Lease {
		l.From, l.To = by(t, from, ist()), by(t, to, ist())
		return l
	}
	port := func(l sighting.Lease, first string, last uint16) sighting.Lease {
		l.Public, l.PortLast = ep(t, "198.51.100.77", first), last
		return l
	}
	// inside leaves the inner port out of a row, and puts it into a document.
	inside := func(l sighting.Lease, source string) sighting.Lease {
		l.Private.Port = 0
		if source != "" {
			l.Source = source
		}
		return l
	}
	onTheMinute := upload(t)
	onTheMinute.When = at(t, "2025-02-28T18:46:00Z")
	assumed := natRow(t)
	assumed.From = by(t, "28/02/2025 23:58:00", instant.Rule{Zone: instant.IST(), Basis: instant.Assumed, Order: instant.DayFirst})
	assumed.To = by(t, "01/03/2025 00:20:11", instant.Rule{Zone: instant.IST(), Basis: instant.Assumed, Order: instant.DayFirst})
	exchangeable := natRow(t)
	exchangeable.From = by(t, "02/03/2025 23:58:00+05:30", instant.Rule{})
	exchangeable.To = by(t, "03/03/2025 00:20:11+05:30", instant.Rule{})
	open := natRow(t)
	open.To = instant.Instant{}
	far := upload(t)
	far.At = ep(t, "192.0.2.81", "443")
	right := upload(t)
	right.At = ep(t, "192.0.2.80", "443")
	direct := answerRow(t)
	oneSecondOff := answerRow(t)
	oneSecondOff.From = by(t, "01/03/2025 00:15:40", ist())
	oneSecondOff.To = oneSecondOff.From
	unported := upload(t)
	unported.Endpoint.Port = 0
	otherOperator := ipdrRow(t)
	otherOperator.Operator = "Example Fibre"
	ours := natRow(t)
	ours.Operator = "Example Mobile"
	differentName := jioRow(t)
	differentName.Name = "S. Subscriber"

	for _, c := range []struct {
		name    string
		o       attribution.Observation
		rows    []sighting.Lease
		want    []string // names or phones of the candidates
		void    string
		outcome attribution.Outcome
		says    string // in a step
	}{
		{name: "no rows", o: upload(t), outcome: attribution.Ask},
		{name: "a row that carries the subscriber itself", o: upload(t), rows: []sighting.Lease{jioRow(t)}, want: []string{"+910000000001"}, outcome: attribution.Ask},
		{name: "three rows, one subscription", o: upload(t), rows: []sighting.Lease{jioRow(t), natRow(t), ipdrRow(t)}, want: []string{"+910000000001"}, outcome: attribution.Ask},
		{name: "two rows that write the name differently", o: upload(t), rows: []sighting.Lease{differentName, natRow(t), ipdrRow(t)}, want: []string{"+910000000001"}, outcome: attribution.Ask},
		{name: "NAT row alone leads inside and no further", o: upload(t), rows: []sighting.Lease{natRow(t)}, outcome: attribution.Ask, says: "No row on file names the subscriber behind 100.64.10.5:40001"},
		{name: "NAT row for another port", o: upload(t), rows: []sighting.Lease{port(natRow(t), "51603", 0), ipdrRow(t)}, outcome: attribution.Ask, says: "Not used: 1 row for another port."},
		{name: "a block of ports that holds it", o: upload(t), rows: []sighting.Lease{port(natRow(t), "51200", 52223), ipdrRow(t)}, want: []string{"+910000000001"}, outcome: attribution.Ask},
		{name: "a block of ports beside it", o: upload(t), rows: []sighting.Lease{port(natRow(t), "51200", 51601), ipdrRow(t)}, outcome: attribution.Ask, says: "for another port"},
		{name: "a row of another day", o: upload(t), rows: []sighting.Lease{span(natRow(t), "27/02/2025 23:58:00", "28/02/2025 00:20:11"), ipdrRow(t)}, outcome: attribution.Ask, says: "No row holds 198.51.100.77:51602"},
		{name: "a row that reads right only with the hours of another zone", o: upload(t), rows: []sighting.Lease{span(natRow(t), "28/02/2025 18:28:00", "28/02/2025 18:50:11"), ipdrRow(t)}, outcome: attribution.Ask, says: "No row holds"},
		{name: "the port changes hands in the span", o: upload(t), rows: []sighting.Lease{span(natRow(t), "28/02/2025 23:58:00", "01/03/2025 00:15:12"), another(span(natRow(t), "01/03/2025 00:15:12", "01/03/2025 00:40:00"), "100.64.10.6", ""), ipdrRow(t)}, void: "changed hands", outcome: attribution.Preserve},
		{name: "the row begins in the span; before it nobody is stated", o: upload(t), rows: []sighting.Lease{span(natRow(t), "01/03/2025 00:15:06", "01/03/2025 00:20:11"), ipdrRow(t)}, void: "changed hands", outcome: attribution.Preserve},
		{name: "the row begins with the span but for a second's fraction", o: upload(t), rows: []sighting.Lease{span(natRow(t), "01/03/2025 00:15:04", "01/03/2025 00:20:11"), ipdrRow(t)}, void: "changed hands", outcome: attribution.Preserve},
		{name: "the row begins a second before the span", o: upload(t), rows: []sighting.Lease{span(natRow(t), "01/03/2025 00:15:03", "01/03/2025 00:20:11"), ipdrRow(t)}, want: []string{"+910000000001"}, outcome: attribution.Ask},
		{name: "the row ends in the last second of the span", o: upload(t), rows: []sighting.Lease{span(natRow(t), "28/02/2025 23:58:00", "01/03/2025 00:15:16"), ipdrRow(t)}, void: "changed hands", outcome: attribution.Preserve},
		{name: "the row ends in the second after the span", o: upload(t), rows: []sighting.Lease{span(natRow(t), "28/02/2025 23:58:00", "01/03/2025 00:15:17"), ipdrRow(t)}, want: []string{"+910000000001"}, outcome: attribution.Ask},
		{name: "one session logged in two pieces", o: upload(t), rows: []sighting.Lease{span(natRow(t), "28/02/2025 23:58:00", "01/03/2025 00:15:12"), span(natRow(t), "01/03/2025 00:15:13", "01/03/2025 00:40:00"), ipdrRow(t)}, want: []string{"+910000000001"}, outcome: attribution.Ask},
		{name: "the private address changes hands in the span", o: upload(t), rows: []sighting.Lease{natRow(t), span(ipdrRow(t), "01/03/2025 00:14:02", "01/03/2025 00:15:10"), another(span(ipdrRow(t), "01/03/2025 00:15:11", "01/03/2025 00:31:40"), "", "910000000002")}, void: "100.64.10.5:40001 changed hands", outcome: attribution.Preserve},
		{name: "two subscribers on one private address", o: upload(t), rows: []sighting.Lease{natRow(t), ipdrRow(t), another(ipdrRow(t), "", "910000000002")}, want: []string{"+910000000001", "+910000000002"}, outcome: attribution.Preserve},
		{name: "one port, two private sides, far side not known", o: upload(t), rows: []sighting.Lease{natRow(t), another(natRow(t), "100.64.10.6", ""), ipdrRow(t), another(ipdrRow(t), "100.64.10.6", "910000000002")}, want: []string{"+910000000001", "+910000000002"}, outcome: attribution.Preserve},
		{name: "one port, two private sides, one of them named", o: upload(t), rows: []sighting.Lease{natRow(t), another(natRow(t), "100.64.10.6", ""), ipdrRow(t)}, void: "2 private sides at once", outcome: attribution.Preserve},
		{name: "a session logged in two pieces without seconds", o: onTheMinute, rows: []sighting.Lease{span(jioRow(t), "28/02/2025 23:58", "01/03/2025 00:15"), span(jioRow(t), "01/03/2025 00:16", "01/03/2025 00:40")}, void: "changed hands", outcome: attribution.Preserve},
		{name: "two documents that name no operator and no inner port", o: upload(t), rows: []sighting.Lease{natRow(t), inside(ipdrRow(t), "")}, outcome: attribution.Ask, says: "Private addresses repeat"},
		{name: "one document, no inner port", o: upload(t), rows: []sighting.Lease{natRow(t), inside(ipdrRow(t), natRow(t).Source)}, want: []string{"+910000000001"}, outcome: attribution.Ask},
		{name: "the far side agrees", o: right, rows: []sighting.Lease{natRow(t), ipdrRow(t)}, want: []string{"+910000000001"}, outcome: attribution.Ask},
		{name: "the row is of another far side", o: far, rows: []sighting.Lease{natRow(t), ipdrRow(t)}, outcome: attribution.Ask, says: "far side"},
		{name: "a row in an assumed zone", o: upload(t), rows: []sighting.Lease{assumed, ipdrRow(t)}, void: "changed hands", outcome: attribution.Preserve},
		{name: "a row whose day and month could be exchanged", o: upload(t), rows: []sighting.Lease{exchangeable, ipdrRow(t)}, void: "changed hands", outcome: attribution.Preserve},
		{name: "a row without end", o: upload(t), rows: []sighting.Lease{open, ipdrRow(t)}, void: "changed hands", outcome: attribution.Preserve},
		{name: "the same private address at another operator", o: upload(t), rows: []sighting.Lease{ours, otherOperator}, outcome: attribution.Ask, says: "No row on file names the subscriber"},
		{name: "an answer without port on an address that may be shared", o: upload(t), rows: []sighting.Lease{direct}, outcome: attribution.Ask, says: "Not used: 1 row without a port"},
		{name: "no port and an address that may be shared", o: unported, rows: []sighting.Lease{direct}, void: "no source port", outcome: attribution.Preserve},
	} {
		t.Run(c.name, func(t *testing.T) {
			judge(t, attribution.Weigh(c.o, mobile(), c.rows, attribution.Policy{}, now()), c.want, c.void, c.outcome, c.says)
		})
	}

	// On a fixed network that does not share addresses a row speaks of the whole address.
	t.Run("an answer without port, address not shared", func(t *testing.T) {
		judge(t, attribution.Weigh(unported, fixed(), []sighting.Lease{direct}, attribution.Policy{}, now()), []string{"+910000000001"}, "", attribution.Ask, "")
	})
	t.Run("a row of a block of ports shows that the address is shared", func(t *testing.T) {
		judge(t, attribution.Weigh(unported, fixed(), []sighting.Lease{direct, port(direct, "2048", 4095)}, attribution.Policy{}, now()), nil, "no source port", attribution.Preserve, "")
	})
	t.Run("an answer about another moment", func(t *testing.T) {
		judge(t, attribution.Weigh(unported, fixed(), []sighting.Lease{oneSecondOff}, attribution.Policy{}, now()), nil, "", attribution.Ask, "No row holds")
	})
}

func judge(t *testing.T, d attribution.Finding, want []string, void string, outcome attribution.Outcome, says string) {
	t.Helper()
	if d.Outcome != outcome {
		t.Errorf("outcome %q; want %q: %s", d.Outcome, outcome, d.Sentence)
	}
	r := d.Resolution
	if r == nil {
		r = &attribution.Resolution{}
	}
	var got []string
	for _, c := range r.Candidates {
		for _, i := range c.Identifiers {
			if i.Kind == sighting.Phone {
				got = append(got, i.Value)
			}
		}
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("candidates (-want +got):\n%s", diff)
	}
	if (void == "") != (r.Void == "") || !strings.Contains(r.Void, void) {
		t.Errorf("void %q; want %q", r.Void, void)
	}
	var steps []string
	for _, s := range r.Steps {
		steps = append(steps, s.Sentence)
	}
	if !strings.Contains(strings.Join(steps, "\n"), says) {
		t.Errorf("no step says %q:\n%s", says, strings.Join(steps, "\n"))
	}
}

// A moment that is not settled is not matched to any row.
func TestUnsettledMomentResolvesNothing(t *testing.T) {
	o := upload(t)
	o.When = at(t, "01/03/2025 00:15:10+05:30")
	d := attribution.Weigh(o, mobile(), []sighting.Lease{natRow(t), ipdrRow(t)}, attribution.Policy{}, now())
	if d.Window != (attribution.Window{}) {
		t.Errorf("a span is given to ask for: %s", d.Window.In(time.UTC))
	}
	if d.Outcome != attribution.Unusable || d.Resolution == nil || len(d.Resolution.Candidates) != 0 || d.Resolution.Void == "" {
		t.Errorf("%s, %+v", d.Outcome, d.Resolution)
	}
}

// One contact number can stand behind two subscriptions.
func TestCandidatesAreNotJoinedByAContactNumber(t *testing.T) {
	a, b := ipdrRow(t), ipdrRow(t)
	a.Who = []sighting.Identifier{id(t, sighting.Phone, "", "910000000001"), id(t, sighting.Phone, "", "910000000009")}
	b.Who = []sighting.Identifier{id(t, sighting.Phone, "", "910000000002"), id(t, sighting.Phone, "", "910000000009")}
	b.ID = "ipdr 2"
	d := attribution.Weigh(upload(t), mobile(), []sighting.Lease{natRow(t), a, b}, attribution.Policy{}, now())
	if n := len(d.Resolution.Candidates); n != 2 || d.Outcome != attribution.Preserve {
		t.Errorf("%d candidates, %s", n, d.Outcome)
	}
}

// A number is given again after a time; the card then is another.
func TestCandidatesWithOneNumberAndTwoCardsStayTwo(t *testing.T) {
	a, b := ipdrRow(t), ipdrRow(t)
	a.Who = []sighting.Identifier{id(t, sighting.Phone, "", "910000000001"), id(t, sighting.IMSI, "", "404000000000001")}
	b.Who = []sighting.Identifier{id(t, sighting.Phone, "", "910000000001"), id(t, sighting.IMSI, "", "404000000000002")}
	d := attribution.Weigh(upload(t), mobile(), []sighting.Lease{natRow(t), a, b}, attribution.Policy{}, now())
	if n := len(d.Resolution.Candidates); n != 2 || d.Outcome != attribution.Preserve {
		t.Errorf("%d candidates, %s", n, d.Outcome)
	}
}
