package output

import (
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"
)

// Notices writes lines for people to standard error while a command runs.
type Notices struct {
	Out       io.Writer
	Sanitizer *Sanitizer
	// Quiet leaves out notes, which say nothing about the result.
	Quiet bool
	// GitHub writes warnings and errors as commands that GitHub Actions shows as
	// annotations of the run.
	GitHub bool
}

// Print writes "KIND: MESSAGE", with the message sanitized.
func (n Notices) Print(kind, message string) {
	fmt.Fprintf(n.Out, "%s: %s\n", kind, n.Sanitizer.Line(message))
}

// Block writes a text of several lines, with unsafe characters escaped.
func (n Notices) Block(text string) {
	fmt.Fprintln(n.Out, escapeLines(strings.TrimSuffix(text, "\n")))
}

// Warn writes a warning.
func (n Notices) Warn(message string) { n.WarnAt("", message) }

// WarnAt writes a warning about a place, FILE:LINE, which the message names too.
func (n Notices) WarnAt(place, message string) {
	if n.GitHub {
		n.annotate("warning", place, n.Sanitizer.Line(message))
		return
	}
	n.Print("warning", message)
}

// Fail writes the lines of an error, which are sanitized already. place is where it is,
// FILE:LINE, if that is known.
func (n Notices) Fail(lines []string, place string) {
	text := strings.Join(lines, "\n")
	if n.GitHub {
		n.annotate("error", place, text)
		return
	}
	fmt.Fprintln(n.Out, text)
}

// annotate writes a command of GitHub Actions. Source: ActionCommand of
// actions/runner, which ends a command at the end of the line, a property at a comma,
// and decodes percent signs.
func (n Notices) annotate(kind, place, text string) {
	escape := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	properties := "title=manifest-tool"
	if file, line := splitPlace(place); line != "" {
		if absolute, err := filepath.Abs(file); err == nil { // the runner makes it relative to the checkout
			file = absolute
		}
		file = strings.NewReplacer(":", "%3A", ",", "%2C").Replace(escape.Replace(file))
		properties += ",file=" + file + ",line=" + line
	}
	fmt.Fprintf(n.Out, "::%s %s::%s\n", kind, properties, escape.Replace(text))
}

// splitPlace returns the file and the line of a place, and no line if it has none, or if
// it is in standard input.
func splitPlace(place string) (file, line string) {
	i := strings.LastIndex(place, ":")
	if i <= 0 || strings.HasPrefix(place, "standard input:") {
		return place, ""
	}
	if _, err := strconv.ParseUint(place[i+1:], 10, 32); err != nil {
		return place, ""
	}
	return place[:i], place[i+1:]
}

// Note writes "KIND: MESSAGE" unless the notices are quiet.
func (n Notices) Note(kind, message string) {
	if !n.Quiet {
		n.Print(kind, message)
	}
}
