package manifest

import (
	"strings"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// BlobIndexKind names what an index is whose entries are blobs, not manifests: a
// build cache or a checkpoint. It is empty for an index of images. No such entry
// can be fetched as a manifest. Sources: BuildKit's cache/remotecache/v1,
// containerd's images.MediaTypeContainerd1Checkpoint.
func BlobIndexKind(entries []ocispec.Descriptor) string {
	blobs := 0
	for _, d := range entries {
		switch {
		case strings.HasPrefix(d.MediaType, "application/vnd.buildkit.cacheconfig"):
			return "a BuildKit cache"
		case strings.HasPrefix(d.MediaType, "application/vnd.containerd.container.criu.checkpoint"):
			return "a containerd checkpoint"
		case IsBlobType(d.MediaType):
			blobs++
		}
	}
	if blobs > 0 && blobs == len(entries) {
		return "an index of blobs"
	}
	return ""
}

// IsBlobType reports whether a media type is certainly that of a blob: a layer, a
// config, or something of a build cache or checkpoint.
func IsBlobType(mediaType string) bool {
	for _, prefix := range []string{
		"application/vnd.oci.image.layer.", "application/vnd.docker.image.rootfs.", "application/vnd.buildkit.", "application/vnd.containerd.container.",
	} {
		if strings.HasPrefix(mediaType, prefix) {
			return true
		}
	}
	return IsConfig(mediaType)
}
