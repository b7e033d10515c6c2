package probe

import (
	"bytes"
	"context"
	"net/http"
)

// imageChecks are about images of one platform.
func imageChecks() []check {
	return []check{
		{"image-oci", SectionImages, "an OCI image can be pushed and pulled", "distribution-spec, \"Pushing Manifests\"", true, checkImage(formatOCI)},
		{"image-docker", SectionImages, "a Docker image can be pushed and pulled", "Docker image manifest v2, schema 2", false, checkImage(formatDocker)},
	}
}

// checkImage pushes an image by digest and reads it back.
func checkImage(f format) func(context.Context, *run) outcome {
	return func(ctx context.Context, r *run) outcome {
		if err := r.pushBlobs(ctx, f, "amd64"); err != nil {
			return broken(err)
		}
		return r.roundTrip(ctx, r.content.image(f, "amd64"))
	}
}

// pushBlobs uploads layer and config of an image.
func (r *run) pushBlobs(ctx context.Context, f format, architecture string) error {
	layer, _ := r.content.layer(f)
	for _, blob := range []object{layer, r.content.config(f, architecture)} {
		if err := r.putBlob(ctx, r.repository, blob); err != nil {
			return err
		}
	}
	return nil
}

// roundTrip puts a manifest by its digest and requests it again: the bytes and the
// media type must be the same.
func (r *run) roundTrip(ctx context.Context, o object) outcome {
	put, err := r.putManifest(ctx, r.repository, o.digest().String(), o)
	switch {
	case err != nil:
		return broken(err)
	case put.status != http.StatusCreated:
		return failed("the response to PUT is %s", statusText(put.status)).with("put", statusText(put.status))
	}
	got, err := r.getManifest(ctx, http.MethodGet, o.digest().String(), o.mediaType)
	switch {
	case err != nil:
		return broken(err)
	case got.status != http.StatusOK:
		return failed("it was stored, and the response to GET is %s", statusText(got.status))
	case !bytes.Equal(got.body, o.raw):
		return failed("GET returns other bytes than those that were pushed")
	case mediaType(got) != o.mediaType:
		return failed("GET returns the media type %q, not %q", mediaType(got), o.mediaType)
	}
	return passed("pushed and pulled unchanged")
}
