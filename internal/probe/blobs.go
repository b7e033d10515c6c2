package probe

import (
	"bytes"
	"context"
	"net/http"
	"strconv"
)

// blobChecks are about uploading and reading blobs.
func blobChecks() []check {
	const (
		pulling  = "distribution-spec, \"Pulling blobs\""
		exists   = "distribution-spec, \"Checking if content exists in the registry\""
		twoSteps = "distribution-spec, \"POST then PUT\""
	)
	return []check{
		{"blob-two-step", SectionBlobs, "a blob can be uploaded with POST and PUT", twoSteps, true, checkTwoStep},
		{"blob-read-back", SectionBlobs, "a blob can be read at once after it was pushed", "distribution-spec, \"Pushing blobs\"", false, checkBlobReadBack},
		{"blob-created", SectionBlobs, "the response to an upload is 201 with a Location", twoSteps, false, checkCreated},
		{"blob-get", SectionBlobs, "GET returns a blob unchanged", pulling, true, checkBlobGet},
		{"blob-head", SectionBlobs, "HEAD returns the size of a blob", exists, false, checkBlobHead},
		{"blob-missing", SectionBlobs, "a blob that does not exist is 404", exists, true, checkBlobMissing},
		{"blob-range", SectionBlobs, "a part of a blob can be read", "distribution-spec, \"Resumable Pull\"", false, checkBlobRange},
		{"blob-wrong-digest", SectionBlobs, "a blob with another digest than its bytes is refused", "distribution-spec, \"Pushing blobs\"", false, checkWrongBlobDigest},
		{"blob-single-post", SectionBlobs, "a blob can be uploaded with one POST", "distribution-spec, \"Single POST\"", false, checkSinglePost},
	}
}

// basicBlob is the blob that checks of reading use.
func (r *run) basicBlob(ctx context.Context) (object, error) {
	blob := r.content.blob("two-step")
	return blob, r.putBlob(ctx, r.repository, blob)
}

func checkTwoStep(ctx context.Context, r *run) outcome {
	if _, err := r.basicBlob(ctx); err != nil {
		return outcomeOf(err)
	}
	return passed("uploaded with POST and PUT")
}

// checkCreated looks at the response to the upload of the basic blob. A push also takes
// another status of success, and then checks that the blob exists.
func checkCreated(ctx context.Context, r *run) outcome {
	if _, err := r.basicBlob(ctx); err != nil {
		return broken(err)
	}
	if len(r.exchanges) == 0 {
		r.exchanges = append(r.exchanges, r.finished.exchange)
	}
	switch got := r.finished.response; {
	case got.status != http.StatusCreated:
		return failed("the response to PUT is %s", statusText(got.status))
	case got.header.Get("Location") == "":
		return failed("the response to PUT has no Location")
	}
	return passed("the response is 201 with a Location")
}

// blobRequest requests a blob of the repository.
func (r *run) blobRequest(ctx context.Context, method string, o object, header map[string]string) (response, error) {
	return r.do(ctx, request{method: method, url: path(r.repository, "blobs", o.digest().String()), header: header})
}

func checkBlobGet(ctx context.Context, r *run) outcome {
	blob, err := r.basicBlob(ctx)
	if err != nil {
		return broken(err)
	}
	got, err := r.blobRequest(ctx, http.MethodGet, blob, nil)
	switch {
	case err != nil:
		return broken(err)
	case got.status != http.StatusOK:
		return unexpected("the response to GET"+redirection(got), got)
	case !bytes.Equal(got.body, blob.raw):
		return failed("GET returns other bytes than those that were uploaded")
	}
	out := passed("returned unchanged%s", redirection(got))
	if len(got.redirects) > 0 {
		out = out.with("blob-redirect", got.url.Host)
	}
	return out
}

// redirection returns where a response came from if it was redirected.
func redirection(r response) string {
	if len(r.redirects) == 0 {
		return ""
	}
	return " after a redirect to " + r.url.Host
}

