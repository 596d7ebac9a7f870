// Package validate measures how well altered pictures are found again, and how often
// unrelated ones are taken for near copies.
//
// Takes pictures of different scenes. Gives, for each alteration that pictures
// undergo as they circulate, how many are still recognised at each threshold, by this
// program and by the reference preparation alone, with confidence intervals, and a
// report in plain words. All alterations are made here, with whole numbers and fixed seeds,
// so that the same pictures give the same figures everywhere. Never keeps a picture.
package validate

import (
	"context"
	"encoding/json"
	"fmt"
	"image"
	"math/bits"
	"slices"

	"suraag/fault"
	"suraag/pdq"
)

// Thresholds are the distances, in bits, at which everything is counted.
var Thresholds = []int{10, 15, 20, 25, 31, 35, 40}

// leastQuality is the PDQ quality below which a picture is not compared
// (ThreatExchange, PDQ README).
const leastQuality = 50

// longestSide is what larger pictures are reduced to before anything else, so that a run
// takes minutes; it is longer than 512, so that the two preparations differ.
const longestSide = 1024

// Picture is one scene, with where it came from.
type Picture struct {
	Name  string
	Image image.Image
}

// Results are what a run has measured.
type Results struct {
	Sources     []Source    `json:"sources,omitempty"`
	Pictures    int         `json:"pictures"`     // that were altered
	TooFlat     []string    `json:"too_flat"`     // names of those with too little detail, which were left out
	Thresholds  []int       `json:"thresholds"`   // bits
	Alterations []Outcome   `json:"alterations"`  // in the order in which they are made
	Unrelated   Unrelated   `json:"unrelated"`    // pictures of different scenes, as they are
	Altered     Unrelated   `json:"altered"`      // altered pictures and other scenes
	Preparation Preparation `json:"preparations"` // how far the two preparations of one picture in its full size are apart
}

// Source is a package whose pictures were used.
type Source struct {
	Package  string   `json:"package"`
	Version  string   `json:"version"`
	Licence  string   `json:"licence"`
	Pictures []string `json:"pictures"`
}

// Outcome is what became of all pictures under one alteration. Counts are by threshold.
type Outcome struct {
	Kind      string `json:"kind"`
	Step      string `json:"step"`
	TooFlat   int    `json:"too_flat"`  // altered pictures with too little detail left; they count as not found
	Ours      []int  `json:"ours"`      // found whichever way the list was made
	Same      []int  `json:"same"`      // found by the reference preparation, list made the same way
	Other     []int  `json:"other"`     // found by the reference preparation, list made the other way
	Distances []int  `json:"distances"` // of ours: least, middle and greatest; 256 is not comparable
}

// Unrelated counts comparisons of pictures that show different things.
type Unrelated struct {
	Compared   int    `json:"compared"`
	Ours       []int  `json:"ours"`      // taken for near copies, by threshold
	Reference  []int  `json:"reference"` // the same by the reference preparation alone
	Nearest    int    `json:"nearest"`   // least distance by ours
	Between    string `json:"between"`   // which pictures those are
	NearestRef int    `json:"nearest_reference"`
}

// Preparation tells how far FULL and NN512 of the same pictures, in their full size, are
// apart, in bits.
type Preparation struct {
	Least    int `json:"least"`
	Middle   int `json:"middle"`
	Greatest int `json:"greatest"`
	Beyond31 int `json:"beyond_31"`
}

// hashes are what a picture is known by.
type hashes struct {
	full, nn512 pdq.Eight
}

func hash(img image.Image) (hashes, error) {
	full, nn512, err := pdq.Both(img)
	return hashes{full, nn512}, err
}

func (h hashes) flat() bool { return h.full.Quality < leastQuality }

func distance(a, b pdq.Hash) int {
	d := 0
	for i := range a {
		d += bits.OnesCount8(a[i] ^ b[i])
	}
	return d
}

// nearest is the least distance of any orientation in any preparation to a list's value.
func (h hashes) nearest(listed pdq.Hash) int {
	least := 256
	for o := range h.full.Hashes {
		least = min(least, distance(h.full.Hashes[o], listed), distance(h.nn512.Hashes[o], listed))
	}
	return least
}

// ours is how far an altered picture is from a listed one when the list's owner may have
// prepared it either way: the greater of the two distances.
func ours(altered, listed hashes) int {
	return max(altered.nearest(listed.full.Hashes[0]), altered.nearest(listed.nn512.Hashes[0]))
}

// closest is how near two pictures come in any way: what false matches are made of.
func closest(a, b hashes) int {
	return min(a.nearest(b.full.Hashes[0]), a.nearest(b.nn512.Hashes[0]))
}

func same(altered, listed hashes) int { return distance(altered.full.Hashes[0], listed.full.Hashes[0]) }

func other(altered, listed hashes) int {
	return distance(altered.full.Hashes[0], listed.nn512.Hashes[0])
}

