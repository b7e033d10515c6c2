package internal_test

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// plainWords are the words and constructions that this project does not use in
// comments, messages and documents, with what to write instead. A blank also
// matches a line break.
var plainWords = []struct{ avoid, instead string }{
	{`tells?|told|telling`, "report, state, show; told apart: distinguish"},
	{`mend(s|ed|ing)?`, "fix, repair"},
	{`heed(s|ed|ing)?`, "respect, follow"},
	{`anew`, "again"},
	{`nobody`, "no one, or name the program"},
	{`whoever`, "a caller that, a user who"},
	{`beside`, "in addition to, next to, with, during"},
	{`behind (the|its|their|it|them|a|an)`, "after"},
	{`stands?|stood|standing`, "is, is located; stands for: means, replaces"},
	{`lies|lying`, "is located; a registry that lies: reports false values"},
	{`go(es)? on`, "continue"},
	{`going on`, "continuing"},
	{`ways? out`, "hint, fix"},
	{`capitals`, "upper case"},
	{`folders?`, "directory"},
	{`predecessors?`, "v2"},
	{`bills? of materials?`, "SBOM"},
	{`authorit(y|ies)`, "CA"},
	{`(is|are|was|were) to be`, "must be, will be; what is to be pushed: the content to push"},
	{`(that|which|what|who) (is|are|was|were) no ([^l]|l[^o])\w*`, "is not a"},
	{`\w*[^e\s] (is|are) no [a-kn-z]\w*`, "is not a"},
	{`it is no (program|file|json|image|list|index|manifest|registry|tag|digest|part)`, "is not a"},
	{`\w*[^e\s] (is|are|was|were) none`, "is not one, has none, is empty"},
	{`where (there (is|are|was)|it has|they have) (no|none|nothing)`, "if there is no, if there is none"},
	{`as long as it takes`, "no limit"},
	{`what (becomes|became) of`, "the result of, the state of"},
	{`for want of`, "without, for lack of"},
	{`vouch(es|ed)?`, "confirm, check"},
}

// proseExceptions are the places that keep a word of plainWords.
var proseExceptions = []struct{ file, text, reason string }{
	{"e2e/internal/fixture/recorded.go", "predecessor.json", "a file name"},
	{"e2e/internal/registrytest/*.go", "Authority", "a type's name"},
	{"e2e/bench/far/*.go", "Authority", "a type's name"},
	{"internal/store/mirrored_registry.go", "lag behind its", "an idiom"},
	{"docs/errors.md", "signed by unknown authority", "a message of crypto/x509"},
}

// A passage is a comment, a string or a document, with the line it starts at.
type passage struct {
	line int
	text string
}

// TestProseIsPlain searches comments and strings of the programs, and all
// documents, for plainWords.
func TestProseIsPlain(t *testing.T) {
	var avoided []*regexp.Regexp
	for _, w := range plainWords {
		avoided = append(avoided, regexp.MustCompile(`(?i)\b(`+strings.ReplaceAll(w.avoid, " ", `\s+`)+`)\b`))
	}
	used := make([]bool, len(proseExceptions))
	for name, passages := range prose(t) {
		for _, p := range passages {
			for i, pattern := range avoided {
				for _, at := range pattern.FindAllStringIndex(p.text, -1) {
					if n := exception(name, p.text, at); n >= 0 {
						used[n] = true
						continue
					}
					line := p.line + strings.Count(p.text[:at[0]], "\n")
					words := strings.Join(strings.Fields(p.text[at[0]:at[1]]), " ")
					t.Errorf("%s:%d: %q: write %s", name, line, words, plainWords[i].instead)
				}
			}
		}
	}
	for i, e := range proseExceptions {
		if !used[i] {
			t.Errorf("the exception %q in %s is not needed any more", e.text, e.file)
		}
	}
}

// exception returns the index of the exception whose text covers a match, or -1.
func exception(name, text string, at []int) int {
	for i, e := range proseExceptions {
		if ok, _ := filepath.Match(e.file, name); !ok && e.file != name {
			continue
		}
		for from := 0; ; from++ {
			next := strings.Index(text[from:], e.text)
			if next < 0 {
				break
			}
			from += next
			if from <= at[0] && at[1] <= from+len(e.text) {
				return i
			}
		}
	}
	return -1
}

// prose returns the passages of every file of the module that holds prose, by
// the file's path. Pages of docs/commands are generated from strings.
func prose(t *testing.T) map[string][]passage {
	t.Helper()
	all := map[string][]passage{}
	for _, name := range moduleFiles(t) {
		raw, err := os.ReadFile(filepath.Join("..", name))
		if err != nil {
			t.Fatal(err)
		}
		switch extension := filepath.Ext(name); {
		case strings.HasSuffix(name, "_test.go"):
		case extension == ".go":
			all[name] = goProse(t, name, raw)
		case extension == ".md" || isScript(name, raw):
			all[name] = []passage{{1, string(raw)}}
		}
	}
	return all
}

// isScript reports whether a file is the Makefile, a settings file of a tool or
// a shell script.
func isScript(name string, raw []byte) bool {
	known := []string{"Makefile", "goreleaser.yaml", ".golangci.yml"}
	return slices.Contains(known, name) || bytes.HasPrefix(raw, []byte("#!/"))
}

// moduleFiles lists the files of the module, without test data, generated
// pages and what is not part of the source.
func moduleFiles(t *testing.T) []string {
	t.Helper()
	skipped := []string{".git", "testdata", "docs/commands", "docs/schema", "dist"}
	var names []string
	err := filepath.WalkDir("..", func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel("..", path)
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		switch {
		case d.IsDir() && (slices.Contains(skipped, name) || d.Name() == "testdata"):
			return filepath.SkipDir
		case d.Type().IsRegular():
			names = append(names, name)
		}
		return nil
	})
	if err != nil || len(names) < 100 {
		t.Fatalf("listed %d files: %v", len(names), err)
	}
	return names
}

// goProse returns the comments and string literals of a Go file, without
// struct tags, import paths and directives.
func goProse(t *testing.T, name string, raw []byte) []passage {
	t.Helper()
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, name, raw, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	var passages []passage
	for _, group := range file.Comments {
		passages = append(passages, passage{files.Position(group.Pos()).Line, commentText(group)})
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.Field:
			n.Tag = nil
		case *ast.BasicLit:
			if n.Kind == token.STRING {
				passages = append(passages, literal(t, files.Position(n.Pos()).Line, n.Value))
			}
		}
		return true
	})
	return passages
}

// literal is the passage of a string literal. Line breaks inside an
// interpreted one are blanks, so that its line is right.
func literal(t *testing.T, line int, quoted string) passage {
	t.Helper()
	text, err := strconv.Unquote(quoted)
	if err != nil {
		t.Fatal(fmt.Errorf("line %d: %w", line, err))
	}
	if quoted[0] == '"' {
		text = strings.ReplaceAll(text, "\n", " ")
	}
	return passage{line, text}
}

// commentText is the text of a comment with one line for each of its lines.
func commentText(group *ast.CommentGroup) string {
	var lines []string
	for _, c := range group.List {
		text := strings.TrimPrefix(strings.TrimPrefix(c.Text, "//"), "/*")
		if strings.HasPrefix(c.Text, "//go:") || strings.HasPrefix(c.Text, "//nolint") {
			text = ""
		}
		lines = append(lines, text)
	}
	return strings.Join(lines, "\n")
}
