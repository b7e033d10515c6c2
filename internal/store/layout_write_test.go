package store

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/reference"
	"manifest-tool/internal/store/atomicfile"
)

func TestATagMoves(t *testing.T) {
	s, before, after := newStore(t), smallIndex("before"), smallIndex("after")
	r := layoutIn(t, s, before)
	for _, to := range []reference.Ref{r.WithTag("2"), r} {
		if err := s.Put(t.Context(), to, after); err != nil {
			t.Fatal(err)
		}
	}
	for _, tag := range []string{"1", "2"} {
		if got, err := s.Get(t.Context(), r.WithTag(tag)); err != nil || got.Descriptor.Digest != after.Descriptor.Digest {
			t.Errorf("tag %s is %s, %v", tag, got.Raw, err)
		}
	}
	var index ocispec.Index
	read(t, filepath.Join(r.Path, "index.json"), &index)
	var names []string
	for _, d := range index.Manifests {
		names = append(names, d.Digest.Encoded()[:8]+" "+refName(d))
	}
	old, now := before.Descriptor.Digest.Encoded()[:8], after.Descriptor.Digest.Encoded()[:8]
	if diff := cmp.Diff([]string{old + " ", now + " 2", now + " 1"}, names); diff != "" {
		t.Errorf("entries of index.json (-want +got):\n%s", diff)
	}
	if _, err := s.Get(t.Context(), r.WithDigest(before.Descriptor.Digest)); err != nil {
		t.Errorf("what the tag named before: %v", err)
	}
}

func TestPutByDigestNamesNothing(t *testing.T) {
	s, o, child := newStore(t), smallIndex("x"), smallIndex("child")
	r := layoutIn(t, s, o)
	if err := s.Put(t.Context(), r.WithDigest(child.Descriptor.Digest), child); err != nil {
		t.Fatal(err)
	}
	var index ocispec.Index
	read(t, filepath.Join(r.Path, "index.json"), &index)
	if len(index.Manifests) != 1 || index.Manifests[0].Digest != o.Descriptor.Digest {
		t.Errorf("index.json names %+v", index.Manifests)
	}
	if _, err := s.Get(t.Context(), r.WithDigest(child.Descriptor.Digest)); err != nil {
		t.Error(err)
	}
}

func TestTagsThatAreWrittenTogetherAreAllKept(t *testing.T) {
	s := newStore(t)
	r := ref(t, s, "oci-layout://"+filepath.Join(t.TempDir(), "new", "layout")+":x", true)
	const tags = 20
	errs := make(chan error, tags)
	for i := range tags {
		go func() { errs <- s.Put(t.Context(), r.WithTag(fmt.Sprint("tag", i)), smallIndex(fmt.Sprint(i%3))) }()
	}
	for range tags {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	for i := range tags {
		got, err := s.Get(t.Context(), r.WithTag(fmt.Sprint("tag", i)))
		if want := smallIndex(fmt.Sprint(i % 3)); err != nil || got.Descriptor.Digest != want.Descriptor.Digest {
			t.Errorf("tag%d is %s, %v", i, got.Raw, err)
		}
	}
	want := []string{}
	for _, d := range []digest.Digest{smallIndex("0").Descriptor.Digest, smallIndex("1").Descriptor.Digest, smallIndex("2").Descriptor.Digest} {
		want = append(want, "blobs/sha256/"+d.Encoded())
	}
	wantFiles(t, r.Path, sorted(append(want, "index.json", "oci-layout"))...)
}

func TestFault93NothingHalfWrittenStays(t *testing.T) {
	tests := []struct {
		name   string
		answer http.HandlerFunc
	}{
		{"a source that breaks off", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "5")
			fmt.Fprint(w, "lay")
		}},
		{"a source of other bytes", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "layeR") }},
		{"a source that sends more", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "layer and more") }},
		{"a source that has nothing", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFront(t, func(w http.ResponseWriter, r *http.Request) bool {
				tt.answer(w, r)
				return true
			})
			s, o := newStore(t), smallIndex("x")
			to := layoutIn(t, s, o)
			desc := descriptorOf("", []byte("layer"))
			if err := s.CopyBlob(t.Context(), ref(t, s, f.host+"/a:1", false), to, desc, CopyHints{}); err == nil {
				t.Error("the copy went through")
			}
			wantFiles(t, to.Path, "blobs/sha256/"+o.Descriptor.Digest.Encoded(), "index.json", "oci-layout")
			if got, err := s.ReadBlob(t.Context(), to, desc); !errors.Is(err, ErrNotFound) {
				t.Errorf("the layout has %q, %v", got, err)
			}
		})
	}
}

func TestFault93AFileIsReplacedWholeOrNotAtAll(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "index.json")
	write(t, path, "before")
	full := errors.New("no space left")
	if err := atomicfile.Write(path, io.MultiReader(&slowly{"half"}, failingReader{full})); !errors.Is(err, full) {
		t.Errorf("error %v", err)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != "before" {
		t.Errorf("the file has %q, %v", got, err)
	}
	wantFiles(t, dir, "index.json")
	if err := atomicfile.Write(path, &slowly{"after"}); err != nil {
		t.Error(err)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != "after" {
		t.Errorf("the file has %q, %v", got, err)
	}
	wantFiles(t, dir, "index.json")
}

type failingReader struct{ err error }

func (f failingReader) Read([]byte) (int, error) { return 0, f.err }

func TestADamagedBlobIsReplaced(t *testing.T) {
	for name, damaged := range map[string]string{"cut": "lay", "other": "layeR", "longer": "layers", "empty": ""} {
		t.Run(name, func(t *testing.T) {
			s, f := newStore(t), newFront(t, nil)
			desc := f.putBlob(t, "a", "layer")
			f.forget()
			from, to := ref(t, s, f.host+"/a:1", false), layoutIn(t, s, smallIndex("x"))
			write(t, filepath.Join(to.Path, "blobs", "sha256", desc.Digest.Encoded()), damaged)
			for range 2 { // the second time it is there, and nothing is read
				if err := s.CopyBlob(t.Context(), from, to, desc, CopyHints{}); err != nil {
					t.Fatal(err)
				}
			}
			if got, err := s.ReadBlob(t.Context(), to, desc); err != nil || string(got) != "layer" {
				t.Errorf("the layout has %q, %v", got, err)
			}
			if diff := cmp.Diff(map[string]int{"GET /v2/a/blobs/" + desc.Digest.String() + " OK": 1}, f.count()); diff != "" {
				t.Errorf("requests (-want +got):\n%s", diff)
			}
		})
	}
}

func TestABrokenIndexJSONIsNotOverwritten(t *testing.T) {
	s := newStore(t)
	r := layoutIn(t, s, smallIndex("x"))
	path := filepath.Join(r.Path, "index.json")
	write(t, path, "{broken")
	if err := s.Put(t.Context(), r, smallIndex("y")); err == nil {
		t.Error("the put went through")
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != "{broken" {
		t.Errorf("index.json is %q, %v", got, err)
	}
}
