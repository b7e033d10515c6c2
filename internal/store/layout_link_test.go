package store

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"manifest-tool/internal/errtext"
)

// TestALinkOutOfALayout is reported as such, for a blob, the directory of the blobs
// and index.json; one within the layout is followed.
func TestALinkOutOfALayout(t *testing.T) {
	o := smallIndex("x")
	blob := filepath.Join("blobs", "sha256", o.Descriptor.Digest.Encoded())
	for _, tt := range []struct {
		name, file string
		inside     bool
	}{{"a blob", blob, false}, {"all blobs", "blobs", false}, {"index.json", "index.json", false}, {"a blob within", blob, true}} {
		t.Run(tt.name, func(t *testing.T) {
			s := newStore(t)
			r := layoutIn(t, s, o)
			moved := filepath.Join(t.TempDir(), "moved")
			target := moved
			if tt.inside {
				moved, target = filepath.Join(r.Path, "moved"), filepath.Join("..", "..", "moved")
			}
			err := os.Rename(filepath.Join(r.Path, tt.file), moved)
			if err == nil {
				err = os.Symlink(target, filepath.Join(r.Path, tt.file))
			}
			if err != nil {
				t.Fatal(err)
			}
			got, err := s.Get(t.Context(), r)
			if tt.inside {
				if err != nil || got.Descriptor.Digest != o.Descriptor.Digest {
					t.Errorf("got %s, %v", got.Raw, err)
				}
				return
			}
			if !errors.Is(err, errLinkOutside) || errtext.Hint(err) == "" || errors.Is(err, ErrNotFound) {
				t.Errorf("got %s, %v", got.Raw, err)
			}
		})
	}
}
