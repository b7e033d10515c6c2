//go:build e2e

package ci

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// readOutputs reads the file of GITHUB_OUTPUT by the rules of the class
// EnvFileKeyValuePairs of actions/runner.
func readOutputs(t *testing.T, text string) map[string]string {
	t.Helper()
	outputs := map[string]string{}
	lines := strings.SplitAfter(text, "\n")
	for i := 0; i < len(lines); i++ {
		line := strings.TrimSuffix(lines[i], "\n")
		equals, heredoc := strings.Index(line, "="), strings.Index(line, "<<")
		switch {
		case line == "":
		case equals > 0 && (heredoc < 0 || equals < heredoc):
			outputs[line[:equals]] = line[equals+1:]
		case heredoc > 0:
			var value strings.Builder
			for i++; i < len(lines) && strings.TrimSuffix(lines[i], "\n") != line[heredoc+2:]; i++ {
				value.WriteString(lines[i])
			}
			outputs[line[:heredoc]] = strings.TrimSuffix(value.String(), "\n")
		default:
			t.Fatalf("invalid line %q in %q", line, text)
		}
	}
	return outputs
}

// command is a command in the log of a step.
type command struct{ Name, Properties, Data string }

// readCommands finds the commands in a log by the rules of the class ActionCommand of
// actions/runner: the first form at the start of a line, the second one anywhere.
func readCommands(log string) (all []command) {
	names := []string{
		"set-env", "set-output", "save-state", "add-mask", "add-path", "add-matcher", "remove-matcher",
		"debug", "warning", "error", "notice", "group", "endgroup", "echo", "stop-commands",
	}
	forms := []struct {
		at     *regexp.Regexp
		decode *strings.Replacer
	}{
		{regexp.MustCompile(`^\s*::([^: ]+) ?(.*?)::(.*)`), strings.NewReplacer("%0D", "\r", "%0A", "\n", "%25", "%")},
		{regexp.MustCompile(`##\[([^\] ]+) ?([^\]]*)\](.*)`), strings.NewReplacer("%3B", ";", "%0D", "\r", "%0A", "\n", "%5D", "]", "%25", "%")},
	}
	for line := range strings.FieldsFuncSeq(log, func(r rune) bool { return r == '\n' || r == '\r' }) {
		for _, form := range forms {
			if found := form.at.FindStringSubmatch(line); found != nil && slices.Contains(names, strings.ToLower(found[1])) {
				all = append(all, command{found[1], found[2], form.decode.Replace(found[3])})
				break
			}
		}
	}
	return all
}

// TestReadCommands holds that the tests find what the runner finds.
func TestReadCommands(t *testing.T) {
	t.Parallel()
	got := readCommands("x\n::warning title=a::50%25 of%0Ab ##[error]c\n  ::add-mask::d\nwarning: ##[set-output name=digest]e\n::unknown::f\nx ::error::g\n## [error]h\n")
	want := []command{{"warning", "title=a", "50% of\nb ##[error]c"}, {"add-mask", "", "d"}, {"set-output", "name=digest", "e"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
