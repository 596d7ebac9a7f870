package match

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
)

// Batch searches an index for many codes at once, on all processors. It gives each
// hit with the place of its question in the list, in no promised order, and never two at
// a time, until found returns false. Otherwise it is as Index.Search.
func Batch(ctx context.Context, x Index, questions []Code, radius int, found func(question int, h Hit) bool) error {
	if err := checkRadius(radius); err != nil {
		return err
	}
	b := &batch{x: x, questions: questions, radius: radius, found: found}
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(questions)) {
		wg.Go(func() { b.answer(ctx) })
	}
	wg.Wait()
	return b.err
}

// batch is many questions, taken one after the other by several goroutines.
type batch struct {
	x         Index
	questions []Code
	radius    int
	next      atomic.Int64
	stopped   atomic.Bool

	mu    sync.Mutex // guards the rest, and the calls of found
	found func(int, Hit) bool
	err   error // the first
}

// answer takes questions until there are no more. A question's hits are kept back until
// it is answered, so that no goroutine waits while it searches, unless they are many.
func (b *batch) answer(ctx context.Context) {
	const many = 1 << 12
	var hits []Hit
	for !b.stopped.Load() {
		i := int(b.next.Add(1)) - 1
		if i >= len(b.questions) {
			return
		}
		err := b.x.Search(ctx, b.questions[i], b.radius, func(h Hit) bool {
			hits = append(hits, h)
			if len(hits) == many {
				b.hand(i, hits, nil)
				hits = hits[:0]
			}
			return !b.stopped.Load()
		})
		if len(hits) > 0 || err != nil {
			b.hand(i, hits, err)
			hits = hits[:0]
		}
	}
}

// hand gives hits to found.
func (b *batch) hand(question int, hits []Hit, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, h := range hits {
		if b.stopped.Load() {
			return
		}
		if !b.found(question, h) {
			b.stopped.Store(true)
		}
	}
	if err != nil && !b.stopped.Swap(true) {
		b.err = err
	}
}
