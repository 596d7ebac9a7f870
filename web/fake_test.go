package web_test

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"suraag/actor"
	"suraag/attribution"
	"suraag/casework"
	"suraag/casework/legal"
	"suraag/casework/pack"
	"suraag/circulation"
	"suraag/custody"
	"suraag/digest"
	"suraag/fault"
	"suraag/hashset"
	"suraag/instant"
	"suraag/network"
	"suraag/sighting"
	"suraag/web"
)

func now() time.Time { return time.Date(2025, 3, 12, 9, 0, 0, 0, time.UTC) }

// desk is a small record, made of sightings by the rooms themselves, so that the
// pages are tested on what they will be given.
type desk struct {
	decided  []web.Decision
	parted   []string
	trace    casework.Trace
	leads    []casework.Lead
	sources  []custody.Source
	problems []sighting.Problem
	quote    web.Quote
	totals   []web.Totals // one after the other; the last stays
	fail     error        // every method says this
	panics   bool
	entries  []custody.Logged

	demands  []legal.Request
	clocks   []legal.Clock
	refusals []legal.Refusal

	packs    []web.PackInUse
	reviewed []string // pack, text that was shown, by whom
	register []legal.Correction
	entered  []legal.Correction
	told     []string

	complaints complaintsFake
	deliveries deliveriesFake

	mu       sync.Mutex
	acts     []legal.Act
	drafts   []legal.Demand
	asked    []string
	pictures []string // SHA-256 of each
	received []web.HandIn
	bodies   []string
	zones    []string
}

func (d *desk) note(target string, zone *time.Location) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.asked, d.zones = append(d.asked, target), append(d.zones, zone.String())
}

func (d *desk) Trace(_ context.Context, target string, zone *time.Location) (casework.Trace, error) {
	if d.panics {
		panic("made for the test")
	}
	d.note(target, zone)
	if d.fail != nil {
		return casework.Trace{}, d.fail
	}
	if target == "nonsense" {
		err := fault.Newf(fault.Invalid, "target %q is no file, digest, address or identifier", target)
		return casework.Trace{}, fault.WithHint(err, "give a hash, an address or an identifier")
	}
	t := d.trace
	if target == "md5:00000000000000000000000000000000" {
		t = casework.Trace{Target: casework.Target{Kind: "digest"}, AsOf: now()}
		t.NotKnown = t.Missing()
	}
	t.Target.Asked = target
	return t, nil
}

func (d *desk) TraceImage(_ context.Context, name string, r io.ReaderAt, size int64, zone *time.Location) (casework.Trace, error) {
	d.note(name, zone)
	sum := sha256.New()
	if _, err := io.Copy(sum, io.NewSectionReader(r, 0, size)); err != nil {
		return casework.Trace{}, err
	}
	d.mu.Lock()
	d.pictures = append(d.pictures, hex.EncodeToString(sum.Sum(nil)))
	d.mu.Unlock()
	t := d.trace
	t.Target.Asked, t.Target.Kind = name, "image"
	return t, d.fail
}

func (d *desk) Leads(_ context.Context, limit int) ([]casework.Lead, error) {
	if limit == 0 || limit > len(d.leads) {
		limit = len(d.leads)
	}
	return d.leads[:limit], d.fail
}

func (d *desk) CountLeads(context.Context) (int64, error) { return int64(len(d.leads)), d.fail }

func (d *desk) FindLead(_ context.Context, id string) (casework.Lead, error) {
	for _, l := range d.leads {
		if strings.HasPrefix(l.ID, id) {
			return l, nil
		}
	}
	return casework.Lead{}, fault.Newf(fault.NotFound, "lead %q is not in the queue", id)
}

func (d *desk) Requests(context.Context) ([]legal.Request, error) { return d.demands, d.fail }
func (d *desk) RequestsOf(context.Context, string) ([]legal.Request, error) {
	return d.demands, d.fail
}
func (d *desk) Clocks(context.Context) ([]legal.Clock, error) { return d.clocks, d.fail }
func (d *desk) TakeClocks(context.Context) ([]legal.Clock, error) {
	return d.clocks, d.fail
}

func (d *desk) Packs(context.Context) ([]web.PackInUse, error) { return d.packs, d.fail }

func (d *desk) ReviewPack(_ context.Context, id, shown, by, note string) error {
	d.reviewed = append(d.reviewed, id+" "+shown+" "+by+": "+note)
	return d.fail
}

