package app

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"suraag/custody"
	"suraag/custody/bucket"
	"suraag/custody/files"
	"suraag/custody/vault"
	"suraag/fault"
)

// storeFile says that originals and the vault lie in an S3-compatible store, and in
// which: the one place where that stands. Without it they lie in files.
const storeFile = "store.toml"

// The secret of the store, where it does not stand in a file of its own.
const (
	storeSecret  = "SURAAG_S3_SECRET"
	storeSession = "SURAAG_S3_SESSION"
)

// scratchFolder is where what is on its way to a store lies, below the data folder.
const scratchFolder = "drafts"

// kept are the folders of what is kept apart from the record.
var kept = []string{"originals", "vault"}

// keepers gives what keeps originals, and what keeps the vault.
func (s *stage) keepers(dir string) (originals, held custody.Keeper, err error) {
	b, scratch, err := s.bucket(dir)
	if err != nil {
		return nil, nil, err
	}
	if b != nil {
		return b.Keeper(kept[0], scratch), b.Keeper(kept[1], scratch), nil
	}
	if originals, err = files.In(filepath.Join(dir, kept[0])); err != nil {
		return nil, nil, err
	}
	held, err = files.In(filepath.Join(dir, kept[1]))
	return originals, held, err
}

// bucket opens the bucket of the settings; nil: there are none. scratch is where
// what is on its way lies.
func (s *stage) bucket(dir string) (b *bucket.Bucket, scratch string, err error) {
	path := filepath.Join(dir, storeFile)
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, "", nil
	}
	if err != nil {
		return nil, "", fault.Newf(fault.Unavailable, "settings of the store %q: %w", path, err)
	}
	defer f.Close()
	settings, err := bucket.ReadSettings(f)
	if err != nil {
		return nil, "", fault.Wrapf(err, "%s", path)
	}
	below := func(name string) string {
		if name == "" || filepath.IsAbs(name) {
			return name
		}
		return filepath.Join(dir, name)
	}
	settings.Roots = below(settings.Roots)
	settings.Secret, settings.Session = s.env[storeSecret], s.env[storeSession]
	if settings.Secret == "" && settings.SecretFile != "" {
		if settings.Secret, err = vault.ReadSecret(below(settings.SecretFile)); err != nil {
			return nil, "", err
		}
	}
	scratch = filepath.Join(dir, scratchFolder)
	if err := os.MkdirAll(scratch, 0o700); err != nil {
		return nil, "", fault.As(fault.Unavailable, err)
	}
	b, err = bucket.Open(s.ctx, settings)
	return b, scratch, fault.Wrapf(err, "%s", path)
}

type storageCmd struct {
	Show  storageShow  `cmd:"" help:"Show where originals and the vault lie."`
	Check storageCheck `cmd:"" help:"Write, read and remove something in the store."`
	Copy  storageCopy  `cmd:"" help:"Copy originals and the vault from files into the store."`
}

const storageHelp = `Originals and the vault lie in files below the data folder, or in a bucket of an S3-compatible store where the file ` + storeFile + ` in the data folder says so:

  endpoint = "https://s3.example.org"      # http only on this machine
  bucket = "unit-7"                        # it has to be there
  access_key = "AKIDEXAMPLE"
  secret_file = "store.secret"             # the secret alone, mode 0600; or give ` + storeSecret + `
  # prefix = "unit-7/"   region = "ap-south-1"   roots = "authority.pem"

`

type storageShow struct{}

// Help is the long help of the command.
func (storageShow) Help() string {
	return storageHelp + "Example:\n  suraag storage show\n\n" + exitCodes
}

func (storageShow) Run(s *stage) error {
	dir, err := s.data()
	if err != nil {
		return err
	}
	b, _, err := s.bucket(dir)
	if err != nil {
		return err
	}
	where := map[string]string{"kind": "files", "where": dir}
	if b != nil {
		where = map[string]string{"kind": "store", "where": b.String()}
	}
	if s.cli.JSON {
		return s.print(where)
	}
	if b != nil {
		fmt.Fprintf(s.out, "Originals and the vault lie in the store %s\n", b)
		return nil
	}
	fmt.Fprintf(s.out, "Originals and the vault lie in files below %s\n", dir)
	return nil
}

