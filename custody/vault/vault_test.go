package vault_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/iotest"
	"time"

	"filippo.io/age"

	"suraag/custody"
	"suraag/custody/files"
	"suraag/custody/vault"
	"suraag/fault"
	"suraag/people"
	"suraag/store"
)

var (
	ctx = context.Background()
	day = time.Date(2025, 3, 12, 9, 0, 0, 0, time.UTC)
)

const caseID = "00000000000000000000000000000007"

// unit is a vault with a record behind it.
type unit struct {
	t   *testing.T
	dir string
	db  *store.DB
	key *vault.Key
	*vault.Vault
}

func newUnit(t *testing.T) *unit {
	t.Helper()
	dir := t.TempDir()
	return newUnitOn(t, dir, filepath.Join(dir, "record.db"))
}

func newUnitOn(t *testing.T, dir, where string) *unit {
	t.Helper()
	db, err := store.Open(ctx, where)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	err = db.InTx(ctx, func(tx *sql.Tx) error {
		return db.AddCase(ctx, tx, people.Case{ID: caseID, Number: "FIR 1", Title: "t", Station: "PS", Made: day})
	})
	if err != nil {
		t.Fatal(err)
	}
	kept, err := files.In(filepath.Join(dir, "vault"))
	if err != nil {
		t.Fatal(err)
	}
	k := key(t, filepath.Join(dir, "unit.key"))
	return &unit{t, dir, db, k, &vault.Vault{Book: db, Store: kept, Unit: k, Limit: 1 << 24, Now: func() time.Time { return day }}}
}

func about() vault.About {
	return vault.About{Case: caseID, Name: "picture.jpg", MediaType: "image/jpeg", By: "SI a", Ground: "section 94 BNSS, order 3/2025"}
}

func (u *unit) put(body []byte) vault.Item {
	u.t.Helper()
	i, err := u.Put(ctx, about(), bytes.NewReader(body))
	if err != nil {
		u.t.Fatal(err)
	}
	return i
}

// nothing fails where anything is kept, recorded or logged of a put.
func (u *unit) nothing(what string) {
	u.t.Helper()
	items, err := u.db.VaultItems(ctx, "")
	if err != nil || len(items) != 0 {
		u.t.Errorf("%s: %d items are recorded, %v", what, len(items), err)
	}
	if k, err := u.db.UnitKey(ctx); err != nil || k != (vault.UnitKey{}) {
		u.t.Errorf("%s: the unit's key is recorded as %+v, %v", what, k, err)
	}
	if n, err := u.db.WaitingEntries(ctx); err != nil || n != 1 { // that the case was opened
		u.t.Errorf("%s: %d log entries, %v", what, n, err)
	}
	if found := u.kept(); len(found) != 0 {
		u.t.Errorf("%s: %v are left", what, found)
	}
}

// kept gives every file of the vault's store.
func (u *unit) kept() (out []string) {
	u.t.Helper()
	err := filepath.WalkDir(filepath.Join(u.dir, "vault"), func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			out = append(out, path)
		}
		return err
	})
	if err != nil {
		u.t.Fatal(err)
	}
	return out
}

// body is made content that no compression or luck makes short.
func body(n int) []byte {
	out := make([]byte, 0, n+sha256.Size)
	for s := sha256.Sum256([]byte("made")); len(out) < n; s = sha256.Sum256(s[:]) {
		out = append(out, s[:]...)
	}
	return out[:n]
}