func (d *desk) Corrections(context.Context) ([]legal.Correction, int, error) {
	return d.register, 2, d.fail
}

func (d *desk) Correct(_ context.Context, subject string, class legal.ErrorClass, reason, by string) (legal.Correction, error) {
	c, err := legal.Correct(subject, class, reason, by, nil, now())
	if err == nil {
		d.entered = append(d.entered, c)
	}
	return c, err
}

func (d *desk) Tell(_ context.Context, correction, request, by string, on time.Time) error {
	d.told = append(d.told, correction+" "+request+" "+by+" "+on.Format(time.DateOnly))
	return d.fail
}

func (d *desk) FindRequest(_ context.Context, id string) (legal.Request, error) {
	for _, r := range d.demands {
		if strings.HasPrefix(r.ID, id) {
			return r, nil
		}
	}
	return legal.Request{}, fault.Newf(fault.NotFound, "request %q is not in the record", id)
}

func (d *desk) Choices(context.Context, string, legal.Office, string) ([]legal.Choice, error) {
	r := d.demands[0].Draft
	office := legal.Refusal{Rule: "office", Sentence: "The unit is not stated."}
	return []legal.Choice{{Instrument: r.Instrument, Addressee: r.Addressee, Refusals: append([]legal.Refusal{office}, d.refusals...)}}, d.fail
}

func (d *desk) Draft(_ context.Context, x legal.Demand) (legal.Request, []legal.Refusal, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.drafts = append(d.drafts, x)
	if len(d.refusals) > 0 {
		return legal.Request{}, d.refusals, nil
	}
	return d.demands[0], nil, nil
}

func (d *desk) Act(_ context.Context, _ string, a legal.Act) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.acts = append(d.acts, a)
	return d.fail
}

func (d *desk) Paper(_ context.Context, _, name string) ([]byte, error) { return []byte(name), d.fail }

func (d *desk) FindSource(_ context.Context, id string) (custody.Source, error) {
	if id == complaintID(1) || id == complaintID(2) {
		return custody.Source{Receipt: custody.Receipt{ID: id, Name: "complaint.json"}}, nil
	}
	for _, s := range d.sources {
		if strings.HasPrefix(s.ID, id) {
			return s, nil
		}
	}
	return custody.Source{}, fault.Newf(fault.NotFound, "source %q is not in the record", id)
}

func (d *desk) Sources(context.Context) ([]custody.Source, error) { return d.sources, d.fail }

func (d *desk) HandIns(_ context.Context, id string) ([]custody.HandIn, error) {
	return []custody.HandIn{
		{Authority: "FIR 12/2025 PS Cyber Cell", BroughtBy: "SI A. Example", Name: "tip.json", At: now()},
		{Authority: "Warrant 7/2025", BroughtBy: "HC B. Example", Name: "tip (1).json", At: now().Add(time.Hour)},
	}, nil
}

func (d *desk) Problems(_ context.Context, _ string, from int64, limit int) ([]sighting.Problem, error) {
	var out []sighting.Problem
	for _, p := range d.problems {
		if p.Seq >= from && (limit == 0 || len(out) < limit) {
			out = append(out, p)
		}
	}
	return out, nil
}

func (d *desk) Quote(_ context.Context, _ string, at sighting.Place, _ int64) (web.Quote, error) {
	if at.End > 1<<20 {
		return web.Quote{}, fault.Newf(fault.NotFound, "place %s lies behind the end of the original", at)
	}
	return d.quote, nil
}

func (d *desk) Receive(_ context.Context, in web.HandIn, body io.Reader) (custody.Source, bool, error) {
	b, err := io.ReadAll(body)
	if err != nil {
		return custody.Source{}, false, fault.Newf(fault.Unavailable, "sealing: %w", err)
	}
	if strings.HasPrefix(in.Name, "refused") {
		err := fault.Newf(fault.TooLarge, "%q: the original has more than 12 bytes", in.Name)
		return custody.Source{}, false, fault.WithHint(err, "split it")
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.received, d.bodies = append(d.received, in), append(d.bodies, string(b))
	s := source(in.Name, string(b))
	s.State, s.Result, s.Authority, s.BroughtBy = custody.Sealed, nil, in.Authority, in.BroughtBy
	if old, err := d.FindSource(context.Background(), s.ID); err == nil {
		return old, false, nil
	}
	d.sources = append(d.sources, s)
	return s, true, nil
}

func (d *desk) Totals(context.Context) (web.Totals, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	t := d.totals[0]
	if len(d.totals) > 1 {
		d.totals = d.totals[1:]
	}
	return t, d.fail
}

func (d *desk) Export(_ context.Context, target, what string, _ *time.Location) (web.Download, error) {
	if d.fail != nil {
		return web.Download{}, d.fail
	}
	return web.Download{Name: "lead-" + what + ".zip", Type: "application/zip", Write: func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, "document about "+target)
		if target == "breaks" {
			err = fault.Newf(fault.Corrupt, "an original changed")
		}
		return err
	}}, nil
}

