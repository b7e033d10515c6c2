//go:build e2e

package ci

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"

	"manifest-tool/e2e/internal/clitest"
)

// blocks returns the blocks of a page of docs/ci that are in a language.
func blocks(t *testing.T, page, language string) (all []string) {
	t.Helper()
	text := read(t, "docs", "ci", page)
	for _, found := range regexp.MustCompile("(?ms)^```"+language+"\n(.*?)^```").FindAllStringSubmatch(text, -1) {
		all = append(all, found[1])
	}
	if len(all) == 0 {
		t.Fatalf("%s has no block of %s", page, language)
	}
	return all
}

// TestExamplesAreValid decodes all YAML of docs/ci, and has actionlint read its
// workflows.
func TestExamplesAreValid(t *testing.T) {
	t.Parallel()
	for _, page := range []string{"github.md", "gitlab.md", "tekton.md"} {
		for _, text := range blocks(t, page, "yaml") {
			var value any
			decode(t, text, &value)
		}
	}
	dir := t.TempDir()
	clitest.Must(t, os.MkdirAll(filepath.Join(dir, ".github", "workflows"), 0o700))
	clitest.Must(t, os.Mkdir(filepath.Join(dir, ".git"), 0o700))
	workflows := githubExamples(t)
	for name, text := range workflows {
		write(t, filepath.Join(dir, ".github", "workflows", name+".yml"), text)
	}
	if r := lint(t, dir); r.Code != 0 || len(workflows) != 3 {
		t.Errorf("actionlint of %d workflows: exit code %d\n%s%s", len(workflows), r.Code, r.Stdout, r.Stderr)
	}
}

// githubExamples are the workflows of github.md, by the heading of their section.
func githubExamples(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for section := range strings.SplitSeq(read(t, "docs", "ci", "github.md"), "\n## ") {
		_, rest, found := strings.Cut(section, "```yaml\n# .github/workflows/")
		if !found {
			continue
		}
		heading, _, _ := strings.Cut(section, "\n")
		text, _, _ := strings.Cut(rest, "```")
		all[strings.ReplaceAll(heading, " ", "-")] = "# " + text
	}
	return all
}

// stubs is a directory with programs that stand in for those of build jobs, before
// those of PATH: NAME is a script of a POSIX shell.
func stubs(t *testing.T, scripts map[string]string) (path string) {
	t.Helper()
	dir := t.TempDir()
	for name, script := range scripts {
		clitest.WriteScript(t, filepath.Join(dir, name), "#!/bin/sh\nset -eu\n"+script)
	}
	return dir + string(os.PathListSeparator) + binaryPath(t) + string(os.PathListSeparator) + os.Getenv("PATH")
}

// wantDigest parses a digest.
func wantDigest(t *testing.T, text string) digest.Digest {
	t.Helper()
	d, err := digest.Parse(text)
	clitest.Must(t, err)
	return d
}
