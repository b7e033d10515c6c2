package rootfs

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"sync"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/opencontainers/go-digest"
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

// entry is one entry of an archive. A name that ends in a slash is a folder,
// one with "->" a symlink, one with "=>" a hard link; others are files, which
// anybody may execute unless the mode says otherwise.
type entry struct {
	name string
	body string
	mode int64
}

func archive(tb testing.TB, entries ...entry) []byte {
	tb.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, e := range entries {
		h := &tar.Header{Name: e.name, Mode: 0o755, Typeflag: tar.TypeReg, Size: int64(len(e.body))}
		if e.mode != 0 {
			h.Mode = e.mode
		}
		for mark, kind := range map[string]byte{" -> ": tar.TypeSymlink, " => ": tar.TypeLink} {
			if i := bytes.Index([]byte(e.name), []byte(mark)); i >= 0 {
				h.Name, h.Linkname, h.Typeflag = e.name[:i], e.name[i+len(mark):], kind
			}
		}
		if h.Typeflag == tar.TypeReg && e.name[len(e.name)-1] == '/' {
			h.Typeflag = tar.TypeDir
		}
		must(tb, w.WriteHeader(h))
		_, err := w.Write([]byte(e.body))
		must(tb, err)
	}
	must(tb, w.Close())
	return b.Bytes()
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
func stackOf(tb testing.TB, windows bool, layers ...[]entry) (*Stack, []*memory) {
	tb.Helper()
	var all []Layer
	var blobs []*memory
	for _, entries := range layers {
		l, m := layerOf(gzipType, gzipped(tb, archive(tb, entries...)))
		all, blobs = append(all, l), append(blobs, m)
	}
	return NewStack(NewReader(Options{Limits: DefaultLimits(), AtOnce: 2}), all, windows), blobs
}

// elf is the beginning of a 64-bit little-endian program for a machine, with a
// loader where one is named.
func elf(machine uint16, loader string) string {
	var b bytes.Buffer
	b.WriteString("\x7fELF\x02\x01\x01")
	b.Write(make([]byte, 9))
	programs := uint16(1)
	if loader != "" {
		programs = 2
	}
	segment := func(kind uint32, offset, size uint64) {
		for _, v := range []any{kind, uint32(5), offset, offset, offset, size, size, uint64(1)} {
			_ = binary.Write(&b, binary.LittleEndian, v)
		}
	}
	for _, v := range []any{
		uint16(2), machine, uint32(1), uint64(0x400000), uint64(64), uint64(0), uint32(0),
		uint16(64), uint16(56), programs, uint16(64), uint16(0), uint16(0),
	} {
		_ = binary.Write(&b, binary.LittleEndian, v)
	}
	segment(1, 0, 64)
	if loader != "" {
		segment(3, 64+2*56, uint64(len(loader)+1))
		b.WriteString(loader + "\x00")
	}
	return b.String()
}

// The machines of elf. Source: System V gABI.
const (
	machineAMD64 = 62
	machineARM64 = 183
)

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}
