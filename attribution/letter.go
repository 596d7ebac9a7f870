package attribution

import (
	"fmt"
	"strings"
	"time"

	"suraag/instant"
	"suraag/network"
)

// LogZone gives the zone of the operator's logs, in which a letter has to print
// the span beside UTC (rule R2; Indian operators log in IST by order of the
// Department of Telecommunications). It gives nil where the zone is not on file
// or not known to this machine.
func LogZone(f network.Facts) *time.Location {
	switch f.LogZone {
	case "":
		return nil
	case "IST", "+05:30", "Asia/Kolkata", "Asia/Calcutta":
		return instant.IST()
	}
	zone, err := time.LoadLocation(f.LogZone)
	if err != nil {
		return nil
	}
	return zone
}

// spanInWords prints the window in UTC and in the zone of the operator's logs.
func spanInWords(d Finding) string {
	words := d.Window.In(time.UTC)
	if zone := LogZone(d.Facts); zone != nil && zone != time.UTC {
		words += " (" + d.Window.In(zone) + ")"
	}
	return words
}

// askFor lists the particulars, each to be asked and stored by itself (rule R6).
func askFor(d Finding) []string {
	switch {
	case d.Outcome == Unusable:
		return nil
	case d.Outcome == AskOther && d.AddresseeKind != "" && tor(d):
		return []string{"all connections of the same identifiers, with address, source port and time to the second", "the identifiers on file for the account: phone, e-mail, recovery, devices"}
	case d.Outcome == Preserve:
		return []string{
			"keep: who held " + d.Observation.Endpoint.String() + " in the span " + spanInWords(d),
			"keep: the log of address translation for the span, with ports",
			"keep: the subscriber's particulars and the log of sessions",
		}
	}
	out := []string{
		"who held " + d.Observation.Endpoint.String() + " in the span " + spanInWords(d),
		"name of the subscriber of the connection",
		"installation address",
		"billing address",
		"MAC address or device id",
		"start and end of the session",
		"start and end of the lease of the address or port",
		"zone of the log's times",
		"whether customers share the address, and how many candidates the log gives for the span",
		"the rows of the log as they are",
	}
	if addrOf(d.Observation.Endpoint.IP).Is6() {
		out = append(out, "the delegated prefix and its length")
	}
	if at := d.Observation.At; !at.IsZero() {
		out[0] += ", talking to " + at.String()
	}
	return out
}

func tor(d Finding) bool { return len(d.Facts.Flagged(network.KindTor)) > 0 }

// sentence says the finding in one sentence.
func sentence(d Finding) string {
	o := d.Observation
	what := strings.Replace(o.Endpoint.String()+" at "+o.When.String(), " at between ", " between ", 1)
	if o.When.IsZero() {
		what = o.Endpoint.String() + ", time not stated"
	}
	whom := d.Addressee
	if whom == "" {
		whom = "whoever runs the address"
	}
	switch d.Outcome {
	case Ask:
		if d.Resolution != nil && len(d.Resolution.Candidates) == 1 {
			return fmt.Sprintf("%s: the rows of %s name one subscriber of the connection; have the operator confirm it.", what, whom)
		}
		return fmt.Sprintf("%s: fit to ask %s for the subscriber of the connection.", what, whom)
	case AskOther:
		if tor(d) {
			return fmt.Sprintf("%s: a Tor exit, of which nobody can say who was behind it; %s.", what, elsewhereOf(o))
		}
		return fmt.Sprintf("%s: ask %s, which runs the address for others, which of its customers connected.", what, whom)
	case Preserve:
		return fmt.Sprintf("%s: have %s keep its records; not yet fit to ask for the subscriber of the connection. %s", what, whom, d.Decisive)
	}
	if o.Endpoint.IsZero() {
		what = "No address"
	}
	return fmt.Sprintf("%s: nothing may be sent on this. %s", what, d.Decisive)
}
