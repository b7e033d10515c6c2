//go:build e2e

package registrytest

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
)

// This file is the registry client of the harness: plain requests as the
// distribution specification has them, so that a fault shared with the product
// cannot hide.

// Put stores an image or index with everything it refers to, under a tag or, if
// ref is empty, under its digest.
func (g *Registry) Put(t *testing.T, repo, ref string, o fixture.Object) {
	t.Helper()
	for _, blob := range o.Blobs {
		g.PutBlob(t, repo, blob)
	}
	for _, child := range o.Children {
		g.Put(t, repo, "", child)
	}
	if ref == "" {
		ref = o.Digest().String()
	}
	g.PutManifest(t, repo, ref, o.MediaType, o.Raw)
}

// PutBlob uploads a blob.
func (g *Registry) PutBlob(t *testing.T, repo string, content []byte) {
	t.Helper()
	session := g.Do(t, http.MethodPost, "/v2/"+repo+"/blobs/uploads/", nil, nil)
	session.WantStatus(t, http.StatusAccepted)
	at, err := url.Parse(session.Header.Get("Location"))
	clitest.Must(t, err)
	query := at.Query()
	query.Set("digest", digest.FromBytes(content).String())
	header := http.Header{"Content-Type": {"application/octet-stream"}}
	g.Do(t, http.MethodPut, at.Path+"?"+query.Encode(), header, content).WantStatus(t, http.StatusCreated)
}

// PutManifest stores the bytes of a manifest or index.
func (g *Registry) PutManifest(t *testing.T, repo, ref, mediaType string, raw []byte) {
	t.Helper()
	header := http.Header{"Content-Type": {mediaType}}
	g.Do(t, http.MethodPut, "/v2/"+repo+"/manifests/"+ref, header, raw).WantStatus(t, http.StatusCreated)
}

// Manifest returns the descriptor of a tag or digest, computed from the bytes,
// and the bytes. If it is missing the test ends.
func (g *Registry) Manifest(t *testing.T, repo, ref string) (ocispec.Descriptor, []byte) {
	t.Helper()
	got := g.FetchManifest(t, repo, ref)
	got.WantStatus(t, http.StatusOK)
	return ocispec.Descriptor{
		MediaType: got.Header.Get("Content-Type"),
		Digest:    digest.FromBytes(got.Body),
		Size:      int64(len(got.Body)),
	}, got.Body
}

// WantAbsent fails the test unless the registry does not know the tag or
// digest.
func (g *Registry) WantAbsent(t *testing.T, repo, ref string) {
	t.Helper()
	if got := g.FetchManifest(t, repo, ref); got.Status != http.StatusNotFound {
		t.Errorf("%s:%s: the registry responds %d, want it to be absent", repo, ref, got.Status)
	}
}

// Blob returns the bytes of a blob. If it is missing the test ends.
func (g *Registry) Blob(t *testing.T, repo string, d digest.Digest) []byte {
	t.Helper()
	got := g.Do(t, http.MethodGet, "/v2/"+repo+"/blobs/"+d.String(), nil, nil)
	got.WantStatus(t, http.StatusOK)
	return got.Body
}

// DeleteManifest removes a manifest by its digest.
func (g *Registry) DeleteManifest(t *testing.T, repo string, d digest.Digest) {
	t.Helper()
	g.Do(t, http.MethodDelete, "/v2/"+repo+"/manifests/"+d.String(), nil, nil).WantStatus(t, http.StatusAccepted)
}

// FetchManifest requests a manifest of any type and returns the response.
func (g *Registry) FetchManifest(t *testing.T, repo, ref string) Response {
	t.Helper()
	header := http.Header{"Accept": {strings.Join([]string{
		fixture.Docker().Manifest, fixture.Docker().Index, fixture.OCI().Manifest, fixture.OCI().Index,
	}, ", ")}}
	return g.Do(t, http.MethodGet, "/v2/"+repo+"/manifests/"+ref, header, nil)
}

// Response is a registry's response with its body.
type Response struct {
	Request string
	Status  int
	Header  http.Header
	Body    []byte
}

// Do sends a request with the credentials of the harness and returns the
// response.
func (g *Registry) Do(t *testing.T, method, path string, header http.Header, body []byte) Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, g.Scheme+"://"+g.Host+path, bytes.NewReader(body))
	clitest.Must(t, err)
	for name, values := range header {
		req.Header[name] = values
	}
	g.Authorize(req)
	resp, err := g.Client.Do(req)
	clitest.Must(t, err)
	defer resp.Body.Close()
	content, err := io.ReadAll(resp.Body)
	clitest.Must(t, err)
	return Response{Request: method + " " + path, Status: resp.StatusCode, Header: resp.Header, Body: content}
}

// WantStatus ends the test unless the response has the status.
func (a Response) WantStatus(t *testing.T, status int) {
	t.Helper()
	if a.Status != status {
		t.Fatalf("%s: the registry responds %d, want %d: %s", a.Request, a.Status, status, a.Body)
	}
}

// PutRecording stores the recorded images, images before the indexes that list
// them, as the recording has them in order.
func (g *Registry) PutRecording(t *testing.T, r fixture.Recording) {
	t.Helper()
	for _, blob := range r.Blobs {
		g.PutBlob(t, blob.Repository, []byte(blob.Content))
	}
	for _, m := range r.Manifests {
		g.PutManifest(t, m.Repository, m.Reference, m.MediaType, []byte(m.Content))
	}
}

// PutImages stores the images under their tags in one repository.
func (g *Registry) PutImages(t *testing.T, repo string, f fixture.ImageSet) {
	t.Helper()
	for _, one := range f {
		g.Put(t, repo, one.Tag, one.Image)
	}
}

// PutImagesApart stores each image in a repository of its own, REPO-TAG, as
// 1.0.
func (g *Registry) PutImagesApart(t *testing.T, repo string, f fixture.ImageSet) {
	t.Helper()
	for _, one := range f {
		g.Put(t, repo+"-"+one.Tag, "1.0", one.Image)
	}
}
