package flow

import (
	"context"
	"database/sql"

	"suraag/casework/figures"
	"suraag/custody"
)

// Count is what somebody wants counted.
type Count struct {
	Rows    figures.Dimension
	Across  figures.Dimension // empty: the table of the record bureau
	Measure string            // of a table with two dimensions
	Period  figures.Period
	Publish bool   // small counts hidden
	By      string // who takes it out of the house; empty: it is only looked at
}

// Figures counts. A table that leaves the house is logged, since two cuts of the
// same complaints may show together what each hides.
func (h *House) Figures(ctx context.Context, c Count) (figures.Table, error) {
	entries, err := h.Record.Complaints(ctx)
	if err != nil {
		return figures.Table{}, err
	}
	var t figures.Table
	if c.Across == "" {
		t, err = figures.Bureau(entries, c.Rows, c.Period, h.Tables)
	} else {
		t, err = figures.Cross(entries, c.Measure, c.Rows, c.Across, c.Period, h.Tables)
	}
	if err != nil {
		return t, err
	}
	if c.Publish {
		t = t.Publish()
	}
	if c.By == "" {
		return t, nil
	}
	return t, h.Record.InTx(ctx, func(tx *sql.Tx) error {
		return h.log(ctx, tx, custody.Export, "figures", c.By, struct {
			Title     string `json:"title"`
			Published bool   `json:"published"`
		}{t.Title, t.Published})
	})
}
