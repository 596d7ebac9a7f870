package flow_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"suraag/attribution"
	"suraag/casework"
	"suraag/fault"
	"suraag/flow"
	"suraag/hashset"
	"suraag/sighting"
)

// The chain of the samples: the CyberTip's address and port lead through the
// operators' rows to one line.
func TestChainToTheSubscriber(t *testing.T) {
	for _, c := range []struct {
		name    string
		replies []string
		tip     func([]byte) []byte
		want    string // the subscriber's number, or empty
	}{
		{"one reply holds both ends", []string{"ipdr_jio_style.csv"}, nil, "+910000000001"},
		{"a NAT log and an IPDR, one after the other", []string{"nat_syslog_dot_2021.csv", "ipdr_dot_2021.csv"}, nil, "+910000000001"},
		{"without the port nobody is named", []string{"ipdr_jio_style.csv", "nat_syslog_dot_2021.csv", "ipdr_dot_2021.csv"},
			func(b []byte) []byte { return without(b, `"port": 51602`, `"port": null`) }, ""},
		{"another port leads to nobody", []string{"ipdr_jio_style.csv"},
			func(b []byte) []byte { return without(b, `"port": 51602`, `"port": 51603`) }, ""},
		{"another moment leads to nobody", []string{"ipdr_jio_style.csv"},
			func(b []byte) []byte {
				return without(b, `"dateTime": "2025-02-28T18:45:10Z"`, `"dateTime": "2025-02-28T17:45:10Z"`)
			}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHouse(t)
			tip := sample(t, "cybertip_100000001.json")
			if c.tip != nil {
				changed := c.tip(tip)
				if string(changed) == string(tip) {
					t.Fatal("the sample was not changed")
				}
				tip = changed
			}
			h.handIn(t, "tip.json", tip)
			h.operators(t)
			for _, r := range c.replies {
				h.handIn(t, r, sample(t, r))
			}
			got := h.trace(t, synthetic1)
			upload := slices.IndexFunc(got.Addresses, func(a casework.Address) bool {
				return a.Observation.Act == sighting.Upload && a.Observation.Endpoint.IP.String() == "198.51.100.77"
			})
			if upload < 0 {
				t.Fatalf("the upload's address was not weighed: %s", words(t, got.Addresses))
			}
			if phones := candidates(got.Addresses[upload].Finding); phones != c.want {
				t.Errorf("candidates %q, want %q\n%s", phones, c.want, words(t, got.Addresses[upload]))
			}
			if c.want == "" && c.tip != nil && strings.Contains(c.name, "without the port") && got.Addresses[upload].Outcome == attribution.Ask {
				t.Error("without a port the operator is asked for a subscriber all the same")
			}
		})
	}
}

func candidates(f attribution.Finding) string {
	if f.Resolution == nil {
		return ""
	}
	var out []string
	for _, c := range f.Resolution.Candidates {
		for _, i := range c.Identifiers {
			if i.Kind == sighting.Phone && !slices.Contains(out, i.Value) {
				out = append(out, i.Value)
			}
		}
	}
	return strings.Join(out, " ")
}

func TestReceiveNeedsAuthority(t *testing.T) {
	h := newHouse(t)
	_, _, err := h.Receive(ctx, flow.HandIn{Name: "x", Authority: " "}, strings.NewReader("x"))
	if fault.KindOf(err) != fault.Invalid || fault.Hint(err) == "" {
		t.Errorf("without authority: %v", err)
	}
	if n, _ := h.db.Count(ctx); n.Sources != 0 || len(h.reads) != 0 {
		t.Error("something was kept without authority")
	}
}

func TestSameBytesTwice(t *testing.T) {
	h := newHouse(t)
	tip := sample(t, "cybertip_100000001.json")
	h.handIn(t, "tip.json", tip)
	before, _ := h.db.Count(ctx)
	leads := words(t, h.queue(t))
	in := flow.HandIn{Name: "again.json", BroughtBy: "colleague", Authority: "FIR 2/2025"}
	s, added, err := h.Receive(ctx, in, strings.NewReader(string(tip)))
	if err != nil || added {
		t.Fatalf("added %v, %v", added, err)
	}
	if s.Name != "tip.json" || s.Authority != "FIR 1/2025" {
		t.Errorf("the first receipt was changed: %+v", s.Receipt)
	}
	if len(h.reads) != 0 {
		t.Error("it is read again although nothing is new")
	}
	if err := h.ReadSource(ctx, s.ID); err != nil {
		t.Fatal(err)
	}
	h.weigh(t)
	after, _ := h.db.Count(ctx)
	if before != after || leads != words(t, h.queue(t)) {
		t.Errorf("reading again: %+v, before %+v", after, before)
	}
	brought, err := h.db.HandIns(ctx, s.ID)
	if err != nil || len(brought) != 2 {
		t.Errorf("hand-ins: %v, %v", brought, err)
	}
}