// theBucket refuses where there is none.
func (s *stage) theBucket(dir string) (*bucket.Bucket, string, error) {
	b, scratch, err := s.bucket(dir)
	if err == nil && b == nil {
		err = fault.WithHint(fault.Newf(fault.NotFound, "no store is set in %q", filepath.Join(dir, storeFile)), "suraag storage show --help tells what to write there")
	}
	return b, scratch, err
}

type storageCheck struct{}

// Help is the long help of the command.
func (storageCheck) Help() string {
	return `Writes something small into the store, tries to write over it, reads it back and removes it. A store that lets itself be written over is told: nothing is lost by it, since every name is the hash of its bytes, but whoever has the key could write over originals.

Example:
  suraag storage check

` + exitCodes
}

func (storageCheck) Run(s *stage) error {
	dir, err := s.data()
	if err != nil {
		return err
	}
	b, scratch, err := s.theBucket(dir)
	if err != nil {
		return err
	}
	refuses, err := b.Probe(scratch)
	if err != nil {
		return err
	}
	if s.cli.JSON {
		return s.print(map[string]any{"where": b.String(), "refuses_to_overwrite": refuses})
	}
	fmt.Fprintf(s.out, "The store %s writes, reads and removes.\n", b)
	if refuses {
		fmt.Fprintln(s.out, "It refuses to write over what is there.")
	} else {
		fmt.Fprintln(s.out, "It LETS ITSELF BE WRITTEN OVER (it takes no notice of If-None-Match): use versions or an object lock.")
	}
	return nil
}

type storageCopy struct{}

// Help is the long help of the command.
func (storageCopy) Help() string {
	return `Copies every original, and what the vault encrypted, from the files of the data folder into the store of ` + storeFile + `, each checked before and read back after. Nothing is removed: do that when suraag verify has found everything in the store. Run it again to go on where it was stopped.

Example:
  suraag storage copy

` + exitCodes
}

func (storageCopy) Run(s *stage) error {
	h, err := s.open(false)
	if err != nil {
		return err
	}
	defer h.close()
	if _, _, err := s.theBucket(h.dir); err != nil {
		return err
	}
	counts := map[string]int{}
	p := newProgress(s.err)
	for n, to := range []custody.Keeper{h.Originals, h.Vault.Store} {
		folder := filepath.Join(h.dir, kept[n])
		if !exists(folder) {
			continue
		}
		from, err := files.In(folder)
		if err == nil {
			err = from.List(func(id string) error {
				p.say(func() string { return fmt.Sprintf("copied %d of %s", counts[kept[n]], kept[n]) })
				counts[kept[n]]++
				return cmp.Or(s.ctx.Err(), copyKept(id, from, to))
			})
		}
		if err != nil {
			p.done()
			return err
		}
	}
	p.done()
	if err := h.note(s.ctx, custody.Export, "storage", s.by(), map[string]any{"originals": counts[kept[0]], "vault": counts[kept[1]]}); err != nil {
		return err
	}
	if s.cli.JSON {
		return s.print(counts)
	}
	fmt.Fprintf(s.out, "%s and %s of the vault are in the store, each read back and compared.\n", counted(counts[kept[0]], "original"), counted(counts[kept[1]], "item"))
	return nil
}

// copyKept copies one thing that is named by its hash.
func copyKept(id string, from, to custody.Keeper) error {
	if err := custody.Check(from, id); err != nil {
		return err
	}
	o, err := from.Open(id)
	if err != nil {
		return err
	}
	defer o.Close()
	got, _, err := custody.Seal(to, io.NewSectionReader(o, 0, o.Size()), o.Size())
	if err == nil && got != id {
		err = fault.Newf(fault.Corrupt, "original %s was changed while it was copied", id)
	}
	return err
}
