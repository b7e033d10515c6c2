// Package cmd is the command line: it turns flags into calls of the internal
// packages and their results into output and exit codes. It does no work of
// its own.
package cmd

import (
	"context"
	"fmt"
	"io"
	"manifest-tool/internal/reference"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
)

// Main runs the command line args, without the program's name, and returns
// the exit code.
func Main(args []string, deps Deps) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second one ends what the first does not reach
	in := &ctxReader{ctx, deps.In}
	deps.In = in
	if isCompletion(args) {
		deps.Err = io.Discard
	}
	deps.Err = &syncWriter{out: deps.Err}
	root, s := build(deps)
	defer s.close()
	s.stdin = in
	root.SetArgs(normalizeArgs(root, args))
	err := s.timeout.wrap(root.ExecuteContext(ctx))
	if err != nil {
		printError(deps.Err, err, s.sanitizer)
	}
	return exitCode(ctx, err)
}

// build makes the command tree and its session. It reads and writes nothing.
func build(deps Deps) (*cobra.Command, *session) {
	s := newSession(deps)
	root := &cobra.Command{
		Use:   "manifest-tool",
		Short: "Assemble, publish and inspect multi-platform container images",
		Long: `Assemble, publish and inspect multi-platform container images.

An index (Docker: manifest list) puts one name over the images of many
platforms, so that a container runtime pulls the one that fits its machine.

Exit codes: 0 done; 1 failed; 2 wrong usage or bad input, nothing was written;
3 ran well and the answer is no; 4 partly done; 130 interrupted.`,
		Version:           deps.Version,
		SilenceErrors:     true,
		SilenceUsage:      true,
		Args:              rejectUnknownCommand,
		RunE:              func(c *cobra.Command, _ []string) error { return c.Help() },
		PersistentPreRunE: func(c *cobra.Command, _ []string) error { return s.preRun(c) },
	}
	root.SetIn(deps.In)
	root.SetOut(deps.Out)
	root.SetErr(deps.Err)
	root.SetVersionTemplate(versionLine(deps.ProgramName, deps))
	root.SetFlagErrorFunc(flagError)
	root.Flags().BoolP("version", "v", false, "print the version and exit")
	root.CompletionOptions.HiddenDefaultCmd = false
	s.addGlobalFlags(root)
	root.AddCommand(
		newInspect(s), newQuery(s), newResolve(s), newDiff(s),
		newTags(s), newVerify(s), newPush(s), newLogin(s), newLogout(s), newAuth(s),
		newConfig(s), newVersion(deps))
	addCompletion(root)
	addHelp(root)
	return root, s
}

// rejectUnknownCommand refuses what is left when no command took it.
func rejectUnknownCommand(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	message := fmt.Sprintf("unknown command %q for %q", reference.RedactUserinfo(args[0]), c.CommandPath())
	if c.SuggestionsMinimumDistance == 0 {
		c.SuggestionsMinimumDistance = 2
	}
	near, all := c.SuggestionsFor(args[0]), commandNames(c.Commands())
	switch {
	case slices.Contains(all, args[0]):
		message = fmt.Sprintf("the command %s stands before --, not behind it", args[0])
	case len(near) > 0:
		message += fmt.Sprintf(", did you mean %q?", near[0])
	case c.HasParent() && len(all) > 0:
		message += ", it has " + strings.Join(all, ", ")
	}
	return usagef("%s", message)
}

func commandNames(commands []*cobra.Command) []string {
	var names []string
	for _, c := range commands {
		if c.IsAvailableCommand() {
			names = append(names, c.Name())
		}
	}
	return names
}

// noArgs makes a command take no argument.
func noArgs(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usagef("%s takes no arguments, and %q is one", c.CommandPath(), reference.RedactUserinfo(args[0]))
	}
	return nil
}

// maxArgs makes a command take up to n arguments, named by what.
func maxArgs(n int, what string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) > n {
			return usagef("%s takes %s only, not also %q", c.CommandPath(), what, reference.RedactUserinfo(args[n]))
		}
		return nil
	}
}

// exactArgs makes a command take n arguments, named by what.
func exactArgs(n int, what string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		switch {
		case len(args) < n:
			return usagef("%s needs %s", c.CommandPath(), what)
		case len(args) > n:
			return usagef("%s takes %s only, not also %q", c.CommandPath(), what, reference.RedactUserinfo(args[n]))
		}
		return nil
	}
}
