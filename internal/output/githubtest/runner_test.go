package githubtest_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"manifest-tool/internal/output/githubtest"
)

func TestReadOutputs(t *testing.T) {
	t.Parallel()
	got := githubtest.ReadOutputs(t, "a=1=2\n\nb<<END\nx\n\nENDS\nEND\nc=x<<y\nd<<E\nE\n")
	want := map[string]string{"a": "1=2", "b": "x\n\nENDS", "c": "x<<y", "d": ""}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestReadCommands holds that the tests find what the runner finds.
func TestReadCommands(t *testing.T) {
	t.Parallel()
	got := githubtest.ReadCommands("x\n::warning title=a::50%25 of%0Ab ##[error]c\n  ::add-mask::d\nwarning: ##[set-output name=digest]e\n::unknown::f\nx ::error::g\n## [error]h\n")
	want := []githubtest.Command{{Name: "warning", Properties: "title=a", Data: "50% of\nb ##[error]c"}, {Name: "add-mask", Data: "d"}, {Name: "set-output", Properties: "name=digest", Data: "e"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
