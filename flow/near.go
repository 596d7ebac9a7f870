package flow

import (
	"context"
	"encoding/hex"
	"sync"

	"suraag/digest"
	"suraag/match"
)

// nearIndex keeps the PDQ values of the record in memory from one question to
// the next. Values only ever come, so their number tells whether it is up to
// date; what nothing live speaks of any more is left out by Closure.
type nearIndex struct {
	mu     sync.Mutex // guards both; what they point to is never written again
	index  match.Index
	things []carried
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

// pdq gives the index, made anew if the record holds more values by now.
func (n *nearIndex) pdq(ctx context.Context, r Record) (match.Index, []carried, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	count, err := r.CountCodes(ctx, digest.PDQ)
	if err != nil {
		return nil, nil, err
	}
	if n.index != nil && count == int64(len(n.things)) {
		return n.index, n.things, nil
	}
	things := make([]carried, 0, count)
	err = r.Codes(ctx, digest.PDQ, func(value digest.Digest, thing string) error {
		var c carried
		copy(c.code[:], value.Bytes())
		if _, err := hex.Decode(c.thing[:], []byte(thing)); err != nil {
			return err
		}
		things = append(things, c)
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	index, err := match.Build(ctx, len(things), func(i int) (uint64, match.Code) { return uint64(i), things[i].code })
	if err != nil {
		return nil, nil, err
	}
	n.index, n.things = index, things
	return index, things, nil
}
