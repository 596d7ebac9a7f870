package proof_test

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	cosign "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"

	"suraag/custody/proof"
)

// made is a checkpoint of a made log, with the log's key.
func made(t testing.TB) (signed, key string) {
	t.Helper()
	secret, key, err := note.GenerateKey(nil, "example-log")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(secret)
	if err != nil {
		t.Fatal(err)
	}
	root := sha256.Sum256([]byte("made"))
	b, err := note.Sign(&note.Note{Text: fmt.Sprintf("example-log\n7\n%s\n", base64.StdEncoding.EncodeToString(root[:]))}, signer)
	if err != nil {
		t.Fatal(err)
	}
	return string(b), key
}

// Whatever is put in the place of a checkpoint, what opens says what the log
// signed. Lines of other signers may come and go; the words above them may not.
func FuzzOpen(f *testing.F) {
	signed, key := made(f)
	if _, err := proof.Open([]byte(signed), key); err != nil {
		f.Fatal("the seed does not open: ", err)
	}
	text, _, _ := strings.Cut(signed, "\n\n")
	f.Add(signed)
	f.Add(signed + "— another AAAAAAAA\n")
	f.Add(strings.Replace(signed, "\n7\n", "\n8\n", 1))
	f.Add(text + "\n\n")
	f.Add("")
	f.Fuzz(func(t *testing.T, other string) {
		c, err := proof.Open([]byte(other), key)
		if err != nil {
			return
		}
		if c.Origin != "example-log" || c.Size != 7 || !strings.HasPrefix(other, text+"\n\n") {
			t.Fatalf("%q opens as %+v", other, c)
		}
	})
}

// A policy that asks for somebody is never met by a checkpoint that nobody
// cosigned.
func FuzzParsePolicy(f *testing.F) {
	signed, _ := made(f)
	_, plain, err := note.GenerateKey(nil, "court.example")
	if err != nil {
		f.Fatal(err)
	}
	key, err := cosign.VKeyToCosignatureV1(plain)
	if err != nil {
		f.Fatal(err)
	}
	seeds := []string{
		"witness court " + key + " https://court.example/\nquorum court\n", "witness a " + key + " https://a.example/\ngroup g 1 a\nquorum g\n",
		"quorum none\n", "group g any\nquorum g\n", "group g 2 g\n", "witness\n", "",
	}
	if p, err := proof.ParsePolicy(seeds[1]); err != nil || !p.Need() {
		f.Fatalf("the seed %q asks for nobody, %v", seeds[1], err)
	}
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := proof.ParsePolicy(text)
		if err != nil || !p.Need() {
			return
		}
		if got, err := p.Cosigned([]byte(signed)); err == nil {
			t.Fatalf("%q is met by %v", text, got)
		}
	})
}
