package rootfs

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"hash/maphash"
	"io"
)

// scanner reads a layer from its beginning to its end, once.
type scanner struct {
	limits Limits
	seed   maphash.Seed
	// windows is set for layers of Windows images: names are case-insensitive,
	// and the files are below Files/.
	windows bool
	// list keeps the paths of all programs, in addition to their hashes.
	list bool
	// diffID computes the digest of the decompressed layer.
	diffID bool
	// alone admits one layer with a large zstd window.
	alone chan struct{}
	// unpacking bounds the files whose chunks are in memory.
	unpacking chan struct{}
}

// windowsFiles is the directory of the files of a Windows layer; the hives of the
// registry are in another. Source: image-spec, "layer.md"; microsoft/hcsshim.
const windowsFiles = "/Files"

func (s *scanner) newTable() (*Table, *builder) {
	t := &Table{seed: s.seed, fold: s.windows}
	prefix := ""
	if s.windows {
		prefix = windowsFiles
	}
	return t, newBuilder(t, s.limits, prefix)
}

// scan reads a whole layer. It returns a Table only if the blob has its digest; an
// error of the blob is a *SourceError. If the bytes were verified but are not a
// valid archive, verified is true and the error is set.
func (s *scanner) scan(ctx context.Context, layer Layer) (t *Table, verified bool, err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, s.limits.Time, &LimitError{"seconds to read", int64(s.limits.Time.Seconds())})
	defer cancel()
	t, verified, err = s.scanOnce(ctx, layer, false)
	if errors.Is(err, errLargerWindow) {
		t, verified, err = s.scanOnce(ctx, layer, true)
	}
	if limit := (*LimitError)(nil); err != nil && errors.As(context.Cause(ctx), &limit) {
		return nil, false, limit // a request that was cancelled for it
	}
	return t, verified, err
}

// scanOnce reads a layer from its beginning; large means that it has a zstd frame
// with a large window.
func (s *scanner) scanOnce(ctx context.Context, layer Layer, large bool) (t *Table, verified bool, err error) {
	body, err := layer.Blob.Open(ctx)
	if err != nil {
		return nil, false, &SourceError{err}
	}
	defer body.Close()
	in, err := inflate(ctx, body, s.limits, s.alone, large)
	if err != nil {
		if unread := drained(body); unread != nil {
			return nil, false, unread
		}
		return nil, true, err
	}
	defer in.close()
	t, err = s.read(in, layer)
	if err != nil {
		err = in.cause(err)
		// The rest of a bomb is only read if its digest is required, and a broken
		// stream has none.
		if limit, source := (*LimitError)(nil), (*SourceError)(nil); errors.As(err, &limit) && !s.diffID || errors.As(err, &source) {
			return nil, false, err
		}
		// If the digest differs, the bytes are not those of the layer.
		if wrong := in.drain(); wrong != nil {
			return nil, false, wrong
		}
		return nil, true, err
	}
	if err := in.drain(); err != nil {
		return nil, false, err
	}
	return t, true, nil
}

// drained reads the rest, which verifies the digest.
func drained(body io.Reader) error {
	if _, err := io.Copy(io.Discard, body); err != nil {
		return &SourceError{err}
	}
	return nil
}

// read reads the archive, and the stream to its end.
func (s *scanner) read(in *stream, layer Layer) (*Table, error) {
	t, b := s.newTable()
	if !s.windows {
		b.symlinks.paths = map[uint64]bool{}
	}
	t.Compression = in.kind
	if want := declaredCompression(layer.MediaType); want != "" && want != in.kind {
		t.Notes = append(t.Notes, Note{NoteCompression, string(want), string(in.kind)})
	}
	sum, out := hash.Hash(nil), in.out
	if s.diffID {
		sum = sha256.New()
		out = io.TeeReader(in.out, sum)
	}
	if err := s.walk(b, out); err != nil {
		return nil, err
	}
	note, err := trailing(out)
	if err != nil {
		return nil, err
	}
	t.Notes = append(t.Notes, note...)
	if sum != nil {
		t.DiffID = "sha256:" + hex.EncodeToString(sum.Sum(nil))
	}
	t.finish()
	s.removeReplaced(t)
	return t, nil
}

// trailing reads the bytes after the archive. Zeros are tar's padding; any other
// bytes are returned as a note, since runtimes differ in what they do with them.
func trailing(r io.Reader) ([]Note, error) {
	var limit *LimitError
	buf := make([]byte, 32<<10)
	odd := false
	for {
		n, err := r.Read(buf)
		for _, c := range buf[:n] {
			odd = odd || c != 0
		}
		switch {
		case errors.Is(err, io.EOF) && !odd:
			return nil, nil
		case errors.Is(err, io.EOF):
			return []Note{{NoteTrailing, "nothing after the archive", "more bytes"}}, nil
		case errors.As(err, &limit):
			return nil, err
		case err != nil:
			return []Note{{NoteTrailing, "nothing after the archive", err.Error()}}, nil
		}
	}
}