func TestWhatIsPutInComesOutAgain(t *testing.T) {
	for _, n := range []int{0, 1, 65_535, 65_536, 65_537, 1 << 20} { // 64 KiB is a chunk of age
		u := newUnit(t)
		want := body(n)
		i := u.put(want)
		sum := sha256.Sum256(want)
		if i.Size != int64(n) || i.SHA256 != hex.EncodeToString(sum[:]) {
			t.Errorf("%d bytes: recorded as %d, %s", n, i.Size, i.SHA256)
		}
		r, err := u.Open(ctx, i)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(r)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%d bytes: %d came out, %v", n, len(got), err)
		}
		r.Close()
		stored := u.kept()
		if len(stored) != 1 {
			t.Fatalf("%d files are stored", len(stored))
		}
		raw, err := os.ReadFile(stored[0])
		if err != nil {
			t.Fatal(err)
		}
		if n > 100 && bytes.Contains(raw, want[:64]) {
			t.Error("what is stored is not encrypted")
		}
		if again, err := u.db.VaultItem(ctx, i.ID); err != nil || again.Name != i.Name || again.SealedSHA256 != filepath.Base(stored[0]) {
			t.Errorf("recorded: %+v, %v", again, err)
		}
		public, _ := u.key.Public()
		if k, err := u.db.UnitKey(ctx); err != nil || k.Public != public.Public || k.By != "SI a" || !k.At.Equal(day) {
			t.Errorf("the unit's key is recorded as %+v, %v", k, err)
		}
		entries, err := u.db.EntriesAbout(ctx, i.ID)
		if err != nil || len(entries) != 1 || entries[0].Kind != custody.VaultPut || entries[0].By != "SI a" {
			t.Errorf("logged: %+v, %v", entries, err)
		}
	}
}

