package cmd

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"manifest-tool/internal/errtext"
	"manifest-tool/internal/manifest/push"
	"manifest-tool/internal/output"
	"manifest-tool/internal/store/transport"
)

// Exit codes (decision 4). They are part of the interface: docs/exit-codes.md.
const (
	exitOK          = 0
	exitFailed      = 1
	exitUsage       = 2
	exitNegative    = 3
	exitPartial     = 4
	exitInterrupted = 130
)

// exitCodeMeaning is an exit code with what it means for every command.
type exitCodeMeaning struct {
	code    int
	meaning string
}

// exitCodes returns all exit codes, for help and man pages.
func exitCodes() []exitCodeMeaning {
	return []exitCodeMeaning{
		{exitOK, "done"},
		{exitFailed, "failed"},
		{exitUsage, "wrong usage or bad input; nothing was written"},
		{exitNegative, "ran well, and the answer is no"},
		{exitPartial, "partly done"},
		{exitInterrupted, "interrupted"},
	}
}

// usageError is a command line that is not valid.
type usageError struct {
	err error
	// help is the advice if the cause has none: where to look up the command line.
	help string
}

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }
func (e *usageError) ExitCode() int { return exitUsage }
func (e *usageError) Hint() string  { return cmp.Or(errtext.Hint(e.err), e.help) }

func usagef(format string, args ...any) error {
	return &usageError{err: fmt.Errorf(format, args...)}
}

// withHelp adds to a usage error of a command that its help describes what is valid.
func withHelp(c *cobra.Command, err error) error {
	var usage *usageError
	if errors.As(err, &usage) {
		what := "describes its arguments and flags"
		if c.HasAvailableSubCommands() {
			what = "lists its commands"
		}
		usage.help = c.CommandPath() + " --help " + what
	}
	return err
}

// verdictError reports that the command ran well and the answer is no. The
// message is for stderr.
type verdictError struct{ message string }

func (e *verdictError) Error() string { return e.message }

// exitCode returns the exit code of an error: that which the error carries, unless
// the run was interrupted.
func exitCode(ctx context.Context, err error) int {
	var verdict *verdictError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &verdict):
		return exitNegative
	case ctx.Err() != nil:
		return exitInterrupted
	}
	return cmp.Or(errtext.ExitCode(err), exitFailed)
}

// printError writes an error for people and, with hints, a hint if there is one.
func printError(n output.Notices, err error, hints bool) {
	n.Fail(errorLines(err, n.Sanitizer, hints), errtext.Place(err))
}

// errorLines returns the lines of an error, sanitized.
func errorLines(err error, s *output.Sanitizer, hints bool) []string {
	var verdict *verdictError
	if errors.As(err, &verdict) {
		return []string{"manifest-tool: " + s.Line(verdict.message)}
	}
	lines := []string{"manifest-tool failed with error: " + s.Line(err.Error())}
	lines = append(lines, tagLines(err, s)...)
	lines = append(lines, outcomeLines(err, s)...)
	lines = append(lines, findingLines(err, s)...)
	if h := hint(err); h != "" && hints {
		lines = append(lines, "hint: "+s.Line(h))
	}
	return lines
}

// findingLines lists the findings that stopped a push.
func findingLines(err error, s *output.Sanitizer) (lines []string) {
	var found *push.FindingsError
	if !errors.As(err, &found) {
		return nil
	}
	for _, f := range found.Findings {
		lines = append(lines, "  "+s.Line(f.OneLine()))
	}
	return lines
}

// outcomeLines lists the indexes of a run with their results, if some were not written.
func outcomeLines(err error, s *output.Sanitizer) (lines []string) {
	var run *push.RunError
	if !errors.As(err, &run) {
		return nil
	}
	for _, o := range run.Outcomes {
		state := "not tried"
		switch {
		case o.Err != nil:
			state = "failed: " + o.Err.Error()
		case o.Written:
			state = "written"
		case o.Planned:
			state = "planned"
		}
		lines = append(lines, fmt.Sprintf("  %s  %s", s.Line(o.Target), s.Line(state)))
	}
	return lines
}

// tagLines lists the result of each tag, if some were written and some not.
func tagLines(err error, s *output.Sanitizer) (lines []string) {
	var (
		partial   *push.PartialError
		unwritten *push.AllTagsFailedError
		results   []push.TagResult
	)
	switch {
	case errors.As(err, &partial):
		results = partial.Results
	case errors.As(err, &unwritten):
		results = unwritten.Results
	}
	for _, r := range results {
		state := "written"
		var other *push.TagConflictError
		switch {
		case errors.As(r.Err, &other) && other.Overwritten:
			state = "lost: " + r.Err.Error()
		case r.State == push.TagUnknown:
			state = "unknown: " + r.Err.Error()
		case r.Err != nil:
			state = "not written: " + r.Err.Error()
		case r.Unchanged:
			state = "unchanged"
		}
		lines = append(lines, fmt.Sprintf("  %-20s %s", s.Line(r.Tag), s.Line(state)))
	}
	return lines
}

// hint returns what the user can do about an error; "" if nothing is known.
func hint(err error) string {
	return cmp.Or(errtext.Hint(err), transport.NetworkHint(err))
}
