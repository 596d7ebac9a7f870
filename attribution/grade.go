package attribution

import (
	"fmt"
	"strings"

	"suraag/sighting"
)

const citeGrade = "Piatek, Kohno, Krishnamurthy, HotSec 2008 (notices obtained against printers on hearsay of trackers)"

// onNetwork tells whether the observation was made on a peer-to-peer network.
func (o Observation) onNetwork() bool { return o.Network || o.Standing == sighting.Observation }

// firstHand is rule R11. On a peer-to-peer network only a peer that advertised
// whole pieces of the file to us (G3) leads to a demand; what others said of it
// (G0) never leaves the unit. Elsewhere the act must stand in a record that the
// one acting could not write.
func firstHand(o Observation) []ruling {
	say := func(e Effect, most Outcome, missing, format string, args ...any) []ruling {
		return []ruling{{Reason{Rule: "R11", Citation: citeGrade, Sentence: fmt.Sprintf(format, args...), Effect: e, Missing: missing}, most}}
	}
	if !o.onNetwork() {
		if o.Standing.Proven() {
			return say(For, Ask, "", "The address stands in a %s, which the one acting could not write.", o.Standing)
		}
		standing := string(o.Standing)
		if standing == "" {
			standing = "source of unknown standing"
		}
		return say(Blocks, Preserve, "a provider's own record of the connection", "The address is only claimed, by a %s.", standing)
	}
	switch grade := strings.ToUpper(strings.TrimSpace(o.Grade)); grade {
	case "G3", "G4":
		return say(For, Ask, "", "Grade %s: a client at this address itself advertised pieces of the file. That is not proof that it had them.", grade)
	case "G2", "G2A":
		return say(Blocks, Preserve, "an observation of grade G3", "Grade %s: a client took part in the swarm, but did not advertise the file. It is a lead, no more.", grade)
	case "G0", "G1":
		return say(Blocks, Unusable, "an observation of grade G3", "Grade %s: others listed the address, or a host merely answered. Anyone can put any address on such a list.", grade)
	case "":
		return say(Blocks, Unusable, "the grade of the observation", "The grade of this network observation is not stated, so it may be hearsay.")
	}
	return say(Blocks, Unusable, "the grade of the observation", "The grade %q of this network observation is not known, so it may be hearsay.", o.Grade)
}
