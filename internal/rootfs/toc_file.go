package rootfs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/opencontainers/go-digest"

	"manifest-tool/internal/platform/executable"
)

// maxChunk bounds a chunk, compressed and decompressed, in bytes. Tools write at
// most 4 MiB.
const maxChunk = 16 << 20

// errChunk is a chunk that exceeds maxChunk.
var errChunk = errors.New("a chunk of the file is too large to be read by itself")

// ErrChunkDigest is the error of a chunk whose digest differs from the one in the
// table of contents.
var ErrChunkDigest = errors.New("the digest of a chunk differs from the one in the table of contents")

// chunk is a range of a file and its location in the layer.
type chunk struct {
	offset, end, inner int64 // in the layer; inner in the decompressed bytes
	at, size           int64 // in the file
	digest             digest.Digest
	zeros              bool
}

// chunkedFile reads the chunks of a file as they are needed.
type chunkedFile struct {
	ctx        context.Context //nolint:containedctx // an io.ReaderAt has to wait for it
	contents   *toc
	size       int64
	chunks     []chunk
	now        int // the index of the chunk in bytes, -1 for none
	bytes      []byte
	unverified bool
	err        error
}

// program reads the header of the file at a path, chunk by chunk. The result is
// nil if it is not a program; unverified means that some bytes had no digest.
func (t *Table) program(ctx context.Context, p string) (e *executable.Executable, unverified bool, err error) {
	if t.contents == nil {
		return t.header(p), false, nil
	}
	err = withSlot(ctx, t.contents.unpacking, func() (err error) {
		e, unverified, err = t.contents.program(ctx, t, p)
		return err
	})
	return e, unverified, err
}

func (c *toc) program(ctx context.Context, t *Table, p string) (e *executable.Executable, unverified bool, err error) {
	f, err := c.open(ctx, t, p)
	if err != nil {
		return nil, false, err
	}
	head := make([]byte, min(f.size, minProgramSize))
	if _, err := f.ReadAt(head, 0); err != nil {
		return nil, false, err
	}
	if !mayBeProgram(head) {
		other := readOther(head)
		return &other, f.unverified, nil
	}
	found := readProgram(f, f.size)
	return &found, f.unverified, f.err
}

// open collects the chunks of a file.
func (c *toc) open(ctx context.Context, t *Table, p string) (*chunkedFile, error) {
	f := &chunkedFile{ctx: ctx, contents: c, now: -1}
	begins := []int64{c.end}
	want, b := t.hash(p), newBuilder(&Table{seed: t.seed, fold: t.fold}, c.limits, "")
	if t.fold {
		b.prefix = windowsFiles
	}
	var last int64
	err := c.each(func(e tocEntry) error {
		if e.Type == "reg" || e.Type == "chunk" {
			begins = append(begins, e.Offset)
		}
		if name, within := b.cut(clean(e.Name)); !within || t.hash(name) != want {
			return nil
		}
		switch e.Type {
		case "chunk":
		case "reg":
			f.size, f.chunks, last = e.Size, nil, e.EndOffset
		default:
			f.size, f.chunks = 0, nil
			return nil
		}
		f.chunks = append(f.chunks, newChunk(e))
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.Sort(begins)
	f.setChunkEnds(begins, last)
	return f, nil
}

func newChunk(e tocEntry) chunk {
	k := chunk{offset: e.Offset, inner: e.InnerOffset, at: e.ChunkOffset, size: e.ChunkSize, zeros: e.ChunkType == "zeros"}
	k.digest = digest.Digest(e.ChunkDigest)
	if e.Type == "reg" && e.ChunkSize == 0 && k.digest == "" {
		k.digest = digest.Digest(e.Digest) // the file has one chunk
	}
	return k
}

// setChunkEnds sets the end of each chunk: the beginning of the next one in the
// layer, or the end of the file.
func (f *chunkedFile) setChunkEnds(begins []int64, last int64) {
	slices.SortFunc(f.chunks, func(a, b chunk) int { return int(min(1, max(-1, a.at-b.at))) })
	for i := range f.chunks {
		k := &f.chunks[i]
		if next, _ := slices.BinarySearch(begins, k.offset+1); next < len(begins) {
			k.end = begins[next]
		}
		if i == len(f.chunks)-1 && last > k.offset {
			k.end = min(k.end, last)
		}
		end := f.size
		if i+1 < len(f.chunks) {
			end = f.chunks[i+1].at
		}
		if k.size == 0 {
			k.size = end - k.at
		}
	}
}

// ReadAt implements io.ReaderAt. It decompresses the chunks that have the bytes.
func (f *chunkedFile) ReadAt(b []byte, offset int64) (int, error) {
	n := 0
	for n < len(b) && f.err == nil {
		at := offset + int64(n)
		i := slices.IndexFunc(f.chunks, func(k chunk) bool { return at >= k.at && at-k.at < k.size })
		if i < 0 {
			if at >= f.size {
				return n, io.EOF
			}
			f.err = errors.New("its table of contents lacks a part of the file")
			break
		}
		if f.err = f.load(i); f.err == nil {
			n += copy(b[n:], f.bytes[at-f.chunks[i].at:])
		}
	}
	return n, f.err
}

func (f *chunkedFile) load(i int) error {
	if f.now == i {
		return nil
	}
	k := f.chunks[i]
	if k.size < 0 || k.size > maxChunk || k.end-k.offset > maxChunk || k.inner < 0 || k.inner > maxChunk {
		return errChunk
	}
	f.now, f.bytes = -1, make([]byte, k.size)
	if !k.zeros {
		if err := f.unpack(k); err != nil {
			return err
		}
	}
	f.now = i
	if k.digest == "" {
		f.unverified = true
		return nil
	}
	if err := k.digest.Validate(); err != nil {
		return fmt.Errorf("digest of a chunk: %w", err)
	}
	if k.digest.Algorithm().FromBytes(f.bytes) != k.digest {
		return ErrChunkDigest
	}
	return nil
}

func (f *chunkedFile) unpack(k chunk) error {
	packed, err := readAt(f.ctx, f.contents.layer, k.offset, k.end-k.offset)
	if err != nil {
		return err
	}
	r, err := f.contents.format.inflate(packed, k.inner+k.size)
	if err != nil {
		return fmt.Errorf("unpacking a chunk: %w", err)
	}
	defer r.Close()
	if _, err := io.CopyN(io.Discard, r, k.inner); err != nil {
		return fmt.Errorf("unpacking a chunk: %w", unexpected(err))
	}
	if _, err := io.ReadFull(r, f.bytes); err != nil {
		return fmt.Errorf("unpacking a chunk: %w", unexpected(err))
	}
	return nil
}
