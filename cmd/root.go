// Package cmd is the command line: it turns flags into calls of the internal
// packages and their results into output and exit codes. It does no work of
// its own.
package cmd

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"manifest-tool/internal/output/display"
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
