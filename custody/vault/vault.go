// Package vault holds what a unit has to hold and few may read: content that law
// requires to be kept, who a victim is, and drafts of complaints.
//
// Takes bytes. Gives bytes that only the holder of the unit's key can read, and
// that cannot be changed unseen. Each item of content is encrypted to a key of its
// own (an X25519 identity of age, age-encryption.org/v1), and that key to the
// unit's: to drop an item is to drop its key, whatever copies there are of the
// rest. The age program reads what we wrote, also when this program is long gone.
// Never writes the unit's key anywhere but in its own file, and never keeps a byte
// of content unencrypted.
package vault

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"time"

	"filippo.io/age"

	"suraag/custody"
	"suraag/fault"
)

// Unit is the unit's key.
type Unit interface {
	Public() (UnitKey, error) // the public half
	Encrypt(plain []byte) ([]byte, error)
	Decrypt(sealed []byte) ([]byte, error)
}

// Book is where items are recorded. Methods that write take the transaction.
type Book interface {
	InTx(ctx context.Context, f func(*sql.Tx) error) error
	Log(ctx context.Context, tx *sql.Tx, entries ...custody.Entry) error
	SameUnitKey(ctx context.Context, tx *sql.Tx, public string) error
	FirstUnitKey(ctx context.Context, tx *sql.Tx, k UnitKey) (first bool, err error)
	AddVaultItem(ctx context.Context, tx *sql.Tx, i Item) error
	DropVaultItem(ctx context.Context, tx *sql.Tx, i Item) error
	VaultItem(ctx context.Context, id string) (Item, error)
	VaultItems(ctx context.Context, caseID string) ([]Item, error)
	WhileNoItem(ctx context.Context, sealed string, f func() error) error
	UnitKey(ctx context.Context) (UnitKey, error)
	HoldUnitKey(ctx context.Context, tx *sql.Tx) error
	SetUnitKey(ctx context.Context, tx *sql.Tx, k UnitKey) error
	EachSealed(ctx context.Context, tx *sql.Tx, yield func(Sealed) error) error
	Reseal(ctx context.Context, tx *sql.Tx, s Sealed) error
	Scrub(ctx context.Context) // as far as it can, what was removed is gone from the disk
}

// Limit is how many bytes one item may have: as many as an original (house rule).
const Limit int64 = 1 << 40

// Vault is the content vault of a unit.
type Vault struct {
	Book  Book
	Store custody.Keeper // of what is encrypted
	Unit  Unit
	Limit int64 // bytes of one item
	Now   func() time.Time
}

// Put encrypts content and keeps it. When it returns without error, what is stored
// is durable, was read back, decrypted and compared with what came in, and its
// record and its log entry are committed. A put that was cut off leaves at most
// bytes that nobody can read any more, because their key was never written down
// (Leftovers names them).
func (v *Vault) Put(ctx context.Context, a About, r io.Reader) (Item, error) {
	a, err := a.checked()
	if err != nil {
		return Item{}, err
	}
	own, err := age.GenerateX25519Identity()
	if err != nil {
		return Item{}, fault.As(fault.Internal, err)
	}
	i := Item{ID: newID(), Case: a.Case, Name: a.Name, MediaType: a.MediaType, At: v.Now().UTC(), By: a.By, Ground: a.Ground}
	key, err := v.Unit.Public()
	if err != nil {
		return Item{}, err
	}
	if i.Wrapped, err = v.Unit.Encrypt([]byte(own.String())); err != nil {
		return Item{}, err
	}
	if err := v.seal(ctx, &i, own.Recipient(), r); err != nil {
		return Item{}, fault.Wrapf(err, "%.100q", i.Name)
	}
	err = v.readBack(ctx, i, own)
	if err == nil {
		err = v.record(ctx, i, key)
	}
	if err != nil {
		return Item{}, v.giveUp(ctx, i, err)
	}
	return i, nil
}

// seal streams content into the store, encrypted.
func (v *Vault) seal(ctx context.Context, i *Item, to age.Recipient, r io.Reader) error {
	in := &meter{ctx: ctx, from: r, limit: v.Limit, sum: sha256.New()}
	sealed, err := age.EncryptReader(in, to)
	if err != nil {
		return fault.As(fault.Internal, err)
	}
	// The bounds are those of the content; 2% and a header cover what age adds to it.
	i.SealedSHA256, i.SealedSize, err = custody.Seal(v.Store, sealed, v.Limit+v.Limit/50+1<<20)
	if in.err != nil && in.err != io.EOF {
		return in.err // and not what became of it on its way
	}
	i.Size, i.SHA256 = in.n, hex.EncodeToString(in.sum.Sum(nil))
	return err
}

