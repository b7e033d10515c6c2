//go:build e2e

package docs

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"mvdan.cc/sh/v3/syntax"

	"manifest-tool/e2e/internal/clitest"
)

// example is one command of a page with the output that the page shows.
type example struct {
	line    int // of the page
	command string
	shown   []string
	hidden  bool     // in a comment of the page: its output is not compared
	needs   []string // programs without which it is left out
}

// findPages returns the pages of the documentation: their paths from the
// repository's root. Generated pages of commands have no examples that run.
func findPages(t *testing.T) []string {
	t.Helper()
	root := os.DirFS(clitest.RepoPath())
	pages, err := fs.Glob(root, "*.md")
	clitest.Must(t, err)
	err = fs.WalkDir(root, "docs", func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && path == "docs/commands" {
			return fs.SkipDir
		}
		if err == nil && filepath.Ext(path) == ".md" {
			pages = append(pages, path)
		}
		return err
	})
	clitest.Must(t, err)
	return pages
}

// blockStart is the line before the examples of a block: a fence, or the start of
// a comment, which readers of the page do not see.
var blockStart = regexp.MustCompile("^(```console|<!-- prepare)( needs=([a-z0-9,-]+))?$")

// readExamples returns the commands in the blocks of a page. A command begins
// after "$ " and has as many lines as the shell needs to complete it; further lines
// may begin with "> ".
func readExamples(text string) []example {
	var all []example
	var inside, hidden, open bool
	var needs []string
	var block int
	for number, line := range strings.Split(text, "\n") {
		last := len(all) - 1
		start := blockStart.FindStringSubmatch(line)
		switch {
		case !inside && start != nil:
			inside, hidden, needs, block = true, start[1] != "```console", nil, number
			if start[3] != "" {
				needs = strings.Split(start[3], ",")
			}
		case !inside:
		case line == "```" && !hidden || line == "-->" && hidden:
			inside, open = false, false
		case open:
			all[last].command += "\n" + strings.TrimPrefix(line, "> ")
			open = isIncomplete(all[last].command)
		case strings.HasPrefix(line, "$ "):
			command := strings.TrimPrefix(line, "$ ")
			all = append(all, example{line: number + 1, command: command, hidden: hidden, needs: needs})
			open = isIncomplete(command)
		case last < 0 || all[last].line < block:
			all = append(all, example{line: number + 1, command: "false # this block begins without a command"})
		default:
			all[last].shown = append(all[last].shown, line)
		}
	}
	return all
}

// isIncomplete reports whether a shell would read another line of a command.
func isIncomplete(command string) bool {
	if strings.HasSuffix(command, `\`) {
		return true
	}
	_, err := syntax.NewParser().Parse(strings.NewReader(command), "")
	return syntax.IsIncomplete(err) || err != nil && strings.Contains(err.Error(), "unclosed here-document")
}

// matches says whether the output is what the page shows: a line "..." stands for
// any number of lines, "…" within a line for any text.
func (e example) matches(output string) bool {
	var pattern strings.Builder
	for _, line := range e.shown {
		if line == "..." {
			pattern.WriteString(`(?:.*\n)*`)
			continue
		}
		line = strings.ReplaceAll(regexp.QuoteMeta(line), "…", ".*")
		pattern.WriteString(line + `\n`)
	}
	if output != "" && !strings.HasSuffix(output, "\n") {
		output += "\n"
	}
	return e.hidden || regexp.MustCompile(`\A`+pattern.String()+`\z`).MatchString(output)
}

// TestReadExamples shows what is read as an example.
func TestReadExamples(t *testing.T) {
	t.Parallel()
	page := "```console needs=jq,curl\n$ a\nout\n$ b \\\n> c\n$ cat <<EOF\ntext\nEOF\n```\n" +
		"$ not in a block\n<!-- prepare\n$ d\n-->\n```sh\n$ e\n```\n"
	got := readExamples(page)
	want := []example{
		{line: 2, command: "a", shown: []string{"out"}, needs: []string{"jq", "curl"}},
		{line: 4, command: "b \\\nc", needs: []string{"jq", "curl"}},
		{line: 6, command: "cat <<EOF\ntext\nEOF", needs: []string{"jq", "curl"}},
		{line: 12, command: "d", hidden: true},
	}
	same := func(a, b example) bool {
		return a.line == b.line && a.command == b.command && a.hidden == b.hidden &&
			slices.Equal(a.shown, b.shown) && slices.Equal(a.needs, b.needs)
	}
	if !slices.EqualFunc(got, want, same) {
		t.Errorf("read %+v, want %+v", got, want)
	}
}

// TestMatching shows what counts as the shown output.
func TestMatching(t *testing.T) {
	t.Parallel()
	tests := []struct {
		shown  []string
		output string
		want   bool
	}{
		{nil, "", true},
		{nil, "more\n", false},
		{[]string{"a (b)"}, "a (b)\n", true},
		{[]string{"a", "...", "c"}, "a\nb\nb\nc\n", true},
		{[]string{"a", "...", "c"}, "a\nc\n", true},
		{[]string{"a", "..."}, "b\n", false},
		{[]string{"..."}, "anything\n", true},
		{[]string{"sha256:1a…: ok"}, "sha256:1a2b3c: ok\n", true},
		{[]string{"sha256:1a… ok"}, "sha256:1a2b\n ok\n", false},
	}
	for _, test := range tests {
		if got := (example{shown: test.shown}).matches(test.output); got != test.want {
			t.Errorf("%q shown for %q: %v, want %v", test.shown, test.output, got, test.want)
		}
	}
}
