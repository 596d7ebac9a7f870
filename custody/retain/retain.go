// Package retain holds for how long a unit keeps what.
//
// Takes a table of rules, each with its number of days and where the number comes
// from, and the day. Gives what is due to go. Never deletes anything.
package retain

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	_ "embed"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"suraag/fault"
)

// Kind is a kind of record that a rule speaks of.
type Kind string

// The kinds of record that have a rule.
const (
	Session Kind = "session"        // sign-ins, tokens and invitations that have ended
	Draft   Kind = "draft"          // complaints that were begun and never handed in
	Victim  Kind = "victim"         // who the victim of a complaint is that has ended
	Listing Kind = "listing source" // documents that say of addresses only that someone listed them (grade G0)
	Source  Kind = "idle source"    // documents that belong to no case, lead or request
	List    Kind = "retracted list" // lists that their giver took back
	Vault   Kind = "vault item"     // content that is held because law requires it
)

// Kinds lists every kind, in the order in which a run takes them. What is a
// listing source goes by that rule and not as an idle source.
func Kinds() []Kind { return []Kind{Session, Draft, Victim, Listing, Source, List, Vault} }

// Original tells whether an original, or content, goes with what is of this kind:
// then one person proposes, and another erases.
func (k Kind) Original() bool { return k == Listing || k == Source || k == List || k == Vault }

// Rule says for how long what is of one kind is kept.
type Rule struct {
	Kind   Kind   `json:"kind"`
	Days   int    `json:"days"`   // after which it goes; 0: never
	From   string `json:"from"`   // from when the days count, in words
	Basis  string `json:"basis"`  // law, standard or decision that gives the number
	Source string `json:"source"` // where that can be read
	AsOf   string `json:"as_of"`  // day on which the rule was last looked at
}

//go:embed shipped.csv
var shipped []byte

// Shipped gives the rules of this program. A unit puts its own in their place.
func Shipped() ([]Rule, error) { return Read(bytes.NewReader(shipped)) }

// ShippedText gives the same as the file that a unit may copy and change.
func ShippedText() []byte { return bytes.Clone(shipped) }

const (
	maxFile = 1 << 20
	maxDays = 36_500
)

// Read reads rules from CSV with the columns kind, days, from, basis, source and
// as_of. Days are a whole number, or "never". A kind without a rule is never due;
// one that stands twice, or that is not known, is an error, since what a person
// meant to keep must not go by a slip.
func Read(r io.Reader) ([]Rule, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return nil, fault.As(fault.Unavailable, err)
	}
	if len(b) > maxFile {
		return nil, fault.Newf(fault.TooLarge, "rules of more than %d bytes", maxFile)
	}
	c := csv.NewReader(bytes.NewReader(b))
	c.FieldsPerRecord, c.Comment = 6, '#'
	var out []Rule
	for {
		row, err := c.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fault.Newf(fault.Invalid, "rules of retention: %w", err)
		}
		line, _ := c.FieldPos(0)
		if row[0] == "kind" && len(out) == 0 {
			continue
		}
		rule, err := parse(row)
		if err == nil && slices.ContainsFunc(out, func(o Rule) bool { return o.Kind == rule.Kind }) {
			err = fault.Newf(fault.Invalid, "kind %q has two rules", rule.Kind)
		}
		if err != nil {
			return nil, fault.Wrapf(err, "rules of retention, line %d", line)
		}
		out = append(out, rule)
	}
	return out, nil
}

func parse(row []string) (Rule, error) {
	for n := range row {
		row[n] = strings.TrimSpace(row[n])
	}
	r := Rule{Kind: Kind(row[0]), From: row[2], Basis: row[3], Source: row[4], AsOf: row[5]}
	if !slices.Contains(Kinds(), r.Kind) {
		return r, fault.WithHint(fault.Newf(fault.Invalid, "kind %q is not known", row[0]), fmt.Sprintf("the kinds are %q", Kinds()))
	}
	if row[1] != "never" {
		days, err := strconv.Atoi(row[1])
		if err != nil || days < 1 || days > maxDays {
			return r, fault.WithHint(fault.Newf(fault.Invalid, "%q of %q is no number of days between 1 and %d", row[1], r.Kind, maxDays), `write "never" for what is to stay`)
		}
		r.Days = days
	}
	if r.Basis == "" {
		return r, fault.Newf(fault.Invalid, "the rule of %q does not say where its number comes from", r.Kind)
	}
	if _, err := time.Parse(time.DateOnly, r.AsOf); err != nil {
		return r, fault.Newf(fault.Invalid, "the rule of %q has the day %q, not one like 2025-03-01", r.Kind, r.AsOf)
	}
	return r, nil
}

// Item is something that is due to go.
type Item struct {
	Kind  Kind      `json:"kind"`
	ID    string    `json:"id"`
	Since time.Time `json:"since"` // from when its days count
	Until time.Time `json:"until"` // when they were over
	Why   string    `json:"why"`
}

// Due tells whether something of the rule's kind has been kept for long enough.
func (r Rule) Due(id string, since, now time.Time) (Item, bool) {
	until := since.AddDate(0, 0, r.Days)
	if r.Days == 0 || since.IsZero() || now.Before(until) {
		return Item{}, false
	}
	why := fmt.Sprintf("%d days after %s (%s)", r.Days, r.From, r.Basis)
	return Item{Kind: r.Kind, ID: id, Since: since, Until: until, Why: why}, true
}

// Plan names a set of items, for a second person to say yes to exactly these: the
// first 16 hex digits of SHA-256 over a line "kind ID" each, in order.
func Plan(items []Item) string {
	var lines []string
	for _, i := range items {
		lines = append(lines, string(i.Kind)+" "+i.ID+"\n")
	}
	slices.Sort(lines)
	sum := sha256.Sum256([]byte(strings.Join(lines, "")))
	return hex.EncodeToString(sum[:8])
}

// Sort puts items in the order in which a run takes them.
func Sort(items []Item) {
	slices.SortFunc(items, func(a, b Item) int {
		return cmp.Or(cmp.Compare(slices.Index(Kinds(), a.Kind), slices.Index(Kinds(), b.Kind)), a.Since.Compare(b.Since), cmp.Compare(a.ID, b.ID))
	})
}

// Second refuses a second pair of eyes that is the first.
func (p Proposal) Second(by string) error {
	if strings.TrimSpace(by) == "" || strings.EqualFold(strings.TrimSpace(by), strings.TrimSpace(p.By)) {
		err := fault.Newf(fault.Denied, "%q proposed erasure %s, so another person has to do it", p.By, p.ID)
		return fault.WithHint(err, "ask a colleague who may do it")
	}
	return nil
}

// Proposal is what somebody wants to have erased, for another person to do.
type Proposal struct {
	ID        string    `json:"id"`
	By        string    `json:"by"`
	At        time.Time `json:"at"`
	Authority string    `json:"authority"`
	Items     []Item    `json:"items"`
}
