package door

import (
	"sync"
	"time"

	"suraag/fault"
)

// Pace is how often something may be done from one place: so often at once, and then
// once in each stretch of time. Refused is what is said where it was too often.
type Pace struct {
	Burst   float64
	Refill  time.Duration
	Refused func() error
}

// attempts are those of people at the door: ten at once, then one each half minute. A
// person who mistypes is not held up for long; a guesser gets 2,900 tries a day for a
// password that stands with a code of six digits which changes each half minute.
func attempts() Pace {
	return Pace{10, 30 * time.Second, func() error {
		return fault.WithHint(fault.Newf(fault.Unavailable, "there were too many attempts from here"), "wait a minute; a passkey works meanwhile")
	}}
}

// maxPlaces bounds what the limiter remembers.
const maxPlaces = 10_000

// Limiter counts attempts by place. It counts where they come from, never whom
// they name: nobody can use up somebody else's.
type Limiter struct {
	now    func() time.Time
	pace   Pace
	mu     sync.Mutex
	places map[string]bucket
}

type bucket struct {
	left float64
	at   time.Time
}

// NewLimiter makes an empty limiter.
func NewLimiter(now func() time.Time, p Pace) *Limiter {
	return &Limiter{now: now, pace: p, places: map[string]bucket{}}
}

// Ask takes one attempt of a place, or refuses where none is left.
func (l *Limiter) Ask(place string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	b := l.filled(place, now)
	if b.left < 1 {
		return l.pace.Refused()
	}
	b.left--
	l.makeRoom(now)
	l.places[place] = b
	return nil
}

func (l *Limiter) filled(place string, now time.Time) bucket {
	b, known := l.places[place]
	if !known {
		return bucket{l.pace.Burst, now}
	}
	b.left = min(l.pace.Burst, b.left+max(0, now.Sub(b.at).Seconds())/l.pace.Refill.Seconds())
	b.at = now
	return b
}

// makeRoom forgets places that have all their attempts again; where that is not
// enough, an eighth of all, those that tried least first. So a flood from many
// places costs little, and does not wash away the few that guess.
func (l *Limiter) makeRoom(now time.Time) {
	if len(l.places) < maxPlaces {
		return
	}
	for place := range l.places {
		if l.filled(place, now).left >= l.pace.Burst {
			delete(l.places, place)
		}
	}
	for _, least := range []float64{l.pace.Burst - 1, 0} {
		for place, b := range l.places {
			if len(l.places) <= maxPlaces*7/8 {
				return
			}
			if b.left >= least {
				delete(l.places, place)
			}
		}
	}
}
