package app_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"suraag/app"
	"suraag/custody"
	"suraag/custody/arrive"
)

var machinesAt = regexp.MustCompile(`machines hand in on (https://\S+?),`)

// site is a unit that serves machines, and the spool of a remote machine.
type site struct {
	t            *testing.T
	data, folder string // of the unit; of the spool
	server       string // where machines hand in
	pages        string // where people do
}

const siteNow = "SURAAG_NOW=2025-03-12T09:00:00Z"

// run runs the program, with the clock of the unit.
func (s *site) run(args ...string) (code int, out string) {
	s.t.Helper()
	return s.runAt(siteNow, args...)
}

func (s *site) runAt(now string, args ...string) (code int, out string) {
	var o bytes.Buffer
	env := []string{now, "SURAAG_BY=officer", "SURAAG_DATA=" + s.data, "SURAAG_SPOOL=" + s.folder}
	code = app.Run(context.Background(), env, strings.NewReader(""), &o, &o, args)
	return code, o.String()
}

func (s *site) must(args ...string) string {
	s.t.Helper()
	code, out := s.run(args...)
	if code != 0 {
		s.t.Fatalf("suraag %s exits with %d: %s", strings.Join(args, " "), code, out)
	}
	return out
}

// newSite serves a record with a case, and makes a spool that is not certified.
func newSite(t *testing.T) *site {
	t.Helper()
	dir := t.TempDir()
	s := &site{t: t, data: filepath.Join(dir, "data"), folder: filepath.Join(dir, "spool")}
	s.must("case", "new", "FIR 12/2025", "--title", "Lighthouse", "--station", "PS Cyber Cell")
	ctx, cancel := context.WithCancel(context.Background())
	errs, ended := &watched{}, make(chan int, 1)
	go func() {
		ended <- app.Run(ctx, []string{siteNow, "SURAAG_BY=officer", "SURAAG_DATA=" + s.data}, strings.NewReader(""), io.Discard, errs,
			[]string{"serve", "--addr", "127.0.0.1:0", "--tls-auto", "--machines", "127.0.0.1:0"})
	}()
	t.Cleanup(func() { cancel(); <-ended })
	for range 400 {
		m, p := machinesAt.FindStringSubmatch(errs.String()), servesAt.FindStringSubmatch(errs.String())
		if m != nil && p != nil {
			s.server, s.pages = m[1], p[1]
			s.must("spool", "init", "--server", s.server, "--authority", filepath.Join(s.data, "tls", "authority.pem"), "--name", "gate-3")
			return s
		}
		select {
		case code := <-ended:
			ended <- code
			t.Fatalf("serve exits with %d: %s", code, errs)
		case <-time.After(25 * time.Millisecond):
		}
	}
	t.Fatalf("serve does not say where: %s", errs)
	return nil
}

// certified gives the spool its certificate.
func (s *site) certified(forWhat ...string) {
	s.t.Helper()
	out := filepath.Join(s.t.TempDir(), "gate-3.pem")
	s.must(append([]string{"machine", "add", "gate-3", "--csr", filepath.Join(s.folder, "request.csr"), "--until", "2025-12-31", "-o", out}, forWhat...)...)
	s.must("spool", "init", "--certificate", out)
}

// put adds a document of these words to the spool.
func (s *site) put(name, words string, args ...string) string {
	s.t.Helper()
	file := filepath.Join(s.t.TempDir(), name)
	write(s.t, file, []byte(words))
	s.must(append([]string{"spool", "add", file, "--authority", "FIR 12/2025 PS Cyber Cell"}, args...)...)
	sum := sha256.Sum256([]byte(words))
	return hex.EncodeToString(sum[:])
}

func (s *site) sources() []custody.Source {
	s.t.Helper()
	return read[[]custody.Source](s.t, s.must("source", "list", "--json"))
}

func (s *site) status() app.SpoolState {
	s.t.Helper()
	return read[app.SpoolState](s.t, s.must("spool", "status", "--json"))
}

const rows = "observed_at,act,ip,port\n2025-02-01T10:00:00Z,offer,192.0.2.7,1024\n"

