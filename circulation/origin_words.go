package circulation

import (
	"fmt"
	"strings"

	"suraag/instant"
	"suraag/sighting"
)

// speak writes what an officer reads: the sentence, the reasons and what would
// overturn it. The address is that of a connection, never of a person.
func (c *Candidate) speak(undated int) {
	c.Sentence = c.sentence()
	why := []string{"strength: " + c.Strength}
	if d := c.doubts(); d != "" {
		why = append(why, d)
	}
	why = append(why, c.Why...)
	why = append(why, c.remarks()...)
	switch ties := len(c.Ties) + c.MoreTies; {
	case c.When.IsZero():
		why = append(why, "no time is stated, so it may be before or after any other")
	case ties > 0 && c.Earliest:
		why = append(why, fmt.Sprintf("its time overlaps that of %s in this list; any of them may be the first", others(ties)))
	case ties > 0:
		why = append(why, fmt.Sprintf("its time overlaps that of %s in this list; which of them came first is not known", others(ties)))
	}
	c.Why = why
	c.Overturn = strings.Join(c.overturn(undated), "; ")
}

func others(n int) string {
	if n == 1 {
		return "1 other candidate"
	}
	return fmt.Sprintf("%d other candidates", n)
}

func (c *Candidate) sentence() string {
	var b strings.Builder
	b.WriteString(c.source() + " " + c.deed())
	if c.Service != "" {
		b.WriteString(" at " + c.Service)
	}
	if !c.From.IsZero() {
		b.WriteString(" from " + c.From.String())
	}
	if c.When.IsZero() {
		b.WriteString("; no time is stated")
	} else {
		b.WriteString(", " + c.When.String())
	}
	if !c.Exact {
		fmt.Fprintf(&b, " (near copy, distance %d)", c.Distance)
	}
	b.WriteString(".")
	if c.Standing == sighting.DeviceFile {
		b.WriteString(" File times are set by the device and survive copying.")
	}
	return b.String()
}

// source says who speaks.
func (c *Candidate) source() string {
	switch c.Standing {
	case sighting.ProviderCapture:
		return "The service captured that"
	case sighting.ProviderRecord:
		return "The service's record says that"
	case sighting.ProviderMetadata:
		return "The service states that"
	case sighting.MessageLog:
		return "The log of messages says that"
	case sighting.Observation:
		return "It was observed that"
	case sighting.DeviceFile:
		return "A device claims that"
	case sighting.Statement:
		return "A person states that"
	}
	return "A source states that"
}

func (c *Candidate) deed() string {
	who := "someone whom the source does not name"
	if id, named := primary(c.Who); named {
		who = id.String()
	}
	what := "this content"
	if !c.Exact {
		what = "a near copy"
	}
	switch c.Act {
	case sighting.Upload:
		return who + " uploaded " + what
	case sighting.Send:
		return who + " sent " + what
	case sighting.Forward:
		return who + " forwarded " + what
	case sighting.Offer:
		return who + " offered " + what
	}
	return who + " held " + what
}

// remarks are what the act itself does not show.
func (c *Candidate) remarks() []string {
	var out []string
	switch c.Act {
	case sighting.Forward:
		out = append(out, "to forward is to pass on what someone else had sent, so there was an earlier act")
	case sighting.Offer:
		out = append(out, "offered is not sent: nothing here shows that anyone fetched it")
	case sighting.Hold:
		out = append(out, "held is not uploaded: it shows only that the content was there by this time")
	}
	if !c.Exact {
		out = append(out, fmt.Sprintf("near copy, distance %d: another file than the one traced", c.Distance))
	}
	switch {
	case c.When.IsZero():
	case c.When.Basis == instant.Ambiguous:
		out = append(out, "its time can mean more than one moment: "+c.When.Doubt)
	case c.When.Basis == instant.Assumed:
		out = append(out, "its zone is assumed: "+c.When.Zone)
	}
	return out
}

// overturn lists what would take the candidate from its place.
func (c *Candidate) overturn(undated int) []string {
	out := []string{"an earlier upload capture from this or another service"}
	switch c.Standing {
	case sighting.ProviderCapture, sighting.ProviderRecord, sighting.ProviderMetadata:
		out = append(out, "a record that someone else was using the account at this time",
			"the service's word that its clock or this time means something else")
	case sighting.MessageLog:
		out = append(out, "a record that someone else was using the account at this time",
			"the service's word that this log holds another item than this content")
	case sighting.Observation:
		out = append(out, "a fault in the clock of the observer", "proof that the peer advertised what it did not have")
	case sighting.DeviceFile:
		out = append(out, "a fault in the clock of the device", "signs that the file was copied there later and kept its old time")
	default:
		out = append(out, "any record of a service or device that says otherwise")
	}
	if !c.Exact {
		out = append(out, "an exact copy that was put up earlier")
	}
	switch c.When.Basis {
	case instant.Ambiguous:
		out = append(out, "knowing which reading of its time was meant")
	case instant.Assumed:
		out = append(out, "a statement of the zone in which the time was written")
	}
	if undated > 0 && !c.When.IsZero() {
		out = append(out, fmt.Sprintf("a time for the candidates that state none (%d)", undated))
	}
	return out
}