// Measure alters every picture in every way and compares. Pictures must show different
// scenes. Fewer than four are an error of kind fault.Invalid. tell, if not nil, is told of progress.
func Measure(ctx context.Context, pictures []Picture, tell func(string)) (*Results, error) {
	r := &Results{Thresholds: Thresholds, TooFlat: []string{}}
	var kept []scene
	for _, p := range pictures {
		s, err := newScene(p)
		if err != nil {
			return nil, fault.Wrapf(err, "picture %q", p.Name)
		}
		if s.flat() {
			r.TooFlat = append(r.TooFlat, p.Name)
			continue
		}
		kept = append(kept, s)
	}
	if len(kept) < 4 {
		return nil, fault.Newf(fault.Invalid, "%d pictures with enough detail: a montage needs four", len(kept))
	}
	r.Pictures = len(kept)
	r.prepare(kept)
	r.Unrelated = newUnrelated()
	for i, a := range kept {
		for _, b := range kept[:i] {
			r.Unrelated.add(a.hashes, b, a.name)
		}
	}
	r.Altered = newUnrelated()
	for _, alter := range alterations() {
		if tell != nil {
			tell(alter.kind + ", " + alter.step)
		}
		o, err := r.alter(ctx, kept, alter)
		if err != nil {
			return nil, err
		}
		r.Alterations = append(r.Alterations, o)
	}
	return r, nil
}

// scene is a picture with its hashes.
type scene struct {
	hashes
	name  string
	img   *image.RGBA
	apart int // bits between the preparations of the picture in its full size
}

func newScene(p Picture) (s scene, err error) {
	whole, err := hash(p.Image)
	if err != nil {
		return s, err
	}
	s = scene{name: p.Name, img: reduced(p.Image), apart: distance(whole.full.Hashes[0], whole.nn512.Hashes[0])}
	s.hashes, err = hash(s.img)
	return s, err
}

func (r *Results) prepare(kept []scene) {
	var all []int
	for _, s := range kept {
		all = append(all, s.apart)
		if s.apart > 31 {
			r.Preparation.Beyond31++
		}
	}
	r.Preparation.Least, r.Preparation.Middle, r.Preparation.Greatest = spread(all)
}

func spread(all []int) (least, middle, greatest int) {
	slices.Sort(all)
	return all[0], all[len(all)/2], all[len(all)-1]
}

// alter does one alteration to all pictures. A montage shows the next pictures besides.
func (r *Results) alter(ctx context.Context, kept []scene, a alteration) (Outcome, error) {
	out := Outcome{Kind: a.kind, Step: a.step, Ours: zeros(), Same: zeros(), Other: zeros()}
	var all []int
	for i, s := range kept {
		if ctx.Err() != nil {
			return out, fault.As(fault.Unavailable, context.Cause(ctx))
		}
		var others []*image.RGBA
		for k := 1; k < 4; k++ {
			others = append(others, kept[(i+k)%len(kept)].img)
		}
		img, err := a.do(s.img, others)
		if err != nil {
			return out, fault.Wrapf(err, "%s, %s, of picture %q", a.kind, a.step, s.name)
		}
		h, err := hash(img)
		if err != nil {
			return out, fault.Wrapf(err, "%s, %s, of picture %q", a.kind, a.step, s.name)
		}
		if h.flat() {
			out.TooFlat++
			all = append(all, 256)
			continue
		}
		d := ours(h, s.hashes)
		all = append(all, d)
		count(out.Ours, d)
		count(out.Same, same(h, s.hashes))
		count(out.Other, other(h, s.hashes))
		for k, b := range kept {
			if shown := (k - i + len(kept)) % len(kept); shown == 0 || a.kind == montage && shown < 4 {
				continue
			}
			r.Altered.add(h, b, fmt.Sprintf("%s (%s, %s)", s.name, a.kind, a.step))
		}
	}
	least, middle, greatest := spread(all)
	out.Distances = []int{least, middle, greatest}
	return out, nil
}

func zeros() []int { return make([]int, len(Thresholds)) }

// count adds one at each threshold that a distance does not exceed.
func count(counts []int, distance int) {
	for i, t := range Thresholds {
		if distance <= t {
			counts[i]++
		}
	}
}

func newUnrelated() Unrelated {
	return Unrelated{Ours: zeros(), Reference: zeros(), Nearest: 256, NearestRef: 256}
}

func (u *Unrelated) add(a hashes, b scene, name string) {
	u.Compared++
	d := closest(a, b.hashes)
	count(u.Ours, d)
	if d < u.Nearest {
		u.Nearest, u.Between = d, name+" and "+b.name
	}
	d = same(a, b.hashes)
	count(u.Reference, d)
	u.NearestRef = min(u.NearestRef, d)
}

// JSON is the figures as they are kept.
func (r *Results) JSON() ([]byte, error) {
	b, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		return nil, fault.As(fault.Internal, err)
	}
	return append(b, '\n'), nil
}
