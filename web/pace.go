package web

import (
	"time"

	"suraag/fault"
	"suraag/people/door"
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
func paces(now func() time.Time) *door.Limiter {
	return door.NewLimiter(now, door.Pace{Burst: paceBurst, Refill: paceRefill, Refused: func() error {
		return fault.WithHint(fault.Newf(fault.Unavailable, "this program asks more often than twice a second"), "let it wait a second and ask again")
	}})
}
