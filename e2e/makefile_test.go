//go:build e2e

package e2e

import (
	"go/build"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestMakefile checks that every go test of the Makefile that selects tests by
// name selects at least one: go test succeeds if a pattern matches nothing.
func TestMakefile(t *testing.T) {
	raw, err := os.ReadFile("../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	calls := regexp.MustCompile(`\$\(GO\) test .*-run '([^']+)'.*`).FindAllStringSubmatch(string(raw), -1)
	if len(calls) < 5 {
		t.Fatalf("%d calls of go test with a pattern, want 5 or more", len(calls))
	}
	for _, call := range calls {
		pattern := strings.ReplaceAll(call[1], "$$", "$")
		dir := regexp.MustCompile(`\./(?:cmd|internal|e2e)[a-z0-9/]*`).FindString(call[0])
		t.Run(pattern, func(t *testing.T) {
			if names := testsOf(t, dir); !slices.ContainsFunc(names, regexp.MustCompile(pattern).MatchString) {
				t.Errorf("no test of %s matches %s: %q", dir, pattern, names)
			}
		})
	}
}

// testsOf returns the names of the tests of a package, as go test -list does, which would
// compile them.
func testsOf(t *testing.T, dir string) (names []string) {
	t.Helper()
	context := build.Default
	context.BuildTags = []string{"e2e"}
	p, err := context.ImportDir(filepath.Join("..", dir), 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range append(p.TestGoFiles, p.XTestGoFiles...) {
		source, err := os.ReadFile(filepath.Join(p.Dir, name))
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range regexp.MustCompile(`(?m)^func (Test\w*)\(`).FindAllStringSubmatch(string(source), -1) {
			names = append(names, found[1])
		}
	}
	return names
}
