package store

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"manifest-tool/internal/reference"
)

// newArchive is a reference to an archive that does not exist, in a directory of its own.
func newArchive(t *testing.T, s *Store) reference.Ref {
	t.Helper()
	return ref(t, s, "oci-archive://"+filepath.Join(t.TempDir(), "a.tar")+":1", true)
}

func TestWhatIsPutIntoAnArchiveIsGot(t *testing.T) {
	s, o, child := newStore(t), smallIndex("x"), smallIndex("child")
	at := newArchive(t, s)
	var notCreated *NotCreatedError
	if _, err := s.Head(t.Context(), at); !errors.As(err, &notCreated) {
		t.Errorf("before it exists: %v", err)
	}
	if err := s.CheckTarget(t.Context(), at); err != nil {
		t.Error(err)
	}
	if err := s.Put(t.Context(), at.WithDigest(child.Descriptor.Digest), child); err != nil {
		t.Fatal(err)
	}
	wantFiles(t, filepath.Dir(at.Path)) // only a tag writes it
	for _, one := range s.PutTags(t.Context(), at, []string{"1", "2"}, o) {
		if one.Err != nil {
			t.Fatal(one.Err)
		}
	}
	for _, r := range []reference.Ref{at, at.WithTag("2"), at.WithDigest(o.Descriptor.Digest)} {
		if got, err := s.Get(t.Context(), r); err != nil || !bytes.Equal(got.Raw, o.Raw) {
			t.Errorf("%s: %s, %v", r, got.Raw, err)
		}
	}
	if _, err := s.Get(t.Context(), at.WithDigest(child.Descriptor.Digest)); err != nil {
		t.Error(err)
	}
	wantFiles(t, filepath.Dir(at.Path), "a.tar")
}

// TestTheSameContentMakesTheSameArchive pushes in two orders.
func TestTheSameContentMakesTheSameArchive(t *testing.T) {
	blobs := []Document{smallIndex("a"), smallIndex("b"), objectOf("", strings.Repeat("layer", 1<<15))}
	var archives [][]byte
	for _, order := range [][]int{{0, 1, 2}, {2, 1, 0}} {
		s := newStore(t)
		at := newArchive(t, s)
		for _, i := range order {
			if err := s.Put(t.Context(), at.WithDigest(blobs[i].Descriptor.Digest), blobs[i]); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Put(t.Context(), at, smallIndex("x")); err != nil {
			t.Fatal(err)
		}
		raw, err := os.ReadFile(at.Path)
		if err != nil {
			t.Fatal(err)
		}
		archives = append(archives, raw)
	}
	if !bytes.Equal(archives[0], archives[1]) {
		t.Error("the archives differ")
	}
	var names []string
	for r := tar.NewReader(bytes.NewReader(archives[0])); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, h.Name)
		if h.ModTime.Unix() != 0 || h.Uid != 0 || h.Uname != "" {
			t.Errorf("%s has the time %v and the owner %d %s", h.Name, h.ModTime, h.Uid, h.Uname)
		}
	}
	if diff := cmp.Diff(sorted(append([]string(nil), names...)), names); diff != "" || len(names) != 8 || names[0] != "blobs/" {
		t.Errorf("members %q", names)
	}
}

func TestAnArchiveKeepsWhatItHas(t *testing.T) {
	s, first, second := newStore(t), smallIndex("first"), smallIndex("second")
	dir := layoutIn(t, s, first)
	files := filesOf(t, dir.Path)
	files["manifest.json"] = "[]"
	files["index.json"] = strings.Replace(files["index.json"], "{", `{"other":{"key":1},`, 1)
	at := ref(t, s, "oci-archive://"+packed(t, "a.tar", files)+":2", true)
	if err := os.Chmod(at.Path, 0o640); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.Put(t.Context(), at, second); err != nil {
			t.Fatal(err)
		}
	}
	for tag, want := range map[string]Document{"1": first, "2": second} {
		if got, err := newStore(t).Get(t.Context(), at.WithTag(tag)); err != nil || got.Descriptor.Digest != want.Descriptor.Digest {
			t.Errorf("tag %s is %s, %v", tag, got.Raw, err)
		}
	}
	if got := readMember(t, s, at, "manifest.json") + readMember(t, s, at, "index.json"); !strings.HasPrefix(got, "[]{") || !strings.Contains(got, `"other":{"key":1}`) {
		t.Errorf("other content: %s", got)
	}
	if info, err := os.Stat(at.Path); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

