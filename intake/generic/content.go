package generic

import (
	"slices"
	"strings"

	"suraag/digest"
	"suraag/intake"
	"suraag/sighting"
)

// content reads what the row says of the file.
func (d *draft) content() {
	c := &d.Content
	c.Name, c.MediaType = d.stated(fileName), d.stated(mediaType)
	if p := d.stated(path); c.Name == "" && p != "" {
		c.Name = base(p)
	}
	if n := d.count(fileSize); n > 0 {
		c.Size = n
	}
	for _, kind := range digests() {
		d.digest(kind)
	}
	c.Quality = d.quality(pdqQuality)
	d.forms()
	for _, r := range strings.Split(d.stated(ref), "|") {
		d.ref(strings.TrimSpace(r))
	}
}

// digest reads one hash. A bad one stays in words.
func (d *draft) digest(kind string) {
	v := d.stated(kind)
	if v == "" {
		return
	}
	got, doubt, err := digest.Read(kind, v)
	if err != nil {
		d.doubt("%v", err)
		d.keep(kind)
		return
	}
	if doubt != "" {
		d.doubt("%s", doubt)
	}
	d.Content.Digests = append(d.Content.Digests, got)
}

// forms reads what "suraag hash" writes beside the PDQ of the whole picture: the other preparation,
// and both of the picture turned as its EXIF data says it is shown. A row with the other
// preparation says by that which one its pdq is.
func (d *draft) forms() {
	if d.stated(nn512) == "" {
		return
	}
	for _, f := range []struct{ name, preparation, turned, quality string }{
		{string(digest.PDQ), "full", "", pdqQuality},
		{nn512, "nn512", "", nn512Quality},
		{shown, "full", d.stated(exif), pdqQuality},
		{nn512Shown, "nn512", d.stated(exif), nn512Quality},
	} {
		v := d.stated(f.name)
		if v == "" {
			continue
		}
		value, err := digest.Parse("pdq:" + v)
		if err != nil {
			if f.name != string(digest.PDQ) { // of which it was said before
				d.doubt("%v", err)
				d.keep(f.name)
			}
			continue
		}
		d.Content.Forms = append(d.Content.Forms, sighting.Form{Value: value, Preparation: f.preparation, Orientation: f.turned, Quality: d.quality(f.quality)})
		if !slices.Contains(d.Content.Digests, value) {
			d.Content.Digests = append(d.Content.Digests, value)
		}
	}
}

// quality reads a PDQ quality.
func (d *draft) quality(name string) int {
	q := d.count(name)
	if q > 100 {
		d.doubt("%s %d is above 100", name, q)
		return 0
	}
	return int(max(q, 0))
}

// ref takes a service's own name of a file. Without the service it could be any
// service's, so it joins nothing.
func (d *draft) ref(name string) {
	owner, rest, found := strings.Cut(name, ":")
	switch {
	case name == "":
	case !found && d.Service == "":
		d.doubt("ref %q names no service, not used", name)
		d.keep(ref)
	case !found:
		d.addRef(sighting.ServiceKey(d.Service), name)
	default:
		d.addRef(sighting.ServiceKey(owner), rest)
	}
}

func (d *draft) addRef(owner, name string) {
	if name == "" || owner == "" || !intake.SafePath(strings.TrimPrefix(name, "//")) {
		d.doubt("ref %q: the path leads outside, not used", owner+":"+name)
		return
	}
	d.Content.Refs = append(d.Content.Refs, owner+":"+name)
}
