package push

import (
	"fmt"
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

func tagsError(to reference.Ref, results []TagResult) error {
	var first error
	for _, r := range results {
		if r.Err != nil && first == nil {
			first = fmt.Errorf("pushing manifest list/index to %s: %w", to.Kind, r.Err)
		}
	}
	return summarize(results, first)
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
