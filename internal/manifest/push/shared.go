package push

import (
	"context"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/oncemap"
	"manifest-tool/internal/reference"
	"manifest-tool/internal/store"
)

// sharingWriter is a Writer that reads the sources that several requests of a run
// have in common once. Others are not held in memory.
type sharingWriter struct {
	manifest.Writer
	common    map[string]bool
	documents oncemap.Map[string, store.Document]
	blobs     oncemap.Map[string, []byte]
}

// shareSources returns a Writer for a run, which is w if the requests have no source in
// common, or if a source has to be read again: one that is awaited, for example.
func shareSources(w manifest.Writer, requests []Request, o Options) manifest.Writer {
	s := &sharingWriter{Writer: w, common: map[string]bool{}}
	if o.Wait > 0 || o.Converge {
		return w
	}
	readBy := map[string]int{}
	for i, r := range requests {
		for _, src := range r.sources {
			name := src.ref.String()
			if by, read := readBy[name]; read && by != i {
				s.common[name] = true
			}
			readBy[name] = i
		}
	}
	if len(s.common) == 0 {
		return w
	}
	return s
}

// Get reads a source that several requests have in common once.
func (s *sharingWriter) Get(ctx context.Context, ref reference.Ref) (store.Document, error) {
	if !s.common[ref.String()] {
		return s.Writer.Get(ctx, ref)
	}
	return s.documents.Do(ctx, ref.String(), func() (store.Document, error) { return s.Writer.Get(ctx, ref) })
}

// ReadBlob reads the config of such a source once.
func (s *sharingWriter) ReadBlob(ctx context.Context, ref reference.Ref, desc ocispec.Descriptor) ([]byte, error) {
	if !s.common[ref.String()] {
		return s.Writer.ReadBlob(ctx, ref, desc)
	}
	return s.blobs.Do(ctx, blobKey(ref, desc.Digest), func() ([]byte, error) { return s.Writer.ReadBlob(ctx, ref, desc) })
}

func blobKey(ref reference.Ref, d digest.Digest) string { return ref.String() + " " + d.String() }
