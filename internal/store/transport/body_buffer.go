package transport

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"path"

	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/opencontainers/go-digest"
)

// responseBuffer reads small responses (manifests, lists and tokens) to their end
// before it returns them, so that a connection that breaks within one is an error
// of the request, which can be repeated. It compares the digest in a registry's
// header with the bytes: of a tag the bytes count, with a warning.
type responseBuffer struct {
	next http.RoundTripper
	// onMismatch is called for a tag whose header differs; its error ends the
	// request.
	onMismatch func(error) error
}

func (w *responseBuffer) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := w.next.RoundTrip(req)
	small := isManifest(req) || isList(req) || callOf(req.Context()).token
	if c := callOf(req.Context()); err != nil || c.asSent && !c.token {
		return resp, err
	}
	if isGzip(resp) {
		switch {
		case resp.StatusCode >= http.StatusBadRequest && req.Method != http.MethodHead:
			undoErrorGzip(resp)
		case req.Method == http.MethodHead && isManifest(req):
			withoutLength(resp)
		}
	}
	if !small || req.Method != http.MethodGet || resp.StatusCode != http.StatusOK {
		return resp, nil
	}
	raw, err := readBody(req, resp)
	if err == nil {
		err = w.checkDigestHeader(req, resp, raw)
	}
	if err != nil {
		return nil, fmt.Errorf("reading the response of %s: %w", req.URL.Host, err)
	}
	resp.Body = io.NopCloser(bytes.NewReader(raw))
	return resp, nil
}

// readBody reads a response as a whole and undoes its Content-Encoding.
func readBody(req *http.Request, resp *http.Response) ([]byte, error) {
	raw, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if err == nil && resp.ContentLength >= 0 && int64(len(raw)) != resp.ContentLength {
		err = io.ErrUnexpectedEOF
	}
	if err != nil || !isGzip(resp) {
		return raw, err
	}
	if raw, err = undoGzip(raw, limitOf(req)); err == nil {
		resp.Header.Del("Content-Encoding")
		resp.Header.Del("Content-Length")
		resp.ContentLength = int64(len(raw))
	}
	return raw, err
}

// checkDigestHeader compares the header of a manifest with its bytes. For a request
// by digest, a header that repeats that digest with other bytes is an error.
func (w *responseBuffer) checkDigestHeader(req *http.Request, resp *http.Response, raw []byte) error {
	claim, err := digest.Parse(resp.Header.Get("Docker-Content-Digest"))
	if err != nil || !isManifest(req) || isSchema1(resp, raw) || claim.Algorithm().FromBytes(raw) == claim {
		return nil
	}
	differs := &DigestHeaderError{Host: req.URL.Host, Path: req.URL.Path, Claimed: claim, Got: claim.Algorithm().FromBytes(raw)}
	switch requested, observe := requestedDigest(req), callOf(req.Context()).onDigestMismatch; {
	case requested == claim:
		return differs
	case requested != "": // store compares the bytes with it
		return nil
	case observe != nil:
		observe(differs)
		return nil
	}
	return w.onMismatch(differs)
}

// requestedDigest is the digest in the path of a request for a manifest, "" if it
// names a tag.
func requestedDigest(req *http.Request) digest.Digest {
	d, err := digest.Parse(path.Base(firstRequest(req).URL.Path))
	if err != nil {
		return ""
	}
	return d
}

// isSchema1 reports whether a response is a Docker manifest of schema 1. The digest
// of a signed one is that of its bytes without the signatures; store rejects both
// kinds.
func isSchema1(resp *http.Response, raw []byte) bool {
	kind := types.MediaType(resp.Header.Get("Content-Type"))
	return (kind == types.DockerManifestSchema1 || kind == types.DockerManifestSchema1Signed) && bytes.Contains(raw, []byte(`"fsLayers"`))
}

// DigestHeaderError reports that the Docker-Content-Digest header of a manifest is
// not the digest of its bytes.
type DigestHeaderError struct {
	Host, Path   string
	Claimed, Got digest.Digest
}

func (e *DigestHeaderError) Error() string {
	return fmt.Sprintf("%s reports that %s has the digest %s, but its bytes have %s", e.Host, e.Path, e.Claimed, e.Got)
}

// WarnOrFail returns a doubt about a response as an error if Options.Strict is set;
// otherwise it warns of it and returns nil.
func (t *Transport) WarnOrFail(doubt error) error { return t.opts.warnOrFail(doubt) }

// warnOrFail turns a doubt into a warning or, if Options.Strict is set, an error.
func (o Options) warnOrFail(doubt error) error {
	if o.Strict {
		return doubt
	}
	if o.Warn != nil {
		o.Warn(doubt.Error())
	}
	return nil
}
