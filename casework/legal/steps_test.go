package legal_test

import (
	"bufio"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"suraag/casework"
	"suraag/casework/legal"
	"suraag/casework/pack"
	"suraag/fault"
	"suraag/instant"
	"suraag/network"
	"suraag/sighting"
)

// Four eyes: a second person, the exhibit before the eyes, and the draft as it was.
func TestApprove(t *testing.T) {
	r := made(t, lead(t).weighed())
	changed := r
	changed.Draft.Question.Endpoint.Port++
	for _, c := range []struct {
		name, by, shown string
		r               legal.Request
		want            fault.Kind
	}{
		{"by whoever drafted", "first officer", r.Draft.Exhibit.SHA256, r, fault.Denied},
		{"by the same name in other letters", " First Officer", r.Draft.Exhibit.SHA256, r, fault.Denied},
		{"by nobody", "", r.Draft.Exhibit.SHA256, r, fault.Denied},
		{"without the exhibit", "second officer", "", r, fault.Conflict},
		{"with another exhibit", "second officer", strings.Repeat("0", 64), r, fault.Conflict},
		{"of a draft that was changed", "second officer", r.Draft.Exhibit.SHA256, changed, fault.Corrupt},
	} {
		if got, err := c.r.Approve(c.by, c.shown, now()); !fault.Is(err, c.want) || got.State != legal.Drafted {
			t.Errorf("%s: %v, %s", c.name, err, got.State)
		}
	}
	got, err := r.Approve("second officer", r.Draft.Exhibit.SHA256, now())
	if err != nil || got.State != legal.Approved || r.State != legal.Drafted || len(r.Events) != 1 {
		t.Errorf("%v %s", err, got.State)
	}
	if _, err := got.Approve("third officer", r.Draft.Exhibit.SHA256, now()); !fault.Is(err, fault.Conflict) {
		t.Errorf("approved twice: %v", err)
	}
}

func TestOnlyWhatWasApprovedIsSent(t *testing.T) {
	r := made(t, lead(t).weighed())
	if _, err := r.MarkSent("first officer", "portal", now(), now()); err == nil {
		t.Error("a draft is marked as sent")
	}
	refused, err := r.Refuse("second officer", "the wrong addressee", now())
	if err != nil || refused.State != legal.Refused {
		t.Fatal(err)
	}
	if _, err := refused.Approve("second officer", r.Draft.Exhibit.SHA256, now()); err == nil {
		t.Error("what was refused is approved")
	}
	ok, err := r.Approve("second officer", r.Draft.Exhibit.SHA256, now())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ok.MarkSent("first officer", "portal", now().AddDate(0, 0, 1), now()); err == nil {
		t.Error("sent in the future")
	}
	night := time.Date(2026, 11, 27, 20, 30, 0, 0, time.UTC) // 2 o'clock of the 28th in India
	if _, err := ok.MarkSent("first officer", "portal", time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC), night); err != nil {
		t.Errorf("the day that it is in India is refused: %v", err)
	}
	if s := sent(t, r); s.State != legal.Sent || !s.WasSent() {
		t.Errorf("%s", s.State)
	}
	if _, err := sent(t, r).Answer("first officer", "by letter", now()); !fault.Is(err, fault.Denied) {
		t.Errorf("an answer is taken without comparison: %v", err)
	}
}

// What comes back from a store is what was drafted, also where the words cannot be
// written as text.
func TestIntactAfterTheStore(t *testing.T) {
	p := lead(t)
	p.in.Office.Unit = "Cyber Cell \xff\x00, Testpur"
	p.in.Exhibit = p.in.Exhibit.Quote([]byte("198.51.100.77 \xfe\x00"), false)
	r := made(t, p.weighed())
	var back legal.Request
	if err := json.Unmarshal([]byte(words(t, r)), &back); err != nil {
		t.Fatal(err)
	}
	if !r.Intact() || !back.Intact() || words(t, back) != words(t, r) {
		t.Error("the request is not what it was")
	}
	back.Draft.Office.Case += "x"
	if back.Intact() {
		t.Error("a changed request is called intact")
	}
}

func kinds(clocks []legal.Clock) (out []string) {
	for _, c := range clocks {
		out = append(out, c.Due.Format(time.DateOnly)+" "+c.Kind)
	}
	return out
}

