package push

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/opencontainers/go-digest"

	"manifest-tool/internal/reference"
)

// PartialError says that some tags of an index were written and some were not.
type PartialError struct {
	Written, Failed []string
	// Results holds the tags one by one, with their repositories if there are several.
	Results []TagResult
	Err     error
}

func (e *PartialError) Error() string {
	return fmt.Sprintf("done: %s; not done: %s: %v",
		strings.Join(e.Written, ", "), strings.Join(e.Failed, ", "), e.Err)
}

// Unwrap returns the first failure.
func (e *PartialError) Unwrap() error { return e.Err }

// AllTagsFailedError says that none of several tags is known to be written. A
// registry whose response was lost may have written one anyway.
type AllTagsFailedError struct {
	Results []TagResult
	Err     error
}

func (e *AllTagsFailedError) Error() string { return e.Err.Error() }

// Unwrap returns the first failure.
func (e *AllTagsFailedError) Unwrap() error { return e.Err }

// TagRejectedError says that a registry did not let a tag move, as one whose
// tags are immutable does.
type TagRejectedError struct {
	Ref        string
	Have, Want digest.Digest
	Err        error
}

func (e *TagRejectedError) Error() string {
	return fmt.Sprintf("%s was not moved: the registry reports that it points to %s instead of %s: %v", e.Ref, e.Have, e.Want, e.Err)
}

// Unwrap returns the error of the registry.
func (e *TagRejectedError) Unwrap() error { return e.Err }

func tagsError(to reference.Ref, result Result) error {
	var first error
	for _, r := range result.Tags {
		if r.Err != nil && first == nil {
			first = fmt.Errorf("pushing manifest list/index to %s: %w", to.Kind, r.Err)
		}
	}
	return summarize(result.all(), first)
}

// all returns the tags of the index, and those of its images.
func (p Result) all() []TagResult {
	all := slices.Clone(p.Tags)
	for _, t := range p.PlatformTags {
		all = append(all, TagResult{Tag: t.Tag, State: t.State, Error: t.Error, Err: t.Err, Unchanged: t.State == TagUnchanged})
	}
	return all
}

// errNotTried is the error of the tags of an index if one of its images was not tagged:
// they are written last.
var errNotTried = errors.New("not tried, since an image was not tagged")

// notTried returns the tags, of which those that do not name the index failed.
func (t *tagPusher) notTried() []TagResult {
	for i := range t.results {
		if r := &t.results[i]; !r.Unchanged {
			r.Err = errNotTried
		}
	}
	return finalize(t.results)
}

// summarize returns the first failure, with the results if there are several.
func summarize(results []TagResult, first error) error {
	var written, failed []string
	for _, r := range results {
		if r.Err == nil {
			written = append(written, r.Tag)
		} else {
			failed = append(failed, r.Tag)
		}
	}
	switch {
	case len(failed) > 0 && len(written) > 0:
		return &PartialError{Written: written, Failed: failed, Results: results, Err: first}
	case len(failed) > 1:
		return &AllTagsFailedError{Results: results, Err: first}
	}
	return first
}
