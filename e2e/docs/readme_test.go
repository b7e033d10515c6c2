//go:build e2e

package docs

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/registrytest"
)

// exampleHost is the registry of the README's examples.
const exampleHost = "registry.example.com"

// example is one command of the README with the output it shows.
type example struct {
	line    int // of README.md
	command string
	shown   []string
}

// TestReadmeExamples runs every command of the README's console blocks, in
// their order, in a copy of testdata, against an empty registry that takes the
// place of registry.example.com. A command must succeed (one that is to fail
// ends in "; echo $?"); a line "..." stands for any number of lines.
func TestReadmeExamples(t *testing.T) {
	t.Parallel()
	examples := readExamples(t)
	if len(examples) == 0 {
		t.Fatal("README.md has no ```console block with a line that begins with \"$ \"")
	}
	g := registrytest.StartOpen(t)
	s := exampleSession(t, g.Host)
	for _, e := range examples {
		command := strings.ReplaceAll(e.command, exampleHost, g.Host)
		done := s.RunProgram(t, clitest.FindTool(t, "bash"), "-c", "exec 2>&1; "+command)
		got := strings.ReplaceAll(done.Stdout, g.Host, exampleHost)
		if done.Code != 0 {
			t.Errorf("README.md:%d: exit code %d: %s\n%s", e.line, done.Code, e.command, got)
			continue
		}
		if !e.matches(got) {
			t.Errorf("README.md:%d: %s (-README +output):\n%s", e.line, e.command,
				cmp.Diff(e.shown, strings.Split(strings.TrimSuffix(got, "\n"), "\n")))
		}
	}
}

// exampleSession is a user with the binary in PATH, in a copy of testdata whose
// specs name the host where they had the registry of the examples.
func exampleSession(t *testing.T, host string) clitest.Session {
	t.Helper()
	bin, work := t.TempDir(), t.TempDir()
	clitest.Must(t, os.Symlink(clitest.Binary(), filepath.Join(bin, "manifest-tool")))
	clitest.Must(t, os.CopyFS(work, os.DirFS(clitest.RepoPath("testdata"))))
	specs, err := filepath.Glob(filepath.Join(work, "demo", "*.yaml"))
	clitest.Must(t, err)
	for _, spec := range specs {
		text, err := os.ReadFile(spec)
		clitest.Must(t, err)
		clitest.Must(t, os.WriteFile(spec, []byte(strings.ReplaceAll(string(text), exampleHost, host)), 0o600))
	}
	path := "PATH=" + bin + string(os.PathListSeparator) + os.Getenv("PATH")
	return clitest.Session{Home: t.TempDir(), Dir: work, Env: []string{path}}
}

// readExamples returns the commands of the README's console blocks. A command
// goes on in the next line after a backslash.
func readExamples(t *testing.T) []example {
	t.Helper()
	raw, err := os.ReadFile(clitest.RepoPath("README.md"))
	clitest.Must(t, err)
	var examples []example
	var inside, goesOn bool
	for number, line := range strings.Split(string(raw), "\n") {
		switch {
		case strings.HasPrefix(line, "```"):
			inside, goesOn = line == "```console", false
		case !inside:
		case goesOn:
			last := &examples[len(examples)-1]
			last.command += "\n" + strings.TrimPrefix(line, "> ")
			goesOn = strings.HasSuffix(line, `\`)
		case strings.HasPrefix(line, "$ "):
			examples = append(examples, example{line: number + 1, command: strings.TrimPrefix(line, "$ ")})
			goesOn = strings.HasSuffix(line, `\`)
		case len(examples) > 0:
			last := &examples[len(examples)-1]
			last.shown = append(last.shown, line)
		}
	}
	return examples
}

// matches says whether the output is what the README shows.
func (e example) matches(output string) bool {
	var pattern strings.Builder
	for _, line := range e.shown {
		if line == "..." {
			pattern.WriteString(`(?:.*\n)*`)
			continue
		}
		pattern.WriteString(regexp.QuoteMeta(line) + `\n`)
	}
	return regexp.MustCompile(`\A` + pattern.String() + `\z`).MatchString(output)
}

// TestReadmeMatching holds what counts as the shown output.
func TestReadmeMatching(t *testing.T) {
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
	}
	for _, test := range tests {
		if got := (example{shown: test.shown}).matches(test.output); got != test.want {
			t.Errorf("%q shown for %q: %v, want %v", test.shown, test.output, got, test.want)
		}
	}
}

// TestExampleSession holds that the examples run this binary.
func TestExampleSession(t *testing.T) {
	t.Parallel()
	done := exampleSession(t, "host:1").RunProgram(t, clitest.FindTool(t, "bash"), "-c", "readlink $(command -v manifest-tool); ls")
	done.WantCode(t, 0)
	clitest.WantLines(t, done.Stdout, clitest.Binary(), "predecessor.json")
}
