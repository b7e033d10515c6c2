// Package cmd is the command line: it turns flags into calls of the internal
// packages and their results into output and exit codes. It does no work of
// its own.
package cmd

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"manifest-tool/internal/output/display"
	"manifest-tool/internal/reference"
)

// Main runs the command line args, without the program's name, and returns
// the exit code.
func Main(args []string, deps Deps) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal kills the process
	in := &ctxReader{ctx, deps.In}
	deps.In = in
	if isCompletion(args) {
		deps.Err = io.Discard
	}
	screen := display.NewScreen(deps.Err, deps.StderrSize)
	deps.Err = screen.Stream(deps.Err)
	if deps.TermWidth > 0 {
		deps.Out = screen.Stream(deps.Out)
	}
	root, s := build(deps)
	s.screen = screen
	defer s.close()
	s.stdin = in
	root.SetArgs(normalizeArgs(root, args))
	c, err := root.ExecuteContextC(ctx)
	err = withHelp(c, s.timeout.wrap(err))
	s.endProgress(false)
	if err != nil {
		printError(s.notices, err, !s.settings.Quiet)
	}
	return exitCode(ctx, err)
}

// build makes the command tree and its session. It reads and writes nothing.
func build(deps Deps) (*cobra.Command, *session) {
	s := newSession(deps)
	root := &cobra.Command{
		Use:   "manifest-tool",
		Short: "Assemble, publish and inspect multi-platform container images",
		Example: `  manifest-tool query alpine
  manifest-tool push from-spec index.yaml
  manifest-tool verify registry.example.com/team/app:1.0`,
		SilenceErrors:     true,
		SilenceUsage:      true,
		Args:              rejectUnknownCommand,
		RunE:              func(c *cobra.Command, _ []string) error { return helpOrVersion(c, deps) },
		PersistentPreRunE: func(c *cobra.Command, _ []string) error { return s.preRun(c) },
	}
	root.SetIn(deps.In)
	root.SetOut(deps.Out)
	root.SetErr(deps.Err)
	root.SetFlagErrorFunc(flagError)
	root.Flags().BoolP("version", "v", false, "print the version and exit")
	root.CompletionOptions.HiddenDefaultCmd = false
	root.SetUsageFunc(printUsage)
	groups := s.addGlobalFlags(root)
	root.AddGroup(commandGroups()...)
	addGroup(root, "assemble", newPush(s))
	addGroup(root, "ask", newInspect(s), newQuery(s), newResolve(s), newDiff(s), newTags(s))
	addGroup(root, "check", newVerify(s), newTestRegistry(s))
	addGroup(root, "run", newServe(s), newPlugin(s))
	addGroup(root, "setup", newLogin(s), newLogout(s), newAuth(s), newConfig(s), newVersion(deps))
	root.SetCompletionCommandGroupID("setup")
	addCompletion(root)
	addHelp(root)
	root.AddCommand(newFlagsTopic(groups), newExitCodesTopic())
	return root, s
}

// rejectUnknownCommand rejects an argument that is not a subcommand.
func rejectUnknownCommand(c *cobra.Command, args []string) error {
	if len(args) == 0 || isVersionAsked(c) {
		return nil
	}
	message := fmt.Sprintf("unknown command %q for %q", reference.RedactUserinfo(args[0]), c.CommandPath())
	if c.SuggestionsMinimumDistance == 0 {
		c.SuggestionsMinimumDistance = 2
	}
	near, all := c.SuggestionsFor(args[0]), commandNames(c.Commands())
	switch {
	case slices.Contains(all, args[0]):
		message = fmt.Sprintf("the command %s belongs before --, not after it", args[0])
	case below(c, args[0]) != "":
		message += fmt.Sprintf(", did you mean %q?", below(c, args[0]))
	case len(near) > 0:
		message += fmt.Sprintf(", did you mean %q?", near[0])
	case c.HasParent() && len(all) > 0:
		message += ", it has " + strings.Join(all, ", ")
	}
	return usagef("%s", message)
}

// below returns the command of this name that is one level too deep, such as "push
// from-spec" for "from-spec", or "".
func below(c *cobra.Command, name string) string {
	for _, group := range c.Commands() {
		if slices.Contains(commandNames(group.Commands()), name) {
			return group.Name() + " " + name
		}
	}
	return ""
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

// noArgs rejects any argument.
func noArgs(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usagef("%s takes no arguments, got %q", c.CommandPath(), reference.RedactUserinfo(args[0]))
	}
	return nil
}

// maxArgs accepts up to n arguments, described by what.
func maxArgs(n int, what string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) > n {
			return usagef("%s takes only %s, got also %q", c.CommandPath(), what, reference.RedactUserinfo(args[n]))
		}
		return nil
	}
}

// exactArgs accepts exactly n arguments, described by what.
func exactArgs(n int, what string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		switch {
		case len(args) < n:
			return usagef("%s needs %s", c.CommandPath(), what)
		case len(args) > n:
			return usagef("%s takes only %s, got also %q", c.CommandPath(), what, reference.RedactUserinfo(args[n]))
		}
		return nil
	}
}