// From the remote machine into the case: what was added is in the record once, as
// the machine brought it, and leaves the spool when its receipt is there.
func TestASpoolBringsWhatWasAdded(t *testing.T) {
	s := newSite(t)
	if code, out := s.run("spool", "push"); code != 3 || !strings.Contains(out, "no certificate yet") {
		t.Errorf("without a certificate: %d %s", code, out)
	}
	s.certified("--case", "FIR 12/2025")
	first, second := s.put("log.csv", rows), s.put("empty.csv", "")
	s.must("spool", "push")
	x := s.status()
	if len(x.Waiting) != 0 || len(x.Receipts) != 2 || x.Receipts[0].Receipt.ID != first || x.Receipts[1].Receipt.ID != second || len(x.Loose) != 0 {
		t.Errorf("%+v", x)
	}
	if left, _ := filepath.Glob(filepath.Join(s.folder, "originals", "??", "*")); len(left) != 0 {
		t.Errorf("the spool keeps %v", left)
	}
	all := s.sources()
	if len(all) != 2 || all[0].BroughtBy != "machine gate-3" || all[0].Authority != "FIR 12/2025 PS Cyber Cell" {
		t.Errorf("the record holds %+v", all)
	}
	if out := s.must("case", "list", "--json"); !strings.Contains(out, `"sources": 2`) {
		t.Errorf("the case: %s", out)
	}
	// The same again is the same receipt, and no second hand-in.
	handIns := func() int { return strings.Count(s.must("log", "show", "--last", "0"), "source sealed") }
	before := handIns()
	s.put("log.csv", rows)
	s.must("spool", "push")
	if x = s.status(); len(x.Receipts) != 3 || x.Receipts[2].Receipt != x.Receipts[0].Receipt {
		t.Errorf("the same bytes give another receipt: %+v", x.Receipts)
	}
	if got := handIns(); got != before {
		t.Errorf("%d hand-ins are logged, and %d before", got, before)
	}
	s.must("verify")
}

// What the unit does not take stays in the spool and is named; the next goes on.
func TestWhatIsRefusedStaysAndIsNamed(t *testing.T) {
	s := newSite(t)
	s.certified("--unit")
	file := filepath.Join(t.TempDir(), "a.csv")
	write(t, file, []byte(rows))
	s.must("intake", file, "--authority", "FIR 12/2025 PS Cyber Cell", "--file-zone", "UTC")
	bad := s.put("a.csv", rows, "--file-zone", "IST") // declared otherwise than the record has it
	s.put("b.csv", rows+"2025-02-02T10:00:00Z,offer,192.0.2.8,1025\n")
	code, out := s.run("spool", "push")
	if code != 4 || !strings.Contains(out, "a.csv: refused: ") || !strings.Contains(out, "b.csv: the unit has it") {
		t.Errorf("%d %s", code, out)
	}
	x := s.status()
	if len(x.Waiting) != 1 || x.Waiting[0].What.SHA256 != bad || x.Waiting[0].Refused == nil || !strings.Contains(x.Waiting[0].Refused.Problem, "handed in before with other declarations") {
		t.Errorf("%+v", x.Waiting)
	}
	if out := s.must("spool", "status"); !strings.Contains(out, "a.csv") || !strings.Contains(out, "refused: ") {
		t.Errorf("status: %s", out)
	}
	// Bytes that changed in the spool are named too, and never sent as what they were.
	changed := s.put("c.csv", rows+"2025-02-03T10:00:00Z,offer,192.0.2.9,1026\n")
	kept := filepath.Join(s.folder, "originals", changed[:2], changed)
	if err := os.Chmod(kept, 0o600); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(kept)
	if err != nil {
		t.Fatal(err)
	}
	b[3] ^= 1
	write(t, kept, b)
	if code, out := s.run("spool", "push"); code != 4 || !strings.Contains(out, "c.csv: refused: ") || !strings.Contains(out, changed) {
		t.Errorf("%d %s", code, out)
	}
	if n := len(s.sources()); n != 2 {
		t.Errorf("the record holds %d sources", n)
	}
}

