//go:build e2e

// Package page has tests of the web page of serve, in a browser.
package page

import (
	"fmt"
	"testing"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

func TestMain(m *testing.M) { clitest.Main(m) }

// startService starts serve, which may read one registry, and returns its URL.
func startService(t *testing.T, registry string) string {
	t.Helper()
	return clitest.Session{}.Serve(t, "--allow-registry", registry, "--rate", "0").URL
}

// putApp stores an index of some platforms as team/app:1.0 of a registry, and returns
// its name and the images.
func putApp(t *testing.T, g *registrytest.Registry) (string, map[string]fixture.Object) {
	t.Helper()
	platforms := []string{"linux/amd64", "linux/arm64/v8", "linux/arm/v7", "linux/riscv64", "linux/s390x", "windows/amd64:10.0.20348.2582"}
	images := map[string]fixture.Object{}
	var children []fixture.Object
	for i, text := range platforms {
		p := fixture.ParsePlatform(text)
		config := clitest.EncodeJSON(t, ocispec.Image{Platform: p})
		layer := make([]byte, 1_000_000+i*417_000)
		family := fixture.OCI()
		image := fixture.NewManifest(t, family.Manifest, family.Config, config, []ocispec.Descriptor{fixture.DescriptorOf(family.Layer, layer)}, [][]byte{layer}, p)
		images[text] = image
		children = append(children, image)
	}
	g.Put(t, "team/app", "1.0", fixture.NewIndex(t, fixture.OCI(), children...))
	return fmt.Sprintf("%s/team/app:1.0", g.Host), images
}