func (d *desk) Entries(context.Context, custody.Query) ([]custody.Logged, error) {
	return d.entries, d.fail
}

// Lists gives a list, an entry that matches too much, and a digest that must not alert.
func (d *desk) Lists(context.Context) (web.Lists, error) {
	md5, _ := digest.Parse("md5:0cc175b9c0f1b6a831c399e269772661")
	pdq, _ := digest.Parse("pdq:f162eb9daab170c0567fe3632d9a5548c5612982dd5e374a7424ebbc8a835c95")
	return web.Lists{
		Sets:      []hashset.Set{{ID: strings.Repeat("1", 32), Name: "<b>known</b>", Version: 2, From: "Example Hotline", Source: d.sources[0].ID, State: hashset.StateLive, Entries: 3, Imported: d.sources[0].SealedAt}},
		Held:      []hashset.Quarantine{{Value: pdq, List: "known", Contents: 40, Apart: 30, State: hashset.Waiting, Held: d.sources[0].SealedAt}},
		Negatives: []hashset.Negative{{Digest: md5, By: "A. Officer", Reason: "logo of the provider", Added: d.sources[0].SealedAt}},
	}, d.fail
}

func (d *desk) Decide(_ context.Context, said web.Decision) error {
	d.decided = append(d.decided, said)
	return d.fail
}

func (d *desk) Part(_ context.Context, a, b sighting.Identifier, why string) error {
	d.parted = append(d.parted, a.String()+" | "+b.String()+" | "+why)
	return d.fail
}

func (d *desk) JoinAgain(_ context.Context, word, why string) error {
	d.parted = append(d.parted, word+" | "+why)
	return d.fail
}

func (d *desk) Answers(context.Context) error { return d.fail }

func source(name, body string) custody.Source {
	sum := sha256.Sum256([]byte(name + "\n" + body))
	return custody.Source{
		Receipt: custody.Receipt{ID: hex.EncodeToString(sum[:]), Size: int64(len(body)), Name: name, BroughtBy: "SI A. Example", Authority: "FIR 12/2025 PS Cyber Cell", SealedAt: now()},
		Purpose: custody.ForIntake, Options: json.RawMessage(`{}`), State: custody.Read, ReadAt: now().Add(2 * time.Second),
		Result: json.RawMessage(`{"Members":[{"path":"","format":"ncmec/cybertip","version":1},{"path":"a/b.html","problem":"no known form"}],"sightings":7,"leases":1,"bad":2,"notes":1}`),
	}
}

// story is the record of the tests.
type story struct {
	t    testing.TB
	say  func(string) string // what becomes of every word that comes from outside
	seen []casework.Seen
	from map[string]custody.Source
}

func plainWords(s string) string { return s }

func (y *story) when(text string) instant.Instant {
	y.t.Helper()
	i, err := instant.Parse(text, instant.Rule{})
	if err != nil {
		y.t.Fatal(err)
	}
	i.Raw = y.say(i.Raw)
	return i
}

func (y *story) id(text string) sighting.Identifier {
	y.t.Helper()
	i, err := sighting.ParseIdentifier(text)
	if err != nil {
		y.t.Fatal(err)
	}
	i.Value, i.Service = y.say(i.Value), y.say(i.Service)
	return i
}

func (y *story) ids(texts ...string) (out []sighting.Identifier) {
	for _, t := range texts {
		if t != "" {
			out = append(out, y.id(t))
		}
	}
	return out
}

func endpoint(t testing.TB, text string) sighting.Endpoint {
	t.Helper()
	if text == "" {
		return sighting.Endpoint{}
	}
	if ap, err := netip.ParseAddrPort(text); err == nil {
		return sighting.Endpoint{IP: ap.Addr(), Port: ap.Port()}
	}
	return sighting.Endpoint{IP: netip.MustParseAddr(text)}
}

