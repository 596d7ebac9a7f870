package export_test

import (
	"archive/zip"
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	cosign "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"suraag/custody"
	"suraag/custody/proof"
	"suraag/custody/stamp"
	"suraag/custody/stamp/tsatest"
	"suraag/doc"
	"suraag/export"
)

// ledger is a log made with Go's checksum database client, which is not ours: its
// leaves are chance but for that of one export.
type ledger struct {
	hashes []tlog.Hash
	size   int64
}

func (l *ledger) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for n, i := range indexes {
		out[n] = l.hashes[i]
	}
	return out, nil
}

func (l *ledger) add(t *testing.T, leaf []byte) {
	t.Helper()
	h, err := tlog.StoredHashes(l.size, leaf, l)
	if err != nil {
		t.Fatal(err)
	}
	l.hashes = append(l.hashes, h...)
	l.size++
}

// witnessed encloses evidence from a log of 13 entries with a witness and a time
// stamp.
func witnessed(t *testing.T, b *export.Bundle) export.Trust {
	t.Helper()
	authority := tsatest.Start(t)
	secret, public, err := note.GenerateKey(rand.Reader, "example-log")
	if err != nil {
		t.Fatal(err)
	}
	witnessSecret, plainKey, err := note.GenerateKey(rand.Reader, "example-court")
	if err != nil {
		t.Fatal(err)
	}
	witnessPublic := must(cosign.VKeyToCosignatureV1(plainKey))
	entry, err := b.Entry("officer", now)
	if err != nil {
		t.Fatal(err)
	}
	c, err := custody.Commit(entry, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	const place = 6
	var l ledger
	for n := range 13 {
		if n == place {
			l.add(t, c.Leaf[:])
			continue
		}
		l.add(t, []byte(strconv.Itoa(n)))
	}
	root := must(tlog.TreeHash(l.size, &l))
	var path [][]byte
	for _, h := range must(tlog.ProveRecord(l.size, place, &l)) {
		path = append(path, h[:])
	}
	text := "example-log\n13\n" + base64.StdEncoding.EncodeToString(root[:]) + "\n"
	signed := must(note.Sign(&note.Note{Text: text}, must(note.NewSigner(secret)), must(cosign.NewSignerForCosignatureV1(witnessSecret))))
	policy := "witness court " + witnessPublic + " https://witness.example/\nquorum court\n"
	e := proof.Evidence{
		Place: place, Record: string(c.Canonical), Salt: hex.EncodeToString(c.Salt), Leaf: hex.EncodeToString(c.Leaf[:]), Path: path,
		Checkpoint: string(signed), Key: public, Policy: policy,
	}
	if e.Token, _, err = stamp.Ask(t.Context(), http.DefaultClient, authority.URL, signed, must(stamp.Roots(authority.Roots))); err != nil {
		t.Fatal(err)
	}
	if err := b.AddEvidence(e); err != nil {
		t.Fatal(err)
	}
	b.AddRoots(authority.Roots)
	return export.Trust{Key: public, Policy: policy, Roots: authority.Roots}
}

func unpacked(t *testing.T, bundle []byte) string {
	t.Helper()
	dir := t.TempDir()
	z := must(zip.NewReader(bytes.NewReader(bundle), int64(len(bundle))))
	for _, f := range z.File {
		to := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to, file(t, bundle, f.Name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// page gives the commands of doc/verify.md as they stand there.
func page(t *testing.T) string {
	t.Helper()
	var out strings.Builder
	for n, block := range strings.Split(string(doc.Read("verify.md")), "```sh\n") {
		if commands, _, found := strings.Cut(block, "```"); found && n > 0 {
			out.WriteString(commands)
		}
	}
	if strings.Count(out.String(), "openssl") < 4 {
		t.Fatal("the page has no commands")
	}
	return out.String()
}

func run(t *testing.T, dir, commands string) (string, error) {
	t.Helper()
	cmd := exec.Command("bash", "-eu", "-c", commands)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// The page tells how to check a bundle without us: it is run as it stands.
func TestThePageOfCommands(t *testing.T) {
	for _, tool := range []string{"bash", "openssl", "sha256sum"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skip(err)
		}
	}
	_, b := compose(t, material())
	trust := witnessed(t, b)
	doc := written(t, b)
	if c, err := check(t, doc, trust); err != nil || len(c.Differences) > 0 || c.Log == nil || len(c.Log.Witnesses) != 1 || c.Log.Stamp == nil {
		t.Fatalf("%v %+v", err, c)
	}
	dir := unpacked(t, doc)
	commands := page(t)
	out, err := run(t, dir, commands)
	if err != nil || strings.Contains(out, "WRONG") {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, want := range []string{"files: as listed", "original as sealed: sources/" + sum(tip), "places: 1 found as quoted", "content: " + b.Content(), "proof: entry 6 stands in the log of size 13", "example-court, ", "Verification: OK", "Time stamp:"} {
		if !strings.Contains(out, want) {
			t.Errorf("the commands do not say %q:\n%s", want, out)
		}
	}
	if n := strings.Count(out, "Signature Verified Successfully"); n != 2 {
		t.Errorf("%d signatures were verified, want those of the log and of the witness:\n%s", n, out)
	}
	from := func(words string) string { return commands[strings.Index(commands, words):] } // behind a check that would name it too
	rest := from("content=$(")
	for _, c := range []struct{ name, file, old, new, commands string }{
		{"a file", "README.txt", "certificate", "Certificate", commands},
		{"an original", "sources/" + sum(tip), "51602", "51603", from("for f in sources")},
		{"a place", "sources/" + sum(tip), "51602", "51603", from("found=")},
		{"the entry", "log/000000006/leaf", "officer", "another", rest},
		{"the root", "log/000000006/checkpoint", "example-log\n13\n", "example-log\n14\n", rest},
		{"the path", "log/000000006/proof.tlog", "index 6", "index 7", rest},
		{"the witness", "log/000000006/checkpoint", "— example-court ", "— example-court AAAA", rest},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := unpacked(t, doc)
			name := filepath.Join(dir, c.file)
			text := must(os.ReadFile(name))
			if !bytes.Contains(text, []byte(c.old)) {
				t.Fatalf("%s does not hold %q", c.file, c.old)
			}
			if err := os.WriteFile(name, bytes.Replace(text, []byte(c.old), []byte(c.new), 1), 0o600); err != nil {
				t.Fatal(err)
			}
			if out, err := run(t, dir, c.commands); err == nil && !strings.Contains(out, "WRONG") {
				t.Errorf("a change of %s goes unseen:\n%s", c.name, out)
			}
		})
	}
}

// A client of other people, Go's own for the checksum database, checks the proof
// of a bundle from its files.
func TestAnotherClient(t *testing.T) {
	_, b := compose(t, material())
	trust := witnessed(t, b)
	doc := written(t, b)
	folder := "log/000000006/"
	verifier := must(note.NewVerifier(trust.Key))
	opened := must(note.Open(file(t, doc, folder+"checkpoint"), note.VerifierList(verifier)))
	lines := strings.Split(opened.Text, "\n")
	size := must(strconv.ParseInt(lines[1], 10, 64))
	root := must(tlog.ParseHash(lines[2]))
	text := strings.Split(string(file(t, doc, folder+"proof.tlog")), "\n")
	place := must(strconv.ParseInt(strings.TrimPrefix(text[1], "index "), 10, 64))
	var path tlog.RecordProof
	for _, l := range text[2:] {
		if l == "" {
			break
		}
		path = append(path, must(tlog.ParseHash(l)))
	}
	leaf := must(hex.DecodeString(sum(file(t, doc, folder+"leaf"))))
	if err := tlog.CheckRecord(path, size, root, place, tlog.RecordHash(leaf)); err != nil {
		t.Error(err)
	}
	leaf[0] ^= 1
	if err := tlog.CheckRecord(path, size, root, place, tlog.RecordHash(leaf)); err == nil {
		t.Error("another leaf was taken")
	}
}
