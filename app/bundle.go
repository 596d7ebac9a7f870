package app

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"

	"suraag/export"
	"suraag/fault"
	"suraag/flow"
	"suraag/intake"
	"suraag/intake/all"
	"suraag/sighting"
)

// foreign bounds the reading of originals out of a bundle that someone else made.
func foreign() intake.Limits {
	return intake.Limits{Bytes: 4 << 30, Total: 8 << 30, Members: 20_000, Depth: 3, Ratio: 400, Time: time.Hour}
}

// tools are the readers, for a check that has no record.
func tools() export.Tools {
	return export.Tools{
		Quote: func(name string, original io.ReaderAt, size int64, at sighting.Place, limit int64) ([]byte, bool, error) {
			return intake.Quote(intake.Source{Name: name, Size: size, Bytes: original}, at, limit)
		},
		Read: func(ctx context.Context, s export.Source, original io.ReaderAt, give func(sighting.Sighting) error) error {
			var declared flow.Declared
			if err := json.Unmarshal(s.Options, &declared); err != nil {
				return fault.Newf(fault.Invalid, "what was declared at hand-in cannot be read: %w", err)
			}
			opts, err := declared.Options()
			if err != nil {
				return err
			}
			_, err = intake.Read(ctx, all.Formats(), intake.Source{ID: s.ID, Name: s.Name, Size: s.Size, Bytes: original}, opts, foreign(), sightings(give))
			return err
		},
	}
}

// sightings is a sink that takes nothing else.
type sightings func(sighting.Sighting) error

func (f sightings) Sighting(s sighting.Sighting) error    { return f(s) }
func (sightings) Lease(sighting.Lease) error              { return nil }
func (sightings) Listing(sighting.Listing) error          { return nil }
func (sightings) Bad(at sighting.Place, why string) error { return nil }
func (sightings) Note(at sighting.Place, t string) error  { return nil }

// verifyBundle checks a bundle without any record.
func (v *verifyCmd) verifyBundle(s *stage) error {
	trust := export.Trust{Key: v.LogKey}
	for file, into := range map[string]*string{v.Witnesses: &trust.Policy, v.StampRoots: &trust.Roots} {
		if file == "" {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return fault.Newf(fault.NotFound, "%w", err)
		}
		*into = string(text)
	}
	f, err := os.Open(v.Bundle)
	if err != nil {
		return fault.Newf(fault.NotFound, "%w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return fault.As(fault.Unavailable, err)
	}
	c, err := export.Check(s.ctx, f, info.Size(), tools(), trust)
	if err != nil {
		return err
	}
	if s.cli.JSON {
		if err := s.print(c); err != nil {
			return err
		}
	} else {
		s.tellChecked(c)
	}
	if n := len(c.Differences); n > 0 {
		return fault.WithHint(fault.Newf(fault.Corrupt, "%s in the bundle", counted(n, "difference")), "ask whoever gave the bundle for another copy, and keep this one")
	}
	return nil
}

func (s *stage) tellChecked(c export.Checked) {
	w := &teller{out: s.out}
	w.say("Bundle about %s %s, made by %s", c.About.Kind, c.About.ID, c.Program)
	w.say("  %d files, %s, %s found again in the originals, %s read again from them", c.Files, counted(c.Statements, "statement"), counted(c.Places, "quoted place"), counted(c.Records, "record"))
	w.say("  content %s", c.Content)
	if l := c.Log; l != nil && l.Committed {
		w.say("  the custody log %s, of %d entries, commits to it; taken out %s", l.Origin, l.Size, l.Exported)
		w.say("  key of the log: %s", l.Key)
		for _, x := range l.Witnesses {
			w.say("  cosigned by %s at %s", x.Witness, x.At.Format(time.RFC3339))
		}
		if l.Stamp != nil {
			w.say("  time-stamped %s by %s", l.Stamp.Time.Format(time.RFC3339), l.Stamp.Authority)
		}
	}
	for _, n := range c.Notes {
		w.say("  note: %s", n)
	}
	for _, d := range c.Differences {
		w.say("DIFFERS  %s: %s", d.File, d.What)
	}
	if len(c.Differences) == 0 {
		fmt.Fprintln(s.out, "Everything in the bundle is as it says.")
	}
}
