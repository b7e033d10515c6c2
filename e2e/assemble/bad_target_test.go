//go:build e2e

package assemble

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
)

// TestBadTargets: a layout or an archive that cannot be a target is found before anything
// is written, also by a dry run.
func TestBadTargets(t *testing.T) {
	t.Parallel()
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	source := fixture.WriteLayout(t, images.ByTag())
	damaged := func(t *testing.T) fixture.Layout {
		l := fixture.WriteLayout(t, images.ByTag())
		l.WriteFile(t, "index.json", []byte(`{"schemaVersion":2,"manifests":[`))
		return l
	}
	for name, c := range map[string]struct {
		target func(t *testing.T) string
		stderr string
	}{
		"index.json of a layout":    {func(t *testing.T) string { return "oci-layout://" + string(damaged(t)) }, "reading index.json: it is not JSON: it ends too early"},
		"index.json of an archive":  {func(t *testing.T) string { return "oci-archive://" + damaged(t).Pack(t) }, "reading index.json: it is not JSON: it ends too early"},
		"a file":                    {func(t *testing.T) string { return "oci-layout://" + source.Pack(t) }, "it is not a directory"},
		"a link to no directory":    {func(t *testing.T) string { return "oci-layout://" + brokenLink(t) }, "it is a symbolic link to a directory that does not exist"},
		"a directory of an archive": {func(t *testing.T) string { return "oci-archive://" + t.TempDir() }, "it is a directory"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			target, other := c.target(t), filepath.Join(t.TempDir(), "other")
			for _, flags := range [][]string{nil, {"--dry-run"}} {
				done := clitest.Run(t, append([]string{"push", "from-images", "--target", target + ":1", "oci-layout://" + other + ":1", "oci-layout://" + string(source) + ":" + images[0].Tag}, flags...)...)
				done.WantCode(t, 2)
				done.WantStderr(t, c.stderr)
				if _, err := os.Stat(other); err == nil {
					t.Errorf("%v: another target was written", flags)
				}
			}
		})
	}
}

func brokenLink(t *testing.T) string {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("Windows does not let every user create links")
	}
	path := filepath.Join(t.TempDir(), "link")
	clitest.Must(t, os.Symlink("none", path))
	return path
}
