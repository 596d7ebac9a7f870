package flow_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"suraag/attribution"
	"suraag/casework"
	"suraag/casework/legal"
	"suraag/fault"
	"suraag/flow"
	"suraag/network"
)

// legalHouse is a house with a list, a report of two uploads from one mobile
// address four days apart, the operator's profile, and a reviewed pack.
func legalHouse(t *testing.T) *house {
	t.Helper()
	h := newHouse(t)
	h.operators(t)
	for kind, text := range map[network.DataKind]string{
		network.KindOperators: "asn,operator,legal_entity,country,access,cgnat,retention_days,retention_source,retention_date,log_zone\n64500,Example Net,Example Net Limited,IN,mobile,yes,730,made,2025-02-01,Asia/Kolkata\n",
		network.KindTor:       "ExitNode 0000000000000000000000000000000000000001\nPublished 2025-02-28 00:00:00\nLastStatus 2025-02-28 01:00:00\nExitAddress 203.0.113.250 2025-02-28 01:00:00\n",
	} {
		for _, day := range []int{28, 32} {
			at := time.Date(2025, 2, day, 0, 0, 0, 0, time.UTC)
			text := strings.ReplaceAll(text, "2025-02-28", at.Format(time.DateOnly))
			if _, bad, err := h.ImportNetwork(ctx, flow.AddressData{Kind: kind, Name: "example " + string(kind) + at.Format(time.DateOnly), AsOf: at, Authority: "published", BroughtBy: "officer"}, strings.NewReader(text)); err != nil || len(bad) > 0 {
				t.Fatal(err, bad)
			}
		}
	}
	h.list(t, "Known", "known.txt", []byte(synthetic1+"\n"))
	h.handIn(t, "uploads.csv", []byte("act,observed_at,service,who,ip,port,md5,standing\n"+
		"upload,2025-02-28T18:45:10Z,Example Social,account:900000000000001,198.51.100.77,51602,"+synthetic1+",provider capture\n"+
		"upload,2025-03-04T10:15:00Z,Example Social,account:900000000000001,198.51.100.78,40022,"+synthetic1+",provider capture\n"))
	text, err := os.ReadFile("testdata/legal/example.toml")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.AddPack(ctx, text, "officer"); err != nil {
		t.Fatal(err)
	}
	return h
}

func (h *house) reviewed(t *testing.T) {
	t.Helper()
	for _, id := range []string{"in", "example"} {
		if _, err := h.ReviewPack(ctx, id, "", "counsel", "compared"); err != nil {
			t.Fatal(err)
		}
	}
}

// leadAt is the lead of the address.
func (h *house) leadAt(t *testing.T, address string) casework.Lead {
	t.Helper()
	for _, l := range h.queue(t) {
		if strings.HasPrefix(l.Finding.Observation.Endpoint.String(), address) {
			return l
		}
	}
	t.Fatalf("no lead at %s among %d", address, len(h.queue(t)))
	return casework.Lead{}
}

func demand(lead string) legal.Demand {
	return legal.Demand{Lead: lead, Instrument: "in-bnss94", By: "first officer", Office: legal.Office{
		Unit: "Cyber Cell", Officer: "First Officer", Jurisdiction: "IN", Case: "FIR 12/2025 PS Cyber Cell", Offence: "section 67B, IT Act 2000"}}
}

func (h *house) sent(t *testing.T, r legal.Request) {
	t.Helper()
	if _, err := h.Approve(ctx, r.ID, "second officer", r.Draft.Exhibit.SHA256); err != nil {
		t.Fatal(err)
	}
	if _, err := h.MarkSent(ctx, r.ID, "first officer", "portal", h.Now()); err != nil {
		t.Fatal(err)
	}
}

const reply = "Landline/MSISDN/MDN/Leased Circuit ID for Internet Access,Name of person/Organization,Installation Address,Billing Address,Translated IP Address,Translated Port,Start Date,Start Time,End Date,End Time,IMSI\n" +
	"910000000001,Synthetic Subscriber,1 Test Road,9 Other Road,198.51.100.77,51602,28/02/2025,23:58:00,01/03/2025,00:20:11,404000000000001\n"

