package export_test

import (
	"archive/zip"
	"bytes"
	"compress/zlib"
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/transparency-dev/formats/log"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/note"

	"suraag/attribution"
	"suraag/casework"
	"suraag/circulation"
	"suraag/custody"
	"suraag/custody/proof"
	"suraag/digest"
	"suraag/export"
	"suraag/fault"
	"suraag/instant"
	"suraag/sighting"
)

var (
	now  = time.Date(2025, 3, 12, 9, 0, 0, 0, time.UTC)
	seen = time.Date(2025, 2, 28, 18, 45, 10, 0, time.UTC)

	tip  = []byte("{\"ip\": \"198.51.100.77\", \"port\": 51602, \"name\": \"क\u202egpj.exe\"}\n{\"bad\n")
	list = []byte("md5 0123456789abcdef0123456789abcdef\n")
)

// shelf is a record of two originals.
type shelf struct {
	originals map[string][]byte
	sources   []custody.Source
}

func newShelf() *shelf {
	s := &shelf{originals: map[string][]byte{}}
	for _, o := range []struct {
		name, purpose, authority string
		text                     []byte
	}{
		{"tip.json", custody.ForIntake, "FIR 12/2025", tip},
		{"list.txt", custody.ForHashSet, "agreement", list},
		{"other.json", custody.ForIntake, "FIR 12/2025", []byte("{}")},
		{"elsewhere.json", custody.ForIntake, "FIR 99/2025", []byte("[]")},
	} {
		id := sum(o.text)
		s.originals[id] = o.text
		s.sources = append(s.sources, custody.Source{
			Receipt: custody.Receipt{ID: id, Size: int64(len(o.text)), Name: o.name, BroughtBy: "officer", Authority: o.authority, SealedAt: seen},
			Purpose: o.purpose, Options: json.RawMessage(`{}`), State: custody.Read,
		})
	}
	return s
}

func (s *shelf) Source(_ context.Context, id string) (custody.Source, error) {
	for _, x := range s.sources {
		if x.ID == id {
			return x, nil
		}
	}
	return custody.Source{}, fault.Newf(fault.NotFound, "source %s", id)
}

func (s *shelf) Sources(context.Context) ([]custody.Source, error) { return s.sources, nil }

func (s *shelf) HandIns(ctx context.Context, id string) ([]custody.HandIn, error) {
	x, err := s.Source(ctx, id)
	return []custody.HandIn{{Authority: x.Authority, BroughtBy: x.BroughtBy, Name: x.Name, At: x.SealedAt}}, err
}

func (s *shelf) Problems(_ context.Context, source string, _ int64, _ int) ([]sighting.Problem, error) {
	if source != sum(tip) {
		return nil, nil
	}
	return []sighting.Problem{{Kind: "bad", Place: sighting.Place{Start: 67, End: 73}, Reason: "the line ends inside a string"}}, nil
}

func (s *shelf) Bytes(_ context.Context, source string, at sighting.Place, limit int64) ([]byte, bool, error) {
	return quote(source, bytes.NewReader(s.originals[source]), int64(len(s.originals[source])), at, limit)
}

func quote(_ string, o io.ReaderAt, size int64, at sighting.Place, limit int64) ([]byte, bool, error) {
	if at.End > size || at.Start < 0 || at.End < at.Start {
		return nil, false, fault.Newf(fault.NotFound, "place %s lies beyond %d", at, size)
	}
	b := make([]byte, min(at.End-at.Start, limit))
	_, err := o.ReadAt(b, at.Start)
	if err == io.EOF {
		err = nil
	}
	return b, at.End-at.Start > int64(len(b)), err
}

type kept struct{ *bytes.Reader }

func (kept) Close() error { return nil }

func (s *shelf) Open(name string) (custody.Original, error) {
	b, there := s.originals[name]
	if !there {
		return nil, fault.Newf(fault.NotFound, "original %s", name)
	}
	return kept{bytes.NewReader(b)}, nil
}
func (*shelf) Remove(string) error                { panic("an export removes no original") }
func (*shelf) Create() (custody.Draft, error)     { panic("an export creates no original") }
func (*shelf) List(func(name string) error) error { panic("an export lists no originals") }

