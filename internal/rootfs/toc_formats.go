package rootfs

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/opencontainers/go-digest"
)

// The annotations that describe a table of contents in a manifest.
const (
	// estargzDigest is the digest of the decompressed JSON.
	estargzDigest = "containerd.io/snapshot/stargz/toc.digest"
	// chunkedPosition is OFFSET:LENGTH:UNPACKED:TYPE, chunkedDigest the digest
	// of the stored table.
	chunkedPosition = "io.github.containers.zstd-chunked.manifest-position"
	chunkedDigest   = "io.github.containers.zstd-chunked.manifest-checksum"
)

// errTOCMismatch is a table of contents whose digest differs from the annotation.
var errTOCMismatch = errors.New("the digest of the table of contents differs from the one in the manifest")

// checkDigest compares bytes with an annotation.
func checkDigest(raw []byte, annotation string) error {
	want, err := digest.Parse(annotation)
	if err != nil {
		return fmt.Errorf("digest of its table of contents: %w", err)
	}
	if want.Algorithm().FromBytes(raw) != want {
		return errTOCMismatch
	}
	return nil
}

// estargz is a layer of gzip members, one for each chunk, with the table in the
// second to last member and its offset in the last. Source: stargz-snapshotter,
// docs/estargz.md.
type estargz struct{}

const (
	estargzFooter = 51
	estargzName   = "stargz.index.json"
	// estargzTail is read with the footer, since it usually contains the table.
	estargzTail = 64 << 10
)

func (e estargz) fetch(ctx context.Context, layer Layer, l Limits) ([]byte, int64, error) {
	from := max(0, layer.Size-estargzTail)
	tail, err := readAt(ctx, layer, from, layer.Size-from)
	if err != nil {
		return nil, 0, err
	}
	at, err := estargzPlace(tail[len(tail)-estargzFooter:])
	end := layer.Size - estargzFooter
	switch {
	case err != nil:
		return nil, 0, err
	case at < 0 || at >= end:
		return nil, 0, errors.New("its table of contents is outside the layer")
	case end-at > l.Contents:
		return nil, 0, &LimitError{"bytes of a table of contents", l.Contents}
	}
	packed := tail[max(0, at-from) : len(tail)-estargzFooter]
	if at < from {
		first, err := readAt(ctx, layer, at, from-at)
		if err != nil {
			return nil, 0, err
		}
		packed = append(first, packed...)
	}
	return packed, at, e.verify(packed, layer.Annotations[estargzDigest], l)
}

// estargzPlace reads the footer: an empty gzip member with an extra field.
func estargzPlace(footer []byte) (int64, error) {
	if !bytes.HasPrefix(footer, []byte{0x1f, 0x8b, 8, 4}) || string(footer[12:14]) != "SG" || string(footer[32:38]) != "STARGZ" {
		return 0, errors.New("it has no footer with the offset of its table of contents")
	}
	return strconv.ParseInt(string(footer[16:32]), 16, 64)
}

func (e estargz) verify(packed []byte, annotation string, l Limits) error {
	want, err := digest.Parse(annotation)
	if err != nil {
		return fmt.Errorf("digest of its table of contents: %w", err)
	}
	r, err := e.unpack(packed, l)
	if err != nil {
		return err
	}
	defer r.Close()
	got, err := want.Algorithm().FromReader(newCapped(r, 8*l.Contents))
	if err == nil && got != want {
		err = errTOCMismatch
	}
	return err
}

func (estargz) unpack(packed []byte, _ Limits) (io.ReadCloser, error) {
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	archive := tar.NewReader(z)
	h, err := archive.Next()
	if err != nil {
		return nil, err
	}
	if h.Name != estargzName {
		return nil, fmt.Errorf("the table of contents is named %q", h.Name)
	}
	return io.NopCloser(archive), nil
}

func (estargz) inflate(packed []byte, _ int64) (io.ReadCloser, error) {
	return gzip.NewReader(bytes.NewReader(packed))
}

// chunked is a layer of zstd frames, one for each chunk, with the table in a
// skippable frame. Source: containers/storage,
// docs/containers-storage-zstd-chunked.md.
type chunked struct{}

func (chunked) fetch(ctx context.Context, layer Layer, l Limits) ([]byte, int64, error) {
	fields := strings.Split(layer.Annotations[chunkedPosition], ":")
	if len(fields) != 4 || fields[3] != "1" {
		return nil, 0, fmt.Errorf("the position of its table of contents is %q", layer.Annotations[chunkedPosition])
	}
	offset, err := strconv.ParseInt(fields[0], 10, 64)
	length, lengthErr := strconv.ParseInt(fields[1], 10, 64)
	if err := errors.Join(err, lengthErr); err != nil {
		return nil, 0, fmt.Errorf("the position of its table of contents: %w", err)
	}
	if length > l.Contents {
		return nil, 0, &LimitError{"bytes of a table of contents", l.Contents}
	}
	packed, err := readAt(ctx, layer, offset, length)
	if err != nil {
		return nil, 0, err
	}
	return packed, offset, checkDigest(packed, layer.Annotations[chunkedDigest])
}

func (chunked) unpack(packed []byte, l Limits) (io.ReadCloser, error) {
	z, err := zstd.NewReader(bytes.NewReader(packed), zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
		zstd.WithDecoderMaxWindow(l.Window))
	if err != nil {
		return nil, err
	}
	return z.IOReadCloser(), nil
}

// inflate decompresses the chunk at once, without a separate window.
func (chunked) inflate(packed []byte, size int64) (io.ReadCloser, error) {
	z, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxMemory(2*maxChunk))
	if err != nil {
		return nil, err
	}
	defer z.Close()
	raw, err := z.DecodeAll(packed, make([]byte, 0, size))
	return io.NopCloser(bytes.NewReader(raw)), err
}