// checkBlobHead requests the size of a blob. Storage that a registry redirects to may
// refuse HEAD, since the address was signed for GET.
func checkBlobHead(ctx context.Context, r *run) outcome {
	blob, err := r.basicBlob(ctx)
	if err != nil {
		return broken(err)
	}
	got, err := r.blobRequest(ctx, http.MethodHead, blob, nil)
	length := got.header.Get("Content-Length")
	switch {
	case err != nil:
		return broken(err)
	case got.status != http.StatusOK && len(got.redirects) > 0:
		return failed("the response to HEAD is %s%s: the address was probably signed for GET", statusText(got.status), redirection(got)).with("blob-head", "refused")
	case got.status != http.StatusOK:
		return unexpected("the response to HEAD", got).with("blob-head", "refused")
	case length == "":
		return skipped("HEAD returns no Content-Length%s", redirection(got)).with("blob-head", "no length")
	case length != strconv.Itoa(len(blob.raw)):
		return failed("HEAD returns the length %s%s, not %d", length, redirection(got), len(blob.raw)).with("blob-head", "wrong length")
	}
	return passed("HEAD returns the size%s", redirection(got)).with("blob-head", "yes")
}

func checkBlobMissing(ctx context.Context, r *run) outcome {
	got, err := r.blobRequest(ctx, http.MethodHead, r.content.blob("missing"), nil)
	switch {
	case err != nil:
		return broken(err)
	case got.status != http.StatusNotFound:
		return unexpected("the response to HEAD for a blob that does not exist", got)
	}
	return passed("the response is 404")
}

func checkBlobRange(ctx context.Context, r *run) outcome {
	const from, to = 3, 9
	blob, err := r.basicBlob(ctx)
	if err != nil {
		return broken(err)
	}
	got, err := r.blobRequest(ctx, http.MethodGet, blob, map[string]string{"Range": "bytes=3-9"})
	switch {
	case err != nil:
		return broken(err)
	case got.status == http.StatusOK && bytes.Equal(got.body, blob.raw):
		return skipped("Range is ignored: all bytes are returned").with("blob-range", "no")
	case got.status != http.StatusPartialContent:
		return unexpected("the response to a GET with Range", got)
	case !bytes.Equal(got.body, blob.raw[from:to+1]):
		return failed("GET with Range returns other bytes than the requested ones")
	}
	return passed("GET with Range returns the requested bytes").with("blob-range", "yes")
}

// checkWrongBlobDigest uploads bytes with the digest of other bytes.
func checkWrongBlobDigest(ctx context.Context, r *run) outcome {
	u, err := r.startUpload(ctx, r.repository)
	if err != nil {
		return broken(err)
	}
	got, err := u.finish(ctx, r, r.content.blob("claimed").digest(), r.content.blob("sent").raw)
	switch {
	case err != nil:
		return broken(err)
	case got.isSuccess():
		return failed("bytes were stored under the digest of other bytes: the response to PUT is %s", statusText(got.status))
	case !got.isRefusal():
		return unexpected("the response to a PUT with a wrong digest", got)
	}
	return passed("refused with %s", statusText(got.status))
}

// checkSinglePost uploads a blob with its POST. A registry that does not support that
// opens a session as for any other POST.
func checkSinglePost(ctx context.Context, r *run) outcome {
	blob := r.content.blob("single-post")
	got, err := r.do(ctx, request{
		method: http.MethodPost, url: path(r.repository, "blobs", "uploads/?digest="+blob.digest().String()),
		header: map[string]string{"Content-Type": blob.mediaType}, body: blob.raw,
	})
	if got.status != http.StatusAccepted {
		r.written.note(got, err, blobItem(r.repository, blob.digest()))
	}
	switch {
	case err != nil:
		return broken(err)
	case got.status == http.StatusAccepted:
		r.cancelOf(ctx, r.repository, got)
		return skipped("not supported: the response to POST is 202 and opens an upload").with("single-post", "no")
	case got.isRefusal():
		return skipped("not supported: the response to POST is %s, where the specification recommends 202", statusText(got.status)).with("single-post", "no")
	case got.status != http.StatusCreated:
		return unexpected("the response to a POST with the bytes of a blob", got)
	}
	return r.confirmBlob(ctx, r.repository, blob, "uploaded with one POST").with("single-post", "yes")
}

// confirmBlob checks that a blob exists that the registry reported as created. Whether
// HEAD works at all is the subject of blob-head.
func (r *run) confirmBlob(ctx context.Context, repository string, o object, detail string) outcome {
	got, err := r.do(ctx, request{method: http.MethodHead, url: path(repository, "blobs", o.digest().String())})
	switch {
	case err != nil:
		return broken(err)
	case got.status == http.StatusNotFound && len(got.redirects) == 0:
		return unexpected("the registry answered 201, and the response to HEAD", got)
	}
	return passed("%s", detail)
}
