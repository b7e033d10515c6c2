package probe

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
)

// maxChunk is the largest minimum size of a chunk that the checks use, in bytes.
const maxChunk = 8 << 20

// sessionChecks are about upload sessions and their addresses.
func sessionChecks() []check {
	const chunks = "distribution-spec, \"Pushing a blob in chunks\""
	return []check{
		{"blob-chunked", SectionBlobs, "a blob can be uploaded in chunks", chunks, false, checkChunked},
		{"blob-chunk-order", SectionBlobs, "a chunk out of order is refused with 416", chunks, false, checkChunkOrder},
		{"blob-location", SectionBlobs, "the address of an upload can be reached", "distribution-spec, \"POST then PUT\"", true, checkLocation},
		{"blob-upload-status", SectionBlobs, "GET returns the state of an upload", chunks, false, checkUploadStatus},
		{"blob-upload-cancel", SectionBlobs, "an upload can be cancelled", "distribution-spec, \"Cancel a blob upload\"", false, checkCancel},
	}
}

// checkChunked uploads two chunks with PATCH and closes the session without a body.
func checkChunked(ctx context.Context, r *run) outcome {
	u, err := r.startUpload(ctx, r.repository)
	if err != nil {
		return broken(err)
	}
	blob := r.content.chunked(u.minChunk)
	size := max(u.minChunk, len(blob.raw)/2)
	if size > maxChunk {
		u.cancel(ctx, r)
		return skipped("not tested: the registry requires chunks of %d bytes", u.minChunk).with("min-chunk", strconv.Itoa(u.minChunk))
	}
	for offset := 0; offset < len(blob.raw); offset += size {
		end := min(offset+size, len(blob.raw))
		if wrong, ok := checkChunk(ctx, r, &u, offset, blob.raw[offset:end]); !ok {
			return wrong
		}
	}
	got, err := u.finish(ctx, r, blob.digest(), nil)
	switch {
	case err != nil:
		return broken(err)
	case !got.isSuccess():
		return unexpected("the response to the PUT after two chunks", got)
	}
	return passed("uploaded in two chunks").with("min-chunk", strconv.Itoa(u.minChunk))
}

// chunked returns a blob of more than one chunk.
func (c content) chunked(minChunk int) object {
	blob := c.blob("chunked")
	if minChunk <= maxChunk {
		blob.raw = append(bytes.Repeat([]byte{' '}, minChunk), blob.raw...)
	}
	return blob
}

// checkChunk sends one chunk; ok is false if the outcome of the check is known.
func checkChunk(ctx context.Context, r *run, u *upload, offset int, chunk []byte) (wrong outcome, ok bool) {
	got, err := u.patch(ctx, r, offset, chunk)
	expected := "0-" + strconv.Itoa(offset+len(chunk)-1)
	switch {
	case err != nil:
		return broken(err), false
	case got.status != http.StatusAccepted:
		return unexpected("the response to PATCH", got), false
	case got.header.Get("Location") == "":
		return failed("the response to PATCH has no Location"), false
	case uploadRange(got) != expected:
		return failed("after the bytes %s, the response to PATCH has the Range %q", expected, got.header.Get("Range")), false
	}
	return outcome{}, true
}

// uploadRange returns the Range of a response of an upload. An earlier text of the
// specification has the unit "bytes=".
func uploadRange(r response) string { return strings.TrimPrefix(r.header.Get("Range"), "bytes=") }

// checkChunkOrder sends a chunk that begins after the first byte.
func checkChunkOrder(ctx context.Context, r *run) outcome {
	u, err := r.startUpload(ctx, r.repository)
	if err != nil {
		return broken(err)
	}
	chunk := r.content.blob("chunk-order").raw
	got, err := u.patch(ctx, r, max(u.minChunk, len(chunk)), chunk)
	if err != nil {
		return broken(err)
	}
	u.cancel(ctx, r)
	switch {
	case got.isSuccess():
		return failed("a chunk out of order is accepted with %s", statusText(got.status))
	case got.status != http.StatusRequestedRangeNotSatisfiable:
		return unexpected("the response to a chunk out of order", got)
	}
	return passed("refused with 416")
}

// openUpload returns the session that the checks of addresses share.
func (r *run) openUpload(ctx context.Context) (upload, error) {
	if r.session != nil {
		return *r.session, nil
	}
	u, err := r.startUpload(ctx, r.repository)
	if err == nil {
		r.session = &u
	}
	return u, err
}

// checkLocation describes the address of an upload. Any host is allowed; https must
// not become http.
func checkLocation(ctx context.Context, r *run) outcome {
	u, err := r.openUpload(ctx)
	switch {
	case errors.Is(err, errLocation):
		return failed("%s", err)
	case err != nil:
		return broken(err)
	}
	shape := addressShape(u.opened.header.Get("Location"))
	out := passed("the address in Location is %s", shape)
	if !strings.EqualFold(u.at.Host, r.host) {
		out = passed("the Location of an upload is at another host, %s", u.at.Host).with("upload-host", u.at.Host)
	}
	uuid := "no"
	if u.opened.header.Get("Docker-Upload-Uuid") != "" {
		uuid = "yes"
	}
	return out.with("location", shape).with("upload-uuid", uuid)
}

// addressShape returns how an address in a header is written.
func addressShape(text string) string {
	switch {
	case strings.Contains(text, "://"):
		return "absolute"
	case strings.HasPrefix(text, "//"):
		return "a host without scheme"
	case strings.HasPrefix(text, "/"):
		return "a path"
	}
	return "relative"
}

func checkUploadStatus(ctx context.Context, r *run) outcome {
	u, err := r.openUpload(ctx)
	if err != nil {
		return broken(err)
	}
	got, err := u.request(ctx, r, request{method: http.MethodGet})
	switch {
	case err != nil:
		return broken(err)
	case got.status != http.StatusNoContent:
		return unexpected("the response to a GET of an upload", got).with("upload-status", "no")
	case got.header.Get("Location") == "" || got.header.Get("Range") == "":
		return failed("the response to a GET of an upload has no Location or no Range").with("upload-status", "no")
	}
	return passed("the response has Location and Range").with("upload-status", "yes")
}

// checkCancel closes a session and requests it again.
func checkCancel(ctx context.Context, r *run) outcome {
	const fact = "upload-cancel"
	u, err := r.openUpload(ctx)
	switch {
	case err != nil:
		return broken(err)
	case !u.isOn(r.host):
		return skipped("not tested: the upload is at another address, %s", u.at.Host)
	}
	r.session = nil
	got, err := decided(u.request(ctx, r, request{method: http.MethodDelete}))
	switch {
	case err != nil:
		return broken(err)
	case !got.isSuccess():
		return skipped("not supported: the response to DELETE is %s", statusText(got.status)).with(fact, "no")
	}
	got, err = u.request(ctx, r, request{method: http.MethodGet})
	switch {
	case err != nil:
		return broken(err)
	case got.isSuccess():
		return failed("after a DELETE, the upload still exists: the response to GET is %s", statusText(got.status))
	}
	return passed("after a DELETE, the upload does not exist").with(fact, "yes")
}