// From a lead to the second request, without one digit typed.
func TestLegalLoop(t *testing.T) {
	h := legalHouse(t)
	lead := h.leadAt(t, "198.51.100.77")
	if lead.Finding.Outcome != attribution.Ask {
		t.Fatalf("%s: %s", lead.Finding.Outcome, lead.Finding.Sentence)
	}
	_, refusals, err := h.Draft(ctx, demand(lead.ID))
	if err != nil || len(refusals) != 2 || refusals[0].Rule != "pack" {
		t.Fatalf("before any review: %v %+v", err, refusals)
	}
	h.reviewed(t)
	r, refusals, err := h.Draft(ctx, demand(lead.ID[:12]))
	if err != nil || len(refusals) > 0 {
		t.Fatalf("%v %+v", err, refusals)
	}
	if got := r.Letter().Text(); !strings.Contains(got, "198.51.100.77") || !strings.Contains(got, "1 March 2025 00:15:10 IST") || !strings.Contains(got, "upload,2025-02-28T18:45:10Z") {
		t.Errorf("the letter:\n%s", got)
	}
	if _, err := h.Approve(ctx, r.ID, "first officer", r.Draft.Exhibit.SHA256); !fault.Is(err, fault.Denied) {
		t.Errorf("approved by whoever drafted: %v", err)
	}
	_, again, err := h.Draft(ctx, demand(lead.ID))
	if err != nil || len(again) != 1 {
		t.Errorf("the same demand twice: %v %+v", err, again)
	}
	h.sent(t, r)
	src := h.handIn(t, "reply.csv", []byte(reply))
	got, err := h.Reply(ctx, r.ID, []string{src.ID}, "first officer")
	if err != nil {
		t.Fatal(err)
	}
	h.settle(t)
	x, sole := got.Request.Sole()
	if !sole || x.Installation != "1 Test Road" || x.Billing != "9 Other Road" {
		t.Errorf("resolved %+v, %v", x, got.Request.Replies[0].Sentences)
	}
	if got.Second == nil || got.Second.Draft.Follows != r.ID || !strings.HasPrefix(got.Second.Draft.Question.Endpoint.String(), "198.51.100.78") || got.Second.State != legal.Drafted {
		t.Errorf("the second request (R3): %+v, %s", got.Second, got.Note)
	}
	clocks, err := h.Clocks(ctx)
	if err != nil || len(clocks) != 1 || clocks[0].Kind != legal.LogsEnd {
		t.Errorf("clocks %v, %+v", err, clocks)
	}
}

// A row that differs is kept from the gate, for every lead, until a second person
// releases it.
func TestQuarantineIsKeptFromTheGate(t *testing.T) {
	h := legalHouse(t)
	h.reviewed(t)
	r, refusals, err := h.Draft(ctx, demand(h.leadAt(t, "198.51.100.77").ID))
	if err != nil || len(refusals) > 0 {
		t.Fatal(err, refusals)
	}
	h.sent(t, r)
	// One digit: the row now speaks of the address of another lead.
	wrong := strings.NewReplacer("198.51.100.77,51602,28/02/2025,23:58:00,01/03/2025,00:20:11", "198.51.100.78,40022,04/03/2025,15:30:00,04/03/2025,16:20:11").Replace(reply)
	src := h.handIn(t, "reply.csv", []byte(wrong))
	if f := h.leadAt(t, "198.51.100.78").Finding; f.Resolution == nil || len(f.Resolution.Candidates) != 1 {
		t.Fatalf("before the comparison the row is not used: %+v", f.Resolution)
	}
	got, err := h.Reply(ctx, r.ID, []string{src.ID}, "first officer")
	if err != nil || got.Request.State != legal.Quarantine || got.Second != nil {
		t.Fatalf("%v, %s", err, got.Request.State)
	}
	h.settle(t)
	if f := h.leadAt(t, "198.51.100.78").Finding; f.Resolution != nil {
		t.Errorf("a row in quarantine resolves another lead: %+v", f.Resolution)
	}
	if f := h.trace(t, "198.51.100.78:40022"); len(f.Addresses) != 1 || f.Addresses[0].Resolution != nil {
		t.Errorf("a trace uses a row in quarantine")
	}
	if _, err := h.Release(ctx, r.ID, "first officer", "confirmed"); !fault.Is(err, fault.Denied) {
		t.Errorf("released by whoever handed it in: %v", err)
	}
	if _, err := h.Release(ctx, r.ID, "second officer", "the operator confirmed it by letter"); err != nil {
		t.Fatal(err)
	}
	h.settle(t)
	if f := h.leadAt(t, "198.51.100.78").Finding; f.Resolution == nil {
		t.Error("a released row is still kept from the gate")
	}
}

