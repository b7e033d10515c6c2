//go:build e2e

package assemble

import (
	"testing"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// TestReadOnlyRegistry pushes to a registry that takes no pushes: blobs, and tags alone.
func TestReadOnlyRegistry(t *testing.T) {
	t.Parallel()
	writable, dir := registrytest.StartOnDisk(t)
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	writable.PutImages(t, "app", images)
	layout := fixture.WriteLayout(t, images.ByTag())
	writable.Put(t, "app", "old", images[0].Image)
	g := registrytest.StartReadOnly(t, dir)
	for target, source := range map[string]string{
		"new:1": "oci-layout://" + string(layout) + ":%s", "app:1": "REGISTRY/app:%s", "app:old": "REGISTRY/app:%s",
	} {
		done := clitest.Run(t, "push", "from-spec", clitest.WriteSpec(t, g.Host, images.Spec("REGISTRY/"+target, source)))
		done.WantCode(t, 1)
		done.WantStderr(t, "405 Method Not Allowed", "the registry takes no pushes here: it is read-only")
	}
}