// Declaring something else for bytes that were read would change the record in
// silence; for bytes that could not be read it is what the officer has to do.
func TestDeclaredAnew(t *testing.T) {
	h := newHouse(t)
	body := []byte("who;what\nsomebody;something\n")
	s := h.handIn(t, "unknown.txt", body)
	if s.State != "unread" || s.Problem == "" {
		t.Fatalf("state %q, problem %q", s.State, s.Problem)
	}
	in := flow.HandIn{Name: "unknown.txt", BroughtBy: "officer", Authority: "FIR 1/2025", Options: flow.Declared{Format: "generic/csv"}}
	h.receive(t, in, body)
	if got := h.source(t, s.ID); len(h.reads) != 1 || !strings.Contains(string(got.Options), "generic/csv") {
		t.Errorf("not read anew: %v, options %s", h.reads, got.Options)
	}
	tip := h.handIn(t, "tip.json", sample(t, "cybertip_100000001.json"))
	in.Options = flow.Declared{Zone: "IST"}
	_, _, err := h.Receive(ctx, in, strings.NewReader(string(sample(t, "cybertip_100000001.json"))))
	if fault.KindOf(err) != fault.Conflict || fault.Hint(err) == "" {
		t.Errorf("another zone for what was read: %v", err)
	}
	if string(h.source(t, tip.ID).Options) != "{}" {
		t.Error("the options were changed")
	}
}

// Nothing that was handed in is silently skipped (coop issue 661).
func TestWhatCannotBeReadIsListed(t *testing.T) {
	h := newHouse(t)
	s := h.handIn(t, "nothing.bin", []byte("\x00\x01\x02\xff"))
	if s.State != "unread" || s.Problem == "" {
		t.Errorf("state %q, problem %q", s.State, s.Problem)
	}
	nat := string(sample(t, "nat_syslog_dot_2021.csv"))
	half := strings.TrimRight(nat, "\r\n") + "\n02:28:2025,23:58:00,03:01:2025,00:20:11,not an address,40001,198.51.100.78,51602,192.0.2.80,443\n"
	s = h.handIn(t, "nat.csv", []byte(half))
	bad, err := h.db.Problems(ctx, s.ID, 0, 100)
	if err != nil || s.State != "read" {
		t.Fatal(err, s.State)
	}
	if !slices.ContainsFunc(bad, func(p sighting.Problem) bool { return p.Kind == "bad" && strings.Contains(p.Reason, "not an address") }) {
		t.Errorf("the bad row is not listed: %s", words(t, bad))
	}
	leases, err := h.db.LeasesIn(ctx, s.ID)
	if err != nil || len(leases) == 0 {
		t.Errorf("the good row is gone: %v", err)
	}
}

func TestDryRunCountsAndKeepsNothing(t *testing.T) {
	h := newHouse(t)
	tip := sample(t, "cybertip_100000001.json")
	first := h.dryRun(t, tip)
	if first.Records == 0 || first.New != first.Records || first.Duplicate != 0 {
		t.Errorf("before: %+v", first)
	}
	if n, _ := h.db.Count(ctx); n.Sources != 0 || n.Sightings != 0 {
		t.Errorf("a dry run kept %+v", n)
	}
	h.handIn(t, "tip.json", tip)
	second := h.dryRun(t, tip)
	if second.New != 0 || second.Duplicate != first.Records {
		t.Errorf("after: %+v", second)
	}
	nat := string(sample(t, "nat_syslog_dot_2021.csv"))
	bad := h.dryRun(t, []byte(strings.TrimRight(nat, "\r\n")+"\nx,x,x,x,x,x,x,x,x,x\n"))
	if bad.Bad != 1 || bad.New == 0 || len(bad.Problems) == 0 {
		t.Errorf("a bad row: %+v", bad)
	}
	if got := h.dryRun(t, []byte("\x00\xff")); got.Problem == "" {
		t.Error("an unknown file has no problem")
	}
}