// telling is one sighting in few words.
type telling struct {
	in, when string
	act      sighting.Act
	who      string // separated by spaces
	to, via  string
	service  string
	client   string
	from     string
	standing sighting.Standing
	grade    string
	distance int
	place    sighting.Place
	extra    []sighting.Field
	notes    []string
}

func (y *story) tell(x telling) {
	y.t.Helper()
	src := y.from[x.in]
	if src.ID == "" {
		src = source(y.say(x.in), x.in)
		src.Authority, src.BroughtBy = y.say(src.Authority), y.say(src.BroughtBy)
		y.from[x.in] = src
	}
	if x.place.End == 0 {
		x.place = sighting.Place{Start: int64(120 * len(y.seen)), End: int64(120*len(y.seen) + 96), Locator: fmt.Sprintf("row %d", len(y.seen)+1)}
	}
	x.place.Locator = y.say(x.place.Locator)
	s := sighting.Sighting{
		Origin: sighting.Origin{Source: src.ID, Reader: "ncmec/cybertip", Version: 1, Place: x.place},
		Act:    x.act, Who: y.ids(strings.Fields(x.who)...), To: y.ids(strings.Fields(x.to)...), Via: y.ids(strings.Fields(x.via)...),
		Service: x.service, Client: x.client, From: endpoint(y.t, x.from), Standing: x.standing, Grade: x.grade,
		Content: y.content(x.distance), Extra: x.extra,
	}
	if s.Service != "" {
		s.Service = y.say(s.Service)
	}
	if s.Client != "" {
		s.Client = y.say(s.Client)
	}
	for _, n := range x.notes {
		s.Notes = append(s.Notes, y.say(n))
	}
	if x.when != "" {
		s.When = y.when(x.when)
	}
	s.ID = s.Identify()
	y.seen = append(y.seen, casework.Seen{Sighting: s, Exact: x.distance == 0, Distance: x.distance})
}

func (y *story) content(distance int) sighting.Content {
	body := fmt.Sprint("lighthouse ", distance)
	m, h := md5.Sum([]byte(body)), sha256.Sum256([]byte(body))
	a, err1 := digest.Of(digest.MD5, m[:])
	b, err2 := digest.Of(digest.SHA256, h[:])
	c, err3 := digest.Of(digest.PDQ, bytes.Repeat([]byte{byte(0x5a + distance)}, 32))
	if err1 != nil || err2 != nil || err3 != nil {
		y.t.Fatal(err1, err2, err3)
	}
	return sighting.Content{Digests: []digest.Digest{b, a, c}, Name: y.say("IMG_0001.jpg")}
}

const (
	a = "account:example-social:900000000000001 phone:+910000000001 email:a.keeper@example.com"
	b = "handle:instagram:harbour_view_22"
	c = "phone:+910000000003"
)

func (y *story) tellAll() {
	tip, chat, kik, insta := "cybertip_100000001.json", "whatsapp_910000000001.html", "kik_gull_watcher_4.zip", "instagram_harbour_view_22.html"
	for _, x := range []telling{
		{in: "ufed_exhibit-2/FileList.csv", when: "2023-05-14T08:00:00Z", act: sighting.Hold, who: "exhibit:2", standing: sighting.DeviceFile},
		{in: tip, when: "2025-02-28T18:45:10Z", act: sighting.Upload, who: a, service: "Example Social", client: "Example Social 7.1 Android", from: "198.51.100.77:51602", standing: sighting.ProviderCapture, extra: []sighting.Field{{Name: "escalateToHighPriority", Value: y.say("child named in chat")}}},
		{in: chat, when: "2025-02-28T18:47:30Z", act: sighting.Send, who: "phone:+910000000001", to: c, via: "message:whatsapp:EXAMPLE0000000000000002", service: "WhatsApp", from: "198.51.100.77:51610", standing: sighting.MessageLog},
		{in: "ufed_exhibit-1/report.xml", when: "2025-02-28T18:47Z", act: sighting.Receive, who: c, to: "phone:+910000000001", service: "WhatsApp", standing: sighting.DeviceFile, distance: 2, notes: []string{"the message bears the mark of a forward"}},
		{in: kik, when: "2025-02-28T19:20:00Z", act: sighting.Send, who: "handle:kik:gull_watcher_4", to: "handle:kik:shore_bird_9", service: "Kik", from: "198.51.100.77", standing: sighting.MessageLog, distance: 22, place: sighting.Place{Member: "logs/chat_sent.csv", Start: 210, End: 301, Locator: "row 3"}},
		{in: tip, when: "2025-02-28T21:10:00Z", act: sighting.Login, who: "account:example-social:900000000000001", service: "Example Social", from: "203.0.113.66:44321", standing: sighting.ProviderCapture},
		{in: insta, when: "2025-03-02T10:15:00Z", act: sighting.Upload, who: b, service: "Instagram", from: "2001:db8:40:77::21", standing: sighting.ProviderRecord, distance: 10},
		{in: "p2p-log.csv", when: "2025-03-04T16:40:00Z", act: sighting.Offer, who: "peer:2d5452333030302d616263646566", service: "BitTorrent", client: "Transmission 3.00", from: "192.0.2.150:51413", standing: sighting.Observation, grade: "G3", distance: 10},
		{in: "note of a moderator.csv", when: "02/03/2025 22:15", act: sighting.Upload, who: "handle:example-board:dune_walker_8", service: "Example Board", from: "192.0.2.77:50100", standing: sighting.Statement},
		{in: "note of a moderator.csv", act: sighting.Forward, who: "handle:example-board:dune_walker_8", via: "group:example-board:harbour", service: "Example Board", standing: sighting.Statement},
	} {
		y.tell(x)
	}
	slices.SortStableFunc(y.seen, func(a, b casework.Seen) int { return a.When.Sort(b.When) })
}

