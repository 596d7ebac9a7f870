package export

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"suraag/casework"
	"suraag/custody"
	"suraag/fault"
	"suraag/sighting"
)

// Material is what a bundle is made of.
type Material struct {
	About   About
	AsOf    time.Time
	MadeBy  string
	Program Program
	Zone    string
	Leads   []casework.Lead  // about which the bundle is; may be none
	Traces  []casework.Trace // of what it is about
	Sources []string         // that belong to it, whether or not a statement rests on them
	Enclose Enclose
}

// Enclose says which originals a bundle holds.
type Enclose string

// The choices. A list of known hashes and data about addresses are often held
// under terms that forbid handing them on, so Documents leaves them out.
const (
	Documents Enclose = "documents" // what was handed in to be read
	All       Enclose = "all"
	None      Enclose = "none" // hashes and byte ranges only
)

// Library is what a dossier needs of the record and the originals.
type Library interface {
	Source(ctx context.Context, id string) (custody.Source, error)
	Sources(ctx context.Context) ([]custody.Source, error)
	HandIns(ctx context.Context, id string) ([]custody.HandIn, error)
	Problems(ctx context.Context, source string, from int64, limit int) ([]sighting.Problem, error)
	// Bytes gives the bytes at a place of a sealed original, at most limit.
	Bytes(ctx context.Context, source string, at sighting.Place, limit int64) (text []byte, cut bool, err error)
}

// The bounds of one dossier. What lies beyond is counted and said.
const (
	maxQuotes   = 5_000
	maxQuoted   = 1 << 20 // bytes of a place that are hashed
	maxText     = 4 << 10 // bytes of a place that are written out
	maxProblems = 1_000   // of one source that are listed
	mostCounted = 100_000 // of one source that are counted
)

// Compose makes the dossier. A place that its original does not give is an
// error: no statement leaves that cannot be walked back.
func Compose(ctx context.Context, m Material, lib Library) (*Dossier, error) {
	d := &Dossier{
		Format: Format, Setting: Setting, About: m.About, AsOf: m.AsOf.UTC().Truncate(time.Second), MadeBy: m.MadeBy, Program: m.Program, Zone: m.Zone,
		Statements: []Statement{}, Sources: []Source{}, Unused: []Unused{}, Quotes: []Quote{}, Records: []sighting.Sighting{},
	}
	c := &composing{ctx: ctx, lib: lib, dossier: d, enclose: m.Enclose, numbers: map[string]int{}, quoted: map[string]int{}, said: map[string]bool{}}
	c.statements(m)
	if err := c.refs(); err != nil {
		return nil, err
	}
	for _, id := range m.Sources {
		c.number(id)
	}
	if err := c.sources(); err != nil {
		return nil, err
	}
	c.against()
	c.notKnown(m)
	return d, nil
}

// composing is one dossier on its way.
type composing struct {
	ctx     context.Context
	lib     Library
	dossier *Dossier
	enclose Enclose
	numbers map[string]int  // source → number
	quoted  map[string]int  // source and place → number
	said    map[string]bool // statements, so that two traces say a thing once
	dropped int             // places beyond maxQuotes
}

// refs numbers the sources in the order in which statements name them, and
// quotes the places.
func (c *composing) refs() error {
	for n := range c.dossier.Statements {
		s := &c.dossier.Statements[n]
		for k := range s.RestsOn {
			r := &s.RestsOn[k]
			c.number(r.Source)
			if r.Place.End == 0 {
				continue // the original as a whole
			}
			key := r.Source + " " + r.Place.String()
			if no, done := c.quoted[key]; done {
				r.Quote = no
				continue
			}
			if len(c.dossier.Quotes) == maxQuotes {
				c.dropped++
				continue
			}
			q, err := c.quote(r.Source, r.Place)
			if err != nil {
				return err
			}
			c.quoted[key], r.Quote = q.No, q.No
			c.dossier.Quotes = append(c.dossier.Quotes, q)
		}
		for _, data := range s.Data {
			c.number(data.SHA256)
		}
	}
	return nil
}

func (c *composing) number(source string) {
	if c.numbers[source] == 0 {
		c.numbers[source] = len(c.numbers) + 1
	}
}

