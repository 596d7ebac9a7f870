package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// rooms is the map of the house: room → may import. An arrow points to a lower
// rank only (doc/river.md tells why); rooms of one rank do not know each other.
// To draw a new arrow or room, change this table in a commit of its own.
var rooms = map[string]struct {
	rank int
	may  string
}{
	"fault":       {0, ""},
	"doc":         {0, ""},
	"instant":     {1, "fault"},
	"digest":      {1, "fault"},
	"custody":     {2, "fault"},
	"pdq":         {2, "fault digest"},
	"match":       {2, "fault"},
	"sighting":    {2, "fault instant digest"},
	"media":       {3, "fault digest pdq"},
	"hashset":     {3, "fault instant digest match sighting"}, // match: lists keep their PDQ values as its snapshots
	"intake":      {3, "fault instant digest sighting"},
	"network":     {3, "fault instant sighting"},
	"circulation": {3, "fault instant digest sighting"},
	"actor":       {3, "fault instant sighting"},
	"people":      {3, "fault custody"},
	"attribution": {4, "fault instant sighting network"},
	"casework":    {5, "fault instant digest sighting hashset network circulation actor attribution"},
	"export":      {6, "fault instant digest sighting custody hashset network circulation actor attribution casework"},
	"store":       {6, "fault instant digest sighting custody hashset network actor casework people"},
	"flow":        {6, "fault instant digest sighting custody match media pdq hashset intake network circulation actor attribution casework"},
	"web":         {6, "fault instant digest sighting custody hashset network circulation actor attribution casework people"},
	"app":         {7, "fault doc instant digest sighting custody match media pdq hashset intake network circulation actor attribution casework export people store flow web"},
}

// banned are names that say nothing about what a package is for.
var banned = []string{"util", "utils", "common", "helper", "helpers", "misc"}

// packageFiles are the parsed Go files of a folder that are not tests.
type packageFiles map[string][]*ast.File

func parseTree(t *testing.T) packageFiles {
	t.Helper()
	tree := packageFiles{}
	fset := token.NewFileSet()
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if base := d.Name(); name != "." && (strings.HasPrefix(base, ".") || base == "testdata") {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(fset, name, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		dir := filepath.ToSlash(filepath.Dir(name))
		tree[dir] = append(tree[dir], file)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(tree) < 10 {
		t.Fatalf("only %d packages found; the walk is broken", len(tree))
	}
	return tree
}

// ours gives the folders of this module that a package imports.
func (p packageFiles) ours(dir string) []string {
	var out []string
	for _, file := range p[dir] {
		for _, imp := range file.Imports {
			if rest, ours := strings.CutPrefix(strings.Trim(imp.Path.Value, `"`), "suraag/"); ours && !slices.Contains(out, rest) {
				out = append(out, rest)
			}
		}
	}
	return out
}

func room(dir string) string {
	first, _, _ := strings.Cut(dir, "/")
	return first
}

func TestArrowsFollowTheMap(t *testing.T) {
	tree := parseTree(t)
	for dir := range tree {
		if dir == "." {
			continue
		}
		from, known := rooms[room(dir)]
		if !known {
			t.Errorf("folder %q: room %q is not on the map", dir, room(dir))
			continue
		}
		for _, imported := range tree.ours(dir) {
			to := room(imported)
			if to != room(dir) && !slices.Contains(strings.Fields(from.may), to) {
				t.Errorf("%s must not import %s", dir, imported)
			}
		}
	}
	for name := range rooms {
		if _, built := tree[name]; !built {
			t.Errorf("room %q is on the map but has no package", name)
		}
	}
}

func TestMapPointsDown(t *testing.T) {
	for name, r := range rooms {
		for _, to := range strings.Fields(r.may) {
			if target, known := rooms[to]; !known || target.rank >= r.rank {
				t.Errorf("%s (rank %d) may import %s (rank %d): not a lower rank", name, r.rank, to, target.rank)
			}
		}
	}
}

func TestNoHiddenWiring(t *testing.T) {
	for dir, files := range parseTree(t) {
		if slices.Contains(banned, path.Base(dir)) {
			t.Errorf("package %q: the name says nothing about what it is for", dir)
		}
		for _, file := range files {
			for _, decl := range file.Decls {
				if f, is := decl.(*ast.FuncDecl); is && f.Recv == nil && f.Name.Name == "init" {
					t.Errorf("package %q has an init(): wiring belongs in app", dir)
				}
			}
		}
	}
}

// The shape of the import graph is what separates codebases that stay readable;
// it decays silently unless it is held.
func TestShapeOfTheGraph(t *testing.T) {
	const meanLimit, chainLimit = 3.0, 9
	tree := parseTree(t)
	arrows := map[string]map[string]bool{}
	for dir := range tree {
		if arrows[room(dir)] == nil {
			arrows[room(dir)] = map[string]bool{}
		}
		for _, imported := range tree.ours(dir) {
			if to := room(imported); to != room(dir) && room(dir) != "." {
				arrows[room(dir)][to] = true
			}
		}
	}
	imports, packages := 0, 0
	for dir := range tree {
		// app is the one place that joins everything; it is meant to know all.
		if room(dir) == "app" || dir == "." {
			continue
		}
		others := map[string]bool{}
		for _, imported := range tree.ours(dir) {
			if to := room(imported); to != room(dir) {
				others[to] = true
			}
		}
		packages++
		imports += len(others)
	}
	if mean := float64(imports) / float64(packages); mean > meanLimit {
		t.Errorf("a package imports %.2f other rooms on average, more than %.1f", mean, meanLimit)
	}
	var longest func(string) int
	longest = func(r string) int {
		best := 0
		for to := range arrows[r] {
			best = max(best, longest(to))
		}
		return best + 1
	}
	if n := longest("app"); n > chainLimit {
		t.Errorf("the longest chain has %d rooms, more than %d", n, chainLimit)
	}
}