func TestClocks(t *testing.T) {
	keep := lead(t).with("in-preserve").weighed()
	keep.Report, keep.ReportedAt = "CyberTip 100000001", time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	terms := []pack.Clock{{ID: "us-2258a-h", Title: "A provider keeps the contents of its CyberTipline report", Days: 365, From: "report"}}
	preserve := sent(t, made(t, keep)) // on 27 November 2026
	got := legal.Clocks([]legal.Request{preserve}, nil, terms, now())
	want := "2026-11-30 reply due, 2027-02-11 renew preservation, 2027-02-25 preservation ends, 2027-03-01 provider's copy of its report ends, 2028-02-28 operator's records end"
	if s := strings.Join(kinds(got), ", "); s != want {
		t.Errorf("clocks\n got %s\nwant %s", s, want)
	}
	renewed, err := preserve.Renew("first officer", "portal", now().AddDate(0, 0, 60), now().AddDate(0, 0, 60))
	if err != nil {
		t.Fatal(err)
	}
	if s := strings.Join(kinds(legal.Clocks([]legal.Request{renewed}, nil, nil, now())), ", "); !strings.Contains(s, "2027-04-26 preservation ends") {
		t.Errorf("after renewal: %s", s)
	}
	order := made(t, lead(t).weighed())
	if s := strings.Join(kinds(legal.Clocks([]legal.Request{order}, nil, nil, now())), ", "); s != "2028-02-28 operator's records end" {
		t.Errorf("before it is sent: %s", s)
	}
	withdrawn, err := sent(t, order).Withdraw("first officer", "corrected", now())
	if err != nil {
		t.Fatal(err)
	}
	if c := legal.Clocks([]legal.Request{withdrawn}, nil, nil, now()); len(c) != 0 {
		t.Errorf("a withdrawn request has clocks: %v", kinds(c))
	}
	if c := legal.Clocks([]legal.Request{sent(t, order)}, nil, nil, now().AddDate(0, 0, 8)); !c[0].Past {
		t.Errorf("an overdue answer is not past: %+v", c[0])
	}
}

// The calendar file keeps to RFC 5545: lines end with CRLF, none is longer than 75
// octets, no letter is cut, and text is escaped.
func TestCalendar(t *testing.T) {
	c := legal.Clock{Request: strings.Repeat("a", 32), Kind: legal.ReplyDue, Due: time.Date(2026, 12, 4, 20, 0, 0, 0, time.UTC),
		Words: "Example Mobile Limited; has, to answer \\ request " + strings.Repeat("सुराग ", 30), Source: "BNSS, section 94"}
	text := string(legal.Calendar([]legal.Clock{c}, now()))
	if strings.Contains(strings.ReplaceAll(text, "\r\n", ""), "\n") || !strings.HasPrefix(text, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n") || !strings.HasSuffix(text, "END:VCALENDAR\r\n") {
		t.Error("lines do not end with CRLF, or the calendar is not closed")
	}
	var whole strings.Builder
	lines := bufio.NewScanner(strings.NewReader(text))
	for lines.Scan() {
		line := strings.TrimSuffix(lines.Text(), "\r")
		if len(line) > 75 {
			t.Errorf("line of %d octets", len(line))
		}
		if strings.ToValidUTF8(line, "") != line {
			t.Errorf("a letter is cut: %q", line)
		}
		if rest, folded := strings.CutPrefix(line, " "); folded {
			whole.WriteString(rest)
		} else {
			whole.WriteString("\n" + line)
		}
	}
	for _, want := range []string{"\nSUMMARY:reply due: Example Mobile Limited\\; has\\, to answer \\\\ request " + strings.TrimSpace(strings.Repeat("सुराग ", 30)),
		"\nDTSTART;VALUE=DATE:20261204", "\nDTEND;VALUE=DATE:20261205", "\nTRIGGER:-P7D", "\nDTSTAMP:20261127T090000Z"} {
		if !strings.Contains(whole.String(), want) {
			t.Errorf("the calendar lacks %q:%s", want, whole.String())
		}
	}
}

