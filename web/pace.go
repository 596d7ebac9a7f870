package web

import (
	"sync"
	"time"

	"suraag/fault"
)

// The pace of one program: a hundred questions at once, then two a second. Each
// document takes two, so a site that comes back after a night is through with
// thousands in an hour, and one that runs wild leaves room for others (house rule).
const (
	paceBurst  = 100
	paceRefill = 500 * time.Millisecond
)

// maxSending bounds how many documents are sent at one moment, by all.
const maxSending = 16

// paces holds each program to its pace. Who asks is known by then, so that there are
// never more than there are people and machines.
type paces struct {
	now func() time.Time
	mu  sync.Mutex
	of  map[string]pace
}

type pace struct {
	left float64
	at   time.Time
}

// ask takes one question of a program, or refuses where none is left.
func (p *paces) ask(who string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	x, known := p.of[who]
	if !known {
		x = pace{paceBurst, now}
	}
	x.left = min(paceBurst, x.left+max(0, float64(now.Sub(x.at))/float64(paceRefill)))
	x.at = now
	if x.left < 1 {
		p.of[who] = x
		return fault.WithHint(fault.Newf(fault.Unavailable, "this program asks more often than twice a second"), "let it wait a second and ask again")
	}
	x.left--
	p.of[who] = x
	return nil
}
