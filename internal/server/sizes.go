package server

import (
	"context"
	"sync"
	"time"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"golang.org/x/sync/errgroup"

	"manifest-tool/internal/bytesize"
	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/inspect"
	"manifest-tool/internal/reference"
)

const (
	// maxSizes limits the manifests that are read for the sizes of one image.
	maxSizes = 32
	// sizesAtOnce limits those that are read at the same time.
	sizesAtOnce = 8
	// sizesTimeout is how long a page waits for sizes, which it can do without.
	sizesTimeout = 5 * time.Second
)

// sizes returns how much a node downloads for each of some images, its config and
// layers, by the digest of its manifest. Manifests that cannot be read are missing.
func (s *Server) sizes(ctx context.Context, ref reference.Ref, images []inspect.QueryPlatform) map[digest.Digest]int64 {
	ctx, cancel := context.WithTimeout(ctx, sizesTimeout)
	defer cancel()
	// Its failures say nothing about the answer.
	r := s.Cache.Reader()
	var (
		mu    sync.Mutex
		group errgroup.Group
		found = map[digest.Digest]int64{}
	)
	group.SetLimit(sizesAtOnce)
	for _, p := range images[:min(len(images), maxSizes)] {
		group.Go(func() (err error) {
			defer manifest.RecoverPanic(&err)
			n, err := downloadSize(ctx, r, ref, p)
			if err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			found[p.Digest] = n
			return nil
		})
	}
	manifest.RaisePanic(group.Wait()) // the sizes that are missing are not shown
	return found
}

func downloadSize(ctx context.Context, r manifest.Reader, ref reference.Ref, p inspect.QueryPlatform) (int64, error) {
	o, err := manifest.FetchChild(ctx, r, ref, ocispec.Descriptor{MediaType: p.MediaType, Digest: p.Digest, Size: p.Size})
	if err != nil {
		return 0, err
	}
	m, err := manifest.ParseManifest(o.Raw)
	if err != nil {
		return 0, err
	}
	total := max(0, m.Config.Size)
	for _, layer := range m.Layers {
		total = bytesize.Add(total, max(0, layer.Size))
	}
	return total, nil
}