// A correction reaches everyone who was sent the thing corrected, and nobody else.
func TestCorrectionReachesEveryRecipient(t *testing.T) {
	addressData := strings.Repeat("da", 32)
	withData := func(p *prepared) *prepared {
		p.facts.Data = []network.Used{{Kind: network.KindTor, Name: "example exits", SHA256: addressData}}
		return p
	}
	base := withData(lead(t)).weighed()
	order := sent(t, made(t, base))
	order = compareLeases(t, order, row(t))
	keep := sent(t, made(t, withData(lead(t).with("in-preserve")).weighed()))
	unsent := made(t, lead(t).with("in-preserve-account").to("example-social").weighed())
	other := lead(t)
	other.in.Record.Source = strings.Repeat("ef", 32)
	other.in.Exhibit.Source = other.in.Record.Source
	elsewhere := sent(t, made(t, other.seen(func(*sighting.Sighting) {}).weighed()))
	all := []legal.Request{order, keep, unsent, elsewhere}
	for _, c := range []struct {
		name, subject string
		want          int
	}{
		{"the source", base.Record.Source, 2}, {"the record", base.Record.ID, 2}, {"an operator's row", row(t).ID, 1}, {"the reply", strings.Repeat("cd", 32), 1},
		{"address data that was asked", addressData, 2}, {"a pack", base.Pack.SHA256, 3},
		{"a request", keep.ID, 1}, {"nothing", "", 0}, {"another source", strings.Repeat("ef", 32), 1},
	} {
		got, err := legal.Correct(c.subject, legal.WrongTime, "the service sent the time of another file", "first officer", all, now())
		if err != nil {
			t.Fatal(err)
		}
		if len(got.Recipients) != c.want {
			t.Errorf("%s: %d recipients, want %d", c.name, len(got.Recipients), c.want)
		}
	}
	got, _ := legal.Correct(base.Record.Source, legal.WrongTime, "the service sent the time of another file", "first officer", all, now())
	if n := len(legal.Clocks(nil, []legal.Correction{got}, nil, now())); n != 2 {
		t.Errorf("%d clocks run on a correction to 2 recipients", n)
	}
	// What follows from two answers rests on what both were asked about, whichever
	// of them it names as its own record.
	search := sent(t, made(t, other.weighed()))
	search.ID, search.Draft.Resolved = strings.Repeat("5e", 16), []legal.Resolved{{Request: order.ID}, {Request: elsewhere.ID}}
	through, err := legal.Correct(base.Record.ID, legal.WrongTime, "the service sent the time of another file", "first officer", append(slices.Clone(all), search), now())
	if err != nil || !slices.ContainsFunc(through.Recipients, func(r legal.Recipient) bool { return r.Request == search.ID }) {
		t.Errorf("%v: who was sent what follows is not told: %+v", err, through.Recipients)
	}
	letter := got.Letter(order).Text()
	golden(t, "letters/correction.txt", letter)
	got, err = got.Tell(order.ID, "first officer", now())
	if err != nil || got.Untold() != 1 {
		t.Errorf("%v, untold %d", err, got.Untold())
	}
	if _, err := legal.Correct("x", "typo", "y", "z", nil, now()); !fault.Is(err, fault.Invalid) {
		t.Errorf("a class that is none: %v", err)
	}
	if s := strings.Join(legal.Classes([]legal.Correction{got, got}), ", "); s != "time 2" {
		t.Errorf("classes: %s", s)
	}
}

