package cmd

import (
	"slices"

	"github.com/spf13/cobra"

	"manifest-tool/internal/auth"
	"manifest-tool/internal/manifest/diff"
	"manifest-tool/internal/manifest/inspect"
	"manifest-tool/internal/manifest/push"
	"manifest-tool/internal/manifest/resolve"
	"manifest-tool/internal/manifest/verify"
	"manifest-tool/internal/probe"
	"manifest-tool/internal/version"
)

// checkTemplate rejects a template with a field that the result of a command does not
// have, before the command does anything.
func (s *session) checkTemplate(c *cobra.Command) error {
	replaced := func(name string) bool { return c.Flags().Changed(name) }
	result := resultOf(c.Name())
	if dry := c.Flags().Lookup("dry-run"); dry != nil && dry.Value.String() == "true" {
		result = push.PlanResult{}
	}
	if result == nil || slices.ContainsFunc([]string{"raw", "raw-bytes", "digest"}, replaced) {
		return nil // these print something else
	}
	return s.printer.Format.CheckFields(result)
}

// resultOf returns an empty result of the type that a command prints, nil if it
// prints none. config loads the settings itself, and changes nothing; version checks
// the template itself.
func resultOf(command string) any {
	switch command {
	case "from-spec", "from-args", "from-digests", "from-images":
		return push.Result{}
	case "inspect":
		return inspect.Result{}
	case "query":
		return inspect.QueryResult{}
	case "tags":
		return inspect.TagList{}
	case "resolve":
		return resolve.Resolution{}
	case "diff":
		return diff.Result{}
	case "verify":
		return verify.Result{}
	case "login":
		return auth.LoginResult{}
	case "logout":
		return auth.LogoutResult{}
	case "explain":
		return auth.Explanation{}
	case "test-registry":
		return probe.Report{}
	case "version":
		return version.Result{}
	}
	return nil
}
