//go:build e2e

package far

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"golang.org/x/sync/errgroup"
)

// loaders is how many images are put into a backend at once.
const loaders = 8

// PutAll stores images, each under the REPOSITORY:TAG that at returns for it.
func (b *Backend) PutAll(ctx context.Context, images []Image, at func(i int) string) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(loaders)
	for i, image := range images {
		g.Go(func() error { return b.Put(ctx, at(i), image) })
	}
	return g.Wait()
}

// Put stores an image as REPOSITORY:TAG.
func (b *Backend) Put(ctx context.Context, name string, image Image) error {
	repo, tag, _ := strings.Cut(name, ":")
	for _, blob := range image.Blobs {
		if err := b.putBlob(ctx, repo, blob); err != nil {
			return err
		}
	}
	return b.PutManifest(ctx, repo, tag, ocispec.MediaTypeImageManifest, image.Raw)
}

// PutManifest stores the bytes of a manifest or index under a tag.
func (b *Backend) PutManifest(ctx context.Context, repo, tag, mediaType string, raw []byte) error {
	u := b.url("/v2/" + repo + "/manifests/" + tag)
	_, _, err := b.do(ctx, http.MethodPut, u, mediaType, bytes.NewReader(raw), int64(len(raw)), http.StatusCreated)
	return err
}

// Manifest returns the bytes of a tag.
func (b *Backend) Manifest(ctx context.Context, repo, tag string) ([]byte, error) {
	_, raw, err := b.do(ctx, http.MethodGet, b.url("/v2/"+repo+"/manifests/"+tag), "", nil, 0, http.StatusOK)
	return raw, err
}

func (b *Backend) putBlob(ctx context.Context, repo string, blob Blob) error {
	header, _, err := b.do(ctx, http.MethodPost, b.url("/v2/"+repo+"/blobs/uploads/"), "", nil, 0, http.StatusAccepted)
	if err != nil {
		return err
	}
	session, err := url.Parse(header.Get("Location"))
	if err != nil {
		return err
	}
	query := session.Query()
	query.Set("digest", blob.Digest.String())
	session.RawQuery = query.Encode()
	_, _, err = b.do(ctx, http.MethodPut, session, "application/octet-stream", blob.Open(), blob.Size, http.StatusCreated)
	return err
}

func (b *Backend) url(path string) *url.URL {
	return &url.URL{Scheme: "http", Host: b.Host, Path: path}
}

// do sends one request with whatever the backend asks for.
func (b *Backend) do(ctx context.Context, method string, u *url.URL, mediaType string, body io.Reader, size int64, want int) (http.Header, []byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, u.String(), body)
	if err != nil {
		return nil, nil, err
	}
	req.ContentLength = size
	req.Header.Set("Content-Type", mediaType)
	req.Header.Set("Accept", strings.Join([]string{
		ocispec.MediaTypeImageIndex, ocispec.MediaTypeImageManifest,
		"application/vnd.docker.distribution.manifest.list.v2+json",
	}, ", "))
	if err := b.authorize(req); err != nil {
		return nil, nil, err
	}
	resp, err := b.client.Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != want {
		err = fmt.Errorf("%s %s: the registry answers %d: %s", method, u.Path, resp.StatusCode, answer)
	}
	return resp.Header, answer, err
}

// authorize adds what the backend asks for to a request.
func (b *Backend) authorize(req *http.Request) error {
	switch b.auth {
	case Basic:
		req.SetBasicAuth(User, Password)
	case Bearer:
		repo, _, _ := strings.Cut(strings.TrimPrefix(req.URL.Path, "/v2/"), "/blobs/")
		repo, _, _ = strings.Cut(repo, "/manifests/")
		token, err := b.tokens.sign([]access{{"repository", repo, []string{"pull", "push"}}})
		if err != nil {
			return err
		}
		req.Header.Set("Authorization", "Bearer "+token)
	}
	return nil
}
