package flow

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"suraag/custody"
)

// statement is what the log last said of a row.
type statement struct {
	sum      string
	at       time.Time
	turn     int  // of the entry among all, in the order of the log
	baseline bool // the row is older than such statements
}

// statements is what the log says of the rows that follow from nothing else in the
// record: people, cases, requests and the like.
type statements struct {
	rows    map[string]statement
	turns   int
	erased  map[string]int // entries that lost their words: ID → turn
	again   map[string]bool
	altered []altered // rows that were not what was logged when they were written next
	first   string    // leaf of the first entry, if it lost its words
	begins  bool      // the first entry states rows
	older   bool      // there is a baseline: the record is older than such statements
	all     bool      // every row has to be stated
}

// altered is a row that an entry found to be something else than the one before said.
type altered struct {
	row, was string
	since    time.Time
}

func newStatements() *statements {
	return &statements{rows: map[string]statement{}, erased: map[string]int{}, again: map[string]bool{}}
}

// whole tells whether the log states from its first entry on what there is: then
// nothing in the record is older than the log.
func (s *statements) whole() bool { return s.begins && !s.older }

// take takes the next entry in.
func (s *statements) take(l custody.Logged) {
	turn := s.turns
	s.turns++
	if l.IsErased() {
		if s.erased[l.ID] = turn; turn == 0 {
			s.first = hex.EncodeToString(l.Leaf)
		}
		return
	}
	if !bytes.Contains(l.Canonical, []byte(`"rows":`)) {
		return
	}
	e, err := custody.Parse(l.Canonical)
	if err != nil || e.Rows == nil {
		return // told where the entries themselves are looked at
	}
	var of struct{ Baseline bool }
	if json.Unmarshal(e.Record, &of) != nil || e.Kind != custody.RowsWritten {
		of.Baseline = false
	}
	s.begins = s.begins || turn == 0 || e.Kind == custody.Erased && e.Subject == s.first
	s.older = s.older || of.Baseline
	s.all = s.all || turn == 0 || of.Baseline || e.Kind == custody.Erased && e.Subject == s.first
	for _, row := range e.Rows {
		now := statement{row.SHA256, l.At, turn, of.Baseline}
		before, there := s.rows[row.Row]
		if row.AsOf != "" {
			if was, known := s.erased[row.AsOf]; known {
				now.turn = was
			}
			s.again[row.Row+" "+row.SHA256] = true
		} else if before.sum != row.Was && (there || s.all) && (row.Was != "" || before.sum != row.SHA256) { // two may write one new row at one moment
			s.altered = append(s.altered, altered{row.Row, row.Was, before.at})
		}
		if now.turn >= before.turn || !there {
			s.rows[row.Row] = now
		}
	}
}

// statements reads the log for what it says of rows.
func (h *House) statements(ctx context.Context) (*statements, error) {
	s := newStatements()
	err := h.Record.EachEntry(ctx, func(l custody.Logged) error { s.take(l); return ctx.Err() })
	return s, err
}

// checkStated compares the rows of what people did with what the log last said of
// each. Who works meanwhile writes both: what differs is looked at a second time.
func (h *House) checkStated(ctx context.Context, s *statements, v *Verified) error {
	for _, a := range s.altered {
		if !s.again[a.row+" "+a.was] {
			table, key, _ := strings.Cut(a.row, " ")
			v.row(table, key, "when it was written next it was not what had been logged of it: it was changed in between by other hands", a.since)
		}
	}
	found, older, err := h.compareStated(ctx, s, v.tick)
	if err == nil && len(found) > 0 {
		if s, err = h.statements(ctx); err != nil {
			return err
		}
		var again []Difference
		again, older, err = h.compareStated(ctx, s, v.tick)
		found = slices.DeleteFunc(again, func(d Difference) bool {
			return !slices.ContainsFunc(found, func(o Difference) bool { return o.Table == d.Table && o.Record == d.Record })
		})
	}
	v.Differences = append(v.Differences, found...)
	v.UnloggedRows = older
	return err
}

func (h *House) compareStated(ctx context.Context, s *statements, tick func()) (found []Difference, older int64, err error) {
	left := maps.Clone(s.rows)
	differs := func(row, what string, since time.Time) {
		table, key, _ := strings.Cut(row, " ")
		found = append(found, Difference{Table: table, Record: key, What: what, Since: since})
	}
	n := 0
	err = h.Record.StatedRows(ctx, func(row, sum string) error {
		if n++; n%1000 == 0 {
			tick()
		}
		was, there := left[row]
		delete(left, row)
		switch {
		case !there && s.all:
			differs(row, "nothing in the custody log says that it was written", time.Time{})
		case !there:
			older++
		case was.sum == "":
			differs(row, "the log says that it was taken away, and it is there", was.at)
		case was.sum != sum:
			differs(row, "it is not what was logged when it was last written", was.at)
		case was.baseline:
			older++
		}
		return ctx.Err()
	})
	for _, row := range slices.Sorted(maps.Keys(left)) {
		if was := left[row]; was.sum != "" {
			differs(row, "the log says that it was written, and it is not there", was.at)
		}
	}
	return found, older, err
}
