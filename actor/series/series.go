// Package series says which complaints belong together: one man who harasses
// fifty girls is one case in the first week.
//
// Takes complaints with the identifiers that each states for the one accused,
// the texts that he sent, and what people have decided by hand. Gives ties
// between complaints, each with its reason and base rate, and series made of
// them. Never merges: series are computed anew from ties each time, so taking a
// tie away splits them again, and putting it back joins them again.
//
// What joins complaints is one hard identifier, or two independent weak ones. A
// shared script alone never does, nor does an address.
package series

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"suraag/actor"
	"suraag/actor/script"
	"suraag/sighting"
)

// Complaint is what linking needs of one complaint. The complainant's own
// identifiers have no place here.
type Complaint struct {
	ID        string
	At        time.Time
	Accused   []sighting.Identifier // as stated for the one complained of
	Addresses []netip.Addr          // from which he acted
	Texts     []string              // what he wrote
}

// Strength says what a tie may do.
type Strength string

// The strengths.
const (
	Hard Strength = "hard" // joins two complaints
	Weak Strength = "weak" // joins only together with another weak tie of another sort
)

// Sort says what a tie rests on. Ties of one sort are not independent.
type Sort string

// The sorts.
const (
	ByIdentifier Sort = "identifier"
	ByHandle     Sort = "handle long apart" // the same handle, but it may have changed hands
	ByChosen     Sort = "self-chosen id"    // peer ids, MACs, cameras that a person states
	ByAddress    Sort = "address"
	ByScript     Sort = "script"
	ByHand       Sort = "decision"
)

// Tie holds two complaints together. A sorts before B.
type Tie struct {
	A        string   `json:"a"`
	B        string   `json:"b"`
	Sort     Sort     `json:"sort"`
	On       string   `json:"on"` // the identifier, the address, the script's middle, or who decided
	Strength Strength `json:"strength"`
	In       int      `json:"in"` // complaints that have it
	Of       int      `json:"of"` // complaints in all: In/Of is the base rate
	Reason   string   `json:"reason"`
}

// Decision is what a person holds of two complaints, against or beside what the
// program finds. It stands until it is taken back, which leaves things as if it
// had never been.
type Decision struct {
	A, B   string
	Same   bool // true: one series; false: whatever ties these two directly does not count
	By     string
	Reason string
	At     time.Time
}

// Series is complaints held to be of one someone.
type Series struct {
	ID         string   `json:"id"` // follows from the complaint that sorts first
	Complaints []string `json:"complaints"`
	Ties       []Tie    `json:"ties"`
	Contested  []string `json:"contested,omitempty"` // decisions to part that other ties undo
	Sentence   string   `json:"sentence"`
}

// Hub is an identifier that too many share to mean one someone.
type Hub struct {
	On     string `json:"on"`
	In     int    `json:"in"`
	Reason string `json:"reason"`
}

// Result is everything that follows from the complaints.
type Result struct {
	Series  []Series `json:"series"`  // of two complaints and more, the largest first
	Perhaps []Tie    `json:"perhaps"` // ties that joined nothing
	Hubs    []Hub    `json:"hubs"`
}

// Found is the result with the scripts that texts of several complaints follow.
type Found struct {
	Result
	Scripts []script.Cluster `json:"scripts"`
}

const (
	// HandleHolds is for how long one handle is held to be one person's. Services
	// give names free again; the number is a judgement of this project.
	HandleHolds = 90 * 24 * time.Hour
	// NumberHolds is for how long a phone number is held to be one person's from one
	// complaint to the next; complaints in between carry it on.
	NumberHolds = actor.NumberHolds
	// HubOthers is how many different other identifiers of one kind an identifier
	// may stand beside and still mean one someone, if those others mostly stand in
	// one complaint each. A helpline, a shop's till or a cyber café stands beside
	// another man's number in each complaint; a man's own number stands beside his
	// few others again and again, though it stand in fifty complaints. The number
	// is a judgement of this project; what a hub ties is shown and joins nothing.
	HubOthers = 5
	// HubAddress is how many complaints may share an address before it is taken
	// for a shared one and not shown at all.
	HubAddress = 5
)

// Index holds complaints and what was decided. It is not safe for use by several
// goroutines at once.
type Index struct {
	complaints map[string]Complaint
	holders    map[sighting.Identifier]map[string]bool // complaints that state it
	addresses  map[netip.Prefix]map[string]bool
	scripts    *script.Index
	decisions  map[[2]string]Decision
	known      map[sighting.Identifier]string // helplines and other numbers that belong to the public
}

// New gives an empty index. Public names identifiers that are known to belong to
// many, with the reason: helplines, a bank's number, the unit's own.
func New(public map[sighting.Identifier]string) *Index {
	return &Index{
		complaints: map[string]Complaint{}, holders: map[sighting.Identifier]map[string]bool{}, addresses: map[netip.Prefix]map[string]bool{},
		scripts: script.NewIndex(), decisions: map[[2]string]Decision{}, known: public,
	}
}

// Len gives how many complaints are held.
func (x *Index) Len() int { return len(x.complaints) }

