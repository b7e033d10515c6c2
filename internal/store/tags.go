package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"manifest-tool/internal/reference"
	"net/http"
	"net/url"
	"slices"
	"sync"

	"github.com/opencontainers/go-digest"
)

// TagMismatchError says that a tag did not name what it was to name when it was to
// be written, so that it was not.
type TagMismatchError struct {
	// Have is what it names; empty where there is no such tag.
	Have digest.Digest
}

func (e *TagMismatchError) Error() string {
	return fmt.Sprintf("the tag was to name something else, and names %q", e.Have)
}

// PutTags stores a manifest under several tags of ref's repository, whatever
// becomes of the others; the result has an error, or nil, for each tag. In a
// registry that is one PUT for each tag, at once, or a single one where
// Options.Host says that the registry takes them so. In a layout all are set in
// one step, or none.
func (s *Store) PutTags(ctx context.Context, ref reference.Ref, tags []string, o Document) []error {
	if ref.Kind == reference.Layout {
		return s.putLayoutTags(ctx, ref, tags, o, nil)
	}
	left, failed := tags, make([]error, len(tags))
	if len(tags) > 1 && s.options.host(ref.Host()).TagParams {
		left = s.registry.putWithTagParams(ctx, ref, tags, o)
	}
	var all sync.WaitGroup
	for i, tag := range tags {
		if slices.Contains(left, tag) {
			all.Go(func() { failed[i] = s.Put(ctx, ref.WithTag(tag), o) })
		}
	}
	all.Wait()
	return failed
}

// CompareAndPutTags is PutTags, provided that ref's tag names want, "" for no such tag;
// where it does not, the errors are an *TagMismatchError. In a layout the comparison
// and the writing are one step for all who lock the layout, as this program
// does. No registry has such a step (distribution-spec, "Pushing Manifests"):
// there the tag is looked at right before, and may change in between.
func (s *Store) CompareAndPutTags(ctx context.Context, ref reference.Ref, want digest.Digest, tags []string, o Document) []error {
	if ref.Kind == reference.Layout {
		return s.putLayoutTags(ctx, ref, tags, o, &want)
	}
	now, err := s.Head(ctx, ref)
	if errors.Is(err, ErrNotFound) {
		err = nil
	}
	if err == nil && now.Digest != want {
		err = &TagMismatchError{Have: now.Digest}
	}
	if err != nil {
		return slices.Repeat([]error{err}, len(tags))
	}
	return s.PutTags(ctx, ref, tags, o)
}

// putLayoutTags sets tags of a layout. What keeps one from being set keeps all.
func (s *Store) putLayoutTags(ctx context.Context, ref reference.Ref, tags []string, o Document, want *digest.Digest) []error {
	if len(tags) == 0 {
		return nil
	}
	return slices.Repeat([]error{s.layout.putTags(ctx, ref, tags, o, want)}, len(tags))
}

// putWithTagParams is one PUT by digest that names the tags, and returns those the
// registry did not say it has set (distribution-spec, "Pushing Manifests",
// tag parameters and OCI-Tag): all of them where it does not know the way.
func (r *registry) putWithTagParams(ctx context.Context, ref reference.Ref, tags []string, o Document) (left []string) {
	u := requestURL(ref, "manifests", o.Descriptor.Digest.String())
	u.RawQuery = url.Values{"tag": tags}.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, u.String(), bytes.NewReader(o.Raw))
	if err != nil {
		return tags
	}
	req.Header.Set("Content-Type", o.Descriptor.MediaType)
	resp, err := r.do(req, http.StatusCreated)
	if err != nil || resp.Header.Get("Docker-Content-Digest") != o.Descriptor.Digest.String() {
		return tags
	}
	set := resp.Header.Values("OCI-Tag")
	return slices.DeleteFunc(slices.Clone(tags), func(tag string) bool { return slices.Contains(set, tag) })
}
