package legal_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"suraag/casework/legal"
	"suraag/fault"
	"suraag/instant"
	"suraag/network"
	"suraag/sighting"
)

// written is an operator's row as its words, so that one digit can be changed.
type written struct {
	IP, Port, Inner, InnerPort, Far, FarPort, FromDay, FromTime, ToDay, ToTime, Zone string
	kind                                                                             sighting.LeaseKind
}

func ipdr() written {
	return written{kind: sighting.IPDR, IP: "198.51.100.77", Port: "51602", Far: "203.0.113.10", FarPort: "443",
		FromDay: "28/02/2026", FromTime: "23:58:00", ToDay: "01/03/2026", ToTime: "00:20:11", Zone: "IST"}
}

func answer() written {
	return written{kind: sighting.Subscriber, IP: "198.51.100.77", Port: "51602", FromDay: "01/03/2026", FromTime: "00:15:10", Zone: "IST"}
}

func nat() written {
	w := ipdr()
	w.kind, w.Inner, w.InnerPort = sighting.NAT, "100.64.10.5", "40001"
	return w
}

// behindNAT is the row of the inner side, which a row of translation leads to.
func behindNAT() written {
	w := ipdr()
	w.IP, w.Port, w.Inner, w.InnerPort = "", "", "100.64.10.5", "40001"
	return w
}

// lease reads the words; it says no where a reader would refuse the row.
func (w written) lease(t testing.TB, n int) (sighting.Lease, bool) {
	l := sighting.Lease{Origin: sighting.Origin{ID: fmt.Sprintf("%032x", n+1), Source: strings.Repeat("cd", 32)}, Kind: w.kind, Name: "Synthetic Subscriber",
		Who: []sighting.Identifier{id(t, sighting.Phone, "", "910000000001")}}
	if w.kind == sighting.NAT {
		l.Name, l.Who = "", nil
	}
	ok := true
	side := func(ip, port string) (e sighting.Endpoint) {
		if ip == "" {
			return e
		}
		e, err := sighting.ParseEndpoint(ip, port)
		ok = ok && err == nil
		return e
	}
	l.Public, l.Private, l.Dest = side(w.IP, w.Port), side(w.Inner, w.InnerPort), side(w.Far, w.FarPort)
	when := func(day, clock string) instant.Instant {
		rule := instant.Rule{Zone: instant.IST(), Basis: instant.ByRule, Order: instant.DayFirst}
		words := day + " " + clock
		switch w.Zone {
		case "IST":
		case "none":
			rule = instant.Rule{Order: instant.DayFirst}
		case "assumed":
			rule.Basis = instant.Assumed
		default:
			words += " " + w.Zone
		}
		i, err := instant.Parse(words, rule)
		ok = ok && err == nil
		return i
	}
	l.From = when(w.FromDay, w.FromTime)
	l.To = l.From
	if w.kind != sighting.Subscriber {
		l.To = when(w.ToDay, w.ToTime)
	}
	return l, ok
}

func asked(t testing.TB) legal.Request {
	t.Helper()
	return sent(t, made(t, lead(t).seen(func(s *sighting.Sighting) { s.At = ep(t, "203.0.113.10", "443") }).weighed()))
}

func compare(t testing.TB, r legal.Request, rows ...written) legal.Request {
	t.Helper()
	var leases []sighting.Lease
	for n, w := range rows {
		l, ok := w.lease(t, n)
		if !ok {
			t.Fatalf("row %d cannot be read: %+v", n, w)
		}
		leases = append(leases, l)
	}
	return compareLeases(t, r, leases...)
}

