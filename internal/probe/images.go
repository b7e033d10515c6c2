package probe

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"slices"
)

// imageChecks are about images of one platform, and artifacts.
func imageChecks() []check {
	return []check{
		{"image-oci", SectionImages, "an OCI image can be pushed and pulled", specPush, true, checkImage(formatOCI, failed)},
		{"image-docker", SectionImages, "a Docker image can be pushed and pulled", "Docker image manifest v2, schema 2", false, checkImage(formatDocker, skipped)},
		{"image-artifact", SectionImages, "an artifact with an empty config can be pushed and pulled", "image-spec, \"Guidelines for Artifact Usage\"", false, checkArtifact},
		{"image-bytes", SectionImages, "white space, key order and unknown fields of a manifest are kept", specPush, false, checkBytes},
		{"image-sha512", SectionImages, "a manifest can be pushed and pulled by a SHA-512 digest", "image-spec, \"Registered algorithms\"", false, checkSHA512},
	}
}

// checkImage pushes an image by digest and reads it back.
func checkImage(f format, refused outcomeFunc) func(context.Context, *run) outcome {
	return func(ctx context.Context, r *run) outcome {
		if err := r.pushBlobs(ctx, f, "amd64"); err != nil {
			return broken(err)
		}
		return r.roundTrip(ctx, r.content.image(f, "amd64"), refused)
	}
}

func checkArtifact(ctx context.Context, r *run) outcome {
	if err := r.putSharedBlob(ctx, r.content.empty()); err != nil {
		return broken(err)
	}
	return r.roundTrip(ctx, r.content.artifact("artifact", nil), skipped)
}

func checkBytes(ctx context.Context, r *run) outcome {
	if err := r.pushBlobs(ctx, formatOCI, "amd64"); err != nil {
		return broken(err)
	}
	return r.roundTrip(ctx, r.content.oddImage(), failed)
}

// checkSHA512 pushes an image again, by another digest.
func checkSHA512(ctx context.Context, r *run) outcome {
	if _, err := r.pushImage(ctx, formatOCI, "amd64"); err != nil {
		return broken(err)
	}
	image := r.content.image(formatOCI, "amd64")
	return r.roundTripAt(ctx, image.sha512().String(), image, skipped)
}

// outcomeFunc makes an outcome: failed if a refusal is an error of the registry, skipped
// if it is allowed.
type outcomeFunc func(format string, args ...any) outcome

// roundTrip puts a manifest by its digest and requests it again: the bytes and the
// media type must be the same.
func (r *run) roundTrip(ctx context.Context, o object, refused outcomeFunc) outcome {
	return r.roundTripAt(ctx, o.digest().String(), o, refused)
}

// roundTripAt is roundTrip under a tag or another digest.
func (r *run) roundTripAt(ctx context.Context, name string, o object, refused outcomeFunc) outcome {
	if out, ok := r.store(ctx, name, o, refused); !ok {
		return out
	}
	if out := r.pull(ctx, name, o); out.status != StatusPass {
		return out
	}
	return passed("pushed and pulled unchanged")
}

// pull requests a manifest that was stored and compares it.
func (r *run) pull(ctx context.Context, name string, o object) outcome {
	got, err := decided(r.getManifest(ctx, http.MethodGet, name, o.mediaType))
	switch {
	case err != nil:
		return broken(err)
	case got.status != http.StatusOK:
		return failed("it was stored, and the response to GET is %s", statusText(got.status))
	}
	if problem := difference(got, o); problem != "" {
		return failed("%s", problem)
	}
	return passed("pulled unchanged")
}

// store puts a manifest. ok is false if it was not stored; then the outcome says why.
func (r *run) store(ctx context.Context, name string, o object, refused outcomeFunc) (out outcome, ok bool) {
	put, err := decided(r.putManifest(ctx, r.repository, name, o))
	switch {
	case err != nil:
		return broken(err), false
	case put.isRefusal():
		return refused("the response to PUT is %s", statusText(put.status)).with("put", statusText(put.status)), false
	case put.status != http.StatusCreated:
		return failed("the response to PUT is %s, not 201", statusText(put.status)).with("put", statusText(put.status)), false
	}
	return outcome{}, true
}

// difference says how a response differs from a manifest that was pushed, "" if it
// does not.
func difference(got response, o object) string {
	switch {
	case !bytes.Equal(got.body, o.raw):
		return "GET returns other bytes than those that were pushed"
	case mediaType(got) != o.mediaType:
		return "GET returns the media type " + quoted(mediaType(got)) + ", not " + quoted(o.mediaType)
	}
	return ""
}

// unmet is the outcome of a check whose precondition failed. If the registry refused
// something that it need not support, nor does it have to support what is checked.
func unmet(err error) outcome {
	var refused *refusedError
	if errors.As(err, &refused) && refused.response.isRefusal() {
		return skipped("%s", err)
	}
	return broken(err)
}

// putSharedBlob uploads a blob that others may use in the same repository: if it is
// there already, it is not noted for the cleanup.
func (r *run) putSharedBlob(ctx context.Context, o object) error {
	if slices.Contains(r.sharedBlobs, o.digest()) {
		return nil
	}
	head, err := r.do(ctx, request{method: http.MethodHead, url: path(r.repository, "blobs", o.digest().String())})
	if err != nil {
		return err
	}
	if head.status != http.StatusOK {
		if err := r.putBlob(ctx, r.repository, o); err != nil {
			return err
		}
	}
	r.sharedBlobs = append(r.sharedBlobs, o.digest())
	return nil
}
