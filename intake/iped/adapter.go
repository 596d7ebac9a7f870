package iped

import (
	"fmt"
	"strconv"

	"suraag/digest"
	"suraag/instant"
	"suraag/intake"
	"suraag/intake/table"
	"suraag/sighting"
)

// hold makes the record of a row, or says why the row is worth nothing. A row
// without a hash is a record all the same: a folder, or a file not hashed.
func hold(h *table.Header, r *table.Row, rule instant.Rule) (s sighting.Sighting, problem string) {
	s = sighting.Sighting{Act: sighting.Hold, Standing: sighting.DeviceFile}
	s.Place, s.Notes = r.Place(), table.Doubts(h, r)
	s.Content.Name = table.Clean(h.Get(r, name))
	for _, column := range digests {
		if why := addDigest(&s, column, h.Get(r, column)); why != "" {
			problem = why
		}
	}
	switch {
	case len(s.Content.Digests) > 0:
	case problem != "":
		return s, problem
	case s.Content.Name == "" && !sighting.Stated(h.Get(r, path)):
		return s, "the row names no file"
	default:
		s.Notes = append(s.Notes, "no hash stated")
	}
	addSize(&s, h.Get(r, size))
	addTimes(&s, h, r, rule)
	addLink(&s, h.Get(r, link))
	for _, column := range kept {
		keep(&s, column, h.Get(r, column))
	}
	s.Extra = append(s.Extra, h.Rest(r)...)
	return s, ""
}

// keep puts a stated cell into the extra fields.
func keep(s *sighting.Sighting, column, value string) {
	if sighting.Stated(value) {
		s.Extra = append(s.Extra, sighting.Field{Name: column, Value: table.Clean(value)})
	}
}

// addDigest reads one hash cell. A bad one is kept in words beside the good ones.
func addDigest(s *sighting.Sighting, column, value string) (problem string) {
	if !sighting.Stated(value) {
		return ""
	}
	d, doubt, err := digest.Read(column, value)
	if err != nil {
		keep(s, column, value)
		s.Notes = append(s.Notes, err.Error())
		return err.Error()
	}
	if doubt != "" {
		s.Notes = append(s.Notes, doubt)
	}
	s.Content.Digests = append(s.Content.Digests, d)
	return ""
}

func addSize(s *sighting.Sighting, value string) {
	n, err := strconv.ParseInt(value, 10, 64)
	if err == nil && n >= 0 {
		s.Content.Size = n
		return
	}
	if sighting.Stated(value) {
		keep(s, size, value)
		s.Notes = append(s.Notes, fmt.Sprintf("size %q is not a number of bytes", value))
	}
}

// addTimes takes the time at which the file came to be on the device: created if
// stated, else modified. The file system states no zone, so the officer's
// declaration counts. A time that cannot be read stays in words.
func addTimes(s *sighting.Sighting, h *table.Header, r *table.Row, rule instant.Rule) {
	for _, column := range []string{created, modified} {
		value := h.Get(r, column)
		if !sighting.Stated(value) {
			continue
		}
		when, err := instant.Parse(value, rule)
		if err == nil {
			s.When = when
			s.Extra = append(s.Extra, sighting.Field{Name: "Time taken from", Value: column})
			break
		}
		s.Notes = append(s.Notes, err.Error())
	}
	keep(s, created, h.Get(r, created))
}

// addLink keeps the path to the exported copy, which is never opened.
func addLink(s *sighting.Sighting, value string) {
	if !sighting.Stated(value) {
		return
	}
	if !intake.SafePath(value) {
		s.Notes = append(s.Notes, fmt.Sprintf("link %q leads outside, not used", table.Clean(value)))
		return
	}
	keep(s, link, value)
}
