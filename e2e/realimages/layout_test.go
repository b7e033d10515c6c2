//go:build e2e

package realimages

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
)

// blob is a layer that is stored: its descriptor and the digest of its archive.
type blob struct {
	descriptor ocispec.Descriptor
	diffID     digest.Digest
}

// store is an OCI layout that shares the layers of all images, and the content
// they are made of.
type store struct {
	layout  fixture.Layout
	content string
	layers  map[string]blob // by the description of the layer
}

func newStore(t *testing.T, content string) *store {
	t.Helper()
	return &store{fixture.WriteLayout(t, nil), content, map[string]blob{}}
}

// add stores an image as an index of one entry.
func (s *store) add(t *testing.T, i image) ocispec.Descriptor {
	t.Helper()
	config := fixture.NewConfigIn(i.Dir, orDefault(i.Config, i.Platform), i.Entrypoint...)
	config.Config.Cmd, config.Config.Env = i.Cmd, i.Env
	config.RootFS.Type = "layers"
	var descriptors []ocispec.Descriptor
	for _, l := range i.allLayers() {
		stored := s.layer(t, l)
		descriptors = append(descriptors, stored.descriptor)
		config.RootFS.DiffIDs = append(config.RootFS.DiffIDs, stored.diffID)
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

// layer stores a layer once.
func (s *store) layer(t *testing.T, l layer) blob {
	t.Helper()
	key, err := json.Marshal(l)
	clitest.Must(t, err)
	stored, known := s.layers[string(key)]
	if !known {
		stored = s.writeLayer(t, l)
		s.layers[string(key)] = stored
	}
	return stored
}

// writeLayer writes a compressed layer into the layout.
func (s *store) writeLayer(t *testing.T, l layer) blob {
	t.Helper()
	f, err := os.CreateTemp(string(s.layout), "layer-")
	clitest.Must(t, err)
	packed, plain := sha256.New(), sha256.New()
	w, err := gzip.NewWriterLevel(io.MultiWriter(f, packed), gzip.BestSpeed)
	clitest.Must(t, err)
	clitest.Must(t, l.write(t, s.content, io.MultiWriter(w, plain)))
	clitest.Must(t, w.Close())
	info, err := f.Stat()
	clitest.Must(t, err)
	clitest.Must(t, f.Close())
	d := ocispec.Descriptor{
		MediaType: ocispec.MediaTypeImageLayerGzip,
		Digest:    digest.NewDigest(digest.SHA256, packed),
		Size:      info.Size(),
	}
	clitest.Must(t, os.Rename(f.Name(), filepath.Join(string(s.layout), fixture.BlobPath(d.Digest))))
	return blob{d, digest.NewDigest(digest.SHA256, plain)}
}

// reference returns the reference of an image.
func (s *store) reference(i image) string {
	return fmt.Sprintf("oci-layout://%s:%s", s.layout, i.tag)
}
