//go:build e2e

package docs

import (
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"manifest-tool/e2e/internal/clitest"
)

// pushImages pushes the images of testdata that the page mentions as tags of
// registry.example.com/team/app, such as 1.0-amd64: images for one platform, which this
// program does not push.
func pushImages(t *testing.T, page, host string) {
	t.Helper()
	for tag, dir := range map[string]string{"amd64": "linux-amd64", "arm64": "linux-arm64", "armv7": "linux-armv7"} {
		tag = "1.0-" + tag
		if !strings.Contains(page, "app:"+tag) && !strings.Contains(page, "1.0-ARCH") {
			continue
		}
		index, err := layout.ImageIndexFromPath(clitest.RepoPath("testdata", "layouts", dir))
		clitest.Must(t, err)
		listed, err := index.IndexManifest()
		clitest.Must(t, err)
		image, err := index.Image(listed.Manifests[0].Digest)
		clitest.Must(t, err)
		to, err := name.ParseReference(host + "/team/app:" + tag)
		clitest.Must(t, err)
		clitest.Must(t, remote.Write(to, image, remote.WithContext(t.Context())))
	}
}