func record() sighting.Sighting {
	s := sighting.Sighting{
		Origin: sighting.Origin{Source: sum(tip), Reader: "test", Version: 1, Place: sighting.Place{Start: 0, End: 66, Locator: "line 1"}},
		Act:    sighting.Upload, When: instant.At(seen), Who: []sighting.Identifier{{Kind: sighting.Account, Service: "example social", Value: "900000000000001"}},
		Service: "Example Social", Standing: sighting.ProviderCapture, Notes: []string{"the reader doubts this"},
		Content: sighting.Content{Digests: []digest.Digest{must(digest.Parse("md5:0123456789abcdef0123456789abcdef"))}, Name: "क\u202egpj.exe"},
	}
	s.From, _ = sighting.ParseEndpoint("198.51.100.77", "51602")
	s.ID = s.Identify()
	return s
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// read is a reader of the test's own: it finds the record in the first line.
func read(_ context.Context, s export.Source, o io.ReaderAt, give func(sighting.Sighting) error) error {
	if s.ID != sum(tip) {
		return nil
	}
	return give(record())
}

func material() export.Material {
	s := record()
	f := attribution.Finding{
		Observation: casework.Observe(s), Outcome: attribution.Ask, Addressee: "Example Mobile", Sentence: "198.51.100.77:51602: fit to ask Example Mobile.",
		Reasons: []attribution.Reason{{Rule: "R2", Citation: "IPCO 2019", Sentence: "The time is exact to the second.", Effect: attribution.For}},
		Counter: []attribution.Reason{{Rule: "R12", Citation: "IOCCO 2015", Sentence: "Anyone in the household may have used the connection.", Effect: attribution.Against}},
		Missing: []string{"nothing"},
	}
	l, _ := casework.Open(f, s.Content.Digests[0], nil, nil)
	t := casework.Trace{
		Target: casework.Target{Asked: "md5", Kind: "digest"}, AsOf: now, Sightings: []casework.Seen{{Sighting: s, Exact: true}},
		Origin: circulation.Origin([]circulation.Item{{Sighting: s, Exact: true}}), Leads: []casework.Lead{l}, NotKnown: []string{"Nothing shows that anyone passed it on."},
		Family: []casework.Content{{Digests: s.Content.Digests, Relation: casework.Same, Source: sum(list), Place: sighting.Place{Start: 0, End: int64(len(list))}}},
	}
	return export.Material{
		About: export.About{Kind: "lead", ID: l.ID, Title: "Lead " + l.ID[:12]}, AsOf: now, MadeBy: "officer", Zone: "Asia/Kolkata", Enclose: export.Documents,
		Program: export.Program{Name: "Suraag", Version: "test", Build: strings.Repeat("0", 64), Go: runtime.Version(), System: "test"}, Leads: []casework.Lead{l}, Traces: []casework.Trace{t},
	}
}

func compose(t testing.TB, m export.Material) (*export.Dossier, *export.Bundle) {
	t.Helper()
	s := newShelf()
	d, err := export.Compose(t.Context(), m, s)
	if err != nil {
		t.Fatal(err)
	}
	b, err := export.NewBundle(t.Context(), d, s, export.Papers{Verify: []byte("how to check\n"), Validation: []byte("how it was tested\n")})
	if err != nil {
		t.Fatal(err)
	}
	return d, b
}

func written(t testing.TB, b *export.Bundle) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := b.Write(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// logged encloses the evidence of a log with one leaf: the export.
func logged(t testing.TB, b *export.Bundle) (key string) {
	t.Helper()
	secret, public, err := note.GenerateKey(rand.Reader, "example-log")
	if err != nil {
		t.Fatal(err)
	}
	signer := must(note.NewSigner(secret))
	entry, err := b.Entry("officer", now)
	if err != nil {
		t.Fatal(err)
	}
	c, err := custody.Commit(entry, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	cp := log.Checkpoint{Origin: "example-log", Size: 1, Hash: rfc6962.DefaultHasher.HashLeaf(c.Leaf[:])}
	signed, err := note.Sign(&note.Note{Text: string(cp.Marshal())}, signer)
	if err != nil {
		t.Fatal(err)
	}
	err = b.AddEvidence(proof.Evidence{Record: string(c.Canonical), Salt: hex.EncodeToString(c.Salt), Leaf: hex.EncodeToString(c.Leaf[:]), Checkpoint: string(signed), Key: public})
	if err != nil {
		t.Fatal(err)
	}
	return public
}

func check(t testing.TB, doc []byte, trust export.Trust) (export.Checked, error) {
	t.Helper()
	return export.Check(t.Context(), bytes.NewReader(doc), int64(len(doc)), export.Tools{Quote: quote, Read: read}, trust)
}

func TestABundleChecks(t *testing.T) {
	_, b := compose(t, material())
	key := logged(t, b)
	c, err := check(t, written(t, b), export.Trust{Key: key})
	if err != nil || len(c.Differences) > 0 {
		t.Fatalf("%v %+v", err, c.Differences)
	}
	if c.Log == nil || !c.Log.Committed || c.Places != 1 || c.Records != 1 || c.Content != b.Content() {
		t.Errorf("%+v %+v", c, c.Log)
	}
}

var update = flag.Bool("update", false, "write the hashes of the documents as they are set now")

// Whoever changes how documents are set raises Setting, or every bundle out there
// would be called forged. The line for a setting never changes.
func TestSettingIsRaisedWithTheDocuments(t *testing.T) {
	m := material()
	m.Program.Go = "a compiler"
	_, b := compose(t, m)
	doc := written(t, b)
	line := fmt.Sprintf("setting %d", export.Setting)
	for _, name := range []string{"statements.json", "case-uco.jsonld", "README.txt"} {
		line += " " + sum(file(t, doc, name))
	}
	// Of the PDFs, whose streams are packed by the compiler's library, what is packed.
	for _, name := range []string{"statements.pdf", "certificate-63-4-c.pdf"} {
		line += " " + sum(streams(file(t, doc, name)))
	}
	const golden = "testdata/settings"
	if *update {
		if err := os.WriteFile(golden, []byte(line+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want := string(must(os.ReadFile(golden))); !strings.Contains(want, line+"\n") {
		t.Errorf("documents are set otherwise than setting %d sets them: raise Setting, then run with -update\n%s", export.Setting, line)
	}
}

// streams gives the unpacked streams of a PDF.
func streams(doc []byte) (out []byte) {
	for _, part := range bytes.Split(doc, []byte("\nstream\n"))[1:] {
		if r, err := zlib.NewReader(bytes.NewReader(part)); err == nil {
			text, _ := io.ReadAll(r)
			out = append(out, text...)
		}
	}
	return out
}

func TestTheSameRecordGivesTheSameBytes(t *testing.T) {
	_, a := compose(t, material())
	_, b := compose(t, material())
	if !bytes.Equal(written(t, a), written(t, b)) {
		t.Error("two bundles of one record at one moment differ")
	}
}

// What the record does not tell, and what speaks against it, is in every bundle
// (rule R13), and so is what else lies under the same authority.
func TestNothingIsWithheld(t *testing.T) {
	d, b := compose(t, material())
	var words []string
	for _, a := range d.Against {
		words = append(words, a.Sentence)
	}
	all := strings.Join(words, "\n")
	for _, want := range []string{"Anyone in the household", "the reader doubts this", "1 place could not be read", "1 further original is held on which no statement"} {
		if !strings.Contains(all, want) {
			t.Errorf("what speaks against it does not hold %q:\n%s", want, all)
		}
	}
	if len(d.Unused) != 1 || d.Unused[0].Name != "other.json" {
		t.Errorf("unused: %+v", d.Unused)
	}
	if !slices.Contains(d.NotKnown, "Nothing shows that anyone passed it on.") {
		t.Errorf("not known: %q", d.NotKnown)
	}
	text := pdfText(t, file(t, written(t, b), "statements.pdf"))
	for _, want := range []string{"What speaks against these statements, or limits them", "Anyone in the household", "What is not known", "S1 0-66 (line 1), Q1", `"name": "क[U+202E]gpj.exe"`, "198.51.100.77", "Speaks against it", "IOCCO 2015", "the line ends inside a string", "other.json"} {
		if !strings.Contains(text, want) {
			t.Errorf("the readable document does not hold %q", want)
		}
	}
	m := material()
	m.Traces, m.Leads = nil, nil
	empty, _ := compose(t, m)
	if len(empty.Against) == 0 || len(empty.NotKnown) == 0 {
		t.Error("a bundle without statements says nothing against them")
	}
}

func file(t testing.TB, bundle []byte, name string) []byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(bundle), int64(len(bundle)))
	if err != nil {
		t.Fatal(err)
	}
	f, err := z.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	return must(io.ReadAll(f))
}

func TestWhatIsEnclosed(t *testing.T) {
	for _, c := range []struct {
		enclose     export.Enclose
		tips, lists bool
	}{{export.Documents, true, false}, {export.All, true, true}, {export.None, false, false}} {
		t.Run(string(c.enclose), func(t *testing.T) {
			m := material()
			m.Enclose = c.enclose
			_, b := compose(t, m)
			doc := written(t, b)
			z := must(zip.NewReader(bytes.NewReader(doc), int64(len(doc))))
			has := func(id string) bool {
				return slices.ContainsFunc(z.File, func(f *zip.File) bool { return f.Name == "sources/"+id })
			}
			if has(sum(tip)) != c.tips || has(sum(list)) != c.lists {
				t.Errorf("tip %v, list %v", has(sum(tip)), has(sum(list)))
			}
			if r, err := check(t, doc, export.Trust{}); err != nil || len(r.Differences) > 0 {
				t.Errorf("%v %+v", err, r.Differences)
			}
			if c.enclose == export.None && bytes.Contains(doc, tip) {
				t.Error("the original is in the bundle after all")
			}
		})
	}
}

func TestAChangedOriginalIsNotExported(t *testing.T) {
	s := newShelf()
	d, err := export.Compose(t.Context(), material(), s)
	if err != nil {
		t.Fatal(err)
	}
	s.originals[sum(tip)] = append([]byte("x"), tip[1:]...)
	if _, err := export.NewBundle(t.Context(), d, s, export.Papers{}); fault.KindOf(err) != fault.Corrupt {
		t.Errorf("error %v", err)
	}
	m := material()
	m.Leads[0].Place.End = 1000
	if _, err := export.Compose(t.Context(), m, newShelf()); err == nil || !strings.Contains(err.Error(), "place 0-1000") {
		t.Errorf("a statement whose place is not there was composed: %v", err)
	}
}

// One byte of each file in turn is changed, and the check names the file.
func TestOneByteOfEachFile(t *testing.T) {
	_, b := compose(t, material())
	logged(t, b)
	doc := written(t, b)
	z := must(zip.NewReader(bytes.NewReader(doc), int64(len(doc))))
	if len(z.File) < 15 {
		t.Fatalf("only %d files", len(z.File))
	}
	for n, f := range z.File {
		at := must(f.DataOffset())
		size := int64(f.UncompressedSize64)
		for _, place := range [][]int64{{size / 3}, {size - 1}}[n%2] {
			bad := bytes.Clone(doc)
			bad[at+place] ^= 1
			c, err := check(t, bad, export.Trust{})
			if err != nil {
				if !strings.Contains(err.Error(), f.Name) && f.Name != "manifest.json" {
					t.Errorf("%s at %d: %v", f.Name, place, err)
				}
				continue
			}
			if len(c.Differences) == 0 || !slices.ContainsFunc(c.Differences, func(d export.Difference) bool { return d.File == f.Name }) {
				t.Errorf("%s at %d is not named: %+v", f.Name, place, c.Differences)
			}
		}
	}
}

// Every byte outside of the files is held too: nothing can be hidden there.
func TestOneByteOutsideOfTheFiles(t *testing.T) {
	m := material()
	m.Enclose = export.None
	_, b := compose(t, m)
	doc := written(t, b)
	z := must(zip.NewReader(bytes.NewReader(doc), int64(len(doc))))
	inside := make([]bool, len(doc))
	for _, f := range z.File {
		at := must(f.DataOffset())
		for n := at; n < at+int64(f.UncompressedSize64); n++ {
			inside[n] = true
		}
	}
	step := 0
	for n := range doc {
		if step++; inside[n] || step%97 != 0 {
			continue
		}
		bad := bytes.Clone(doc)
		bad[n] ^= 1
		if c, err := check(t, bad, export.Trust{}); err == nil && len(c.Differences) == 0 {
			t.Errorf("byte %d of %d was changed unseen", n, len(doc))
		}
	}
	for name, bad := range map[string][]byte{"before": append([]byte("x"), doc...), "behind": append(bytes.Clone(doc), 'x')} {
		if c, err := check(t, bad, export.Trust{}); err == nil && len(c.Differences) == 0 {
			t.Errorf("a byte %s the bundle was not seen", name)
		}
	}
}

// repack makes a bundle anew from changed files, lists and all: what a forger
// with the program's source would do.
func repack(t *testing.T, doc []byte, change func(name string, text []byte) []byte) []byte {
	t.Helper()
	z := must(zip.NewReader(bytes.NewReader(doc), int64(len(doc))))
	files := map[string][]byte{}
	for _, f := range z.File {
		if text := change(f.Name, file(t, doc, f.Name)); text != nil {
			files[f.Name] = text
		}
	}
	var m export.Manifest
	if err := json.Unmarshal(files["manifest.json"], &m); err != nil {
		t.Fatal(err)
	}
	delete(files, "manifest.json")
	delete(files, "SHA256SUMS")
	m.Files = nil
	content := ""
	for _, name := range sorted(files) {
		m.Files = append(m.Files, export.Listed{Path: name, Size: int64(len(files[name])), SHA256: sum(files[name])})
		if !strings.HasPrefix(name, "log/") {
			content += sum(files[name]) + "  " + name + "\n"
		}
	}
	m.Content = sum([]byte(content))
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetIndent("", "  ")
	if err := e.Encode(m); err != nil {
		t.Fatal(err)
	}
	files["manifest.json"] = text.Bytes()
	sums := ""
	for _, name := range sorted(files) {
		sums += sum(files[name]) + "  " + name + "\n"
	}
	files["SHA256SUMS"] = []byte(sums)
	return zipped(t, files)
}

// A forger who makes all lists anew is found by what the lists do not hold.
func TestForgeriesWithRightLists(t *testing.T) {
	_, b := compose(t, material())
	key := logged(t, b)
	doc := written(t, b)
	edit := func(file, old, new string) func(string, []byte) []byte {
		return func(name string, text []byte) []byte {
			if name != file {
				return text
			}
			if !bytes.Contains(text, []byte(old)) {
				t.Fatalf("%s does not hold %q", file, old)
			}
			return bytes.Replace(text, []byte(old), []byte(new), 1)
		}
	}
	for _, c := range []struct {
		name   string
		change func(string, []byte) []byte
		file   string // that is named
		what   string
	}{
		{"nothing", func(_ string, text []byte) []byte { return text }, "", ""},
		{"another sentence", edit("statements.json", "Example Mobile", "Example Broken"), "statements.pdf", "does not say what statements.json says"},
		{"another quoted word", edit("statements.json", `\"port\": 51602`, `\"port\": 51603`), "statements.json", "quote 1 is not what stands at"},
		{"another record", edit("statements.json", `"act": "upload"`, `"act": "send"`), "statements.json", "is not what sources/"},
		{"what speaks against it left out", func(name string, text []byte) []byte {
			if name != "statements.json" {
				return text
			}
			var d map[string]any
			if err := json.Unmarshal(text, &d); err != nil {
				t.Fatal(err)
			}
			d["against"] = []any{}
			return must(json.MarshalIndent(d, "", "  "))
		}, "statements.json", "what speaks against the statements"},
		{"a certificate of another hash", edit("certificate-63-4-c.pdf", "%%EOF", "%%EOG"), "certificate-63-4-c.pdf", "does not say"},
		{"a file more", func(name string, text []byte) []byte { return text }, "log/", "commits to"},
		{"an original left out", func(name string, text []byte) []byte {
			if strings.HasPrefix(name, "sources/") {
				return nil
			}
			return text
		}, "sources/" + sum(tip), "not in the bundle"},
		{"another salt", edit("log/000000000/evidence.json", `"salt": "`, `"salt": "00`), "log/000000000/evidence.json", "another leaf"},
	} {
		t.Run(c.name, func(t *testing.T) {
			forged := repack(t, doc, c.change)
			if c.name == "a file more" {
				forged = repackWith(t, doc, "extra.txt", []byte("planted"))
			}
			got, err := check(t, forged, export.Trust{Key: key})
			if err != nil {
				t.Fatal(err)
			}
			if c.file == "" {
				if len(got.Differences) > 0 {
					t.Fatalf("the test's own packing differs: %+v", got.Differences)
				}
				return
			}
			if !slices.ContainsFunc(got.Differences, func(d export.Difference) bool { return d.File == c.file && strings.Contains(d.What, c.what) }) {
				t.Errorf("%s: %q is not said: %+v", c.file, c.what, got.Differences)
			}
		})
	}
	t.Run("another log", func(t *testing.T) {
		_, again := compose(t, material())
		logged(t, again)
		if got, err := check(t, written(t, again), export.Trust{Key: key}); err != nil || len(got.Differences) == 0 {
			t.Errorf("a log under another key than the trusted one was taken: %v %+v", err, got)
		}
	})
}

func repackWith(t *testing.T, doc []byte, name string, text []byte) []byte {
	z := must(zip.NewReader(bytes.NewReader(doc), int64(len(doc))))
	files := map[string][]byte{name: text}
	for _, f := range z.File {
		files[f.Name] = file(t, doc, f.Name)
	}
	return repack(t, zipped(t, files), func(_ string, text []byte) []byte { return text })
}

// Hostile zips are refused by their shape, before anything is read into memory.
func TestHostileBundles(t *testing.T) {
	_, b := compose(t, material())
	doc := written(t, b)
	packed := func(name string, method uint16) []byte {
		var out bytes.Buffer
		z := zip.NewWriter(&out)
		w := must(z.CreateHeader(&zip.FileHeader{Name: name, Method: method}))
		w.Write(make([]byte, 1000))
		z.Close()
		return out.Bytes()
	}
	large := bytes.Clone(doc)
	binary.LittleEndian.PutUint32(large[len(large)-22+12:], 1<<30)
	var many bytes.Buffer
	z := zip.NewWriter(&many)
	for n := range 20_001 {
		must(z.CreateHeader(&zip.FileHeader{Name: fmt.Sprint(n)}))
	}
	z.Close()
	for _, c := range []struct {
		name string
		doc  []byte
		want string
	}{
		{"nothing", nil, "it has 0 bytes"},
		{"no zip", []byte(strings.Repeat("x", 100)), "does not end as a zip"},
		{"cut off", doc[:len(doc)/2], "does not end as a zip"},
		{"packed", packed("README.txt", zip.Deflate), "is packed"},
		{"a path that leads out", packed("../x", zip.Store), "name"},
		{"an absolute path", packed("/etc/x", zip.Store), "name"},
		{"a name that turns", packed("a\u202eb", zip.Store), "name"},
		{"a long name", packed(strings.Repeat("a", 300), zip.Store), "name"},
		{"no statements", packed("README.txt", zip.Store), "it holds no manifest.json"},
		{"a list of files of a gigabyte", large, "list of files has"},
		{"too many files", many.Bytes(), "20001 files"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := check(t, c.doc, export.Trust{}); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
}

// Whatever is in the file, a check ends, does not panic, and finds nothing right
// that is not the bundle it was.
func FuzzCheck(f *testing.F) {
	_, b := compose(f, material())
	logged(f, b)
	doc := written(f, b)
	f.Add(doc, 0, byte(0), 0)
	f.Add(doc, 100, byte(7), 50)
	f.Add([]byte("PK\x05\x06"+strings.Repeat("\x00", 18)), 0, byte(0), 0)
	f.Add([]byte{}, 0, byte(0), 0)
	f.Fuzz(func(t *testing.T, d []byte, at int, flip byte, cut int) {
		d = bytes.Clone(d)
		if at >= 0 && at < len(d) {
			d[at] ^= flip
		}
		if cut > 0 && cut < len(d) {
			d = slices.Delete(d, len(d)-cut, len(d)-cut+1)
		}
		c, err := check(t, d, export.Trust{})
		if err == nil && len(c.Differences) == 0 && c.Content == b.Content() && !bytes.Equal(d, doc) {
			t.Errorf("a changed bundle is right")
		}
	})
}