// facts are what the example data says of the addresses of the story.
func facts(t testing.TB, e sighting.Endpoint) network.Facts {
	f := network.Facts{
		Addr: e.IP, Example: true, ASN: 64496, Operator: "Example Mobile", LegalEntity: "Example Mobile Limited", Country: "IN",
		Access: network.AccessMobile, CGNAT: sighting.Yes, Checked: []network.DataKind{network.KindTor, network.KindVPN},
		RetentionDays: 730, RetentionSource: "made for tests", LogZone: "Asia/Kolkata",
		Data: []network.Used{{Kind: network.KindASN, Name: "example asn", AsOf: time.Date(2025, 2, 20, 0, 0, 0, 0, time.UTC), Says: "AS64496 Example Mobile", Gap: -8 * 24 * time.Hour}},
	}
	switch e.IP.String() {
	case "203.0.113.66":
		f.Operator, f.LegalEntity, f.CGNAT, f.Access = "Example VPN", "", sighting.No, network.AccessFixed
		f.Anonymiser = []network.Flag{{Kind: network.KindVPN, Label: "Example VPN", Name: "example vpn list", AsOf: time.Date(2025, 2, 1, 0, 0, 0, 0, time.UTC)}}
	case "2001:db8:40:77::21", "192.0.2.150", "192.0.2.77":
		f.Operator, f.LegalEntity, f.CGNAT, f.Access, f.RetentionDays = "Example Fibre", "Example Fibre Limited", sighting.No, network.AccessFixed, 30
	}
	return f
}

// lease is the operator's row for the first upload.
func (y *story) lease() sighting.Lease {
	l := sighting.Lease{
		Origin: sighting.Origin{Source: source("example-mobile-ipdr.csv", "rows").ID, Reader: "india/ipdr", Version: 1, Place: sighting.Place{Start: 310, End: 420, Locator: "row 4"}},
		Kind:   sighting.IPDR, Operator: "Example Mobile", Public: endpoint(y.t, "198.51.100.77:51602"),
		From: y.when("2025-02-28T18:40:00Z"), To: y.when("2025-02-28T18:55:00Z"),
		Who: y.ids("phone:+910000000001"), Name: y.say("Example Subscriber"), Address: y.say("1 Example Road"),
	}
	l.ID = l.Identify()
	return l
}

