//go:build e2e

package realimages

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
)

// store is an OCI layout that shares the layers of all images.
type store struct {
	layout fixture.Layout
	layers map[string]blob // by layer.key
}

// newStore returns a layout that has the layers.
func newStore(t *testing.T, layers *layerCache) *store {
	t.Helper()
	s := &store{fixture.WriteLayout(t, nil), layers.Blobs}
	for _, stored := range layers.Blobs {
		digest := stored.Descriptor.Digest
		layers.link(t, digest, filepath.Join(string(s.layout), fixture.BlobPath(digest)))
	}
	return s
}

// add stores an image as an index of one entry.
func (s *store) add(t *testing.T, i image) ocispec.Descriptor {
	t.Helper()
	config := fixture.NewConfigIn(i.Dir, orDefault(i.Config, i.Platform), i.Entrypoint...)
	config.Config.Cmd, config.Config.Env = i.Cmd, i.Env
	config.RootFS.Type = "layers"
	var descriptors []ocispec.Descriptor
	for _, l := range i.allLayers() {
		stored := s.layers[l.key(t)]
		descriptors = append(descriptors, stored.Descriptor)
		config.RootFS.DiffIDs = append(config.RootFS.DiffIDs, stored.DiffID)
	}
	family := fixture.OCI()
	object := fixture.NewManifest(t, family.Manifest, family.Config, clitest.EncodeJSON(t, config), descriptors, nil, config.Platform)
	index := fixture.NewIndex(t, family, object.WithPlatform(orDefault(i.Index, i.Platform)))
	s.layout.Add(t, object)
	s.layout.Add(t, index)
	entry := index.Descriptor()
	entry.Annotations = map[string]string{ocispec.AnnotationRefName: i.tag}
	return entry
}

// writeIndex writes index.json with the images.
func (s *store) writeIndex(t *testing.T, entries []ocispec.Descriptor) {
	t.Helper()
	s.layout.WriteFile(t, "index.json", clitest.EncodeJSON(t, ocispec.Index{
		Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageIndex, Manifests: entries,
	}))
}

// reference returns the reference of an image.
func (s *store) reference(i image) string {
	return fmt.Sprintf("oci-layout://%s:%s", s.layout, i.tag)
}
