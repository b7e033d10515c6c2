// Package pushfiles writes what the next step of a pipeline reads about a push: a file
// with the digest, one with metadata, and the outputs and the step summary of GitHub
// Actions.
package pushfiles

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"manifest-tool/internal/errtext"
	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/push"
	"manifest-tool/internal/store/atomicfile"
)

// Files are the paths of the files to write after a push. A path that is empty is left
// out; the zero value writes nothing.
type Files struct {
	// Digest and Metadata are replaced, so that a reader sees the old or the new file;
	// one that cannot be replaced is written in place.
	Digest, Metadata string
	// Outputs and Summary belong to a step of GitHub Actions, which other commands of
	// the step write to as well: they are appended to.
	Outputs, Summary string
	// Text removes secrets from an error message.
	Text func(string) string

	failure []string
}

// kind is one of the files: its content and how it is written.
type kind struct {
	// origin is the flag or the variable that has the path.
	origin, path string
	render       func(indexes [][]push.Result, several bool) ([]byte, error)
	appends      bool
}

func (f Files) kinds() []kind {
	all := []kind{
		{origin: "--digest-file", path: f.Digest, render: renderDigests},
		{origin: "--metadata-file", path: f.Metadata, render: renderMetadata},
		{origin: "$GITHUB_OUTPUT", path: f.Outputs, render: renderOutputs, appends: true},
		{origin: "$GITHUB_STEP_SUMMARY", path: f.Summary, render: f.renderSummary, appends: true},
	}
	return slices.DeleteFunc(all, func(k kind) bool { return k.path == "" })
}

// Check returns a *manifest.InputError if a file cannot be written, or if two are the
// same. It is called before the push, and changes no file.
func (f Files) Check() error {
	seen := map[string]string{}
	for _, k := range f.kinds() {
		if err := k.check(); err != nil {
			return &manifest.InputError{Err: fmt.Errorf("can't write %s %q: %w", k.origin, k.path, err)}
		}
		path, err := filepath.Abs(k.path)
		if err != nil {
			return fmt.Errorf("can't write %s %q: %w", k.origin, k.path, err)
		}
		if other := seen[path]; other != "" {
			return manifest.InputErrorf("%s and %s are the same file %q", other, k.origin, k.path)
		}
		seen[path] = k.origin
	}
	return nil
}

func (k kind) check() error {
	if k.appends {
		f, err := os.OpenFile(k.path, os.O_APPEND|os.O_WRONLY, 0)
		if err == nil {
			return f.Close()
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return errtext.WithoutPath(err)
		}
	}
	if !k.appends && isStream(k.path) {
		return errors.New("it is not a file of its own: -o 'template={{.Digest}}' prints the digest instead of the usual output")
	}
	err := atomicfile.CheckReplace(k.path)
	switch {
	case err == nil, overwrite(k.path, nil) == nil:
		return nil
	case errors.Is(err, fs.ErrNotExist):
		return errors.New("its directory does not exist")
	}
	return errtext.WithoutPath(err)
}

// isStream reports whether a path is that of a stream of this process, such as
// /dev/stdout. It may be a link to the file that the output goes to.
func isStream(path string) bool {
	switch filepath.Dir(filepath.Clean(path)) {
	case "/dev/fd", "/proc/self/fd":
		return true
	case "/dev":
		return slices.Contains([]string{"stdin", "stdout", "stderr"}, filepath.Base(path))
	}
	return false
}

// overwrite writes an existing file in place, where it cannot be replaced: if it is
// mounted alone, as /dev/termination-log in Kubernetes is, or if its directory may not be
// written to. Without data it changes nothing.
func overwrite(path string, data []byte) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return errors.New("it is not a regular file")
	}
	flag := os.O_WRONLY
	if data != nil {
		flag |= os.O_TRUNC
	}
	f, err := os.OpenFile(path, flag, 0)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Close())
}

// Write writes the files after a push. indexes has the results of each index that was
// attempted, one for each repository. Repositories of which no tag names the index are
// left out, and without any other nothing is written but the summary. several is set if
// the run had more than one index. failure has the lines of the error of the push, without
// secrets and unsafe characters, and none if it succeeded.
func (f Files) Write(indexes [][]push.Result, several bool, failure []string) error {
	f.failure = failure
	for _, k := range f.kinds() {
		data, err := k.render(indexes, several)
		if err == nil && len(data) > 0 {
			err = k.write(data)
		}
		if err != nil {
			err = fmt.Errorf("can't write %s %q: %w", k.origin, k.path, errtext.WithoutPath(err))
			if len(failure) == 0 {
				err = fmt.Errorf("pushed, but %w", err)
			}
			return err
		}
	}
	return nil
}

func (k kind) write(data []byte) error {
	if k.appends {
		return appendTo(k.path, data)
	}
	err := atomicfile.ReplaceOutput(k.path, data)
	if err != nil && overwrite(k.path, data) == nil {
		return nil
	}
	return err
}

// appendTo appends to a file, in a line of its own.
func appendTo(path string, data []byte) error {
	if !endsWithNewline(path) {
		data = append([]byte("\n"), data...)
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Close())
}

// endsWithNewline reports whether the last line of a file is complete, as it is in an
// empty file.
func endsWithNewline(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return true
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() || info.Size() == 0 {
		return true
	}
	last := make([]byte, 1)
	_, err = f.ReadAt(last, info.Size()-1)
	return err != nil || last[0] == '\n'
}