// A list is taken back whole, with every match that it alone made.
func TestRetraction(t *testing.T) {
	h := newHouse(t)
	h.handIn(t, "FileList.csv", sample(t, "FileList.csv"))
	before := h.trace(t, synthetic1)
	if len(listed(before)) != 0 {
		t.Fatalf("listed before any list came: %s", words(t, listed(before)))
	}
	h.list(t, "known", "vics.json", sample(t, "vics_2_0_hashset.json"))
	h.list(t, "other", "icse.csv", sample(t, "icse.csv"))
	both := h.trace(t, synthetic1)
	names := listed(both)
	if !slices.Contains(names, "known") || !slices.Contains(names, "other") {
		t.Fatalf("matches of %v", names)
	}
	gone, err := h.Retract(ctx, "known", "officer", "sent by mistake")
	if err != nil || len(gone) != 1 {
		t.Fatal(gone, err)
	}
	h.settle(t)
	after := listed(h.trace(t, synthetic1))
	if slices.Contains(after, "known") || !slices.Contains(after, "other") {
		t.Errorf("matches after: %v", after)
	}
	if _, err := h.Retract(ctx, "other", "officer", "no longer wanted"); err != nil {
		t.Fatal(err)
	}
	h.settle(t)
	if diff := cmp.Diff(words(t, before), words(t, h.trace(t, synthetic1))); diff != "" {
		t.Errorf("after both went the trace is not what it was before they came:\n%s", diff)
	}
	if _, err := h.Retract(ctx, "known", "officer", "again"); fault.KindOf(err) != fault.NotFound {
		t.Errorf("retracted twice: %v", err)
	}
	in := flow.HandIn{Name: "vics.json", BroughtBy: "officer", Authority: "FIR 1/2025", List: hashset.Set{Name: "known", From: "an authority"}}
	if _, _, err := h.Receive(ctx, in, strings.NewReader(string(sample(t, "vics_2_0_hashset.json")))); fault.KindOf(err) != fault.Conflict {
		t.Errorf("a retracted list comes back in silence: %v", err)
	}
}

func listed(t casework.Trace) (names []string) {
	for _, c := range t.Family {
		for _, m := range c.Listed {
			names = append(names, m.SetName)
		}
	}
	return names
}

// A retraction takes back the leads that the list alone made.
func TestRetractionTakesLeadsBack(t *testing.T) {
	h := newHouse(t)
	h.operators(t)
	h.handIn(t, "seen.jsonl", []byte(observed(1, "198.51.100.9", "md5:"+synthetic1)))
	if n := len(h.queue(t)); n != 0 {
		t.Fatalf("%d leads of a content that nobody lists", n)
	}
	h.list(t, "known", "vics.json", sample(t, "vics_2_0_hashset.json"))
	if n := len(h.queue(t)); n != 1 {
		t.Fatalf("%d leads, want 1", n)
	}
	if _, err := h.Retract(ctx, "known", "officer", "sent by mistake"); err != nil {
		t.Fatal(err)
	}
	h.settle(t)
	if n := len(h.queue(t)); n != 0 {
		t.Errorf("%d leads are left", n)
	}
}

// observed is one line of our own form of observations, at a minute of an hour.
func observed(minute int, ip string, digests ...string) string {
	line := fmt.Sprintf(`{"observed_at":"2025-03-01T10:%02d:00Z","act":"upload","service":"example","who":["account:%d"],"ip":"%s","port":40000,"standing":"provider capture"`, minute, 100+minute, ip)
	for _, d := range digests {
		kind, value, _ := strings.Cut(d, ":")
		line += fmt.Sprintf(`,"%s":"%s"`, kind, value)
	}
	return line + "}\n"
}

