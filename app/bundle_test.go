package app_test

import (
	"archive/zip"
	"crypto/rand"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"suraag/custody/stamp/tsatest"
	"suraag/custody/tlog"
	"suraag/custody/witness"
	"suraag/export"
)

// A bundle out of a log that a witness cosigns and an authority stamps, checked
// with what whoever checks knows of the three, where there is no record.
func TestABundleOutOfAWitnessedLog(t *testing.T) {
	t.Parallel()
	from, err := loaded()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	data, nowhere := filepath.Join(dir, "data"), filepath.Join(dir, "nowhere")
	if err := os.CopyFS(data, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	court := filepath.Join(dir, "court")
	wkey, err := tlog.MakeKey(court, "court.example/witness", rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	key, err := tlog.KeyOf(filepath.Join(data, "custody"))
	if err != nil {
		t.Fatal(err)
	}
	w, err := witness.Open(court, wkey, []string{key.Public})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	server := httptest.NewServer(w)
	defer server.Close()
	_, public, err := wkey.Cosigner()
	if err != nil {
		t.Fatal(err)
	}
	tsa := tsatest.Start(t)
	policy, roots := filepath.Join(dir, "policy"), filepath.Join(dir, "roots.pem")
	write(t, policy, []byte("witness court "+public+" "+server.URL+"\nquorum court\n"))
	write(t, roots, []byte(tsa.Roots))
	must(t, data, "log", "configure", "--witnesses", policy, "--timestamp", tsa.URL, "--roots", roots, "--every", "24h")

	bundle := filepath.Join(dir, "lead.zip")
	must(t, data, "export", "bundle", "76aba756619b", "-o", bundle)
	trust := []string{"verify", "--bundle", bundle, "--log-key", key.Public, "--witnesses", policy, "--stamp-roots", roots, "--json"}
	c := read[export.Checked](t, must(t, nowhere, trust...))
	if c.Log == nil || !c.Log.Committed || len(c.Log.Witnesses) != 1 || c.Log.Witnesses[0].Witness != "court.example/witness" || c.Log.Stamp == nil || c.Log.Key != key.Public {
		t.Errorf("%+v", c.Log)
	}
	for _, n := range c.Notes {
		if strings.Contains(n, "own") || strings.Contains(n, "No witness") || strings.Contains(n, "time stamp") {
			t.Errorf("everything is trusted by itself, and the report says %q", n)
		}
	}
	z, err := zip.OpenReader(bundle)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	for _, enclosed := range []string{"verify.md", "validation.md", "certificate-63-4-c.pdf", "case-uco.jsonld", "log/stamp-roots.pem"} {
		if _, err := z.Open(enclosed); err != nil {
			t.Errorf("%s is not enclosed: %v", enclosed, err)
		}
	}
	// Another court than the one that one trusts.
	other := filepath.Join(dir, "other")
	another, err := tlog.MakeKey(filepath.Join(dir, "another"), "court.example/witness", rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if _, public, err = another.Cosigner(); err != nil {
		t.Fatal(err)
	}
	write(t, other, []byte("witness court "+public+" "+server.URL+"\nquorum court\n"))
	if code, out, _ := say(nowhere, "verify", "--bundle", bundle, "--witnesses", other); code != 7 || !strings.Contains(out, "too few") {
		t.Errorf("a witness that is not the trusted one was taken: %d %s", code, out)
	}
	if code, out, _ := say(nowhere, "verify", "--bundle", bundle, "--stamp-roots", filepath.Join(tsatest.Start(t).Dir, "ca.pem")); code != 7 || !strings.Contains(out, "time stamp") {
		t.Errorf("a stamp under another root was taken: %d %s", code, out)
	}
	// That it was taken out is in the log.
	log := must(t, data, "log", "show", "--last", "0")
	if !slices.ContainsFunc(strings.Split(log, "\n"), func(l string) bool { return strings.Contains(l, "export") && strings.Contains(l, "lead 76aba756619b") }) {
		t.Errorf("the export is not in the log:\n%s", log)
	}
}
