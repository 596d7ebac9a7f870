package flow

import (
	"context"
	"fmt"

	"suraag/digest"
	"suraag/digest/tmk"
	"suraag/digest/vpdq"
	"suraag/hashset"
)

// clip is the value of one video by either kind.
type clip struct {
	value  digest.Digest
	frames vpdq.Video
	whole  *tmk.Value
}

// readClip reads a stated value. Lists hold some that are none: an address of the value, or another program's.
func readClip(d digest.Digest) (c clip, err error) {
	c.value = d
	if d.Kind() == digest.VPDQ {
		c.frames, err = vpdq.Parse(d.Hex())
	} else {
		c.whole, err = tmk.Parse(d.Hex())
	}
	return c, err
}

// compare tells how near two videos are, if they are near by the published thresholds. A video whose frames are
// all in the other counts too where that is longer: a clip of a compilation, or a compilation of clips.
func (c clip) compare(o clip) (near, bool) {
	if c.whole != nil && o.whole != nil {
		s, err := tmk.Compare(c.whole, o.whole)
		if err != nil || !s.Match {
			return near{}, false
		}
		return near{value: o.value, by: digest.TMK, distance: int(1000 * max(0, 1-s.Level2)), videos: &hashset.Videos{TMK: &s}}, true
	}
	if c.frames == nil || o.frames == nil {
		return near{}, false
	}
	p := vpdq.DefaultPolicy()
	r := vpdq.Compare(c.frames, o.frames, p)
	most := max(r.Query.Percent, r.Compared.Percent)
	if !r.Match && most < p.Query {
		return near{}, false
	}
	return near{value: o.value, by: digest.VPDQ, distance: 100 - int(most), videos: &hashset.Videos{VPDQ: &r}}, true
}

// films gathers what was found of videos, and counts the values that could not be read.
type films struct {
	mine   []clip
	best   map[string]near
	unread int
}

func (f *films) see(d digest.Digest, thing string) {
	o, err := readClip(d)
	if err != nil {
		f.unread++
		return
	}
	for _, m := range f.mine {
		if n, ok := m.compare(o); ok {
			n.thing = thing
			closer(f.best, n)
		}
	}
}

// nearVideos compares with every value of a video that the record and the live lists hold: there is no
// index for them.
func (h *House) nearVideos(ctx context.Context, own []digest.Digest, best map[string]near) (notes []string, err error) {
	for _, kind := range []digest.Kind{digest.VPDQ, digest.TMK} {
		f := films{best: best}
		for _, d := range own {
			if c, err := readClip(d); d.Kind() == kind && err == nil {
				f.mine = append(f.mine, c)
			}
		}
		if len(f.mine) == 0 {
			continue
		}
		err := h.Record.Codes(ctx, kind, func(value digest.Digest, thing string) error {
			f.see(value, thing)
			return ctx.Err()
		})
		if err == nil {
			err = h.listedVideos(ctx, kind, &f)
		}
		if err != nil {
			return nil, err
		}
		if f.unread > 0 {
			notes = append(notes, fmt.Sprintf("%d %s values were not compared: they are not written as values of that kind.", f.unread, words(kind)))
		}
	}
	return notes, nil
}

func words(kind digest.Kind) string {
	if kind == digest.TMK {
		return "TMK+PDQF"
	}
	return "vPDQ"
}

// listedVideos sees the videos of the live lists.
func (h *House) listedVideos(ctx context.Context, kind digest.Kind, f *films) error {
	return h.withLibrary(ctx, "", func(lib library) error {
		for _, b := range lib {
			for n := range b.entries.Kinds()[kind] {
				_, entry, err := b.entries.Row(kind, n)
				if err != nil {
					return b.damaged(err)
				}
				e, ok, err := lib.read(ctx, b, entry)
				if err != nil {
					return err
				}
				for _, d := range e.listing.Digests {
					if ok && d.Kind() == kind {
						f.see(d, e.thing.ID)
					}
				}
			}
		}
		return nil
	})
}