// browser gives a client that shows a certificate, or none.
func (s *site) client(pair *tls.Certificate) *http.Client {
	s.t.Helper()
	roots := x509.NewCertPool()
	pem, err := os.ReadFile(filepath.Join(s.data, "tls", "authority.pem"))
	if err != nil || !roots.AppendCertsFromPEM(pem) {
		s.t.Fatal(err)
	}
	c := &tls.Config{RootCAs: roots, Time: func() time.Time { return time.Date(2025, 3, 12, 9, 0, 0, 0, time.UTC) }}
	if pair != nil {
		c.Certificates = []tls.Certificate{*pair}
	}
	t := &http.Transport{TLSClientConfig: c}
	s.t.Cleanup(t.CloseIdleConnections)
	return &http.Client{Transport: t, Timeout: time.Minute}
}

func (s *site) identity() tls.Certificate {
	s.t.Helper()
	file := filepath.Join(s.folder, "identity.pem")
	pair, err := tls.LoadX509KeyPair(file, file)
	if err != nil {
		s.t.Fatal(err)
	}
	return pair
}

// stranger makes a certificate by an authority that is none of the unit's, with
// the name and all else of a machine.
func stranger(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2025, 3, 1, 0, 0, 0, 0, time.UTC)
	c := &x509.Certificate{SerialNumber: big.NewInt(7), Subject: pkix.Name{CommonName: "gate-3"}, NotBefore: at, NotAfter: at.AddDate(0, 1, 0), ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}, KeyUsage: x509.KeyUsageDigitalSignature}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func announcement(name, words string) arrive.Announcement {
	sum := sha256.Sum256([]byte(words))
	return arrive.Announcement{SHA256: hex.EncodeToString(sum[:]), Size: int64(len(words)), Name: name, Authority: "FIR 12/2025 PS Cyber Cell"}
}

func post(t *testing.T, c *http.Client, url string, v any, heads ...string) (int, string) {
	t.Helper()
	doc, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return request(t, c, "POST", url, string(doc), heads...)
}

func request(t *testing.T, c *http.Client, method, url, body string, heads ...string) (int, string) {
	t.Helper()
	r, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for n := 0; n+1 < len(heads); n += 2 {
		r.Header.Set(heads[n], heads[n+1])
	}
	got, err := c.Do(r)
	if err != nil {
		return 0, err.Error()
	}
	defer got.Body.Close()
	b, err := io.ReadAll(got.Body)
	if err != nil {
		t.Fatal(err)
	}
	return got.StatusCode, string(b)
}