// newDesk makes the record. Every word that a document could have brought goes
// through say.
func newDesk(t testing.TB, say func(string) string) *desk {
	t.Helper()
	y := &story{t: t, say: say, from: map[string]custody.Source{}}
	y.tellAll()
	d := &desk{totals: []web.Totals{{Sources: 9, Sightings: 1234567, Leases: 42, Listings: 1000000, Leads: 6}}}
	plain, items := make([]sighting.Sighting, len(y.seen)), make([]circulation.Item, len(y.seen))
	for n, s := range y.seen {
		plain[n], items[n] = s.Sighting, circulation.Item{Sighting: s.Sighting, Exact: s.Exact, Distance: s.Distance}
	}
	casework.Uncertain(y.seen, circulation.Line(plain))
	tr := casework.Trace{
		Target: casework.Target{Kind: "digest", Digests: y.content(0).Digests}, AsOf: now(), Sightings: y.seen,
		Where: circulation.Places(plain), Passing: circulation.Graph(plain), Origin: circulation.Origin(items),
		Access: circulation.Access(plain, instant.IST()), Actors: actor.Actors(plain, actor.Links(plain, []sighting.Lease{y.lease()}), nil),
	}
	listed := y.listed()
	tr.Family = y.family(listed)
	for _, s := range y.seen {
		if s.From.IsZero() {
			continue
		}
		f := attribution.Weigh(casework.Observe(s.Sighting), facts(t, s.From), []sighting.Lease{y.lease()}, attribution.Policy{}, now())
		tr.Addresses = append(tr.Addresses, casework.Address{Finding: f, Because: "this content", Source: s.Source, Place: s.Place})
		if l, open := casework.Open(f, s.Content.Digests[0], listed, casework.Danger([]sighting.Sighting{s.Sighting})); open {
			d.leads = append(d.leads, l)
		}
	}
	casework.Sort(d.leads)
	tr.Leads, tr.NotKnown = d.leads, append(tr.Missing(), "Only the first 10 sightings are shown and weighed.")
	d.trace = tr
	y.sources(d)
	y.demand(d)
	return d
}

// demand drafts an order from the first lead that is fit to ask, has it sent, and
// compares an answer with it of which one row differs.
func (y *story) demand(d *desk) {
	y.t.Helper()
	n := slices.IndexFunc(d.leads, func(l casework.Lead) bool {
		return l.Finding.Outcome == attribution.Ask && l.Finding.Observation.Endpoint.String() == "198.51.100.77:51602"
	})
	packs, err := pack.Shipped()
	if n < 0 || err != nil {
		y.t.Fatal("no lead that is fit to ask, or no packs", err)
	}
	o := d.leads[n].Finding.Observation
	var s sighting.Sighting
	for _, x := range y.seen {
		if x.ID == o.SightingID {
			s = x.Sighting
		}
	}
	in := legal.Input{
		Lead: d.leads[n], Record: s, By: y.say("First Officer"), Office: legal.Office{Unit: y.say("Cyber Cell"), Officer: y.say("First Officer"), Jurisdiction: "IN", Case: y.say("FIR 12 of 2025"), Offence: y.say("section 67B")},
		Exhibit:   legal.Exhibit{Source: s.Source, Name: y.say("tip.json"), SealedAt: now(), Place: s.Place}.Quote([]byte(y.say("198.51.100.77")+"\xff\u202e\x00"), true),
		Addressee: pack.Addressee{ID: "m", Name: y.say("Example Mobile Limited"), Kind: "operator", Country: "IN", ASN: []uint32{64496}, Door: y.say("nodal officer"), Zone: "Asia/Kolkata", Stated: pack.Stated{Source: y.say("made"), Unverified: []string{y.say("door")}}},
	}
	in.Directory = pack.Pack{ID: "own", Addressees: []pack.Addressee{in.Addressee}, Expires: pack.Day{Time: now().AddDate(1, 0, 0)}, ReviewDays: 90}
	in.DirReview = &pack.Review{Pack: "own", By: y.say("counsel"), At: now()}
	for _, p := range packs {
		if i, is := p.Instrument("in-bnss94"); is {
			in.Instrument, in.Pack, in.Review = i, p, &pack.Review{Pack: p.ID, SHA256: p.SHA256, By: "counsel", At: now()}
		}
	}
	r, refusals, err := legal.Make(in, now())
	if err != nil || len(refusals) > 0 {
		y.t.Fatal(err, refusals)
	}
	d.demands = append(d.demands, r)
	second := in
	second.Office.Case = y.say("FIR 13 of 2025")
	if r, _, err = legal.Make(second, now()); err == nil {
		r, err = r.Approve("Second Officer", r.Draft.Exhibit.SHA256, now())
	}
	if err == nil {
		r, err = r.MarkSent("First Officer", "portal", now(), now())
	}
	wrong := y.lease()
	wrong.Public.Port = 51603
	if err == nil {
		r, err = r.Compare([]string{wrong.Source}, []sighting.Lease{wrong}, nil, "First Officer", now())
	}
	if err != nil {
		y.t.Fatal(err)
	}
	d.demands = append(d.demands, r)
	d.clocks = legal.Clocks(d.demands, nil, nil, now())
	shipped, err := pack.Shipped()
	if err != nil {
		y.t.Fatal(err)
	}
	for n, p := range shipped {
		u := web.PackInUse{Pack: p, Why: "pack " + p.ID + " was reviewed by nobody"}
		if n == 0 {
			u.Why, u.Review, u.Until = "", &pack.Review{Pack: p.ID, SHA256: p.SHA256, By: y.say("Legal Adviser"), At: now(), Note: y.say("compared with the Gazette")}, now().AddDate(0, 3, 0)
		}
		d.packs = append(d.packs, u)
	}
	c, err := legal.Correct(r.ID, legal.WrongPort, y.say("the port of another line"), y.say("First Officer"), d.demands, now())
	if err != nil || len(c.Recipients) == 0 {
		y.t.Fatal(c, err)
	}
	c.Taken = []legal.Taken{{About: "lead " + strings.Repeat("7a", 16), By: y.say("Third Officer"), At: now(), Format: "timeline", SHA256: strings.Repeat("5d", 32)}}
	d.register = []legal.Correction{c}
}

