package script

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

// Cluster is texts that follow one script.
type Cluster struct {
	ID       string   `json:"id"`     // follows from the text that stands in the middle
	Middle   string   `json:"middle"` // ID of the text to which all others are nearest
	Template []Piece  `json:"template"`
	Members  []Member `json:"members"` // the middle first, then the nearest
	Within   int      `json:"within"`  // complaints or documents in which members stand
	Common   bool     `json:"common"`  // so widespread that it says little; see CommonAbove
	Sentence string   `json:"sentence"`
}

// Member is a text of a cluster and how closely it follows the middle.
type Member struct {
	ID       string  `json:"id"`
	Within   string  `json:"within"`
	Shared   int     `json:"shared"`
	Coverage float64 `json:"coverage"`
}

// Piece is a run of a template: words that nearly all members share, or a slot
// with what the members put there.
type Piece struct {
	Words  string   `json:"words,omitempty"`
	Slot   Slot     `json:"slot,omitempty"`
	Values []Filled `json:"values,omitempty"`
}

// Filled is one thing that members put into a slot.
type Filled struct {
	Words string   `json:"words"` // empty: left out
	Texts []string `json:"texts"` // IDs
}

const (
	// CommonAbove and CommonShare say when a script is common: it stands in more
	// complaints than this, and in more than this share of all. Then it is a chain
	// letter, an advertisement or a phrase of the day, and weighs little
	// (DFIR-Companion issue 715: sceptical weights for what many have).
	CommonAbove = 50
	CommonShare = 0.05
	// shownValues bounds what a template shows of each slot.
	shownValues = 20
	// keeps is the share of members in which a word must stand to be of the template.
	keeps = 0.6
)

// Clusters gives the scripts that stand in at least two complaints, the one in
// most complaints first. Members of a cluster are tied to its middle: a chain of
// texts, each like the next and the ends unlike, falls apart. The result hangs on
// the texts alone, not on the order in which they came.
func (x *Index) Clusters() []Cluster {
	near := x.neighbours()
	complaints := map[string]bool{}
	var order []int32
	for n := range x.texts {
		if !x.texts[n].gone {
			complaints[x.texts[n].Within] = true
			if len(near[int32(n)]) > 0 {
				order = append(order, int32(n))
			}
		}
	}
	// Texts with most neighbours are taken for middles first; among equals the
	// one that is closest to them, then the smaller ID.
	closeness := func(n int32) (sum float64) {
		for _, e := range near[n] {
			sum += e.match.Coverage
		}
		return sum
	}
	slices.SortFunc(order, func(a, b int32) int {
		return cmp.Or(cmp.Compare(len(near[b]), len(near[a])), cmp.Compare(closeness(b), closeness(a)), cmp.Compare(x.texts[a].ID, x.texts[b].ID))
	})
	// A text that follows no middle so far, and that none follows, is the next one.
	var middles []int32
	is, best := map[int32]bool{}, map[int32]edge{} // best: text → its closest middle
	closer := func(n, middle int32, m Match) {
		if old, has := best[n]; !has || orderMatch(m, old.match) < 0 {
			best[n] = edge{middle, m}
		}
	}
	for _, n := range order {
		follows := false
		for _, e := range near[n] {
			if is[e.to] {
				follows = true
				closer(n, e.to, e.match)
			}
		}
		if _, has := best[n]; has || follows {
			continue
		}
		is[n] = true
		middles = append(middles, n)
		for _, e := range near[n] {
			closer(e.to, n, e.match)
		}
	}
	followers := map[int32][]edge{}
	for n, e := range best {
		if !is[n] {
			followers[e.to] = append(followers[e.to], edge{n, e.match})
		}
	}
	out := []Cluster{}
	for _, n := range middles {
		if c, more := x.cluster(n, followers[n], len(complaints)); more {
			out = append(out, c)
		}
	}
	slices.SortFunc(out, func(a, b Cluster) int {
		return cmp.Or(cmp.Compare(b.Within, a.Within), cmp.Compare(len(b.Members), len(a.Members)), cmp.Compare(a.Middle, b.Middle))
	})
	return out
}

type edge struct {
	to    int32
	match Match
}

// neighbours gives for each text those that follow the same script, the closest
// first.
func (x *Index) neighbours() map[int32][]edge {
	near := map[int32][]edge{}
	for n := range x.texts {
		if x.texts[n].gone {
			continue
		}
		for _, m := range x.near(x.texts[n]) {
			other := m.A
			if other == x.texts[n].ID {
				other = m.B
			}
			near[int32(n)] = append(near[int32(n)], edge{x.number[other], m})
		}
	}
	return near
}