// Two items of the same bytes have keys of their own, and the age library reads
// both with nothing of ours.
func TestEachItemHasItsOwnKey(t *testing.T) {
	u := newUnit(t)
	a, b := u.put(body(100)), u.put(body(100))
	if a.ID == b.ID || a.SealedSHA256 == b.SealedSHA256 {
		t.Error("two puts made one item")
	}
	text, err := os.ReadFile(filepath.Join(u.dir, "unit.key"))
	if err != nil {
		t.Fatal(err)
	}
	unitKey, err := age.ParseX25519Identity(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	read := func(wrapped []byte, sealed string) ([]byte, error) {
		r, err := age.Decrypt(bytes.NewReader(wrapped), unitKey)
		if err != nil {
			t.Fatal(err)
		}
		own, err := age.ParseIdentities(r)
		if err != nil {
			t.Fatal(err)
		}
		f, err := os.ReadFile(filepath.Join(u.dir, "vault", sealed[:2], sealed))
		if err != nil {
			t.Fatal(err)
		}
		plain, err := age.Decrypt(bytes.NewReader(f), own...)
		if err != nil {
			return nil, err
		}
		return io.ReadAll(plain)
	}
	for _, i := range []vault.Item{a, b} {
		if got, err := read(i.Wrapped, i.SealedSHA256); err != nil || !bytes.Equal(got, body(100)) {
			t.Errorf("the age library reads %d bytes, %v", len(got), err)
		}
	}
	if _, err := read(a.Wrapped, b.SealedSHA256); err == nil {
		t.Error("one item's key opens another")
	}
}

func TestEveryChangeOfWhatIsStoredIsFound(t *testing.T) {
	u := newUnit(t)
	i := u.put(body(300))
	path := u.kept()[0]
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	check := func(what string, bad []byte) {
		t.Helper()
		os.Remove(path)
		if err := os.WriteFile(path, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		r, err := u.Open(ctx, i)
		if err == nil {
			_, err = io.ReadAll(r)
			r.Close()
		}
		if !fault.Is(err, fault.Corrupt) {
			t.Errorf("%s: %v, want corrupt", what, err)
		}
		if err := u.CheckStored(i); !fault.Is(err, fault.Corrupt) {
			t.Errorf("%s, without a key: %v, want corrupt", what, err)
		}
	}
	for n := range raw {
		bad := bytes.Clone(raw)
		bad[n] ^= 1
		check("byte "+string(rune('0'+n%10))+" flipped", bad)
	}
	check("cut off", raw[:len(raw)-1])
	check("nothing", nil)
	check("longer", append(bytes.Clone(raw), 0))
	other := u.put(body(300))
	swapped, err := os.ReadFile(filepath.Join(u.dir, "vault", other.SealedSHA256[:2], other.SealedSHA256))
	if err != nil {
		t.Fatal(err)
	}
	check("another item's", swapped)
}

// The record may be changed too: sizes, sums and the kept key are compared at the
// end of what is read.
func TestAChangedRecordIsFound(t *testing.T) {
	u := newUnit(t)
	good, other := u.put(body(300)), u.put(body(200))
	for what, change := range map[string]func(*vault.Item){
		"size":          func(i *vault.Item) { i.Size++ },
		"sha256":        func(i *vault.Item) { i.SHA256 = other.SHA256 },
		"sealed size":   func(i *vault.Item) { i.SealedSize++ },
		"sealed sha256": func(i *vault.Item) { i.SealedSHA256 = other.SealedSHA256 },
		"key":           func(i *vault.Item) { i.Wrapped = other.Wrapped },
		"no age file":   func(i *vault.Item) { i.Wrapped = []byte("x") },
	} {
		i := good
		change(&i)
		r, err := u.Open(ctx, i)
		if err == nil {
			_, err = io.ReadAll(r)
			if _, again := r.Read(make([]byte, 1)); again != err && err != nil && again.Error() != err.Error() {
				t.Errorf("%s: told %v and then %v", what, err, again)
			}
			r.Close()
		}
		if !fault.Is(err, fault.Corrupt) {
			t.Errorf("%s: %v, want corrupt", what, err)
		}
	}
}

func TestRefusedPutsLeaveNothing(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*vault.About)
		body   io.Reader
		limit  int64
		want   fault.Kind
	}{
		"no ground":           {change: func(a *vault.About) { a.Ground = " " }, want: fault.Invalid},
		"a ground too short":  {change: func(a *vault.About) { a.Ground = "FIR" }, want: fault.Invalid},
		"a ground too long":   {change: func(a *vault.About) { a.Ground = strings.Repeat("x", 1001) }, want: fault.Invalid},
		"no name":             {change: func(a *vault.About) { a.Name = "" }, want: fault.Invalid},
		"nobody":              {change: func(a *vault.About) { a.By = "" }, want: fault.Invalid},
		"no case":             {change: func(a *vault.About) { a.Case = "" }, want: fault.Invalid},
		"a number of a case":  {change: func(a *vault.About) { a.Case = "FIR 1" }, want: fault.Invalid},
		"an unknown case":     {change: func(a *vault.About) { a.Case = strings.Repeat("f", 32) }, want: fault.NotFound},
		"no media type":       {change: func(a *vault.About) { a.MediaType = "picture" }, want: fault.Invalid},
		"one byte too much":   {limit: 999, want: fault.TooLarge},
		"a source that fails": {body: io.MultiReader(bytes.NewReader(body(500)), iotest.ErrReader(errors.New("the stick was pulled"))), want: fault.Unavailable},
	} {
		t.Run(name, func(t *testing.T) {
			u := newUnit(t)
			a := about()
			if c.change != nil {
				c.change(&a)
			}
			if c.limit > 0 {
				u.Limit = c.limit
			}
			if c.body == nil {
				c.body = bytes.NewReader(body(1000))
			}
			if _, err := u.Put(ctx, a, c.body); !fault.Is(err, c.want) {
				t.Errorf("%v, want %s", err, c.want)
			}
			u.nothing(name)
		})
	}
	u := newUnit(t)
	u.Limit = 1000
	u.put(body(1000)) // the limit itself is allowed
}

