package flow

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"suraag/custody"
	"suraag/fault"
	"suraag/intake"
	"suraag/sighting"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// Difference is one thing that is no longer what was sealed or read.
type Difference struct {
	Source string `json:"source"`
	Record string `json:"record,omitempty"` // ID, where one record differs
	What   string `json:"what"`
}

// Verified says what a check has looked at.
type Verified struct {
	Originals   int64        `json:"originals"`
	Records     int64        `json:"records"`
	Older       int64        `json:"older"` // records of an older reader version, which only reading again can compare
	Differences []Difference `json:"differences"`
}

// Verify hashes every original again and reads every source again, with the
// readers of today, and compares each stored record with what the original says.
func (h *House) Verify(ctx context.Context, progress func(done, all int)) (Verified, error) {
	v := Verified{Differences: []Difference{}}
	sources, err := h.Record.Sources(ctx)
	if err != nil {
		return v, err
	}
	known := map[string]bool{}
	for n, s := range sources {
		known[s.ID] = true
		progress(n, len(sources))
		if err := ctx.Err(); err != nil {
			return v, fault.As(fault.Unavailable, err)
		}
		v.Originals++
		if err := custody.Check(h.Originals, s.ID); err != nil {
			v.differs(s.ID, "", err.Error())
			continue
		}
		if s.Purpose != custody.ForNetwork && s.State != custody.Sealed {
			if err := h.compare(ctx, s, &v); err != nil {
				return v, err
			}
		}
	}
	err = h.Originals.List(func(name string) error {
		if !known[name] {
			v.differs(name, "", "an original is kept of which the record says nothing: a hand-in that was cut off, or a record that was put back; hand it in again")
		}
		return nil
	})
	return v, err
}

func (v *Verified) differs(source, record, what string) {
	v.Differences = append(v.Differences, Difference{source, record, what})
}

// compare reads one source again. Stored records are held by their ID and
// ticked off as the reading gives them.
func (h *House) compare(ctx context.Context, s custody.Source, v *Verified) error {
	stored := map[string]string{}
	err := h.Record.Docs(ctx, s.ID, func(kind, id, doc string) error { stored[id] = doc; return nil })
	if err != nil {
		return err
	}
	var declared Declared
	if err := json.Unmarshal(s.Options, &declared); err != nil {
		v.differs(s.ID, "", fmt.Sprintf("what was declared at hand-in cannot be read: %v", err))
		return nil
	}
	opts, err := declared.Options()
	if err != nil {
		v.differs(s.ID, "", "what was declared at hand-in cannot be used: "+err.Error())
		return nil
	}
	sets, err := h.Record.SetsOf(ctx, s.ID)
	if err != nil {
		return err
	}
	o, err := h.Originals.Open(s.ID)
	if err != nil {
		return err
	}
	defer o.Close()
	c := &comparing{verified: v, source: s.ID, stored: stored, listings: len(sets) > 0}
	if _, err := intake.Read(ctx, h.Formats, intake.Source{ID: s.ID, Name: s.Name, Size: s.Size, Bytes: o}, opts, h.Limits.Intake, c); err != nil && s.State == custody.Read {
		v.differs(s.ID, "", "the original can no longer be read as it was: "+err.Error())
	}
	for _, id := range slices.Sorted(maps.Keys(stored)) {
		doc := stored[id]
		var o struct {
			Version int `json:"reader_version"`
			Reader  string
		}
		if json.Unmarshal([]byte(doc), &o) == nil && h.newer(o.Reader, o.Version) {
			v.Older++
			continue
		}
		v.differs(s.ID, id, "a record is stored that the original does not state")
	}
	return nil
}

func (h *House) newer(reader string, version int) bool {
	for _, f := range h.Formats {
		if f.Name == reader && f.Version > version {
			return true
		}
	}
	return false
}

// comparing is the sink of a check.
type comparing struct {
	verified *Verified
	source   string
	stored   map[string]string
	listings bool
}

func (c *comparing) record(id string, version int, record any) error {
	c.verified.Records++
	doc, there := c.stored[id]
	delete(c.stored, id)
	if !there {
		c.verified.differs(c.source, id, "the original states a record that is not stored")
		return nil
	}
	var old struct {
		Version int `json:"reader_version"`
	}
	if json.Unmarshal([]byte(doc), &old) == nil && old.Version < version {
		c.verified.Older++
		return nil
	}
	now, err := json.Marshal(record)
	if err != nil {
		return fault.As(fault.Internal, err)
	}
	if string(now) != doc {
		c.verified.differs(c.source, id, "the stored record is not what the original states")
	}
	return nil
}

func (c *comparing) Sighting(s sighting.Sighting) error { return c.record(s.ID, s.Version, s) }
func (c *comparing) Lease(l sighting.Lease) error       { return c.record(l.ID, l.Version, l) }

func (c *comparing) Listing(l sighting.Listing) error {
	if !c.listings {
		return nil
	}
	return c.record(l.ID, l.Version, l)
}

func (c *comparing) Bad(sighting.Place, string) error  { return nil }
func (c *comparing) Note(sighting.Place, string) error { return nil }
