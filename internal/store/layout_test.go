package store

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/reference"
)

// layoutIn puts an object into a new layout under the tag 1.
func layoutIn(t *testing.T, s *Store, o Document) reference.Ref {
	t.Helper()
	r := ref(t, s, "oci-layout://"+filepath.Join(t.TempDir(), "layout")+":1", true)
	if err := s.Put(t.Context(), r, o); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestWhatIsPutIntoALayoutIsGot(t *testing.T) {
	s, o := newStore(t), smallIndex("x")
	r := layoutIn(t, s, o)
	for _, at := range []reference.Ref{r, r.WithDigest(o.Descriptor.Digest), {Kind: reference.Layout, Path: r.Path, Tag: "1", Digest: o.Descriptor.Digest}} {
		got, err := s.Get(t.Context(), at)
		if diff := cmp.Diff(o, got); diff != "" || err != nil {
			t.Errorf("%s: %v\n%s", at, err, diff)
		}
	}
	blob, err := s.ReadBlob(t.Context(), r, o.Descriptor)
	if err != nil || string(blob) != string(o.Raw) {
		t.Errorf("as a blob it is %q, %v", blob, err)
	}
	sha512 := digest.SHA512.FromBytes(o.Raw)
	if _, err := s.Get(t.Context(), r.WithDigest(sha512)); !errors.Is(err, ErrNotFound) {
		t.Errorf("under a digest nobody stored it by: %v", err)
	}
}

func TestALayoutIsWhatTheImageSpecSays(t *testing.T) {
	s, o := newStore(t), smallIndex("x")
	r := layoutIn(t, s, o)
	var index ocispec.Index
	read(t, filepath.Join(r.Path, "index.json"), &index)
	named := o.Descriptor
	named.Annotations = map[string]string{"org.opencontainers.image.ref.name": "1"}
	if diff := cmp.Diff([]ocispec.Descriptor{named}, index.Manifests); diff != "" || index.SchemaVersion != 2 || index.MediaType != ociIndex {
		t.Errorf("index.json is %+v\n%s", index, diff)
	}
	var marker ocispec.ImageLayout
	read(t, filepath.Join(r.Path, "oci-layout"), &marker)
	if marker.Version != "1.0.0" {
		t.Errorf("the layout's version is %q", marker.Version)
	}
	wantFiles(t, r.Path, "blobs/sha256/"+o.Descriptor.Digest.Encoded(), "index.json", "oci-layout")
}

func read(t *testing.T, path string, into any) {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(raw, into)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// wantFiles checks that a directory holds these files and no others, of whatever
// name: nothing half-written may stay behind.
func wantFiles(t *testing.T, dir string, want ...string) {
	t.Helper()
	var got []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			name, _ := filepath.Rel(dir, path)
			got = append(got, filepath.ToSlash(name))
		}
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

func TestATagIsFoundByEitherName(t *testing.T) {
	s := newStore(t)
	short, long, other := smallIndex("short"), smallIndex("long"), smallIndex("other")
	r := layoutIn(t, s, short)
	for name, o := range map[string]Document{"registry.example/app:2": long, "registry.example/app:12": other} {
		if err := s.Put(t.Context(), r.WithTag("x"), o); err != nil {
			t.Fatal(err)
		}
		rename(t, r.Path, "x", name)
	}
	for tag, want := range map[string]Document{"1": short, "2": long, "12": other} {
		if got, err := s.Get(t.Context(), r.WithTag(tag)); err != nil || got.Descriptor.Digest != want.Descriptor.Digest {
			t.Errorf("tag %s is %s, %v", tag, got.Raw, err)
		}
	}

	// A tag of our own comes before another tool's name that ends in it.
	if err := s.Put(t.Context(), r.WithTag("2"), short); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Get(t.Context(), r.WithTag("2")); err != nil || got.Descriptor.Digest != short.Descriptor.Digest {
		t.Errorf("tag 2 is %s after it was written, %v", got.Raw, err)
	}
}

// rename gives an entry of index.json another name.
func rename(t *testing.T, dir, from, to string) {
	t.Helper()
	var index ocispec.Index
	path := filepath.Join(dir, "index.json")
	read(t, path, &index)
	for i := range index.Manifests {
		if refName(index.Manifests[i]) == from {
			index.Manifests[i].Annotations[ocispec.AnnotationRefName] = to
		}
	}
	raw, err := json.Marshal(index)
	if err == nil {
		err = os.WriteFile(path, raw, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestOnlyWhatIsMissingIsNotFound(t *testing.T) {
	o := smallIndex("x")
	tests := []struct {
		name     string
		spoil    func(t *testing.T, dir string)
		get      func(reference.Ref) reference.Ref
		notFound bool
	}{
		{"another tag", nil, func(r reference.Ref) reference.Ref { return r.WithTag("2") }, true},
		{"another digest", nil, func(r reference.Ref) reference.Ref { return r.WithDigest(digest.FromString("another")) }, true},
		{"a blob that was deleted", func(t *testing.T, dir string) {
			remove(t, filepath.Join(dir, "blobs", "sha256", o.Descriptor.Digest.Encoded()))
		}, func(r reference.Ref) reference.Ref { return r }, true},
		{"no folder", func(t *testing.T, dir string) { remove(t, dir) }, func(r reference.Ref) reference.Ref { return r }, true},
		{"no layout", func(t *testing.T, dir string) { remove(t, filepath.Join(dir, "oci-layout")) }, func(r reference.Ref) reference.Ref { return r }, false},
		{"no index.json", func(t *testing.T, dir string) { remove(t, filepath.Join(dir, "index.json")) }, func(r reference.Ref) reference.Ref { return r }, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newStore(t)
			r := layoutIn(t, s, o)
			if tt.spoil != nil {
				tt.spoil(t, r.Path)
			}
			got, err := s.Get(t.Context(), tt.get(r))
			if err == nil || errors.Is(err, ErrNotFound) != tt.notFound {
				t.Errorf("got %q, %v, not found: want %v", got.Raw, err, tt.notFound)
			}
		})
	}
}

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.RemoveAll(path); err != nil {
		t.Fatal(err)
	}
}

func TestABlobThatALayoutLacks(t *testing.T) {
	s := newStore(t)
	r := layoutIn(t, s, smallIndex("x"))
	if got, err := s.ReadBlob(t.Context(), r, descriptorOf("", []byte("config"))); !errors.Is(err, ErrNotFound) {
		t.Errorf("got %q, %v", got, err)
	}
	remove(t, r.Path)
	if got, err := s.ReadBlob(t.Context(), r, descriptorOf("", []byte("config"))); !errors.Is(err, ErrNotFound) {
		t.Errorf("without a layout: got %q, %v", got, err)
	}
}

func sorted(words []string) []string {
	slices.Sort(words)
	return words
}

// TestALayoutThatCannotBeReadSaysWhy holds the words: no name of a call, and
// what Go says of JSON in ours.
func TestALayoutThatCannotBeReadSaysWhy(t *testing.T) {
	t.Parallel()
	s, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	says := func(ref, want string) {
		t.Helper()
		parsed, err := reference.Parse(reference.LayoutPrefix + ref)
		if err != nil {
			t.Fatal(err)
		}
		if _, err = s.Get(t.Context(), parsed); err == nil || err.Error() != reference.LayoutPrefix+ref+": "+want {
			t.Errorf("%s: %v, want %s", ref, err, want)
		}
	}
	says(filepath.Join(dir, "none")+":1", "no such file or directory")
	says(dir+":1", "it is not an OCI layout, its file oci-layout: no such file or directory")
	file("oci-layout", `{"imageLayoutVersion":"1.0.0"}`)
	says(dir+":1", "index.json: no such file or directory")
	file("index.json", "{\n\"manifests\": \"x\"}")
	says(dir+":1", `reading index.json: line 2: "manifests" must be a list, not a text`)
	file("index.json", "{\n\n}}")
	says(dir+":1", "reading index.json: line 3: it is not JSON")
}
