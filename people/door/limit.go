package door

import (
	"sync"
	"time"

	"suraag/fault"
)

// Attempts from one place: ten at once, then one each half minute. A person who
// mistypes is not held up for long; a guesser gets 2,900 tries a day for a
// password that stands with a code of six digits which changes each half minute.
const (
	burst  = 10
	refill = 30 * time.Second
)

// maxPlaces bounds what the limiter remembers.
const maxPlaces = 10_000

// Limiter counts attempts by place. It counts where they come from, never whom
// they name: nobody can use up somebody else's.
type Limiter struct {
	now    func() time.Time
	mu     sync.Mutex
	places map[string]bucket
}

type bucket struct {
	left float64
	at   time.Time
}

// NewLimiter makes an empty limiter.
func NewLimiter(now func() time.Time) *Limiter {
	return &Limiter{now: now, places: map[string]bucket{}}
}

// Ask takes one attempt of a place, or refuses where none is left.
func (l *Limiter) Ask(place string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	b := l.filled(place, now)
	if b.left < 1 {
		err := fault.Newf(fault.Unavailable, "there were too many attempts from here")
		return fault.WithHint(err, "wait a minute; a passkey works meanwhile")
	}
	b.left--
	l.makeRoom(now)
	l.places[place] = b
	return nil
}

func (l *Limiter) filled(place string, now time.Time) bucket {
	b, known := l.places[place]
	if !known {
		return bucket{burst, now}
	}
	b.left = min(burst, b.left+max(0, now.Sub(b.at).Seconds())/refill.Seconds())
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
		if l.filled(place, now).left >= burst {
			delete(l.places, place)
		}
	}
	for _, least := range []float64{burst - 1, 0} {
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
