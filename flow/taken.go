package flow

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"suraag/casework/legal"
	"suraag/custody"
	"suraag/fault"
)

// takenOut gives what was taken out of the record, as the custody log says, that rests
// on a thing, by itself or through a demand and what was answered to it (rule R14).
func (h *House) takenOut(ctx context.Context, subject string, resting []legal.Request) ([]legal.Taken, error) {
	on, err := h.whatRests(ctx, subject, resting)
	if err != nil {
		return nil, err
	}
	entries, err := h.Record.Entries(ctx, custody.Query{Kind: custody.Export})
	if err != nil {
		return nil, err
	}
	var out []legal.Taken
	for _, l := range slices.Backward(entries) { // the oldest first
		var said custody.TakenOut
		e, err := custody.Parse(l.Canonical)
		if l.IsErased() || err != nil || json.Unmarshal(e.Record, &said) != nil {
			continue // what was erased lawfully says nothing any more; the rest verify tells of
		}
		rests, sure := on.of(l.Subject, said)
		if !rests {
			continue
		}
		t := legal.Taken{Entry: l.ID, About: l.Subject, By: l.By, At: l.At, Format: said.Format, SHA256: said.SHA256, Unsure: !sure}
		if t.SHA256 == "" {
			t.SHA256 = said.Content
		}
		out = append(out, t)
	}
	return out, nil
}

// resting is a thing corrected with what rests on it.
type resting struct {
	things  []string // the thing, demands that rest on it, and the sources of their answers
	source  string   // that states the thing, if one does
	letters []string // subjects of letters that went to nobody whom the record knows
}

func (h *House) whatRests(ctx context.Context, subject string, demands []legal.Request) (resting, error) {
	on := resting{things: []string{subject}}
	for _, r := range demands {
		on.things = append(on.things, r.ID)
		for _, p := range r.Replies {
			on.things = append(on.things, p.Sources...)
		}
		if !r.WasSent() { // to whom it was sent is a recipient
			on.letters = append(on.letters, "request "+r.ID)
		}
	}
	live, _, err := h.Record.AllDataSets(ctx)
	if err != nil {
		return on, err
	}
	for _, s := range live {
		if s.ID == subject {
			on.things = append(on.things, s.SHA256)
		}
	}
	on.source, err = h.statedIn(ctx, subject)
	return on, err
}

// statedIn gives the source that states the record with an ID; empty: there is no such
// record.
func (h *House) statedIn(ctx context.Context, id string) (string, error) {
	s, err := h.Record.Sighting(ctx, id)
	if err == nil || !isNone(err) {
		return s.Source, err
	}
	l, err := h.Record.Lease(ctx, id)
	if isNone(err) {
		return "", nil
	}
	return l.Source, err
}

// isNone tells whether an error says that there is no such thing, or that the ID is
// that of another kind.
func isNone(err error) bool { return fault.Is(err, fault.NotFound) || fault.Is(err, fault.Invalid) }

// of tells whether a document rests on the thing, and whether that is certain.
func (on resting) of(about string, said custody.TakenOut) (rests, sure bool) {
	kind, _, _ := strings.Cut(about, " ")
	switch {
	case slices.Contains(on.letters, about):
		return true, true
	case kind != "lead" && kind != "case" && kind != "trace": // letters, figures, copies of the whole record for the unit itself
		return false, true
	case slices.ContainsFunc(said.RestsOn, func(id string) bool { return slices.Contains(on.things, id) }):
		return true, true
	case said.RestsOn == nil, said.Cut: // an earlier program, or more than the document names
		return true, false
	}
	return said.More > 0 && slices.Contains(said.RestsOn, on.source), false
}
