package cmd

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
)

const manPages = "../docs/man"

// manDate is the date in the footer of every man page, that of the last change of
// what the commands do. It is fixed: two builds of a release are the same.
const manDate = "2026-11-30"

// The man pages are generated from the commands, in this test, so that the program
// does not contain the generator: make docs.
func TestManPagesAreFresh(t *testing.T) {
	want := manPagesByName()
	if *update {
		for name, page := range want {
			if err := os.WriteFile(filepath.Join(manPages, name), []byte(page), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	if diff := cmp.Diff(want, pages(t, manPages, "*.1")); diff != "" {
		t.Errorf("docs/man is out of date, run make docs (-fresh +committed):\n%s", diff)
	}
}

// manPagesByName returns the man page of each command, with its file name.
func manPagesByName() map[string]string {
	root, _ := build(Deps{})
	all := map[string]string{}
	for _, c := range documented(root) {
		all[manName(c)+".1"] = manPage(c)
	}
	return all
}

// documented returns a command with all below it, in their order, without help
// topics and what cobra adds for itself.
func documented(c *cobra.Command) []*cobra.Command {
	all := []*cobra.Command{c}
	for _, below := range c.Commands() {
		if below.IsAvailableCommand() && below.Name() != "help" {
			all = append(all, documented(below)...)
		}
	}
	return all
}

// manName is the name of a command's page, such as manifest-tool-push-from-spec.
func manName(c *cobra.Command) string { return strings.ReplaceAll(c.CommandPath(), " ", "-") }
