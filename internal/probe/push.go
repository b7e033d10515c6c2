package probe

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// path returns a path of the API of a repository.
func path(repository, kind, name string) string { return "/v2/" + repository + "/" + kind + "/" + name }

// putManifest puts a manifest under a tag or its digest, and notes it for the
// cleanup.
func (r *run) putManifest(ctx context.Context, repository, name string, o object) (response, error) {
	return r.putManifestAt(ctx, repository, name, path(repository, "manifests", name), o)
}

// putManifestAt is putManifest with an address that may have a query.
func (r *run) putManifestAt(ctx context.Context, repository, name, at string, o object) (response, error) {
	resp, err := r.doAndRemember(ctx, putRequest(at, o))
	r.written.note(resp, err, manifestItems(repository, name, o.digest())...)
	return resp, err
}

func putRequest(at string, o object) request {
	return request{method: http.MethodPut, url: at, header: map[string]string{"Content-Type": o.mediaType}, body: o.raw}
}

// getManifest requests a manifest with these media types as Accept, none if there
// are none.
func (r *run) getManifest(ctx context.Context, method, name string, accept ...string) (response, error) {
	return r.do(ctx, r.manifestRequest(method, name, accept...))
}

func (r *run) manifestRequest(method, name string, accept ...string) request {
	q := request{method: method, url: path(r.repository, "manifests", name), header: map[string]string{}}
	if len(accept) > 0 {
		q.header["Accept"] = joined(accept)
	}
	return q
}

// putBlob uploads a blob in two requests (distribution-spec, "POST then PUT"), once
// in a run. The error is a responseError, one of location, or that of the network.
func (r *run) putBlob(ctx context.Context, repository string, o object) error {
	if r.written.hasBlob(repository, o.digest()) {
		return nil
	}
	u, err := r.startUpload(ctx, repository)
	if err != nil {
		return err
	}
	resp, err := u.finish(ctx, r, o.digest(), o.raw)
	switch {
	case err != nil:
		return fmt.Errorf("uploading a blob: %w", err)
	case !resp.isSuccess():
		return &responseError{"uploading a blob: the response to PUT", resp}
	}
	r.finished = remembered{resp, r.exchanges[len(r.exchanges)-1]}
	return nil
}

// withDigest returns an address with a digest in its query.
func withDigest(at *url.URL, digest string) string {
	to := *at
	query := to.Query()
	query.Set("digest", digest)
	to.RawQuery = query.Encode()
	return to.String()
}

// pushImage pushes an image by its digest, once in a run, and returns it as an entry.
func (r *run) pushImage(ctx context.Context, f format, architecture string) (ocispec.Descriptor, error) {
	image := r.content.image(f, architecture)
	d := platformed(image.descriptor(), architecture)
	if err := r.pushBlobs(ctx, f, architecture); err != nil {
		return d, err
	}
	return d, r.pushOnce(ctx, image.digest().String(), image, "pushing the image of an entry")
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

// pushOnce puts a manifest under a name, unless the run did that already. If the
// registry refuses it, the error is a refusedError; what says what was done.
func (r *run) pushOnce(ctx context.Context, name string, o object, what string) error {
	if r.written.has(item{r.repository, kindManifests, name}) {
		return nil
	}
	resp, err := r.putManifest(ctx, r.repository, name, o)
	switch {
	case err != nil:
		return fmt.Errorf("%s: %w", what, err)
	case resp.status != http.StatusCreated:
		return &refusedError{&responseError{what + ": the response to PUT", resp}}
	}
	return nil
}

// refusedError is a response that refuses a manifest which a check needs.
type refusedError struct{ *responseError }