func (y *story) listed() []hashset.Match {
	m := hashset.Match{
		Set: "s", SetName: y.say("Example Hotline"), From: y.say("Example Hotline Trust"), Entry: "e", By: digest.MD5, Value: "00",
		Category: "1", Meaning: hashset.Mean("VICS US", "1"), Series: y.say("lighthouse series"), Common: 3,
		Source: source("example-hotline.vics.json", "list").ID, Place: sighting.Place{Start: 44, End: 230, Locator: y.say("media 1")},
	}
	m.Meaning.Label = y.say(m.Meaning.Label)
	m.Sentence = m.Say()
	return []hashset.Match{m}
}

func (y *story) family(listed []hashset.Match) []casework.Content {
	first := y.seen[0]
	out := []casework.Content{{
		Digests: y.content(0).Digests, Refs: []string{y.say("kik:0000-1111")}, Names: []string{y.say("IMG_0001.jpg"), "lighthouse.jpg"}, Relation: casework.Same, Sightings: 4, Listed: listed,
		Source: first.Source, Place: first.Place, Sentence: "Shares the exact MD5 and SHA-256 with what was asked.",
		Conflicts: []casework.Conflict{{Shared: y.content(0).Digests[1], Stronger: y.content(2).Digests[:1], Sentence: "Another file of the record has the same MD5 and another SHA-256: one of them was made to collide."}},
	}}
	for _, distance := range []int{2, 10, 22} {
		out = append(out, casework.Content{
			Digests: y.content(distance).Digests, Names: []string{y.say("copy.jpg")}, Relation: casework.NearCopy, By: digest.PDQ, Distance: distance, Orientation: "original", Sightings: 2,
			Source: first.Source, Place: first.Place, Sentence: fmt.Sprintf("Looks like the target: PDQ differs in %d of 256 bits.", distance),
		})
	}
	return out
}

func (y *story) sources(d *desk) {
	for _, name := range slices.Sorted(func(yield func(string) bool) {
		for k := range y.from {
			if !yield(k) {
				return
			}
		}
	}) {
		d.sources = append(d.sources, y.from[name])
	}
	d.sources = append(d.sources, source("example-mobile-ipdr.csv", "rows"), source("example-hotline.vics.json", "list"))
	unread := source(y.say("holiday.mp4"), "x")
	unread.State, unread.Problem, unread.Result = custody.Unread, y.say("no reader knows this form; it most resembles a video"), nil
	d.sources = append(d.sources, unread)
	for n := range 130 {
		d.problems = append(d.problems, sighting.Problem{Seq: int64(n + 1), Kind: "bad", Place: sighting.Place{Start: int64(n * 10), End: int64(n*10 + 9), Locator: y.say(fmt.Sprintf("row %d", n+2))}, Reason: y.say("time \"31/02/2025\" is no date")})
	}
	d.quote = web.Quote{
		Before: []byte(y.say("\"fileName\": \"IMG_0001.jpg\",\n")), Text: []byte(y.say("\"ipCaptureEvent\": {\"ipAddress\": \"198.51.100.77\"}") + "\xff\u202e\x00"),
		After: []byte(y.say(",\n\"md5\": \"…\"")), Cut: true,
	}
}
