//go:build e2e

package e2e

import (
	"testing"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// attestedPair makes an index as BuildKit writes it: an image and its
// attestation for each of two platforms.
func attestedPair(t *testing.T) (index object, images, attestations []object) {
	t.Helper()
	for _, name := range []string{"linux/amd64", "linux/arm64"} {
		image := newImage(t, ociMedia(), "attested "+name, platform(name), 2)
		images = append(images, image)
		attestations = append(attestations, newAttestation(t, image))
	}
	return newIndex(t, ociMedia(), images[0], attestations[0], images[1], attestations[1]), images, attestations
}

// newAttestation makes an attestation manifest for an image, as BuildKit
// stores provenance beside the images of an index.
func newAttestation(t *testing.T, image object) object {
	t.Helper()
	statement := []byte(`{"_type":"https://in-toto.io/Statement/v0.1","subject":"` + image.Digest().String() + `"}`)
	platform := ocispec.Platform{OS: "unknown", Architecture: "unknown"}
	config := encode(t, ocispec.Image{Platform: platform, RootFS: ocispec.RootFS{
		Type: "layers", DiffIDs: []digest.Digest{digest.FromBytes(statement)},
	}})
	layers := []ocispec.Descriptor{describe("application/vnd.in-toto+json", statement)}
	o := manifestOf(t, ociMedia().Manifest, ociMedia().Config, config, layers, [][]byte{statement}, platform)
	o.Annotations = map[string]string{
		"vnd.docker.reference.type":   "attestation-manifest",
		"vnd.docker.reference.digest": image.Digest().String(),
	}
	return o
}
