package attribution

import (
	"fmt"

	"suraag/network"
	"suraag/sighting"
)

const citeHousehold = "IOCCO, recommendations of July 2015 (no. 5); IPCO annual report 2019 (error 8: the bill-payer's address was entered, the occupant arrested)"

// household is rule R12: a connection is a household's, and what has to be asked
// before anyone's door is. It goes with every finding, whatever the outcome.
func household() []ruling {
	var out []ruling
	for _, sentence := range []string{
		"The subscriber of the connection pays for it; anyone in the household may have used it.",
		"The wireless network may have been open, or its password known to neighbours.",
		"Lodgers, visitors or customers may have used the connection.",
		"Malware or a proxy on a device there may have passed on someone else's traffic.",
		"The billing address need not be where the line ends: ask for the installation address by itself.",
		"Was a device that fits (client, model, MAC) present there at the time? Nothing here shows it.",
	} {
		out = append(out, ruling{Reason: Reason{Rule: "R12", Citation: citeHousehold, Sentence: sentence, Effect: Against}})
	}
	return out
}

const citeElsewhere = "IOCCO 2016 (away from the assumption that resolving an address is always correct)"

const citeTwice = "IOCCO, recommendations of July 2015 (no. 2); IPCO annual report 2017 §14.42 (a spread of activity)"

// elsewhere is rule R13: what in this very observation points elsewhere.
func elsewhere(o Observation, f network.Facts, r *Resolution) []ruling {
	var out []ruling
	say := func(rule, citation, format string, args ...any) {
		out = append(out, ruling{Reason: Reason{Rule: rule, Citation: citation, Sentence: fmt.Sprintf(format, args...), Effect: Against}})
	}
	say("R3", citeTwice, "This is one observation by itself: uncorroborated until a second one, on another day or lease, leads to the same subscriber.")
	switch o.Act {
	case sighting.Receive:
		say("R13", citeElsewhere, "Content was sent to this account. Being sent something is neither asking for it nor passing it on.")
	case sighting.Report:
		say("R13", citeElsewhere, "The source does not say what was done from this address.")
	case sighting.View, sighting.Login, sighting.Register:
		say("R13", citeElsewhere, "From this address the act was %q; it was not seen to send content.", o.Act)
	case sighting.Offer:
		say("R13", citeElsewhere, "Content was advertised from this address; nothing was seen to be sent, and a client can advertise what it does not have.")
	}
	if peer(o.Who) {
		say("R15", "Protocol identifiers are chosen by the client itself", "A peer id or user hash is chosen by the client and can be copied; it links observations and identifies nobody.")
	}
	if len(f.Flagged(network.KindVPN)) == 0 {
		say("R13", citeElsewhere, "No list knows every VPN or proxy; one that none lists looks like any home.")
	}
	if r != nil && len(r.Candidates) > 0 {
		say("R6", "IPCO annual report 2019 (error 8)", "The operator's row does not say whether its address is where the line is installed or where the bill goes.")
	}
	return out
}

func peer(who []sighting.Identifier) bool {
	for _, i := range who {
		if i.Kind == sighting.Peer {
			return true
		}
	}
	return false
}
