package store

import (
	"errors"
	"os"
	"path/filepath"

	"manifest-tool/internal/errtext"
)

// errLinkOutside is returned for a file of a layout that is a link to a file outside
// of it, as Bazel writes them. Such links are not followed: a layout may come from
// anyone, and could name any file of this machine.
var errLinkOutside = errtext.WithHint(errors.New("a symbolic link leads out of the layout"),
	"copy the layout with the files that its links name, as with cp -RL DIR COPY")

// openInside opens a file of a layout.
func openInside(root *os.Root, name string) (*os.File, error) {
	f, err := root.Open(filepath.FromSlash(name))
	if err != nil && leadsOutside(root.Name(), name) {
		return nil, &os.PathError{Op: "open", Path: name, Err: errLinkOutside}
	}
	return f, err
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
