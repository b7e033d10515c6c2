package manifest

import (
	"strings"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// Docker's own media types, beside those of the OCI image-spec.
// Source: Docker "Image Manifest Version 2, Schema 2".
const (
	MediaTypeDockerList  = "application/vnd.docker.distribution.manifest.list.v2+json"
	MediaTypeDockerImage = "application/vnd.docker.distribution.manifest.v2+json"

	mediaTypeDockerConfig = "application/vnd.docker.container.image.v1+json"
)

func IsIndex(mediaType string) bool {
	return mediaType == ocispec.MediaTypeImageIndex || mediaType == MediaTypeDockerList
}

func IsImage(mediaType string) bool {
	return mediaType == ocispec.MediaTypeImageManifest || mediaType == MediaTypeDockerImage
}

// isConfig reports whether a blob of that type is an image's config.
func IsConfig(mediaType string) bool {
	return mediaType == ocispec.MediaTypeImageConfig || mediaType == mediaTypeDockerConfig
}

// isNonDistributable reports whether a layer is not to be distributed: registries have
// no bytes of it, its URLs say where they are.
func IsNonDistributable(mediaType string) bool {
	return strings.Contains(mediaType, "foreign") || strings.Contains(mediaType, "nondistributable")
}
