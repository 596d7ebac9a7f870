package hashset

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"suraag/digest"
	"suraag/fault"
)

// Number gives each set its version: of those with one name the first that came is
// 1. The sets have to be ordered by name and day.
func Number(sets []Set) {
	for n := range sets {
		sets[n].Version = 1
		if n > 0 && sets[n-1].Name == sets[n].Name {
			sets[n].Version = sets[n-1].Version + 1
		}
	}
}

// Pick finds a set by its ID, its name with a version ("Hotline@2"), or its name
// alone, which means the latest version.
func Pick(sets []Set, words string) (Set, error) {
	name, version := words, 0
	if at := strings.LastIndexByte(words, '@'); at > 0 {
		if n, err := strconv.Atoi(words[at+1:]); err == nil {
			name, version = words[:at], n
		}
	}
	var out Set
	for _, s := range sets {
		if s.ID == words || s.Name == words && s.Version > out.Version {
			out = s
		}
	}
	for _, s := range sets {
		if out.ID == "" && s.Name == name && s.Version == version {
			out = s
		}
	}
	if out.ID == "" {
		err := fault.Newf(fault.NotFound, "hash set %q is not in the record", words)
		return out, fault.WithHint(err, "see suraag hashset list; write NAME@VERSION for an earlier version")
	}
	return out, nil
}

// Change is one value in which two versions differ.
type Change struct {
	What   string        `json:"what"` // Added, Removed, Recategorised
	Digest digest.Digest `json:"digest"`
	Before string        `json:"before,omitempty"` // category
	After  string        `json:"after,omitempty"`
}

// In what two versions differ.
const (
	Added         = "added"
	Removed       = "removed"
	Recategorised = "recategorised"
)

// Counts are the values of one kind in which two versions differ, and in which not.
type Counts struct {
	Kind          digest.Kind `json:"kind"`
	Added         int64       `json:"added"`
	Removed       int64       `json:"removed"`
	Recategorised int64       `json:"recategorised"`
	Same          int64       `json:"same"`
}

// Compare goes through the values of two versions side by side, kind by kind and
// in order, and hands out each in which they differ. A value that several entries
// of one version have counts once, with all its categories.
func Compare(a, b Entries, found func(Change)) ([]Counts, error) {
	var out []Counts
	for _, k := range digest.Kinds() {
		if a.Kinds()[k] == 0 && b.Kinds()[k] == 0 {
			continue
		}
		c := Counts{Kind: k}
		if err := c.compare(a, b, found); err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

func (c *Counts) compare(a, b Entries, found func(Change)) error {
	before, after := &column{of: a, kind: c.Kind, rows: a.Kinds()[c.Kind]}, &column{of: b, kind: c.Kind, rows: b.Kinds()[c.Kind]}
	if err := before.next(); err != nil {
		return err
	}
	if err := after.next(); err != nil {
		return err
	}
	for before.raw != nil || after.raw != nil {
		order := bytes.Compare(before.raw, after.raw)
		if before.raw == nil || after.raw != nil && order > 0 {
			c.Added++
			found(Change{What: Added, Digest: after.digest(), After: after.words()})
			if err := after.next(); err != nil {
				return err
			}
			continue
		}
		if after.raw == nil || order < 0 {
			c.Removed++
			found(Change{What: Removed, Digest: before.digest(), Before: before.words()})
			if err := before.next(); err != nil {
				return err
			}
			continue
		}
		if x, y := before.words(), after.words(); x != y {
			c.Recategorised++
			found(Change{What: Recategorised, Digest: before.digest(), Before: x, After: y})
		} else {
			c.Same++
		}
		if err := before.next(); err != nil {
			return err
		}
		if err := after.next(); err != nil {
			return err
		}
	}
	return nil
}

// column goes through the values of one kind. raw is nil after the last.
type column struct {
	of         Entries
	kind       digest.Kind
	rows, at   int64
	raw        []byte
	categories []string
}

func (c *column) next() error {
	c.raw, c.categories = nil, c.categories[:0]
	for ; c.at < c.rows; c.at++ {
		raw, entry, err := c.of.Row(c.kind, c.at)
		if err != nil {
			return err
		}
		if c.raw != nil && !bytes.Equal(raw, c.raw) {
			return nil
		}
		category, err := c.of.Category(entry)
		if err != nil {
			return err
		}
		if c.raw = raw; !slices.Contains(c.categories, category) {
			c.categories = append(c.categories, category)
		}
	}
	return nil
}

func (c *column) words() string {
	slices.Sort(c.categories)
	return strings.Join(c.categories, ", ")
}

// digest gives the value; of text, of which the rows hold a hash, nothing.
func (c *column) digest() digest.Digest {
	d, err := digest.Of(c.kind, c.raw)
	if err != nil {
		return digest.Digest{}
	}
	return d
}
