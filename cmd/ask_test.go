package cmd

import (
	"bytes"
	"strings"
	"testing"

	"manifest-tool/internal/platform"
)

// layouts is where the repository keeps small images.
const layouts = "oci-layout://../testdata/layouts/"

// runOn runs a command line with a text on standard input, which is a
// terminal or is none, on a machine that is linux/riscv64.
func runOn(in string, terminal bool, args ...string) outcome {
	var out, errOut bytes.Buffer
	code := Main(args, Deps{
		In: strings.NewReader(in), StdinIsTerminal: terminal, Out: &out, Err: &errOut, ProgramName: "manifest-tool",
		Getenv: func(string) string { return "" },
		Host:   func() platform.Platform { return platform.Platform{OS: "linux", Architecture: "riscv64"} },
	})
	return outcome{code, out.String(), errOut.String()}
}

func TestQueryReadsStandardInput(t *testing.T) {
	list := "# mine\n" + layouts + "linux-arm64:1.0\n\n" + layouts + "none:1.0\nNo Name\n" + layouts + "linux-amd64:1.0\r\n"
	for _, args := range [][]string{{"query"}, {"query", "-"}} {
		got := runOn(list, false, args...)
		first, last := strings.Index(got.out, "linux/arm64"), strings.Index(got.out, "linux/amd64")
		if got.code != exitFailed || first < 0 || last < first || strings.Count(got.out, "Image: ") != 2 {
			t.Errorf("exit code %d, stdout %q", got.code, got.out)
		}
		for _, want := range []string{"ERROR: " + layouts + "none:1.0: ", "ERROR: No Name: ", "2 of 4 images could not be read"} {
			if !strings.Contains(got.errOut, want) {
				t.Errorf("stderr is %q, want %q in it", got.errOut, want)
			}
		}
	}
}

// Nothing comes from a terminal by itself: waiting for it would look like a
// hang. A dash says that it is meant.
func TestQueryDoesNotWaitForATerminal(t *testing.T) {
	if got := runOn(layouts+"linux-arm64:1.0\n", true, "query"); got.code != exitUsage || got.out != "" {
		t.Errorf("exit code %d, stdout %q", got.code, got.out)
	}
	if got := runOn(layouts+"linux-arm64:1.0\n", true, "query", "-"); got.code != exitOK {
		t.Errorf("exit code %d, stderr %q", got.code, got.errOut)
	}
}

func TestQueryFailureOfOneReferenceIsTheRuns(t *testing.T) {
	got := runOn("", false, "query", layouts+"none:1.0")
	if got.code != exitFailed || got.out != "" || strings.Contains(got.errOut, "ERROR") || !strings.HasPrefix(got.errOut, "manifest-tool failed with error: ") {
		t.Errorf("exit code %d, stdout %q, stderr %q", got.code, got.out, got.errOut)
	}
}

func TestQueryHas(t *testing.T) {
	for has, code := range map[string]int{"linux/arm64": exitOK, "linux/aarch64": exitOK, "linux/arm64,linux/amd64": exitNegative, "linux/arm/v7": exitNegative} {
		got := runOn("", false, "query", "--has", has, layouts+"linux-arm64:1.0")
		if got.code != code || strings.Contains(got.out, "Missing platforms") != (code == exitNegative) {
			t.Errorf("%s: exit code %d, stdout %q", has, got.code, got.out)
		}
	}
}

func TestQueryThroughATemplate(t *testing.T) {
	got := runOn(layouts+"none:1\n", false, "query", "-o", `template={{.Name}} {{range .Platforms}}{{platform .Platform}}{{end}}`, layouts+"none:1", layouts+"linux-armv7:1.0")
	if want := layouts + "linux-armv7:1.0 linux/arm/v7\n"; got.out != want || got.code != exitFailed {
		t.Errorf("exit code %d, stdout %q, want %q", got.code, got.out, want)
	}
	got = runOn("", false, "query", "-o", "template={{.Platform}}", layouts+"linux-armv7:1.0")
	if got.code != exitUsage || got.out != "" || !strings.Contains(got.errOut, "Platform") {
		t.Errorf("exit code %d, stdout %q, stderr %q", got.code, got.out, got.errOut)
	}
}

func TestResolveIsForThisMachineByDefault(t *testing.T) {
	got := runOn("", false, "resolve", layouts+"linux-amd64:1.0")
	if got.code != exitNegative || !strings.Contains(got.out, " * Platform: linux/riscv64: nothing fits\n") ||
		!strings.Contains(got.errOut, "it is a single image, which runtimes pull whatever its platform; nearest: linux/amd64 (its architecture is amd64)") {
		t.Errorf("exit code %d, stdout %q, stderr %q", got.code, got.out, got.errOut)
	}
}

// What is put behind FROM must be all digests or nothing.
func TestResolveDigestIsAllOrNothing(t *testing.T) {
	got := runOn("", false, "resolve", "--digest", "--platform", "linux/amd64,linux/s390x", layouts+"linux-amd64:1.0")
	if got.code != exitNegative || got.out != "" {
		t.Errorf("exit code %d, stdout %q", got.code, got.out)
	}
	got = runOn("", false, "resolve", "--digest", "--platform", "linux/amd64", "--platform", "linux/amd64/v3", layouts+"linux-amd64:1.0")
	lines := strings.Split(got.out, "\n")
	if got.code != exitOK || len(lines) != 3 || lines[0] != lines[1] || !strings.HasPrefix(lines[0], "sha256:") {
		t.Errorf("exit code %d, stdout %q", got.code, got.out)
	}
}

func TestDiffSaysWhetherTwoDiffer(t *testing.T) {
	a, b := layouts+"linux-amd64:1.0", layouts+"linux-arm64:1.0"
	if got := runOn("", false, "diff", a, a); got.code != exitOK || got.errOut != "" {
		t.Errorf("exit code %d, stderr %q", got.code, got.errOut)
	}
	if got := runOn("", false, "diff", a, b); got.code != exitNegative || !strings.Contains(got.out, "1 added, 1 removed, 0 changed, 0 equal") {
		t.Errorf("exit code %d, stdout %q", got.code, got.out)
	}
	if got := runOn("", false, "diff", "--platform", "linux/s390x", a, a); got.code != exitNegative || !strings.Contains(got.out, "neither has linux/s390x") {
		t.Errorf("exit code %d, stdout %q", got.code, got.out)
	}
}
