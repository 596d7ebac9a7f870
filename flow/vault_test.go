package flow_test

import (
	"database/sql"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"suraag/custody"
	"suraag/custody/retain"
	"suraag/custody/vault"
	"suraag/fault"
	"suraag/people"
)

// held puts something into the vault.
func (h *house) held(t *testing.T, name string) vault.Item {
	t.Helper()
	c := people.Case{ID: people.NewID(), Number: "FIR of " + name, Title: "t", Station: "PS", Made: h.Now()}
	if err := h.db.InTx(ctx, func(tx *sql.Tx) error { return h.db.AddCase(ctx, tx, c) }); err != nil {
		t.Fatal(err)
	}
	i, err := h.Vault.Put(ctx, vault.About{Case: c.ID, Name: name, By: "one", Ground: "section 94 BNSS, order 3/2025"}, strings.NewReader(name))
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func TestAnItemIsDroppedByTwo(t *testing.T) {
	h := newHouse(t)
	i := h.held(t, "a.jpg")
	const why, law = "judgment is final", "order 9/2026"
	if _, err := h.Drop(ctx, i.ID, "two"); !fault.Is(err, fault.NotFound) || fault.Hint(err) == "" {
		t.Errorf("nobody proposed it: %v", err)
	}
	for name, c := range map[string][3]string{"no reason": {i.ID, "", law}, "no authority": {i.ID, why, " "}, "no item": {people.NewID(), why, law}} {
		if _, err := h.ProposeDrop(ctx, c[0], "one", c[1], c[2]); err == nil {
			t.Errorf("%s: it was proposed", name)
		}
	}
	if _, err := h.ProposeDrop(ctx, i.ID, "one", why, law); err != nil {
		t.Fatal(err)
	}
	for _, by := range []string{"one", " ONE", ""} {
		if _, err := h.Drop(ctx, i.ID, by); !fault.Is(err, fault.Denied) {
			t.Errorf("%q drops what one proposed: %v", by, err)
		}
	}
	// A proposal whose row says another than the log is refused.
	if _, err := h.db.ExecContext(ctx, `UPDATE erasure SET doc = replace(doc, '"one"', '"three"')`); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Drop(ctx, i.ID, "one"); !fault.Is(err, fault.Corrupt) {
		t.Errorf("a proposal that was changed: %v", err)
	}
	if _, err := h.ProposeDrop(ctx, i.ID, "one", why, law); err != nil {
		t.Fatal(err)
	}
	got, err := h.Drop(ctx, i.ID, "two")
	if err != nil || !got.Dropped() || got.DroppedBy != "two" || got.DroppedWhy != why {
		t.Fatalf("%+v, %v", got, err)
	}
	if _, err := h.Drop(ctx, i.ID, "two"); !fault.Is(err, fault.NotFound) {
		t.Errorf("a proposal that was done: %v", err)
	}
	if _, err := h.ProposeDrop(ctx, i.ID, "one", why, law); !fault.Is(err, fault.Conflict) {
		t.Errorf("proposed again: %v", err)
	}
	// That the row was changed is told for good, though it was written anew since.
	if found := h.differences(t); strings.Count(found, "\n") > 0 || !strings.Contains(found, "changed in between by other hands") {
		t.Errorf("verify says %s", found)
	}
}

// Words about the vault that were erased lawfully make no false alarm, and hide no
// other item.
func TestErasedWordsOfTheVaultAreNoDifference(t *testing.T) {
	h := newHouse(t)
	kept, gone := h.held(t, "a.jpg"), h.held(t, "b.jpg")
	if _, err := h.ProposeDrop(ctx, gone.ID, "one", "judgment is final", "order 9/2026"); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Drop(ctx, gone.ID, "two"); err != nil {
		t.Fatal(err)
	}
	if _, err := h.db.PlaceEntries(ctx, 1000, h.Now()); err != nil {
		t.Fatal(err)
	}
	var about []custody.Logged
	err := h.db.EachEntry(ctx, func(l custody.Logged) error {
		switch l.Kind {
		case custody.VaultPut, custody.VaultDropped, custody.UnitKeyChanged:
			about = append(about, l)
		}
		return nil
	})
	if err != nil || len(about) < 4 {
		t.Fatal(len(about), err)
	}
	for _, l := range about {
		e, err := custody.Saying(custody.Erased, hex.EncodeToString(l.Leaf), "two", h.Now(), map[string]string{"authority": "order 9/2026", "reason": "acquitted"})
		if err != nil {
			t.Fatal(err)
		}
		err = h.db.InTx(ctx, func(tx *sql.Tx) error {
			if err := h.db.EraseEntry(ctx, tx, l.Place); err != nil {
				return err
			}
			return h.db.Log(ctx, tx, e)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if found := h.differences(t); found != "" {
		t.Errorf("verify says %s", found)
	}
	// An item that nobody put in by the program is named all the same.
	if _, err := h.db.ExecContext(ctx, `INSERT INTO vault_item SELECT randomblob(16), docket, name, media_type, size, sha256, sealed_size, randomblob(32), wrapped, at_ns + 1, by_whom, ground, dropped_ns, dropped_by, dropped_why FROM vault_item WHERE name = 'a.jpg'`); err != nil {
		t.Fatal(err)
	}
	if found := h.differences(t); !strings.Contains(found, "nothing in the custody log says that it was put into the vault") || strings.Contains(found, kept.ID) {
		t.Errorf("verify says %s", found)
	}
}

// Content goes by a rule only where a unit set one, and by two people.
func TestRetentionOfTheVault(t *testing.T) {
	h := newHouse(t)
	i := h.held(t, "a.jpg")
	shipped, err := retain.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	begun := h.Now()
	h.Now = func() time.Time { return begun.AddDate(99, 0, 0) }
	if due, err := h.Due(ctx, shipped); err != nil || len(due) != 0 {
		t.Errorf("by the rules that ship, %v is due, %v", due, err)
	}
	rules := []retain.Rule{{Kind: retain.Vault, Days: 30, From: "the day on which it was put in", Basis: "order of the unit", AsOf: "2025-03-01"}}
	h.Now = func() time.Time { return begun.AddDate(0, 0, 29) }
	if due, err := h.Due(ctx, rules); err != nil || len(due) != 0 {
		t.Errorf("after 29 days %v is due, %v", due, err)
	}
	h.Now = func() time.Time { return begun.AddDate(0, 0, 30) }
	if went, err := h.Erase(ctx, rules, "", "one"); err != nil || len(went) != 0 {
		t.Errorf("one person alone: %v, %v", went, err)
	}
	p, err := h.ProposeErasure(ctx, rules, "one", "order 9/2026")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Erase(ctx, rules, p.ID, "one"); !fault.Is(err, fault.Denied) {
		t.Errorf("the same person: %v", err)
	}
	went, err := h.Erase(ctx, rules, p.ID, "two")
	if err != nil || len(went) != 1 || went[0].ID != i.ID {
		t.Fatalf("%v, %v", went, err)
	}
	if got, err := h.db.VaultItem(ctx, i.ID); err != nil || !got.Dropped() || len(got.Wrapped) > 0 {
		t.Errorf("%+v, %v", got, err)
	}
	if due, err := h.Due(ctx, rules); err != nil || len(due) != 0 {
		t.Errorf("afterwards %v is due, %v", due, err)
	}
	if found := h.differences(t); found != "" {
		t.Errorf("verify says %s", found)
	}
}

// What lies in the vault's store and no item needs is named, and told apart.
func TestVerifyNamesLeftovers(t *testing.T) {
	h := newHouse(t)
	i := h.held(t, "a.jpg")
	good, err := h.Vault.Store.Open(i.SealedSHA256)
	if err != nil {
		t.Fatal(err)
	}
	body := make([]byte, good.Size())
	if _, err := good.ReadAt(body, 0); err != nil {
		t.Fatal(err)
	}
	good.Close()
	if _, err := h.Vault.Drop(ctx, i.ID, vault.Drop{By: "two", ProposedBy: "one", Why: "judgment is final", Authority: "order"}); err != nil {
		t.Fatal(err)
	}
	for _, b := range [][]byte{body, []byte("cut off")} {
		d, err := h.Vault.Store.Create()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.Write(b); err != nil {
			t.Fatal(err)
		}
		if err := d.Keep(vault.Sum(b)); err != nil {
			t.Fatal(err)
		}
		d.Discard()
	}
	found := h.differences(t)
	if !strings.Contains(found, "item "+i.ID+" was dropped and its bytes are still stored") || !strings.Contains(found, "a put that was cut off") {
		t.Errorf("verify says %s", found)
	}
	if n, err := h.Vault.Sweep(ctx); err != nil || n != 2 {
		t.Errorf("swept %d, %v", n, err)
	}
	if found := h.differences(t); found != "" {
		t.Errorf("verify says %s", found)
	}
}

// A complaint whose victim was encrypted to a key of before is not taken: nobody
// could read who that is.
func TestNothingIsKeptForAKeyOfBefore(t *testing.T) {
	h := newHouse(t)
	h.held(t, "a.jpg")
	other := filepath.Join(t.TempDir(), "other.key")
	k, err := vault.OpenKey(other)
	if err != nil {
		t.Fatal(err)
	}
	h.Unit = k
	ran := false
	err = h.KeepSealed(ctx, []byte("who she is"), func(*sql.Tx, []byte) error { ran = true; return nil })
	if !fault.Is(err, fault.Conflict) || ran {
		t.Errorf("%v, kept %v", err, ran)
	}
	os.Remove(other)
}
