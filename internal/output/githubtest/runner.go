// Package githubtest reads, for tests, what a step of GitHub Actions leaves: as the
// runner does, also where that differs from what was meant.
package githubtest

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// ReadOutputs reads the content of the file of GITHUB_OUTPUT. It fails the test if the
// runner would refuse it. Source: the class EnvFileKeyValuePairs of actions/runner.
func ReadOutputs(t testing.TB, text string) map[string]string {
	t.Helper()
	outputs := map[string]string{}
	for rest := text; rest != ""; {
		var line string
		line, rest, _ = strings.Cut(rest, "\n")
		equals, heredoc := strings.Index(line, "="), strings.Index(line, "<<")
		switch {
		case line == "":
		case equals > 0 && (heredoc < 0 || equals < heredoc):
			outputs[line[:equals]] = line[equals+1:]
		case heredoc > 0:
			value, after, found := readValue(rest, line[heredoc+2:])
			if !found {
				t.Fatalf("the delimiter of %q is missing in %q", line, text)
			}
			outputs[line[:heredoc]], rest = value, after
		default:
			t.Fatalf("invalid line %q in %q", line, text)
		}
	}
	return outputs
}

// readValue reads lines up to the one that is a delimiter, and returns them without
// their last line end.
func readValue(text, delimiter string) (value, rest string, found bool) {
	for rest = text; rest != "" && !found; {
		var line string
		line, rest, _ = strings.Cut(rest, "\n")
		if found = line == delimiter; !found {
			value += line + "\n"
		}
	}
	return strings.TrimSuffix(value, "\n"), rest, found
}

// Command is a command in the log of a step, such as a warning.
type Command struct{ Name, Properties, Data string }

// ReadCommands finds the commands in a log: the first form at the start of a line, the
// second one anywhere. Source: the class ActionCommand of actions/runner.
func ReadCommands(log string) (all []Command) {
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
				all = append(all, Command{found[1], found[2], form.decode.Replace(found[3])})
				break
			}
		}
	}
	return all
}
