package manifest

import (
	"context"
	"fmt"
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
}

// TagResult is what became of one tag; Err is nil when it was written.
type TagResult struct {
	Tag string `json:"tag"`
	Err error  `json:"-"`
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
// under all its tags at once, each tag once (decision 9). When some tags fail
// and some do not, the error is a *PartialError.
func Push(ctx context.Context, w Writer, p Plan) (Pushed, error) {
	if err := copyAll(ctx, w, p); err != nil {
		return Pushed{}, err
	}
	out := Pushed{
		Ref: p.Target.String(), Digest: p.Index.Descriptor.Digest,
		Size: p.Index.Descriptor.Size, MediaType: p.Index.Descriptor.MediaType,
	}
	out.Tags = putTags(ctx, w, p)
	return out, tagsError(out.Tags)
}

// putTags writes every tag, whatever becomes of the others.
func putTags(ctx context.Context, w Writer, p Plan) []TagResult {
	tags := []string{p.Target.Tag}
	for _, t := range p.Tags {
		if t != p.Target.Tag {
			tags = append(tags, t)
		}
	}
	results := make([]TagResult, len(tags))
	var wg sync.WaitGroup
	for i, t := range tags {
		wg.Go(func() { results[i] = TagResult{t, w.Put(ctx, p.Target.AtTag(t), p.Index)} })
	}
	wg.Wait()
	return results
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
