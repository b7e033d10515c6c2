package cmd

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"manifest-tool/internal/reference"
)

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

// minArgs accepts n arguments or more.
func minArgs(n int, what string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) < n {
			return usagef("%s needs %s", c.CommandPath(), what)
		}
		return nil
	}
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
