package manifest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/opencontainers/go-digest"
)

// Pushed is an index that was written.
type Pushed struct {
	Ref       string        `json:"ref"`
	Digest    digest.Digest `json:"digest"`
	Size      int64         `json:"size"`
	MediaType string        `json:"mediaType"`
	Tags      []TagResult   `json:"tags"`
	// Unchanged is set when every tag had this digest before, so that nothing
	// was written.
	Unchanged bool `json:"unchanged"`
}

// TagResult is what became of one tag; Err is nil when it was written.
type TagResult struct {
	Tag string `json:"tag"`
	Err error  `json:"-"`
	// Kept is set when the tag had the digest before and was not written.
	Kept bool `json:"kept"`
}

// PartialError says that some tags were written and some were not.
type PartialError struct {
	Written, Failed []string
	Err             error
}

func (e *PartialError) Error() string {
	return fmt.Sprintf("tags written: %s; tags not written: %s: %v",
		strings.Join(e.Written, ", "), strings.Join(e.Failed, ", "), e.Err)
}

// Unwrap returns the first failure.
func (e *PartialError) Unwrap() error { return e.Err }

// Push carries out a plan: blobs, then children by digest, then the index
// under all its tags at once, each tag once (decision 9). Where the target
// names this very index already, only the tags that do not are written. When
// some tags fail and some do not, the error is a *PartialError.
func Push(ctx context.Context, w Writer, p Plan) (Pushed, error) {
	out := Pushed{
		Ref: p.Target.String(), Digest: p.Index.Descriptor.Digest,
		Size: p.Index.Descriptor.Size, MediaType: p.Index.Descriptor.MediaType,
	}
	there := p.Present == out.Digest
	if !there {
		if err := copyAll(ctx, w, p); err != nil {
			return Pushed{}, err
		}
	}
	out.Tags = putTags(ctx, w, p, there)
	out.Unchanged = !slices.ContainsFunc(out.Tags, func(r TagResult) bool { return !r.Kept })
	return out, tagsError(out.Tags)
}

// putTags writes every tag, whatever becomes of the others. Where the index is
// there already, the tags are looked at first, and those that name it are kept.
func putTags(ctx context.Context, w Writer, p Plan, there bool) []TagResult {
	results := []TagResult{{Tag: p.Target.Tag, Kept: there}}
	for _, t := range p.Tags {
		if t != p.Target.Tag {
			results = append(results, TagResult{Tag: t})
		}
	}
	if there {
		keep(ctx, w, p, results[1:])
	}
	var tags []string
	for _, r := range results {
		if !r.Kept {
			tags = append(tags, r.Tag)
		}
	}
	failed := w.PutTags(ctx, p.Target, tags, p.Index)
	for i := range results {
		if n := slices.Index(tags, results[i].Tag); n >= 0 {
			results[i].Err = failed[n]
		}
	}
	return results
}

// keep marks the tags that name the index already.
func keep(ctx context.Context, r Reader, p Plan, results []TagResult) {
	var wg sync.WaitGroup
	for i := range results {
		wg.Go(func() {
			results[i].Kept = presentDigest(ctx, r, p.Target.AtTag(results[i].Tag)) == p.Index.Descriptor.Digest
		})
	}
	wg.Wait()
}

func tagsError(results []TagResult) error {
	var written, failed []string
	var first error
	for _, r := range results {
		if r.Err == nil {
			written = append(written, r.Tag)
			continue
		}
		failed = append(failed, r.Tag)
		if first == nil {
			first = fmt.Errorf("pushing manifest list/index to registry: %w", r.Err)
		}
	}
	if len(failed) > 0 && len(written) > 0 {
		return &PartialError{Written: written, Failed: failed, Err: first}
	}
	return first
}