func compareLeases(t testing.TB, r legal.Request, leases ...sighting.Lease) legal.Request {
	t.Helper()
	r, err := r.Compare([]string{strings.Repeat("cd", 32)}, leases, nil, "first officer", now().AddDate(0, 0, 3))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// What says what was asked is taken; the subscriber is named with its two
// addresses apart.
func TestReplyThatMatches(t *testing.T) {
	for name, rows := range map[string][]written{
		"detail record": {ipdr()}, "answer about the moment": {answer()}, "translation and detail": {nat(), behindNAT()},
	} {
		t.Run(name, func(t *testing.T) {
			r := compare(t, asked(t), rows...)
			if r.State != legal.Answered {
				t.Fatalf("%s: %s", r.State, words(t, r.Replies[0].Rows))
			}
			x, sole := r.Sole()
			if !sole || len(x.Identifiers) != 1 || x.Identifiers[0].Value != "+910000000001" {
				t.Errorf("resolved %+v, %v", x, r.Replies[0].Sentences)
			}
		})
	}
}

// Every digit, day, zone and port: a row in which one was changed is in
// quarantine, and nothing is taken from it.
func TestReplyWithOneThingChanged(t *testing.T) {
	request := asked(t)
	for name, base := range map[string][]written{
		"detail record": {ipdr()}, "answer about the moment": {answer()}, "translation and detail": {nat(), behindNAT()}, "translation alone": {nat()},
	} {
		t.Run(name, rapid.MakeCheck(func(rt *rapid.T) {
			rows := slices.Clone(base)
			n := rapid.IntRange(0, len(rows)-1).Draw(rt, "row")
			changed := change(rt, &rows[n])
			var leases []sighting.Lease
			for k, w := range rows {
				l, ok := w.lease(t, k)
				if !ok {
					rt.Skip("the reader refuses the row")
				}
				leases = append(leases, l)
			}
			r := compareLeases(t, request, leases...)
			last := r.Replies[len(r.Replies)-1]
			bad := slices.Contains(last.Quarantined(), leases[n].ID)
			if !bad {
				rt.Fatalf("%s of %+v was changed and the row is used: %s", changed, rows[n], words(t, last.Rows))
			}
			if _, sole := r.Sole(); sole || r.State != legal.Quarantine {
				rt.Fatalf("%s was changed: %s, and a subscriber is taken from it", changed, r.State)
			}
			for _, x := range last.Resolved {
				if slices.Contains(x.Leases, leases[n].ID) {
					rt.Fatalf("a subscriber is taken from a row in quarantine")
				}
			}
		}))
	}
}

// change changes one thing of a row that an answer repeats from the question, or
// that would move it to another time.
func change(t *rapid.T, w *written) string {
	fields := map[string]*string{"day of the end": &w.ToDay, "day of the beginning": &w.FromDay}
	if w.kind == sighting.Subscriber {
		delete(fields, "day of the end")
		fields["time"] = &w.FromTime
	}
	if w.IP != "" {
		fields["address"], fields["port"] = &w.IP, &w.Port
	} else {
		fields["inner address"], fields["inner port"] = &w.Inner, &w.InnerPort
	}
	if w.Far != "" {
		fields["far address"], fields["far port"] = &w.Far, &w.FarPort
	}
	names := []string{"zone", "both days"}
	for name := range fields {
		names = append(names, name)
	}
	slices.Sort(names)
	name := rapid.SampledFrom(names).Draw(t, "field")
	switch name {
	case "zone":
		w.Zone = rapid.SampledFrom([]string{"UTC", "Z", "+05:00", "+05:45", "-05:30", "+04:30", "+06:30", "none", "assumed"}).Draw(t, "zone")
	case "both days":
		days := rapid.SampledFrom([][2]string{{"27/02/2026", "28/02/2026"}, {"01/03/2026", "02/03/2026"}, {"28/02/2025", "01/03/2025"}, {"28/01/2026", "29/01/2026"}}).Draw(t, "days")
		w.FromDay, w.ToDay = days[0], days[1]
		if w.kind == sighting.Subscriber {
			w.FromDay = days[0]
			if days[0] == "01/03/2026" {
				w.FromDay = "02/03/2026"
			}
		}
	default:
		*fields[name] = digitChanged(t, *fields[name])
	}
	return name
}

// digitChanged gives the words with one digit changed.
func digitChanged(t *rapid.T, words string) string {
	var at []int
	for n := range len(words) {
		if words[n] >= '0' && words[n] <= '9' {
			at = append(at, n)
		}
	}
	n := rapid.SampledFrom(at).Draw(t, "digit")
	to := rapid.IntRange(1, 9).Draw(t, "to")
	b := []byte(words)
	b[n] = '0' + (b[n]-'0'+byte(to))%10
	return string(b)
}

// A digit of the clock in a row with beginning and end is a difference unless the
// row still holds the whole span; then it answers what was asked.
func TestClockChangedInARowThatSpans(t *testing.T) {
	request := asked(t)
	w := request.Draft.Question.Window
	rapid.Check(t, func(rt *rapid.T) {
		row := ipdr()
		field := rapid.SampledFrom([]*string{&row.FromTime, &row.ToTime}).Draw(rt, "field")
		*field = digitChanged(rt, *field)
		l, ok := row.lease(t, 0)
		if !ok {
			rt.Skip("the reader refuses the row")
		}
		r := compareLeases(t, request, l)
		holds := !l.From.Until.After(w.From) && !l.To.At.Before(w.Until)
		if used := r.State == legal.Answered; used != holds {
			rt.Fatalf("row %s to %s: used %v, holds the span %v", l.From, l.To, used, holds)
		}
	})
}

func TestReply(t *testing.T) {
	second := func(w written, phone string) sighting.Lease {
		l, _ := w.lease(t, 7)
		l.Who = []sighting.Identifier{id(t, sighting.Phone, "", phone)}
		return l
	}
	first, _ := ipdr().lease(t, 0)
	half := ipdr()
	half.ToTime = "00:15:10"
	whole := ipdr()
	whole.Port = ""
	for _, c := range []struct {
		name   string
		leases []sighting.Lease
		state  legal.State
		sole   bool
		want   string
	}{
		{"several candidates stay several", []sighting.Lease{first, second(ipdr(), "910000000002")}, legal.Answered, false, "none of them may be taken"},
		{"no installation address", []sighting.Lease{first}, legal.Answered, true, "R6: the installation address is not stated"},
		{"the port changed hands inside the span (R7)", []sighting.Lease{second(half, "910000000001")}, legal.Quarantine, false, "R5: 1 of 1 rows differ"},
		{"without the port, on an address that is shared", []sighting.Lease{second(whole, "910000000001")}, legal.Quarantine, false, "R5: 1 of 1 rows differ"},
		{"one row right, one of another port", []sighting.Lease{first, func() sighting.Lease {
			w := ipdr()
			w.Port = "51610"
			return second(w, "910000000002")
		}()}, legal.Answered, true, "1 of 2 rows speak of other connections"},
		{"one row right, one of another address", []sighting.Lease{first, func() sighting.Lease {
			w := ipdr()
			w.IP = "198.51.100.71"
			return second(w, "910000000002")
		}()}, legal.Quarantine, false, "R5: 1 of 2 rows differ"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := compareLeases(t, asked(t), c.leases...)
			_, sole := r.Sole()
			said := strings.Join(r.Replies[0].Sentences, "\n")
			if r.State != c.state || sole != c.sole || !strings.Contains(said, c.want) {
				t.Errorf("%s, sole %v, said %s", r.State, sole, said)
			}
			if open := strings.Contains(strings.Join(kinds(legal.Clocks([]legal.Request{r}, nil, nil, now())), ", "), legal.LogsEnd); open == sole {
				t.Errorf("one subscriber named %v, and the clock of the operator's records runs %v", sole, open)
			}
		})
	}
}

