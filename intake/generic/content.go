package generic

import (
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
	switch q := d.count(pdqQuality); {
	case q > 100:
		d.doubt("pdq_quality %d is above 100", q)
	case q > 0:
		c.Quality = int(q)
	}
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
