package app

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"suraag/casework/complaint"
	"suraag/fault"
	"suraag/sighting"
)

// tables gives the tables of codes: those that ship, and in their place those
// that the unit put into the folder tables.
func tables(dir string, zone *time.Location) (complaint.Tables, error) {
	out, err := complaint.Shipped(zone)
	if err != nil {
		return nil, err
	}
	for name := range out {
		path := filepath.Join(dir, "tables", name+".csv")
		f, err := os.Open(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fault.Newf(fault.Unavailable, "table %q: %w", path, err)
		}
		out[name], err = complaint.ReadTable(name, f, zone)
		f.Close()
		if err != nil {
			return nil, fault.Wrapf(err, "%s", path)
		}
	}
	return out, nil
}

// maxPublic bounds the table of public numbers, in bytes.
const maxPublic = 1 << 20

// publicNumbers gives the identifiers that are known to belong to many: those of
// tables/public.csv (identifier, why, source), which a unit fills with its
// helplines and banks. None ship, since such numbers differ from place to place.
func publicNumbers(dir string) (map[sighting.Identifier]string, error) {
	path := filepath.Join(dir, "tables", "public.csv")
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fault.Newf(fault.Unavailable, "table %q: %w", path, err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxPublic+1))
	if err != nil {
		return nil, fault.Newf(fault.Unavailable, "table %q: %w", path, err)
	}
	if len(text) > maxPublic { // a helpline behind the limit would join complaints again
		return nil, fault.Newf(fault.TooLarge, "table %q has more than %d bytes", path, maxPublic)
	}
	c := csv.NewReader(bytes.NewReader(text))
	c.FieldsPerRecord = 3
	rows, err := c.ReadAll()
	if err != nil {
		return nil, fault.Newf(fault.Invalid, "table %q: %w", path, err)
	}
	out := map[sighting.Identifier]string{}
	for n, r := range rows {
		if n == 0 && r[0] == "identifier" {
			continue
		}
		id, err := sighting.ParseIdentifier(r[0])
		if err != nil {
			return nil, fault.Newf(fault.Invalid, "table %q, row %d: %w", path, n+1, err)
		}
		out[id] = r[1] + " (" + r[2] + ")"
	}
	return out, nil
}
