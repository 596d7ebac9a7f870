package flow

import (
	"context"
	"database/sql"
	"slices"
	"strings"
	"time"

	"suraag/casework/pack"
	"suraag/custody"
	"suraag/fault"
)

// PackInUse is a pack with the unit's newest review and, where it may not be used,
// the reason.
type PackInUse struct {
	pack.Pack
	Review *pack.Review `json:"review"`
	Until  time.Time    `json:"review_until,omitzero"`
	Why    string       `json:"not_usable,omitempty"`
}

// The length of what a reviewer says (house rule: a word is no comparison).
const (
	minNote = 5
	maxNote = 2000
)

// Packs gives the shipped packs and the unit's own, by name.
func (h *House) Packs(ctx context.Context) ([]PackInUse, error) {
	shipped, err := pack.Shipped()
	if err != nil {
		return nil, err
	}
	own, err := h.Record.Packs(ctx)
	if err != nil {
		return nil, err
	}
	reviews, err := h.Record.Reviews(ctx)
	if err != nil {
		return nil, err
	}
	var out []PackInUse
	for _, p := range pack.Join(shipped, own) {
		u := PackInUse{Pack: p}
		if r, there := reviews[p.ID]; there {
			u.Review, u.Until = &r, p.ReviewUntil(r)
		}
		u.Why = p.Refuse(u.Review, h.Now())
		out = append(out, u)
	}
	return out, nil
}

// AddPack keeps a unit's own pack. It can be used once it is reviewed.
func (h *House) AddPack(ctx context.Context, text []byte, by string) (pack.Pack, error) {
	p, err := pack.Parse(text)
	if err != nil {
		return p, err
	}
	entry, err := custody.Saying(custody.PackAdded, p.SHA256, by, h.Now(), map[string]string{"pack": p.ID, "title": p.Title, "expires": p.Expires.String()})
	if err != nil {
		return p, err
	}
	return p, h.Record.InTx(ctx, func(tx *sql.Tx) error {
		if err := h.Record.AddPack(ctx, tx, p, text, by, h.Now()); err != nil {
			return err
		}
		return h.Record.Log(ctx, tx, entry)
	})
}

// ReviewPack records that someone read a pack, in this very text, and stands for it.
// Shown is the SHA-256 of the text that was read; without it, the present one is.
func (h *House) ReviewPack(ctx context.Context, id, shown, by, note string) (PackInUse, error) {
	if n := len(strings.TrimSpace(note)); n < minNote || n > maxNote {
		err := fault.Newf(fault.Invalid, "note %.40q has %d characters, not between %d and %d", note, n, minNote, maxNote)
		return PackInUse{}, fault.WithHint(err, "say with what you compared the pack, and as of which day")
	}
	all, err := h.Packs(ctx)
	if err != nil {
		return PackInUse{}, err
	}
	n := slices.IndexFunc(all, func(p PackInUse) bool { return p.ID == id })
	if n < 0 {
		return PackInUse{}, fault.WithHint(fault.Newf(fault.NotFound, "pack %q is not known", id), "see suraag pack list")
	}
	p := all[n]
	if shown != "" && shown != p.SHA256 {
		err := fault.Newf(fault.Conflict, "pack %q was changed after you read it", id)
		return p, fault.WithHint(err, "read the text that holds now, and review that")
	}
	r := pack.Review{Pack: p.ID, SHA256: p.SHA256, By: by, At: h.Now().UTC(), Note: note}
	p.Review, p.Until = &r, p.ReviewUntil(r)
	if p.Why = p.Refuse(&r, h.Now()); p.Why != "" {
		return p, fault.WithHint(fault.Newf(fault.Denied, "%s", p.Why), "get or write a newer pack, and add it with suraag pack add")
	}
	entry, err := custody.Saying(custody.PackReviewed, p.SHA256, by, h.Now(), r)
	if err != nil {
		return p, err
	}
	return p, h.Record.InTx(ctx, func(tx *sql.Tx) error {
		if err := h.Record.AddReview(ctx, tx, r); err != nil {
			return err
		}
		return h.Record.Log(ctx, tx, entry)
	})
}