func (c *composing) quote(source string, at sighting.Place) (Quote, error) {
	text, cut, err := c.lib.Bytes(c.ctx, source, at, maxQuoted)
	if err != nil {
		return Quote{}, fault.WithHint(fault.Wrapf(err, "place %s of source %s", at, source), "a statement whose place cannot be shown is not exported; run suraag verify")
	}
	sum := sha256.Sum256(text)
	q := Quote{No: len(c.dossier.Quotes) + 1, Source: source, Place: at, Bytes: int64(len(text)), SHA256: hex.EncodeToString(sum[:]), Cut: cut}
	q.Text, q.Raw = shown(text)
	return q, nil
}

// shown gives the first bytes of a place as text where they are text.
func shown(b []byte) (text string, raw []byte) {
	if len(b) > maxText {
		b = b[:maxText]
		for n := 1; n < utf8.UTFMax && len(b) > n; n++ { // not inside a letter
			if utf8.RuneStart(b[len(b)-n]) {
				if !utf8.FullRune(b[len(b)-n:]) {
					b = b[:len(b)-n]
				}
				break
			}
		}
	}
	if utf8.Valid(b) {
		return string(b), nil
	}
	return "", b
}

// sources describes every original on which a statement rests, and names what
// else was brought under the same authorities.
func (c *composing) sources() error {
	d := c.dossier
	d.Sources = make([]Source, len(c.numbers))
	authorities := map[string]bool{}
	for id, no := range c.numbers {
		s, err := c.source(id, no)
		if err != nil {
			return err
		}
		d.Sources[no-1] = s
		if s.Purpose == custody.ForIntake {
			for _, h := range s.HandIns {
				authorities[h.Authority] = true
			}
		}
	}
	all, err := c.lib.Sources(c.ctx)
	if err != nil {
		return err
	}
	for _, s := range all {
		if c.numbers[s.ID] == 0 && s.Purpose == custody.ForIntake && authorities[s.Authority] {
			d.Unused = append(d.Unused, Unused{ID: s.ID, Name: s.Name, Size: s.Size, State: s.State, Problem: s.Problem})
		}
	}
	slices.SortFunc(d.Unused, func(a, b Unused) int { return strings.Compare(a.ID, b.ID) })
	return nil
}

func (c *composing) source(id string, no int) (Source, error) {
	s, err := c.lib.Source(c.ctx, id)
	if err != nil {
		return Source{}, fault.Wrapf(err, "source %s, on which a statement rests", id)
	}
	out := Source{No: no, ID: id, Name: s.Name, Size: s.Size, Purpose: s.Purpose, SealedAt: s.SealedAt.UTC(), Options: s.Options, State: s.State, Problem: s.Problem, Enclosed: Whole}
	if out.HandIns, err = c.lib.HandIns(c.ctx, id); err != nil {
		return Source{}, err
	}
	for n := range out.HandIns {
		out.HandIns[n].At = out.HandIns[n].At.UTC()
	}
	problems, err := c.lib.Problems(c.ctx, id, 0, mostCounted)
	if err != nil {
		return Source{}, err
	}
	for n, p := range problems {
		if n == maxProblems {
			out.More = len(problems) - n
			break
		}
		out.Problems = append(out.Problems, Problem{p.Kind, p.Place, p.Reason})
	}
	switch {
	case c.enclose == None:
		out.Enclosed, out.Why = HashOnly, "the unit chose to hand out hashes and byte ranges only"
	case c.enclose != All && s.Purpose != custody.ForIntake:
		out.Enclosed, out.Why = HashOnly, fmt.Sprintf("it was handed in as %s, which is often held under terms that forbid handing it on", purposeWords(s.Purpose))
	}
	return out, nil
}

func purposeWords(purpose string) string {
	switch purpose {
	case custody.ForHashSet:
		return "a list of known hashes"
	case custody.ForNetwork:
		return "data about addresses"
	}
	return purpose
}

// notKnown says what the record does not tell, so that silence is no answer.
func (c *composing) notKnown(m Material) {
	seen := map[string]bool{}
	say := func(words string) {
		if !seen[words] {
			seen[words] = true
			c.dossier.NotKnown = append(c.dossier.NotKnown, words)
		}
	}
	for _, t := range m.Traces {
		for _, n := range t.NotKnown {
			say(n)
		}
	}
	say("Who used a device, an account or a connection at any moment: the record knows identifiers and subscribers of connections, not hands.")
	say("What sources outside this record hold: nothing was looked for beyond the documents that were handed in.")
	if c.dropped > 0 {
		say(fmt.Sprintf("%d further places are named and not quoted; the originals hold them.", c.dropped))
	}
}
