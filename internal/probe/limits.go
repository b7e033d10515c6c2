package probe

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// maxManifest is the size that a registry should accept (distribution-spec, "Pushing
// Manifests"), in bytes.
const maxManifest = 4 << 20

// limitChecks are about the size of manifests.
func limitChecks() []check {
	const spec = "distribution-spec, \"Pushing Manifests\""
	return []check{
		{"limit-manifest", SectionLimits, "a manifest of 4 MiB is accepted", spec, false, checkLargest("manifest-bytes", "bytes", content.padded, maxManifest, 1<<20, 256<<10)},
		{"limit-manifest-exceeded", SectionLimits, "a manifest above the limit is refused with 413", spec, false, checkExceeded},
		{"limit-entries", SectionLimits, "an index of 1000 entries is accepted", "image-spec, \"OCI Image Index\"", false, checkLargest("entries", "entries", content.crowded, 1000, 100)},
		{"limit-annotation", SectionLimits, "an annotation of 1 MiB is accepted", "image-spec, \"Annotations\"", false, checkLargest("annotation-bytes", "bytes", content.annotated, 1<<20, 64<<10, 4<<10)},
	}
}

// padded returns an image manifest of so many bytes, with blanks at its end.
func (c content) padded(size int) object {
	image := c.image(formatOCI, "amd64")
	image.raw = append(image.raw, bytes.Repeat([]byte{' '}, size-len(image.raw))...)
	return image
}

// crowded returns an index of so many entries. All have the same image, so that one
// push is enough, and different versions of the OS.
func (c content) crowded(entries int) object {
	image := c.image(formatOCI, "amd64").descriptor()
	children := make([]ocispec.Descriptor, entries)
	for n := range children {
		children[n] = platformed(image, "amd64")
		children[n].Platform.OSVersion = strconv.Itoa(n)
	}
	return c.index(formatOCI, fmt.Sprintf("entries-%d", entries), children...)
}

// annotated returns an index that has an annotation of so many bytes.
func (c content) annotated(size int) object {
	return c.index(formatOCI, strings.Repeat("x", size))
}

// checkLargest pushes content of decreasing sizes until the registry takes it. Only
// the first size is a pass. A proxy that limits bodies may close the connection.
func checkLargest(fact, unit string, sized func(content, int) object, sizes ...int) func(context.Context, *run) outcome {
	return func(ctx context.Context, r *run) outcome {
		if _, err := r.pushImage(ctx, formatOCI, "amd64"); err != nil {
			return broken(err)
		}
		refused := ""
		for _, size := range sizes {
			o := sized(r.content, size)
			put, err := r.putManifest(ctx, r.repository, o.digest().String(), o)
			switch {
			case err != nil && ctx.Err() != nil:
				return broken(err)
			case err != nil:
				refused += fmt.Sprintf("; %d %s: %s", size, unit, err)
			case put.status == http.StatusCreated:
				return r.accepted(ctx, o, size, unit, refused).with(fact, strconv.Itoa(size))
			default:
				refused += fmt.Sprintf("; %d %s: %s", size, unit, statusText(put.status))
			}
		}
		return skipped("no size was accepted%s", refused).with(fact, "0")
	}
}

// accepted reads content back that was stored.
func (r *run) accepted(ctx context.Context, o object, size int, unit, refused string) outcome {
	got, err := r.getManifest(ctx, http.MethodGet, o.digest().String(), o.mediaType)
	switch {
	case err != nil:
		return broken(err)
	case got.status != http.StatusOK:
		return unexpected(fmt.Sprintf("%d %s were stored, and the response to GET", size, unit), got)
	case !bytes.Equal(got.body, o.raw):
		return failed("%d %s were stored, and GET returns other bytes", size, unit)
	case refused != "":
		return skipped("%d %s are accepted%s", size, unit, refused)
	}
	return passed("%d %s are accepted and returned unchanged", size, unit)
}

// checkExceeded pushes a manifest that is one byte larger than what every registry
// should accept.
func checkExceeded(ctx context.Context, r *run) outcome {
	const fact = "manifest-exceeded"
	if _, err := r.pushImage(ctx, formatOCI, "amd64"); err != nil {
		return broken(err)
	}
	o := r.content.padded(maxManifest + 1)
	put, err := r.putManifest(ctx, r.repository, o.digest().String(), o)
	switch {
	case err != nil && ctx.Err() == nil:
		return skipped("refused without a response: %s", err).with(fact, "no response")
	case err != nil:
		return broken(err)
	case put.status == http.StatusRequestEntityTooLarge:
		return passed("refused with 413").with(fact, "413")
	case put.isSuccess():
		return skipped("a manifest of %d bytes is accepted: the limit is higher or absent", maxManifest+1).with(fact, "accepted")
	case put.isRefusal():
		return skipped("refused with %s, where the specification recommends 413", statusText(put.status)).with(fact, strconv.Itoa(put.status))
	}
	return unexpected("the response to a manifest above the limit", put).with(fact, strconv.Itoa(put.status))
}
