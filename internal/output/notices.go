package output

import (
	"fmt"
	"io"
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
func (n Notices) Warn(message string) {
	if n.GitHub {
		n.annotate("warning", n.Sanitizer.Line(message))
		return
	}
	n.Print("warning", message)
}

// Fail writes the lines of an error, which are sanitized already.
func (n Notices) Fail(lines []string) {
	text := strings.Join(lines, "\n")
	if n.GitHub {
		n.annotate("error", text)
		return
	}
	fmt.Fprintln(n.Out, text)
}

// annotate writes a command of GitHub Actions. Source: ActionCommand of
// actions/runner, which ends a command at the end of the line and decodes percent
// signs.
func (n Notices) annotate(kind, text string) {
	text = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(text)
	fmt.Fprintf(n.Out, "::%s title=manifest-tool::%s\n", kind, text)
}

// Note writes "KIND: MESSAGE" unless the notices are quiet.
func (n Notices) Note(kind, message string) {
	if !n.Quiet {
		n.Print(kind, message)
	}
}
