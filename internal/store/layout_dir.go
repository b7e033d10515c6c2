package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/errtext"
	"manifest-tool/internal/reference"
)

const layoutVersion = "1.0.0"

// layout implements storage in OCI layouts on disk. ggcr's package of that name
// writes files in place; here no partially written file ever has its final name.
type layout struct {
	layoutReader
	// writing serializes changes of index.json.
	writing *sync.Mutex
}

func newLayout() layout {
	return layout{layoutReader{openDir}, &sync.Mutex{}}
}

// capabilities: writers lock the layout, and nothing keeps others from deleting
// the blobs of an index.
func (layout) capabilities() Capabilities { return Capabilities{CompareAndSet: true} }

// dirFiles are the files of a layout in a directory.
type dirFiles struct{ *os.Root }

// openDir opens a layout in a directory for reading. Links to files outside of it
// are not followed.
func openDir(_ context.Context, ref reference.Ref) (layoutFiles, error) {
	root, err := openLayout(ref)
	if err != nil {
		return nil, err
	}
	return dirFiles{root}, nil
}

func openLayout(ref reference.Ref) (*os.Root, error) {
	root, err := os.OpenRoot(ref.Path)
	if err != nil {
		failed := fmt.Errorf("%s: %w", ref, errtext.WithoutPath(err))
		if errors.Is(err, fs.ErrNotExist) {
			return nil, errtext.WithHint(&noPathError{failed}, noLayoutHint)
		}
		if info, statErr := os.Stat(ref.Path); statErr == nil && !info.IsDir() {
			return nil, &layoutError{failed, layoutFileHint}
		}
		return nil, failed
	}
	if _, err := root.Stat(ocispec.ImageLayoutFile); err != nil {
		_ = root.Close()
		return nil, withoutFile(fmt.Errorf("%s: it is not an OCI layout, its file %s: %w", ref, ocispec.ImageLayoutFile, errtext.WithoutPath(err)))
	}
	return root, nil
}

// errLinkOutside is returned for a file of a layout that is a link to a file outside
// of it, as Bazel writes them. Such links are not followed: a layout may come from
// anyone, and could name any file of this machine.
var errLinkOutside = errtext.WithHint(errors.New("a symbolic link leads out of the layout"),
	"copy the layout with the files that its links name, as with cp -RL DIR COPY")

func (d dirFiles) open(_ context.Context, name string) (layoutFile, error) {
	f, err := d.Open(filepath.FromSlash(name))
	switch {
	case err == nil:
		return dirFile{f}, nil
	case leadsOutside(d.Name(), name):
		return nil, &os.PathError{Op: "open", Path: name, Err: errLinkOutside}
	}
	return nil, err
}

// dirFile is a file of a layout in a directory.
type dirFile struct{ *os.File }

func (f dirFile) size() (int64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

func (f dirFile) readPart(part []byte, offset int64) error {
	_, err := f.ReadAt(part, offset)
	return err
}

// leadsOutside reports whether a file exists and is not below dir, after links.
func leadsOutside(dir, name string) bool {
	top, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return false
	}
	file, err := filepath.EvalSymlinks(filepath.Join(dir, filepath.FromSlash(name)))
	if err != nil {
		return false
	}
	if top, err = filepath.Abs(top); err == nil {
		file, err = filepath.Abs(file)
	}
	if err != nil {
		return false
	}
	rel, err := filepath.Rel(top, file)
	return err != nil || !filepath.IsLocal(rel)
}
