package pushfiles

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"manifest-tool/internal/manifest/push"
	"manifest-tool/internal/output/githubtest"
	"manifest-tool/internal/reference"
)

// TestFault40HostileNames has a name with line ends, as the directory of a layout may have
// them, that would end a value and begin another.
func TestFault40HostileNames(t *testing.T) {
	t.Parallel()
	const evil = "a\nmanifest-tool-\ndigest=sha256:evil\ntags<<x\ny\nx\r\nb|`c` **d** <img src=x>"
	f := allFiles(t)
	r := result(reference.Ref{Kind: reference.Layout, Path: evil, Tag: "1"}, nil, map[string]string{})
	r.Tags = append(r.Tags, push.TagResult{Tag: "2", State: push.TagFailed, Error: evil, Err: errTest})
	mustWrite(t, f, false, []push.Result{r})
	outputs := githubtest.ReadOutputs(t, content(t, f.Outputs))
	delete(outputs, "metadata")
	want := map[string]string{
		"image": "oci-layout://" + evil, "digest": r.Digest.String(),
		"reference": "oci-layout://" + evil + "@" + r.Digest.String(), "tags": "oci-layout://" + evil + ":1",
	}
	if diff := cmp.Diff(want, outputs); diff != "" {
		t.Errorf("outputs (-want +got):\n%s", diff)
	}
	line := "``oci-layout://a manifest-tool- digest=sha256:evil tags<<x y x b\\|`c` **d** <img src=x>``"
	if got := content(t, f.Summary); strings.Count(got, "\n") != 6 || !strings.Contains(got, "\n| "+line+" | ") {
		t.Errorf("summary %q", got)
	}
}

// errTest is any error.
var errTest = errorText("any")

type errorText string

func (e errorText) Error() string { return string(e) }

func TestDelimitersDiffer(t *testing.T) {
	t.Parallel()
	f := allFiles(t)
	mustWrite(t, f, true, []push.Result{result(parse(t, "r.example/a:1"), nil, nil)}, []push.Result{result(parse(t, "r.example/b:1"), nil, nil)})
	seen := map[string]bool{}
	for line := range strings.Lines(content(t, f.Outputs)) {
		if _, delimiter, found := strings.Cut(line, "<<"); found {
			if len(delimiter) < 30 || seen[delimiter] {
				t.Errorf("delimiter %q", delimiter)
			}
			seen[delimiter] = true
		}
	}
	if len(seen) != 4 {
		t.Errorf("%d values of several lines, want 4", len(seen))
	}
}

func TestCode(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{
		"a": "`a`", "a`b": "``a`b``", "`": "`` ` ``", "a``b`": "``` a``b` ```", "a|b": "`a\\|b`", "a\n| b": "`a \\| b`", "": "``",
	} {
		if got := codeSpan(s); got != want {
			t.Errorf("%q: %s, want %s", s, got, want)
		}
	}
}

func TestLongSummary(t *testing.T) {
	t.Parallel()
	f := allFiles(t)
	results := make([]push.Result, 5000)
	for i := range results {
		results[i] = result(parse(t, "registry.example.com/team/application:1.0"), nil, nil)
	}
	mustWrite(t, f, true, results)
	got := content(t, f.Summary)
	if len(got) > 1<<20 || !strings.HasSuffix(got, " more are not listed.\n\n") || strings.Count(got, "\n| `") < 3000 {
		t.Errorf("%d bytes, %d rows: ...%q", len(got), strings.Count(got, "\n| `"), got[max(0, len(got)-100):])
	}
}