// Whoever was sent the thing corrected is listed; drafts that rest on it do not go
// out; nothing new is drafted on it.
func TestCorrectionStopsWhatRestsOnIt(t *testing.T) {
	h := legalHouse(t)
	h.reviewed(t)
	lead := h.leadAt(t, "198.51.100.77")
	out, refusals, err := h.Draft(ctx, demand(lead.ID))
	if err != nil || len(refusals) > 0 {
		t.Fatal(err, refusals)
	}
	h.sent(t, out)
	keep := demand(h.leadAt(t, "198.51.100.78").ID)
	keep.Instrument = "in-preserve"
	waiting, refusals, err := h.Draft(ctx, keep)
	if err != nil || len(refusals) > 0 {
		t.Fatal(err, refusals)
	}
	c, err := h.Correct(ctx, lead.Source, legal.WrongTime, "the service sent the time of another file", "first officer")
	if err != nil || len(c.Recipients) != 1 || c.Recipients[0].Request != out.ID {
		t.Fatalf("%v %+v", err, c.Recipients)
	}
	if got, _ := h.db.FindRequest(ctx, waiting.ID); got.State != legal.Withdrawn {
		t.Errorf("a draft that rests on it is %s", got.State)
	}
	_, refusals, err = h.Draft(ctx, keep)
	if err != nil || len(refusals) != 1 || refusals[0].Rule != "R14" {
		t.Errorf("drafted anew: %v %+v", err, refusals)
	}
	clocks, err := h.Clocks(ctx)
	told := 0
	for _, k := range clocks {
		if k.Kind == legal.TellBy {
			told++
		}
	}
	if err != nil || told != 1 {
		t.Errorf("%v, %d clocks on the correction", err, told)
	}
	if c, err = h.Tell(ctx, c.ID[:8], out.ID[:12], "first officer", h.Now()); err != nil || c.Untold() != 0 {
		t.Errorf("%v, untold %d", err, c.Untold())
	}
}

// What was found to be wrong leads to nothing: the leads go, and an operator's row
// names nobody any more.
func TestCorrectionTakesLeadsBack(t *testing.T) {
	h := legalHouse(t)
	src := h.handIn(t, "reply.csv", []byte(reply))
	h.settle(t)
	named := func() int {
		if r := h.leadAt(t, "198.51.100.77").Finding.Resolution; r != nil {
			return len(r.Candidates)
		}
		return 0
	}
	if named() != 1 {
		t.Fatal("the row names nobody")
	}
	rows, err := h.db.LeasesIn(ctx, src.ID)
	if err != nil || len(rows) != 1 {
		t.Fatal(err, rows)
	}
	if _, err := h.Correct(ctx, rows[0].ID, legal.WrongSubscriber, "the operator named the holder of another port", "first officer"); err != nil {
		t.Fatal(err)
	}
	h.settle(t)
	if named() != 0 {
		t.Error("a corrected row still names a subscriber")
	}
	if got := h.trace(t, "phone:+910000000001").Actors; len(got) != 0 {
		t.Errorf("a corrected row still ties %v", got[0].Identifiers)
	}
	for _, slip := range []string{rows[0].ID[:12], strings.Repeat("0", 32), "the reply", ""} {
		if _, err := h.Correct(ctx, slip, legal.WrongTime, "a slip of the hand", "first officer"); !fault.Is(err, fault.NotFound) {
			t.Errorf("a correction of %q, which is nothing: %v", slip, err)
		}
	}
	lead := h.leadAt(t, "198.51.100.77")
	if _, err := h.Correct(ctx, lead.Finding.Observation.SightingID, legal.WrongTime, "the service sent the time of another file", "first officer"); err != nil {
		t.Fatal(err)
	}
	h.settle(t)
	if queue := h.queue(t); len(queue) != 1 || queue[0].Finding.Observation.Endpoint.IP == lead.Finding.Observation.Endpoint.IP {
		t.Errorf("%d leads; the one on a corrected record is kept", len(queue))
	}
	fit := h.leadAt(t, "198.51.100.78")
	for _, u := range fit.Finding.Facts.Data {
		if u.Kind == network.KindOperators {
			if _, err := h.Correct(ctx, u.SHA256, legal.WrongZone, "the operator logs in UTC", "first officer"); err != nil {
				t.Fatal(err)
			}
		}
	}
	h.settle(t)
	if f := h.leadAt(t, "198.51.100.78").Finding.Facts; fit.Finding.Facts.LogZone == "" || f.LogZone != "" {
		t.Errorf("a corrected profile still answers: zone %q, before %q", f.LogZone, fit.Finding.Facts.LogZone)
	}
	got := h.trace(t, synthetic1)
	for _, c := range got.Origin.Proven {
		if c.ID == lead.Finding.Observation.SightingID {
			t.Errorf("a corrected record proves an upload: %s", c.Sentence)
		}
	}
	if n := len(got.Origin.Proven); n != 1 || !strings.Contains(strings.Join(got.NotKnown, " "), "register of errors") {
		t.Errorf("%d proven; %q", n, got.NotKnown)
	}
	for _, a := range got.Addresses {
		if a.Observation.SightingID == lead.Finding.Observation.SightingID && (a.Outcome != attribution.Unusable || !strings.Contains(a.Sentence, "the time of another file")) {
			t.Errorf("the trace says: %s", a.Sentence)
		}
	}
}