// meter counts and hashes what is read through it.
type meter struct {
	ctx   context.Context
	from  io.Reader
	limit int64
	n     int64
	sum   hash.Hash
	err   error // that it gave
}

func (m *meter) Read(p []byte) (int, error) {
	if m.err == nil {
		m.err = m.ctx.Err()
	}
	if m.err != nil {
		return 0, m.err
	}
	n, err := m.from.Read(p)
	m.n += int64(n)
	m.sum.Write(p[:n])
	switch {
	case m.n > m.limit:
		m.err = fault.Newf(fault.TooLarge, "the content has more than %d bytes", m.limit)
		return 0, m.err
	case err == nil || err == io.EOF:
		m.err = err
	default:
		m.err = fault.Newf(fault.Unavailable, "reading it: %w", err)
	}
	return n, m.err
}

// readBack reads what is stored with the item's own key, which nobody has yet
// written down, and compares it with what came in.
func (v *Vault) readBack(ctx context.Context, i Item, own age.Identity) error {
	c, err := v.open(ctx, i, own)
	if err != nil {
		return fault.Wrapf(err, "reading %.100q back", i.Name)
	}
	defer c.Close()
	_, err = io.Copy(io.Discard, c)
	return fault.Wrapf(err, "reading %.100q back", i.Name)
}

func (v *Vault) record(ctx context.Context, i Item, key UnitKey) error {
	e, err := custody.Saying(custody.VaultPut, i.ID, i.By, i.At, put{i, Sum(i.Wrapped)})
	if err != nil {
		return err
	}
	key.At, key.By = i.At, i.By
	return v.Book.InTx(ctx, func(tx *sql.Tx) error {
		if err := v.sameKey(ctx, tx, key); err != nil {
			return err
		}
		if err := v.Book.AddVaultItem(ctx, tx, i); err != nil {
			return err
		}
		// Whoever sweeps leftovers holds this row's place; what it removed is not kept.
		o, err := v.Store.Open(i.SealedSHA256)
		if err != nil {
			return err
		}
		o.Close()
		return v.Book.Log(ctx, tx, e)
	})
}

// sameKey refuses an item that was encrypted to a unit key of before. The first
// put writes down which key it is, so that from then on no other can take its
// place unseen.
func (v *Vault) sameKey(ctx context.Context, tx *sql.Tx, key UnitKey) error {
	first, err := v.Book.FirstUnitKey(ctx, tx, key)
	if err != nil {
		return err
	}
	if !first {
		return v.Book.SameUnitKey(ctx, tx, key.Public)
	}
	return v.log(ctx, tx, custody.UnitKeyChanged, key.Public, key, key)
}

// giveUp removes what is stored of an item that is not recorded. Where the answer
// to the commit was lost, the record says which it was; where even that cannot be
// asked, the bytes stay and are named as a leftover.
func (v *Vault) giveUp(ctx context.Context, i Item, why error) error {
	ctx = context.WithoutCancel(ctx)
	if _, err := v.Book.VaultItem(ctx, i.ID); !fault.Is(err, fault.NotFound) {
		return why
	}
	if err := v.Store.Remove(i.SealedSHA256); err != nil {
		return errors.Join(why, fault.Wrapf(err, "and what was stored of it stays, as %s", i.SealedSHA256))
	}
	return why
}

// Open gives the content of an item. The reader ends with io.EOF only if every
// byte was what was put in: whoever uses anything of it before has to be ready to
// learn, by fault.Corrupt, that it was changed, or by fault.Unavailable, that the
// store broke off. Whoever opens an item for somebody logs it first (Get).
func (v *Vault) Open(ctx context.Context, i Item) (io.ReadCloser, error) {
	own, err := v.key(i)
	if err != nil {
		return nil, err
	}
	return v.open(ctx, i, own)
}

// key gives the key of an item.
func (v *Vault) key(i Item) (age.Identity, error) {
	if i.Dropped() || len(i.Wrapped) == 0 {
		return nil, fault.Newf(fault.NotFound, "item %s was dropped on %s by %q: %s", i.ID, i.DroppedAt.Format(time.DateOnly), i.DroppedBy, i.DroppedWhy)
	}
	words, err := v.Unit.Decrypt(i.Wrapped)
	if err != nil {
		return nil, fault.Wrapf(err, "item %s", i.ID)
	}
	own, err := age.ParseX25519Identity(string(words))
	if err != nil {
		return nil, fault.Newf(fault.Corrupt, "item %s: what stands in the place of its key is none", i.ID)
	}
	return own, nil
}

