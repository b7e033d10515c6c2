//go:build e2e

package ci

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// forms are the inputs of an index with the tag 1.0 in each form: action, component and
// task have the same names for them.
func forms(t *testing.T, g *registrytest.Registry, set fixture.ImageSet, dir string) map[string]map[string]string {
	t.Helper()
	write(t, filepath.Join(dir, "index.yaml"), "tags: [latest]\n"+set.Spec(g.Host+"/app:1.0", g.Host+"/app:%s"))
	all := map[string]map[string]string{
		"spec":     {"spec": "index.yaml"},
		"template": {"template": g.Host + "/app:ARCHVARIANT", "platforms": "linux/amd64,linux/arm/v7", "target": g.Host + "/app:1.0", "tags": "latest"},
	}
	digests := filepath.Join(dir, "two words")
	clitest.Must(t, os.Mkdir(digests, 0o700))
	for _, image := range set.Objects()[1:] {
		write(t, filepath.Join(digests, image.Digest().Encoded()), "")
	}
	first := write(t, filepath.Join(dir, "digest"), set.Objects()[0].Digest().String())
	all["digests"] = map[string]string{"digests": digests + "\n\n" + first + "\n", "target": g.Host + "/app:1.0", "tags": "latest"}
	return all
}

// wrongInputs are inputs of no form, of two, and with an input that their form does not
// have, which must not be left out silently.
func wrongInputs() []map[string]string {
	return []map[string]string{
		{},
		{"spec": "a", "template": "b"},
		{"spec": "missing.yaml"},
		{"spec": "a", "tags": "latest"},
		{"spec": "a", "target": "r.example/a:1"},
		{"spec": "a", "platforms": "linux/amd64"},
		{"digests": "a", "target": "r.example/a:1", "platforms": "linux/amd64"},
	}
}

// arguments are more arguments for a form; one has characters with a meaning for shells.
func arguments(form string) []string {
	if form == "spec" {
		return []string{"--confirm", "--type=oci"}
	}
	return []string{"--annotation=a=two words; $(touch ran)", "--type=oci"}
}

// wantAnnotation checks that the index has the annotation of arguments.
func wantAnnotation(t *testing.T, g *registrytest.Registry, form string) {
	t.Helper()
	if _, raw := g.Manifest(t, "app", "1.0"); form != "spec" && !strings.Contains(string(raw), `"two words; $(touch ran)"`) {
		t.Errorf("%s: the annotation is not in %s", form, raw)
	}
}

// wantIndex checks what was reported about the index with the tag 1.0.
func wantIndex(t *testing.T, g *registrytest.Registry, image, digest, reference string) {
	t.Helper()
	index, _ := g.Manifest(t, "app", "1.0")
	name := g.Host + "/app"
	if latest, _ := g.Manifest(t, "app", "latest"); latest.Digest != index.Digest {
		t.Errorf("latest is %s, and 1.0 %s", latest.Digest, index.Digest)
	}
	if image != name || digest != index.Digest.String() || reference != name+"@"+digest {
		t.Errorf("image %q, digest %q, reference %q; want %s and %s", image, digest, reference, name, index.Digest)
	}
}

// binaryPath is a directory with the program under its name.
func binaryPath(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	clitest.Must(t, os.Symlink(clitest.Binary(), filepath.Join(dir, "manifest-tool")))
	return dir
}

// shells are the shells of images: that of Debian, and bash as sh.
func shells(t *testing.T) map[string][]string {
	t.Helper()
	return map[string][]string{"dash": {clitest.FindTool(t, "sh")}, "bash": {clitest.FindTool(t, "bash"), "--posix"}}
}