func TestAddressesStayApart(t *testing.T) {
	l := row(t)
	l.Address = "5 Third Road"
	x, sole := compareLeases(t, asked(t), l).Sole()
	if !sole || x.Installation != "1 Test Road, Testpur" || x.Billing != "9 Other Road, Testpur" || x.Unsaid != "5 Third Road" {
		t.Errorf("%+v", x)
	}
}

func TestReleaseNeedsASecondPersonAndAReason(t *testing.T) {
	w := ipdr()
	w.Port = "51603"
	r := compare(t, asked(t), w)
	for _, by := range []string{"first officer", "First Officer ", ""} {
		if _, err := r.Release(by, "the operator confirmed it", now()); err == nil {
			t.Errorf("%q releases what it handed in", by)
		}
	}
	if _, err := r.Release("second officer", "", now()); err == nil {
		t.Error("released without a reason")
	}
	got, err := r.Release("second officer", "the operator confirmed the port by letter", now())
	if err != nil || got.State != legal.Answered || len(got.Replies[0].Quarantined()) != 0 {
		t.Errorf("%v %s", err, got.State)
	}
	if len(r.Replies[0].Quarantined()) != 1 {
		t.Error("the request before was changed too")
	}
}

// A row that gives the very port to another inside the span, or for days, speaks of
// no other connection: it contradicts the row that matches, and waits for a person.
func TestRowThatContradictsIsNotBeside(t *testing.T) {
	span := func(fromDay, from, toDay, to string) written {
		w := ipdr()
		w.FromDay, w.FromTime, w.ToDay, w.ToTime = fromDay, from, toDay, to
		return w
	}
	port := span("01/03/2026", "00:15:10", "01/03/2026", "00:40:00")
	port.Port = "51603"
	for name, c := range map[string]struct {
		other  written
		beside bool
	}{
		"changed hands inside the span": {span("01/03/2026", "00:15:10", "01/03/2026", "00:40:00"), false},
		"held for days":                 {span("27/02/2026", "10:00:00", "02/03/2026", "10:00:00"), false},
		"the next holder, later":        {span("01/03/2026", "10:00:00", "01/03/2026", "10:40:00"), true},
		"another port inside the span":  {port, true},
	} {
		a, _ := ipdr().lease(t, 0)
		b, ok := c.other.lease(t, 1)
		if !ok {
			t.Fatalf("%s: not read", name)
		}
		b.Name, b.Who = "Another Subscriber", []sighting.Identifier{id(t, sighting.Phone, "", "910000000002")}
		r := compareLeases(t, asked(t), a, b)
		p := r.Replies[0]
		if p.Matched != 1 || (p.Beside == 1) != c.beside || slices.Contains(p.Quarantined(), b.ID) == c.beside {
			t.Errorf("%s: %s, %d match, %d beside, %d in quarantine", name, r.State, p.Matched, p.Beside, len(p.Quarantined()))
		}
	}
}

