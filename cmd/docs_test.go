package cmd

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

const commandPages = "../docs/commands"

// The pages under docs/commands are what the commands say of themselves. The
// generator lives in this test, so that users do not carry it: make docs.
func TestCommandPagesAreFresh(t *testing.T) {
	fresh := t.TempDir()
	if *update {
		fresh = commandPages
	}
	root, _ := build(Deps{})
	root.DisableAutoGenTag = true
	root.InitDefaultCompletionCmd()
	if err := doc.GenMarkdownTree(root, fresh); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(pages(t, fresh), pages(t, commandPages)); diff != "" {
		t.Errorf("docs/commands is stale, run make docs (-fresh +committed):\n%s", diff)
	}
}

var update = flag.Bool("update", false, "write docs/commands again")

// TestEveryResultIsDocumented holds the list of docs/output.md to the commands
// that have --output.
func TestEveryResultIsDocumented(t *testing.T) {
	raw, err := os.ReadFile("../docs/output.md")
	if err != nil {
		t.Fatal(err)
	}
	described := map[string]bool{}
	for _, row := range regexp.MustCompile("(?m)^\\| `([a-z ]+)`.* \\[JSON schema\\]").FindAllStringSubmatch(string(raw), -1) {
		described[row[1]] = true
	}
	known := map[string]bool{}
	root, _ := build(Deps{})
	var look func(*cobra.Command)
	look = func(c *cobra.Command) {
		if c.Flags().Lookup("output") != nil || c.PersistentFlags().Lookup("output") != nil {
			known[strings.TrimPrefix(c.CommandPath(), root.Name()+" ")] = true
		}
		for _, below := range c.Commands() {
			look(below)
		}
	}
	look(root)
	if diff := cmp.Diff(known, described); diff != "" {
		t.Errorf("-commands +docs/output.md:\n%s", diff)
	}
}

func pages(t *testing.T, dir string) map[string]string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.md"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no pages in %s: %v", dir, err)
	}
	all := map[string]string{}
	for _, n := range names {
		raw, err := os.ReadFile(n)
		if err != nil {
			t.Fatal(err)
		}
		all[filepath.Base(n)] = string(raw)
	}
	return all
}
