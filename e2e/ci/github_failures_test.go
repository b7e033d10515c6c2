//go:build e2e

package ci

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/internal/output/githubtest"
)

// githubStep is a session with the files of a step of GitHub Actions, in dir.
func githubStep(t *testing.T, dir string) (s clitest.Session, summary string) {
	t.Helper()
	summary = write(t, filepath.Join(dir, "summary"), "")
	output := write(t, filepath.Join(dir, "output"), "")
	return clitest.Session{Dir: dir, Env: []string{"GITHUB_OUTPUT=" + output, "GITHUB_STEP_SUMMARY=" + summary}}, summary
}

// TestAnnotationsNameTheLine has a wrong and an unusual line in specs, in a directory
// whose name has characters that separate properties.
func TestAnnotationsNameTheLine(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "a,b:c")
	clitest.Must(t, os.Mkdir(dir, 0o700))
	const image = "manifests:\n  - image: oci-layout://none:1\n"
	for _, c := range []struct {
		name, text string
		code       int
		want       []string // the properties after the title, of each command
	}{
		{"a value", "image: r.example/a:1\ntype: 1\n" + image, 2, []string{"error 2"}},
		{"a reference", "image: r.example/a:1\ntags: [b]\nmanifests:\n  - image: 'r.example/A B:1'\n", 2, []string{"error 4"}},
		{"a platform", "image: oci-layout://out:1\n" + image + "    platforms: [linux/x/y/z/z]\n", 2, []string{"error 4"}},
		{"a warning", "image: oci-layout://out:1\n" + image + "  -\n", 1, []string{"warning 4", "error"}},
	} {
		write(t, filepath.Join(dir, "spec.yaml"), c.text)
		s, _ := githubStep(t, dir)
		got := s.Run(t, "push", "from-spec", "--github", "spec.yaml")
		got.WantCode(t, c.code)
		commands := githubtest.ReadCommands(got.Stdout + got.Stderr)
		var all []string
		for _, one := range commands {
			place := strings.TrimPrefix(one.Properties, "title=manifest-tool")
			path := strings.NewReplacer(":", "%3A", ",", "%2C").Replace(filepath.Join(dir, "spec.yaml"))
			all = append(all, strings.TrimSpace(one.Name+strings.Replace(place, ",file="+path+",line=", " ", 1)))
		}
		if strings.Join(all, "|") != strings.Join(c.want, "|") {
			t.Errorf("%s: %q, want %q\n%s", c.name, all, c.want, got.Stderr)
		}
	}
}

// TestSummaryOfAFailure pushes two indexes, of which one cannot be assembled, and then
// that one alone, and a spec with an error.
func TestSummaryOfAFailure(t *testing.T) {
	t.Parallel()
	g, set, dir := images(t)
	s, summary := githubStep(t, dir)
	good := set.Spec(g.Host+"/app:1.0", g.Host+"/app:%s")
	bad := "image: " + g.Host + "/app:2.0\nmanifests:\n  - image: " + g.Host + "/app:none\n"
	write(t, filepath.Join(dir, "both.yaml"), good+"---\n"+bad)
	write(t, filepath.Join(dir, "bad.yaml"), bad)
	write(t, filepath.Join(dir, "typo.yaml"), "Image: x\n")
	for _, c := range []struct {
		file string
		code int
		want []string
	}{
		{"both.yaml", 4, []string{"| `" + g.Host + "/app` | `sha256:", "\n    manifest-tool failed with error: failed to push image: 1 of 2 indexes", "\n      " + g.Host + "/app:2.0  failed: "}},
		{"bad.yaml", 1, []string{"### manifest-tool push\n\n    manifest-tool failed with error: "}},
		{"typo.yaml", 2, []string{"### manifest-tool push\n\n    manifest-tool failed with error: typo.yaml:1: unknown key "}},
	} {
		write(t, summary, "")
		s.Run(t, "push", "from-spec", "--github", c.file).WantCode(t, c.code)
		text := content(t, summary)
		for _, want := range c.want {
			if !strings.Contains(text, want) {
				t.Errorf("%s: no %q in\n%s", c.file, want, text)
			}
		}
	}
}
