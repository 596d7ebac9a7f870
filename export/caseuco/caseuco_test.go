package caseuco_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"suraag/digest"
	"suraag/export/caseuco"
	"suraag/instant"
	"suraag/sighting"
)

var day = time.Date(2025, 3, 12, 9, 0, 0, 0, time.UTC)

// facts hold every kind of identifier, addresses of both families, and contents
// with and without the digests that the vocabulary names.
func facts(t testing.TB) caseuco.Facts {
	t.Helper()
	value := map[sighting.IDKind]string{
		sighting.Phone: "+12025550101", sighting.Email: "a@example.org", sighting.IMEI: "000000000000001", sighting.IMSI: "404000000000001",
		sighting.ICCID: "8991000000000000001", sighting.MAC: "00:00:5e:00:53:01", sighting.URL: "https://example.org/x",
	}
	source := strings.Repeat("ab", 32)
	f := caseuco.Facts{
		Name: "Lead 0123", About: "lead 0123", AsOf: day, Tool: "Suraag", Version: "test",
		Sources: []caseuco.Source{
			{ID: source, Exhibit: "S1", Name: "tip.json", Size: 100, SealedAt: day, Authorities: []string{"FIR 12/2025", "FIR 12/2025"}, BroughtBy: []string{"officer", "other"}},
			{ID: strings.Repeat("cd", 32), Exhibit: "S2", Name: "list \"x\".txt", SealedAt: day},
		},
	}
	for n, k := range sighting.IDKinds() {
		v := value[k]
		if v == "" {
			v = "example-1"
		}
		id, err := sighting.Identify(k, "Example Social", v)
		if err != nil {
			t.Fatal(err)
		}
		s := sighting.Sighting{
			Origin: sighting.Origin{Source: source, Reader: "test", Place: sighting.Place{Start: int64(n), End: int64(n) + 1}},
			Act:    sighting.Acts()[n%len(sighting.Acts())], Who: []sighting.Identifier{id}, To: []sighting.Identifier{id}, Via: []sighting.Identifier{id}, Standing: sighting.ProviderRecord,
		}
		s.ID = s.Identify()
		switch n % 4 {
		case 0:
			s.When = instant.At(day)
			s.From, _ = sighting.ParseEndpoint("198.51.100.77", "51602")
			s.At, _ = sighting.ParseEndpoint("203.0.113.5", "443")
		case 1:
			s.From, _ = sighting.ParseEndpoint("2001:db8::1", "")
			s.Content = sighting.Content{Refs: []string{"kik:1"}, MediaType: "image/jpeg", Size: 12}
		case 2:
			for _, d := range []string{"md5:0123456789abcdef0123456789abcdef", "sha256:" + source, "pdq:" + source} {
				parsed, err := digest.Parse(d)
				if err != nil {
					t.Fatal(err)
				}
				s.Content.Digests = append(s.Content.Digests, parsed)
			}
		}
		f.Sightings = append(f.Sightings, s)
	}
	return f
}

func write(t testing.TB, f caseuco.Facts) []byte {
	t.Helper()
	doc, err := caseuco.Write(f)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// validate runs a SHACL validator that is not ours (rdf-validate-shacl, an npm
// package) with the ontology's own shapes.
func validate(t *testing.T, doc []byte) (string, error) {
	t.Helper()
	const script = "../../script/shacl"
	ontology := os.Getenv("SURAAG_ONTOLOGY")
	if ontology == "" {
		t.Skip("SURAAG_ONTOLOGY names no folder with the Turtle files of UCO and CASE 1.4.0; they are not part of this repository")
	}
	_, err := exec.LookPath("node")
	if err == nil {
		_, err = os.Stat(filepath.Join(script, "node_modules", "rdf-validate-shacl"))
	}
	if err != nil {
		if strings.Contains(os.Getenv("SURAAG_REQUIRE"), "shacl") {
			t.Fatal("SURAAG_REQUIRE asks for shacl: ", err)
		}
		t.Skip("the SHACL validator is not installed; script/needs.sh does: ", err)
	}
	file := filepath.Join(t.TempDir(), "graph.jsonld")
	if err := os.WriteFile(file, doc, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("node", filepath.Join(script, "validate.mjs"), ontology, file).CombinedOutput()
	return string(out), err
}

func TestTheOntologysOwnShapes(t *testing.T) {
	doc := write(t, facts(t))
	if out, err := validate(t, doc); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	// A validator that finds nothing wrong anywhere would say the same.
	bad := bytes.Replace(doc, []byte(`"uco-observable:sourcePort": 51602`), []byte(`"uco-observable:sourcePort": "51602"`), 1)
	bad = bytes.Replace(bad, []byte(`"case-investigation:exhibitNumber": "S1"`), []byte(`"case-investigation:exhibitNumber": ["S1", "S2"]`), 1)
	out, err := validate(t, bad)
	if err == nil || !strings.Contains(out, "sourcePort") || !strings.Contains(out, "exhibitNumber") {
		t.Errorf("a port in words and two numbers for one exhibit are not found: %v\n%s", err, out)
	}
}

func TestSameFactsSameBytes(t *testing.T) {
	a := write(t, facts(t))
	if !bytes.Equal(a, write(t, facts(t))) {
		t.Error("two graphs of the same facts differ")
	}
	var doc struct {
		Graph []map[string]any `json:"@graph"`
	}
	if err := json.Unmarshal(a, &doc); err != nil {
		t.Fatal(err)
	}
	seen := map[any]bool{}
	for _, n := range doc.Graph {
		if seen[n["@id"]] {
			t.Errorf("%v stands there twice", n["@id"])
		}
		seen[n["@id"]] = true
		if _, performed := n["uco-action:performer"]; performed && n["@type"] == "uco-action:Action" {
			t.Errorf("%v has a performer: a record knows accounts, not persons", n["@id"])
		}
	}
	if len(seen) < 40 {
		t.Errorf("only %d objects", len(seen))
	}
}

// Nothing at all is a graph too.
func TestEmptyFacts(t *testing.T) {
	if doc := write(t, caseuco.Facts{AsOf: day}); !json.Valid(doc) || bytes.Contains(doc, []byte("null")) {
		t.Errorf("%s", doc)
	}
}