// Where nobody shares the address, an answer need not repeat the port.
func TestFixedLineNeedsNoPort(t *testing.T) {
	p := lead(t).to("example-fibre")
	p.facts = facts("198.51.100.77", 64501, "Example Fibre Private Limited", "IN", network.AccessFixed, sighting.No, "Asia/Kolkata")
	w := answer()
	w.Port = ""
	if r := compare(t, sent(t, made(t, p.weighed())), w); r.State != legal.Answered {
		t.Errorf("%s: %v", r.State, r.Replies[0].Sentences)
	}
}

// A service's return is compared by account, period and zone; nothing is drafted
// from a row that differs.
func TestReturnOfAService(t *testing.T) {
	ask := sent(t, made(t, lead(t).with("in-bnss94-account").to("example-social").weighed()))
	login := func(account, when string, rule instant.Rule) sighting.Sighting {
		s := sighting.Sighting{Origin: sighting.Origin{Source: strings.Repeat("cd", 32), Reader: "made", Version: 1, Place: sighting.Place{End: int64(len(account + when))}}, Act: sighting.Login,
			Who: []sighting.Identifier{id(t, sighting.Account, "Example Social", account)}, When: by(t, when, rule), From: ep(t, "198.51.100.77", "51544")}
		s.ID = s.Identify()
		return s
	}
	registered := login("900000000000001", "2020-01-01T00:00:00Z", instant.Rule{})
	registered.Act = sighting.Register
	noPort := login("900000000000001", "2026-03-01T00:00:00Z", instant.Rule{})
	noPort.From.Port = 0
	for _, c := range []struct {
		name  string
		s     sighting.Sighting
		field string // that differs
	}{
		{"a log-in of the period", login("900000000000001", "2026-02-28T18:30:00Z", instant.Rule{}), ""},
		{"without port", noPort, ""},
		{"the registration, years before", registered, ""},
		{"one digit of the account", login("900000000000002", "2026-02-28T18:30:00Z", instant.Rule{}), "account"},
		{"another year", login("900000000000001", "2025-02-28T18:30:00Z", instant.Rule{}), "period"},
		{"a time without zone", login("900000000000001", "2026-02-28 18:30:00", instant.Rule{}), "zone"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := ask.Compare([]string{strings.Repeat("cd", 32)}, nil, []sighting.Sighting{c.s}, "first officer", now().AddDate(0, 0, 3))
			if err != nil {
				t.Fatal(err)
			}
			var differs []string
			for _, f := range r.Replies[0].Rows[0].Fields {
				if f.Verdict != legal.Same {
					differs = append(differs, f.Name)
				}
			}
			if strings.Join(differs, " ") != c.field || (c.field == "") != (r.State == legal.Answered) || (c.field != "") != slices.Contains(r.Replies[0].Quarantined(), c.s.ID) {
				t.Errorf("%s: %s differs, want %q: %v", r.State, differs, c.field, r.Replies[0].Sentences)
			}
		})
	}
}

// An extract of a whole day's log is not kept in the request; one that is larger
// still is refused.
func TestLargeAnswer(t *testing.T) {
	var rows []sighting.Lease
	for n := range 1200 {
		w := ipdr()
		w.IP = "198.51.100.71"
		l, _ := w.lease(t, n)
		rows = append(rows, l)
	}
	r := compareLeases(t, asked(t), rows...)
	if p := r.Replies[0]; len(p.Rows) != 500 || len(p.Quarantined()) != 1200 || p.All() != 1200 {
		t.Errorf("%d rows kept, %d in quarantine, %d counted", len(p.Rows), len(p.Quarantined()), p.All())
	}
	if _, err := r.Release("second officer", "confirmed", now()); !fault.Is(err, fault.TooLarge) {
		t.Errorf("1,200 rows are released at once: %v", err)
	}
	_, err := asked(t).Compare(nil, make([]sighting.Lease, 20_001), nil, "first officer", now().AddDate(0, 0, 1))
	if !fault.Is(err, fault.TooLarge) {
		t.Errorf("20,001 rows: %v", err)
	}
}
