package rootfs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// toc is the table of contents of a layer.
type toc struct {
	layer  Layer
	format tocFormat
	limits Limits
	// packed are its bytes in the layer; end is the offset at which the files end.
	packed []byte
	end    int64
	// unpacking bounds the files that are read concurrently: a chunk of each is in
	// memory.
	unpacking chan struct{}
}

// tocFormat is the format of a table of contents.
type tocFormat interface {
	// fetch reads the packed table, and returns the offset at which the files
	// end. The table is verified by the layer's annotations.
	fetch(ctx context.Context, layer Layer, l Limits) (packed []byte, end int64, err error)
	// unpack returns the JSON of a packed table.
	unpack(packed []byte, l Limits) (io.ReadCloser, error)
	// inflate decompresses the chunk at the beginning of packed, of a given
	// decompressed size.
	inflate(packed []byte, size int64) (io.ReadCloser, error)
}

// minTOCLayer is the size, in bytes, below which a layer is read as a whole
// although it has a table: that is one request, and all of it is verified.
const minTOCLayer = 128 << 10

// tocFormatOf returns the format of a layer's table of contents, nil if its
// manifest has no digest of one.
func tocFormatOf(layer Layer) tocFormat {
	switch {
	case layer.Size < minTOCLayer:
	case layer.Annotations[chunkedPosition] != "" && layer.Annotations[chunkedDigest] != "":
		return chunked{}
	case layer.Annotations[estargzDigest] != "":
		return estargz{}
	}
	return nil
}

// readContents returns the Table of a layer's table of contents. An error other
// than a *SourceError means that the table of contents is missing or invalid.
func (s *scanner) readContents(ctx context.Context, layer Layer, format tocFormat) (*Table, error) {
	packed, end, err := format.fetch(ctx, layer, s.limits)
	if err != nil {
		return nil, err
	}
	t, b := s.newTable()
	t.contents = &toc{layer: layer, format: format, limits: s.limits, packed: packed, end: end, unpacking: s.unpacking}
	t.FromContents, t.Compression = true, declaredCompression(layer.MediaType)
	err = t.contents.each(func(e tocEntry) error {
		if e.Type == "chunk" {
			return nil
		}
		_, err := b.add(e.Name, e.kind(), e.LinkName)
		return err
	})
	if err != nil {
		return nil, err
	}
	t.finish()
	return t, nil
}

// tocEntry is an entry of the JSON, which both formats share.
// Sources: stargz-snapshotter, docs/estargz.md; containers/storage, pkg/chunked.
type tocEntry struct {
	Name     string `json:"name"`
	Type     string `json:"type"`
	LinkName string `json:"linkName"`
	Size     int64  `json:"size"`
	Mode     int64  `json:"mode"`
	Digest   string `json:"digest"`
	// Offset is the beginning of the chunk in the layer; EndOffset is the end of
	// the last chunk of the file (zstd:chunked only).
	Offset    int64 `json:"offset"`
	EndOffset int64 `json:"endOffset"`
	// InnerOffset is the beginning of the chunk in the decompressed bytes at
	// Offset (eStargz only).
	InnerOffset int64  `json:"innerOffset"`
	ChunkOffset int64  `json:"chunkOffset"`
	ChunkSize   int64  `json:"chunkSize"`
	ChunkDigest string `json:"chunkDigest"`
	// ChunkType is "zeros" for a hole.
	ChunkType string `json:"chunkType"`
}

func (e tocEntry) kind() kind {
	switch e.Type {
	case "dir":
		return kindDir
	case "symlink":
		return kindSymlink
	case "hardlink":
		return kindHardlink
	case "reg":
		if e.Mode&0o111 != 0 {
			return kindProgram
		}
		return kindFile
	}
	return kindSpecial
}

// each calls yield with the entries, one after the other: a table of a million
// entries is never in memory as a whole.
func (c *toc) each(yield func(tocEntry) error) error {
	r, err := c.format.unpack(c.packed, c.limits)
	if err != nil {
		return fmt.Errorf("reading its table of contents: %w", err)
	}
	defer r.Close()
	decoder := json.NewDecoder(newCapped(r, 8*c.limits.Contents))
	if err := findEntries(decoder); err != nil {
		return fmt.Errorf("reading its table of contents: %w", err)
	}
	for decoder.More() {
		var e tocEntry
		if err := decoder.Decode(&e); err != nil {
			return fmt.Errorf("reading its table of contents: %w", err)
		}
		if err := yield(e); err != nil {
			return err
		}
	}
	return nil
}

// findEntries moves the decoder to the first element of "entries".
func findEntries(d *json.Decoder) error {
	if token, err := d.Token(); err != nil || token != json.Delim('{') {
		return errors.Join(errors.New("it is not a JSON object"), err)
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return err
		}
		if key != "entries" {
			var skipped json.RawMessage
			if err := d.Decode(&skipped); err != nil {
				return err
			}
			continue
		}
		if token, err := d.Token(); err != nil || token != json.Delim('[') {
			return errors.Join(errors.New("its entries are not a list"), err)
		}
		return nil
	}
	return errors.New("it has no entries")
}

// capped fails when more than limit bytes were read.
type capped struct {
	r           io.Reader
	left, limit int64
}

func newCapped(r io.Reader, limit int64) *capped { return &capped{r, limit, limit} }

func (c *capped) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	if c.left -= int64(n); c.left < 0 {
		return 0, &LimitError{"bytes of a table of contents, unpacked", c.limit}
	}
	return n, err
}

// readAt fetches a range of the layer.
func readAt(ctx context.Context, layer Layer, offset, length int64) ([]byte, error) {
	if offset < 0 || length <= 0 || offset > layer.Size-length {
		return nil, fmt.Errorf("its table of contents: %d bytes at %d are not in the layer", length, offset)
	}
	b, err := layer.Blob.ReadAt(ctx, offset, length)
	if err != nil && !errors.Is(err, ErrNoRange) {
		return nil, &SourceError{err}
	}
	return b, err
}
