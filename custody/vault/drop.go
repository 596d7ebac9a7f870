package vault

import (
	"context"
	"database/sql"
	"time"

	"suraag/custody"
	"suraag/fault"
)

// Drop says how an item goes: two people stand for it, and an authority.
type Drop struct {
	By         string // who does it
	ProposedBy string // who proposed it, another person
	Why        string
	Authority  string
	Proposal   string // ID
}

// Drop destroys the key of an item, in the transaction that logs it, and then
// removes what is stored. Where the store does not let go of its bytes (it may
// have to keep them for a time), nobody can read them any more; Sweep removes
// them later. Whoever calls it has made sure that the two are two.
func (v *Vault) Drop(ctx context.Context, id string, d Drop) (Item, error) {
	i, err := v.Book.VaultItem(ctx, id)
	if err != nil {
		return i, err
	}
	if i.Dropped() {
		return i, fault.Newf(fault.Conflict, "item %s was dropped on %s by %q", i.ID, i.DroppedAt.Format(time.DateOnly), i.DroppedBy)
	}
	why, err := Reason(d.Why)
	if err != nil {
		return i, err
	}
	at := v.Now().UTC()
	e, err := custody.Saying(custody.VaultDropped, i.ID, d.By, at, dropped{i.Case, at, why, d.Authority, d.ProposedBy, d.Proposal})
	if err != nil {
		return i, err
	}
	gone := i
	gone.DroppedAt, gone.DroppedBy, gone.DroppedWhy, gone.Wrapped = at, d.By, why, nil
	err = v.Book.InTx(ctx, func(tx *sql.Tx) error {
		if err := v.Book.DropVaultItem(ctx, tx, gone); err != nil {
			return err
		}
		return v.Book.Log(ctx, tx, e)
	})
	if err != nil {
		return i, err
	}
	i = gone
	v.Book.Scrub(ctx)
	if err := v.Store.Remove(i.SealedSHA256); err != nil {
		err = fault.Wrapf(err, "the key of item %s is destroyed, but what was encrypted with it is still stored", i.ID)
		return i, fault.WithHint(err, "suraag vault check --sweep removes it later")
	}
	return i, nil
}

// Leftover is something stored that no item needs.
type Leftover struct {
	Name  string `json:"name"`
	Item  string `json:"item,omitempty"`  // that was dropped; empty: a put that was cut off
	Draft bool   `json:"draft,omitempty"` // it never came to its name
}

// Leftovers names what is stored and no item needs. A put that is under way may be
// among them, until it is recorded.
func (v *Vault) Leftovers(ctx context.Context) ([]Leftover, error) {
	items, err := v.Book.VaultItems(ctx, "")
	if err != nil {
		return nil, err
	}
	needed, gone := map[string]bool{}, map[string]string{}
	for _, i := range items {
		if i.Dropped() {
			gone[i.SealedSHA256] = i.ID
		} else {
			needed[i.SealedSHA256] = true
		}
	}
	out := []Leftover{}
	err = v.Store.List(func(name string) error {
		if !needed[name] {
			out = append(out, Leftover{Name: name, Item: gone[name]})
		}
		return ctx.Err()
	})
	if k, may := v.Store.(custody.Abandons); may && err == nil {
		err = k.Abandoned(func(draft string) error {
			out = append(out, Leftover{Name: draft, Draft: true})
			return ctx.Err()
		})
	}
	return out, err
}

// Sweep removes leftovers, and tells how many. A put that is under way and loses
// its bytes here is refused.
func (v *Vault) Sweep(ctx context.Context) (int, error) {
	found, err := v.Leftovers(ctx)
	if err != nil {
		return 0, err
	}
	n := 0
	for _, l := range found {
		remove := func() error { return v.Store.Remove(l.Name) }
		switch k, may := v.Store.(custody.Abandons); {
		case l.Draft && may:
			err = k.RemoveAbandoned(l.Name)
		case l.Item != "":
			err = remove()
		default:
			err = v.Book.WhileNoItem(ctx, l.Name, remove)
		}
		if fault.Is(err, fault.Conflict) {
			continue // it was recorded meanwhile
		}
		if err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}
