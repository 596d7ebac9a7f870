package flow

import (
	"context"
	"database/sql"
	"encoding/json"
	"io"
	"time"

	"suraag/custody"
	"suraag/fault"
	"suraag/hashset"
	"suraag/instant"
	"suraag/intake"
)

// HandIn is what someone brings.
type HandIn struct {
	Name      string // as the file is called
	BroughtBy string
	Authority string // required
	Case      string // ID of the case for which it is brought; empty: for the whole unit
	Options   Declared
	List      hashset.Set // name and giver of a list of known digests; empty for other sources
}

// Declared is what the officer states because the file does not: it is kept with
// the source, so that reading it again later gives the same.
type Declared struct {
	Zone    string            `json:"zone,omitempty"` // IANA name, "UTC" or "IST"
	Order   string            `json:"date_order,omitempty"`
	Service string            `json:"service,omitempty"`
	Columns map[string]string `json:"columns,omitempty"`
	Format  string            `json:"format,omitempty"`
}

// Options checks what was declared.
func (d Declared) Options() (intake.Options, error) {
	o := intake.Options{Order: instant.DateOrder(d.Order), Service: d.Service, Columns: d.Columns, Format: d.Format}
	switch o.Order {
	case instant.OrderUnknown, instant.DayFirst, instant.MonthFirst:
	default:
		return o, fault.Newf(fault.Invalid, "date order %q is neither %q nor %q", d.Order, instant.DayFirst, instant.MonthFirst)
	}
	switch d.Zone {
	case "":
	case "IST":
		o.Zone = instant.IST()
	default:
		zone, err := time.LoadLocation(d.Zone)
		if err != nil {
			err = fault.Newf(fault.Invalid, "zone %q: %w", d.Zone, err)
			return o, fault.WithHint(err, "give a name like Asia/Kolkata, IST or UTC")
		}
		o.Zone = zone
	}
	return o, nil
}

// Receive seals what someone brings and puts its reading on the queue, both or
// neither. It tells whether the original is new.
func (h *House) Receive(ctx context.Context, in HandIn, body io.Reader) (s custody.Source, added bool, err error) {
	if err := custody.NeedAuthority(in.Authority); err != nil {
		return s, false, err
	}
	if _, err := in.Options.Options(); err != nil {
		return s, false, err
	}
	options, err := json.Marshal(in.Options)
	if err != nil {
		return s, false, fault.As(fault.Internal, err)
	}
	id, size, err := custody.Seal(h.Originals, body, h.Limits.Original)
	if err != nil {
		return s, false, fault.Wrapf(err, "%q", in.Name)
	}
	s = custody.Source{
		Receipt: custody.Receipt{ID: id, Size: size, Name: in.Name, BroughtBy: in.BroughtBy, Authority: in.Authority, SealedAt: h.Now().UTC()},
		Purpose: custody.ForIntake, Options: options, State: custody.Sealed,
	}
	if in.List.Name != "" {
		s.Purpose = custody.ForHashSet
	}
	anew, err := h.declaredAnew(ctx, in, id)
	if err != nil {
		return s, false, err
	}
	err = h.Record.InTx(ctx, func(tx *sql.Tx) error {
		if added, err = h.Record.AddSource(ctx, tx, s); err != nil {
			return err
		}
		if err := h.stillThere(id); err != nil {
			return err
		}
		if err := h.sealed(ctx, tx, s, added); err != nil {
			return err
		}
		if err := h.intoCase(ctx, tx, in, s, added); err != nil {
			return err
		}
		if in.List.Name != "" {
			return h.addList(ctx, tx, in.List, id, added)
		}
		if !added {
			return nil
		}
		return h.Queue.Read(ctx, tx, id)
	})
	if err != nil {
		return s, false, err
	}
	s, err = h.Record.Source(ctx, id)
	if err == nil && !added {
		err = h.again(ctx, in, s, anew)
	}
	return s, added, err
}

// stillThere refuses a hand-in whose bytes went between their sealing and their
// recording, because the same ones that were held before were being erased.
func (h *House) stillThere(id string) error {
	o, err := h.Originals.Open(id)
	if fault.Is(err, fault.NotFound) {
		err := fault.Newf(fault.Conflict, "the same bytes, held until now, were being erased while they were handed in")
		return fault.WithHint(err, "hand it in again")
	}
	if err != nil {
		return err
	}
	return o.Close()
}

