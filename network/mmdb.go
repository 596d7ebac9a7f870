package network

import (
	"io"

	"github.com/oschwald/maxminddb-golang/v2"

	"suraag/fault"
)

// maxMMDB bounds a MaxMind DB file, which has to lie in memory whole. The
// largest public country and operator files have under 20 MB.
const maxMMDB = 512 << 20

// mmdbRow names the fields that are taken from a record. City and coordinates
// are not among them, on purpose (rule R10): what is not read cannot be shown.
type mmdbRow struct {
	CountryCode string `maxminddb:"country_code"` // ip-location-db
	Country     struct {
		ISOCode string `maxminddb:"iso_code"` // GeoLite2, DB-IP
	} `maxminddb:"country"`
	ASN          uint32 `maxminddb:"autonomous_system_number"`
	Organization string `maxminddb:"autonomous_system_organization"`
}

// readMMDB walks the networks of a MaxMind DB (maxmind.github.io/MaxMind-DB). It
// has no lines: bad counts networks.
func readMMDB(kind DataKind, in io.Reader, g *gate) error {
	bytes, err := io.ReadAll(io.LimitReader(in, maxMMDB+1))
	if err != nil {
		return err
	}
	if len(bytes) > maxMMDB {
		return fault.Newf(fault.TooLarge, "the MaxMind DB has more than %d bytes", maxMMDB)
	}
	db, err := maxminddb.OpenBytes(bytes)
	if err != nil {
		return fault.Newf(fault.Corrupt, "not a MaxMind DB: %w", err)
	}
	// A binary tree has one leaf more than nodes. A file whose branches share their
	// nodes is no tree and could be walked 2^128 times; so the networks of which
	// nothing is said are walked here, not in the library, and counted too.
	leaves := int64(db.Metadata.NodeCount) + 1
	var n int64
	for result := range db.Networks(maxminddb.IncludeNetworksWithoutData()) {
		if n++; n > leaves {
			return fault.Newf(fault.Corrupt, "the MaxMind DB has more than %d networks, its branches share nodes", leaves)
		}
		if result.Err() == nil && empty(result) {
			continue
		}
		r, err := mmdbRange(kind, result)
		if err != nil {
			if err := g.reject(n, "%v", err); err != nil {
				return err
			}
			// The walk ends after a broken tree; a broken record ends nothing.
			continue
		}
		if err := g.pass(r); err != nil {
			return err
		}
	}
	return nil
}

// empty tells whether nothing is said of the network: no record, or one without
// any field, as publishers write it where they do not know.
func empty(result maxminddb.Result) bool {
	if !result.Found() {
		return true
	}
	var fields map[string]any
	return result.Decode(&fields) == nil && len(fields) == 0
}

func mmdbRange(kind DataKind, result maxminddb.Result) (Range, error) {
	var row mmdbRow
	if err := result.Decode(&row); err != nil {
		return Range{}, fault.As(fault.Corrupt, err)
	}
	r, err := prefixOf(result.Prefix().String())
	if err != nil {
		return Range{}, err
	}
	if kind == KindASN {
		r.ASN, r.Operator = row.ASN, row.Organization
		if r.ASN == 0 && r.Operator == "" {
			err = fault.Newf(fault.Invalid, "network %q has no autonomous system", result.Prefix())
		}
		return r, err
	}
	code := row.CountryCode
	if code == "" {
		code = row.Country.ISOCode
	}
	if r.Country, err = countryOf(code); err == nil && r.Country == "" {
		err = fault.Newf(fault.Invalid, "network %q has no country", result.Prefix())
	}
	return r, err
}
