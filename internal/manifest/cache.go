package manifest

import (
	"context"

	"manifest-tool/internal/oncemap"
	"manifest-tool/internal/reference"
	"manifest-tool/internal/store"
)

// cachingReader is a Reader that fetches each manifest once.
type cachingReader struct {
	Reader
	documents oncemap.Map[string, store.Document]
}

// CacheManifests returns a Reader whose Get fetches each manifest of r once and
// holds it in memory, for several walks over the same manifests. Errors are
// held too, except those of a cancelled context.
func CacheManifests(r Reader) Reader { return &cachingReader{Reader: r} }

// Get returns the manifest of ref, as Reader.Get does.
func (c *cachingReader) Get(ctx context.Context, ref reference.Ref) (store.Document, error) {
	return c.documents.Do(ctx, ref.String(), func() (store.Document, error) { return c.Reader.Get(ctx, ref) })
}
