//go:build e2e

package push

import (
	"strings"
	"testing"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/interop"
	"manifest-tool/e2e/internal/registrytest"
)

// TestOtherClientsReadPush has every witness read what was pushed: from one
// repository and from others, as a Docker list and as an OCI index.
func TestOtherClientsReadPush(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	for name, family := range map[string]fixture.MediaTypes{"docker": fixture.Docker(), "oci": fixture.OCI()} {
		t.Run(name, func(t *testing.T) {
			images := fixture.NewImageSet(t, family, "app")
			g.PutImagesApart(t, name+"/app", images)
			spec := clitest.WriteSpec(t, g.Host, images.Spec("REGISTRY/"+name+":all", "REGISTRY/"+name+"/app-%s:1.0"))
			printed := clitest.Run(t, "push", "from-spec", spec).PushedDigest(t)
			for _, w := range interop.Clients() {
				t.Run(w.Name, func(t *testing.T) { w.Confirm(t, g, name, "all", printed) })
			}
		})
	}
}

// TestOtherClientsReadAttestedPush is the same for an index that holds
// attestations and annotations.
func TestOtherClientsReadAttestedPush(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	index, _, _ := fixture.NewAttestedIndex(t)
	g.Put(t, "built/app", "all", index)
	spec := clitest.WriteSpec(t, g.Host, `image: REGISTRY/attested:all
annotations: {org.opencontainers.image.source: "https://example.com/app"}
manifests:
  - image: REGISTRY/built/app:all
`)
	printed := clitest.Run(t, "push", "from-spec", spec).PushedDigest(t)
	for _, w := range interop.Clients() {
		t.Run(w.Name, func(t *testing.T) { w.Confirm(t, g, "attested", "all", printed) })
	}
}

// TestRegctlFindsEachPlatform asks another client which image a platform gets.
func TestRegctlFindsEachPlatform(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	g.PutImages(t, "app", images)
	spec := clitest.WriteSpec(t, g.Host, images.Spec("REGISTRY/app:all", "REGISTRY/app:%s"))
	clitest.Run(t, "push", "from-spec", spec).PushedDigest(t)

	s := clitest.Session{Home: t.TempDir()}
	s.MustRunTool(t, "regctl", "registry", "set", "--tls", "disabled", g.Host)
	for i, name := range []string{"linux/amd64", "linux/arm64", "linux/arm/v7"} {
		found := s.MustRunTool(t, "regctl", "image", "digest", "--platform", name, g.Host+"/app:all")
		clitest.WantText(t, name, images[i].Image.Digest().String(), strings.TrimSpace(found))
	}
}
