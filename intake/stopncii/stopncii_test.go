package stopncii_test

import (
	"os"
	"strings"
	"testing"

	"suraag/intake"
	"suraag/intake/intaketest"
	"suraag/intake/stopncii"
)

func formats() []intake.Format { return []intake.Format{stopncii.Format()} }

const (
	sample = "testdata/hashes.json"
	good   = `{"lastModtimestamp":1740767401,"signalType":"VideoMD5","hashValue":"37b51d194a7513e45b56f6524f2d51f2","hashStatus":"Active"}`
)

func collect(t testing.TB, text string) intaketest.Records {
	t.Helper()
	r := intaketest.Collect(t, formats(), "hashes.json", []byte(text), intake.Options{Format: "stopncii/hashes"})
	intaketest.CheckPlaces(t, "hashes.json", []byte(text), r)
	return r
}

func TestSample(t *testing.T) {
	r, data := intaketest.CollectFile(t, formats(), sample, intake.Options{})
	intaketest.CheckPlaces(t, sample, data, r)
	intaketest.Golden(t, "testdata/hashes.golden", r)
}

func TestRecords(t *testing.T) {
	for name, c := range map[string]struct{ record, bad string }{
		"a text signal":     {`{"signalType":"Text","hashValue":"x","hashStatus":"Active"}`, `signalType "Text" is no hash`},
		"no value":          {`{"signalType":"ImagePDQ","hashStatus":"Active"}`, "no hash that can be compared"},
		"broken value":      {`{"signalType":"ImagePDQ","hashValue":"zz","hashStatus":"Active"}`, "no known hash"},
		"withdrawn nothing": {`{"signalType":"ImagePDQ","hashStatus":"Deleted"}`, "nothing tells which"},
		"a number":          {`7`, "where a record was expected"},
		"too deep":          {strings.Repeat("[", 40) + strings.Repeat("]", 40), "deep"},
	} {
		t.Run(name, func(t *testing.T) {
			r := collect(t, `{"hashRecords":[`+c.record+","+good+`]}`)
			if r.Err != nil || len(r.Listings) != 1 || len(r.Bad) != 1 || !strings.Contains(r.Bad[0].Reason, c.bad) {
				t.Errorf("%d listings, bad %v, error %v", len(r.Listings), r.Bad, r.Err)
			}
		})
	}
}

func FuzzRead(f *testing.F) {
	data, err := os.ReadFile(sample)
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range [][]byte{data, []byte(`{"hashRecords":[` + good + `]}`), []byte(`{"hashRecords":[7,null,{}]}`)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r := collect(t, string(data))
		for _, l := range r.Listings {
			if len(l.Digests) == 0 && !l.Withdrawn || l.Withdrawn && l.Ref == "" {
				t.Errorf("%s lists nothing", l.Place)
			}
		}
		if len(data) > 0 && r.Count()+len(r.Bad)+len(r.Notes) == 0 {
			t.Error("the file vanished without a word")
		}
	})
}
