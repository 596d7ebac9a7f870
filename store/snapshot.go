package store

import (
	"context"

	"suraag/fault"
)

// Snapshot writes a SQLite record as it is at one moment into a new file, while
// others go on reading and writing (SQLite, VACUUM INTO).
func (d *DB) Snapshot(ctx context.Context, to string) error {
	if d.Dialect != SQLite {
		return fault.Newf(fault.Internal, "a snapshot of %s is made by its own programs", d.Where)
	}
	if _, err := d.DB.ExecContext(ctx, `VACUUM INTO $1`, to); err != nil {
		return fault.Newf(fault.Unavailable, "snapshot of %q into %q: %w", d.Where, to, err)
	}
	return nil
}