func (x *Index) cluster(middle int32, followers []edge, complaints int) (Cluster, bool) {
	m := &x.texts[middle]
	slices.SortFunc(followers, func(a, b edge) int { return orderMatch(a.match, b.match) })
	c := Cluster{Middle: m.ID, Members: []Member{{m.ID, m.Within, m.told, 1}}}
	within := map[string]bool{m.Within: true}
	for _, f := range followers {
		t := &x.texts[f.to]
		within[t.Within] = true
		c.Members = append(c.Members, Member{t.ID, t.Within, f.match.Shared, f.match.Coverage})
	}
	c.Within = len(within)
	if c.Within < 2 {
		return c, false
	}
	sum := sha256.Sum256([]byte("suraag script 1\n" + m.ID))
	c.ID = "script-" + hex.EncodeToString(sum[:8])
	c.Common = c.Within > CommonAbove && float64(c.Within) > CommonShare*float64(complaints)
	c.Template = x.template(m, followers)
	c.Sentence = fmt.Sprintf("%d texts of %d complaints (of %d in all) follow one script.", len(c.Members), c.Within, complaints)
	if c.Common {
		c.Sentence += " It is so widespread that it says little about who sent it."
	} else {
		c.Sentence += " A script is copied and forwarded: only a second, independent identifier makes one sender of two."
	}
	return c, true
}

// template aligns each follower with the middle, keeps the words that most have,
// and gathers what stands between them.
func (x *Index) template(m *prepared, followers []edge) []Piece {
	all := []*prepared{m}
	for _, f := range followers {
		all = append(all, &x.texts[f.to])
	}
	partners := make([][]int, len(all))
	count := make([]int, len(m.words))
	for t, p := range all {
		partners[t] = align(m.words, p.words)
		for i, j := range partners[t] {
			if j >= 0 {
				count[i]++
			}
		}
	}
	kept := func(i int) bool {
		return m.words[i].slot == None && float64(count[i]) >= keeps*float64(len(all))
	}
	var out []Piece
	var run []string
	flush := func() {
		if len(run) > 0 {
			out = append(out, Piece{Words: strings.Join(run, " ")})
			run = nil
		}
	}
	// gap gathers what each text has between two kept words of the middle.
	gap := func(from, to int) {
		values := map[string][]string{}
		kinds := map[Slot]int{}
		any := false
		for t, p := range all {
			a, b := -1, len(p.words)
			for i := from - 1; i >= 0; i-- {
				if kept(i) && partners[t][i] >= 0 {
					a = partners[t][i]
					break
				}
			}
			for i := to; i < len(m.words); i++ {
				if kept(i) && partners[t][i] >= 0 {
					b = partners[t][i]
					break
				}
			}
			var words []string
			for j := a + 1; j < b; j++ {
				words = append(words, p.words[j].written)
				if p.words[j].slot != None {
					kinds[p.words[j].slot]++
				} else {
					kinds[Words]++
				}
			}
			any = any || len(words) > 0
			said := strings.Join(words, " ")
			values[said] = append(values[said], p.ID)
		}
		if !any {
			return
		}
		flush()
		out = append(out, Piece{Slot: mostly(kinds), Values: filled(values)})
	}
	from := 0
	for i := 0; i <= len(m.words); i++ {
		if i < len(m.words) && !kept(i) {
			continue
		}
		gap(from, i)
		if i < len(m.words) {
			run = append(run, m.words[i].written)
		}
		from = i + 1
	}
	flush()
	return out
}

func mostly(kinds map[Slot]int) Slot {
	best := Words
	for _, k := range []Slot{Words, Number, Link, Address, Payment, Handle} {
		if kinds[k] > kinds[best] {
			best = k
		}
	}
	return best
}

// filled sorts what was put into a slot, the most frequent first.
func filled(values map[string][]string) []Filled {
	var out []Filled
	for words, texts := range values {
		slices.Sort(texts)
		out = append(out, Filled{words, texts})
	}
	slices.SortFunc(out, func(a, b Filled) int {
		return cmp.Or(cmp.Compare(len(b.Texts), len(a.Texts)), cmp.Compare(a.Words, b.Words))
	})
	return out[:min(len(out), shownValues)]
}
