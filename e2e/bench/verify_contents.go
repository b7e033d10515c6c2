//go:build e2e

package main

import (
	"archive/tar"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/e2e/bench/far"
)

// contentsChunk is how files are cut: as stargz-snapshotter does it.
const contentsChunk = 4 << 20

// contentsEntry is an entry of a table of contents, in the form that eStargz
// and zstd:chunked share.
type contentsEntry struct {
	Type        string `json:"type"`
	Name        string `json:"name"`
	Mode        int64  `json:"mode,omitempty"`
	Size        int64  `json:"size,omitempty"`
	Digest      string `json:"digest,omitempty"`
	Offset      int64  `json:"offset,omitempty"`
	EndOffset   int64  `json:"endOffset,omitempty"`
	ChunkSize   int64  `json:"chunkSize,omitempty"`
	ChunkOffset int64  `json:"chunkOffset,omitempty"`
	ChunkDigest string `json:"chunkDigest,omitempty"`
}

// contentsWriter writes a layer piece by piece, each packed by itself.
type contentsWriter struct {
	out  bytes.Buffer
	pack func(io.Writer) (io.WriteCloser, error)
	all  []contentsEntry
}

func (w *contentsWriter) piece(raw []byte) (at int64, err error) {
	at = int64(w.out.Len())
	z, err := w.pack(&w.out)
	if err == nil {
		_, err = z.Write(raw)
	}
	if err == nil {
		err = z.Close()
	}
	return at, err
}

// add writes a file, with its header before and its padding behind.
func (w *contentsWriter) add(f file) error {
	var head bytes.Buffer
	if err := tar.NewWriter(&head).WriteHeader(&tar.Header{Name: f.name, Mode: 0o755, Typeflag: tar.TypeReg, Size: int64(len(f.raw))}); err != nil {
		return err
	}
	if _, err := w.piece(head.Bytes()); err != nil {
		return err
	}
	first := len(w.all)
	for at := 0; at < len(f.raw); at += contentsChunk {
		raw := f.raw[at:min(at+contentsChunk, len(f.raw))]
		offset, err := w.piece(raw)
		if err != nil {
			return err
		}
		e := contentsEntry{Type: "chunk", Name: f.name}
		if at == 0 {
			e = contentsEntry{Type: "reg", Name: f.name, Mode: 0o755, Size: int64(len(f.raw)), Digest: sumOf(f.raw)}
		}
		e.Offset, e.ChunkOffset, e.ChunkSize, e.ChunkDigest = offset, int64(at), int64(len(raw)), sumOf(raw)
		w.all = append(w.all, e)
	}
	w.all[first].EndOffset = int64(w.out.Len())
	_, err := w.piece(make([]byte, (512-len(f.raw)%512)%512))
	return err
}

func (w *contentsWriter) table() ([]byte, error) {
	return json.Marshal(map[string]any{"version": 1, "entries": w.all})
}

// estargzLayer has the program and a large file in one layer, with a table of
// contents in its last gzip member but one.
func estargzLayer(number byte, app []byte) ([]far.Blob, error) {
	w := &contentsWriter{pack: func(out io.Writer) (io.WriteCloser, error) { return gzip.NewWriterLevel(out, 6) }}
	for _, f := range []file{{"app", app}, noiseFile(number)} {
		if err := w.add(f); err != nil {
			return nil, err
		}
	}
	table, err := w.table()
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := writeTar(&b, file{"stargz.index.json", table}); err != nil {
		return nil, err
	}
	at, err := w.piece(b.Bytes())
	if err != nil {
		return nil, err
	}
	// An empty gzip member whose extra field says where the table is.
	w.out.Write([]byte{0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 255, 26, 0, 'S', 'G', 22, 0})
	fmt.Fprintf(&w.out, "%016xSTARGZ", at)
	w.out.Write([]byte{1, 0, 0, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0})
	layer := far.Bytes(ocispec.MediaTypeImageLayerGzip, w.out.Bytes())
	layer.Annotations = map[string]string{"containerd.io/snapshot/stargz/toc.digest": sumOf(table)}
	return []far.Blob{layer}, nil
}

// chunkedLayer is the same in zstd frames, with the table in a frame that is
// skipped.
func chunkedLayer(number byte, app []byte) ([]far.Blob, error) {
	w := &contentsWriter{pack: func(out io.Writer) (io.WriteCloser, error) {
		return zstd.NewWriter(out, zstd.WithEncoderConcurrency(1))
	}}
	for _, f := range []file{{"app", app}, noiseFile(number)} {
		if err := w.add(f); err != nil {
			return nil, err
		}
	}
	if _, err := w.piece(make([]byte, 1024)); err != nil {
		return nil, err
	}
	table, err := w.table()
	if err != nil {
		return nil, err
	}
	encoder, err := zstd.NewWriter(nil)
	if err != nil {
		return nil, err
	}
	packed := encoder.EncodeAll(table, nil)
	w.out.Write([]byte{0x50, 0x2a, 0x4d, 0x18})
	w.out.Write(binary.LittleEndian.AppendUint32(nil, uint32(len(packed))))
	at := w.out.Len()
	w.out.Write(packed)
	layer := far.Bytes(ocispec.MediaTypeImageLayerZstd, w.out.Bytes())
	layer.Annotations = map[string]string{
		"io.github.containers.zstd-chunked.manifest-position": fmt.Sprintf("%d:%d:%d:1", at, len(packed), len(table)),
		"io.github.containers.zstd-chunked.manifest-checksum": sumOf(packed),
	}
	return []far.Blob{layer}, nil
}
