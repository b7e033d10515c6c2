package probe

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/opencontainers/go-digest"
)

// upload is an upload session.
type upload struct {
	repository string
	at         *url.URL
	// minChunk is the minimum size of a chunk in bytes that the registry requires, 0 if
	// it requires none.
	minChunk int
	// opened is the response that opened the session.
	opened response
}

// startUpload opens an upload session. The error is a responseError, one of
// location, or that of the network.
func (r *run) startUpload(ctx context.Context, repository string) (upload, error) {
	resp, err := r.do(ctx, request{method: http.MethodPost, url: path(repository, "blobs", "uploads/")})
	switch {
	case err != nil:
		return upload{}, fmt.Errorf("opening an upload: %w", err)
	case resp.status != http.StatusAccepted:
		return upload{}, &responseError{"opening an upload: the response to POST", resp}
	}
	u := upload{repository: repository, minChunk: minChunk(resp), opened: resp}
	u.at, err = resp.location()
	return u, err
}

// minChunk is the value of OCI-Chunk-Min-Length, 0 without it.
func minChunk(r response) int {
	n, err := strconv.Atoi(r.header.Get("OCI-Chunk-Min-Length"))
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// request sends a request to an upload session.
func (u upload) request(ctx context.Context, r *run, q request) (response, error) {
	if q.url == "" {
		q.url = u.at.String()
	}
	q.repository = u.repository
	return r.do(ctx, q)
}

// patch sends a chunk that begins at offset, and follows the session to the Location
// of the response.
func (u *upload) patch(ctx context.Context, r *run, offset int, chunk []byte) (response, error) {
	resp, err := u.request(ctx, r, request{method: http.MethodPatch, body: chunk, header: map[string]string{
		"Content-Type": "application/octet-stream", "Content-Range": fmt.Sprintf("%d-%d", offset, offset+len(chunk)-1),
	}})
	if to, locationErr := resp.location(); err == nil && locationErr == nil {
		u.at = to
	}
	return resp, err
}

// finish closes a session with the last bytes of a blob, and notes the blob for the
// cleanup.
func (u upload) finish(ctx context.Context, r *run, d digest.Digest, body []byte) (response, error) {
	resp, err := u.request(ctx, r, request{
		method: http.MethodPut, url: withDigest(u.at, d.String()), body: body,
		header: map[string]string{"Content-Type": "application/octet-stream"},
	})
	r.written.note(resp, err, blobItem(u.repository, d))
	return resp, err
}

// cancel closes a session that is not needed any more. Its response does not matter
// (distribution-spec, "Cancel a blob upload").
func (u upload) cancel(ctx context.Context, r *run) {
	if u.isOn(r.host) {
		_, _ = u.request(ctx, r, request{method: http.MethodDelete})
	}
}

// isOn reports whether the address of a session is clearly an upload of a registry:
// only there a DELETE is sent.
func (u upload) isOn(host string) bool {
	return strings.EqualFold(u.at.Host, host) && strings.Contains(u.at.Path, "/blobs/uploads/")
}

// cancelOf cancels the session that a response opened, if it did.
func (r *run) cancelOf(ctx context.Context, repository string, resp response) {
	if at, err := resp.location(); err == nil {
		upload{repository: repository, at: at}.cancel(ctx, r)
	}
}
