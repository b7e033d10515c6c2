package manifesttest

import (
	"context"
	"fmt"
	"manifest-tool/internal/manifest"
	"manifest-tool/internal/reference"
	"manifest-tool/internal/store"
	"strings"
	"testing"

	specs "github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// largeIndex is an index of n entries of some 200 bytes each.
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

// indexOnly reads indexes from a store and finds no image.
type IndexOnly struct{ manifest.Reader }

func (r IndexOnly) Get(ctx context.Context, ref reference.Ref) (store.Document, error) {
	if ref.Digest != "" {
		return store.Document{}, store.ErrNotFound
	}
	return r.Reader.Get(ctx, ref)
}

// index puts an index of given entries under a reference.
func PutIndex(t *testing.T, ref string, entries ...ocispec.Descriptor) ocispec.Descriptor {
	t.Helper()
	to, err := reference.Parse(ref)
	if err != nil {
		t.Fatal(err)
	}
	return PutManifest(t, NewStore(t), to, ocispec.MediaTypeImageIndex, EncodeJSON(t, NewIndex(entries, nil)))
}

// indexOf is an OCI index with the entries and annotations.
func NewIndex(entries []ocispec.Descriptor, annotations map[string]string) ocispec.Index {
	return ocispec.Index{
		Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageIndex,
		Manifests: entries, Annotations: annotations,
	}
}
