package cmd

import (
	"context"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"manifest-tool/internal/manifest/inspect"
	"manifest-tool/internal/reference"
)

// completionLimit is the maximum time that a shell waits for a registry's tags.
const completionLimit = 2 * time.Second

// completionFunc completes one word for a shell.
type completionFunc = func(c *cobra.Command, args []string, word string) ([]cobra.Completion, cobra.ShellCompDirective)

// completeReference completes the path of a layout or an archive, or the tag of a
// reference, in up to most arguments
// (0: any number). After an error, such as a registry that does not respond, the
// word is left as it is: a shell cannot show errors.
func completeReference(s *session, most int) completionFunc {
	return func(c *cobra.Command, args []string, word string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if most > 0 && len(args) >= most {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		if found, ok := completePath(word); ok {
			return found, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
		}
		name, begun, ok := splitTag(word)
		if !ok {
			return nil, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
		}
		ctx, cancel := context.WithTimeout(c.Context(), completionLimit)
		defer cancel()
		var found []cobra.Completion
		for _, tag := range listTags(ctx, c, s.Deps, name) {
			if strings.HasPrefix(tag, begun) {
				found = append(found, name+":"+tag)
			}
		}
		return found, cobra.ShellCompDirectiveNoFileComp
	}
}

// splitTag splits a word before the tag that is being typed. The colon of a port
// is recognized by the slash after it, which may not have been typed yet: a word
// that looks like a host is not looked up on Docker Hub.
func splitTag(word string) (name, begun string, ok bool) {
	i := strings.LastIndex(word, ":")
	slash := strings.LastIndex(word, "/")
	if i <= 0 || i < slash || strings.Contains(word, "@") {
		return "", "", false
	}
	name, begun = word[:i], word[i+1:]
	isHost := slash < 0 && (strings.Contains(name, ".") || name == "localhost")
	return name, begun, !isHost
}

// listTags lists the tags of a repository, with the settings and the flags that
// were typed, but without prompts and warnings: standard input is the user's, and
// the error stream is the line that is being typed.
func listTags(ctx context.Context, c *cobra.Command, deps Deps, name string) []string {
	deps.In, deps.Err = strings.NewReader(""), io.Discard
	quiet := newSession(deps)
	if err := quiet.load(c.Flags(), true); err != nil {
		return nil
	}
	quiet.settings.Debug = false
	if quiet.settings.Password == "" {
		quiet.settings.Username = "" // its password would come from standard input
	}
	s, err := quiet.openStore(registryHosts(name))
	if err != nil {
		return nil
	}
	list, err := inspect.ListTags(ctx, s, name, inspect.TagOptions{})
	if err != nil {
		return nil
	}
	var tags []string
	for _, t := range list.Tags {
		// A string that is not a tag may be something for the shell to run.
		if reference.IsTag(t.Name) {
			tags = append(tags, t.Name)
		}
	}
	return tags
}

// completeEnum completes the value of a flag that takes one of some words. A test
// checks that the flag accepts each of them.
func completeEnum(c *cobra.Command, flag string, words ...string) {
	complete := func(_ *cobra.Command, _ []string, word string) ([]cobra.Completion, cobra.ShellCompDirective) {
		fitting := slices.DeleteFunc(slices.Clone(words), func(w string) bool { return !strings.HasPrefix(w, word) })
		if len(fitting) == 1 && strings.HasSuffix(fitting[0], "=") {
			return fitting, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
		}
		return fitting, cobra.ShellCompDirectiveNoFileComp
	}
	// It fails for a flag that does not exist, which the test would notice.
	_ = c.RegisterFlagCompletionFunc(flag, complete)
}
