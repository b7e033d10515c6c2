package probe

import (
	"context"
	"mime"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

const (
	specIndex = "image-spec, \"OCI Image Index\""
	specList  = "Docker image manifest v2, schema 2, \"Manifest List\""
)

// indexChecks are about indexes and Docker lists.
func indexChecks() []check {
	return []check{
		{"index-oci", SectionIndexes, "an OCI index of two platforms can be pushed and pulled", specIndex, true, checkIndex(formatOCI, formatOCI, failed)},
		{"index-docker-list", SectionIndexes, "a Docker manifest list can be pushed and pulled", specList, false, checkIndex(formatDocker, formatDocker, skipped)},
		{"index-docker-children", SectionIndexes, "an OCI index may have Docker images as children", specIndex, false, checkIndex(formatOCI, formatDocker, skipped)},
		{"index-nested", SectionIndexes, "an OCI index may be a child of another", specIndex, false, checkNested},
		{"index-empty", SectionIndexes, "an OCI index may have no children", specIndex, false, checkEmptyIndex},
		{"index-no-media-type", SectionIndexes, "an OCI index may omit the field mediaType", specIndex, false, checkNoMediaType},
		{"index-sparse", SectionIndexes, "an OCI index may name a child that was not pushed", specPush, false, checkSparse(formatOCI, "sparse-index")},
		{"index-sparse-list", SectionIndexes, "a Docker list may name a child that was not pushed", specList, false, checkSparse(formatDocker, "sparse-list")},
		{"index-child-size", SectionIndexes, "an index with a wrong size of a child is refused", "image-spec, \"OCI Content Descriptors\"", false, checkChildSize},
	}
}

// checkIndex pushes an index of two images and reads it back.
func checkIndex(index, child format, refused outcomeFunc) func(context.Context, *run) outcome {
	return func(ctx context.Context, r *run) outcome {
		o, err := r.index(ctx, index, child)
		switch {
		case err != nil && child == formatDocker:
			return unmet(err)
		case err != nil:
			return broken(err)
		}
		return r.roundTrip(ctx, o, refused)
	}
}

// index returns an index of two images, which it pushes.
func (r *run) index(ctx context.Context, index, child format) (object, error) {
	children, err := r.children(ctx, child)
	return r.content.index(index, "index-"+string(child), children...), err
}

// children pushes the images of two platforms and returns them as entries.
func (r *run) children(ctx context.Context, f format) ([]ocispec.Descriptor, error) {
	var children []ocispec.Descriptor
	for _, architecture := range []string{"amd64", "arm64"} {
		d, err := r.pushImage(ctx, f, architecture)
		if err != nil {
			return nil, err
		}
		children = append(children, d)
	}
	return children, nil
}

func checkNested(ctx context.Context, r *run) outcome {
	inner, err := r.index(ctx, formatOCI, formatOCI)
	if err == nil {
		err = r.pushOnce(ctx, inner.digest().String(), inner, "pushing the inner index")
	}
	if err != nil {
		return broken(err)
	}
	return r.roundTrip(ctx, r.content.index(formatOCI, "index-nested", inner.descriptor()), skipped)
}

func checkEmptyIndex(ctx context.Context, r *run) outcome {
	return r.roundTrip(ctx, r.content.index(formatOCI, "index-empty"), failed)
}

func checkNoMediaType(ctx context.Context, r *run) outcome {
	d, err := r.pushImage(ctx, formatOCI, "amd64")
	if err != nil {
		return broken(err)
	}
	return r.roundTrip(ctx, r.content.withoutMediaType("index-no-media-type", d), failed)
}

// checkSparse pushes an index with a child that does not exist; a registry may refuse
// that. fact is the name of the measured value, accepted or refused.
func checkSparse(f format, fact string) func(context.Context, *run) outcome {
	return func(ctx context.Context, r *run) outcome {
		d, err := r.pushImage(ctx, f, "amd64")
		if err != nil {
			return unmet(err)
		}
		o := r.content.index(f, fact, d, r.content.missing(f))
		switch out, stored := r.store(ctx, o.digest().String(), o, skipped); {
		case stored:
			return passed("accepted without the child").with(fact, "accepted")
		case out.status == StatusSkip:
			return out.with(fact, "refused")
		default:
			return out
		}
	}
}

// checkChildSize pushes an index whose descriptor of a child has another size than
// the child. No specification requires a registry to compare them.
func checkChildSize(ctx context.Context, r *run) outcome {
	d, err := r.pushImage(ctx, formatOCI, "amd64")
	if err != nil {
		return broken(err)
	}
	d.Size++
	o := r.content.index(formatOCI, "index-child-size", d)
	switch out, stored := r.store(ctx, o.digest().String(), o, passed); {
	case stored:
		return skipped("accepted: sizes of children are not compared").with("child-size", "not compared")
	case out.status == StatusPass:
		return out.with("child-size", "compared")
	default:
		return out
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
