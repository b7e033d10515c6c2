package probe

import (
	"fmt"

	"github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

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
