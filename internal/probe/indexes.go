package probe

import (
	"context"
	"mime"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// indexChecks are about indexes and Docker lists.
func indexChecks() []check {
	return []check{
		{"index-oci", SectionIndexes, "an OCI index of two platforms can be pushed and pulled", "image-spec, \"OCI Image Index\"", true, checkIndex(formatOCI, formatOCI, "index-oci")},
		{"index-docker-list", SectionIndexes, "a Docker manifest list can be pushed and pulled", "Docker image manifest v2, schema 2, \"Manifest List\"", false, checkIndex(formatDocker, formatDocker, "index-docker-list")},
		{"index-docker-children", SectionIndexes, "an OCI index may have Docker images as children", "image-spec, \"OCI Image Index\"", false, checkIndex(formatOCI, formatDocker, "index-docker-children")},
	}
}

// checkIndex pushes an index of two images and reads it back.
func checkIndex(index, child format, purpose string) func(context.Context, *run) outcome {
	return func(ctx context.Context, r *run) outcome {
		var children []ocispec.Descriptor
		for _, architecture := range []string{"amd64", "arm64"} {
			d, err := r.pushImage(ctx, child, architecture)
			if err != nil {
				return broken(err)
			}
			children = append(children, d)
		}
		return r.roundTrip(ctx, r.content.index(index, purpose, children...))
	}
}

// mediaType returns the Content-Type of a response, without parameters.
func mediaType(r response) string {
	got, _, err := mime.ParseMediaType(r.header.Get("Content-Type"))
	if err != nil {
		return r.header.Get("Content-Type")
	}
	return got
}
