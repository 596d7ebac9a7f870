package autopsy_test

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"suraag/intake"
	"suraag/intake/autopsy"
	"suraag/intake/intaketest"
)

func formats() []intake.Format { return []intake.Format{autopsy.Format()} }

const (
	sample = "testdata/file-report.txt"
	header = "NAME\tDELETED\tCR_TIME\tSIZE\tHASH_VALUE\tKNOWN_STATUS\tFULL_PATH\n"
	md5    = "4bc93fb481892c12606a481fc53a0ad9"
)

func TestSample(t *testing.T) {
	r, data := intaketest.CollectFile(t, formats(), sample, intake.Options{})
	intaketest.CheckPlaces(t, sample, data, r)
	intaketest.Golden(t, "testdata/file-report.golden", r)
}

func TestRows(t *testing.T) {
	for name, c := range map[string]struct{ row, bad, note string }{
		"whole":          {"\"x.jpg\"\t\"\"\t2025-02-28 18:00:00\t5\t" + md5 + "\tunknown\t/x.jpg", "", ""},
		"not hashed":     {"x.jpg\t\t2025-02-28 18:00:00\t5\t\tunknown\t/x.jpg", "", "no hash stated"},
		"bad hash":       {"x.jpg\t\t2025-02-28 18:00:00\t5\tzz\tunknown\t/x.jpg", "", "no known hash"},
		"a SHA-256":      {"x.jpg\t\t2025-02-28 18:00:00\t5\t" + md5 + md5 + "\tunknown\t/x.jpg", "", "length of sha256"},
		"bad size":       {"x.jpg\t\t2025-02-28 18:00:00\tbig\t" + md5 + "\tunknown\t/x.jpg", "", "not a number of bytes"},
		"bad time":       {"x.jpg\t\tthen\t5\t" + md5 + "\tunknown\t/x.jpg", "", "no known form"},
		"no file":        {"\t\t2025-02-28 18:00:00\t5\t\tunknown\t", "names no file", ""},
		"too many cells": {"x.jpg\t\t2025-02-28 18:00:00\t5\t" + md5 + "\tunknown\t/x.jpg\tmore", "shifted", ""},
	} {
		r := intaketest.Collect(t, formats(), "x.txt", []byte(header+c.row+"\n"), intake.Options{})
		if len(r.Sightings)+len(r.Bad) != 1 || c.bad != "" && !strings.Contains(r.Bad[0].Reason, c.bad) {
			t.Errorf("%s: %d sightings, bad %v, error %v", name, len(r.Sightings), r.Bad, r.Err)
			continue
		}
		if c.bad == "" && !strings.Contains(strings.Join(r.Sightings[0].Notes, "; "), c.note) {
			t.Errorf("%s: notes %q", name, r.Sightings[0].Notes)
		}
	}
}

// With commas the same is stated as with tabs.
func TestCommas(t *testing.T) {
	data, err := os.ReadFile(sample)
	if err != nil {
		t.Fatal(err)
	}
	commas := bytes.ReplaceAll(data, []byte("\"\t\""), []byte("\",\""))
	intaketest.SameStatements(t, intaketest.Collect(t, formats(), "x.txt", data, intake.Options{}), intaketest.Collect(t, formats(), "x.txt", commas, intake.Options{}))
}

func FuzzRead(f *testing.F) {
	data, err := os.ReadFile(sample)
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range [][]byte{data, []byte(header), []byte(header + "\"x\t\n")} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r := intaketest.Collect(t, formats(), "x.txt", data, intake.Options{Format: "autopsy/files"})
		intaketest.CheckPlaces(t, "x.txt", data, r)
		if len(data) > 0 && r.Count()+len(r.Bad)+len(r.Notes) == 0 {
			t.Error("the file vanished without a word")
		}
	})
}
