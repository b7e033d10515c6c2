package transport

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"

	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/opencontainers/go-digest"
)

// responseBuffer reads small answers (manifests, lists and tokens) to their end before
// it hands them out, so that a connection that breaks in the middle of one is an
// error of the request, which can be repeated. It compares the digest a registry
// claims for a tag with the bytes it sent: the bytes are what counts, but a
// claim that differs deserves a word.
type responseBuffer struct {
	next http.RoundTripper
	// onMismatch is told of claims that differ, where nobody notes them; its error
	// ends the request.
	onMismatch func(error) error
}

func (w *responseBuffer) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := w.next.RoundTrip(req)
	small := isManifest(req) || isList(req) || tokenRequest.isOn(req)
	if err != nil || !small || req.Method != http.MethodGet || resp.StatusCode != http.StatusOK {
		return resp, err
	}
	raw, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if err == nil && resp.ContentLength >= 0 && int64(len(raw)) != resp.ContentLength {
		err = io.ErrUnexpectedEOF
	}
	if err == nil {
		err = w.checkDigestHeader(req, resp, raw)
	}
	if err != nil {
		return nil, fmt.Errorf("reading the answer of %s: %w", req.URL.Host, err)
	}
	resp.Body = io.NopCloser(bytes.NewReader(raw))
	return resp, nil
}

// checkDigestHeader looks at the claim of a manifest that was asked for by tag; one that
// was asked for by digest is compared in store, where the digest is known.
func (w *responseBuffer) checkDigestHeader(req *http.Request, resp *http.Response, raw []byte) error {
	claim, err := digest.Parse(resp.Header.Get("Docker-Content-Digest"))
	if err != nil || !isManifest(req) || isSchema1(resp, raw) || claim.Algorithm().FromBytes(raw) == claim {
		return nil
	}
	differs := DigestHeaderError{Host: req.URL.Host, Path: req.URL.Path, Claimed: claim, Got: claim.Algorithm().FromBytes(raw)}
	if note, ok := req.Context().Value(digestNote).(*DigestHeaderError); ok {
		*note = differs
		return nil
	}
	return w.onMismatch(&differs)
}

// isSchema1 reports whether an answer is a Docker manifest of schema 1. The digest
// of a signed one is that of its bytes without the signatures; store refuses
// both kinds.
func isSchema1(resp *http.Response, raw []byte) bool {
	kind := types.MediaType(resp.Header.Get("Content-Type"))
	return (kind == types.DockerManifestSchema1 || kind == types.DockerManifestSchema1Signed) && bytes.Contains(raw, []byte(`"fsLayers"`))
}

// DigestHeaderError says that a registry claims another digest for a manifest than the
// bytes have that it sent.
type DigestHeaderError struct {
	Host, Path   string
	Claimed, Got digest.Digest
}

func (e *DigestHeaderError) Error() string {
	return fmt.Sprintf("%s says that %s has the digest %s, but its bytes have %s", e.Host, e.Path, e.Claimed, e.Got)
}

// WithDigestNote has a claim that differs noted, in place of the warning, or of the
// error of the strict. It is for one request; without such a claim the note
// stays as it is.
func WithDigestNote(ctx context.Context, note *DigestHeaderError) context.Context {
	return context.WithValue(ctx, digestNote, note)
}

// warnOrFail turns a doubt into a warning or, for the strict, an error.
func (o Options) warnOrFail(doubt error) error {
	if o.Strict {
		return doubt
	}
	if o.Warn != nil {
		o.Warn(doubt.Error())
	}
	return nil
}
