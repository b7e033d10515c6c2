package cmd

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// commonPlatforms are what a shell offers for a platform: those that public images
// usually have, the most frequent first. Any other can be typed.
func commonPlatforms() []string {
	return []string{
		"linux/amd64", "linux/arm64", "linux/arm/v7", "linux/arm/v6", "linux/arm/v5", "linux/386",
		"linux/ppc64le", "linux/s390x", "linux/riscv64", "linux/loong64", "linux/mips64le",
		"windows/amd64", "windows/arm64",
	}
}

// completePlatform completes the value of a flag that takes one platform.
func completePlatform(c *cobra.Command, flag string) {
	_ = c.RegisterFlagCompletionFunc(flag, func(_ *cobra.Command, _ []string, word string) ([]cobra.Completion, cobra.ShellCompDirective) {
		return nextOfList("", word, commonPlatforms()), cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
	})
}

// completeList completes the value of a flag that takes words separated by commas: the
// last word, with one that is not in the list already.
func completeList(c *cobra.Command, flag string, words ...string) {
	const directive = cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace | cobra.ShellCompDirectiveKeepOrder
	_ = c.RegisterFlagCompletionFunc(flag, func(_ *cobra.Command, _ []string, word string) ([]cobra.Completion, cobra.ShellCompDirective) {
		last := 1 + strings.LastIndex(word, ",")
		return nextOfList(word[:last], word[last:], words), directive
	})
}

// nextOfList returns the list of typed words, which ends with a comma or is empty,
// with each word that begins with begun and is not in it.
func nextOfList(typed, begun string, words []string) (found []cobra.Completion) {
	for _, word := range words {
		if strings.HasPrefix(word, begun) && !slices.Contains(strings.Split(typed, ","), word) {
			found = append(found, typed+word)
		}
	}
	return found
}
