// Package script finds texts that follow one script: the same words sent to
// many people with other names, sums and numbers in their places.
//
// Takes texts as sources state them, in Hindi, English, or Hindi in Roman
// letters as people spell it. Gives pairs that follow one script with how much
// they share, clusters, and for each cluster the template with its slots. Never
// says that two senders are one person: scripts are copied, sold and forwarded,
// so whoever uses the result needs a second, independent identifier.
//
// How it works. Each word is brought to a key that stays the same under the
// usual ways of spelling it (see key), so that "mujhe", "muje" and "मुझे" meet.
// Numbers, links, addresses and payment handles become slots. Candidates come
// from min-wise hashing of neighbouring keys (Broder, "On the resemblance and
// containment of documents", 1997) in bands (Indyk and Motwani 1998); each
// candidate is then aligned word for word (longest common subsequence), and only
// the alignment decides. The result of a set of texts does not depend on the
// order in which they came.
package script

import (
	"cmp"
	"fmt"
	"slices"
)

// Text is one message, or several in a row by one sender, as a source states it.
type Text struct {
	ID     string // of the record that states it
	Within string // the complaint or document; texts of one are not compared with each other
	Words  string
}

// The bounds of what is compared. They were set on the made complaints of
// package actor/made and are held by its golden file.
const (
	// MaxWords is how many words of a text are compared; a script is told in its
	// first lines, and the alignment costs the product of the lengths.
	MaxWords = 300
	// MaxNear is how many candidates are aligned for one text, those that share
	// most bands first: a chain letter stands in thousands of complaints.
	MaxNear = 256
	// MinShared is how many telling words two texts must share in the same order.
	// Greetings and everyday sentences are shorter.
	MinShared = 8
	// MinCoverage is the share of the telling words of both texts that the
	// alignment must cover (Dice): below it two texts only speak of like things.
	MinCoverage = 0.55
)

// Match is a pair of texts that follow one script.
type Match struct {
	A        string  `json:"a"` // ID of a text; A sorts before B
	B        string  `json:"b"`
	Shared   int     `json:"shared"`   // telling words in the same order
	Coverage float64 `json:"coverage"` // 2·shared / telling words of both, 0 to 1
}

// Sentence says the pair in words.
func (m Match) Sentence() string {
	return fmt.Sprintf("Both texts use %d telling words in the same order, %.0f %% of all their telling words. A script is copied and forwarded: this alone does not make one sender of two.", m.Shared, 100*m.Coverage)
}

// Index holds texts and finds those that follow the script of another. It is
// not safe for use by several goroutines at once.
type Index struct {
	texts  []prepared
	number map[string]int32 // ID → place in texts
	bands  bands
}

type prepared struct {
	Text
	words []word
	told  int  // telling words
	gone  bool // removed
}

// NewIndex gives an empty index.
func NewIndex() *Index { return &Index{number: map[string]int32{}} }

// Len gives how many texts are held.
func (x *Index) Len() int { return len(x.number) }

// Add takes a text in. One that is too short to tell a script is kept, and
// matches nothing. A text with an ID that is held already takes the place of the
// old.
func (x *Index) Add(t Text) {
	x.Remove(t.ID)
	p := prepare(t)
	n := int32(len(x.texts))
	x.texts = append(x.texts, p)
	x.number[t.ID] = n
	if p.told >= MinShared {
		x.bands.add(n, sketch(p.words))
	}
}

// Remove takes a text out, and with it every match that it made.
func (x *Index) Remove(id string) {
	if n, held := x.number[id]; held {
		x.texts[n].gone = true
		x.texts[n].words, x.texts[n].Words = nil, ""
		delete(x.number, id)
	}
}

// Near gives the held texts of other complaints that follow the script of t,
// the closest first, without taking t in; of a script in more than MaxNear texts,
// those that share most with t.
func (x *Index) Near(t Text) []Match { return x.near(prepare(t)) }

func (x *Index) near(p prepared) []Match {
	if p.told < MinShared {
		return nil
	}
	var out []Match
	candidates := x.bands.candidates(sketch(p.words))
	candidates = slices.DeleteFunc(candidates, func(c candidate) bool {
		o := &x.texts[c.text]
		return o.gone || o.ID == p.ID || o.Within == p.Within
	})
	slices.SortFunc(candidates, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(b.bands, a.bands), cmp.Compare(x.texts[a.text].ID, x.texts[b.text].ID))
	})
	for _, c := range candidates[:min(len(candidates), MaxNear)] {
		if m, follows := compare(p, x.texts[c.text]); follows {
			out = append(out, m)
		}
	}
	slices.SortFunc(out, orderMatch)
	return out
}

func orderMatch(a, b Match) int {
	return cmp.Or(cmp.Compare(b.Coverage, a.Coverage), cmp.Compare(a.A, b.A), cmp.Compare(a.B, b.B))
}

// Compare tells whether two texts follow one script, and how closely.
func Compare(a, b Text) (Match, bool) { return compare(prepare(a), prepare(b)) }

func compare(a, b prepared) (Match, bool) {
	m := Match{A: min(a.ID, b.ID), B: max(a.ID, b.ID)}
	if a.told == 0 || b.told == 0 {
		return m, false
	}
	m.Shared = sharedWords(a.words, b.words)
	m.Coverage = 2 * float64(m.Shared) / float64(a.told+b.told)
	return m, m.Shared >= MinShared && m.Coverage >= MinCoverage
}

func prepare(t Text) prepared {
	p := prepared{Text: t, words: split(t.Words)}
	for _, w := range p.words {
		if w.telling() {
			p.told++
		}
	}
	return p
}
