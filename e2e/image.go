//go:build e2e

package e2e

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"fmt"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// media is one family of media types.
type media struct {
	Manifest, Index, Config, Layer string
}

// dockerMedia returns the types of the Docker image manifest, schema 2.
func dockerMedia() media {
	return media{
		Manifest: "application/vnd.docker.distribution.manifest.v2+json",
		Index:    "application/vnd.docker.distribution.manifest.list.v2+json",
		Config:   "application/vnd.docker.container.image.v1+json",
		Layer:    "application/vnd.docker.image.rootfs.diff.tar.gzip",
	}
}

// ociMedia returns the types of the OCI image specification.
func ociMedia() media {
	return media{
		Manifest: ocispec.MediaTypeImageManifest,
		Index:    ocispec.MediaTypeImageIndex,
		Config:   ocispec.MediaTypeImageConfig,
		Layer:    ocispec.MediaTypeImageLayerGzip,
	}
}

// object is an image or an index with everything it refers to.
type object struct {
	MediaType   string
	Raw         []byte
	Platform    *ocispec.Platform // of an image's config
	Annotations map[string]string // annotations of its entry in an index
	Blobs       [][]byte          // the config and the layers of an image
	Children    []object          // the entries of an index
}

// Digest returns the digest of the object's own bytes.
func (o object) Digest() digest.Digest { return digest.FromBytes(o.Raw) }

// Descriptor returns the object's descriptor, as an index lists it.
func (o object) Descriptor() ocispec.Descriptor {
	return ocispec.Descriptor{
		MediaType:   o.MediaType,
		Digest:      o.Digest(),
		Size:        int64(len(o.Raw)),
		Annotations: o.Annotations,
		Platform:    o.Platform,
	}
}

// newImage makes an image of the platform. The same arguments give the same
// bytes; another name gives other layers.
func newImage(t *testing.T, family media, name string, platform ocispec.Platform, layers int) object {
	t.Helper()
	config := ocispec.Image{Platform: platform, RootFS: ocispec.RootFS{Type: "layers"}}
	var blobs [][]byte
	var descriptors []ocispec.Descriptor
	for i := range layers {
		plain := layerTar(t, fmt.Sprintf("layer %d of %s\n", i, name))
		blob := zip(t, plain)
		config.RootFS.DiffIDs = append(config.RootFS.DiffIDs, digest.FromBytes(plain))
		descriptors = append(descriptors, describe(family.Layer, blob))
		blobs = append(blobs, blob)
	}
	return manifestOf(t, family.Manifest, family.Config, encode(t, config), descriptors, blobs, platform)
}

// manifestOf makes an image out of its finished parts.
func manifestOf(t *testing.T, mediaType, configType string, config []byte, layers []ocispec.Descriptor, blobs [][]byte, platform ocispec.Platform) object {
	t.Helper()
	raw := encode(t, ocispec.Manifest{
		Versioned: specs.Versioned{SchemaVersion: 2},
		MediaType: mediaType,
		Config:    describe(configType, config),
		Layers:    layers,
	})
	return object{MediaType: mediaType, Raw: raw, Platform: &platform, Blobs: append(blobs, config)}
}

// newIndex makes an index of the children in their order.
func newIndex(t *testing.T, family media, children ...object) object {
	t.Helper()
	index := ocispec.Index{Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: family.Index}
	for _, child := range children {
		index.Manifests = append(index.Manifests, child.Descriptor())
	}
	return object{MediaType: family.Index, Raw: encode(t, index), Children: children}
}

// layerTar returns a tar archive of one file.
func layerTar(t *testing.T, content string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	must(t, w.WriteHeader(&tar.Header{Name: "file", Mode: 0o644, Size: int64(len(content)), Format: tar.FormatUSTAR}))
	_, err := w.Write([]byte(content))
	must(t, err)
	must(t, w.Close())
	return out.Bytes()
}

// zip wraps bytes in gzip without compressing them: what a compressor makes of
// them may change with the version of Go, and with it every digest.
func zip(t *testing.T, plain []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.NoCompression)
	must(t, err)
	_, err = w.Write(plain)
	must(t, err)
	must(t, w.Close())
	return out.Bytes()
}

// describe returns the descriptor of bytes.
func describe(mediaType string, content []byte) ocispec.Descriptor {
	return ocispec.Descriptor{MediaType: mediaType, Digest: digest.FromBytes(content), Size: int64(len(content))}
}

// Platform reads os/arch[/variant][:os.version].
func platform(text string) ocispec.Platform {
	name, version, _ := strings.Cut(text, ":")
	parts := append(strings.Split(name, "/"), "", "")
	return ocispec.Platform{OS: parts[0], Architecture: parts[1], Variant: parts[2], OSVersion: version}
}
