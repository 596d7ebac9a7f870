package xreturn_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"suraag/intake"
	"suraag/intake/intaketest"
	"suraag/intake/xreturn"
)

func formats() []intake.Format { return []intake.Format{xreturn.Format()} }

func samples(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) != 2 {
		t.Fatalf("%d samples, %v", len(files), err)
	}
	return files
}

func TestSamples(t *testing.T) {
	for _, file := range samples(t) {
		r, data := intaketest.CollectFile(t, formats(), file, intake.Options{})
		intaketest.CheckPlaces(t, file, data, r)
		intaketest.Golden(t, strings.TrimSuffix(file, ".txt")+".golden", r)
	}
}

const (
	one  = `[{"ipAudit":{"accountId":"9","createdAt":"2025-02-28T18:30:00.000Z","loginIp":"198.51.100.77"}}]`
	head = "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n"
	tail = "\n-----BEGIN PGP SIGNATURE-----\n\nSYNTHETIC\n-----END PGP SIGNATURE-----\n"
)

// What is signed and what is not is said, and each place quotes the record.
func TestSigning(t *testing.T) {
	for name, c := range map[string]struct {
		text    string
		records int
		said    string
	}{
		"signed":               {head + one + tail, 1, "signed in the clear"},
		"with Windows' ends":   {strings.ReplaceAll(head+one+tail, "\n", "\r\n"), 1, "signed in the clear"},
		"a mark at the front":  {"\ufeff" + head + one + tail, 1, "signed in the clear"},
		"not signed":           {one, 1, "is not signed"},
		"signature missing":    {head + one, 0, "no signature"},
		"signature cut off":    {head + one + tail[:40], 1, "signature is cut off"},
		"more after it":        {head + one + tail + one, 1, "not signed; they are not read"},
		"no header's end":      {"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512", 0, "no blank line"},
		"an escaped dash line": {head + strings.Replace(one, "[", "[\n- ", 1) + tail, 1, "signed in the clear"},
	} {
		r := intaketest.Collect(t, formats(), "x.txt", []byte(c.text), intake.Options{Format: "x/return"})
		intaketest.CheckPlaces(t, "x.txt", []byte(c.text), r)
		var said []string
		for _, n := range r.Notes {
			said = append(said, n.Text)
		}
		for _, b := range r.Bad {
			said = append(said, b.Reason)
		}
		if r.Count() != c.records || !strings.Contains(strings.Join(said, "; "), c.said) {
			t.Errorf("%s: %d records, said %q", name, r.Count(), said)
		}
		if c.records == 1 {
			if p := r.Sightings[0].Place; c.text[p.Start:p.End] != one[1:len(one)-1] {
				t.Errorf("%s: the place quotes %q", name, c.text[p.Start:p.End])
			}
		}
	}
}

func TestRecords(t *testing.T) {
	for name, c := range map[string]struct{ record, bad, note string }{
		"unknown":     {`{"tweet":{"id":"6"}}`, "not known", ""},
		"a number":    {`7`, "not known", ""},
		"nobody":      {`{"ipAudit":{"loginIp":"x"}}`, "no account and no address", ""},
		"bad address": {`{"ipAudit":{"accountId":"9","loginIp":"x"}}`, "", "not an IP address"},
		"too deep":    {`{"ipAudit":` + strings.Repeat("[", 40) + strings.Repeat("]", 40) + `}`, "deep", ""},
	} {
		r := intaketest.Collect(t, formats(), "x.txt", []byte("["+c.record+","+one[1:]), intake.Options{Format: "x/return"})
		if r.Count()+len(r.Bad) != 2 || c.bad != "" && !strings.Contains(r.Bad[0].Reason, c.bad) {
			t.Errorf("%s: %d records, bad %v", name, r.Count(), r.Bad)
			continue
		}
		if notes := strings.Join(r.Sightings[0].Notes, "; "); !strings.Contains(notes, c.note) {
			t.Errorf("%s: notes %q", name, notes)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, file := range samples(f) {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r := intaketest.Collect(t, formats(), "x.txt", data, intake.Options{Format: "x/return"})
		intaketest.CheckPlaces(t, "x.txt", data, r)
		if len(data) > 0 && r.Count()+len(r.Bad)+len(r.Notes) == 0 {
			t.Error("the file vanished without a word")
		}
	})
}
