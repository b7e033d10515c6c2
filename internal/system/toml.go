package system

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// decodeTOML reads a TOML file into a struct. ok is false, with a warning that names
// the line, if it is not TOML or a value has the wrong type.
func (r *Rules) decodeTOML(path string, data []byte, into any) (ok bool) {
	err := toml.Unmarshal(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")), into)
	if err == nil {
		return true
	}
	at := Origin{File: path}
	problem := strings.TrimPrefix(err.Error(), "toml: ")
	var broken *toml.DecodeError
	if errors.As(err, &broken) {
		at.Line, _ = broken.Position()
	}
	if strings.Contains(problem, "struct") { // the decoder names Go's types
		problem = wrongType(data, at.Line)
	}
	r.warn("", at, "left out: %s", problem)
	return false
}

// wrongType names the key of a line whose value has the wrong type.
func wrongType(data []byte, line int) string {
	lines := strings.Split(string(data), "\n")
	if line > 0 && line <= len(lines) {
		if key, _, ok := strings.Cut(lines[line-1], "="); ok {
			return fmt.Sprintf("the value of %.60s has the wrong type", strings.TrimSpace(key))
		}
	}
	return "a value has the wrong type"
}

// linesOf returns the numbers of the lines that a pattern matches, from 1.
func linesOf(data []byte, pattern string) []int {
	match := regexp.MustCompile(pattern)
	var all []int
	for i, line := range bytes.Split(data, []byte("\n")) {
		if match.Match(line) {
			all = append(all, i+1)
		}
	}
	return all
}

// lineOf returns the first line that has all of some strings, 0 if none does.
func lineOf(data []byte, parts ...string) int {
	for i, line := range strings.Split(string(data), "\n") {
		found := true
		for _, part := range parts {
			found = found && strings.Contains(line, part)
		}
		if found {
			return i + 1
		}
	}
	return 0
}

// nth returns the i-th line number, 0 if there are fewer.
func nth(lines []int, i int) int {
	if i < len(lines) {
		return lines[i]
	}
	return 0
}
