package all_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
	"testing"

	"suraag/fault"
	"suraag/intake"
	"suraag/intake/all"
	"suraag/intake/intaketest"
)

// apart are the folders beside this one that hold no format.
var apart = map[string]string{
	"all": "this list", "intaketest": "for tests", "labels": "shared by meta and whatsapp", "draft": "shared by readers of sightings",
	"table": "shared by tables", "jsonwalk": "shared by JSON formats", "xmlwalk": "shared by XML formats", "sqlitewalk": "for SQLite files",
}

var formatFunc = regexp.MustCompile(`(?m)^func (Format\w*)\(\) intake\.Format \{`)

// The list is a value, written by hand; this holds it against the folders.
func TestListEqualsFolders(t *testing.T) {
	list, err := os.ReadFile("all.go")
	if err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir("..")
	if err != nil {
		t.Fatal(err)
	}
	var folders []string
	for _, e := range entries {
		if e.IsDir() {
			folders = append(folders, filepath.Join("..", e.Name()))
		}
	}
	if len(folders) < 10 {
		t.Fatalf("%d folders", len(folders))
	}
	listed := 0
	for _, folder := range folders {
		name := filepath.Base(folder)
		for _, function := range formatsOf(t, folder) {
			if _, known := apart[name]; known {
				t.Errorf("folder %s is said to hold no format but exports %s", name, function)
			}
			call := name + "." + function + "(),"
			if strings.Count(string(list), "\t\t"+call) != 1 {
				t.Errorf("%s is not once in the list of all.go", call)
			}
			listed++
		}
	}
	if n := len(all.Formats()); n != listed {
		t.Errorf("the list has %d formats, the folders %d", n, listed)
	}
}

func formatsOf(t *testing.T, folder string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range formatFunc.FindAllSubmatch(text, -1) {
			out = append(out, string(m[1]))
		}
	}
	return out
}

func TestFormatsAreWhole(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range all.Formats() {
		if f.Name == "" || f.Title == "" || f.Marks == "" || f.Version < 1 || f.Sniff == nil || f.Read == nil {
			t.Errorf("format %q lacks a part: %+v", f.Name, f)
		}
		if seen[f.Name] {
			t.Errorf("format %q is twice in the list", f.Name)
		}
		seen[f.Name] = true
	}
}

// samples gives every sample by its path under testdata/samples.
func samples(t testing.TB) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	root := os.DirFS("testdata/samples")
	err := fs.WalkDir(root, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		out[path], err = fs.ReadFile(root, path)
		return err
	})
	if err != nil || len(out) < 30 {
		t.Fatalf("%d samples, %v", len(out), err)
	}
	return out
}

func sorted(files map[string][]byte) []string {
	var names []string
	for name := range files {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// What each sample is taken for, or why it is refused, stands in a golden file.
func TestEachSampleIsDetected(t *testing.T) {
	files := samples(t)
	var b bytes.Buffer
	for _, name := range sorted(files) {
		r := intaketest.Collect(t, all.Formats(), name, files[name], intake.Options{})
		fmt.Fprintf(&b, "%s\n\t%s\n", name, outcome(r))
	}
	intaketest.GoldenText(t, "testdata/detected.golden", b.Bytes())
}

func outcome(r intaketest.Records) string {
	formats := strings.Join(r.Result.Formats(), ", ")
	if formats == "" {
		return "refused: " + r.Err.Error()
	}
	c := r.Result.Counts
	return fmt.Sprintf("%s: %d sightings, %d leases, %d listings, %d bad, %d notes", formats, c.Sightings, c.Leases, c.Listings, c.Bad, c.Notes)
}

// A refusal says what was looked for and what the file most resembles.
func TestRefusalIsASentence(t *testing.T) {
	for name, data := range samples(t) {
		r := intaketest.Collect(t, all.Formats(), name, data, intake.Options{})
		if r.Err == nil {
			continue
		}
		t.Run(name, func(t *testing.T) {
			if !fault.Is(r.Err, fault.Invalid) {
				t.Errorf("kind %v", fault.KindOf(r.Err))
			}
			if text := r.Err.Error(); !strings.Contains(text, "resembles") {
				t.Errorf("%q does not say what it resembles", text)
			}
			for _, f := range all.Formats() {
				if hint := fault.Hint(r.Err); !strings.Contains(hint, f.Title) || !strings.Contains(hint, f.Marks) {
					t.Errorf("the hint does not say that %s was looked for: %q", f.Name, hint)
				}
			}
		})
	}
}

// No sniffer accepts a file that another reads, so that the order of the list
// never decides.
func TestNoTwoFormatsClaimASample(t *testing.T) {
	for name, data := range samples(t) {
		head := intake.Head{Name: name, Bytes: data[:min(len(data), intake.HeadSize)], Whole: len(data) <= intake.HeadSize}
		var claims []string
		for _, f := range all.Formats() {
			l := f.Sniff(head)
			if l.Score < 0 || l.Score > 100 || l.Score < intake.Accept && l.Why == "" {
				t.Errorf("%s judges %s with %+v", f.Name, name, l)
			}
			if l.Score >= intake.Accept {
				claims = append(claims, fmt.Sprintf("%s (%d)", f.Name, l.Score))
			}
		}
		if len(claims) > 1 {
			t.Errorf("%s is claimed by %s", name, strings.Join(claims, " and "))
		}
	}
}
