package store

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"manifest-tool/internal/reference"
)

// packed writes an archive of files, in the order of their names, compressed as the
// end of its name says, and returns its path. "-> TARGET" is a link.
func packed(t *testing.T, name string, files map[string]string) string {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, file := range sortedKeys(files) {
		h := &tar.Header{Typeflag: tar.TypeReg, Name: file, Size: int64(len(files[file]))}
		if target, isLink := strings.CutPrefix(files[file], "-> "); isLink {
			h.Typeflag, h.Linkname, h.Size = tar.TypeSymlink, target, 0
		}
		err := w.WriteHeader(h)
		if err == nil && h.Size > 0 {
			_, err = io.WriteString(w, files[file])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), name)
	write(t, path, string(compressed(t, name, b.Bytes())))
	return path
}

func compressed(t *testing.T, name string, raw []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	var w io.WriteCloser
	switch filepath.Ext(name) {
	case ".gz":
		w = gzip.NewWriter(&b)
	case ".zst":
		z, err := zstd.NewWriter(&b)
		if err != nil {
			t.Fatal(err)
		}
		w = z
	default:
		return raw
	}
	_, err := w.Write(raw)
	if err = errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func sortedKeys(files map[string]string) []string {
	return slices.Sorted(maps.Keys(files))
}

// filesOf reads a directory.
func filesOf(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := os.ReadFile(filepath.Join(dir, name))
		files[name] = string(raw)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// TestAnArchiveIsReadAsItsLayout compares every way to read an archive with that of the
// directory which is packed in it.
func TestAnArchiveIsReadAsItsLayout(t *testing.T) {
	s := newStore(t)
	dir := layoutIn(t, s, smallIndex("1"))
	layer := objectOf("", strings.Repeat("layer", 1<<17))
	for _, err := range []error{
		s.Put(t.Context(), dir.WithTag("2"), smallIndex("2")), s.Put(t.Context(), dir.WithDigest(layer.Descriptor.Digest), layer),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"a.tar", "a.tar.gz", "a.tar.zst"} {
		t.Run(name, func(t *testing.T) {
			at := ref(t, s, "oci-archive://"+packed(t, name, filesOf(t, dir.Path)), false)
			for _, tag := range []string{"1", "2"} {
				want, wantErr := s.Get(t.Context(), dir.WithTag(tag))
				got, err := s.Get(t.Context(), at.WithTag(tag))
				if diff := cmp.Diff(want, got); err != nil || wantErr != nil || diff != "" {
					t.Errorf("tag %s: %v, %v\n%s", tag, err, wantErr, diff)
				}
				if head, err := s.Head(t.Context(), at.WithDigest(want.Descriptor.Digest)); err != nil || head.Digest != want.Descriptor.Digest {
					t.Errorf("head %v, %v", head, err)
				}
			}
			tags, err := s.Tags(t.Context(), at)
			if err != nil || !slices.Equal(sorted(tags), []string{"1", "2"}) {
				t.Errorf("tags %q, %v", tags, err)
			}
			var ambiguous *AmbiguousError
			if _, err := s.Get(t.Context(), at); !errors.As(err, &ambiguous) || !strings.Contains(ambiguous.Hint(), "oci-archive://FILE:TAG") || !strings.Contains(err.Error(), "the archive has 2 images") {
				t.Errorf("without a tag: %v", err)
			}
			if _, err := s.Get(t.Context(), at.WithTag("3")); !errors.Is(err, ErrNotFound) {
				t.Errorf("a tag that does not exist: %v", err)
			}
			checkBlob(t, s, at, layer)
		})
	}
}

// checkBlob reads a blob in every way.
func checkBlob(t *testing.T, s *Store, at reference.Ref, want Document) {
	t.Helper()
	if got, err := s.ReadBlob(t.Context(), at, want.Descriptor); err != nil || !bytes.Equal(got, want.Raw) {
		t.Errorf("%d bytes of %d, %v", len(got), len(want.Raw), err)
	}
	if size, err := s.HeadBlob(t.Context(), at, want.Descriptor); err != nil || size != want.Descriptor.Size {
		t.Errorf("size %d, %v", size, err)
	}
	part, err := s.ReadBlobAt(t.Context(), at, want.Descriptor, 3, 4)
	isCompressed := filepath.Ext(at.Path) != ".tar"
	if isCompressed && !errors.Is(err, ErrNoRange) || !isCompressed && (err != nil || string(part) != string(want.Raw[3:7])) {
		t.Errorf("part %q, %v", part, err)
	}
	var damaged *damagedError
	if _, err := s.OpenBlob(t.Context(), at, descriptorOf("", []byte("none"))); !errors.Is(err, ErrNotFound) || !errors.As(err, &damaged) {
		t.Errorf("a blob that does not exist: %v", err)
	}
}
