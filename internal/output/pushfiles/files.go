// Package pushfiles writes what the next step of a pipeline reads about a push: a file
// with the digest, one with metadata, and the outputs and the step summary of GitHub
// Actions.
package pushfiles

import (
	"fmt"
	"path/filepath"
	"slices"

	"manifest-tool/internal/errtext"
	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/push"
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
