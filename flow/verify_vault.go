package flow

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"time"

	"suraag/custody"
	"suraag/custody/vault"
	"suraag/fault"
)

// vaultLogged is what the log says of one item of the vault. The entries may have
// been written on machines whose clocks differ, so that their order is not used.
type vaultLogged struct {
	item      vault.Item // as it was put in
	wrapped   string     // vault.Sum of its key
	rewrapped string     // the same, after the unit's key was last changed
	dropped   *custody.Logged
	at        time.Time
}

// now gives what has to stand in the record.
func (l vaultLogged) now() (vault.Item, string, error) {
	if l.dropped != nil {
		i, err := vault.DroppedOf(*l.dropped, l.item)
		return i, vault.Sum(nil), err
	}
	return l.item, cmp.Or(l.rewrapped, l.wrapped), nil
}

// checkVault compares every column of every item, and every stored byte, with what
// the log says. It needs no key; what a key holder can check on top is suraag vault
// check.
func (h *House) checkVault(ctx context.Context, v *Verified) error {
	if h.Vault == nil {
		return nil
	}
	logged, lost, err := h.vaultLogged(ctx, v)
	if err != nil {
		return err
	}
	items, err := h.Vault.Book.VaultItems(ctx, "")
	if err != nil {
		v.row("vault_item", "", err.Error(), time.Time{})
		return nil
	}
	for _, i := range items {
		if err := ctx.Err(); err != nil {
			return fault.As(fault.Unavailable, err)
		}
		v.tick()
		v.Vault++
		was, there := logged[i.ID]
		delete(logged, i.ID)
		item, key, err := was.now()
		if err != nil {
			return err
		}
		if was.dropped == nil && i.Dropped() && lost.take(custody.VaultDropped, i.DroppedAt) {
			item.DroppedAt, item.DroppedBy, item.DroppedWhy, key = i.DroppedAt, i.DroppedBy, i.DroppedWhy, vault.Sum(nil)
		}
		switch {
		case (!there || item.ID == "") && lost.take(custody.VaultPut, i.At):
			v.UnloggedRows++
		case !there || item.ID == "":
			v.row("vault_item", i.ID, "nothing in the custody log says that it was put into the vault", time.Time{})
		case !same(item, i):
			v.row("vault_item", i.ID, "the item is not what was logged of it", was.at)
		case vault.Sum(i.Wrapped) != key && len(lost[custody.VaultRewrapped]) > 0:
			v.UnloggedRows++
		case vault.Sum(i.Wrapped) != key:
			v.row("vault_item", i.ID, "the kept key of the item is not the one that was logged", was.at)
		}
		if i.Dropped() {
			continue
		}
		if err := h.Vault.CheckStored(i); err != nil {
			if errors.Is(err, custody.ErrStore) {
				return err
			}
			v.row("vault", i.ID, err.Error(), was.at)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(logged)) {
		v.row("vault_item", id, "it was put into the vault, and is not in the record any more", logged[id].at)
	}
	left, err := h.Vault.Leftovers(ctx)
	if err != nil {
		return err
	}
	for _, l := range left {
		what := "bytes are stored that no item has: a put that was cut off; nobody can read them, and suraag vault check --sweep removes them"
		if l.Item != "" {
			what = "item " + l.Item + " was dropped and its bytes are still stored; nobody can read them, and suraag vault check --sweep removes them"
		}
		v.row("vault", l.Name, what, time.Time{})
	}
	return nil
}

// lostWords are entries that lost their words: kind → their moments. That each did
// so lawfully is looked at where the entries are (checkEntries). What they said can no
// more be compared; each excuses the one row that was written with it.
type lostWords map[custody.Kind][]time.Time

func (w lostWords) take(kind custody.Kind, at time.Time) bool {
	n := slices.IndexFunc(w[kind], at.Equal)
	if n >= 0 {
		w[kind] = slices.Delete(w[kind], n, n+1)
	}
	return n >= 0
}

// vaultLogged gathers what the log says of the vault, and compares what it says of
// the unit's key.
func (h *House) vaultLogged(ctx context.Context, v *Verified) (map[string]vaultLogged, lostWords, error) {
	out, lost := map[string]vaultLogged{}, lostWords{}
	var key vault.UnitKey
	err := h.Record.EachEntry(ctx, func(l custody.Logged) error {
		if l.IsErased() {
			lost[l.Kind] = append(lost[l.Kind], l.At)
			return ctx.Err()
		}
		was := out[l.Subject]
		var err error
		switch l.Kind {
		case custody.VaultPut:
			was.item, was.wrapped, err = vault.PutOf(l)
		case custody.VaultDropped:
			was.dropped = &l
		case custody.VaultRewrapped:
			was.rewrapped, err = vault.RewrappedOf(l)
		case custody.UnitKeyChanged:
			var e custody.Entry
			if e, err = custody.Parse(l.Canonical); err == nil {
				err = json.Unmarshal(e.Record, &key)
			}
			if err == nil {
				return ctx.Err()
			}
		default:
			return ctx.Err()
		}
		if err != nil {
			return nil // told where the entries themselves are looked at
		}
		was.at = l.At
		out[l.Subject] = was
		return ctx.Err()
	})
	if err != nil {
		return nil, nil, err
	}
	now, err := h.Vault.Book.UnitKey(ctx)
	if err != nil {
		v.row("unit_key", "", err.Error(), key.At)
		return out, lost, nil
	}
	if !same(now, key) && !lost.take(custody.UnitKeyChanged, now.At) {
		v.row("unit_key", now.Public, "the unit's key is not the one that was logged", key.At)
	}
	return out, lost, nil
}
