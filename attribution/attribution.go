// Package attribution is the gate between an address at an instant and a demand
// for the subscriber's name.
//
// Takes one observation, what is known of its address as of that moment, and the
// rows that operators have answered. Gives a finding: may this be asked, of whom,
// for which moments, with every reason for and against and what is missing.
// Never names a person: a finding speaks of the subscriber of the connection.
// Never joins several candidates into one, never asks, never keeps.
//
// The rules R2 to R15 answer published errors by which innocent homes were
// entered; doc/attribution.md tells each with its source. Every rule is a small
// function of its own and can only make the outcome stricter.
package attribution

import (
	"time"

	"suraag/instant"
	"suraag/network"
	"suraag/sighting"
)

// Observation is one sighting of an address.
type Observation struct {
	Endpoint   sighting.Endpoint     `json:"endpoint"` // where the act came from
	When       instant.Instant       `json:"when,omitzero"`
	Act        sighting.Act          `json:"act"`
	Standing   sighting.Standing     `json:"standing"`
	Grade      string                `json:"grade,omitempty"` // of a network observation: G0 to G3
	Service    string                `json:"service,omitempty"`
	At         sighting.Endpoint     `json:"at,omitzero"` // the far side: server or sensor
	SightingID string                `json:"sighting"`
	Source     string                `json:"source"`
	Place      sighting.Place        `json:"place"`
	Who        []sighting.Identifier `json:"who,omitempty"`
	Network    bool                  `json:"network,omitempty"`   // seen on a peer-to-peer network
	Corrected  string                `json:"corrected,omitempty"` // by the register of errors: what was found wrong with it (rule R14)
}

// Outcome is what may be done with an observation.
type Outcome string

// The outcomes, freest first.
const (
	Ask      Outcome = "ask"              // fit to ask the operator for the subscriber of the connection
	AskOther Outcome = "ask someone else" // whoever runs the address is not who connected: VPN, host, Tor, a public network
	Preserve Outcome = "preserve only"    // have the records kept; something is missing before anyone may be asked
	Unusable Outcome = "not usable"       // nothing may be sent on this
)

// strictness orders the outcomes; a rule may only make an outcome stricter.
func (o Outcome) strictness() int {
	switch o {
	case Ask:
		return 0
	case AskOther:
		return 1
	case Preserve:
		return 2
	}
	return 3
}

// Effect says how a reason weighs.
type Effect string

// The effects.
const (
	For     Effect = "for"
	Caution Effect = "caution" // does not hold the demand up, has to be read
	Against Effect = "against" // points elsewhere
	Blocks  Effect = "blocks"  // makes the outcome stricter
)

// Reason is one rule's word on an observation.
type Reason struct {
	Rule     string `json:"rule"` // "R8"
	Citation string `json:"citation"`
	Sentence string `json:"sentence"`
	Effect   Effect `json:"effect"`
	Missing  string `json:"missing,omitempty"` // what would lift it
}

// Window is the span for which the operator is asked (rule R7), both ends
// included, UTC.
type Window struct {
	From  time.Time `json:"from,omitzero"`
	Until time.Time `json:"until,omitzero"`
}

// Finding is the gate's answer on one observation.
type Finding struct {
	Observation   Observation   `json:"observation"`
	Outcome       Outcome       `json:"outcome"`
	Addressee     string        `json:"addressee,omitempty"`      // who is asked, or holds the records
	AddresseeKind string        `json:"addressee_kind,omitempty"` // "operator", "vpn", "hosting", "cdn", "university", "public-wifi", "library", "service"
	Window        Window        `json:"window,omitzero"`
	Reasons       []Reason      `json:"reasons"`
	Counter       []Reason      `json:"counter"` // what points elsewhere; never empty (rule R13)
	Missing       []string      `json:"missing,omitempty"`
	Facts         network.Facts `json:"facts"`
	Resolution    *Resolution   `json:"resolution,omitempty"` // nil: no operator's row speaks of the address
	Sentence      string        `json:"sentence"`
	Decisive      string        `json:"decisive,omitempty"` // the sentence of the reason that set the outcome; empty: ask
	AskFor        []string      `json:"ask_for,omitempty"`  // each asked and stored by itself (rule R6)
	Expires       time.Time     `json:"expires,omitzero"`   // when the operator's records end; zero: not known
	ExpiresSource string        `json:"expires_source,omitempty"`
}

// ruling is a reason with the freest outcome that it leaves.
type ruling struct {
	Reason
	most Outcome
}

// take adds rulings to the finding.
func (d *Finding) take(rulings ...ruling) {
	for _, r := range rulings {
		if r.most != "" && r.most.strictness() > d.Outcome.strictness() {
			d.Outcome, d.Decisive = r.most, r.Sentence
		}
		if r.Missing != "" {
			d.miss(r.Missing)
		}
		if r.Effect == Against {
			d.Counter = append(d.Counter, r.Reason)
		} else {
			d.Reasons = append(d.Reasons, r.Reason)
		}
	}
}

func (d *Finding) miss(what string) {
	for _, m := range d.Missing {
		if m == what {
			return
		}
	}
	d.Missing = append(d.Missing, what)
}
