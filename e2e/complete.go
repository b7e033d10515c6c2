//go:build e2e

package e2e

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// place is where an index with its images may stand: a repository or a layout.
type place interface {
	// Manifest returns the bytes of a manifest or index.
	Manifest(t *testing.T, d digest.Digest) []byte
	// Blob returns the bytes of a config or layer.
	Blob(t *testing.T, d digest.Digest) []byte
}

// wantComplete walks the index down to the last layer and fails the test when
// a document or a blob is missing, has another digest or another size. It
// returns the index.
func wantComplete(t *testing.T, at place, top digest.Digest) ocispec.Index {
	t.Helper()
	raw := at.Manifest(t, top)
	wantDigest(t, top, raw)
	var index ocispec.Index
	must(t, json.Unmarshal(raw, &index))
	if len(index.Manifests) == 0 {
		t.Fatalf("the index %s has no entries:\n%s", top, raw)
	}
	for _, entry := range index.Manifests {
		child := at.Manifest(t, entry.Digest)
		wantBytes(t, entry, child)
		var manifest ocispec.Manifest
		must(t, json.Unmarshal(child, &manifest))
		for _, blob := range append(manifest.Layers, manifest.Config) {
			wantBytes(t, blob, at.Blob(t, blob.Digest))
		}
	}
	return index
}

// wantBytes fails the test unless the bytes are those the descriptor names.
func wantBytes(t *testing.T, want ocispec.Descriptor, content []byte) {
	t.Helper()
	wantDigest(t, want.Digest, content)
	if int64(len(content)) != want.Size {
		t.Errorf("%s has %d bytes, its descriptor says %d", want.Digest, len(content), want.Size)
	}
}

// wantDigest fails the test unless the bytes have the digest.
func wantDigest(t *testing.T, want digest.Digest, content []byte) {
	t.Helper()
	if got := digest.FromBytes(content); got != want {
		t.Errorf("content has digest %s, want %s", got, want)
	}
}

// wantEntries fails the test unless the index lists these objects, in this
// order, with these platforms and annotations.
func wantEntries(t *testing.T, index ocispec.Index, objects ...object) {
	t.Helper()
	var want []ocispec.Descriptor
	for _, o := range objects {
		want = append(want, o.Descriptor())
	}
	if diff := cmp.Diff(want, index.Manifests); diff != "" {
		t.Errorf("entries of the index (-want +got):\n%s", diff)
	}
}

// WantPushed fails the test unless the push printed a digest under which the
// registry has the whole fleet, as it is.
func (f imageSet) WantPushed(t *testing.T, done result, at place) {
	t.Helper()
	wantEntries(t, wantComplete(t, at, done.PushedDigest(t)), f.Objects()...)
}
