package main

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// files gives every file of the project, without what git or npm keeps.
func files(t *testing.T) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && slices.Contains([]string{".git", "node_modules"}, d.Name()) {
			return fs.SkipDir
		}
		if d.Type().IsRegular() && name != ".git" {
			out = append(out, filepath.ToSlash(name))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(out) < 300 {
		t.Fatalf("only %d files found; the walk is broken", len(out))
	}
	return out
}

func parsed(t *testing.T, name string) *ast.File {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// A fuzz test whose seeds were lost (a moved folder, an empty list) passes for
// ever and tests nothing.
func TestFuzzTestsAssertTheirSeeds(t *testing.T) {
	found := 0
	for _, name := range files(t) {
		if !strings.HasSuffix(name, "_test.go") {
			continue
		}
		funcs := map[string]*ast.BlockStmt{}
		for _, d := range parsed(t, name).Decls {
			if f, is := d.(*ast.FuncDecl); is && f.Recv == nil {
				funcs[f.Name.Name] = f.Body
			}
		}
		for f, body := range funcs {
			if !strings.HasPrefix(f, "Fuzz") {
				continue
			}
			found++
			if !seeded(body, funcs) {
				t.Errorf("%s: %s does not fail where it has no seeds", name, f)
			}
		}
	}
	if found < 50 {
		t.Errorf("%d fuzz tests found; the walk is broken", found)
	}
}

// seeded tells whether a fuzz test surely has a seed: it adds one outside of any
// loop, or in a loop over a list that is written out, or counts its seeds, itself
// or in the function that gives them, and fails.
func seeded(body *ast.BlockStmt, funcs map[string]*ast.BlockStmt) bool {
	written := map[string]bool{}
	for _, statement := range body.List {
		switch s := statement.(type) {
		case *ast.ExprStmt:
			if calls(s, "Add") {
				return true
			}
		case *ast.AssignStmt:
			if name, is := s.Lhs[0].(*ast.Ident); is && filled(s.Rhs[0]) {
				written[name.Name] = true
			}
		case *ast.RangeStmt:
			name, named := s.X.(*ast.Ident)
			if calls(s.Body, "Add") && (filled(s.X) || named && written[name.Name] || counted(s.X, funcs)) {
				return true
			}
		}
	}
	return counts(body)
}

// filled tells whether a list is written out and not empty.
func filled(e ast.Expr) bool {
	l, is := e.(*ast.CompositeLit)
	return is && len(l.Elts) > 0
}

// counted tells whether a list comes from a function that fails where it is
// empty, or that has it written out.
func counted(e ast.Expr, funcs map[string]*ast.BlockStmt) bool {
	c, is := e.(*ast.CallExpr)
	if !is {
		return false
	}
	name, is := c.Fun.(*ast.Ident)
	if !is || funcs[name.Name] == nil {
		return false
	}
	body := funcs[name.Name]
	r, is := body.List[len(body.List)-1].(*ast.ReturnStmt)
	return counts(body) || is && filled(r.Results[0])
}

// counts tells whether something is compared with a number, and the test fails.
func counts(body *ast.BlockStmt) bool {
	return slices.ContainsFunc(body.List, func(s ast.Stmt) bool {
		i, is := s.(*ast.IfStmt)
		return is && number(i.Cond) && (calls(i.Body, "Fatal") || calls(i.Body, "Fatalf"))
	})
}

func number(e ast.Expr) (found bool) {
	ast.Inspect(e, func(n ast.Node) bool {
		l, is := n.(*ast.BasicLit)
		found = found || is && l.Kind == token.INT
		return true
	})
	return found
}

// calls tells whether a method of this name is called, other than in a function
// that is only handed on.
func calls(n ast.Node, method string) (found bool) {
	ast.Inspect(n, func(n ast.Node) bool {
		if _, later := n.(*ast.FuncLit); later {
			return false
		}
		if c, is := n.(*ast.CallExpr); is {
			s, is := c.Fun.(*ast.SelectorExpr)
			found = found || is && s.Sel.Name == method
		}
		return true
	})
	return found
}

// An error says what, which one and why. "failed to" says none of these.
func TestErrorsSayWhat(t *testing.T) {
	empty := regexp.MustCompile(`^"(?i:failed|unable|could not|cannot open|can't|error )`)
	makers := []string{"New", "Newf", "Wrapf", "Errorf", "WithHint"}
	found := 0
	for _, name := range files(t) {
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			continue
		}
		ast.Inspect(parsed(t, name), func(n ast.Node) bool {
			c, is := n.(*ast.CallExpr)
			if !is {
				return true
			}
			s, is := c.Fun.(*ast.SelectorExpr)
			if !is || !slices.Contains(makers, s.Sel.Name) {
				return true
			}
			for _, a := range c.Args {
				if l, is := a.(*ast.BasicLit); is && l.Kind == token.STRING {
					found++
					if empty.MatchString(l.Value) {
						t.Errorf("%s: an error begins with %.40s", name, l.Value)
					}
				}
			}
			return true
		})
	}
	if found < 500 {
		t.Errorf("%d error texts found; the walk is broken", found)
	}
}

// The repository builds wherever its dependencies can be had, and speaks of the
// project alone: no address of a package registry, no path of somebody's machine.
func TestNothingOfOneMachine(t *testing.T) {
	// Written apart, so that this file does not hold them.
	words := []string{"proxy.golang" + ".org", "sum.golang" + ".org", "registry.npm" + "js.org", "deb.debian" + ".org", "pypi" + ".org",
		"/work" + "/wt", "/work" + "/main", "/work" + "/shared", "land" + ".sh"}
	for _, name := range files(t) {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range words {
			if bytes.Contains(b, []byte(w)) {
				t.Errorf("%s holds %q", name, w)
			}
		}
	}
}
