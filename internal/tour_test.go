package internal_test

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestTourIsTrue requires that the files and functions exist that CONTRIBUTING names on
// the way of one command through the code.
func TestTourIsTrue(t *testing.T) {
	raw, err := os.ReadFile("../CONTRIBUTING.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(raw), "\n## One command from main to the test\n")
	section, _, _ = strings.Cut(section, "\n## ")
	files, code := moduleFiles(t), allCode(t)
	function := regexp.MustCompile(`^(?:[a-z]+\.)?([A-Za-z]{3,})(\(.*\).*)?$`)
	checked := 0
	for _, span := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(section, -1) {
		name := span[1]
		called := function.FindStringSubmatch(name)
		switch {
		case strings.HasSuffix(name, ".go"):
			checked++
			if !slices.ContainsFunc(files, func(f string) bool { return hasSuffixPath(f, name) }) {
				t.Errorf("there is no file %s", name)
			}
		case strings.Contains(name, "/") && !strings.ContainsAny(name, " ("):
			if _, err := os.Stat(filepath.Join("..", name)); err != nil && !strings.HasSuffix(name, "/v1") {
				t.Errorf("there is no %s", name)
			}
		case called != nil:
			checked++
			declared := regexp.MustCompile(`(?m)^(func (\([^)]*\) )?|type |\t)` + called[1] + `\b`)
			if !declared.MatchString(code) && !slices.ContainsFunc(files, func(f string) bool { return path.Base(path.Dir(f)) == name }) {
				t.Errorf("%s is not declared", name)
			}
		}
	}
	if checked < 30 {
		t.Errorf("only %d names were found", checked)
	}
}

// hasSuffixPath reports whether a path ends in the elements of a pattern.
func hasSuffixPath(file, pattern string) bool {
	for range strings.Count(file, "/") - strings.Count(pattern, "/") {
		_, file, _ = strings.Cut(file, "/")
	}
	ok, _ := path.Match(pattern, file)
	return ok
}

// allCode returns the Go code of the module, tests excepted.
func allCode(t *testing.T) string {
	t.Helper()
	var code strings.Builder
	for _, name := range moduleFiles(t) {
		if filepath.Ext(name) == ".go" && !strings.HasSuffix(name, "_test.go") && !strings.HasPrefix(name, "e2e/") {
			raw, err := os.ReadFile(filepath.Join("..", name))
			if err != nil {
				t.Fatal(err)
			}
			code.Write(raw)
		}
	}
	return code.String()
}
