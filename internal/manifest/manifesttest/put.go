package manifesttest

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/opencontainers/go-digest"
	specs "github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/reference"
	"manifest-tool/internal/store"
)

// PutImage stores an image of one layer under ref and returns its descriptor.
func PutImage(t *testing.T, ref, mediaType string, p ocispec.Platform) ocispec.Descriptor {
	t.Helper()
	to := parse(t, ref)
	s := NewStore(t)
	s.Announce(to, true)
	config := EncodeJSON(t, ocispec.Image{Platform: p})
	layer := []byte("layer of " + to.Tag + fmt.Sprint(p))
	m := ocispec.Manifest{
		Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: mediaType,
		Config: PutBlob(t, s, to, ocispec.MediaTypeImageConfig, config),
		Layers: []ocispec.Descriptor{PutBlob(t, s, to, ocispec.MediaTypeImageLayerGzip, layer)},
	}
	return PutManifest(t, s, to, mediaType, EncodeJSON(t, m))
}

// PutIndex stores an OCI index of the entries under ref and returns its
// descriptor. The entries need not exist.
func PutIndex(t *testing.T, ref string, entries ...ocispec.Descriptor) ocispec.Descriptor {
	t.Helper()
	return PutManifest(t, NewStore(t), parse(t, ref), ocispec.MediaTypeImageIndex, EncodeJSON(t, NewIndex(entries, nil)))
}

// PutBlob stores a blob in the repository of to.
func PutBlob(t *testing.T, s *store.Store, to reference.Ref, mediaType string, raw []byte) ocispec.Descriptor {
	t.Helper()
	d := descriptorOf(mediaType, raw)
	from := parse(t, "oci-layout://"+t.TempDir())
	// A store writes blobs by copying; a layout stores any bytes as a blob.
	if err := s.Put(t.Context(), from.WithDigest(d.Digest), store.Document{Descriptor: d, Raw: raw}); err != nil {
		t.Fatal(err)
	}
	if err := s.CopyBlob(t.Context(), from, to, d, store.CopyHints{Content: raw}); err != nil {
		t.Fatal(err)
	}
	return d
}

// PutManifest stores a manifest under the tag or digest of to.
func PutManifest(t *testing.T, s *store.Store, to reference.Ref, mediaType string, raw []byte) ocispec.Descriptor {
	t.Helper()
	d := descriptorOf(mediaType, raw)
	s.Announce(to, true)
	if err := s.Put(t.Context(), to, store.Document{Descriptor: d, Raw: raw}); err != nil {
		t.Fatal(err)
	}
	return d
}

// EncodeJSON returns v as JSON.
func EncodeJSON(t *testing.T, v any) []byte {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func parse(t *testing.T, ref string) reference.Ref {
	t.Helper()
	r, err := reference.Parse(ref)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func descriptorOf(mediaType string, raw []byte) ocispec.Descriptor {
	return ocispec.Descriptor{MediaType: mediaType, Digest: digest.FromBytes(raw), Size: int64(len(raw))}
}
