package manifesttest

import (
	"context"
	"fmt"
	"strings"

	specs "github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/reference"
	"manifest-tool/internal/store"
)

// NewIndex returns an OCI index.
func NewIndex(entries []ocispec.Descriptor, annotations map[string]string) ocispec.Index {
	return ocispec.Index{
		Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageIndex,
		Manifests: entries, Annotations: annotations,
	}
}

// LargeIndex returns an index of n entries of about 200 bytes each, as JSON.
func LargeIndex(n int) string {
	var b strings.Builder
	b.WriteString(`{"schemaVersion":2,"manifests":[`)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"mediaType":%q,"digest":"sha256:%064x","size":%d,"platform":{"os":"linux","architecture":"amd64"}}`,
			ocispec.MediaTypeImageManifest, i, i)
	}
	return b.String() + "]}"
}

// IndexOnly is a Reader without any manifest that is named by its digest.
type IndexOnly struct{ manifest.Reader }

// Get returns the document under a tag, and store.ErrNotFound for a digest.
func (r IndexOnly) Get(ctx context.Context, ref reference.Ref) (store.Document, error) {
	if ref.Digest != "" {
		return store.Document{}, store.ErrNotFound
	}
	return r.Reader.Get(ctx, ref)
}
