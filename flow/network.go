package flow

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"io"
	"slices"
	"time"

	"suraag/custody"
	"suraag/fault"
	"suraag/network"
	"suraag/sighting"
)

// AddressData is a file of address data that someone brings.
type AddressData struct {
	Kind      network.DataKind
	Name      string // of the list; the same name with a later date is a newer version of it
	AsOf      time.Time
	From      string // where it was fetched
	Licence   string
	BroughtBy string
	Authority string
}

// BadLine is a row of address data that could not be read.
type BadLine struct {
	Line   int64  `json:"line"`
	Reason string `json:"reason"`
}

// ImportNetwork seals a file of address data and imports it. The set answers
// only when all of it is there; until then every look-up goes to the older ones.
func (h *House) ImportNetwork(ctx context.Context, in AddressData, body io.Reader) (network.DataSet, []BadLine, error) {
	var set network.DataSet
	if !in.Kind.Known() {
		err := fault.Newf(fault.Invalid, "kind of address data %q is not known", in.Kind)
		return set, nil, fault.WithHint(err, "give one of asn, country, rir, tor, vpn, hosting, operators, ranges")
	}
	if in.AsOf.IsZero() || in.AsOf.After(h.Now()) {
		err := fault.Newf(fault.Invalid, "date %s of the list is missing or lies in the future", in.AsOf.Format(time.DateOnly))
		return set, nil, fault.WithHint(err, "give --as-of, the day for which its publisher says it speaks; a list without a date cannot be used")
	}
	id, size, err := custody.Seal(h.Originals, body, h.Limits.Original)
	if err != nil {
		return set, nil, fault.Wrapf(err, "%q", in.Name)
	}
	sum := sha256.Sum256([]byte("suraag data set 1\n" + string(in.Kind) + "\n" + in.Name + "\n" + in.AsOf.UTC().Format(time.RFC3339) + "\n" + id))
	set = network.DataSet{
		ID: hex.EncodeToString(sum[:16]), Kind: in.Kind, Name: in.Name, AsOf: in.AsOf.UTC(), SHA256: id, Imported: h.Now().UTC(), Licence: in.Licence, From: in.From,
	}
	if err := h.sealNetwork(ctx, in, set, size); err != nil {
		return set, nil, err
	}
	ranges, bad, err := h.readRanges(ctx, set)
	if err != nil {
		return set, bad, err
	}
	set.Ranges = int64(len(ranges))
	return set, bad, h.putRanges(ctx, set, ranges, bad)
}

func (h *House) sealNetwork(ctx context.Context, in AddressData, set network.DataSet, size int64) error {
	return h.Record.InTx(ctx, func(tx *sql.Tx) error {
		s := custody.Source{
			Receipt: custody.Receipt{ID: set.SHA256, Size: size, Name: in.Name, BroughtBy: in.BroughtBy, Authority: in.Authority, SealedAt: set.Imported},
			Purpose: custody.ForNetwork, Options: json.RawMessage("{}"), State: custody.Sealed,
		}
		added, err := h.Record.AddSource(ctx, tx, s)
		if err != nil {
			return err
		}
		if err := h.stillThere(s.ID); err != nil {
			return err
		}
		if err := h.sealed(ctx, tx, s, added); err != nil {
			return err
		}
		return h.Record.AddDataSet(ctx, tx, set)
	})
}

func (h *House) readRanges(ctx context.Context, set network.DataSet) ([]network.Range, []BadLine, error) {
	o, err := h.Originals.Open(set.SHA256)
	if err != nil {
		return nil, nil, err
	}
	defer o.Close()
	var ranges []network.Range
	var bad []BadLine
	err = network.Read(set.Kind, set.Name, io.NewSectionReader(o, 0, o.Size()),
		func(r network.Range) error { ranges = append(ranges, r); return ctx.Err() },
		func(line int64, reason string) error { bad = append(bad, BadLine{line, reason}); return ctx.Err() })
	if err != nil {
		return nil, bad, err
	}
	if len(ranges) == 0 {
		return nil, bad, fault.Newf(fault.Invalid, "%q holds no row of kind %s that can be read", set.Name, set.Kind)
	}
	ranges, err = network.Flatten(ranges)
	return ranges, bad, err
}

// putRanges writes the rows in batches and then, in one transaction, lets the
// set answer and has the leads weighed again.
func (h *House) putRanges(ctx context.Context, set network.DataSet, ranges []network.Range, bad []BadLine) error {
	var from int64
	for part := range slices.Chunk(ranges, rowsPerBatch) {
		if err := h.Record.InTx(ctx, func(tx *sql.Tx) error { return h.Record.AddRanges(ctx, tx, set.ID, from, part) }); err != nil {
			return err
		}
		from += int64(len(part))
	}
	var problems []sighting.Problem
	for n, b := range bad {
		problems = append(problems, sighting.Problem{Seq: int64(n), Kind: "bad", Place: sighting.Place{Locator: "line " + itoa(b.Line)}, Reason: b.Reason})
	}
	source := custody.Source{Receipt: custody.Receipt{ID: set.SHA256}, State: custody.Read, ReadAt: h.Now().UTC()}
	return h.Record.InTx(ctx, func(tx *sql.Tx) error {
		if err := h.Record.AddProblems(ctx, tx, set.SHA256, problems); err != nil {
			return err
		}
		if err := h.Record.FinishSource(ctx, tx, source); err != nil {
			return err
		}
		if err := h.read(ctx, tx, source); err != nil {
			return err
		}
		if err := h.Record.FinishDataSet(ctx, tx, set); err != nil {
			return err
		}
		if err := h.log(ctx, tx, custody.DataImported, set.ID, custody.Program, set); err != nil {
			return err
		}
		if err := h.Record.DirtyAll(ctx, tx); err != nil {
			return err
		}
		return h.Queue.Weigh(ctx, tx)
	})
}
