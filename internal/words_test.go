package internal_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// privateWords are words that only the authors of this project would
// understand in a name, with what the field calls the thing. No name that is
// declared in the module is one of them or starts with one.
var privateWords = map[string]string{
	"boarded":  "hasConn",
	"boarding": "connecting",
	"census":   "counter",
	"ender":    "killer",
	"fleet":    "images, imageSet",
	"gathered": "result, sourceResult",
	"heard":    "recorder, received",
	"heed":     "follow, onSuccess",
	"lively":   "progress",
	"located":  "entry, sourceEntry",
	"mend":     "fix, repair",
	"mended":   "fixed, repaired",
	"mishap":   "fault, faultFunc",
	"occupy":   "hold, acquire",
	"orderly":  "sync, syncWriter",
	"paper":    "config, configBody",
	"parrot":   "echo, echoServer",
	"patience": "timeout, timeouts",
	"rough":    "faulty, faultyRegistry",
	"shelf":    "files, dir",
	"sight":    "fetched, fetchedManifest",
	"spoken":   "scheme, schemeOf",
	"tour":     "fetcher, walk",
	"unfit":    "incompatible",
	"unsent":   "held, heldRequest",
	"untold":   "outputError",
	"vouched":  "checked, verified",
	"whole":    "complete, buffer",
	"witness":  "client, interopClient",
}

// TestNamesAreTheFieldsWords reads every Go file of the module, tests included.
func TestNamesAreTheFieldsWords(t *testing.T) {
	for _, name := range moduleFiles(t) {
		if filepath.Ext(name) != ".go" {
			continue
		}
		files := token.NewFileSet()
		file, err := parser.ParseFile(files, filepath.Join("..", name), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, declared := range declaredNames(file) {
			word := leadingWord(declared.Name)
			if instead, private := privateWords[word]; private {
				t.Errorf("%s:%d: %s: name it with the field's words, such as %s",
					name, files.Position(declared.Pos()).Line, declared.Name, instead)
			}
		}
	}
}

// declaredNames lists the names that a file declares, at any depth.
func declaredNames(file *ast.File) []*ast.Ident {
	var names []*ast.Ident
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			names = append(names, n.Name)
		case *ast.TypeSpec:
			names = append(names, n.Name)
		case *ast.ValueSpec:
			names = append(names, n.Names...)
		case *ast.Field:
			names = append(names, n.Names...)
		case *ast.AssignStmt:
			if n.Tok == token.DEFINE {
				names = appendIdents(names, n.Lhs...)
			}
		case *ast.RangeStmt:
			if n.Tok == token.DEFINE {
				names = appendIdents(names, n.Key, n.Value)
			}
		}
		return true
	})
	return names
}

func appendIdents(names []*ast.Ident, expressions ...ast.Expr) []*ast.Ident {
	for _, e := range expressions {
		if ident, ok := e.(*ast.Ident); ok {
			names = append(names, ident)
		}
	}
	return names
}

var firstWord = regexp.MustCompile(`^([A-Z]+[a-z0-9]*|[a-z0-9]+)`)

// leadingWord is the first word of a camel-case name, in lower case.
func leadingWord(name string) string { return strings.ToLower(firstWord.FindString(name)) }
