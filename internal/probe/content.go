package probe

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest"
)

// newID returns the random part of the names and the content of a run, so that runs
// do not share tags and blobs, with each other or with images.
func newID() (string, error) {
	b := make([]byte, 6)
	if _, err := rand.Read(b); err != nil {
		return "", err
	}
	return hex.EncodeToString(b), nil
}

// content makes the blobs and manifests of a run.
type content struct{ id string }

// tag returns the tag of a run for a purpose, such as "index".
func (c content) tag(purpose string) string { return "manifest-tool-test-" + c.id + "-" + purpose }

// object is some content with its media type.
type object struct {
	mediaType string
	raw       []byte
}

// digest returns the digest of the content.
func (o object) digest() digest.Digest { return digest.FromBytes(o.raw) }

// descriptor returns the descriptor of the content.
func (o object) descriptor() ocispec.Descriptor {
	return ocispec.Descriptor{MediaType: o.mediaType, Digest: o.digest(), Size: int64(len(o.raw))}
}

// format is the family of media types of an image or index.
type format string

const (
	formatOCI    format = "oci"
	formatDocker format = "docker"
)

func (f format) image() string {
	if f == formatDocker {
		return manifest.MediaTypeDockerImage
	}
	return ocispec.MediaTypeImageManifest
}

func (f format) index() string {
	if f == formatDocker {
		return manifest.MediaTypeDockerList
	}
	return ocispec.MediaTypeImageIndex
}

func (f format) config() string {
	if f == formatDocker {
		return "application/vnd.docker.container.image.v1+json"
	}
	return ocispec.MediaTypeImageConfig
}

func (f format) layer() string {
	if f == formatDocker {
		return "application/vnd.docker.image.rootfs.diff.tar.gzip"
	}
	return ocispec.MediaTypeImageLayerGzip
}

// blob returns a few bytes that are unique to the run and the purpose.
func (c content) blob(purpose string) object {
	return object{"application/octet-stream", []byte("manifest-tool test " + c.id + " " + purpose + "\n")}
}

// layer returns the one layer of all images of a run, and its diff_id.
func (c content) layer(f format) (object, digest.Digest) {
	var archive, packed bytes.Buffer
	text := []byte("made by manifest-tool test-registry, run " + c.id + "\n")
	w := tar.NewWriter(&archive)
	// Writes to a bytes.Buffer do not fail, and the header is valid.
	_ = w.WriteHeader(&tar.Header{Name: "manifest-tool-test", Mode: 0o644, Size: int64(len(text))})
	_, _ = w.Write(text)
	_ = w.Close()
	z := gzip.NewWriter(&packed)
	_, _ = z.Write(archive.Bytes())
	_ = z.Close()
	return object{f.layer(), packed.Bytes()}, digest.FromBytes(archive.Bytes())
}

// config returns the config of an image for an architecture.
func (c content) config(f format, architecture string) object {
	_, diffID := c.layer(f)
	return object{f.config(), encode(ocispec.Image{
		Platform: ocispec.Platform{OS: "linux", Architecture: architecture}, Author: "manifest-tool test-registry " + c.id,
		RootFS:  ocispec.RootFS{Type: "layers", DiffIDs: []digest.Digest{diffID}},
		History: []ocispec.History{{CreatedBy: "manifest-tool test-registry"}},
	})}
}

// image returns the manifest of an image for an architecture.
func (c content) image(f format, architecture string) object {
	layer, _ := c.layer(f)
	return object{f.image(), encode(ocispec.Manifest{
		Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: f.image(), Config: c.config(f, architecture).descriptor(),
		Layers: []ocispec.Descriptor{layer.descriptor()},
	})}
}

// index returns an index of some children. Annotations make it unique.
func (c content) index(f format, purpose string, children ...ocispec.Descriptor) object {
	return c.indexOfType(f, f.index(), purpose, children)
}

// indexOfType is index with the value of the field mediaType.
func (c content) indexOfType(f format, mediaType, purpose string, children []ocispec.Descriptor) object {
	index := ocispec.Index{Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: mediaType, Manifests: children}
	if children == nil {
		index.Manifests = []ocispec.Descriptor{}
	}
	if f == formatOCI {
		index.Annotations = map[string]string{"org.opencontainers.image.title": c.tag(purpose)}
	}
	return object{f.index(), encode(index)}
}

// platformed returns a descriptor as an entry of an index.
func platformed(d ocispec.Descriptor, architecture string) ocispec.Descriptor {
	d.Platform = &ocispec.Platform{OS: "linux", Architecture: architecture}
	return d
}

// encode returns the JSON of a value of the image-spec, which always has one.
func encode(v any) []byte {
	raw, err := json.Marshal(v)
	if err != nil {
		return nil
	}
	return raw
}

// artifactType is that of the artifacts of a run.
const artifactType = "application/vnd.example.manifest-tool.test"

// empty returns the blob of an empty config or layer (image-spec, "Guidance for an
// Empty Descriptor"). Every artifact of a repository may use it.
func (c content) empty() object {
	return object{ocispec.MediaTypeEmptyJSON, ocispec.DescriptorEmptyJSON.Data}
}

// artifact returns the manifest of an artifact without content; subject may be nil.
func (c content) artifact(purpose string, subject *ocispec.Descriptor) object {
	return object{ocispec.MediaTypeImageManifest, encode(ocispec.Manifest{
		Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageManifest, ArtifactType: artifactType,
		Config: c.empty().descriptor(), Layers: []ocispec.Descriptor{c.empty().descriptor()}, Subject: subject,
		Annotations: map[string]string{ocispec.AnnotationTitle: c.tag(purpose)},
	})}
}

// oddImage returns an image manifest that only stays the same if its bytes are kept:
// its keys are not sorted, it has unknown fields, escapes of two kinds, numbers that
// a parser rewrites, and white space around everything.
func (c content) oddImage() object {
	layer, _ := c.layer(formatOCI)
	return object{ocispec.MediaTypeImageManifest, fmt.Appendf(nil, " {\r\n\t\"schemaVersion\" : 2,\n"+
		"  \"org.example.unknown\": {\"number\": 1.0, \"exponent\": 1e3, \"null\": null, \"z\": [ ], \"a\": {} },\n"+
		"  \"annotations\": {\"org.example.z\": \"<&> \\u00e9 \\/ \U0001F642 漢字\", \"org.example.a\": \"\", \"org.example.run\": %q},\n"+
		"  \"layers\": [\n\n    %s ],\n  \"config\": %s,\n  \"mediaType\": %q\n}\n\n",
		c.id, encode(layer.descriptor()), encode(c.config(formatOCI, "amd64").descriptor()), ocispec.MediaTypeImageManifest)}
}

// missing returns the descriptor of an image that was never pushed, as an entry.
func (c content) missing(f format) ocispec.Descriptor {
	return platformed(object{f.image(), c.blob("missing child").raw}.descriptor(), "s390x")
}

// withoutMediaType returns an OCI index without the field mediaType (image-spec,
// "OCI Image Index": it SHOULD be used).
func (c content) withoutMediaType(purpose string, children ...ocispec.Descriptor) object {
	return c.indexOfType(formatOCI, "", purpose, children)
}

// sha512 returns the SHA-512 digest of the content.
func (o object) sha512() digest.Digest { return digest.SHA512.FromBytes(o.raw) }
