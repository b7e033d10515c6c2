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
	"github.com/spf13/pflag"
)

const commandPages = "../docs/commands"

// The pages under docs/commands are what the commands say of themselves. The
// generator lives in this test, so that users do not carry it: make docs.
func TestCommandPagesAreFresh(t *testing.T) {
	fresh := t.TempDir()
	if *update {
		fresh = commandPages
	}
	writeCommandPages(t, fresh)
	if diff := cmp.Diff(pages(t, fresh, "*.md"), pages(t, commandPages, "*.md")); diff != "" {
		t.Errorf("docs/commands is stale, run make docs (-fresh +committed):\n%s", diff)
	}
}

// writeCommandPages writes a page for each command, and one for the global flags,
// which the others link to.
func writeCommandPages(t *testing.T, dir string) {
	t.Helper()
	root, _ := build(Deps{})
	root.DisableAutoGenTag = true
	flags := "## manifest-tool help flags\n\n" + helpOf(t, "flags")
	root.PersistentFlags().VisitAll(func(f *pflag.Flag) { f.Hidden = true })
	if err := doc.GenMarkdownTree(root, dir); err != nil {
		t.Fatal(err)
	}
	all := pages(t, dir, "*.md")
	for name, page := range all {
		head, tail, ok := strings.Cut(page, "### SEE ALSO")
		if !ok {
			t.Errorf("%s links to no other page", name)
		}
		all[name] = head + "### Global flags\n\nSee [global flags](flags.md).\n\n### SEE ALSO" + tail
	}
	all["flags.md"] = regexp.MustCompile("(?m)^([A-Z][a-z]+):\n((?: .*\n)+)").ReplaceAllString(flags, "### $1\n\n```\n$2```\n")
	for name, page := range all {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(page), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// helpOf returns what `manifest-tool help TOPIC` prints.
func helpOf(t *testing.T, topic string) string {
	t.Helper()
	got := run(t, "help", topic)
	if got.code != exitOK || got.out == "" || got.errOut != "" {
		t.Fatalf("help %s: %+v", topic, got)
	}
	return got.out
}

// The help of the root command has the groups and three examples, and fits a terminal
// of 80x24 with the prompt below it.
func TestRootHelpFitsATerminal(t *testing.T) {
	help := run(t).out
	if diff := cmp.Diff(help, run(t, "--help").out); diff != "" {
		t.Errorf("-alone +with --help:\n%s", diff)
	}
	for _, title := range []string{"Assemble", "Ask", "Check", "Run", "Set up", "Examples"} {
		if !strings.Contains(help, "\n"+title+" ") {
			t.Errorf("the help has no group %s", title)
		}
	}
	if n := strings.Count(help, " manifest-tool "); n != 4 { // one is the usage
		t.Errorf("%d command lines, want the usage and three examples", n)
	}
	root, _ := build(Deps{})
	for _, c := range root.Commands() {
		if c.IsAvailableCommand() && c.GroupID != "" && !regexp.MustCompile(`\b`+c.Name()+`\b`).MatchString(help) {
			t.Errorf("%s is not in the help", c.Name())
		}
	}
	lines := strings.Split(strings.TrimSuffix(help, "\n"), "\n")
	if len(lines) > 23 {
		t.Errorf("%d lines", len(lines))
	}
	for _, line := range lines {
		if len(line) > 80 {
			t.Errorf("%d columns: %s", len(line), line)
		}
	}
}

// Global flags are named once, on their own page.
func TestGlobalFlagsAreNotInTheHelpOfCommands(t *testing.T) {
	root, _ := build(Deps{})
	page := helpOf(t, "flags")
	var look func(*cobra.Command)
	look = func(c *cobra.Command) {
		help := run(t, append(strings.Fields(c.CommandPath())[1:], "--help")...).out
		root.PersistentFlags().VisitAll(func(f *pflag.Flag) {
			line := regexp.MustCompile("(?m)^ +(-., )?--" + f.Name + " ")
			if line.MatchString(help) || !line.MatchString(page) {
				t.Errorf("%s: --%s in its help %v, in help flags %v", c.CommandPath(), f.Name, line.MatchString(help), line.MatchString(page))
			}
		})
		// The name of a flag that is too long moves all descriptions to lines of their own.
		if line := regexp.MustCompile(`(?m)^ +(-., )?--.*[^ ] +$`).FindString(help); line != "" {
			t.Errorf("%s: the line of a flag is too long: %q", c.CommandPath(), line)
		}
		for _, below := range c.Commands() {
			if !below.IsAdditionalHelpTopicCommand() {
				look(below)
			}
		}
	}
	look(root)
}

var update = flag.Bool("update", false, "write docs/commands and docs/man")

// TestEveryResultIsDocumented holds the list of docs/output.md to the commands
// that have --output.
func TestEveryResultIsDocumented(t *testing.T) {
	raw, err := os.ReadFile("../docs/output.md")
	if err != nil {
		t.Fatal(err)
	}
	described := map[string]bool{}
	for _, row := range regexp.MustCompile("(?m)^\\| `([a-z]+(?:[ -][a-z]+)*)`.* \\[JSON schema\\]").FindAllStringSubmatch(string(raw), -1) {
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

// pages returns the files of a directory with a name of the pattern.
func pages(t *testing.T, dir, pattern string) map[string]string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, pattern))
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

// TestExitCodesOfEveryCommand holds the table of docs/exit-codes.md to the commands that
// can be run.
func TestExitCodesOfEveryCommand(t *testing.T) {
	raw, err := os.ReadFile("../docs/exit-codes.md")
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]bool{}
	for _, row := range regexp.MustCompile("(?m)^\\| (`.*?`) \\|").FindAllStringSubmatch(string(raw), -1) {
		for _, name := range regexp.MustCompile("`([a-z -]+)`").FindAllStringSubmatch(row[1], -1) {
			listed[name[1]] = true
		}
	}
	known := map[string]bool{}
	root, _ := build(Deps{})
	var look func(*cobra.Command, string)
	look = func(c *cobra.Command, path string) {
		for _, below := range c.Commands() {
			name := strings.TrimSpace(path + " " + below.Name())
			switch {
			case below.IsAdditionalHelpTopicCommand():
			case below.HasSubCommands() && name != "completion":
				look(below, name)
			default:
				known[name] = true
			}
		}
	}
	look(root, "")
	if diff := cmp.Diff(known, listed); diff != "" {
		t.Errorf("-commands +docs/exit-codes.md:\n%s", diff)
	}
}
