package app

import (
	"context"
	"path/filepath"

	"suraag/custody/vault"
	"suraag/flow"
)

// keyFile is where the unit's key lies, below the data folder.
const keyFile = "unit.key"

// checkUnitKey compares the unit's key with the one that the record names, where it
// is here: a copy of the record may well be kept without it.
func (h *house) checkUnitKey(ctx context.Context, v *flow.Verified) error {
	path := filepath.Join(h.dir, keyFile)
	want, err := h.db.UnitKey(ctx)
	if err != nil || !exists(path) || want == (vault.UnitKey{}) {
		return err
	}
	what := ""
	key, err := vault.OpenKey(path)
	if err != nil {
		what = err.Error()
	} else if is, err := key.Public(); err != nil {
		return err
	} else if is.Public != want.Public {
		what = "it is not the key to which the vault was encrypted, " + want.Public
	}
	if what != "" {
		v.Differences = append(v.Differences, flow.Difference{Table: keyFile, What: what, Since: want.At})
	}
	return nil
}
