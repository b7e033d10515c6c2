package cmd

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestFlagsTakeTheWordsThatAShellOffers has each word refused for another
// reason than that it is unknown: nothing lies at the reference.
func TestFlagsTakeTheWordsThatAShellOffers(t *testing.T) {
	const nowhere = "oci-layout://nowhere:1"
	for _, command := range [][]string{
		{"inspect", "--color", nowhere},
		{"inspect", "--output", nowhere},
		{"resolve", "--rule", nowhere},
		{"verify", "--binaries", nowhere},
		{"verify", "--severity", nowhere},
		{"verify", "--output", nowhere},
		{"push", "--type"},
		{"push", "--verify"},
		{"push", "--attestations"},
	} {
		words := strings.Fields(run(t, "__completeNoDesc", command[0], command[1], "").out)
		words = words[:max(0, len(words)-1)] // the last one is the directive
		if len(words) < 2 {
			t.Errorf("%q: only %q", command, words)
		}
		args := append([]string{command[0]}, command[2:]...)
		if command[0] == "push" {
			args = []string{"push", "from-args", "--platforms", "linux/amd64", "--template", nowhere, "--target", "oci-layout://target:1"}
		}
		for _, word := range words {
			if got := run(t, append(args, command[1]+"="+word)...); got.code != exitFailed {
				t.Errorf("%s=%s: %+v", command[1], word, got)
			}
		}
		// Another word is refused by naming them, in the same sentence for all.
		want := command[1] + `: unknown value "nonsense": it is `
		got := run(t, append(args, command[1]+"=nonsense")...)
		_, named, _ := strings.Cut(got.errOut, want)
		named, _, _ = strings.Cut(named, "\n")
		named = strings.NewReplacer(" or ", " ", ",", "", "TEXT", "").Replace(named)
		if diff := cmp.Diff(slices.Sorted(slices.Values(words)), slices.Sorted(slices.Values(strings.Fields(named)))); got.code != exitUsage || diff != "" {
			t.Errorf("%s=nonsense: %+v: %s", command[1], got, diff)
		}
	}
}
