package store

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/store/atomicfile"
)

// TestFault77ALayoutComparesWhenItWrites sets two tags where the first one is
// to name something: both are set, or none.
func TestFault77ALayoutComparesWhenItWrites(t *testing.T) {
	before, after := smallIndex("before"), smallIndex("after")
	for name, c := range map[string]struct {
		want digest.Digest
		gone bool // what the tag names is not there any more
		met  bool
	}{
		"it is that":                  {before.Descriptor.Digest, false, true},
		"it is something else":        {after.Descriptor.Digest, false, false},
		"it was to be absent":         {"", false, false},
		"what it named was deleted":   {before.Descriptor.Digest, true, false},
		"nothing is there, as it was": {"", true, true},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStore(t)
			r := layoutIn(t, s, before)
			have := before.Descriptor.Digest
			if c.gone {
				remove(t, filepath.Join(r.Path, filepath.FromSlash(blobPath(have))))
				have = ""
			}
			for _, result := range s.CompareAndPutTags(t.Context(), r, c.want, []string{"1", "2"}, after) {
				err := result.Err
				var unmet *TagMismatchError
				if (err == nil) != c.met || err != nil && (!errors.As(err, &unmet) || unmet.Have != have) {
					t.Errorf("error %v", err)
				}
			}
			want := before
			if c.met {
				want = after
			}
			got, err := s.Get(t.Context(), r)
			if c.gone && !c.met {
				if !errors.Is(err, ErrNotFound) {
					t.Errorf("tag 1 is %s, %v", got.Raw, err)
				}
			} else if err != nil || got.Descriptor.Digest != want.Descriptor.Digest {
				t.Errorf("tag 1 is %s, %v", got.Raw, err)
			}
			if _, err := s.Get(t.Context(), r.WithTag("2")); (err == nil) != c.met {
				t.Errorf("tag 2: %v", err)
			}
		})
	}
}

// TestALayoutThatIsRightIsNotWritten names what is named already. The second
// time index.json is replaced, as a tag is new.
func TestALayoutThatIsRightIsNotWritten(t *testing.T) {
	s, o := newStore(t), smallIndex("x")
	r := layoutIn(t, s, o)
	put := func(tags ...string) {
		t.Helper()
		if err := joinTagErrors(s.PutTags(t.Context(), r, tags, o)); err != nil {
			t.Fatal(err)
		}
	}
	put("1", "2")
	before := stats(t, r.Path)
	put("2", "1")
	if diff := cmp.Diff(before, stats(t, r.Path), cmp.Comparer(os.SameFile)); diff != "" {
		t.Errorf("files changed (-before +after):\n%s", diff)
	}
	put("1", "3")
	if os.SameFile(before["index.json"], stats(t, r.Path)["index.json"]) {
		t.Error("a new tag changed nothing")
	}
}

// stats identifies the files of a directory.
func stats(t *testing.T, dir string) map[string]os.FileInfo {
	t.Helper()
	all := map[string]os.FileInfo{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		all[filepath.ToSlash(name)], err = d.Info()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestTheMarkerOfALayoutIsNeverReplaced is about the file that writers lock: one
// who holds the lock of a file that is gone holds nothing.
func TestTheMarkerOfALayoutIsNeverReplaced(t *testing.T) {
	s := newStore(t)
	r := layoutIn(t, s, smallIndex("x"))
	before := stats(t, r.Path)
	if err := atomicfile.Create(filepath.Join(r.Path, ocispec.ImageLayoutFile), strings.NewReader("another")); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff(before, stats(t, r.Path), cmp.Comparer(os.SameFile)); diff != "" {
		t.Errorf("files changed (-before +after):\n%s", diff)
	}
}