// The same leads come out, whatever the order in which the sources came.
func TestLeadsDoNotDependOnOrder(t *testing.T) {
	type part struct {
		name string
		list bool
	}
	parts := []part{{"cybertip_100000001.json", false}, {"vics_2_0_hashset.json", true}, {"icse.csv", true}, {"nat_syslog_dot_2021.csv", false},
		{"ipdr_dot_2021.csv", false}, {"report.xml", false}, {"FileList.csv", false}, {"operators", false}}
	var want string
	for turn := range 5 {
		h := newHouse(t)
		draw := rand.New(rand.NewPCG(7, uint64(turn)))
		if turn > 0 {
			draw.Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
		}
		for _, p := range parts {
			switch {
			case p.name == "operators":
				h.operators(t)
				h.settle(t)
			case p.list:
				h.list(t, p.name, p.name, sample(t, p.name))
			default:
				h.handIn(t, p.name, sample(t, p.name))
			}
		}
		got := words(t, h.queue(t))
		if turn == 0 {
			want = got
			if len(h.queue(t)) == 0 {
				t.Fatal("no leads to compare")
			}
			continue
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("order %v gives other leads:\n%s", parts, diff)
		}
	}
}

// Both engines tell the same story, to the byte.
func TestEnginesTellTheSame(t *testing.T) {
	told := map[string]string{}
	for name, where := range engines(t) {
		h := houseOn(t, where)
		h.operators(t)
		h.handIn(t, "tip.json", sample(t, "cybertip_100000001.json"))
		h.list(t, "known", "vics.json", sample(t, "vics_2_0_hashset.json"))
		for _, f := range []string{"ipdr_jio_style.csv", "report.xml", "FileList.csv"} {
			h.handIn(t, f, sample(t, f))
		}
		for _, target := range []string{synthetic1, "198.51.100.77", "198.51.100.77:51602", "+910000000001", "synthetic_user_01@example.com"} {
			told[name] += words(t, h.trace(t, target))
		}
		told[name] += words(t, h.queue(t))
	}
	if diff := cmp.Diff(strings.Split(told["sqlite"], "\n"), strings.Split(told["postgres"], "\n")); diff != "" {
		t.Errorf("SQLite (-) and PostgreSQL (+):\n%s", diff)
	}
}

func TestTraceOfIdentifierAndAddress(t *testing.T) {
	h := newHouse(t)
	h.handIn(t, "tip.json", sample(t, "cybertip_100000001.json"))
	h.handIn(t, "ipdr.csv", sample(t, "ipdr_jio_style.csv"))
	for _, c := range []struct {
		target, kind string
		sightings    bool
	}{
		{"198.51.100.77", "address", true}, {"198.51.100.77:51602", "address", true}, {"198.51.100.77:1", "address", false},
		{"2001:db8:40:12::7", "address", true}, {"[2001:db8:40:12::7]:9", "address", false},
		{"synthetic_user_01@example.com", "identifier", true}, {"+910000000001", "identifier", true}, {"nobody@example.com", "identifier", false},
		{"md5:" + synthetic1, "digest", true}, {strings.ToUpper(synthetic1), "digest", true},
	} {
		got := h.trace(t, c.target)
		if got.Target.Kind != c.kind || len(got.Sightings) > 0 != c.sightings {
			t.Errorf("%s: kind %q with %d sightings", c.target, got.Target.Kind, len(got.Sightings))
		}
		if !c.sightings && len(got.NotKnown) == 0 {
			t.Errorf("%s: silence is not said", c.target)
		}
	}
	whole, port := h.trace(t, "198.51.100.77"), h.trace(t, "198.51.100.77:51602")
	if len(port.Sightings) >= len(whole.Sightings) {
		t.Errorf("with port %d, without %d sightings", len(port.Sightings), len(whole.Sightings))
	}
	for _, target := range []string{"", "no such thing", "deadbeef"} {
		if _, err := h.Trace(ctx, target, nil); fault.KindOf(err) != fault.Invalid || fault.Hint(err) == "" {
			t.Errorf("%q: %v", target, err)
		}
	}
}

// Received is not shared (IPED issue 2786).
func TestReceivedIsNotShared(t *testing.T) {
	h := newHouse(t)
	h.handIn(t, "seen.jsonl", []byte(without([]byte(observed(1, "198.51.100.9", "md5:"+synthetic1)), `"upload"`, `"receive"`)))
	got := h.trace(t, synthetic1)
	if len(got.Sightings) != 1 || got.Sightings[0].Act != sighting.Receive {
		t.Fatalf("sightings: %s", words(t, got.Sightings))
	}
	if !slices.ContainsFunc(got.NotKnown, func(s string) bool {
		return strings.Contains(s, "Nothing in the record shows that anyone passed it on")
	}) {
		t.Errorf("not known: %v", got.NotKnown)
	}
}