// A put that is stopped in the middle leaves nothing.
func TestAStoppedPutLeavesNothing(t *testing.T) {
	u := newUnit(t)
	stopped, stop := context.WithCancel(ctx)
	defer stop()
	n := 0
	endless := readerFunc(func(p []byte) (int, error) {
		if n++; n == 5 {
			stop()
		}
		return copy(p, body(len(p))), nil
	})
	if _, err := u.Put(stopped, about(), endless); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	u.nothing("a stopped put")
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// lame is a store in which something goes wrong.
type lame struct {
	custody.Keeper
	room     int64 // bytes until the disk is full
	keep     error
	lose     bool // keeps nothing and says it did
	swap     bool // gives other bytes back than it was given
	breakOff bool // breaks off while it is read
	remove   error
}

func (l *lame) Create() (custody.Draft, error) {
	d, err := l.Keeper.Create()
	return &lameDraft{d, l}, err
}

type lameDraft struct {
	custody.Draft
	of *lame
}

func (d *lameDraft) Write(p []byte) (int, error) {
	if d.of.room -= int64(len(p)); d.of.room < 0 {
		return 0, syscall.ENOSPC
	}
	return d.Draft.Write(p)
}

func (d *lameDraft) Keep(name string) error {
	if d.of.keep != nil || d.of.lose {
		return d.of.keep
	}
	return d.Draft.Keep(name)
}

func (l *lame) Open(name string) (custody.Original, error) {
	o, err := l.Keeper.Open(name)
	if err != nil || !l.swap && !l.breakOff {
		return o, err
	}
	return lameOriginal{o, l}, nil
}

type lameOriginal struct {
	custody.Original
	of *lame
}

func (o lameOriginal) ReadAt(p []byte, at int64) (int, error) {
	n, err := o.Original.ReadAt(p, at)
	switch {
	case o.of.breakOff && at >= o.Size()/2:
		return 0, errors.New("the line is cut")
	case o.of.swap && at+int64(n) == o.Size():
		p[n-1] ^= 1
	}
	return n, err
}

func (l *lame) Remove(name string) error {
	if l.remove != nil {
		return l.remove
	}
	return l.Keeper.Remove(name)
}

// Whatever the store does wrong, no item is acknowledged, and nothing is left.
func TestALameStore(t *testing.T) {
	const room = 1 << 30
	for name, c := range map[string]struct {
		store lame
		want  fault.Kind
	}{
		"the disk is full at once":      {lame{room: 0}, fault.Unavailable},
		"the disk is full in between":   {lame{room: 100_000}, fault.Unavailable},
		"it cannot be made durable":     {lame{room: room, keep: fault.Newf(fault.Unavailable, "the disk errs")}, fault.Unavailable},
		"it says it did and did not":    {lame{room: room, lose: true}, fault.NotFound},
		"other bytes come back":         {lame{room: room, swap: true}, fault.Corrupt},
		"it breaks off when read again": {lame{room: room, breakOff: true}, fault.Unavailable},
	} {
		t.Run(name, func(t *testing.T) {
			u := newUnit(t)
			c.store.Keeper = u.Store
			u.Store = &c.store
			if _, err := u.Put(ctx, about(), bytes.NewReader(body(300_000))); !fault.Is(err, c.want) {
				t.Errorf("%v, want %s", err, c.want)
			}
			u.nothing(name)
		})
	}
	t.Run("it does not even remove", func(t *testing.T) {
		u := newUnit(t)
		good := u.Store
		u.Store = &lame{Keeper: good, room: room, swap: true, remove: fault.Newf(fault.Denied, "the bytes are locked")}
		if _, err := u.Put(ctx, about(), bytes.NewReader(body(1000))); !fault.Is(err, fault.Corrupt) || !strings.Contains(err.Error(), "locked") {
			t.Errorf("%v", err)
		}
		u.Store = good
		left, err := u.Leftovers(ctx)
		if err != nil || len(left) != 1 || left[0].Item != "" {
			t.Fatalf("leftovers %v, %v", left, err)
		}
		if n, err := u.Sweep(ctx); err != nil || n != 1 {
			t.Errorf("swept %d, %v", n, err)
		}
		u.nothing("after sweeping")
	})
}

// book is a record in which the commit goes wrong.
type book struct {
	vault.Book
	before, after error // instead of the commit, after it
}

func (b *book) InTx(ctx context.Context, f func(*sql.Tx) error) error {
	if b.before != nil {
		return b.before
	}
	err := b.Book.InTx(ctx, f)
	if err == nil {
		err = b.after
	}
	return err
}

// Where the commit fails, nothing is left; where only its answer is lost, the item
// is whole, though nobody was told so.
func TestACommitThatFails(t *testing.T) {
	gone := fault.Newf(fault.Unavailable, "the database does not answer")
	u := newUnit(t)
	u.Book = &book{u.db, gone, nil}
	if _, err := u.Put(ctx, about(), bytes.NewReader(body(100))); !fault.Is(err, fault.Unavailable) {
		t.Errorf("%v", err)
	}
	u.nothing("a commit that failed")

	u.Book = &book{u.db, nil, gone}
	if _, err := u.Put(ctx, about(), bytes.NewReader(body(100))); !fault.Is(err, fault.Unavailable) {
		t.Errorf("%v", err)
	}
	items, err := u.db.VaultItems(ctx, caseID)
	if err != nil || len(items) != 1 {
		t.Fatalf("%d items, %v", len(items), err)
	}
	r, err := u.Open(ctx, items[0])
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if got, err := io.ReadAll(r); err != nil || len(got) != 100 {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}

// Sweeping while something is put in takes nothing away that is acknowledged.
func TestSweepingDuringAPut(t *testing.T) {
	u := newUnit(t)
	u.Book = sweeping{u.db, func() {
		if n, err := u.Sweep(ctx); err != nil || n != 1 {
			t.Errorf("swept %d, %v", n, err)
		}
	}}
	if _, err := u.Put(ctx, about(), bytes.NewReader(body(100))); !fault.Is(err, fault.NotFound) {
		t.Errorf("its bytes were swept, and it was acknowledged: %v", err)
	}
	u.nothing("a put whose bytes were swept")
}

type sweeping struct {
	vault.Book
	before func()
}

func (b sweeping) InTx(ctx context.Context, f func(*sql.Tx) error) error {
	b.before()
	return b.Book.InTx(ctx, f)
}

func TestDrop(t *testing.T) {
	u := newUnit(t)
	i, stays := u.put(body(100)), u.put(body(100))
	copied, err := os.ReadFile(filepath.Join(u.dir, "vault", i.SealedSHA256[:2], i.SealedSHA256))
	if err != nil {
		t.Fatal(err)
	}
	d := vault.Drop{By: "SI b", ProposedBy: "SI a", Why: "returned to the owner", Authority: "order 9/2025", Proposal: "p"}
	if _, err := u.Drop(ctx, i.ID, vault.Drop{By: "SI b", ProposedBy: "SI a", Why: "x", Authority: "o"}); !fault.Is(err, fault.Invalid) {
		t.Errorf("no reason: %v", err)
	}
	if _, err := u.Drop(ctx, i.ID, d); err != nil {
		t.Fatal(err)
	}
	got, err := u.db.VaultItem(ctx, i.ID)
	if err != nil || !got.Dropped() || len(got.Wrapped) != 0 || got.DroppedBy != "SI b" || got.DroppedWhy != d.Why {
		t.Errorf("recorded: %+v, %v", got, err)
	}
	if kept := u.kept(); len(kept) != 1 || filepath.Base(kept[0]) != stays.SealedSHA256 {
		t.Errorf("stored: %v", kept)
	}
	if _, err := u.Open(ctx, got); !fault.Is(err, fault.NotFound) {
		t.Errorf("opened: %v", err)
	}
	if _, err := u.Drop(ctx, i.ID, d); !fault.Is(err, fault.Conflict) {
		t.Errorf("dropped twice: %v", err)
	}
	entries, err := u.db.EntriesAbout(ctx, i.ID)
	if err != nil || len(entries) != 2 || !strings.Contains(string(entries[1].Canonical), `"proposed_by":"SI a"`) {
		t.Errorf("logged: %v, %v", entries, err)
	}
	// The wrapped key is nowhere in the database's files, and a copy of what was
	// stored cannot be read with the unit's key.
	var record []byte
	for _, name := range []string{"record.db", "record.db-wal"} {
		b, err := os.ReadFile(filepath.Join(u.dir, name))
		if err != nil {
			t.Fatal(err)
		}
		record = append(record, b...)
	}
	if bytes.Contains(record, i.Wrapped[len(i.Wrapped)-40:]) || !bytes.Contains(record, stays.Wrapped[len(stays.Wrapped)-40:]) {
		t.Error("the destroyed key still stands in the database's file")
	}
	if _, err := u.key.Decrypt(copied); !fault.Is(err, fault.Corrupt) {
		t.Errorf("a copy is read with the unit's key: %v", err)
	}
}

// A store that must keep its bytes for a time cannot keep anybody from destroying
// the key; the rest goes later.
func TestDropWhereTheStoreHoldsOn(t *testing.T) {
	u := newUnit(t)
	i := u.put(body(100))
	good := u.Store
	u.Store = &lame{Keeper: good, remove: fault.Newf(fault.Denied, "retention until 2030")}
	_, err := u.Drop(ctx, i.ID, vault.Drop{By: "SI b", ProposedBy: "SI a", Why: "returned to the owner", Authority: "order"})
	if !fault.Is(err, fault.Denied) || fault.Hint(err) == "" {
		t.Errorf("%v", err)
	}
	got, err := u.db.VaultItem(ctx, i.ID)
	if err != nil || !got.Dropped() || len(got.Wrapped) != 0 {
		t.Errorf("%+v, %v", got, err)
	}
	u.Store = good
	if left, err := u.Leftovers(ctx); err != nil || len(left) != 1 || left[0].Item != i.ID {
		t.Errorf("leftovers %v, %v", left, err)
	}
	if n, err := u.Sweep(ctx); err != nil || n != 1 || len(u.kept()) != 0 {
		t.Errorf("swept %d, %v, %v stay", n, err, u.kept())
	}
}

// A look is logged before it is shown; what cannot be logged is not shown.
func TestGet(t *testing.T) {
	u := newUnit(t)
	i := u.put(body(100))
	_, r, err := u.Get(ctx, i.ID, "SI b", "to show the court the picture")
	if err != nil {
		t.Fatal(err)
	}
	r.Close()
	entries, err := u.db.EntriesAbout(ctx, i.ID)
	if err != nil || len(entries) != 2 || entries[1].Kind != custody.VaultOpened || entries[1].By != "SI b" {
		t.Errorf("logged: %+v, %v", entries, err)
	}
	if _, _, err := u.Get(ctx, i.ID, "SI b", "x"); !fault.Is(err, fault.Invalid) {
		t.Errorf("no reason: %v", err)
	}
	u.Book = &book{u.db, fault.Newf(fault.Unavailable, "the disk is full"), nil}
	if _, r, err := u.Get(ctx, i.ID, "SI b", "to show the court the picture"); err == nil || r != nil {
		t.Error("what could not be logged was shown")
	}
}

// A unit key that was changed elsewhere meanwhile is not used any more: what was
// encrypted to it could never be read.
func TestAUnitKeyOfBefore(t *testing.T) {
	u := newUnit(t)
	i := u.put(body(10))
	u.Unit = key(t, filepath.Join(u.dir, "another.key"))
	if _, err := u.Put(ctx, about(), bytes.NewReader(body(10))); !fault.Is(err, fault.Conflict) || fault.Hint(err) == "" {
		t.Errorf("%v", err)
	}
	if items, err := u.db.VaultItems(ctx, ""); err != nil || len(items) != 1 || len(u.kept()) != 1 {
		t.Errorf("%d items, %v, stored %v", len(items), err, u.kept())
	}
	if _, err := u.Open(ctx, i); !fault.Is(err, fault.Corrupt) {
		t.Errorf("another key opens it: %v", err)
	}
}