// Two independent answers, the installation address, every question answered: only
// then are grounds for a search drafted.
func TestSearch(t *testing.T) {
	first := compareLeases(t, sent(t, made(t, lead(t).weighed())), row(t))
	x, sole := first.Sole()
	if !sole {
		t.Fatal("the first answer names nobody")
	}
	y := x
	y.Request, y.When = strings.Repeat("9", 32), by(t, "2026-03-04T16:40:05Z", instant.Rule{})
	var answers []legal.Answer
	for _, q := range legal.Checklist() {
		answers = append(answers, legal.Answer{Question: q, Words: "asked at the spot; no", By: "first officer"})
	}
	stranger := y
	stranger.Identifiers = []sighting.Identifier{id(t, sighting.Phone, "", "910000000002")}
	billing := y
	billing.Installation = ""
	soon := y
	soon.When = by(t, "2026-02-28T20:00:00Z", instant.Rule{})
	moved := y
	moved.Installation = "2 Test Road, Testpur"
	nextPort := soon
	nextPort.Endpoint.Port++
	six := func(r legal.Resolved, ip string) legal.Resolved {
		r.Endpoint = ep(t, ip, "49822")
		return r
	}
	mail, imsi := id(t, sighting.Email, "", "dealer@example.com"), func(n string) sighting.Identifier { return id(t, sighting.IMSI, "", n) }
	bearing := func(r legal.Resolved, ids ...sighting.Identifier) legal.Resolved {
		r.Identifiers = ids
		return r
	}
	contact := id(t, sighting.Phone, "", "910000000009")
	for _, c := range []struct {
		name     string
		resolved []legal.Resolved
		answers  []legal.Answer
		rule     string
	}{
		{"two independent answers", []legal.Resolved{x, y}, answers, ""},
		{"two places", []legal.Resolved{x, moved}, answers, ""},
		{"one only", []legal.Resolved{x}, answers, "R3"},
		{"one twice", []legal.Resolved{x, x}, answers, "R3"},
		{"of two subscribers", []legal.Resolved{x, stranger}, answers, "R3"},
		{"of one lease", []legal.Resolved{x, soon}, answers, "R3"},
		{"of one lease by another port", []legal.Resolved{x, nextPort}, answers, "R3"},
		{"of one site's prefix", []legal.Resolved{six(x, "2001:db8:40:77::21"), six(soon, "2001:db8:40:78::5:1")}, answers, "R3"},
		{"of two sites' prefixes", []legal.Resolved{six(x, "2001:db8:40:77::21"), six(soon, "2001:db8:41:77::21")}, answers, ""},
		{"alike in an e-mail address alone", []legal.Resolved{bearing(x, mail), bearing(y, mail)}, answers, "R3"},
		{"alike in a contact's number alone", []legal.Resolved{bearing(x, imsi("404000000000001"), contact), bearing(y, imsi("404000000000002"), contact)}, answers, "R3"},
		{"billing address only", []legal.Resolved{x, billing}, answers, "R6"},
		{"a question not answered", []legal.Resolved{x, y}, answers[:5], "R12"},
		{"answered with nothing", []legal.Resolved{x, y}, append(append([]legal.Answer{}, answers[:5]...), legal.Answer{Question: legal.Checklist()[5]}), "R12"},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := lead(t).with("in-search").to("court-in").weighed()
			in.Resolved, in.Checklist = c.resolved, c.answers
			r, refusals, err := legal.Make(in, now())
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(rulesOf(refusals), " "); got != c.rule {
				t.Errorf("refused by %q, want %q", got, c.rule)
			}
			if moved := strings.Contains(strings.Join(r.Draft.Cautions, " "), "installation address differently"); c.rule == "" && moved != (c.name == "two places") {
				t.Errorf("told of two places: %v", moved)
			}
			if c.name == "two independent answers" {
				golden(t, "letters/search.txt", r.Letter().Text())
			}
		})
	}
}

// The second, independent observation is found in the queue by itself (rule R3).
func TestSecondIsFoundByItself(t *testing.T) {
	first := sent(t, made(t, lead(t).weighed()))
	same := lead(t).weighed().Lead
	soon := lead(t).seen(func(s *sighting.Sighting) {
		s.Place.Start, s.When = 1, by(t, "2026-02-28T19:00:00Z", instant.Rule{})
	}).weighed().Lead
	stranger := lead(t).seen(func(s *sighting.Sighting) {
		s.Place.Start, s.When = 2, by(t, "2026-03-04T19:00:00Z", instant.Rule{})
		s.Who = []sighting.Identifier{id(t, sighting.Account, "Example Social", "900000000000009")}
	}).weighed().Lead
	noPort := lead(t).seen(func(s *sighting.Sighting) {
		s.Place.Start, s.When, s.From.Port = 3, by(t, "2026-03-04T19:00:00Z", instant.Rule{}), 0
	}).weighed().Lead
	right := lead(t).seen(func(s *sighting.Sighting) {
		s.Place.Start, s.When = 4, by(t, "2026-03-04T19:00:00Z", instant.Rule{})
	}).weighed().Lead
	nextPort := lead(t).seen(func(s *sighting.Sighting) {
		s.Place.Start, s.When, s.From.Port = 5, by(t, "2026-02-28T19:00:00Z", instant.Rule{}), 51777
	}).weighed().Lead
	if l, found := legal.Second(first, []casework.Lead{same, soon, stranger, noPort, nextPort}); found {
		t.Errorf("%s corroborates", l.Finding.Sentence)
	}
	if l, found := legal.Second(first, []casework.Lead{same, soon, stranger, noPort, right}); !found || l.Finding.Observation.SightingID != right.Finding.Observation.SightingID {
		t.Errorf("found %v, %s", found, l.Finding.Sentence)
	}
}