// Add takes a complaint in. One with an ID that is held already takes its place,
// with all that followed from it: an identifier that was corrected relinks.
func (x *Index) Add(c Complaint) {
	x.Remove(c.ID)
	x.complaints[c.ID] = c
	for _, id := range c.Accused {
		if joining(id) != never {
			hold(x.holders, id, c.ID)
		}
	}
	for _, a := range c.Addresses {
		if p, fit := block(a); fit {
			hold(x.addresses, p, c.ID)
		}
	}
	for n, words := range c.Texts {
		x.scripts.Add(script.Text{ID: TextID(c.ID, n), Within: c.ID, Words: words})
	}
}

// Remove takes a complaint out, with every tie that it made.
func (x *Index) Remove(id string) {
	c, held := x.complaints[id]
	if !held {
		return
	}
	delete(x.complaints, id)
	for _, i := range c.Accused {
		release(x.holders, i, id)
	}
	for _, a := range c.Addresses {
		if p, fit := block(a); fit {
			release(x.addresses, p, id)
		}
	}
	for n := range c.Texts {
		x.scripts.Remove(TextID(id, n))
	}
}

// Decide records what a person holds of two complaints; TakeBack undoes it.
func (x *Index) Decide(d Decision) {
	d.A, d.B = min(d.A, d.B), max(d.A, d.B)
	x.decisions[[2]string{d.A, d.B}] = d
}

// DecideAnew puts decisions in the place of all that were held before.
func (x *Index) DecideAnew(all []Decision) {
	clear(x.decisions)
	for _, d := range all {
		x.Decide(d)
	}
}

// TakeBack takes a decision back.
func (x *Index) TakeBack(a, b string) { delete(x.decisions, [2]string{min(a, b), max(a, b)}) }

func hold[K comparable](m map[K]map[string]bool, k K, id string) {
	if m[k] == nil {
		m[k] = map[string]bool{}
	}
	m[k][id] = true
}

func release[K comparable](m map[K]map[string]bool, k K, id string) {
	delete(m[k], id)
	if len(m[k]) == 0 {
		delete(m, k)
	}
}

// TextID names the n-th text of a complaint, as Scripts and a tie name it.
func TextID(complaint string, n int) string { return fmt.Sprintf("%s#%d", complaint, n+1) }

func complaintOf(text string) string { return text[:strings.LastIndexByte(text, '#')] }

// Scripts gives the scripts that texts of several complaints follow.
func (x *Index) Scripts() []script.Cluster { return x.scripts.Clusters() }

// block is under what an address is compared: IPv4 whole, IPv6 by /64, which is
// what one customer has at least (RIPE-690). Private and special addresses say
// nothing.
func block(a netip.Addr) (netip.Prefix, bool) {
	a = a.Unmap()
	if !a.IsGlobalUnicast() || a.IsPrivate() {
		return netip.Prefix{}, false
	}
	bits := 32
	if a.Is6() {
		bits = 64
	}
	p, err := a.Prefix(bits)
	return p, err == nil
}

// how an identifier may join.
type how uint8

const (
	never how = iota
	chosen
	handle
	strong
)

func joining(id sighting.Identifier) how {
	if !id.Links() {
		return never
	}
	switch id.Kind {
	case sighting.Handle:
		return handle
	case sighting.Peer, sighting.MAC, sighting.Camera:
		return chosen
	}
	return strong
}

// TiesOf gives every tie of one complaint to another, as things stand.
func (x *Index) TiesOf(id string) []Tie {
	c, held := x.complaints[id]
	if !held {
		return nil
	}
	out := append(x.addressTies(id), x.scriptTies(id)...)
	for _, i := range c.Accused {
		if _, hub := x.hub(i); hub {
			continue
		}
		for other := range x.holders[i] {
			if other != id {
				out = append(out, x.byIdentifier(c, x.complaints[other], i))
			}
		}
	}
	for pair, d := range x.decisions {
		if d.Same && (pair[0] == id || pair[1] == id) && x.both(pair) {
			out = append(out, x.byDecision(pair, d))
		}
	}
	slices.SortFunc(out, orderTie)
	return slices.Compact(out)
}

// addressTies gives the ties of a complaint by address.
func (x *Index) addressTies(id string) []Tie {
	var out []Tie
	for _, a := range x.complaints[id].Addresses {
		p, fit := block(a)
		if !fit || len(x.addresses[p]) > HubAddress {
			continue
		}
		for other := range x.addresses[p] {
			if other != id {
				out = append(out, x.tie(id, other, ByAddress, p.String(), Weak, len(x.addresses[p]),
					fmt.Sprintf("Both state the address %s. Many people may share an address: this alone joins nothing.", p)))
			}
		}
	}
	return out
}