func (v *Vault) open(ctx context.Context, i Item, own age.Identity) (io.ReadCloser, error) {
	o, err := v.Store.Open(i.SealedSHA256)
	if err != nil {
		return nil, fault.Wrapf(err, "item %s", i.ID)
	}
	if o.Size() != i.SealedSize {
		o.Close()
		return nil, fault.Newf(fault.Corrupt, "item %s: %d bytes are stored of %d", i.ID, o.Size(), i.SealedSize)
	}
	c := &content{ctx: ctx, item: i, from: o, sum: sha256.New(), sealed: sha256.New()}
	if c.plain, err = age.Decrypt(stored{c, io.NewSectionReader(o, 0, o.Size())}, own); err != nil {
		o.Close()
		return nil, c.sorted(err)
	}
	return c, nil
}

// content is an item being read.
type content struct {
	ctx    context.Context
	item   Item
	from   custody.Original
	plain  io.Reader
	n      int64
	sum    hash.Hash // of the content so far
	sealed hash.Hash // of what is stored, so far
	broken error     // what reading the store met
	err    error     // what was told; told again
}

// stored reads what is stored, and remembers what it met: a store that breaks off
// is no changed content.
type stored struct {
	c    *content
	from io.Reader
}

func (s stored) Read(p []byte) (int, error) {
	if err := s.c.ctx.Err(); err != nil {
		s.c.broken = err
		return 0, err
	}
	n, err := s.from.Read(p)
	s.c.sealed.Write(p[:n])
	if err != nil && err != io.EOF {
		s.c.broken = err
	}
	return n, err
}

func (c *content) Read(p []byte) (int, error) {
	if c.err != nil {
		return 0, c.err
	}
	n, err := c.plain.Read(p)
	c.n += int64(n)
	c.sum.Write(p[:n])
	switch err {
	case nil:
		return n, nil
	case io.EOF:
		c.err = c.whole()
	default:
		c.err = c.sorted(err)
	}
	return n, c.err
}

// whole compares what was read to its end with what was put in.
func (c *content) whole() error {
	i := c.item
	if c.n != i.Size || hex.EncodeToString(c.sum.Sum(nil)) != i.SHA256 {
		return fault.Newf(fault.Corrupt, "item %s is not the content that was put in", i.ID)
	}
	if hex.EncodeToString(c.sealed.Sum(nil)) != i.SealedSHA256 {
		return fault.Newf(fault.Corrupt, "item %s: what is stored is not what was stored", i.ID)
	}
	return io.EOF
}

func (c *content) sorted(err error) error {
	if c.broken != nil {
		return fault.Newf(fault.Unavailable, "item %s: %w", c.item.ID, c.broken)
	}
	return fault.Newf(fault.Corrupt, "item %s: what is stored was changed, or is encrypted to another key: %w", c.item.ID, err)
}

func (c *content) Close() error { return c.from.Close() }

// Get gives the content of an item to somebody, and logs that first: what cannot
// be logged is not shown.
func (v *Vault) Get(ctx context.Context, id, by, why string) (Item, io.ReadCloser, error) {
	i, err := v.Book.VaultItem(ctx, id)
	if err != nil {
		return i, nil, err
	}
	if why, err = Reason(why); err != nil {
		return i, nil, err
	}
	own, err := v.key(i)
	if err != nil {
		return i, nil, err
	}
	e, err := custody.Saying(custody.VaultOpened, i.ID, by, v.Now().UTC(), get{i.Case, why})
	if err != nil {
		return i, nil, err
	}
	if err := v.Book.InTx(ctx, func(tx *sql.Tx) error { return v.Book.Log(ctx, tx, e) }); err != nil {
		return i, nil, err
	}
	r, err := v.open(ctx, i, own)
	return i, r, err
}

// Reason refuses one that says nothing.
func Reason(why string) (string, error) {
	why = plain(why)
	if n := len(why); n < minGround || n > maxGround {
		err := fault.Newf(fault.Invalid, "reason %.100q has %d characters, not between %d and %d", why, n, minGround, maxGround)
		return why, fault.WithHint(err, "say in a few words what for; whoever audits reads it")
	}
	return why, nil
}

// CheckStored hashes what is stored of an item again. It needs no key.
func (v *Vault) CheckStored(i Item) error {
	o, err := v.Store.Open(i.SealedSHA256)
	if err != nil {
		return err
	}
	o.Close()
	if o.Size() != i.SealedSize {
		return fault.Newf(fault.Corrupt, "%d bytes are stored of %d", o.Size(), i.SealedSize)
	}
	return custody.Check(v.Store, i.SealedSHA256)
}
