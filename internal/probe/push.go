package probe

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/store/transport"
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

// firstPause is the pause after the first request that did not return what was
// stored; each one after it is twice as long.
const firstPause = 50 * time.Millisecond

// checkBlobReadBack requests a blob that was just stored. Whether HEAD works at all is
// the subject of blob-head.
func checkBlobReadBack(ctx context.Context, r *run) outcome {
	o, err := r.basicBlob(ctx)
	if err != nil {
		return broken(err)
	}
	var last response
	q := request{method: http.MethodHead, url: path(r.repository, "blobs", o.digest().String())}
	out := r.readBack(ctx, q, "blob-delay-ms", func(got response) string {
		if last = got; got.status == http.StatusNotFound {
			return "HEAD: " + statusText(got.status)
		}
		return ""
	})
	if out.status == StatusPass && last.status != http.StatusOK {
		return broken(&responseError{"the response to HEAD", last})
	}
	return out
}

// readBack repeats a request until problem returns "" for its response, or what the
// last response lacks when the time limit is over. fact is the name of the delay.
func (r *run) readBack(ctx context.Context, q request, fact string, problem func(response) string) outcome {
	var waited time.Duration
	stored := r.now()
	for wait := firstPause; ; wait *= 2 {
		got, err := decided(r.do(ctx, q))
		if err != nil {
			return broken(err)
		}
		lacks := problem(got)
		switch {
		case lacks == "" && waited == 0:
			return passed("readable at once").with(fact, "0")
		case lacks == "":
			took := r.now().Sub(stored).Milliseconds()
			return passed("readable %d ms after it was stored", took).with(fact, strconv.FormatInt(took, 10))
		case waited >= r.readBackLimit:
			return failed("%s, %s after it was stored", lacks, waited)
		}
		wait = min(wait, r.readBackLimit-waited)
		if err := transport.Sleep(ctx, wait); err != nil {
			return broken(fmt.Errorf("waiting for what was stored: %w", err))
		}
		waited += wait
	}
}
