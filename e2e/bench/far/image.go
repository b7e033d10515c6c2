//go:build e2e

package far

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"strconv"
	"strings"

	"github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// gzipMark is how a gzip file begins. Layers begin with it, or skopeo would
// compress them on the way; nothing reads further.
const gzipMark = "\x1f\x8b\x08"

// Blob is content that can be read again and again.
type Blob struct {
	ocispec.Descriptor
	Open func() io.Reader
}

// Image is an image of one platform.
type Image struct {
	Raw      []byte // the manifest
	Platform ocispec.Platform
	Blobs    []Blob // layers, then the config
}

// Digest returns the digest of the manifest.
func (i Image) Digest() digest.Digest { return digest.FromBytes(i.Raw) }

// NewImage makes the number-th of a family of images. Each has a platform of
// its own (there are not fifty architectures, so they differ in os.version)
// and shares no layer with any other.
func NewImage(number int, layers ...Blob) (Image, error) {
	platform := ocispec.Platform{OS: "windows", Architecture: "amd64", OSVersion: "10.0.20348." + strconv.Itoa(1000+number)}
	config := ocispec.Image{Platform: platform, RootFS: ocispec.RootFS{Type: "layers"}}
	manifest := ocispec.Manifest{Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageManifest}
	for _, layer := range layers {
		config.RootFS.DiffIDs = append(config.RootFS.DiffIDs, layer.Digest)
		manifest.Layers = append(manifest.Layers, layer.Descriptor)
	}
	text, err := json.Marshal(config)
	if err != nil {
		return Image{}, err
	}
	last := Bytes(ocispec.MediaTypeImageConfig, text)
	manifest.Config = last.Descriptor
	raw, err := json.Marshal(manifest)
	return Image{Raw: raw, Platform: platform, Blobs: append(layers, last)}, err
}

// SmallImage is NewImage with three layers of a few bytes.
func SmallImage(name string, number int) (Image, error) {
	var layers []Blob
	for i := range 3 {
		layers = append(layers, Bytes(ocispec.MediaTypeImageLayerGzip, fmt.Appendf(nil, gzipMark+"layer %d of %s %d\n", i, name, number)))
	}
	return NewImage(number, layers...)
}

// Index returns the bytes of an index of the images.
func Index(images []Image) ([]byte, error) {
	index := ocispec.Index{Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageIndex}
	for _, i := range images {
		index.Manifests = append(index.Manifests, ocispec.Descriptor{
			MediaType: ocispec.MediaTypeImageManifest, Digest: i.Digest(), Size: int64(len(i.Raw)), Platform: &i.Platform,
		})
	}
	return json.Marshal(index)
}

// Bytes makes a blob of bytes.
func Bytes(mediaType string, content []byte) Blob {
	return Blob{
		Descriptor: ocispec.Descriptor{MediaType: mediaType, Digest: digest.FromBytes(content), Size: int64(len(content))},
		Open:       func() io.Reader { return bytes.NewReader(content) },
	}
}

// Noise makes a layer of size bytes that cannot be compressed. They are made
// again whenever they are read and need no memory. Equal seeds give equal bytes.
func Noise(seed byte, size int64) (Blob, error) {
	open := func() io.Reader {
		noise := rand.NewChaCha8([32]byte{seed})
		return io.MultiReader(strings.NewReader(gzipMark), io.LimitReader(noise, size-int64(len(gzipMark))))
	}
	sum, err := digest.FromReader(open())
	layer := ocispec.Descriptor{MediaType: ocispec.MediaTypeImageLayerGzip, Digest: sum, Size: size}
	return Blob{Descriptor: layer, Open: open}, err
}