// A draft whose lead went meanwhile is not approved.
func TestApprovalNeedsTheGroundOfTheDraft(t *testing.T) {
	h := legalHouse(t)
	h.reviewed(t)
	r, refusals, err := h.Draft(ctx, demand(h.leadAt(t, "198.51.100.77").ID))
	if err != nil || len(refusals) > 0 {
		t.Fatal(err, refusals)
	}
	tor := "ExitNode 0000000000000000000000000000000000000002\nPublished 2025-02-28 18:00:00\nLastStatus 2025-02-28 19:00:00\nExitAddress 198.51.100.77 2025-02-28 18:30:00\n"
	if _, _, err := h.ImportNetwork(ctx, flow.AddressData{Kind: network.KindTor, Name: "example exits", AsOf: time.Date(2025, 2, 28, 0, 0, 0, 0, time.UTC), Authority: "published", BroughtBy: "officer"}, strings.NewReader(tor)); err != nil {
		t.Fatal(err)
	}
	h.settle(t)
	if _, err := h.Approve(ctx, r.ID, "second officer", r.Draft.Exhibit.SHA256); !fault.Is(err, fault.Denied) || !strings.Contains(err.Error(), "Tor exit") {
		t.Errorf("approved although the address was an exit: %v", err)
	}
	if _, err := h.Retract(ctx, "Known", "officer", "sent by mistake"); err != nil {
		t.Fatal(err)
	}
	h.settle(t)
	if _, err := h.Approve(ctx, r.ID, "second officer", r.Draft.Exhibit.SHA256); !fault.Is(err, fault.Denied) || !strings.Contains(err.Error(), "not in the queue") {
		t.Errorf("approved although no list knows the content: %v", err)
	}
	if got, err := h.db.FindRequest(ctx, r.ID); err != nil || got.State != legal.Drafted {
		t.Errorf("%v, %s", err, got.State)
	}
}

// Two accounts at one address in one second may be two people: each has its lead.
func TestEveryAccountAtOneMomentHasItsLead(t *testing.T) {
	h := legalHouse(t)
	h.handIn(t, "more.csv", []byte("act,observed_at,service,who,ip,port,md5,standing\n"+
		"upload,2025-03-04T11:00:00Z,Example Social,account:900000000000002,198.51.100.90,,"+synthetic1+",provider capture\n"+
		"upload,2025-03-04T11:00:00Z,Example Social,account:900000000000003,198.51.100.90,,"+synthetic1+",provider capture\n"))
	n := 0
	for _, l := range h.queue(t) {
		if strings.HasPrefix(l.Finding.Observation.Endpoint.String(), "198.51.100.90") {
			n++
		}
	}
	if n != 2 {
		t.Errorf("%d leads, want 2", n)
	}
}

// An original that was changed after sealing carries no request and no approval.
func TestExhibitIsTheSealedBytes(t *testing.T) {
	h := legalHouse(t)
	h.reviewed(t)
	lead := h.leadAt(t, "198.51.100.77")
	r, refusals, err := h.Draft(ctx, demand(lead.ID))
	if err != nil || len(refusals) > 0 {
		t.Fatal(err, refusals)
	}
	harmOriginal(t, h, lead.Source)
	if _, err := h.Approve(ctx, r.ID, "second officer", r.Draft.Exhibit.SHA256); !fault.Is(err, fault.Corrupt) {
		t.Errorf("approved on a changed original: %v", err)
	}
	if _, _, err := h.Draft(ctx, demand(lead.ID)); !fault.Is(err, fault.Corrupt) {
		t.Errorf("drafted on a changed original: %v", err)
	}
}

// Every step is in the custody log, in the data's own transaction.
func TestEveryStepIsLogged(t *testing.T) {
	h := legalHouse(t)
	h.reviewed(t)
	r, refusals, err := h.Draft(ctx, demand(h.leadAt(t, "198.51.100.77").ID))
	if err != nil || len(refusals) > 0 {
		t.Fatal(err, refusals)
	}
	h.sent(t, r)
	src := h.handIn(t, "reply.csv", []byte(reply))
	if _, err := h.Reply(ctx, r.ID, []string{src.ID}, "first officer"); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Correct(ctx, r.ID, legal.OtherError, "a test", "first officer"); err != nil {
		t.Fatal(err)
	}
	for kind, want := range map[string]int{"pack added": 1, "pack reviewed": 2, "request": 4, "reply": 1, "correction": 1} {
		var n int
		if err := h.db.QueryRowContext(ctx, `SELECT count(*) FROM log_entry WHERE kind = $1`, kind).Scan(&n); err != nil || n != want {
			t.Errorf("%q: %d entries, want %d (%v)", kind, n, want, err)
		}
	}
}
