//go:build e2e

package realimages

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"golang.org/x/sync/errgroup"

	"manifest-tool/e2e/internal/clitest"
)

// blob is a layer that is stored: its descriptor and the digest of its archive.
type blob struct {
	Descriptor ocispec.Descriptor
	DiffID     digest.Digest
}

// layerCache is a directory in the content with the layers of this version of
// Go: making them takes longer than verify takes to read them.
type layerCache struct {
	content, dir string
	guard        sync.Mutex
	Blobs        map[string]blob // by layer.key
}

func openCache(t *testing.T, content string) *layerCache {
	t.Helper()
	c := &layerCache{content: content, dir: filepath.Join(content, "layers-"+runtime.Version()), Blobs: map[string]blob{}}
	clitest.Must(t, os.MkdirAll(c.dir, 0o755))
	raw, err := os.ReadFile(c.list())
	if errors.Is(err, fs.ErrNotExist) {
		return c
	}
	clitest.Must(t, err)
	clitest.Must(t, json.Unmarshal(raw, &c.Blobs))
	return c
}

// list returns the path of the file that describes the layers.
func (c *layerCache) list() string { return filepath.Join(c.dir, "layers.json") }

// add writes the layers of the images that the cache lacks.
func (c *layerCache) add(t *testing.T, images []image) {
	t.Helper()
	missing := map[string]layer{}
	for _, i := range images {
		for _, l := range i.allLayers() {
			if _, known := c.Blobs[l.key(t)]; !known {
				missing[l.key(t)] = l
			}
		}
	}
	var group errgroup.Group
	group.SetLimit(runtime.NumCPU())
	for key, l := range missing {
		group.Go(func() error {
			stored := c.write(t, l)
			c.guard.Lock()
			defer c.guard.Unlock()
			c.Blobs[key] = stored
			return nil
		})
	}
	_ = group.Wait()
	if t.Failed() {
		t.FailNow()
	}
	clitest.Must(t, os.WriteFile(c.list()+".new", clitest.EncodeJSON(t, c.Blobs), 0o600))
	clitest.Must(t, os.Rename(c.list()+".new", c.list()))
}

// write writes a compressed layer.
func (c *layerCache) write(t *testing.T, l layer) blob {
	t.Helper()
	f, err := os.CreateTemp(c.dir, "layer-")
	clitest.Must(t, err)
	packed, plain := sha256.New(), sha256.New()
	if name := l.unchanged(t, c.content); name != "" {
		copyPacked(t, name, io.MultiWriter(f, packed), plain)
	} else {
		w, err := gzip.NewWriterLevel(io.MultiWriter(f, packed), gzip.BestSpeed)
		clitest.Must(t, err)
		clitest.Must(t, l.write(t, c.content, io.MultiWriter(w, plain)))
		clitest.Must(t, w.Close())
	}
	info, err := f.Stat()
	clitest.Must(t, err)
	clitest.Must(t, f.Close())
	d := ocispec.Descriptor{
		MediaType: ocispec.MediaTypeImageLayerGzip,
		Digest:    digest.NewDigest(digest.SHA256, packed),
		Size:      info.Size(),
	}
	clitest.Must(t, os.Rename(f.Name(), filepath.Join(c.dir, d.Digest.Encoded())))
	return blob{d, digest.NewDigest(digest.SHA256, plain)}
}

// copyPacked copies a file in the format tar.gz, and its decompressed content.
func copyPacked(t *testing.T, name string, packed, plain io.Writer) {
	t.Helper()
	f, err := os.Open(name)
	clitest.Must(t, err)
	defer f.Close()
	from := io.TeeReader(f, packed)
	r, err := gzip.NewReader(from)
	clitest.Must(t, err)
	_, err = io.Copy(plain, r)
	clitest.Must(t, err)
	_, err = io.Copy(io.Discard, from)
	clitest.Must(t, err)
}

// link makes a layer available under a path, on another file system as a copy.
func (c *layerCache) link(t *testing.T, d digest.Digest, path string) {
	t.Helper()
	from := filepath.Join(c.dir, d.Encoded())
	err := os.Link(from, path)
	if err == nil || errors.Is(err, fs.ErrExist) {
		return
	}
	raw, err := os.ReadFile(from)
	clitest.Must(t, err)
	clitest.Must(t, os.WriteFile(path, raw, 0o600))
}
