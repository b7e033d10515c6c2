package cmd

import (
	"go/ast"
	"go/parser"
	gotoken "go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// TestEveryHintIsProvoked holds that the text of every hint in the sources is in
// docs/errors.md, which TestErrors writes from what is really printed.
func TestEveryHintIsProvoked(t *testing.T) {
	raw, err := os.ReadFile(errorsPage)
	if err != nil {
		t.Fatal(err)
	}
	page, found := string(raw), 0
	for text, at := range hintTexts(t) {
		for _, piece := range regexp.MustCompile(`%[a-z]`).Split(text, -1) {
			piece = strings.TrimSpace(piece)
			if len(piece) < 12 {
				continue
			}
			found++
			if !strings.Contains(page, cell(piece)) {
				t.Errorf("%s: %q is not in docs/errors.md: add a case that provokes it to TestErrors", at, piece)
			}
		}
	}
	if found < 50 {
		t.Errorf("only %d texts of hints were found", found)
	}
}

// TestHintsNameWhatExists holds that each command and each flag that a hint names
// exists.
func TestHintsNameWhatExists(t *testing.T) {
	root, _ := build(Deps{})
	for text, at := range hintTexts(t) {
		text = regexp.MustCompile(`skopeo copy --all`).ReplaceAllString(text, "")
		for _, flag := range regexp.MustCompile(`--([a-z][a-z-]*)`).FindAllStringSubmatch(text, -1) {
			if !hasFlag(root, flag[1]) {
				t.Errorf("%s: there is no flag %s", at, flag[0])
			}
		}
		for _, name := range regexp.MustCompile(`manifest-tool ([a-z]+)`).FindAllStringSubmatch(text, -1) {
			if c, _, err := root.Find(name[1:2]); err != nil || c == root {
				t.Errorf("%s: there is no command %s", at, name[1])
			}
		}
		for _, page := range regexp.MustCompile(`docs/[a-z-]+\.md`).FindAllString(text, -1) {
			if _, err := os.Stat("../" + page); err != nil {
				t.Errorf("%s: %v", at, err)
			}
		}
	}
}

// hasFlag reports whether a command or one of its subcommands has a flag.
func hasFlag(c *cobra.Command, name string) bool {
	if c.Flags().Lookup(name) != nil || c.PersistentFlags().Lookup(name) != nil || name == "help" {
		return true
	}
	return slices.ContainsFunc(c.Commands(), func(sub *cobra.Command) bool { return hasFlag(sub, name) })
}

// hintSources finds the expressions of hints: what a method Hint returns, what
// WithHint gets, and what HintText is set to, through functions and variables of the
// same package.
type hintSources struct {
	files *gotoken.FileSet
	// functions are those of a package by name, with or without a receiver.
	functions map[string][]*ast.FuncDecl
	constants map[string]ast.Expr
	seen      map[ast.Node]bool
	texts     map[string]string
}

// hintTexts returns the texts of the hints in the sources, and where they are.
func hintTexts(t *testing.T) map[string]string {
	t.Helper()
	s := &hintSources{files: gotoken.NewFileSet(), seen: map[ast.Node]bool{}, texts: map[string]string{}}
	for _, dir := range []string{".", "../internal"} {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err == nil && d.IsDir() {
				s.collectPackage(t, path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return s.texts
}

func (s *hintSources) collectPackage(t *testing.T, dir string) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	s.functions, s.constants = map[string][]*ast.FuncDecl{}, map[string]ast.Expr{}
	var all []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(s.files, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, file)
		s.declare(file)
	}
	for _, file := range all {
		for _, d := range file.Decls {
			function, _ := d.(*ast.FuncDecl)
			s.collectRoots(d, function)
		}
	}
}

// declare records the functions and constants of a file.
func (s *hintSources) declare(file *ast.File) {
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			s.functions[d.Name.Name] = append(s.functions[d.Name.Name], d)
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				if v, ok := spec.(*ast.ValueSpec); ok && len(v.Values) == len(v.Names) {
					for i, name := range v.Names {
						s.constants[name.Name] = v.Values[i]
					}
				}
			}
		}
	}
}

func (s *hintSources) collectRoots(d ast.Decl, function *ast.FuncDecl) {
	if function != nil && strings.HasSuffix(function.Name.Name, "Hint") && !strings.HasPrefix(function.Name.Name, "With") {
		s.collectReturns(function)
	}
	ast.Inspect(d, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if strings.HasSuffix(nameOf(n.Fun), "WithHint") && len(n.Args) == 2 {
				s.collect(function, n.Args[1])
			}
		case *ast.KeyValueExpr:
			if nameOf(n.Key) == "HintText" {
				s.collect(function, n.Value)
			}
		case *ast.AssignStmt:
			if nameOf(n.Lhs[0]) == "HintText" {
				s.collect(function, n.Rhs[0])
			}
		}
		return true
	})
}

// collect records the strings of which an expression is made.
func (s *hintSources) collect(function *ast.FuncDecl, expr ast.Expr) {
	if s.seen[expr] {
		return
	}
	s.seen[expr] = true
	switch e := expr.(type) {
	case *ast.BasicLit:
		if text, err := strconv.Unquote(e.Value); err == nil {
			s.texts[text] = s.files.Position(e.Pos()).String()
		}
	case *ast.ParenExpr:
		s.collect(function, e.X)
	case *ast.BinaryExpr:
		s.collect(function, e.X)
		s.collect(function, e.Y)
	case *ast.Ident:
		s.collectVariable(function, e.Name)
	case *ast.CallExpr:
		for _, f := range s.functions[nameOf(e.Fun)] {
			s.collectReturns(f)
		}
		if name := nameOf(e.Fun); name == "Sprintf" || name == "Or" {
			for _, arg := range e.Args {
				s.collect(function, arg)
			}
		}
	}
}

// collectVariable records what a variable of a function, or a constant, may be.
func (s *hintSources) collectVariable(function *ast.FuncDecl, name string) {
	if value, ok := s.constants[name]; ok {
		s.collect(function, value)
	}
	if function == nil {
		return
	}
	ast.Inspect(function, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for i, left := range n.Lhs {
				if nameOf(left) == name && i < len(n.Rhs) {
					s.collect(function, n.Rhs[i])
				}
			}
		case *ast.ValueSpec:
			for i, left := range n.Names {
				if left.Name == name && i < len(n.Values) {
					s.collect(function, n.Values[i])
				}
			}
		}
		return true
	})
}

func (s *hintSources) collectReturns(f *ast.FuncDecl) {
	if s.seen[f] || f.Body == nil {
		return
	}
	s.seen[f] = true
	ast.Inspect(f.Body, func(n ast.Node) bool {
		if r, ok := n.(*ast.ReturnStmt); ok && len(r.Results) > 0 {
			s.collect(f, r.Results[0])
		}
		return true
	})
}

// nameOf is the last name of an expression such as errtext.WithHint.
func nameOf(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}
