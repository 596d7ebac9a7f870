package tlog

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode"

	cosignature "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"

	"suraag/custody/disk"
	"suraag/fault"
)

// The files of a log below its folder.
const (
	keyFile  = "key"   // the log's signing key, mode 0600
	lockFile = "lock"  // held by the one process that writes the log
	tileDir  = "tiles" // checkpoint and tiles, in the form of C2SP tlog-tiles
)

// Key is the key with which a log signs its checkpoints, or a witness cosigns
// those of others.
type Key struct {
	signer  note.Signer
	private string
	Public  string   // the verifier key, to be given to everybody
	former  []string // verifier keys under which the log went before
}

// Cosigner gives the key as that of a witness: the signer of cosignatures, and the
// verifier key (type 0x04, C2SP tlog-cosignature) for the policies of others.
func (k Key) Cosigner() (note.Signer, string, error) {
	signer, err := cosignature.NewSignerForCosignatureV1(k.private)
	if err != nil {
		return nil, "", fault.As(fault.Corrupt, err)
	}
	public, err := cosignature.VKeyToCosignatureV1(k.Public)
	return signer, public, fault.As(fault.Corrupt, err)
}

// KeyOf reads the key of a log's folder. Not found is fault.NotFound.
func KeyOf(dir string) (Key, error) {
	file := filepath.Join(dir, keyFile)
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return Key{}, fault.Newf(fault.NotFound, "the log has no key in %q", file)
	}
	if err != nil {
		return Key{}, fault.As(fault.Unavailable, err)
	}
	private, public, _ := strings.Cut(string(text), "\n")
	public, whole := strings.CutSuffix(public, "\n")
	if !whole {
		return Key{}, fault.Newf(fault.Corrupt, "key of the log in %q is not two lines", file)
	}
	signer, err := note.NewSigner(private)
	if err != nil {
		return Key{}, fault.Newf(fault.Corrupt, "key of the log in %q: %w", file, err)
	}
	if err := belong(signer, public); err != nil {
		return Key{}, fault.Wrapf(err, "key of the log in %q", file)
	}
	former, err := formerKeys(dir)
	return Key{signer, private, public, former}, err
}

// belong checks that the two halves of a key are of one pair.
func belong(signer note.Signer, public string) error {
	v, err := note.NewVerifier(public)
	if err != nil {
		return fault.Newf(fault.Corrupt, "public half: %w", err)
	}
	signed, err := note.Sign(&note.Note{Text: "trial\n"}, signer)
	if err == nil {
		_, err = note.Open(signed, note.VerifierList(v))
	}
	if err != nil {
		return fault.Newf(fault.Corrupt, "its two halves do not belong together: %w", err)
	}
	return nil
}

// MakeKey makes the key of a new log. The origin is the log's name in every
// checkpoint; it should be one that no other log in the world has.
func MakeKey(dir, origin string, random io.Reader) (Key, error) {
	if origin == "" || len(origin) > 200 || strings.ContainsFunc(origin, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) || r == '+' }) {
		err := fault.Newf(fault.Invalid, "name of the log %q is empty, longer than 200 bytes, or holds a blank or a plus", origin)
		return Key{}, fault.WithHint(err, "give a name like unit.example/custody")
	}
	private, public, err := note.GenerateKey(random, origin)
	if err != nil {
		return Key{}, fault.As(fault.Unavailable, err)
	}
	if err := disk.MakeFolder(disk.Machine(), dir); err != nil {
		return Key{}, err
	}
	if err := Keep(filepath.Join(dir, keyFile), []byte(private+"\n"+public+"\n")); err != nil {
		return Key{}, err
	}
	return KeyOf(dir)
}

// Keep writes a small file, mode 0600, so that after a power cut it is there
// whole or as it was before.
func Keep(name string, body []byte) error { return disk.Keep(disk.Machine(), name, body) }