// readMember reads a member of an archive.
func readMember(t *testing.T, s *Store, at reference.Ref, name string) string {
	t.Helper()
	archives, _ := s.backends[reference.OCIArchive].(ociArchive)
	files, err := archives.openLayout(t.Context(), at)
	if err != nil {
		t.Fatal(err)
	}
	defer files.Close()
	raw, err := readBounded(t.Context(), files, name)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func TestAnUnchangedArchiveIsNotWritten(t *testing.T) {
	s, o := newStore(t), smallIndex("x")
	at := newArchive(t, s)
	if err := s.Put(t.Context(), at, o); err != nil {
		t.Fatal(err)
	}
	before, err := os.Stat(at.Path)
	if err != nil {
		t.Fatal(err)
	}
	if err := newStore(t).Put(t.Context(), at, o); err != nil {
		t.Fatal(err)
	}
	if after, err := os.Stat(at.Path); err != nil || !os.SameFile(before, after) {
		t.Errorf("it was written again: %v", err)
	}
}

func TestATagOfAnArchiveIsCompared(t *testing.T) {
	s, first, second := newStore(t), smallIndex("first"), smallIndex("second")
	at := newArchive(t, s)
	if err := joinTagErrors(s.CompareAndPutTags(t.Context(), at, "", []string{"1"}, first)); err != nil {
		t.Fatal(err)
	}
	var differs *TagMismatchError
	if err := joinTagErrors(s.CompareAndPutTags(t.Context(), at, "", []string{"1"}, second)); !errors.As(err, &differs) || differs.Have != first.Descriptor.Digest {
		t.Errorf("a tag that exists: %v", err)
	}
	if err := joinTagErrors(s.CompareAndPutTags(t.Context(), at, first.Descriptor.Digest, []string{"1"}, second)); err != nil {
		t.Error(err)
	}
	if got, err := s.Get(t.Context(), at); err != nil || got.Descriptor.Digest != second.Descriptor.Digest {
		t.Errorf("the tag is %s, %v", got.Raw, err)
	}
}

// TestFault130NoTagOfAnArchiveIsLost has several writers of one archive, of which each
// writes all that it has read.
func TestFault130NoTagOfAnArchiveIsLost(t *testing.T) {
	at := newArchive(t, newStore(t))
	const writers, tags = 4, 5
	var all sync.WaitGroup
	for w := range writers {
		s := newStore(t) // as in a process of its own
		for i := range tags {
			all.Go(func() {
				if err := s.Put(t.Context(), at.WithTag(fmt.Sprint(w, ".", i)), smallIndex(fmt.Sprint(w, i))); err != nil {
					t.Error(err)
				}
			})
		}
	}
	all.Wait()
	got, err := newStore(t).Tags(t.Context(), at)
	if err != nil || len(got) != writers*tags {
		t.Errorf("%d tags, want %d: %q, %v", len(got), writers*tags, got, err)
	}
	wantFiles(t, filepath.Dir(at.Path), "a.tar")
}

// TestFault130AFailureLeavesTheArchive ends a push in each of its phases.
func TestFault130AFailureLeavesTheArchive(t *testing.T) {
	stopped := errors.New("stopped")
	layer := descriptorOf("", []byte("layer"))
	for name, fail := range map[string]func(t *testing.T, s *Store, at reference.Ref) error{
		"a blob of other bytes": func(t *testing.T, s *Store, at reference.Ref) error {
			return s.CopyBlob(t.Context(), damagedLayout(t, "layer", "layeR"), at, layer, CopyHints{})
		},
		"a blob that does not exist": func(t *testing.T, s *Store, at reference.Ref) error {
			return s.CopyBlob(t.Context(), layoutIn(t, s, smallIndex("x")), at, layer, CopyHints{})
		},
		"an interrupt": func(t *testing.T, s *Store, at reference.Ref) error {
			if err := s.Put(t.Context(), at.WithDigest(layer.Digest), objectOf("", "layer")); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancelCause(t.Context())
			cancel(stopped)
			return s.Put(ctx, at, smallIndex("other"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStore(t)
			fresh, at := newArchive(t, s), newArchive(t, s)
			if err := fail(t, s, fresh); err == nil {
				t.Error("the push went through")
			}
			wantFiles(t, filepath.Dir(fresh.Path))
			if err := s.Put(t.Context(), at, smallIndex("before")); err != nil {
				t.Fatal(err)
			}
			before, err := os.ReadFile(at.Path)
			if err != nil {
				t.Fatal(err)
			}
			if err := fail(t, s, at); err == nil {
				t.Error("the push went through")
			}
			wantFiles(t, filepath.Dir(at.Path), "a.tar")
			if after, err := os.ReadFile(at.Path); err != nil || !bytes.Equal(before, after) {
				t.Errorf("the archive was changed: %v", err)
			}
		})
	}
}

// damagedLayout is a layout in which a blob has other bytes.
func damagedLayout(t *testing.T, blob, bytes string) reference.Ref {
	t.Helper()
	s := newStore(t)
	at, d := layoutIn(t, s, smallIndex("x")), descriptorOf("", []byte(blob)).Digest
	write(t, filepath.Join(at.Path, filepath.FromSlash(blobPath(d))), bytes)
	return at
}

// TestFault130ADamagedBlobIsReplaced copies a blob that the archive has with other bytes.
func TestFault130ADamagedBlobIsReplaced(t *testing.T) {
	s, layer := newStore(t), objectOf("", "layer")
	at := ref(t, s, "oci-archive://"+packed(t, "a.tar", filesOf(t, damagedLayout(t, "layer", "layeR").Path))+":1", true)
	from := layoutIn(t, s, smallIndex("x"))
	if err := s.Put(t.Context(), from.WithDigest(layer.Descriptor.Digest), layer); err != nil {
		t.Fatal(err)
	}
	if err := s.CopyBlob(t.Context(), from, at, layer.Descriptor, CopyHints{}); err != nil {
		t.Fatal(err)
	}
	if err := s.Put(t.Context(), at, smallIndex("x")); err != nil {
		t.Fatal(err)
	}
	if got, err := s.ReadBlob(t.Context(), at, layer.Descriptor); err != nil || string(got) != "layer" {
		t.Errorf("layer %q, %v", got, err)
	}
}

func TestFault130OtherFilesAreNotReplaced(t *testing.T) {
	layout := map[string]string{"oci-layout": "{}", "index.json": "{}"}
	for name, path := range map[string]string{
		"another file":      func() string { p := filepath.Join(t.TempDir(), "x"); write(t, p, "precious"); return p }(),
		"a directory":       t.TempDir(),
		"a Docker archive":  packed(t, "a.tar", map[string]string{"manifest.json": "[]"}),
		"a compressed one":  packed(t, "a.tar.gz", layout),
		"one with links":    packed(t, "a.tar", map[string]string{"oci-layout": "{}", "index.json": "-> oci-layout"}),
		"one with old keys": packed(t, "a.tar", map[string]string{"oci-layout": "{}", "index.json": `{"Manifests":[]}`}),
	} {
		t.Run(name, func(t *testing.T) {
			s := newStore(t)
			before, _ := os.ReadFile(path)
			to := ref(t, s, "oci-archive://"+path+":1", true)
			if err := s.Put(t.Context(), to, smallIndex("x")); err == nil {
				t.Error("the put went through")
			}
			if err := s.CheckTarget(t.Context(), to); err == nil && name != "one with old keys" {
				t.Error("it can be a target")
			}
			if after, _ := os.ReadFile(path); !bytes.Equal(before, after) {
				t.Error("the file was changed")
			}
		})
	}
}
