package manifest

import (
	"strings"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// Docker's media types, in addition to those of the OCI image-spec.
// Source: Docker "Image Manifest Version 2, Schema 2".
const (
	MediaTypeDockerList  = "application/vnd.docker.distribution.manifest.list.v2+json"
	MediaTypeDockerImage = "application/vnd.docker.distribution.manifest.v2+json"

	mediaTypeDockerConfig = "application/vnd.docker.container.image.v1+json"
)

// IsIndex reports whether a media type is an OCI index or Docker manifest list.
func IsIndex(mediaType string) bool {
	return mediaType == ocispec.MediaTypeImageIndex || mediaType == MediaTypeDockerList
}

// IsImage reports whether a media type is an image manifest.
func IsImage(mediaType string) bool {
	return mediaType == ocispec.MediaTypeImageManifest || mediaType == MediaTypeDockerImage
}

// IsConfig reports whether a media type is an image's config.
func IsConfig(mediaType string) bool {
	return mediaType == ocispec.MediaTypeImageConfig || mediaType == mediaTypeDockerConfig
}

// IsNonDistributable reports whether layers of a media type are not distributed
// by registries (image-spec, "Non-Distributable Layers"; Docker: foreign
// layers). Their URLs say where the bytes are.
func IsNonDistributable(mediaType string) bool {
	return strings.Contains(mediaType, "foreign") || strings.Contains(mediaType, "nondistributable")
}
