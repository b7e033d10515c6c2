package store

import (
	"context"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"testing"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/reference"
)

// archive is a kind of storage that implements only the read half.
type archive struct{ reader }

func (archive) announce(reference.Ref, bool) {}

func (archive) capabilities() Capabilities { return Capabilities{} }

func (archive) open(context.Context, reference.Ref, ocispec.Descriptor) (io.ReadCloser, error) {
	return io.NopCloser(strings.NewReader("layer")), nil
}

func TestReadOnlyKind(t *testing.T) {
	const kind reference.Kind = 99
	s := newStore(t)
	s.backends[kind] = archive{}
	from := reference.Ref{Kind: kind, Path: "images.tar", Tag: "1"}
	s.Announce(from, false)
	o := smallIndex("x")
	to := ref(t, s, "oci-layout://"+filepath.Join(t.TempDir(), "new")+":1", true)
	layer := descriptorOf("", []byte("layer"))
	for name, err := range map[string]error{
		"put":              s.Put(t.Context(), from, o),
		"put tags":         joinTagErrors(s.PutTags(t.Context(), from, []string{"1", "2"}, o)),
		"compare and put":  joinTagErrors(s.CompareAndPutTags(t.Context(), from, "", []string{"1"}, o)),
		"copy into it":     s.CopyBlob(t.Context(), to, from, layer, CopyHints{}),
		"tags, one by one": s.PutTags(t.Context(), from, []string{"1", "2"}, o)[1].Err,
	} {
		if !errors.Is(err, ErrReadOnly) || !strings.Contains(err.Error(), "writing to ") {
			t.Errorf("%s: error %v", name, err)
		}
	}
	if err := s.CopyBlob(t.Context(), from, to, layer, CopyHints{}); err != nil {
		t.Errorf("copying out of it: %v", err)
	}
}

func TestUnsupportedKind(t *testing.T) {
	s, at := newStore(t), reference.Ref{Kind: 99}
	s.Announce(at, true)
	_, getErr := s.Get(t.Context(), at)
	for _, err := range []error{getErr, s.Put(t.Context(), at, smallIndex("x"))} {
		if err == nil || !strings.Contains(err.Error(), "not supported") {
			t.Errorf("error %v", err)
		}
	}
	if got := s.Capabilities(at); got != (Capabilities{}) {
		t.Errorf("capabilities %+v", got)
	}
}

// TestNotCreatedLayout distinguishes a layout that a write would create from one
// that lacks a tag.
func TestNotCreatedLayout(t *testing.T) {
	s := newStore(t)
	missing := ref(t, s, "oci-layout://"+filepath.Join(t.TempDir(), "new")+":1", true)
	for name, at := range map[string]reference.Ref{"no layout": missing, "no tag": layoutIn(t, s, smallIndex("x")).WithTag("2")} {
		_, err := s.Head(t.Context(), at)
		var notCreated *NotCreatedError
		if got, want := errors.As(err, &notCreated), name == "no layout"; got != want {
			t.Errorf("%s: not created is %v for %v", name, got, err)
		}
		if !errors.Is(err, ErrNotFound) {
			t.Errorf("%s: %v is not ErrNotFound", name, err)
		}
	}
}
