package vault

import (
	"bytes"
	"context"
	"database/sql"
	"errors"

	"suraag/custody"
	"suraag/custody/disk"
	"suraag/fault"
)

// Sealed is a row that holds something encrypted to the unit's key.
type Sealed struct {
	Table string // vault_item, victim, draft or credential
	ID    string
	Bytes []byte
}

// Rekeyed tells what was encrypted to another unit key.
type Rekeyed struct {
	Key     UnitKey `json:"key"`
	Items   int     `json:"items"`
	Victims int     `json:"victims"`
	Drafts  int     `json:"drafts"`
	Codes   int     `json:"codes"`            // secrets of code devices, by which people sign in
	Before  string  `json:"before,omitempty"` // file of the key before
}

// rekeyed is what the log says of it.
type rekeyed struct {
	UnitKey
	Items   int `json:"items"`
	Victims int `json:"victims"`
	Drafts  int `json:"drafts"`
	Codes   int `json:"codes"`
}

// Rekey encrypts to another unit key what was encrypted to the present one: the
// keys of items, who victims are, and drafts. Content itself stays as it is. The
// new key has to open everything that it encrypted before anything is committed;
// all of it is one transaction, and the present key stays in its file until then,
// and beside it afterwards. path is the file of the present key, text that of the
// new one.
func (v *Vault) Rekey(ctx context.Context, path string, to *Key, text []byte, by string) (Rekeyed, error) {
	public, err := to.Public()
	if err != nil {
		return Rekeyed{}, err
	}
	public.At, public.By = v.Now().UTC(), by
	out := Rekeyed{Key: public}
	// Of two at once, one would remove the waiting key to which the other encrypts.
	alone, err := changing(path)
	if err != nil {
		return out, err
	}
	defer alone.Close()
	now, err := v.Book.UnitKey(ctx)
	if err == nil && now.Public == public.Public {
		err = fault.Newf(fault.Conflict, "the unit's key is %s already", public.Public)
	}
	if err != nil {
		return out, err
	}
	if _, err := Settle(path, now); err != nil { // what waits may be the present key
		return out, err
	}
	next := nextKey(path, public.Public)
	if err := errors.Join(dropNext(path), writeKey(disk.Machine(), next, text)); err != nil {
		return out, fault.Newf(fault.Unavailable, "unit key %q: %w", next, err)
	}
	// The work is done before anybody else has to wait, and only what came
	// meanwhile is left to do within the transaction.
	done := map[string]resealed{}
	err = v.Book.EachSealed(ctx, nil, func(s Sealed) error {
		_, err := v.reseal(ctx, s, to, done)
		return err
	})
	if err == nil {
		err = v.Book.InTx(ctx, func(tx *sql.Tx) error { return v.rekey(ctx, tx, to, done, &out) })
	}
	if err == nil {
		v.Book.Scrub(ctx)
		out.Before, err = Settle(path, public)
		return out, err
	}
	// The answer to a commit may have been lost: then the key is needed.
	if now, asked := v.Book.UnitKey(context.WithoutCancel(ctx)); asked != nil || now.Public == public.Public {
		return out, err
	}
	return out, errors.Join(err, dropNext(path))
}

// resealed is a row before and after.
type resealed struct{ from, to []byte }

func (v *Vault) reseal(ctx context.Context, s Sealed, to *Key, done map[string]resealed) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	at := s.Table + " " + s.ID
	if d, there := done[at]; there && bytes.Equal(d.from, s.Bytes) {
		return d.to, nil
	}
	words, err := v.Unit.Decrypt(s.Bytes)
	if err != nil {
		err = fault.Wrapf(err, "%s", at)
		return nil, fault.WithHint(err, "nothing was changed; put the key to which it was encrypted in its place, or have the record examined (suraag vault check)")
	}
	sealed, err := to.Encrypt(words)
	if err != nil {
		return nil, fault.Wrapf(err, "the new key, %s", at)
	}
	again, err := to.Decrypt(sealed)
	if err == nil && !bytes.Equal(again, words) {
		err = fault.Newf(fault.Internal, "it gives other words back")
	}
	if err != nil {
		return nil, fault.Wrapf(err, "the new key does not open what it encrypted (%s), and nothing was changed", at)
	}
	done[at] = resealed{bytes.Clone(s.Bytes), sealed}
	return sealed, nil
}

func (v *Vault) rekey(ctx context.Context, tx *sql.Tx, to *Key, done map[string]resealed, out *Rekeyed) error {
	if err := v.Book.HoldUnitKey(ctx, tx); err != nil {
		return err
	}
	var rows []Sealed
	err := v.Book.EachSealed(ctx, tx, func(s Sealed) error {
		rows = append(rows, s)
		return nil
	})
	if err != nil {
		return err
	}
	for _, s := range rows {
		if s.Bytes, err = v.reseal(ctx, s, to, done); err != nil {
			return err
		}
		if err := v.Book.Reseal(ctx, tx, s); err != nil {
			return err
		}
		switch s.Table {
		case "victim":
			out.Victims++
		case "draft":
			out.Drafts++
		case "credential":
			out.Codes++
		default:
			out.Items++
			if err := v.log(ctx, tx, custody.VaultRewrapped, s.ID, out.Key, rewrapped{Sum(s.Bytes)}); err != nil {
				return err
			}
		}
	}
	if err := v.Book.SetUnitKey(ctx, tx, out.Key); err != nil {
		return err
	}
	return v.log(ctx, tx, custody.UnitKeyChanged, out.Key.Public, out.Key, rekeyed{out.Key, out.Items, out.Victims, out.Drafts, out.Codes})
}

func (v *Vault) log(ctx context.Context, tx *sql.Tx, kind custody.Kind, subject string, k UnitKey, record any) error {
	e, err := custody.Saying(kind, subject, k.By, k.At, record)
	if err != nil {
		return err
	}
	return v.Book.Log(ctx, tx, e)
}

// CheckKey opens with the unit's key whatever was encrypted to it, and yields each
// row that does not open.
func (v *Vault) CheckKey(ctx context.Context, yield func(s Sealed, why error) error) (n int, err error) {
	err = v.Book.EachSealed(ctx, nil, func(s Sealed) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		n++
		if _, err := v.Unit.Decrypt(s.Bytes); fault.Is(err, fault.Corrupt) {
			return yield(s, err)
		} else if err != nil {
			return err
		}
		return nil
	})
	return n, err
}
