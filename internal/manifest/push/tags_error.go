package push

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/opencontainers/go-digest"

	"manifest-tool/internal/reference"
)

// PartialError says that some tags of an index were written and some were not, or may
// not be.
type PartialError struct {
	Written, Unknown, Failed []string
	// Results holds the tags one by one, with their repositories if there are several.
	Results []TagResult
	Err     error
}

func (e *PartialError) Error() string {
	text := "done: " + strings.Join(e.Written, ", ")
	if len(e.Unknown) > 0 {
		text += "; not known: " + strings.Join(e.Unknown, ", ")
	}
	if len(e.Failed) > 0 {
		text += "; not done: " + strings.Join(e.Failed, ", ")
	}
	return text + ": " + e.Err.Error()
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
	first := imagesError(to, result.PlatformTags)
	for _, r := range result.Tags {
		if r.Err != nil && !errors.Is(r.Err, errNotTried) {
			first = fmt.Errorf("pushing manifest list/index to %s: %w", to.Kind, r.Err)
			break
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

// leaveTags records that the tags that do not name the index were not tried.
func (t *tagPusher) leaveTags() {
	for i := range t.results {
		if r := &t.results[i]; !r.Unchanged {
			r.Err = errNotTried
		}
	}
}

// leaveImages records that the images were not tagged.
func (t *tagPusher) leaveImages() {
	for i := range t.images {
		t.images[i].Err = t.leftAlone()
	}
}

// leftAlone is the error of a tag that was not written because the target's was not.
func (t *tagPusher) leftAlone() error {
	return fmt.Errorf("it was left alone because of tag %s", t.plan.Target.Tag)
}

// summarize returns the first failure, with the results if there are several.
func summarize(results []TagResult, first error) error {
	e := &PartialError{Results: results, Err: first}
	for i := range results {
		r := &results[i]
		if r.Err != nil {
			r.State = failedState(r.Err)
		}
		switch {
		case r.Err == nil:
			e.Written = append(e.Written, r.Tag)
		case r.State == TagUnknown:
			e.Unknown = append(e.Unknown, r.Tag)
		default:
			e.Failed = append(e.Failed, r.Tag)
		}
	}
	failed := len(e.Unknown) + len(e.Failed)
	switch {
	case failed > 0 && len(e.Written) > 0:
		return e
	case failed > 1:
		return &AllTagsFailedError{Results: results, Err: first}
	}
	return first
}
