// Package made makes complaints whose truth is known, to measure what linking
// finds and what it makes up. Nothing in it is real: names, numbers, handles and
// sentences are invented, phones have area codes that are not given out, and
// addresses are those for documentation.
//
// What it assumes, since no open figures exist: few offenders have many victims
// (sizes in the table offences); a complainant knows a handle in six cases of
// ten, a phone in half, an account's number in a quarter, a payment handle in
// three of ten, and nothing in one of twenty; three complaints of four bring
// text; one phone in a hundred is stated with a wrong digit; scripts are shared
// between offenders as often as they are their own; a helpline's number is
// stated as the accused's in one complaint of seventy; one in fifty comes from a
// shared address; a handle that is given up is taken by someone else after some
// months; a chain letter stands in one of twelve complaints.
package made

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"time"

	"suraag/actor/series"
	"suraag/sighting"
)

// Made is a complaint with its truth.
type Made struct {
	series.Complaint
	Offender int // who did it
	Script   int // which script his text follows; -1: no text of his
	Wrong    bool
}

// Helpline is the number that complainants state by mistake.
var Helpline = identifier(sighting.Phone, "", "+910000001930")

// offences gives how many offenders have how many victims in a set of 2,000.
var offences = []struct{ offenders, victims int }{{1, 50}, {3, 25}, {10, 12}, {40, 6}, {150, 3}, {1065, 1}}

// Complaints makes n complaints from a seed, in order of time. The sizes of
// series scale with n/2000.
func Complaints(n int, seed uint64) []Made {
	m := &maker{r: rand.New(rand.NewPCG(seed, 0x5eed)), start: time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)}
	var out []Made
	for scale := 0; len(out) < n; scale++ {
		for _, o := range offences {
			for range o.offenders {
				who := m.offender()
				for range o.victims {
					out = append(out, m.complaint(who))
				}
			}
		}
	}
	// Which offenders fall away at the end is left to chance, not to their size.
	m.r.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	out = out[:n]
	slices.SortStableFunc(out, func(a, b Made) int { return a.At.Compare(b.At) })
	for k := range out {
		out[k].ID = fmt.Sprintf("complaint-%06d", k+1)
	}
	return out
}

type maker struct {
	r         *rand.Rand
	start     time.Time
	offenders int
	numbers   int
	given     []sighting.Identifier // handles that were given up
}

type offender struct {
	number   int
	phones   []sighting.Identifier
	accounts []sighting.Identifier
	handles  []sighting.Identifier // one an account
	payments []sighting.Identifier
	scripts  []int
	begins   time.Time
	lasts    time.Duration
}

func (m *maker) chance(p float64) bool { return m.r.Float64() < p }

func (m *maker) next() int { m.numbers++; return m.numbers }

// identifier makes one that is known to be well formed.
func identifier(kind sighting.IDKind, service, value string) sighting.Identifier {
	id, err := sighting.Identify(kind, service, value)
	if err != nil {
		panic(err) // a value of this file is malformed: no input can do that
	}
	return id
}

var services = []string{"example social", "example chat", "example photos"}

func (m *maker) offender() *offender {
	o := &offender{number: m.offenders, begins: m.start.Add(time.Duration(m.r.IntN(300)) * 24 * time.Hour), lasts: time.Duration(3+m.r.IntN(60)) * 24 * time.Hour}
	m.offenders++
	for range 1 + m.r.IntN(3) {
		o.phones = append(o.phones, identifier(sighting.Phone, "", fmt.Sprintf("+9100%08d", m.next())))
	}
	for range 1 + m.r.IntN(3) {
		service := services[m.r.IntN(len(services))]
		o.accounts = append(o.accounts, identifier(sighting.Account, service, fmt.Sprintf("9%011d", m.next())))
		handle := identifier(sighting.Handle, service, fmt.Sprintf("%s_%s%d", pick(m.r, first), pick(m.r, second), m.next()))
		if len(m.given) > 0 && m.chance(0.02) {
			handle = m.given[m.r.IntN(len(m.given))] // somebody had it before
			o.begins = m.start.Add(500 * 24 * time.Hour)
		}
		o.handles = append(o.handles, handle)
	}
	if m.chance(0.1) {
		m.given = append(m.given, o.handles[0])
	}
	for range m.r.IntN(3) {
		o.payments = append(o.payments, identifier(sighting.Payment, "", fmt.Sprintf("%s%d@examplebank", pick(m.r, second), m.next())))
	}
	for range 1 + m.r.IntN(2) {
		if m.chance(0.5) {
			o.scripts = append(o.scripts, m.r.IntN(commonScripts))
		} else {
			o.scripts = append(o.scripts, commonScripts+m.r.IntN(scripts-commonScripts))
		}
	}
	return o
}

func pick(r *rand.Rand, from []string) string { return from[r.IntN(len(from))] }

func (m *maker) complaint(o *offender) Made {
	c := Made{Offender: o.number, Script: -1}
	c.At = o.begins.Add(time.Duration(m.r.Int64N(int64(o.lasts))))
	n := m.r.IntN(len(o.accounts))
	if !m.chance(0.05) {
		if m.chance(0.5) {
			phone := o.phones[m.r.IntN(len(o.phones))]
			if m.chance(0.01) {
				phone, c.Wrong = m.mistyped(phone), true
			}
			c.Accused = append(c.Accused, phone)
		}
		if m.chance(0.25) {
			c.Accused = append(c.Accused, o.accounts[n])
		}
		if m.chance(0.6) {
			c.Accused = append(c.Accused, o.handles[n])
		}
		if len(o.payments) > 0 && m.chance(0.3) {
			c.Accused = append(c.Accused, o.payments[m.r.IntN(len(o.payments))])
		}
	}
	if m.chance(1.0 / 70) {
		c.Accused = append(c.Accused, Helpline)
	}
	if m.chance(0.02) {
		c.Addresses = append(c.Addresses, netip.MustParseAddr("198.51.100.7"))
	} else if m.chance(0.2) {
		c.Addresses = append(c.Addresses, netip.AddrFrom4([4]byte{203, 0, 113, byte(m.r.IntN(256))}))
	}
	for range m.r.IntN(3) {
		c.Texts = append(c.Texts, chatter(m.r))
	}
	if m.chance(0.75) {
		c.Script = o.scripts[m.r.IntN(len(o.scripts))]
		c.Texts = append(c.Texts, write(m.r, c.Script))
	}
	if m.chance(1.0 / 12) {
		c.Texts = append(c.Texts, chainLetter)
	}
	return c
}

// mistyped changes one digit, as a tired complainant does.
func (m *maker) mistyped(p sighting.Identifier) sighting.Identifier {
	b := []byte(p.Value)
	at := 5 + m.r.IntN(len(b)-5)
	b[at] = '0' + (b[at]-'0'+byte(1+m.r.IntN(9)))%10
	return identifier(sighting.Phone, "", string(b))
}

var (
	first  = strings.Fields("cool dark real sweet royal silent lucky urban blue happy crazy simple")
	second = strings.Fields("rider boy tiger star prince king moon hawk wolf ace storm guru")
)
