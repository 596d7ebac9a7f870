package flow

import (
	"context"
	"database/sql"
	"encoding/json"
	"strings"

	"suraag/custody"
	"suraag/custody/retain"
	"suraag/custody/vault"
	"suraag/fault"
)

// dropProposed is what the log says of a proposal that an item of the vault goes.
type dropProposed struct {
	Item      string `json:"item"`
	Case      string `json:"case"`
	Why       string `json:"why"`
	Authority string `json:"authority"`
}

func dropID(item string) string { return "drop-" + item }

// ProposeDrop asks for another person to drop an item of the vault.
func (h *House) ProposeDrop(ctx context.Context, item, by, why, authority string) (retain.Proposal, error) {
	i, err := h.Vault.Book.VaultItem(ctx, item)
	if err != nil {
		return retain.Proposal{}, err
	}
	if i.Dropped() {
		return retain.Proposal{}, fault.Newf(fault.Conflict, "item %s was dropped by %q: %s", i.ID, i.DroppedBy, i.DroppedWhy)
	}
	if why, err = vault.Reason(why); err != nil {
		return retain.Proposal{}, err
	}
	if authority = strings.TrimSpace(authority); authority == "" {
		return retain.Proposal{}, fault.WithHint(fault.Newf(fault.Invalid, "it is proposed to drop item %s without the law or order under which it is done", i.ID), "give --authority")
	}
	p := retain.Proposal{
		ID: dropID(i.ID), By: by, At: h.Now().UTC(), Authority: authority,
		Items: []retain.Item{{Kind: retain.Vault, ID: i.ID, Since: i.At, Until: h.Now().UTC(), Why: why}},
	}
	return p, h.Record.InTx(ctx, func(tx *sql.Tx) error {
		if err := h.Record.PutProposal(ctx, tx, p); err != nil {
			return err
		}
		return h.log(ctx, tx, custody.VaultDropProposed, p.ID, by, dropProposed{i.ID, i.Case, why, authority})
	})
}

// Drop drops an item of the vault that another person proposed to drop. Who that
// was, why, and under what, is taken from the log.
func (h *House) Drop(ctx context.Context, item, by string) (vault.Item, error) {
	p, err := h.Record.Proposal(ctx, dropID(item))
	if fault.Is(err, fault.NotFound) {
		err = fault.WithHint(fault.Newf(fault.NotFound, "nobody proposed to drop item %s", item), "one person proposes it with --reason and --authority, another does it with --confirm")
	}
	if err != nil {
		return vault.Item{}, err
	}
	l, there, err := h.Record.LatestEntry(ctx, custody.VaultDropProposed, p.ID)
	if err != nil {
		return vault.Item{}, err
	}
	var said dropProposed
	e, err := custody.Parse(l.Canonical)
	if err == nil {
		err = json.Unmarshal(e.Record, &said)
	}
	if !there || err != nil || l.Check() != "" || l.By != p.By || said.Item != item {
		return vault.Item{}, fault.WithHint(fault.Newf(fault.Corrupt, "the proposal to drop item %s is not what the log says was proposed", item), "run suraag verify, and propose it again")
	}
	if err := p.Second(by); err != nil {
		return vault.Item{}, err
	}
	i, err := h.Vault.Drop(ctx, item, vault.Drop{By: by, ProposedBy: l.By, Why: said.Why, Authority: said.Authority, Proposal: p.ID})
	if err != nil && !i.Dropped() {
		return i, err
	}
	ended := h.Record.InTx(ctx, func(tx *sql.Tx) error { return h.Record.EndProposal(ctx, tx, p.ID) })
	if err == nil {
		err = ended
	}
	return i, err
}
