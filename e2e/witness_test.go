//go:build e2e

package e2e

import (
	"strings"
	"testing"
)

// TestOtherClientsConfirmAPush has every witness read what was pushed: from
// one repository and from others, as a Docker list and as an OCI index.
func TestOtherClientsConfirmAPush(t *testing.T) {
	t.Parallel()
	g := startOpen(t)
	for name, family := range map[string]media{"docker": dockerMedia(), "oci": ociMedia()} {
		t.Run(name, func(t *testing.T) {
			images := newImageSet(t, family, "app")
			g.PutImagesApart(t, name+"/app", images)
			spec := specFile(t, g.Host, images.Spec("REGISTRY/"+name+":all", "REGISTRY/"+name+"/app-%s:1.0"))
			printed := manifestTool(t, "push", "from-spec", spec).PushedDigest(t)
			for _, w := range interopClients() {
				t.Run(w.Name, func(t *testing.T) { w.Confirm(t, g, name, "all", printed) })
			}
		})
	}
}

// TestOtherClientsConfirmAnAttestedPush is the same for an index that holds
// attestations and annotations.
func TestOtherClientsConfirmAnAttestedPush(t *testing.T) {
	t.Parallel()
	g := startOpen(t)
	index, _, _ := attestedPair(t)
	g.Put(t, "built/app", "all", index)
	spec := specFile(t, g.Host, `image: REGISTRY/attested:all
annotations: {org.opencontainers.image.source: "https://example.com/app"}
manifests:
  - image: REGISTRY/built/app:all
`)
	printed := manifestTool(t, "push", "from-spec", spec).PushedDigest(t)
	for _, w := range interopClients() {
		t.Run(w.Name, func(t *testing.T) { w.Confirm(t, g, "attested", "all", printed) })
	}
}

// TestRegctlFindsEachPlatform asks another client which image a platform gets.
func TestRegctlFindsEachPlatform(t *testing.T) {
	t.Parallel()
	g := startOpen(t)
	images := newImageSet(t, ociMedia(), "app")
	g.PutImages(t, "app", images)
	spec := specFile(t, g.Host, images.Spec("REGISTRY/app:all", "REGISTRY/app:%s"))
	manifestTool(t, "push", "from-spec", spec).PushedDigest(t)

	s := session{Home: t.TempDir()}
	s.MustRunTool(t, "regctl", "registry", "set", "--tls", "disabled", g.Host)
	for i, name := range []string{"linux/amd64", "linux/arm64", "linux/arm/v7"} {
		found := s.MustRunTool(t, "regctl", "image", "digest", "--platform", name, g.Host+"/app:all")
		wantText(t, name, images[i].Image.Digest().String(), strings.TrimSpace(found))
	}
}
