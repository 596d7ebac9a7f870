package digest

import "slices"

// Conflict says that one weak digest was stated for contents that a stronger
// digest proves to be different. MD5 and SHA-1 collisions are made on purpose,
// to poison lists; so such a digest binds nothing.
type Conflict struct {
	Shared   Digest   // the value they agree on
	Stronger []Digest // the values in which they differ, sorted
}

// Unite groups records that are the same content. Each record is the set of
// digests that one statement gave for one file. Records that share an exact
// digest are one content, unless that would put two different values of one
// stronger kind into the group; then the weaker digest binds none of them, and
// the conflict is reported.
//
// The result does not depend on the order of the records: groups[i] is the
// lowest index of a record in the same group.
func Unite(records [][]Digest) (groups []int, conflicts []Conflict) {
	broken := map[Digest]bool{}
	for {
		groups = join(records, broken)
		found := clashes(records, groups, broken)
		if len(found) == 0 {
			break
		}
		for _, c := range found {
			broken[c.Shared] = true
		}
		conflicts = append(conflicts, found...)
	}
	slices.SortFunc(conflicts, func(a, b Conflict) int { return a.Shared.Compare(b.Shared) })
	return groups, conflicts
}

// join is union-find over the exact digests that still bind.
func join(records [][]Digest, broken map[Digest]bool) []int {
	parent := make([]int, len(records))
	for i := range parent {
		parent[i] = i
	}
	root := func(i int) int {
		for parent[i] != i {
			parent[i] = parent[parent[i]]
			i = parent[i]
		}
		return i
	}
	first := map[Digest]int{}
	for i, set := range records {
		for _, d := range set {
			if !d.kind.Exact() || broken[d] {
				continue
			}
			j, seen := first[d]
			if !seen {
				first[d] = i
				continue
			}
			a, b := root(i), root(j)
			parent[max(a, b)] = min(a, b)
		}
	}
	for i := range parent {
		parent[i] = root(i)
	}
	return parent
}

// clashes finds, in every group that holds two values of one kind, the digests
// of the weakest binding kind that tie them together.
func clashes(records [][]Digest, groups []int, broken map[Digest]bool) []Conflict {
	members := map[int][]int{}
	for i, g := range groups {
		members[g] = append(members[g], i)
	}
	var out []Conflict
	for _, group := range members {
		if len(group) > 1 {
			out = append(out, clash(records, group, broken)...)
		}
	}
	return out
}

// clash looks at one group. Only digests weaker than the kind that is
// contradicted are cut, the weakest kind first, so that as much as can be kept
// together is kept together.
func clash(records [][]Digest, group []int, broken map[Digest]bool) []Conflict {
	values := map[Kind]map[Digest]bool{}
	users := map[Digest]int{}
	for _, i := range group {
		seen := map[Digest]bool{}
		for _, d := range records[i] {
			if !d.kind.Exact() || seen[d] {
				continue
			}
			seen[d] = true
			if values[d.kind] == nil {
				values[d.kind] = map[Digest]bool{}
			}
			values[d.kind][d] = true
			if !broken[d] {
				users[d]++
			}
		}
	}
	var contradicted Kind
	for _, k := range Kinds() {
		// A torrent holds many files, so two info hashes contradict nothing.
		if k.Strength() > 1 && len(values[k]) > 1 {
			contradicted = k
			break
		}
	}
	if contradicted == "" {
		return nil
	}
	stronger := sorted(values[contradicted])
	weakest := 0
	for d, n := range users {
		if s := d.kind.Strength(); n > 1 && s < contradicted.Strength() && (weakest == 0 || s < weakest) {
			weakest = s
		}
	}
	var out []Conflict
	for d, n := range users {
		if n > 1 && d.kind.Strength() == weakest {
			out = append(out, Conflict{Shared: d, Stronger: stronger})
		}
	}
	return out
}

func sorted(set map[Digest]bool) []Digest {
	var out []Digest
	for d := range set {
		out = append(out, d)
	}
	slices.SortFunc(out, Digest.Compare)
	return out
}