// intoCase puts a source into the case for which it was brought.
func (h *House) intoCase(ctx context.Context, tx *sql.Tx, in HandIn, s custody.Source, added bool) error {
	if in.Case == "" {
		return nil
	}
	if !added {
		if err := h.Record.KeepForUnit(ctx, tx, s.ID, in.BroughtBy, h.Now()); err != nil {
			return err
		}
	}
	return h.Record.AddToCase(ctx, tx, in.Case, s.ID, in.BroughtBy, h.Now(), &custody.HandIn{Authority: in.Authority, BroughtBy: in.BroughtBy, Name: in.Name})
}

// addList records a list that rests on a source. The same bytes may have come
// before for another purpose; they are read again for this one.
func (h *House) addList(ctx context.Context, tx *sql.Tx, l hashset.Set, source string, added bool) error {
	l.ID, l.Source, l.State, l.Imported = hashset.Identify(l.Name, source), source, hashset.StateImporting, h.Now().UTC()
	fresh, err := h.Record.AddSet(ctx, tx, l)
	if err == nil && !fresh {
		err = h.notRetracted(ctx, l)
	}
	if err == nil && fresh {
		err = h.log(ctx, tx, custody.ListImported, l.ID, custody.Program, l)
	}
	if err != nil || !(fresh || added) {
		return err
	}
	return h.Queue.Read(ctx, tx, source)
}

// notRetracted refuses to bring a list back in silence.
func (h *House) notRetracted(ctx context.Context, l hashset.Set) error {
	sets, err := h.Record.SetsOf(ctx, l.Source)
	if err != nil {
		return err
	}
	for _, s := range sets {
		if s.ID == l.ID && s.State == hashset.StateRetracted {
			err := fault.Newf(fault.Conflict, "hash set %q with these very entries was retracted on %s by %q: %s", s.Name, s.Retracted.Format(time.DateOnly), s.RetractedBy, s.Reason)
			return fault.WithHint(err, "if it is to count again, hand it in under another name")
		}
	}
	return nil
}

// again deals with an original that was here before: if it waits, or could not be
// read, or a newer reader has come since, it is put on the queue again.
func (h *House) again(ctx context.Context, in HandIn, s custody.Source, options json.RawMessage) error {
	if s.State == custody.Read && !h.outdated(s) || in.List.Name != "" && options == nil {
		return nil
	}
	return h.Record.InTx(ctx, func(tx *sql.Tx) error {
		if options != nil {
			if err := h.Record.SetOptions(ctx, tx, s.ID, options); err != nil {
				return err
			}
			if err := h.log(ctx, tx, custody.Correction, s.ID, in.BroughtBy, declaredAgain{options}); err != nil {
				return err
			}
		}
		return h.Queue.Read(ctx, tx, s.ID)
	})
}

// declaredAnew gives what was declared this time, where nothing could be read by
// what was declared before. Where something was, another zone or date order would
// silently change what stands in the record, so it is refused.
func (h *House) declaredAnew(ctx context.Context, in HandIn, id string) (json.RawMessage, error) {
	s, err := h.Record.Source(ctx, id)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	now, err := json.Marshal(in.Options)
	if err != nil {
		return nil, fault.As(fault.Internal, err)
	}
	if string(now) == "{}" || string(now) == string(s.Options) {
		return nil, nil
	}
	if s.State == custody.Unread {
		return now, nil
	}
	err = fault.Newf(fault.Conflict, "%q was handed in before with other declarations: %s, now %s", in.Name, s.Options, now)
	return nil, fault.WithHint(err, "its records stand as first declared; for a reading by the new declarations, ask for the file anew from whoever gave it, or use a record of its own")
}

// outdated tells whether a reader of the source has a higher version now.
func (h *House) outdated(s custody.Source) bool {
	var r intake.Result
	if json.Unmarshal(s.Result, &r) != nil {
		return true
	}
	for _, m := range r.Members {
		for _, f := range h.Formats {
			if f.Name == m.Format && f.Version > m.Version {
				return true
			}
		}
	}
	return false
}