// scriptTies gives the ties of a complaint to those with a text that follows the
// script of one of its own.
func (x *Index) scriptTies(id string) []Tie {
	closest := map[string]script.Match{}
	for n, words := range x.complaints[id].Texts {
		for _, m := range x.scripts.Near(script.Text{ID: TextID(id, n), Within: id, Words: words}) {
			other := complaintOf(m.A)
			if other == id {
				other = complaintOf(m.B)
			}
			if old, known := closest[other]; !known || m.Coverage > old.Coverage {
				closest[other] = m
			}
		}
	}
	if n := len(closest) + 1; n > script.CommonAbove && float64(n) > script.CommonShare*float64(len(x.complaints)) {
		return nil
	}
	var out []Tie
	for other, m := range closest {
		out = append(out, x.tie(id, other, ByScript, "one script", Weak, len(closest)+1,
			fmt.Sprintf("In both, what was written follows one script (%d telling words in the same order, %.0f %% of all). A script is copied: this alone joins nothing.", m.Shared, 100*m.Coverage)))
	}
	return out
}

func (x *Index) byDecision(pair [2]string, d Decision) Tie {
	return x.tie(pair[0], pair[1], ByHand, d.By, Hard, 2, fmt.Sprintf("%s holds them to be one series: %s", d.By, d.Reason))
}

func (x *Index) both(pair [2]string) bool {
	_, a := x.complaints[pair[0]]
	_, b := x.complaints[pair[1]]
	return a && b
}

func (x *Index) tie(a, b string, sort Sort, on string, s Strength, in int, reason string) Tie {
	return Tie{A: min(a, b), B: max(a, b), Sort: sort, On: on, Strength: s, In: in, Of: len(x.complaints), Reason: reason}
}

func (x *Index) byIdentifier(a, b Complaint, i sighting.Identifier) Tie {
	in := len(x.holders[i])
	rate := fmt.Sprintf("it stands in %d of %d complaints", in, len(x.complaints))
	switch joining(i) {
	case handle:
		if x.accountsBeside(i) > 1 {
			return x.tie(a.ID, b.ID, ByHandle, i.String(), Weak, in, fmt.Sprintf("Both name %s, but it stands with more than one account: it has changed hands; %s.", i, rate))
		}
		if apart := a.At.Sub(b.At).Abs(); apart > HandleHolds {
			return x.tie(a.ID, b.ID, ByHandle, i.String(), Weak, in, fmt.Sprintf("Both name %s, but %d days apart; a handle can change hands; %s.", i, int(apart.Hours()/24), rate))
		}
	case chosen:
		return x.tie(a.ID, b.ID, ByChosen, i.String(), Weak, in, fmt.Sprintf("Both state %s, which whoever uses it chooses or may share; %s.", i, rate))
	}
	if apart := a.At.Sub(b.At).Abs(); i.Kind == sighting.Phone && apart > NumberHolds {
		return x.tie(a.ID, b.ID, ByIdentifier, i.String(), Weak, in, fmt.Sprintf("Both name %s for the one accused, but %d days apart; a number can be given out anew; %s.", i, int(apart.Hours()/24), rate))
	}
	return x.tie(a.ID, b.ID, ByIdentifier, i.String(), Hard, in, fmt.Sprintf("Both name %s for the one accused; %s.", i, rate))
}

// accountsBeside counts the accounts of the handle's service that complaints
// state beside it.
func (x *Index) accountsBeside(h sighting.Identifier) int {
	accounts := map[sighting.Identifier]bool{}
	for id := range x.holders[h] {
		for _, i := range x.complaints[id].Accused {
			if i.Kind == sighting.Account && i.Service == h.Service {
				accounts[i] = true
			}
		}
	}
	return len(accounts)
}

// hub tells whether an identifier belongs to many.
func (x *Index) hub(i sighting.Identifier) (Hub, bool) {
	if why, public := x.known[i]; public {
		return Hub{i.String(), len(x.holders[i]), "known to belong to many: " + why}, true
	}
	if len(x.holders[i]) <= HubOthers {
		return Hub{}, false
	}
	beside, stating := map[sighting.IDKind]map[sighting.Identifier]bool{}, map[sighting.IDKind]int{}
	for id := range x.holders[i] {
		kinds := map[sighting.IDKind]bool{}
		for _, o := range x.complaints[id].Accused {
			if o == i || joining(o) != strong {
				continue
			}
			if beside[o.Kind] == nil {
				beside[o.Kind] = map[sighting.Identifier]bool{}
			}
			beside[o.Kind][o] = true
			kinds[o.Kind] = true
		}
		for k := range kinds {
			stating[k]++
		}
	}
	for _, k := range sighting.IDKinds() {
		if n := len(beside[k]); n > HubOthers && 2*n > stating[k] {
			return Hub{i.String(), len(x.holders[i]), fmt.Sprintf("it stands beside %d different identifiers of the kind %q in %d complaints, nearly another one in each: many people may share it", n, k, stating[k])}, true
		}
	}
	return Hub{}, false
}

func orderTie(a, b Tie) int {
	return cmp.Or(strings.Compare(a.A, b.A), strings.Compare(a.B, b.B), strings.Compare(string(a.Sort), string(b.Sort)), strings.Compare(a.On, b.On))
}

func seriesID(first string) string {
	sum := sha256.Sum256([]byte("suraag series 1\n" + first))
	return "series-" + hex.EncodeToString(sum[:8])
}
