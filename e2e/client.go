//go:build e2e

package e2e

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// This file is the stage's own registry client: plain requests as the
// distribution specification has them, so that a fault shared with the product
// cannot hide.

// put stores an image or index with everything below it, under a tag or, when
// the reference is empty, under its digest.
func (g *registry) put(t *testing.T, repo, ref string, o object) {
	t.Helper()
	for _, blob := range o.blobs {
		g.putBlob(t, repo, blob)
	}
	for _, child := range o.children {
		g.put(t, repo, "", child)
	}
	if ref == "" {
		ref = o.digest().String()
	}
	g.putManifest(t, repo, ref, o.mediaType, o.raw)
}

// putBlob uploads one blob.
func (g *registry) putBlob(t *testing.T, repo string, content []byte) {
	t.Helper()
	session := g.do(t, http.MethodPost, "/v2/"+repo+"/blobs/uploads/", nil, nil)
	session.want(t, http.StatusAccepted)
	at, err := url.Parse(session.header.Get("Location"))
	must(t, err)
	query := at.Query()
	query.Set("digest", digest.FromBytes(content).String())
	header := http.Header{"Content-Type": {"application/octet-stream"}}
	g.do(t, http.MethodPut, at.Path+"?"+query.Encode(), header, content).want(t, http.StatusCreated)
}

// putManifest stores the bytes of a manifest or index.
func (g *registry) putManifest(t *testing.T, repo, ref, mediaType string, raw []byte) {
	t.Helper()
	header := http.Header{"Content-Type": {mediaType}}
	g.do(t, http.MethodPut, "/v2/"+repo+"/manifests/"+ref, header, raw).want(t, http.StatusCreated)
}

// manifest returns what a tag or digest stands for: its descriptor, computed
// from the bytes, and the bytes. A missing one fails the test.
func (g *registry) manifest(t *testing.T, repo, ref string) (ocispec.Descriptor, []byte) {
	t.Helper()
	got := g.fetchManifest(t, repo, ref)
	got.want(t, http.StatusOK)
	return ocispec.Descriptor{
		MediaType: got.header.Get("Content-Type"),
		Digest:    digest.FromBytes(got.body),
		Size:      int64(len(got.body)),
	}, got.body
}

// wantAbsent fails the test unless the tag or digest is unknown.
func (g *registry) wantAbsent(t *testing.T, repo, ref string) {
	t.Helper()
	if got := g.fetchManifest(t, repo, ref); got.status != http.StatusNotFound {
		t.Errorf("%s:%s: the registry answers %d, want it to be absent", repo, ref, got.status)
	}
}

// blob returns the bytes of a blob. A missing one fails the test.
func (g *registry) blob(t *testing.T, repo string, d digest.Digest) []byte {
	t.Helper()
	got := g.do(t, http.MethodGet, "/v2/"+repo+"/blobs/"+d.String(), nil, nil)
	got.want(t, http.StatusOK)
	return got.body
}

// deleteManifest removes a manifest by its digest.
func (g *registry) deleteManifest(t *testing.T, repo string, d digest.Digest) {
	t.Helper()
	g.do(t, http.MethodDelete, "/v2/"+repo+"/manifests/"+d.String(), nil, nil).want(t, http.StatusAccepted)
}

// fetchManifest asks for a manifest of any type.
func (g *registry) fetchManifest(t *testing.T, repo, ref string) response {
	t.Helper()
	header := http.Header{"Accept": {strings.Join([]string{
		dockerMedia().manifest, dockerMedia().index, ociMedia().manifest, ociMedia().index,
	}, ", ")}}
	return g.do(t, http.MethodGet, "/v2/"+repo+"/manifests/"+ref, header, nil)
}

// response is a registry's whole answer.
type response struct {
	request string
	status  int
	header  http.Header
	body    []byte
}

// do sends one request and reads the whole answer.
func (g *registry) do(t *testing.T, method, path string, header http.Header, body []byte) response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, g.scheme+"://"+g.host+path, bytes.NewReader(body))
	must(t, err)
	for name, values := range header {
		req.Header[name] = values
	}
	g.authorize(req)
	resp, err := g.client.Do(req)
	must(t, err)
	defer resp.Body.Close()
	content, err := io.ReadAll(resp.Body)
	must(t, err)
	return response{request: method + " " + path, status: resp.StatusCode, header: resp.Header, body: content}
}

// want fails the test unless the answer has the status.
func (a response) want(t *testing.T, status int) {
	t.Helper()
	if a.status != status {
		t.Fatalf("%s: the registry answers %d, want %d: %s", a.request, a.status, status, a.body)
	}
}

// putRecording stores the recorded images in a registry, images before the indexes
// that list them, as the record has them in order.
func (g *registry) putRecording(t *testing.T, r record) {
	t.Helper()
	for _, blob := range r.Blobs {
		g.putBlob(t, blob.Repository, []byte(blob.Content))
	}
	for _, m := range r.Manifests {
		g.putManifest(t, m.Repository, m.Reference, m.MediaType, []byte(m.Content))
	}
}

// putImages stores the images under their tags in one repository.
func (g *registry) putImages(t *testing.T, repo string, f imageSet) {
	t.Helper()
	for _, one := range f {
		g.put(t, repo, one.tag, one.image)
	}
}

// putImagesApart stores each image in a repository of its own, REPO-TAG, as 1.0.
func (g *registry) putImagesApart(t *testing.T, repo string, f imageSet) {
	t.Helper()
	for _, one := range f {
		g.put(t, repo+"-"+one.tag, "1.0", one.image)
	}
}
