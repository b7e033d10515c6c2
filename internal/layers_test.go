// Package internal_test holds the packages of this module to their levels.
package internal_test

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"maps"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "manifest-tool"

// levels are the packages of this module, each with its height: a package
// imports only what lies lower, so never a sibling.
var levels = map[string]int{
	"internal/errtext": -1, "internal/suggest": -1, "internal/yamlerr": -1, "internal/jsonedit": -1, "internal/oncemap": -1, "internal/bytesize": -1, "internal/version": -1,
	"internal/platform":            0,
	"internal/progress":            0,
	"internal/system":              1,
	"internal/platform/executable": 1, "internal/reference": 1, "internal/store/transport": 1, "internal/store/atomicfile": 1, "internal/store/tarfile": 1, "internal/store/mediatype": 1,
	"internal/auth": 2, "internal/config": 2, "internal/store": 2, "internal/rootfs": 2,
	"internal/rootfs/rootfstest":     0, // for tests
	"internal/rootfs/command":        3,
	"internal/manifest":              3,
	"internal/manifest/manifesttest": 4, // for tests
	"internal/manifest/selection":    4, "internal/manifest/spec": 4, "internal/manifest/transfer": 4,
	"internal/manifest/verify/foreign": 4,
	"internal/manifest/buildresult":    5,
	"internal/manifest/diff":           5, "internal/manifest/inspect": 5, "internal/manifest/resolve": 5, "internal/manifest/verify": 5,
	"internal/probe":              4,
	"internal/plugin":             5,
	"internal/plugin/handlebars":  0,
	"internal/probe/embedded":     0, // a registry for test-registry without an argument
	"internal/probe/probetest":    1, // for tests
	"internal/manifest/push":      6,
	"internal/server/cache/redis": 1,
	"internal/server/cache":       4,
	"internal/server/client":      6, "internal/server/page": 6, "internal/output/pushfiles": 7, "internal/output/display/screentest": 0, "internal/output/githubtest": 0,
	"internal/server":         7,
	"internal/output":         7,
	"internal/output/display": 8,
	"cmd":                     9,
	"":                        10,
	"internal":                0, // this test
}

type goPackage struct {
	ImportPath string
	Imports    []string
}

func TestPackagesImportOnlyLowerOnes(t *testing.T) {
	all := packages(t)
	for _, p := range all {
		name := relative(p.ImportPath)
		if strings.HasPrefix(name, "e2e") {
			continue // programs for tests, which nothing imports
		}
		level, known := levels[name]
		if !known {
			t.Errorf("%s has no level: give it one in this test", p.ImportPath)
		}
		for _, i := range p.Imports {
			if i != module && !strings.HasPrefix(i, module+"/") {
				continue
			}
			if lower, known := levels[relative(i)]; !known || lower >= level {
				t.Errorf("%s imports %s, which is not on a lower level", p.ImportPath, i)
			}
		}
	}
	if len(all) < 5 {
		t.Errorf("only %d packages were looked at", len(all))
	}
}

func TestSettingsAreReadInOnePlace(t *testing.T) {
	for _, p := range packages(t) {
		for _, i := range p.Imports {
			if strings.HasPrefix(i, "github.com/spf13/viper") && relative(p.ImportPath) != "internal/config" {
				t.Errorf("%s imports %s: everything but internal/config gets values", p.ImportPath, i)
			}
		}
	}
}

// TestOnlyTheRouterDependsOnTheKindOfAReference fails for a file that names one
// of the kinds, which it must to compare a kind: the router of package store and
// package reference excepted. Other code uses store.Capabilities or methods of
// reference.Ref, so that a new kind of storage is one file and one line.
func TestOnlyTheRouterDependsOnTheKindOfAReference(t *testing.T) {
	allowed := []string{filepath.Join("store", "store.go")}
	kinds := []string{"Registry", "Layout", "OCIArchive", "DockerArchive"}
	found := map[string]bool{}
	for _, root := range []string{".", filepath.Join("..", "cmd")} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(n ast.Node) bool {
				if s, ok := n.(*ast.SelectorExpr); ok && slices.Contains(kinds, s.Sel.Name) {
					if x, ok := s.X.(*ast.Ident); ok && x.Name == "reference" {
						found[path] = true
					}
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if got := slices.Sorted(maps.Keys(found)); !slices.Equal(got, allowed) {
		t.Errorf("files that depend on the kind of a reference: %q, want %q", got, allowed)
	}
}

// relative is a package's place in this module, empty for its root.
func relative(path string) string { return strings.TrimPrefix(strings.TrimPrefix(path, module), "/") }

// packages lists the packages of this module with what they import, tests not
// counted.
func packages(t *testing.T) []goPackage {
	t.Helper()
	listed, err := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports", module+"/...").Output()
	if err != nil {
		t.Fatalf("listing packages: %v", err)
	}
	var all []goPackage
	for decoder := json.NewDecoder(strings.NewReader(string(listed))); ; {
		var p goPackage
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}
