package flow

import (
	"context"
	"encoding/hex"
	"sync"

	"suraag/digest"
	"suraag/match"
)

// nearIndex keeps the PDQ values of the record in memory from one question to
// the next, and before each question takes in those that came meanwhile. What
// nothing live speaks of any more stays in it; Closure leaves it out.
type nearIndex struct {
	mu     sync.Mutex // guards all three; a question goes on with what it was given
	index  match.Index
	things []carried // by the numbers of the index; only ever appended to
	place  int64     // of the last one, in the record's order
}

// carried is a PDQ value and a thing that carries it.
type carried struct {
	code  match.Code
	thing [16]byte
}

func (c carried) words() (value digest.Digest, thing string) {
	value, _ = digest.Of(digest.PDQ, c.code[:]) // its length is the kind's
	return value, hex.EncodeToString(c.thing[:])
}

// near gives every PDQ value of the record within a distance of one, with a thing
// that carries it. It may miss what came after it began.
func (n *nearIndex) near(ctx context.Context, r Record, value digest.Digest, most int, yield func(value digest.Digest, thing string, distance int)) error {
	index, things, err := n.upToDate(ctx, r)
	if err != nil {
		return err
	}
	var code match.Code
	copy(code[:], value.Bytes())
	return index.Search(ctx, code, most, func(hit match.Hit) bool {
		if hit.ID < uint64(len(things)) { // others came since
			v, thing := things[hit.ID].words()
			yield(v, thing, hit.Distance)
		}
		return true
	})
}

// upToDate takes in what the record has more than the index. Many at once are made
// into an index of their own, which takes a fraction of adding them one by one.
func (n *nearIndex) upToDate(ctx context.Context, r Record) (match.Index, []carried, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	things, place := n.things, n.place
	err := r.CodesSince(ctx, place, func(at int64, value digest.Digest, thing string) error {
		var c carried
		copy(c.code[:], value.Bytes())
		if _, err := hex.Decode(c.thing[:], []byte(thing)); err != nil {
			return err
		}
		things, place = append(things, c), at
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	if came := len(things) - len(n.things); n.index == nil || came > len(n.things) {
		n.index, err = match.Build(ctx, len(things), func(i int) (uint64, match.Code) { return uint64(i), things[i].code })
		if err != nil {
			n.index, n.things, n.place = nil, nil, 0
			return nil, nil, err
		}
	} else {
		for i := len(n.things); i < len(things); i++ {
			n.index.Add(uint64(i), things[i].code)
		}
	}
	n.things, n.place = things, place
	return n.index, n.things, nil
}
