package rootfs

import (
	"bytes"
	"context"
	"errors"
	"io"
	"sync"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/opencontainers/go-digest"

	"manifest-tool/internal/rootfs/rootfstest"
)

const (
	gzipType  = "application/vnd.oci.image.layer.v1.tar+gzip"
	zstdType  = "application/vnd.oci.image.layer.v1.tar+zstd"
	plainType = "application/vnd.oci.image.layer.v1.tar"
)

// memory is a blob that counts what is read of it.
type memory struct {
	bytes   []byte
	digest  digest.Digest
	noParts bool

	mu     sync.Mutex
	opened int
	parts  int64 // bytes read in parts
}

var errOther = errors.New("other bytes")

func (m *memory) Open(context.Context) (io.ReadCloser, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.opened++
	return io.NopCloser(&checked{bytes.NewReader(m.bytes), m.digest.Verifier(), m.digest}), nil
}

func (m *memory) ReadAt(_ context.Context, offset, length int64) ([]byte, error) {
	if m.noParts {
		return nil, ErrNoRange
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.parts += length
	return bytes.Clone(m.bytes[offset : offset+length]), nil
}

// checked fails at its end unless it had its digest, as a store's streams do.
type checked struct {
	r    io.Reader
	hash digest.Verifier
	want digest.Digest
}

func (c *checked) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	_, _ = c.hash.Write(p[:n])
	if errors.Is(err, io.EOF) && !c.hash.Verified() {
		err = errOther
	}
	return n, err
}

// layerOf makes a layer of its bytes.
func layerOf(mediaType string, raw []byte) (Layer, *memory) {
	m := &memory{bytes: raw, digest: digest.FromBytes(raw)}
	return Layer{Digest: m.digest, Size: int64(len(raw)), MediaType: mediaType, Blob: m}, m
}

func gzipped(tb testing.TB, raw []byte) []byte {
	tb.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := w.Write(raw)
	must(tb, err)
	must(tb, w.Close())
	return b.Bytes()
}

func zstded(tb testing.TB, raw []byte) []byte {
	tb.Helper()
	w, err := zstd.NewWriter(nil)
	must(tb, err)
	return w.EncodeAll(raw, nil)
}

// stackOf is an image whose layers have these entries, lowest first.
func stackOf(tb testing.TB, windows bool, layers ...[]rootfstest.Entry) (*Stack, []*memory) {
	tb.Helper()
	var all []Layer
	var blobs []*memory
	for _, entries := range layers {
		l, m := layerOf(gzipType, gzipped(tb, rootfstest.Archive(tb, entries...)))
		all, blobs = append(all, l), append(blobs, m)
	}
	return NewStack(NewReader(Options{Limits: DefaultLimits(), AtOnce: 2}), all, windows), blobs
}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}
