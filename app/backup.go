package app

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"filippo.io/age"

	"suraag/custody"
	"suraag/custody/archive"
	"suraag/custody/tlog"
	"suraag/fault"
	"suraag/store"
)

type backupCmd struct {
	Out string `arg:"" help:"File to write; it must not be there." placeholder:"FILE"`
	To  string `help:"Encrypt to this age recipient (age1…), so that the copy can lie anywhere." placeholder:"RECIPIENT"`
	Key bool   `help:"Take the unit's key along. Without it nobody can read from the copy who the victims are, or what the vault holds: keep the key apart."`
}

// Help is the long help of the command.
func (backupCmd) Help() string {
	return `Writes the record, the originals, the vault as it lies there (encrypted) and the custody log into one tar file while everything goes on working, and checks each original on the way. What can be made again
from the originals (the files of lists) is left out, and so is the unit's key, unless --key is given. With PostgreSQL, pg_dump has to be installed.

Examples:
  suraag backup /media/disk/2025-03-10.tar
  suraag backup /media/disk/2025-03-10.tar.age --to age1…

` + exitCodes
}

// Run writes the backup.
func (c *backupCmd) Run(s *stage) error {
	var to age.Recipient
	if c.To != "" {
		r, err := age.ParseX25519Recipient(c.To)
		if err != nil {
			return fault.WithHint(fault.Newf(fault.Invalid, "recipient %q: %w", c.To, err), "age-keygen makes a pair; give the part that begins with age1")
		}
		to = r
	}
	if exists(c.Out) { // not only after hours of writing
		return fault.WithHint(fault.Newf(fault.Conflict, "%q exists", c.Out), "give another file")
	}
	h, err := s.open(false)
	if err != nil {
		return err
	}
	defer h.close()
	var m archive.Manifest
	var size int64
	err = writeNew(c.Out, func(w io.Writer) error {
		if to == nil {
			m, err = s.backup(h, w, c.Key)
		} else {
			m, err = s.sealedBackup(h, w, to, c.Key)
		}
		if err != nil {
			return err
		}
		for _, f := range m.Files {
			size += f.Size
		}
		// What cannot be logged gets no name.
		return h.note(s.ctx, custody.Export, "backup", s.by(), map[string]any{"files": len(m.Files), "bytes": size, "encrypted": to != nil, "unit_key": c.Key})
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%d files, %d bytes, each checked, in %s\n", len(m.Files), size, c.Out)
	if !c.Key {
		fmt.Fprintf(s.out, "The unit's key is not in it: keep a copy of %s apart.\n", filepath.Join(h.dir, "unit.key"))
	}
	return nil
}

// sealedBackup writes a backup that only a recipient can read.
func (s *stage) sealedBackup(h *house, w io.Writer, to age.Recipient, withKey bool) (archive.Manifest, error) {
	sealed, err := age.Encrypt(w, to)
	if err != nil {
		return archive.Manifest{}, fault.As(fault.Internal, err)
	}
	m, err := s.backup(h, sealed, withKey)
	if err != nil {
		return m, err
	}
	return m, fault.As(fault.Unavailable, sealed.Close())
}

// backup writes everything that cannot be made again.
func (s *stage) backup(h *house, w io.Writer, withKey bool) (archive.Manifest, error) {
	staged, err := os.MkdirTemp(h.dir, ".backup-*")
	if err != nil {
		return archive.Manifest{}, fault.As(fault.Unavailable, err)
	}
	defer os.RemoveAll(staged)
	if err := s.stageMoment(h, staged); err != nil {
		return archive.Manifest{}, err
	}
	a := archive.NewWriter(w, "suraag "+Version, s.now())
	if err := addTree(a, staged, ""); err != nil {
		return archive.Manifest{}, err
	}
	// What these hold is written once. What came since the moment does no harm.
	for _, kept := range []struct {
		in   custody.Keeper
		name string
	}{{h.Originals, "originals"}, {h.Vault.Store, "vault"}} {
		if err := addKept(a, kept.in, kept.name); err != nil {
			return archive.Manifest{}, err
		}
	}
	if err := addTree(a, filepath.Join(h.dir, "tables"), "tables/"); err != nil {
		return archive.Manifest{}, err
	}
	if withKey && exists(filepath.Join(h.dir, "unit.key")) {
		if err := addFile(a, filepath.Join(h.dir, "unit.key"), "unit.key"); err != nil {
			return archive.Manifest{}, err
		}
	}
	return a.Close()
}

// addKept adds everything that a keeper keeps, each checked on the way. Of the
// vault that is what is encrypted; what was dropped meanwhile is left out.
func addKept(a *archive.Writer, k custody.Keeper, folder string) error {
	return k.List(func(id string) error {
		err := custody.Check(k, id)
		if fault.Is(err, fault.NotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		o, err := k.Open(id)
		if err != nil {
			return err
		}
		defer o.Close()
		return a.Add(folder+"/"+id[:2]+"/"+id, o.Size(), io.NewSectionReader(o, 0, o.Size()))
	})
}

// tries is how often the moment of a backup is taken anew, because the log went
// on between its folder and the database.
const tries = 50

// stageMoment copies the custody log and then the database. The log may not lie
// behind a checkpoint that the database knows of, or a restored record would be
// refused as put back; if it went on in between, both are taken again.
func (s *stage) stageMoment(h *house, staged string) error {
	log := filepath.Join(staged, "custody")
	for range tries {
		if err := s.ctx.Err(); err != nil {
			return err
		}
		if err := os.RemoveAll(log); err != nil {
			return fault.As(fault.Unavailable, err)
		}
		if err := copyTree(h.logDir(), log); err != nil {
			return err
		}
		db := filepath.Join(staged, "suraag.db")
		if h.db.Dialect == store.PostgreSQL {
			return s.dump(filepath.Join(staged, "suraag.pgdump"))
		}
		os.Remove(db)
		if err := h.db.Snapshot(s.ctx, db); err != nil {
			return err
		}
		copied, err := store.Open(s.ctx, db)
		if err != nil {
			return err
		}
		err = tlog.Check(s.ctx, log, copied)
		if e := copied.Close(); err == nil {
			err = e
		}
		if !fault.Is(err, fault.Corrupt) {
			return err
		}
	}
	return fault.WithHint(fault.Newf(fault.Unavailable, "the custody log did not stand still between two copies in %d tries", tries), "run the backup again when fewer documents come in")
}

// dump has PostgreSQL's own program write the database.
func (s *stage) dump(to string) error {
	program, err := exec.LookPath("pg_dump")
	if err != nil {
		return fault.WithHint(fault.Newf(fault.Unavailable, "pg_dump is not installed here"), "install PostgreSQL's client programs, of the server's version or newer")
	}
	address, password, err := withoutPassword(s.cli.DB)
	if err != nil {
		return err
	}
	c := exec.CommandContext(s.ctx, program, "--format=custom", "--file="+to, "--dbname="+address)
	if password != "" {
		c.Env = append(os.Environ(), "PGPASSWORD="+password)
	}
	out, err := c.CombinedOutput()
	if err != nil {
		return fault.Newf(fault.Unavailable, "pg_dump: %w: %s", err, strings.TrimSpace(string(out)))
	}
	return nil
}

// withoutPassword takes the password out of a database address. Everybody on a
// machine can read the arguments of a program; its environment is its account's
// alone (libpq, Environment Variables: PGPASSWORD).
func withoutPassword(address string) (without, password string, err error) {
	u, err := url.Parse(address)
	if err != nil {
		return "", "", fault.Newf(fault.Invalid, "database address is not a URL: %w", errors.Unwrap(err))
	}
	if u.User != nil {
		password, _ = u.User.Password()
		u.User = url.User(u.User.Username())
	}
	if q := u.Query(); q.Has("password") { // libpq takes it there too
		password = q.Get("password")
		q.Del("password")
		u.RawQuery = q.Encode()
	}
	return u.String(), password, nil
}

func copyTree(from, to string) error {
	return eachFile(from, func(path, name string) error {
		in, err := os.Open(path)
		if err != nil {
			return err
		}
		defer in.Close()
		target := filepath.Join(to, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(target), 0o700); err != nil {
			return err
		}
		out, err := os.OpenFile(target, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if err != nil {
			return err
		}
		_, err = io.Copy(out, in)
		return errors.Join(err, out.Close())
	})
}

// eachFile gives the plain files below a folder, if it is there, in order. A file
// that a writer at work replaced meanwhile is left out.
func eachFile(folder string, yield func(path, name string) error) error {
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return ignoreMissing(err)
		}
		name, err := filepath.Rel(folder, path)
		if err != nil {
			return err
		}
		return ignoreMissing(yield(path, filepath.ToSlash(name)))
	})
	if err != nil && fault.KindOf(err) == fault.Internal {
		return fault.Newf(fault.Unavailable, "folder %q: %w", folder, err)
	}
	return err
}

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func addTree(a *archive.Writer, folder, prefix string) error {
	return eachFile(folder, func(path, name string) error { return addFile(a, path, prefix+name) })
}

func addFile(a *archive.Writer, path, name string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	return a.Add(name, info.Size(), f)
}

type restoreCmd struct {
	File     string `arg:"" help:"Backup to restore." placeholder:"FILE"`
	Identity string `help:"File with the age identity, for an encrypted backup." placeholder:"FILE"`
}

// Help is the long help of the command.
func (restoreCmd) Help() string {
	return `Makes a new data folder (--data) of a backup, checks every byte against its manifest, opens the record, and compares it with its custody log. Nothing that exists is
written over. A backup of PostgreSQL holds suraag.pgdump, which pg_restore puts into an empty database.

Example:
  suraag restore /media/disk/2025-03-10.tar --data /srv/suraag

` + exitCodes
}

// Run restores the backup.
func (c *restoreCmd) Run(s *stage) error {
	dir, err := s.data()
	if err != nil {
		return err
	}
	f, err := os.Open(c.File)
	if err != nil {
		return fault.Newf(fault.NotFound, "backup %q: %w", c.File, err)
	}
	defer f.Close()
	var in io.Reader = f
	if c.Identity != "" {
		if in, err = decrypted(f, c.Identity); err != nil {
			return err
		}
	}
	m, err := archive.Unpack(s.ctx, in, dir, archive.DefaultLimits())
	if err != nil {
		return fault.Wrapf(err, "backup %q", c.File)
	}
	// Keys keep the rights that make them keys; originals are never written again.
	err = eachFile(dir, func(path, name string) error {
		if strings.HasPrefix(name, "originals/") || strings.HasPrefix(name, "vault/") {
			return os.Chmod(path, 0o400)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if exists(filepath.Join(dir, "suraag.pgdump")) {
		fmt.Fprintf(s.out, "%d files in %s. Put the database back with pg_restore --dbname=ADDRESS %s (ADDRESS without its password, that in PGPASSWORD: arguments can be seen by everybody on the machine), then give --db ADDRESS.\n", len(m.Files), dir, filepath.Join(dir, "suraag.pgdump"))
		return nil
	}
	h, err := s.open(false) // migrates it and checks its log
	if err != nil {
		return err
	}
	h.close()
	fmt.Fprintf(s.out, "%d files as of %s in %s; the record opens and agrees with its custody log. suraag verify compares it whole.\n", len(m.Files), m.At.Format("2 January 2006 15:04:05 MST"), dir)
	if !exists(filepath.Join(dir, "unit.key")) {
		fmt.Fprintf(s.out, "The unit's key was not in it: put your copy into %s.\n", filepath.Join(dir, "unit.key"))
	}
	return nil
}

func decrypted(r io.Reader, identityFile string) (io.Reader, error) {
	f, err := os.Open(identityFile)
	if err != nil {
		return nil, fault.Newf(fault.NotFound, "identity %q: %w", identityFile, err)
	}
	defer f.Close()
	identities, err := age.ParseIdentities(io.LimitReader(f, 1<<16))
	if err != nil {
		return nil, fault.Newf(fault.Invalid, "identity %q: %w", identityFile, err)
	}
	out, err := age.Decrypt(r, identities...)
	if err != nil {
		return nil, fault.WithHint(fault.Newf(fault.Denied, "the backup cannot be read with the identity in %q: %w", identityFile, err), "give the identity that belongs to the recipient it was made for")
	}
	return out, nil
}
