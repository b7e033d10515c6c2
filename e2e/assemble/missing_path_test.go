//go:build e2e

package assemble

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
)

// TestMissingPaths has sources in layouts and archives that do not exist yet, as parallel
// jobs leave them in a common directory: they are missing as a repository is that does
// not exist.
func TestMissingPaths(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	image := fixture.NewImageSet(t, fixture.OCI(), "app")[0]
	layout := fixture.WriteLayout(t, map[string]fixture.Object{"1.0": image.Image})
	s := clitest.Session{Dir: dir}
	push := func(flag ...string) clitest.Result {
		args := append([]string{"push", "from-images", "oci-layout://out:1", "oci-layout://" + string(layout) + ":1.0", "oci-layout://late:x"}, flag...)
		return s.Run(t, args...)
	}
	push().WantCode(t, 1)
	if _, err := os.Stat(filepath.Join(dir, "out")); err == nil {
		t.Error("an index without the missing image was written")
	}
	done := push("--ignore-missing", "oci-archive://late.tar:x", "docker-archive://late.tar:x")
	done.WantCode(t, 0)
	for _, name := range []string{"oci-layout://late:x", "oci-archive://late.tar:x", "docker-archive://late.tar:x"} {
		done.WantStderr(t, "Couldn't access image '"+name+"'")
	}
	go func() {
		time.Sleep(2 * time.Second)
		if err := os.CopyFS(filepath.Join(dir, "new"), os.DirFS(string(layout))); err == nil {
			_ = os.Rename(filepath.Join(dir, "new"), filepath.Join(dir, "later")) // else the push fails
		}
	}()
	s.Run(t, "push", "from-images", "oci-layout://out:2", "oci-layout://later:1.0", "--wait", "1m").PushedDigest(t)
	// A directory and a file that are something else are not missing, but bad input.
	clitest.Must(t, os.Mkdir(filepath.Join(dir, "late"), 0o700))
	clitest.Must(t, os.Mkdir(filepath.Join(dir, "half"), 0o700))
	clitest.Must(t, os.WriteFile(filepath.Join(dir, "half", "oci-layout"), []byte(`{"imageLayoutVersion":"1.0.0"}`), 0o600))
	clitest.Must(t, os.WriteFile(filepath.Join(dir, "bad.tar"), []byte("no archive"), 0o600))
	for path, hint := range map[string]string{
		"oci-layout://late:x": "has the files oci-layout and index.json", "oci-layout://half:x": "has the files oci-layout and index.json",
		"oci-layout://bad.tar:x": "an archive of one is oci-archive://", "oci-archive://bad.tar:x": "names a tar file",
	} {
		for _, command := range [][]string{{"inspect", path}, {"tags", strings.TrimSuffix(path, ":x")}, {"push", "from-images", "--ignore-missing", "oci-layout://out:3", path}} {
			done := s.Run(t, command...)
			done.WantCode(t, 2)
			done.WantStderr(t, hint)
		}
	}
}
