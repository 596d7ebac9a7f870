package actor

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"suraag/sighting"
)

// count adds up what the sightings say of each actor. A sighting counts once for
// an actor, however many of its identifiers it names.
func (j *joining) count(actors []Actor, settled []*sighting.Sighting) {
	seen := make([]int, len(actors)) // the sighting, from 1, that last counted for the actor
	for n, s := range settled {
		_, words := unique(s.Who)
		for a := range j.fresh(s.Who, seen, n+1) {
			actors[a].Acts[s.Act]++
			if s.Act.Spreads() && !s.Content.Identified() {
				actors[a].Unidentified++
			}
			if j.another[s.ID] {
				actors[a].Another++
			}
			actors[a].see(s)
			actors[a].addWords(words)
		}
		for a := range j.fresh(s.To, seen, n+1) { // to oneself is not fresh
			actors[a].see(s)
			switch s.Act {
			case sighting.Send, sighting.Forward:
				actors[a].WasSent++
			case sighting.Receive:
				actors[a].NamedSender++
			}
		}
	}
}

// fresh gives the actors of identifiers that the numbered sighting has not
// counted for yet. A sighting may name very many, so nothing is searched.
func (j *joining) fresh(ids []sighting.Identifier, seen []int, number int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for _, id := range ids {
			a, known := j.actorOf(id)
			if !known || seen[a] == number {
				continue
			}
			seen[a] = number
			if !yield(a) {
				return
			}
		}
	}
}

func (a *Actor) see(s *sighting.Sighting) {
	a.Sightings++
	if len(a.Shown) < maxRefs {
		a.Shown = append(a.Shown, Ref{ID: s.ID, Source: s.Source, Place: s.Place})
	}
}

// maxWords bounds the names that stand beside an actor.
const maxWords = 20

func (a *Actor) addWords(words []sighting.Identifier) {
	for _, w := range words {
		n, known := slices.BinarySearchFunc(a.AlsoStated, w, order)
		if !known && n < maxWords {
			a.AlsoStated = slices.Insert(a.AlsoStated, n, w)
			a.AlsoStated = a.AlsoStated[:min(len(a.AlsoStated), maxWords)]
		}
	}
}

// conclude says in one sentence how far the sightings go. Received is not
// shared, offered is not sent (IPED issues 2548 and 2786).
func (a *Actor) conclude() {
	shared := a.Acts[sighting.Upload] + a.Acts[sighting.Send] + a.Acts[sighting.Forward]
	had := a.Acts[sighting.Hold] + a.Acts[sighting.Download] + a.Acts[sighting.View]
	received := a.Acts[sighting.Receive] > 0
	switch {
	case shared > a.Unidentified:
		a.Sentence = "a source states that it shared: " + a.tally(sighting.Upload, sighting.Send, sighting.Forward)
		if a.Unidentified > 0 {
			a.Sentence += fmt.Sprintf("; what, is not identified in %d of them", a.Unidentified)
		}
	case a.NamedSender > 0:
		a.Sentence = "another's record names it as the sender; no record of its own shows that it shared"
	case a.Acts[sighting.Offer] > 0:
		a.Sentence = "offered; nothing shows that it sent"
	case had > 0:
		a.Sentence = "had it (" + a.tally(sighting.Hold, sighting.Download, sighting.View) + "); nothing shows that it shared"
	case shared > 0:
		a.Sentence = "passed things on that no source identifies (" + a.tally(sighting.Upload, sighting.Send, sighting.Forward) + "); nothing shows that it shared this"
	case received:
		a.OnlyReceived, a.Sentence = true, "only received; nothing shows that it shared"
	case a.WasSent > 0:
		a.OnlyReceived, a.Sentence = true, "only named as recipient; nothing shows that it shared"
	default:
		a.Sentence = "nothing shows what it did with the content"
	}
	if a.Another > 0 {
		a.Sentence += fmt.Sprintf("; in %d of its acts it is another file than the one traced", a.Another)
	}
}

func (a *Actor) tally(acts ...sighting.Act) string {
	var out []string
	for _, act := range acts {
		if n := a.Acts[act]; n > 0 {
			out = append(out, fmt.Sprintf("%s %d", act, n))
		}
	}
	return strings.Join(out, ", ")
}