// Who shows no certificate, one of another authority, one that is past or one of a
// machine that was ended, gets no further than the handshake; and whoever was
// ended on an open line, no further than the next request.
func TestWhichCertificatesLetNobodyIn(t *testing.T) {
	s := newSite(t)
	s.certified("--case", "FIR 12/2025")
	mine, other := s.identity(), stranger(t)
	a := announcement("log.csv", rows)
	ask := func(pair *tls.Certificate) (int, string) { return post(t, s.client(pair), s.server+"/api/intake", a) }
	if code, body := ask(&mine); code != http.StatusOK {
		t.Fatalf("the machine itself: %d %s", code, body)
	}
	large := a
	large.Size = 64<<30 + 1
	if code, body := post(t, s.client(&mine), s.server+"/api/intake", large); code != http.StatusRequestEntityTooLarge {
		t.Errorf("more than is ever taken, in however many parts: %d %s", code, body)
	}
	if code, body := ask(nil); code != 0 || !strings.Contains(body, "tls") {
		t.Errorf("without a certificate: %d %s", code, body)
	}
	if code, body := ask(&other); code != 0 || !strings.Contains(body, "tls") {
		t.Errorf("a certificate of another authority: %d %s", code, body)
	}
	pages, err := tls.LoadX509KeyPair(filepath.Join(s.data, "tls", "authority.pem"), filepath.Join(s.data, "tls", "authority.key"))
	if err != nil {
		t.Fatal(err)
	}
	if code, body := ask(&pages); code != 0 {
		t.Errorf("a certificate of the authority for pages: %d %s", code, body)
	}

	// A certificate that the authority signed and the record does not know.
	machines, err := tls.LoadX509KeyPair(filepath.Join(s.data, "tls", "machines.pem"), filepath.Join(s.data, "tls", "machines.key"))
	if err != nil {
		t.Fatal(err)
	}
	forged := *mine.Leaf
	forged.SerialNumber = big.NewInt(99)
	der, err := x509.CreateCertificate(rand.Reader, &forged, machines.Leaf, mine.Leaf.PublicKey, machines.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	if code, body := ask(&tls.Certificate{Certificate: [][]byte{der}, PrivateKey: mine.PrivateKey}); code != 0 || !strings.Contains(body, "tls") {
		t.Errorf("a certificate that nobody recorded: %d %s", code, body)
	}

	past := filepath.Join(t.TempDir(), "past.pem")
	folder := s.folder
	s.folder = filepath.Join(t.TempDir(), "past")
	s.must("spool", "init", "--server", s.server, "--authority", filepath.Join(s.data, "tls", "authority.pem"), "--name", "gate-4")
	if code, out := s.runAt("SURAAG_NOW=2025-01-01T00:00:00Z", "machine", "add", "gate-4", "--csr", filepath.Join(s.folder, "request.csr"), "--until", "2025-12-31", "--unit", "-o", past); code != 0 {
		t.Fatal(out)
	}
	s.must("spool", "init", "--certificate", past)
	old := s.identity()
	if code, body := ask(&old); code != 0 || !strings.Contains(body, "tls") {
		t.Errorf("a certificate that is past: %d %s", code, body)
	}
	if code, out := s.run("spool", "push"); code != 5 || !strings.Contains(out, "held until 31 January 2025") {
		t.Errorf("a push with a certificate that is past: %d %s", code, out)
	}
	again := filepath.Join(t.TempDir(), "again.pem")
	s.must("machine", "renew", "gate-4", "--csr", filepath.Join(s.folder, "request.csr"), "-o", again)
	s.must("spool", "init", "--certificate", again)
	s.put("later.csv", rows+"2025-02-09T10:00:00Z,offer,192.0.2.9,1029\n")
	s.must("spool", "push")
	s.folder = folder

	line := s.client(&mine) // stays open
	if code, body := post(t, line, s.server+"/api/intake", a); code != http.StatusOK {
		t.Fatalf("%d %s", code, body)
	}
	s.must("machine", "end", "gate-3")
	if code, body := post(t, line, s.server+"/api/intake", a); code != http.StatusUnauthorized {
		t.Errorf("ended, on the line that was open: %d %s", code, body)
	}
	if code, body := ask(&mine); code != 0 || !strings.Contains(body, "tls") {
		t.Errorf("ended, on a new line: %d %s", code, body)
	}
	s.put("log.csv", rows)
	if code, out := s.run("spool", "push", "--patience", "10s"); code != 5 || !strings.Contains(out, "does not let this machine in") {
		t.Errorf("a push of an ended machine: %d %s", code, out)
	}
	if x := s.status(); len(x.Waiting) != 1 {
		t.Errorf("what was added is lost: %+v", x)
	}
	if log := s.must("log", "show", "--last", "0"); strings.Count(log, "sign-in refused") < 1 || strings.Count(log, "machine changed") != 4 {
		t.Errorf("the log does not say it: %s", log)
	}
	if out := s.must("machine", "list"); !strings.Contains(out, "ended 12 March 2025") || !strings.Contains(out, "FIR 12/2025") {
		t.Errorf("%s", out)
	}
	s.must("verify")
}

// On the line for machines nothing else is answered; what a machine may not hand
// in to it does not learn of.
func TestWhatAMachineMayAsk(t *testing.T) {
	s := newSite(t)
	s.must("case", "new", "FIR 13/2025", "--title", "Another", "--station", "PS Harbour")
	s.certified("--case", "FIR 12/2025")
	mine := s.identity()
	c := s.client(&mine)
	for _, path := range []string{"/", "/api/trace?target=192.0.2.1", "/api/leads", "/intake", "/signin", "/api/intake", "/healthz", "/static/style.css", "/log"} {
		if code, body := request(t, c, "GET", s.server+path, ""); code != http.StatusNotFound && code != http.StatusMethodNotAllowed {
			t.Errorf("%s: %d %.200s", path, code, body)
		}
	}
	with := func(f func(*arrive.Announcement)) arrive.Announcement {
		a := announcement("log.csv", rows)
		f(&a)
		return a
	}
	for name, x := range map[string]struct {
		a    arrive.Announcement
		want int
	}{
		"another case":        {with(func(a *arrive.Announcement) { a.Case = "FIR 13/2025" }), 404},
		"no case at all":      {with(func(a *arrive.Announcement) { a.Case = "FIR 99/2025" }), 404},
		"the unit":            {with(func(a *arrive.Announcement) { a.Case = "unit" }), 403},
		"its own case":        {with(func(a *arrive.Announcement) { a.Case = "FIR 12/2025" }), 200},
		"a list":              {with(func(a *arrive.Announcement) { a.ListName, a.ListFrom = "x", "y" }), 403},
		"no authority":        {with(func(a *arrive.Announcement) { a.Authority = "" }), 400},
		"no hash":             {with(func(a *arrive.Announcement) { a.SHA256 = "" }), 400},
		"a hash in capitals":  {with(func(a *arrive.Announcement) { a.SHA256 = strings.ToUpper(a.SHA256) }), 400},
		"a size of none":      {with(func(a *arrive.Announcement) { a.Size = -1 }), 400},
		"endless":             {with(func(a *arrive.Announcement) { a.Size = 1 << 50 }), 413},
		"a zone that is none": {with(func(a *arrive.Announcement) { a.Zone = "Moon/Tycho" }), 400},
		"an order":            {with(func(a *arrive.Announcement) { a.DateOrder = "sometimes" }), 400},
		"a path":              {with(func(a *arrive.Announcement) { a.Name = "../../etc/passwd" }), 400},
		"NUL":                 {with(func(a *arrive.Announcement) { a.Name = "a\x00b" }), 400},
		"endless words":       {with(func(a *arrive.Announcement) { a.Authority = strings.Repeat("x", 5000) }), 413},
	} {
		if code, body := post(t, c, s.server+"/api/intake", x.a); code != x.want || strings.Contains(body, "PS Harbour") {
			t.Errorf("%s: %d, want %d: %s", name, code, x.want, body)
		}
	}
	for name, body := range map[string]string{"no JSON": "let me in", "another field": `{"sha256":"x","sealed":true}`} {
		if code, said := request(t, c, "POST", s.server+"/api/intake", body); code != 400 {
			t.Errorf("%s: %d %s", name, code, said)
		}
	}
}

// A document goes on from where the line broke, and only as it was announced.
func TestADocumentGoesOnWhereItBroke(t *testing.T) {
	s := newSite(t)
	s.certified("--unit")
	mine := s.identity()
	c := s.client(&mine)
	words := rows + strings.Repeat("2025-02-01T10:00:00Z,offer,192.0.2.7,1024\n", 2000)
	a := announcement("log.csv", words)
	answer := func(want int) (got arrive.Answer) {
		t.Helper()
		code, body := post(t, c, s.server+"/api/intake", a)
		if code != want {
			t.Fatalf("%d %s", code, body)
		}
		return read[arrive.Answer](t, body)
	}
	first := answer(200)
	if first.Offset != 0 || first.Upload == "" || first.Receipt != nil {
		t.Fatalf("%+v", first)
	}
	at := func(n int) string { return fmt.Sprintf("%s/api/intake/%s?offset=%d", s.server, first.Upload, n) }
	// A line that breaks: the body says that more comes than does.
	r, err := http.NewRequest("PUT", at(0), io.MultiReader(strings.NewReader(words[:1000]), brokenLine{}))
	if err != nil {
		t.Fatal(err)
	}
	r.ContentLength = int64(len(words))
	if _, err := c.Do(r); err == nil {
		t.Fatal("a broken line is answered")
	}
	var half arrive.Answer
	for range 100 { // the server may be at it still
		if half = answer(200); half.Offset == 1000 {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if half.Offset != 1000 || half.Upload != first.Upload {
		t.Fatalf("%+v", half)
	}
	for range 200 { // what came is on its way to the disk, and the draft is held meanwhile
		if code, _ := request(t, c, "PUT", at(2000), words[2000:]); code != 503 {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	for name, x := range map[string]struct {
		path, body string
		want       int
	}{
		"from too far on":    {at(2000), words[2000:], 409},
		"from the beginning": {at(0), words, 409},
		"from no number":     {s.server + "/api/intake/" + first.Upload + "?offset=x", words, 400},
		"another's or none":  {s.server + "/api/intake/" + strings.Repeat("a", 64) + "?offset=0", words, 404},
		"no ID":              {s.server + "/api/intake/..%2f..%2fsuraag.db?offset=0", words, 404},
	} {
		if code, body := request(t, c, "PUT", x.path, x.body); code != x.want {
			t.Errorf("%s: %d, want %d: %s", name, code, x.want, body)
		}
	}
	code, body := request(t, c, "PUT", at(1000), words[1000:2000])
	if part := read[arrive.Answer](t, body); code != 200 || part.Offset != 2000 || part.Receipt != nil {
		t.Errorf("%d %s", code, body)
	}
	if code, body = request(t, c, "PUT", at(2000), words[2000:]+"x"); code != 413 {
		t.Errorf("more than was announced: %d %s", code, body)
	}
	code, body = request(t, c, "PUT", at(len(words)), "")
	done := read[arrive.Answer](t, body)
	if code != 200 || done.Receipt == nil || done.Receipt.ID != a.SHA256 || done.Receipt.BroughtBy != "machine gate-3" || done.Receipt.Size != a.Size {
		t.Errorf("%d %s", code, body)
	}
	if again := answer(200); again.Receipt == nil || *again.Receipt != *done.Receipt {
		t.Errorf("announced again: %+v", again)
	}
	if code, body := request(t, c, "PUT", at(len(words)), ""); code != 404 {
		t.Errorf("sent again after its end: %d %s", code, body)
	}
	// Bytes that are not the announced ones are not kept.
	b := announcement("b.csv", "what was announced")
	_, body = post(t, c, s.server+"/api/intake", b)
	id := read[arrive.Answer](t, body).Upload
	if code, body = request(t, c, "PUT", s.server+"/api/intake/"+id+"?offset=0", "what is sent there"); code != 422 {
		t.Errorf("other bytes: %d %s", code, body)
	}
	if n := len(s.sources()); n != 1 {
		t.Errorf("the record holds %d sources", n)
	}
	if left, _ := os.ReadDir(filepath.Join(s.data, "arriving")); len(left) != 0 {
		t.Errorf("drafts are left: %v", left)
	}
}

type brokenLine struct{}

func (brokenLine) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// The machine's certificate is renewed on the way, by the machine alone, with a
// fresh key; the old one lets nobody in once the next was used.
func TestACertificateIsRenewedOnTheWay(t *testing.T) {
	s := newSite(t)
	out := filepath.Join(t.TempDir(), "gate-3.pem")
	if code, said := s.runAt("SURAAG_NOW=2025-02-15T00:00:00Z", "machine", "add", "gate-3", "--csr", filepath.Join(s.folder, "request.csr"), "--until", "2025-12-31", "--unit", "-o", out); code != 0 {
		t.Fatal(said)
	}
	s.must("spool", "init", "--certificate", out)
	before := s.identity()
	s.put("log.csv", rows)
	if said := s.must("spool", "push"); !strings.Contains(said, "certificate: renewed, it holds until 11 April 2025") {
		t.Errorf("%s", said)
	}
	after := s.identity()
	if after.Leaf.Equal(before.Leaf) || after.PrivateKey.(*ecdsa.PrivateKey).Equal(before.PrivateKey) {
		t.Error("certificate or key is the old one")
	}
	if n := len(s.sources()); n != 1 {
		t.Errorf("the record holds %d sources", n)
	}
	s.must("machine", "renew", "gate-3", "--csr", filepath.Join(s.folder, "request.csr"), "-o", filepath.Join(t.TempDir(), "x.pem"))
	for _, old := range []tls.Certificate{before, after} {
		if code, body := post(t, s.client(&old), s.server+"/api/intake", announcement("x", "y")); code != 0 {
			t.Errorf("an old certificate: %d %s", code, body)
		}
	}
	s.must("verify")
}

// A person's program hands in by a token that was made for it, and by no other.
func TestHandingInByToken(t *testing.T) {
	s := newSite(t)
	p := served{t, s.data, s.pages}
	v := p.invitedOver(s.client(nil), "a", "officer")
	s.must("case", "add", "FIR 12/2025", "--member", "a")
	s.must("case", "new", "FIR 13/2025", "--title", "Another", "--station", "PS Harbour")
	token := func(scope string) string {
		_, shown := v.send("/account", "/account/token", map[string][]string{"name": {"scanner"}, "scope": {scope}, "hours": {"24"}})
		m := regexp.MustCompile(`class="mono secret">([A-Za-z0-9_-]{43})<`).FindStringSubmatch(shown)
		if m == nil {
			t.Fatalf("no token: %s", shown)
		}
		return "Bearer " + m[1]
	}
	handIn, reads := token("hand in"), token("read")
	c := s.client(nil)
	a := announcement("log.csv", rows)
	a.Case = "FIR 12/2025"
	url := s.pages + "/api/intake"
	other, none := a, a
	other.Case, none.Case = "FIR 13/2025", ""
	for name, x := range map[string]struct {
		a     arrive.Announcement
		heads []string
		want  int
	}{
		"for its case":            {a, []string{"Authorization", handIn}, 200},
		"a token for reading":     {a, []string{"Authorization", reads}, 403},
		"no token":                {a, nil, 401},
		"no token that there is":  {a, []string{"Authorization", "Bearer nonsense"}, 401},
		"another's case":          {other, []string{"Authorization", handIn}, 404}, // a token for handing in knows of no case
		"no case":                 {none, []string{"Authorization", handIn}, 400},
		"from a page of another":  {a, []string{"Authorization", handIn, "Sec-Fetch-Site", "cross-site"}, 403},
		"from a page of another2": {a, []string{"Sec-Fetch-Site", "cross-site"}, 403},
	} {
		if code, body := post(t, c, url, x.a, x.heads...); code != x.want {
			t.Errorf("%s: %d, want %d: %s", name, code, x.want, body)
		}
	}
	if code, body := post(t, v.client, url, a); code != 403 { // signed in, in a browser
		t.Errorf("a session: %d %s", code, body)
	}
	_, body := post(t, c, url, a, "Authorization", handIn)
	id := read[arrive.Answer](t, body).Upload
	if code, body := request(t, c, "PUT", url+"/"+id+"?offset=0", rows, "Authorization", reads); code != 403 {
		t.Errorf("sent by a token for reading: %d %s", code, body)
	}
	code, body := request(t, c, "PUT", url+"/"+id+"?offset=0", rows, "Authorization", handIn)
	got := read[arrive.Answer](t, body)
	if code != 200 || got.Receipt == nil || got.Receipt.BroughtBy != "SI a (a)" {
		t.Fatalf("%d %s", code, body)
	}
	again := read[arrive.Answer](t, second(post(t, c, url, a, "Authorization", handIn)))
	if again.Receipt == nil || *again.Receipt != *got.Receipt {
		t.Errorf("again: %+v", again)
	}
	// The same bytes of another sender are another hand-in, and have to be shown.
	s.certified("--unit")
	mine := s.identity()
	if x := read[arrive.Answer](t, second(post(t, s.client(&mine), s.server+"/api/intake", announcement("log.csv", rows)))); x.Receipt != nil || x.Upload == id {
		t.Errorf("a machine that has but the hash is told %+v", x)
	}
	if !slices.ContainsFunc(s.sources(), func(x custody.Source) bool { return x.ID == a.SHA256 }) {
		t.Error("it is not in the record")
	}
}

func second(_ int, body string) string { return body }
