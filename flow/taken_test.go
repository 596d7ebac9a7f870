package flow_test

import (
	"database/sql"
	"maps"
	"slices"
	"testing"

	"suraag/casework/legal"
	"suraag/custody"
)

// What was taken out by an earlier program, which did not log what it rests on, or
// rests on more than its entry names, is told with that; a letter that went to nobody
// is told; what is certain to rest on something else is not.
func TestWhatWasTakenOutInEveryForm(t *testing.T) {
	h := legalHouse(t)
	h.reviewed(t)
	lead := h.leadAt(t, "198.51.100.77")
	record, other := lead.Finding.Observation.SightingID, "0123456789abcdef0123456789abcdef"
	waiting, refusals, err := h.Draft(ctx, demand(lead.ID))
	if err != nil || len(refusals) > 0 {
		t.Fatal(err, refusals)
	}
	many := custody.TakenOut{Format: "suraag bundle 1", Content: "05"}
	many.Rests([]string{lead.Source}, slices.Repeat([]string{other}, 3))
	if len(many.RestsOn) != 2 || many.More != 0 {
		t.Fatalf("said twice: %+v", many)
	}
	many.More = 7
	for subject, said := range map[string]any{
		"lead old":              map[string]string{"format": "suraag bundle 1", "content": "01", "kind": "lead"},
		"lead named":            custody.TakenOut{Format: "timeline", SHA256: "02", RestsOn: []string{record}},
		"trace of nothing":      custody.TakenOut{Format: "suraag bundle 1", Content: "08", RestsOn: []string{}},
		"case elsewhere":        custody.TakenOut{Format: "suraag bundle 1", Content: "03", RestsOn: []string{other}},
		"trace cut":             custody.TakenOut{Format: "suraag bundle 1", Content: "04", RestsOn: []string{other}, Cut: true},
		"trace many":            many,
		"request " + waiting.ID: map[string]string{"format": ".pdf", "sha256": "06"},
		"request " + other:      map[string]string{"format": ".pdf", "sha256": "07"},
		"backup":                map[string]any{"files": 3},
		"figures":               map[string]any{"year": 2025},
	} {
		e, err := custody.Saying(custody.Export, subject, "SI One", h.Now(), said)
		if err == nil {
			err = h.db.InTx(ctx, func(tx *sql.Tx) error { return h.db.Log(ctx, tx, e) })
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	c, err := h.Correct(ctx, record, legal.WrongTime, "the service sent the time of another file", "first officer")
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]bool{}
	for _, x := range c.Taken {
		got[x.SHA256] = x.Unsure
		if x.By != "SI One" || x.Entry == "" || x.Format == "" {
			t.Errorf("%+v", x)
		}
	}
	if want := map[string]bool{"01": true, "02": false, "04": true, "05": true, "06": false}; !maps.Equal(got, want) {
		t.Errorf("told of, and uncertain: %v, want %v", got, want)
	}
}
