package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	ggcr "github.com/google/go-containerregistry/pkg/v1/remote/transport"

	"manifest-tool/internal/reference"
	"manifest-tool/internal/store/transport"
)

// upload is an upload session of a registry.
type upload struct {
	at *url.URL
	// chunk is the minimum size of a chunk in bytes that the registry requires, 0
	// if it does not require chunks.
	chunk int64
}

// send uploads a blob in a session: in one PUT, or in chunks if the registry
// requires them or rejects the PUT as too large. If the registry lost the session,
// or bytes were damaged on the way, the upload is repeated once.
func (r *registry) send(ctx context.Context, to reference.Ref, s upload, b blobCopy, body *prefetch) error {
	err := r.sendOnce(ctx, to, &s, b, body)
	if err == nil {
		return nil
	}
	r.cancelUpload(ctx, to, s)
	if ctx.Err() != nil || !isRetryableUpload(err) {
		return err
	}
	again, _, postErr := r.startUpload(ctx, to, nil)
	if postErr != nil {
		return errors.Join(err, postErr)
	}
	if status(err) == http.StatusRequestEntityTooLarge {
		again.chunk = max(again.chunk, defaultChunk)
	}
	fresh := &prefetch{cancel: func() {}, open: func() (io.ReadCloser, error) { return b.open(ctx) }}
	if err := r.sendOnce(ctx, to, &again, b, fresh); err != nil {
		r.cancelUpload(ctx, to, again)
		return err
	}
	return nil
}

// sendOnce updates the URL of the session in s.
func (r *registry) sendOnce(ctx context.Context, to reference.Ref, s *upload, b blobCopy, body *prefetch) error {
	if s.chunk > 0 {
		return r.uploadChunked(ctx, to, s, b)
	}
	return r.uploadMonolithic(ctx, to, *s, b, body)
}

// isRetryableUpload reports whether an upload may succeed in a new session.
func isRetryableUpload(err error) bool {
	switch status(err) {
	case http.StatusRequestEntityTooLarge, http.StatusRequestedRangeNotSatisfiable:
		return true
	case http.StatusNotFound:
		return isSessionRequest(err)
	}
	return hasCode(err, ggcr.DigestInvalidErrorCode) || hasCode(err, ggcr.BlobUploadUnknownErrorCode)
}

// isSessionRequest reports whether an error is the response to a request that sends
// bytes: a 404 then means that the session is lost, with or without an error code.
func isSessionRequest(err error) bool {
	var answer *ggcr.Error
	return errors.As(err, &answer) && answer.Request != nil &&
		(answer.Request.Method == http.MethodPut || answer.Request.Method == http.MethodPatch)
}

// abandonLimit is how long closing a session may take.
const abandonLimit = 2 * time.Second

// cancelUpload closes a session that will not be used, so that the registry can
// delete its data; a failure is ignored. It sends a DELETE only to a URL that is
// clearly an upload of this registry. distribution 2.8 rejects every request to a
// session that received part of a body, including GET, since the state in its URL
// is then not that of its data.
func (r *registry) cancelUpload(ctx context.Context, to reference.Ref, s upload) {
	if s.at.Host != to.Repository.RegistryStr() || !strings.Contains(s.at.Path, "/blobs/uploads/") {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), abandonLimit)
	defer cancel()
	req, err := s.request(ctx, to, http.MethodDelete, "")
	if err != nil {
		return
	}
	_, _ = r.do(req)
}

// uploadMonolithic is one PUT. The source is opened again if the request has to be
// repeated.
func (r *registry) uploadMonolithic(ctx context.Context, to reference.Ref, s upload, b blobCopy, body *prefetch) error {
	req, err := s.request(ctx, to, http.MethodPut, b.desc.Digest.String())
	if err != nil {
		return err
	}
	if b.desc.Size > 0 { // net/http takes length 0 with a body for an unknown length
		req.ContentLength = b.desc.Size
		req.GetBody = func() (io.ReadCloser, error) { return b.open(transport.With(ctx, transport.Nested)) }
		if req.Body, err = body.reader(); err != nil {
			return err
		}
	}
	return r.closeUpload(ctx, to, b, req)
}

// closeUpload closes a session. Only 201 means that the blob was stored
// (distribution-spec, "Pushing blobs"); after any other response, such as that of a
// login page, a HEAD checks that the registry has it.
func (r *registry) closeUpload(ctx context.Context, to reference.Ref, b blobCopy, req *http.Request) error {
	resp, err := r.do(req, http.StatusCreated, http.StatusOK, http.StatusNoContent)
	if err != nil || resp.StatusCode == http.StatusCreated {
		return err
	}
	if _, err := r.blobSize(ctx, blobName{to, b.desc.Digest}); err != nil {
		return fmt.Errorf("the response to the upload was %s, and then: %w", resp.Status, err)
	}
	return nil
}

// request returns a request to a session; one with a digest closes it. A session on
// another host gets no credentials, even if that host is a registry of this run.
func (s upload) request(ctx context.Context, to reference.Ref, method, digest string) (*http.Request, error) {
	at := *s.at
	if digest != "" {
		query := at.Query()
		query.Set("digest", digest)
		at.RawQuery = query.Encode()
	}
	if at.Host != to.Repository.RegistryStr() {
		ctx = transport.With(ctx, transport.Anonymous, transport.Referrer(to.Repository.RegistryStr()))
	} else {
		ctx = transport.With(ctx, transport.InRepository(to.Repository.RepositoryStr()))
	}
	req, err := http.NewRequestWithContext(ctx, method, at.String(), nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/octet-stream")
	return req, nil
}

// location returns the URL at which an upload continues. It may be relative (RFC
// 9110, section 10.2.2), and must not leave https. It may contain secrets, so
// errors contain only its host.
func location(resp *http.Response) (*url.URL, error) {
	u, err := resp.Location()
	switch {
	case errors.Is(err, http.ErrNoLocation):
		return nil, fmt.Errorf("the registry opened an upload without a Location: %w", err)
	case err != nil, u.Host == "", u.User != nil:
		return nil, errors.New("the registry opened an upload at a Location that is not a URL")
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, fmt.Errorf("refusing to upload to %s://%s: it is neither http nor https", u.Scheme, u.Host)
	case u.Scheme != "https" && resp.Request.URL.Scheme == "https":
		return nil, &transport.DowngradeError{Registry: resp.Request.URL.Host, Address: u.Scheme + "://" + u.Host, Upload: true}
	}
	return u, nil
}
