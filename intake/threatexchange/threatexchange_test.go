package threatexchange_test

import (
	"os"
	"strings"
	"testing"

	"suraag/digest"
	"suraag/intake"
	"suraag/intake/intaketest"
	"suraag/intake/threatexchange"
)

func formats() []intake.Format { return []intake.Format{threatexchange.Format()} }

const (
	sample = "testdata/updates.json"
	good   = `{"id":"9","indicator":"37b51d194a7513e45b56f6524f2d51f2","type":"HASH_MD5","last_updated":1740767402}`
)

func collect(t testing.TB, text string) intaketest.Records {
	t.Helper()
	r := intaketest.Collect(t, formats(), "updates.json", []byte(text), intake.Options{Format: "meta/threatexchange"})
	intaketest.CheckPlaces(t, "updates.json", []byte(text), r)
	return r
}

func TestSample(t *testing.T) {
	r, data := intaketest.CollectFile(t, formats(), sample, intake.Options{})
	intaketest.CheckPlaces(t, sample, data, r)
	intaketest.Golden(t, "testdata/updates.golden", r)
}

func TestUpdates(t *testing.T) {
	for name, c := range map[string]struct{ update, bad, note string }{
		"no hash":                    {`{"id":"1","type":"HASH_MD5"}`, "no hash that can be compared", ""},
		"broken hash":                {`{"id":"1","type":"HASH_MD5","indicator":"zz"}`, "no known hash", ""},
		"SHA-1 called MD5":           {`{"id":"1","type":"HASH_MD5","indicator":"a315372f5e9ac7e07593d41e19b3cec37f9f3c1f"}`, "", "length of sha1"},
		"not a hash":                 {`{"id":"1","type":"DOMAIN","indicator":"example.com"}`, `type "DOMAIN" is no hash`, ""},
		"no type":                    {`{"id":"1","indicator":"37b51d194a7513e45b56f6524f2d51f2"}`, `type "" is no hash`, ""},
		"deleted or not":             {`{"id":"1","type":"HASH_MD5","indicator":"37b51d194a7513e45b56f6524f2d51f2","should_delete":"perhaps"}`, "whether the entry stands", ""},
		"deletion of nothing":        {`{"type":"HASH_MD5","indicator":"37b51d194a7513e45b56f6524f2d51f2","should_delete":true}`, "nothing tells which", ""},
		"a text":                     {`"x"`, "where an update was expected", ""},
		"said to be harmless by one": {`{"id":"1","type":"HASH_MD5","indicator":"37b51d194a7513e45b56f6524f2d51f2","descriptors":[{"owner":{"id":"5"},"status":"NON_MALICIOUS"}]}`, "", "harmless"},
		"bad time":                   {`{"id":"1","type":"HASH_MD5","indicator":"37b51d194a7513e45b56f6524f2d51f2","last_updated":"soon"}`, "", "last_updated"},
		"too deep":                   {`{"id":"1","x":` + strings.Repeat("[", 40) + strings.Repeat("]", 40) + `}`, "deep", ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := collect(t, `{"data":[`+c.update+","+good+`]}`)
			if r.Err != nil || len(r.Listings)+len(r.Bad) != 2 {
				t.Fatalf("%d listings, bad %v, error %v", len(r.Listings), r.Bad, r.Err)
			}
			if c.bad != "" && (len(r.Bad) != 1 || !strings.Contains(r.Bad[0].Reason, c.bad)) {
				t.Fatalf("bad %v, want %q", r.Bad, c.bad)
			}
			if c.bad == "" && !strings.Contains(strings.Join(r.Listings[0].Notes, "; "), c.note) {
				t.Errorf("notes %q, want %q", r.Listings[0].Notes, c.note)
			}
		})
	}
}

// PhotoDNA is written as numbers with commas, or as lists of other owners do.
func TestPhotoDNAInNumbers(t *testing.T) {
	numbers := strings.TrimSuffix(strings.Repeat("0,255,", 72), ",")
	r := collect(t, `[{"id":"1","type":"HASH_PHOTODNA","indicator":"`+numbers+`"},{"id":"2","type":"HASH_PHOTODNA","indicator":"`+strings.Repeat("00ff", 72)+`"}]`)
	if len(r.Listings) != 2 || r.Listings[0].Digests[0] != r.Listings[1].Digests[0] || r.Listings[0].Digests[0].Kind() != digest.PhotoDNA {
		t.Errorf("%+v, bad %v", r.Listings, r.Bad)
	}
	r = collect(t, `[{"id":"1","type":"HASH_PHOTODNA","indicator":"`+strings.Replace(numbers, "255", "256", 1)+`"}]`)
	if len(r.Bad) != 1 {
		t.Errorf("a byte of 256: %+v", r.Listings)
	}
}

func FuzzRead(f *testing.F) {
	data, err := os.ReadFile(sample)
	if err != nil {
		f.Fatal(err)
	}
	seeds := [][]byte{data, []byte(`[` + good + `]`), []byte(`{"data":[7,null,{}]}`), []byte(`{"paging":{"next":"x"}}`)}
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r := collect(t, string(data))
		if len(data) > 0 && r.Count()+len(r.Bad)+len(r.Notes) == 0 {
			t.Error("the file vanished without a word")
		}
		for _, l := range r.Listings {
			if len(l.Digests) == 0 && !l.Withdrawn || l.Withdrawn && l.Ref == "" {
				t.Errorf("%s lists nothing", l.Place)
			}
		}
	})
}
