package series

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"suraag/sighting"
)

// Result joins all complaints over their ties. Of the ties that one identifier
// makes, each complaint is shown tied to the next in time: a number in fifty
// complaints has 1,225 pairs that say the same. TiesOf gives all of one complaint.
func (x *Index) Result() Result {
	j := joined{number: map[string]int{}}
	for _, id := range slices.Sorted(maps.Keys(x.complaints)) {
		j.number[id] = len(j.ids)
		j.ids = append(j.ids, id)
	}
	j.parent = make([]int, len(j.ids))
	for n := range j.parent {
		j.parent[n] = n
	}
	pairs := map[[2]string][]Tie{}
	put := func(t Tie) {
		k := [2]string{t.A, t.B}
		pairs[k] = append(pairs[k], t)
	}
	x.identifierTies(put)
	x.otherTies(put)
	x.scriptsOf(pairs)
	var used, perhaps []Tie
	for pair, ties := range pairs {
		slices.SortFunc(ties, orderTie)
		if x.parted(pair) || !joins(ties) {
			perhaps = append(perhaps, ties...)
			continue
		}
		used = append(used, ties...)
		j.unite(pair[0], pair[1])
	}
	return x.result(&j, used, perhaps)
}

// joins tells whether the ties of a pair make one series: a hard one, or a
// script together with something independent of it. Two weak ties without the
// script do not: a handle and an address both come with a shared device.
func joins(ties []Tie) bool {
	script, beside := false, false
	for _, t := range ties {
		if t.Strength == Hard {
			return true
		}
		script = script || t.Sort == ByScript
		beside = beside || t.Sort != ByScript
	}
	return script && beside
}

func (x *Index) parted(pair [2]string) bool {
	d, decided := x.decisions[pair]
	return decided && !d.Same
}

// identifierTies ties the complaints that state one identifier, each to the next
// in time. Where a person has parted two neighbours, each is still tied to the
// next beyond: a third complaint with the same identifier speaks against the
// decision, and the result says so.
func (x *Index) identifierTies(put func(Tie)) {
	for i, holders := range x.holders {
		if len(holders) < 2 {
			continue
		}
		if _, hub := x.hub(i); hub {
			continue
		}
		in := slices.SortedFunc(maps.Keys(holders), func(a, b string) int {
			return cmp.Or(x.complaints[a].At.Compare(x.complaints[b].At), strings.Compare(a, b))
		})
		for n := range in[1:] {
			a, b := x.complaints[in[n]], x.complaints[in[n+1]]
			put(x.byIdentifier(a, b, i))
			if x.parted([2]string{min(a.ID, b.ID), max(a.ID, b.ID)}) {
				if n > 0 {
					put(x.byIdentifier(x.complaints[in[n-1]], b, i))
				}
				if n+2 < len(in) {
					put(x.byIdentifier(a, x.complaints[in[n+2]], i))
				}
			}
		}
	}
}

// otherTies gives the ties by address and by decision.
func (x *Index) otherTies(put func(Tie)) {
	seen := map[Tie]bool{}
	for id := range x.complaints {
		for _, t := range x.addressTies(id) {
			if !seen[t] {
				seen[t] = true
				put(t)
			}
		}
	}
	for pair, d := range x.decisions {
		if d.Same && x.both(pair) {
			put(x.byDecision(pair, d))
		}
	}
}

// scriptsOf adds the tie by script to those pairs that have another weak tie: to
// all others a script adds nothing, and its pairs are many. Scripts tells of all.
func (x *Index) scriptsOf(pairs map[[2]string][]Tie) {
	for pair, ties := range pairs {
		if joins(ties) {
			continue
		}
		for _, t := range x.scriptTies(pair[0]) {
			if t.B == pair[1] || t.A == pair[1] {
				pairs[pair] = append(ties, t)
				break
			}
		}
	}
}

type joined struct {
	number map[string]int
	ids    []string
	parent []int
}

// root finds who stands for the union of n, and shortens the way for the next.
func (j *joined) root(n int) int {
	for j.parent[n] != n {
		j.parent[n] = j.parent[j.parent[n]]
		n = j.parent[n]
	}
	return n
}

func (j *joined) unite(a, b string) { j.parent[j.root(j.number[a])] = j.root(j.number[b]) }

func (x *Index) result(j *joined, used, perhaps []Tie) Result {
	members := map[int][]string{}
	for n, id := range j.ids { // in order of ID
		members[j.root(n)] = append(members[j.root(n)], id)
	}
	out := Result{Series: []Series{}, Perhaps: []Tie{}, Hubs: []Hub{}}
	at := map[int]int{}
	for root, ids := range members {
		if len(ids) > 1 {
			at[root] = len(out.Series)
			out.Series = append(out.Series, Series{ID: seriesID(ids[0]), Complaints: ids})
		}
	}
	for _, t := range used {
		s := &out.Series[at[j.root(j.number[t.A])]]
		s.Ties = append(s.Ties, t)
	}
	for _, t := range perhaps {
		if j.root(j.number[t.A]) != j.root(j.number[t.B]) {
			out.Perhaps = append(out.Perhaps, t)
			continue
		}
		if s := &out.Series[at[j.root(j.number[t.A])]]; !x.parted([2]string{t.A, t.B}) {
			s.Ties = append(s.Ties, t)
		}
	}
	for pair, d := range x.decisions { // also of two that nothing ties to each other directly
		if d.Same || !x.both(pair) || j.root(j.number[pair[0]]) != j.root(j.number[pair[1]]) {
			continue
		}
		s := &out.Series[at[j.root(j.number[pair[0]])]]
		s.Contested = append(s.Contested, fmt.Sprintf("%s held %s and %s apart, but other ties join them.", d.By, d.A, d.B))
	}
	for n := range out.Series {
		s := &out.Series[n]
		slices.SortFunc(s.Ties, orderTie)
		slices.Sort(s.Contested)
		s.Contested = slices.Compact(s.Contested)
		s.Sentence = sentence(s)
	}
	slices.SortFunc(out.Series, func(a, b Series) int {
		return cmp.Or(cmp.Compare(len(b.Complaints), len(a.Complaints)), strings.Compare(a.Complaints[0], b.Complaints[0]))
	})
	slices.SortFunc(out.Perhaps, orderTie)
	for i := range x.holders {
		if h, hub := x.hub(i); hub {
			out.Hubs = append(out.Hubs, h)
		}
	}
	slices.SortFunc(out.Hubs, func(a, b Hub) int { return strings.Compare(a.On, b.On) })
	return out
}

// sentence says what holds a series together.
func sentence(s *Series) string {
	on := map[string]bool{}
	for _, t := range s.Ties {
		if t.Strength == Hard {
			on[t.On] = true
		}
	}
	names := slices.Sorted(maps.Keys(on))
	words := fmt.Sprintf("%d complaints are held to be of one someone", len(s.Complaints))
	switch {
	case len(names) == 0:
		return words + ": a script and something independent of it tie them. A person has to look."
	case len(names) > 3:
		return fmt.Sprintf("%s: %s and %d more tie them.", words, strings.Join(names[:3], ", "), len(names)-3)
	}
	return words + ": " + strings.Join(names, ", ") + " tie them."
}

// Identifiers gives what the complaints of a series state for the one accused.
func (x *Index) Identifiers(s Series) []sighting.Identifier {
	all := map[sighting.Identifier]bool{}
	for _, id := range s.Complaints {
		for _, i := range x.complaints[id].Accused {
			all[i] = true
		}
	}
	return slices.SortedFunc(maps.Keys(all), func(a, b sighting.Identifier) int { return strings.Compare(a.String(), b.String()) })
}
